// The rules about a document: what it must have, in which order, and what a reader would stumble over.
#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/core/ascii.hpp"
#include "harness/plan/near_names.hpp"
#include "reports/check/heading.hpp"
#include "reports/check/repository_rules.hpp"

namespace assay::reports::check {

namespace {

// An estimate, so a document may be a quarter beyond its limits before anybody is told.
constexpr double kWordsPerPage = 500;
constexpr double kPagesPerFigure = 0.25;
constexpr double kLeeway = 1.25;

bool asks_for_references(const plan::CourseSection& asked) {
  return heading_key(asked.heading) == "references";
}

bool has_bib_file(const RepositoryFacts& facts) {
  return std::any_of(facts.tree.files.begin(), facts.tree.files.end(),
                     [](const TreeFile& f) { return f.path.ends_with(".bib"); });
}

class DocumentCheck {
public:
  DocumentCheck(const RepositoryFacts& facts, const CourseDocument& document, Stage stage,
                const Findings& add)
      : facts_(facts), document_(document), outline_(document.outline), stage_(stage), add_(add) {}

  void run() {
    check_sections();
    check_title();
    tell_unwritten();
    check_length();
    check_images();
    check_links();
  }

private:
  const std::string& file() const { return document_.file; }
  bool is_readme() const { return document_.deliverable->name == "readme"; }
  /// What the final submission alone asks for can wait.
  bool waits(const plan::CourseSection& asked) const {
    return asked.only_final && stage_ == Stage::in_progress;
  }

  void check_sections() {
    std::vector<std::string> later;
    const plan::CourseSection* before = nullptr;
    const Section* last = nullptr;
    bool ordered = true;
    for (const plan::CourseSection& asked : document_.deliverable->sections) {
      const Section* section = outline_.find(asked.heading);
      if (!section) {
        if (asks_for_references(asked) && has_bib_file(facts_)) continue;
        if (waits(asked))
          later.push_back(asked.heading);
        else
          tell_missing(asked);
        continue;
      }
      if (last && section->line < last->line && ordered) {
        ordered = false;
        add_.add(Severity::warning, "document.order", file(), section->line,
                 fmt::format("'{}' stands before '{}'; the course has them the other way round",
                             plain_text(asked.heading), plain_text(before->heading)),
                 "put the sections in the course's order");
      }
      before = &asked;
      last = section;
      check_section(asked, *section);
    }
    if (!later.empty()) {
      add_.add(Severity::note, "document.later", file(), 0,
               fmt::format("the final submission asks for more: {}", some_of(later, 8)),
               "add them when the time has come");
    }
  }

  void tell_missing(const plan::CourseSection& asked) {
    const std::string marks(static_cast<std::size_t>(asked.level), '#');
    const std::string heading = plain_text(asked.heading);
    std::string remedy =
        fmt::format("add '{} {}'{}", marks, heading, asked.asks.empty() ? "" : ": " + plain_text(asked.asks));
    while (remedy.ends_with('.')) remedy.pop_back();  // a remedy has no full stop
    int line = 0;
    for (const auto& [text, at] : outline_.bold_lines) {
      if (line == 0 && is_heading(text, asked.heading)) {
        remedy = fmt::format("it stands in bold; make it a heading, '{} {}'", marks, heading);
        line = at;
      }
    }
    std::vector<std::string> keys;
    for (const Section& section : outline_.sections) keys.push_back(section.key);
    if (const auto near = plan::nearest(heading_key(asked.heading), keys); near && line == 0) {
      const auto found = std::find(keys.begin(), keys.end(), *near) - keys.begin();
      const Section& section = outline_.sections[static_cast<std::size_t>(found)];
      remedy = fmt::format("'{}' looks like it; call it '{}'", plain_text(section.heading, 60), heading);
      line = section.line;
    }
    add_.add(Severity::error, "document.section", file(), line,
             fmt::format("section '{}' isn't there", heading), remedy);
  }

  void check_section(const plan::CourseSection& asked, const Section& section) {
    const int prompt = outline_.prompt_line(section);
    const bool by_file = asks_for_references(asked) && has_bib_file(facts_);
    if (!outline_.written(section) && !by_file && !waits(asked)) {
      (prompt > 0 ? unwritten_ : empty_).push_back(asked.heading);
      int& line = prompt > 0 ? unwritten_line_ : empty_line_;
      if (line == 0) line = prompt > 0 ? prompt : section.line;
      return;
    }
    if (prompt > 0 && !waits(asked)) {
      left_.push_back(asked.heading);
      if (left_line_ == 0) left_line_ = prompt;
    }
    if (asked.most_bullets) {
      for (const BulletList& list : section.lists) {
        if (list.items <= *asked.most_bullets) continue;
        add_.add(Severity::error, "document.bullets", file(), list.line,
                 fmt::format("a list of '{}' has {} bullets; at most {} are allowed",
                             plain_text(asked.heading), list.items, *asked.most_bullets),
                 "keep the most important ones, and say the rest in the text or not at all");
      }
    }
    if (!asked.choices.empty()) check_choices(asked, section);
  }

  void check_choices(const plan::CourseSection& asked, const Section& section) {
    for (std::size_t s = static_cast<std::size_t>(&section - outline_.sections.data());
         s < outline_.sections.size(); ++s) {
      const Section& part = outline_.sections[s];
      if (&part != &section && part.level <= section.level) break;
      for (std::size_t i = part.begin; i < part.end; ++i) {
        const std::string& text = outline_.lines[i].text;
        if (outline_.lines[i].code || text.find("[ ]") != std::string::npos)
          continue;  // a box that isn't ticked
        // Runs of the key's words, whatever stands around them.
        const std::string key = fmt::format(" {} ", heading_key(text));
        for (const std::string& choice : asked.choices) {
          if (key.find(fmt::format(" {} ", heading_key(choice))) != std::string::npos) return;
        }
      }
    }
    add_.add(Severity::error, "document.choice", file(), section.line,
             fmt::format("'{}' names none of: {}", plain_text(asked.heading), some_of(asked.choices, 8)),
             "write those that apply, in these words");
  }

  void check_title() {
    const bool front_matter = document_.text.starts_with("---");
    const auto title = std::find_if(outline_.sections.begin(), outline_.sections.end(),
                                    [](const Section& s) { return s.level == 1; });
    if (title == outline_.sections.end()) {
      if (is_readme() && !front_matter)
        add_.add(Severity::warning, "document.title", file(), 1, "there is no title",
                 "begin with '# ' and the project's title");
    } else if (title->heading.find("TODO") != std::string::npos) {
      left_.push_back("the title");
      if (left_line_ == 0) left_line_ = title->line;
    }
  }

  void tell_unwritten() {
    const Severity severity =
        is_readme() && stage_ == Stage::final_submission ? Severity::error : Severity::warning;
    const std::size_t asked = document_.deliverable->sections.size();
    if (!unwritten_.empty()) {
      add_.add(severity, "document.unwritten", file(), unwritten_line_,
               fmt::format("{} of {} sections hold only what the template asks: {}", unwritten_.size(), asked,
                           some_of(unwritten_, 12)),
               "write them, and remove the TODO");
    }
    if (!empty_.empty()) {
      add_.add(severity, "document.empty", file(), empty_line_,
               fmt::format("nothing stands below {}", some_of(empty_, 12)), "write it");
    }
    if (!left_.empty()) {
      add_.add(severity, "document.todo", file(), left_line_,
               fmt::format("a TODO is left in {}", some_of(left_, 12)), "do it, or remove the TODO");
    }
  }

  void check_length() {
    const plan::Deliverable& deliverable = *document_.deliverable;
    if (!unwritten_.empty() || !empty_.empty())
      return;  // of a document that isn't written yet nothing can be said
    if (deliverable.pages && deliverable.style != "slides") {
      const auto figures = static_cast<double>(outline_.images.size());
      const double pages = outline_.words / kWordsPerPage + figures * kPagesPerFigure;
      const auto [least, most] = *deliverable.pages;
      if (pages > most * kLeeway || pages * kLeeway < least) {
        add_.add(Severity::warning, "document.pages", file(), 0,
                 fmt::format("about {:.1f} pages ({} words, {} figures); the course asks for {} to {}", pages,
                             outline_.words, outline_.images.size(), least, most),
                 pages > most ? "shorten it; what is left out may go into the repository"
                              : "the sections that the rubric names deserve more");
      }
    }
    if (deliverable.references) check_count_of_references(*deliverable.references);
  }

  void check_count_of_references(std::pair<int, int> limits) {
    std::vector<std::string> keys;
    for (const InlineCitation& c : outline_.citations) {
      if (c.in_brackets) keys.push_back(c.key);
    }
    std::sort(keys.begin(), keys.end());
    auto count = static_cast<std::size_t>(std::unique(keys.begin(), keys.end()) - keys.begin());
    if (const Section* section = outline_.find("References")) {
      for (const BulletList& list : section->lists)
        count = std::max(count, static_cast<std::size_t>(list.items));
    }
    count = std::max(count, read_bibtex(document_.text).entries.size());
    const auto [least, most] = limits;
    const bool few = count < static_cast<std::size_t>(least);
    if (!few && count <= static_cast<std::size_t>(most)) return;
    constexpr int kNoLimit = 1000;
    const std::string asked =
        most >= kNoLimit ? fmt::format("at least {}", least) : fmt::format("{} to {}", least, most);
    add_.add(Severity::warning, "document.references", file(), 0,
             fmt::format("{} references; the course asks for {}", count, asked),
             few ? "cite the key ones as [@key], with BibTeX in references.bib"
                 : "keep those that the text needs");
  }

  enum class Target { fine, missing, other_case, outside };

  /// Of a link or image that is no web address.
  Target look_up(std::string target) const {
    target = target.substr(0, target.find_first_of("#?"));
    std::string path;
    for (std::size_t i = 0; i < target.size(); ++i) {  // "%20"
      const auto digit = [&](std::size_t at) {
        const char c = at < target.size() ? target[at] : 'x';
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
      };
      const bool escaped = target[i] == '%' && digit(i + 1) >= 0 && digit(i + 2) >= 0;
      path += escaped ? static_cast<char>(digit(i + 1) * 16 + digit(i + 2)) : target[i];
      if (escaped) i += 2;
    }
    if (path.empty()) return Target::fine;  // an anchor
    const bool from_root = path.starts_with('/');
    const std::string at = resolved(from_root ? "" : folder_of(file()), path);
    if (at.empty()) return Target::outside;
    const Tree& tree = facts_.tree;
    if (at == "." || tree.file(at) || tree.has_folder(at)) return Target::fine;
    const auto is_here = [&](const auto& one) { return at == one || at.starts_with(one + "/"); };
    if (std::any_of(tree.left_out.begin(), tree.left_out.end(), is_here)) return Target::fine;
    if (std::any_of(tree.links.begin(), tree.links.end(),
                    [&](const TreeLink& l) { return is_here(l.path) && !l.leads_out; }))
      return Target::fine;
    const std::string lower = lower_case(at);
    const bool other = std::any_of(tree.files.begin(), tree.files.end(),
                                   [&](const TreeFile& f) { return lower_case(f.path) == lower; });
    return other ? Target::other_case : Target::missing;
  }

  static bool is_web(std::string_view target) {
    const std::size_t colon = target.find(':');
    return target.starts_with("//") ||
           (colon != std::string_view::npos && target.find('/') > colon);  // "https:", "mailto:", "data:"
  }

  void tell_target(Target result, std::string_view kind, const std::string& target, int line,
                   Severity severity) {
    const std::string shown = plain_text(target, 100);
    const std::string rule = fmt::format("document.{}", kind);
    if (result == Target::missing) {
      add_.add(severity, rule, file(), line, fmt::format("{} '{}' isn't there", kind, shown),
               "commit it, or mend the path; it is relative to this file");
    } else if (result == Target::other_case) {
      add_.add(severity, rule, file(), line,
               fmt::format("{} '{}' is called otherwise: upper and lower case differ", kind, shown),
               "write it as the file is called");
    } else if (result == Target::outside) {
      add_.add(Severity::warning, rule, file(), line,
               fmt::format("{} '{}' leads out of the repository", kind, shown),
               "commit what it leads to, or give the whole web address");
    }
  }

  // A document of nothing but broken links mustn't fill a report.
  static constexpr int kMostTold = 20;

  void check_images() {
    int told = 0;
    for (const OutlineImage& image : outline_.images) {
      if (told >= kMostTold) return;
      if (!is_web(image.target)) {
        const Target result = look_up(image.target);
        told += result != Target::fine;
        tell_target(result, "image", image.target, image.line, Severity::error);
      }
      const bool badge = is_web(image.target);
      if (image.captioned || badge) continue;
      ++told;
      add_.add(Severity::warning, "document.caption", file(), image.line,
               fmt::format("figure '{}' has no caption", plain_text(image.target, 80)),
               "say in ![…] what it shows, the trend to see, and what that means for the hypothesis");
    }
  }

  void check_links() {
    int told = 0;
    for (const OutlineLink& link : outline_.links) {
      if (told >= kMostTold) return;
      if (link.target.starts_with('#') || is_web(link.target)) continue;
      const Target result = look_up(link.target);
      told += result != Target::fine;
      tell_target(result, "link", link.target, link.line, Severity::warning);
    }
    std::vector<std::string> web;
    for (const OutlineLink& link : outline_.links) {
      if (link.target.starts_with("http")) web.push_back(link.target);
    }
    std::sort(web.begin(), web.end());
    web.erase(std::unique(web.begin(), web.end()), web.end());
    if (!web.empty())
      add_.add(Severity::note, "document.web", file(), 0,
               fmt::format("web addresses, not visited: {}", some_of(web, 8)),
               "see that they open for somebody who isn't logged in");
  }

  const RepositoryFacts& facts_;
  const CourseDocument& document_;
  const Outline& outline_;
  Stage stage_;
  const Findings& add_;
  std::vector<std::string> unwritten_, empty_, left_;  // headings
  int unwritten_line_ = 0, empty_line_ = 0, left_line_ = 0;
};

}  // namespace

void check_document(const RepositoryFacts& facts, const CourseDocument& document, Stage stage,
                    const Findings& add) {
  DocumentCheck(facts, document, stage, add).run();
}

void check_members(const CourseDocument& readme, const std::vector<Member>& members, const Findings& add) {
  const Section* section = readme.outline.find("Group Info");
  if (!section || !readme.outline.written(*section)) return;  // told already
  if (members.empty()) {
    add.add(Severity::error, "readme.members", readme.file, section->line, "'Group Info' names nobody",
            "write a line for each: - Ada Lovelace, ada@example.org");
  }
  for (const Member& member : members) {
    if (member.email.empty()) {
      add.add(Severity::error, "readme.members", readme.file, member.line,
              fmt::format("'{}' has no e-mail address", plain_text(member.text, 60)),
              "write it behind the name");
    } else if (member.text.find_first_not_of("0123456789. ") == std::string::npos) {
      add.add(Severity::error, "readme.members", readme.file, member.line,
              fmt::format("{} has no name", plain_text(member.email, 60)), "write it before the address");
    }
  }
}

void check_references(const RepositoryFacts& facts, const std::vector<CourseDocument>& documents,
                      const References& references, const Findings& add) {
  const auto& entries = references.all.entries;
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const BibEntry& entry = entries[i];
    const std::string& file = references.files[i];
    const std::string key = plain_text(entry.key, 60);
    if (!entry.closed) {
      add.add(Severity::error, "bibliography.entry", file, entry.line,
              fmt::format("entry '{}' isn't closed", key), "add its last '}'");
      continue;
    }
    std::vector<std::string> missing;
    if (entry.field("title").empty()) missing.push_back("title");
    const bool who = !entry.field("author").empty() || !entry.field("editor").empty() ||
                     !entry.field("organization").empty() || !entry.field("institution").empty();
    if (!who) missing.push_back("author");
    if (entry.field("year").empty() && entry.field("date").empty()) missing.push_back("year");
    if (!missing.empty()) {
      add.add(Severity::warning, "bibliography.entry", file, entry.line,
              fmt::format("entry '{}' has no {}", key, some_of(missing)),
              "add it; the publisher's page has BibTeX to copy");
    }
    // The same entry may stand in README and references.bib; in one file it is a mistake.
    for (std::size_t j = i; j-- > 0 && references.files[j] == file;) {
      if (i - j > 200) break;  // far apart in a file that large, nobody is helped
      if (entries[j].key != entry.key) continue;
      add.add(Severity::warning, "bibliography.twice", file, entry.line,
              fmt::format("entry '{}' stands here twice", key), "remove one");
      break;
    }
    keys.push_back(entry.key);
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  std::vector<std::string> cited;
  for (const CourseDocument& document : documents) {
    std::vector<std::string> told;
    for (const InlineCitation& c : document.outline.citations) {
      if (std::binary_search(keys.begin(), keys.end(), c.key)) {
        cited.push_back(c.key);
      } else if (c.in_brackets && told.size() < 20 &&
                 std::find(told.begin(), told.end(), c.key) == told.end()) {
        told.push_back(c.key);
        add.add(Severity::error, "bibliography.key", document.file, c.line,
                fmt::format("[@{}] is cited, and no BibTeX entry has that key", plain_text(c.key, 60)),
                "add the entry to references.bib, or mend the key");
      }
    }
  }
  std::sort(cited.begin(), cited.end());
  std::vector<std::string> unused;
  std::set_difference(keys.begin(), keys.end(), cited.begin(), cited.end(), std::back_inserter(unused));
  if (!cited.empty() && !unused.empty()) {
    add.add(Severity::note, "bibliography.unused", "", 0,
            fmt::format("entries that nothing cites: {}", some_of(unused, 8)), "cite or remove them");
  }
  const auto readme = std::find_if(documents.begin(), documents.end(),
                                   [](const CourseDocument& d) { return d.deliverable->name == "readme"; });
  const Section* section = readme == documents.end() ? nullptr : readme->outline.find("References");
  if (keys.empty() && section && readme->outline.written(*section) && !has_bib_file(facts)) {
    add.add(Severity::warning, "bibliography.missing", readme->file, section->line,
            "the references are no BibTeX",
            "write them as BibTeX, here in a fenced block or in references.bib");
  }
}

}  // namespace assay::reports::check
