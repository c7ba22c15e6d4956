#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "reports/command_table.hpp"
#include "reports/drawn_table.hpp"
#include "reports/report.hpp"
#include "reports/sentences.hpp"
#include "reports/tables.hpp"

namespace assay::reports {

namespace {

using Tone = TextCell::Tone;

constexpr int kGap = 2;
constexpr int kNarrowestText = 16;  // a last column narrower than this isn't wrapped but left to run over

std::string padded(const std::string& text, int width, bool right) {
  const int missing = std::max(0, width - display_width(text));
  const std::string space(static_cast<std::size_t>(missing), ' ');
  return right ? space + text : text + space;
}

/// Words of `text` in lines of at most `width` columns.
std::vector<std::string> wrapped(const std::string& text, int width) {
  std::vector<std::string> lines(1);
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    const std::string word = text.substr(start, end - start);
    std::string& line = lines.back();
    if (!line.empty() && display_width(line) + 1 + display_width(word) > width) {
      lines.push_back(word);
    } else {
      line += (line.empty() ? "" : " ") + word;
    }
    start = end + 1;
  }
  return lines;
}

std::string painted(const std::string& text, Tone tone, bool color) {
  if (!color || tone == Tone::plain || text.empty()) return text;
  const char* code = tone == Tone::good ? "32" : tone == Tone::bad ? "31" : "2";
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string bold(const std::string& text, bool color) {
  return color ? fmt::format("\x1b[1m{}\x1b[0m", text) : text;
}

std::string paragraph(const std::string& text, int width, std::string_view first = "",
                      std::string_view next = "") {
  std::string out;
  const auto lines = wrapped(text, std::max(kNarrowestText, width - display_width(first)));
  for (std::size_t i = 0; i < lines.size(); ++i)
    out += fmt::format("{}{}\n", i == 0 ? first : next, lines[i]);
  return out;
}

class Drawn {
public:
  Drawn(const TextTable& table, int width, bool color) : table_(table), width_(width), color_(color) {
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      Column column;
      column.index = c;
      for (const std::string& word : wrapped(table.columns[c].title, 1))
        column.title = std::max(column.title, display_width(word));
      for (const auto& row : table.rows) {
        column.value = std::max(column.value, display_width(row[c].text));
        column.mark = std::max(column.mark, row[c].mark.empty() ? 0 : 1 + display_width(row[c].mark));
        column.interval = std::max(column.interval, display_width(row[c].interval));
      }
      columns_.push_back(column);
    }
    shrink();
  }

  std::string text() const {
    std::string out = heads();
    std::string rule;
    for (int i = 0; i < total(); ++i) rule += "─";
    out += painted(rule, Tone::muted, color_) + "\n";
    const std::size_t shown =
        table_.terminal_rows > 0 ? std::min(table_.terminal_rows, table_.rows.size()) : table_.rows.size();
    for (std::size_t r = 0; r < shown; ++r) out += line(table_.rows[r]);
    if (shown < table_.rows.size())
      out += fmt::format("… and {} more rows; {} has all.\n", table_.rows.size() - shown, table_.whole);
    if (!hidden_.empty()) {
      out += paragraph(
          fmt::format("Not shown at this width: {}; {} has all.", fmt::join(hidden_, ", "), table_.whole),
          width_);
    }
    return out;
  }

private:
  struct Column {
    std::size_t index = 0;
    int title = 0;  // its longest word
    int value = 0;
    int mark = 0;      // with the space before it
    int interval = 0;  // 0: not shown

    int content() const { return value + mark + (interval > 0 ? 1 + interval : 0); }
    int width() const { return std::max(title, content()); }
  };

  /// Titles in as many lines as the narrowest column needs, standing on the rule.
  std::string heads() const {
    std::vector<std::vector<std::string>> titles;
    std::size_t height = 0;
    for (const Column& column : columns_) {
      titles.push_back(wrapped(table_.columns[column.index].title, column.width()));
      height = std::max(height, titles.back().size());
    }
    std::string out;
    for (std::size_t i = 0; i < height; ++i) {
      std::string text;
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        const std::size_t blank = height - titles[c].size();
        const std::string words = i < blank ? "" : titles[c][i - blank];
        text += std::string(c > 0 ? kGap : 0, ' ') +
                padded(words, columns_[c].width(), table_.columns[columns_[c].index].right_aligned);
      }
      out += bold(trimmed(text), color_) + "\n";
    }
    return out;
  }

  int total() const {
    return std::accumulate(columns_.begin(), columns_.end(), -kGap,
                           [](int sum, const Column& c) { return sum + kGap + c.width(); });
  }

  /// Drops the least important part until the rest fits; the last column of words is wrapped before anything
  /// is lost that stays on principle.
  void shrink() {
    while (total() > width_) {
      if (!table_.columns[columns_.back().index].right_aligned && columns_.size() > 1) {
        const int room = width_ - (total() - columns_.back().width());
        if (room >= kNarrowestText) {
          columns_.back().value = room;
          return;
        }
      }
      int least = 9;
      std::size_t at = 0;
      bool interval = false;
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        const TextColumn& column = table_.columns[columns_[c].index];
        if (columns_[c].interval > 0 && column.interval_importance < least)
          least = column.interval_importance, at = c, interval = true;
        if (column.importance < least) least = column.importance, at = c, interval = false;
      }
      if (least == 9) return;  // what remains stays, whatever the width
      const std::string& title = table_.columns[columns_[at].index].title;
      if (interval) {
        hidden_.push_back("intervals of " + title);
        columns_[at].interval = 0;
      } else {
        std::erase(hidden_, "intervals of " + title);
        hidden_.push_back(title);
        columns_.erase(columns_.begin() + static_cast<std::ptrdiff_t>(at));
      }
    }
  }

  std::string line(const std::vector<TextCell>& row) const {
    std::string text;
    std::vector<std::string> rest;
    int indent = 0;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const Column& column = columns_[c];
      const TextCell& cell = row[column.index];
      const bool right = table_.columns[column.index].right_aligned;
      if (c > 0) text += std::string(kGap, ' ');
      std::string words = cell.text;
      if (c + 1 == columns_.size() && !right && display_width(words) > column.value) {
        rest = wrapped(words, column.value);
        words = rest.front();
        rest.erase(rest.begin());
      }
      const int margin = column.width() - column.content();
      if (right) text.append(static_cast<std::size_t>(margin), ' ');
      const std::string value = painted(padded(words, column.value, right), cell.tone, color_);
      text += cell.bold ? bold(value, color_) : value;
      if (column.mark > 0)
        text += padded(cell.mark.empty() ? "" : fmt::format(" {}", cell.mark), column.mark, false);
      if (column.interval > 0)
        text +=
            fmt::format(" {}", painted(padded(cell.interval, column.interval, false), Tone::muted, color_));
      if (!right) text.append(static_cast<std::size_t>(margin), ' ');
      if (c + 1 < columns_.size()) indent += column.width() + kGap;
    }
    text = trimmed(text) + "\n";
    for (const std::string& more : rest)
      text += std::string(static_cast<std::size_t>(indent), ' ') + more + "\n";
    return text;
  }

  static std::string trimmed(std::string text) {
    while (text.ends_with(' ')) text.pop_back();
    return text;
  }

  const TextTable& table_;
  int width_;
  bool color_;
  std::vector<Column> columns_;
  std::vector<std::string> hidden_;
};

}  // namespace

std::string drawn(const TextTable& table, int width, bool color) {
  std::string out = bold(table.title, color) + "\n" + Drawn(table, width, color).text();
  for (const std::string& note : table.footnotes) out += paragraph(note, width, "", "  ");
  const bool bold_is_seen = color && !table.bold_note.empty();
  return out + paragraph(bold_is_seen ? table.caption + " " + table.bold_note : table.caption, width) + "\n";
}

std::string drawn_paragraph(const std::string& text, int width) {
  return paragraph(text, width);
}

namespace {

constexpr std::string_view kOfIntervals =
    "Intervals are 95 %, not adjusted; verdicts are (Holm, over each table as planned).";

std::string warnings_of(const Report& report, int width, bool color) {
  std::string out;
  for (const Warning& w : report.warnings)
    out += painted("warning: ", Tone::bad, color) + paragraph(w.text, width - 9, "", "         ");
  return out;
}

std::string commands_text(const Report& report, int width, bool color) {
  std::string out = drawn(command_table(report), width, color);
  for (const std::string& line : command_controls(report)) out += paragraph(line, width);
  out += paragraph(std::string(kOfIntervals), width) + warnings_of(report, width, color);
  if (!report.machine.empty()) out += paragraph(report.machine, width);
  out += paragraph(cost_line(report.costs), width);
  // Last and unbroken, because they are there to be pasted.
  const auto sentences = command_sentences(report);
  if (!sentences.empty()) out += "\n";
  for (const std::string& sentence : sentences) out += sentence + "\n";
  return out;
}

}  // namespace

std::string terminal_text(const Report& report, int width, bool color) {
  if (compares_commands(report)) return commands_text(report, width, color);
  std::string out;
  if (!report.planned.question.empty()) out += paragraph(report.planned.question, width) + "\n";
  for (const TextTable& table : tables_of(report)) out += drawn(table, width, color);
  if (report.rounds_to_settle) {
    // Unbroken, because it is there to be typed.
    out += is_of_compare(report.experiment, report.preset)
               ? fmt::format("To settle what is inconclusive: the same with --rounds {}\n\n",
                             report.costs.rounds + *report.rounds_to_settle)
               : fmt::format("To settle what is inconclusive: assay run {} --extend {} --rounds {}\n\n",
                             report.experiment_word, report.folder_name, *report.rounds_to_settle);
  }
  const bool many_baselines = report.planned.baselines.size() > 1;
  const bool many_metrics =
      std::any_of(report.controls.begin(), report.controls.end(),
                  [&](const Control& c) { return c.metric != report.controls[0].metric; });
  for (const Control& c : report.controls)
    out += paragraph(control_sentence(c, report.planned, many_baselines, many_metrics), width);
  out += paragraph(std::string(kOfIntervals), width);
  if (const std::string looks = looks_sentence(report.planned); !looks.empty())
    out += paragraph(looks, width);
  out += warnings_of(report, width, color);
  if (report.imported) out += paragraph(imported_line(*report.imported) + ".", width);
  if (!report.machine.empty()) out += paragraph(report.machine, width);
  if (!report.libraries.empty()) out += paragraph(report.libraries, width);
  if (!report.inputs.empty()) out += paragraph(fmt::format("Inputs, by SHA-256: {}", report.inputs), width);
  for (const std::string& line : report.counter_lines) out += paragraph(line + ".", width);
  out += paragraph(report.imported ? imported_cost_line(*report.imported, report.costs) : cost_line(report.costs), width);
  if (!report.hypotheses.empty()) out += "\n";
  // Last and unbroken, because they are there to be pasted.
  for (const HypothesisResult& h : report.hypotheses) out += h.sentence + "\n";
  return out;
}

}  // namespace assay::reports
