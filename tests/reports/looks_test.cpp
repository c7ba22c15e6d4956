// A run that was looked at and then extended: what its report says and what the look costs.
#include <algorithm>
#include <cmath>

#include "reports/sentences.hpp"
#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

namespace assay::reports::test {

namespace {

using Catch::Matchers::ContainsSubstring;

/// a against b, 2 % apart in the middle of a noise that leaves p a little below 5 %, with a hypothesis.
FakeRun narrow_run() {
  FakeRun fake;
  fake.rounds = 9;
  fake.seconds = [](const Place& p) {
    static constexpr double kRound[] = {0, 0.035, 0.02, -0.02, 0.05, 0.01, 0.045, -0.015, 0.03, 0.035};
    return (p.treatment == 1 ? std::exp(kRound[p.round]) : 1.0) * noise(p, 1e-5);
  };
  fake.more_manifest["hypotheses"] = {{{"id", "H1"},
                                       {"claim", "b is slower"},
                                       {"metric", "time_s"},
                                       {"form", "ratio"},
                                       {"of", id_of(fake, 1)},
                                       {"to", id_of(fake, 0)},
                                       {"relation", ">"},
                                       {"bound", 1.0}}};
  return fake;
}

Report looked_at(record::RunRecord run, int looks) {
  for (int look = 1; look <= looks; ++look) {
    run.extends.push_back({.run = "20261124T10150" + std::to_string(look) + "Z-00000000",
                           .journal_sha256 = "",
                           .rounds = 3 * look,
                           .looks = look});
  }
  auto report = project(run);
  if (!report) throw std::runtime_error(report.error().message);
  return *std::move(report);
}

}  // namespace

TEST_CASE("each earlier look doubles every p of a verdict, and what was significant may not survive it") {
  TemporaryFolder results;
  const auto plain = reported(results.path(), narrow_run());
  const Comparison& before = plain.report.comparisons.at(0);
  REQUIRE(before.verdict == stats::Verdict::worse);
  REQUIRE(*before.p_adjusted > 0.0125);
  CHECK(plain.report.hypotheses.at(0).verdict == stats::HypothesisVerdict::supported);
  CHECK(looks_sentence(plain.report.planned).empty());
  CHECK(to_json(plain.report, "x")["extends"].is_null());

  const Report after = looked_at(plain.run, 2);
  CHECK(*after.comparisons.at(0).p_adjusted == Approx(4 * *before.p_adjusted));
  CHECK(*after.comparisons.at(0).p_equivalence == Approx(std::min(1.0, 4 * *before.p_equivalence)));
  CHECK(after.comparisons.at(0).verdict == stats::Verdict::inconclusive);
  CHECK(after.comparisons.at(0).effect->interval->low ==
        before.effect->interval->low);  // printed ones stay unadjusted
  CHECK(after.hypotheses.at(0).verdict == stats::HypothesisVerdict::inconclusive);
  CHECK(after.hypotheses.at(0).reason == "not_significant_after_looks");
  CHECK(after.controls.at(0).p_adjusted == plain.report.controls.at(0).p_adjusted);
  CHECK(to_json(after, "x")["extends"]["p_factor"] == 4);
}

TEST_CASE("the report says which rounds of which runs were looked at") {
  TemporaryFolder results;
  const auto plain = reported(results.path(), narrow_run());
  const std::string sentence = looks_sentence(looked_at(plain.run, 2).planned);
  CHECK(sentence ==
        "Rounds 1–3 of run 20261124T101501Z-00000000 and 4–6 of run 20261124T101502Z-00000000 were looked at "
        "before the others were added: every p is multiplied by 4.");
  CHECK_THAT(terminal_text(looked_at(plain.run, 1), 300, false), ContainsSubstring("multiplied by 2."));
}

TEST_CASE("what is inconclusive names the run that would settle it, once, and counts that run's look") {
  TemporaryFolder results;
  const auto plain = reported(results.path(), narrow_run());
  const Report open = looked_at(plain.run, 2);
  REQUIRE(open.rounds_to_settle);
  const std::string text = terminal_text(open, 300, false);
  CHECK_THAT(text, ContainsSubstring(fmt::format("assay run EXPERIMENT --extend {} --rounds {}\n",
                                                 open.folder_name, *open.rounds_to_settle)));
  CHECK(*looked_at(plain.run, 3).rounds_to_settle > *open.rounds_to_settle);
  CHECK_FALSE(plain.report.rounds_to_settle);  // nothing is open

  record::RunRecord piloted = plain.run;
  piloted.calibration["pilot"] = 7;
  CHECK_FALSE(looked_at(piloted, 2).rounds_to_settle);  // can't be extended
}

}  // namespace assay::reports::test
