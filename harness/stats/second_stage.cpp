#include "harness/stats/second_stage.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "harness/stats/moments.hpp"
#include "harness/stats/quantile.hpp"
#include "harness/stats/stein.hpp"

namespace assay::stats {
namespace {

/// Median of the quads [first, last) that were not lost.
std::optional<double> median_of(const RoundOfQuads& round, std::size_t first, std::size_t last) {
  std::vector<double> values;
  for (std::size_t q = first; q < std::min(last, round.size()); ++q) {
    if (round[q]) values.push_back(*round[q]);
  }
  return median(values);
}

}  // namespace

std::vector<double> values_at(const PilotPair& pair, int quads) {
  assert(quads >= 1);
  const auto places = static_cast<std::size_t>(quads) * static_cast<std::size_t>(pair.per_quad);
  std::vector<double> values;
  for (const RoundOfQuads& round : pair.rounds) {
    if (const auto value = median_of(round, 0, places)) values.push_back(*value);
  }
  return values;
}

int quads_of(const PilotPair& pair) {
  std::size_t most = 0;
  for (const RoundOfQuads& round : pair.rounds) most = std::max(most, round.size());
  const auto per_quad = static_cast<std::size_t>(pair.per_quad);
  return static_cast<int>((most + per_quad - 1) / per_quad);
}

std::optional<VarianceComponents> components_of(const PilotPair& pair) {
  constexpr int kPieces = 4;
  const int quads = quads_of(pair);
  const auto piece = static_cast<std::size_t>(std::max(1, quads / kPieces) * pair.per_quad);
  std::vector<std::vector<double>> rounds;
  for (const RoundOfQuads& round : pair.rounds) {
    std::vector<double> medians;
    for (std::size_t first = 0; first + piece <= round.size(); first += piece) {
      if (const auto value = median_of(round, first, first + piece)) medians.push_back(*value);
    }
    rounds.push_back(std::move(medians));
  }
  if (auto components = variance_components(rounds)) {
    components->within *= static_cast<double>(piece) / pair.per_quad;
    return components;
  }
  const auto values = values_at(pair, std::max(1, quads));
  if (values.size() < 2) return std::nullopt;
  const double sd = *moments(values).sd;
  return VarianceComponents{.between = sd * sd, .within = 0};
}

std::optional<double> sd_at(const PilotPair& pair, int quads) {
  if (quads <= quads_of(pair)) {
    const auto values = values_at(pair, quads);
    return values.size() < 2 ? std::nullopt : moments(values).sd;
  }
  const auto components = components_of(pair);
  if (!components) return std::nullopt;
  return std::sqrt(components->between + components->within / quads);
}

int cheapest_quads(std::span<const VarianceComponents> pairs, std::span<const double> widths,
                   const Costs& costs, int most) {
  assert(pairs.size() == widths.size() && costs.start_s >= 0 && costs.block_s > 0 && most >= 1);
  const auto price = [&](int quads) {
    double need = 0;  // in rounds, but for a factor that is the same for all candidates
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      need = std::max(need, (pairs[p].between + pairs[p].within / quads) / (widths[p] * widths[p]));
    }
    return need * (costs.start_s + quads * costs.block_s);
  };
  int best = most;
  // From the largest down, and only for a gain above rounding: of equals the one with more data.
  for (int quads = most - 1; quads >= std::min(kFewestQuads, most); --quads) {
    if (price(quads) < price(best) * (1 - 1e-12)) best = quads;
  }
  return best;
}

int cheapest_quads(std::span<const PilotPair> pairs, const Costs& costs, int most, double half_width) {
  std::vector<VarianceComponents> components;
  std::vector<double> widths;
  for (const PilotPair& pair : pairs) {
    auto found = components_of(pair);
    if (!found || !(half_width > pair.clock_term)) continue;
    // As if the rounds' variance were twice what the pilot saw; see the header.
    found->between = 2 * found->between + found->within / most;
    components.push_back(*found);
    widths.push_back(half_width - pair.clock_term);
  }
  if (components.empty() || !(costs.block_s > 0)) return most;
  return cheapest_quads(components, widths, costs, most);
}

int pilot_quads(const Costs& costs, int most) {
  if (!(costs.block_s > 0)) return most;
  constexpr double kNoisiest = 15 * 15;
  return blocks_per_round(costs, {.between = 1, .within = kNoisiest}, std::min(kFewestQuads, most), most);
}

std::optional<SecondStage> second_stage(std::span<const PilotPair> pairs, const Costs& costs, int most,
                                        double half_width, double confidence) {
  SecondStage plan{.quads = cheapest_quads(pairs, costs, most, half_width)};
  for (const PilotPair& pair : pairs) {
    const auto values = values_at(pair, plan.quads);
    if (values.size() < 2) continue;
    const auto pilot = static_cast<int>(values.size());
    const auto needed = rounds_needed(*moments(values).sd, pilot, half_width, confidence, pair.clock_term);
    plan.clock_too_coarse = plan.clock_too_coarse || !needed;
    const int lost = std::max(0, pair.planned - pilot);  // they are planned, and aren't values
    plan.rounds = std::max(plan.rounds, needed.value_or(pilot) + lost);
  }
  if (plan.rounds == 0) return std::nullopt;
  return plan;
}

}  // namespace assay::stats
