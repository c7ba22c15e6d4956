#include "reports/fill.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "harness/core/ascii.hpp"
#include "reports/figure.hpp"
#include "reports/latex.hpp"
#include "reports/markdown.hpp"
#include "reports/tables.hpp"
#include "reports/values.hpp"

namespace assay::reports {

namespace {

bool is_plain(char c) {
  return is_letter_or_digit(c) ||
         static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view("._-+,:=@/").find(c) != std::string_view::npos;
}

/// One word of a command inside `code`; what can't be shown there stands as `otherwise`.
std::string command_word(const std::string& text, const char* otherwise) {
  if (std::all_of(text.begin(), text.end(), is_plain)) return text;
  const bool can_quote = std::none_of(text.begin(), text.end(), [](char c) {
    return c == '\'' || c == '`' || static_cast<unsigned char>(c) < 0x20;
  });
  return can_quote ? fmt::format("'{}'", text) : otherwise;
}

/// "figures/matmul-ladder-ladder-ladder.svg". Of a block that names a run, not its experiment, with the run's
/// digits: it may stand beside the same figure of another run.
std::string figure_file(const Block& block, const Report& report, const Figure& figure,
                        bool as_the_block_says, Syntax syntax) {
  if (as_the_block_says && !block.file.empty()) return block.file;
  std::string name = fmt::format("{}-{}", report.experiment, figure.name);
  const bool names_run = !block.run.empty() && block.run != report.experiment;
  if (names_run) name += fmt::format("-{}", report.folder_name.substr(report.folder_name.rfind('-') + 1));
  for (char& c : name) {
    if (!is_plain(c) || static_cast<unsigned char>(c) >= 0x80 || c == '/') c = '-';
  }
  return fmt::format("figures/{}{}", name, syntax == Syntax::tex ? ".pdf" : ".svg");
}

std::string with_crlf(const std::string& text) {
  std::string lines;
  for (const char c : text) lines += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return lines;
}

std::string without_outer_lines(const std::string& text) {
  const std::size_t begin = std::min(text.find_first_not_of('\n'), text.size());
  return text.substr(begin, text.find_last_not_of('\n') + 1 - begin);
}

std::string runs_listed(const std::vector<const Report*>& reports) {
  std::string text;
  for (const Report* report : reports)
    text += fmt::format("\n  {} of {}", report->folder_name, report->experiment);
  return text;
}

/// Walks the blocks of a text; what stands in one comes from whoever made it.
class Filling {
public:
  Filling(std::string_view text, const Templates& templates, const FillSettings& settings)
      : text_(text), templates_(templates), settings_(settings) {}
  virtual ~Filling() = default;
  Filling(const Filling&) = delete;
  Filling& operator=(const Filling&) = delete;

  Result<Filled> fill() {
    const auto blocks = find_blocks(text_, settings_.name, settings_.syntax);
    if (!blocks) return blocks.error();
    std::size_t copied = 0;
    for (const Block& block : *blocks) {
      const std::string_view old = text_.substr(block.content_begin, block.content_end - block.content_begin);
      filled_.blocks.push_back({block, FilledBlock::State::left, nullptr, std::string(old), false});
      const auto content = content_of(block);
      if (!content) return wrong(block, content.error());
      if (!*content) continue;
      const std::string mark = end_marker(block, content_hash(**content), settings_.syntax);
      const bool same = old == **content;
      filled_.blocks.back().edited = !is_blank(old) && content_hash(old) != block.hash;
      if (!same && filled_.blocks.back().edited && !settings_.force) return wrong(block, edited(block));
      filled_.text += text_.substr(copied, block.content_begin - copied);
      filled_.text += **content;
      filled_.text += text_.substr(block.content_end, block.mark_begin - block.content_end);
      filled_.text += mark;
      copied = block.mark_end;
      const bool unchanged =
          same && text_.substr(block.mark_begin, block.mark_end - block.mark_begin) == mark;
      filled_.blocks.back().state = unchanged ? FilledBlock::State::unchanged : FilledBlock::State::filled;
      filled_.blocks.back().content = **content;
    }
    filled_.text += text_.substr(copied);
    return std::move(filled_);
  }

protected:
  /// All between the markers; nothing for a block that is somebody else's.
  virtual Result<std::optional<std::string>> content_of(const Block& block) = 0;

  /// What a template made, with the line below it that says whence it came, as lines of the text.
  Result<std::optional<std::string>> framed(const Block& block, const std::string& part, const Json& origin) const {
    Json view = origin;
    view["content"] = is_blank(part) ? fmt::format("No {}.", block.kind->name) : without_outer_lines(part);
    const bool tex = settings_.syntax == Syntax::tex;
    const auto whole = templates_.render(tex ? "block.tex" : "block.md", view, tex ? latex_escaped : markdown_escaped);
    if (!whole) return whole.error();
    const std::string lines = fmt::format("\n{}\n\n", without_outer_lines(*whole));
    return std::optional(block.crlf ? with_crlf(lines) : lines);
  }

  std::string file_word() const { return command_word(settings_.file, "FILE"); }
  Syntax syntax() const { return settings_.syntax; }
  const Templates& templates() const { return templates_; }
  Filled& filled() { return filled_; }
  FilledBlock& current() { return filled_.blocks.back(); }

private:
  Error wrong(const Block& block, const Error& error) const {
    return Error{fmt::format("{}:{}: {}", settings_.name, block.line, error.message)};
  }

  static Error edited(const Block& block) {
    if (block.hash.empty())
      return Error{fmt::format(
          "this block ({}) holds text that Assay didn't write; move it out from between the markers, or "
          "overwrite it with --force",
          block.described())};
    return Error{fmt::format(
        "this block ({}) was edited by hand since it was filled; move the edit out from between the "
        "markers, or overwrite it with --force",
        block.described())};
  }

  std::string_view text_;
  const Templates& templates_;
  const FillSettings& settings_;
  Filled filled_;
};

/// Blocks of runs.
class ReportFilling : public Filling {
public:
  ReportFilling(std::string_view text, const std::vector<const Report*>& reports, const Templates& templates, const FillSettings& settings)
      : Filling(text, templates, settings), reports_(reports) {}

private:
  Result<std::optional<std::string>> content_of(const Block& block) override {
    if (block.kind->of_plan) return std::optional<std::string>();
    const auto report = report_of(block);
    if (!report) return report.error();
    current().report = *report;
    if (!*report) return std::optional<std::string>();
    return block.is_value() ? value_text(block, **report) : text_of_part(block, **report);
  }

  Result<std::optional<std::string>> value_text(const Block& block, const Report& report) {
    auto known = values_.find(&report);
    if (known == values_.end()) known = values_.emplace(&report, values_of(report)).first;
    const auto value = find_value(known->second, report.folder_name, block.key);
    if (!value) return value.error();
    return std::optional(markdown_escaped(value->text(block.form)));
  }

  /// Null: the block is another run's.
  Result<const Report*> report_of(const Block& block) const {
    std::vector<const Report*> meant;
    for (const Report* report : reports_) {
      if (block.run.empty() || block.run == report->experiment || block.run == report->folder_name ||
          block.run == report->experiment + "/" + report->folder_name)
        meant.push_back(report);
    }
    if (meant.size() <= 1) return meant.empty() ? nullptr : meant.front();
    const bool name_run = std::all_of(meant.begin(), meant.end(), [&](const Report* report) {
      return report->experiment == meant.front()->experiment;
    });
    return Error{
        fmt::format("this block ({}) may mean several runs of the command line; name {} in it, as in <!-- "
                    "assay: begin {} {} -->:{}",
                    block.described(), name_run ? "the run" : "the experiment or run", block.kind->name,
                    name_run ? meant.front()->folder_name : meant.front()->experiment, runs_listed(meant))};
  }

  /// All between the lines of the markers.
  Result<std::optional<std::string>> text_of_part(const Block& block, const Report& report) {
    const auto figures = figures_of(report);
    std::vector<std::string> names;
    if (block.kind->name == "table") {
      for (const TextTable& table : tables_of(report)) names.push_back(table.title);
    } else if (block.kind->name == "figure") {
      if (figures.empty())
        return Error{fmt::format("run {} has no figure: fewer than two of its cells have a value",
                                 report.folder_name)};
      for (const Figure& figure : figures) names.push_back(figure.name);
    }
    int number = block.number;
    if (!block.name.empty())
      number = static_cast<int>(std::find(names.begin(), names.end(), block.name) - names.begin()) + 1;
    if (const int count = static_cast<int>(names.size()); count > 0 && (number < 1 || number > count)) {
      std::string listed;
      for (int i = 0; i < count; ++i)
        listed += fmt::format("\n  {} {}: {}", block.kind->name, i + 1, names[static_cast<std::size_t>(i)]);
      return Error{fmt::format("no {} {} in run {}; there {}:{}", block.kind->name,
                               block.name.empty() ? std::to_string(number) : block.name, report.folder_name,
                               count == 1 ? "is" : "are", listed)};
    }
    std::vector<std::string> files;
    for (std::size_t i = 0;
         i < figures.size() && (block.kind->name == "figure" || block.kind->name == "report"); ++i) {
      const bool whole = block.kind->name == "report";
      const bool shown = whole || static_cast<int>(i) == number - 1;
      files.push_back(figure_file(block, report, figures[i], shown && (!whole || i == 0), syntax()));
      if (!shown) continue;
      if (const auto noted = note_figure(files.back(), report, figures[i].name); !noted) return noted.error();
    }
    const auto part = syntax() == Syntax::tex ? tex_part(report, templates(), std::string(block.kind->part), number, files)
                                              : markdown_part(report, templates(), std::string(block.kind->part), number, files);
    if (!part) return part.error();
    return framed(block, *part,
                  {{"run", report.folder_name},
                   {"experiment", report.experiment},
                   {"preset", report.preset},
                   {"planned", false},
                   {"command", fmt::format("assay report {} --into {}", command_word(report.folder_name, "RUN"), file_word())}});
  }

  Result<Done> note_figure(const std::string& file, const Report& report, const std::string& name) {
    for (const BlockFigure& figure : filled().figures) {
      if (figure.file != file) continue;
      if (figure.report == &report && figure.name == name) return Done{};
      return Error{fmt::format("{} would hold {}; give this block another one, as in file=figures/second.svg",
                               file, figure.report == &report ? "two figures" : "the figures of two runs")};
    }
    filled().figures.push_back({file, &report, name});
    return Done{};
  }

  const std::vector<const Report*>& reports_;
  std::map<const Report*, std::vector<Value>> values_;
};

/// Blocks of an experiment that is planned.
class PlanFilling : public Filling {
public:
  PlanFilling(std::string_view text, const PlannedExperiment& planned, const Templates& templates, const FillSettings& settings)
      : Filling(text, templates, settings), planned_(planned) {}

private:
  Result<std::optional<std::string>> content_of(const Block& block) override {
    if (!block.kind->of_plan) return std::optional<std::string>();
    if (!block.run.empty() && block.run != planned_.name && block.run != planned_.word) return std::optional<std::string>();
    const bool tex = syntax() == Syntax::tex;
    const auto part = templates().render(std::string(block.kind->part) + (tex ? ".tex" : ".md"), planned_.view, tex ? latex_escaped : markdown_escaped);
    if (!part) return part.error();
    return framed(block, *part,
                  {{"run", false},
                   {"experiment", planned_.name},
                   {"preset", planned_.preset},
                   {"planned", true},
                   {"command", fmt::format("assay plan {} --preset {} --into {}", command_word(planned_.word, "EXPERIMENT"), command_word(planned_.preset, "PRESET"), file_word())}});
  }

  const PlannedExperiment& planned_;
};

}  // namespace

std::string_view name_of(FilledBlock::State state) {
  return state == FilledBlock::State::filled      ? "filled"
         : state == FilledBlock::State::unchanged ? "unchanged"
                                                  : "left";
}

Result<Filled> fill_blocks(std::string_view text, const std::vector<const Report*>& reports,
                           const Templates& templates, const FillSettings& settings) {
  return ReportFilling(text, reports, templates, settings).fill();
}

Result<Filled> fill_plan_blocks(std::string_view text, const PlannedExperiment& planned, const Templates& templates, const FillSettings& settings) {
  return PlanFilling(text, planned, templates, settings).fill();
}

}  // namespace assay::reports
