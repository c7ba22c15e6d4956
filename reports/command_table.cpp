#include "reports/command_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/csv.hpp"
#include "reports/markdown.hpp"
#include "reports/sentences.hpp"
#include "reports/table_parts.hpp"

namespace assay::reports {

namespace {

using Tone = TextCell::Tone;

int metric_named(const Report& report, std::string_view name) {
  const auto& metrics = report.planned.metrics;
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    if (metrics[m].metric.name == name) return static_cast<int>(m);
  }
  return -1;
}

const Cell* cell_of(const Report& report, int treatment, std::string_view metric) {
  const int m = metric_named(report, metric);
  return m < 0 ? nullptr
               : find_cell(report.cells, treatment, m,
                           report.planned.metrics[static_cast<std::size_t>(m)].statistics.front());
}

const Comparison* comparison_of(const Report& report, int treatment) {
  const auto& baseline = report.planned.baseline_of[static_cast<std::size_t>(treatment)];
  const int m = metric_named(report, "wall_s");
  if (!baseline || m < 0) return nullptr;
  return find_comparison(report.comparisons, treatment, *baseline, m,
                         report.planned.metrics[static_cast<std::size_t>(m)].statistics.front());
}

std::string name_of_command(const Report& report, int treatment) {
  const Treatment& t = report.planned.treatments[static_cast<std::size_t>(treatment)];
  const Level* name = t.levels().size() == 1 ? t.find("command") : nullptr;
  return name ? shortest(*name) : short_name(t, report.planned.factors);
}

TextCell value_cell(const Report& report, int treatment, std::string_view metric) {
  const Cell* cell = cell_of(report, treatment, metric);
  if (!cell || !cell->value) return nothing();
  const Metric& m = report.planned.metrics[static_cast<std::size_t>(cell->metric)].metric;
  const Printed p = print(*cell->value, m.unit, m.kind);
  return {p.value, p.interval, Tone::plain, ""};
}

bool any_status(const Report& report) {
  for (int t = 0; t < std::ssize(report.planned.treatments); ++t) {
    const Cell* cell = cell_of(report, t, "exit_status");
    if (cell && cell->value && cell->value->value != 0) return true;
  }
  return false;
}

Tone tone_of(const Comparison& c) {
  if (c.verdict == stats::Verdict::better) return Tone::good;
  return c.verdict == stats::Verdict::worse ? Tone::bad : Tone::muted;
}

std::vector<TextCell> row_of(const Report& report, int treatment, bool with_status) {
  std::vector<TextCell> row{{name_of_command(report, treatment), "", Tone::plain, ""}};
  const Cell* wall = cell_of(report, treatment, "wall_s");
  const Comparison* c = comparison_of(report, treatment);
  const bool failed = wall && !wall->ending.ok();
  if (failed) {
    row.push_back({reason_text(std::string(name_of(wall->ending.outcome))), "", Tone::bad, ""});
  } else {
    row.push_back(value_cell(report, treatment, "wall_s"));
  }
  if (c && c->effect) {
    const Printed p = print_ratio(*c->effect);
    row.push_back({p.value, p.interval, Tone::plain, ""});
  } else {
    row.push_back(c || failed ? nothing() : TextCell{"1", "", Tone::muted, ""});
  }
  for (const char* metric : {"cpu_s", "peak_memory_bytes"})
    row.push_back(value_cell(report, treatment, metric));
  if (with_status) row.push_back(value_cell(report, treatment, "exit_status"));
  const std::string verdict = failed ? wall->ending.reason : c ? verdict_text(*c) : "baseline";
  row.push_back({verdict, "", failed ? Tone::bad : c ? tone_of(*c) : Tone::muted, ""});
  return row;
}

}  // namespace

bool compares_commands(const Report& report) {
  const auto& factors = report.planned.factors;
  return report.experiment == "compare" && factors.size() == 1 && factors[0].name == "command" &&
         metric_named(report, "wall_s") >= 0;
}

TextTable command_table(const Report& report) {
  TextTable table;
  table.title = "Running time, lower is better";
  table.columns = {{"command", false, 9, 9},
                   {"wall time", true, 9, 6},
                   {"ratio", true, 9, 8},
                   {"CPU time", true, 5, 2},
                   {"memory", true, 4, 1}};
  const bool with_status = any_status(report);
  if (with_status) table.columns.push_back({"exit status", true, 3, 0});
  table.columns.push_back({"verdict", false, 9, 9});
  for (int t = 0; t < std::ssize(report.planned.treatments); ++t)
    table.rows.push_back(row_of(report, t, with_status));
  table.caption = fmt::format(
      "{}; an execution is a process from just before exec to its end, in mirrored order within {}.",
      report.comparisons.empty() ? "Intervals over rounds"
                                 : "Ratios are to the first command, paired within rounds",
      counted(report.costs.rounds, "round"));
  table.status = status_text(report, metric_named(report, "wall_s"));
  return table;
}

std::vector<std::string> command_sentences(const Report& report) {
  std::vector<std::string> sentences;
  for (int t = 0; t < std::ssize(report.planned.treatments); ++t) {
    const Comparison* c = comparison_of(report, t);
    if (!c || !c->effect || !c->verdict) continue;
    const std::string name = name_of_command(report, c->of), baseline = name_of_command(report, c->to);
    const bool slower = c->verdict == stats::Verdict::worse;
    if (slower || c->verdict == stats::Verdict::better) {
      const Printed p = print_ratio(slower ? *c->effect : inverse(*c->effect));
      sentences.push_back(fmt::format("{} takes {}× {} the time of {}{}.", slower ? name : baseline, p.number,
                                      p.interval.empty() ? "" : p.interval, slower ? baseline : name,
                                      slower ? ": it is slower" : fmt::format(": {} is faster", name)));
    } else {
      const Printed p = print_ratio(*c->effect);
      sentences.push_back(fmt::format("{} takes {}× {} the time of {}: {}.", name, p.number, p.interval,
                                      baseline, verdict_text(*c)));
    }
  }
  return sentences;
}

std::vector<std::string> command_controls(const Report& report) {
  const int wall = metric_named(report, "wall_s");
  std::vector<std::string> lines;
  for (const Control& c : report.controls) {
    if (c.kind != Role::same || (c.metric >= 0 && c.metric != wall)) continue;
    lines.push_back(control_sentence(c, report.planned, c.baseline >= 0, false));
  }
  return lines;
}

std::string commands_markdown(const Report& report) {
  const TextTable table = command_table(report);
  std::string text = "|", rule = "|";
  for (const TextColumn& column : table.columns) {
    text += fmt::format(" {} |", markdown_escaped(column.title));
    rule += column.right_aligned ? "---:|" : ":---|";
  }
  text += "\n" + rule + "\n";
  for (const auto& row : table.rows) {
    text += "|";
    for (const TextCell& cell : row) {
      text += fmt::format(" {}{} |", markdown_escaped(cell.text),
                          cell.interval.empty() ? "" : " " + cell.interval);
    }
    text += "\n";
  }
  text += fmt::format("\n{} Intervals are 95 %.\n\n", markdown_escaped(table.caption));
  for (const auto& lines : {command_sentences(report), command_controls(report)}) {
    for (const std::string& line : lines) text += "- " + markdown_escaped(line) + "\n";
  }
  return text;
}

std::string commands_csv(const Report& report) {
  std::string csv =
      "command,outcome,wall_s,wall_s_low,wall_s_high,ratio,ratio_low,ratio_high,verdict,cpu_s,peak_memory_"
      "bytes,exit_status,rounds\n";
  const auto value = [&](int treatment, std::string_view metric) {
    const Cell* cell = cell_of(report, treatment, metric);
    return cell && cell->value ? csv_number(cell->value->value) : "";
  };
  for (int t = 0; t < std::ssize(report.planned.treatments); ++t) {
    const Cell* wall = cell_of(report, t, "wall_s");
    const Comparison* c = comparison_of(report, t);
    csv += fmt::format(
        "{},{},{},{},{},{},{},{},{}\n", csv_quoted(name_of_command(report, t)),
        wall ? name_of(wall->ending.outcome) : "", csv_interval(wall ? wall->value : std::nullopt),
        csv_interval(c ? c->effect : std::nullopt), c && c->verdict ? stats::name_of(*c->verdict) : "",
        value(t, "cpu_s"), value(t, "peak_memory_bytes"), value(t, "exit_status"), wall ? wall->rounds : 0);
  }
  return csv;
}

}  // namespace assay::reports
