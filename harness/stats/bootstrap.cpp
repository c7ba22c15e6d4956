#include "harness/stats/bootstrap.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "harness/stats/moments.hpp"
#include "harness/stats/splitmix64.hpp"

namespace assay::stats {

std::optional<Interval> bootstrap_t_interval(std::span<const double> values, double confidence,
                                             std::uint64_t seed) {
  assert(confidence > 0 && confidence < 1);
  if (values.size() < static_cast<std::size_t>(kFewestForBootstrap)) return std::nullopt;
  const Moments seen = moments(values);
  if (!(*seen.sd > 1e-12 * std::max(std::abs(values.front()), std::abs(seen.mean)))) return std::nullopt;

  const double root_n = std::sqrt(static_cast<double>(values.size()));
  SplitMix64 draws(seed);
  std::vector<double> resample(values.size());
  std::vector<double> ts;
  while (ts.size() < static_cast<std::size_t>(kBootstrapDraws)) {
    for (double& x : resample) x = values[draws.below(values.size())];
    const Moments again = moments(resample);
    const double error = again.mean - seen.mean;
    // n copies of one value have no t; at 20 values and more that is one draw in 10²⁴, or data with few
    // distinct values.
    if (*again.sd > 0)
      ts.push_back(error / (*again.sd / root_n));
    else
      ts.push_back(error == 0 ? 0 : std::copysign(HUGE_VAL, error));
  }
  std::sort(ts.begin(), ts.end());
  const auto k = static_cast<std::size_t>(
      std::max(1.0, std::floor((kBootstrapDraws + 1) * (1 - confidence) / 2 + 1e-9)));
  const double low_t = ts[k - 1];
  const double high_t = ts[ts.size() - k];
  if (!std::isfinite(low_t) || !std::isfinite(high_t)) return std::nullopt;
  const double standard_error = *seen.sd / root_n;
  return Interval{seen.mean - high_t * standard_error, seen.mean - low_t * standard_error};
}

}  // namespace assay::stats
