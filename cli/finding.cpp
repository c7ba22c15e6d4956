#include "cli/finding.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/units.hpp"
#include "reports/numbers.hpp"

namespace assay::cli {

namespace {

constexpr int kNameWidth = 18;
constexpr double kTooDisturbed = 0.25;  // of the time or the speed: from here on one comparison needs very many rounds
constexpr int kFineLines = 3;           // of what is fine; the rest of it is left to --all

using Lines = std::vector<std::string>;

/// `text` after `first` in lines of `width`; further lines begin with `next`.
Lines wrapped(const std::string& text, int width, const std::string& first, const std::string& next) {
  Lines lines{first};
  bool empty = true;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    const std::string word = text.substr(start, end - start);
    start = end + 1;
    if (!empty && reports::display_width(lines.back()) + 1 + reports::display_width(word) > width) {
      lines.push_back(next + word);
      continue;
    }
    lines.back() += (empty ? "" : " ") + word;
    empty = false;
  }
  return lines;
}

std::string padded(std::string_view name) {
  return fmt::format("{}{}", name, std::string(static_cast<std::size_t>(std::max(1, kNameWidth - reports::display_width(name))), ' '));
}

char sign_of(Status status) { return status == Status::warning ? '!' : status == Status::unavailable ? '-' : ' '; }

/// One finding: in one line with its advice if they fit.
Lines block_of(const Finding& finding, int width) {
  const std::string first = fmt::format("{} {}", sign_of(finding.status), padded(finding.name));
  const std::string indent(static_cast<std::size_t>(kNameWidth + 2), ' ');
  Lines lines;
  const std::string together = finding.advice.empty() ? finding.value : finding.value + " → " + finding.advice;
  if (finding.advice.empty() || reports::display_width(first + together) <= width) return wrapped(together, width, first, indent);
  lines = wrapped(finding.value, width, first, indent);
  for (std::string& line : wrapped(finding.advice, width, indent + "→ ", indent + "  ")) lines.push_back(std::move(line));
  return lines;
}

std::string in_color(std::string line, Status status, bool color) {
  if (!color || status == Status::ok) return line;
  return fmt::format("\x1b[{}m{}\x1b[0m{}", status == Status::warning ? "33" : "2", line.substr(0, 1), line.substr(1));
}

Lines colored_block(const Finding& finding, int width, bool color) {
  Lines block = block_of(finding, width);
  block.front() = in_color(block.front(), finding.status, color);
  return block;
}

std::string headline(const std::vector<Finding>& findings) {
  const auto warnings = std::count_if(findings.begin(), findings.end(), [](const Finding& f) { return f.status == Status::warning; });
  const bool disturbed = std::any_of(findings.begin(), findings.end(), [](const Finding& f) {
    return (f.name == "detours" || f.name == "steadiness") && f.loss() >= kTooDisturbed;
  });
  const std::string answer = disturbed ? "This machine is too disturbed to be measured on" : "This machine can be measured on";
  if (warnings == 0) return answer + ": nothing to mend.";
  return fmt::format("{}; {} thing{} to mend{}:", answer, warnings, warnings == 1 ? "" : "s",
                     warnings == 1 ? "" : ", the costliest first");
}

void append(Lines& into, Lines lines) {
  for (std::string& line : lines) into.push_back(std::move(line));
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

}  // namespace

std::string_view name_of(Status status) {
  return status == Status::ok ? "ok" : status == Status::warning ? "warning" : "unavailable";
}

double Finding::loss() const {
  for (const auto& [name_of_cost, value_of_cost] : cost) {
    if (name_of_cost == "loss") return value_of_cost;
  }
  return 0;
}

void sort_by_cost(std::vector<Finding>& findings) {
  const auto rank = [](const Finding& f) {
    const bool mendable = !f.advice.empty();
    return std::pair(f.status == Status::warning ? 0 : f.status == Status::ok ? 3 : mendable ? 1 : 2, -f.loss());
  };
  std::stable_sort(findings.begin(), findings.end(), [&](const Finding& a, const Finding& b) { return rank(a) < rank(b); });
}

OrderedJson to_json(const std::vector<Finding>& findings) {
  OrderedJson document = OrderedJson::array();
  for (const Finding& f : findings) {
    OrderedJson cost;
    for (const auto& [name, value] : f.cost) cost[name] = stored(value);
    document.push_back({{"name", f.name},
                        {"status", name_of(f.status)},
                        {"value", f.value},
                        {"advice", f.advice.empty() ? OrderedJson() : OrderedJson(f.advice)},
                        {"cost", cost}});
  }
  return document;
}

std::string brief_text(const std::vector<Finding>& findings, int width, bool color, int most_lines) {
  std::string fine;
  for (const Finding& f : findings) {
    if (f.status == Status::ok && !f.always) fine += (fine.empty() ? "" : "; ") + (f.brief.empty() ? f.name : f.brief);
  }
  const auto what_is_fine = [&](std::ptrdiff_t most) {
    Lines kept = fine.empty() ? Lines{} : wrapped(fine, width, "  fine: ", "  ");
    if (std::ssize(kept) <= most) return kept;
    kept.resize(static_cast<std::size_t>(most));
    while (reports::display_width(kept.back()) > width - 2) kept.back().erase(kept.back().rfind(' '));
    kept.back() += " …";
    return kept;
  };
  std::vector<Finding> to_tell;
  Finding hidden{.name = "not shown here", .status = Status::unavailable, .value = "", .advice = "", .cost = {}, .brief = ""};
  for (const Finding& f : findings) {
    if (f.status == Status::ok || f.always) continue;
    if (f.status == Status::warning || !f.advice.empty()) {
      to_tell.push_back(f);
    } else {  // nothing can be done about these: one paragraph for all
      hidden.value += fmt::format("{}{}: {}", hidden.value.empty() ? "" : "; ", f.name, f.value);
    }
  }
  if (!hidden.value.empty()) to_tell.push_back(std::move(hidden));
  // What is to be mended, in `room` lines; the names of those that there is no room for.
  const auto to_mend = [&](std::ptrdiff_t room, std::string& left_out) {
    Lines lines;
    for (const Finding& f : to_tell) {
      Lines block = block_of(f, width);
      if (std::ssize(lines) + std::ssize(block) > room) {
        left_out += (left_out.empty() ? "" : ", ") + f.name;
        continue;
      }
      block.front() = in_color(block.front(), f.status, color);
      append(lines, std::move(block));
    }
    return lines;
  };
  Lines lines = wrapped(headline(findings), width, "", "");
  Lines always;
  for (const Finding& f : findings) {
    if (!f.always) continue;
    append(always, colored_block(f, width, color));
  }
  const std::ptrdiff_t room = most_lines - std::ssize(lines) - std::ssize(always);
  Lines last = what_is_fine(kFineLines);
  std::string left_out;
  Lines shown = to_mend(room - std::ssize(last), left_out);
  if (!left_out.empty()) {  // what is fine gives way first
    last = what_is_fine(1);
    left_out.clear();
    shown = to_mend(room - std::ssize(last), left_out);
  }
  if (!left_out.empty()) {
    constexpr std::ptrdiff_t kNames = 2;
    left_out.clear();
    shown = to_mend(room - std::ssize(last) - kNames, left_out);
    Lines more = wrapped(left_out + " (all: assay doctor --all)", width, "  also: ", "  ");
    if (std::ssize(more) > kNames) more = {"  also more than fits here: assay doctor --all"};
    append(shown, std::move(more));
  }
  append(lines, std::move(shown));
  append(lines, std::move(always));
  append(lines, std::move(last));
  return joined(lines);
}

std::string lines_of(const std::vector<Finding>& findings, int width, bool color) {
  Lines lines;
  for (const Finding& f : findings) append(lines, colored_block(f, width, color));
  return joined(lines);
}

std::string full_text(const std::vector<Finding>& findings, int width, bool color) {
  return joined(wrapped(headline(findings), width, "", "")) + lines_of(findings, width, color);
}

}  // namespace assay::cli
