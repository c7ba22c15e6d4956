#include "reports/figure_text.hpp"

#include <fmt/format.h>

#include "harness/core/units.hpp"
#include "reports/numbers.hpp"

namespace assay::reports {

std::string script_text(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' ? "''" : c == '\n' ? " " : std::string(1, c));
  return out + "'";
}

std::string csv_text(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? '\'' : c == '\n' ? ' ' : c;
  return out + "\"";
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
