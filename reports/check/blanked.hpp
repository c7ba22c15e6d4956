// Text whose parts that are no prose are blanked in place, and what the readers of Markdown and of LaTeX
// share. Inside this folder; others call bare_prose().
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "harness/core/ascii.hpp"
#include "reports/check/prose_text.hpp"

namespace assay::reports::check {

std::string blank_markdown(std::string_view text);
std::string blank_latex(std::string_view text);

// A bracket, parenthesis or argument that is longer is text like any other. Bounds what is read twice.
inline constexpr std::size_t kLongestBracket = 400;
inline constexpr std::size_t kLongestFormula = 10'000;

/// Where a text occurs next, asked for rising places: all searches together read the document once.
class Next {
public:
  Next(std::string_view in, std::string_view what) : in_(in), what_(what) {}

  std::size_t from(std::size_t at) {
    if (!asked_ || (found_ != std::string_view::npos && found_ < at)) found_ = in_.find(what_, at);
    asked_ = true;
    return found_;
  }

private:
  std::string_view in_;
  std::string what_;
  std::size_t found_ = 0;
  bool asked_ = false;
};

/// A formula that is no more than a number with a sign, "2.3\times", "11\,\%", "\pm 0.2": as plain text.
/// Nothing for any other.
std::optional<std::string> plain_formula(std::string_view tex);

/// The text and its copy that is blanked place by place.
class Blanked {
public:
  explicit Blanked(std::string_view text) : in(text), out(text) { blank_characters(); }

  void blank(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (out[i] != '\n') out[i] = ' ';
    }
  }
  void mark(std::size_t begin, std::size_t end, char what) {
    blank(begin, end);
    if (begin < end) out[begin] = what;
  }
  /// `what` at the end of the span, so that it touches what follows; a mark if it doesn't fit.
  void replace(std::size_t begin, std::size_t end, const std::optional<std::string>& what) {
    if (!what || what->size() > end - begin) return mark(begin, end, kOpaque);
    blank(begin, end);
    std::copy(what->begin(), what->end(), out.begin() + static_cast<std::ptrdiff_t>(end - what->size()));
  }

  const std::string_view in;
  std::string out;

private:
  /// Control, bidirectional and invisible characters and wide spaces: none is prose, and none may reach a
  /// terminal.
  void blank_characters();
};

/// Comments to Assay: what they cover is blanked once they end.
class Directives {
public:
  explicit Directives(Blanked& text) : text_(text) {}

  /// A comment stands in [begin, end), with `inside` between its marks. Whether it is one of ours.
  bool read(std::size_t begin, std::size_t end, std::string_view inside);

  /// An inline value ends in its paragraph or never began.
  void paragraph_ends() { value_ = std::string_view::npos; }

private:
  Blanked& text_;
  std::size_t opted_out_ = std::string_view::npos, value_ = std::string_view::npos,
              block_ = std::string_view::npos;
  std::string_view kind_;
};

}  // namespace assay::reports::check
