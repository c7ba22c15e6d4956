// A simulated machine: blocks of several processes in mirrored order, as a round of Assay has them, under a named
// kind of noise. What comes out goes through the real reduction (harness/stats/paired.hpp), so that a figure of
// tests/trust is one of the code that judges, not of a formula beside it.
//
//     const Machine machine{.name = "heavy tails", .process = heavy, .block = heavy};
//     const std::vector<Blocks> sides = machine.round(draws, {std::log(0.5), 0}, 10);
//     const auto d = stats::round_log_ratio(quads_of(sides[0], sides[1]));
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "harness/stats/paired.hpp"
#include "tests/harness/stats/draws.hpp"

namespace assay::trust {

using stats::Quad;
using stats::tests::Draws;

/// Draws a deviation of about unit scale; it is multiplied by a standard deviation of the machine.
using Shape = double (*)(Draws&);

inline double normal(Draws& draws) { return draws.normal(); }
/// Lognormal with σ = 1, less its mean, divided by its deviation: skewness 6.2.
inline double skewed(Draws& draws) {
  static const double deviation = std::sqrt((std::exp(1.0) - 1) * std::exp(1.0));
  return (std::exp(draws.normal()) - std::exp(0.5)) / deviation;
}
/// Student's t with 3 degrees of freedom, divided by its deviation.
inline double heavy(Draws& draws) { return draws.heavy() / std::sqrt(3.0); }
/// Mostly normal; one in twenty is an interruption of ten deviations on average.
inline double spiky(Draws& draws) {
  const double quiet = draws.normal();
  return draws.uniform() < 0.05 ? quiet - 10 * std::log(1 - draws.uniform()) : quiet;
}
/// Two levels, equally likely, six of their own deviations apart.
inline double bimodal(Draws& draws) { return (draws.uniform() < 0.5 ? 3 : -3) + draws.normal(); }

/// Seconds an iteration of one process in one round, two blocks a quad.
using Blocks = std::vector<double>;

/// All deviations are of logarithms of time: 0.01 is 1 %.
struct Machine {
  std::string name;
  Shape process = normal;       // of a fresh process from its treatment: layout, memory, luck
  Shape block = normal;         // of a block from its process
  double process_sd = 0.01;
  double block_sd = 0.03;
  bool both_sides = true;       // false: member 0 alone has these shapes, the others are normal
  double autocorrelation = 0;   // of a state that all processes share, from block to block
  double state_sd = 0;
  double drift = 0;             // deviation of the linear change over a round, which differs between rounds
  double tick = 0;              // of the clock, as a part of a block of 1 s
  bool in_step = false;         // blocks begin at a tick: every reading is rounded down

  /// The blocks of one round: members[m] has log time `levels[m]`; `quads` mirrored sequences in random order.
  std::vector<Blocks> round(Draws& draws, const std::vector<double>& levels, int quads) const {
    const std::size_t members = levels.size();
    std::vector<double> own(levels);
    std::vector<std::size_t> order(members);
    for (std::size_t m = 0; m < members; ++m) {
      order[m] = m;
      own[m] += process_sd * (has_shape(m) ? process : normal)(draws);
    }
    const double slope = drift > 0 ? drift * draws.normal() : 0;
    const double places = static_cast<double>(2 * members) * quads;
    double state = state_sd > 0 ? state_sd * draws.normal() : 0;
    double place = 0;
    std::vector<Blocks> blocks(members);
    for (Blocks& b : blocks) b.reserve(2 * static_cast<std::size_t>(quads));
    for (int q = 0; q < quads; ++q) {
      for (std::size_t m = members; m > 1; --m) {
        std::swap(order[m - 1], order[static_cast<std::size_t>(draws.uniform() * static_cast<double>(m))]);
      }
      for (std::size_t i = 0; i < 2 * members; ++i) {
        const std::size_t m = order[i < members ? i : 2 * members - 1 - i];
        const double log_time = own[m] + state + slope * place / places +
                                block_sd * (has_shape(m) ? block : normal)(draws);
        blocks[m].push_back(reading(draws, std::exp(log_time)));
        if (state_sd > 0) {
          const double fresh = std::sqrt(1 - autocorrelation * autocorrelation);
          state = autocorrelation * state + fresh * state_sd * draws.normal();
        }
        ++place;
      }
    }
    return blocks;
  }

private:
  bool has_shape(std::size_t member) const { return both_sides || member == 0; }

  double reading(Draws& draws, double seconds) const {
    if (!(tick > 0)) return seconds;
    const double phase = in_step ? 0 : draws.uniform();
    return tick * std::max(1.0, std::floor(seconds / tick + phase));
  }
};

/// The pairs of mirrored blocks of two processes of one round.
inline std::vector<Quad> quads_of(const Blocks& of, const Blocks& to) {
  std::vector<Quad> quads;
  for (std::size_t i = 0; i + 1 < of.size(); i += 2) {
    quads.push_back({.of1 = of[i], .of2 = of[i + 1], .to1 = to[i], .to2 = to[i + 1]});
  }
  return quads;
}

}  // namespace assay::trust
