#include "harness/record/samples.hpp"
#include <filesystem>
#include <fstream>

#include "harness/record/run_record.hpp"
#include "tests/catch.hpp"
#include "tests/harness/record/fake_run.hpp"

namespace assay::record {
namespace {

using fake::FakeRun;
using fake::Place;
using fake::TemporaryFolder;

TEST_CASE("the samples of a tail come back sorted, and the pairs know whose they are") {
  TemporaryFolder results;
  FakeRun fake;
  fake.rounds = 2;
  fake.tail = true;
  fake.samples = [](const Place& p) -> std::vector<double> { return {3.0 + p.treatment, 1.5, 2.0 * p.round}; };
  const auto run = read_run(write_fake_run(results.path(), fake));
  REQUIRE(run);
  CHECK(run->tails.size() == 2 * 3);  // of both treatments and of the copy
  const auto tails = side_tails(*run, {.treatment = 1, .role = Role::plain});
  REQUIRE(tails.size() == 2);
  CHECK(tails[0].round == 1);
  CHECK(tails[0].tail->values == std::vector<double>{1.5, 2, 4});
  CHECK(tails[1].tail->values == std::vector<double>{1.5, 4, 4});
  CHECK(side_tails(*run, {.treatment = 0, .role = Role::same}).size() == 2);
}

TEST_CASE("a tail of a failed process, of an abandoned round or of a part of the work is no side's") {
  FakeRun fake;
  fake.rounds = 3;
  fake.tail = true;
  fake.samples = [](const Place&) -> std::vector<double> { return {1}; };
  fake.abandoned_round = 2;
  fake.ends = [](const Place& p) {
    return p.treatment == 1 && p.round == 3 ? Ending{Outcome::wrong_answer, "off"} : Ending{};
  };
  TemporaryFolder results, others;
  const auto run = read_run(write_fake_run(results.path(), fake));
  REQUIRE(run);
  CHECK(side_tails(*run, {.treatment = 1, .role = Role::plain}).size() == 2);
  fake.modelled[1] = {128, "8 of 1024 rows"};
  const auto modelled = read_run(write_fake_run(others.path(), fake));
  REQUIRE(modelled);
  CHECK(side_tails(*modelled, {.treatment = 1, .role = Role::plain}).empty());
}

TEST_CASE("samples that are missing, edited or no numbers are refused with the file's name") {
  FakeRun fake;
  fake.rounds = 1;
  fake.tail = true;
  fake.samples = [](const Place&) -> std::vector<double> { return {1, 2}; };
  TemporaryFolder results;
  const auto folder = write_fake_run(results.path(), fake);
  const auto file = folder / "outputs" / "r001-00002.samples";
  REQUIRE(std::filesystem::exists(file));
  std::ofstream(file, std::ios::app) << "3\n";
  const auto edited = read_run(folder);
  REQUIRE_FALSE(edited);
  CHECK(edited.error().message.find("r001-00002.samples: these are not the samples that the journal vouches for") != std::string::npos);
  std::filesystem::remove(file);
  REQUIRE_FALSE(read_run(folder));
  CHECK(read_run(folder).error().message.find("r001-00002.samples") != std::string::npos);
  for (const char* line : {"1\ntwo\n", "1 2\n", "nan\n", "1"}) {
    std::ofstream(folder / "outputs" / "made.samples", std::ios::trunc) << line;
    CHECK_FALSE(read_samples(folder, "outputs/made.samples", sha256_hex(line)));
  }
  CHECK_FALSE(read_samples(folder, "../outside.samples", ""));
}

TEST_CASE("a sample is written so that it reads back to the last bit") {
  CHECK(sample_line(3080344) == "3080344\n");
  CHECK(sample_line(1e6) == "1000000\n");
  for (const double x : {0.1, 1e-9, 12345.678901234567, 1e300}) CHECK(std::stod(sample_line(x)) == x);
}

}  // namespace
}  // namespace assay::record
