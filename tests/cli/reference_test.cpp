// References: revisions of a repository that the test makes, and programs that are kept by their content.
#include "cli/reference.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/program.hpp"
#include "harness/record/run_folder.hpp"
#include "tests/catch.hpp"

using namespace assay;
using namespace assay::cli;
namespace fs = std::filesystem;

namespace {

const run::InterruptFlag kNever{};

class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "assay-reference-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  fs::path operator/(const std::string& name) const { return folder_ / name; }
  const fs::path& folder() const { return folder_; }

 private:
  fs::path folder_;
};

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

std::string text_of(const fs::path& file) {
  const auto text = record::read_file(file);
  return text ? *text : "unreadable";
}

/// Output of git, without the person's own settings.
std::string git(const fs::path& folder, std::vector<std::string> words) {
  words.insert(words.begin(), {"git", "-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"});
  const auto ended = run_program({.words = words, .folder = folder, .limit_s = 60, .log = {}}, kNever);
  REQUIRE(ended);
  INFO(ended->messages);
  REQUIRE(ended->ok());
  return ended->output.substr(0, ended->output.find('\n'));
}

bool has_git() {
  const auto ended = run_program({.words = {"git", "--version"}, .folder = "/", .limit_s = 60, .log = {}}, kNever);
  return ended && ended->ok();
}

}  // namespace

TEST_CASE("a revision is checked out into the cache once, and the working tree stays as it is") {
  if (!has_git()) {
    WARN("SKIPPED: git is not installed");
    return;
  }
  const Scratch scratch;
  const fs::path repo = scratch / "repo";
  write(repo / "below/value.txt", "one");
  git(repo, {"init", "-q"});
  git(repo, {"add", "-A"});
  git(repo, {"commit", "-qm", "one"});
  const std::string first = git(repo, {"rev-parse", "HEAD"});
  write(repo / "below/value.txt", "two");
  git(repo, {"commit", "-qam", "two"});
  write(repo / "below/value.txt", "three");
  write(repo / "built.o", "untracked");

  const auto repository = Repository::around(repo / "below", kNever);
  REQUIRE(repository);
  CHECK(repository->below == "below");
  CHECK(repository->changed);
  CHECK(repository->id.size() == 16);
  CHECK(repository->head == git(repo, {"rev-parse", "HEAD"}));
  const auto commit = repository->commit_of("HEAD~1", kNever);
  REQUIRE(commit);
  REQUIRE(*commit == first);
  CHECK_FALSE(**repository->commit_of("HEAD", kNever) == first);
  for (const char* none : {"HEAD~7", "nobody", "--help", ""}) {
    INFO(none);
    CHECK_FALSE(*repository->commit_of(none, kNever));
  }

  const auto checked_out = [&] {
    const auto checkout = check_out(*repository, first, scratch / "cache", kNever);
    REQUIRE(checkout);
    CHECK_FALSE(checkout->has_submodules);
    return checkout->root;
  };
  const fs::path root = checked_out();
  CHECK(text_of(root / "below/value.txt") == "one");
  CHECK(text_of(repo / "below/value.txt") == "three");
  CHECK(text_of(repo / "built.o") == "untracked");

  // What was built there is still there the next time; what an interrupted checkout left is made anew.
  write(root / "built.o", "built");
  CHECK(checked_out() == root);
  CHECK(text_of(root / "built.o") == "built");
  fs::remove(root / ".git");
  checked_out();
  CHECK_FALSE(fs::exists(root / "built.o"));
  CHECK(text_of(root / "below/value.txt") == "one");

  // In a hook git names the repository that the hook runs for.
  ::setenv("GIT_DIR", "/nowhere", 1);
  ::setenv("GIT_INDEX_FILE", "/nowhere/index", 1);
  const auto in_hook = Repository::around(repo / "below", kNever);
  ::unsetenv("GIT_DIR");
  ::unsetenv("GIT_INDEX_FILE");
  REQUIRE(in_hook);
  CHECK(in_hook->id == repository->id);
}

TEST_CASE("a gate leaves other worktrees alone and keeps the reference to itself until it is over") {
  if (!has_git()) {
    WARN("SKIPPED: git is not installed");
    return;
  }
  const Scratch scratch;
  const fs::path repo = scratch / "repo";
  write(repo / "value.txt", "one");
  git(repo, {"init", "-q"});
  git(repo, {"add", "-A"});
  git(repo, {"commit", "-qm", "one"});
  git(repo, {"worktree", "add", "-q", "--detach", (scratch / "disk").string()});
  fs::rename(scratch / "disk", scratch / "unplugged");
  const auto repository = Repository::around(repo, kNever);
  REQUIRE(repository);
  const auto first = check_out(*repository, repository->head, scratch / "cache", kNever);
  REQUIRE(first);
  CHECK(fs::exists(repo / ".git/worktrees/disk/index"));

  run::InterruptFlag stop{false};
  std::vector<std::string> told;
  const auto stop_at_once = [&](const std::string& sentence) {
    told.push_back(sentence);
    stop = true;
  };
  CHECK_FALSE(check_out(*repository, repository->head, scratch / "cache", stop, stop_at_once));
  stop = false;
  CHECK_FALSE(assay::cli::hold_references(first->root, stop, stop_at_once));  // of a gate that is resumed
  CHECK(told == std::vector<std::string>(2, "waiting: another gate uses this repository's reference"));
}

TEST_CASE("outside of a repository there is one message") {
  if (!has_git()) {
    WARN("SKIPPED: git is not installed");
    return;
  }
  const Scratch scratch;
  ::setenv("GIT_CEILING_DIRECTORIES", scratch.folder().parent_path().c_str(), 1);
  const auto repository = Repository::around(scratch.folder(), kNever);
  REQUIRE_FALSE(repository);
  CHECK_THAT(repository.error().message, Catch::Matchers::ContainsSubstring("in no working tree of git"));
}

TEST_CASE("a build that fails says in which tree, how, and with its last lines") {
  const Scratch scratch;
  const auto built = build_in(scratch.folder(), "echo made > file; echo well >&2", "HEAD~1", scratch / "log", kNever);
  REQUIRE(built);
  CHECK(text_of(scratch / "file") == "made\n");
  const auto failed = build_in(scratch.folder(), "echo compiling; echo 'x.c: no such thing' >&2; exit 7", "HEAD~1", scratch / "log", kNever);
  REQUIRE_FALSE(failed);
  CHECK_THAT(failed.error().message, Catch::Matchers::ContainsSubstring("the build of HEAD~1 ended with status 7"));
  CHECK_THAT(failed.error().message, Catch::Matchers::ContainsSubstring("    | compiling\n    | x.c: no such thing\n"));
}

TEST_CASE("a program past its time is killed with its children") {
  const Scratch scratch;
  const auto ended = run_program({.words = {"sh", "-c", "sleep 60 & echo here; wait"}, .folder = scratch.folder(), .limit_s = 3, .log = {}}, kNever);
  REQUIRE(ended);
  CHECK(ended->timed_out);
  CHECK_FALSE(ended->ok());
  CHECK(ended->output == "here\n");
  const auto none = run_program({.words = {"no-such-program-anywhere"}, .folder = scratch.folder(), .limit_s = 1, .log = {}}, kNever);
  REQUIRE_FALSE(none);
  CHECK(none.error().message == "there is no program no-such-program-anywhere");
}

TEST_CASE("a program is kept by its content and found by the first digits of its hash") {
  const Scratch scratch;
  write(scratch / "sort", "#!/bin/sh\necho sorted\n");
  fs::permissions(scratch / "sort", fs::perms::owner_all);
  const auto kept = keep_program(scratch / "sort", scratch / "cache");
  REQUIRE(kept);
  CHECK(kept->file.filename() == "sort");
  CHECK(text_of(kept->file) == text_of(scratch / "sort"));
  CHECK(::access(kept->file.c_str(), X_OK) == 0);
  fs::copy_file(scratch / "sort", scratch / "old");
  REQUIRE(keep_program(scratch / "old", scratch / "cache"));  // the same under another name is the same
  write(scratch / "sort", "other");
  const auto found = find_kept(kept->sha256.substr(0, 8), scratch / "cache");
  REQUIRE(found.size() == 1);
  CHECK(found[0].sha256 == kept->sha256);
  CHECK(find_kept(kept->sha256.substr(0, 5), scratch / "cache").empty());
  CHECK(find_kept("zzzzzzzz", scratch / "cache").empty());
  CHECK(find_kept("12345678", scratch / "nowhere").empty());
  CHECK_FALSE(keep_program(scratch / "absent", scratch / "cache"));
}

TEST_CASE("the program of a command is its own file, not what is installed") {
  const Scratch scratch;
  write(scratch / "eval.py", "");
  write(scratch / "bin/sort", "");
  CHECK(program_word({"python3", "eval.py", "--n", "3"}, scratch.folder()) == 1U);
  CHECK(program_word({"bin/sort", "eval.py"}, scratch.folder()) == 0U);
  CHECK(program_word({(scratch / "bin/sort").string()}, scratch.folder()) == 0U);
  CHECK_FALSE(program_word({"eval.py"}, scratch.folder()));  // a word without '/' is looked for on PATH
  CHECK_FALSE(program_word({"sleep", "1"}, scratch.folder()));
  CHECK_FALSE(program_word({}, scratch.folder()));
}
