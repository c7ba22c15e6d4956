// What a gate compares with: the tree of a git revision, checked out into the user's cache, or a program that was kept there.
//
//     cache/references/<repository>/<commit>/       a worktree of that commit, made once and built where it lies
//     cache/kept/<SHA-256>/<name>                   a program file, by its content
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/run/file_lock.hpp"
#include "harness/run/interrupt.hpp"

namespace assay::cli {

/// The git repository around a folder.
struct Repository {
  std::filesystem::path root;    // of its working tree
  std::filesystem::path below;   // `folder` seen from there; may be empty
  std::string id;                // 16 hex digits of its git folder's path: names it in the cache
  std::string head;              // the commit that is checked out; empty before the first one
  bool changed = false;          // tracked files differ from it

  /// An Error if git isn't installed or `folder` lies in no working tree.
  static Result<Repository> around(const std::filesystem::path& folder, const run::InterruptFlag& interrupt);

  /// The 40 (or 64) hex digits of the commit that `revision` means; nullopt if it means none.
  Result<std::optional<std::string>> commit_of(const std::string& revision, const run::InterruptFlag& interrupt) const;
};

/// A commit's tree in the cache.
struct Checkout {
  std::filesystem::path root;
  bool has_submodules = false;  // which are not checked out
  run::FileLock lock;           // as hold_references() gives it
};

/// Two gates of one repository must not check out, build or measure in its references at once: to be held until the gate is over. `tree` is
/// a Checkout's root. As FileLock::take().
Result<run::FileLock> hold_references(const std::filesystem::path& tree, const run::InterruptFlag& interrupt,
                                      const std::function<void(const std::string&)>& note);

/// Reuses the one that is there. The repository gets a worktree entry, as `git worktree list` shows; its files stay as they are.
Result<Checkout> check_out(const Repository& repository, const std::string& commit, const std::filesystem::path& cache,
                           const run::InterruptFlag& interrupt, const std::function<void(const std::string&)>& note = [](const std::string&) {});

/// Runs `command` by /bin/sh in `folder`; `whose` ("HEAD~1") begins the message of a failure, which ends with its last lines.
Result<Done> build_in(const std::filesystem::path& folder, const std::string& command, const std::string& whose,
                      const std::filesystem::path& log, const run::InterruptFlag& interrupt);

/// A program file in the cache.
struct KeptProgram {
  std::string sha256;
  std::filesystem::path file;
};

/// Copies `file` there unless its content is there already, executable as it was.
Result<KeptProgram> keep_program(const std::filesystem::path& file, const std::filesystem::path& cache);

/// Those whose hash begins with `prefix`, of at least 6 hexadecimal digits. Empty if it is none or there are none.
std::vector<KeptProgram> find_kept(std::string_view prefix, const std::filesystem::path& cache);

/// Index of the word of a command that is a program file of the user's own: the program, if it is given with a '/', else the first
/// argument that names a file below `folder`. In "python3 eval.py" it is eval.py, in "./sort 100" ./sort. Nullopt: there is none.
std::optional<std::size_t> program_word(const std::vector<std::string>& words, const std::filesystem::path& folder);

}  // namespace assay::cli
