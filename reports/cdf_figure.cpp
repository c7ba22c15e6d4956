// The distribution of single iterations: what share took at most so long. The body of what `tail` shows the tail of, on a
// linear share, so that where the middle half lies and whether there are two humps can be seen.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/figure.hpp"
#include "reports/figure_text.hpp"
#include "reports/tables.hpp"

namespace assay::reports {

namespace {

constexpr int kWidth = 820, kHeight = 440;  // of the picture, in its own pixels
constexpr double kBody = 0.05;              // of the iterations, the slowest: they belong to the tail, and would stretch the axis
constexpr double kFarEnough = 0.9;          // a curve that ends before has too few samples
constexpr double kWorthSeeing = 0.02;       // of the axis: where all bodies are narrower, medians say it all
constexpr std::size_t kLongestTitle = 40;   // characters in the legend

struct Curve {
  std::string label;
  std::vector<double> values, shares;  // both rising
};

/// Where `shares` has reached `share`.
std::size_t place_of(const Curve& curve, double share) {
  constexpr double kRounding = 1e-9;
  const auto found = std::lower_bound(curve.shares.begin(), curve.shares.end(), share - kRounding);
  return std::min(static_cast<std::size_t>(found - curve.shares.begin()), curve.shares.size() - 1);
}

std::vector<Curve> curves_of(const Report& report) {
  std::vector<Curve> curves;
  for (const TailCurve& tail : report.tail_curves) {
    const Treatment& treatment = report.planned.treatments[static_cast<std::size_t>(tail.treatment)];
    Curve& curve = curves.emplace_back(Curve{short_name(treatment, report.planned.factors), {}, {}});
    for (std::size_t i = 0; i < tail.shares.size() && tail.shares[i] >= kBody; ++i) {
      curve.values.push_back(tail.values_s[i]);
      curve.shares.push_back(1 - tail.shares[i]);
    }
  }
  return curves;
}

struct Span {
  double low = 0, high = 0;
  bool is_logarithmic() const { return low > 0 && high / low >= kLogarithmicFrom; }
  /// What share of the axis lies between two values.
  double share(double from, double to) const {
    if (!(high > low)) return 0;
    return is_logarithmic() ? std::log(to / from) / std::log(high / low) : (to - from) / (high - low);
  }
};

Span span_of(const std::vector<Curve>& curves) {
  Span span{curves.front().values.front(), curves.front().values.back()};
  for (const Curve& curve : curves) {
    span.low = std::min(span.low, curve.values.front());
    span.high = std::max(span.high, curve.values.back());
  }
  return span;
}

std::string csv_of(const std::vector<Curve>& curves) {
  std::string csv = "label,value,share,number\n";
  for (std::size_t i = 0; i < curves.size(); ++i) {
    for (std::size_t k = 0; k < curves[i].values.size(); ++k)
      csv += fmt::format("{},{},{},{}\n", csv_text(curves[i].label), shown(curves[i].values[k]), shown(curves[i].shares[k]), i);
  }
  return csv;
}

std::string script_of(const std::vector<Curve>& curves, const Span& span, const std::string& x_title) {
  std::string s = script_head("cdf", kWidth, kHeight);
  const bool logarithmic = span.is_logarithmic();
  s += fmt::format("set xlabel {}\nset ylabel 'share of iterations that took at most so long'\n",
                   script_text(x_title + (logarithmic ? " (logarithmic)" : "")));
  if (logarithmic) s += "set logscale x\n";
  const double room = 0.03 * (span.high - span.low);
  s += logarithmic ? fmt::format("set xrange [{}:{}]\n", shown(span.low / 1.1), shown(span.high * 1.1))
                   : fmt::format("set xrange [{}:{}]\n", shown(std::max(0.0, span.low - room)), shown(span.high + room));
  s += "set yrange [0:1]\nset ytics 0.25\nset format '%g'\nset border 3 linecolor rgb '#808080'\nset tics nomirror out scale 0.6 textcolor rgb '#404040'\n";
  s += "set grid linecolor rgb '#EFEFEF' linewidth 0.6\nset key outside right top Left reverse samplen 3 spacing 1.1\nfile = 'cdf.csv'\n";
  std::vector<std::string> plots, medians;
  std::size_t first = 0;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const std::string style = fmt::format("linewidth 1.8 dashtype {} linecolor rgb '{}'", kDashes[i], kColours[i]);
    plots.push_back(fmt::format("file {} using 2:3 with lines {} notitle", rows_of_file(first, first + curves[i].values.size() - 1), style));
    // One row, whose sample in the legend has the line too.
    const std::size_t median = first + place_of(curves[i], 0.5);
    medians.push_back(fmt::format("file {} using 2:3 with linespoints {} pointtype {} pointsize 1 title {}", rows_of_file(median, median), style, kFilled[i],
                                  script_text(shortened(curves[i].label, kLongestTitle))));
    first += curves[i].values.size();
  }
  plots.insert(plots.end(), medians.begin(), medians.end());
  s += fmt::format("plot {}\n", fmt::join(plots, ", \\\n     "));
  return s + script_foot("cdf", kWidth, kHeight);
}

}  // namespace

std::optional<Figure> cdf_figure(const Report& report) {
  if (report.tail_curves.empty() || report.tail_curves.size() > kMostSeries || report.elapsed_metric < 0) return std::nullopt;
  std::vector<Curve> curves = curves_of(report);
  for (const Curve& curve : curves) {
    if (curve.shares.empty() || curve.shares.back() < kFarEnough) return std::nullopt;  // too few samples for its body
  }
  const Metric& metric = report.planned.metrics[static_cast<std::size_t>(report.elapsed_metric)].metric;
  const auto [unit, title] = metric_axis(metric, span_of(curves).high);
  for (Curve& curve : curves) {
    for (double& value : curve.values) value *= unit.factor;
  }
  const Span span = span_of(curves);
  const bool worth_seeing = std::any_of(curves.begin(), curves.end(), [&](const Curve& c) {
    return span.share(c.values[place_of(c, 0.1)], c.values[place_of(c, kFarEnough)]) >= kWorthSeeing;
  });
  if (!worth_seeing) return std::nullopt;
  std::string caption = fmt::format("What share of iterations took at most a {}", metric.name);
  if (const std::string constants = constants_text(report.planned); !constants.empty()) caption += " (" + constants + ")";
  caption += "; at each share the median " + over_rounds(report) +
             " of each process's own quantile, from 1 % to 95 %. Points: medians. The steeper, the steadier; a level stretch parts two kinds of iterations.";
  return Figure{"cdf", csv_of(curves), script_of(curves, span, title), std::move(caption)};
}

}  // namespace assay::reports
