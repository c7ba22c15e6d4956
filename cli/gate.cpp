#include "cli/gate.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/outcome.hpp"
#include "reports/numbers.hpp"
#include "reports/sentences.hpp"

namespace assay::cli {

namespace {

using reports::Comparison;
using Word = GateDecision::Word;

const Treatment& treatment_at(const reports::Report& report, int index) {
  return report.planned.treatments[static_cast<std::size_t>(index)];
}

/// "time_s of working tree is 1.021× [1.018, 1.024] that of HEAD~1 at BM_sort/1024: slower."
std::string sentence_of(const Comparison& c, const reports::Report& report) {
  const Metric& metric = report.planned.metrics[static_cast<std::size_t>(c.metric)].metric;
  const Treatment& of = treatment_at(report, c.of);
  const Treatment& to = treatment_at(report, c.to);
  const std::string statistic = c.statistic == "typical" ? "" : " (" + c.statistic + ")";
  std::string text = fmt::format("{}{} of {}", metric.name, statistic, reports::differing_text(of, to));
  const std::string common = reports::common_text(of, to);
  const std::string at = common.empty() ? "" : " at " + common;
  if (!c.effect) return fmt::format("{}{} can't be compared with {}: {}.", text, at, reports::differing_text(to, of), reports::verdict_text(c));
  if (c.scale == reports::Scale::ratio) {
    const reports::Printed p = reports::print_ratio(*c.effect);
    text += fmt::format(" is {}×{} that of {}", p.number, p.interval.empty() ? "" : " " + p.interval, reports::differing_text(to, of));
  } else {
    const reports::Printed p = reports::print_difference(*c.effect, metric.unit, metric.kind);
    text += fmt::format(" differs by {}{} from that of {}", p.value, p.interval.empty() ? "" : " " + p.interval, reports::differing_text(to, of));
  }
  return fmt::format("{}{}: {}.", text, at, reports::verdict_text(c));
}

int status_of(Word word) {
  switch (word) {
    case Word::not_worse: return 0;
    case Word::worse:
    case Word::failed: return 1;
    case Word::inconclusive: break;
  }
  return 3;
}

}  // namespace

std::string_view name_of(Word word) {
  switch (word) {
    case Word::not_worse: return "not_worse";
    case Word::worse: return "worse";
    case Word::failed: return "failed";
    case Word::inconclusive: break;
  }
  return "inconclusive";
}

GateDecision decide(const reports::Report& report, const std::string& metric) {
  GateDecision gate;
  long long compared = 0, worse = 0, fine = 0;
  for (const Comparison& c : report.comparisons) {
    const reports::PlannedMetric& judged = report.planned.metrics[static_cast<std::size_t>(c.metric)];
    if (metric.empty() ? !judged.primary : judged.metric.name != metric) continue;
    ++compared;
    gate.comparisons.push_back(sentence_of(c, report));
    if (c.verdict == stats::Verdict::worse) ++worse;
    if (c.verdict == stats::Verdict::better || c.verdict == stats::Verdict::equivalent) ++fine;
  }
  const auto of = [&](long long n) { return compared == 1 ? std::string("the comparison") : fmt::format("{} of {}", n, reports::counted(compared, "comparison")); };
  if (worse > 0) {
    gate.word = Word::worse;
    gate.sentence = compared == 1 ? "The gate fails: the working tree is worse." : fmt::format("The gate fails: the working tree is worse in {}.", of(worse));
  } else if (report.failed() > 0) {
    gate.word = Word::failed;
    gate.sentence = fmt::format("The gate fails: {} could not be measured.", reports::counted(report.failed(), "cell"));
  } else if (compared > 0 && fine == compared) {
    gate.word = Word::not_worse;
    gate.sentence = compared == 1 ? "The gate passes: the working tree is not worse." : fmt::format("The gate passes: the working tree is not worse in any of {}.", reports::counted(compared, "comparison"));
  } else if (compared == 0) {
    gate.sentence = "The gate can't tell: nothing was compared.";
  } else {
    gate.sentence = compared == 1 ? "The gate can't tell: the comparison is inconclusive." : fmt::format("The gate can't tell: {} are inconclusive.", of(compared - fine));
  }
  gate.status = status_of(gate.word);
  return gate;
}

std::string gate_text(const GateDecision& gate) {
  std::string text;
  for (const std::string& sentence : gate.comparisons) text += sentence + "\n";
  return text + fmt::format("{} (Exit status {}.)\n", gate.sentence, gate.status);
}

OrderedJson to_json(const GateDecision& gate) {
  return {{"decision", name_of(gate.word)}, {"exit_status", gate.status}, {"sentence", gate.sentence}, {"comparisons", gate.comparisons}};
}

}  // namespace assay::cli
