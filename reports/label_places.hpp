// Where names stand beside the points of a picture, so that none lies on another's name, point or bar.
//
//     const auto places = label_places({{120, 80, 60}, {122, 83, 45}}, {0, 0, 820, 420});
//     // the first to the right of its point, the second below
#pragma once

#include <vector>

namespace assay::reports {

/// In pixels, from the lower left corner.
struct LabelPoint {
  double x = 0, y = 0;
  double width = 0;  // of its name
  double left = 0, right = 0, below = 0, above = 0;  // how far its bars reach
};

struct LabelPlace {
  double dx = 0, dy = 0;  // from the point to the middle of the name's near end
  bool left_of_point = false;
};

/// Where names may stand.
struct LabelArea {
  double left = 0, bottom = 0, right = 0, top = 0;
  double line_height = 17;
};

/// For each point in turn the nearest place that is free: beside it, above or below. Where none is, the one that
/// overlaps least.
std::vector<LabelPlace> label_places(const std::vector<LabelPoint>& points, const LabelArea& area);

}  // namespace assay::reports
