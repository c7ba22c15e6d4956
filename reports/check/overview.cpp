#include "reports/check/overview.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "harness/core/ascii.hpp"
#include "harness/core/units.hpp"
#include "reports/check/judgement.hpp"
#include "reports/check/plain_text.hpp"
#include "reports/csv.hpp"

namespace assay::reports::check {

namespace {

/// Text of a field; empty where it is absent or something else.
std::string text_of(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t number_of(const Json& object, const char* name) {
  if (!object.is_object()) return 0;
  const auto found = object.find(name);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

/// A list of objects; empty where it is absent or something else.
std::vector<Json> list_of(const Json& object, const char* name) {
  std::vector<Json> list;
  const auto found = object.is_object() ? object.find(name) : object.end();
  if (!object.is_object() || found == object.end() || !found->is_array()) return list;
  for (const Json& one : *found) {
    if (one.is_object()) list.push_back(one);
  }
  return list;
}

struct Row {
  std::int64_t errors = 0, warnings = 0, notes = 0;
  std::int64_t seen = 0, missing = 0, human = 0;  // points
  std::int64_t runs = 0, authors = 0;
  std::optional<std::int64_t> largest_share;  // per cent of the commits
  std::string first;                          // what the first error says
};

Row row_of(const Json& document) {
  Row row;
  for (const Json& finding : list_of(document, "findings")) {
    const std::string severity = text_of(finding, "severity");
    (severity == "error" ? row.errors : severity == "warning" ? row.warnings : row.notes) += 1;
    if (severity == "error" && row.first.empty()) row.first = text_of(finding, "what");
  }
  for (const Json& line : list_of(document, "rubric")) {
    const std::string state = text_of(line, "state");
    (state == "seen" ? row.seen : state == "missing" ? row.missing : row.human) += number_of(line, "points");
  }
  row.runs = static_cast<std::int64_t>(list_of(document, "runs").size());
  std::int64_t commits = 0, most = 0;
  for (const Json& author : list_of(document, "contributions")) {
    ++row.authors;
    commits += number_of(author, "commits");
    most = std::max(most, number_of(author, "commits"));
  }
  if (commits > 0) row.largest_share = (most * 100 + commits / 2) / commits;
  return row;
}

bool is_checked(const CheckedRepository& one) {
  return one.problem.empty() && one.document.is_object();
}

std::string problem_of(const CheckedRepository& one) {
  return one.problem.empty() ? "the check printed nothing that can be read" : plain_text(one.problem, 200);
}

/// A spreadsheet runs what begins with one of these.
std::string csv_text(const std::string& text) {
  std::string safe = plain_text(text, 400);
  const std::size_t first = safe.find_first_not_of(" \"'");
  if (first != std::string::npos && std::string_view("=+-@|%").find(safe[first]) != std::string_view::npos)
    safe = fmt::format("'{}", safe);
  return csv_quoted(safe);
}

std::string place_of(const Json& finding) {
  const std::string file = text_of(finding, "file");
  if (file.empty()) return "";
  const std::int64_t line = number_of(finding, "line");
  return markdown_text(line > 0 ? fmt::format("{}:{}", file, line) : file);
}

std::string findings_text(const Json& document) {
  std::string out;
  for (const auto& [severity, heading] :
       {std::pair("error", "To mend"), std::pair("warning", "A grader would ask"),
        std::pair("note", "Worth a look")}) {
    std::string items;
    for (const Json& finding : list_of(document, "findings")) {
      if (text_of(finding, "severity") != severity) continue;
      const std::string place = place_of(finding), remedy = text_of(finding, "remedy");
      items += fmt::format("- {}{}.{}\n", place.empty() ? "" : fmt::format("**{}**: ", place),
                           markdown_text(text_of(finding, "what"), 1000),
                           remedy.empty() ? "" : fmt::format(" *To do:* {}.", markdown_text(remedy, 1000)));
    }
    if (!items.empty()) out += fmt::format("## {}\n\n{}\n", heading, items);
  }
  return out.empty() ? "Nothing was found that needs mending.\n\n" : out;
}

std::string rubric_text(const Json& document) {
  std::string rows;
  for (const Json& line : list_of(document, "rubric")) {
    const std::string state = text_of(line, "state"), part = text_of(line, "part");
    rows +=
        fmt::format("| {} | {} | {} | {} |\n",
                    state == "seen"      ? "✓"
                    : state == "missing" ? "→"
                                         : "?",
                    number_of(line, "points"),
                    markdown_text(part.empty() ? text_of(line, "text") : part + ": " + text_of(line, "text")),
                    markdown_text(text_of(line, "what"), 1000));
  }
  if (rows.empty()) return "";
  return fmt::format(
      "## What a grader sees\n\n| | points | line | found |\n|:---|---:|:---|:---|\n{}\n✓ is there, → is to "
      "do, ? needs a human. Points are what a line is worth, not "
      "what it will get.\n\n",
      rows);
}

std::string contributions_text(const Json& document) {
  std::string rows;
  for (const Json& author : list_of(document, "contributions")) {
    rows += fmt::format("| {} | {} | {} | {} | {} |\n", markdown_text(text_of(author, "name")),
                        number_of(author, "commits"), number_of(author, "added"),
                        markdown_text(text_of(author, "first")), markdown_text(text_of(author, "last")));
  }
  if (rows.empty()) return "";
  return fmt::format(
      "## Contributions\n\n| author | commits | lines added | first | last "
      "|\n|:---|---:|---:|:---|:---|\n{}\nWithout merges, lock files, data and notebooks.\n",
      rows);
}

}  // namespace

TextTable overview_table(const std::vector<CheckedRepository>& all) {
  TextTable table;
  table.title = fmt::format("{} {}", all.size(), all.size() == 1 ? "repository" : "repositories");
  table.columns = {{"repository", false, 9, 5},  {"errors", true, 9, 5},      {"warnings", true, 7, 5},
                   {"notes", true, 1, 5},        {"points seen", true, 8, 5}, {"to do", true, 6, 5},
                   {"human", true, 4, 5},        {"runs", true, 5, 5},        {"authors", true, 3, 5},
                   {"most commits", true, 2, 5}, {"first error", false, 8, 5}};
  for (const CheckedRepository& one : all) {
    std::vector<TextCell> cells(table.columns.size());
    cells[0].text = plain_text(one.name, 60);
    if (is_checked(one)) {
      const Row row = row_of(one.document);
      const std::int64_t numbers[] = {row.errors,  row.warnings, row.notes, row.seen,
                                      row.missing, row.human,    row.runs,  row.authors};
      for (std::size_t i = 0; i < std::size(numbers); ++i) cells[i + 1].text = fmt::format("{}", numbers[i]);
      cells[1].tone = row.errors > 0 ? TextCell::Tone::bad : TextCell::Tone::good;
      cells[9].text = row.largest_share ? fmt::format("{} %", *row.largest_share) : "–";
      cells[10].text = plain_text(row.first, 120);
    } else {
      for (std::size_t i = 1; i < 10; ++i) cells[i].text = "–";
      cells[10].text = problem_of(one);
      cells[10].tone = TextCell::Tone::bad;
    }
    table.rows.push_back(std::move(cells));
  }
  table.caption =
      "Points are what rubric lines are worth: those whose evidence is there, is to do, or needs a human.";
  return table;
}

std::string overview_csv(const std::vector<CheckedRepository>& all) {
  std::string csv =
      "repository,problem,errors,warnings,notes,points_seen,points_missing,points_human,runs,authors,largest_"
      "share_percent,first_error\n";
  for (const CheckedRepository& one : all) {
    if (!is_checked(one)) {
      csv += fmt::format("{},{},,,,,,,,,,\n", csv_text(one.name), csv_text(problem_of(one)));
      continue;
    }
    const Row row = row_of(one.document);
    csv += fmt::format("{},,{},{},{},{},{},{},{},{},{},{}\n", csv_text(one.name), row.errors, row.warnings,
                       row.notes, row.seen, row.missing, row.human, row.runs, row.authors,
                       row.largest_share ? fmt::format("{}", *row.largest_share) : "", csv_text(row.first));
  }
  return csv;
}

OrderedJson overview_json(const std::vector<CheckedRepository>& all, const std::vector<Likeness>& alike) {
  OrderedJson repositories = OrderedJson::array();
  for (const CheckedRepository& one : all) {
    const bool checked = is_checked(one);
    const Row row = row_of(one.document);
    const auto known = [&](std::int64_t value) {
      return checked ? OrderedJson(value) : OrderedJson(nullptr);
    };
    repositories.push_back(
        {{"name", plain_text(one.name)},
         {"problem", checked ? OrderedJson(nullptr) : OrderedJson(problem_of(one))},
         {"errors", known(row.errors)},
         {"warnings", known(row.warnings)},
         {"notes", known(row.notes)},
         {"points_seen", known(row.seen)},
         {"points_missing", known(row.missing)},
         {"points_human", known(row.human)},
         {"runs", known(row.runs)},
         {"authors", known(row.authors)},
         {"largest_share_percent",
          row.largest_share ? OrderedJson(*row.largest_share) : OrderedJson(nullptr)},
         {"first_error", row.first.empty() ? OrderedJson(nullptr) : OrderedJson(row.first)}});
  }
  OrderedJson likes = OrderedJson::array();
  for (const Likeness& l : alike) {
    const auto file = [](const std::string& name) {
      return name.empty() ? OrderedJson(nullptr) : OrderedJson(plain_text(name));
    };
    likes.push_back({{"kind", name_of(l.kind)},
                     {"one", plain_text(l.one)},
                     {"other", plain_text(l.other)},
                     {"one_file", file(l.one_file)},
                     {"other_file", file(l.other_file)},
                     {"share", stored(l.share)},
                     {"count", l.count}});
  }
  return {{"schema", kJudgementSchema}, {"repositories", std::move(repositories)}, {"alike", std::move(likes)}};
}

std::string feedback_markdown(const CheckedRepository& one) {
  std::string out = fmt::format("# Feedback for {}\n\n", markdown_text(one.name));
  if (!is_checked(one))
    return out + fmt::format("The check didn't finish: {}.\n", markdown_text(problem_of(one)));
  const Row row = row_of(one.document);
  const auto counted_as = [](std::int64_t n, std::string_view noun) {
    return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
  };
  out += fmt::format(
      "{}, {}, {}. Made by `assay check`, which runs nothing of a repository; what it can't see, a human "
      "will.\n\n",
      counted_as(row.errors, "error"), counted_as(row.warnings, "warning"), counted_as(row.notes, "note"));
  return out + findings_text(one.document) + rubric_text(one.document) + contributions_text(one.document);
}

std::vector<std::string> feedback_names(const std::vector<CheckedRepository>& all) {
  std::vector<std::string> names;
  std::set<std::string> taken;  // in lower case: some file systems don't tell them apart
  for (const CheckedRepository& one : all) {
    std::string name;
    for (const char c : one.name.substr(0, 80)) {
      const bool plain = is_letter_or_digit(c) ||
                         c == '-' || c == '_' || c == '.';
      name += plain ? c : '_';
    }
    if (name.empty() || name.front() == '.' || name.front() == '-') name = fmt::format("_{}", name);
    std::string free = name;
    for (int n = 2; !taken.insert(lower_case(free)).second; ++n) free = fmt::format("{}-{}", name, n);
    names.push_back(free + ".md");
  }
  return names;
}

std::vector<std::pair<std::string, Fingerprint>> fingerprints(const std::vector<CheckedRepository>& all) {
  std::vector<std::pair<std::string, Fingerprint>> prints;
  for (const CheckedRepository& one : all) {
    if (!is_checked(one) || !one.document.contains("fingerprint")) continue;
    if (auto print = fingerprint_from(one.document["fingerprint"]))
      prints.emplace_back(one.name, std::move(*print));
  }
  return prints;
}

}  // namespace assay::reports::check
