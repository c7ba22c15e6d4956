// What is varied, what is held, and which combinations are left out.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/plan/levels.hpp"
#include "harness/plan/near_names.hpp"
#include "harness/plan/sections.hpp"

namespace assay::plan {

using document::in_quotes;
using document::shown;

namespace {

/// A name that can stand in {braces}, in a column and as a keyword argument of prepare().
bool check_name(std::string_view what, const document::Entry& entry, Mistakes& mistakes) {
  if (entry.key == "out") {
    mistakes.add(entry.line,
                 fmt::format("a {} can't be named 'out', which is the placeholder of an execution's "
                             "folder; choose another name, e.g. output",
                             what));
    return false;
  }
  if (is_plain_name(entry.key, false)) return true;
  mistakes.add(entry.line,
               fmt::format("{} is no name for a {}; use letters, digits, '_' and '-', a letter or '_' "
                           "first, e.g. batch_size",
                           in_quotes(entry.key), what));
  return false;
}

void read_factor_lists(const Section& root, Draft& draft) {
  const document::Table* table = root.table("factors", "[factors]");
  if (!table) return;
  if (draft.experiment.design == Design::list) {
    draft.mistakes.add(root.line_of("factors"),
                       "design \"list\" takes its factors from the [[treatment]] tables; "
                       "remove [factors], or write design = \"factorial\"");
    return;
  }
  for (const document::Entry& entry : table->entries) {
    if (!check_name("factor", entry, draft.mistakes)) return;
    draft.experiment.factors.push_back({entry.key, read_levels(entry.key, entry, draft.mistakes)});
  }
}

void read_listed_treatments(const Section& root, Draft& draft) {
  Experiment& experiment = draft.experiment;
  const document::Entry* entry = root.find("treatment");
  if (experiment.design != Design::list) {
    if (entry) {
      draft.mistakes.add(entry->line,
                         fmt::format("[[treatment]] belongs to design \"list\", and the design is \"{}\"; "
                                     "write design = \"list\" in [experiment]",
                                     name_of(experiment.design)));
    }
    return;
  }
  if (!entry) {
    draft.mistakes.add(root.line(),
                       "design \"list\" has no treatments; add [[treatment]] tables that name levels, "
                       "e.g. [[treatment]] with batch = 1");
    return;
  }
  std::set<std::string> ids;
  for (const auto& [table, line] : tables_of(*root.raw(), "treatment", draft.mistakes)) {
    Treatment treatment;
    const std::string what = fmt::format("treatment {}", experiment.listed.size() + 1);
    for (const document::Entry& level_entry : table->entries) {
      if (!check_name("factor", level_entry, draft.mistakes)) return;
      const auto level =
          read_level(level_entry.value, fmt::format("{}: '{}'", what, level_entry.key), draft.mistakes);
      if (!level) return;
      if (const auto problem = reserved_problem(level_entry.key, *level)) {
        draft.mistakes.add(level_entry.line, *problem);
        return;
      }
      treatment.set(level_entry.key, *level);
    }
    if (treatment.empty()) {
      draft.mistakes.add(line, fmt::format("{} names no levels; give each factor one, e.g. batch = 1", what));
      return;
    }
    if (experiment.listed.empty()) {
      for (const auto& [name, level] : treatment.levels()) experiment.factors.push_back({name, {}});
    }
    // All treatments name the first one's factors, so that tables have one set of columns.
    Treatment ordered;
    for (Factor& factor : experiment.factors) {
      const Level* level = treatment.find(factor.name);
      if (!level) {
        draft.mistakes.add(
            line, fmt::format("{} lacks factor '{}'; every [[treatment]] names the same factors", what,
                              factor.name));
        return;
      }
      if (std::find(factor.levels.begin(), factor.levels.end(), *level) == factor.levels.end()) {
        if (!factor.levels.empty() && factor.levels.front().index() != level->index() &&
            factor.name != "threads" && factor.name != "cpus") {
          draft.mistakes.add(
              line, fmt::format("{} has {} = {}, and an earlier one {}; give all levels of a factor one "
                                "type",
                                what, factor.name, toml_text(*level), toml_text(factor.levels.front())));
          return;
        }
        factor.levels.push_back(*level);
      }
      ordered.set(factor.name, *level);
    }
    for (const auto& [name, level] : treatment.levels()) {
      if (ordered.find(name)) continue;
      draft.mistakes.add(
          line, fmt::format("{} names '{}', which treatment 1 lacks; every [[treatment]] names the same "
                            "factors",
                            what, name));
      return;
    }
    if (!ids.insert(ordered.id()).second) {
      draft.mistakes.add(line, fmt::format("{} ({}) is there twice; keep one", what, ordered.label()));
      return;
    }
    experiment.listed.push_back(std::move(ordered));
    if (experiment.listed.size() > kMostTreatments) break;  // told by check_size()
  }
}

void read_controls(const Section& root, Draft& draft) {
  const document::Table* table = root.table("controls", "[controls]");
  if (!table) return;
  for (const document::Entry& entry : table->entries) {
    if (!check_name("control", entry, draft.mistakes)) return;
    const auto& factors = draft.experiment.factors;
    if (std::any_of(factors.begin(), factors.end(), [&](const Factor& f) { return f.name == entry.key; })) {
      draft.mistakes.add(entry.line,
                         fmt::format("'{}' is a factor and a control; a factor is varied and a control is "
                                     "held, so keep one of the two",
                                     entry.key));
      return;
    }
    if (entry.value.list()) {
      draft.mistakes.add(entry.line,
                         fmt::format("control '{}' is a list ({}); a control has one level: give one, or "
                                     "move it to [factors]",
                                     entry.key, shown(entry.value)));
      return;
    }
    const auto level = read_level(entry.value, fmt::format("control '{}'", entry.key), draft.mistakes);
    if (!level) return;
    if (const auto problem = reserved_problem(entry.key, *level)) {
      draft.mistakes.add(entry.line, *problem);
      return;
    }
    draft.experiment.controls.set(entry.key, *level);
  }
}

/// Refuses before the product is formed: five factors of a hundred levels would not fit in memory.
void check_size(const Section& root, Draft& draft) {
  const Experiment& experiment = draft.experiment;
  std::size_t count = experiment.design == Design::factorial ? 1 : experiment.listed.size();
  for (const Factor& factor : experiment.factors) {
    if (experiment.design == Design::factorial) count *= std::max<std::size_t>(1, factor.levels.size());
    if (experiment.design == Design::one_factor_at_a_time) count += factor.levels.size();
    if (count > kMostTreatments) break;
  }
  if (count <= kMostTreatments) return;
  const std::string_view key = experiment.design == Design::list ? "treatment" : "factors";
  draft.mistakes.add(root.line_of(key),
                     fmt::format("the design has more than {} treatments; give fewer levels, or "
                                 "write design = \"one-factor-at-a-time\"",
                                 kMostTreatments));
}

}  // namespace

std::vector<std::pair<const document::Table*, int>> tables_of(const document::Table& root,
                                                              std::string_view key, Mistakes& mistakes) {
  std::vector<std::pair<const document::Table*, int>> tables;
  const document::Entry* entry = root.find(key);
  if (!entry) return tables;
  const document::List* list = entry->value.list();
  const bool all_tables = list && std::all_of(list->begin(), list->end(),
                                              [](const document::Node& n) { return n.table() != nullptr; });
  if (!all_tables || list->empty()) {
    mistakes.add(entry->line,
                 fmt::format("'{}' is {}; there can be several, so write [[{}]] with two brackets", key,
                             entry->value.table() ? "one table" : shown(entry->value), key));
    return tables;
  }
  for (const document::Node& node : *list) tables.emplace_back(node.table(), node.line);
  return tables;
}

void read_factors(const Section& root, Draft& draft) {
  read_factor_lists(root, draft);
  read_listed_treatments(root, draft);
  read_controls(root, draft);
  if (draft.mistakes.none()) check_size(root, draft);
}

void read_baseline(const Section& experiment, Draft& draft) {
  const document::Entry* entry = experiment.find("baseline");
  const bool needs_all = draft.experiment.design == Design::one_factor_at_a_time;
  if (!entry) {
    if (needs_all && !draft.experiment.factors.empty()) {
      draft.mistakes.add(experiment.line(),
                         "design \"one-factor-at-a-time\" has no baseline to start from; give one "
                         "level of every factor, e.g. baseline = { batch = 1 }");
    }
    return;
  }
  const document::Table* table = experiment.table("baseline", "baseline = { batch = 1 }");
  if (!table) return;
  Experiment& e = draft.experiment;
  e.baseline = read_partial(*table, entry->line, "baseline", e.factors, e.controls, draft.mistakes);
  if (!needs_all || !draft.mistakes.none()) return;
  for (const Factor& factor : e.factors) {
    if (e.baseline.find(factor.name)) continue;
    draft.mistakes.add(entry->line,
                       fmt::format("baseline lacks factor '{}'; design \"one-factor-at-a-time\" starts "
                                   "from one level of every factor, so add e.g. {} = {}",
                                   factor.name, factor.name, toml_text(factor.levels.front())));
    return;
  }
}

void read_excludes(const Section& root, Draft& draft) {
  Experiment& e = draft.experiment;
  for (const auto& [table, line] : tables_of(*root.raw(), "exclude", draft.mistakes)) {
    e.excludes.push_back(read_partial(*table, line, "exclude", e.factors, e.controls, draft.mistakes));
  }
  if (!draft.mistakes.none()) return;
  const auto planned = e.treatments();
  if (planned.empty()) {
    draft.mistakes.add(root.line_of("exclude"),
                       "the excludes leave no treatment; remove one, or name more factors in it");
  } else if (std::none_of(planned.begin(), planned.end(),
                          [&](const Treatment& t) { return t.matches(e.baseline); })) {
    draft.mistakes.add(draft.baseline_line,
                       fmt::format("baseline {} names no planned treatment; name one that the design "
                                   "holds and no [[exclude]] leaves out",
                                   e.baseline.label()));
  }
}

}  // namespace assay::plan
