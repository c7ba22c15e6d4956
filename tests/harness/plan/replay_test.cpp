// [replay]: which rows of a stored run are done again.
#include "harness/plan/replay.hpp"

#include <string>

#include "harness/plan/plan.hpp"
#include "tests/catch.hpp"

using namespace assay;
using plan::Replay;

namespace {

const std::string kExperiment = R"([experiment]
name = "rungs"
question = "What does each rung buy?"
baseline = { version = "1_plain" }
[worker]
command = ["./worker"]
[factors]
version = ["1_plain", "2_loops", "3_blocks", "4_vector", "library"]
scale = [1.0, 0.5]
[table]
kind = "ladder"
along = "version"
ceilings = ["library"]
[[hypothesis]]
id = "H1"
claim = "vectors pay"
metric = "time_s"
ratio = { of = { version = "4_vector", scale = 1.0 }, to = { version = "2_loops", scale = 1.0 } }
expect = "< 0.5"
[[hypothesis]]
id = "H2"
claim = "loops pay"
metric = "time_s"
ratio = { of = { version = "2_loops", scale = 0.5 }, to = { version = "1_plain", scale = 0.5 } }
expect = "< 1"
)";

plan::Plan planned(const std::string& text) {
  auto experiment = plan::parse_experiment(text, "rungs.toml", "/somewhere/rungs.toml", {});
  INFO((experiment ? "" : experiment.error().message));
  REQUIRE(experiment);
  const auto preset = *experiment->preset("quick");
  auto plan = plan::make_plan(*std::move(experiment), preset);
  REQUIRE(plan);
  return *std::move(plan);
}

std::string labels(const std::vector<Treatment>& treatments) {
  std::string all;
  for (const Treatment& t : treatments) all += (all.empty() ? "" : " | ") + t.label();
  return all;
}

std::vector<Treatment> treatments_of(const plan::Plan& plan) {
  std::vector<Treatment> all;
  for (const auto& planned : plan.treatments) all.push_back(planned.treatment);
  return all;
}

int index_of(const plan::Plan& plan, const std::string& label) {
  for (int i = 0; i < static_cast<int>(plan.treatments.size()); ++i) {
    if (plan.treatments[static_cast<std::size_t>(i)].treatment.label() == label) return i;
  }
  FAIL(label);
  return -1;
}

}  // namespace

TEST_CASE("a row is replayed with its baseline, the rung below it and what a hypothesis holds it against") {
  const plan::Plan whole = planned(kExperiment);
  CHECK(labels(plan::treatments_for(whole, {index_of(whole, "version=3_blocks scale=0.5")})) ==
        "version=1_plain scale=0.5 | version=2_loops scale=0.5 | version=3_blocks scale=0.5");
  CHECK(labels(plan::treatments_for(whole, {index_of(whole, "version=4_vector scale=1")})) ==
        "version=1_plain scale=1 | version=2_loops scale=1 | version=3_blocks scale=1 | version=4_vector scale=1");
  // A ceiling is held against the last rung.
  CHECK(labels(plan::treatments_for(whole, {index_of(whole, "version=library scale=1")})) ==
        "version=1_plain scale=1 | version=4_vector scale=1 | version=library scale=1");
}

TEST_CASE("the table that is appended leaves these treatments and what asks about them, under the same ids") {
  const plan::Plan whole = planned(kExperiment);
  Replay replay{"20261128T101500Z-1a2b3c4d", std::string(64, 'a'), {}};
  replay.treatments = plan::treatments_for(whole, {index_of(whole, "version=4_vector scale=1")});
  const std::string text = kExperiment + plan::replay_table(replay);
  CHECK(text.starts_with(kExperiment));
  const plan::Plan some = planned(text);
  CHECK(labels(treatments_of(some)) == labels(replay.treatments));
  CHECK(some.treatments.back().id == whole.treatments[static_cast<std::size_t>(index_of(whole, "version=4_vector scale=1"))].id);
  REQUIRE(some.experiment.hypotheses.size() == 1);
  CHECK(some.experiment.hypotheses.front().id == "H1");
  CHECK(some.experiment.factors.back().levels == std::vector<Level>{1.0});
  CHECK(some.experiment.table.ceilings.empty());
  CHECK(some.experiment.replay->run == replay.run);
  CHECK(plan::parse_frozen_experiment(text, "experiment.toml"));
}

TEST_CASE("without treatments the whole run is replayed, design and all") {
  const plan::Plan all = planned(kExperiment + plan::replay_table({"r", std::string(64, 'a'), {}}));
  CHECK(all.treatments.size() == 10);
  CHECK(all.experiment.design == plan::Design::factorial);
  CHECK(all.experiment.hypotheses.size() == 2);
}

TEST_CASE("levels keep their types on the way through the text") {
  const Treatment odd({{"text", std::string("a \"b\" \\ \n é")}, {"whole", std::int64_t{8}}, {"real", 8.0}, {"tiny", 1e-9}, {"yes", true}});
  const std::string table = plan::replay_table({"r", "h", {odd}});
  CHECK(table.find(R"({ "text" = "a \"b\" \\ \n é", "whole" = 8, "real" = 8.0, "tiny" = 1e-09, "yes" = true })") != std::string::npos);
}

TEST_CASE("a replay of what isn't there is a mistake with its line") {
  const auto mistake = [](const std::string& table) {
    const auto e = plan::parse_frozen_experiment(kExperiment + table, "x.toml");
    return e ? std::string("none") : e.error().message;
  };
  CHECK(mistake("[replay]\njournal_sha256 = \"aa\"\n").find("[replay] names no run") != std::string::npos);
  CHECK(mistake("[replay]\nrun = \"r\"\ntreatments = []\n").find("is no list of treatments") != std::string::npos);
  CHECK(mistake("[replay]\nrun = \"r\"\ntreatments = [{ version = \"1_plain\" }]\n").find("is no treatment") != std::string::npos);
  CHECK(mistake("[replay]\nrun = \"r\"\ntreatments = [{ version = \"2_loops\", scale = 1.0 }]\n").find("has no baseline") != std::string::npos);
  CHECK(mistake("[replay]\nrun = \"r\"\nruns = 2\n").starts_with("x.toml:"));
}
