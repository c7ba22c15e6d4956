#include <cmath>

#include "harness/stats/distributions.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;

TEST_CASE("t quantiles agree with the printed table") {
  // NIST/SEMATECH e-Handbook of Statistical Methods, §1.3.6.7.2, critical values of Student's t.
  CHECK(t_quantile(0.975, 1) == Approx(12.706).margin(0.0005));
  CHECK(t_quantile(0.975, 4) == Approx(2.776).margin(0.0005));
  CHECK(t_quantile(0.975, 6) == Approx(2.447).margin(0.0005));
  CHECK(t_quantile(0.975, 14) == Approx(2.145).margin(0.0005));
  CHECK(t_quantile(0.95, 6) == Approx(1.943).margin(0.0005));
  CHECK(t_quantile(0.999, 100) == Approx(3.174).margin(0.0005));
}

TEST_CASE("the far tail of t is small and not 0") {
  // One degree of freedom is Cauchy: P(T > t) = ½ − atan(t)/π, which for large t is 1/(πt).
  CHECK(t_upper_tail(1e9, 1) == Approx(1 / (3.14159265358979 * 1e9)).epsilon(1e-9));
  CHECK(t_upper_tail(-1, 1) == Approx(0.75).epsilon(1e-12));
  CHECK(t_upper_tail(200, 30) > 0);
  CHECK(t_upper_tail(INFINITY, 3) == 0);
  CHECK(t_upper_tail(-INFINITY, 3) == 1);
}

TEST_CASE("a quantile is the inverse of its tail") {
  for (const double p : {0.001, 0.3, 0.5, 0.9, 0.9995}) {
    CHECK(1 - t_upper_tail(t_quantile(p, 5), 5) == Approx(p).epsilon(1e-10));
    CHECK(normal_cdf(normal_quantile(p)) == Approx(p).epsilon(1e-10));
  }
}

TEST_CASE("the noncentral t is Student's t where the effect is 0") {
  CHECK(noncentral_t_cdf(1.3, 8, 0) == Approx(1 - t_upper_tail(1.3, 8)).epsilon(1e-10));
  CHECK(noncentral_t_cdf(1.3, 8, 2) < noncentral_t_cdf(1.3, 8, 1));
}

TEST_CASE("binomial sums agree with counting") {
  CHECK(binomial_cdf(-1, 5, 0.5) == 0);
  CHECK(binomial_cdf(0, 5, 0.5) == Approx(1.0 / 32));
  CHECK(binomial_cdf(2, 5, 0.5) == Approx(16.0 / 32));
  CHECK(binomial_cdf(5, 5, 0.5) == 1);
  CHECK(binomial_cdf(1, 3, 0.2) == Approx(0.512 + 3 * 0.2 * 0.64));
}

TEST_CASE("the noncentral t goes on smoothly where its series would end") {
  for (const double degrees : {1.0, 2.0, 6.0}) {
    const double before = noncentral_t_cdf(12'000, degrees, 9'999.9);
    const double after = noncentral_t_cdf(12'000, degrees, 10'000.1);
    CHECK(before > after);
    CHECK(before - after < 1e-4);
    CHECK(noncentral_t_cdf(1.2e6, degrees, 1e6) ==
          Approx(noncentral_t_cdf(1.2e4, degrees, 1e4)).epsilon(1e-6));
  }
}

TEST_CASE("beta quantiles invert binomial tails") {
  // P(X ≥ k) of n trials of probability x is the beta distribution's P(B ≤ x) with k and n − k + 1.
  const double x = beta_quantile(0.1, 3, 8);
  CHECK(1 - binomial_cdf(2, 10, x) == Approx(0.1).epsilon(1e-9));
  CHECK(beta_quantile(0.3, 1, 1) == Approx(0.3));
}
