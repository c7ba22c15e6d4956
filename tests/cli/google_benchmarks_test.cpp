// From lists of benchmarks to the experiment that compares them: pure text.
#include "cli/google_benchmarks.hpp"

#include "harness/plan/plan.hpp"
#include "tests/catch.hpp"

using namespace assay;
using cli::BenchmarkDesign;
using cli::design_of;
using cli::GoogleBenchmarks;
using Catch::Matchers::ContainsSubstring;

namespace {

using Names = std::vector<std::string>;

struct Designed {
  std::vector<std::string> notes;
  Result<BenchmarkDesign> design = Error{};
};

Designed designed(const GoogleBenchmarks& wish, const std::vector<Names>& names) {
  Designed d;
  d.design = design_of(wish, names, [&](const std::string& note) { d.notes.push_back(note); });
  return d;
}

/// The plan of an experiment with that design: that the text is a good one is part of what is tested.
plan::Plan planned(const BenchmarkDesign& design, const std::string& more = "") {
  const std::string text = "[experiment]\nname = \"b\"\nquestion = \"?\"\n" + (design.baseline.empty() ? "" : "baseline = " + design.baseline + "\n") +
                           design.sections + more;
  INFO(text);
  auto experiment = plan::parse_experiment(text, "b.toml", {}, {});
  if (!experiment) FAIL(experiment.error().message);
  auto plan = plan::make_plan(*experiment, *experiment->preset("quick"));
  if (!plan) FAIL(plan.error().message);
  return *plan;
}

std::string message(const GoogleBenchmarks& wish, const std::vector<Names>& names) {
  const auto d = designed(wish, names);
  return d.design ? "no mistake was found" : d.design.error().message;
}

}  // namespace

TEST_CASE("one executable: every benchmark against the first, or against the one that is named") {
  GoogleBenchmarks wish{.binaries = {"./bench"}, .filters = {"BM"}};
  const Names names{"BM_a/8", "BM_b<int>/8", "BM \"c\""};
  auto d = designed(wish, {names});
  REQUIRE(d.design);
  auto plan = planned(*d.design);
  REQUIRE(plan.treatments.size() == 3);
  REQUIRE(plan.pairs.size() == 2);
  CHECK(plan.pairs[0].to == 0);
  CHECK(plan.experiment.commands[0].google_benchmark == "{benchmark}");
  CHECK(plan.experiment.command_metrics().front().name == "time_s");
  CHECK(shortest(*plan.treatments[2].treatment.find("benchmark")) == "BM \"c\"");
  const std::string long_name = "BM_" + std::string(150, 'x') + "/\"\\";
  const auto long_names = designed(wish, {{"BM_a/8", long_name}});
  REQUIRE(long_names.design);
  CHECK(shortest(*planned(*long_names.design).treatments[1].treatment.find("benchmark")) == long_name);
  wish.baseline = "BM_b<int>/8";
  d = designed(wish, {names});
  REQUIRE(d.design);
  CHECK(planned(*d.design).pairs[0].to == 1);
  wish.baseline = "BM_a/9";
  CHECK(message(wish, {names}) == "--baseline BM_a/9: did you mean 'BM_a/8'?");
}

TEST_CASE("two executables: each benchmark of both is its own comparison, and the first executable is the baseline") {
  const GoogleBenchmarks wish{.binaries = {"./old", "./new"}};
  auto d = designed(wish, {{"BM_a", "BM_b", "BM_gone"}, {"BM_b", "BM_a", "BM_added"}});
  REQUIRE(d.design);
  CHECK(d.notes == Names{"only in ./old, so left out: BM_gone", "only in ./new, so left out: BM_added"});
  const auto plan = planned(*d.design);
  REQUIRE(plan.treatments.size() == 4);
  REQUIRE(plan.pairs.size() == 2);
  for (const plan::Pair& pair : plan.pairs) {
    const Treatment& of = plan.treatments[static_cast<std::size_t>(pair.of)].treatment;
    const Treatment& to = plan.treatments[static_cast<std::size_t>(pair.to)].treatment;
    CHECK(*of.find("benchmark") == *to.find("benchmark"));
    CHECK(shortest(*of.find("binary")) == "./new");
    CHECK(shortest(*to.find("binary")) == "./old");
  }
  CHECK(message(wish, {{"BM_a"}, {"BM_b"}}) == "./old and ./new have no benchmark in common: BM_a against BM_b");
  CHECK_THAT(message({.binaries = {"./b", "./b"}}, {{"BM_a"}, {"BM_a"}}), ContainsSubstring("./b is given twice"));
}

TEST_CASE("two filters: benchmarks are paired by what is left of their names") {
  const GoogleBenchmarks wish{.binaries = {"./bench"}, .filters = {"BM_copy", "BM_move"}};
  auto d = designed(wish, {{"BM_copy/8", "BM_copy/64", "BM_copy/512"}, {"BM_move/8", "BM_move/64"}});
  REQUIRE(d.design);
  CHECK(d.notes == Names{"without a counterpart, so left out: BM_copy/512"});
  const auto plan = planned(*d.design);
  REQUIRE(plan.treatments.size() == 4);
  CHECK(plan.pairs.size() == 2);
  CHECK(plan.experiment.commands[0].google_benchmark == "{benchmark}{arguments}");
  d = designed(wish, {{"BM_copy"}, {"BM_move"}});
  REQUIRE(d.design);
  CHECK(planned(*d.design).treatments.size() == 2);
  CHECK(message(wish, {{"BM_copy/8"}, {"BM_move/9"}}) ==
        "no benchmark of 'BM_copy' has a counterpart among those of 'BM_move': the rest of their names must be equal (BM_copy/8 against BM_move/9)");
  CHECK_THAT(message({.binaries = {"./bench"}, .filters = {"BM_[cm]", "BM_move"}}, {{"BM_copy/8", "BM_move/8"}, {"BM_move/8"}}),
             ContainsSubstring("each must match the same text"));
  CHECK_THAT(message({.binaries = {"./bench"}, .filters = {"BM_(", "BM_move"}}, {{"BM_copy/8"}, {"BM_move/8"}}), ContainsSubstring("no regular expression"));
  CHECK_THAT(message({.binaries = {"./bench"}, .filters = {"BM_copy", "BM_copy"}}, {{"BM_copy/8"}, {"BM_copy/8"}}), ContainsSubstring("give two that differ"));
}

TEST_CASE("counters are listed by name, rates as better when higher") {
  GoogleBenchmarks wish{.binaries = {"./bench"}, .counters = {"items_per_second", "misses"}};
  auto d = designed(wish, {{"BM_a", "BM_b"}});
  REQUIRE(d.design);
  const auto metrics = planned(*d.design).experiment.command_metrics();
  REQUIRE(metrics.size() == 6);
  CHECK(metrics[4].name == "items_per_second");
  CHECK(metrics[4].direction == Direction::higher);
  CHECK(metrics[4].kind == Kind::rate);
  CHECK(metrics[5].direction == Direction::lower);
  wish.counters = {"a b"};
  CHECK_THAT(message(wish, {{"BM_a"}}), ContainsSubstring("--counter a b"));
  wish.counters = {"cpu_s"};
  CHECK_THAT(message(wish, {{"BM_a"}}), ContainsSubstring("--counter cpu_s"));
}

TEST_CASE("a gate compares each benchmark with its reference, so it has no other baseline") {
  const GoogleBenchmarks wish{.binaries = {"build/bench"}, .against = true};
  const auto d = designed(wish, {{"BM_a", "BM_b"}});
  REQUIRE(d.design);
  CHECK(d.design->baseline.empty());
  const auto plan = planned(*d.design, "[against]\nreference = \"HEAD~1\"\ntree = \"/cache/tree\"\n");
  CHECK(plan.treatments.size() == 4);
  CHECK(plan.pairs.size() == 2);
  CHECK_THAT(message({.binaries = {"a", "b"}, .against = true}, {{"BM_a"}, {"BM_a"}}), ContainsSubstring("give --google-benchmark once"));
}
