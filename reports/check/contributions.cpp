#include "reports/check/contributions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <utility>

#include "harness/core/ascii.hpp"
#include "reports/check/plain_text.hpp"
#include "reports/check/tree.hpp"
#include "reports/git.hpp"

namespace assay::reports::check {

namespace {

constexpr double kMostOfAll = 0.8;  // beyond this share of one author the work wasn't shared
constexpr std::size_t kMostAuthors = 1000;

// A commit begins with a record separator, which no name or path of git's output holds unless somebody is
// hostile; then a record is torn and its numbers are lost, nothing else.
constexpr char kRecord = '\x1e';
constexpr char kField = '\x1f';

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr std::int64_t kMost = 1'000'000'000;  // lines of one file
  return failure == std::errc() && end == text.data() + text.size() && value >= 0 ? std::min(value, kMost)
                                                                                  : 0;
}

std::string day(std::string_view seconds) {
  std::int64_t since = 0;
  std::from_chars(seconds.data(), seconds.data() + seconds.size(), since);
  constexpr std::int64_t kLast = 253'402'300'799;  // of the year 9999
  const auto days =
      std::chrono::sys_days(std::chrono::days(std::clamp<std::int64_t>(since, 0, kLast) / 86'400));
  const std::chrono::year_month_day date(days);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

/// The next piece of `text` up to `separator`; both are taken off.
std::string_view piece(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(text.size(), end + 1));
  return part;
}

/// "12\t3\tpath", or of a rename "12\t3\t" and then old and new path as pieces of their own.
void count_files(std::string_view files, Contribution& author) {
  while (!files.empty()) {
    std::string_view entry = piece(files, '\0');
    while (entry.starts_with('\n')) entry.remove_prefix(1);
    if (entry.find('\t') == std::string_view::npos) continue;
    const std::string_view added = piece(entry, '\t');
    const std::string_view removed = piece(entry, '\t');
    std::string_view path = entry;
    if (path.empty()) {
      piece(files, '\0');
      path = piece(files, '\0');
    }
    if (is_written_by_programs(path)) continue;
    author.added += number(added);  // of a binary file "-", which counts as none
    author.removed += number(removed);
  }
}

/// The words of a name, lower case, of two letters and more.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : lower_case(text)) {
    const bool inside = is_letter_or_digit(c) || (static_cast<unsigned char>(c) & 0x80u);
    if (inside)
      words.back() += c;
    else if (!words.back().empty())
      words.emplace_back();
  }
  std::erase_if(words, [](const std::string& w) { return w.size() < 2; });
  return words;
}

std::string percent(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? fmt::format("{} %", (part * 100 + whole / 2) / whole) : "–";
}

}  // namespace

bool is_written_by_programs(std::string_view path) {
  const std::string_view name = file_name(path);
  for (const std::string_view pattern :
       {"*.lock", "package-lock.json", "go.sum", "*.csv", "*.tsv", "*.json", "*.jsonl", "*.ipynb", "*.svg",
        "*.log", "*.min.js", "*.min.css", "*.html", "*.xml", "*.bib.bak"}) {
    if (matches(pattern, name)) return true;
  }
  constexpr std::string_view kFolders[] = {"data",  "results", "node_modules", "venv",
                                           ".venv", "vendor",  "third_party",  "site-packages",
                                           "build", "dist",    "__pycache__"};
  for (std::string_view rest = folder_of(path); !rest.empty();) {
    const std::string_view part = piece(rest, '/');
    if (std::find(std::begin(kFolders), std::end(kFolders), part) != std::end(kFolders)) return true;
  }
  return false;
}

Contributions read_log(std::string_view log) {
  std::map<std::pair<std::string, std::string>, Contribution> by_author;
  piece(log, kRecord);
  while (!log.empty()) {
    std::string_view record = piece(log, kRecord);
    const std::string name(piece(record, kField));
    const std::string email = lower_case(piece(record, kField));
    const std::string when = day(piece(record, kField));
    const auto key = std::pair(name, email);
    if (by_author.size() >= kMostAuthors && !by_author.contains(key)) continue;
    Contribution& author = by_author[key];
    author.name = name;
    author.email = email;
    ++author.commits;
    if (author.first.empty() || when < author.first) author.first = when;
    author.last = std::max(author.last, when);
    count_files(record, author);
  }
  Contributions all;
  for (auto& [key, author] : by_author) {
    all.commits += author.commits;
    all.added += author.added;
    all.authors.push_back(std::move(author));
  }
  std::stable_sort(all.authors.begin(), all.authors.end(), [](const Contribution& a, const Contribution& b) {
    return a.commits != b.commits ? a.commits > b.commits : a.added > b.added;
  });
  return all;
}

Result<Contributions> contributions_in(const std::filesystem::path& repository) {
  const auto log = git_read(repository, {"log", "--no-merges", "--use-mailmap", "--no-ext-diff",
                                         "--no-textconv", "--no-show-signature", "--no-color", "-M", "-z",
                                         "--numstat", "--format=%x1e%aN%x1f%aE%x1f%at%x1f", "HEAD", "--"});
  if (!log) return log.error();
  return read_log(*log);
}

bool is_of(const Contribution& author, const Member& member) {
  if (!member.email.empty()) {
    const std::string email = lower_case(member.email);
    if (author.email == email) return true;
    // "12345+ada@users.noreply.github.com", "ada@laptop": the same name before the @.
    const std::string local = email.substr(0, email.find('@'));
    const std::string theirs = author.email.substr(0, author.email.find('@'));
    if (local.size() > 2 && (theirs == local || theirs.ends_with("+" + local))) return true;
  }
  // Every word of the author's name stands in the README's line, or the first two of the line in the author's
  // name.
  const std::vector<std::string> theirs = words_of(author.name);
  const std::vector<std::string> named = words_of(member.text);
  const auto holds = [](const std::vector<std::string>& all, const std::string& word) {
    return std::find(all.begin(), all.end(), word) != all.end();
  };
  if (theirs.size() > 1 &&
      std::all_of(theirs.begin(), theirs.end(), [&](const std::string& w) { return holds(named, w); }))
    return true;
  return named.size() > 1 && holds(theirs, named[0]) && holds(theirs, named[1]);
}

std::vector<Finding> check_contributions(const Contributions& all, const std::vector<Member>& members,
                                         const std::string& readme) {
  std::vector<Finding> findings;
  for (const Member& member : members) {
    const bool found = std::any_of(all.authors.begin(), all.authors.end(),
                                   [&](const Contribution& author) { return is_of(author, member); });
    if (found) continue;
    findings.push_back(
        {Severity::warning, "contributions.member", readme, member.line,
         fmt::format("no commit is by {}", plain_text(member.text.empty() ? member.email : member.text, 60)),
         "commit under the name or address that the README gives; a .mailmap joins the addresses of one "
         "person"});
  }
  if (all.authors.empty() || (all.authors.size() < 2 && members.size() < 2)) return findings;
  for (const Contribution& author : all.authors) {
    const auto share = [](std::int64_t part, std::int64_t whole) {
      return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0.0;
    };
    const bool commits = share(author.commits, all.commits) > kMostOfAll;
    if (!commits && share(author.added, all.added) <= kMostOfAll) continue;
    findings.push_back(
        {Severity::warning, "contributions.balance", "", 0,
         fmt::format("{} has {} of {}", plain_text(author.name, 60),
                     commits ? percent(author.commits, all.commits) : percent(author.added, all.added),
                     commits ? "the commits" : "the lines that were added"),
         "share the work, or say in the README who did what outside git"});
    break;
  }
  return findings;
}

TextTable contributions_table(const Contributions& all) {
  TextTable table;
  table.title = "Contributions";
  table.columns = {{"author", false, 9, 5},     {"commits", true, 8, 5}, {"share", true, 5, 5},
                   {"lines added", true, 7, 5}, {"share", true, 6, 5},   {"removed", true, 3, 5},
                   {"first", true, 2, 5},       {"last", true, 4, 5}};
  for (const Contribution& one : all.authors) {
    std::vector<TextCell> row;
    for (std::string text :
         {plain_text(one.name, 60), fmt::format("{}", one.commits), percent(one.commits, all.commits),
          fmt::format("{}", one.added), percent(one.added, all.added), fmt::format("{}", one.removed),
          one.first, one.last}) {
      TextCell cell;
      cell.text = std::move(text);
      row.push_back(std::move(cell));
    }
    table.rows.push_back(std::move(row));
  }
  table.caption =
      "Commits without merges, of the branch that is checked out. Lines of lock files, data, notebooks and "
      "other files that programs write aren't counted.";
  return table;
}

OrderedJson to_json(const Contributions& all) {
  OrderedJson list = OrderedJson::array();
  for (const Contribution& one : all.authors) {
    list.push_back({{"name", plain_text(one.name)},
                    {"email", plain_text(one.email)},
                    {"commits", one.commits},
                    {"added", one.added},
                    {"removed", one.removed},
                    {"first", one.first},
                    {"last", one.last}});
  }
  return list;
}

}  // namespace assay::reports::check
