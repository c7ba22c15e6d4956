// A metric, and a throughput, against a factor of numbers: what grows with what.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "harness/core/units.hpp"
#include "reports/factor_axis.hpp"
#include "reports/figure.hpp"
#include "reports/figure_text.hpp"
#include "reports/tables.hpp"

namespace assay::reports {

namespace {

constexpr int kWidth = 820, kHeight = 440;  // of the picture, in its own pixels
constexpr std::size_t kFewestPoints = 3;

struct Point {
  std::string series;
  double x = 0;
  Number y;
  bool hollow = false;    // modelled or imported
  bool imported = false;  // of the two
  bool after_gap = false; // a level of its series before it has no value
};

/// "native, threads 2": the levels of the other factors that vary.
std::string series_of(const Treatment& treatment, const Planned& planned, const plan::Factor& along) {
  std::string text;
  for (const plan::Factor& factor : planned.factors) {
    const Level* level = treatment.find(factor.name);
    if (&factor == &along || factor.levels.size() < 2 || !level) continue;
    text += (text.empty() ? "" : ", ") + level_text(factor.name, *level);
  }
  return text;
}

double low_of(const Number& y) { return y.interval ? y.interval->low : y.value; }
double high_of(const Number& y) { return y.interval ? y.interval->high : y.value; }

bool is_logarithmic(double low, double high) { return low > 0 && high / low >= kLogarithmicFrom; }

std::vector<std::string> all_series(const std::vector<Point>& points) {
  std::vector<std::string> all;
  for (const Point& p : points) {
    if (std::find(all.begin(), all.end(), p.series) == all.end()) all.push_back(p.series);
  }
  return all;
}

std::string csv_of(const std::vector<Point>& points) {
  const auto series = all_series(points);
  std::string csv = "series,x,y,low,high,hollow,number\n";
  for (const Point& p : points) {
    const auto number = std::find(series.begin(), series.end(), p.series) - series.begin();
    csv += fmt::format("{},{},{},{},{},{},{}\n", csv_text(p.series), shown(p.x), shown(p.y.value), shown(low_of(p.y)), shown(high_of(p.y)), p.hollow ? 1 : 0, number);
  }
  return csv;
}

std::string script_of(const std::string& name, const std::vector<Point>& points, const std::string& x_title, const std::string& y_title) {
  std::set<double> xs;
  double low = points.front().y.value, high = low;
  for (const Point& p : points) {
    xs.insert(p.x);
    low = std::min(low, low_of(p.y));
    high = std::max(high, high_of(p.y));
  }
  const bool log_x = is_logarithmic(*xs.begin(), *xs.rbegin()), log_y = is_logarithmic(low, high);
  std::string s = script_head(name, kWidth, kHeight);
  s += fmt::format("set xlabel {}\nset ylabel {}\n", script_text(x_title + (log_x ? " (logarithmic)" : "")), script_text(y_title + (log_y ? " (logarithmic)" : "")));
  if (log_x) s += "set logscale x\n";
  if (log_y) s += "set logscale y\n";
  std::vector<std::string> tics;
  for (const double x : xs) tics.push_back(fmt::format("'{0}' {0}", shown(x)));
  s += fmt::format("set xtics ({})\n", fmt::join(tics, ", "));
  const double room = log_x ? std::pow(*xs.rbegin() / *xs.begin(), 0.04) : 0.04 * (*xs.rbegin() - *xs.begin());
  s += log_x ? fmt::format("set xrange [{}:{}]\n", shown(*xs.begin() / room), shown(*xs.rbegin() * room))
             : fmt::format("set xrange [{}:{}]\n", shown(*xs.begin() - room), shown(*xs.rbegin() + room));
  // From 0 unless everything lies far from it.
  if (!log_y && low >= 0 && low < 0.7 * high) s += fmt::format("set yrange [0:{}]\n", shown(1.08 * high));
  s += "set format y '%g'\nset border 3 linecolor rgb '#808080'\nset tics nomirror out scale 0.6 textcolor rgb '#404040'\n";
  s += "set grid linecolor rgb '#EFEFEF' linewidth 0.6\n";
  const auto series = all_series(points);
  s += series.size() > 1 ? "set key outside right top Left reverse samplen 1.5 spacing 1.1\n" : "set key off\n";
  s += fmt::format("file = '{}.csv'\n", name);
  std::vector<std::string> plots;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < std::min(series.size(), kMostSeries); ++i) {
    std::size_t end = begin;
    while (end < points.size() && points[end].series == series[i]) ++end;
    for (std::size_t first = begin; first < end;) {
      std::size_t last = first;
      while (last + 1 < end && !points[last + 1].after_gap) ++last;
      if (last > first) {
        plots.push_back(fmt::format("file {} using 2:3 with lines linewidth 1 dashtype {} linecolor rgb '{}' notitle", rows_of_file(first, last), kDashes[i], kColours[i]));
      }
      first = last + 1;
    }
    for (const bool hollow : {false, true}) {
      const bool any = std::any_of(points.begin(), points.end(), [&](const Point& p) { return p.series == series[i] && p.hollow == hollow; });
      if (!any) continue;
      plots.push_back(fmt::format("file {} using 2:($6 == {} ? $3 : NaN):4:5 with yerrorbars pointtype {} pointsize 0.9 linewidth 1.5 linecolor rgb '{}' title {}",
                                  rows_of_file(begin, end - 1), hollow ? 1 : 0, hollow ? kHollow[i] : kFilled[i], kColours[i],
                                  script_text(series[i] + (!hollow ? "" : points.front().imported ? " (imported)" : " (modelled)"))));
    }
    begin = end;
  }
  s += "set datafile missing NaN\n";
  s += fmt::format("plot {}\n", fmt::join(plots, ", \\\n     "));
  return s + script_foot(name, kWidth, kHeight);
}

struct Lines {
  std::string name;     // of the figure
  std::string y_title;  // with its unit
  std::string what;     // the caption's first words
  std::string over;     // what its intervals are over
  std::string more;     // further sentences
};

/// Every treatment's `value(cell)` of the first metric, where it has one, along the factor: series by series, each from
/// left to right.
template <class Value>
std::vector<Point> points_along(const Report& report, const plan::Factor& along, Value value) {
  const Planned& planned = report.planned;
  std::map<std::string, std::map<double, std::optional<Point>>> of_series;  // by where a treatment stands on the axis
  std::vector<std::string> order;
  for (std::size_t t = 0; t < planned.treatments.size(); ++t) {
    const Level* level = planned.treatments[t].find(along.name);
    if (!level) continue;
    const Cell* cell = find_cell(report.cells, static_cast<int>(t), 0, planned.metrics.front().statistics.front());
    const std::optional<Number> y = cell ? value(*cell) : std::nullopt;
    const std::string name = series_of(planned.treatments[t], planned, along);
    if (!of_series.contains(name)) order.push_back(name);
    const double x = *level_number(*level);
    std::optional<Point>& point = of_series[name][x];
    if (!y) continue;
    const bool imported = cell->provenance == Provenance::imported;
    point = Point{name, x, *y, imported || cell->provenance == Provenance::modelled, imported};
  }
  std::vector<Point> points;
  for (const std::string& name : order) {
    bool gap = false, begun = false;
    for (const auto& [x, point] : of_series[name]) {
      if (point) {
        points.push_back(*point);
        points.back().after_gap = gap && begun;
        begun = true;
      }
      gap = !point;
    }
  }
  return points;
}

bool can_be_drawn(const std::vector<Point>& points) { return points.size() >= kFewestPoints && all_series(points).size() <= kMostSeries; }

double largest_of(const std::vector<Point>& points) {
  double largest = 0;
  for (const Point& p : points) largest = std::max(largest, std::fabs(p.y.value));
  return largest;
}

Figure drawn(std::vector<Point> points, const Planned& planned, const plan::Factor& along, const ScaledUnit& unit, const Lines& lines) {
  for (Point& p : points) p.y = scaled(p.y, unit.factor);
  std::string caption = fmt::format("{} against {}", lines.what, along.name);
  if (const std::string constants = constants_text(planned); !constants.empty()) caption += " (" + constants + ")";
  caption += "; bars are 95 % intervals " + lines.over + ", many of them narrower than their point. Lines lead the eye from level to level: nothing was measured between." + lines.more;
  if (std::any_of(points.begin(), points.end(), [](const Point& p) { return p.after_gap; })) caption += " A line is broken where a cell has no value.";
  if (std::any_of(points.begin(), points.end(), [](const Point& p) { return p.hollow; })) caption += points.front().imported ? " Hollow: imported, measured elsewhere." : " Hollow: modelled from a part of the work.";
  return Figure{lines.name, csv_of(points), script_of(lines.name, points, along.name, lines.y_title), std::move(caption)};
}

/// " The smallest batch with 90 % of its line's best: native 4, onednn 64."
std::string knees_text(const std::vector<Point>& points, const std::string& factor) {
  constexpr double kShareOfBest = 0.9;
  std::vector<std::string> knees;
  for (const std::string& series : all_series(points)) {
    double best = 0;
    for (const Point& p : points) best = p.series == series ? std::max(best, p.y.value) : best;
    const auto knee = std::find_if(points.begin(), points.end(), [&](const Point& p) { return p.series == series && p.y.value >= kShareOfBest * best; });
    knees.push_back((series.empty() ? "" : series + " ") + shown(knee->x));
  }
  return fmt::format(" The smallest {} with 90 % of its line's best: {}.", factor, fmt::join(knees, ", "));
}

}  // namespace

std::optional<Figure> trend_figure(const Report& report) {
  const Planned& planned = report.planned;
  const plan::Factor* along = sweep_factor(planned);
  if (!along || planned.metrics.empty() || !report.ladders.empty()) return std::nullopt;
  const auto points = points_along(report, *along, [](const Cell& cell) { return cell.value; });
  if (!can_be_drawn(points)) return std::nullopt;
  const auto [unit, y_title] = metric_axis(planned.metrics.front().metric, largest_of(points));
  return drawn(points, planned, *along, unit, {"trend", y_title, planned.metrics.front().metric.name, over_rounds(report), ""});
}

std::optional<Figure> throughput_figure(const Report& report) {
  const Planned& planned = report.planned;
  const plan::Factor* along = sweep_factor(planned);
  if (!along || planned.metrics.empty() || !report.ladders.empty()) return std::nullopt;
  std::vector<const Cell*> cells;
  for (const Cell& cell : report.cells) cells.push_back(&cell);
  const std::string items = items_that_differ(cells);
  if (items.empty()) return std::nullopt;
  const auto points = points_along(report, *along, [](const Cell& cell) { return cell.throughput ? std::optional(cell.throughput->per_s) : std::nullopt; });
  if (!can_be_drawn(points)) return std::nullopt;
  const ScaledUnit thousands = largest_of(points) >= 1e4 ? ScaledUnit{1e-3, "thousand " + items + "/s"} : ScaledUnit{1, items + "/s"};
  return drawn(points, planned, *along, thousands, {"throughput", thousands.unit, items + " a second", over_rounds(report), knees_text(points, along->name)});
}

}  // namespace assay::reports
