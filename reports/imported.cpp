#include "reports/imported.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/treatment.hpp"
#include "reports/numbers.hpp"

namespace assay::reports {

namespace {

constexpr std::size_t kDigits = 12;  // of a hash, for people

std::optional<std::int64_t> integer_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? std::optional(found->get<std::int64_t>()) : std::nullopt;
}

std::string facts_text(const Json& facts) {
  std::string text;
  if (!facts.is_object()) return text;
  for (const auto& [name, value] : facts.items()) {
    if (!value.is_primitive() || value.is_null()) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

}  // namespace

std::optional<Imported> read_imported(const Json& manifest) {
  const auto found = manifest.find("imported");
  if (found == manifest.end() || !found->is_object()) return std::nullopt;
  Imported imported{.source = text_at(*found, "source"), .date = text_at(*found, "date"),     .by = text_at(*found, "by"),         .file = text_at(*found, "file"),
                    .sha256 = text_at(*found, "sha256"), .format = text_at(*found, "format"), .rows = integer_at(*found, "rows").value_or(0), .rounds = {}, .reported = {}};
  if (const auto rounds = integer_at(*found, "rounds")) imported.rounds = static_cast<int>(std::clamp<std::int64_t>(*rounds, 0, 1'000'000));
  if (const auto reported = found->find("reported"); reported != found->end()) imported.reported = facts_text(*reported);
  return imported;
}

bool is_imported(const Planned& planned) {
  return !planned.metrics.empty() && std::all_of(planned.metrics.begin(), planned.metrics.end(), [](const PlannedMetric& m) { return m.metric.provenance == Provenance::imported; });
}

std::string imported_line(const Imported& i) {
  return fmt::format("Imported, not measured by Assay: {}, run by {} on {} ({}, {}, SHA-256 {}{}){}", i.source, i.by, i.date, i.file, counted(i.rows, "row"),
                     i.sha256.substr(0, kDigits), i.sha256.size() > kDigits ? "…" : "", i.reported.empty() ? "" : fmt::format("; the file says of its machine: {}", i.reported));
}

std::string imported_cost_line(const Imported& imported, const Costs& costs) {
  const std::string rows = fmt::format("{} of {}", counted(imported.rows, "row"), counted(costs.processes, "replicate"));
  if (!imported.rounds) return rows + "; which of them ran side by side isn't known.";
  return fmt::format("{}, side by side in {}.", rows, counted(costs.rounds, "round"));
}

}  // namespace assay::reports
