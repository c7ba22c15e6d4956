// Text from outside in a paper: no character of it is a command, and each can be set.
#include "reports/latex.hpp"

#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

namespace assay::reports::test {

namespace {

using Catch::Matchers::ContainsSubstring;

}  // namespace

TEST_CASE("every special character of TeX is set, and none is obeyed") {
  CHECK(
      latex_escaped("50 % of a_b & c #1 {x} $y$ ^^M ~ \\input{/etc/passwd} <a|b>") ==
      "50 \\% of a\\_b \\& c \\#1 \\{x\\} \\$y\\$ \\textasciicircum{}\\textasciicircum{}M \\textasciitilde{} "
      "\\textbackslash{}input\\{/etc/passwd\\} \\ensuremath{<}a\\ensuremath{|}b\\ensuremath{>}");
  CHECK(latex_escaped("[2.25, 2.38] *") == "{[}2.25, 2.38{]} {*}");  // behind \\ they would be its argument
  CHECK(latex_escaped("--batch ''x'' \"y\" `z`") ==
        "-{}-batch '{}'x'{}' \\char34{}y\\char34{} \\textasciigrave{}z\\textasciigrave{}");
}

TEST_CASE("the signs of our own tables are macros") {
  CHECK(latex_escaped("−0.04 × 2.31 µs ± 1 – ≤ ≥ ·") ==
        "\\ensuremath{-}0.04 \\ensuremath{\\times} 2.31 \\textmu{}s \\ensuremath{\\pm} 1 \\textendash{} "
        "\\ensuremath{\\leq} \\ensuremath{\\geq} \\textperiodcentered{}");
  CHECK(latex_escaped("99 % ᵃ") == "99 \\% \\textsuperscript{a}");
  CHECK(latex_escaped("τ Ünal é") == "\\ensuremath{\\tau} Ünal é");
}

TEST_CASE("what can't be seen or turns the reading direction is left out, what can't be set is numbered") {
  CHECK(latex_escaped(std::string("a\x1b[31m\0b", 8)) == "a{[}31mb");
  CHECK(latex_escaped("a\tb\nc\r\xe2\x80\xa8") == "a b c  ");
  CHECK(latex_escaped("x\xe2\x80\xae\xd8\x9cy\xe2\x81\xa6\xef\xbb\xbf\xc2\x9b") == "xy");
  CHECK(latex_escaped("模型 😀") == "U+6A21U+578B U+1F600");
  CHECK(latex_escaped("a\xff\xc0\xaf\xe2\x82") == "aU+FFFDU+FFFDU+FFFDU+FFFDU+FFFD");
}

TEST_CASE(
    "a table has caption and label, intervals beside the values, its best in bold, and its notes below") {
  TextTable table;
  table.title = "latency_s (lower is better)";
  table.caption = "At n = 1.";
  table.columns = {{"version", false}, {"latency_s", true}, {"verdict", false}};
  table.rows = {{{"a", ""}, {"2.31 ms", "[2.25, 2.38]", TextCell::Tone::plain, "ᵃ"}, {"baseline", ""}},
                {{"b_1", ""}, {"1.0 ms", "", TextCell::Tone::plain, "", true}, {"[x", ""}}};
  table.footnotes = {"ᵃ modelled"};
  table.status = "Preset paper, 15 rounds.";
  table.block_starts = {1};
  CHECK(latex_table(table, "tab:latency") ==
        R"(% Made by Assay from a run's record. It needs \usepackage{booktabs,graphicx,xcolor,textcomp}.
\begin{table}
\centering
\footnotesize
\caption[latency\_s (lower is better)]{latency\_s (lower is better). At n = 1.}
\label{tab:latency}
\par\smallskip
\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%
\begin{tabular}{@{}lr@{\hspace{0.4em}}ll@{}}
\toprule
version & \multicolumn{2}{c}{latency\_s} & verdict \\
\midrule
a & 2.31 ms\textsuperscript{a} & {\scriptsize\textcolor{gray}{{[}2.25, 2.38{]}}} & baseline \\
\addlinespace
b\_1 & \textbf{1.0 ms} & & {[}x \\
\bottomrule
\end{tabular}}
\par\smallskip\begin{minipage}{\linewidth}\scriptsize\raggedright
\textsuperscript{a} modelled\par
Preset paper, 15 rounds.\par
\end{minipage}
\end{table}
)");
}

TEST_CASE("a table that is wider than a column of a page goes over both") {
  TemporaryFolder results;
  for (const TextTable& table : tables_of(reported(results.path(), ladder_run()).report))
    CHECK_THAT(latex_table(table, "tab:x"),
               ContainsSubstring("\\begin{table*}") && ContainsSubstring("\\end{table*}"));
}

}  // namespace assay::reports::test
