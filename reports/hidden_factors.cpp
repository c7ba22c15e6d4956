#include "reports/hidden_factors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/plan/against.hpp"

namespace assay::reports {

namespace {

constexpr std::string_view kWorker = "worker";
constexpr std::string_view kDevice = "device";
constexpr std::string_view kProcessors = "number of processors";
constexpr std::size_t kShownDigits = 12;  // of a hash

/// One thing that processes ran with, by treatment. Usually one value each; several if it changed meanwhile.
using Values = std::map<int, std::vector<std::string>>;
using Facts = std::map<std::string, Values>;  // by what it is

void note(Facts& facts, const std::string& what, int treatment, const std::string& value) {
  if (value.empty()) return;
  auto& values = facts[what][treatment];
  if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
}

Facts facts_of(const record::RunRecord& run, const Planned& planned) {
  Facts facts;
  std::set<std::pair<int, int>> seen;
  for (const record::Replicate& r : run.replicates) {
    const bool counts = r.role == Role::plain && r.phase == Phase::measure && !r.abandoned && r.setting >= 0;
    if (!counts || !seen.insert({r.treatment, r.setting}).second) continue;
    const record::Setting& setting = run.settings[static_cast<std::size_t>(r.setting)];
    if (setting.cpus > 0) note(facts, std::string(kProcessors), r.treatment, std::to_string(setting.cpus));
    for (const auto& [name, version] : setting.libraries)
      note(facts, "version of " + name, r.treatment, version);
    for (const auto& [file, hash] : setting.inputs)
      note(facts, "input " + file, r.treatment, hash.substr(0, kShownDigits));
  }
  const auto workers = run.manifest.find("workers");
  for (std::size_t t = 0; t < planned.treatments.size(); ++t) {
    const std::string& worker = planned.workers[t];
    note(facts, std::string(kWorker), static_cast<int>(t), worker);
    if (workers == run.manifest.end() || !workers->is_object() || !workers->contains(worker)) continue;
    const Json& entry = (*workers)[worker];
    const Json device = entry.is_object() ? entry.value("device", Json()) : Json();
    if (device.is_string()) note(facts, std::string(kDevice), static_cast<int>(t), device.get<std::string>());
  }
  return facts;
}

/// How a factor's levels and the values go together, over the treatments that have one.
struct Fit {
  bool decides = true;   // a level has one value
  bool is_named = true;  // and a value one level
};

Fit fit_of(const Planned& planned, const std::string& factor, const Values& values) {
  Fit fit;
  std::map<std::string, std::string> value_of, level_of;
  for (const auto& [t, all] : values) {
    const Level* level = planned.treatments[static_cast<std::size_t>(t)].find(factor);
    if (!level) return {false, false};
    const std::string text = shortest(*level);
    fit.decides = fit.decides && value_of.emplace(text, all.front()).first->second == all.front();
    fit.is_named = fit.is_named && level_of.emplace(all.front(), text).first->second == text;
  }
  return fit;
}

bool is_explained(const Planned& planned, const std::string& what, const Values& values) {
  const auto chooses = [&](const std::string& factor) {
    if (what == kWorker) return true;  // `when` speaks of a factor: the author's choice
    if (what == kProcessors && (factor == "threads" || factor == "cpus")) return true;
    return factor == kWorker || factor == "command" || factor == kDevice || factor == plan::kRevision;
  };
  return std::any_of(planned.factors.begin(), planned.factors.end(), [&](const plan::Factor& factor) {
    if (factor.levels.size() < 2) return false;
    const Fit fit = fit_of(planned, factor.name, values);
    return fit.decides && (fit.is_named || chooses(factor.name));
  });
}

/// "0.3.21 of fp32 and bf16; 0.3.26 of int8".
std::string listed(const Planned& planned, const Values& values) {
  static constexpr std::size_t kShown = 3;
  std::vector<std::string> order;
  std::map<std::string, std::vector<std::string>> rows;
  for (const auto& [t, all] : values) {
    auto& names = rows[all.front()];
    if (names.empty()) order.push_back(all.front());
    names.push_back(short_name(planned.treatments[static_cast<std::size_t>(t)], planned.factors));
  }
  const auto some = [](std::vector<std::string> texts, std::string_view between) {
    const std::size_t more = texts.size() - std::min(texts.size(), kShown);
    texts.resize(texts.size() - more);
    return fmt::format("{}{}", fmt::join(texts, between), more > 0 ? fmt::format(" and {} more", more) : "");
  };
  std::vector<std::string> texts;
  for (const std::string& value : order)
    texts.push_back(fmt::format("{} of {}", value, some(rows[value], ", ")));
  return some(std::move(texts), "; ");
}

}  // namespace

std::vector<Warning> hidden_factor_warnings(const record::RunRecord& run, const Planned& planned) {
  std::vector<Warning> warnings;
  for (const auto& [what, values] : facts_of(run, planned)) {
    const auto changed =
        std::find_if(values.begin(), values.end(), [](const auto& v) { return v.second.size() > 1; });
    if (changed != values.end()) {
      warnings.push_back(
          {"hidden_factor",
           fmt::format(
               "the {} changed during the run: {}, then {} of {}; run it again with one", what,
               changed->second[0], changed->second[1],
               short_name(planned.treatments[static_cast<std::size_t>(changed->first)], planned.factors))});
      continue;
    }
    const bool one = std::all_of(values.begin(), values.end(), [&](const auto& v) {
      return v.second.front() == values.begin()->second.front();
    });
    if (one || is_explained(planned, what, values)) continue;
    warnings.push_back(
        {"hidden_factor",
         fmt::format(
             "the {} is not the same in all rows, and no factor says so: {}. A difference between them "
             "may be its doing: use one for all, or make it a factor",
             what, listed(planned, values))});
  }
  return warnings;
}

}  // namespace assay::reports
