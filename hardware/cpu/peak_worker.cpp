// The peak as a treatment of any experiment: factors or controls `peak` ("fma"), `precision` ("f64" or "f32"),
// `threads`, and `isa` (optional) to ask for a narrower instruction set than the best.
//
//     echo '{"op":"describe"}' | libexec/assay/assay_peak_worker
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "hardware/counters/counters.hpp"
#include "hardware/cpu/peak.hpp"
#include "harness/worker/serve.hpp"

namespace {

using namespace assay;
using hardware::PeakLoop;
using hardware::Precision;

class Peak final : public worker::Workload {
 public:
  protocol::Description describe() override {
    const auto best = hardware::usable_peak_kernels(Precision::f64).front();
    return {.worker = "peak", .libraries = {{"isa", best.isa}}, .metrics = {worker::time_metric()}};
  }

  protocol::Prepared prepare(const worker::Assignment& assignment) override {
    if (const auto kind = assignment.text_or("peak", "fma"); kind != "fma") {
      refuse("peak is \"" + kind + "\"; this worker knows \"fma\"");
    }
    const auto precision = assignment.text_or("precision", "f64");
    if (precision != "f64" && precision != "f32") refuse("precision is \"" + precision + "\"; give \"f64\" or \"f32\"");
    const auto threads = assignment.integer_or("threads", 1);
    auto made = PeakLoop::make({.precision = precision == "f64" ? Precision::f64 : Precision::f32,
                                .threads = static_cast<int>(std::min<std::int64_t>(threads, INT32_MAX)),
                                .isa = assignment.text_or("isa", ""),
                                .cpus = assignment.cpus});
    if (!made) refuse(made.error().message);
    peak_ = *std::move(made);
    return {.work = {{"flop", peak_->flop_per_iteration()}}, .modelled = {}};
  }

  void poison() override { peak_->poison(); }
  void step() override { peak_->run(1); }
  void steps(std::int64_t n) override { peak_->run(n); }  // the threads meet once a block, not once an iteration

  protocol::Checked check() override {
    return {.max_error = peak_->max_error(),
            .tolerance = 0,
            .rule = "exact: accumulators are multiples of 1/4 below 2^22, their sums integers below 2^24"};
  }

 private:
  [[noreturn]] static void refuse(std::string reason) {
    throw worker::Refusal{{Outcome::unsupported, std::move(reason)}};
  }

  std::unique_ptr<PeakLoop> peak_;
};

}  // namespace

int main() {
  Peak peak;
  const auto counters = assay::hardware::open_counters();
  return worker::serve(peak, counters.get());
}
