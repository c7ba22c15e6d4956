#include "reports/diagnostics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "harness/core/units.hpp"
#include "harness/stats/diagnostics.hpp"
#include "harness/stats/dip.hpp"
#include "harness/stats/multiplicity.hpp"
#include "harness/stats/quantile.hpp"
#include "reports/contrasts.hpp"
#include "reports/numbers.hpp"

namespace assay::reports {

namespace {

using record::RunRecord;

/// A row of the table, or one of its comparisons, by round.
struct Line {
  int of = 0;
  int to = -1;  // −1: a cell
  std::vector<double> values() const {
    std::vector<double> list;
    for (const auto& v : series) {
      if (v) list.push_back(*v);
    }
    return list;
  }
  stats::Series series;
};

class Table {
public:
  Table(const RunRecord& run, const Planned& planned, const std::vector<Cell>& cells,
        const std::vector<Comparison>& comparisons, int metric)
      : run_(run), planned_(planned), cells_(cells), comparisons_(comparisons), index_(metric) {
    for (const record::Round& r : run.rounds) {
      if (r.state == record::RoundState::complete) rounds_.push_back(r.number);
    }
  }

  std::vector<Warning> look() {
    gather();
    order_of_rounds();
    modes();
    return std::move(warnings_);
  }

private:
  const PlannedMetric& metric() const { return planned_.metrics[static_cast<std::size_t>(index_)]; }

  void gather() {
    for (const Cell& cell : cells_) {
      if (cell.metric != index_ || cell.statistic != metric().statistics.front() || !cell.ending.ok())
        continue;
      Line line{cell.treatment, -1, stats::Series(rounds_.size())};
      std::vector<std::vector<double>> logs;
      for (const record::SideRound& round :
           record::side_rounds(run_, {.treatment = cell.treatment, .role = Role::plain}, metric().index)) {
        std::vector<double> of_round;
        for (const double x : round.values) {
          if (x > 0) of_round.push_back(std::log(x));
        }
        if (of_round.empty()) continue;
        put(line, round.round, *stats::median(of_round));
        logs.push_back(std::move(of_round));
      }
      lines_.push_back(std::move(line));
      blocks_.emplace_back(cell.treatment, std::move(logs));
    }
    for (const Comparison& c : comparisons_) {
      if (c.metric != index_ || c.statistic != metric().statistics.front() || !c.effect) continue;
      Line line{c.of, c.to, stats::Series(rounds_.size())};
      for (const auto& [round, value] :
           round_log_ratios(run_, {.treatment = c.of, .role = Role::plain},
                            {.treatment = c.to, .role = Role::plain}, metric(), c.statistic))
        put(line, round, value);
      lines_.push_back(std::move(line));
    }
  }

  void put(Line& line, int round, double value) const {
    const auto at = std::find(rounds_.begin(), rounds_.end(), round);
    if (at != rounds_.end()) line.series[static_cast<std::size_t>(at - rounds_.begin())] = value;
  }

  /// A drift is also an autocorrelation; it is said once, as what it is. Rows and ratios have a sentence
  /// each, because a drift of the machine is in every row and in no ratio.
  void order_of_rounds() {
    std::vector<stats::Series> series;
    for (const Line& line : lines_) series.push_back(line.series);
    const auto trend = stats::trend_p(series, planned_.seed);
    const auto copies = stats::autocorrelation_p(series, planned_.seed);
    for (const bool ratios : {false, true}) {
      std::vector<std::size_t> drifting, copying;
      for (std::size_t i = 0; i < lines_.size(); ++i) {
        if ((lines_[i].to >= 0) != ratios) continue;
        if (trend[i] < stats::kSuspicious) {
          drifting.push_back(i);
        } else if (copies[i] < stats::kSuspicious) {
          copying.push_back(i);
        }
      }
      if (!drifting.empty()) {
        const Line& first = lines_[drifting.front()];
        const auto values = first.values();
        const bool rises = stats::mann_kendall_tau(values) > 0;
        add("trend",
            fmt::format("{} {} from round to round (Kendall's τ {}, p = {} over the table): {}",
                        who(drifting), rises ? "rose" : "fell", signed_text(stats::mann_kendall_tau(values)),
                        significant(trend[drifting.front()], 2),
                        ratios
                            ? "the ratio is not one number, and its interval describes this stretch of time "
                              "only. Warm up longer, or look at what grows in one side"
                            : "the value is an average over a drift, and its interval is too wide or too "
                              "narrow for it; ratios, paired within rounds, bear a drift that both sides "
                              "share. Let the machine reach a steady state first"));
      }
      if (!copying.empty()) {
        const auto values = lines_[copying.front()].values();
        add("autocorrelated",
            fmt::format(
                "{}: rounds resemble the ones before them (lag-1 autocorrelation {}, p = {} over the "
                "table). The interval counts them as independent and is too narrow; more rounds over a "
                "longer time would tell",
                who(copying), signed_text(stats::lag1_autocorrelation(values)),
                significant(copies[copying.front()], 2)));
      }
    }
  }

  void modes() {
    std::vector<stats::Modes> found;
    std::vector<std::optional<double>> p;
    for (const auto& [treatment, logs] : blocks_) {
      const double grain = clock_term_of(run_, metric(), {{treatment, Role::plain}});
      found.push_back(stats::modes_of(logs, grain, planned_.seed));
      p.emplace_back(found.back().p);
    }
    const auto adjusted = stats::holm_adjusted(p, p.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (!(*adjusted[i] < stats::kSuspicious)) continue;
      const stats::TwoGroups groups = stats::two_groups(found[i].values);
      const double upper = groups.upper_part;
      add("bimodal",
          fmt::format(
              "{} of {} has more than one mode: {} of its {} are {} above the rest (dip test, p = {}). "
              "The typical value stands for one group or for neither; look for what switches (clock "
              "rate, pages, a neighbour), or ask for estimand = \"mean\"",
              metric().metric.name, name(blocks_[i].first), print_percent({upper, std::nullopt}).value,
              found[i].within ? "blocks, within rounds," : "processes",
              print_percent({std::expm1(groups.high - groups.low), std::nullopt}).value,
              significant(*adjusted[i], 2)));
    }
  }

  std::string name(int treatment) const {
    return short_name(planned_.treatments[static_cast<std::size_t>(treatment)], planned_.factors);
  }
  /// "latency_s of int8 against fp32 and 3 more".
  std::string who(const std::vector<std::size_t>& lines) const {
    const Line& first = lines_[lines.front()];
    return fmt::format("{} of {}{}{}", metric().metric.name, name(first.of),
                       first.to < 0 ? "" : " against " + name(first.to),
                       lines.size() > 1 ? fmt::format(" and {} more", lines.size() - 1) : "");
  }
  static std::string signed_text(double x) {
    return x < 0 ? "−" + with_decimals(-x, 2) : with_decimals(x, 2);
  }
  void add(std::string kind, std::string text) { warnings_.push_back({std::move(kind), std::move(text)}); }

  const RunRecord& run_;
  const Planned& planned_;
  const std::vector<Cell>& cells_;
  const std::vector<Comparison>& comparisons_;
  int index_;
  std::vector<int> rounds_;
  std::vector<Line> lines_;
  std::vector<std::pair<int, std::vector<std::vector<double>>>> blocks_;  // by treatment
  std::vector<Warning> warnings_;
};

}  // namespace

std::vector<Warning> project_diagnostics(const RunRecord& run, const Planned& planned,
                                         const std::vector<Cell>& cells,
                                         const std::vector<Comparison>& comparisons) {
  std::vector<Warning> all;
  for (std::size_t m = 0; m < planned.metrics.size(); ++m) {
    const PlannedMetric& metric = planned.metrics[m];
    const bool timed = metric.metric.scope == Scope::block && metric.metric.clock != Clock::none;
    if (!metric.primary || !timed || natural_scale(metric.metric) != Scale::ratio || metric.index < 0)
      continue;
    auto warnings = Table(run, planned, cells, comparisons, static_cast<int>(m)).look();
    std::move(warnings.begin(), warnings.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace assay::reports
