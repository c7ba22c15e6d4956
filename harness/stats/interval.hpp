// A closed interval of values in which the true one is believed to lie.
//
//     if (estimate.interval && !estimate.interval->contains(1)) say("it differs");
#pragma once

namespace assay::stats {

struct Interval {
  double low = 0;
  double high = 0;

  bool contains(double x) const { return low <= x && x <= high; }
  double half_width() const { return (high - low) / 2; }
};

}  // namespace assay::stats
