// How often intervals hold the true value, under kinds of noise that benchmarks meet. For each kind and number of
// rounds: the share of draws in which the one-sided 95 % bound (an end of the 90 % interval) lies on the right side of
// the truth, below and above, and the share in which the printed 95 % interval holds it.
//
//     build/release/tests/trust/trust_coverage --out coverage.jsonl
//
// The truth is what the estimator aims at. For the paired ratio of two treatments with the same kind of noise it is
// their ratio. Where one side alone is odd, and for absolute values, it is what infinitely many rounds would give: the
// expected value of a round's log ratio, or of the logarithm of a round's median, drawn here from 400,000 rounds.
#include <cmath>
#include <cstdint>
#include <vector>

#include "harness/stats/distributions.hpp"
#include "harness/stats/estimate.hpp"
#include "harness/stats/moments.hpp"
#include "harness/stats/quantile.hpp"
#include "tests/trust/figures.hpp"
#include "tests/trust/machine.hpp"

namespace {

using namespace assay;
using trust::Blocks;
using trust::Draws;
using trust::Figures;
using trust::Machine;

constexpr double kRatio = 0.8;

/// What METHODOLOGY promises of the paired ratio.
enum class Promise { exact, safe, none };  // 94 to 97 %; at least 94 %; published without one

struct Condition {
  Machine machine;
  Promise promise;
  int quads = 10;
};

std::vector<Condition> conditions() {
  using trust::bimodal, trust::heavy, trust::normal, trust::skewed, trust::spiky;
  return {
      {{.name = "normal"}, Promise::exact},
      {{.name = "skewed (lognormal)", .process = skewed, .block = skewed}, Promise::exact},
      {{.name = "heavy tails (t3)", .process = heavy, .block = heavy}, Promise::safe},
      {{.name = "spikes: 1 block in 20", .block = spiky}, Promise::safe},
      {{.name = "spikes: 1 process in 20", .process = spiky}, Promise::safe},
      {{.name = "bimodal processes and blocks", .process = bimodal, .block = bimodal}, Promise::safe},
      {{.name = "bimodal processes", .process = bimodal, .process_sd = 0.03, .block_sd = 0.01}, Promise::safe},
      {{.name = "AR(1) 0.9 within a round", .block_sd = 0.01, .autocorrelation = 0.9, .state_sd = 0.05}, Promise::exact},
      {{.name = "drift of 20 % within a round", .drift = 0.2}, Promise::exact},
      {{.name = "clock of 1/100 block", .tick = 0.01}, Promise::safe},
      {{.name = "clock of 1/10 block", .tick = 0.1}, Promise::safe},
      {{.name = "clock of 1/10 block, in step", .process_sd = 0.001, .block_sd = 0.001, .tick = 0.1, .in_step = true},
       Promise::safe},
      {{.name = "normal, one quad a round"}, Promise::exact, 1},
      {{.name = "skewed, one quad a round", .process = skewed, .block = skewed}, Promise::safe, 1},
      {{.name = "skewed blocks, one side", .block = skewed, .both_sides = false}, Promise::safe},
      {{.name = "skewed processes, one side", .process = skewed, .both_sides = false}, Promise::none},
      {{.name = "bimodal, one side", .process = bimodal, .block = bimodal, .both_sides = false}, Promise::safe},
  };
}

struct Counts {
  int lower = 0;      // the lower bound is at most the truth
  int upper = 0;      // the upper bound is at least the truth
  int two_sided = 0;
  int absent = 0;     // no interval: counted as a miss on both sides
};

void count(Counts& counts, const std::optional<stats::Location>& location, double truth) {
  if (!location) {
    ++counts.absent;
    return;
  }
  const auto one_sided = stats::interval_of(*location, 0.90);
  counts.lower += one_sided.low <= truth;
  counts.upper += one_sided.high >= truth;
  counts.two_sided += stats::interval_of(*location, 0.95).contains(truth);
}

double log_median(const Blocks& blocks) { return std::log(*stats::median(blocks)); }

/// What infinitely many rounds would give.
struct Truth {
  double paired = 0;
  double absolute = 0;
};

Truth truth_of(const Condition& condition, int rounds, std::uint64_t seed) {
  Draws draws(seed);
  Truth sum;
  for (int r = 0; r < rounds; ++r) {
    const auto sides = condition.machine.round(draws, {std::log(kRatio), 0}, condition.quads);
    sum.paired += *stats::round_log_ratio(trust::quads_of(sides[0], sides[1]));
    sum.absolute += log_median(sides[0]);
  }
  // Equal shapes on both sides make a round's log ratio symmetric around the true one, whatever the shape is.
  if (condition.machine.both_sides && condition.machine.tick <= 0) return {std::log(kRatio), sum.absolute / rounds};
  if (condition.machine.tick > 0) return {std::log(kRatio), std::log(kRatio)};  // what a fine clock would read
  return {sum.paired / rounds, sum.absolute / rounds};
}

/// All blocks of all rounds as if they were independent: what most harnesses print. Welch's interval of log times.
std::optional<stats::Location> pooled(const std::vector<double>& of, const std::vector<double>& to) {
  const auto a = stats::moments(of);
  const auto b = stats::moments(to);
  const double va = *a.sd * *a.sd / a.n;
  const double vb = *b.sd * *b.sd / b.n;
  const double degrees = (va + vb) * (va + vb) / (va * va / (a.n - 1) + vb * vb / (b.n - 1));
  return stats::Location{.center = a.mean - b.mean, .standard_error = std::sqrt(va + vb), .degrees = degrees, .slack = 0};
}

class Coverage {
public:
  Coverage(Figures& figures, const Condition& condition, int index)
      : figures_(figures), condition_(condition), seed_(4'000 + 100 * static_cast<std::uint64_t>(index)) {
    truth_ = truth_of(condition, figures.trials(400'000, 20'000), seed_);
  }

  void at(int rounds) {
    Draws draws(seed_ + static_cast<std::uint64_t>(rounds));
    const int trials = figures_.trials(10'000, 1'000);
    Counts paired, absolute, naive;
    for (int i = 0; i < trials; ++i) {
      std::vector<double> log_ratios, medians, of_blocks, to_blocks, of_logs, to_logs;
      for (int r = 0; r < rounds; ++r) {
        const auto sides = condition_.machine.round(draws, {std::log(kRatio), 0}, condition_.quads);
        log_ratios.push_back(*stats::round_log_ratio(trust::quads_of(sides[0], sides[1])));
        medians.push_back(*stats::median(sides[0]));
        of_blocks.insert(of_blocks.end(), sides[0].begin(), sides[0].end());
        to_blocks.insert(to_blocks.end(), sides[1].begin(), sides[1].end());
      }
      // The clock's term, as reports/contrasts.cpp has it: one tick in the shortest block, of each side.
      const double of_term = *stats::clock_term(condition_.machine.tick, of_blocks);
      const double to_term = *stats::clock_term(condition_.machine.tick, to_blocks);
      // Of the ratio's estimate only the location, without its permutation p, which takes a hundred times as long.
      const auto ratio = stats::mean_of_rounds(log_ratios, {.clock_term = of_term + to_term});
      count(paired, ratio->location, truth_.paired);
      count(absolute, stats::geometric_mean_of_rounds(medians, {.clock_term = of_term})->location, truth_.absolute);
      if (wants_naive()) {
        for (const double x : of_blocks) of_logs.push_back(std::log(x));
        for (const double x : to_blocks) to_logs.push_back(std::log(x));
        count(naive, pooled(of_logs, to_logs), truth_.paired);
      }
    }
    const bool safe = figures_.at_least(paired.lower, trials, 0.94) && figures_.at_least(paired.upper, trials, 0.94);
    const bool tight = figures_.at_most(paired.lower, trials, 0.97) && figures_.at_most(paired.upper, trials, 0.97);
    switch (condition_.promise) {
      case Promise::exact:
        add("paired ratio", rounds, trials, paired, "94 to 97 % each side", safe && tight);
        break;
      case Promise::safe:
        add("paired ratio", rounds, trials, paired, "at least 94 % each side", safe);
        break;
      case Promise::none:
        add("paired ratio", rounds, trials, paired, "", std::nullopt);
        break;
    }
    add("absolute value", rounds, trials, absolute, "", std::nullopt);
    if (wants_naive()) {
      add("pooled iterations (naive)", rounds, trials, naive, "fails: below 90 % each side",
          naive.lower < 0.9 * trials && naive.upper < 0.9 * trials);
    }
  }

private:
  bool wants_naive() const { return condition_.machine.name == "normal"; }

  void add(const char* method, int rounds, int trials, const Counts& counts, const char* bound,
           std::optional<bool> holds) {
    const auto share = [trials](int n) { return static_cast<double>(n) / trials; };
    figures_.add({.method = method,
                  .condition = condition_.machine.name,
                  .rounds = rounds,
                  .trials = trials,
                  .values = {{"lower bound", share(counts.lower)},
                             {"upper bound", share(counts.upper)},
                             {"95 % interval", share(counts.two_sided)},
                             {"no interval", share(counts.absent)}},
                  .bound = bound,
                  .holds = holds});
  }

  Figures& figures_;
  const Condition& condition_;
  std::uint64_t seed_;
  Truth truth_;
};

}  // namespace

int main(int argc, char** argv) {
  Figures figures("coverage", argc, argv);
  const auto all = conditions();
  for (std::size_t i = 0; i < all.size(); ++i) {
    Coverage coverage(figures, all[i], static_cast<int>(i));
    for (const int rounds : {7, 15, 30}) {
      if (figures.is_short() && rounds == 30) continue;
      coverage.at(rounds);
    }
  }
  return figures.finish();
}
