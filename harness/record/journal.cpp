#include "harness/record/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "harness/record/block_line.hpp"
#include "harness/record/chain.hpp"
#include "harness/record/lines.hpp"

namespace assay::record {

struct Journal::State {
  std::filesystem::path file;
  int descriptor;
  Chain chain;
  std::uint64_t length;     // bytes of whole lines
  std::uint64_t bytes_cut;

  State(std::filesystem::path path, int fd, Chain start, std::uint64_t whole, std::uint64_t cut)
      : file(std::move(path)), descriptor(fd), chain(std::move(start)), length(whole), bytes_cut(cut) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { ::close(descriptor); }
};

namespace {

Error failure(const std::filesystem::path& file, std::string_view doing, int number) {
  return Error{fmt::format("{}: {}: {}", file.string(), doing, std::strerror(number))};
}

/// Why a line is not in the journal, and what to do about it.
Error unwritten(const std::filesystem::path& file, int number) {
  const bool full = number == ENOSPC || number == EDQUOT || number == EFBIG;
  const std::string why = full ? std::string("no space left on the device") : std::string(std::strerror(number));
  const std::string remedy = full ? "free some and go on with" : "mend that and go on with";
  return Error{fmt::format("{}: {}; {} --resume {}", file.string(), why, remedy,
                           file.parent_path().filename().string())};
}

struct Verified {
  Chain chain;
  std::uint64_t whole_bytes;
  std::uint64_t torn_bytes;
};

/// Reads a journal from its first to its last line and verifies the chain; constant memory.
Result<Verified> verify(const std::filesystem::path& file) {
  auto chain = Chain::from_experiment(file.parent_path() / "experiment.toml");
  if (!chain) return chain.error();
  auto lines = Lines::open(file);
  if (!lines) return lines.error();
  ParsedLine parsed;
  while (const auto line = lines->next()) {
    auto ok = parse_line(*line, parsed);
    if (ok) ok = chain->accept(*line, parsed.envelope.seq, parsed.envelope.prev);
    if (!ok) return Error{fmt::format("{}:{}: {}", file.string(), lines->number(), ok.error().message)};
  }
  if (!lines->error().empty()) return Error{lines->error()};
  return Verified{*std::move(chain), lines->whole_bytes(), lines->torn_bytes()};
}

}  // namespace

Journal::Journal(std::unique_ptr<State> state) : state_(std::move(state)) {}
Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;
Journal::~Journal() = default;

Result<Journal> Journal::create(const std::filesystem::path& file) {
  auto chain = Chain::from_experiment(file.parent_path() / "experiment.toml");
  if (!chain) return chain.error();
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor < 0) return failure(file, "cannot be created", errno);
  return Journal(std::make_unique<State>(file, descriptor, *std::move(chain), 0, 0));
}

Result<Journal> Journal::reopen(const std::filesystem::path& file) {
  auto verified = verify(file);
  if (!verified) return verified.error();
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor < 0) return failure(file, "cannot be continued", errno);
  auto state = std::make_unique<State>(file, descriptor, std::move(verified->chain), verified->whole_bytes,
                                       verified->torn_bytes);
  if (verified->torn_bytes > 0 && ::ftruncate(descriptor, static_cast<off_t>(verified->whole_bytes)) != 0) {
    return failure(file, "its torn last line cannot be cut off", errno);
  }
  return Journal(std::move(state));
}

Result<Done> Journal::append(Json fields) {
  State& s = *state_;
  fields["seq"] = s.chain.seq();
  fields["prev"] = s.chain.prev();
  std::string line = canonical_json(fields);
  line += '\n';
  ssize_t written = 0;
  do {
    written = ::write(s.descriptor, line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  if (written != static_cast<ssize_t>(line.size())) {
    // A short write means that the rest had no room; asking again would only return that error.
    const int why = written < 0 ? errno : ENOSPC;
    if (written > 0 && ::ftruncate(s.descriptor, static_cast<off_t>(s.length)) != 0) {
      return failure(s.file, "a line was written in part and cannot be cut off", errno);
    }
    return unwritten(s.file, why);
  }
  s.length += line.size();
  s.chain.extend(std::string_view(line).substr(0, line.size() - 1));
  return Done{};
}

Result<Done> Journal::sync() {
  if (::fdatasync(state_->descriptor) != 0) return unwritten(state_->file, errno);
  return Done{};
}

std::uint64_t Journal::next_seq() const { return state_->chain.seq(); }
std::uint64_t Journal::bytes_cut() const { return state_->bytes_cut; }

Result<Done> check_chain(const std::filesystem::path& file) {
  const auto verified = verify(file);
  if (!verified) return verified.error();
  return Done{};
}

}  // namespace assay::record
