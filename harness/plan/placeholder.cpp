#include "harness/plan/placeholder.hpp"

#include <fmt/format.h>

#include "harness/plan/section.hpp"

namespace assay::plan {

namespace {

struct Piece {
  std::string_view text;  // literal, or the name between the braces
  bool placeholder = false;
};

std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> pieces;
  std::size_t literal = 0;
  for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
    if (text.substr(open + 1).starts_with('{')) {  // {{name}} stands for the text {name}
      const std::size_t end = text.find_first_of("{}", open + 2);
      if (end == std::string_view::npos || !text.substr(end).starts_with("}}")) continue;
      if (!is_plain_name(text.substr(open + 2, end - open - 2), false)) continue;
      pieces.push_back({text.substr(literal, open - literal), false});
      pieces.push_back({text.substr(open + 1, end - open), false});
      literal = end + 2;
      open = end;
      continue;
    }
    const std::size_t close = text.find_first_of("{}", open + 1);
    if (close == std::string_view::npos || text[close] == '{') continue;
    const std::string_view name = text.substr(open + 1, close - open - 1);
    if (!is_plain_name(name, false)) continue;
    pieces.push_back({text.substr(literal, open - literal), false});
    pieces.push_back({name, true});
    literal = close + 1;
  }
  pieces.push_back({text.substr(literal), false});
  return pieces;
}

}  // namespace

std::string unfilled(std::string_view text) {
  std::string result;
  std::size_t done = 0;
  for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
    const std::size_t close = text.find_first_of("{}", open + 1);
    if (close == std::string_view::npos || text[close] == '{') continue;
    if (!is_plain_name(text.substr(open + 1, close - open - 1), false)) continue;
    result.append(text.substr(done, open - done))
        .append("{")
        .append(text.substr(open, close + 1 - open))
        .append("}");
    done = close + 1;
  }
  return result.append(text.substr(done));
}

std::vector<std::string> placeholders_in(std::string_view text) {
  std::vector<std::string> names;
  for (const auto& [piece, placeholder] : pieces_of(text)) {
    if (placeholder) names.emplace_back(piece);
  }
  return names;
}

std::string filled(std::string_view text,
                   const std::function<std::optional<std::string>(std::string_view)>& value_of) {
  std::string result;
  for (const auto& [piece, placeholder] : pieces_of(text)) {
    const auto value = placeholder ? value_of(piece) : std::nullopt;
    if (value) {
      result += *value;
    } else if (placeholder) {
      result.append("{").append(piece).append("}");
    } else {
      result += piece;
    }
  }
  return result;
}

std::string filled(std::string_view text, const Treatment& assignment, std::uint64_t seed,
                   std::string_view out) {
  return filled(text, [&](std::string_view name) -> std::optional<std::string> {
    if (const Level* level = assignment.find(name)) return shortest(*level);
    if (name == "seed") return fmt::format("{}", seed);
    if (name == "out") return std::string(out);
    return std::nullopt;
  });
}

}  // namespace assay::plan
