// The distribution of single iterations with its tail in sight: what share took longer than so long.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/units.hpp"
#include "reports/figure.hpp"
#include "reports/figure_text.hpp"
#include "reports/tables.hpp"

namespace assay::reports {

namespace {

constexpr int kWidth = 820, kHeight = 440;  // of the picture, in its own pixels
constexpr std::size_t kLongestTitle = 40;   // characters in the legend

std::string csv_of(const Report& report, const ScaledUnit& unit) {
  std::string csv = "label,value,share,number\n";
  for (std::size_t i = 0; i < report.tail_curves.size(); ++i) {
    const TailCurve& curve = report.tail_curves[i];
    const std::string label = short_name(report.planned.treatments[static_cast<std::size_t>(curve.treatment)], report.planned.factors);
    for (std::size_t k = 0; k < curve.shares.size(); ++k) {
      csv += fmt::format("{},{},{},{}\n", csv_text(label), shown(curve.values_s[k] * unit.factor), shown(curve.shares[k]), i);
    }
  }
  return csv;
}

std::string script_of(const Report& report, double factor, const std::string& x_title) {
  double low = report.tail_curves.front().values_s.front(), high = low;
  for (const TailCurve& curve : report.tail_curves) {
    low = std::min(low, curve.values_s.front());
    high = std::max(high, curve.values_s.back());
  }
  std::string s = script_head("tail", kWidth, kHeight);
  s += fmt::format("set xlabel {}\nset ylabel 'share of iterations that took longer (logarithmic)'\nset logscale xy\n", script_text(x_title));
  s += fmt::format("set xrange [{}:{}]\n{}", shown(low * factor / 1.1), shown(high * factor * 1.1), logarithmic_tics("x", low * factor / 1.1, high * factor * 1.1));
  s += "set yrange [*:1]\nset format '%g'\nset border 3 linecolor rgb '#808080'\nset tics nomirror out scale 0.6 textcolor rgb '#404040'\n";
  s += "set grid linecolor rgb '#EFEFEF' linewidth 0.6\nset key outside right top Left reverse samplen 3 spacing 1.1\nfile = 'tail.csv'\n";
  std::vector<std::string> plots;
  std::size_t first = 0;
  for (std::size_t i = 0; i < report.tail_curves.size(); ++i) {
    const TailCurve& curve = report.tail_curves[i];
    const Treatment& treatment = report.planned.treatments[static_cast<std::size_t>(curve.treatment)];
    plots.push_back(fmt::format("file {} using 2:3 with linespoints linewidth 1.6 dashtype {} pointtype {} pointsize 0.7 pointinterval 4 linecolor rgb '{}' title {}",
                                rows_of_file(first, first + curve.shares.size() - 1), kDashes[i], kFilled[i], kColours[i],
                                script_text(shortened(short_name(treatment, report.planned.factors), kLongestTitle))));
    first += curve.shares.size();
  }
  s += fmt::format("plot {}\n", fmt::join(plots, ", \\\n     "));
  return s + script_foot("tail", kWidth, kHeight);
}

}  // namespace

std::optional<Figure> tail_figure(const Report& report) {
  if (report.tail_curves.empty() || report.tail_curves.size() > kMostSeries || report.elapsed_metric < 0) return std::nullopt;
  double largest = 0;
  for (const TailCurve& curve : report.tail_curves) {
    if (!(curve.values_s.front() > 0)) return std::nullopt;  // under a coarse clock a logarithm shows nothing
    largest = std::max(largest, curve.values_s.back());
  }
  const Metric& metric = report.planned.metrics[static_cast<std::size_t>(report.elapsed_metric)].metric;
  const ScaledUnit unit = scale_for(largest, metric.unit);
  std::string caption = fmt::format("What share of iterations took longer than a {}", metric.name);
  if (const std::string constants = constants_text(report.planned); !constants.empty()) caption += " (" + constants + ")";
  caption += "; at each share the median " + over_rounds(report) +
             " of each process's own quantile, as far as ten of its samples lie beyond. Iterations follow one another: none waits in a queue.";
  return Figure{"tail", csv_of(report, unit), script_of(report, unit.factor, fmt::format("{}, {} (logarithmic)", metric.name, unit.unit)), std::move(caption)};
}

}  // namespace assay::reports
