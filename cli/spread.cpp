#include "cli/spread.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/stats/allocation.hpp"
#include "harness/stats/moments.hpp"
#include "harness/stats/paired.hpp"

namespace assay::cli {

namespace {

using record::RunRecord;
using record::Side;

bool is_of(const Side& side, int treatment, Role role) { return side.treatment == treatment && side.role == role; }

double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

void fill_deviations(const RunRecord& run, Side of, Side to, int metric, Spread& spread) {
  std::vector<std::vector<double>> logs_of_rounds;
  std::vector<double> values;
  std::size_t quads = 0;
  for (const record::PairedRound& round : record::paired_rounds(run, of, to, metric)) {
    std::vector<stats::Quad> list;
    for (const record::QuadValues& q : round.quads) list.push_back({.of1 = q.of1, .of2 = q.of2, .to1 = q.to1, .to2 = q.to2});
    const auto value = stats::round_log_ratio(list);
    if (!value) continue;  // no quad, or a block that a coarse clock read as 0
    values.push_back(*value);
    quads += list.size();
    std::vector<double>& logs = logs_of_rounds.emplace_back();
    for (const stats::Quad& q : list) logs.push_back(stats::quad_log_ratio(q));
  }
  spread.rounds = static_cast<int>(values.size());
  if (values.empty()) return;
  spread.quads = static_cast<int>(std::lround(static_cast<double>(quads) / static_cast<double>(values.size())));
  spread.sd = stats::moments(values).sd;
  if (const auto components = stats::variance_components(logs_of_rounds)) {
    spread.sd_between = std::sqrt(components->between);
    spread.sd_within = std::sqrt(components->within);
  }
}

void fill_costs(const RunRecord& run, Side of, Side to, Spread& spread) {
  double accounted_s = 0, quads_s = 0, starts_s = 0, rehearsed_s = 0;
  double processes = 0, own_processes = 0;
  const auto add = [&](int round, int treatment, Role role, double taken_s, double& own) {
    accounted_s += taken_s;
    const bool rehearsed = round == 0 && (treatment == of.treatment || treatment == to.treatment) && role == Role::plain;
    if (rehearsed) rehearsed_s += taken_s;
    if (round > 0 && (is_of(of, treatment, role) || is_of(to, treatment, role))) own += taken_s;
  };
  for (const record::Replicate& r : run.replicates) {
    if (r.abandoned) continue;
    add(r.round, r.treatment, r.role, r.start_s, starts_s);
    if (r.round == 0) continue;
    processes += 1;
    own_processes += is_of(of, r.treatment, r.role) || is_of(to, r.treatment, r.role);
  }
  for (const record::Block& b : run.blocks) {
    if (b.marks & kAbandoned) continue;
    add(b.round, b.treatment, b.role, seconds(b.bracket_ns), b.phase == Phase::measure ? quads_s : starts_s);
  }
  const double rounds = std::max(1, spread.rounds);
  const double wall_s = run.end.is_object() ? run.end.value("wall_s", 0.0) : 0.0;
  const double rest_s = std::max(0.0, wall_s - accounted_s) * (processes > 0 ? own_processes / processes : 0);
  spread.fixed_s = rehearsed_s;
  spread.quad_s = quads_s / rounds / std::max(1, spread.quads);
  spread.start_s = (starts_s + rest_s) / rounds;
}

}  // namespace

Spread spread_of(const RunRecord& run, Side of, Side to, int metric) {
  Spread spread;
  if (metric < 0) return spread;
  fill_deviations(run, of, to, metric, spread);
  fill_costs(run, of, to, spread);
  return spread;
}

}  // namespace assay::cli
