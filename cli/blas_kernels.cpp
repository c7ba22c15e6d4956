#include "cli/blas_kernels.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "cli/own_measurement.hpp"
#include "harness/run/probe.hpp"
#include "reports/report.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* kWorker = "matmul_openblas_worker";

// n: large enough that the kernels are what counts, small enough for the slowest.
constexpr const char* kExperiment = R"(# What OpenBLAS's own choice of kernels costs on this machine.
[experiment]
name     = "doctor-blas"
question = "Does OpenBLAS choose its best kernels for this processor by itself?"
baseline = { version = "openblas_best" }
seed     = 585

[workers.chosen]
command = ["{libexec}/matmul_openblas_worker"]
when    = { version = ["openblas_default"] }

[workers.best]
command = ["{libexec}/matmul_openblas_worker", "--best"]
when    = { version = ["openblas_best"] }

[factors]
version = ["openblas_best", "openblas_default"]

[controls]
n       = 768
threads = 1

[limits]
start_s = 20
block_s = 20

[presets.quick]
rounds   = 5
budget_s = 5
)";

/// "0.3.21 SkylakeX" of a description → version and kernels; false: the library isn't there.
bool read_kernels(const protocol::Description& description, std::string& version, std::string& kernels) {
  const auto openblas = description.libraries.find("openblas");
  if (openblas == description.libraries.end() || !openblas->is_string()) return false;
  const std::string both = openblas->get<std::string>();
  const std::size_t blank = both.find(' ');
  if (blank == std::string::npos) return false;
  version = both.substr(0, blank);
  kernels = both.substr(blank + 1);
  return true;
}

/// What the report says: a gain, or how one of the sides failed.
void read_report(const reports::Report& report, BlasKernels& blas) {
  const Treatment chosen({{"version", std::string("openblas_default")}});
  for (const reports::Cell& cell : report.cells) {
    if (cell.ending.ok() || cell.metric != 0) continue;
    const bool is_chosen = report.planned.treatments[static_cast<std::size_t>(cell.treatment)].matches(chosen);
    const std::string how = fmt::format("{}: {}", name_of(cell.ending.outcome), cell.ending.reason);
    // Kernels fail by crashing; anything else is the machine's doing and says nothing of them.
    if (is_chosen && cell.ending.outcome == Outcome::crashed) blas.failure = how;
    if (blas.unmeasured.empty()) blas.unmeasured = fmt::format("{} kernels: {}", is_chosen ? blas.chosen : blas.best, how);
  }
  for (const reports::Comparison& comparison : report.comparisons) {
    if (comparison.metric != 0 || !comparison.effect || !comparison.effect->interval) continue;
    const auto& effect = *comparison.effect;
    blas.gain = BlasKernels::Gain{effect.value, effect.interval->low, effect.interval->high};
  }
  if (!blas.gain && blas.unmeasured.empty()) blas.unmeasured = "too few rounds were left undisturbed";
}

/// The experiment's progress as one step of the doctor's; what it says besides is in the finding.
class OneStep : public run::Trace {
 public:
  explicit OneStep(run::Trace& outer) : outer_(outer) {}
  void progress(double fraction, std::string_view) override { outer_.progress(0.3 + 0.7 * fraction, "comparing OpenBLAS's kernels"); }

 private:
  run::Trace& outer_;
};

}  // namespace

BlasKernels look_at_blas(const AllPlaces& places, const run::Machine& machine, bool measure, run::Trace& trace,
                         const run::InterruptFlag& interrupt) {
  BlasKernels blas;
  if (const char* asked = std::getenv("OPENBLAS_CORETYPE")) blas.asked_for = asked;
  const fs::path worker = places.plan.libexec / kWorker;
  std::error_code ignored;
  if (!fs::exists(worker, ignored)) {
    blas.missing = fmt::format("{} is not beside this assay, so OpenBLAS can't be asked", kWorker);
    blas.remedy = "build and install everything: scripts/install";
    return blas;
  }
  const auto chosen = run::describe_worker({worker.string()}, machine, interrupt);
  const auto best = run::describe_worker({worker.string(), "--best"}, machine, interrupt);
  if (!best) {
    blas.missing = fmt::format("{}: {}", kWorker, best.error().message);
    blas.remedy = fmt::format("see what it says: echo '{{\"op\":\"describe\"}}' | {}", worker.string());
    return blas;
  }
  if (!read_kernels(*best, blas.version, blas.best)) {
    blas.missing = "libopenblas.so.0 is not installed";
    blas.remedy = "sudo apt-get install libopenblas0-pthread";
    return blas;
  }
  if (!chosen) {  // it died while it was loaded
    blas.chosen = blas.asked_for.empty() ? "its own choice" : blas.asked_for;
    blas.failure = chosen.error().message;
    return blas;
  }
  read_kernels(*chosen, blas.version, blas.chosen);
  if (blas.chosen == blas.best) return blas;
  if (!measure) {
    blas.unmeasured = "--quick measures no gain";
    return blas;
  }
  OneStep step(trace);
  const auto measured = measure_own({.text = kExperiment, .name = "doctor-blas", .machine = machine}, places.plan, step, interrupt);
  if (measured) {
    read_report(measured->report, blas);
  } else {
    blas.unmeasured = measured.error().message;
  }
  return blas;
}

}  // namespace assay::cli
