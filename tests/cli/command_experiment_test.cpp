#include "cli/command_experiment.hpp"

#include <string>

#include "cli/words.hpp"
#include "harness/plan/placeholder.hpp"
#include "harness/plan/plan.hpp"
#include "tests/catch.hpp"

using namespace assay;
using namespace assay::cli;
using Catch::Matchers::ContainsSubstring;
using Words = std::vector<std::string>;

namespace {

Words words(const char* text) {
  auto split = split_words(text);
  INFO(text);
  REQUIRE(split);
  return *split;
}

std::vector<NamedCommand> named(const CommandWishes& wishes) {
  auto commands = named_commands(wishes);
  INFO((commands ? "" : commands.error().message));
  REQUIRE(commands);
  return *std::move(commands);
}

Words names(const CommandWishes& wishes) {
  Words all;
  for (const NamedCommand& command : named(wishes)) all.push_back(command.name);
  return all;
}

std::string refusal(const CommandWishes& wishes) {
  const auto commands = named_commands(wishes);
  REQUIRE_FALSE(commands);
  return commands.error().message;
}

/// The experiment that a comparison stands for, read as `assay run` would read its file.
plan::Experiment experiment(const CommandWishes& wishes) {
  const auto text = experiment_text(named(wishes), wishes);
  REQUIRE(text);
  auto e = plan::parse_experiment(*text, "compare.toml", {}, {});
  INFO(*text << (e ? "" : e.error().message));
  REQUIRE(e);
  return *std::move(e);
}

}  // namespace

TEST_CASE("a command is split into words as a POSIX shell splits it") {
  CHECK(words("  sleep\t0.02\n") == Words{"sleep", "0.02"});
  CHECK(words(R"(grep 'a  b' "c 'd'" e\ f)") == Words{"grep", "a  b", "c 'd'", "e f"});
  CHECK(words(R"(a'b'"c"d '' "")") == Words{"abcd", "", ""});
  CHECK(words(R"("\"\\\$\`\n" '\n')") == Words{R"("\$`\n)", R"(\n)"});
  CHECK(words("a\\\nb \"c\\\nd\"") == Words{"ab", "cd"});
  CHECK(words("echo $HOME *.c | wc > x # y") == Words{"echo", "$HOME", "*.c", "|", "wc", ">", "x", "#", "y"});
  CHECK(words("").empty());
  CHECK(words("näme 'ü ü'") == Words{"näme", "ü ü"});
}

TEST_CASE("a quote that isn't closed and a backslash at the end are mistakes") {
  CHECK_THAT(split_words("echo 'a").error().message, ContainsSubstring("a quote (') isn't closed"));
  CHECK_THAT(split_words("echo \"a").error().message, ContainsSubstring("a quote (\") isn't closed"));
  CHECK_THAT(split_words("echo a\\").error().message, ContainsSubstring("backslash"));
}

TEST_CASE("what only a shell acts on is found outside of quotes") {
  CHECK(shell_syntax_in("ls | wc -l") == "|");
  CHECK(shell_syntax_in("echo \"$HOME\"") == "$HOME");
  CHECK(shell_syntax_in("echo $(date)") == "$(");
  CHECK(shell_syntax_in("cat < in") == "<");
  CHECK(shell_syntax_in("ls ~/x") == "~");
  CHECK(shell_syntax_in("echo `date`") == "`");
  CHECK(shell_syntax_in("awk '{print $1 | \"x\"}' a~b 5$ \\$x \"a|b\"").empty());
}

TEST_CASE("commands are named by their text, the same text twice by a number") {
  CHECK(names({.commands = {"sleep 0.02", "sleep 0.02", "sleep 0.02"}}) == Words{"sleep 0.02", "sleep 0.02 (2)", "sleep 0.02 (3)"});
  CHECK(names({.commands = {"a 1", "b\n2"}, .names = {"old"}}) == Words{"old", "b 2"});
  const Words cut = names({.commands = {"program --with " + std::string(100, 'x') + " --threads 1", "program --with " + std::string(100, 'x') + " --threads 2"}});
  CHECK(cut[0].size() <= 60);
  CHECK_THAT(cut[0], ContainsSubstring("--threads 1"));
  CHECK_THAT(cut[1], ContainsSubstring("--threads 2"));
}

TEST_CASE("a parameter makes one command of each of its values") {
  CommandWishes wishes{.commands = {"base", "sort -j{threads} {size}"}, .prepare = {"true"}};
  wishes.parameters = {*parameter_list("threads", "1,2"), *parameter_scan("size", 1, 2, 0.5)};
  CHECK(names(wishes) == Words{"base", "sort -j1 1", "sort -j1 1.5", "sort -j1 2", "sort -j2 1", "sort -j2 1.5", "sort -j2 2"});
  CHECK(named(wishes)[6].run == Words{"sort", "-j2", "2"});
  wishes.prepare = {"true", "make size={size}"};
  CHECK(named(wishes)[2].prepare == Words{"make", "size=1.5"});
  CHECK(parameter_scan("x", 0.1, 0.3, 0.1)->values == Words{"0.1", "0.2", "0.3"});
}

TEST_CASE("each mistake in commands says which command and what to do") {
  CHECK_THAT(refusal({.commands = {"a", "  "}}), ContainsSubstring("command 2 is empty"));
  CHECK_THAT(refusal({.commands = {"echo 'a"}}), ContainsSubstring("command 1 (echo 'a): a quote"));
  CHECK_THAT(refusal({.commands = {"'' a"}}), ContainsSubstring("begins with an empty word"));
  CHECK_THAT(refusal({.commands = {"a", "b", "c"}, .prepare = {"x", "y"}}), ContainsSubstring("--prepare is given 2 times for 3 commands"));
  CHECK_THAT(refusal({.commands = {"a"}, .names = {"x", "y"}}), ContainsSubstring("--name is given 2 times for 1 commands"));
  CHECK_THAT(refusal({.commands = {"a", "b"}, .names = {"x", "x"}}), ContainsSubstring("given twice"));
  CHECK_THAT(refusal({.commands = {"a"}, .parameters = {{"n", {"1"}}}}), ContainsSubstring("no command holds {n}"));
  CHECK_THAT(parameter_list("n", "1,,2").error().message, ContainsSubstring("empty value"));
  CHECK_THAT(parameter_scan("n", 2, 1, 1).error().message, ContainsSubstring("has no values"));
  CHECK_THAT(parameter_scan("n", 0, 1e9, 1).error().message, ContainsSubstring("at most 1000"));
  CHECK_FALSE(experiment_text(named({.commands = {"a \xff"}}), {.commands = {"a \xff"}}));
}

TEST_CASE("a comparison is an experiment file whose commands run as they were given") {
  const CommandWishes wishes{.commands = {"awk '{print}' \"a \\\"b\\\"\"", "printf '%s\x7f\t' {seed} {out}"},
                             .setup = {"make {clean}"}, .folder = "sub dir", .input = "in.txt", .warmup = 2, .compare_output = true,
                             .fine_statuses = {1, 3}, .seed = 9, .rounds = 12, .min_s = 1.5, .budget_s = 60, .precision = 0.02, .margin = 0.05};
  const plan::Experiment e = experiment(wishes);
  CHECK(e.name == "compare");
  CHECK(e.seed == 9);
  REQUIRE(e.commands.size() == 2);
  const auto made = plan::make_plan(e, *e.preset("quick"));
  REQUIRE(made);
  REQUIRE(made->pairs.size() == 1);
  CHECK((made->pairs[0].of == 1 && made->pairs[0].to == 0));
  const auto as_run = [&](const Words& words) {
    Words all;
    for (const std::string& word : words) all.push_back(plan::filled(word, made->treatments[0].assignment, 5, "OUT"));
    return all;
  };
  CHECK(as_run(e.commands[0].run) == Words{"awk", "{print}", "a \"b\""});
  CHECK(as_run(e.commands[1].run) == Words{"printf", "%s\x7f\t", "{seed}", "{out}"});
  CHECK(as_run(e.commands[1].setup) == Words{"make", "{clean}"});
  CHECK(e.commands[0].folder == "sub dir");
  CHECK(e.commands[0].input == "in.txt");
  CHECK(e.commands[0].warmup == 2);
  CHECK(e.commands[0].compare_output);
  CHECK((e.commands[0].is_fine(3) && !e.commands[0].is_fine(2)));
  CHECK(made->preset.rounds == 12);
  CHECK(made->preset.min_s == 1.5);
  CHECK(made->preset.budget_s == 60);
  CHECK(made->preset.precision_target == 0.02);
  CHECK(e.margin_of("wall_s") == 0.05);
  CHECK(e.primary[0].metric == "wall_s");
}

TEST_CASE("with a shell a command stays one text") {
  CommandWishes wishes{.commands = {"ls | wc -l", "x=${HOME}; echo \"$x\""}, .cleanup = {"rm -f a b"}, .shell = "/bin/sh"};
  plan::Experiment e = experiment(wishes);
  CHECK(e.commands[0].shell == "/bin/sh");
  CHECK(e.commands[0].run == Words{"ls | wc -l"});
  CHECK(plan::filled(e.commands[1].run[0], Treatment(), 1, "") == wishes.commands[1]);
  CHECK(e.commands[1].cleanup == Words{"rm -f a b"});
  wishes.shell = "/bin/bash";
  CHECK(experiment(wishes).commands[1].shell == "/bin/bash");
}
