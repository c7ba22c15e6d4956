#include "reports/check/document_check.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "harness/core/ascii.hpp"
#include "harness/record/run_folder.hpp"
#include "reports/blocks.hpp"
#include "reports/check/numerals.hpp"
#include "reports/check/tree.hpp"
#include "reports/drawing.hpp"
#include "reports/figure.hpp"
#include "reports/fill.hpp"

namespace assay::reports::check {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargest = 64 << 20;  // of a document, and of a picture, in bytes

/// The run that a filled block says it is of: "<sub>Run 2026… of precision, preset quick; …".
std::string run_named_in(std::string_view content) {
  for (const std::string_view lead : {std::string_view("<sub>Run "), std::string_view("% Run ")}) {
    const std::size_t at = content.rfind(lead);
    if (at == std::string_view::npos) continue;
    const std::size_t begin = at + lead.size();
    return std::string(content.substr(begin, std::min(content.find_first_of(" \r\n", begin), content.size()) - begin));
  }
  return "";
}

class DocumentChecker {
public:
  DocumentChecker(const fs::path& document, std::string name, const std::vector<CheckedRun>& runs, const Templates& templates)
      : document_(document), name_(std::move(name)), runs_(runs), templates_(templates) {}

  CheckedDocument check() {
    if (!is_plain_file(document_)) {
      add(Severity::error, "report.marker", 0, "is no file", "name a Markdown or LaTeX file");
      return std::move(checked_);
    }
    const auto text = record::read_file(document_, kLargest);
    if (!text) {
      add(Severity::error, "report.marker", 0, text.error().message, "a report is a text of at most 64 MiB");
      return std::move(checked_);
    }
    text_ = *text;
    const auto blocks = find_blocks(text_, name_, syntax_of(name_));
    if (!blocks) {
      misread(blocks.error().message);
      return std::move(checked_);
    }
    for (const Block& block : *blocks) look_at(block);
    newer_runs();
    return std::move(checked_);
  }

private:
  void add(Severity severity, std::string rule, int line, std::string what, std::string remedy) {
    checked_.findings.push_back({severity, std::move(rule), name_, line, std::move(what), std::move(remedy)});
  }

  /// "report.md:3: what; remedy".
  void misread(std::string message) {
    int line = 0;
    if (message.starts_with(name_ + ":")) {
      message.erase(0, name_.size() + 1);
      std::size_t digits = 0;
      while (digits < message.size() && digits < 9 && message[digits] >= '0' && message[digits] <= '9') line = line * 10 + (message[digits++] - '0');
      message.erase(0, std::min(message.find_first_not_of(": ", digits), message.size()));
    }
    const std::size_t cut = message.find("; ");
    add(Severity::error, "report.marker", line, message.substr(0, cut), cut == std::string::npos ? "docs/FORMAT.md has the grammar of markers" : message.substr(cut + 2));
  }

  void look_at(const Block& block) {
    const std::string_view content = std::string_view(text_).substr(block.content_begin, block.content_end - block.content_begin);
    if (is_blank(content)) {
      add(Severity::warning, "report.unfilled", block.line, fmt::format("{} is empty", block.described()),
          block.kind->of_plan ? "assay plan EXPERIMENT --into fills it" : "assay report --into fills it");
      return;
    }
    ++checked_.blocks;
    const bool edited = content_hash(content) != block.hash;
    if (edited) {
      add(Severity::error, "report.edited", block.line,
          block.hash.empty() ? fmt::format("{} holds text that Assay didn't write", block.described()) : fmt::format("{} was edited by hand", block.described()),
          "move the edit out from between the markers and fill the block again (assay report --into, with --force)");
    }
    if (block.kind->of_plan) {
      checked_.agreeing += edited ? 0 : 1;
      return;
    }
    const CheckedRun* run = run_of(block, content, edited);
    if (!run) return;
    if (std::find(checked_.shown.begin(), checked_.shown.end(), run) == checked_.shown.end()) checked_.shown.push_back(run);
    compare(block, content, *run, edited);
  }

  static bool names(const std::string& word, const Report& report) {
    return word == report.experiment || word == report.folder_name || word == report.experiment + "/" + report.folder_name;
  }

  /// The run that the block is of; a finding where it isn't here, unless the block was edited: one for a block is enough.
  const CheckedRun* run_of(const Block& block, std::string_view content, bool edited) {
    const std::string named = run_named_in(content);
    const CheckedRun* found = nullptr;
    // A value that names no run is of what the document shows already, where it shows something.
    const bool among_shown = named.empty() && block.run.empty() && !checked_.shown.empty();
    for (const CheckedRun& run : runs_) {
      if (!run.report || (among_shown && std::find(checked_.shown.begin(), checked_.shown.end(), &run) == checked_.shown.end())) continue;
      const bool meant = !named.empty() ? run.report->folder_name == named : block.run.empty() || names(block.run, *run.report);
      if (meant && (!found || found->report->started <= run.report->started)) found = &run;
    }
    if (!found && !edited)
      add(Severity::error, "report.no-run", block.line,
          named.empty() ? fmt::format("{} is of no run that is here", block.described()) : fmt::format("{} shows run {}, which isn't here", block.described(), named),
          "put the run's folder with the others, or fill the block from one that is here");
    return found;
  }

  /// Makes the block again and compares.
  void compare(const Block& block, std::string_view content, const CheckedRun& run, bool edited) {
    const std::string alone = text_.substr(block.begin, block.mark_end - block.begin);
    const std::vector<const Report*> reports{&*run.report};
    const auto again = fill_blocks(alone, reports, templates_,
                                   {.name = name_, .file = fs::path(name_).filename().string(), .force = true, .syntax = syntax_of(name_)});
    const bool made = again && again->blocks.size() == 1 && again->blocks.front().report;
    if (!made) {
      add(Severity::error, "report.stale", block.line, fmt::format("{} can't be made from run {} again{}", block.described(), run.report->folder_name, again ? "" : ": " + again.error().message),
          "fill it again: assay report --into");
      return;
    }
    const std::string& now = again->blocks.front().content;
    if (now == content) {
      checked_.agreeing += edited ? 0 : 1;
    } else if (const bool says_other = !says_all_of(numerals_of(now), numerals_of(content)); says_other && (!edited || block.is_value())) {
      add(Severity::error, "report.stale", block.line, fmt::format("{} has numbers that run {} doesn't give{}", block.described(), run.report->folder_name, shown_difference(now, content)),
          "fill it again: assay report --into");
    } else if (!edited) {
      add(Severity::warning, "report.wording", block.line, fmt::format("{} has its run's numbers and other words: another Assay filled it, or it was edited", block.described()),
          "fill it again: assay report --into");
    }
    for (const BlockFigure& figure : again->figures) picture(block, figure, run.sealed);
  }

  /// ": 2.31 where the record gives 2.13" of a value; nothing of a block, which is too long for a line.
  static std::string shown_difference(const std::string& now, std::string_view content) {
    constexpr std::size_t kShort = 60;
    if (now.size() > kShort || content.size() > kShort) return "";
    return fmt::format(": '{}' where the record gives '{}'", content, now);
  }

  void picture(const Block& block, const BlockFigure& shown, bool sealed) {
    const fs::path file = document_.parent_path() / shown.file;
    const auto figures = figures_of(*shown.report);
    const auto figure = std::find_if(figures.begin(), figures.end(), [&](const Figure& f) { return f.name == shown.name; });
    constexpr const char* kDrawAgain = "assay report --into draws it again";
    if (!is_plain_file(file)) {
      add(Severity::error, "report.figure", block.line, fmt::format("{} is missing", shown.file), kDrawAgain);
      return;
    }
    if (!shown.file.ends_with(".svg")) return;  // of a PDF nothing is known but that it is there
    const auto svg = record::read_file(file, kLargest);
    const auto voucher = svg && figure != figures.end() ? voucher_of(*svg, *figure) : std::nullopt;
    if (!voucher) {
      add(sealed ? Severity::error : Severity::note, "report.figure", block.line,
          fmt::format("{} doesn't say whose data it shows: {}", shown.file, sealed ? "it isn't what Assay drew" : "an early Assay drew it, or somebody else"), kDrawAgain);
    } else if (!voucher->whole) {
      add(Severity::error, "report.figure", block.line, fmt::format("{} was changed since it was drawn", shown.file), kDrawAgain);
    } else if (!voucher->of_figure) {
      add(Severity::error, "report.figure", block.line, fmt::format("{} shows other data than run {} gives", shown.file, shown.report->folder_name), kDrawAgain);
    } else {
      ++checked_.figures;
    }
  }

  /// A run of the same experiment that was started later and isn't shown.
  void newer_runs() {
    for (const CheckedRun* shown : checked_.shown) {
      const CheckedRun* newest = shown;
      for (const CheckedRun& run : runs_) {
        const bool later = run.report && run.ended && run.report->experiment == shown->report->experiment && run.report->started > newest->report->started;
        if (later) newest = &run;
      }
      if (newest == shown || std::find(checked_.shown.begin(), checked_.shown.end(), newest) != checked_.shown.end()) continue;
      add(Severity::warning, "report.newer-run", 0,
          fmt::format("shows run {} of {}, and {} is newer", shown->report->folder_name, shown->report->experiment, newest->report->folder_name),
          "fill it again (assay report --into), or say in the text why the older one stands here");
    }
  }

  const fs::path& document_;
  std::string name_;
  const std::vector<CheckedRun>& runs_;
  const Templates& templates_;
  std::string text_;
  CheckedDocument checked_;
};

}  // namespace

CheckedDocument check_document(const fs::path& document, const std::string& name, const std::vector<CheckedRun>& runs, const Templates& templates) {
  return DocumentChecker(document, name, runs, templates).check();
}

}  // namespace assay::reports::check
