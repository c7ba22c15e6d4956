#include "harness/record/run_record.hpp"

#include <catch2/catch.hpp>

#include "tests/harness/record/fake_run.hpp"

namespace assay::record {
namespace {

using fake::FakeRun;
using fake::Place;
using fake::TemporaryFolder;

RunRecord read(const std::filesystem::path& folder) {
  auto run = read_run(folder);
  if (!run) FAIL(run.error().message);
  return *std::move(run);
}

TEST_CASE("a whole run is read back as it was scripted") {
  TemporaryFolder results;
  FakeRun fake;
  fake.experiment = "suite/ladder";
  fake.rounds = 3;
  fake.quads = 2;
  fake.planted = 1.25;
  const RunRecord run = read(write_fake_run(results.path(), fake));
  CHECK(run.experiment == "suite/ladder");
  CHECK(run.preset == "quick");
  CHECK(run.treatments == fake.treatments);
  CHECK(run.ids == std::vector<std::string>{fake.treatments[0].id(), fake.treatments[1].id()});
  CHECK(run.metric_names == std::vector<std::string>{"time_s"});
  CHECK(run.elapsed_metric == 0);
  CHECK(run.stopped_by == "rounds");
  CHECK(run.slowed_by == 1.25);
  CHECK(run.calibration.at("quads") == 2);
  CHECK(run.rounds.size() == 3);
  CHECK(run.replicates.size() == 2 + 3 * 4);
  CHECK(run.blocks.size() == 2 + 3 * 2 * 2 * 4);
  const Block& last = run.blocks.back();
  CHECK(last.round == 3);
  CHECK(last.elapsed_s == 4.0);
  CHECK(last.iterations == 4);
}

}  // namespace
}  // namespace assay::record
