#include "reports/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "harness/core/units.hpp"
#include "reports/report.hpp"

namespace assay::reports {

std::string csv_quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out.append(c == '"' ? "\"\"" : std::string(1, c));
  return out + "\"";
}

std::string csv_number(const std::optional<double>& value) {
  return value ? fmt::format("{}", stored(*value)) : "";
}

std::string csv_interval(const std::optional<Number>& n) {
  const bool interval = n && n->interval;
  return fmt::format("{},{},{}", n ? csv_number(n->value) : "", interval ? csv_number(n->interval->low) : "",
                     interval ? csv_number(n->interval->high) : "");
}

namespace {

/// What the interval is about; empty where there is none.
std::string_view interval_over(const std::optional<Number>& n, bool items) {
  return n && n->interval ? items ? "items" : "rounds" : "";
}

std::string level_of(const Treatment& treatment, const std::string& factor) {
  const Level* level = treatment.find(factor);
  return level ? csv_quoted(shortest(*level)) : "";
}

std::string header(const Planned& planned, std::string_view prefix) {
  std::string text;
  for (const plan::Factor& factor : planned.factors)
    text += csv_quoted(std::string(prefix) + factor.name) + ",";
  return text;
}

std::string levels(const Planned& planned, const Treatment& treatment) {
  std::string text;
  for (const plan::Factor& factor : planned.factors) text += level_of(treatment, factor.name) + ",";
  return text;
}

std::string levels(const Planned& planned, int index) {
  return levels(planned, planned.treatments[static_cast<std::size_t>(index)]);
}

bool is_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

/// A field of text: =, +, - and @ begin a formula, unless they begin a number.
std::string shown_field(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  const std::size_t first = text.find_first_not_of(' ');
  const bool risky =
      first != std::string::npos && std::string_view("=+-@").find(text[first]) != std::string_view::npos;
  if (risky && !is_number(std::string_view(text).substr(first))) text = fmt::format("'{}", text);
  return csv_quoted(text);
}

/// "ᵃ modelled (8 of 1024 rows)" → the text behind the mark, for a row that has it.
std::string notes_of(const TextTable& table, const std::vector<TextCell>& row) {
  std::vector<std::string> notes;
  for (const TextCell& cell : row) {
    for (const std::string& note : table.footnotes) {
      const std::size_t space = note.find(' ');
      if (cell.mark.empty() || space == std::string::npos || !cell.mark.ends_with(note.substr(0, space)))
        continue;
      notes.push_back(note.substr(space + 1));
    }
  }
  return fmt::format("{}", fmt::join(notes, "; "));
}

}  // namespace

std::string table_csv(const TextTable& table) {
  std::vector<bool> has_interval;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    has_interval.push_back(std::any_of(table.rows.begin(), table.rows.end(),
                                       [&](const auto& row) { return !row[c].interval.empty(); }));
  }
  const bool has_notes = !table.footnotes.empty();
  std::vector<std::string> fields;
  std::string csv;
  const auto end_line = [&] {
    csv += fmt::format("{}\n", fmt::join(fields, ","));
    fields.clear();
  };
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    fields.push_back(shown_field(table.columns[c].title));
    if (has_interval[c]) fields.push_back(shown_field(table.columns[c].title + ", 95 % interval"));
  }
  if (has_notes) fields.emplace_back("notes");
  end_line();
  for (const auto& row : table.rows) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      fields.push_back(shown_field(row[c].text));
      if (has_interval[c]) fields.push_back(shown_field(row[c].interval));
    }
    if (has_notes) fields.push_back(shown_field(notes_of(table, row)));
    end_line();
  }
  return csv;
}

std::string cells_csv(const Report& report) {
  const Planned& planned = report.planned;
  std::string csv =
      header(planned, "") +
      "metric,statistic,unit,outcome,reason,provenance,clock,value,low,high,rounds,"
      "flop_per_s,flop_per_s_low,flop_per_s_high,peak_fraction,peak_fraction_low,peak_fraction_high,"
      "bytes_per_s,bytes_per_s_low,bytes_per_s_high,bound,bound_fraction,bound_fraction_low,bound_fraction_"
      "high,throughput_of,throughput_per_s,throughput_per_s_low,throughput_per_s_high,interval_over\n";
  for (const Cell& c : report.cells) {
    const Metric& metric = planned.metrics[static_cast<std::size_t>(c.metric)].metric;
    csv += fmt::format("{}{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", levels(planned, c.treatment),
                       csv_quoted(metric.name), csv_quoted(c.statistic), csv_quoted(metric.unit),
                       name_of(c.ending.outcome), csv_quoted(c.ending.reason), name_of(c.provenance),
                       name_of(c.clock), csv_interval(c.value), c.rounds, csv_interval(c.flop_per_s),
                       csv_interval(c.peak_fraction), csv_interval(c.bytes_per_s), c.bound,
                       csv_interval(c.bound_fraction), csv_quoted(c.throughput ? c.throughput->of : ""),
                       csv_interval(c.throughput ? std::optional(c.throughput->per_s) : std::nullopt),
                       interval_over(c.value, c.items.has_value()));
  }
  return csv;
}

std::string comparisons_csv(const Report& report) {
  const Planned& planned = report.planned;
  std::string csv = header(planned, "of_") + header(planned, "to_") +
                    "metric,statistic,scale,value,low,high,p_adjusted,p_permutation,verdict,reason,rounds,"
                    "interval_over\n";
  for (const Comparison& c : report.comparisons) {
    const Metric& metric = planned.metrics[static_cast<std::size_t>(c.metric)].metric;
    csv += fmt::format("{}{}{},{},{},{},{},{},{},{},{},{}\n", levels(planned, c.of), levels(planned, c.to),
                       csv_quoted(metric.name), csv_quoted(c.statistic),
                       c.scale == Scale::ratio ? "ratio" : "difference", csv_interval(c.effect),
                       csv_number(c.p_adjusted), csv_number(c.p_permutation),
                       c.verdict ? stats::name_of(*c.verdict) : "", csv_quoted(c.reason), c.rounds,
                       interval_over(c.effect, c.items.has_value()));
  }
  return csv;
}

std::string effects_csv(const Report& report) {
  const Planned& planned = report.planned;
  if (report.effects.empty()) return "";
  std::string csv = header(planned, "of_") + header(planned, "to_") +
                    "metric,statistic,ratio,low,high,p,p_adjusted,reason,rounds\n";
  for (const Effect& e : report.effects) {
    const Metric& metric = planned.metrics[static_cast<std::size_t>(e.metric)].metric;
    csv += fmt::format("{}{}{},{},{},{},{},{},{}\n", levels(planned, e.of), levels(planned, e.to),
                       csv_quoted(metric.name), csv_quoted(e.statistic), csv_interval(e.ratio),
                       csv_number(e.p), csv_number(e.p_adjusted), csv_quoted(e.reason), e.rounds);
  }
  return csv;
}

}  // namespace assay::reports
