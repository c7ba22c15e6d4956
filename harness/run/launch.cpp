#include "harness/run/launch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "harness/core/random.hpp"

namespace assay::run {

namespace {

/// "0-3,5" → {0,1,2,3,5}; empty if it isn't a CPU list.
std::vector<int> parse_cpu_list(const std::string& text) {
  std::vector<int> cpus;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at < end) {
    int first = 0;
    auto [after, error] = std::from_chars(at, end, first);
    if (error != std::errc() || first < 0) return {};
    int last = first;
    if (after < end && *after == '-') {
      auto [after_last, last_error] = std::from_chars(after + 1, end, last);
      if (last_error != std::errc() || last < first || last > 4095) return {};
      after = after_last;
    }
    for (int cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
    if (after < end && *after++ != ',') return {};
    at = after;
  }
  return cpus;
}

}  // namespace

Result<Assigned> assign(const Treatment& assignment, const plan::Limits& limits, const Machine& machine,
                        std::uint64_t round_seed) {
  Assigned a{assignment, {}, round_seed, limits.memory_bytes};
  if (const Level* level = a.levels.find("seed"); level && std::holds_alternative<std::int64_t>(*level)) {
    a.seed = static_cast<std::uint64_t>(std::get<std::int64_t>(*level));
  }
  if (const Level* level = a.levels.find("memory_bytes"); level && std::holds_alternative<std::int64_t>(*level)) {
    a.memory_bytes = std::get<std::int64_t>(*level);
  }
  if (const Level* level = a.levels.find("cpus")) {
    a.cpus = parse_cpu_list(shortest(*level));
    if (a.cpus.empty()) return Error{fmt::format("cpus = \"{}\" is no list of CPUs; write e.g. \"0-2,5\"", shortest(*level))};
    for (const int cpu : a.cpus) {
      if (std::find(machine.cpus.begin(), machine.cpus.end(), cpu) == machine.cpus.end()) {
        return Error{fmt::format("cpus = \"{}\": CPU {} is not available to this process", shortest(*level), cpu)};
      }
    }
  }
  const Level* level = a.levels.find("threads");
  if (!level) return a;
  const auto available = static_cast<std::int64_t>(a.cpus.empty() ? machine.cpus.size() : a.cpus.size());
  const std::int64_t threads = std::holds_alternative<std::int64_t>(*level) ? std::get<std::int64_t>(*level) : available;
  if (threads < 1) return Error{fmt::format("threads = {}; at least 1 is needed", threads)};
  if (threads > available) {
    return Error{fmt::format("threads = {}, but {} CPUs are available to this process", threads, available)};
  }
  a.levels.set("threads", Level(threads));
  if (a.cpus.empty()) a.cpus.assign(machine.cpus.begin(), machine.cpus.begin() + threads);
  return a;
}

std::vector<std::pair<std::string, std::string>> environment_for(const Assigned& assigned, const Machine& machine,
                                                                 int padding, int round) {
  std::vector<std::pair<std::string, std::string>> set;
  if (const Level* threads = assigned.levels.find("threads")) {
    for (const char* pool : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"}) {
      set.emplace_back(pool, shortest(*threads));
    }
  }
  // A pool that spins after its parallel region steals the core from the worker being timed.
  set.emplace_back("OMP_WAIT_POLICY", "PASSIVE");
  set.emplace_back("GOMP_SPINCOUNT", "0");
  set.emplace_back("KMP_BLOCKTIME", "0");
  set.emplace_back("PYTHONDONTWRITEBYTECODE", "1");  // a first run must not differ from the second
  if (const auto counters = machine.libexec / "libassay_counters.so"; std::filesystem::exists(counters)) {
    set.emplace_back("ASSAY_COUNTERS", counters.string());
  }
  set.emplace_back("ASSAY_COUNTER_SET", fmt::format("{:06}", round));  // as wide in every round: the stack begins behind it
  set.emplace_back("ASSAY_PADDING", std::string(static_cast<std::size_t>(padding), '.'));
  return set;
}

int padding_of(std::uint64_t seed, int round, int replicate) {
  return static_cast<int>(Random(stream_seed(seed, "padding", (static_cast<std::uint64_t>(round) << 32) +
                                                                  static_cast<std::uint64_t>(replicate)))
                              .below(4096));
}

}  // namespace assay::run
