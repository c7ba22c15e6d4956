#include "cli/new_experiment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>

#include "harness/core/ascii.hpp"
#include "harness/core/json.hpp"
#include "harness/core/quoted_text.hpp"
#include "harness/core/treatment.hpp"
#include "harness/plan/experiment.hpp"
#include "harness/plan/levels.hpp"
#include "harness/plan/placeholder.hpp"
#include "harness/plan/section.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 100;
constexpr std::size_t kLongestLine = 110;  // of `run`, where no single word is longer
constexpr std::size_t kMostShownNames = 4;    // in the question

// Programs that run the program that is meant; their own flags are no factors.
constexpr std::string_view kLaunchers[] = {"accelerate", "bash", "conda", "deepspeed", "env",     "java",   "julia",  "mpirun", "nice",    "node", "numactl", "perl",
                                           "pipenv",     "poetry", "pypy", "python",   "Rscript", "ruby",   "sh",     "srun",   "taskset", "time", "torchrun", "uv"};
constexpr std::string_view kScripts[] = {".py", ".sh", ".js", ".mjs", ".jl", ".R", ".r", ".rb", ".pl", ".jar", ".lua", ".pyz"};
constexpr std::string_view kSeeds[] = {"seed", "random-seed", "random-state", "rng-seed"};
constexpr std::string_view kOutputs[] = {"o", "out", "output", "out-dir", "outdir", "output-dir", "out-file", "outfile", "output-file", "out-path", "output-path", "save-to"};
// Names that mean something to Assay, which the flag may not mean: --cpus 4 is a number of them, cpus = 4 is the fifth.
constexpr std::string_view kTaken[] = {"command", "cpus", "memory_bytes", "out", "revision", "seed", "worker"};

template <std::size_t N>
bool is_one_of(std::string_view word, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

/// "python3.11" is python.
std::string program_of(const std::string& word) {
  std::string name = fs::path(word).filename().string();
  const std::size_t end = name.find_last_not_of("0123456789.");
  return end == std::string::npos ? name : name.substr(0, end + 1);
}

bool is_script(const std::string& word) {
  return !word.starts_with('-') && is_one_of(fs::path(word).extension().string(), kScripts);
}

/// The index of the script, or of the name behind -m; 0 where the first word is the program that is meant.
std::size_t script_in(const std::vector<std::string>& command) {
  if (!is_one_of(program_of(command.front()), kLaunchers)) return 0;
  for (std::size_t i = 1; i < command.size(); ++i) {
    if (is_script(command[i]) || (i > 1 && command[i - 1] == "-m")) return i;
  }
  return 0;
}

/// A number only if the program gets back what it was given: 007, 1.10 and 1_000 are text.
std::optional<Level> number_in(std::string_view word) {
  const char* end = word.data() + word.size();
  const std::string_view digits = word.starts_with('-') ? word.substr(1) : word;
  if (digits.empty() || digits.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
  if (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') return std::nullopt;
  std::int64_t integer = 0;
  if (const auto [stop, error] = std::from_chars(word.data(), end, integer); error == std::errc() && stop == end) return Level(integer);
  double value = 0;
  if (const auto [stop, error] = std::from_chars(word.data(), end, value); error != std::errc() || stop != end) return std::nullopt;
  if (digits.find_first_of(".eE") == std::string_view::npos) return std::nullopt;  // an integer that is too long
  const bool has_exponent = digits.find_first_of("eE") != std::string_view::npos;
  if (!has_exponent && digits.ends_with('0') && !digits.ends_with(".0")) return std::nullopt;
  return Level(value);
}

bool is_negative_number(std::string_view word) { return word.starts_with('-') && number_in(word).has_value(); }

bool is_flag(std::string_view word) { return word.size() > 1 && word.starts_with('-') && word != "--" && !is_negative_number(word); }

/// "meta/model", "weights.pt", "https://…": what names a file is where the work comes from, and rarely what is varied.
bool is_path_like(std::string_view value) {
  if (value.find('/') != std::string_view::npos || value == "." || value == "..") return true;
  const std::size_t dot = value.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == value.size()) return false;
  const std::string_view suffix = value.substr(dot + 1);
  return suffix.size() <= 12 && is_letter(suffix.front()) && std::all_of(suffix.begin(), suffix.end(), is_letter_or_digit);
}

/// "--batch-size" and "--batch_size" both mean batch-size to those who look for a known flag.
std::string known_form(std::string_view flag) {
  std::string name(flag.substr(std::min(flag.find_first_not_of('-'), flag.size())));
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

class Reading {
public:
  explicit Reading(const ExperimentWish& wish) : wish_(wish) {}

  void read() {
    const auto& command = wish_.command;
    const std::size_t script = script_in(command);
    bool only_words = false;
    for (std::size_t i = 0; i < command.size(); ++i) {
      const std::string& word = command[i];
      const std::size_t equals = word.find('=');
      only_words = only_words || (i > script && word == "--");
      if (i <= script || only_words || !is_flag(word)) {
        run_.push_back(plan::unfilled(word));
      } else if (equals != std::string::npos) {
        run_.push_back(plan::unfilled(word.substr(0, equals + 1)) + value_of(word.substr(0, equals), word.substr(equals + 1)));
      } else if (i + 1 < command.size() && !is_flag(command[i + 1]) && command[i + 1] != "--") {
        run_.push_back(plan::unfilled(word));
        run_.push_back(value_of(word, command[++i]));
      } else {
        run_.push_back(plan::unfilled(word));
        // A short one with its value in the same word, -b64, looks the same.
        notes_.push_back(fmt::format("{} is left as it is. A switch is varied by two commands, [commands.plain] and [commands.switched], instead of [command],\n"
                                     "# and command = [\"plain\", \"switched\"] under [factors].",
                                     quoted_text(word)));
      }
    }
  }

  std::string text() const {
    std::string text = fmt::format(
        "# What is varied, what is measured, what is expected. `assay try` runs each variant once, `assay plan` says how long a run\n"
        "# takes and which difference it can show, `assay run` measures.\n"
        "[experiment]\n"
        "name      = {}\n"
        "question  = {}\n"
        "# rationale = \"Why these levels, and why this baseline.\"\n"
        "design    = \"factorial\"    # every combination; \"one-factor-at-a-time\" changes one factor of the baseline at a time\n",
        quoted_text(wish_.name), quoted_text(question()));
    if (!factors_.empty()) text += fmt::format("baseline  = {{ {} }}    # what all others are compared with\n", levels(false));
    text += "seed      = 1\n\n[command]\n";
    text += run_lines();
    if (!wish_.folder.empty()) text += fmt::format("folder  = {}\n", quoted_text(plan::unfilled(wish_.folder)));
    text += metrics_.empty() ? "# metrics = \"{out}/metrics.json\"    # a file of flat JSON that the program writes; or, from standard output:\n"
                             : fmt::format("metrics = {}    # flat JSON; or, from standard output:\n", quoted_text(metrics_));
    text += "# match = { accuracy = 'accuracy: ([\\d.]+)' }\n";
    for (const std::string& note : notes_) text += fmt::format("# {}\n", note);
    for (const std::string& lines : {std::string("\n"), factor_lines(), metric_lines(), hypothesis_lines()}) text += lines;
    text +=
        "\n# [presets.quick]         # what `assay run` does unless told otherwise\n"
        "# rounds   = 7\n"
        "# budget_s = 120\n"
        "# [presets.paper]         # for the report: assay run … --preset paper\n"
        "# precision_target = 0.01\n";
    return text;
  }

private:
  struct Factor {
    std::string name;
    std::string flag;
    Level level;
  };

  /// What stands in the command for the value of a flag.
  std::string value_of(const std::string& flag, const std::string& value) {
    const std::string known = known_form(flag);
    const auto number = number_in(value);
    if (is_one_of(known, kSeeds) && number && std::holds_alternative<std::int64_t>(*number)) {
      notes_.push_back("{seed} is the same for all variants of a round, and another one in the next.");
      return "{seed}";
    }
    if (is_one_of(known, kOutputs) && !value.empty() && value != "-") return output(flag, value);
    const bool can_be_level = !value.empty() && value != "-" && !holds_unshown(value) && (number || !is_path_like(value));
    if (!can_be_level) return plan::unfilled(value);
    const Level level = number.value_or(Level(value));
    factors_.push_back({factor_name(flag, level), flag, level});
    return fmt::format("{{{}}}", factors_.back().name);
  }

  /// {out} is a new folder for each execution, so that none reads what another one wrote.
  std::string output(const std::string& flag, const std::string& value) {
    const fs::path path(value);
    const bool is_file = path.has_extension() && path.filename() != "..";
    if (!is_file && flag.starts_with("--")) return "{out}";
    std::string file = path.filename().string();
    if (file.empty() || file == "." || file == "..") return "{out}";
    file = "{out}/" + plan::unfilled(file);
    if (path.extension() == ".json" && metrics_.empty()) metrics_ = file;
    return file;
  }

  std::string factor_name(const std::string& flag, const Level& level) const {
    std::string name;
    for (const char c : std::string_view(flag).substr(std::min(flag.find_first_not_of('-'), flag.size()))) {
      const bool plain = is_letter_or_digit(c) || c == '_' || c == '-';
      name += plain ? c : '_';
    }
    name = name.substr(0, kLongestName - 10);
    if (name.empty() || !plan::is_plain_name(name, false)) name = "flag_" + name;
    const auto* threads = name == "threads" ? std::get_if<std::int64_t>(&level) : nullptr;
    const bool refused = is_one_of(name, kTaken) || (threads && *threads > wish_.cpus) || plan::reserved_problem(name, level);
    if (refused) name += "_flag";
    const auto is_taken = [&](const std::string& wanted) {
      return std::any_of(factors_.begin(), factors_.end(), [&](const Factor& f) { return f.name == wanted; });
    };
    if (!is_taken(name)) return name;
    int number = 2;
    while (is_taken(fmt::format("{}_{}", name, number))) ++number;
    return fmt::format("{}_{}", name, number);
  }

  std::string question() const {
    if (factors_.empty()) return fmt::format("What does {} cost?", wish_.name);
    std::string names;
    const std::size_t shown = std::min(factors_.size(), kMostShownNames);
    for (std::size_t i = 0; i < shown; ++i) {
      const bool last = i + 1 == shown && shown == factors_.size();
      names += i == 0 ? "" : last ? " and " : ", ";
      names += factors_[i].name;
    }
    if (shown < factors_.size()) names += fmt::format(" and {} more", factors_.size() - shown);
    const bool one = factors_.size() == 1;
    return fmt::format("What {} {} buy, and what {} cost?", one ? "does" : "do", names, one ? "does it" : "do they");
  }

  /// "batch = 64, precision = "int8""; with `changed` the first factor has the level that the hypothesis would compare.
  std::string levels(bool changed) const {
    std::string text;
    for (const Factor& factor : factors_) {
      const bool is_first = &factor == &factors_.front();
      text += fmt::format("{}{} = {}", is_first ? "" : ", ", factor.name, changed && is_first ? other_level(factor) : plan::toml_text(factor.level));
    }
    return text;
  }

  /// One to show how levels are added: twice an integer, half a fraction.
  static std::string other_level(const Factor& factor) {
    if (const auto* integer = std::get_if<std::int64_t>(&factor.level)) {
      const bool can_double = *integer != 0 && std::abs(*integer) < (std::int64_t{1} << 40);
      return fmt::format("{}", can_double ? 2 * *integer : *integer + 1);
    }
    if (const auto* number = std::get_if<double>(&factor.level)) return plan::toml_text(Level(*number == 0 ? 0.5 : *number / 2));
    return factor.level == Level(std::string("…")) ? "\"other\"" : "\"…\"";
  }

  std::string run_lines() const {
    std::string lines = "run     = [";
    std::size_t begin = 0;  // of the line
    for (std::size_t i = 0; i < run_.size(); ++i) {
      const std::string word = quoted_text(run_[i]);
      if (i > 0) lines += ',';
      if (i > 0 && lines.size() - begin + word.size() > kLongestLine) {
        lines += '\n';
        begin = lines.size();
        lines += std::string(11, ' ');
      } else if (i > 0) {
        lines += ' ';
      }
      lines += word;
    }
    return lines + "]\n";
  }

  std::string factor_lines() const {
    if (factors_.empty()) {
      return "# No flag with a value stood in the command. To vary a word of it, write {batch} in its place and\n"
             "# [factors]\n"
             "# batch = [1, 8, 64]\n";
    }
    std::size_t width = 0;
    for (const Factor& factor : factors_) width = std::max(width, factor.name.size());
    std::string text = "[factors]    # what is varied: add levels. To vary another word of the command, write {name} in its place\n";
    for (const Factor& factor : factors_) {
      text += fmt::format("{:<{}} = [{}]    # {}; e.g. [{}, {}]\n", factor.name, width, plan::toml_text(factor.level),
                          quoted_text(factor.flag), plan::toml_text(factor.level), other_level(factor));
    }
    return text;
  }

  static std::string metric_lines() {
    return "\n[metrics]\n"
           "primary = [\"wall_s\"]    # free of charge: wall_s, cpu_s, peak_memory_bytes, exit_status\n"
           "# Accuracy beside the times: add it to primary, and say what the program's number is:\n"
           "# [metrics.accuracy]\n"
           "# unit      = \"ratio\"     # or s, B, J, 1, images/s\n"
           "# direction = \"higher\"    # is better\n";
  }

  std::string hypothesis_lines() const {
    if (factors_.empty()) return "";
    const Factor& first = factors_.front();
    return fmt::format(
        "\n# What you expect, written down before it is measured. Each side names one treatment.\n"
        "# [[hypothesis]]\n"
        "# id     = \"H1\"\n"
        "# claim  = {}\n"
        "# metric = \"wall_s\"\n"
        "# ratio  = {{ of = {{ {} }}, to = {{ {} }} }}\n"
        "# expect = \"< 2\"\n",
        quoted_text(fmt::format("{} = {} takes less than twice as long as {}", first.name,
                                std::holds_alternative<std::string>(first.level) ? "…" : other_level(first), shortest(first.level))),
        levels(true), levels(false));
  }

  const ExperimentWish& wish_;
  std::vector<std::string> run_;
  std::vector<Factor> factors_;
  std::vector<std::string> notes_;
  std::string metrics_;
};

Result<Done> check_name(const std::string& name) {
  if (plan::is_plain_name(name, true)) return Done{};
  return Error{fmt::format("{} can't be an experiment's name; it names a folder: letters, digits, '_', '-' and '.', a letter or digit first",
                           plan::document::in_quotes(name, '\''))};
}

}  // namespace

std::string name_of_command(const std::vector<std::string>& command) {
  if (command.empty()) return "experiment";
  const fs::path program(command[script_in(command)]);
  std::string name;
  for (const char c : (is_script(program.string()) ? program.stem() : program.filename()).string()) {
    const bool plain = is_letter_or_digit(c) || c == '_' || c == '-' || c == '.';
    name += plain ? c : '-';
  }
  name = name.substr(std::min(name.find_first_not_of("-_."), name.size()), kLongestName);
  return plan::is_plain_name(name, true) ? name : "experiment";
}

Result<std::string> experiment_from_command(const ExperimentWish& given) {
  ExperimentWish wish = given;
  if (wish.command.empty() || wish.command.front().empty()) {
    return Error{"no program stands behind --; write e.g. assay new experiment -- python3 eval.py --batch 64 --out results.json"};
  }
  if (wish.name.empty()) wish.name = name_of_command(wish.command);
  if (const auto fine = check_name(wish.name); !fine) return fine.error();
  try {
    for (const std::string& word : wish.command) (void)OrderedJson(word).dump();
    (void)OrderedJson(wish.folder).dump();
  } catch (const OrderedJson::exception&) {
    return Error{"the command isn't UTF-8, which an experiment file has to be; write the bytes in a script and name that"};
  }
  Reading reading(wish);
  reading.read();
  std::string text = reading.text();
  if (const auto parsed = plan::parse_experiment(text, wish.name + ".toml", {}, {}); !parsed) {
    return Error{fmt::format("this command can't be an experiment: {}", parsed.error().message)};
  }
  return text;
}

std::string starting_worker(const std::string& name) { return fmt::format("src/{}_worker.py", name); }

Result<std::string> starting_experiment(const std::string& name) {
  if (const auto fine = check_name(name); !fine) return fine.error();
  return fmt::format(
      R"(# What is varied, what is measured, what is expected. `assay try` runs each variant once, `assay plan` says how long a run
# takes and which difference it can show, `assay run` measures.
[experiment]
name      = {0}
question  = "TODO: what do you want to know?"
rationale = "TODO: why these levels, and why this baseline?"
design    = "factorial"    # every combination; "one-factor-at-a-time" changes one factor of the baseline at a time
baseline  = {{ batch = 1 }}    # what all others are compared with
seed      = 1

# A process that stays alive and does its work when asked, so that starting it is no part of the time:
#     import assay_worker as assay
#     class Work(assay.Workload):
#         metrics = [assay.time("latency_s"), assay.proportion("accuracy")]
#         def prepare(self, batch, seed): ...    # untimed: load the model, build the inputs
#         def step(self): ...                    # timed
#         def evaluate(self): return assay.predictions(self.predicted, self.labels)
#     assay.serve(Work)
# assay_worker.py stands beside it; any language can answer these messages. For a program that is started anew each time,
# and needs no change, `assay new experiment -- python3 eval.py --batch 64 --out results.json` writes the file.
[worker]
command = ["python3", {1}]

[factors]
batch = [1, 8]

[metrics]
primary = ["latency_s", "accuracy"]

# What you expect, written down before it is measured. Each side names one treatment.
[[hypothesis]]
id     = "H1"
claim  = "a batch of 8 takes less than eight times as long as one of 1"
metric = "latency_s"
ratio  = {{ of = {{ batch = 8 }}, to = {{ batch = 1 }} }}
expect = "< 8"

[presets.quick]            # what `assay run` does unless told otherwise
rounds   = 7
budget_s = 60
[presets.paper]            # for the report: assay run … --preset paper
precision_target = 0.01
)",
      quoted_text(name), quoted_text(starting_worker(name)));
}

}  // namespace assay::cli
