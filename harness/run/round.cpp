#include "harness/run/round.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <span>

#include "harness/core/random.hpp"

namespace assay::run {

namespace {

constexpr int kMostRepeats = 4;        // of a stolen block, at once
constexpr int kTooManyStolen = 2;      // more than one in this many makes the replicate invalid

class GroupRun {
 public:
  GroupRun(Session& session, const Calibration& calibration, const plan::RoundPlan& round, const plan::GroupRound& group,
           Standing& standing, const std::function<void()>& after_block)
      : session_(session), calibration_(calibration), round_(round), group_(group), standing_(standing), after_block_(after_block) {}

  bool run() {
    if (session_.plan().experiment.has_commands()) return run_executions();
    start_all();
    for (LiveReplicate* live : alive_) warm_up(*live);
    for (std::size_t q = 0; q < group_.quads.size(); ++q) run_quad(static_cast<int>(q));
    run_long_blocks();
    run_tail();
    for (LiveReplicate* live : alive_) close(*live);
    session_.sweep();
    return !session_.must_stop();
  }

 private:
  const SlotPlan& slot_plan(const plan::Slot& slot) const {
    const auto i = static_cast<std::size_t>(slot.treatment);
    return slot.role == Role::peak ? calibration_.peaks[i] : calibration_.treatments[i];
  }

  bool takes_part(const plan::Slot& slot) const {
    const auto i = static_cast<std::size_t>(slot.treatment);
    if (slot.role == Role::peak) return standing_.peaks[i].ok();
    return standing_.treatments[i].ok() && (slot.role != Role::slowed || calibration_.can_be_slowed[i]);
  }

  ReplicateRequest request_for(const plan::Slot& slot, Phase phase = Phase::measure) const {
    return {round_.round, group_.group, slot, phase, round_.seed};
  }

  void start_all() {
    by_slot_.resize(group_.slots.size(), nullptr);
    // In random order: who starts first gets other memory than who starts last, and keeps it for the whole round. In
    // plan order a Python workload was 4 % slower than its own copy, in every round.
    std::vector<std::size_t> order(group_.slots.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    Random(stream_seed(session_.plan().experiment.seed, "start",
                       (static_cast<std::uint64_t>(round_.round) << 32) + static_cast<std::uint64_t>(group_.group)))
        .shuffle(std::span<std::size_t>(order));
    for (const std::size_t s : order) {
      if (session_.must_stop()) return;
      if (!takes_part(group_.slots[s])) continue;
      ReplicateRequest request = request_for(group_.slots[s]);
      request.core = s;  // of a duet, which has two slots
      owned_.push_back(session_.start(request));
      LiveReplicate* live = owned_.back().get();
      by_slot_[s] = live;
      alive_.push_back(live);
      if (live->usable() && live->description.may_be_stopped) live->process->stop();
      if (!live->ending.ok()) note_failure(*live);
    }
  }

  void warm_up(LiveReplicate& live) {
    if (!live.usable() || session_.must_stop()) return;
    const SlotPlan& slot = slot_plan(live.slot);
    const bool single_pass = calibration_.single_pass[static_cast<std::size_t>(group_.group)];
    if (single_pass && slot.warmup_ns == 0) return;  // of iterations of half a minute and more the first ones count too
    // The first warm-up block pays for page faults and lazy set-up; the second tells what share of a CPU this work uses.
    BlockRequest block{.phase = Phase::warmup, .settle_ns = slot.warmup_ns};
    BlockResult result = session_.run_block(live, block, alive_);
    if (slot.settle_ns > 0 && live.usable()) {
      live.cpu_shares.clear();
      block = {.phase = Phase::warmup, .position = 1, .iterations = slot.iterations, .executed = slot.iterations, .settle_ns = slot.settle_ns};
      result = session_.run_block(live, block, alive_);
    }
    if (!result.ending.ok()) note_failure(live);
  }

  bool duet() const { return session_.plan().experiment.placement == plan::Placement::duet; }
  /// In a duet two neighbours of the order run at once.
  std::size_t at_once() const { return duet() ? 2 : 1; }

  /// A place in the order: who runs what.
  struct Part {
    LiveReplicate* live;
    BlockRequest block;
    std::size_t core;  // of a duet
  };

  /// Runs the parts, one or, in a duet, two; what each came to.
  std::vector<BlockResult> run_parts(const std::vector<Part>& parts) {
    if (parts.empty()) return {};
    if (!duet()) return {session_.run_block(*parts[0].live, parts[0].block, alive_)};
    std::vector<DuetPart> together;
    for (const Part& part : parts) together.push_back({part.live, part.block, session_.machine().cores.at(part.core)});
    return session_.run_together(together);
  }

  void run_quad(int quad) {
    const std::vector<int>& order = group_.quads[static_cast<std::size_t>(quad)];
    for (std::size_t first = 0; first < order.size(); first += at_once()) {
      std::vector<Part> parts;
      for (std::size_t k = first; k < std::min(first + at_once(), order.size()); ++k) {
        LiveReplicate* live = by_slot_[static_cast<std::size_t>(order[k])];
        if (!live || !live->usable()) continue;
        const SlotPlan& slot = slot_plan(live->slot);
        BlockRequest block{.phase = Phase::measure, .quad = quad, .position = quad * static_cast<int>(order.size()) + static_cast<int>(k)};
        block.iterations = block.executed = slot.iterations;
        if (live->slot.role == Role::slowed) block.executed += slot.iterations / 50;
        block.settle_ns = slot.settle_ns;
        parts.push_back({live, block, k - first});
      }
      if (!run_place(std::move(parts))) return;
    }
  }

  /// One place of the order, again while other work steals its time: in a duet both sides again, since it was their time
  /// together. False if the session must stop.
  bool run_place(std::vector<Part> parts) {
    std::vector<LiveReplicate*> all;
    for (const Part& part : parts) all.push_back(part.live);
    std::vector<LiveReplicate*> stolen = all;
    for (int repeat = 0; repeat <= kMostRepeats && !stolen.empty(); ++repeat) {
      if (session_.must_stop()) return false;
      const auto results = run_parts(parts);
      if (after_block_ && repeat == 0) {
        for (std::size_t i = 0; i < parts.size(); ++i) after_block_();
      }
      stolen.clear();
      for (std::size_t i = 0; i < results.size(); ++i) {
        if (!results[i].ending.ok()) note_failure(*parts[i].live);
        if (results[i].ending.ok() && (results[i].marks & kStolen)) stolen.push_back(parts[i].live);
      }
      std::erase_if(parts, [](const Part& part) { return !part.live->usable(); });
    }
    for (LiveReplicate* live : all) {
      ++live->measured_blocks;
      if (std::find(stolen.begin(), stolen.end(), live) != stolen.end()) ++live->stolen_blocks;
    }
    return true;
  }

  /// One uninterrupted block as long as ten: if it disagrees with the interleaved ones, switching costs something.
  void run_long_blocks() {
    run_once(alive_, [&](const LiveReplicate& live) -> std::optional<BlockRequest> {
      const SlotPlan& slot = slot_plan(live.slot);
      if (slot.long_iterations == 0 || live.slot.role == Role::slowed) return std::nullopt;
      return BlockRequest{.phase = Phase::control,
                          .iterations = slot.long_iterations,
                          .executed = slot.long_iterations,
                          .settle_ns = slot.settle_ns};
    });
  }

  /// One uninterrupted block of a second and more a side, in random order: what a block of 5 ms is too short for.
  void run_tail() {
    std::vector<LiveReplicate*> order = alive_;
    Random(stream_seed(session_.plan().experiment.seed, "tail",
                       (static_cast<std::uint64_t>(round_.round) << 32) + static_cast<std::uint64_t>(group_.group)))
        .shuffle(std::span<LiveReplicate*>(order));
    int position = 0;
    run_once(order, [&](const LiveReplicate& live) -> std::optional<BlockRequest> {
      const SlotPlan& slot = slot_plan(live.slot);
      const int place = position++;
      const bool is_side = live.slot.role == Role::plain || live.slot.role == Role::same;
      if (slot.tail_iterations == 0 || !is_side) return std::nullopt;
      return BlockRequest{.phase = Phase::tail,
                          .position = place,
                          .iterations = slot.tail_iterations,
                          .executed = slot.tail_iterations,
                          .settle_ns = slot.settle_ns,
                          .samples = slot.tail_samples};
    });
  }

  /// One block of everybody who has one, in `order`; in a duet both at once.
  template <class BlockOf>
  void run_once(const std::vector<LiveReplicate*>& order, const BlockOf& block_of) {
    for (std::size_t first = 0; first < order.size(); first += at_once()) {
      std::vector<Part> parts;
      for (std::size_t k = first; k < std::min(first + at_once(), order.size()); ++k) {
        const auto block = block_of(*order[k]);
        if (block && order[k]->usable()) parts.push_back({order[k], *block, k - first});
      }
      if (session_.must_stop()) return;
      const auto results = run_parts(parts);
      for (std::size_t i = 0; i < results.size(); ++i) {
        if (!results[i].ending.ok()) note_failure(*parts[i].live);
      }
    }
  }

  void close(LiveReplicate& live) {
    if (session_.must_stop()) return;
    const bool was_usable = live.usable();
    session_.check(live);
    session_.evaluate(live);
    if (was_usable && !live.ending.ok()) note_failure(live);
    if (live.usable() && live.stolen_blocks * kTooManyStolen > live.measured_blocks) {
      session_.give_up_disturbed(live);
    }
    session_.finish(live);
  }

  void note_failure(const LiveReplicate& live) { note_failure(live.slot, live.ending); }
  void note_failure(const plan::Slot& slot, const Ending& ending) {
    if (session_.must_stop()) return;
    const auto i = static_cast<std::size_t>(slot.treatment);
    if (slot.role == Role::plain) standing_.treatments[i] = ending;
    if (slot.role == Role::peak) standing_.peaks[i] = ending;
  }

  void execute(const plan::Slot& slot, const BlockRequest& block) {
    const auto live = session_.execute(request_for(slot, block.phase), block);
    if (!live->ending.ok()) note_failure(*live);
    for (const auto& [late, ending] : session_.take_late_failures()) note_failure(late, ending);
    session_.sweep();
    if (after_block_) after_block_();
  }

  /// The executions before the first quad that `warmup` asks for, side by side as those that count.
  void warm_up_commands() {
    const plan::Plan& plan = session_.plan();
    const auto wanted = [&](const plan::Slot& slot) {
      if (slot.role == Role::peak) return 0;
      const int command = plan.treatments[static_cast<std::size_t>(slot.treatment)].command;
      return plan.experiment.commands[static_cast<std::size_t>(command)].warmup;
    };
    int most = 0;
    for (const plan::Slot& slot : group_.slots) most = std::max(most, wanted(slot));
    for (int i = 0; i < most; ++i) {
      for (const plan::Slot& slot : group_.slots) {
        if (session_.must_stop()) return;
        if (i < wanted(slot) && takes_part(slot)) execute(slot, {.phase = Phase::warmup, .position = i});
      }
    }
  }

  bool run_executions() {
    warm_up_commands();
    for (std::size_t q = 0; q < group_.quads.size(); ++q) {
      const std::vector<int>& order = group_.quads[q];
      for (std::size_t k = 0; k < order.size(); ++k) {
        const plan::Slot& slot = group_.slots[static_cast<std::size_t>(order[k])];
        if (slot.role == Role::peak || !takes_part(slot)) continue;
        if (session_.must_stop()) return false;
        execute(slot, {.phase = Phase::measure, .quad = static_cast<int>(q), .position = static_cast<int>(q * order.size() + k)});
      }
    }
    return !session_.must_stop();
  }

  Session& session_;
  const Calibration& calibration_;
  const plan::RoundPlan& round_;
  const plan::GroupRound& group_;
  Standing& standing_;
  const std::function<void()>& after_block_;
  std::vector<std::unique_ptr<LiveReplicate>> owned_;
  std::vector<LiveReplicate*> by_slot_;  // as in the group's slots; null: not taking part
  std::vector<LiveReplicate*> alive_;
};

}  // namespace

bool run_round(Session& session, const Calibration& calibration, const plan::RoundPlan& round, Standing& standing,
               const std::function<void()>& after_block) {
  for (const plan::GroupRound& group : round.groups) {
    if (!GroupRun(session, calibration, round, group, standing, after_block).run()) return false;
  }
  session.record({{"type", "round"}, {"round", round.round}, {"state", "complete"}});
  session.sync();
  return !session.broken();
}

}  // namespace assay::run
