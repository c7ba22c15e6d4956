#include "reports/cells.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/statistic.hpp"
#include "harness/core/units.hpp"
#include "harness/stats/diagnostics.hpp"
#include "reports/contrasts.hpp"
#include "reports/item_results.hpp"
#include "reports/limits.hpp"

namespace assay::reports {

namespace {

using record::Replicate;
using record::RunRecord;
using record::Side;

bool is_of(const Replicate& replicate, Side side) {
  return replicate.treatment == side.treatment && replicate.role == side.role;
}

/// "flop" or "bytes" of one iteration, as its worker said.
std::optional<double> work_of(const RunRecord& run, Side side, std::string_view what) {
  for (const Replicate& replicate : run.replicates) {
    if (!is_of(replicate, side)) continue;
    for (const auto& [name, amount] : replicate.work) {
      if (name == what && amount > 0) return amount;
    }
  }
  return std::nullopt;
}

/// What its worker counts beside FLOP and bytes, and how many in one iteration.
std::optional<std::pair<std::string, double>> items_of(const RunRecord& run, Side side) {
  for (const Replicate& replicate : run.replicates) {
    if (!is_of(replicate, side)) continue;
    for (const auto& [name, amount] : replicate.work) {
      if (name != "flop" && name != "bytes" && amount > 0) return std::pair{name, amount};
    }
  }
  return std::nullopt;
}

std::string modelled_note(const RunRecord& run, Side side) {
  for (const Replicate& replicate : run.replicates) {
    if (is_of(replicate, side) && replicate.modelled) return replicate.modelled->note;
  }
  return "";
}

bool models(const RunRecord& run, Side side) {
  return std::any_of(run.replicates.begin(), run.replicates.end(),
                     [&](const Replicate& r) { return is_of(r, side) && r.modelled.has_value(); });
}

Clock clock_of(const RunRecord& run, Side side, Clock planned) {
  for (const record::Block& block : record::blocks_of(run, side)) {
    if (block.estimated()) return block.clock;
  }
  return planned;
}

bool any_round_complete(const RunRecord& run) {
  return std::any_of(run.rounds.begin(), run.rounds.end(),
                     [](const record::Round& r) { return r.state == record::RoundState::complete; });
}

/// What happened while a treatment ran is the same for all of its cells: looked up once.
struct Attempt {
  Ending ending;
  std::optional<double> flop, bytes;
  std::optional<std::pair<std::string, double>> items;
  std::string modelled;
  bool is_modelled = false;
  Clock clock = Clock::none;
};

class Cells {
public:
  Cells(const RunRecord& run, const Planned& planned)
      : run_(run), planned_(planned), limits_(run, planned), elapsed_(run.elapsed_metric) {}

  std::vector<Cell> project() {
    std::vector<Cell> cells;
    std::vector<Attempt> attempts;
    for (std::size_t t = 0; t < planned_.treatments.size(); ++t) attempts.push_back(attempt(side(t)));
    for (std::size_t m = 0; m < planned_.metrics.size(); ++m) {
      for (const std::string& statistic : planned_.metrics[m].statistics) {
        for (std::size_t t = 0; t < planned_.treatments.size(); ++t) {
          cells.push_back(cell(t, attempts[t], m, statistic));
        }
      }
    }
    return cells;
  }

private:
  static Side side(std::size_t treatment) {
    return {.treatment = static_cast<int>(treatment), .role = Role::plain};
  }

  Attempt attempt(Side s) const {
    return {ending_of(run_, s),     work_of(run_, s, "flop"), work_of(run_, s, "bytes"), items_of(run_, s),
            modelled_note(run_, s), models(run_, s),          clock_of(run_, s, Clock::none)};
  }

  Cell cell(std::size_t treatment, const Attempt& attempt, std::size_t metric_index,
            const std::string& statistic) const {
    const PlannedMetric& metric = planned_.metrics[metric_index];
    Cell cell;
    cell.treatment = static_cast<int>(treatment);
    cell.metric = static_cast<int>(metric_index);
    cell.statistic = statistic;
    cell.ending = attempt.ending;
    cell.provenance = metric.metric.provenance;
    cell.clock = metric.metric.clock;
    const bool is_elapsed = static_cast<int>(metric_index) == elapsed_;
    if (is_elapsed && attempt.clock != Clock::none) cell.clock = attempt.clock;
    if (is_elapsed && attempt.is_modelled) {
      cell.provenance = Provenance::modelled;
      cell.modelled = attempt.modelled;
    }
    if (!cell.ending.ok()) return cell;
    if (const auto why = no_percentile(run_, planned_, side(treatment), metric, statistic)) {
      cell.ending = {Outcome::unsupported, *why};
      return cell;
    }
    const auto estimate = own_value(run_, planned_, side(treatment), metric, statistic);
    if (!estimate) {
      cell.ending = no_value(metric, treatment);
      return cell;
    }
    cell.value = number_of(*estimate);
    cell.confidence = estimate->confidence;
    cell.rounds = estimate->n;
    cell.deterministic = estimate->deterministic;
    cell.remarks = estimate->warnings;
    if (const auto p = percentile_of(statistic)) {
      cell.tails = process_tails(run_, side(treatment), *p);
      return cell;  // a rate is of all work; the slowest iterations have none of their own
    }
    if (const auto items = item_results(run_, side(treatment), metric))
      cell.items = Cell::Items{items->right, items->count};
    cell.answers_differ = answers_differ(run_, side(treatment), metric);
    if (metric.metric.scope == Scope::block) cell.effective_blocks = effective_blocks(treatment, metric);
    if (is_elapsed && metric.metric.kind == Kind::time)
      add_rates(treatment, attempt, metric, statistic, cell);
    return cell;
  }

  std::optional<double> effective_blocks(std::size_t treatment, const PlannedMetric& metric) const {
    std::vector<std::vector<double>> rounds;
    for (const record::SideRound& round : record::side_rounds(run_, side(treatment), metric.index))
      rounds.push_back(round.values);
    return stats::effective_number(rounds);
  }

  /// The worker ran, and yet there is nothing to estimate.
  Ending no_value(const PlannedMetric& metric, std::size_t treatment) const {
    if (!any_round_complete(run_)) return {Outcome::unsupported, "the run ended before a round was complete"};
    for (const record::Block& block : record::blocks_of(run_, side(treatment))) {
      if (block.estimated() && metric.metric.scope == Scope::block && !(block.elapsed_s > 0)) {
        return {Outcome::invalid_output,
                "its clock read 0 for a whole block; time longer blocks or a finer clock"};
      }
    }
    for (const Replicate& replicate : run_.replicates) {
      if (is_of(replicate, side(treatment)) && !replicate.evaluation.ok()) return replicate.evaluation;
    }
    if (metric.index >= 0 && natural_scale(metric.metric) == Scale::ratio) {
      for (const record::SideRound& round : record::side_rounds(run_, side(treatment), metric.index)) {
        for (const double value : round.values) {
          if (value > 0) continue;
          return {
              Outcome::invalid_output,
              fmt::format(
                  "{} was {} in round {}: a {} that ratios compare is above 0; declare another kind, or mend "
                  "the workload",
                  metric.metric.name, significant(value), round.round, name_of(metric.metric.kind))};
        }
      }
    }
    return {Outcome::unsupported, fmt::format("the workload gave no value for {}", metric.metric.name)};
  }

  void add_rates(std::size_t treatment, const Attempt& attempt, const PlannedMetric& metric,
                 const std::string& statistic, Cell& cell) const {
    if (!(cell.value->value > 0) || (cell.value->interval && !(cell.value->interval->low > 0))) return;
    if (attempt.flop) cell.flop_per_s = rate_from_time(*attempt.flop, *cell.value);
    if (attempt.bytes) cell.bytes_per_s = rate_from_time(*attempt.bytes, *cell.value);
    if (attempt.items) {
      const auto& [of, amount] = *attempt.items;
      cell.throughput = Cell::Throughput{of, amount, rate_from_time(amount, *cell.value)};
    }
    if (attempt.flop && attempt.bytes) cell.intensity = *attempt.flop / *attempt.bytes;
    const int threads = cell.threads = threads_of(treatment);
    const auto share = [&](const char* what, const std::optional<double>& amount, const Limit* limit) {
      return share_of(treatment, what, amount, limit, metric, statistic);
    };
    const Limit* peak = limits_.floating_point(threads);
    cell.peak_fraction = share("flop", attempt.flop, peak);
    if (!attempt.bytes) return;
    const std::string level = limits_.level_of(*attempt.bytes, threads);
    const Limit* memory = limits_.of_level(level, threads);
    const bool memory_bound =
        memory && (!peak || !cell.intensity || memory->rate.value * *cell.intensity < peak->rate.value);
    if (memory_bound) {
      cell.bound = level;
      cell.bound_in_rounds = memory->peak >= 0;
      cell.bound_fraction = cell.bound_in_rounds ? share("bytes", attempt.bytes, memory)
                                                 : scaled(*cell.bytes_per_s, 1 / memory->rate.value);
    } else if (peak && attempt.flop) {
      cell.bound = "peak";
      cell.bound_fraction = cell.peak_fraction;
    }
  }

  /// (work/time) / (work_peak/time_peak), paired, because the peak itself halves when a neighbour is busy.
  std::optional<Number> share_of(std::size_t treatment, const char* what, const std::optional<double>& amount,
                                 const Limit* limit, const PlannedMetric& metric,
                                 const std::string& statistic) const {
    if (!limit || limit->peak < 0 || !amount) return std::nullopt;
    const Side peak{.treatment = limit->peak, .role = Role::peak};
    const auto of_peak = work_of(run_, peak, what);
    const Contrast times = contrast(run_, planned_, side(treatment), peak, metric, statistic, Scale::ratio);
    if (!of_peak || !times.estimate) return std::nullopt;
    return rate_from_time(*amount / *of_peak, number_of(*times.estimate));
  }

  /// A share of another number of threads' peak would be nobody's share.
  int threads_of(std::size_t treatment) const {
    const Level* own = planned_.treatments[treatment].find("threads");
    return limits_.threads_of(own ? own : planned_.controls.find("threads"));
  }

  const RunRecord& run_;
  const Planned& planned_;
  Limits limits_;
  int elapsed_ = -1;
};

}  // namespace

std::vector<Cell> project_cells(const RunRecord& run, const Planned& planned) {
  return Cells(run, planned).project();
}

const Cell* find_cell(const std::vector<Cell>& cells, int treatment, int metric,
                      const std::string& statistic) {
  const auto found = std::find_if(cells.begin(), cells.end(), [&](const Cell& c) {
    return c.treatment == treatment && c.metric == metric && c.statistic == statistic;
  });
  return found == cells.end() ? nullptr : &*found;
}

std::string items_that_differ(const std::vector<const Cell*>& cells) {
  std::string of;
  double least = 0, most = 0;
  for (const Cell* cell : cells) {
    if (!cell || !cell->throughput) continue;
    const auto& [name, amount, per_s] = *cell->throughput;
    if (!of.empty() && name != of) return "";
    least = of.empty() ? amount : std::min(least, amount);
    most = of.empty() ? amount : std::max(most, amount);
    of = name;
  }
  return least < most ? of : "";
}

Ending ending_of(const RunRecord& run, Side side) {
  if (side.role == Role::plain && side.treatment >= 0) {
    const auto t = static_cast<std::size_t>(side.treatment);
    if (t < run.rehearsal.size() && !run.rehearsal[t].ok()) return run.rehearsal[t];
  }
  int failures = 0;
  int disturbed = 0;
  int replicates = 0;
  const Replicate* first = nullptr;
  const Replicate* first_disturbed = nullptr;
  for (const Replicate& replicate : run.replicates) {
    if (!is_of(replicate, side) || replicate.phase != Phase::measure || replicate.abandoned) continue;
    ++replicates;
    if (replicate.ending.ok()) continue;
    const Replicate*& known = replicate.disturbed ? first_disturbed : first;
    if (!known) known = &replicate;
    ++(replicate.disturbed ? disturbed : failures);
  }
  // Rounds that other work on the machine spoilt are lost for every side alike; a cell only goes if most are.
  if (!first && 2 * disturbed > replicates) {
    first = first_disturbed;
    failures = disturbed;
  }
  if (!first) return {};
  // A treatment that crashes now and then has no honest time: the rounds that survived are a selection.
  Ending ending = first->ending;
  ending.reason =
      fmt::format("{} (round {}{})", ending.reason, first->round,
                  failures > 1 ? fmt::format(", and {} more", counted(failures - 1, "time")) : "");
  return ending;
}

std::optional<Number> peak_rate(const RunRecord& run, const Planned& planned, int peak,
                                std::string_view work) {
  const Side side{.treatment = peak, .role = Role::peak};
  const int elapsed = run.elapsed_metric;
  const auto amount = work_of(run, side, work);
  if (elapsed < 0 || !amount) return std::nullopt;
  const auto time =
      own_value(run, planned, side, planned.metrics[static_cast<std::size_t>(elapsed)], "typical");
  if (!time) return std::nullopt;
  return rate_from_time(*amount, number_of(*time));
}

}  // namespace assay::reports
