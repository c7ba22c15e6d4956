#include "harness/run/spread.hpp"

#include <algorithm>

#include "harness/stats/paired.hpp"

namespace assay::run {

namespace {

/// As the report has it (METHODOLOGY, "The estimate").
double clock_term(const record::RunRecord& run, int treatment) {
  const record::Side side{treatment, Role::plain};
  return stats::clock_term(record::clock_tick(run, side), record::elapsed_of(run, side)).value_or(0);
}

stats::PilotPair spread_of(const record::RunRecord& run, const plan::Pair& pair, int metric) {
  struct Placed {
    int group = 0;  // of those of this round that hold the pair, counted from 0
    int quad = 0;
    double log_ratio = 0;
  };
  std::vector<std::vector<Placed>> rounds;
  const auto complete = std::count_if(run.rounds.begin(), run.rounds.end(),
                                      [](const record::Round& r) { return r.state == record::RoundState::complete; });
  stats::PilotPair spread{.rounds = {}, .planned = static_cast<int>(complete), .clock_term = clock_term(run, pair.of) + clock_term(run, pair.to)};
  for (const auto& round : record::paired_rounds(run, {pair.of, Role::plain}, {pair.to, Role::plain}, metric)) {
    rounds.emplace_back();
    for (const auto& q : round.quads) {
      if (!(q.of1 > 0 && q.of2 > 0 && q.to1 > 0 && q.to2 > 0)) return {};
      Placed placed{0, q.quad, stats::quad_log_ratio({.of1 = q.of1, .of2 = q.of2, .to1 = q.to1, .to2 = q.to2})};
      // A pair may live in several groups, whose quads stand one group behind the other.
      if (!rounds.back().empty()) {
        const Placed& before = rounds.back().back();
        placed.group = before.group + (q.quad <= before.quad ? 1 : 0);
      }
      spread.per_quad = std::max(spread.per_quad, placed.group + 1);
      rounds.back().push_back(placed);
    }
  }
  for (const auto& round : rounds) {
    stats::RoundOfQuads quads;
    for (const Placed& p : round) {  // a quad that was lost keeps its place
      const auto place = static_cast<std::size_t>(p.quad * spread.per_quad + p.group);
      quads.resize(std::max(quads.size(), place + 1));
      quads[place] = p.log_ratio;
    }
    spread.rounds.push_back(std::move(quads));
  }
  return spread;
}

}  // namespace

std::optional<int> planning_metric(const record::RunRecord& run) {
  for (std::size_t m = 0; m < run.metrics.size(); ++m) {
    const Metric& metric = run.metrics[m];
    if (metric.scope == Scope::block && metric.clock != Clock::none && metric.compared_by_ratio()) return static_cast<int>(m);
  }
  return std::nullopt;
}

std::vector<stats::PilotPair> spread_of(const record::RunRecord& run, const std::vector<plan::Pair>& pairs, int metric) {
  std::vector<stats::PilotPair> spreads;
  for (const plan::Pair& pair : pairs) spreads.push_back(spread_of(run, pair, metric));
  return spreads;
}

}  // namespace assay::run
