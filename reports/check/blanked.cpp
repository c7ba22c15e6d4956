#include "reports/check/blanked.hpp"

namespace assay::reports::check {

namespace {

constexpr auto npos = std::string_view::npos;

// Symbols of a formula that is a plain number. What stands for none ends as a blank.
struct Symbol {
  std::string_view tex, plain;
};
constexpr Symbol kSymbols[] = {
    {"times", "×"}, {"pm", "±"},  {"mu", "µ"},    {"to", "→"},    {"rightarrow", "→"}, {"approx", "≈"},
    {"sim", "~"},   {"text", ""}, {"mathrm", ""}, {"textrm", ""}, {"circ", "°"},       {"leq", "≤"},
    {"le", "≤"},    {"geq", "≥"}, {"ge", "≥"},    {"ll", "<"},    {"gg", ">"}};

/// The next word from `at`, which moves behind it.
std::string_view word(std::string_view text, std::size_t& at) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\n", at), text.size());
  at = std::min(text.find_first_of(" \t\n", begin), text.size());
  return text.substr(begin, at - begin);
}

}  // namespace

void Blanked::blank_characters() {
  const auto at = [&](std::size_t i) { return i < in.size() ? static_cast<unsigned char>(in[i]) : 0U; };
  for (std::size_t i = 0; i < in.size(); ++i) {
    const unsigned c = at(i);
    if ((c < 0x20 && c != '\n') || c == 0x7F) {
      out[i] = ' ';
    } else if (c == 0xC2 && at(i + 1) <= 0xA0 && at(i + 1) >= 0x80) {  // U+0080 to U+00A0
      blank(i, i + 2);
    } else if (c == 0xE2 && ((at(i + 1) == 0x80 && ((at(i + 2) <= 0x8F && at(i + 2) >= 0x80) ||
                                                    (at(i + 2) >= 0xA8 && at(i + 2) <= 0xAF))) ||
                             (at(i + 1) == 0x81 && at(i + 2) >= 0x9F && at(i + 2) <= 0xAF))) {
      blank(i, i + 3);  // U+2000 to U+200F, U+2028 to U+202F, U+205F to U+206F
    } else if (c == 0xEF && at(i + 1) == 0xBB && at(i + 2) == 0xBF) {
      blank(i, i + 3);
    }
  }
}

bool Directives::read(std::size_t begin, std::size_t end, std::string_view inside) {
  std::size_t at = std::min(inside.find_first_not_of(" \t\n"), inside.size());
  constexpr std::string_view kName = "assay:";
  if (!inside.substr(at).starts_with(kName)) return false;
  at += kName.size();
  const std::string_view verb = word(inside, at), object = word(inside, at);
  if (verb == "not-a-result" && object == "end") {
    if (opted_out_ != npos) text_.blank(opted_out_, end);
    opted_out_ = npos;
  } else if (verb == "not-a-result") {
    text_.out[begin] = kOptOut;
    if (object == "begin" && opted_out_ == npos) opted_out_ = begin;
  } else if (verb == "value") {
    value_ = begin;
  } else if (verb == "begin") {
    block_ = begin;
    kind_ = object;
  } else if (verb == "end" && value_ != npos && (object == "value" || kind_.empty() || object != kind_)) {
    text_.mark(value_, end, kBacked);
    value_ = npos;
  } else if (verb == "end" && block_ != npos && object == kind_) {
    text_.blank(block_, end);
    block_ = npos;
    kind_ = {};
  }
  return true;
}

std::optional<std::string> plain_formula(std::string_view tex) {
  std::string plain;
  bool in_text = false;
  for (std::size_t i = 0; i < tex.size(); ++i) {
    const char c = tex[i];
    if (c == '\\' && i + 1 < tex.size() && !is_letter(tex[i + 1])) {
      plain += std::string_view("%$&#").find(tex[i + 1]) != npos ? tex[i + 1] : ' ';
      ++i;
    } else if (c == '\\') {
      std::size_t end = i + 1;
      while (end < tex.size() && is_letter(tex[end])) ++end;
      const std::string_view name = tex.substr(i + 1, end - i - 1);
      const auto symbol = std::find_if(std::begin(kSymbols), std::end(kSymbols),
                                       [&](const Symbol& s) { return s.tex == name; });
      if (symbol == std::end(kSymbols)) return std::nullopt;
      in_text |= name == "text" || name == "mathrm" || name == "textrm";
      plain += symbol->plain;
      i = end - 1;
    } else if (c == '{' || c == '}' || c == '~' || c == '\n') {
      in_text &= c != '}';
      plain += ' ';
    } else if (c == '^' && tex.substr(i + 1).starts_with("\\circ")) {
      continue;
    } else if (c == 'p' && plain.find_first_not_of(' ') == std::string::npos) {  // a p-value
      plain += c;
    } else if (is_digit(c) || std::string_view(" .,%+-/[]()<>=").find(c) != npos ||
               (in_text && is_letter(c))) {
      plain += c;
    } else {
      return std::nullopt;
    }
  }
  return plain;
}

}  // namespace assay::reports::check
