#include "cli/course_checkout.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <system_error>

#include "cli/own_git.hpp"
#include "cli/temporary_folder.hpp"
#include "harness/core/printable.hpp"

namespace assay::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kShownChanges = 5;

Result<Done> check_path(const std::string& path) {
  if (const auto problem = reports::path_problem(path, {})) return Error{fmt::format("--path {} {}", printable(path), *problem)};
  for (const fs::path& part : fs::path(path)) {
    if (part.string().starts_with(".git")) return Error{fmt::format("--path {}: {} belongs to git", path, part.string())};
  }
  return Done{};
}

Result<Done> check_clean(const OwnRepository& course) {
  const auto changes = course.changes({});
  if (!changes) return changes.error();
  if (changes->empty()) return Done{};
  std::string listed;
  for (std::size_t i = 0; i < changes->size() && i < kShownChanges; ++i) listed += "\n  " + printable((*changes)[i]);
  return Error{fmt::format("{} has changes of its own; commit or stash them first:{}", course.root().string(), listed)};
}

Result<Done> check_other(const OwnRepository& course, const fs::path& project) {
  const auto own = OwnRepository::around(project);
  if (own && own->storage() == course.storage()) {
    return Error{fmt::format("{} is the project's own repository; name a checkout of the course's", course.root().string())};
  }
  return Done{};
}

/// A tree like HEAD's with the files at `path`, in a temporary index.
class TreeMaker {
 public:
  TreeMaker(const OwnRepository& course, const CourseWish& wish) : course_(course), wish_(wish), scratch_("submit") {}

  Result<std::string> tree() {
    if (scratch_.path().empty()) return Error{"no temporary folder can be made; set TMPDIR to a folder that can be written"};
    const auto hashes = hash_files();
    if (!hashes) return hashes.error();
    if (const auto read = git({"read-tree", "HEAD"}); !read) return read.error();
    if (const auto gone = git({"rm", "-r", "--cached", "--quiet", "--force", "--ignore-unmatch", "--", wish_.path}); !gone) return gone.error();
    std::string entries;
    for (std::size_t i = 0; i < wish_.files.size(); ++i) {
      std::error_code ignored;
      const bool can_run = (fs::status(wish_.files[i].file, ignored).permissions() & fs::perms::owner_exec) != fs::perms::none;
      entries += fmt::format("{} {}\t{}/{}\n", can_run ? "100755" : "100644", (*hashes)[i], wish_.path, wish_.files[i].path);
    }
    const auto list = scratch("entries", entries);
    if (!list) return list.error();
    if (const auto added = git({"update-index", "--index-info"}, *list); !added) return added.error();
    return git({"write-tree"});
  }

  Result<std::string> commit(const std::string& tree, const std::string& parent) {
    const auto message = scratch("message", wish_.message + "\n");
    if (!message) return message.error();
    return git({"commit-tree", tree, "-p", parent, "-F", message->string()});
  }

 private:
  Result<std::string> git(std::vector<std::string> words, const fs::path& input = {}) {
    OwnRepository::Run run{std::move(words), input, {{"GIT_INDEX_FILE", (scratch_.path() / "index").string()}}};
    if (!wish_.date.empty()) {
      for (const char* name : {"GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"}) run.environment.emplace_back(name, "@" + wish_.date + " +0000");
    }
    return course_.run(run);
  }

  Result<fs::path> scratch(const char* name, const std::string& text) {
    const fs::path file = scratch_.path() / name;
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out) return Error{fmt::format("{}: can't be written", file.string())};
    return file;
  }

  /// Their contents become objects, byte for byte: no filter of anybody's changes them.
  Result<std::vector<std::string>> hash_files() {
    std::string paths;
    for (const reports::ArchivedFile& file : wish_.files) {
      const std::string path = fs::absolute(file.file).string();
      if (path.find('\n') != std::string::npos) return Error{fmt::format("{}: has an end of line in its path", printable(path))};
      paths += path + "\n";
    }
    const auto list = scratch("paths", paths);
    if (!list) return list.error();
    const auto printed = git({"hash-object", "-w", "--no-filters", "--stdin-paths"}, *list);
    if (!printed) return printed.error();
    std::vector<std::string> hashes;
    std::istringstream lines(*printed);
    for (std::string line; std::getline(lines, line);) hashes.push_back(line);
    if (hashes.size() != wish_.files.size()) return Error{"git hash-object answered for another number of files"};
    return hashes;
  }

  const OwnRepository& course_;
  const CourseWish& wish_;
  TemporaryFolder scratch_;
};

std::string remote_of(const OwnRepository& course) {
  const auto remotes = course.run({{"remote"}, {}, {}});
  const std::string first = remotes ? remotes->substr(0, remotes->find('\n')) : "";
  return first.empty() ? "origin" : first;
}

}  // namespace

Result<CourseCommit> commit_into(const fs::path& checkout, const CourseWish& wish) {
  if (const auto fine = check_path(wish.path); !fine) return fine.error();
  const auto course = OwnRepository::around(checkout);
  if (!course) return course.error();
  if (const auto fine = check_other(*course, wish.project); !fine) return fine.error();
  if (const auto fine = check_clean(*course); !fine) return fine.error();
  const auto head = course->run({{"rev-parse", "--verify", "HEAD^{commit}"}, {}, {}});
  if (!head) return Error{fmt::format("{} has no commit yet; pull the course's repository first", course->root().string())};
  const std::string reference = "refs/heads/" + wish.branch;
  if (const auto fine = course->run({{"check-ref-format", reference}, {}, {}}); !fine) {
    return Error{fmt::format("'{}' is no name for a branch; give another by --branch", printable(wish.branch))};
  }

  TreeMaker maker(*course, wish);
  const auto tree = maker.tree();
  if (!tree) return tree.error();
  CourseCommit made{"", remote_of(*course), false};
  if (const auto there = course->run({{"rev-parse", "--verify", "--quiet", reference + "^{tree}"}, {}, {}}); there) {
    if (*there != *tree) {
      return Error{fmt::format("the branch {} is there already, with other content; push or delete it first (git -C {} branch -D {}), or name "
                               "another by --branch",
                               wish.branch, course->root().string(), wish.branch)};
    }
    made.commit = *course->run({{"rev-parse", reference}, {}, {}});
    made.was_there = true;
    return made;
  }
  const auto commit = maker.commit(*tree, *head);
  if (!commit) return commit.error();
  // Made only if nobody made it meanwhile.
  const std::string none(head->size(), '0');
  if (const auto set = course->run({{"update-ref", reference, *commit, none}, {}, {}}); !set) return set.error();
  made.commit = *commit;
  return made;
}

}  // namespace assay::cli
