// The programs that do a treatment's work: which kind, workers, and which of several each treatment has.
#include <fmt/format.h>

#include <algorithm>

#include "harness/plan/levels.hpp"
#include "harness/plan/near_names.hpp"
#include "harness/plan/placeholder.hpp"
#include "harness/plan/sections.hpp"

namespace assay::plan {

using document::in_quotes;
using document::shown;

void check_placeholders(const Section& section, std::string_view key, const std::string& text,
                        const std::vector<std::string>& more, const Draft& draft) {
  const Experiment& e = draft.experiment;
  std::vector<std::string> known = names_of(e.factors);
  for (const auto& [name, level] : e.controls.levels()) known.push_back(name);
  known.insert(known.end(), more.begin(), more.end());
  for (const std::string& name : placeholders_in(text)) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    section.wrong(key, fmt::format("has the placeholder {{{}}}, which is no factor and no control", name),
                  suggestion(name, known, "there are"));
    return;
  }
}

When read_when(const document::Table& table, const std::string& title, Mistakes& mistakes) {
  When when;
  for (const auto& [name, line, node] : table.entries) {
    const std::string what = fmt::format("'when' in {}: '{}'", title, name);
    std::vector<Level> levels;
    if (const document::List* list = node.list()) {
      for (const document::Node& item : *list) {
        if (const auto level = read_level(item, what, mistakes)) levels.push_back(*level);
      }
      if (list->empty()) mistakes.add(line, fmt::format("{} has no levels; give at least one", what));
    } else if (const auto level = read_level(node, what, mistakes)) {
      levels.push_back(*level);
    }
    when.emplace_back(name, std::move(levels));
  }
  return when;
}

void check_when(const When& when, std::string_view whose, int line, Draft& draft) {
  const Experiment& e = draft.experiment;
  std::vector<std::string> names = names_of(e.factors);
  for (const auto& [name, level] : e.controls.levels()) names.push_back(name);
  for (const auto& [name, levels] : when) {
    std::vector<Level> known;
    for (const Factor& factor : e.factors) {
      if (factor.name == name) known = factor.levels;
    }
    if (const Level* control = e.controls.find(name)) known = {*control};
    if (known.empty()) {
      draft.mistakes.add(line,
                         fmt::format("'when' of {} names {}, which is no factor and no control; {}", whose,
                                     in_quotes(name, '\''), suggestion(name, names, "there are")));
      return;
    }
    for (const Level& level : levels) {
      if (std::find(known.begin(), known.end(), level) != known.end()) continue;
      draft.mistakes.add(
          line, fmt::format("'when' of {} names {} = {}, which is no level of it; its levels are {}", whose,
                            name, toml_text(level), toml_text(known)));
      return;
    }
  }
}

namespace {

void read_workers(const document::Table& table, int line, Draft& draft) {
  if (table.entries.empty()) {
    draft.mistakes.add(line, "[workers] names no worker; write e.g. [workers.torch] with a command");
    return;
  }
  for (const auto& [name, entry_line, node] : table.entries) {
    const document::Table* worker = node.table();
    if (!is_plain_name(name, true) || !worker) {
      draft.mistakes.add(entry_line,
                         fmt::format("[workers] holds {}; write a table under each worker's name, e.g. "
                                     "[workers.torch] with a command",
                                     in_quotes(name)));
      return;
    }
    const std::string title = fmt::format("[workers.{}]", name);
    draft.experiment.workers.push_back(read_worker(
        *worker, entry_line, title, name, {"command", "folder", "when", "requires"}, draft.mistakes));
    draft.worker_lines.push_back(entry_line);
    const document::Entry* when = worker->find("when");
    check_when(draft.experiment.workers.back().when, fmt::format("worker '{}'", name),
               when ? when->line : entry_line, draft);
  }
}

}  // namespace

WorkerSpec read_worker(const document::Table& table, int line, const std::string& title,
                       const std::string& name, const std::vector<std::string>& keys, Mistakes& mistakes) {
  const Section section(table, line, title, keys, mistakes);
  const std::string example = "command = [\"python3\", \"my_worker.py\"]";
  WorkerSpec worker;
  worker.name = name;
  worker.command = section.texts("command", example).value_or(std::vector<std::string>());
  if (worker.command.empty() || worker.command.front().empty()) {
    mistakes.add(section.line_of("command"), fmt::format("{} names no program; add e.g. {}", title, example));
  }
  worker.folder = section.text("folder", "folder = \"build\"").value_or("");
  if (const document::Table* when = section.table("when", "when = { precision = [\"fp32\", \"bf16\"] }")) {
    worker.when = read_when(*when, title, mistakes);
    if (worker.when.empty()) {
      section.wrong("when", "is empty",
                    "name a factor, or leave it out to serve whatever no other worker does");
    }
  }
  worker.requirements =
      section.texts("requires", "requires = [\"program:java\"]").value_or(std::vector<std::string>());
  for (const std::string& requirement : worker.requirements) {
    if (const auto problem = requirement_problem(requirement)) {
      section.wrong("requires", fmt::format("holds {}", in_quotes(requirement)), *problem);
    }
  }
  return worker;
}

void read_processes(const Section& root, Draft& draft) {
  std::vector<std::string> given;
  for (const char* key : {"command", "commands", "worker", "workers"}) {
    if (root.find(key)) given.emplace_back(fmt::format("[{}]", key));
  }
  if (!draft.experiment.suite.empty()) given.insert(given.begin(), "suite");
  if (root.find("import")) given.emplace_back("[import]");
  if (given.empty()) {
    draft.mistakes.add(root.line(),
                       "nothing says what does the work; add suite = \"…\" to [experiment], a [worker], "
                       "[workers.X], a [command] or [commands.X]");
    return;
  }
  if (given.size() > 1) {
    const std::string last = given.back();
    const std::string key = last.substr(1, last.size() - 2);
    draft.mistakes.add(root.line_of(key),
                       fmt::format("{} stands beside {}; an experiment has one of suite, [worker], "
                                   "[workers.X], [command] and [commands.X]",
                                   last, given.front()));
    return;
  }
  read_import(root, draft);
  read_command(root, draft);
  read_commands(root, draft);
  if (const document::Table* table = root.table("worker", "[worker]")) {
    draft.workers_line = root.line_of("worker");
    draft.worker_lines.push_back(draft.workers_line);
    draft.experiment.workers.push_back(read_worker(*table, draft.workers_line, "[worker]", "worker",
                                                   {"command", "folder", "requires"}, draft.mistakes));
  }
  if (const document::Table* table = root.table("workers", "[workers.torch]")) {
    draft.workers_line = root.line_of("workers");
    read_workers(*table, draft.workers_line, draft);
  }
}

namespace {

/// `line`: of the programs, for messages; `kind`: "worker" or "command", also the factor that chooses.
template <class Spec>
void check_choice(const std::vector<Spec>& programs, const std::string& kind, int line,
                  std::optional<int> (Experiment::*program_for)(const Treatment&) const, Draft& draft) {
  const Experiment& e = draft.experiment;
  if (programs.size() == 1 && programs.front().when.empty())
    return;  // it serves everything, whatever it is called
  std::vector<std::string> names, open;
  for (const Spec& program : programs) {
    names.push_back(program.name);
    if (program.when.empty()) open.push_back(program.name);
  }
  std::vector<Level> chosen;
  for (const Factor& factor : e.factors) {
    if (factor.name == kind) chosen = factor.levels;
  }
  if (const Level* control = e.controls.find(kind)) chosen = {*control};
  for (const Level& level : chosen) {
    if (std::find(names.begin(), names.end(), shortest(level)) != names.end()) continue;
    draft.mistakes.add(line, fmt::format("'{}' is {}, which is none of the {}s; {}", kind, toml_text(level),
                                         kind, suggestion(shortest(level), names, "there are")));
    return;
  }
  if (chosen.empty() && open.size() > 1) {
    draft.mistakes.add(
        line, fmt::format("{}s {} and {} both serve every treatment; choose by a factor, e.g. {} = "
                          "[{}, {}], or by 'when'",
                          kind, in_quotes(open[0], '\''), in_quotes(open[1], '\''), kind, in_quotes(open[0]),
                          in_quotes(open[1])));
    return;
  }
  for (const Treatment& treatment : e.treatments()) {
    Treatment assignment = treatment;
    for (const auto& [name, level] : e.controls.levels()) assignment.set(name, level);
    if ((e.*program_for)(assignment)) continue;
    draft.mistakes.add(
        line, fmt::format("no {} serves {}; add its levels to a 'when', or a {} without 'when' ({}s: {})",
                          kind, treatment.label(), kind, kind, listed(names)));
    return;
  }
}

}  // namespace

void check_programs(Draft& draft) {
  const Experiment& e = draft.experiment;
  if (!draft.mistakes.none()) return;
  if (!e.workers.empty())
    check_choice(e.workers, "worker", draft.workers_line, &Experiment::worker_for, draft);
  if (e.has_commands())
    check_choice(e.commands, "command", e.commands.front().line, &Experiment::command_for, draft);
}

}  // namespace assay::plan
