// What a workload author writes: prepare once, step many times, be checked. See CONTRIBUTING.md for a whole worker.
//
//     class Scale : public assay::worker::Workload {
//       protocol::Description describe() override { return {.worker = "scale", .metrics = {time_metric()}}; }
//       protocol::Prepared prepare(const Assignment& a) override { x_.assign(a.integer("n"), 1.0); return {}; }
//       void step() override { for (double& v : x_) v *= 1.0000001; }      // timed: no allocation, no I/O
//     };
//     int main() { Scale scale; return assay::worker::serve(scale); }
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/protocol.hpp"

namespace assay::worker {

/// Thrown by a workload to refuse: `throw Refusal{{Outcome::unsupported, "needs AVX-512F"}};`
struct Refusal {
  Ending ending;
};

/// What `prepare` is given: factors and controls, the CPUs the process is bound to, the round's seed.
/// The typed look-ups throw a Refusal (unsupported) that names the missing or mistyped factor.
struct Assignment {
  Treatment treatment;
  std::vector<int> cpus;
  std::uint64_t seed = 0;

  std::int64_t integer(std::string_view factor) const;
  std::int64_t integer_or(std::string_view factor, std::int64_t otherwise) const;
  double number(std::string_view factor) const;  // an integer level counts as a number
  std::string text(std::string_view factor) const;
};

/// time_s: seconds, lower is better, wall clock, per block. The usual first metric.
Metric time_metric();

class Workload {
 public:
  virtual ~Workload() = default;

  virtual protocol::Description describe() = 0;
  /// Builds inputs from the seed, allocates outputs, loads models: everything that must not be timed.
  virtual protocol::Prepared prepare(const Assignment& assignment) = 0;
  /// Fills outputs with NaN or another value that `check` refuses; called before every timed run.
  virtual void poison() {}
  /// One iteration of the work.
  virtual void step() = 0;
  /// `n` iterations; override where the virtual call would show (work under 100 ns).
  virtual void steps(std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) step();
  }
  /// Waits until the device has finished; inside the timed block.
  virtual void synchronize() {}
  /// Judges the output of the last timed run against an oracle. The default refuses (unsupported).
  virtual protocol::Checked check();
  /// Metrics of the whole replicate, e.g. accuracy. The default refuses (unsupported).
  virtual protocol::Evaluated evaluate();
};

}  // namespace assay::worker
