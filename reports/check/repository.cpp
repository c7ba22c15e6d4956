#include "reports/check/repository.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "harness/core/ascii.hpp"
#include "harness/plan/document.hpp"
#include "reports/check/repository_rules.hpp"
#include "reports/git.hpp"

namespace assay::reports::check {

namespace {

/// The pieces between `separator`; empty ones are left out.
std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

GitFacts git_facts(const std::filesystem::path& folder, const Tree& tree) {
  GitFacts git;
  if (!tree.has_git) {
    git.problem = tree.git_elsewhere ? "its .git is a file or link that leads elsewhere, which isn't followed"
                                     : "there is no .git here";
    return git;
  }
  auto contributions = contributions_in(folder);
  if (!contributions) {
    git.problem = contributions.error().message;
    return git;
  }
  git.known = true;
  git.contributions = std::move(*contributions);
  if (auto tags =
          git_read(folder, {"for-each-ref", "--count=1000", "--format=%(refname:strip=2)", "refs/tags"}))
    git.tags = split(*tags, '\n');
  if (auto here = git_read(
          folder, {"for-each-ref", "--count=1", "--points-at=HEAD", "--format=%(refname)", "refs/tags"}))
    git.newest_tagged = !here->empty();
  if (auto files = git_read(folder, {"ls-tree", "-r", "-z", "--name-only", "--full-tree", "HEAD"}))
    git.tracked = split(*files, '\0');
  std::sort(git.tags.begin(), git.tags.end());
  std::sort(git.tracked.begin(), git.tracked.end());
  return git;
}

bool is_address_part(char c) {
  return is_letter_or_digit(c) || c == '.' || c == '-' ||
         c == '_' || c == '+' || c == '%';
}

/// The first e-mail address in `text`; empty if there is none.
std::string address_in(std::string_view text) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    constexpr std::size_t kLongest = 64;
    std::size_t begin = at, end = at + 1;
    while (begin > 0 && at - begin < kLongest && is_address_part(text[begin - 1])) --begin;
    while (end < text.size() && end - at < 4 * kLongest && is_address_part(text[end])) ++end;
    while (end > at + 1 && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
    const std::string_view host = text.substr(at + 1, end - at - 1);
    if (begin < at && host.find('.') != std::string_view::npos)
      return std::string(text.substr(begin, end - begin));
  }
  return "";
}

/// What is left of a member's line without address, links and marks.
std::string name_in(std::string text, const std::string& address) {
  for (const std::string& part : {"mailto:" + address, address}) {
    for (std::size_t at; !address.empty() && (at = text.find(part)) != std::string::npos;)
      text.replace(at, part.size(), 1, ' ');
  }
  std::string name;
  for (const char c : text) {
    const bool mark = std::string_view("*_`[]()<>|,;\t").find(c) != std::string_view::npos;
    if (!mark || (c == '_' && !name.empty() && name.back() != ' '))
      name += c;
    else if (!name.empty() && name.back() != ' ')
      name += ' ';
  }
  const std::size_t begin = name.find_first_not_of(" -+:.");
  if (begin == std::string::npos) return "";
  return name.substr(begin, name.find_last_not_of(" -+:.") - begin + 1);
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> starts) {
  return std::any_of(starts.begin(), starts.end(), [&](std::string_view s) { return text.starts_with(s); });
}

/// Collects members line by line.
class MemberReader {
public:
  void take(const OutlineLine& line) {
    const std::string_view text = trimmed(line.text);
    if (text.find_first_not_of("|-: ") == std::string_view::npos) {  // the rule below a table's heads
      if (text.find('|') != std::string_view::npos && in_table_ && !members_.empty()) members_.pop_back();
      return;
    }
    if (text.find("TODO") != std::string_view::npos) return;
    const std::size_t indent = line.text.find_first_not_of(" \t");
    const bool item = text.size() > 1 &&
                      (std::string_view("-*+").find(text[0]) != std::string_view::npos ||
                       (text[0] >= '0' && text[0] <= '9')) &&
                      text.find(' ') != std::string_view::npos && text.find(' ') < 5;
    in_table_ = text.find('|') != std::string_view::npos;
    if (in_table_ || (item && indent <= item_indent_)) {
      item_indent_ = item ? std::max<std::size_t>(indent, 1) : item_indent_;
      begin(in_table_ ? text : text.substr(text.find(' ')), line.number);
    } else if (item_open_) {
      members_.back().text += " ";
      members_.back().text += text;
    } else if (!address_in(text).empty()) {
      begin(text, line.number);
      item_open_ = false;
    }
  }

  std::vector<Member> members() {
    std::vector<Member> all;
    for (Member& member : members_) {
      member.email = address_in(member.text);
      member.text = name_in(member.text, member.email);
      const std::string lower = lower_case(member.text);
      const bool address_alone = starts_with_any(lower, {"email", "e-mail", "mail"}) || member.text.empty();
      if (!member.email.empty() && address_alone && !all.empty() && all.back().email.empty()) {
        all.back().email = member.email;  // "Name: …" and "E-mail: …" as two items
      } else if (!member.email.empty() ||
                 !starts_with_any(lower, {"team", "group", "course", "project", "repository", "http"})) {
        all.push_back(std::move(member));
      }
    }
    return all;
  }

private:
  void begin(std::string_view text, int line) {
    constexpr std::size_t kMostMembers = 100, kLongestLine = 1000;
    if (members_.size() < kMostMembers)
      members_.push_back({std::string(text.substr(0, kLongestLine)), "", line});
    item_open_ = !in_table_;
  }

  std::vector<Member> members_;
  std::size_t item_indent_ = 3;
  bool item_open_ = false;
  bool in_table_ = false;
};

}  // namespace

bool GitFacts::tracks(std::string_view path) const {
  return std::binary_search(tracked.begin(), tracked.end(), path,
                            [](std::string_view a, std::string_view b) { return a < b; });
}

Result<RepositoryFacts> look_at(const std::filesystem::path& folder, const RepositoryLimits& limits) {
  auto tree = list_tree(folder, limits.tree);
  if (!tree) return tree.error();
  RepositoryFacts facts;
  facts.folder = folder;
  facts.tree = std::move(*tree);
  facts.git = git_facts(folder, facts.tree);
  if (facts.tree.file(plan::kProjectFile)) {
    const auto text = read_below(folder, plan::kProjectFile, plan::document::kLongestFile);
    auto project =
        text ? plan::parse_project_file(*text, plan::kProjectFile) : Result<plan::ProjectFile>(text.error());
    if (project) {
      project->folder = folder;
      facts.project = std::move(*project);
    } else {
      facts.project_problem = plain_text(project.error().message, 400);
    }
  }
  return facts;
}

std::vector<CourseDocument> documents_of(const RepositoryFacts& facts, const plan::Course& course,
                                         std::vector<Finding>* findings) {
  std::vector<CourseDocument> documents;
  for (const plan::Deliverable& deliverable : course.deliverables) {
    const TreeFile* file = facts.tree.file(deliverable.file);
    // "readme.md" is a README.
    for (const TreeFile& other : facts.tree.files) {
      if (!file && lower_case(other.path) == lower_case(deliverable.file)) file = &other;
    }
    if (!file) continue;
    const auto text = read_below(facts.folder, file->path, kLongestDocument);
    if (text) {
      documents.push_back({&deliverable, file->path, *text, outline_of(*text)});
    } else if (findings) {
      Findings(*findings).add(Severity::error, "document.unreadable", file->path, 0,
                              plain_text(text.error().message),
                              "write it as a Markdown file of at most 1 MiB");
    }
  }
  return documents;
}

std::vector<Member> members_of(const Outline& readme) {
  const Section* section = nullptr;
  for (const char* heading : {"Group Info", "Group Information", "Group Members", "Team Info", "Team Members",
                              "Team", "Members", "Group"}) {
    if (!section) section = readme.find(heading);
  }
  MemberReader reader;
  for (std::size_t s = section ? static_cast<std::size_t>(section - readme.sections.data())
                               : readme.sections.size();
       s < readme.sections.size(); ++s) {
    const Section& part = readme.sections[s];
    if (&part != section && part.level <= section->level) break;
    for (std::size_t i = part.begin; i < part.end; ++i) {
      if (!readme.lines[i].code) reader.take(readme.lines[i]);
    }
  }
  return reader.members();
}

References references_of(const RepositoryFacts& facts, const std::vector<CourseDocument>& documents) {
  References references;
  const auto take = [&](const std::string& file, std::string_view text) {
    for (BibEntry& entry : read_bibtex(text).entries) {
      references.all.entries.push_back(std::move(entry));
      references.files.push_back(file);
    }
  };
  constexpr std::size_t kMostFiles = 20;
  std::size_t files = 0;
  for (const TreeFile& file : facts.tree.files) {
    if (!file.path.ends_with(".bib") || ++files > kMostFiles) continue;
    if (const auto text = read_below(facts.folder, file.path, kLongestDocument)) take(file.path, *text);
  }
  for (const CourseDocument& document : documents) take(document.file, document.text);
  return references;
}

void sort_findings(std::vector<Finding>& findings) {
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.severity, a.file, a.line, a.rule) < std::tie(b.severity, b.file, b.line, b.rule);
  });
}

std::vector<Finding> check_repository(const RepositoryFacts& facts, const plan::Course& course, Stage stage) {
  std::vector<Finding> findings;
  const Findings add(findings);
  if (!facts.project_problem.empty()) {
    add.add(Severity::error, "repository.project", plan::kProjectFile, 0, facts.project_problem,
            "mend assay.toml; docs/FORMAT.md has its keys");
  }
  check_files(facts, course, add);
  check_committed(facts, add);
  check_history(facts, stage, add);
  const std::vector<CourseDocument> documents = documents_of(facts, course, &findings);
  for (const CourseDocument& document : documents) check_document(facts, document, stage, add);
  const auto readme = std::find_if(documents.begin(), documents.end(),
                                   [](const CourseDocument& d) { return d.deliverable->name == "readme"; });
  std::vector<Member> members;
  if (readme != documents.end()) {
    members = members_of(readme->outline);
    check_members(*readme, members, add);
  }
  if (stage == Stage::final_submission) {
    const plan::Deliverable* report = course.find("report");
    const bool there = !report ||
                       std::any_of(documents.begin(), documents.end(),
                                   [&](const CourseDocument& d) { return d.deliverable == report; }) ||
                       std::any_of(facts.tree.files.begin(), facts.tree.files.end(), [](const TreeFile& f) {
                         return matches("*report*.pdf", lower_case(file_name(f.path)));
                       });
    if (!there) {
      add.add(Severity::error, "document.missing", report->file, 0,
              fmt::format("the {} isn't there", lower_case(plain_text(report->title))),
              "begin it with: assay new report");
    }
  }
  check_references(facts, documents, references_of(facts, documents), add);
  check_python(facts, add);
  check_results(facts, add);
  if (facts.git.known) {
    const auto shared = check_contributions(facts.git.contributions, members,
                                            readme == documents.end() ? "" : plain_text(readme->file));
    findings.insert(findings.end(), shared.begin(), shared.end());
  }
  sort_findings(findings);
  return findings;
}

}  // namespace assay::reports::check
