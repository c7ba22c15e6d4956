// What accuracy costs: each treatment's accuracy against its time, or what an emulator counted in its place, and those that no other one beats in
// both.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/units.hpp"
#include "reports/figure.hpp"
#include "reports/figure_text.hpp"
#include "reports/label_places.hpp"
#include "reports/numbers.hpp"
#include "reports/tables.hpp"

namespace assay::reports {

namespace {

constexpr int kWidth = 820, kHeight = 420;  // of the picture, in its own pixels
constexpr int kLeft = 95, kRight = 20, kBottom = 75, kTop = 15;  // its margins
constexpr double kLetterWidth = 7.2;        // of 14 pixels' sans-serif, on average

struct Point {
  std::string label;
  Number time, share;  // share in percent
  bool on_front = false;
};

double low_of(const Number& n) { return n.interval ? n.interval->low : n.value; }
double high_of(const Number& n) { return n.interval ? n.interval->high : n.value; }

/// By value: intervals say how sure a place is, not who has it.
void mark_front(std::vector<Point>& points) {
  for (Point& p : points) {
    p.on_front = std::none_of(points.begin(), points.end(), [&](const Point& other) {
      const bool as_good = other.time.value <= p.time.value && other.share.value >= p.share.value;
      return as_good && (other.time.value < p.time.value || other.share.value > p.share.value);
    });
  }
}

std::string csv_of(const std::vector<Point>& points) {
  std::string csv = "label,time,time_low,time_high,share,share_low,share_high,on_front\n";
  for (const Point& p : points) {
    csv += fmt::format("{},{},{},{},{},{},{},{}\n", csv_text(p.label), shown(p.time.value), shown(low_of(p.time)), shown(high_of(p.time)),
                       shown(p.share.value), shown(low_of(p.share)), shown(high_of(p.share)), p.on_front ? 1 : 0);
  }
  return csv;
}

/// Values on one axis of the picture.
struct Axis {
  double low = 0, high = 1;
  bool logarithmic = false;
  int begin = 0, end = 0;  // pixels

  double pixel(double value) const {
    const double share = logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
    return begin + share * (end - begin);
  }
  std::string range() const { return fmt::format("[{}:{}]", shown(low), shown(high)); }
};

/// With room at the right for the names that stand behind their points.
Axis axis_of_times(const std::vector<Point>& points) {
  double low = points.front().time.value, high = low;
  for (const Point& p : points) {
    low = std::min(low, low_of(p.time));
    high = std::max(high, high_of(p.time));
  }
  const bool logarithmic = low > 0 && high / low >= kLogarithmicFrom;
  if (logarithmic) return {low / 1.3, high * std::pow(high / low, 0.3), true, kLeft, kWidth - kRight};
  return {0, high > 0 ? 1.35 * high : 1, false, kLeft, kWidth - kRight};
}

Axis axis_of_shares(const std::vector<Point>& points) {
  double low = points.front().share.value, high = low;
  for (const Point& p : points) {
    low = std::min(low, low_of(p.share));
    high = std::max(high, high_of(p.share));
  }
  const double room = high > low ? 0.1 * (high - low) : 1;
  return {low - room, high + room, false, kBottom, kHeight - kTop};
}

/// A name beside each point.
std::string names_of(const std::vector<Point>& points, const Axis& times, const Axis& shares) {
  std::vector<LabelPoint> places;
  for (const Point& p : points) {
    const double x = times.pixel(p.time.value), y = shares.pixel(p.share.value);
    places.push_back({x, y, kLetterWidth * display_width(p.label), x - times.pixel(low_of(p.time)), times.pixel(high_of(p.time)) - x,
                      y - shares.pixel(low_of(p.share)), shares.pixel(high_of(p.share)) - y});
  }
  const auto found = label_places(places, {kLeft, kBottom, kWidth, kHeight});
  std::string names;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point& p = points[i];
    const LabelPlace& place = found[i];
    names += fmt::format("set label {} at {},{} {} offset screen {:.4f}, screen {:.4f} textcolor rgb '{}'\n", script_text(p.label), shown(p.time.value), shown(p.share.value),
                         place.left_of_point ? "right" : "left", place.dx / kWidth, place.dy / kHeight, p.on_front ? kBlue : kGrey);
  }
  return names;
}

std::string script_of(const std::vector<Point>& points, const std::string& x_title, const std::string& y_title) {
  const Axis times = axis_of_times(points), shares = axis_of_shares(points);
  std::string s = script_head("pareto", kWidth, kHeight);
  s += fmt::format("set lmargin at screen {:.4f}\nset rmargin at screen {:.4f}\nset bmargin at screen {:.4f}\nset tmargin at screen {:.4f}\n", 1.0 * kLeft / kWidth,
                   1 - 1.0 * kRight / kWidth, 1.0 * kBottom / kHeight, 1 - 1.0 * kTop / kHeight);
  s += fmt::format("set xlabel {}\nset ylabel {}\n", script_text(x_title + (times.logarithmic ? " (logarithmic)" : "")), script_text(y_title));
  if (times.logarithmic) s += "set logscale x\n";
  s += fmt::format("set xrange {}\nset yrange {}\n", times.range(), shares.range());
  s += "set format '%g'\n";
  if (tic_format(times.high) != tic_format(1)) s += fmt::format("set format x '{}'\n", tic_format(times.high));
  s += "set border 3 linecolor rgb '#808080'\nset tics nomirror out scale 0.6 textcolor rgb '#404040'\n";
  s += "set grid linecolor rgb '#EFEFEF' linewidth 0.6\nset key off\n";
  s += "file = 'pareto.csv'\n" + names_of(points, times, shares) + "set datafile missing NaN\n";
  s += fmt::format("plot file every ::1 using 2:($8 == 1 ? $5 : NaN) with steps linewidth 1 dashtype 2 linecolor rgb '{0}', \\\n"
                   "     file every ::1 using 2:($8 == 1 ? $5 : NaN):3:4:6:7 with xyerrorbars pointtype 7 pointsize 0.9 linewidth 1.2 linecolor rgb '{1}', \\\n"
                   "     file every ::1 using 2:($8 == 0 ? $5 : NaN):3:4:6:7 with xyerrorbars pointtype 6 pointsize 0.9 linewidth 1.2 linecolor rgb '{0}'\n",
                   kGrey, kBlue);
  return s + script_foot("pareto", kWidth, kHeight);
}

}  // namespace

std::optional<Figure> pareto_figure(const Report& report) {
  const Planned& planned = report.planned;
  const auto first = [&](auto is_it) {
    const auto found = std::find_if(planned.metrics.begin(), planned.metrics.end(), [&](const PlannedMetric& m) { return m.primary && is_it(m); });
    return found == planned.metrics.end() ? -1 : static_cast<int>(found - planned.metrics.begin());
  };
  const auto has_items = [&](const PlannedMetric& m) {
    return m.metric.kind == Kind::proportion && m.metric.direction == Direction::higher && std::any_of(report.cells.begin(), report.cells.end(), [&](const Cell& c) {
             return c.items && &planned.metrics[static_cast<std::size_t>(c.metric)] == &m;
           });
  };
  const auto counts = [](const PlannedMetric& m) { return m.metric.scope == Scope::block && (m.metric.clock == Clock::instructions || m.metric.clock == Clock::cycles); };
  const int by_time = first([](const PlannedMetric& m) { return m.metric.kind == Kind::time; });
  const int time = by_time < 0 ? first(counts) : by_time, share = first(has_items);
  if (time < 0 || share < 0) return std::nullopt;
  const PlannedMetric &time_metric = planned.metrics[static_cast<std::size_t>(time)], &share_metric = planned.metrics[static_cast<std::size_t>(share)];
  std::vector<Point> points;
  double largest = 0;
  for (std::size_t t = 0; t < planned.treatments.size(); ++t) {
    const Cell* x = find_cell(report.cells, static_cast<int>(t), time, time_metric.statistics.front());
    const Cell* y = find_cell(report.cells, static_cast<int>(t), share, share_metric.statistics.front());
    if (!x || !y || !x->value || !y->value) continue;
    points.push_back({short_name(planned.treatments[t], planned.factors), *x->value, scaled(*y->value, 100)});
    largest = std::max(largest, x->value->value);
  }
  if (points.size() < 2) return std::nullopt;
  const ScaledUnit unit = scale_for(largest, time_metric.metric.unit);
  for (Point& p : points) p.time = scaled(p.time, unit.factor);
  std::stable_sort(points.begin(), points.end(), [](const Point& a, const Point& b) { return a.time.value < b.time.value; });
  mark_front(points);

  std::vector<std::string> front;
  for (const Point& p : points) {
    if (p.on_front) front.push_back(p.label);
  }
  std::string caption = fmt::format("{} against {}", share_metric.metric.name, time_metric.metric.name);
  if (const std::string constants = constants_text(planned); !constants.empty()) caption += " (" + constants + ")";
  const bool is_time = by_time >= 0;
  caption += fmt::format("; bars are 95 % intervals, of the {} {}, of the share over items. Filled: no other treatment is both {} and more accurate "
                         "({}), by value; intervals that overlap say how little that may mean.",
                         is_time ? "time" : "count", over_rounds(report), is_time ? "faster" : "cheaper", fmt::join(front, ", "));
  return Figure{"pareto", csv_of(points), script_of(points, is_time ? fmt::format("{}, {}", time_metric.metric.name, unit.unit) : time_metric.metric.name, share_metric.metric.name + ", %"),
                std::move(caption)};
}

}  // namespace assay::reports
