#include "reports/planned.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "harness/stats/repeated_looks.hpp"
#include "reports/costs.hpp"

namespace assay::reports {

namespace {

/// The field, or null where it is absent or `object` is none.
const Json& field(const Json& object, const char* name) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

std::string text_of(const Json& object, const char* name, std::string otherwise = "") {
  const Json& value = field(object, name);
  return value.is_string() ? value.get<std::string>() : std::move(otherwise);
}

std::optional<double> number_in(const Json& object, const char* name) {
  const Json& value = field(object, name);
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

Error unusable(std::string_view where, std::string_view what) {
  return Error{
      fmt::format("manifest.json: {}: {}; the run folder was edited, or written by another version of Assay",
                  where, what)};
}

class Reader {
public:
  explicit Reader(const record::RunRecord& run) : run_(run), manifest_(run.manifest) {}

  Result<Planned> read() {
    planned_.question = text_of(manifest_, "question");
    planned_.rationale = text_of(manifest_, "rationale");
    const Json& seed = field(field(manifest_, "experiment"), "seed");
    if (seed.is_number_unsigned()) planned_.seed = seed.get<std::uint64_t>();
    planned_.design = text_of(field(manifest_, "experiment"), "design");
    if (text_of(field(manifest_, "experiment"), "placement") == name_of(plan::Placement::duet))
      planned_.placement = plan::Placement::duet;
    if (const auto pilot = number_in(run_.calibration, "pilot")) planned_.pilot = static_cast<int>(*pilot);
    planned_.extends = run_.extends;
    if (!run_.extends.empty()) planned_.p_factor = stats::p_factor(run_.extends.back().looks);
    for (auto step : {&Reader::factors, &Reader::treatments, &Reader::metrics, &Reader::pairs,
                      &Reader::groups, &Reader::table, &Reader::hypotheses, &Reader::published}) {
      if (const auto done = (this->*step)(); !done) return done.error();
    }
    return std::move(planned_);
  }

private:
  Result<Done> factors() {
    for (const Json& entry : field(manifest_, "factors")) {
      plan::Factor factor{text_of(entry, "name"), {}};
      if (factor.name.empty()) return unusable("factors", "a factor without a name");
      for (const Json& value : field(entry, "levels")) {
        auto level = level_from_json(value);
        if (!level) return unusable("factors", level.error().message);
        factor.levels.push_back(*std::move(level));
      }
      planned_.factors.push_back(std::move(factor));
    }
    const Json& controls = field(manifest_, "controls");
    if (controls.is_object()) {
      auto read = treatment_from_json(controls);
      if (!read) return unusable("controls", read.error().message);
      planned_.controls = *std::move(read);
    }
    const Json& baseline = field(manifest_, "baseline");
    if (baseline.is_object()) {
      auto read = treatment_from_json(baseline);
      if (!read) return unusable("baseline", read.error().message);
      planned_.baseline_levels = *std::move(read);
    }
    return Done{};
  }

  Result<Done> treatments() {
    const Json& list = field(manifest_, "treatments");
    for (std::size_t i = 0; i < run_.treatments.size(); ++i) {
      index_of_[run_.ids[i]] = static_cast<int>(i);
      planned_.treatments.push_back(in_factor_order(run_.treatments[i]));
    }
    planned_.baseline_of.resize(planned_.treatments.size());
    planned_.workers.resize(planned_.treatments.size());
    planned_.libraries.resize(planned_.treatments.size());
    for (const Json& entry : list) {
      const auto of = index_of_.find(text_of(entry, "id"));
      if (of != index_of_.end()) {
        const std::string worker = text_of(entry, "worker");
        planned_.workers[static_cast<std::size_t>(of->second)] = worker;
        planned_.libraries[static_cast<std::size_t>(of->second)] = libraries_of(manifest_, worker);
      }
      const auto to = index_of_.find(text_of(entry, "baseline"));
      if (of != index_of_.end() && to != index_of_.end()) {
        planned_.baseline_of[static_cast<std::size_t>(of->second)] = to->second;
      }
    }
    return Done{};
  }

  Treatment in_factor_order(const Treatment& treatment) const {
    Treatment ordered;
    for (const plan::Factor& factor : planned_.factors) {
      if (const Level* level = treatment.find(factor.name)) ordered.set(factor.name, *level);
    }
    for (const auto& [name, level] : treatment.levels()) ordered.set(name, level);
    return ordered;
  }

  Result<Done> metrics() {
    const Json& list = field(manifest_, "metrics");
    for (std::size_t i = 0; i < run_.metrics.size(); ++i) {
      PlannedMetric planned{.metric = run_.metrics[i]};
      const auto name = std::find(run_.metric_names.begin(), run_.metric_names.end(), planned.metric.name);
      if (name != run_.metric_names.end()) planned.index = static_cast<int>(name - run_.metric_names.begin());
      for (const Json& entry : list) {
        if (text_of(entry, "name") == planned.metric.name) settings(entry, planned);
      }
      planned_.metrics.push_back(std::move(planned));
    }
    return Done{};
  }

  static void settings(const Json& entry, PlannedMetric& planned) {
    const Json& primary = field(entry, "primary");
    if (primary.is_boolean()) planned.primary = primary.get<bool>();
    planned.margin = number_in(entry, "margin").value_or(planned.margin);
    if (text_of(entry, "estimand") == "mean") planned.estimand = plan::Estimand::mean;
    const Json& statistics = field(entry, "statistics");
    if (statistics.is_array() && !statistics.empty()) {
      planned.statistics.clear();
      for (const Json& name : statistics) {
        if (name.is_string()) planned.statistics.push_back(name.get<std::string>());
      }
    }
  }

  Result<int> treatment_named(const Json& object, const char* name, std::string_view where) const {
    const auto found = index_of_.find(text_of(object, name));
    if (found == index_of_.end()) return unusable(where, fmt::format("'{}' is no id of a treatment", name));
    return found->second;
  }

  Result<Done> pairs() {
    for (const Json& entry : field(manifest_, "pairs")) {
      const auto of = treatment_named(entry, "of", "pairs");
      const auto to = treatment_named(entry, "to", "pairs");
      if (!of) return of.error();
      if (!to) return to.error();
      const Json& in_table = field(entry, "in_table");
      planned_.pairs.push_back({*of, *to, !in_table.is_boolean() || in_table.get<bool>()});
    }
    return Done{};
  }

  Result<Done> groups() {
    for (const Json& entry : field(manifest_, "groups")) {
      const auto baseline = treatment_named(entry, "baseline", "groups");
      if (!baseline) return baseline.error();
      auto& all = planned_.baselines;
      if (std::find(all.begin(), all.end(), *baseline) == all.end()) all.push_back(*baseline);
    }
    std::sort(planned_.baselines.begin(), planned_.baselines.end());
    return Done{};
  }

  Result<Done> table() {
    const Json& entry = field(manifest_, "table");
    planned_.table.along = text_of(entry, "along");
    const std::string word = text_of(entry, "kind", "comparison");
    const auto kind = plan::table_kind_named(word);
    if (!kind) return unusable("table", fmt::format("unknown kind '{}'", word));
    planned_.table.kind = *kind;
    for (const Json& value : field(entry, "ceilings")) {
      auto level = level_from_json(value);
      if (!level) return unusable("table", level.error().message);
      planned_.table.ceilings.push_back(*std::move(level));
    }
    const bool known = std::any_of(planned_.factors.begin(), planned_.factors.end(),
                                   [&](const plan::Factor& f) { return f.name == planned_.table.along; });
    if (*kind == plan::Table::Kind::ladder && !known) return unusable("table", "a ladder needs 'along', the name of a factor");
    return Done{};
  }

  Result<Done> hypotheses() {
    using Form = plan::Hypothesis::Form;
    static const std::map<std::string, Form> forms{
        {"ratio", Form::ratio}, {"difference", Form::difference}, {"value", Form::value}};
    for (const Json& entry : field(manifest_, "hypotheses")) {
      PlannedHypothesis h;
      h.id = text_of(entry, "id");
      h.claim = text_of(entry, "claim");
      h.metric = text_of(entry, "metric");
      h.statistic = text_of(entry, "statistic", "typical");
      const auto form = forms.find(text_of(entry, "form"));
      const auto relation = stats::relation_named(text_of(entry, "relation"));
      const auto bound = number_in(entry, "bound");
      if (form == forms.end() || !relation || !bound) {
        return unusable("hypotheses", fmt::format("'{}' needs form, relation and bound", h.id));
      }
      h.form = form->second;
      h.relation = *relation;
      h.bound = *bound;
      const auto of = treatment_named(entry, "of", "hypotheses");
      if (!of) return of.error();
      h.of = *of;
      if (h.form != Form::value) {
        const auto to = treatment_named(entry, "to", "hypotheses");
        if (!to) return to.error();
        h.to = *to;
      }
      planned_.hypotheses.push_back(std::move(h));
    }
    return Done{};
  }

  Result<Done> published() {
    const Json& entry = field(manifest_, "published");
    if (!entry.is_object()) return Done{};
    Published published{text_of(entry, "source"),
                        text_of(entry, "doi"),
                        text_of(entry, "machine"),
                        text_of(entry, "setup"),
                        {}};
    const std::string along = text_of(entry, "along", planned_.table.along);
    for (const Json& row : field(entry, "rows")) {
      published.rows.push_back({text_of(row, along.c_str()), number_in(row, "time_s"),
                                number_in(row, "flop_per_s"), number_in(row, "speedup_absolute"),
                                number_in(row, "speedup_relative"), number_in(row, "peak_fraction"),
                                number_in(row, "value")});
    }
    planned_.published = std::move(published);
    return Done{};
  }

  const record::RunRecord& run_;
  const Json& manifest_;
  Planned planned_;
  std::map<std::string, int> index_of_;
};

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  return fmt::format("{}", fmt::join(words, between));
}

std::string levels_text(const Treatment& treatment, const Treatment& other, bool differing) {
  std::vector<std::string> words;
  for (const auto& [factor, level] : treatment.levels()) {
    const Level* theirs = other.find(factor);
    const bool same = theirs && *theirs == level;
    if (same == differing) continue;
    words.push_back(differing ? level_text(factor, level) : fmt::format("{} {}", factor, shortest(level)));
  }
  return joined(words, differing ? ", " : " and ");
}

}  // namespace

Result<Planned> read_planned(const record::RunRecord& run) {
  return Reader(run).read();
}

std::string level_text(std::string_view factor, const Level& level) {
  return std::holds_alternative<std::string>(level) ? std::get<std::string>(level)
                                                    : fmt::format("{} {}", factor, shortest(level));
}

std::string differing_text(const Treatment& treatment, const Treatment& other) {
  return levels_text(treatment, other, true);
}

std::string common_text(const Treatment& treatment, const Treatment& other) {
  return levels_text(treatment, other, false);
}

std::string short_name(const Treatment& treatment, const std::vector<plan::Factor>& factors) {
  std::vector<std::string> words;
  for (const auto& [name, level] : treatment.levels()) {
    const auto factor =
        std::find_if(factors.begin(), factors.end(), [&, &n = name](const auto& f) { return f.name == n; });
    if (factor != factors.end() && factor->levels.size() == 1) continue;
    words.push_back(level_text(name, level));
  }
  return words.empty() ? treatment.label() : joined(words, ", ");
}

bool is_of_compare(std::string_view experiment, std::string_view preset) {
  return experiment == "compare" || preset == "gate";
}

}  // namespace assay::reports
