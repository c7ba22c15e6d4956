// What latex.hpp writes is set by pdflatex without an error, whatever stands in it. Says SKIPPED where there
// is none.
#include <fstream>

#include "reports/latex.hpp"
#include "reports/program.hpp"
#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

namespace assay::reports::test {

namespace {

namespace fs = std::filesystem;

/// The Error of pdflatex, which stops at the first mistake.
Result<Done> set(const fs::path& folder, const std::string& document_class, const std::string& body) {
  std::ofstream(folder / "paper.tex", std::ios::binary)
      << "\\documentclass" << document_class << "\n\\usepackage[utf8]{inputenc}\n"
      << "\\usepackage{booktabs,graphicx,xcolor,textcomp}\n\\begin{document}\n\\listoftables\n"
      << body << "\\end{document}\n";
  for (int pass = 0; pass < 2; ++pass) {  // the second reads the captions that the first wrote
    const auto said = run_program(
        {"pdflatex", "-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode", "paper.tex"}, folder,
        "");
    if (!said) return said.error();
  }
  return Done{};
}

bool has_pdflatex() {
  TemporaryFolder folder;
  return run_program({"pdflatex", "--version"}, folder.path(), "") && set(folder.path(), "{article}", "x\n");
}

std::string utf8(char32_t c) {
  std::string out;
  if (c < 0x80) return {static_cast<char>(c)};
  if (c >= 0x800) out += static_cast<char>(0xe0 | (c >> 12));
  out += static_cast<char>(c < 0x800 ? 0xc0 | (c >> 6) : 0x80 | ((c >> 6) & 0x3f));
  return out + static_cast<char>(0x80 | (c & 0x3f));
}

}  // namespace

TEST_CASE(
    "tables of runs, and every character up to U+2FFF in a cell, a title and a caption, are set by "
    "pdflatex") {
  if (!has_pdflatex()) {
    WARN("SKIPPED: no pdflatex with booktabs: sudo apt install texlive-latex-recommended");
    return;
  }
  TemporaryFolder results, folder;
  std::string body;
  int label = 0;
  for (const FakeRun& fake : {ladder_run(), comparison_run(), counted_run()}) {
    const auto r = reported(results.path() / std::to_string(label), fake);
    for (const TextTable& table : tables_of(r.report))
      body += latex_table(table, "tab:" + std::to_string(++label));
  }
  TextTable hostile;
  hostile.title = "[a] \\input{/etc/passwd} ^^4d % {";
  hostile.columns = {{"[b]", false}, {"c * \\\\ & | # ~ two words that are long", true}};
  std::string all;
  for (char32_t c = 1; c < 0x3000; ++c) all += utf8(c) + (c % 40 == 0 ? " " : "");
  hostile.caption = all;
  for (std::size_t at = 0; at < all.size();) {
    std::size_t end = std::min(all.find(' ', at + 1), all.size());
    hostile.rows.push_back(
        {{"*" + all.substr(at, end - at), "", TextCell::Tone::plain, "ᵃ", true}, {"[1]", "[0, 1]"}});
    at = end;
    if (hostile.rows.size() > 20) break;  // a page's worth; the caption has all
  }
  hostile.footnotes = {"ᵃ " + all};
  body += latex_table(hostile, "tab:hostile");
  for (const char* document_class : {"{article}", "[twocolumn]{article}"}) {
    const auto done = set(folder.path(), document_class, body);
    INFO((done ? "" : done.error().message));
    CHECK(done);
  }
}

}  // namespace assay::reports::test
