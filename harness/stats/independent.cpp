#include "harness/stats/independent.hpp"

#include <cmath>

namespace assay::stats {

Interval difference_of_independent(const Bounded& a, const Bounded& b) {
  const double difference = a.value - b.value;
  const double below = std::hypot(a.value - a.interval.low, b.interval.high - b.value);
  const double above = std::hypot(a.interval.high - a.value, b.value - b.interval.low);
  return {difference - below, difference + above};
}

}  // namespace assay::stats
