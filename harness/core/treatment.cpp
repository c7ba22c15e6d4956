#include "harness/core/treatment.hpp"

#include <fmt/format.h>

#include "harness/core/hash.hpp"

namespace assay {

std::string shortest(const Level& level) {
  struct Visitor {
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::int64_t v) const { return fmt::format("{}", v); }
    std::string operator()(double v) const { return fmt::format("{}", v); }
    std::string operator()(const std::string& v) const { return v; }
  };
  return std::visit(Visitor{}, level);
}

Json to_json(const Level& level) {
  return std::visit([](const auto& v) { return Json(v); }, level);
}

Result<Level> level_from_json(const Json& value) {
  if (value.is_boolean()) return Level(value.get<bool>());
  if (value.is_number_integer()) return Level(value.get<std::int64_t>());
  if (value.is_number_float()) return Level(value.get<double>());
  if (value.is_string()) return Level(value.get<std::string>());
  return Error{fmt::format("{} is no level; a level is a boolean, a number or a string", value.dump())};
}

void Treatment::set(std::string factor, Level level) {
  for (auto& [name, old] : levels_) {
    if (name == factor) {
      old = std::move(level);
      return;
    }
  }
  levels_.emplace_back(std::move(factor), std::move(level));
}

const Level* Treatment::find(std::string_view factor) const {
  for (const auto& [name, level] : levels_) {
    if (name == factor) return &level;
  }
  return nullptr;
}

bool Treatment::matches(const Treatment& partial) const {
  for (const auto& [name, level] : partial.levels_) {
    const Level* mine = find(name);
    if (!mine || *mine != level) return false;
  }
  return true;
}

std::string Treatment::id() const { return sha256_hex(canonical_json(sorted_json(*this))); }

std::string Treatment::label() const {
  std::string text;
  for (const auto& [name, level] : levels_) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, shortest(level));
  }
  return text.empty() ? "(the only treatment)" : text;
}

OrderedJson to_json(const Treatment& treatment) {
  OrderedJson object = OrderedJson::object();
  for (const auto& [name, level] : treatment.levels()) {
    std::visit([&, &key = name](const auto& v) { object[key] = v; }, level);
  }
  return object;
}

Json sorted_json(const Treatment& treatment) {
  Json object = Json::object();
  for (const auto& [name, level] : treatment.levels()) object[name] = to_json(level);
  return object;
}

Result<Treatment> treatment_from_json(const Json& object) {
  if (!object.is_object()) return Error{"a treatment is an object of factors and levels"};
  Treatment treatment;
  for (const auto& [name, value] : object.items()) {
    auto level = level_from_json(value);
    if (!level) return Error{fmt::format("factor '{}': {}", name, level.error().message)};
    treatment.set(name, *std::move(level));
  }
  return treatment;
}

}  // namespace assay
