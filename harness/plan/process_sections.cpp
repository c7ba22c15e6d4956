// The programs that do a treatment's work: a command, one worker, or several of which each treatment has one.
#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "harness/plan/levels.hpp"
#include "harness/plan/near_names.hpp"
#include "harness/plan/placeholder.hpp"
#include "harness/plan/sections.hpp"

namespace assay::plan {

using document::in_quotes;
using document::shown;

namespace {

constexpr std::size_t kLongestPattern = 1000;  // std::regex compiles recursively

void check_placeholders(const Section& section, std::string_view key, const std::string& text,
                        const Draft& draft) {
  const Experiment& e = draft.experiment;
  std::vector<std::string> known = names_of(e.factors);
  for (const auto& [name, level] : e.controls.levels()) known.push_back(name);
  known.insert(known.end(), {"seed", "out"});
  for (const std::string& name : placeholders_in(text)) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    section.wrong(key, fmt::format("has the placeholder {{{}}}, which is no factor and no control", name),
                  suggestion(name, known, "there are"));
    return;
  }
}

/// What is wrong with a pattern of `match`; nullopt if it compiles and has one group.
std::optional<std::string> pattern_problem(const std::string& pattern) {
  if (pattern.size() > kLongestPattern) {
    return fmt::format("is {} bytes long; write one of at most {}", pattern.size(), kLongestPattern);
  }
  try {
    const std::regex compiled(pattern, std::regex::ECMAScript);
    if (compiled.mark_count() == 1) return std::nullopt;
    return fmt::format(
        "has {} groups; enclose the number, and only it, in parentheses, e.g. 'acc: ([\\d.]+)' (a group "
        "that only groups is (?:…))",
        compiled.mark_count());
  } catch (const std::regex_error& e) {
    return fmt::format("is no regular expression ({}); write one with one group, e.g. 'acc: ([\\d.]+)'",
                       e.what());
  }
}

void read_command(const document::Table& table, int line, Draft& draft) {
  const Section section(table, line, "[command]", {"run", "metrics", "match"}, draft.mistakes);
  const std::string example = "run = [\"python3\", \"eval.py\", \"--batch\", \"{batch}\"]";
  CommandSpec command;
  command.run = section.texts("run", example).value_or(std::vector<std::string>());
  if (command.run.empty() || command.run.front().empty()) {
    draft.mistakes.add(section.line_of("run"),
                       fmt::format("[command] names no program; add e.g. {}", example));
    return;
  }
  for (const std::string& argument : command.run) check_placeholders(section, "run", argument, draft);
  command.metrics_file = section.text("metrics", "metrics = \"{out}/metrics.json\"").value_or("");
  check_placeholders(section, "metrics", command.metrics_file, draft);
  if (const document::Table* match = section.table("match", "match = { accuracy = 'acc: ([\\d.]+)' }")) {
    for (const auto& [name, entry_line, node] : match->entries) {
      const std::string* pattern = node.text();
      const auto free_metrics = free_command_metrics();
      const bool is_free = std::any_of(free_metrics.begin(), free_metrics.end(),
                                       [&, &key = name](const Metric& m) { return m.name == key; });
      if (!is_plain_name(name, false) || is_free) {
        draft.mistakes.add(
            entry_line,
            fmt::format("match names {}, which {}; choose another name, e.g. accuracy", in_quotes(name),
                        is_free ? "Assay measures itself" : "can't be a metric's name"));
      } else if (!pattern) {
        draft.mistakes.add(entry_line,
                           fmt::format("match of '{}' is {}; write a regular expression as text, e.g. {} = "
                                       "'acc: ([\\d.]+)'",
                                       name, shown(node), name));
      } else if (const auto problem = pattern_problem(*pattern)) {
        draft.mistakes.add(entry_line, fmt::format("the pattern of '{}' {}", name, *problem));
      } else {
        command.match.emplace_back(name, *pattern);
      }
    }
  }
  draft.experiment.command = std::move(command);
}

/// factor → level or list of levels
std::vector<std::pair<std::string, std::vector<Level>>> read_when(const document::Table& table,
                                                                  const std::string& title,
                                                                  Mistakes& mistakes) {
  std::vector<std::pair<std::string, std::vector<Level>>> when;
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

/// A `when` of the experiment's own workers speaks of its factors and controls; a suite's may speak of
/// others'.
void check_when(const WorkerSpec& worker, int line, Draft& draft) {
  const Experiment& e = draft.experiment;
  std::vector<std::string> names = names_of(e.factors);
  for (const auto& [name, level] : e.controls.levels()) names.push_back(name);
  for (const auto& [name, levels] : worker.when) {
    std::vector<Level> known;
    for (const Factor& factor : e.factors) {
      if (factor.name == name) known = factor.levels;
    }
    if (const Level* control = e.controls.find(name)) known = {*control};
    if (known.empty()) {
      draft.mistakes.add(
          line, fmt::format("'when' of worker '{}' names {}, which is no factor and no control; {}",
                            worker.name, in_quotes(name, '\''), suggestion(name, names, "there are")));
      return;
    }
    for (const Level& level : levels) {
      if (std::find(known.begin(), known.end(), level) != known.end()) continue;
      draft.mistakes.add(
          line, fmt::format("'when' of worker '{}' names {} = {}, which is no level of it; its levels "
                            "are {}",
                            worker.name, name, toml_text(level), toml_text(known)));
      return;
    }
  }
}

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
    draft.experiment.workers.push_back(
        read_worker(*worker, entry_line, title, name, {"command", "when", "requires"}, draft.mistakes));
    draft.worker_lines.push_back(entry_line);
    const document::Entry* when = worker->find("when");
    check_when(draft.experiment.workers.back(), when ? when->line : entry_line, draft);
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
  for (const char* key : {"command", "worker", "workers"}) {
    if (root.find(key)) given.emplace_back(fmt::format("[{}]", key));
  }
  if (!draft.experiment.suite.empty()) given.insert(given.begin(), "suite");
  if (given.empty()) {
    draft.mistakes.add(root.line(),
                       "nothing says what does the work; add suite = \"…\" to [experiment], a [worker], "
                       "[workers.X] or a [command]");
    return;
  }
  if (given.size() > 1) {
    const std::string last = given.back();
    const std::string key = last.substr(1, last.size() - 2);
    draft.mistakes.add(root.line_of(key),
                       fmt::format("{} stands beside {}; an experiment has one of suite, [worker], "
                                   "[workers.X] and [command]",
                                   last, given.front()));
    return;
  }
  if (const document::Table* table = root.table("command", "[command]")) {
    read_command(*table, root.line_of("command"), draft);
  }
  if (const document::Table* table = root.table("worker", "[worker]")) {
    draft.workers_line = root.line_of("worker");
    draft.worker_lines.push_back(draft.workers_line);
    draft.experiment.workers.push_back(read_worker(*table, draft.workers_line, "[worker]", "worker",
                                                   {"command", "requires"}, draft.mistakes));
  }
  if (const document::Table* table = root.table("workers", "[workers.torch]")) {
    draft.workers_line = root.line_of("workers");
    read_workers(*table, draft.workers_line, draft);
  }
}

void check_workers(Draft& draft) {
  const Experiment& e = draft.experiment;
  if (e.workers.empty() || !draft.mistakes.none()) return;
  if (e.workers.size() == 1 && e.workers.front().when.empty())
    return;  // it serves everything, whatever it is called
  std::vector<std::string> names, open;
  for (const WorkerSpec& worker : e.workers) {
    names.push_back(worker.name);
    if (worker.when.empty()) open.push_back(worker.name);
  }
  std::vector<Level> chosen;
  for (const Factor& factor : e.factors) {
    if (factor.name == "worker") chosen = factor.levels;
  }
  if (const Level* control = e.controls.find("worker")) chosen = {*control};
  for (const Level& level : chosen) {
    if (std::find(names.begin(), names.end(), shortest(level)) != names.end()) continue;
    draft.mistakes.add(draft.workers_line,
                       fmt::format("'worker' is {}, which is none of the workers; {}", toml_text(level),
                                   suggestion(shortest(level), names, "there are")));
    return;
  }
  if (chosen.empty() && open.size() > 1) {
    draft.mistakes.add(
        draft.workers_line,
        fmt::format("workers '{}' and '{}' both serve every treatment; choose by a factor, e.g. worker = "
                    "[\"{}\", \"{}\"], or by 'when'",
                    open[0], open[1], open[0], open[1]));
    return;
  }
  for (const Treatment& treatment : e.treatments()) {
    Treatment assignment = treatment;
    for (const auto& [name, level] : e.controls.levels()) assignment.set(name, level);
    if (e.worker_for(assignment)) continue;
    draft.mistakes.add(draft.workers_line,
                       fmt::format("no worker serves {}; add its levels to a 'when', or a worker "
                                   "without 'when' (workers: {})",
                                   treatment.label(), listed(names)));
    return;
  }
}

}  // namespace assay::plan
