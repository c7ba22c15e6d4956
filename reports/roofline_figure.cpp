// The roofline (Williams, Waterman & Patterson, CACM 2009): what the machine allows at each arithmetic
// intensity, and where the treatments stand below it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>

#include "harness/core/units.hpp"
#include "reports/figure.hpp"
#include "reports/figure_text.hpp"
#include "reports/tables.hpp"

namespace assay::reports {

namespace {

constexpr int kWidth = 820, kHeight = 470;             // of the picture, in its own pixels
constexpr double kPlotWidth = 700, kPlotHeight = 380;  // of what the axes enclose, about
constexpr double kTextHeight = 15, kNameDistance = 22;
constexpr std::size_t kMostLabels = 12;  // beyond, a legend tells the points apart

// Of different widths: gnuplot's SVG joins lines that differ in their dashes alone.
constexpr std::string_view kSolid = "linecolor rgb '#5A5A5A' linewidth 1.6 dashtype solid";
constexpr std::string_view kDashed = "linecolor rgb '#5A5A5A' linewidth 1.2 dashtype 2";

struct Point {
  std::string label;
  std::string series;
  double intensity = 0;
  Number gflop_per_s;
  bool hollow = false;  // modelled
};

struct Frame {
  double x_low = 0, x_high = 0, y_low = 0, y_high = 0;
  double decades_x() const { return std::log10(x_high / x_low); }
  double decades_y() const { return std::log10(y_high / y_low); }
};

/// The lines of the largest team of threads that has a peak.
std::vector<Limit> limits_of(const Report& report) {
  int threads = 0;
  for (const Limit& limit : report.limits) {
    if (limit.level.empty()) threads = std::max(threads, limit.threads);
  }
  std::vector<Limit> limits;
  std::copy_if(report.limits.begin(), report.limits.end(), std::back_inserter(limits),
               [&](const Limit& l) { return l.threads == threads; });
  return limits;
}

std::vector<Point> points_of(const Report& report, int threads) {
  const Planned& planned = report.planned;
  std::string by = planned.table.along;
  for (const plan::Factor& factor : planned.factors) {
    if (by.empty() && factor.levels.size() > 1) by = factor.name;
  }
  std::vector<Point> points;
  for (const Cell& cell : report.cells) {
    if (cell.metric != report.elapsed_metric || cell.statistic != "typical") continue;
    if (cell.threads != threads || !cell.peak_fraction || !cell.intensity || !cell.flop_per_s) continue;
    const Treatment& treatment = planned.treatments[static_cast<std::size_t>(cell.treatment)];
    const Level* level = treatment.find(by);
    points.push_back({short_name(treatment, planned.factors), level ? shortest(*level) : "", *cell.intensity,
                      scaled(*cell.flop_per_s, 1e-9), cell.provenance == Provenance::modelled});
  }
  return points;
}

/// All points, the ridge of every level, and some room.
Frame frame_of(const std::vector<Point>& points, const std::vector<Limit>& limits, double peak) {
  Frame f{.x_low = 1e300, .x_high = 0, .y_low = 1e300, .y_high = peak};
  for (const Point& p : points) {
    f.x_low = std::min(f.x_low, p.intensity);
    f.x_high = std::max(f.x_high, p.intensity);
    f.y_low = std::min(f.y_low, p.gflop_per_s.interval ? p.gflop_per_s.interval->low : p.gflop_per_s.value);
    f.y_high =
        std::max(f.y_high, p.gflop_per_s.interval ? p.gflop_per_s.interval->high : p.gflop_per_s.value);
  }
  for (const Limit& limit : limits) {
    if (limit.level.empty()) continue;
    const double ridge = peak / (limit.rate.value * 1e-9);
    f.x_low = std::min(f.x_low, ridge);
    f.x_high = std::max(f.x_high, ridge);
  }
  f.x_low /= 6;
  f.x_high *= 12;  // names stand to the right of their points
  f.y_low /= 2;
  f.y_high *= 2.2;
  return f;
}

std::string line(double x1, double y1, double x2, double y2, std::string_view style) {
  return fmt::format("set arrow from {},{} to {},{} nohead back {}\n", shown(x1), shown(y1), shown(x2),
                     shown(y2), style);
}

std::string name_of(const Limit& limit) {
  return fmt::format("{} {}", limit.name, print({limit.rate.value, std::nullopt}, "B/s", Kind::rate).value);
}

/// Degrees by which the lines of the memory rise on paper.
double slant_of(const Frame& f) {
  return std::atan2(kPlotHeight / f.decades_y(), kPlotWidth / f.decades_x()) * 180 / std::numbers::pi;
}

/// The levels of the memory, fastest first; their lines stand from left to right.
std::vector<Limit> levels_of(const std::vector<Limit>& limits) {
  std::vector<Limit> levels;
  std::copy_if(limits.begin(), limits.end(), std::back_inserter(levels), [](const Limit& l) { return !l.level.empty(); });
  std::stable_sort(levels.begin(), levels.end(), [](const Limit& a, const Limit& b) { return a.rate.value > b.rate.value; });
  return levels;
}

/// Whether a name has room between each line and the next.
bool stand_apart(const std::vector<Limit>& levels, const Frame& f) {
  const double across = std::sin(slant_of(f) * std::numbers::pi / 180) * kPlotWidth / f.decades_x();  // pixels a decade of bandwidth
  for (std::size_t i = 1; i < levels.size(); ++i) {
    if (std::log10(levels[i - 1].rate.value / levels[i].rate.value) * across < 1.3 * kTextHeight) return false;
  }
  return true;
}

/// Along their lines where there is room; else as a list, in the order of the lines.
std::string level_names(const std::vector<Limit>& limits, double top, const Frame& f) {
  const std::vector<Limit> levels = levels_of(limits);
  std::string s;
  if (stand_apart(levels, f)) {
    for (const Limit& level : levels) {
      const double bandwidth = level.rate.value * 1e-9, start = std::max(f.x_low, f.y_low / bandwidth);
      const double x = start * std::pow(top / bandwidth / start, 0.04);
      s += fmt::format("set label {} at {},{} left offset 0, 0.6 rotate by {} textcolor rgb '{}'\n", script_text(name_of(level)), shown(x),
                       shown(bandwidth * x), shown(std::round(slant_of(f))), kGrey);
    }
    return s;
  }
  double height = 0.06 + 1.15 * kTextHeight / kPlotHeight * static_cast<double>(levels.size());
  const auto entry = [&](const std::string& text) {
    s += fmt::format("set label {} at graph 0.02, graph {:.3f} left textcolor rgb '{}'\n", script_text(text), height, kGrey);
    height -= 1.15 * kTextHeight / kPlotHeight;
  };
  entry(levels.front().peak < 0 ? "dashed, from left to right:" : "from left to right:");
  for (const Limit& level : levels) entry(name_of(level));
  return s;
}

/// Slanted lines up to the peak, with their names.
std::string limit_lines(const std::vector<Limit>& limits, const Limit& peak, const Frame& f) {
  const double top = peak.rate.value * 1e-9;
  const bool any_level = std::any_of(limits.begin(), limits.end(), [](const Limit& l) { return !l.level.empty(); });
  double leftmost = any_level ? f.x_high : f.x_low;  // of the peak's line, which ends at the first ridge
  std::string s;
  for (const Limit& limit : limits) {
    if (limit.level.empty()) continue;
    const double bandwidth = limit.rate.value * 1e-9;
    const double ridge = top / bandwidth;
    const double start = std::max(f.x_low, f.y_low / bandwidth);
    leftmost = std::min(leftmost, ridge);
    s += line(start, bandwidth * start, ridge, top, limit.peak < 0 ? kDashed : kSolid);
  }
  s += level_names(limits, top, f);
  if (peak.rate.interval) {
    s += fmt::format(
        "set object rectangle from {0},{1} to {2},{3} behind fillcolor rgb '#EEEEEE' fillstyle solid "
        "noborder\n",
        shown(leftmost), shown(peak.rate.interval->low * 1e-9), shown(f.x_high),
        shown(peak.rate.interval->high * 1e-9));
  }
  s += line(std::max(leftmost, f.x_low), top, f.x_high, top, kSolid);
  s += fmt::format(
      "set label {} at {},{} right offset -0.5, 0.6 textcolor rgb '{}'\n",
      script_text("FMA peak " + print({peak.rate.value, std::nullopt}, "FLOP/s", Kind::rate).value),
      shown(f.x_high), shown(top), kGrey);
  return s;
}

/// Where the names of points stand, in decades of y: at least `step` apart, none above `highest`, and
/// otherwise as near to their points (from the top) as can be. Pool adjacent violators: names that would
/// overlap stand around the middle of their points.
std::vector<double> spread(const std::vector<double>& points, double step, double highest) {
  struct Pool {
    double sum = 0;  // of the positions, each shifted by what those before it need
    int size = 0;
    double mean() const { return sum / size; }
  };
  std::vector<Pool> pools;
  for (std::size_t i = 0; i < points.size(); ++i) {
    pools.push_back({points[i] + static_cast<double>(i) * step, 1});
    while (pools.size() > 1 && pools.back().mean() > pools[pools.size() - 2].mean()) {
      const Pool last = pools.back();
      pools.pop_back();
      pools.back() = {pools.back().sum + last.sum, pools.back().size + last.size};
    }
  }
  std::vector<double> places;
  for (const Pool& pool : pools) {
    for (int k = 0; k < pool.size; ++k)
      places.push_back(std::min(pool.mean(), highest) - static_cast<double>(places.size()) * step);
  }
  return places;
}

/// Names beside points, moved apart where they would overlap, each with a line to its point.
std::string name_labels(std::vector<Point> points, const Frame& f, double peak) {
  std::sort(points.begin(), points.end(),
            [](const Point& a, const Point& b) { return a.gflop_per_s.value > b.gflop_per_s.value; });
  std::vector<double> heights;
  for (const Point& p : points) heights.push_back(std::log10(p.gflop_per_s.value));
  const double step = kTextHeight / kPlotHeight * f.decades_y();
  const std::vector<double> places =
      spread(heights, step, std::log10(peak) - 0.7 * step);  // below the peak's line
  const double beside = std::pow(10, kNameDistance / kPlotWidth * f.decades_x());
  std::string s;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point& p = points[i];
    const double x = p.intensity * beside, y = std::pow(10, places[i]);
    if (std::fabs(places[i] - heights[i]) > step / 4) {
      s += line(p.intensity, p.gflop_per_s.value, x, y,
                "linecolor rgb '#B0B0B0' linewidth 0.7 dashtype solid");
    }
    s += fmt::format("set label {} at {},{} left offset 0.4, 0 textcolor rgb '{}'\n",
                     script_text(fmt::format("{}  {}", p.label, print_ratio(p.gflop_per_s).number)), shown(x),
                     shown(y), kBlue);
  }
  return s;
}

std::vector<std::string> series_of(const std::vector<Point>& points) {
  std::vector<std::string> series;
  for (const Point& p : points) {
    if (std::find(series.begin(), series.end(), p.series) == series.end()) series.push_back(p.series);
  }
  return series;
}

std::string csv_of(const std::vector<Point>& points) {
  const auto series = series_of(points);
  std::string csv = "series,label,flop_per_byte,gflop_per_s,low,high,modelled,number\n";
  for (const Point& p : points) {
    const auto& y = p.gflop_per_s;
    const auto number = std::find(series.begin(), series.end(), p.series) - series.begin();
    csv += fmt::format("{},{},{},{},{},{},{},{}\n", csv_text(p.series), csv_text(p.label), shown(p.intensity),
                       shown(y.value), shown(y.interval ? y.interval->low : y.value),
                       shown(y.interval ? y.interval->high : y.value), p.hollow ? 1 : 0, number);
  }
  return csv;
}

std::string script_of(const std::vector<Limit>& limits, const std::vector<Point>& points) {
  const Frame f = frame_of(points, limits, limits.front().rate.value * 1e-9);
  const bool named = points.size() <= kMostLabels;
  std::string s = script_head("roofline", kWidth, kHeight);
  s += "set xlabel 'FLOP a byte (logarithmic)'\nset ylabel 'GFLOP/s (logarithmic)'\nset logscale xy\n";
  s += fmt::format("set xrange [{}:{}]\nset yrange [{}:{}]\n", shown(f.x_low), shown(f.x_high),
                   shown(f.y_low), shown(f.y_high));
  s += "set format '%g'\nset border 3 linecolor rgb '#808080'\nset tics nomirror out scale 0.6 textcolor rgb "
       "'#404040'\n";
  s += "set grid linecolor rgb '#EFEFEF' linewidth 0.6\n";
  s += named ? "set key off\n" : "set key outside right top Left reverse samplen 1 spacing 1.1\n";
  s += limit_lines(limits, limits.front(), f);
  if (named) s += name_labels(points, f, limits.front().rate.value * 1e-9);
  s += "file = 'roofline.csv'\n";
  std::vector<std::string> plots;
  const auto series = named ? std::vector<std::string>{""} : series_of(points);
  for (std::size_t i = 0; i < std::min(series.size(), kMostSeries); ++i) {
    for (const bool hollow : {false, true}) {
      const bool any = std::any_of(points.begin(), points.end(), [&](const Point& p) {
        return p.hollow == hollow && (named || p.series == series[i]);
      });
      if (!any) continue;
      const std::string chosen = named ? fmt::format("($7 == {} ? $3 : NaN)", hollow ? 1 : 0)
                                       : fmt::format("($7 == {} && $8 == {} ? $3 : NaN)", hollow ? 1 : 0, i);
      plots.push_back(
          fmt::format("file every ::1 using {}:4:5:6 with yerrorbars pointtype {} pointsize 0.9 linewidth "
                      "1.5 linecolor rgb '{}' title {}",
                      chosen, hollow ? kHollow[i] : kFilled[i], kColours[i],
                      script_text(named ? "" : series[i] + (hollow ? " (modelled)" : ""))));
    }
  }
  s += fmt::format("plot {}\n", fmt::join(plots, ", \\\n     "));
  return s + script_foot("roofline", kWidth, kHeight);
}

std::string caption_of(const Report& report, const std::vector<Limit>& limits,
                       const std::vector<Point>& points) {
  const bool sheet = std::any_of(limits.begin(), limits.end(), [](const Limit& l) { return l.peak < 0; });
  std::string caption =
      "Roofline: GFLOP/s over the arithmetic intensity of the work, FLOP a byte that must be moved at least";
  if (const std::string constants = constants_text(report.planned); !constants.empty())
    caption += " (" + constants + ")";
  caption += "; bars are 95 % intervals " + over_rounds(report) + ". Level line: the FMA loop in the same rounds";
  if (sheet)
    caption +=
        "; dashed: reading from each level of the memory, of the machine sheet that was measured before the "
        "rounds";
  caption += ".";
  if (std::any_of(points.begin(), points.end(), [](const Point& p) { return p.hollow; }))
    caption += " Hollow: modelled.";
  const auto cells =
      static_cast<std::size_t>(std::count_if(report.cells.begin(), report.cells.end(), [&](const Cell& c) {
        return c.metric == report.elapsed_metric && c.statistic == "typical" && c.flop_per_s;
      }));
  if (cells > points.size())
    caption += fmt::format(" Shown are treatments on {}.", counted(limits.front().threads, "thread"));
  return caption;
}

}  // namespace

std::optional<Figure> roofline_figure(const Report& report) {
  const std::vector<Limit> limits = limits_of(report);  // floating point is the first
  if (limits.empty()) return std::nullopt;
  const std::vector<Point> points = points_of(report, limits.front().threads);
  if (points.empty()) return std::nullopt;
  return Figure{"roofline", csv_of(points), script_of(limits, points), caption_of(report, limits, points)};
}

}  // namespace assay::reports
