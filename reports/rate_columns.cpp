#include "reports/rate_columns.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/table_parts.hpp"

namespace assay::reports {

RateColumns::RateColumns(const Report& report, const std::vector<const Cell*>& cells) : report_(report) {
  const auto any = [&](auto has) {
    return std::any_of(cells.begin(), cells.end(), [&](const Cell* c) { return has(*c); });
  };
  items_ = items_that_differ(cells);
  flop_ = any([](const Cell& c) { return c.flop_per_s.has_value(); });
  memory_bound_ = any([](const Cell& c) { return c.bound_fraction && c.bound != "peak"; });
  bytes_ = memory_bound_ || any([](const Cell& c) { return c.bytes_per_s && !c.flop_per_s; });
  share_ = memory_bound_ || any([](const Cell& c) { return c.peak_fraction.has_value(); });
}

void RateColumns::add_rate_titles(std::vector<TextColumn>& columns) const {
  if (!items_.empty()) columns.push_back({items_ + "/s", true, 8, 3});
  if (flop_) columns.push_back({"GFLOP/s", true, 4, 1});
  if (bytes_) columns.push_back({"GB/s", true, 3, 1});
}

void RateColumns::add_rates(const Cell& cell, std::vector<TextCell>& cells) const {
  const auto giga = [](const std::optional<Number>& rate) {
    return rate ? cell_of(print_ratio(scaled(*rate, 1e-9))) : nothing();
  };
  if (!items_.empty()) cells.push_back(cell.throughput ? cell_of(print_count(cell.throughput->per_s)) : nothing());
  if (flop_) cells.push_back(giga(cell.flop_per_s));
  if (bytes_) cells.push_back(giga(cell.bytes_per_s));
}

void RateColumns::add_share_title(std::vector<TextColumn>& columns) const {
  if (share_) columns.push_back({memory_bound_ ? "% of bound" : "% of peak", true, 5, 3});
}

void RateColumns::add_share(const Cell& cell, std::vector<TextCell>& cells, Footnotes& footnotes) const {
  if (!share_) return;
  const auto& share = memory_bound_ ? cell.bound_fraction : cell.peak_fraction;
  if (!share) return cells.push_back(nothing());
  std::string note;
  if (memory_bound_ && cell.bound != "peak") {
    note =
        fmt::format("bound by reading from {}{}", level_name(cell.bound),
                    cell.bound_in_rounds ? "" : ", as the machine sheet has it, measured before the rounds");
  }
  cells.push_back(cell_of(print_percent(*share), footnotes.mark(note), false));
}

std::string RateColumns::caption() const {
  if (!share_) return "";
  std::string text;
  const bool one_team = std::all_of(report_.limits.begin(), report_.limits.end(), [&](const Limit& l) {
    return l.threads == report_.limits.front().threads;
  });
  for (const Limit& limit : report_.limits) {
    if (limit.peak < 0) continue;
    const bool memory = !limit.level.empty();
    const Printed rate = print(limit.rate, memory ? "B/s" : "FLOP/s", Kind::rate);
    text += fmt::format(" {}{}: {} in the same rounds, {}{}.", memory ? limit.name : "Peak",
                        one_team ? "" : " of " + counted(limit.threads, "thread"),
                        memory ? "reading from it" : "the FMA loop", rate.value,
                        rate.interval.empty() ? "" : " " + rate.interval);
  }
  if (memory_bound_)
    text +=
        " Bound: the least of the peak and of what the memory level that holds the work's data can deliver "
        "(roofline).";
  return text;
}

}  // namespace assay::reports
