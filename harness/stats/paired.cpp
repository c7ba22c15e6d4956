#include "harness/stats/paired.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "harness/stats/moments.hpp"
#include "harness/stats/quantile.hpp"

namespace assay::stats {
namespace {

bool has_logarithms(const Quad& q) {
  return q.of1 > 0 && q.of2 > 0 && q.to1 > 0 && q.to2 > 0;
}

}  // namespace

double quad_log_ratio(const Quad& q) {
  assert(has_logarithms(q));
  return 0.5 * (std::log(q.of1) + std::log(q.of2) - std::log(q.to1) - std::log(q.to2));
}

std::optional<double> round_log_ratio(std::span<const Quad> quads) {
  if (!std::all_of(quads.begin(), quads.end(), has_logarithms)) return std::nullopt;
  std::vector<double> values;
  for (const Quad& q : quads) values.push_back(quad_log_ratio(q));
  return median(values);
}

double quad_difference(const Quad& q) {
  return 0.5 * ((q.of1 - q.to1) + (q.of2 - q.to2));
}

std::optional<double> round_difference(std::span<const Quad> quads) {
  if (quads.empty()) return std::nullopt;
  std::vector<double> values;
  for (const Quad& q : quads) values.push_back(quad_difference(q));
  return mean(values);
}

std::optional<double> clock_term(double tick, std::span<const double> elapsed) {
  if (elapsed.empty()) return std::nullopt;
  const double shortest = *std::min_element(elapsed.begin(), elapsed.end());
  if (!(shortest > 0)) return std::nullopt;
  return tick / shortest;
}

}  // namespace assay::stats
