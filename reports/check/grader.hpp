// What a grader sees: the rubric's lines, each with what was found for it, what is missing, or that a human
// must look.
//
//     const RunEvidence runs = evidence_of(reports);
//     for (const GradedLine& line : grade(course, facts, findings, runs)) …
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/json.hpp"
#include "harness/plan/course.hpp"
#include "reports/check/finding.hpp"
#include "reports/check/repository.hpp"
#include "reports/report.hpp"

namespace assay::reports::check {

/// What the runs on record show, by the words of plan::kEvidence. `report` and `figure` are about documents,
/// and for whoever checks those to set.
struct RunEvidence {
  bool runs = false, baseline = false, ablation = false, scaling = false, intervals = false,
       hypotheses = false, controls = false;
  bool report = false, figure = false, environment = false;
  std::vector<std::string> where;  // the runs, by name
};

RunEvidence evidence_of(const std::vector<const Report*>& reports);

struct GradedLine {
  enum class State { seen, missing, human };
  std::string part, text;
  int points = 0;
  State state = State::human;
  std::string what;  // what was found and where, or what is missing and what to do
};

constexpr std::string_view name_of(GradedLine::State state) {
  return state == GradedLine::State::seen      ? "seen"
         : state == GradedLine::State::missing ? "missing"
                                               : "human";
}

/// In the rubric's order. A line is seen if all of its evidence is there, and without evidence it is for a
/// human.
std::vector<GradedLine> grade(const plan::Course& course, const RepositoryFacts& facts,
                              const std::vector<Finding>& findings, const RunEvidence& runs);

/// "What a grader sees", a line each, grouped by part, with the points that are seen, missing and a human's.
std::string grader_text(const std::vector<GradedLine>& lines, int width, bool color);

/// A list of {part, text, points, state, what}.
OrderedJson to_json(const std::vector<GradedLine>& lines);

}  // namespace assay::reports::check
