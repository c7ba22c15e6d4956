#include "harness/plan/course.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "harness/plan/document.hpp"
#include "harness/plan/near_names.hpp"
#include "harness/plan/project_file.hpp"
#include "harness/plan/section.hpp"

namespace assay::plan {

namespace {

namespace fs = std::filesystem;
using document::in_quotes;

constexpr std::string_view kSuffix = ".toml";

/// The tables of a list such as [[deliverable]]: `use` gets each with its line.
template <class Use>
void each_table(const document::Table& table, std::string_view key, const std::string& shown, Mistakes& mistakes, const Use& use) {
  const document::Entry* entry = table.find(key);
  if (!entry) return;
  const document::List* list = entry->value.list();
  if (!list) {
    mistakes.add(entry->line, fmt::format("'{}' is {}; write it as {}", key, document::type_of(entry->value), shown));
    return;
  }
  for (const document::Node& node : *list) {
    if (const document::Table* one = node.table()) {
      use(*one, node.line);
    } else {
      mistakes.add(node.line, fmt::format("'{}' holds {}; write it as {}", key, document::type_of(node), shown));
    }
  }
}

std::string required(const Section& section, std::string_view key, std::string_view example, Mistakes& mistakes) {
  const auto text = section.text(key, example);
  if (!text && !section.find(key)) mistakes.add(section.line(), fmt::format("{} has no '{}'; write e.g. {}", section.title(), key, example));
  return text.value_or("");
}

/// [1, 2]: at least one, at most two.
std::optional<std::pair<int, int>> range(const Section& section, std::string_view key, std::string_view example) {
  const document::Entry* entry = section.find(key);
  if (!entry) return std::nullopt;
  const document::List* list = entry->value.list();
  std::vector<std::int64_t> bounds;
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    if (const auto* bound = std::get_if<std::int64_t>(&(*list)[i].value)) bounds.push_back(*bound);
  }
  constexpr std::int64_t kMost = 1'000'000;
  const bool right = list && list->size() == 2 && bounds.size() == 2 && bounds[0] >= 0 && bounds[0] <= bounds[1] && bounds[1] <= kMost;
  if (!right) {
    section.wrong(key, fmt::format("is {}", document::shown(entry->value)), fmt::format("give the least and the most, e.g. {}", example));
    return std::nullopt;
  }
  return std::pair{static_cast<int>(bounds[0]), static_cast<int>(bounds[1])};
}

RequiredFile read_file(const document::Table& table, int line, bool folder, Mistakes& mistakes) {
  const std::string title = folder ? "[[folder]]" : "[[file]]";
  const Section section(table, line, title, {"path", "why", "where"}, mistakes);
  RequiredFile file;
  file.folder = folder;
  file.path = required(section, "path", folder ? "path = \"data\"" : "path = \"run.*\"", mistakes);
  file.why = section.text("why", "why = \"runs the project\"").value_or("");
  file.where = section.text("where", "where = \"*.py\"").value_or("");
  if (!file.path.empty() && !stays_below(file.path))
    section.wrong("path", fmt::format("is {}", in_quotes(file.path)), "it is a path from the repository's root, e.g. path = \"run.*\"");
  return file;
}

CourseSection read_section(const document::Table& table, int line, Mistakes& mistakes) {
  const Section section(table, line, "[[deliverable.section]]", {"heading", "asks", "fills", "choices", "bullets", "level", "final"}, mistakes);
  CourseSection one;
  one.heading = required(section, "heading", "heading = \"Introduction\"", mistakes);
  one.asks = section.text("asks", "asks = \"What is the problem?\"").value_or("");
  one.fills = section.texts("fills", "fills = [\"table\"]").value_or(std::vector<std::string>());
  one.choices = section.texts("choices", "choices = [\"Novel contribution\"]").value_or(std::vector<std::string>());
  if (const auto bullets = section.integer("bullets", 1, 100, "bullets = 3")) one.most_bullets = static_cast<int>(*bullets);
  one.level = static_cast<int>(section.integer("level", 1, 6, "level = 2").value_or(2));
  one.only_final = section.boolean("final").value_or(false);
  return one;
}

Deliverable read_deliverable(const document::Table& table, int line, Mistakes& mistakes) {
  const Section section(table, line, "[[deliverable]]", {"name", "title", "file", "style", "pages", "references", "section"}, mistakes);
  Deliverable deliverable;
  deliverable.name = required(section, "name", "name = \"proposal\"", mistakes);
  deliverable.title = required(section, "title", "title = \"Project proposal\"", mistakes);
  deliverable.file = required(section, "file", "file = \"proposal.md\"", mistakes);
  if (!deliverable.name.empty() && !is_plain_name(deliverable.name, false))
    section.wrong("name", fmt::format("is {}", in_quotes(deliverable.name)), "it is a word of `assay new`, e.g. name = \"proposal\"");
  if (!deliverable.file.empty() && !stays_below(deliverable.file))
    section.wrong("file", fmt::format("is {}", in_quotes(deliverable.file)), "it is a path from the repository's root, e.g. file = \"proposal.md\"");
  deliverable.style = section.word("style", {"plain", "conference", "slides"}).value_or("plain");
  deliverable.pages = range(section, "pages", "pages = [1, 2]");
  deliverable.references = range(section, "references", "references = [2, 3]");
  each_table(table, "section", "[[deliverable.section]]", mistakes,
             [&](const document::Table& one, int at) { deliverable.sections.push_back(read_section(one, at, mistakes)); });
  return deliverable;
}

RubricLine read_rubric(const document::Table& table, int line, const std::vector<Deliverable>& deliverables, Mistakes& mistakes) {
  const Section section(table, line, "[[rubric]]", {"part", "text", "points", "evidence"}, mistakes);
  RubricLine one;
  one.part = section.text("part", "part = \"P2 final\"").value_or("");
  one.text = required(section, "text", "text = \"Experimental rigor\"", mistakes);
  one.points = static_cast<int>(section.integer("points", 0, 1000, "points = 20").value_or(0));
  one.evidence = section.texts("evidence", "evidence = [\"baseline\", \"ablation\"]").value_or(std::vector<std::string>());
  const std::vector<std::string> words(std::begin(kEvidence), std::end(kEvidence));
  for (const std::string& evidence : one.evidence) {
    if (std::find(words.begin(), words.end(), evidence) != words.end()) continue;
    const bool is_section = std::any_of(deliverables.begin(), deliverables.end(), [&](const Deliverable& d) {
      return std::any_of(d.sections.begin(), d.sections.end(), [&](const CourseSection& s) {
        return evidence == fmt::format("section {} {}", d.name, s.heading);
      });
    });
    if (!is_section)
      section.wrong("evidence", fmt::format("holds {}", in_quotes(evidence)),
                    suggestion(evidence, words, "it is \"section <deliverable> <heading>\" or one of"));
  }
  return one;
}

}  // namespace

const Deliverable* Course::find(std::string_view deliverable) const {
  const auto found = std::find_if(deliverables.begin(), deliverables.end(), [&](const Deliverable& d) { return d.name == deliverable; });
  return found == deliverables.end() ? nullptr : &*found;
}

Result<Course> parse_course(std::string_view text, std::string_view shown_name) {
  const auto parsed = document::parse(text, shown_name);
  if (!parsed) return parsed.error();
  Mistakes mistakes(shown_name);
  const Section root(*parsed, 1, "a course file", {"title", "source", "submission", "file", "folder", "deliverable", "rubric"}, mistakes);
  Course course;
  course.title = required(root, "title", "title = \"CSCE 585: Machine Learning Systems, fall 2025\"", mistakes);
  course.source = root.text("source", "source = \"https://…\"").value_or("");
  course.submission = root.text("submission", "submission = \"submissions/{team}\"").value_or("submissions/{team}");
  if (!stays_below(course.submission))
    root.wrong("submission", fmt::format("is {}", in_quotes(course.submission)), "it is a folder of the course's repository, e.g. submission = \"submissions/{team}\"");
  for (const bool folder : {false, true}) {
    each_table(*parsed, folder ? "folder" : "file", folder ? "[[folder]]" : "[[file]]", mistakes,
               [&](const document::Table& one, int line) { course.files.push_back(read_file(one, line, folder, mistakes)); });
  }
  each_table(*parsed, "deliverable", "[[deliverable]]", mistakes, [&](const document::Table& one, int line) {
    Deliverable deliverable = read_deliverable(one, line, mistakes);
    if (course.find(deliverable.name)) mistakes.add(line, fmt::format("deliverable {} stands here twice; give the second another name", in_quotes(deliverable.name)));
    course.deliverables.push_back(std::move(deliverable));
  });
  each_table(*parsed, "rubric", "[[rubric]]", mistakes,
             [&](const document::Table& one, int line) { course.rubric.push_back(read_rubric(one, line, course.deliverables, mistakes)); });
  if (!mistakes.none()) return mistakes.first();
  return course;
}

Result<Course> load_course(const fs::path& file) {
  const auto text = document::read_text(file.string());
  if (!text) return text.error();
  auto course = parse_course(*text, file.string());
  if (course) course->name = file.stem().string();
  return course;
}

std::vector<std::string> courses_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code failure;
  for (fs::directory_iterator it(folder, failure), end; !failure && it != end; it.increment(failure)) {
    if (it->path().extension() == kSuffix) names.push_back(it->path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<Course> find_course(std::string_view name, const fs::path& folder, const fs::path& base) {
  const auto names = courses_in(folder);
  if (std::find(names.begin(), names.end(), name) != names.end()) return load_course(folder / (std::string(name) + std::string(kSuffix)));
  std::error_code ignored;
  const fs::path file = base / fs::path(name);
  if (name.ends_with(kSuffix) && fs::is_regular_file(file, ignored)) return load_course(file);
  return Error{fmt::format("course {} is no file and none of {}; there are {}", in_quotes(name, '\''), folder.string(), listed(names))};
}

}  // namespace assay::plan
