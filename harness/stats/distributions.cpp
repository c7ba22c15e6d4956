#include "harness/stats/distributions.hpp"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/policies/policy.hpp>
#include <cassert>
#include <cmath>

namespace assay::stats {
namespace {

namespace bm = boost::math;
using Policy = bm::policies::policy<bm::policies::promote_float<false>, bm::policies::promote_double<false>>;
using StudentsT = bm::students_t_distribution<double, Policy>;
using NoncentralT = bm::non_central_t_distribution<double, Policy>;
using ChiSquared = bm::chi_squared_distribution<double, Policy>;
using Normal = bm::normal_distribution<double, Policy>;
using Beta = bm::beta_distribution<double, Policy>;
using Binomial = bm::binomial_distribution<double, Policy>;

}  // namespace

double t_quantile(double p, double degrees) {
  assert(p > 0 && p < 1 && degrees > 0);
  return bm::quantile(StudentsT(degrees), p);
}

double t_upper_tail(double t, double degrees) {
  assert(degrees > 0 && !std::isnan(t));
  if (std::isinf(t)) return t > 0 ? 0 : 1;
  return bm::cdf(bm::complement(StudentsT(degrees), t));
}

double noncentral_t_cdf(double t, double degrees, double noncentrality) {
  assert(degrees > 0 && noncentrality >= 0);
  // T' = (Z + δ)/√(χ²/ν). Boost's series counts in ints and gives up near δ² = 2³¹, where two rounds at a
  // strict level do arrive; long before, Z is nothing beside δ (relative error of the probability below
  // 1/δ²).
  if (noncentrality > 1e4) {
    if (t <= 0) return 0;
    const double ratio = noncentrality / t;
    return bm::cdf(bm::complement(ChiSquared(degrees), degrees * ratio * ratio));
  }
  return bm::cdf(NoncentralT(degrees, noncentrality), t);
}

double normal_cdf(double z) {
  if (std::isinf(z)) return z > 0 ? 1 : 0;
  return bm::cdf(Normal(), z);
}

double normal_quantile(double p) {
  assert(p > 0 && p < 1);
  return bm::quantile(Normal(), p);
}

double beta_quantile(double p, double alpha, double beta) {
  assert(p > 0 && p < 1 && alpha > 0 && beta > 0);
  return bm::quantile(Beta(alpha, beta), p);
}

double binomial_cdf(std::int64_t k, std::int64_t n, double p) {
  assert(n >= 0 && p >= 0 && p <= 1);
  if (k < 0) return 0;
  if (k >= n) return 1;
  return bm::cdf(Binomial(static_cast<double>(n), p), static_cast<double>(k));
}

}  // namespace assay::stats
