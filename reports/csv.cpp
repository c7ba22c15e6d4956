#include "reports/csv.hpp"

#include <fmt/format.h>

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

}  // namespace

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
