#include "harness/plan/experiment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/core/names.hpp"
#include "harness/core/statistic.hpp"
#include "harness/plan/near_names.hpp"
#include "harness/plan/sections.hpp"

namespace assay::plan {

namespace {

constexpr double kDefaultMargin = 0.01;
constexpr int kQuickRounds = 7;
constexpr int kPaperRounds = 15;

constexpr NameTable<Design, 3> kDesigns{{{{Design::factorial, "factorial"},
                                          {Design::one_factor_at_a_time, "one-factor-at-a-time"},
                                          {Design::list, "list"}}}};
constexpr NameTable<Placement, 2> kPlacements{
    {{{Placement::interleaved, "interleaved"}, {Placement::duet, "duet"}}}};
constexpr NameTable<Estimand, 2> kEstimands{{{{Estimand::typical, "typical"}, {Estimand::mean, "mean"}}}};
constexpr NameTable<Table::Kind, 3> kTableKinds{{{{Table::Kind::comparison, "comparison"},
                                                  {Table::Kind::ladder, "ladder"},
                                                  {Table::Kind::pairwise, "pairwise"}}}};
constexpr NameTable<Relation, 4> kRelations{{{{Relation::less, "<"},
                                              {Relation::less_equal, "<="},
                                              {Relation::greater, ">"},
                                              {Relation::greater_equal, ">="}}}};

/// The first factor outermost, as nested loops would run.
std::vector<Treatment> product(const std::vector<Factor>& factors) {
  std::vector<Treatment> all{Treatment()};
  for (const Factor& factor : factors) {
    std::vector<Treatment> longer;
    for (const Treatment& treatment : all) {
      for (const Level& level : factor.levels) {
        longer.push_back(treatment);
        longer.back().set(factor.name, level);
      }
    }
    all = std::move(longer);
  }
  return all;
}

/// The baseline, then each factor's other levels with all else as in the baseline.
std::vector<Treatment> variations(const std::vector<Factor>& factors, const Treatment& baseline) {
  Treatment start;  // in the order of [factors]
  for (const Factor& factor : factors) {
    const Level* level = baseline.find(factor.name);
    start.set(factor.name, level ? *level : factor.levels.front());
  }
  std::vector<Treatment> all{start};
  for (const Factor& factor : factors) {
    for (const Level& level : factor.levels) {
      if (level == *start.find(factor.name)) continue;
      all.push_back(start);
      all.back().set(factor.name, level);
    }
  }
  return all;
}

bool serves(const When& when, const Treatment& assignment) {
  return std::all_of(when.begin(), when.end(), [&](const auto& condition) {
    const Level* level = assignment.find(condition.first);
    return level &&
           std::find(condition.second.begin(), condition.second.end(), *level) != condition.second.end();
  });
}

/// Index of the program of `all` that serves: the one that the factor or control `chooser` names, else the
/// first whose `when` matches, else the one without.
template <class Spec>
std::optional<int> program_for(const std::vector<Spec>& all, std::string_view chooser,
                               const Treatment& assignment) {
  if (all.size() == 1 && all.front().when.empty()) return 0;
  if (const Level* chosen = assignment.find(chooser)) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].name == shortest(*chosen)) return static_cast<int>(i);
    }
    return std::nullopt;
  }
  std::optional<int> rest;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].when.empty()) {
      if (!rest) rest = static_cast<int>(i);
    } else if (serves(all[i].when, assignment)) {
      return static_cast<int>(i);
    }
  }
  return rest;
}

}  // namespace

std::string_view name_of(Design design) {
  return kDesigns.name(design);
}
std::string_view name_of(Placement placement) {
  return kPlacements.name(placement);
}
std::string_view name_of(Estimand estimand) {
  return kEstimands.name(estimand);
}
std::string_view name_of(Table::Kind kind) {
  return kTableKinds.name(kind);
}
std::optional<Table::Kind> table_kind_named(std::string_view name) {
  return kTableKinds.find(name);
}
std::string_view symbol_of(Relation relation) {
  return kRelations.name(relation);
}

Estimand default_estimand(const Metric& metric) {
  return metric.kind == Kind::rate || metric.unit == "J" ? Estimand::mean : Estimand::typical;
}

std::vector<Metric> free_command_metrics(bool google_benchmark) {
  // Lower is better, measured, and each execution gives one.
  const auto metric = [](std::string name, std::string unit, Kind kind, Clock clock) {
    Metric m;
    m.name = std::move(name);
    m.unit = std::move(unit);
    m.kind = kind;
    m.clock = clock;
    return m;
  };
  return {metric(google_benchmark ? "time_s" : "wall_s", "s", Kind::time, Clock::wall),
          metric("cpu_s", "s", Kind::time, Clock::cpu),
          metric("peak_memory_bytes", "B", Kind::size, Clock::none),
          metric("exit_status", "1", Kind::status, Clock::none)};
}

Preset default_preset(std::string_view name) {
  Preset preset;
  preset.name = name;
  preset.rounds = name == "paper" ? kPaperRounds : kQuickRounds;
  preset.slowed_control = name == "paper";
  return preset;
}

std::vector<Treatment> Experiment::treatments() const {
  std::vector<Treatment> all = design == Design::factorial ? product(factors)
                               : design == Design::list    ? listed
                                                           : variations(factors, baseline);
  std::erase_if(all, [&](const Treatment& treatment) {
    return std::any_of(excludes.begin(), excludes.end(),
                       [&](const Treatment& exclude) { return treatment.matches(exclude); });
  });
  return all;
}

Result<Preset> Experiment::preset(std::string_view wanted) const {
  std::vector<std::string> names;
  for (const Preset& declared : presets) {
    if (declared.name == wanted) return declared;
    names.push_back(declared.name);
  }
  if (wanted == "quick" || wanted == "paper") return default_preset(wanted);
  for (const char* always : {"quick", "paper"}) {
    if (std::find(names.begin(), names.end(), always) == names.end()) names.emplace_back(always);
  }
  return Error{fmt::format("{}: no preset {}; there are {}; or add [presets.{}]", shown_name,
                           document::in_quotes(wanted), plan::listed(names), wanted)};
}

std::optional<int> Experiment::worker_for(const Treatment& assignment) const {
  return program_for(workers, "worker", assignment);
}

std::optional<int> Experiment::command_for(const Treatment& assignment) const {
  return program_for(commands, "command", assignment);
}

std::vector<Metric> Experiment::command_metrics() const {
  if (commands.empty()) return {};
  std::vector<Metric> all = free_command_metrics(runs_google_benchmark());
  for (const MetricSettings& settings : metrics) {
    if (settings.declared) all.push_back(*settings.declared);
  }
  return all;
}

const MetricSettings* Experiment::settings_of(std::string_view metric) const {
  const auto found =
      std::find_if(metrics.begin(), metrics.end(), [&](const MetricSettings& m) { return m.name == metric; });
  return found == metrics.end() ? nullptr : &*found;
}

std::vector<double> Experiment::percentiles_of(std::string_view metric) const {
  std::set<double> asked;
  const auto add = [&](const std::string& statistic) {
    if (const auto p = percentile_of(statistic)) asked.insert(*p);
  };
  for (const RequestedStatistic& requested : primary) {
    if (requested.metric == metric) add(requested.statistic);
  }
  if (const MetricSettings* settings = settings_of(metric)) {
    for (const std::string& statistic : settings->statistics) add(statistic);
  }
  for (const Hypothesis& hypothesis : hypotheses) {
    if (hypothesis.statistic.metric == metric) add(hypothesis.statistic.statistic);
  }
  return {asked.begin(), asked.end()};
}

double Experiment::margin_of(std::string_view metric) const {
  if (against && against->margin) return *against->margin;
  const MetricSettings* settings = settings_of(metric);
  return settings && settings->margin ? *settings->margin : kDefaultMargin;
}

}  // namespace assay::plan
