#include "hardware/cpu/machine_sheet.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <thread>

#include "hardware/cpu/memory_loop.hpp"
#include "hardware/cpu/peak.hpp"
#include "hardware/cpu/thread_team.hpp"

namespace assay::hardware {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kSlice_s = 0.02;
constexpr int kSlices = 3;  // one after the other, in a pass
constexpr int kPasses = 3;  // over all loops, so that a neighbour's second of work doesn't hit one loop alone

double seconds_since(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }

double seconds_of(CeilingLoop& loop, std::int64_t iterations) {
  const auto began = Clock::now();
  loop.run(iterations);
  return seconds_since(began);
}

/// A loop to be measured, and what its slices gave.
struct Candidate {
  Ceiling ceiling;
  std::function<Result<std::unique_ptr<CeilingLoop>>()> make;
  std::vector<double> slices;
};

/// Loops live one at a time: those of the memory are as large as a quarter of it.
void measure(Candidate& candidate) {
  Ceiling& ceiling = candidate.ceiling;
  auto made = candidate.make();
  if (!made) {
    ceiling.reason = made.error().message;
    return;
  }
  CeilingLoop& loop = **made;
  ceiling.isa = loop.isa();
  std::int64_t iterations = 1;
  for (double s = seconds_of(loop, 1); s < kSlice_s / 4; s = seconds_of(loop, iterations)) iterations *= 2;  // warms up, too
  iterations *= 4;
  for (int i = 0; i < kSlices; ++i) {
    loop.poison();
    const double s = seconds_of(loop, iterations);
    if (loop.max_error() != 0) {
      ceiling.reason = "the loop's result is wrong: is the memory of this machine sound?";
      return;
    }
    const double n = static_cast<double>(iterations);
    const double work = ceiling.unit == "FLOP/s" ? loop.flop_per_iteration() : loop.bytes_per_iteration();
    candidate.slices.push_back(ceiling.unit == "s" ? s / n : n * work / s);
  }
}

void summarize(Candidate& candidate) {
  auto& slices = candidate.slices;
  if (slices.empty() || !candidate.ceiling.reason.empty()) return;
  std::sort(slices.begin(), slices.end());
  Ceiling& ceiling = candidate.ceiling;
  ceiling.value = slices[slices.size() / 2];
  ceiling.low = slices.front();
  ceiling.high = slices.back();
  ceiling.slices = static_cast<int>(slices.size());
}

}  // namespace

MachineSheet measure_machine_sheet(const Topology& topology, const std::vector<int>& cpus,
                                   const std::function<bool()>& should_stop) {
  const auto began = Clock::now();
  MachineSheet sheet;
  std::vector<Candidate> candidates;
  std::vector<std::vector<int>> teams{{cpus.begin(), cpus.begin() + std::min<std::ptrdiff_t>(1, std::ssize(cpus))}};
  if (cpus.size() > 1) teams.push_back(cpus);
  for (const std::vector<int>& team : teams) {
    const int threads = std::max(1, static_cast<int>(team.size()));
    for (const auto& [name, precision] : {std::pair{"f64", Precision::f64}, {"f32", Precision::f32}}) {
      candidates.push_back({{.loop = "fma", .precision = name, .threads = threads, .unit = "FLOP/s"},
                            [=] { return make_peak_loop({.precision = precision, .threads = threads, .isa = "", .cpus = team}); },
                            {}});
    }
    for (const MemoryLevel& level : memory_levels(topology, team, memory_for_loops())) {
      sheet.levels.push_back({level.name, threads, level.capacity_bytes});
      for (const auto pattern : {MemoryPattern::read, MemoryPattern::write, MemoryPattern::copy, MemoryPattern::triad,
                                 MemoryPattern::latency}) {
        const bool latency = pattern == MemoryPattern::latency;
        if (latency && threads > 1) continue;
        candidates.push_back({{.loop = std::string(name_of(pattern)), .level = level.name, .threads = threads, .unit = latency ? "s" : "B/s"},
                              [=] { return make_memory_loop({pattern, level, threads, team}); },
                              {}});
      }
    }
  }
  // On a thread of its own: member 0 of a team is bound to its CPU, and the caller must not be.
  std::thread([&] {
    if (!cpus.empty()) bind_this_thread(cpus.front());
    for (int pass = 0; pass < kPasses; ++pass) {
      for (Candidate& candidate : candidates) {
        if (candidate.ceiling.reason.empty() && !should_stop()) measure(candidate);
      }
    }
  }).join();
  for (Candidate& candidate : candidates) {
    summarize(candidate);
    if (candidate.ceiling.slices == 0 && candidate.ceiling.reason.empty()) candidate.ceiling.reason = "interrupted";
    sheet.ceilings.push_back(std::move(candidate.ceiling));
  }
  sheet.seconds = seconds_since(began);
  return sheet;
}

Json to_json(const MachineSheet& sheet) {
  Json levels = Json::array();
  for (const LevelCapacity& l : sheet.levels) levels.push_back({{"level", l.level}, {"threads", l.threads}, {"capacity_bytes", l.bytes}});
  Json ceilings = Json::array();
  for (const Ceiling& c : sheet.ceilings) {
    Json entry{{"loop", c.loop}, {"threads", c.threads}};
    if (!c.precision.empty()) entry["precision"] = c.precision;
    if (!c.level.empty()) entry["level"] = c.level;
    if (c.reason.empty()) {
      entry.update({{"isa", c.isa}, {"unit", c.unit}, {"value", c.value}, {"low", c.low}, {"high", c.high}, {"slices", c.slices}});
    } else {
      entry["reason"] = c.reason;
    }
    ceilings.push_back(std::move(entry));
  }
  return {{"levels", levels}, {"ceilings", ceilings}, {"seconds", sheet.seconds}};
}

}  // namespace assay::hardware
