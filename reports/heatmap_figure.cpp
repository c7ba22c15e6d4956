// Many cells at a glance: two factors with many levels, and as colour what each treatment does to the first metric against
// its baseline; where nothing is compared, the value itself. Every number is printed too: colour finds, text tells.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "reports/factor_axis.hpp"
#include "reports/figure.hpp"
#include "reports/figure_text.hpp"
#include "reports/table_parts.hpp"

namespace assay::reports {

namespace {

constexpr int kWidth = 820;                            // of the picture, in its own pixels
constexpr int kRowHeight = 36, kAboveAndBelow = 132, kSlanted = 90;  // the last, of names that don't fit level
constexpr std::size_t kMostColumns = 16, kMostRows = 24;  // beyond, numbers don't fit into their cells
constexpr int kRoom = 64;                              // characters below the axis
constexpr double kHalf = 0.485;                        // of a cell: a white line stays between two

// Cividis (Nuñez, Anderton & Renslow, PLOS ONE 2018): evenly spaced for the eye, the same with every common colour
// blindness, and lighter from end to end, so that grey shows the order too. Its middle is grey: of ratios "no difference".
constexpr std::array<std::string_view, 10> kPalette{"#00224E", "#123570", "#3B496C", "#575D6D", "#707173",
                                                    "#8A8678", "#A59C74", "#C3B369", "#E1CC55", "#FEE838"};
constexpr double kLightFrom = 0.45;  // of the palette: black text is read from here on, white below

constexpr int kBlack = 0, kWhite = 1, kOutcome = 2;  // how a cell's text is written

struct Field {
  std::size_t column = 0, row = 0;
  std::optional<double> value;  // what the colour shows; nothing where the cell failed, or has no ratio
  std::string text;
  std::string state;  // "significant", "not significant", "baseline", "value", "no ratio", an outcome
  bool failed = false;
};

enum class Quantity { ratio, difference, value };

struct Colours {
  Quantity quantity = Quantity::value;
  bool logarithmic = false;
  double low = 0, high = 1;
  std::string title;
  std::string unit;  // of the numbers in a sentence: "ms"

  double place(double x) const {  // 0 to 1 along the palette
    const double along = logarithmic ? std::log(x / low) / std::log(high / low) : (x - low) / (high - low);
    return std::clamp(along, 0.0, 1.0);
  }
};

struct Layout {
  FactorAxis columns;
  std::vector<std::string> row_factors;
  std::vector<Treatment> rows;
};

/// The two longest axes decide whether there is enough to see. Columns are the longer one; of numbers and names the numbers,
/// whose labels are short. All other factors make rows.
std::optional<Layout> layout_of(const Planned& planned) {
  std::vector<FactorAxis> axes = varied_axes(planned);
  if (axes.size() < 2) return std::nullopt;
  std::vector<std::size_t> by_length(axes.size());
  for (std::size_t i = 0; i < by_length.size(); ++i) by_length[i] = i;
  std::stable_sort(by_length.begin(), by_length.end(), [&](std::size_t a, std::size_t b) { return axes[a].levels.size() > axes[b].levels.size(); });
  const FactorAxis &longest = axes[by_length[0]], &second = axes[by_length[1]];
  if (longest.levels.size() < 4 && second.levels.size() < 3) return std::nullopt;
  const bool names_are_longer = !longest.numeric && second.numeric;
  std::size_t column = by_length[names_are_longer ? 1 : 0];
  if (axes[column].levels.size() > kMostColumns) column = by_length[names_are_longer ? 0 : 1];
  if (axes[column].levels.size() > kMostColumns) return std::nullopt;
  Layout layout{axes[column], {}, {}};
  axes.erase(axes.begin() + static_cast<std::ptrdiff_t>(column));
  std::size_t rows = 1;
  for (const FactorAxis& axis : axes) {
    rows = std::min(rows * axis.levels.size(), kMostRows + 1);
    layout.row_factors.push_back(axis.name);
  }
  if (rows > kMostRows) return std::nullopt;
  layout.rows = combinations(axes);
  return layout;
}

class Fields {
public:
  Fields(const Report& report, Quantity quantity, const ScaledUnit& unit)
      : report_(report), metric_(report.planned.metrics.front()), quantity_(quantity), unit_(unit) {}

  Field field(std::size_t column, std::size_t row, int treatment) const {
    Field f{.column = column, .row = row, .value = {}, .text = {}, .state = {}};
    const Cell& cell = *find_cell(report_.cells, treatment, 0, metric_.statistics.front());
    if (!cell.value) {
      f.text = f.state = outcome_text(cell.ending.outcome);
      f.failed = true;
    } else if (quantity_ == Quantity::value) {
      const Number value = scaled(*cell.value, unit_.factor);
      f.value = value.value;
      f.text = print_ratio(value).number;
      f.state = "value";
    } else {
      compare(treatment, f);
    }
    if (f.value && cell.provenance == Provenance::modelled) f.text.insert(f.text.starts_with("(") ? 1 : 0, "~");
    return f;
  }

private:
  void compare(int treatment, Field& f) const {
    const auto& baseline = report_.planned.baseline_of[static_cast<std::size_t>(treatment)];
    const bool is_ratio = quantity_ == Quantity::ratio;
    if (!baseline || *baseline == treatment) {
      f.value = is_ratio ? 1 : 0;
      f.text = is_ratio ? "1" : "0";
      f.state = "baseline";
      return;
    }
    const Comparison* c = find_comparison(report_.comparisons, treatment, *baseline, 0, metric_.statistics.front());
    if (!c || !c->effect || (is_ratio && !(c->effect->value > 0))) {
      f.text = kNothing;
      f.state = "no ratio";
      return;
    }
    const Number effect = scaled(*c->effect, unit_.factor);
    f.value = effect.value;
    const bool significant = c->p_adjusted && *c->p_adjusted < stats::kSignificant;
    const std::string number = print_ratio(effect).number;
    f.text = significant ? number : "(" + number + ")";
    f.state = significant ? "significant" : "not significant";
  }

  const Report& report_;
  const PlannedMetric& metric_;
  Quantity quantity_;
  ScaledUnit unit_;
};

/// What the numbers are: ratios and differences where something is compared.
Quantity quantity_of(const Report& report) {
  const std::string& statistic = report.planned.metrics.front().statistics.front();
  for (const Comparison& c : report.comparisons) {
    if (c.metric == 0 && c.statistic == statistic && c.effect)
      return c.scale == Scale::ratio ? Quantity::ratio : Quantity::difference;
  }
  return Quantity::value;
}

/// Around 1 equally far to both sides, to a round number that holds all; likewise differences around 0. Values from the
/// smallest to the largest.
Colours colours_of(const std::vector<Field>& fields, Quantity quantity, std::string title) {
  constexpr std::array<double, 17> kRound{1.1, 1.25, 1.5, 2, 4, 9, 16, 36, 64, 100, 256, 400, 900, 2500, 1e4, 1e6, 1e10};  // from 4 on their roots are round, too
  std::vector<double> values;
  for (const Field& f : fields) {
    if (f.value) values.push_back(*f.value);
  }
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const double low = *least, high = *most;
  Colours colours{.quantity = quantity, .logarithmic = false, .low = low, .high = high, .title = std::move(title), .unit = {}};
  if (quantity == Quantity::ratio) {
    constexpr double kBeyond = 1.02;  // a little more than a round number has its colour
    const double furthest = std::max(high, 1 / low);
    const auto round = std::find_if(kRound.begin(), kRound.end(), [&](double r) { return r * kBeyond >= furthest; });
    colours.high = round == kRound.end() ? furthest : *round;
    colours.low = 1 / colours.high;
    colours.logarithmic = true;
  } else if (quantity == Quantity::difference) {
    colours.high = std::max({std::fabs(low), std::fabs(high), 1e-9});
    colours.low = -colours.high;
  } else {
    if (!(high > low)) colours.high = low + std::max(1e-9, std::fabs(low) * 1e-3);
    colours.logarithmic = low > 0 && high / low >= kLogarithmicFrom;
  }
  return colours;
}

std::string csv_of(const Layout& layout, const Colours& colours, const std::vector<Field>& fields) {
  std::string csv = "column,row,x,y,value,text,state,ink\n";
  for (const Field& f : fields) {
    const int ink = f.failed ? kOutcome : f.value && colours.place(*f.value) < kLightFrom ? kWhite : kBlack;
    csv += fmt::format("{},{},{},{},{},{},{},{}\n", csv_text(shortest(layout.columns.levels[f.column])), csv_text(levels_text(layout.rows[f.row])),
                       f.column + 1, f.row + 1, f.value ? shown(*f.value) : "?", csv_text(f.text), csv_text(f.state), ink);
  }
  return csv;
}

/// As large as fits into the cells: of the numbers, or of the outcomes, which are longer.
int font_size(const Layout& layout, const std::vector<Field>& fields, bool of_outcomes) {
  constexpr double kAllCells = 540, kCharacter = 0.6;  // pixels of all columns; of a character's height its width
  int longest = 1;
  for (const Field& f : fields) {
    if (f.failed == of_outcomes) longest = std::max(longest, display_width(f.text));
  }
  const double cell = kAllCells / static_cast<double>(layout.columns.levels.size());
  return std::clamp(static_cast<int>(cell / (kCharacter * longest)), 6, 12);
}

std::string colour_script(const Colours& colours) {
  std::vector<std::string> stops;
  for (std::size_t i = 0; i < kPalette.size(); ++i) stops.push_back(fmt::format("{} '{}'", i, kPalette[i]));
  std::string s = fmt::format("set palette defined ({})\nset format cb '%g'\n", fmt::join(stops, ", "));
  // Above, since the bar may be shorter than its title.
  s += fmt::format("set tmargin 2.5\nset label {} at graph 1, graph 1 right offset 0, 0.9\n", script_text(colours.title));
  s += fmt::format("{}set cbrange [{}:{}]\n", colours.logarithmic ? "set logscale cb\n" : "", shown(colours.low), shown(colours.high));
  if (colours.quantity == Quantity::ratio) {
    const double most = colours.high;
    std::vector<std::string> tics;
    std::vector<double> places{1 / most, 1, most};
    if (most >= 4) places = {1 / most, 1 / std::sqrt(most), 1, std::sqrt(most), most};
    for (const double x : places) tics.push_back(fmt::format("'{:.3g}' {}", x, shown(x)));
    s += fmt::format("set cbtics ({})\n", fmt::join(tics, ", "));
  } else if (colours.logarithmic) {
    s += logarithmic_tics("cb", colours.low, colours.high);
  }
  return s;
}

std::string script_of(const Layout& layout, const Colours& colours, const std::vector<Field>& fields) {
  const std::size_t columns = layout.columns.levels.size(), rows = layout.rows.size();
  std::vector<NamedTic> across, down;
  for (std::size_t i = 0; i < columns; ++i) across.push_back({shortest(layout.columns.levels[i]), static_cast<int>(i) + 1});
  for (std::size_t i = 0; i < rows; ++i) {
    const bool alone = layout.row_factors.size() == 1;  // the axis' title has its name
    down.push_back({alone ? shortest(layout.rows[i].levels().front().second) : levels_text(layout.rows[i]), static_cast<int>(i) + 1});
  }
  const int room = kRoom / static_cast<int>(columns) - 1;
  const int height = kAboveAndBelow + kRowHeight * static_cast<int>(rows) + (is_slanted(across, room) ? kSlanted : 0);
  std::string s = script_head("heatmap", kWidth, height);
  s += fmt::format("set xlabel {}\nset ylabel {}\n", script_text(layout.columns.name), script_text(fmt::format("{}", fmt::join(layout.row_factors, ", "))));
  s += fmt::format("set xrange [0.5:{}.5]\nset yrange [{}.5:0.5]\nset border 0\nset tics scale 0 textcolor rgb '#202020'\nset key off\n", columns, rows);
  s += named_tics("x", across, room) + named_tics("y", down, kRoom);
  s += colour_script(colours);
  for (const Field& f : fields) {
    if (!f.failed) continue;
    const double x = static_cast<double>(f.column) + 1, y = static_cast<double>(f.row) + 1;
    for (const double up : {-kHalf, kHalf}) {
      s += fmt::format("set arrow from {},{} to {},{} nohead back linewidth 0.8 linecolor rgb '#B8B8B8'\n", shown(x - kHalf), shown(y - up), shown(x + kHalf),
                       shown(y + up));
    }
  }
  s += "file = 'heatmap.csv'\n";
  s += fmt::format("plot file every ::1 using 3:4:($3 - {0}):($3 + {0}):($4 - {0}):($4 + {0}):5 with boxxyerror linecolor palette fillstyle solid 1 noborder, \\\n"
                   "     file every ::1 using 3:($8 == 1 ? $4 : NaN):6 with labels center font ',{1}' textcolor rgb '#FFFFFF', \\\n"
                   "     file every ::1 using 3:($8 == 0 ? $4 : NaN):6 with labels center font ',{1}' textcolor rgb '#000000', \\\n"
                   "     file every ::1 using 3:($8 == 2 ? $4 : NaN):6 with labels center font ',{2}' textcolor rgb '#000000'\n",
                   shown(kHalf), font_size(layout, fields, false), font_size(layout, fields, true));
  return s + script_foot("heatmap", kWidth, height);
}

/// "its baseline (fp32)".
std::string baseline_text(const Planned& planned) {
  const std::string levels = levels_text(planned.baseline_levels);
  return levels.empty() ? "its baseline" : fmt::format("its baseline ({})", levels);
}

/// Of those with a value, of which there is one at least: where it is smallest, and largest.
std::pair<const Field*, const Field*> extremes_of(const std::vector<Field>& fields) {
  std::pair<const Field*, const Field*> found{nullptr, nullptr};
  for (const Field& f : fields) {
    if (!f.value) continue;
    if (!found.first || *f.value < *found.first->value) found.first = &f;
    if (!found.second || *f.value > *found.second->value) found.second = &f;
  }
  return found;
}

std::string caption_of(const Report& report, const Layout& layout, const Colours& colours, const std::vector<Field>& fields) {
  const Planned& planned = report.planned;
  const Metric& metric = planned.metrics.front().metric;
  const auto any = [&](auto has) { return std::any_of(fields.begin(), fields.end(), has); };
  std::string caption = fmt::format("{} of each treatment, {} against {}", metric.name, fmt::join(layout.row_factors, " and "), layout.columns.name);
  if (const std::string constants = constants_text(planned); !constants.empty()) caption += " (" + constants + ")";
  const char* better = metric.direction == Direction::lower ? "darker is better" : "lighter is better";
  if (colours.quantity == Quantity::ratio) {
    caption += fmt::format(", as ratio to {}, {}. Colour is logarithmic: grey is 1, {}, in grey print too", baseline_text(planned), over_rounds(report), better);
  } else if (colours.quantity == Quantity::difference) {
    caption += fmt::format(", as difference from {}, {}. Grey is 0, {}, in grey print too", baseline_text(planned), over_rounds(report), better);
  } else {
    caption += fmt::format(", {}. Of colours, which are {}, {}, in grey print too", over_rounds(report), colours.logarithmic ? "logarithmic" : "linear", better);
  }
  caption += ".";
  if (any([](const Field& f) { return f.state == "not significant"; })) caption += " In parentheses: not significant at 5 %, or not tested.";
  if (any([](const Field& f) { return f.state == "no ratio"; })) caption += " –: there is nothing to compare it with.";
  if (any([](const Field& f) { return f.failed; })) caption += " Crossed: failed, with the outcome.";
  if (any([](const Field& f) { return f.text.find('~') != std::string::npos; })) caption += " ~: modelled from a part of the work.";
  if (fields.size() < layout.rows.size() * layout.columns.levels.size()) caption += " Empty: not planned.";
  const auto [least, most] = extremes_of(fields);
  const auto named = [&](const Field& f) {
    const bool in_parentheses = f.text.starts_with("(");
    return fmt::format("{}{} ({})", in_parentheses ? f.text.substr(1, f.text.size() - 2) : f.text, colours.unit.empty() ? "" : " " + colours.unit, levels_text(joined(layout.rows[f.row], Treatment({{layout.columns.name, layout.columns.levels[f.column]}}))));
  };
  return caption + fmt::format(" From {} to {}.", named(*least), named(*most));
}

}  // namespace

std::optional<Figure> heatmap_figure(const Report& report) {
  const Planned& planned = report.planned;
  if (planned.metrics.empty()) return std::nullopt;
  const auto layout = layout_of(planned);
  if (!layout) return std::nullopt;
  const Metric& metric = planned.metrics.front().metric;
  const Quantity quantity = quantity_of(report);
  double largest = 0;
  for (const Cell& cell : report.cells) {
    if (cell.metric == 0 && cell.value) largest = std::max(largest, std::fabs(cell.value->value));
  }
  auto [unit, title] = metric_axis(metric, largest);
  if (quantity == Quantity::ratio) {
    unit.factor = 1;
    title = metric.name + ", ratio (logarithmic)";
  } else if (quantity == Quantity::difference) {
    title = metric.name + (unit.unit == "%" ? ", difference in percentage points" : ", difference");
    if (unit.unit != "%") unit.factor = 1;
  }
  const Fields make(report, quantity, unit);
  std::vector<Field> fields;
  for (std::size_t row = 0; row < layout->rows.size(); ++row) {
    for (std::size_t column = 0; column < layout->columns.levels.size(); ++column) {
      const Treatment levels = joined(layout->rows[row], Treatment({{layout->columns.name, layout->columns.levels[column]}}));
      if (const int t = treatment_with(planned, levels); t >= 0) fields.push_back(make.field(column, row, t));
    }
  }
  const auto with_value = static_cast<std::size_t>(std::count_if(fields.begin(), fields.end(), [](const Field& f) { return f.value.has_value(); }));
  // One factor at a time leaves holes, at most 5 of 8 are there: a table says it better.
  if (3 * with_value < 2 * layout->rows.size() * layout->columns.levels.size()) return std::nullopt;
  Colours colours = colours_of(fields, quantity, title);
  if (quantity == Quantity::value) {
    if (colours.logarithmic) colours.title += " (logarithmic)";
    if (unit.unit != "ratio" && unit.unit != "1") colours.unit = unit.unit;
  }
  return Figure{"heatmap", csv_of(*layout, colours, fields), script_of(*layout, colours, fields), caption_of(report, *layout, colours, fields)};
}

}  // namespace assay::reports
