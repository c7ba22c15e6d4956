#include "harness/run/rehearsal.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/units.hpp"
#include "harness/run/clock.hpp"

namespace assay::run {

namespace {

constexpr double kEnough_s = 0.02;     // a timed block this long tells an iteration's time well enough
constexpr double kSurelyLong_s = 1;    // a first iteration below may be long only for being the first: what compiles at its first call does so in tenths
constexpr int kMostTries = 4;

double since(std::int64_t begin_ns) { return static_cast<double>(now_ns() - begin_ns) * 1e-9; }

/// Grows the block until it is long enough to be timed.
void time_iterations(Session& session, LiveReplicate& live, TreatmentCost& cost) {
  BlockRequest block{.phase = Phase::rehearsal};
  block.settle_ns = static_cast<std::int64_t>(live.description.warmup_s * 1e9);
  for (int i = 0; i < kMostTries && live.usable() && !session.must_stop(); ++i) {
    block.position = i;
    const std::int64_t begin = now_ns();
    const BlockResult result = session.run_block(live, block, {});
    if (!result.ending.ok()) return;
    cost.counts_energy = result.counts_energy;
    const double whole_s = since(begin);
    const auto n = static_cast<double>(block.iterations);
    // Of a clock that counts no time (instructions of an emulator) the bracket says what an iteration costs us.
    cost.iteration_s = cost.counts_time ? result.per_iteration : whole_s / n;
    block.settle_ns = 0;
    if (whole_s >= (i == 0 ? kSurelyLong_s : kEnough_s)) return;
    block.iterations = std::max<std::int64_t>(
        block.iterations * 2, static_cast<std::int64_t>(1.2 * kEnough_s / std::max(1e-9, cost.iteration_s)));
    block.executed = block.iterations;
  }
}

TreatmentCost rehearse_worker(Session& session, const ReplicateRequest& request) {
  TreatmentCost cost;
  auto live = session.start(request);
  cost.start_s = live->start_s;
  cost.resident_bytes = live->resident_bytes;
  cost.warmup_s = live->description.warmup_s;
  const auto first_block = std::find_if(live->description.metrics.begin(), live->description.metrics.end(),
                                        [](const Metric& m) { return m.scope == Scope::block; });
  cost.counts_time = first_block == live->description.metrics.end() || first_block->clock == Clock::wall ||
                     first_block->clock == Clock::cpu || first_block->clock == Clock::device_event;
  cost.timed = first_block == live->description.metrics.end() ? "time_s" : first_block->name;
  if (live->usable()) time_iterations(session, *live, cost);
  const std::int64_t begin = now_ns();
  session.check(*live);
  session.evaluate(*live);
  cost.check_s = since(begin);
  session.finish(*live);
  cost.ending = live->ending;
  return cost;
}

TreatmentCost rehearse_command(Session& session, const ReplicateRequest& request) {
  TreatmentCost cost;
  // The first execution of a short program mostly reads it from the disk.
  for (int i = 0; i < kMostTries && cost.ending.ok() && cost.iteration_s < kEnough_s && !session.must_stop(); ++i) {
    const auto live = session.execute(request, {.phase = Phase::rehearsal, .position = i});
    cost.start_s = live->start_s;
    cost.iteration_s = live->execution_s;
    cost.ending = live->ending;
  }
  return cost;
}

}  // namespace

bool Rehearsal::none_usable() const {
  return std::none_of(treatments.begin(), treatments.end(), [](const TreatmentCost& c) { return c.ending.ok(); });
}

bool Rehearsal::all_failed() const {
  return std::all_of(treatments.begin(), treatments.end(), [](const TreatmentCost& c) {
    return !c.ending.ok() && c.ending.outcome != Outcome::unsupported;
  });
}

Rehearsal rehearse(Session& session, const std::vector<int>& only) {
  const plan::Plan& plan = session.plan();
  Rehearsal rehearsal;
  rehearsal.treatments.resize(plan.treatments.size());
  const std::uint64_t seed = plan::round_plan(plan, 0, 1).seed;
  const auto one = [&](plan::Slot slot) {
    const ReplicateRequest request{.round = 0, .group = 0, .slot = slot, .phase = Phase::rehearsal, .seed = seed};
    const bool command = plan.experiment.has_commands() && slot.role != Role::peak;
    TreatmentCost cost = command ? rehearse_command(session, request) : rehearse_worker(session, request);
    session.sweep();
    for (const auto& [late, ending] : session.take_late_failures()) {
      if (late.role == Role::plain) rehearsal.treatments[static_cast<std::size_t>(late.treatment)].ending = ending;
    }
    if (cost.ending.ok() && !session.must_stop()) {
      const auto i = static_cast<std::size_t>(slot.treatment);
      const Treatment& shown = slot.role == Role::peak ? plan.peaks[i] : plan.treatments[i].treatment;
      session.trace().note(fmt::format("rehearsal: {}: ok, {} an {}", shown.label(), with_unit(cost.iteration_s, "s"),
                                       command ? "execution" : "iteration"));
    }
    return cost;
  };
  std::vector<int> chosen = only;
  if (chosen.empty()) {
    for (std::size_t i = 0; i < plan.treatments.size(); ++i) chosen.push_back(static_cast<int>(i));
  }
  for (const int i : chosen) {
    if (session.must_stop()) return rehearsal;
    session.trace().progress(0, fmt::format("rehearsal {}", plan.treatments[static_cast<std::size_t>(i)].treatment.label()));
    rehearsal.treatments[static_cast<std::size_t>(i)] = one({i, Role::plain});
  }
  for (int p = 0; p < std::ssize(plan.peaks) && !session.must_stop() && only.empty(); ++p) {
    rehearsal.peaks.push_back(one({p, Role::peak}));
  }
  return rehearsal;
}

}  // namespace assay::run
