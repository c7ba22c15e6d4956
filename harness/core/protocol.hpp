// The worker protocol as types: what the supervisor asks and what a worker answers, one JSON line each.
// docs/FORMAT.md shows every message.
//
//     const auto reply = protocol::parse_run(line);
//     if (!reply.ok()) record(reply.ending);            // outcome and reason, never an exception
//     use(reply.value->elapsed);
//
// Reading is strict where a number could mislead (missing, NaN, negative, wrong type: invalid_output) and
// lenient elsewhere (unknown fields are ignored), so that old and new sides understand each other.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/json.hpp"
#include "harness/core/metric.hpp"
#include "harness/core/outcome.hpp"
#include "harness/core/treatment.hpp"

namespace assay::protocol {

inline constexpr int kVersion = 1;
inline constexpr std::size_t kLongestReply = 16 * 1024 * 1024;  // bytes of one line

/// An answer, or how it failed: the worker's own refusal, or invalid_output with what was wrong.
template <class T>
struct Reply {
  std::optional<T> value;
  Ending ending;

  bool ok() const { return value.has_value(); }
};

// ── Requests, as lines without the newline ─────────────────────────────────────────────────────
std::string describe_request();
/// `treatment`: factors and controls, "all" already resolved. `cpus`: the logical CPUs it is bound to.
std::string prepare_request(const Treatment& treatment, const std::vector<int>& cpus, std::uint64_t seed);
/// Settle untimed for at least one iteration and `settle_ns`, if that is > 0; then time `iterations`.
std::string run_request(std::int64_t iterations, std::int64_t settle_ns, bool samples);
std::string check_request();
std::string evaluate_request();
std::string quit_request();

// ── Replies ─────────────────────────────────────────────────────────────────────────────────────

struct Description {
  int protocol = kVersion;
  std::string worker;
  std::string device = "cpu";
  Json libraries = Json::object();  // {"openblas":"0.3.21 SkylakeX"}
  std::vector<Metric> metrics;      // the first of scope block with a clock is what `elapsed` measures
  double warmup_s = 0;              // least time of untimed iterations in a fresh process (3 for a JVM)
  bool may_be_stopped = true;       // false: opts out of SIGSTOP while idle
};

/// An iteration did only part of the work: its time × factor models the whole.
struct Modelled {
  double factor = 1;
  std::string note;  // "8 of 1024 rows"
};

struct Prepared {
  std::map<std::string, double> work;  // of one *whole* iteration: flop, bytes
  std::optional<Modelled> modelled;
  std::map<std::string, std::string> inputs;  // what answers depend on beside the program: a file's name → its SHA-256
};

struct RunResult {
  double elapsed = 0;       // in `unit`, of all iterations together; > 0 or 0 under a coarse clock
  std::string unit = "ns";  // ns, us, ms, s, or what a metric's clock counts (instructions, cycles)
  Clock clock = Clock::wall;
  std::int64_t settled_ns = 0;
  std::vector<double> samples;            // one an iteration, in `unit`, if asked for
  Json counters = Json::object();         // name → number, or name → {"reason":…}
  std::map<std::string, double> metrics;  // further block metrics, per iteration
};

struct Checked {
  double max_error = 0;
  double tolerance = 0;
  std::string rule;
};

struct Evaluated {
  std::map<std::string, double> metrics;
  std::int64_t items = 0;
  std::string labels_sha256;
  std::string predictions_base64;
  std::string labels_base64;  // the right answers; with them each item is right or wrong
};

Reply<Description> parse_description(std::string_view line);
Reply<Prepared> parse_prepared(std::string_view line);
Reply<RunResult> parse_run(std::string_view line);
Reply<Checked> parse_checked(std::string_view line);
Reply<Evaluated> parse_evaluated(std::string_view line);

// ── The worker's side ───────────────────────────────────────────────────────────────────────────
std::string encode(const Description&);
std::string encode(const Prepared&);
std::string encode(const RunResult&);
std::string encode(const Checked&);
std::string encode(const Evaluated&);
/// {"ok":false,"outcome":…,"reason":…}
std::string encode(const Ending& failure);

/// Seconds in one `unit` of time (ns, us, ms, s); nullopt for instructions, cycles and the unknown.
std::optional<double> seconds_in(std::string_view unit);

}  // namespace assay::protocol
