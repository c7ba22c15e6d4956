// JSON as Assay writes it. `nlohmann::json` sorts its keys and keeps 1 and 1.0 apart, so `dump()` without
// indentation *is* our canonical form: the same value gives the same bytes, and so the same hash, everywhere.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "harness/core/result.hpp"

namespace assay {

using Json = nlohmann::json;

/// Keeps the order in which fields were written: for documents that people read (`--json`, manifests).
using OrderedJson = nlohmann::ordered_json;

/// Sorted keys, no white space, UTF-8. Invalid UTF-8 is replaced by U+FFFD rather than thrown on.
std::string canonical_json(const Json& value);

/// Parses one JSON text. The error names the byte at which it stopped making sense.
/// NaN and Infinity are refused (they are not JSON), as is nesting beyond 64 levels.
Result<Json> parse_json(std::string_view text);

/// The text that `object` holds under `key`; empty if it is no object, or holds none there.
std::string text_at(const Json& object, const char* key);

}  // namespace assay
