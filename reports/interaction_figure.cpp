// Whether one factor does the same at each level of another: the first metric over the levels of one, a line a level of the
// other. What is paired within rounds is the ratio, so the axis is logarithmic: there, factors that only multiply give
// parallel lines. With further factors the two with the strongest interaction are shown, a panel for each combination of the
// others, side by side on one axis.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/factor_axis.hpp"
#include "reports/figure.hpp"
#include "reports/figure_text.hpp"
#include "reports/sentences.hpp"
#include "reports/table_parts.hpp"

namespace assay::reports {

namespace {

constexpr int kWidth = 820, kHeight = 440;  // of the picture, in its own pixels
constexpr std::size_t kMostPanels = 6;
constexpr std::size_t kMostPlaces = 24;    // of all panels: beyond, names of levels would lie on each other
constexpr int kRoom = 72;                  // characters below the axis
constexpr double kAside = 0.05;            // places that a line stands beside the one before: intervals would cover each other
constexpr std::size_t kLongestTitle = 24;  // characters in the legend

struct Point {
  std::size_t panel = 0, line = 0, level = 0;
  Number y;
  bool hollow = false;  // modelled
};

/// What is drawn: panels × levels along the axis × lines.
struct Layout {
  FactorAxis along, lines;
  std::vector<Treatment> panels;  // levels of the other factors
  bool is_slice = false;          // of all panels only the one at the reference levels

  std::size_t places_of_panel() const { return along.levels.size() + 1; }  // one stays empty
  std::size_t place(std::size_t panel, std::size_t level) const { return panel * places_of_panel() + level + 1; }
  double x(const Point& p) const {
    const double middle = (static_cast<double>(lines.levels.size()) - 1) / 2;
    return static_cast<double>(place(p.panel, p.level)) + kAside * (static_cast<double>(p.line) - middle);
  }
  Treatment levels(std::size_t panel, std::size_t line, std::size_t level) const {
    Treatment all = panels[panel];
    all.set(lines.name, lines.levels[line]);
    all.set(along.name, along.levels[level]);
    return all;
  }
};

bool is_significant(const Effect& e) { return e.p_adjusted && *e.p_adjusted < stats::kSignificant; }

/// The interaction of the first metric that is furthest from 1, a significant one before all others; null where there is none.
const Effect* strongest_of(const Report& report) {
  const std::string& statistic = report.planned.metrics.front().statistics.front();
  const Effect* strongest = nullptr;
  const auto strength = [](const Effect& e) { return std::pair(is_significant(e), std::fabs(std::log(e.ratio->value))); };
  for (const Effect& e : report.effects) {
    if (e.metric != 0 || e.statistic != statistic || !e.is_interaction() || !e.ratio || !(e.ratio->value > 0)) continue;
    if (!strongest || strength(e) > strength(*strongest)) strongest = &e;
  }
  return strongest;
}

/// The level that effects are against: the baseline's, else the first.
Level reference_of(const plan::Factor& factor, const Planned& planned) {
  const Level* level = planned.baseline_levels.find(factor.name);
  return level ? *level : factor.levels.front();
}

std::optional<Layout> layout_of(const Planned& planned, const Effect* strongest) {
  std::vector<FactorAxis> axes = varied_axes(planned);
  if (axes.size() < 2) return std::nullopt;
  if (strongest) {  // its two factors come first
    std::stable_partition(axes.begin(), axes.end(), [&](const FactorAxis& a) { return strongest->of.find(a.name) != nullptr; });
  }
  Layout layout{axes[0], axes[1], {}};
  // The longer one along the axis; but what `trend` has there already is more to see as lines.
  const plan::Factor* sweep = sweep_factor(planned);
  const bool in_trend = sweep && sweep->name == layout.along.name;
  const bool is_shorter = layout.along.levels.size() < layout.lines.levels.size() && !(sweep && sweep->name == layout.lines.name);
  if (in_trend || is_shorter) std::swap(layout.along, layout.lines);
  if (layout.lines.levels.size() > kMostSeries) std::swap(layout.along, layout.lines);
  if (layout.lines.levels.size() > kMostSeries || layout.along.levels.size() > kMostPlaces) return std::nullopt;
  const std::vector<FactorAxis> others(axes.begin() + 2, axes.end());
  std::size_t panels = 1;
  for (const FactorAxis& axis : others) panels = std::min(panels * axis.levels.size(), kMostPlaces + 1);
  if (panels <= kMostPanels && panels * layout.places_of_panel() <= kMostPlaces) {
    layout.panels = combinations(others);
    return layout;
  }
  layout.is_slice = true;
  Treatment levels;
  for (const plan::Factor& factor : planned.factors) {
    const bool is_other = std::any_of(others.begin(), others.end(), [&](const FactorAxis& a) { return a.name == factor.name; });
    if (is_other) levels.set(factor.name, reference_of(factor, planned));
  }
  layout.panels = {levels};
  return layout;
}

/// By line, panel and level; `missing` gets what has no value, and why.
std::vector<Point> points_of(const Report& report, const Layout& layout, std::vector<std::string>& missing) {
  const Planned& planned = report.planned;
  std::vector<Point> points;
  for (std::size_t line = 0; line < layout.lines.levels.size(); ++line) {
    for (std::size_t panel = 0; panel < layout.panels.size(); ++panel) {
      for (std::size_t level = 0; level < layout.along.levels.size(); ++level) {
        const Treatment levels = layout.levels(panel, line, level);
        const int t = treatment_with(planned, levels);
        const Cell* cell = t < 0 ? nullptr : find_cell(report.cells, t, 0, planned.metrics.front().statistics.front());
        if (cell && cell->value) {
          points.push_back({panel, line, level, *cell->value, cell->provenance == Provenance::modelled});
        } else {
          missing.push_back(fmt::format("{} ({})", levels_text(levels), cell ? outcome_text(cell->ending.outcome) : "not planned"));
        }
      }
    }
  }
  return points;
}

/// Two lines with two levels in common: less can't show whether they are parallel.
bool can_be_compared(const Layout& layout, const std::vector<Point>& points) {
  const auto has = [&](std::size_t panel, std::size_t line, std::size_t level) {
    return std::any_of(points.begin(), points.end(),
                       [&](const Point& p) { return p.panel == panel && p.line == line && p.level == level; });
  };
  for (std::size_t panel = 0; panel < layout.panels.size(); ++panel) {
    for (std::size_t a = 0; a < layout.lines.levels.size(); ++a) {
      for (std::size_t b = a + 1; b < layout.lines.levels.size(); ++b) {
        int common = 0;
        for (std::size_t level = 0; level < layout.along.levels.size(); ++level)
          common += has(panel, a, level) && has(panel, b, level) ? 1 : 0;
        if (common >= 2) return true;
      }
    }
  }
  return false;
}

double low_of(const Number& y) { return y.interval ? y.interval->low : y.value; }
double high_of(const Number& y) { return y.interval ? y.interval->high : y.value; }

std::string csv_of(const Layout& layout, const std::vector<Point>& points) {
  std::string csv = "panel,line,level,x,y,low,high,modelled\n";
  for (const Point& p : points) {
    csv += fmt::format("{},{},{},{},{},{},{},{}\n", csv_text(levels_text(layout.panels[p.panel])), csv_text(shortest(layout.lines.levels[p.line])),
                       csv_text(shortest(layout.along.levels[p.level])), shown(layout.x(p)), shown(p.y.value), shown(low_of(p.y)), shown(high_of(p.y)),
                       p.hollow ? 1 : 0);
  }
  return csv;
}

/// Names of levels below the axis, of panels above it, and what parts the panels.
std::string places_script(const Layout& layout) {
  std::vector<NamedTic> tics;
  std::string s;
  for (std::size_t panel = 0; panel < layout.panels.size(); ++panel) {
    for (std::size_t level = 0; level < layout.along.levels.size(); ++level)
      tics.push_back({shortest(layout.along.levels[level]), static_cast<int>(layout.place(panel, level))});
    if (layout.panels.size() == 1) continue;
    const double middle = static_cast<double>(layout.place(panel, 0) + layout.place(panel, layout.along.levels.size() - 1)) / 2;
    s += fmt::format("set label {} at {}, graph 1 center offset 0, 0.7 textcolor rgb '#202020'\n",
                     script_text(shortened(levels_text(layout.panels[panel]), kLongestTitle)), shown(middle));
    if (panel > 0) {
      s += fmt::format("set arrow from {0}, graph 0 to {0}, graph 1 nohead back linewidth 0.8 linecolor rgb '#B0B0B0'\n",
                       layout.place(panel, 0) - 1);
    }
  }
  const std::size_t places = layout.panels.size() * layout.places_of_panel() - 1;
  return named_tics("x", tics, kRoom / static_cast<int>(places) - 1) + fmt::format("set xrange [0.5:{}.5]\n", places) + s;
}

std::string values_script(const std::vector<Point>& points, bool logarithmic) {
  double low = low_of(points.front().y), high = high_of(points.front().y);
  for (const Point& p : points) {
    low = std::min(low, low_of(p.y));
    high = std::max(high, high_of(p.y));
  }
  if (logarithmic) {
    const double room = std::max(std::pow(high / low, 0.06), 1.001);
    return fmt::format("set logscale y\nset yrange [{}:{}]\n", shown(low / room), shown(high * room)) +
           logarithmic_tics("y", low / room, high * room);
  }
  const double room = std::max(0.06 * (high - low), 1e-3 * std::fabs(high));
  return fmt::format("set yrange [{}:{}]\n", shown(low - room), shown(high + room));
}

std::string script_of(const Layout& layout, const std::vector<Point>& points, const std::string& y_title, bool logarithmic) {
  std::string s = script_head("interaction", kWidth, kHeight);
  s += fmt::format("set xlabel {}\nset ylabel {}\n", script_text(layout.along.name), script_text(y_title + (logarithmic ? " (logarithmic)" : "")));
  s += "set format y '%g'\nset border 3 linecolor rgb '#808080'\nset tics nomirror out scale 0.6 textcolor rgb '#404040'\n";
  s += places_script(layout) + values_script(points, logarithmic);
  if (layout.panels.size() > 1) s += "set tmargin 2.5\n";
  s += "set grid ytics linecolor rgb '#EFEFEF' linewidth 0.6\n";
  s += fmt::format("set key outside right top Left reverse samplen 3 spacing 1.1 title {}\n", script_text(layout.lines.name));
  s += "file = 'interaction.csv'\n";
  std::vector<std::string> lines, marks;
  for (std::size_t i = 0; i < points.size();) {
    const std::size_t line = points[i].line;
    std::size_t end = i;
    while (end < points.size() && points[end].line == line) ++end;
    const std::string colour = fmt::format("linecolor rgb '{}'", kColours[line]);
    // Broken at each panel's end and where a value is missing.
    for (std::size_t first = i; first < end;) {
      std::size_t last = first;
      while (last + 1 < end && points[last + 1].panel == points[last].panel && points[last + 1].level == points[last].level + 1) ++last;
      if (last > first) {
        lines.push_back(fmt::format("file {} using 4:5 with lines linewidth 0.9 dashtype {} {} notitle", rows_of_file(first, last),
                                    line == 0 ? "(4,3)" : kDashes[line], colour));
      }
      first = last + 1;
    }
    for (const bool hollow : {false, true}) {
      const bool any = std::any_of(points.begin() + static_cast<std::ptrdiff_t>(i), points.begin() + static_cast<std::ptrdiff_t>(end),
                                   [&](const Point& p) { return p.hollow == hollow; });
      if (!any) continue;
      const std::string title = shortened(shortest(layout.lines.levels[line]), kLongestTitle) + (hollow ? " (modelled)" : "");
      marks.push_back(fmt::format("file {} using 4:($8 == {} ? $5 : NaN):6:7 with yerrorbars pointtype {} pointsize 1 linewidth 1.5 {} title {}",
                                  rows_of_file(i, end - 1), hollow ? 1 : 0, hollow ? kHollow[line] : kFilled[line], colour, script_text(title)));
    }
    i = end;
  }
  lines.insert(lines.end(), marks.begin(), marks.end());
  s += fmt::format("plot {}\n", fmt::join(lines, ", \\\n     "));
  return s + script_foot("interaction", kWidth, kHeight);
}

/// " The strongest interaction: int8 × batch 64 has 0.90 (95 % CI 0.89–0.91) times the time_s that …; significant at 5 % …"
std::string strongest_text(const Report& report, const Effect* strongest) {
  const std::string& statistic = report.planned.metrics.front().statistics.front();
  if (!strongest) {
    const auto tried = std::find_if(report.effects.begin(), report.effects.end(), [&](const Effect& e) {
      return e.metric == 0 && e.statistic == statistic && e.is_interaction();
    });
    return tried == report.effects.end() ? "" : fmt::format(" No interaction could be estimated: {}.", reason_text(tried->reason));
  }
  const Printed ratio = print_ratio(*strongest->ratio);
  const std::string interval = ratio.range.empty() ? "" : fmt::format(" (95 % CI {})", ratio.range);
  const std::string judged = strongest->p_adjusted ? (is_significant(*strongest) ? "significant at 5 % among all effects" : "not significant at 5 % among all effects")
                                                   : "not tested: " + reason_text(strongest->reason);
  return fmt::format(" The strongest interaction: {} has {}{} times the {} that its levels alone would give, against {}; {}.", effect_text(strongest->of),
                     ratio.number, interval, report.planned.metrics.front().metric.name, effect_text(strongest->to), judged);
}

std::string caption_of(const Report& report, const Layout& layout, const std::vector<Point>& points, const std::vector<std::string>& missing,
                       const Effect* strongest, bool logarithmic) {
  constexpr std::size_t kMostMissing = 4;
  std::string caption = fmt::format("{} over the levels of {}, a line a level of {}", report.planned.metrics.front().metric.name, layout.along.name,
                                    layout.lines.name);
  if (layout.panels.size() > 1) caption += ", a panel for each combination of the other factors";
  if (layout.is_slice) caption += fmt::format(", at {} alone", levels_text(layout.panels.front()));
  if (const std::string constants = constants_text(report.planned); !constants.empty()) caption += " (" + constants + ")";
  caption += fmt::format("; bars are 95 % intervals {}, many of them narrower than their point. Where lines aren't parallel{}, {} does something else at each "
                         "level of {}. Lines only guide the eye: there is nothing between two levels, which stand at equal distances.",
                         over_rounds(report), logarithmic ? " on this logarithmic axis" : "", layout.along.name, layout.lines.name);
  caption += strongest_text(report, strongest);
  if (std::any_of(points.begin(), points.end(), [](const Point& p) { return p.hollow; })) caption += " Hollow: modelled from a part of the work.";
  if (!missing.empty()) {
    const std::vector<std::string> named(missing.begin(), missing.begin() + static_cast<std::ptrdiff_t>(std::min(missing.size(), kMostMissing)));
    caption += fmt::format(" Missing: {}{}.", fmt::join(named, "; "),
                           missing.size() > named.size() ? fmt::format("; and {} more", missing.size() - named.size()) : "");
  }
  return caption;
}

}  // namespace

std::optional<Figure> interaction_figure(const Report& report) {
  const Planned& planned = report.planned;
  if (planned.design != "factorial" || planned.metrics.empty() || planned.table.kind != plan::Table::Kind::comparison) return std::nullopt;
  const Effect* strongest = strongest_of(report);
  const auto layout = layout_of(planned, strongest);
  if (!layout) return std::nullopt;
  std::vector<std::string> missing;
  std::vector<Point> points = points_of(report, *layout, missing);
  if (!can_be_compared(*layout, points)) return std::nullopt;
  double largest = 0;
  bool positive = true;
  for (const Point& p : points) {
    largest = std::max(largest, std::fabs(p.y.value));
    positive = positive && low_of(p.y) > 0;
  }
  const Metric& metric = planned.metrics.front().metric;
  const auto [unit, title] = metric_axis(metric, largest);
  for (Point& p : points) p.y = scaled(p.y, unit.factor);
  const bool logarithmic = positive && natural_scale(metric) == Scale::ratio;
  return Figure{"interaction", csv_of(*layout, points), script_of(*layout, points, title, logarithmic),
                caption_of(report, *layout, points, missing, strongest, logarithmic)};
}

}  // namespace assay::reports
