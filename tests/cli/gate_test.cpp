// A gate's decision from the verdicts of a report.
#include "cli/gate.hpp"

#include "tests/catch.hpp"

using namespace assay;
using cli::decide;
using cli::GateDecision;
using stats::Verdict;

namespace {

/// A report of one comparison for each verdict: the working tree against HEAD~1.
reports::Report report_of(const std::vector<std::optional<Verdict>>& verdicts, const std::vector<Outcome>& outcomes = {}) {
  reports::Report report;
  report.planned.factors = {{"program", {}}, {"revision", {std::string("HEAD~1"), std::string("working tree")}}};
  reports::PlannedMetric wall;
  wall.metric.name = "wall_s";
  reports::PlannedMetric cpu = wall;
  cpu.metric.name = "cpu_s";
  cpu.primary = false;
  report.planned.metrics = {wall, cpu};
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    const std::string program(1, static_cast<char>('a' + i));
    report.planned.factors[0].levels.emplace_back(program);
    for (const char* revision : {"HEAD~1", "working tree"}) {
      report.planned.treatments.push_back(Treatment({{"program", program}, {"revision", std::string(revision)}}));
    }
    reports::Comparison c;
    c.to = static_cast<int>(2 * i);
    c.of = c.to + 1;
    c.metric = 0;
    c.statistic = "typical";
    c.verdict = verdicts[i];
    if (verdicts[i]) c.effect = reports::Number{1.021, stats::Interval{1.018, 1.024}};
    if (!verdicts[i]) c.reason = "crashed";
    c.word = "slower";
    report.comparisons.push_back(c);
  }
  for (const Outcome outcome : outcomes) {
    reports::Cell cell;
    cell.ending.outcome = outcome;
    report.cells.push_back(cell);
  }
  return report;
}

std::pair<GateDecision::Word, int> decided(const std::vector<std::optional<Verdict>>& verdicts, const std::vector<Outcome>& outcomes = {}) {
  const GateDecision gate = decide(report_of(verdicts, outcomes));
  return {gate.word, gate.status};
}

using Word = GateDecision::Word;

}  // namespace

TEST_CASE("a gate fails if anything is worse, passes if all is better or equivalent, and else can't tell") {
  CHECK(decided({Verdict::worse}) == std::pair(Word::worse, 1));
  CHECK(decided({Verdict::better, Verdict::worse, Verdict::inconclusive}) == std::pair(Word::worse, 1));
  CHECK(decided({Verdict::better}) == std::pair(Word::not_worse, 0));
  CHECK(decided({Verdict::equivalent, Verdict::better}) == std::pair(Word::not_worse, 0));
  CHECK(decided({Verdict::equivalent, Verdict::inconclusive}) == std::pair(Word::inconclusive, 3));
  CHECK(decided({Verdict::incomparable}) == std::pair(Word::inconclusive, 3));
  CHECK(decided({}) == std::pair(Word::inconclusive, 3));
}

TEST_CASE("what could not be measured fails the gate, unless it is unsupported") {
  CHECK(decided({std::nullopt}, {Outcome::crashed}) == std::pair(Word::failed, 1));
  CHECK(decided({Verdict::equivalent}, {Outcome::ok, Outcome::crashed}) == std::pair(Word::failed, 1));
  CHECK(decided({Verdict::worse}, {Outcome::crashed}) == std::pair(Word::worse, 1));
  CHECK(decided({std::nullopt}, {Outcome::unsupported}) == std::pair(Word::inconclusive, 3));
}

TEST_CASE("metrics that are not primary decide nothing") {
  reports::Report report = report_of({Verdict::equivalent, Verdict::worse});
  report.comparisons[1].metric = 1;
  CHECK(decide(report).status == 0);
  CHECK(decide(report).comparisons.size() == 1);
}

TEST_CASE("a gate says each comparison in a sentence, then its decision and its exit status") {
  const GateDecision one = decide(report_of({Verdict::worse}));
  CHECK(cli::gate_text(one) == "wall_s of working tree is 1.021× [1.018, 1.024] that of HEAD~1 at program a: slower.\n"
                               "The gate fails: the working tree is worse. (Exit status 1.)\n");
  const GateDecision two = decide(report_of({Verdict::worse, std::nullopt}));
  CHECK(two.sentence == "The gate fails: the working tree is worse in 1 of 2 comparisons.");
  CHECK(two.comparisons[1] == "wall_s of working tree at program b can't be compared with HEAD~1: crashed.");
  const OrderedJson document = cli::to_json(two);
  CHECK(document["decision"] == "worse");
  CHECK(document["exit_status"] == 1);
  CHECK(document["comparisons"].size() == 2);
}
