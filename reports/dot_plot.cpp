#include "reports/dot_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "reports/figure_text.hpp"

namespace assay::reports {

namespace {

constexpr int kWidth = 820;              // of the picture, in its own pixels
constexpr double kTextShare = 0.12;      // of the axis: how wide a value's text is, about

struct Range {
  double low = std::numeric_limits<double>::max();
  double high = std::numeric_limits<double>::lowest();
  void include(double x) {
    low = std::min(low, x);
    high = std::max(high, x);
  }
  bool has_large_numbers() const { return tic_format(high) != tic_format(1); }
  bool is_logarithmic() const { return low > 0 && high / low >= kLogarithmicFrom; }
};

Range range_of(const std::vector<DotRow>& rows, const DotAxis& axis) {
  Range range;
  for (const DotRow& row : rows) {
    if (row.value) {
      range.include(row.value->interval ? row.value->interval->low : row.value->value);
      range.include(row.value->interval ? row.value->interval->high : row.value->value);
    }
    if (row.published) range.include(*row.published);
  }
  if (axis.limit) range.include(axis.limit->value);
  return range;
}

/// Whether a row's text stands before its point: behind it, it would lie on the published one or on the
/// limit's line.
bool has_text_before(const DotRow& row, const DotAxis& axis, const Range& range) {
  const double high = row.value->interval ? row.value->interval->high : row.value->value;
  const auto lies_behind = [&](double x) {
    const double share = range.is_logarithmic() ? std::log(x / high) / std::log(range.high / range.low)
                                                : (x - high) / (range.high - range.low);
    return x > row.value->value && share < kTextShare;
  };
  return (row.published && lies_behind(*row.published)) || (axis.limit && lies_behind(axis.limit->value));
}

std::string csv_of(const std::vector<DotRow>& rows, const DotAxis& axis) {
  const Range range = range_of(rows, axis);
  std::string csv = "row,label,filled,hollow,low,high,published,text,text_after,text_before\n";
  int y = static_cast<int>(rows.size());
  for (const DotRow& row : rows) {
    const auto point = [&](bool hollow) {
      return row.value && row.hollow == hollow ? shown(row.value->value) : std::string("?");
    };
    const bool interval = row.value && row.value->interval;
    const std::string low = row.value ? shown(interval ? row.value->interval->low : row.value->value) : "?";
    const std::string high = row.value ? shown(interval ? row.value->interval->high : row.value->value) : "?";
    const bool before = row.value && has_text_before(row, axis, range);
    csv += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", y--, csv_text(row.label), point(false), point(true),
                       low, high, row.published ? shown(*row.published) : "?", csv_text(row.text),
                       before ? "?" : high, before ? low : "?");
  }
  return csv;
}

std::string axis_script(const Range& range) {
  if (range.is_logarithmic()) {
    // Room on the right for the numbers, in decades; a tic a decade, thinned out where there are many.
    const double decades = std::log10(range.high / range.low);
    const double low = range.low / std::pow(10, 0.04 * decades);
    const double high = range.high * std::pow(10, 0.26 * decades);
    // Of large numbers gnuplot begins the tics at the axis's end, unless it is told where.
    const std::string begin = range.has_large_numbers() ? fmt::format("{},", shown(std::pow(10, std::ceil(std::log10(low))))) : "";
    return fmt::format("set logscale x\nset xrange [{}:{}]\nset xtics {}{}\n", shown(low), shown(high), begin,
                       decades > 7 ? "100" : "10");
  }
  const double width = range.high - range.low;
  // From 0 unless everything lies far from it: a dot, unlike a bar, may start anywhere, but 0 is the honest
  // default.
  const double low = range.low >= 0 && range.low < 0.7 * range.high ? 0 : range.low - 0.06 * width;
  const double span = std::max(range.high - low, 1e-12 * std::fabs(range.high));
  return fmt::format("set xrange [{}:{}]\n", shown(low), shown(range.high + 0.22 * span));
}

std::string script_of(const std::string& name, const std::vector<DotRow>& rows, const DotAxis& axis) {
  const auto any = [&](auto has) { return std::any_of(rows.begin(), rows.end(), has); };
  const bool filled = any([](const DotRow& r) { return r.value && !r.hollow; });
  const bool hollow = any([](const DotRow& r) { return r.value && r.hollow; });
  const bool published = any([](const DotRow& r) { return r.published.has_value(); });
  const bool legend = hollow || published;
  const int height = 92 + 32 * static_cast<int>(rows.size()) + (legend ? 22 : 0);
  const auto n = rows.size();

  std::string s = script_head(name, kWidth, height);
  s += fmt::format("set xlabel {}\nset yrange [0.4:{}.6]\n", script_text(axis.title), n);
  s += "set border 1 linecolor rgb '#808080'\nset tics nomirror\nset xtics out scale 0.6 textcolor rgb "
       "'#404040'\nset ytics scale 0 textcolor rgb '#202020'\n";
  // Not from the file, where gnuplot would read backslashes; and so a row without a value has its name too.
  std::vector<std::string> names;
  for (std::size_t i = 0; i < n; ++i) names.push_back(fmt::format("{} {}", script_tic(rows[i].label), n - i));
  s += fmt::format("set ytics ({})\n", fmt::join(names, ", "));
  s += fmt::format("set format x '{}'\nset grid xtics linecolor rgb '#E4E4E4' linewidth 0.6\n", tic_format(range_of(rows, axis).high));
  s += axis_script(range_of(rows, axis));
  s += legend ? "set key above left horizontal Left reverse samplen 1.2 spacing 1.1\n" : "set key off\n";
  if (axis.limit) {
    const std::string x = shown(axis.limit->value);
    if (axis.limit->interval) {
      s += fmt::format(
          "set object rectangle from {}, graph 0 to {}, graph 1 behind fillcolor rgb '#EEEEEE' fillstyle "
          "solid noborder\n",
          shown(axis.limit->interval->low), shown(axis.limit->interval->high));
    }
    s += fmt::format(
        "set arrow from {0}, graph 0 to {0}, graph 1 nohead back dashtype 2 linecolor rgb '{1}'\n", x, kGrey);
    s += fmt::format("set label {} at {}, graph 1 right offset -0.6, -0.8 textcolor rgb '{}'\n",
                     script_text(axis.limit_label), x, kGrey);
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (rows[i].value) continue;
    s += fmt::format("set label {} at graph 0.01, first {} left textcolor rgb '{}'\n",
                     script_text(rows[i].text), n - i, kGrey);
  }
  s += fmt::format("file = '{}.csv'\n", name);
  std::vector<std::string> plots;
  const auto points = [&](int column, int shape, std::string_view title) {
    plots.push_back(
        fmt::format("file every ::1 using {}:1:5:6 with xerrorbars pointtype {} pointsize 0.9 linewidth 1.5 "
                    "linecolor rgb '{}' title {}",
                    column, shape, kBlue, script_text(std::string(title))));
  };
  if (filled) points(3, 7, axis.filled);
  if (hollow) points(4, 6, axis.hollow);
  if (published) {
    plots.push_back(
        fmt::format("file every ::1 using 7:1 with points pointtype 12 pointsize 1.2 linewidth 1.5 linecolor "
                    "rgb '{}' title {}",
                    kVermilion, script_text("published")));
  }
  const auto texts = [&](int column, std::string_view placement) {
    plots.push_back(fmt::format("file every ::1 using {}:1:8 with labels {} textcolor rgb '{}' notitle",
                                column, placement, kBlue));
  };
  texts(9, "left offset 0.9, 0");
  if (published || axis.limit) texts(10, "right offset -0.9, 0");
  s += fmt::format("plot {}\n", fmt::join(plots, ", \\\n     "));

  return s + script_foot(name, kWidth, height);
}

}  // namespace

bool is_logarithmic(const std::vector<DotRow>& rows, const DotAxis& axis) {
  return range_of(rows, axis).is_logarithmic();
}

int with_value(const std::vector<DotRow>& rows) {
  return static_cast<int>(
      std::count_if(rows.begin(), rows.end(), [](const DotRow& r) { return r.value.has_value(); }));
}

Figure dot_plot(const std::string& name, const std::vector<DotRow>& rows, const DotAxis& axis, std::string caption) {
  return {name, csv_of(rows, axis), script_of(name, rows, axis), std::move(caption)};
}

}  // namespace assay::reports
