#include "cli/yardstick.hpp"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <thread>

#include "cli/own_measurement.hpp"
#include "hardware/cpu/yardstick.hpp"
#include "harness/record/run_record.hpp"
#include "harness/stats/equivalence.hpp"
#include "harness/stats/verdict.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char* kWorker = "assay_yardstick_worker";
constexpr int kFewestRounds = 7;
constexpr int kMostQuads = 40;

// What a comparison of this worker is made of, s. A process that does nothing but arithmetic is warm after some
// iterations, and a block of two of them is as exact as one of five: what is left of a second goes into rounds.
constexpr double kBlock_s = 0.002;
constexpr double kSettle_s = 0.0008;     // one iteration, also of a side that is 1 % longer: at 1 ms some would settle for two
constexpr double kWarmup_s = 0.005;
constexpr double kOneBlock_s = 0.0031;   // with settling and the round trip
constexpr double kOneProcess_s = 0.020;  // its start, warm-up, check and end
constexpr double kOnce_s = 0.10;         // folder, keeper, rehearsal, report
constexpr int kUsualQuads = 4;
constexpr int kEnoughRounds = 10;        // beyond which quads are added; t of 9 degrees is 2.26, of infinitely many 1.96
constexpr double kSpare = 0.95;          // of their time: stolen blocks are repeated

std::string experiment_text(const YardstickWish& wish, std::int64_t steps) {
  std::string text = fmt::format(R"(# The yardstick against {0}.
[experiment]
name     = "aa"
question = "Does a comparison say what was planted?"
seed     = {1}
baseline = {{ planted = 1.0, working_set_bytes = {2} }}
design   = "list"

[worker]
command = ["{{libexec}}/{3}"]

[controls]
steps   = {4}
threads = 1

[limits]
start_s = 20
block_s = 20

[[treatment]]
planted           = 1.0
working_set_bytes = {2}
)",
                                 wish.one_treatment() ? "itself" : "a copy", wish.seed, wish.working_set_bytes[0], kWorker, steps);
  if (!wish.one_treatment()) {
    text += fmt::format("\n[[treatment]]\nplanted           = {:#}\nworking_set_bytes = {}\n", wish.planted, wish.working_set_bytes[1]);
  }
  text += fmt::format("\n[presets.quick]\nrounds   = {}\nblock_s  = {}\nsettle_s = {}\n", shape_of(wish).rounds, kBlock_s, kSettle_s);
  return text;
}

/// The control copy of the only treatment, judged as a treatment is.
void read_control(const reports::Report& report, YardstickComparison& c) {
  for (const reports::Control& control : report.controls) {
    if (control.kind != Role::same) continue;
    c.ratio = control.ratio;
    c.p = control.p;
    c.reason = control.reason;
    if (!control.ratio || !control.p || control.metric < 0) return;
    const reports::PlannedMetric& metric = report.planned.metrics[static_cast<std::size_t>(control.metric)];
    const auto contrast = reports::contrast(c.run, report.planned, {control.baseline, Role::same}, {control.baseline, Role::plain},
                                            metric, "typical", reports::Scale::ratio);
    if (!contrast.estimate) return;
    c.verdict = stats::name_of(stats::judge({.comparable = true,
                                             .estimate = &*contrast.estimate,
                                             .p_difference = control.p,
                                             .p_equivalence = contrast.p_equivalence,
                                             .better = stats::Better::lower,
                                             .margin = stats::log_margin(metric.margin)})
                                   .verdict);
    c.spread = pair_spread_of(c.run, {control.baseline, Role::same}, {control.baseline, Role::plain}, metric.index);
    return;
  }
}

void read_comparison(const reports::Report& report, YardstickComparison& c) {
  for (const reports::Comparison& comparison : report.comparisons) {
    c.ratio = comparison.effect;
    c.p = comparison.p;
    c.reason = comparison.reason;
    if (comparison.verdict) c.verdict = stats::name_of(*comparison.verdict);
    const reports::PlannedMetric& metric = report.planned.metrics[static_cast<std::size_t>(comparison.metric)];
    c.spread = pair_spread_of(c.run, {comparison.of, Role::plain}, {comparison.to, Role::plain}, metric.index);
    return;
  }
}

/// Why there is nothing to read, in words: how a side ended, if it failed.
std::string why_none(const reports::Report& report) {
  for (const reports::Cell& cell : report.cells) {
    if (!cell.ending.ok()) return fmt::format("{}: {}", name_of(cell.ending.outcome), cell.ending.reason);
  }
  return "too few rounds were left undisturbed";
}

}  // namespace

YardstickShape shape_of(const YardstickWish& wish) {
  const double processes = wish.one_treatment() ? 2 : 3;
  const double start_s = processes * kOneProcess_s;
  const double quad_s = processes * 2 * kOneBlock_s;
  const double room_s = std::max(0.0, wish.seconds - kOnce_s);
  YardstickShape shape{kFewestRounds, kUsualQuads};
  if (wish.quads > 0) shape.quads = wish.quads;
  const auto rounds_of = [&](int quads) { return static_cast<int>(room_s / (start_s + quads * quad_s)); };
  if (wish.rounds > 0) {
    shape.rounds = wish.rounds;
    if (wish.quads <= 0) shape.quads = static_cast<int>(std::clamp((room_s / wish.rounds - start_s) / quad_s, 1.0, double{kMostQuads}));
    return shape;
  }
  while (wish.quads <= 0 && shape.quads > 1 && rounds_of(shape.quads) < kFewestRounds) --shape.quads;
  // Processes of the yardstick hardly differ: what time there is beyond enough rounds is better spent on quads than on starts.
  if (wish.quads <= 0 && rounds_of(shape.quads) > kEnoughRounds) {
    const double round_s = kSpare * room_s / kEnoughRounds;
    shape.quads = std::clamp(static_cast<int>((round_s - start_s) / quad_s), shape.quads, kMostQuads);
  }
  shape.rounds = std::clamp(rounds_of(shape.quads), kFewestRounds, 10'000);
  return shape;
}

Result<Yardstick> Yardstick::open(const AllPlaces& places, const run::Machine& machine, double iteration_s) {
  std::error_code ignored;
  if (const fs::path worker = places.plan.libexec / kWorker; !fs::exists(worker, ignored)) {
    return Error{fmt::format("{} is not there; build and install everything: scripts/install", worker.string())};
  }
  std::int64_t steps = 0;
  std::thread([&] {  // bound to where the workers will run, which the caller must not be
    cpu_set_t set;
    CPU_ZERO(&set);
    if (!machine.cpus.empty()) {
      CPU_SET(static_cast<std::size_t>(machine.cpus.front()), &set);
      sched_setaffinity(0, sizeof set, &set);
    }
    steps = hardware::yardstick_steps_in(iteration_s);
  }).join();
  return Yardstick(places.plan, machine, steps);
}

Result<YardstickComparison> Yardstick::compare(const YardstickWish& wish, run::Trace& trace, const run::InterruptFlag& interrupt) const {
  const auto began = Clock::now();
  OwnExperiment experiment{.text = experiment_text(wish, steps_), .name = kYardstickExperiment, .machine = machine_};
  experiment.command_line = {"assay", "doctor", "--aa"};
  experiment.calibration.warmup_s = kWarmup_s;
  experiment.calibration.long_block = false;
  experiment.calibration.most_quads = shape_of(wish).quads;
  experiment.calibration.round_s = 1e6;  // as many quads as `most_quads` says
  auto measured = measure_own(std::move(experiment), places_, trace, interrupt);
  if (!measured) return measured.error();
  YardstickComparison c;
  c.run = std::move(measured->run);
  if (wish.one_treatment()) {
    read_control(measured->report, c);
  } else {
    read_comparison(measured->report, c);
  }
  if (!c.ratio) c.reason = why_none(measured->report);
  c.report = std::move(measured->report);
  c.wall_s = std::chrono::duration<double>(Clock::now() - began).count();
  return c;
}

}  // namespace assay::cli
