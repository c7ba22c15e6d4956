// What an iteration costs beside its work: the loop of a worker's block, and Google Benchmark's, around the same step.
//
//     loop   "assay" (Stepping, as an author writes it), "virtual" (Workload's default), "google_benchmark"
//     step   "nothing": an instruction that isn't there and can't be left out; "add": a member is incremented
//
// An iteration of this worker is ten million of the loop: Google Benchmark's can't be called for n iterations, so that a
// benchmark of as many is registered and run for every block, and setting it up (some 50 µs) must not be seen. Shared out
// over at least ten million it is at most 0.005 ns.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/worker/serve.hpp"

namespace {

using namespace assay;

struct Nothing {
  std::uint64_t count = 0;
  void operator()() { asm volatile(""); }
};
struct Add {
  std::uint64_t count = 0;
  void operator()() { ++count; }
};

constexpr std::int64_t kIterations = 10'000'000;  // of the loop, in one of the worker's

/// One kind of loop around one kind of step.
class Loop {
 public:
  virtual ~Loop() = default;
  virtual void run(std::int64_t n) = 0;
  virtual std::uint64_t& count() = 0;
};

template <class Step>
class Inlined : public worker::Stepping<Inlined<Step>> {
 public:
  protocol::Description describe() override { return {}; }
  protocol::Prepared prepare(const worker::Assignment&) override { return {}; }
  void step() override { work(); }
  Step work;
};

template <class Step>
class Virtual : public worker::Workload {
 public:
  protocol::Description describe() override { return {}; }
  protocol::Prepared prepare(const worker::Assignment&) override { return {}; }
  void step() override { work(); }
  Step work;
};

template <class Workload>
class OfWorker final : public Loop {
 public:
  void run(std::int64_t n) override { workload_->steps(n); }
  std::uint64_t& count() override { return workload_->work.count; }

 private:
  std::unique_ptr<Workload> owned_ = std::make_unique<Workload>();
  Workload* volatile workload_ = owned_.get();  // as in serve(), where nothing tells the compiler what class it is
};

class NoReporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

template <class Step>
class OfGoogleBenchmark final : public Loop {
 public:
  void run(std::int64_t n) override {
    benchmark::ClearRegisteredBenchmarks();
    benchmark::RegisterBenchmark("loop", [this](benchmark::State& state) {
      Step* work = &work_;
      for (auto _ : state) {
        (*work)();
        asm volatile("" : : "r"(work) : "memory");  // ClobberMemory, and the same barrier as Stepping's
      }
    })->Iterations(n);
    NoReporter none;
    benchmark::RunSpecifiedBenchmarks(&none);
  }
  std::uint64_t& count() override { return work_.count; }

 private:
  Step work_;
};

template <class Step>
std::unique_ptr<Loop> loop_named(const std::string& loop) {
  if (loop == "assay") return std::make_unique<OfWorker<Inlined<Step>>>();
  if (loop == "virtual") return std::make_unique<OfWorker<Virtual<Step>>>();
  if (loop == "google_benchmark") return std::make_unique<OfGoogleBenchmark<Step>>();
  throw worker::Refusal{{Outcome::unsupported, "loop is " + loop + "; give assay, virtual or google_benchmark"}};
}

class LoopOverhead final : public worker::Workload {
 public:
  protocol::Description describe() override { return {.worker = "loop", .metrics = {worker::time_metric()}}; }

  protocol::Prepared prepare(const worker::Assignment& assignment) override {
    const std::string step = assignment.text("step");
    if (step != "nothing" && step != "add") {
      throw worker::Refusal{{Outcome::unsupported, "step is " + step + "; give nothing or add"}};
    }
    adds_ = step == "add";
    loop_ = adds_ ? loop_named<Add>(assignment.text("loop")) : loop_named<Nothing>(assignment.text("loop"));
    return {};
  }

  void poison() override { loop_->count() = asked_ = 0; }
  void step() override { steps(1); }
  void steps(std::int64_t n) override {
    loop_->run(n * kIterations);
    asked_ += static_cast<std::uint64_t>(n * kIterations);
  }

  /// No loop may leave out an iteration.
  protocol::Checked check() override {
    const double missing = static_cast<double>(adds_ ? asked_ - loop_->count() : loop_->count());
    return {.max_error = std::abs(missing), .tolerance = 0, .rule = "as many additions as iterations"};
  }

 private:
  std::unique_ptr<Loop> loop_;
  bool adds_ = false;
  std::uint64_t asked_ = 0;
};

}  // namespace

int main() {
  LoopOverhead loop;
  return worker::serve(loop);
}
