// A treatment: one level of every factor, in the order of the experiment file.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "harness/core/json.hpp"

namespace assay {

/// A level keeps its TOML type: 1 and 1.0 are different levels.
using Level = std::variant<bool, std::int64_t, double, std::string>;

/// Shortest text that reads back as the same value: 64, 0.1, true, fp32. What `{factor}` is replaced by.
std::string shortest(const Level& level);
Json to_json(const Level& level);
/// Only booleans, numbers and strings are levels; anything else is an Error.
Result<Level> level_from_json(const Json& value);

class Treatment {
 public:
  Treatment() = default;
  explicit Treatment(std::vector<std::pair<std::string, Level>> levels) : levels_(std::move(levels)) {}

  /// Replaces the factor's level, or appends the factor.
  void set(std::string factor, Level level);
  const Level* find(std::string_view factor) const;
  const std::vector<std::pair<std::string, Level>>& levels() const { return levels_; }
  bool empty() const { return levels_.empty(); }

  /// True if every factor that `partial` names has the same level here.
  bool matches(const Treatment& partial) const;

  /// 64 hexadecimal digits: the SHA-256 of the canonical JSON. Order of factors doesn't matter, types do.
  std::string id() const;
  /// "version=7_avx n=512": for tables and messages.
  std::string label() const;

  friend bool operator==(const Treatment& a, const Treatment& b) { return a.id() == b.id(); }

 private:
  std::vector<std::pair<std::string, Level>> levels_;
};

OrderedJson to_json(const Treatment& treatment);  // in the experiment file's order
Json sorted_json(const Treatment& treatment);     // canonical
Result<Treatment> treatment_from_json(const Json& object);

}  // namespace assay
