#include "harness/run/launch.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "harness/run/command_line.hpp"
#include "tests/catch.hpp"

using namespace assay;
using namespace assay::run;

namespace {

Machine machine_of(std::vector<int> cpus) {
  Machine machine;
  machine.cpus = std::move(cpus);
  return machine;
}

Assigned assigned(std::vector<std::pair<std::string, Level>> levels, const Machine& machine = machine_of({2, 3, 0, 1})) {
  auto result = assign(Treatment(std::move(levels)), plan::Limits{}, machine, 99);
  REQUIRE(result);
  return *std::move(result);
}

std::string value_of(const std::vector<std::pair<std::string, std::string>>& environment, const std::string& name) {
  const auto found = std::find_if(environment.begin(), environment.end(), [&](const auto& e) { return e.first == name; });
  return found == environment.end() ? "(not set)" : found->second;
}

}  // namespace

TEST_CASE("a treatment without reserved names is told nothing about CPUs and gets the round's seed") {
  const Assigned a = assigned({{"n", std::int64_t{512}}});
  CHECK(a.cpus.empty());
  CHECK(a.seed == 99);
  CHECK(a.memory_bytes == plan::Limits{}.memory_bytes);
}

TEST_CASE("k threads get the first k CPUs, best first") {
  CHECK(assigned({{"threads", std::int64_t{1}}}).cpus == std::vector<int>{2});
  CHECK(assigned({{"threads", std::int64_t{3}}}).cpus == std::vector<int>{2, 3, 0});
}

TEST_CASE("threads = \"all\" is told to the worker as a number") {
  const Assigned a = assigned({{"threads", std::string("all")}});
  CHECK(shortest(*a.levels.find("threads")) == "4");
  CHECK(a.cpus.size() == 4);
}

TEST_CASE("more threads than CPUs is an error that counts both") {
  const auto refused = assign(Treatment({{"threads", std::int64_t{5}}}), {}, machine_of({0, 1}), 1);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "threads = 5, but 2 CPUs are available to this process");
}

TEST_CASE("cpus are a list of numbers and ranges, and bound as they are") {
  CHECK(assigned({{"cpus", std::string("0-1,3")}}).cpus == std::vector<int>{0, 1, 3});
  CHECK(assigned({{"cpus", std::int64_t{2}}}).cpus == std::vector<int>{2});
  const Assigned both = assigned({{"cpus", std::string("0,1")}, {"threads", std::string("all")}});
  CHECK(both.cpus == std::vector<int>{0, 1});
  CHECK(shortest(*both.levels.find("threads")) == "2");
}

TEST_CASE("a CPU that isn't there, and a list that is none, are errors") {
  for (const char* bad : {"7", "0-7", "x", "1-0", "0,,1", "-1", "", "0-99999999999"}) {
    INFO(bad);
    const auto refused = assign(Treatment({{"cpus", std::string(bad)}}), {}, machine_of({0, 1}), 1);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("cpus = ") == 0);
  }
}

TEST_CASE("a factor named seed overrides the round's seed, memory_bytes the limit") {
  const Assigned a = assigned({{"seed", std::int64_t{7}}, {"memory_bytes", std::int64_t{1'000'000}}});
  CHECK(a.seed == 7);
  CHECK(a.memory_bytes == 1'000'000);
}

TEST_CASE("thread pools are sized and passive") {
  const auto environment = environment_for(assigned({{"threads", std::int64_t{2}}}), machine_of({0, 1}), 10);
  for (const char* pool : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"}) CHECK(value_of(environment, pool) == "2");
  CHECK(value_of(environment, "OMP_WAIT_POLICY") == "PASSIVE");
  CHECK(value_of(environment, "ASSAY_PADDING") == std::string(10, '.'));
}

TEST_CASE("without threads no pool is sized") {
  CHECK(value_of(environment_for(assigned({}), machine_of({0}), 0), "OMP_NUM_THREADS") == "(not set)");
}

TEST_CASE("workers hear of the counter library only where it is") {
  Machine machine = machine_of({0});
  machine.libexec = std::filesystem::temp_directory_path() / "assay-launch-test";
  std::filesystem::create_directories(machine.libexec);
  CHECK(value_of(environment_for(assigned({}), machine, 0), "ASSAY_COUNTERS") == "(not set)");
  std::ofstream(machine.libexec / "libassay_counters.so") << "x";
  CHECK(value_of(environment_for(assigned({}), machine, 0), "ASSAY_COUNTERS") == (machine.libexec / "libassay_counters.so").string());
  std::filesystem::remove_all(machine.libexec);
}

TEST_CASE("a worker hears which set of counters is its round's, in as many bytes in every round") {
  CHECK(value_of(environment_for(assigned({}), machine_of({0}), 0), "ASSAY_COUNTER_SET") == "000000");
  CHECK(value_of(environment_for(assigned({}), machine_of({0}), 0, 12), "ASSAY_COUNTER_SET") == "000012");
}

TEST_CASE("padding differs between replicates, is the same for the same seed, and stays below a page") {
  std::set<int> seen;
  for (int replicate = 0; replicate < 100; ++replicate) {
    const int padding = padding_of(585, 1, replicate);
    CHECK(padding == padding_of(585, 1, replicate));
    CHECK(padding >= 0);
    CHECK(padding < 4096);
    seen.insert(padding);
  }
  CHECK(seen.size() > 90);
  CHECK(padding_of(585, 1, 1) != padding_of(586, 1, 1));
  CHECK(padding_of(585, 1, 1) != padding_of(585, 2, 1));
}

TEST_CASE("a command that a person is told to type survives the shell") {
  CHECK(shell_word("version=7_avx") == "version=7_avx");
  CHECK(shell_word("my results/run") == "'my results/run'");
  CHECK(shell_word("it's") == R"('it'\''s')");
  CHECK(shell_word("") == "''");
  CHECK(shell_word("$(reboot)") == "'$(reboot)'");
}

TEST_CASE("an experiment outside a suite is named by its file, one in a suite by its name") {
  plan::Experiment experiment;
  experiment.name = "precision";
  experiment.path = "my experiments/paper.toml";
  CHECK(experiment_word(experiment) == "'my experiments/paper.toml'");
  experiment.suite = "lenet-mnist";
  experiment.name = "lenet-mnist/precision";
  CHECK(experiment_word(experiment) == "lenet-mnist/precision");
}
