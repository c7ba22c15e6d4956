#include "reports/figure_text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string_view>
#include <vector>

#include "reports/numbers.hpp"

namespace assay::reports {

namespace {

/// Of UTF-8: the bytes of the character that begins at `i`.
std::size_t length_at(const std::string& text, std::size_t i) {
  std::size_t length = 1;
  while (i + length < text.size() && (static_cast<unsigned char>(text[i + length]) & 0xC0) == 0x80) ++length;
  return length;
}

/// Controls of C0 and C1, lines' and paragraphs' ends, marks and overrides of direction, and what no XML may hold.
bool is_unfit(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return byte(0) < 0x20 || byte(0) >= 0x7F;  // a lone byte above is no UTF-8
  if (character.size() == 2) return (byte(0) == 0xC2 && byte(1) < 0xA0) || character == "\u061C";
  if (character.size() != 3) return character.size() > 4;
  if (byte(0) == 0xE2 && byte(1) == 0x80) return byte(2) == 0x8E || byte(2) == 0x8F || (byte(2) >= 0xA8 && byte(2) <= 0xAE);
  if (byte(0) == 0xE2 && byte(1) == 0x81) return byte(2) >= 0xA6 && byte(2) <= 0xA9;
  return byte(0) == 0xEF && byte(1) == 0xBF && byte(2) >= 0xBE;  // U+FFFE, U+FFFF
}

/// `text` in quotes, with those inside as `inner`, and what is unfit as a space.
std::string quoted(const std::string& text, char quote, std::string_view inner) {
  std::string out(1, quote);
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view character = std::string_view(text).substr(i, length_at(text, i));
    i += character.size();
    if (is_unfit(character)) {
      out += ' ';
    } else {
      out += character.front() == quote ? inner : character;
    }
  }
  return out + quote;
}

}  // namespace

std::string script_text(const std::string& text) {
  return quoted(text, '\'', "''");
}

std::string script_tic(const std::string& text) {
  std::string out;
  for (const char c : text) out.append(c == '%' ? 2 : 1, c);
  return script_text(out);
}

std::string csv_text(const std::string& text) {
  return quoted(text, '"', "'");
}

std::string shortened(const std::string& text, std::size_t most) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < text.size(); i += length_at(text, i)) starts.push_back(i);
  if (starts.size() <= most) return text;
  const std::size_t before = most / 2, after = most - before - 1;  // one is the ellipsis
  return text.substr(0, starts[before]) + "…" + text.substr(after > 0 ? starts[starts.size() - after] : text.size());
}

MetricAxis metric_axis(const Metric& metric, double largest) {
  const bool percent = metric.kind == Kind::proportion && metric.unit == "ratio";
  MetricAxis axis{percent ? ScaledUnit{100, "%"} : scale_for(largest, metric.unit), metric.name};
  if (axis.unit.unit != "ratio" && axis.unit.unit != "1") axis.title += ", " + axis.unit.unit;
  return axis;
}

std::string logarithmic_tics(std::string_view axis, double low, double high) {
  constexpr std::size_t kFewest = 3, kMost = 9;
  const auto tics_at = [&](const std::vector<double>& mantissas) {
    std::vector<std::string> tics;
    for (double decade = std::pow(10, std::floor(std::log10(low))); decade <= high; decade *= 10) {
      for (const double m : mantissas) {
        if (decade * m >= low && decade * m <= high) tics.push_back(shown(decade * m));
      }
    }
    return tics;
  };
  for (const std::vector<double>& mantissas : {std::vector<double>{1}, {1, 2, 5}, {1, 1.5, 2, 3, 4, 5, 6, 8}}) {
    const auto tics = tics_at(mantissas);
    if (tics.size() >= kFewest && tics.size() <= kMost) return fmt::format("set {}tics ({})\n", axis, fmt::join(tics, ", "));
  }
  if (high / low > 10) return fmt::format("set {}tics autofreq\n", axis);
  // Within a decade and far from its round numbers: steps of 1, 2 or 5.
  double step = std::pow(10, std::floor(std::log10((high - low) / 4)));
  for (const double times : {2.0, 2.5, 2.0}) {
    if ((high - low) / step > 6) step *= times;
  }
  std::vector<std::string> tics;
  for (double k = std::ceil(low / step); k * step <= high; ++k) tics.push_back(shown(k * step));
  return fmt::format("set {}tics ({})\n", axis, fmt::join(tics, ", "));
}

std::string rows_of_file(std::size_t first, std::size_t last) {
  return fmt::format("every ::{}::{}", first + 1, last + 1);  // row 0 is the header
}

std::string shown(double x) {
  return fmt::format("{}", stored(x));
}

std::string over_rounds(const Report& report) {
  const bool apart = report.imported && !report.imported->rounds;  // the file doesn't say what ran side by side
  return apart ? "over replicates" : "over " + counted(report.costs.rounds, "round");
}

std::string script_head(const std::string& name, int width, int height) {
  return fmt::format(
      "# Draws {0}.svg and {0}.pdf from {0}.csv:  gnuplot {0}.gp\n"
      "set encoding utf8\nset datafile separator ','\nset datafile missing '?'\n"
      "set terminal svg noenhanced size {1},{2} font 'sans-serif,14' background rgb 'white'\n"
      "set output '{0}.svg'\n",
      name, width, height);
}

std::string script_foot(const std::string& name, int width, int height) {
  return fmt::format(
      "if (strstrt(GPVAL_TERMINALS, 'pdfcairo') > 0) {{\n"
      "  set terminal pdfcairo noenhanced size 7.0in,{:.2f}in font 'sans-serif,10'\n"
      "  set output '{}.pdf'\n  replot\n}}\nunset output\n",
      7.0 * height / width, name);
}

}  // namespace assay::reports
