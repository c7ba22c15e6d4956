// Have these values one mode or several? A mean or median of two speeds is the speed of nothing.
//
//     if (dip_p(log_times) < 0.001) warn("two groups", two_groups(log_times).low,
//     two_groups(log_times).high);
#pragma once

#include <span>

namespace assay::stats {

/// Largest distance between the values' distribution function and the unimodal one nearest to it: 1/(2n) at
/// least, 1/4 at most. 0 for no value. Source: Hartigan & Hartigan, Annals of Statistics 13 (1985); the way
/// to it: Hartigan, Algorithm AS 217, Applied Statistics 34 (1985).
double dip(std::span<const double> values);

/// Below, two clear groups would not be significant either.
inline constexpr int kFewestForDip = 8;

/// p of "one mode", against the uniform distribution, which of all with one mode dips most: of a normal
/// sample p is below 0.05 in less than 1 % of cases. By the quantiles of √n · dip of several sizes
/// (dip_quantiles.hpp), interpolated; from 0.0002 down extrapolated, from ½ up 1. 1 below kFewestForDip
/// values. Assumes independent values.
double dip_p(std::span<const double> values);

/// The split of the values in two that leaves least variance within both: the groups' means, and the part of
/// the values in the upper one. Requires two values that differ. Source: Otsu, IEEE Trans. Syst. Man Cybern.
/// 9 (1979).
struct TwoGroups {
  double low = 0;
  double high = 0;
  double upper_part = 0;
};
TwoGroups two_groups(std::span<const double> values);

}  // namespace assay::stats
