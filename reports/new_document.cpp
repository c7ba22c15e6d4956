#include "reports/new_document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "harness/core/ascii.hpp"
#include "harness/core/quoted_text.hpp"
#include "harness/plan/document.hpp"
#include "reports/markdown.hpp"

namespace assay::reports {

namespace {

constexpr std::string_view kForEveryCourse = "<!-- for every course -->";
constexpr std::string_view kAbstract = "Abstract";

/// Blocks that name an experiment's file, since nothing has run yet; the others name its runs.
bool is_of_file(std::string_view kind) {
  return kind == "plan" || kind == "design";
}

/// Blocks that say the same for every experiment of a repository, or nearly: one is enough.
bool is_for_one(std::string_view kind) {
  return kind == "environment" || kind == "checklist" || kind == "artifact";
}

/// On one line, and so that nothing ends the comment that it stands in.
std::string comment_text(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (unshown_at(text.substr(i)) > 0) {
      i += unshown_at(text.substr(i)) - 1;
      plain += ' ';
    } else if (text[i] == '-' && plain.ends_with('-')) {
      plain += " -";
    } else if (text[i] != '>') {
      plain += text[i];
    }
  }
  return plain;
}

/// Without blank lines at its ends, and with one at most between two others.
std::string tidied(std::string_view text) {
  const std::size_t begin = text.find_first_not_of('\n');
  if (begin == std::string_view::npos) return "";
  std::string lines;
  for (const char c : text.substr(begin, text.find_last_not_of(" \n") + 1 - begin)) {
    if (c != '\n' || !lines.ends_with("\n\n")) lines += c;
  }
  return lines;
}

std::string block(std::string_view kind, const std::string& of) {
  return fmt::format("<!-- assay: begin {}{}{} -->\n<!-- assay: end {} -->\n", kind, of.empty() ? "" : " ",
                     of, kind);
}

/// What a template has below one of its headings.
struct Part {
  std::string heading;
  std::string text{};
  bool for_every_course = false;
};
using Parts = std::vector<Part>;

/// A heading of level 2 begins a part, one below it only where the course has it too; "## Results: int8" goes
/// on with Results.
Parts parts_of(std::string_view text, const plan::Deliverable& deliverable) {
  std::set<std::string> wanted;
  for (const plan::CourseSection& section : deliverable.sections) wanted.insert(lower_case(section.heading));
  Parts parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    const std::size_t level = std::min(line.find_first_not_of('#'), line.size());
    const bool is_heading = level >= 2 && level < line.size() && line[level] == ' ';
    const std::string heading = is_heading ? tidied(line.substr(level + 1)) : "";
    const bool goes_on = !parts.empty() && lower_case(heading).starts_with(lower_case(parts.back().heading) + ": ");
    if (is_heading && !goes_on && (level == 2 || wanted.count(lower_case(heading)) > 0)) {
      parts.push_back({.heading = heading});
    } else if (!parts.empty() && line.starts_with(kForEveryCourse)) {
      parts.back().for_every_course = true;
    } else if (!parts.empty()) {
      parts.back().text += line;
    }
  }
  return parts;
}

const Part* find(const Parts& parts, std::string_view heading) {
  const auto found = std::find_if(parts.begin(), parts.end(),
                                  [&](const Part& part) { return lower_case(part.heading) == lower_case(heading); });
  return found == parts.end() ? nullptr : &*found;
}

Json view_of(const NamedExperiment& experiment) {
  const auto of = [](const std::string& word) { return word.empty() ? "" : " " + word; };
  Json view{{"name", experiment.name},         {"of_name", of(experiment.name)},
            {"file", experiment.file},         {"of_file", of(experiment.file)},
            {"question", experiment.question}, {"rationale", experiment.rationale}};
  view["hypotheses"] = Json::array();
  for (const auto& [id, claim] : experiment.hypotheses)
    view["hypotheses"].push_back({{"id", id}, {"claim", claim}});
  view["has_hypotheses"] = !experiment.hypotheses.empty();
  view["has_name"] = !experiment.name.empty();  // an empty text isn't false to mustache
  view["has_rationale"] = !experiment.rationale.empty();
  return view;
}

/// What the templates of documents know. Where the project has no experiment yet, one without a name stands
/// for those to come.
Json view_of(const DocumentWish& wish) {
  std::vector<NamedExperiment> experiments = wish.experiments;
  if (experiments.empty())
    experiments.push_back({.name = "", .file = "", .question = "TODO: the question of the experiment"});
  const bool all_alike = std::all_of(experiments.begin(), experiments.end(), [&](const NamedExperiment& e) {
    return e.is_ablation == experiments.front().is_ablation;
  });
  Json view{{"title", wish.title}};
  for (const char* list : {"experiments", "main", "comparisons", "ablations"}) view[list] = Json::array();
  for (const NamedExperiment& experiment : experiments) {
    view["experiments"].push_back(view_of(experiment));
    if (all_alike || !experiment.is_ablation) view["comparisons"].push_back(view_of(experiment));
    if (!all_alike && experiment.is_ablation) view["ablations"].push_back(view_of(experiment));
  }
  view["main"].push_back(view["comparisons"].front());
  view["has_ablations"] = !view["ablations"].empty();
  return view;
}

/// "8 to 10 pages, 5 references or more"
std::string limits_of(const plan::Deliverable& deliverable) {
  std::vector<std::string> limits;
  const auto add = [&](const std::optional<std::pair<int, int>>& range, std::string_view what) {
    if (!range) return;
    limits.push_back(range->second >= 1000 ? fmt::format("{} {} or more", range->first, what)
                                           : fmt::format("{} to {} {}", range->first, range->second, what));
  };
  add(deliverable.pages, "pages");
  add(deliverable.references, "references");
  return fmt::format("{}", fmt::join(limits, ", "));
}

std::string asked_in(const plan::CourseSection& section) {
  std::string asked = section.asks;
  const auto add = [&](const std::string& sentence) { asked += (asked.empty() ? "" : " ") + sentence; };
  if (section.most_bullets) add(fmt::format("At most {} bullets.", *section.most_bullets));
  if (section.only_final) add("For the final submission.");
  return asked;
}

class Writing {
public:
  Writing(const plan::Deliverable& deliverable, const DocumentWish& wish,
          const std::vector<const Templates*>& templates)
      : deliverable_(deliverable), wish_(wish), templates_(templates) {}

  Result<std::string> write() {
    const Json view = view_of(wish_);
    for (const Templates* templates : templates_) {
      const std::string name = deliverable_.name + ".md";
      if (!templates->has(name)) continue;
      const auto text = templates->render(name, view, markdown_escaped);
      if (!text) return text.error();
      known_.push_back(parts_of(*text, deliverable_));
    }
    std::string text = is_readme() ? fmt::format("# {}\n", markdown_escaped(wish_.title)) : front_matter();
    if (const std::string limits = limits_of(deliverable_); !limits.empty())
      text += fmt::format("\n<!-- Asked: {}. -->\n", limits);
    for (const plan::CourseSection& section : deliverable_.sections) {
      const auto body = body_of(section);
      if (!body) return body.error();
      text += fmt::format("\n{} {}\n\n", std::string(static_cast<std::size_t>(section.level), '#'),
                          markdown_escaped(section.heading));
      const std::string asked = comment_text(asked_in(section));
      if (!asked.empty())
        text += fmt::format("<!-- {}: {} -->\n\n", body->find("TODO") == std::string::npos ? "Asked" : "TODO",
                            asked);
      text += *body + "\n";
    }
    return text + parts_for_every_course();
  }

private:
  bool is_readme() const { return lower_case(deliverable_.file) == "readme.md"; }

  const Part* known(std::string_view heading) const {
    for (const Parts& parts : known_) {
      if (const Part* part = find(parts, heading)) return part;
    }
    return nullptr;
  }

  bool asks_for(std::string_view heading) const {
    return std::any_of(deliverable_.sections.begin(), deliverable_.sections.end(),
                       [&](const plan::CourseSection& s) { return lower_case(s.heading) == lower_case(heading); });
  }

  /// What a document's renderer reads; it takes the title as Markdown.
  std::string front_matter() const {
    const bool names_itself =
        deliverable_.style != "plain";  // a paper's or a talk's title is the work's, a form's is the form's
    const std::string title =
        names_itself ? wish_.title : fmt::format("{}: {}", deliverable_.title, wish_.title);
    std::string text =
        fmt::format("---\ntitle: {}\nauthor:\n  - \"TODO: a line for each of you\"\ndate: {}\nstyle: {}\n",
                    quoted_text(markdown_escaped(title)),
                    quoted_text(wish_.date.empty() ? "TODO" : wish_.date), deliverable_.style);
    if (has_bibliography(deliverable_)) text += fmt::format("bibliography: {}\n", kBibliography);
    if (deliverable_.style == "conference" && !asks_for(kAbstract)) {
      const Part* part = known(kAbstract);
      text += "abstract: |\n  ";
      for (const char c : part ? tidied(part->text) : std::string("TODO"))
        text += c == '\n' ? std::string("\n  ") : std::string(1, c);
      text += "\n";
    }
    return text + "---\n";
  }

  Result<std::string> body_of(const plan::CourseSection& section) const {
    std::string text;
    if (const Part* part = known(section.heading)) {
      text = tidied(part->text);
    } else {
      Json view{{"has_choices", !section.choices.empty()}, {"choices", Json::array()}};
      for (const std::string& choice : section.choices) view["choices"].push_back({{"text", choice}});
      const auto rendered = templates_.back()->render("section.md", view, markdown_escaped);
      if (!rendered) return rendered.error();
      text = tidied(*rendered);
    }
    for (const std::string& kind : section.fills) {
      const std::string begin = fmt::format("<!-- assay: begin {} ", kind);
      if (text.find(begin) == std::string::npos) text += "\n\n" + tidied(blocks(kind));
    }
    return tidied(text);
  }

  std::string blocks(const std::string& kind) const {
    if (wish_.experiments.empty()) return block(kind, "");
    std::string text;
    for (const NamedExperiment& experiment : wish_.experiments) {
      text += block(kind, is_of_file(kind) ? experiment.file : experiment.name) + "\n";
      if (is_for_one(kind)) break;
    }
    return text;
  }

  std::string parts_for_every_course() const {
    std::string text;
    std::set<std::string> written;
    for (const Parts& parts : known_) {
      for (const Part& part : parts) {
        if (!part.for_every_course || asks_for(part.heading) || !written.insert(lower_case(part.heading)).second)
          continue;
        text += fmt::format("\n## {}\n\n{}\n", part.heading, tidied(part.text));
      }
    }
    return text;
  }

  const plan::Deliverable& deliverable_;
  const DocumentWish& wish_;
  const std::vector<const Templates*>& templates_;
  std::vector<Parts> known_;
};

}  // namespace

Result<NamedExperiment> named_experiment(const plan::Experiment& experiment, const std::string& file) {
  const bool plain = std::all_of(file.begin(), file.end(), [](char c) {
    return is_letter_or_digit(c) ||
           std::string_view("._-/").find(c) != std::string_view::npos;
  });
  if (!plain || file.find("--") != std::string::npos)
    return Error{fmt::format(
        "{}: a block can't name this file; give it a name of letters, digits and ._- (and no -- in it)",
        plan::document::in_quotes(file))};
  NamedExperiment named{.name = experiment.name,
                        .file = file,
                        .question = experiment.question,
                        .rationale = experiment.rationale};
  for (const plan::Hypothesis& hypothesis : experiment.hypotheses)
    named.hypotheses.emplace_back(hypothesis.id, hypothesis.claim);
  named.is_ablation = experiment.design == plan::Design::one_factor_at_a_time;
  if (named.question.empty()) named.question = named.name;
  return named;
}

bool has_bibliography(const plan::Deliverable& deliverable) {
  return lower_case(deliverable.file) != "readme.md" &&
         (deliverable.references ||
          std::any_of(deliverable.sections.begin(), deliverable.sections.end(),
                      [](const plan::CourseSection& s) { return lower_case(s.heading) == "references"; }));
}

Result<std::string> new_document(const plan::Deliverable& deliverable, const DocumentWish& wish,
                                 const std::vector<const Templates*>& templates) {
  return Writing(deliverable, wish, templates).write();
}

}  // namespace assay::reports
