#include "reports/tex.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/ascii.hpp"
#include "harness/record/run_folder.hpp"
#include "reports/drawing.hpp"
#include "reports/figure.hpp"
#include "reports/latex.hpp"
#include "reports/tables.hpp"
#include "reports/values.hpp"

namespace assay::reports {

namespace {

namespace fs = std::filesystem;

/// What \csname takes: no character that TeX acts on, and none beyond ASCII.
bool is_macro_key(const std::string& key) {
  return std::all_of(key.begin(), key.end(), [](char c) { return c >= 0x20 && c < 0x7f && std::string_view("\\{}%#~^\"").find(c) == std::string_view::npos; });
}

constexpr const char* kHead = R"(% Values of run {} of {}, preset {}, as records give them; written by assay report {} --to tex. Don't edit.
%   \assay{{KEY}}          value and interval      \assay{{{}}}
%   \assayvalue{{KEY}}     the value alone
%   \assayinterval{{KEY}}  the interval alone
% KEY may have the experiment's name in front, and must where several runs have it.
\makeatletter
\providecommand\assay@get[2]{{\ifcsname assay@#1@#2\endcsname\csname assay@#1@#2\endcsname\else\errmessage{{assay: no value '#2' in numbers.tex}}\fi}}
\providecommand\assay[1]{{\assay@get{{whole}}{{#1}}}}
\providecommand\assayvalue[1]{{\assay@get{{value}}{{#1}}}}
\providecommand\assayinterval[1]{{\assay@get{{interval}}{{#1}}}}
\providecommand\assay@twice[1]{{\errmessage{{assay: several runs have '#1'; write the experiment's name in front}}}}
\providecommand\assay@put[3]{{\ifcsname assay@#1@#2\endcsname
  \expandafter\def\csname assay@#1@#2\endcsname{{\assay@twice{{#2}}}}\else\expandafter\def\csname assay@#1@#2\endcsname{{#3}}\fi}}
\providecommand\assay@set[5]{{% experiment, key, whole, value, interval
  \expandafter\def\csname assay@whole@#1 #2\endcsname{{#3}}\expandafter\def\csname assay@value@#1 #2\endcsname{{#4}}%
  \expandafter\def\csname assay@interval@#1 #2\endcsname{{#5}}%
  \assay@put{{whole}}{{#2}}{{#3}}\assay@put{{value}}{{#2}}{{#4}}\assay@put{{interval}}{{#2}}{{#5}}}}
)";

/// A comment that stays one.
std::string comment_text(const std::string& text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return out;
}

}  // namespace

std::string plain_label(const std::string& text) {
  std::string label;
  for (const char c : text) {
    if (is_letter_or_digit(c)) {
      label += c;
    } else if (!label.empty() && label.back() != '-') {
      label += '-';
    }
  }
  while (!label.empty() && label.back() == '-') label.pop_back();
  return label;
}

std::string numbers_tex(const Report& report) {
  const std::vector<Value> values = values_of(report);
  const std::string example = values.empty() ? "run rounds" : values.front().key;
  std::string text = fmt::format(kHead, comment_text(report.folder_name), comment_text(report.experiment), comment_text(report.preset), comment_text(report.folder_name),
                                 is_macro_key(example) ? example : "run rounds");
  std::size_t left_out = 0;
  const std::string experiment = is_macro_key(report.experiment) ? report.experiment : plain_label(report.experiment);
  for (const Value& value : values) {
    if (!is_macro_key(value.key)) {
      ++left_out;
      continue;
    }
    text += fmt::format("\\assay@set{{{}}}{{{}}}{{{}}}{{{}}}{{{}}}\n", experiment, value.key, latex_escaped(value.text()), latex_escaped(value.value),
                        latex_escaped(value.text(ValueForm::interval)));
  }
  text += "\\makeatother\n";
  if (left_out > 0) text += fmt::format("% {} left out: a level has a character that TeX can't have in a name\n", left_out == 1 ? "1 value was" : fmt::format("{} values were", left_out));
  return text;
}

Result<WrittenTex> write_tex(const Report& report, const fs::path& folder) {
  WrittenTex written{folder, {}, {}, folder / "numbers.tex", {}};
  std::error_code failed;
  for (const char* sub : {"tables", "figures"}) {
    fs::remove_all(folder / sub, failed);  // an earlier state's tables must not stand beside today's numbers
    fs::create_directories(folder / sub, failed);
    if (failed) return Error{fmt::format("{}: {}", (folder / sub).string(), failed.message())};
  }
  for (const TextTable& table : tables_of(report)) {
    written.tables.push_back(folder / "tables" / (plain_label(table.name) + ".tex"));
    const std::string label = fmt::format("tab:{}-{}", plain_label(report.experiment), plain_label(table.name));
    if (const auto done = record::write_atomically(written.tables.back(), latex_table(table, label)); !done) return done.error();
  }
  for (const Figure& figure : figures_of(report)) {
    const fs::path base = folder / "figures" / figure.name;
    for (const auto& done : {record::write_atomically(fs::path(base) += ".gp", figure.script), record::write_atomically(fs::path(base) += ".csv", figure.csv)}) {
      if (!done) return done.error();
    }
    if (const auto drawn = draw(figure, folder / "figures"); !drawn) {
      written.notices.push_back(fmt::format("no figure {}: {}", figure.name, drawn.error().message));
    } else if (const fs::path pdf = fs::path(base) += ".pdf"; fs::exists(pdf)) {
      written.figures.push_back(pdf);
    } else {
      written.notices.push_back(fmt::format("no figure {} as PDF: this gnuplot has no pdfcairo terminal; sudo apt install gnuplot-nox", figure.name));
    }
  }
  if (const auto done = record::write_atomically(written.numbers, numbers_tex(report)); !done) return done.error();
  return written;
}

}  // namespace assay::reports
