#include "reports/idle_factors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "harness/plan/against.hpp"
#include "harness/plan/pairwise.hpp"
#include "reports/contrasts.hpp"

namespace assay::reports {

namespace {

class Look {
public:
  Look(const record::RunRecord& run, const Planned& planned, const std::vector<Cell>& cells)
      : run_(run), planned_(planned), cells_(cells) {}

  std::optional<Warning> at_factor(const plan::Factor& factor) const {
    const auto families = plan::pairwise_families(planned_.treatments, planned_.factors, factor.name);
    if (families.empty() || plan::pair_count(families) > plan::kMostPairs) return std::nullopt;
    std::set<std::string> equal;  // metrics that are there to be equal
    for (const plan::Family& family : families) {
      if (tells_apart(family, equal)) return std::nullopt;
    }
    if (equal.empty()) return std::nullopt;
    std::vector<std::string> levels;
    for (const Level& level : factor.levels) levels.push_back(shortest(level));
    constexpr std::size_t kShown = 4;
    const std::size_t more = levels.size() - std::min(levels.size(), kShown);
    levels.resize(levels.size() - more);
    return Warning{
        "idle_factor",
        fmt::format(
            "{} changes nothing that was measured: at its {} levels ({}{}), all else equal, {} {} exactly "
            "the same{}, and nothing else can be told apart. Does the program use it?",
            factor.name, factor.levels.size(), fmt::join(levels, ", "),
            more > 0 ? fmt::format(" and {} more", more) : "", fmt::join(equal, ", "),
            equal.size() == 1 ? "is" : "are", same_predictions(families) ? ", every prediction too" : "")};
  }

  std::optional<Warning> at_metric(int index) const {
    const Metric& metric = planned_.metrics[static_cast<std::size_t>(index)].metric;
    const bool noisy = metric.kind == Kind::time || metric.kind == Kind::rate;
    const bool ours = index == run_.elapsed_metric || metric.provenance != Provenance::measured;
    if (!noisy || ours) return std::nullopt;
    std::vector<std::string> constant;
    for (const Cell& c : cells_) {
      if (c.metric == index && c.ending.ok() && c.statistic == first_of(index) && is_constant(c))
        constant.push_back(
            short_name(planned_.treatments[static_cast<std::size_t>(c.treatment)], planned_.factors));
    }
    if (constant.empty()) return std::nullopt;
    return Warning{
        "constant_time",
        fmt::format("{} is the same to the last digit in all processes of {}{}, as no measured time is; "
                    "is it computed, rounded, or read from a file that stays?",
                    metric.name, constant.front(),
                    constant.size() > 1 ? fmt::format(" and of {} more", constant.size() - 1) : "")};
  }

private:
  bool is_constant(const Cell& c) const {
    const int metric = planned_.metrics[static_cast<std::size_t>(c.metric)].index;
    if (metric < 0) return false;
    std::set<double> values;
    std::size_t count = 0;
    for (const auto& round :
         record::side_rounds(run_, {.treatment = c.treatment, .role = Role::plain}, metric)) {
      values.insert(round.values.begin(), round.values.end());
      count += round.values.size();
    }
    return count >= 2 && values.size() == 1;
  }

  const std::string& first_of(int metric) const {
    return planned_.metrics[static_cast<std::size_t>(metric)].statistics.front();
  }

  /// Whether any metric differs between two treatments of the family. Adds those without noise to `equal`.
  bool tells_apart(const plan::Family& family, std::set<std::string>& equal) const {
    for (std::size_t m = 0; m < planned_.metrics.size(); ++m) {
      const auto metric = static_cast<int>(m);
      if (planned_.metrics[m].metric.kind == Kind::status) continue;  // 0 is what success looks like
      bool exact = true;
      std::vector<const Cell*> row;
      for (const int t : family.members) {
        const Cell* cell = find_cell(cells_, t, metric, first_of(metric));
        if (!cell || !cell->ending.ok() || !cell->value) return true;  // a level that fails does something
        exact = exact && cell->deterministic;
        row.push_back(cell);
      }
      for (std::size_t i = 1; i < row.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          if (exact ? row[i]->value->value != row[j]->value->value : differs(*row[i], *row[j])) return true;
        }
      }
      if (exact) equal.insert(planned_.metrics[m].metric.name);
    }
    return false;
  }

  /// Where it can't be judged it counts as different: nobody is to be asked in vain.
  bool differs(const Cell& a, const Cell& b) const {
    if (!a.value->interval || !b.value->interval) return true;
    if (a.value->interval->high < b.value->interval->low || b.value->interval->high < a.value->interval->low)
      return true;
    const PlannedMetric& metric = planned_.metrics[static_cast<std::size_t>(a.metric)];
    const Contrast c = contrast(run_, planned_, {.treatment = a.treatment, .role = Role::plain},
                                {.treatment = b.treatment, .role = Role::plain}, metric, a.statistic,
                                natural_scale(metric.metric));
    return c.estimate && c.estimate->p_t && *c.estimate->p_t < stats::kSignificant;
  }

  /// In each family one answer to everything, and it is on record.
  bool same_predictions(const std::vector<plan::Family>& families) const {
    return std::all_of(families.begin(), families.end(), [&](const plan::Family& family) {
      std::set<int> answers;
      for (const record::Replicate& r : run_.replicates) {
        const bool is_member =
            r.role == Role::plain && r.phase == Phase::measure && !r.abandoned && r.ending.ok() &&
            std::find(family.members.begin(), family.members.end(), r.treatment) != family.members.end();
        if (is_member) answers.insert(r.answers);
      }
      return answers.size() == 1 && *answers.begin() >= 0;
    });
  }

  const record::RunRecord& run_;
  const Planned& planned_;
  const std::vector<Cell>& cells_;
};

}  // namespace

std::vector<Warning> idle_factor_warnings(const record::RunRecord& run, const Planned& planned,
                                          const std::vector<Cell>& cells) {
  std::vector<Warning> warnings;
  const Look look(run, planned, cells);
  for (const plan::Factor& factor : planned.factors) {
    if (factor.name == plan::kRevision) continue;  // of a gate, which hopes for just that
    if (auto warning = look.at_factor(factor)) warnings.push_back(*std::move(warning));
  }
  for (std::size_t m = 0; m < planned.metrics.size(); ++m) {
    if (auto warning = look.at_metric(static_cast<int>(m))) warnings.push_back(*std::move(warning));
  }
  return warnings;
}

}  // namespace assay::reports
