#include "harness/plan/published.hpp"

#include <fmt/format.h>

#include <cmath>

#include "harness/plan/document.hpp"

namespace assay::plan {

namespace {

Result<Json> scalar(const document::Entry& entry, std::string_view shown_name) {
  const auto& value = entry.value.value;
  if (const auto* text = std::get_if<std::string>(&value)) return Json(*text);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return Json(*whole);
  if (const auto* number = std::get_if<double>(&value); number && std::isfinite(*number))
    return Json(*number);
  return Error{fmt::format("{}:{}: '{}' must be text or a finite number", shown_name, entry.line, entry.key)};
}

}  // namespace

Result<Json> parse_published(std::string_view text, std::string_view shown_name) {
  const auto root = document::parse(text, shown_name);
  if (!root) return root.error();
  Json published = Json::object();
  published["rows"] = Json::array();
  const document::Entry* along = root->find("along");
  if (!along || !along->value.text()) {
    return Error{
        fmt::format("{}:1: 'along' is missing; name the factor whose levels the rows stand for", shown_name)};
  }
  const std::string& factor = *along->value.text();
  for (const document::Entry& entry : root->entries) {
    if (entry.key == "row" || entry.value.list()) continue;
    auto value = scalar(entry, shown_name);
    if (!value) return value.error();
    published[entry.key] = *std::move(value);
  }
  const document::Entry* rows = root->find("row");
  if (!rows || !rows->value.list() || rows->value.list()->empty()) {
    return Error{fmt::format("{}:1: no [[row]]; give at least one", shown_name)};
  }
  for (const document::Node& node : *rows->value.list()) {
    const document::Table* row = node.table();
    if (!row || !row->find(factor)) {
      return Error{fmt::format("{}:{}: a [[row]] without '{}', the factor that 'along' names", shown_name,
                               node.line, factor)};
    }
    Json values = Json::object();
    for (const document::Entry& entry : row->entries) {
      auto value = scalar(entry, shown_name);
      if (!value) return value.error();
      values[entry.key] = *std::move(value);
    }
    published["rows"].push_back(std::move(values));
  }
  return published;
}

}  // namespace assay::plan
