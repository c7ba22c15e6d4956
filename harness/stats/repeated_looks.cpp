#include "harness/stats/repeated_looks.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace assay::stats {

double p_factor(int looks) {
  assert(looks >= 0);
  constexpr int kBeyondAnyHope = 1000;  // finite, so that a p of 0 stays one
  return std::ldexp(1.0, std::min(looks, kBeyondAnyHope));
}

}  // namespace assay::stats
