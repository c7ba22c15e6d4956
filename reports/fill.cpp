#include "reports/fill.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/figure.hpp"
#include "reports/markdown.hpp"
#include "reports/tables.hpp"

namespace assay::reports {

namespace {

bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
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
                        bool as_the_block_says) {
  if (as_the_block_says && !block.file.empty()) return block.file;
  std::string name = fmt::format("{}-{}", report.experiment, figure.name);
  const bool names_run = !block.run.empty() && block.run != report.experiment;
  if (names_run) name += fmt::format("-{}", report.folder_name.substr(report.folder_name.rfind('-') + 1));
  for (char& c : name) {
    if (!is_plain(c) || static_cast<unsigned char>(c) >= 0x80 || c == '/') c = '-';
  }
  return "figures/" + name + ".svg";
}

std::string with_crlf(const std::string& text) {
  std::string lines;
  for (const char c : text) lines += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return lines;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = std::min(text.find_first_not_of('\n'), text.size());
  return text.substr(begin, text.find_last_not_of('\n') + 1 - begin);
}

std::string runs_listed(const std::vector<const Report*>& reports) {
  std::string text;
  for (const Report* report : reports)
    text += fmt::format("\n  {} of {}", report->folder_name, report->experiment);
  return text;
}

class Filling {
public:
  Filling(std::string_view text, const std::vector<const Report*>& reports, const Templates& templates,
          const FillSettings& settings)
      : text_(text), reports_(reports), templates_(templates), settings_(settings) {}

  Result<Filled> fill() {
    const auto blocks = find_blocks(text_, settings_.name);
    if (!blocks) return blocks.error();
    std::size_t copied = 0;
    for (const Block& block : *blocks) {
      const auto report = report_of(block);
      if (!report) return wrong(block, report.error());
      filled_.blocks.push_back({block, FilledBlock::State::left, *report});
      if (!*report) continue;
      const auto content = content_of(block, **report);
      if (!content) return wrong(block, content.error());
      const std::string mark =
          fmt::format("<!-- assay: end {} {} -->", block.kind->name, content_hash(*content));
      const std::string_view old = text_.substr(block.content_begin, block.content_end - block.content_begin);
      const bool same = old == *content;
      if (!same && !is_blank(old) && content_hash(old) != block.hash && !settings_.force)
        return wrong(block, edited(block));
      filled_.text += text_.substr(copied, block.content_begin - copied);
      filled_.text += *content;
      filled_.text += text_.substr(block.content_end, block.mark_begin - block.content_end);
      filled_.text += mark;
      copied = block.mark_end;
      const bool unchanged =
          same && text_.substr(block.mark_begin, block.mark_end - block.mark_begin) == mark;
      filled_.blocks.back().state = unchanged ? FilledBlock::State::unchanged : FilledBlock::State::filled;
    }
    filled_.text += text_.substr(copied);
    return std::move(filled_);
  }

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
  Result<std::string> content_of(const Block& block, const Report& report) {
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
    if (const int count = static_cast<int>(names.size());
        count > 0 && (block.number < 1 || block.number > count)) {
      std::string listed;
      for (int i = 0; i < count; ++i)
        listed += fmt::format("\n  {} {}: {}", block.kind->name, i + 1, names[static_cast<std::size_t>(i)]);
      return Error{fmt::format("no {} {} in run {}; there {}:{}", block.kind->name, block.number,
                               report.folder_name, count == 1 ? "is" : "are", listed)};
    }
    std::vector<std::string> files;
    for (std::size_t i = 0;
         i < figures.size() && (block.kind->name == "figure" || block.kind->name == "report"); ++i) {
      const bool whole = block.kind->name == "report";
      const bool shown = whole || static_cast<int>(i) == block.number - 1;
      files.push_back(figure_file(block, report, figures[i], shown && (!whole || i == 0)));
      if (!shown) continue;
      if (const auto noted = note_figure(files.back(), report, figures[i].name); !noted) return noted.error();
    }
    const auto part = markdown_part(report, templates_, std::string(block.kind->part), block.number, files);
    if (!part) return part.error();
    const auto whole = templates_.render(
        "block.md",
        {{"content", is_blank(*part) ? fmt::format("No {}.", block.kind->name) : trimmed(*part)},
         {"run", report.folder_name},
         {"experiment", report.experiment},
         {"preset", report.preset},
         {"command", fmt::format("assay report {} --into {}", command_word(report.folder_name, "RUN"),
                                 command_word(settings_.file, "FILE"))}},
        markdown_escaped);
    if (!whole) return whole.error();
    const std::string lines = fmt::format("\n{}\n\n", trimmed(*whole));
    return block.crlf ? with_crlf(lines) : lines;
  }

  Result<Done> note_figure(const std::string& file, const Report& report, const std::string& name) {
    for (const BlockFigure& figure : filled_.figures) {
      if (figure.file != file) continue;
      if (figure.report == &report && figure.name == name) return Done{};
      return Error{fmt::format("{} would hold {}; give this block another one, as in file=figures/second.svg",
                               file, figure.report == &report ? "two figures" : "the figures of two runs")};
    }
    filled_.figures.push_back({file, &report, name});
    return Done{};
  }

  std::string_view text_;
  const std::vector<const Report*>& reports_;
  const Templates& templates_;
  const FillSettings& settings_;
  Filled filled_;
};

}  // namespace

std::string_view name_of(FilledBlock::State state) {
  return state == FilledBlock::State::filled      ? "filled"
         : state == FilledBlock::State::unchanged ? "unchanged"
                                                  : "left";
}

Result<Filled> fill_blocks(std::string_view text, const std::vector<const Report*>& reports,
                           const Templates& templates, const FillSettings& settings) {
  return Filling(text, reports, templates, settings).fill();
}

}  // namespace assay::reports
