#include "harness/plan/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

namespace assay::plan::document {

/// Thrown where toml++ asserts: version 3.3 does so for `[=]`, `[1,}` and other text that is only wrong, and
/// where assertions are off it reads on regardless.
struct ParserSurprise {};
[[noreturn]] inline void be_surprised() {
  throw ParserSurprise();
}

}  // namespace assay::plan::document

#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) ((expr) ? void() : ::assay::plan::document::be_surprised())
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

namespace assay::plan::document {

namespace {

int line_of(const toml::source_region& source, int otherwise) {
  return source.begin ? static_cast<int>(source.begin.line) : otherwise;
}

Node converted(const toml::node& node, int line_above);

Table converted_table(const toml::table& table, int line_above) {
  struct Placed {
    toml::source_position at;
    Entry entry;
  };
  std::vector<Placed> placed;
  for (const auto& [key, node] : table) {
    const int line = line_of(key.source(), line_of(node.source(), line_above));
    placed.push_back({key.source().begin, {std::string(key.str()), line, converted(node, line)}});
  }
  std::stable_sort(placed.begin(), placed.end(),
                   [](const Placed& a, const Placed& b) { return a.at < b.at; });
  Table result;
  for (Placed& p : placed) result.entries.push_back(std::move(p.entry));
  return result;
}

Node converted(const toml::node& node, int line_above) {
  Node result;
  result.line = line_of(node.source(), line_above);
  if (const auto* boolean = node.as_boolean()) {
    result.value = boolean->get();
  } else if (const auto* integer = node.as_integer()) {
    result.value = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    result.value = number->get();
  } else if (const auto* text = node.as_string()) {
    result.value = text->get();
  } else if (const auto* array = node.as_array()) {
    List items;
    for (const toml::node& item : *array) items.push_back(converted(item, result.line));
    result.value = std::move(items);
  } else if (const auto* table = node.as_table()) {
    result.value = converted_table(*table, result.line);
  } else {
    result.value = Date{};
  }
  return result;
}

/// Bytes of the valid UTF-8 sequence that starts `text`; 0 if it is none (overlong and surrogates included).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if (lead == 0xE0 && byte(1) < 0xA0) return 0;
  if (lead == 0xED && byte(1) >= 0xA0) return 0;
  if (lead == 0xF0 && byte(1) < 0x90) return 0;
  if (lead == 0xF4 && byte(1) >= 0x90) return 0;
  return length;
}

/// What keeps bytes from being text, with its line; nullopt if nothing does.
std::optional<std::string> encoding_mistake(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return "1: the file is UTF-16; save it as UTF-8";
  }
  int line = 1;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\n') ++line;
    if (text[i] == '\0')
      return fmt::format("{}: a NUL byte; an experiment file is UTF-8 text without any", line);
    const std::size_t length = sequence_length(text.substr(i));
    if (length == 0) {
      return fmt::format("{}: byte 0x{:02X} is not UTF-8; save the file as UTF-8", line,
                         static_cast<unsigned>(static_cast<unsigned char>(text[i])));
    }
    i += length;
  }
  return std::nullopt;
}

/// Bytes of the string that starts `text` at its quote, closing quotes included; up to the end where none
/// closes it.
std::size_t string_length(std::string_view text) {
  const char quote = text[0];
  const bool triple = text.size() >= 3 && text[1] == quote && text[2] == quote;
  for (std::size_t i = triple ? 3 : 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;  // whatever it escapes closes nothing
    } else if (!triple && (text[i] == quote || text[i] == '\n')) {
      return i + 1;
    } else if (triple && text.substr(i).starts_with(std::string(3, quote))) {
      std::size_t end = i + 3;  // up to two more quotes belong to the text: """a"""""
      for (int more = 0; more < 2 && end < text.size() && text[end] == quote; ++more) ++end;
      return end;
    }
  }
  return text.size();
}

/// The line of a character beyond ASCII outside text and comments, which is not TOML; toml++ 3.3 takes most
/// of them for unreachable (undefined behaviour), so it must not see them. Agrees with the parser up to its
/// first error.
std::optional<std::string> bare_letter_mistake(std::string_view text) {
  int line = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '#') {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if (c == '"' || c == '\'') {
      const std::string_view whole = text.substr(i, string_length(text.substr(i)));
      line += static_cast<int>(std::count(whole.begin(), whole.end(), '\n'));
      i += whole.size() - 1;
    } else if (c == '\n') {
      ++line;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      return fmt::format(
          "{}: {} stands outside quotes; write keys and values beyond ASCII as text, e.g. \"…\"", line,
          in_quotes(text.substr(i, sequence_length(text.substr(i))), '\''));
    }
  }
  return std::nullopt;
}

/// The line at which the parser's own assertion fails: no assertion fails on the lines before it alone.
int line_of_surprise(std::string_view text) {
  std::vector<std::size_t> ends;  // of lines
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' || i + 1 == text.size()) ends.push_back(i + 1);
  }
  const auto first = std::partition_point(ends.begin(), ends.end(), [&](std::size_t end) {
    try {
      static_cast<void>(toml::parse(text.substr(0, end)));
    } catch (const toml::parse_error&) {
    } catch (const ParserSurprise&) {
      return false;
    }
    return true;
  });
  return static_cast<int>(first - ends.begin()) + 1;
}

/// The parser's sentence on one line, with the remedy where there is a usual one.
std::string remedied(std::string_view description) {
  constexpr std::string_view kPreamble = "Error while parsing ";
  if (description.starts_with(kPreamble)) description.remove_prefix(kPreamble.size());
  std::string text;
  for (const char c : description) text += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  const auto says = [&](std::string_view words) { return text.find(words) != std::string::npos; };
  const std::string_view remedy = says("redefine")             ? "keep one of the two"
                                  : says("control characters") ? "close the text with a quote on its own line"
                                                               : "see https://toml.io for how it is written";
  return fmt::format("not TOML ({}); {}", text, remedy);
}

/// A string that holds a NUL can be no argument, path or name.
std::optional<int> line_with_nul(const Node& node) {
  if (const std::string* text = node.text()) {
    return text->find('\0') == std::string::npos ? std::nullopt : std::optional(node.line);
  }
  if (const List* list = node.list()) {
    for (const Node& item : *list) {
      if (const auto line = line_with_nul(item)) return line;
    }
  }
  if (const Table* table = node.table()) {
    for (const Entry& entry : table->entries) {
      if (entry.key.find('\0') != std::string::npos) return entry.line;
      if (const auto line = line_with_nul(entry.value)) return line;
    }
  }
  return std::nullopt;
}

}  // namespace

const Entry* Table::find(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

Result<Table> parse(std::string_view text, std::string_view shown_name) {
  if (text.size() > kLongestFile) {
    return Error{fmt::format("{}:1: {} bytes are too many; a file has at most {} (1 MiB)", shown_name,
                             text.size(), kLongestFile)};
  }
  if (const auto mistake = encoding_mistake(text)) return Error{fmt::format("{}:{}", shown_name, *mistake)};
  // A byte order mark is no character of the text.
  const std::string_view without_mark = text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
  if (const auto letter = bare_letter_mistake(without_mark))
    return Error{fmt::format("{}:{}", shown_name, *letter)};
  try {
    const toml::table parsed = toml::parse(without_mark);
    Table root = converted_table(parsed, 1);
    if (const auto line = line_with_nul(Node{1, root})) {
      return Error{fmt::format("{}:{}: text with a NUL character; leave out the \\u0000", shown_name, *line)};
    }
    return root;
  } catch (const ParserSurprise&) {
    return Error{fmt::format("{}:{}: not TOML; see https://toml.io for how it is written", shown_name,
                             line_of_surprise(without_mark))};
  } catch (const toml::parse_error& e) {
    return Error{fmt::format("{}:{}: {}", shown_name, line_of(e.source(), 1), remedied(e.description()))};
  }
}

Result<std::string> read_text(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  if (!fs::exists(status)) return Error{fmt::format("{}: no such file", path)};
  if (fs::is_directory(status)) return Error{fmt::format("{}: is a folder; name a file in it", path)};
  if (!fs::is_regular_file(status)) return Error{fmt::format("{}: is no regular file; name one", path)};
  const auto size = fs::file_size(path, failure);
  if (!failure && size > kLongestFile) {
    return Error{
        fmt::format("{}:1: {} bytes are too many; a file has at most {} (1 MiB)", path, size, kLongestFile)};
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{fmt::format("{}: can't be read: {}", path, std::strerror(errno))};
  std::string text(kLongestFile + 1,
                   '\0');  // one more, so that a file that grew meanwhile is noticed by parse()
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return Error{fmt::format("{}: can't be read: {}", path, std::strerror(errno))};
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::string_view type_of(const Node& node) {
  constexpr std::string_view kWords[] = {"a boolean", "an integer", "a number", "text",
                                         "a list",    "a table",    "a date"};
  return kWords[node.value.index()];
}

std::string in_quotes(std::string_view text, char quote) {
  std::string result(1, quote);
  bool cut = false;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = std::max<std::size_t>(1, sequence_length(text.substr(i)));
    if (result.size() + length > 60) {
      cut = true;
      break;
    }
    const char c = text[i];
    if (c == quote || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      result += fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      result += text.substr(i, length);
    }
    i += length;
  }
  return result + (cut ? "…" : "") + quote;
}

std::string shown(const Node& node) {
  struct Visitor {
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::int64_t v) const { return fmt::format("{}", v); }
    std::string operator()(double v) const {
      const std::string text = fmt::format("{}", v);
      return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
    }
    std::string operator()(const std::string& v) const { return in_quotes(v); }
    std::string operator()(const List& v) const {
      std::string text;
      for (std::size_t i = 0; i < v.size(); ++i) {
        if (i == 3) return fmt::format("[{}, …]", text);
        text += (i ? ", " : "") + shown(v[i]);
      }
      return fmt::format("[{}]", text);
    }
    std::string operator()(const Table& v) const { return v.entries.empty() ? "{}" : "{…}"; }
    std::string operator()(const Date&) const { return "a date"; }
  };
  return std::visit(Visitor{}, node.value);
}

}  // namespace assay::plan::document
