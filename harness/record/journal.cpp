#include "harness/record/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "harness/record/block_line.hpp"
#include "harness/record/chain.hpp"
#include "harness/record/lines.hpp"
#include "harness/record/seal.hpp"

namespace assay::record {

struct Journal::State {
  std::filesystem::path file;
  int descriptor;
  Chain chain;
  std::uint64_t length;     // bytes of whole lines
  std::uint64_t bytes_cut;  // by reopen()
  bool torn = false;        // a line written in part stands behind `length`

  State(std::filesystem::path path, int fd, Chain start, std::uint64_t whole, std::uint64_t cut)
      : file(std::move(path)), descriptor(fd), chain(std::move(start)), length(whole), bytes_cut(cut) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { ::close(descriptor); }

  /// Makes the file end with its last whole line; false, with errno, if it can't.
  bool cut() {
    torn = ::ftruncate(descriptor, static_cast<off_t>(length)) != 0;
    return !torn;
  }
};

namespace {

Error failure(const std::filesystem::path& file, std::string_view doing, int number) {
  return Error{fmt::format("{}: {}: {}", file.string(), doing, std::strerror(number))};
}

/// Why a line is not in the journal, and what to do about it.
Error unwritten(const std::filesystem::path& file, int number) {
  std::string why;
  switch (number) {
    case ENOSPC: why = "no space left on the device; free some"; break;
    case EDQUOT: why = "the disk quota is used up; free some"; break;
    case EFBIG: why = "the limit on a file's size is reached (ulimit -f); raise it"; break;
    default: why = fmt::format("{}; mend that", std::strerror(number));
  }
  return Error{fmt::format("{}: {} and go on with --resume {} (what was journalled so far is whole)", file.string(),
                           why, file.parent_path().filename().string())};
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
  if (verified->torn_bytes > 0 && !state->cut()) return failure(file, "its torn last line cannot be cut off", errno);
  return Journal(std::move(state));
}

Result<Done> Journal::append(Json fields) {
  fields["seq"] = state_->chain.seq();
  fields["prev"] = state_->chain.prev();
  return write(fields);
}

Result<Done> Journal::append_last(Json fields) {
  fields["seq"] = state_->chain.seq();
  fields["prev"] = state_->chain.prev();
  fields["self"] = self_hash(fields);
  return write(fields);
}

Result<Done> Journal::write(const Json& fields) {
  State& s = *state_;
  std::string line = canonical_json(fields);
  line += '\n';
  if (s.torn && !s.cut()) return failure(s.file, "a line written in part cannot be cut off", errno);
  std::size_t written = 0;
  while (written < line.size()) {  // more than once only if a write was short; the next one says why
    const ssize_t n = ::write(s.descriptor, line.data() + written, line.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int why = n < 0 ? errno : EIO;
      s.torn = written > 0;
      if (s.torn && !s.cut()) return failure(s.file, "a line written in part cannot be cut off", errno);
      return unwritten(s.file, why);
    }
    written += static_cast<std::size_t>(n);
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
