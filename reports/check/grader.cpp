#include "reports/check/grader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "reports/check/plain_text.hpp"
#include "reports/drawn_table.hpp"

namespace assay::reports::check {

namespace {

constexpr int kRoundsOfInterval = 5;
constexpr std::size_t kLevelsOfScaling = 3;

bool scales(const plan::Factor& factor) {
  std::set<double> levels;
  for (const Level& level : factor.levels) {
    if (const auto* whole = std::get_if<std::int64_t>(&level)) levels.insert(static_cast<double>(*whole));
    if (const auto* number = std::get_if<double>(&level)) levels.insert(*number);
  }
  return levels.size() >= kLevelsOfScaling;
}

struct Answer {
  bool there = false;
  std::string what;
};

class Grader {
public:
  Grader(const plan::Course& course, const RepositoryFacts& facts, const std::vector<Finding>& findings,
         const RunEvidence& runs)
      : course_(course),
        facts_(facts),
        findings_(findings),
        runs_(runs),
        documents_(documents_of(facts, course)) {}

  GradedLine line(const plan::RubricLine& rubric) const {
    GradedLine graded{plain_text(rubric.part), plain_text(rubric.text), rubric.points,
                      GradedLine::State::human, "needs a human"};
    if (rubric.evidence.empty()) return graded;
    std::vector<std::string> seen, missing;
    for (const std::string& evidence : rubric.evidence) {
      Answer answer = look_for(evidence);
      auto& list = answer.there ? seen : missing;
      if (std::find(list.begin(), list.end(), answer.what) == list.end())
        list.push_back(std::move(answer.what));
    }
    graded.state = missing.empty() ? GradedLine::State::seen : GradedLine::State::missing;
    graded.what = fmt::format("{}", fmt::join(missing.empty() ? seen : missing, "; "));
    return graded;
  }

private:
  Answer look_for(const std::string& evidence) const {
    if (evidence.starts_with("section ")) return section(evidence);
    const auto of_runs = [&](bool there, std::string_view what, std::string_view otherwise) {
      return Answer{there, there ? fmt::format("{} ({})", what, runs_text()) : std::string(otherwise)};
    };
    if (evidence == "runs")
      return of_runs(runs_.runs, "runs on record", "no run is on record: assay run EXPERIMENT");
    if (evidence == "baseline")
      return of_runs(runs_.baseline, "a baseline that others are compared with",
                     "no run has a baseline: give the experiment one, baseline = { … }");
    if (evidence == "ablation")
      return of_runs(runs_.ablation, "a run that takes parts away or adds them",
                     "no ablation: one run with design = \"factorial\" or \"one-factor-at-a-time\"");
    if (evidence == "scaling")
      return of_runs(runs_.scaling, "a run along a number",
                     "no scaling: one run with a factor of three numbers or more");
    if (evidence == "intervals")
      return of_runs(runs_.intervals, "values with intervals",
                     "no value has an interval over five rounds: assay run EXPERIMENT --preset paper");
    if (evidence == "hypotheses")
      return of_runs(runs_.hypotheses, "hypotheses that were written before measuring",
                     "no run has hypotheses: add [[hypothesis]] and run again");
    if (evidence == "controls")
      return of_runs(runs_.controls, "a control that held",
                     "no control held: run with more rounds, and see assay doctor");
    if (evidence == "environment")
      return of_runs(runs_.environment, "machine and versions on record",
                     "machine and versions aren't on record: a run keeps them");
    if (evidence == "report")
      return {runs_.report,
              runs_.report
                  ? "a report whose blocks agree with their runs"
                  : "no report with blocks that agree with their runs: assay report RUN --into report.md"};
    if (evidence == "figure") return figure();
    if (evidence == "references") return references();
    if (evidence == "readme") return without_errors("the README has its sections", {"readme."}, "readme");
    if (evidence == "files")
      return without_errors("the files and folders of the course", {"repository.file", "repository.folder"},
                            "");
    if (evidence == "lock") return lock();
    if (evidence == "contributions") return contributions();
    return {false, fmt::format("nobody knows what '{}' is", plain_text(evidence))};
  }

  std::string runs_text() const {
    return runs_.where.size() == 1 ? plain_text(runs_.where.front(), 80)
                                   : fmt::format("{} runs", runs_.where.size());
  }

  const CourseDocument* document(std::string_view deliverable) const {
    const auto found = std::find_if(documents_.begin(), documents_.end(), [&](const CourseDocument& d) {
      return d.deliverable->name == deliverable;
    });
    return found == documents_.end() ? nullptr : &*found;
  }

  /// "section proposal Risks"
  Answer section(const std::string& evidence) const {
    const std::string rest = evidence.substr(std::string_view("section ").size());
    const std::size_t space = std::min(rest.find(' '), rest.size());
    const std::string name = rest.substr(0, space), heading = rest.substr(std::min(rest.size(), space + 1));
    const plan::Deliverable* deliverable = course_.find(name);
    const std::string file = plain_text(deliverable ? deliverable->file : name);
    const CourseDocument* found = document(name);
    if (!found) return {false, fmt::format("{} isn't there: assay new {}", file, plain_text(name))};
    const Section* section = found->outline.find(heading);
    if (!section) return {false, fmt::format("{} has no '{}'", file, plain_text(heading))};
    const std::string place = fmt::format("{}:{}", plain_text(found->file), section->line);
    if (!found->outline.written(*section))
      return {false, fmt::format("'{}' isn't written yet ({})", plain_text(heading), place)};
    return {true, fmt::format("'{}' ({})", plain_text(heading), place)};
  }

  Answer figure() const {
    for (const CourseDocument& document : documents_) {
      for (const OutlineImage& image : document.outline.images) {
        const bool web = image.target.find("://") != std::string::npos;
        if (image.captioned && !web && document.deliverable->name != "readme")
          return {true,
                  fmt::format("a figure with a caption ({}:{})", plain_text(document.file), image.line)};
      }
    }
    if (runs_.figure) return {true, "a figure with a caption"};
    return {false, "no document has a figure with a caption: assay report RUN --into report.md fills one"};
  }

  Answer references() const {
    const References references = references_of(facts_, documents_);
    for (const CourseDocument& document : documents_) {
      for (const InlineCitation& c : document.outline.citations) {
        if (references.all.find(c.key))
          return {true, fmt::format("{} entries, cited ({}:{})", references.all.entries.size(),
                                    plain_text(document.file), c.line)};
      }
    }
    if (references.all.entries.empty()) return {false, "there is no BibTeX: write references.bib"};
    return {false,
            fmt::format("{} BibTeX entries, and nothing cites them: [@key]", references.all.entries.size())};
  }

  /// No error or unwritten part among the findings of these rules, or about the deliverable's document.
  Answer without_errors(std::string_view seen, const std::vector<std::string_view>& rules,
                        std::string_view deliverable) const {
    const CourseDocument* about = deliverable.empty() ? nullptr : document(deliverable);
    if (!deliverable.empty() && !about) return {false, "there is no README.md"};
    const std::string file = about ? plain_text(about->file) : "";
    std::vector<std::string> wrong;
    for (const Finding& f : findings_) {
      const bool by_rule = std::any_of(rules.begin(), rules.end(),
                                       [&](std::string_view rule) { return f.rule.starts_with(rule); });
      const bool by_file = about && f.file == file && f.rule.starts_with("document.");
      const bool unwritten = f.rule == "document.unwritten" || f.rule == "document.empty";
      if ((by_rule || by_file) && (f.severity == Severity::error || unwritten)) wrong.push_back(f.what);
    }
    if (wrong.empty()) return {true, std::string(seen)};
    return {false, wrong.size() == 1 ? wrong.front()
                                     : fmt::format("{}, and {} more", wrong.front(), wrong.size() - 1)};
  }

  Answer lock() const {
    const bool python = std::any_of(facts_.tree.files.begin(), facts_.tree.files.end(),
                                    [](const TreeFile& f) { return f.path.ends_with(".py"); });
    if (!python) return {true, "no language that needs a lock file"};
    if (!facts_.tree.file("uv.lock")) return {false, "there is no uv.lock: uv lock"};
    return without_errors("uv.lock", {"python."}, "");
  }

  Answer contributions() const {
    if (!facts_.git.known) return {false, "git's records can't be seen"};
    for (const Finding& f : findings_) {
      if (f.rule.starts_with("contributions.")) return {false, f.what};
    }
    const std::size_t authors = facts_.git.contributions.authors.size();
    if (authors < 2) return {false, "all commits are of one author"};
    return {true, fmt::format("commits of {} authors", authors)};
  }

  const plan::Course& course_;
  const RepositoryFacts& facts_;
  const std::vector<Finding>& findings_;
  const RunEvidence& runs_;
  std::vector<CourseDocument> documents_;
};

}  // namespace

RunEvidence evidence_of(const std::vector<const Report*>& reports) {
  RunEvidence all;
  for (const Report* report : reports) {
    const Planned& planned = report->planned;
    if (report->ran() == 0) continue;
    all.runs = true;
    all.where.push_back(plain_text(report->folder_name));
    const bool several = planned.treatments.size() > 1;
    all.baseline = all.baseline || std::any_of(report->comparisons.begin(), report->comparisons.end(),
                                               [](const Comparison& c) { return c.effect.has_value(); });
    all.ablation =
        all.ablation || (several && (planned.design == "factorial" ||
                                     planned.design == "one-factor-at-a-time" || !report->ladders.empty()));
    all.scaling = all.scaling || std::any_of(planned.factors.begin(), planned.factors.end(), scales);
    all.intervals =
        all.intervals || std::any_of(report->cells.begin(), report->cells.end(), [](const Cell& c) {
          return c.ending.outcome == Outcome::ok && c.value && c.value->interval &&
                 c.rounds >= kRoundsOfInterval;
        });
    all.hypotheses = all.hypotheses || !report->hypotheses.empty();
    all.controls = all.controls ||
                   std::any_of(report->controls.begin(), report->controls.end(),
                               [](const Control& c) { return c.kind == Role::same && c.ratio && !c.failed; });
    all.environment = all.environment || !report->machine.empty();
  }
  return all;
}

std::vector<GradedLine> grade(const plan::Course& course, const RepositoryFacts& facts,
                              const std::vector<Finding>& findings, const RunEvidence& runs) {
  const Grader grader(course, facts, findings, runs);
  std::vector<GradedLine> lines;
  for (const plan::RubricLine& rubric : course.rubric) lines.push_back(grader.line(rubric));
  return lines;
}

std::string grader_text(const std::vector<GradedLine>& lines, int width, bool color) {
  if (lines.empty()) return "";
  using State = GradedLine::State;
  TextTable table;
  table.title = "What a grader sees";
  table.columns = {{"", false, 9, 5}, {"points", true, 8, 5}, {"line", false, 9, 5}, {"found", false, 9, 5}};
  int seen = 0, missing = 0, human = 0;
  std::string part;
  for (const GradedLine& line : lines) {
    (line.state == State::seen ? seen : line.state == State::missing ? missing : human) += line.points;
    std::vector<TextCell> row(4);
    row[0].text = line.state == State::seen ? "✓" : line.state == State::missing ? "→" : "?";
    row[0].tone = line.state == State::seen      ? TextCell::Tone::good
                  : line.state == State::missing ? TextCell::Tone::bad
                                                 : TextCell::Tone::muted;
    row[1].text = fmt::format("{}", line.points);
    row[2].text = line.part.empty() ? line.text : fmt::format("{}: {}", line.part, line.text);
    row[3].text = line.what;
    table.rows.push_back(std::move(row));
  }
  table.caption = fmt::format(
      "✓ there, {} points; → to do, {}; ? needs a human, {}. Points are what a line is worth, not what it "
      "will get.",
      seen, missing, human);
  return drawn(table, width, color);
}

OrderedJson to_json(const std::vector<GradedLine>& lines) {
  OrderedJson list = OrderedJson::array();
  for (const GradedLine& line : lines) {
    list.push_back({{"part", line.part},
                    {"text", line.text},
                    {"points", line.points},
                    {"state", name_of(line.state)},
                    {"what", line.what}});
  }
  return list;
}

}  // namespace assay::reports::check
