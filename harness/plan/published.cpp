#include "harness/plan/published.hpp"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <cmath>

namespace assay::plan {

namespace {

Result<Json> scalar(const toml::node& node, std::string_view shown_name, std::string_view key) {
  if (const auto text = node.value_exact<std::string>()) return Json(*text);
  if (const auto whole = node.value_exact<std::int64_t>()) return Json(*whole);
  if (const auto number = node.value_exact<double>(); number && std::isfinite(*number)) return Json(*number);
  return Error{
      fmt::format("{}:{}: '{}' must be text or a finite number", shown_name, node.source().begin.line, key)};
}

}  // namespace

Result<Json> parse_published(std::string_view text, std::string_view shown_name) {
  toml::table document;
  try {
    document = toml::parse(text, shown_name);
  } catch (const toml::parse_error& e) {
    return Error{fmt::format("{}:{}: {}", shown_name, e.source().begin.line, e.description())};
  }
  Json published = Json::object();
  published["rows"] = Json::array();
  const auto along = document["along"].value<std::string>();
  if (!along)
    return Error{
        fmt::format("{}:1: 'along' is missing; name the factor whose levels the rows stand for", shown_name)};
  for (const auto& [key, node] : document) {
    if (key.str() == "row" || node.is_array()) continue;
    auto value = scalar(node, shown_name, key.str());
    if (!value) return value.error();
    published[std::string(key.str())] = *std::move(value);
  }
  const toml::array* rows = document["row"].as_array();
  if (!rows || rows->empty()) return Error{fmt::format("{}:1: no [[row]]; give at least one", shown_name)};
  for (const toml::node& entry : *rows) {
    const toml::table* row = entry.as_table();
    if (!row || !row->contains(*along)) {
      return Error{fmt::format("{}:{}: a [[row]] without '{}', the factor that 'along' names", shown_name,
                               entry.source().begin.line, *along)};
    }
    Json values = Json::object();
    for (const auto& [key, node] : *row) {
      auto value = scalar(node, shown_name, key.str());
      if (!value) return value.error();
      values[std::string(key.str())] = *std::move(value);
    }
    published["rows"].push_back(std::move(values));
  }
  return published;
}

}  // namespace assay::plan
