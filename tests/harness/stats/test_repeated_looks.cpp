#include <algorithm>
#include <vector>

#include "draws.hpp"
#include "harness/stats/location.hpp"
#include "harness/stats/repeated_looks.hpp"
#include "harness/stats/verdict.hpp"
#include "tests/catch.hpp"

using namespace assay::stats;
using tests::at_most;
using tests::Draws;

namespace {

/// Runs of which nothing is true, extended by as many rounds as they began with until something is
/// significant or `extensions` are used up.
struct Alarms {
  int first = 0;  // of the table as planned
  int any = 0;    // of any look
};

Alarms extend_until_significant(int trials, int rounds, int extensions, bool corrected) {
  Draws draws(3'001);
  Alarms alarms;
  for (int i = 0; i < trials; ++i) {
    std::vector<double> d;
    for (int look = 0; look <= extensions; ++look) {
      for (int r = 0; r < rounds; ++r) d.push_back(draws.normal());
      const double p = two_sided_p(*mean_location(d, std::nullopt), 0) * (corrected ? p_factor(look) : 1);
      if (p >= kSignificant) continue;
      alarms.first += look == 0;
      ++alarms.any;
      break;
    }
  }
  return alarms;
}

}  // namespace

TEST_CASE("each further look halves the level, so that all extensions together spend no more than one table") {
  CHECK(p_factor(0) == 1);
  CHECK(p_factor(1) == 2);
  double spent = 0;
  for (int looks = 1; looks < 60; ++looks) spent += kSignificant / p_factor(looks);
  CHECK(spent <= kSignificant);
}

TEST_CASE("extending until something is significant finds what isn't there, and the factor bounds it") {
  constexpr int kTrials = 6'000;
  for (const int extensions : {1, 4}) {
    const Alarms naive = extend_until_significant(kTrials, 7, extensions, false);
    const Alarms corrected = extend_until_significant(kTrials, 7, extensions, true);
    INFO(extensions << " extensions of " << kTrials << " runs: " << naive.any << " false alarms, corrected "
                    << corrected.any << ", of them " << corrected.first << " at the first look");
    CHECK_FALSE(at_most(naive.any, kTrials, extensions == 1 ? 0.06 : 0.10));
    CHECK(at_most(corrected.first, kTrials, 0.05));
    // What the extensions add is at most what the first look had, and in fact far less: they share its data.
    CHECK(at_most(corrected.any - corrected.first, kTrials, 0.05));
    CHECK(at_most(corrected.any, kTrials, 0.065));
    CHECK(naive.any > corrected.any);
  }
}
