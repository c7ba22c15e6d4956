#include "harness/core/json.hpp"

#include <fmt/format.h>

namespace assay {

namespace {

constexpr int kMaxDepth = 64;

}  // namespace

std::string canonical_json(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Json> parse_json(std::string_view text) {
  bool too_deep = false;
  const auto limit_depth = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > kMaxDepth) too_deep = true;
    return !too_deep;
  };
  // A text of nothing but '[' recurses nowhere in nlohmann's parser, but its DOM would be freed recursively.
  try {
    Json value = Json::parse(text.begin(), text.end(), limit_depth);
    if (too_deep) return Error{fmt::format("nested more than {} levels deep", kMaxDepth)};
    return value;
  } catch (const Json::parse_error& e) {
    return Error{fmt::format("not JSON at byte {}", e.byte)};
  } catch (const Json::exception&) {  // e.g. a number beyond the range of a double
    return Error{"not JSON that fits in memory: a number is out of range"};
  }
}

std::string text_at(const Json& object, const char* key) {
  if (!object.is_object()) return "";
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace assay
