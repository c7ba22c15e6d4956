// The distributions that the rest of this room needs, as plain functions: Boost.Math is compiled in one file
// only, and under one policy. Doubles are never promoted to long double, which is 80 bits wide on x86-64 and
// 128 on aarch64, so that a p has the same bytes on both.
//
//     const double half = t_quantile(0.975, rounds - 1) * standard_error;
#pragma once

#include <cstdint>

namespace assay::stats {

/// x with P(T ≤ x) = p, for Student's t with `degrees` > 0 degrees of freedom; 0 < p < 1.
double t_quantile(double p, double degrees);
/// P(T > t). Exact in the far tail, where 1 − P(T ≤ t) would be 0.
double t_upper_tail(double t, double degrees);

/// P(T' ≤ t) for the noncentral t: the distribution of the t statistic when the true effect is not 0;
/// noncentrality ≥ 0.
double noncentral_t_cdf(double t, double degrees, double noncentrality);

double normal_cdf(double z);
double normal_quantile(double p);

/// x with P(B ≤ x) = p, for a beta distribution with both parameters > 0; 0 < p < 1.
double beta_quantile(double p, double alpha, double beta);

/// P(X ≤ k) of a binomial with n trials of probability p; 0 for k < 0.
double binomial_cdf(std::int64_t k, std::int64_t n, double p);

}  // namespace assay::stats
