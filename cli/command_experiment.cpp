#include "cli/command_experiment.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "cli/words.hpp"
#include "harness/core/json.hpp"
#include "harness/plan/experiment.hpp"
#include "harness/plan/placeholder.hpp"

namespace assay::cli {

namespace {

constexpr std::size_t kLongestName = 60;
constexpr double kMostValues = 1000;
constexpr std::size_t kMostCommands = 100;

/// A TOML basic string: JSON's escapes are TOML's, but for the one control character that JSON lets through.
std::string quoted(const std::string& text) {
  std::string out;
  for (const char c : OrderedJson(text).dump()) out += c == '\x7f' ? "\\u007F" : std::string(1, c);
  return out;
}

std::string quoted(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + quoted(plan::unfilled(word));
  return "[" + list + "]";
}

/// The command's text on one line, cut in the middle where nothing but length is lost.
std::string name_from(const std::string& text) {
  std::string name;
  for (const char c : text) name += static_cast<unsigned char>(c) < 0x20 || c == '\x7f' ? ' ' : c;
  if (name.size() <= kLongestName) return name;
  const auto is_inside = [&](std::size_t at) { return (static_cast<unsigned char>(name[at]) & 0xC0) == 0x80; };
  std::size_t head = kLongestName / 2 - 2;
  std::size_t tail = name.size() - (kLongestName / 2 - 2);
  while (head > 0 && is_inside(head)) --head;
  while (tail < name.size() && is_inside(tail)) ++tail;
  return name.substr(0, head) + "…" + name.substr(tail);
}

std::string with_values(const std::string& text, const std::vector<std::pair<std::string, std::string>>& values) {
  if (values.empty()) return text;
  return plan::filled(text, [&](std::string_view name) -> std::optional<std::string> {
    for (const auto& [parameter, value] : values) {
      if (parameter == name) return value;
    }
    return std::nullopt;
  });
}

/// Every combination of the parameters' values, the last one fastest.
std::vector<std::vector<std::pair<std::string, std::string>>> combinations(const std::vector<Parameter>& parameters) {
  std::vector<std::vector<std::pair<std::string, std::string>>> all{{}};
  for (const Parameter& parameter : parameters) {
    std::vector<std::vector<std::pair<std::string, std::string>>> longer;
    for (const auto& values : all) {
      for (const std::string& value : parameter.values) {
        longer.push_back(values);
        longer.back().emplace_back(parameter.name, value);
      }
    }
    all = std::move(longer);
  }
  return all;
}

Result<std::vector<std::string>> words_of(const std::string& text, const std::string& what, const std::string& shell) {
  if (text.find_first_not_of(" \t\n") == std::string::npos) return Error{fmt::format("{} is empty; write a program and its arguments", what)};
  if (!shell.empty()) return std::vector<std::string>{text};
  auto words = split_words(text);
  if (!words) return Error{fmt::format("{} ({}): {}", what, text, words.error().message)};
  if (words->front().empty()) return Error{fmt::format("{} ({}) begins with an empty word; write a program's name first", what, text)};
  return words;
}

/// One for all, or one for each command.
Result<std::string> step_for(const std::vector<std::string>& steps, std::size_t command, std::size_t commands, const std::string& option) {
  if (steps.empty()) return std::string();
  if (steps.size() == 1) return steps.front();
  if (steps.size() == commands) return steps[command];
  return Error{fmt::format("{} is given {} times for {} commands; give it once for all of them, or once for each", option,
                           steps.size(), commands)};
}

}  // namespace

Result<Parameter> parameter_list(const std::string& name, const std::string& values) {
  Parameter parameter{name, {}};
  std::size_t begin = 0;
  for (std::size_t comma = 0; comma != std::string::npos; begin = comma + 1) {
    comma = values.find(',', begin);
    parameter.values.push_back(values.substr(begin, comma == std::string::npos ? comma : comma - begin));
    if (parameter.values.back().empty()) {
      return Error{fmt::format("--parameter-list {} '{}' has an empty value; write them with a comma between, e.g. 1,2,4", name, values)};
    }
  }
  return parameter;
}

Result<Parameter> parameter_scan(const std::string& name, double first, double last, double step) {
  if (!(step > 0) || !(last >= first)) {
    return Error{fmt::format("--parameter-scan {} from {} to {} by {} has no values; write the smaller number first and a step above 0",
                             name, first, last, step)};
  }
  const double count = std::floor((last - first) / step + 1e-9) + 1;
  if (count > kMostValues) return Error{fmt::format("--parameter-scan {} has {} values; choose a larger step, for at most {}", name, count, kMostValues)};
  Parameter parameter{name, {}};
  // 0.1 + 2 × 0.1 is no 0.3: twelve digits hide what binary fractions add.
  for (int i = 0; i < static_cast<int>(count); ++i) parameter.values.push_back(fmt::format("{:.12g}", first + i * step));
  return parameter;
}

Result<std::vector<NamedCommand>> named_commands(const CommandWishes& wishes) {
  struct Filled {
    std::size_t of;
    std::vector<std::pair<std::string, std::string>> values;
  };
  for (const Parameter& parameter : wishes.parameters) {
    const auto names = [&](const std::string& text) {
      const auto found = plan::placeholders_in(text);
      return std::find(found.begin(), found.end(), parameter.name) != found.end();
    };
    if (std::none_of(wishes.commands.begin(), wishes.commands.end(), names)) {
      return Error{fmt::format("no command holds {{{}}}, which --parameter-list or --parameter-scan gives; write it where its values belong", parameter.name)};
    }
  }
  std::vector<Filled> all;
  for (std::size_t i = 0; i < wishes.commands.size(); ++i) {
    std::vector<Parameter> its;
    for (const Parameter& parameter : wishes.parameters) {
      const auto found = plan::placeholders_in(wishes.commands[i]);
      if (std::find(found.begin(), found.end(), parameter.name) != found.end()) its.push_back(parameter);
    }
    for (auto& values : combinations(its)) all.push_back({i, std::move(values)});
    if (all.size() > kMostCommands) return Error{fmt::format("there are more than {} commands; compare fewer at a time", kMostCommands)};
  }
  if (wishes.names.size() > all.size()) {
    return Error{fmt::format("--name is given {} times for {} commands; give one for each, in their order", wishes.names.size(), all.size())};
  }
  std::vector<NamedCommand> commands;
  std::set<std::string> taken;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& [of, values] = all[i];
    NamedCommand command;
    command.text = with_values(wishes.commands[of], values);
    auto run = words_of(command.text, fmt::format("command {}", of + 1), wishes.shell);
    if (!run) return run.error();
    command.run = *std::move(run);
    const auto step = [&](const std::vector<std::string>& steps, const char* option, std::vector<std::string>& into) -> Result<Done> {
      auto text = step_for(steps, steps.size() == all.size() ? i : of, steps.size() == all.size() ? all.size() : wishes.commands.size(), option);
      if (!text) return text.error();
      if (steps.empty() || text->empty()) return Done{};
      auto words = words_of(with_values(*text, values), option, wishes.shell);
      if (!words) return words.error();
      into = *std::move(words);
      return Done{};
    };
    for (auto done : {step(wishes.setup, "--setup", command.setup), step(wishes.prepare, "--prepare", command.prepare),
                      step(wishes.cleanup, "--cleanup", command.cleanup)}) {
      if (!done) return done.error();
    }
    const std::string wanted = i < wishes.names.size() ? wishes.names[i] : command.text;
    if (wanted.empty()) return Error{fmt::format("--name of command {} is empty; write one, or leave the option out", i + 1)};
    const std::string base = name_from(wanted);
    if (i < wishes.names.size() && taken.count(base)) return Error{fmt::format("--name '{}' is given twice; names tell commands apart", wanted)};
    command.name = base;
    for (int n = 2; !taken.insert(command.name).second; ++n) command.name = fmt::format("{} ({})", base, n);
    commands.push_back(std::move(command));
  }
  return commands;
}

std::string limits_of_comparisons() {
  constexpr double kShare = 0.9;  // the rest is the machine's own
  const double here = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  const auto memory = std::max(plan::Limits().memory_bytes, static_cast<std::int64_t>(kShare * here));
  return fmt::format("[limits]\nstart_s = 3600\nblock_s = 3600\nmemory_bytes = {}\n", memory);
}

Result<std::string> experiment_text(const std::vector<NamedCommand>& commands, const CommandWishes& wishes) {
  std::string text;
  try {
    const auto line = [&](const std::string& key, const std::string& value) { text += fmt::format("{} = {}\n", key, value); };
    std::string names;
    for (const NamedCommand& command : commands) names += (names.empty() ? "" : ", ") + quoted(command.name);
    text += "[experiment]\nname = \"compare\"\n";
    line("baseline", fmt::format("{{ command = {} }}", quoted(commands.front().name)));
    line("seed", fmt::format("{}", wishes.seed));
    text += "\n[factors]\n";
    line("command", fmt::format("[{}]", names));
    text += "\n" + limits_of_comparisons();
    text += "\n[metrics]\nprimary = [\"wall_s\", \"cpu_s\", \"peak_memory_bytes\"]\n";
    if (wishes.margin) text += fmt::format("[metrics.wall_s]\nmargin = {}\n", *wishes.margin);
    text += "\n[presets.quick]\n";
    line("rounds", fmt::format("{}", wishes.rounds));
    if (wishes.min_s) line("min_s", fmt::format("{}", *wishes.min_s));
    if (wishes.budget_s) line("budget_s", fmt::format("{}", *wishes.budget_s));
    if (wishes.precision) line("precision_target", fmt::format("{}", *wishes.precision));
    for (const NamedCommand& command : commands) {
      text += fmt::format("\n[commands.{}]\n", quoted(command.name));
      const auto step = [&](const char* key, const std::vector<std::string>& words) {
        if (words.empty()) return;
        line(key, wishes.shell.empty() ? quoted(words) : quoted(plan::unfilled(words.front())));
      };
      if (!wishes.shell.empty()) line("shell", wishes.shell == "/bin/sh" ? "true" : quoted(wishes.shell));
      step("run", command.run);
      step("setup", command.setup);
      step("prepare", command.prepare);
      step("cleanup", command.cleanup);
      if (!wishes.folder.empty()) line("folder", quoted(plan::unfilled(wishes.folder)));
      if (!wishes.input.empty()) line("input", quoted(plan::unfilled(wishes.input)));
      if (wishes.warmup > 0) line("warmup", fmt::format("{}", wishes.warmup));
      if (wishes.compare_output) line("compare_output", "true");
      if (wishes.ignore_failure) line("ignore_failure", "true");
      if (!wishes.fine_statuses.empty()) line("ignore_failure", fmt::format("[{}]", fmt::join(wishes.fine_statuses, ", ")));
    }
  } catch (const OrderedJson::exception&) {
    return Error{"a command isn't UTF-8, which a record has to be; write the bytes in a script and compare that"};
  }
  return text;
}

}  // namespace assay::cli
