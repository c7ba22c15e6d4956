// A TOML file as a tree in the order in which it was written, every node with its line. The parser's own
// tables iterate alphabetically, which would turn the author's order of factors and rungs around; and only
// this file's .cpp pays for including it.
//
//     Result<document::Table> root = document::parse(text, "paper.toml");
//     for (const auto& [key, line, node] : root->entries) …
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::plan::document {

struct Node;
struct Entry;

struct Table {
  std::vector<Entry> entries;

  const Entry* find(std::string_view key) const;
};

using List = std::vector<Node>;

/// A date or time. TOML has them; no key of ours takes one.
struct Date {};

struct Node {
  int line = 1;
  std::variant<bool, std::int64_t, double, std::string, List, Table, Date> value;

  const Table* table() const { return std::get_if<Table>(&value); }
  const List* list() const { return std::get_if<List>(&value); }
  const std::string* text() const { return std::get_if<std::string>(&value); }
};

struct Entry {
  std::string key;
  int line = 1;  // of the key
  Node value;
};

/// Files above this are refused before they are parsed: nobody writes a question that long.
inline constexpr std::size_t kLongestFile = 1 << 20;  // bytes

/// The whole text, or the first mistake as "name:line: what is wrong; what would be right": not UTF-8, a NUL
/// byte, too long, or not TOML.
Result<Table> parse(std::string_view text, std::string_view shown_name);

/// A regular file of at most kLongestFile bytes. The error begins with the path.
Result<std::string> read_text(const std::string& path);

/// "an integer", "text", "a list", …
std::string_view type_of(const Node& node);
/// As it would be written in the file, shortened: "fp32", 64, [1, 8], {…}.
std::string shown(const Node& node);
/// Text in quotes, control characters escaped, at most 60 bytes of it. Values have double quotes, names
/// single ones.
std::string in_quotes(std::string_view text, char quote = '"');

}  // namespace assay::plan::document
