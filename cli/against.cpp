#include "cli/against.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unistd.h>

#include "cli/reference.hpp"
#include "harness/core/json.hpp"
#include "harness/run/file_lock.hpp"

namespace assay::cli {

namespace fs = std::filesystem;

namespace {

constexpr int kPilotRounds = 10;
constexpr double kShortestPilot_s = 3;
constexpr double kBudget_s = 60;
// Half-width over margin that lets TOST at 5 % call equal programs equivalent with 80 % power: 1.96 / (1.645 + 1.282).
constexpr double kHalfWidthOfMargin = 0.67;
constexpr std::size_t kShownHash = 12;

using Note = std::function<void(const std::string&)>;

/// A JSON text is a TOML text. (plan::toml_text is for messages: it shortens.)
std::string quoted(const std::string& text) { return OrderedJson(text).dump(-1, ' ', false, OrderedJson::error_handler_t::replace); }

/// A program of the experiment: its words, and where it runs, relative to the experiment's folder.
struct Started {
  std::vector<std::string> words;
  std::string folder;
};

std::vector<Started> all_started(const plan::Experiment& e) {
  std::vector<Started> all;
  for (const plan::WorkerSpec& worker : e.workers) all.push_back({worker.command, worker.folder});
  for (const plan::CommandSpec& command : e.commands) all.push_back({command.run, command.folder});
  return all;
}

/// A program file of the person's own.
struct OwnProgram {
  std::string word;  // as the command has it; relative to the experiment's folder if that is an absolute path below it
  fs::path file;
};

std::string words_shown(const std::vector<std::string>& words) { return fmt::format("'{}'", fmt::join(words, " ")); }

/// The files that its programs are, each once, relative to the experiment's folder where they lie below it.
Result<std::vector<OwnProgram>> own_programs(const plan::Experiment& e) {
  std::vector<OwnProgram> programs;
  const auto shells = std::any_of(e.commands.begin(), e.commands.end(), [](const plan::CommandSpec& c) { return !c.shell.empty(); });
  if (shells) return Error{"a command for a shell names no program file that could be kept; leave --shell out, or compare with a git revision"};
  for (const auto& [words, below] : all_started(e)) {
    const fs::path folder = e.folder / below;
    const auto at = program_word(words, folder);
    if (!at) {
      return Error{fmt::format("{} names no program file of yours in {}, only what is installed; write its path (./sort), or compare with a git revision",
                               words_shown(words), folder.lexically_normal().filename().string())};
    }
    fs::path word = words[*at];
    if (word.is_absolute()) {
      const fs::path relative = word.lexically_relative(e.folder);
      if (!relative.empty() && *relative.begin() != "..") word = relative;
    }
    const bool known = std::any_of(programs.begin(), programs.end(), [&](const OwnProgram& p) { return p.word == word.string(); });
    if (!known) programs.push_back({word.string(), folder / words[*at]});
  }
  if (programs.empty()) return Error{"the experiment names no program"};
  return programs;
}

/// `path` below the cache, as a text that holds for everybody.
std::string in_cache(const fs::path& path, const fs::path& cache) {
  return "{cache}/" + path.lexically_relative(cache).generic_string();
}

bool has_gate_preset(const plan::Experiment& plain) {
  return std::any_of(plain.presets.begin(), plain.presets.end(), [](const plan::Preset& p) { return p.name == "gate"; });
}

std::string presets_text(const AgainstWish& wish, const plan::Experiment& plain) {
  if (has_gate_preset(plain)) return "";
  std::string text = fmt::format("[presets.gate]\nrounds = {}\n", wish.rounds.value_or(kPilotRounds));
  if (!wish.rounds) text += fmt::format("min_s = {}\nprecision_target = {}\n", kShortestPilot_s, wish.precision.value_or(kHalfWidthOfMargin * wish.margin));
  return text + fmt::format("budget_s = {}\n", wish.budget_s.value_or(kBudget_s));
}

std::string program_table(const AgainstWish& wish, const std::string& shown, const KeptProgram& kept, const std::string& replaces, const fs::path& cache) {
  return fmt::format("\n[against]\nreference = {}\nprogram = {}\nreplaces = {}\nmargin = {}\n", quoted(shown), quoted(in_cache(kept.file, cache)),
                     quoted(replaces), wish.margin);
}

Result<AgainstTables> against_program(const AgainstWish& wish, const plan::Experiment& plain, const KeptProgram& kept, const fs::path& cache) {
  const auto programs = own_programs(plain);
  if (!programs) return programs.error();
  if (programs->size() > 1) {
    return Error{fmt::format("one kept program can stand in for one program only, but there are {} and {}; compare them one at a time, or with a git "
                             "revision", programs->at(0).word, programs->at(1).word)};
  }
  const std::string shown = fmt::format("{} {}", kept.file.filename().string(), kept.sha256.substr(0, kShownHash));
  return AgainstTables{program_table(wish, shown, kept, programs->front().word, cache) + presets_text(wish, plain), {}};
}

Result<Done> build_both(const AgainstWish& wish, const Repository& repository, const Checkout& checkout, const fs::path& here, const fs::path& log,
                        const run::InterruptFlag& interrupt, const Note& note) {
  if (wish.build.empty()) return Done{};
  const fs::path there = checkout.root / repository.below;
  if (!fs::is_directory(there)) {
    return Error{fmt::format("{} has no folder {}, where --build would run; run it from a folder that both have", wish.reference, repository.below.string())};
  }
  // A build is another run's noise, and another run's work would slow it.
  const auto quiet = run::lock_machine(interrupt, note);
  if (!quiet) return quiet.error();
  note(fmt::format("building {}: {}", wish.reference, wish.build));
  if (const auto built = build_in(there, wish.build, wish.reference, log, interrupt); !built) return built.error();
  note(fmt::format("building the {}: {}", plan::kWorkingTree, wish.build));
  fs::path own = log;
  own += ".working-tree";
  return build_in(here, wish.build, fmt::format("the {}", plan::kWorkingTree), own, interrupt);
}

Result<AgainstTables> against_revision(const AgainstWish& wish, const plan::Experiment& plain, const std::string& commit, const fs::path& cache,
                                     const run::InterruptFlag& interrupt, const Note& note) {
  std::error_code failure;
  const fs::path here = fs::current_path(failure);
  const auto around_here = Repository::around(here, interrupt);
  if (!around_here) return around_here.error();
  const auto around = Repository::around(plain.folder, interrupt);
  if (!around) return around.error();
  if (around->id != around_here->id) {
    return Error{fmt::format("the experiment's folder {} lies in another repository than this one; go there first", plain.folder.filename().string())};
  }
  auto checkout = check_out(*around, commit, cache, interrupt, note);
  if (!checkout) return checkout.error();
  note(fmt::format("the reference {} is {} in {}", wish.reference, commit.substr(0, kShownHash), checkout->root.string()));
  if (checkout->has_submodules) note("submodules are not checked out in the reference; a build that needs them must fetch them itself (git submodule update --init)");
  if (around->head == commit && !around->changed) note(fmt::format("{} is what the working tree was made from, and no tracked file differs", wish.reference));
  fs::path log = checkout->root;
  log += ".build.log";
  if (const auto built = build_both(wish, *around_here, *checkout, here, log, interrupt, note); !built) return built.error();
  if (!fs::is_directory(checkout->root / around->below)) {
    return Error{fmt::format("{} has no folder {}, where the work would run; compare with a revision that has it", wish.reference, around->below.string())};
  }
  // A program that the working tree has and the reference lacks would only be found missing in the rehearsal.
  for (const auto& [words, below] : all_started(plain)) {
    const auto at = program_word(words, plain.folder / below);
    if (!at || fs::path(words[*at]).is_absolute() || fs::exists(checkout->root / around->below / below / words[*at])) continue;
    return Error{fmt::format("{} has no {}; {}", wish.reference, words[*at],
                             wish.build.empty() ? "if it has to be built, say how by --build, e.g. --build make" : "the build didn't make it there")};
  }
  std::string text = fmt::format("\n[against]\nreference = {}\ncommit = {}\n", quoted(wish.reference), quoted(commit));
  if (!around->head.empty()) text += fmt::format("head = {}\nchanged = {}\n", quoted(around->head), around->changed);
  text += fmt::format("tree = {}\n", quoted(in_cache(checkout->root, cache)));
  if (!around->below.empty()) text += fmt::format("below = {}\n", quoted(around->below.generic_string()));
  text += fmt::format("margin = {}\n", wish.margin) + presets_text(wish, plain);
  return AgainstTables{std::move(text), std::move(checkout->lock)};
}

}  // namespace

Result<AgainstTables> against_tables(const AgainstWish& wish, const plan::Experiment& plain, const AllPlaces& places,
                                   const run::InterruptFlag& interrupt, const Note& note) {
  const fs::path& cache = places.plan.cache;
  if (has_gate_preset(plain) && (wish.rounds || wish.precision || wish.budget_s)) {
    return Error{"the experiment has a [presets.gate] of its own, which says how long; leave --rounds, --precision and --budget out"};
  }
  if (wish.rounds && wish.precision) return Error{"--rounds fixes how many, --precision finds out how many it takes; keep one"};
  if (cache.empty()) return Error{"the reference is kept in the user's cache folder, but neither XDG_CACHE_HOME nor HOME is set"};
  std::error_code failure;
  if (fs::is_regular_file(wish.reference, failure)) {
    if (!wish.build.empty()) return Error{fmt::format("--build builds a git revision, but {} is a file; leave it out", wish.reference)};
    if (::access(wish.reference.c_str(), X_OK) != 0) return Error{fmt::format("--against {}: that file can't be executed; name a program", wish.reference)};
    const auto kept = keep_program(wish.reference, cache);
    if (!kept) return kept.error();
    return against_program(wish, plain, *kept, cache);
  }
  const auto repository = Repository::around(plain.folder, interrupt);
  if (repository) {
    const auto commit = repository->commit_of(wish.reference, interrupt);
    if (!commit) return commit.error();
    if (*commit) return against_revision(wish, plain, **commit, cache, interrupt, note);
  }
  const auto kept = find_kept(wish.reference, cache);
  if (kept.size() == 1) {
    if (!wish.build.empty()) return Error{fmt::format("--build builds a git revision, but {} is a kept program; leave it out", wish.reference)};
    return against_program(wish, plain, kept.front(), cache);
  }
  if (kept.size() > 1) return Error{fmt::format("--against {}: {} kept programs begin so; give more digits", wish.reference, kept.size())};
  return Error{fmt::format("--against {}: no commit of this repository, no kept program whose hash begins so, and no file{}", wish.reference,
                           repository ? "; git log shows commits, `assay compare --keep -- 'cmd'` keeps a program" : fmt::format(" ({})", repository.error().message))};
}

Result<std::vector<std::string>> keep_programs(const plan::Experiment& experiment, const AllPlaces& places) {
  if (places.plan.cache.empty()) return Error{"programs are kept in the user's cache folder, but neither XDG_CACHE_HOME nor HOME is set"};
  const auto programs = own_programs(experiment);
  if (!programs) return programs.error();
  std::vector<std::string> sentences;
  for (const OwnProgram& program : *programs) {
    const auto kept = keep_program(program.file, places.plan.cache);
    if (!kept) return kept.error();
    sentences.push_back(fmt::format("{}  {}", kept->sha256, kept->file.filename().string()));
  }
  return sentences;
}

}  // namespace assay::cli
