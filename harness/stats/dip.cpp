#include "harness/stats/dip.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <vector>

#include "harness/stats/dip_quantiles.hpp"

namespace assay::stats {
namespace {

/// A corner of the distribution function; heights count values.
struct Corner {
  double x = 0;
  double height = 0;
};

/// The distribution function at its distinct values: where each jump starts and ends.
struct Steps {
  std::vector<Corner> feet, heads;

  explicit Steps(std::span<const double> values) {
    std::vector<double> xs(values.begin(), values.end());
    std::sort(xs.begin(), xs.end());
    for (std::size_t i = 0; i < xs.size();) {
      std::size_t next = i;
      while (next < xs.size() && xs[next] <= xs[i]) ++next;
      feet.push_back({xs[i], static_cast<double>(i)});
      heads.push_back({xs[i], static_cast<double>(next)});
      i = next;
    }
  }
};

/// Indices of the vertices of the greatest convex minorant (sign 1) or the least concave majorant (−1) of a
/// range.
std::vector<std::size_t> hull(const std::vector<Corner>& corners, std::size_t low, std::size_t high,
                              double sign) {
  std::vector<std::size_t> vertices;
  for (std::size_t i = low; i <= high; ++i) {
    while (vertices.size() >= 2) {
      const Corner& a = corners[vertices[vertices.size() - 2]];
      const Corner& b = corners[vertices.back()];
      const Corner& c = corners[i];
      const double turn = (b.x - a.x) * (c.height - b.height) - (c.x - b.x) * (b.height - a.height);
      if (sign * turn > 0) break;
      vertices.pop_back();
    }
    vertices.push_back(i);
  }
  return vertices;
}

double between(const Corner& a, const Corner& b, double x) {
  return a.height + (x - a.x) / (b.x - a.x) * (b.height - a.height);
}

/// How far the other corners stand out from a hull's edges over [first, last], whose ends are vertices. At
/// `mode`, one of the ends, the nearest unimodal function jumps as far as it likes.
double largest_distance(const std::vector<Corner>& of, const std::vector<Corner>& hulled,
                        const std::vector<std::size_t>& vertices, std::size_t first, std::size_t last,
                        std::size_t mode) {
  double largest = 1;  // no step is less than one value high
  for (std::size_t v = 0; v + 1 < vertices.size(); ++v) {
    if (vertices[v] < first || vertices[v + 1] > last) continue;
    for (std::size_t i = vertices[v]; i <= vertices[v + 1]; ++i) {
      if (i == mode) continue;
      const double edge = between(hulled[vertices[v]], hulled[vertices[v + 1]], of[i].x);
      largest = std::max(largest, std::abs(of[i].height - edge));
    }
  }
  return largest;
}

struct Gap {
  double width = 0;
  std::size_t low = 0, high = 0;  // the modal interval that it leaves
};

/// The widest gap between both hulls, and the vertices around it: a convex part may end at `low`, a concave
/// one begin at `high`.
Gap widest_gap(const Steps& steps, const std::vector<std::size_t>& minorant,
               const std::vector<std::size_t>& majorant) {
  Gap widest;
  const auto offer = [&](double width, std::size_t low, std::size_t high) {
    if (width >= widest.width) widest = {width, low, high};
  };
  std::size_t edge = 0;
  for (const std::size_t g : minorant) {
    while (edge + 2 < majorant.size() && majorant[edge + 1] < g) ++edge;
    const double above =
        between(steps.heads[majorant[edge]], steps.heads[majorant[edge + 1]], steps.feet[g].x);
    offer(above - steps.feet[g].height, g, majorant[edge] == g ? g : majorant[edge + 1]);
  }
  edge = 0;
  for (const std::size_t l : majorant) {
    while (edge + 2 < minorant.size() && minorant[edge + 1] <= l) ++edge;
    const double below =
        between(steps.feet[minorant[edge]], steps.feet[minorant[edge + 1]], steps.heads[l].x);
    offer(steps.heads[l].height - below, minorant[edge + 1] <= l ? minorant[edge + 1] : minorant[edge], l);
  }
  return widest;
}

/// ln p of a statistic by one row of the table.
double log_p_in_row(const DipRow& row, double statistic) {
  const auto& q = row.quantiles;
  if (statistic <= q.front()) return 0;  // ½ or more
  std::size_t i = 1;
  while (i + 1 < q.size() && q[i] < statistic) ++i;
  // The tail falls like exp(−c s²), so ln p is nearly straight over s².
  const double a = q[i - 1] * q[i - 1], b = q[i] * q[i];
  const double log_a = std::log(kDipTails[i - 1]), log_b = std::log(kDipTails[i]);
  return log_a + (statistic * statistic - a) / (b - a) * (log_b - log_a);
}

}  // namespace

double dip(std::span<const double> values) {
  if (values.empty()) return 0;
  const Steps steps(values);
  double widest = 1;
  std::size_t low = 0, high = steps.feet.size() - 1;
  while (low < high) {
    const auto minorant = hull(steps.feet, low, high, 1);
    const auto majorant = hull(steps.heads, low, high, -1);
    const Gap gap = widest_gap(steps, minorant, majorant);
    if (gap.width <= widest) break;
    widest = std::max({widest, largest_distance(steps.heads, steps.feet, minorant, low, gap.low, gap.low),
                       largest_distance(steps.feet, steps.heads, majorant, gap.high, high, gap.high)});
    if (gap.low == low && gap.high == high) break;
    low = gap.low;
    high = gap.high;
  }
  return widest / (2 * static_cast<double>(values.size()));
}

double dip_p(std::span<const double> values) {
  if (values.size() < static_cast<std::size_t>(kFewestForDip)) return 1;
  const double n = static_cast<double>(values.size());
  const double statistic = std::sqrt(n) * dip(values);
  std::size_t upper = 1;
  while (upper + 1 < kDipRows.size() && kDipRows[upper].n < n) ++upper;
  const DipRow& a = kDipRows[upper - 1];
  const DipRow& b = kDipRows[upper];
  const double part = std::clamp((std::log(n) - std::log(a.n)) / (std::log(b.n) - std::log(a.n)), 0.0, 1.0);
  return std::exp((1 - part) * log_p_in_row(a, statistic) + part * log_p_in_row(b, statistic));
}

TwoGroups two_groups(std::span<const double> values) {
  std::vector<double> xs(values.begin(), values.end());
  std::sort(xs.begin(), xs.end());
  assert(xs.size() >= 2 && xs.front() < xs.back());
  double all = 0;
  for (const double x : xs) all += x;
  const double n = static_cast<double>(xs.size());
  TwoGroups best;
  double most = -1, below = 0;
  for (std::size_t i = 1; i < xs.size(); ++i) {
    below += xs[i - 1];
    if (xs[i] <= xs[i - 1]) continue;  // equal values stay together
    const double k = static_cast<double>(i);
    const double low = below / k, high = (all - below) / (n - k);
    const double separated = k * (n - k) * (high - low) * (high - low);
    if (separated > most) most = separated, best = {low, high, (n - k) / n};
  }
  return best;
}

}  // namespace assay::stats
