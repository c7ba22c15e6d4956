#include "harness/worker/serve.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <climits>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <new>
#include <numeric>

namespace assay::worker {

namespace {

using SteadyClock = std::chrono::steady_clock;  // CLOCK_MONOTONIC on every platform Assay supports

constexpr std::size_t kLongestRequest = 1 << 20;  // bytes; a treatment is a few hundred

/// The supervisor's two pipes, moved to descriptors that nobody else knows and no child process inherits.
class Channel {
 public:
  Channel() {
    in_ = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    out_ = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null >= 0) {
      ::dup2(null, STDIN_FILENO);
      if (null > STDERR_FILENO) ::close(null);
    }
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    buffer_.reserve(1 << 16);
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel() {
    ::close(in_);
    ::close(out_);
  }

  bool usable() const { return in_ >= 0 && out_ >= 0; }
  bool on_terminal() const { return ::isatty(in_) != 0; }

  struct Line {
    std::string text;
    bool too_long = false;  // then `text` is empty: the rest was thrown away up to the newline
  };

  /// The next line without its newline; nullopt at end of input. A last line without a newline is torn: ignored.
  std::optional<Line> read_line() {
    Line line;
    for (std::size_t searched = 0;;) {
      const std::size_t newline = buffer_.find('\n', searched);
      if (newline != std::string::npos) {
        if (!line.too_long) line.text = buffer_.substr(0, newline);
        buffer_.erase(0, newline + 1);
        return line;
      }
      if (buffer_.size() > kLongestRequest) {
        line.too_long = true;
        buffer_.clear();
      }
      searched = buffer_.size();
      char piece[1 << 16];
      const ssize_t got = ::read(in_, piece, sizeof piece);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return std::nullopt;
      buffer_.append(piece, static_cast<std::size_t>(got));
    }
  }

  /// False if the supervisor no longer reads.
  bool say(std::string reply) {
    reply += '\n';
    for (std::string_view rest = reply; !rest.empty();) {
      const ssize_t wrote = ::write(out_, rest.data(), rest.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) return false;
      rest.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return true;
  }

 private:
  int in_ = -1;
  int out_ = -1;
  std::string buffer_;
};

/// A request that makes no sense: the supervisor's mistake or a person's, never undefined behaviour.
[[noreturn]] void refuse(std::string reason) { throw Refusal{{Outcome::invalid_output, std::move(reason)}}; }

/// The integer at `key` in [least, most]; `otherwise` if absent.
std::int64_t integer_at(const Json& request, const char* key, std::int64_t least, std::int64_t most,
                        std::optional<std::int64_t> otherwise = std::nullopt) {
  const auto found = request.find(key);
  if (found == request.end() && otherwise) return *otherwise;
  if (found == request.end()) refuse(fmt::format("the request lacks {}", key));
  const bool fits = found->is_number_integer() &&
                    (!found->is_number_unsigned() ||
                     found->get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()});
  const std::int64_t value = fits ? found->get<std::int64_t>() : 0;
  if (!fits || value < least || value > most) {
    refuse(fmt::format("{} is {}; give an integer from {} to {}", key, found->dump(-1, ' ', false,
                       Json::error_handler_t::replace), least, most));
  }
  return value;
}

/// One workload's side of the dialogue: what was asked so far decides what may be asked next.
class Session {
 public:
  Session(Workload& workload, CounterSource* counters) : workload_(workload), counters_(counters) {}

  /// The reply to `line`; nullopt for quit. Whatever the workload throws becomes a reply.
  std::optional<std::string> answer(const Channel::Line& line) {
    Ending failure;
    try {
      if (line.too_long) refuse(fmt::format("a request has at most {} bytes", kLongestRequest));
      const auto request = parse_json(line.text);
      if (!request) refuse(fmt::format("the request is {}", request.error().message));
      if (!request->is_object() || !request->contains("op") || !(*request)["op"].is_string()) {
        refuse(R"(a request is a JSON object with a text field op, e.g. {"op":"describe"})");
      }
      const auto op = (*request)["op"].get<std::string>();
      if (op == "quit") return std::nullopt;
      return dispatch(op, *request);
    } catch (const Refusal& refusal) {
      failure = refusal.ending;
      if (failure.ok()) failure = {Outcome::crashed, "the workload refused with outcome ok, which is no refusal"};
    } catch (const std::bad_alloc&) {
      failure = {Outcome::out_of_memory, "an allocation failed (std::bad_alloc)"};
    } catch (const std::exception& e) {
      failure = {Outcome::crashed, fmt::format("exception: {}", e.what())};
    } catch (...) {
      failure = {Outcome::crashed, "an exception that is no std::exception"};
    }
    return protocol::encode(failure);
  }

 private:
  std::string dispatch(const std::string& op, const Json& request) {
    if (op == "describe") return protocol::encode(workload_.describe());
    if (op == "prepare") return prepare(request);
    if (op == "run") return run(request);
    if (op == "check") return check();
    if (op == "evaluate") {
      require_prepared("evaluate");
      return protocol::encode(workload_.evaluate());
    }
    refuse(fmt::format("unknown op '{}'; known are describe, prepare, run, check, evaluate, quit", op));
  }

  std::string prepare(const Json& request) {
    if (asked_to_prepare_) refuse("prepare was asked before: one process does one treatment");
    Assignment assignment;
    if (!request.contains("treatment")) refuse("the request lacks treatment");
    auto treatment = treatment_from_json(request["treatment"]);
    if (!treatment) refuse(treatment.error().message);
    assignment.treatment = *std::move(treatment);
    if (const auto cpus = request.find("cpus"); cpus != request.end()) {
      if (!cpus->is_array()) refuse("cpus is no list");
      for (const Json& cpu : *cpus) {
        const bool one_of_them = cpu.is_number_unsigned() && cpu.get<std::uint64_t>() <= std::uint64_t{INT_MAX};
        if (!one_of_them) refuse("cpus is no list of CPU numbers");
        assignment.cpus.push_back(cpu.get<int>());
      }
    }
    assignment.seed = static_cast<std::uint64_t>(
        integer_at(request, "seed", 0, std::numeric_limits<std::int64_t>::max(), 0));
    asked_to_prepare_ = true;
    if (counters_) counters_->open();  // before the workload creates the threads that shall be counted
    const std::string reply = protocol::encode(workload_.prepare(assignment));
    prepared_ = true;
    return reply;
  }

  std::string run(const Json& request) {
    require_prepared("run");
    const std::int64_t iterations = integer_at(request, "iterations", 1, std::numeric_limits<std::int64_t>::max());
    const std::int64_t settle_ns =
        integer_at(request, "settle_ns", 0, std::numeric_limits<std::int64_t>::max(), 0);
    const bool samples = request.contains("samples") && request["samples"] == true;
    if (samples && iterations > kMostSamples) {
      refuse(fmt::format("{} samples don't fit into one reply; ask for at most {}", iterations, kMostSamples));
    }
    ran_ = false;
    protocol::RunResult result;
    result.settled_ns = settle(settle_ns);
    if (samples) result.samples.assign(static_cast<std::size_t>(iterations), 0.0);  // touched before, not while timed
    workload_.poison();  // after settling, which would have overwritten it
    const auto own = workload_.own_elapsed();  // of settling: nobody's
    result.elapsed = samples ? time_each(result.samples, own.has_value()) : time_all(iterations);
    if (own) take_own_elapsed(result, samples);
    if (counters_) result.counters = counters_->read();
    result.metrics = workload_.block_metrics();
    ran_ = true;
    return protocol::encode(result);
  }

  std::int64_t settle(std::int64_t settle_ns) {
    if (settle_ns <= 0) return 0;
    const auto began = SteadyClock::now();
    std::int64_t settled = 0;
    do {
      workload_.steps(1);
      workload_.synchronize();
      settled = nanoseconds_since(began);
    } while (settled < settle_ns);
    return settled;
  }

  double time_all(std::int64_t iterations) {
    if (counters_) counters_->start();
    const auto began = SteadyClock::now();
    workload_.steps(iterations);
    workload_.synchronize();
    const std::int64_t elapsed = nanoseconds_since(began);
    if (counters_) counters_->stop();
    return static_cast<double>(elapsed);
  }

  /// `has_own`: a sample is what the workload's own clock counted.
  double time_each(std::vector<double>& samples, bool has_own) {
    if (counters_) counters_->start();
    const auto began = SteadyClock::now();
    auto before = began;
    for (double& sample : samples) {
      workload_.steps(1);
      workload_.synchronize();
      const auto after = SteadyClock::now();
      const auto own = has_own ? workload_.own_elapsed() : std::nullopt;
      sample = own ? own->elapsed : static_cast<double>(std::chrono::nanoseconds(after - before).count());
      before = after;
    }
    if (counters_) counters_->stop();
    return static_cast<double>(std::chrono::nanoseconds(before - began).count());
  }

  void take_own_elapsed(protocol::RunResult& result, bool samples) {
    const auto own = workload_.own_elapsed();
    if (!own) throw Refusal{{Outcome::invalid_output, "the workload's own clock counted nothing in this block"}};
    result.elapsed = samples ? std::accumulate(result.samples.begin(), result.samples.end(), 0.0) : own->elapsed;
    result.unit = own->unit;
    result.clock = own->clock;
  }

  std::string check() {
    require_prepared("check");
    if (!ran_) refuse("check judges the output of the last timed run, and there is none");
    const protocol::Checked checked = workload_.check();
    // JSON has neither NaN nor infinity; as an error of the answer both mean the same thing.
    if (!std::isfinite(checked.max_error)) {
      throw Refusal{{Outcome::wrong_answer,
                     fmt::format("max_error is {}: the output holds what the run never wrote, or NaN ({})",
                                 checked.max_error, checked.rule)}};
    }
    return protocol::encode(checked);
  }

  void require_prepared(std::string_view op) const {
    if (!prepared_) refuse(fmt::format("{} needs a prepare that succeeded before it", op));
  }

  static std::int64_t nanoseconds_since(SteadyClock::time_point began) {
    return std::chrono::nanoseconds(SteadyClock::now() - began).count();
  }

  Workload& workload_;
  CounterSource* counters_;
  bool asked_to_prepare_ = false;
  bool prepared_ = false;
  bool ran_ = false;  // there is an output for check to judge
};

}  // namespace

int serve(Workload& workload, CounterSource* counters) {
  Channel channel;
  if (!channel.usable()) {
    std::fprintf(stderr, "assay worker: standard input or output is closed (%s)\n", std::strerror(errno));
    return 1;
  }
  if (channel.on_terminal()) {
    std::fputs("This is an Assay worker: it answers JSON lines, e.g. {\"op\":\"describe\"}, until Ctrl-D.\n"
               "To see the whole dialogue: assay try EXPERIMENT -v\n",
               stderr);
  }
  Session session(workload, counters);
  while (const auto line = channel.read_line()) {
    const auto reply = session.answer(*line);
    if (!reply) return 0;                  // quit
    if (!channel.say(*reply)) return 1;    // nobody reads any more
  }
  return 0;
}

}  // namespace assay::worker
