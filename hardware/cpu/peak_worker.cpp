// The machine's limits as treatments of any experiment. Factors or controls:
//
//     peak       "fma" (default): floating point; "read", "write", "copy", "triad": bandwidth; "latency": one access
//     level      "l1", "l2", "l3", "dram" (default) of what is no "fma"
//     precision  "f64" (default) or "f32" of "fma"
//     threads    1 (default) or more
//     isa        of "fma": a narrower instruction set than the best
//
//     echo '{"op":"describe"}' | libexec/assay/assay_peak_worker
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "hardware/counters/counters.hpp"
#include "hardware/cpu/memory_loop.hpp"
#include "hardware/cpu/peak.hpp"
#include "hardware/cpu/topology.hpp"
#include "harness/worker/serve.hpp"

namespace {

using namespace assay;
using hardware::CeilingLoop;
using hardware::Precision;

class Peak final : public worker::Workload {
 public:
  protocol::Description describe() override {
    const auto best = hardware::usable_peak_kernels(Precision::f64).front();
    return {.worker = "peak", .libraries = {{"isa", best.isa}}, .metrics = {worker::time_metric()}};
  }

  protocol::Prepared prepare(const worker::Assignment& assignment) override {
    const auto threads = static_cast<int>(std::clamp<std::int64_t>(assignment.integer_or("threads", 1), 0, INT32_MAX));
    const std::string peak = assignment.text_or("peak", "fma");
    loop_ = peak == "fma" ? floating_point(assignment, threads) : memory(peak, assignment, threads);
    protocol::Prepared prepared;
    if (const double flop = loop_->flop_per_iteration(); flop > 0) prepared.work["flop"] = flop;
    if (const double bytes = loop_->bytes_per_iteration(); bytes > 0) prepared.work["bytes"] = bytes;
    return prepared;
  }

  void poison() override { loop_->poison(); }
  void step() override { loop_->run(1); }
  void steps(std::int64_t n) override { loop_->run(n); }  // the threads meet once a block, not once an iteration

  protocol::Checked check() override {
    return {.max_error = loop_->max_error(),
            .tolerance = 0,
            .rule = std::string(loop_->rule())};
  }

 private:
  [[noreturn]] static void refuse(std::string reason) {
    throw worker::Refusal{{Outcome::unsupported, std::move(reason)}};
  }

  static std::unique_ptr<CeilingLoop> made(Result<std::unique_ptr<CeilingLoop>> loop) {
    if (!loop) refuse(loop.error().message);
    return *std::move(loop);
  }

  static std::unique_ptr<CeilingLoop> floating_point(const worker::Assignment& assignment, int threads) {
    const auto precision = assignment.text_or("precision", "f64");
    if (precision != "f64" && precision != "f32") refuse("precision is \"" + precision + "\"; give \"f64\" or \"f32\"");
    return made(hardware::make_peak_loop({.precision = precision == "f64" ? Precision::f64 : Precision::f32,
                                          .threads = threads,
                                          .isa = assignment.text_or("isa", ""),
                                          .cpus = assignment.cpus}));
  }

  static std::unique_ptr<CeilingLoop> memory(const std::string& peak, const worker::Assignment& assignment, int threads) {
    const auto pattern = hardware::memory_pattern(peak);
    if (!pattern) refuse("peak is \"" + peak + "\"; this worker knows fma, read, write, copy, triad, latency");
    const auto topology = hardware::read_topology();
    if (!topology) refuse(topology.error().message);
    std::vector<int> cpus = assignment.cpus.empty() ? topology->allowed : assignment.cpus;
    if (threads > 0 && cpus.size() > static_cast<std::size_t>(threads)) cpus.resize(static_cast<std::size_t>(threads));
    const auto wanted = assignment.text_or("level", "dram");
    std::string known;
    for (const hardware::MemoryLevel& level : hardware::memory_levels(*topology, cpus, hardware::memory_for_loops())) {
      if (level.name == wanted) return made(hardware::make_memory_loop({*pattern, level, threads, assignment.cpus}));
      known += (known.empty() ? "" : ", ") + level.name;
    }
    refuse("level is \"" + wanted + "\"; this machine has " + known);
  }

  std::unique_ptr<CeilingLoop> loop_;
};

}  // namespace

int main() {
  Peak peak;
  const auto counters = hardware::open_counters();
  return worker::serve(peak, counters.get());
}
