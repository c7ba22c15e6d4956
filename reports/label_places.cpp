#include "reports/label_places.hpp"

#include <algorithm>

namespace assay::reports {

namespace {

constexpr double kPointRadius = 6, kBar = 2, kGap = 8;  // pixels; half a bar's thickness; between a point and its name

struct Box {
  double left, bottom, right, top;

  double overlap(const Box& other) const {
    const double across = std::min(right, other.right) - std::max(left, other.left);
    const double up = std::min(top, other.top) - std::max(bottom, other.bottom);
    return across > 0 && up > 0 ? across * up : 0;
  }
  double area() const { return (right - left) * (top - bottom); }
};

Box box_of(const LabelPoint& point, const LabelPlace& place, double line_height) {
  const double near = point.x + place.dx, middle = point.y + place.dy;
  const double left = place.left_of_point ? near - point.width : near;
  return {left, middle - line_height / 2, left + point.width, middle + line_height / 2};
}

/// From the best on: beside the point, then by half lines above and below.
std::vector<LabelPlace> candidates(double line_height) {
  std::vector<LabelPlace> all;
  for (const double lines : {0.0, 0.7, -0.7, 1.4, -1.4, 2.1, -2.1, 2.8, -2.8}) {
    all.push_back({kGap, lines * line_height, false});
    all.push_back({-kGap, lines * line_height, true});
  }
  return all;
}

}  // namespace

std::vector<LabelPlace> label_places(const std::vector<LabelPoint>& points, const LabelArea& area) {
  const Box inside{area.left, area.bottom, area.right, area.top};
  std::vector<Box> taken;
  for (const LabelPoint& p : points) {
    taken.push_back({p.x - kPointRadius, p.y - kPointRadius, p.x + kPointRadius, p.y + kPointRadius});
    taken.push_back({p.x - p.left, p.y - kBar, p.x + p.right, p.y + kBar});
    taken.push_back({p.x - kBar, p.y - p.below, p.x + kBar, p.y + p.above});
  }
  const std::vector<LabelPlace> tried = candidates(area.line_height);
  std::vector<LabelPlace> places;
  for (const LabelPoint& point : points) {
    const auto cost = [&](const LabelPlace& place) {
      const Box box = box_of(point, place, area.line_height);
      double covered = box.area() - box.overlap(inside);
      for (const Box& other : taken) covered += box.overlap(other);
      return covered;
    };
    const auto best = std::min_element(tried.begin(), tried.end(), [&](const LabelPlace& a, const LabelPlace& b) { return cost(a) < cost(b); });
    places.push_back(*best);
    taken.push_back(box_of(point, *best, area.line_height));
  }
  return places;
}

}  // namespace assay::reports
