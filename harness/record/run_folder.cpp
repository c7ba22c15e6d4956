#include "harness/record/run_folder.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>  // mkdir, fchmod
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <system_error>
#include <utility>

#include "harness/core/hash.hpp"
#include "harness/record/lines.hpp"

namespace assay::record {

namespace fs = std::filesystem;

namespace {

/// Closes a descriptor at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }

 private:
  int number_;
};

Error failure(const fs::path& file, std::string_view doing, int number) {
  return Error{fmt::format("{}: {}: {}", file.string(), doing, std::strerror(number))};
}

Result<Done> write_all(int descriptor, std::string_view text, const fs::path& file) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure(file, "cannot be written", errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return Done{};
}

/// A rename or a new entry is on the disk only when its folder is.
void sync_folder(const fs::path& folder) {
  const Descriptor directory(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() >= 0) ::fsync(directory.get());  // some network file systems can't; nothing depends on it
}

Result<std::string> random_hex(std::size_t bytes) {
  std::string random(bytes, '\0');
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    return Error{fmt::format("the system gives no random bytes: {}", std::strerror(errno))};
  }
  std::string hex;
  for (const char c : random) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return hex;
}

/// A name becomes a path below results/, with no way out of it: "name", or "suite/stem".
bool names_a_folder(std::string_view experiment) {
  if (experiment.find('\0') != std::string_view::npos) return false;
  int parts = 0;
  for (const fs::path& part : fs::path(experiment)) {
    if (part.empty() || part == "/" || part == "." || part == "..") return false;
    ++parts;
  }
  return parts == 1 || parts == 2;
}

struct Ledger {
  std::vector<Json> lines;
  std::uint64_t whole_bytes = 0;  // without a torn tail
};

Result<Ledger> read_ledger(const fs::path& file) {
  auto lines = Lines::open(file);
  if (!lines) return lines.error();
  Ledger ledger;
  while (const auto line = lines->next()) {
    auto entry = parse_json(*line);
    if (!entry) return Error{fmt::format("{}:{}: {}", file.string(), lines->number(), entry.error().message)};
    ledger.lines.push_back(*std::move(entry));
  }
  if (!lines->error().empty()) return Error{lines->error()};
  ledger.whole_bytes = lines->whole_bytes();
  return ledger;
}

/// Appends `line` in one write and puts it on the disk: from here on this run counts as started. Returns the
/// ledger's lines up to and with this one.
Result<std::vector<Json>> append_to_ledger(const fs::path& file, const Json& line) {
  const Descriptor out(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (out.get() < 0) return failure(file, "cannot be opened", errno);
  while (::flock(out.get(), LOCK_EX) != 0) {  // let go when `out` is closed
    if (errno != EINTR) return failure(file, "cannot be locked", errno);
  }
  auto before = read_ledger(file);
  if (!before) return before.error();
  // Nobody else writes now, so a torn tail is of a run that died before its first block.
  const off_t whole = static_cast<off_t>(before->whole_bytes);
  if (::ftruncate(out.get(), whole) != 0) return failure(file, "its torn last line cannot be cut off", errno);
  if (auto written = write_all(out.get(), canonical_json(line) + '\n', file); !written) {
    if (::ftruncate(out.get(), whole) != 0) return failure(file, "a line written in part cannot be cut off", errno);
    return written.error();
  }
  if (::fsync(out.get()) != 0) return failure(file, "cannot be put on the disk", errno);
  before->lines.push_back(line);
  return std::move(before->lines);
}

}  // namespace

Result<std::string> read_file(const fs::path& file, std::uintmax_t limit_bytes) {
  std::error_code ignored;
  if (fs::is_directory(file, ignored)) return Error{fmt::format("{}: is a folder, not a file", file.string())};
  const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (in.get() < 0) return failure(file, "cannot be read", errno);
  std::string text;
  for (;;) {
    constexpr std::size_t kPiece = std::size_t{64} << 10;
    const std::size_t before = text.size();
    text.resize(before + kPiece);
    const ssize_t got = ::read(in.get(), text.data() + before, kPiece);
    text.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure(file, "reading it failed", errno);
    if (got == 0) return text;
    if (text.size() > limit_bytes) {
      return Error{fmt::format("{}: more than {} bytes; this is not the file it should be", file.string(), limit_bytes)};
    }
  }
}

Result<Done> write_atomically(const fs::path& file, std::string_view text) {
  const auto suffix = random_hex(4);
  if (!suffix) return suffix.error();
  fs::path temporary = file;
  temporary += fmt::format(".{}.part", *suffix);
  const auto written = [&]() -> Result<Done> {
    const Descriptor out(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (out.get() < 0) return failure(file, "cannot be written", errno);
    if (const auto all = write_all(out.get(), text, file); !all) return all;
    struct stat replaced {};
    if (::stat(file.c_str(), &replaced) == 0) {
      // Somebody else's file, written by root, stays theirs; anybody but root can't give files away, and needn't.
      [[maybe_unused]] const int given = ::fchown(out.get(), replaced.st_uid, replaced.st_gid);
      if (::fchmod(out.get(), replaced.st_mode & 07777) != 0) return failure(file, "cannot keep its permissions", errno);
    }
    // Before the rename: else a crash could leave the new name on an empty file.
    if (::fsync(out.get()) != 0) return failure(file, "cannot be put on the disk", errno);
    if (::rename(temporary.c_str(), file.c_str()) != 0) return failure(file, "cannot be replaced", errno);
    return Done{};
  }();
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  sync_folder(file.parent_path());
  return Done{};
}

Result<NewRun> create_run_folder(const fs::path& results, std::string_view experiment, std::string_view experiment_text,
                                 std::string_view published_text, std::string_view preset) {
  if (!names_a_folder(experiment)) {
    return Error{fmt::format("experiment name '{}' is no name of a folder below results/; name it like \"ablation\" "
                             "or \"suite/ablation\"", experiment)};
  }
  const fs::path parent = results / experiment;
  std::error_code failed;
  fs::create_directories(parent, failed);
  if (failed) return Error{fmt::format("{}: cannot be created: {}", parent.string(), failed.message())};

  NewRun run;
  const std::tm now = fmt::gmtime(std::time(nullptr));
  constexpr int kAttempts = 8;  // a collision needs the same second and the same 32 random bits
  for (int attempt = 0;; ++attempt) {
    const auto hex = random_hex(4);
    if (!hex) return hex.error();
    run.folder = parent / fmt::format("{:%Y%m%dT%H%M%SZ}-{}", now, *hex);
    if (::mkdir(run.folder.c_str(), 0755) == 0) break;
    if (errno != EEXIST || attempt == kAttempts) return failure(run.folder, "cannot be created", errno);
  }
  for (const char* sub : {"outputs", "logs"}) {
    fs::create_directory(run.folder / sub, failed);
    if (failed) return Error{fmt::format("{}: cannot be created: {}", (run.folder / sub).string(), failed.message())};
  }
  if (const auto written = write_atomically(run.folder / "experiment.toml", experiment_text); !written) {
    return written.error();
  }
  if (!published_text.empty()) {
    const auto written = write_atomically(run.folder / "published.toml", published_text);
    if (!written) return written.error();
  }
  sync_folder(parent);
  auto ledger = append_to_ledger(parent / "ledger.jsonl", {{"run", run.folder.filename().string()},
                                                           {"experiment_sha256", sha256_hex(experiment_text)},
                                                           {"preset", preset},
                                                           {"started", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", now)}});
  if (!ledger) return ledger.error();
  run.ledger = *std::move(ledger);
  return run;
}

}  // namespace assay::record
