// [command] and [commands.X]: any program, unchanged, and what is done around each of its executions.
#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "harness/plan/near_names.hpp"
#include "harness/plan/placeholder.hpp"
#include "harness/plan/sections.hpp"

namespace assay::plan {

using document::in_quotes;
using document::shown;

namespace {

constexpr std::size_t kLongestPattern = 1000;  // std::regex compiles recursively
constexpr std::size_t kLongestName = 200;      // bytes; a column of a table
constexpr std::int64_t kMostWarmups = 1000;
constexpr const char* kDefaultShell = "/bin/sh";
const std::string kRunExample = "run = [\"python3\", \"eval.py\", \"--batch\", \"{batch}\"]";

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

void read_match(const document::Table& match, CommandSpec& command, Draft& draft) {
  const auto free_metrics = free_command_metrics(false);
  for (const auto& [name, line, node] : match.entries) {
    const std::string* pattern = node.text();
    const bool is_free = std::any_of(free_metrics.begin(), free_metrics.end(),
                                     [&, &key = name](const Metric& m) { return m.name == key; });
    if (!is_plain_name(name, false) || is_free) {
      draft.mistakes.add(
          line, fmt::format("match names {}, which {}; choose another name, e.g. accuracy", in_quotes(name),
                            is_free ? "Assay measures itself" : "can't be a metric's name"));
    } else if (!pattern) {
      draft.mistakes.add(line,
                         fmt::format("match of '{}' is {}; write a regular expression as text, e.g. {} = "
                                     "'acc: ([\\d.]+)'",
                                     name, shown(node), name));
    } else if (const auto problem = pattern_problem(*pattern)) {
      draft.mistakes.add(line, fmt::format("the pattern of '{}' {}", name, *problem));
    } else {
      command.match.emplace_back(name, *pattern);
    }
  }
}

/// `shell`: true, or the program of one; empty for none.
std::string read_shell(const Section& section) {
  const document::Entry* entry = section.find("shell");
  if (!entry) return "";
  if (const bool* yes = std::get_if<bool>(&entry->value.value)) return *yes ? kDefaultShell : "";
  if (const std::string* program = entry->value.text(); program && !program->empty()) return *program;
  section.wrong("shell", fmt::format("is {}", shown(entry->value)),
                "write true for /bin/sh, or a shell's program, e.g. \"/bin/bash\"");
  return "";
}

/// A step as words; of a shell one text. Empty if it is absent.
std::vector<std::string> read_step(const Section& section, const std::string& key, const std::string& shell,
                                   const Draft& draft) {
  const document::Entry* entry = section.find(key);
  if (!entry) return {};
  std::vector<std::string> words;
  if (const std::string* text = entry->value.text()) {
    if (shell.empty()) {
      section.wrong(key, "is one text",
                    "write a list of words, e.g. [\"make\", \"clean\"], or add shell = true");
      return {};
    }
    words = {*text};
  } else {
    words = section.texts(key, key == "run" ? kRunExample : fmt::format("{} = [\"make\", \"clean\"]", key))
                .value_or(std::vector<std::string>());
    if (!shell.empty() && words.size() != 1) {
      section.wrong(key, fmt::format("has {} words for a shell", words.size()),
                    "write one text, as the shell would read it");
      return {};
    }
  }
  if (words.empty() || words.front().empty()) {
    section.wrong(key, "names no program", fmt::format("add e.g. {}", kRunExample));
    return {};
  }
  for (const std::string& word : words) check_placeholders(section, key, word, {"seed", "out"}, draft);
  return words;
}

void read_statuses(const Section& section, CommandSpec& command) {
  const document::Entry* entry = section.find("ignore_failure");
  if (!entry) return;
  if (const bool* all = std::get_if<bool>(&entry->value.value)) {
    command.ignore_failure = *all;
    return;
  }
  const document::List* list = entry->value.list();
  bool good = list && !list->empty();
  for (std::size_t i = 0; good && i < list->size(); ++i) {
    const std::int64_t* status = std::get_if<std::int64_t>(&(*list)[i].value);
    good = status && *status >= 0 && *status <= 255;
    if (good) command.fine_statuses.push_back(static_cast<int>(*status));
  }
  if (!good) {
    section.wrong("ignore_failure", fmt::format("is {}", shown(entry->value)),
                  "write true, or a list of exit statuses from 0 to 255, e.g. [1]");
  }
}

/// Assay adds the flags and reads the file, so that nothing else may.
void check_google_benchmark(const Section& section) {
  for (const char* other : {"metrics", "match", "shell"}) {
    if (!section.find(other)) continue;
    section.wrong("google_benchmark", fmt::format("stands beside '{}'", other),
                  "leave that out: Assay adds the flags to 'run' and reads time, cpu_s and counters from the "
                  "benchmark's JSON");
  }
}

/// One command; `name` is empty for [command].
void read_one(const document::Table& table, int line, const std::string& name, Draft& draft) {
  std::vector<std::string> keys{"run",     "metrics",        "match",          "folder",          "shell",
                                "setup",   "prepare",        "cleanup",        "warmup",          "input",
                                "outputs", "compare_output", "ignore_failure", "google_benchmark"};
  if (!name.empty()) keys.emplace_back("when");
  const std::string title =
      name.empty() ? "[command]"
                   : fmt::format("[commands.{}]", is_plain_name(name, false) ? name : in_quotes(name));
  const Section section(table, line, title, keys, draft.mistakes);
  CommandSpec command;
  if (!name.empty()) command.name = name;
  command.line = line;
  command.shell = read_shell(section);
  if (!section.find("run")) {
    draft.mistakes.add(line, fmt::format("{} names no program; add e.g. {}", title, kRunExample));
    return;
  }
  command.run = read_step(section, "run", command.shell, draft);
  command.setup = read_step(section, "setup", command.shell, draft);
  command.prepare = read_step(section, "prepare", command.shell, draft);
  command.cleanup = read_step(section, "cleanup", command.shell, draft);
  command.folder = section.text("folder", "folder = \"build\"").value_or("");
  check_placeholders(section, "folder", command.folder, {"seed"}, draft);
  command.input = section.text("input", "input = \"points.txt\"").value_or("");
  check_placeholders(section, "input", command.input, {"seed"}, draft);
  command.metrics_file = section.text("metrics", "metrics = \"{out}/metrics.json\"").value_or("");
  check_placeholders(section, "metrics", command.metrics_file, {"seed", "out"}, draft);
  command.google_benchmark =
      section.text("google_benchmark", "google_benchmark = \"{benchmark}\"").value_or("");
  check_placeholders(section, "google_benchmark", command.google_benchmark, {"seed"}, draft);
  if (section.find("google_benchmark")) check_google_benchmark(section);
  command.outputs =
      section.texts("outputs", "outputs = [\"{out}/picture.png\"]").value_or(std::vector<std::string>());
  for (const std::string& file : command.outputs)
    check_placeholders(section, "outputs", file, {"seed", "out"}, draft);
  command.compare_output = section.boolean("compare_output").value_or(false);
  if (command.compare_output && draft.experiment.baseline.empty()) {
    section.wrong("compare_output", "needs something to be equal to", "add a baseline to [experiment]");
  }
  if (!command.outputs.empty() && !command.compare_output) {
    section.wrong("outputs", "are compared with nothing", "add compare_output = true, or leave them out");
  }
  command.warmup = static_cast<int>(section.integer("warmup", 0, kMostWarmups, "warmup = 1").value_or(0));
  read_statuses(section, command);
  if (const document::Table* match = section.table("match", "match = { accuracy = 'acc: ([\\d.]+)' }")) {
    read_match(*match, command, draft);
  }
  if (const document::Table* when = section.table("when", "when = { precision = [\"fp32\", \"bf16\"] }")) {
    command.when = read_when(*when, title, draft.mistakes);
    if (command.when.empty()) {
      section.wrong("when", "is empty",
                    "name a factor, or leave it out to serve whatever no other command does");
    }
    check_when(command.when, fmt::format("command {}", in_quotes(name, '\'')), section.line_of("when"),
               draft);
  }
  draft.experiment.commands.push_back(std::move(command));
}

}  // namespace

void read_command(const Section& root, Draft& draft) {
  if (const document::Table* table = root.table("command", "[command]")) {
    read_one(*table, root.line_of("command"), "", draft);
  }
}

void read_commands(const Section& root, Draft& draft) {
  const document::Table* all = root.table("commands", "[commands.new]");
  if (!all) return;
  if (all->entries.empty()) {
    draft.mistakes.add(root.line_of("commands"),
                       "[commands] names no command; write e.g. [commands.new] with a run");
    return;
  }
  for (const auto& [name, line, node] : all->entries) {
    const document::Table* table = node.table();
    const bool fine =
        !name.empty() && name.size() <= kLongestName &&
        std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (!fine || !table) {
      draft.mistakes.add(
          line, fmt::format("[commands] holds {}; write a table under each command's name, of one line "
                            "and at most {} bytes, e.g. [commands.new] with a run",
                            in_quotes(name), kLongestName));
      return;
    }
    read_one(*table, line, name, draft);
    if (!draft.mistakes.none()) return;
  }
  const auto& commands = draft.experiment.commands;
  for (const CommandSpec& command : commands) {
    if (command.google_benchmark.empty() == commands.front().google_benchmark.empty()) continue;
    draft.mistakes.add(
        command.line,
        fmt::format(
            "command {} and command {} can't be compared: one is a Google Benchmark, whose time is an "
            "iteration's, and the other's is a process's; give both google_benchmark, or neither",
            in_quotes(commands.front().name, '\''), in_quotes(command.name, '\'')));
    return;
  }
}

}  // namespace assay::plan
