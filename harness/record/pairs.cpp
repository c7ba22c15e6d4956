// Paired values, as the statistics want them: which blocks count, and which belong together.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "harness/record/run_record.hpp"

namespace assay::record {

namespace {

bool is_side(const Side& side, int treatment, Role role) {
  return side.role == role && side.treatment == treatment;
}

std::unordered_set<int> complete_rounds(const RunRecord& run) {
  std::unordered_set<int> numbers;
  for (const Round& r : run.rounds) {
    if (r.state == RoundState::complete) numbers.insert(r.number);
  }
  return numbers;
}

bool is_block_metric(const RunRecord& run, int metric) {
  const auto i = static_cast<std::size_t>(metric);
  return i >= run.metrics.size() || run.metrics[i].scope == Scope::block;  // only blocks add names of their own
}

/// What `side` left in complete rounds: its replicates by number, and the groups in which one of them failed.
struct Lives {
  std::unordered_map<int, const Replicate*> ok;
  std::unordered_set<std::uint64_t> failed;  // round and group

  static std::uint64_t place(int round, int group) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(round)) << 32 | static_cast<std::uint32_t>(group);
  }
};

Lives lives_of(const RunRecord& run, const Side& side, const std::unordered_set<int>& complete) {
  Lives lives;
  for (const Replicate& r : run.replicates) {
    if (r.abandoned || !complete.contains(r.round) || !is_side(side, r.treatment, r.role)) continue;
    if (r.ending.ok()) {
      lives.ok.emplace(r.id, &r);
    } else {
      lives.failed.insert(Lives::place(r.round, r.group));
    }
  }
  return lives;
}

bool counts(Clock clock) { return clock == Clock::instructions || clock == Clock::cycles; }

/// Whether `elapsed` is the block's value of `metric`: of the run's elapsed metric, but where one side's clock tells time and another's counts
/// (a processor beside an emulated one) each block's is that of its own clock.
bool is_elapsed(const RunRecord& run, const Block& block, int metric) {
  const auto i = static_cast<std::size_t>(metric);
  const Clock planned = i < run.metrics.size() ? run.metrics[i].clock : Clock::none;
  if (!counts(planned) && !counts(block.clock)) return metric == run.elapsed_metric;
  const bool is_listed = std::any_of(block.metrics.begin(), block.metrics.end(), [&](const auto& own) { return own.first == metric; });
  if (planned != block.clock || is_listed) return false;
  const bool is_of_other = run.elapsed_metric >= 0 && !counts(run.metrics[static_cast<std::size_t>(run.elapsed_metric)].clock);
  return metric == run.elapsed_metric || (is_of_other && is_block_metric(run, metric));
}

/// The block's value of `metric` per iteration; nullopt if it has none.
std::optional<double> value_of(const RunRecord& run, const Block& block, const Replicate& replicate, int metric) {
  if (is_elapsed(run, block, metric)) {
    const double factor = replicate.modelled ? replicate.modelled->factor : 1;
    return block.elapsed_s / static_cast<double>(block.iterations) * factor;
  }
  for (const auto& [name, value] : block.metrics) {
    if (name == metric) return value;
  }
  return std::nullopt;
}

/// A block that counts, with its place in the schedule.
struct Counted {
  int round, group, quad, position;
  double value;

  auto slot() const { return std::tie(round, group, quad, position); }
  auto in_quad() const { return std::tie(round, group, quad); }
};

/// How many quads of a round count: after a pilot only those that every round has (METHODOLOGY, "How long").
int quads_that_count(const RunRecord& run) {
  const auto quads = run.calibration.find("quads");
  const bool piloted = run.calibration.contains("pilot") && quads != run.calibration.end() && quads->is_number_integer();
  return piloted ? quads->get<int>() : std::numeric_limits<int>::max();
}

/// The blocks of `side` that count, in order of their places. Of a block that was repeated because it was
/// marked stolen, the last unmarked attempt is the one.
std::vector<Counted> counted_blocks(const RunRecord& run, const Side& side, const Lives& lives, int metric) {
  std::vector<Counted> counted;
  const int quads = quads_that_count(run);
  for (const Block& b : blocks_of(run, side)) {
    if (!b.estimated() || b.quad >= quads) continue;
    const auto owner = lives.ok.find(b.replicate);
    if (owner == lives.ok.end()) continue;
    const auto value = value_of(run, b, *owner->second, metric);
    if (value) counted.push_back({b.round, b.group, b.quad, b.position, *value});
  }
  const auto before = [](const Counted& a, const Counted& b) { return a.slot() < b.slot(); };
  std::stable_sort(counted.begin(), counted.end(), before);
  std::vector<Counted> last;
  for (const Counted& c : counted) {
    if (!last.empty() && last.back().slot() == c.slot()) {
      last.back() = c;
    } else {
      last.push_back(c);
    }
  }
  return last;
}

/// The groups whose processes have one place in a round instead of two in each quad.
std::unordered_set<int> single_pass_groups(const RunRecord& run) {
  const auto found = run.calibration.find("single_pass");
  std::unordered_set<int> groups;
  if (found == run.calibration.end() || !found->is_array()) return groups;
  for (const Json& group : *found) {
    if (group.is_number_integer()) groups.insert(group.get<int>());
  }
  return groups;
}

}  // namespace

double clock_tick(const RunRecord& run, Side side) {
  const auto blocks = blocks_of(run, side);
  if (std::ranges::any_of(blocks, [](const Block& b) { return counts(b.clock); })) return 1;
  constexpr double kNanosecond = 1e-9;  // what steady_clock counts in, where the manifest knows no better
  static const Json::json_pointer kTick("/machine/clock/tick_s");
  const Json tick = run.manifest.is_object() ? run.manifest.value(kTick, Json()) : Json();
  double step = std::numeric_limits<double>::infinity();  // that all of its blocks share
  for (const Block& b : blocks) {
    if (b.estimated()) step = std::min(step, b.step_s);
  }
  const double of_machine = tick.is_number() ? tick.get<double>() : kNanosecond;
  return std::isfinite(step) ? std::max(of_machine, step) : of_machine;
}

std::vector<double> elapsed_of(const RunRecord& run, Side side) {
  std::vector<double> elapsed;
  for (const Block& b : blocks_of(run, side)) {
    if (b.estimated()) elapsed.push_back(b.elapsed_s);
  }
  return elapsed;
}

std::vector<PairedRound> paired_rounds(const RunRecord& run, Side of, Side to, int metric) {
  std::vector<PairedRound> rounds;
  if (!is_block_metric(run, metric)) return rounds;
  const auto complete = complete_rounds(run);
  const Lives of_lives = lives_of(run, of, complete);
  const Lives to_lives = lives_of(run, to, complete);
  const auto of_blocks = counted_blocks(run, of, of_lives, metric);
  const auto to_blocks = counted_blocks(run, to, to_lives, metric);

  const auto single_pass = single_pass_groups(run);

  auto a = of_blocks.begin();
  auto b = to_blocks.begin();
  while (a != of_blocks.end() && b != to_blocks.end()) {
    if (a->in_quad() < b->in_quad()) {
      ++a;
      continue;
    }
    if (b->in_quad() < a->in_quad()) {
      ++b;
      continue;
    }
    const auto same_quad = [&quad = *a](const Counted& c) { return c.in_quad() == quad.in_quad(); };
    const auto a_end = std::find_if_not(a, of_blocks.end(), same_quad);
    const auto b_end = std::find_if_not(b, to_blocks.end(), same_quad);
    const std::uint64_t place = Lives::place(a->round, a->group);
    const std::ptrdiff_t places = single_pass.contains(a->group) ? 1 : 2;
    if (a_end - a == places && b_end - b == places && !of_lives.failed.contains(place) && !to_lives.failed.contains(place)) {
      if (rounds.empty() || rounds.back().round != a->round) rounds.push_back({a->round, {}});
      // In a single pass a side's one block stands for both of its places.
      rounds.back().quads.push_back({a->value, a[places - 1].value, b->value, b[places - 1].value, a->quad});
    }
    a = a_end;
    b = b_end;
  }
  return rounds;
}

std::vector<SideTail> side_tails(const RunRecord& run, Side side) {
  const auto complete = complete_rounds(run);
  const Lives lives = lives_of(run, side, complete);
  std::vector<SideTail> tails;
  for (const Tail& tail : run.tails) {
    const auto owner = lives.ok.find(tail.replicate);
    if (owner == lives.ok.end() || owner->second->modelled) continue;
    tails.push_back({owner->second->round, owner->second->group, &tail});
  }
  std::stable_sort(tails.begin(), tails.end(), [](const SideTail& a, const SideTail& b) { return a.round < b.round; });
  return tails;
}

std::vector<SideRound> side_rounds(const RunRecord& run, Side side, int metric) {
  const auto complete = complete_rounds(run);
  const Lives lives = lives_of(run, side, complete);
  std::map<int, std::vector<double>> by_round;
  if (!is_block_metric(run, metric)) {
    const std::string& name = run.metric_names[static_cast<std::size_t>(metric)];
    for (const Replicate& r : run.replicates) {
      if (!lives.ok.contains(r.id)) continue;
      for (const auto& [metric_name, value] : r.metrics) {
        if (metric_name == name) by_round[r.round].push_back(value);
      }
    }
  }
  // A command's execution is a process of its own, and its block lists what was read from its output.
  for (const Counted& c : counted_blocks(run, side, lives, metric)) by_round[c.round].push_back(c.value);
  std::vector<SideRound> rounds;
  for (auto& [round, values] : by_round) rounds.push_back({round, std::move(values)});
  return rounds;
}

}  // namespace assay::record
