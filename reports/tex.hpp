// A run for a paper in LaTeX: its tables, its figures as PDF, and a macro for every number that prose may want.
//
//     const auto written = write_tex(report, run_folder / "report" / "tex");
//
//     \input{numbers.tex}                                     % in the preamble
//     int8 is \assay{speedup latency_s precision=int8 batch=1} as fast.
//     \input{tables/latency_s.tex}
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "reports/report.hpp"

namespace assay::reports {

/// \assay{KEY}, \assayvalue{KEY} and \assayinterval{KEY} for every value (values.hpp), with and without the experiment's name in front; without it a key
/// that two runs have is an error where it is used. A key with a character that TeX can't have in a name is left out, and said.
std::string numbers_tex(const Report& report);

struct WrittenTex {
  std::filesystem::path folder;
  std::vector<std::filesystem::path> tables, figures;
  std::filesystem::path numbers;
  std::vector<std::string> notices;  // a figure that couldn't be drawn, and the remedy
};

/// folder/tables/*.tex, folder/figures/*.pdf, folder/numbers.tex.
Result<WrittenTex> write_tex(const Report& report, const std::filesystem::path& folder);

/// Letters, digits and '-' of `text`: for labels and file names.
std::string plain_label(const std::string& text);

}  // namespace assay::reports
