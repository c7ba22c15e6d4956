#include "reports/git.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <system_error>

#include "harness/core/printable.hpp"
#include "reports/program.hpp"
#include "reports/temporary_folder.hpp"

namespace assay::reports {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 10> kReaders{"cat-file", "diff-tree", "for-each-ref", "log",      "ls-tree",
                                                    "rev-list", "rev-parse", "shortlog",     "show",     "show-ref"};
constexpr std::size_t kLongestReference = 4096;  // bytes of a file below refs/
constexpr int kDeepestReference = 32;

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() == fs::file_type::regular;
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() == fs::file_type::directory;
}

Error refuse(const fs::path& repository, const std::string& why) {
  return Error{fmt::format("{}: {}", printable(repository.string()), why)};
}

/// Where its objects and references are.
Result<fs::path> git_folder(const fs::path& repository) {
  const fs::path inside = repository / ".git";
  if (is_folder(inside)) return inside;
  if (is_file(inside)) return refuse(repository, ".git points to another place (a linked working tree or a submodule); look at a clone of its own");
  const bool is_bare = is_file(repository / "HEAD") && is_folder(repository / "objects") && is_folder(repository / "refs");
  if (is_bare) return repository;
  return refuse(repository, "is no git repository; clone it with its history (git clone)");
}

/// A regular file of at most `most` bytes, as it is.
Result<std::string> text_of(const fs::path& file, std::size_t most) {
  std::ifstream in(file, std::ios::binary);
  std::string text(most + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, in.gcount())));
  if (in.bad() || (!in.is_open())) return Error{"can't be read"};
  if (text.size() > most) return Error{"is too long"};
  return text;
}

Result<Done> write(const fs::path& file, const std::string& text) {
  std::error_code failed;
  fs::create_directories(file.parent_path(), failed);
  std::ofstream out(file, std::ios::binary);
  out << text;
  return out.good() && !failed ? Result<Done>(Done{}) : Error{fmt::format("{}: can't be written", file.string())};
}

/// Copies a repository's references into a folder of ours that is a repository without configuration.
class BorrowedRepository {
public:
  BorrowedRepository(const fs::path& from, const fs::path& to, const GitLimits& limits)
      : from_(from), to_(to), limits_(limits) {}

  Result<Done> borrow() {
    for (const char* name : {"objects", "refs"}) {
      if (!is_folder(from_ / name)) return refuse(from_, fmt::format("{} is no folder", name));
      std::error_code ignored;
      fs::create_directories(to_ / name, ignored);
    }
    if (!is_file(from_ / "HEAD")) return refuse(from_, "HEAD is no file");
    if (auto done = copy("HEAD", kLongestReference); !done) return done;
    for (const char* name : {"packed-refs", "shallow"}) {
      if (!is_file(from_ / name)) continue;
      if (auto done = copy(name, limits_.bytes); !done) return done;
    }
    if (auto done = copy_references("refs", 0); !done) return done;
    // With hashes of 64 digits a repository must say so.
    return write(to_ / "config", sha256_ ? "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n"
                                         : "[core]\n\trepositoryformatversion = 0\n\tbare = true\n");
  }

private:
  Result<Done> copy(const fs::path& name, std::size_t most) {
    const auto text = text_of(from_ / name, most);
    if (!text) return refuse(from_, fmt::format("{} {}", printable(name.string()), text.error().message));
    notice_format(*text);
    return write(to_ / name, *text);
  }

  /// The first word of the first line that is no comment: a hash has 40 digits or 64.
  void notice_format(const std::string& text) {
    const std::size_t begin = text.starts_with('#') ? std::min(text.find('\n'), text.size() - 1) + 1 : 0;
    const std::size_t digits = text.find_first_not_of("0123456789abcdef", begin);
    if ((digits == std::string::npos ? text.size() : digits) - begin == 64) sha256_ = true;
  }

  Result<Done> copy_references(const fs::path& below, int depth) {
    if (depth > kDeepestReference) return refuse(from_, "its references are nested too deeply");
    std::error_code failed;
    for (fs::directory_iterator entry(from_ / below, failed), end; !failed && entry != end; entry.increment(failed)) {
      const fs::path name = below / entry->path().filename();
      if (++references_ > limits_.references) return refuse(from_, fmt::format("has more than {} references", limits_.references));
      if (is_folder(from_ / name)) {
        if (auto done = copy_references(name, depth + 1); !done) return done;
      } else if (is_file(from_ / name)) {
        if (auto done = copy(name, kLongestReference); !done) return done;
      } else {
        return refuse(from_, fmt::format("{} is a link or a device", printable(name.string())));
      }
    }
    return Done{};
  }

  const fs::path& from_;
  const fs::path& to_;
  const GitLimits& limits_;
  std::size_t references_ = 0;
  bool sha256_ = false;
};

std::string path_variable() {
  const char* path = std::getenv("PATH");
  return fmt::format("PATH={}", path ? path : "/usr/bin:/bin");
}

/// Whatever git could be told from outside, said before anybody else can.
std::vector<std::string> environment_for(const fs::path& folder, const fs::path& objects) {
  return {path_variable(),
          "HOME=" + folder.string(),
          "XDG_CONFIG_HOME=" + folder.string(),
          "LC_ALL=C",
          "TZ=UTC",
          "GIT_DIR=" + folder.string(),
          "GIT_OBJECT_DIRECTORY=" + objects.string(),
          "GIT_CONFIG_NOSYSTEM=1",
          "GIT_CONFIG_GLOBAL=/dev/null",
          "GIT_ATTR_NOSYSTEM=1",
          "GIT_NO_REPLACE_OBJECTS=1",
          "GIT_NO_LAZY_FETCH=1",
          "GIT_ALLOW_PROTOCOL=",
          "GIT_TERMINAL_PROMPT=0",
          "GIT_OPTIONAL_LOCKS=0",
          "GIT_PAGER=cat"};
}

}  // namespace

Result<std::string> git_read(const fs::path& repository, const std::vector<std::string>& arguments, const GitLimits& limits) {
  if (arguments.empty() || std::find(kReaders.begin(), kReaders.end(), arguments.front()) == kReaders.end()) {
    return Error{fmt::format("git {} does more than read", arguments.empty() ? "" : arguments.front())};
  }
  const auto from = git_folder(repository);
  if (!from) return from.error();
  const TemporaryFolder ours("git");
  if (ours.path().empty()) return Error{"no temporary folder can be made for git; set TMPDIR to a folder that can be written"};
  std::error_code ignored;
  const fs::path absolute = fs::absolute(*from, ignored);
  if (auto borrowed = BorrowedRepository(absolute, ours.path(), limits).borrow(); !borrowed) return borrowed.error();

  ProgramCall call;
  // Beside what is not there to be read, what each of these would mean if it were.
  call.words = {"git", "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.attributesFile=/dev/null",
                "-c", "log.showSignature=false", "-c", "protocol.allow=never", "-c", "diff.external=", arguments.front()};
  for (const std::string_view verb : {"log", "show", "diff-tree"}) {
    if (arguments.front() == verb) call.words.insert(call.words.end(), {"--no-ext-diff", "--no-textconv"});
  }
  call.words.insert(call.words.end(), arguments.begin() + 1, arguments.end());
  call.folder = ours.path();
  call.environment = environment_for(ours.path(), absolute / "objects");
  call.limit_s = limits.seconds;
  call.most_bytes = limits.bytes;
  auto answer = call_program(call);
  if (!answer) return Error{answer.error().message + "; apt-get install git"};
  if (!answer->ok()) return refuse(repository, printable(answer->failure("git " + arguments.front())));
  return std::move(answer->output);
}

}  // namespace assay::reports
