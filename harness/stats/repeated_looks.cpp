#include "harness/stats/repeated_looks.hpp"

#include <cassert>
#include <cmath>

namespace assay::stats {

double p_factor(int looks) {
  assert(looks >= 0);
  return std::ldexp(1.0, looks);
}

}  // namespace assay::stats
