#include "cli/reference.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/program.hpp"
#include "harness/core/ascii.hpp"
#include "harness/core/hash.hpp"
#include "harness/record/run_folder.hpp"

namespace assay::cli {

namespace fs = std::filesystem;

namespace {

constexpr double kGit_s = 600;     // a checkout of a large repository on a slow disk
constexpr double kBuild_s = 7200;
constexpr std::size_t kShortestPrefix = 6;

bool is_hex(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<ProgramEnd> git(const fs::path& folder, std::vector<std::string> words, const run::InterruptFlag& interrupt) {
  words.insert(words.begin(), "git");
  auto ended = run_program({.words = std::move(words), .folder = folder, .limit_s = kGit_s, .log = {}}, interrupt);
  if (!ended && ended.error().message == "there is no program git") {
    return Error{"git is not installed, and --against a revision needs it; apt-get install git, or compare with a program that was kept by --keep"};
  }
  return ended;
}

}  // namespace

Result<Repository> Repository::around(const fs::path& folder, const run::InterruptFlag& interrupt) {
  const auto top = git(folder, {"rev-parse", "--show-toplevel"}, interrupt);
  if (!top) return top.error();
  if (!top->ok()) {
    const std::string said = without_line_end(top->messages);
    if (said.find("not a git repository") != std::string::npos || said.find("work tree") != std::string::npos) {
      return Error{"this folder is in no working tree of git, so there is no revision to compare with; run it inside one, or compare with "
                   "a program that was kept by --keep"};
    }
    return Error{fmt::format("git refuses to read this repository:{}", last_lines(said))};
  }
  Repository repository;
  repository.root = without_line_end(top->output);
  std::error_code failure;
  repository.below = fs::relative(fs::canonical(folder, failure), fs::canonical(repository.root, failure), failure);
  if (repository.below == ".") repository.below.clear();
  const auto common = git(folder, {"rev-parse", "--git-common-dir"}, interrupt);
  if (!common) return common.error();
  repository.id = sha256_hex(fs::weakly_canonical(folder / without_line_end(common->output), failure).string()).substr(0, 16);
  const auto head = git(folder, {"rev-parse", "--verify", "--quiet", "HEAD^{commit}"}, interrupt);
  if (!head) return head.error();
  if (head->ok()) repository.head = without_line_end(head->output);
  const auto status = git(folder, {"status", "--porcelain", "--untracked-files=no"}, interrupt);
  if (!status) return status.error();
  repository.changed = !without_line_end(status->output).empty();
  return repository;
}

Result<std::optional<std::string>> Repository::commit_of(const std::string& revision, const run::InterruptFlag& interrupt) const {
  if (revision.starts_with('-')) return std::optional<std::string>();  // never an option of git's
  const auto parsed = git(root, {"rev-parse", "--verify", "--quiet", revision + "^{commit}"}, interrupt);
  if (!parsed) return parsed.error();
  const std::string commit = without_line_end(parsed->output);
  return parsed->ok() && is_hex(commit) ? std::optional(commit) : std::nullopt;
}

Result<run::FileLock> hold_references(const fs::path& tree, const run::InterruptFlag& interrupt, const std::function<void(const std::string&)>& note) {
  return run::FileLock::take(tree.parent_path() / "lock", "another gate uses this repository's reference", interrupt, note);
}

Result<Checkout> check_out(const Repository& repository, const std::string& commit, const fs::path& cache, const run::InterruptFlag& interrupt,
                           const std::function<void(const std::string&)>& note) {
  const fs::path home = cache / "references" / repository.id;
  std::error_code failure;
  fs::create_directories(home, failure);
  if (failure) return Error{fmt::format("{}: {}; set XDG_CACHE_HOME to a folder that can be written", home.string(), failure.message())};
  auto lock = hold_references(home / commit, interrupt, note);
  if (!lock) return lock.error();
  Checkout checkout{home / commit, false, *std::move(lock)};
  const auto there = fs::exists(checkout.root / ".git") ? git(checkout.root, {"rev-parse", "HEAD"}, interrupt) : Result<ProgramEnd>(ProgramEnd{.status = 1, .timed_out = false, .output = {}, .messages = {}});
  if (!there) return there.error();
  if (!there->ok() || without_line_end(there->output) != commit) {
    // What an interrupted checkout left, or what belonged to a repository that has moved.
    fs::remove_all(checkout.root, failure);
    // --force takes up an entry whose folder is gone; the person's other entries are none of ours. No hooks: they are the person's, for working trees that they work in.
    const auto added = git(repository.root, {"-c", "core.hooksPath=/dev/null", "worktree", "add", "--detach", "--force", checkout.root.string(), commit}, interrupt);
    if (!added || !added->ok()) {
      fs::remove_all(checkout.root, failure);
      if (!added) return added.error();
      return Error{fmt::format("git could not check out {}:{}", commit.substr(0, 12), last_lines(added->messages))};
    }
  }
  checkout.has_submodules = fs::exists(checkout.root / ".gitmodules");
  return checkout;
}

Result<Done> build_in(const fs::path& folder, const std::string& command, const std::string& whose, const fs::path& log,
                      const run::InterruptFlag& interrupt) {
  const auto ended = run_program({.words = {"/bin/sh", "-c", command}, .folder = folder, .limit_s = kBuild_s, .log = log}, interrupt);
  if (!ended) return ended.error();
  if (ended->ok()) return Done{};
  const auto said = record::read_file(log);
  return Error{fmt::format("the build of {} {}: {}{}\n    log: {}", whose, how_it_ended(*ended, kBuild_s), command,
                           said ? last_lines(*said) : "", log.string())};
}

Result<KeptProgram> keep_program(const fs::path& file, const fs::path& cache) {
  auto hash = sha256_of_file(file.string());
  if (!hash) return hash.error();
  KeptProgram kept{*hash, cache / "kept" / *hash / file.filename()};
  std::error_code failure;
  if (fs::exists(kept.file, failure)) return kept;
  fs::create_directories(kept.file.parent_path(), failure);
  // Beside its place and then renamed, so that a prefix never finds half a program.
  const fs::path part = kept.file.parent_path() / fmt::format(".{}", ::getpid());
  if (!failure) fs::copy_file(file, part, fs::copy_options::overwrite_existing, failure);
  if (!failure) fs::permissions(part, fs::status(file).permissions(), failure);
  if (!failure) fs::rename(part, kept.file, failure);
  if (failure) return Error{fmt::format("{} can't be kept in {}: {}", file.string(), kept.file.parent_path().string(), failure.message())};
  return kept;
}

std::vector<KeptProgram> find_kept(std::string_view prefix, const fs::path& cache) {
  std::vector<KeptProgram> found;
  if (prefix.size() < kShortestPrefix || !is_hex(prefix)) return found;
  std::error_code failure;
  for (const auto& folder : fs::directory_iterator(cache / "kept", failure)) {
    const std::string hash = folder.path().filename().string();
    if (!hash.starts_with(prefix)) continue;
    for (const auto& file : fs::directory_iterator(folder.path(), failure)) {
      if (file.is_regular_file() && !file.path().filename().string().starts_with('.')) found.push_back({hash, file.path()});
    }
  }
  // The same program kept under two names is one.
  std::sort(found.begin(), found.end(), [](const KeptProgram& a, const KeptProgram& b) { return a.file < b.file; });
  found.erase(std::unique(found.begin(), found.end(), [](const KeptProgram& a, const KeptProgram& b) { return a.sha256 == b.sha256; }), found.end());
  return found;
}

std::optional<std::size_t> program_word(const std::vector<std::string>& words, const fs::path& folder) {
  std::error_code failure;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].empty() || words[i].starts_with('-')) continue;
    // A program without '/' is looked for on PATH, never in the folder.
    if (i == 0 && words[i].find('/') == std::string::npos) continue;
    const bool is_own = fs::path(words[i]).is_relative() || i == 0;
    if (is_own && fs::is_regular_file(folder / words[i], failure)) return i;
  }
  return std::nullopt;
}

}  // namespace assay::cli
