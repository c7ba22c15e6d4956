#include "harness/plan/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/core/json.hpp"
#include "harness/plan/levels.hpp"
#include "harness/plan/plan.hpp"
#include "harness/plan/sections.hpp"

namespace assay::plan {

namespace {

/// Text and names as JSON has them, which TOML reads alike.
std::string quoted(const std::string& text) {
  return OrderedJson(text).dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

/// Whole: a message's toml_text() shortens.
std::string level_text(const Level& level) {
  if (const auto* text = std::get_if<std::string>(&level)) return quoted(*text);
  std::string number = shortest(level);
  const bool looks_whole = number.find_first_of(".en") == std::string::npos;
  if (std::holds_alternative<double>(level) && looks_whole) number += ".0";
  return number;
}

std::string treatment_text(const Treatment& treatment) {
  std::string text;
  for (const auto& [factor, level] : treatment.levels())
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", quoted(factor), level_text(level));
  return "{ " + text + " }";
}

/// The hypotheses both of whose sides are left: the others ask about what isn't measured.
void keep_hypotheses(std::vector<Hypothesis>& hypotheses, const std::vector<Treatment>& left) {
  const auto is_there = [&](const Treatment& side) {
    return std::any_of(left.begin(), left.end(), [&](const Treatment& t) { return t.matches(side); });
  };
  std::erase_if(hypotheses, [&](const Hypothesis& h) {
    return !is_there(h.of) || (h.form != Hypothesis::Form::value && !is_there(h.to));
  });
}

/// The design becomes the list of what is left, and no factor keeps a level that nothing has.
void keep_treatments(const std::vector<Treatment>& left, Experiment& e) {
  e.design = Design::list;
  e.listed = left;
  e.excludes.clear();
  const auto is_used = [&](const std::string& factor, const Level& level) {
    return std::any_of(left.begin(), left.end(), [&](const Treatment& t) {
      const Level* of = t.find(factor);
      return of && *of == level;
    });
  };
  for (Factor& factor : e.factors)
    std::erase_if(factor.levels, [&](const Level& level) { return !is_used(factor.name, level); });
  std::erase_if(e.table.ceilings, [&](const Level& level) { return !is_used(e.table.along, level); });
  keep_hypotheses(e.hypotheses, left);
}

/// `treatments` of [replay]: each one is of the design, and a baseline is among them.
void read_treatments(const document::Entry& entry, Draft& draft) {
  Experiment& e = draft.experiment;
  const document::List* list = entry.value.list();
  if (!list || list->empty()) {
    draft.mistakes.add(entry.line, "'treatments' in [replay] is no list of treatments; give some, e.g. "
                                   "treatments = [{ batch = 1 }], or leave it out for all");
    return;
  }
  const std::vector<Treatment> planned = e.treatments();
  std::vector<Treatment> left;
  for (const document::Node& node : *list) {
    const document::Table* table = node.table();
    if (!table) {
      draft.mistakes.add(node.line, "'treatments' in [replay] holds something else than tables of levels; "
                                    "write each as { factor = level, … }");
      return;
    }
    const Treatment named = read_partial(*table, node.line, "[replay]", e.factors, e.controls, draft.mistakes);
    if (!draft.mistakes.none()) return;
    const auto found = std::find(planned.begin(), planned.end(), named);
    if (found == planned.end() || std::find(left.begin(), left.end(), named) != left.end()) {
      draft.mistakes.add(node.line, fmt::format("{} in [replay] is {}; name each treatment of the design once, "
                                                "by a level of every factor",
                                                named.label(), found == planned.end() ? "no treatment" : "there twice"));
      return;
    }
    left.push_back(*found);
  }
  const bool has_baseline = e.baseline.empty() || std::any_of(left.begin(), left.end(), [&](const Treatment& t) {
                              return t.matches(e.baseline);
                            });
  if (!has_baseline) {
    draft.mistakes.add(entry.line, fmt::format("'treatments' in [replay] has no baseline ({}); add the one that "
                                               "the others are compared with",
                                               e.baseline.label()));
    return;
  }
  keep_treatments(left, e);
  e.replay->treatments = std::move(left);
}

}  // namespace

void read_replay(const Section& root, Draft& draft) {
  const document::Table* table = root.table("replay", "[replay]");
  if (!table) return;
  Experiment& e = draft.experiment;
  const int line = root.line_of("replay");
  const Section section(*table, line, "[replay]", {"run", "journal_sha256", "treatments"}, draft.mistakes);
  if (e.against) {
    draft.mistakes.add(line, "[replay] and [against] exclude one another: a gate is made anew by "
                             "`assay compare --against`");
    return;
  }
  Replay replay;
  replay.run = section.text("run", "run = \"20261128T101500Z-1a2b3c4d\"").value_or("");
  replay.journal_sha256 = section.text("journal_sha256", "journal_sha256 = \"<64 hexadecimal digits>\"").value_or("");
  if (!draft.mistakes.none()) return;
  if (replay.run.empty()) {
    draft.mistakes.add(line, "[replay] names no run; name the one that is done again, e.g. run = "
                             "\"20261128T101500Z-1a2b3c4d\"");
    return;
  }
  e.replay = std::move(replay);
  // What a paper says is the stored run's to cite, and its file needn't be here.
  e.published.clear();
  if (const document::Entry* treatments = section.find("treatments")) read_treatments(*treatments, draft);
}

std::string replay_table(const Replay& replay) {
  std::string text = fmt::format("\n# Added by assay replay: what is above is the frozen copy of that run.\n[replay]\nrun = {}\njournal_sha256 = {}\n",
                                 quoted(replay.run), quoted(replay.journal_sha256));
  if (replay.treatments.empty()) return text;
  text += "treatments = [\n";
  for (const Treatment& treatment : replay.treatments) text += "  " + treatment_text(treatment) + ",\n";
  return text + "]\n";
}

std::vector<Treatment> treatments_for(const Plan& plan, const std::vector<int>& picked) {
  std::set<int> needed(picked.begin(), picked.end());
  for (const Pair& pair : plan.pairs) {
    const bool of = std::find(picked.begin(), picked.end(), pair.of) != picked.end();
    const bool to = std::find(picked.begin(), picked.end(), pair.to) != picked.end();
    // What is held against a treatment belongs to the others' rows, unless a hypothesis asks for it.
    if (of || (to && !pair.in_table)) needed.insert({pair.of, pair.to});
  }
  for (const int treatment : std::set<int>(needed)) {
    const auto baseline = plan.treatments[static_cast<std::size_t>(treatment)].baseline;
    if (baseline) needed.insert(*baseline);
  }
  std::vector<Treatment> treatments;
  for (const int treatment : needed) treatments.push_back(plan.treatments[static_cast<std::size_t>(treatment)].treatment);
  return treatments;
}

}  // namespace assay::plan
