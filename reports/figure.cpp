#include "reports/figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/core/units.hpp"
#include "reports/figure_text.hpp"
#include "reports/sentences.hpp"
#include "reports/tables.hpp"

namespace assay::reports {

namespace {

constexpr int kWidth = 820;              // of the picture, in its own pixels
constexpr double kTextShare = 0.12;      // of the axis: how wide a value's text is, about

struct Row {
  std::string label;
  std::optional<Number> value;  // on the axis
  std::string text;             // beside the point; the outcome where there is no value
  bool hollow = false;          // modelled or imported
  std::optional<double> published;
};

struct Axis {
  std::string title;
  std::optional<Number> limit;  // a line: the peak, or a single baseline
  std::string limit_label;
  std::string_view hollow = "modelled";  // what hollow points are
};

struct Range {
  double low = std::numeric_limits<double>::max();
  double high = std::numeric_limits<double>::lowest();
  void include(double x) {
    low = std::min(low, x);
    high = std::max(high, x);
  }
  bool is_logarithmic() const { return low > 0 && high / low >= kLogarithmicFrom; }
};

Range range_of(const std::vector<Row>& rows, const Axis& axis) {
  Range range;
  for (const Row& row : rows) {
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
bool has_text_before(const Row& row, const Axis& axis, const Range& range) {
  const double high = row.value->interval ? row.value->interval->high : row.value->value;
  const auto lies_behind = [&](double x) {
    const double share = range.is_logarithmic() ? std::log(x / high) / std::log(range.high / range.low)
                                                : (x - high) / (range.high - range.low);
    return x > row.value->value && share < kTextShare;
  };
  return (row.published && lies_behind(*row.published)) || (axis.limit && lies_behind(axis.limit->value));
}

std::string csv_of(const std::vector<Row>& rows, const Axis& axis) {
  const Range range = range_of(rows, axis);
  std::string csv = "row,label,filled,hollow,low,high,published,text,text_after,text_before\n";
  int y = static_cast<int>(rows.size());
  for (const Row& row : rows) {
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
    return fmt::format("set logscale x\nset xrange [{}:{}]\nset xtics {}\n", shown(low), shown(high),
                       decades > 7 ? "100" : "10");
  }
  const double width = range.high - range.low;
  // From 0 unless everything lies far from it: a dot, unlike a bar, may start anywhere, but 0 is the honest
  // default.
  const double low = range.low >= 0 && range.low < 0.7 * range.high ? 0 : range.low - 0.06 * width;
  const double span = std::max(range.high - low, 1e-12 * std::fabs(range.high));
  return fmt::format("set xrange [{}:{}]\n", shown(low), shown(range.high + 0.22 * span));
}

std::string script_of(const std::string& name, const std::vector<Row>& rows, const Axis& axis) {
  const auto any = [&](auto has) { return std::any_of(rows.begin(), rows.end(), has); };
  const bool filled = any([](const Row& r) { return r.value && !r.hollow; });
  const bool hollow = any([](const Row& r) { return r.value && r.hollow; });
  const bool published = any([](const Row& r) { return r.published.has_value(); });
  const bool legend = hollow || published;
  const int height = 92 + 32 * static_cast<int>(rows.size()) + (legend ? 22 : 0);
  const auto n = rows.size();

  std::string s = script_head(name, kWidth, height);
  s += fmt::format("set xlabel {}\nset yrange [0.4:{}.6]\n", script_text(axis.title), n);
  s += "set border 1 linecolor rgb '#808080'\nset tics nomirror\nset xtics out scale 0.6 textcolor rgb "
       "'#404040'\nset ytics scale 0 textcolor rgb '#202020'\n";
  s += "set format x '%g'\nset grid xtics linecolor rgb '#E4E4E4' linewidth 0.6\n";
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
  // The axis' labels come first, so that a row without a value has its name too.
  plots.push_back("file every ::1 using (NaN):1:ytic(2) notitle");
  if (filled) points(3, 7, "measured");
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

Figure finished(std::string name, const std::vector<Row>& rows, const Axis& axis, std::string caption) {
  return {name, csv_of(rows, axis), script_of(name, rows, axis), std::move(caption)};
}

std::string outcome_words(const Cell& cell) {
  return reason_text(std::string(name_of(cell.ending.outcome)));
}

int with_value(const std::vector<Row>& rows) {
  return static_cast<int>(
      std::count_if(rows.begin(), rows.end(), [](const Row& r) { return r.value.has_value(); }));
}

/// Sentences of warnings that are the trend: which rung doesn't climb.
std::string not_faster_text(const Report& report) {
  std::string text;
  for (const Warning& w : report.warnings) {
    if (w.kind == "not_faster") text += " " + w.text + ".";
  }
  return text;
}

std::optional<Figure> ladder_figure(const Report& report) {
  const Planned& planned = report.planned;
  const auto cell_of = [&](const LadderRow& row) -> const Cell& {
    return report.cells[static_cast<std::size_t>(row.cell)];
  };
  std::vector<Row> rows;
  bool rates = true;
  for (const Ladder& ladder : report.ladders) {
    for (const LadderRow& row : ladder.rows)
      rates = rates && (!cell_of(row).ending.ok() || cell_of(row).flop_per_s);
  }
  for (const Ladder& ladder : report.ladders) {
    for (const LadderRow& row : ladder.rows) {
      const Cell& cell = cell_of(row);
      Row r{.label = report.ladders.size() == 1
                         ? row.version
                         : short_name(planned.treatments[static_cast<std::size_t>(row.treatment)],
                                      planned.factors),
            .value = {},
            .text = {},
            .hollow = cell.provenance == Provenance::modelled,
            .published = {}};
      if (cell.ending.ok()) {
        r.value = rates ? scaled(*cell.flop_per_s, 1e-9) : cell.value;
        r.text = rates ? print_ratio(*r.value).number : print(*r.value, "s").value;
      } else {
        r.text = outcome_words(cell);
      }
      if (row.published >= 0) {
        const PublishedRow& p = planned.published->rows[static_cast<std::size_t>(row.published)];
        if (rates && p.flop_per_s) r.published = *p.flop_per_s * 1e-9;
        if (!rates && p.time_s) r.published = p.time_s;
      }
      rows.push_back(std::move(r));
    }
  }
  if (with_value(rows) < 2) return std::nullopt;
  Axis axis{.title = rates ? "GFLOP/s (logarithmic)" : "running time, s (logarithmic)",
            .limit = {},
            .limit_label = {}};
  if (rates && report.peak()) {
    axis.limit = scaled(report.peak()->rate, 1e-9);
    axis.limit_label = "FMA peak " + print_ratio(*axis.limit).number;
  }
  std::string caption =
      fmt::format("{} of each rung on a logarithmic axis", rates ? "GFLOP/s" : "Running time");
  if (const std::string constants = constants_text(planned); !constants.empty())
    caption += " (" + constants + ")";
  caption += fmt::format(
      "; bars are 95 % intervals {}, many of them narrower than their point. Filled: measured; "
      "hollow: modelled from a part of the work",
      over_rounds(report));
  if (planned.published) {
    caption += fmt::format("; diamonds: published ({})", published_where(*planned.published));
  }
  caption += axis.limit ? "; dashed: the FMA peak of this machine in the same rounds." : ".";
  for (const Ladder& ladder : report.ladders) {
    const auto top = std::find_if(ladder.rows.rbegin(), ladder.rows.rend(), [](const LadderRow& r) {
      return r.absolute.value.has_value() && !r.ceiling;
    });
    const auto& baseline = top == ladder.rows.rend()
                               ? std::nullopt
                               : planned.baseline_of[static_cast<std::size_t>(top->treatment)];
    if (!baseline) continue;
    caption +=
        fmt::format(" {} is {}× as fast as {}.",
                    short_name(planned.treatments[static_cast<std::size_t>(top->treatment)], planned.factors),
                    print_ratio(*top->absolute.value).number,
                    short_name(planned.treatments[static_cast<std::size_t>(*baseline)], planned.factors));
  }
  caption += not_faster_text(report);
  return finished("ladder", rows, axis, std::move(caption));
}

std::optional<Figure> comparison_figure(const Report& report) {
  const Planned& planned = report.planned;
  if (planned.metrics.empty()) return std::nullopt;
  const PlannedMetric& planned_metric = planned.metrics.front();
  const Metric& metric = planned_metric.metric;
  const std::string& statistic = planned_metric.statistics.front();
  std::vector<const Cell*> cells;
  double largest = 0;
  for (std::size_t t = 0; t < planned.treatments.size(); ++t) {
    cells.push_back(find_cell(report.cells, static_cast<int>(t), 0, statistic));
    if (cells.back()->value) largest = std::max(largest, std::fabs(cells.back()->value->value));
  }
  const bool percent = metric.kind == Kind::proportion && metric.unit == "ratio";
  const ScaledUnit unit = percent ? ScaledUnit{100, "%"} : scale_for(largest, metric.unit);
  std::vector<Row> rows;
  for (std::size_t t = 0; t < cells.size(); ++t) {
    const Cell& cell = *cells[t];
    Row row{.label = short_name(planned.treatments[t], planned.factors),
            .value = {},
            .text = outcome_words(cell),
            .hollow = cell.provenance == Provenance::modelled || cell.provenance == Provenance::imported,
            .published = {}};
    if (cell.value) {
      row.value = scaled(*cell.value, unit.factor);
      row.text = print_ratio(*row.value).number;
    }
    rows.push_back(std::move(row));
  }
  if (with_value(rows) < 2) return std::nullopt;
  Axis axis{.title = unit.unit == "ratio" || unit.unit == "1" ? metric.name
                                                              : fmt::format("{}, {}", metric.name, unit.unit),
            .limit = {},
            .limit_label = {},
            .hollow = metric.provenance == Provenance::imported ? "imported" : "modelled"};
  const Range range = range_of(rows, axis);
  if (range.is_logarithmic()) axis.title += " (logarithmic)";
  const bool lower = metric.direction == Direction::lower;
  const bool by_items =
      std::all_of(cells.begin(), cells.end(), [](const Cell* c) { return c->items || !c->value; });
  std::vector<Row> there;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(there),
               [](const Row& r) { return r.value.has_value(); });
  const auto [least, most] = std::minmax_element(
      there.begin(), there.end(), [](const Row& a, const Row& b) { return a.value->value < b.value->value; });
  const auto named = [&](const Row& r) {
    return fmt::format("{} ({}{})", r.label, r.text,
                       unit.unit == "ratio" || unit.unit == "1" ? "" : " " + unit.unit);
  };
  std::string caption = fmt::format(
      "{} of each treatment; {} is better. Points are values {}, bars their 95 % intervals, many of "
      "them narrower than the point.",
      metric.name, lower ? "lower" : "higher", by_items ? "over items, not over training seeds" : over_rounds(report));
  caption +=
      fmt::format(" Best is {}, worst {}.", named(lower ? *least : *most), named(lower ? *most : *least));
  if (metric.provenance == Provenance::imported) caption += " Hollow: imported, measured elsewhere.";
  return finished("comparison", rows, axis, std::move(caption));
}

}  // namespace

std::vector<Figure> figures_of(const Report& report) {
  std::vector<Figure> figures;
  if (auto values = figure_of_values(report)) figures.push_back(*std::move(values));
  if (auto trend = trend_figure(report)) figures.push_back(*std::move(trend));
  if (auto throughput = throughput_figure(report)) figures.push_back(*std::move(throughput));
  if (auto front = pareto_figure(report)) figures.push_back(*std::move(front));
  if (auto tail = tail_figure(report)) figures.push_back(*std::move(tail));
  if (auto roofline = roofline_figure(report)) figures.push_back(*std::move(roofline));
  return figures;
}

std::optional<Figure> figure_of_values(const Report& report) {
  return report.ladders.empty() ? comparison_figure(report) : ladder_figure(report);
}

}  // namespace assay::reports
