// How far each rung climbs, with its interval, on one axis.
#include <fmt/format.h>

#include <algorithm>

#include "reports/dot_plot.hpp"
#include "reports/figure_text.hpp"
#include "reports/table_parts.hpp"

namespace assay::reports {

namespace {

/// Sentences of warnings that are the trend: which rung doesn't climb.
std::string not_faster_text(const Report& report) {
  std::string text;
  for (const Warning& w : report.warnings) {
    if (w.kind == "not_faster") text += " " + w.text + ".";
  }
  return text;
}

}  // namespace

std::optional<Figure> ladder_figure(const Report& report) {
  if (report.ladders.empty()) return std::nullopt;
  const Planned& planned = report.planned;
  const Metric& metric = elapsed_of(report).metric;
  const bool is_time = metric.kind == Kind::time, is_simulated = metric.provenance == Provenance::simulated;
  const auto cell_of = [&](const LadderRow& row) -> const Cell& {
    return report.cells[static_cast<std::size_t>(row.cell)];
  };
  std::vector<DotRow> rows;
  bool rates = true;
  for (const Ladder& ladder : report.ladders) {
    for (const LadderRow& row : ladder.rows)
      rates = rates && (!cell_of(row).ending.ok() || cell_of(row).flop_per_s);
  }
  for (const Ladder& ladder : report.ladders) {
    for (const LadderRow& row : ladder.rows) {
      const Cell& cell = cell_of(row);
      DotRow r{.label = report.ladders.size() == 1
                         ? row.version
                         : short_name(planned.treatments[static_cast<std::size_t>(row.treatment)],
                                      planned.factors),
            .value = {},
            .text = {},
            .hollow = cell.provenance == Provenance::modelled,
            .published = {}};
      if (cell.ending.ok()) {
        r.value = rates ? scaled(*cell.flop_per_s, 1e-9) : cell.value;
        r.text = rates ? print_ratio(*r.value).number : print(*r.value, metric.unit, metric.kind).value;
      } else {
        r.text = outcome_text(cell.ending.outcome);
      }
      if (row.published >= 0) {
        const PublishedRow& p = planned.published->rows[static_cast<std::size_t>(row.published)];
        if (rates && p.flop_per_s) r.published = *p.flop_per_s * 1e-9;
        if (!rates) r.published = is_time ? p.time_s : p.value;
      }
      rows.push_back(std::move(r));
    }
  }
  if (with_value(rows) < 2) return std::nullopt;
  DotAxis axis{.title = rates ? "GFLOP/s" : is_time ? "running time, s" : metric.name, .limit = {}, .limit_label = {}};
  if (is_simulated) axis.filled = "counted by an emulator";
  if (rates && report.peak()) {
    axis.limit = scaled(report.peak()->rate, 1e-9);
    axis.limit_label = "FMA peak " + print_ratio(*axis.limit).number;
  }
  const bool logarithmic = is_logarithmic(rows, axis);
  if (logarithmic) axis.title += " (logarithmic)";
  std::string caption =
      fmt::format("{} of each rung{}", rates ? "GFLOP/s" : is_time ? "Running time" : metric.name, logarithmic ? " on a logarithmic axis" : "");
  if (is_simulated) caption += ", counted by an emulator";
  if (const std::string constants = constants_text(planned); !constants.empty())
    caption += " (" + constants + ")";
  if (!is_simulated) {
    caption += fmt::format(
        "; bars are 95 % intervals {}, many of them narrower than their point. Filled: measured; "
        "hollow: modelled from a part of the work",
        over_rounds(report));
  }
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
        fmt::format(fmt::runtime(is_time ? " {} is {}× as fast as {}." : " {} takes 1/{} of {}."),
                    short_name(planned.treatments[static_cast<std::size_t>(top->treatment)], planned.factors),
                    print_ratio(*top->absolute.value).number,
                    short_name(planned.treatments[static_cast<std::size_t>(*baseline)], planned.factors));
  }
  caption += not_faster_text(report);
  return dot_plot("ladder", rows, axis, std::move(caption));
}

}  // namespace assay::reports
