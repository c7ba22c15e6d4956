// What a workload author writes: prepare once, step many times, be checked. See CONTRIBUTING.md for a whole worker.
//
//     class Scale : public assay::worker::Stepping<Scale> {
//       protocol::Description describe() override { return {.worker = "scale", .metrics = {time_metric()}}; }
//       protocol::Prepared prepare(const Assignment& a) override { x_.assign(a.integer("n"), 1.0); return {}; }
//       void step() override { for (double& v : x_) v *= 1.0000001; }      // timed: no allocation, no I/O
//     };
//     int main() { Scale scale; return assay::worker::serve(scale); }
//
// What a member function throws becomes the reply: a Refusal its own outcome, std::bad_alloc out_of_memory,
// any other exception crashed with its text. The process stays alive and answers the next request.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
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
/// The typed look-ups throw a Refusal (unsupported) that names the missing or mistyped factor; those that end
/// in `_or` accept absence, but not a wrong type.
struct Assignment {
  Treatment treatment;
  std::vector<int> cpus;
  std::uint64_t seed = 0;

  std::int64_t integer(std::string_view factor) const;
  std::int64_t integer_or(std::string_view factor, std::int64_t otherwise) const;
  double number(std::string_view factor) const;  // an integer level counts as a number
  double number_or(std::string_view factor, double otherwise) const;
  std::string text(std::string_view factor) const;
  std::string text_or(std::string_view factor, std::string_view otherwise) const;
  bool flag_or(std::string_view factor, bool otherwise) const;
};

/// time_s: seconds, lower is better, wall clock, per block. The usual first metric.
Metric time_metric();

/// The larger of two errors, where NaN counts as infinite. `std::max(worst, NaN)` is `worst`, which would let a
/// poisoned output pass its check:
///
///     for (std::size_t i = 0; i < y.size(); ++i) worst = larger_error(worst, std::abs(y[i] - oracle[i]));
double larger_error(double worst, double error);

/// What `evaluate` returns for a classifier: accuracy, the number of items, the predictions and the labels, so that each
/// item is known to be right or wrong, and the labels' hash, so that only answers to the same questions are paired.
/// Work without classes has 1 for a right answer, 0 for a wrong one, and the label 1.
/// Throws a Refusal (invalid_output) if the lengths differ or there is nothing to judge.
protocol::Evaluated predictions(std::span<const std::int32_t> predicted, std::span<const std::int32_t> labels);

/// What a clock of the workload's own counted.
struct OwnElapsed {
  double elapsed = 0;
  std::string unit;  // ns, us, ms, s, or what the clock counts: instructions, cycles
  Clock clock = Clock::device_event;
};

class Workload {
 public:
  virtual ~Workload() = default;

  virtual protocol::Description describe() = 0;
  /// Builds inputs from the seed, allocates outputs, loads models: everything that must not be timed.
  virtual protocol::Prepared prepare(const Assignment& assignment) = 0;
  /// Fills outputs with NaN or another value that `check` refuses. Called before every timed run, after settling:
  /// touch the outputs only, so that the inputs are as warm as settling left them.
  virtual void poison() {}
  /// One iteration of the work.
  virtual void step() = 0;
  /// `n` iterations. The default calls `step` through the vtable, 1 to 2 ns each; Stepping has it inlined.
  virtual void steps(std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) step();
  }
  /// Waits until the device has finished; inside the timed block.
  virtual void synchronize() {}
  /// Of work that happens elsewhere, where a clock of its own tells more than this process' clock: what it counted in the iterations
  /// since it was asked last, which is asked before and after a block. The default has none.
  virtual std::optional<OwnElapsed> own_elapsed() { return std::nullopt; }
  /// Further metrics of the block just timed, per iteration, by name; called after the clock has stopped.
  virtual std::map<std::string, double> block_metrics() { return {}; }
  /// Judges the output of the last timed run against an oracle. The default refuses (unsupported).
  virtual protocol::Checked check();
  /// Metrics of the whole replicate, e.g. accuracy. The default refuses (unsupported).
  virtual protocol::Evaluated evaluate();
};

/// A Workload whose block is one loop with `step` inlined into it: what an author derives from, by its own name. A step of
/// nothing then costs what the loop's counter costs, no more than Google Benchmark's loop does (bench.loop_overhead).
///
///     class Scale : public assay::worker::Stepping<Scale> { … void step() override { … } };
///
/// An inlined step is one that a compiler can look into, so every iteration ends with a barrier: memory that can be reached
/// from outside or from the workload counts as read and written there. Work whose result is stored in a member is neither
/// left out nor done once for all iterations. What is only local to `step` needs to be stored, or it may vanish.
template <class Derived>
class Stepping : public Workload {
 public:
  void steps(std::int64_t n) final {
    auto* self = static_cast<Derived*>(this);
    for (std::int64_t left = n; left > 0; --left) {
      self->Derived::step();  // qualified: the call is direct
      asm volatile("" : : "r"(self) : "memory");
    }
  }
};

}  // namespace assay::worker
