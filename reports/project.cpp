#include <fmt/format.h>

#include <algorithm>

#include "harness/core/shell_word.hpp"
#include "reports/diagnostics.hpp"
#include "reports/hidden_factors.hpp"
#include "reports/idle_factors.hpp"
#include "reports/report.hpp"

namespace assay::reports {

namespace {

const Json& object_at(const Json& object, const char* key) {
  static const Json none = Json::object();
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? *found : none;
}

/// " --set dataset=fashion-mnist": what the run was given, for those who add to it.
std::string set_words(const Json& manifest) {
  std::string words;
  const auto given = manifest.find("command_line");
  if (given == manifest.end() || !given->is_array()) return words;
  for (std::size_t i = 0; i + 1 < given->size(); ++i) {
    if ((*given)[i] == "--set" && (*given)[i + 1].is_string()) words += " --set " + shell_word((*given)[i + 1].get<std::string>());
  }
  return words;
}

/// How many runs of the same plan were started up to this one: one that was run until it pleased has many.
int runs_in_ledger(const Json& manifest, const std::string& experiment_sha256) {
  const auto ledger = manifest.find("ledger");
  if (ledger == manifest.end() || !ledger->is_array()) return 0;
  return static_cast<int>(std::count_if(ledger->begin(), ledger->end(), [&](const Json& line) {
    return text_at(line, "experiment_sha256") == experiment_sha256;
  }));
}

}  // namespace

const Limit* Report::peak() const {
  const auto found =
      std::find_if(limits.begin(), limits.end(), [](const Limit& l) { return l.level.empty(); });
  return found == limits.end() ? nullptr : &*found;
}

int Report::ran() const {
  return static_cast<int>(
      std::count_if(cells.begin(), cells.end(), [](const Cell& c) { return c.ending.ok(); }));
}

int Report::unsupported() const {
  return static_cast<int>(std::count_if(
      cells.begin(), cells.end(), [](const Cell& c) { return c.ending.outcome == Outcome::unsupported; }));
}

int Report::failed() const {
  return static_cast<int>(cells.size()) - ran() - unsupported();
}

Result<Report> project(const record::RunRecord& run) {
  auto planned = read_planned(run);
  if (!planned) return planned.error();
  Report report;
  report.planned = *std::move(planned);
  report.folder_name = record::run_name(run.folder);
  report.experiment = run.experiment;
  report.preset = run.preset;
  // An experiment outside a suite is named by its file, which the folder doesn't know.
  const bool in_suite = !text_at(object_at(run.manifest, "experiment"), "suite").empty();
  report.experiment_word = (in_suite ? run.experiment : "EXPERIMENT") + set_words(run.manifest);
  report.stopped_by = run.stopped_by;
  report.started = text_at(run.manifest, "started");
  const Json& build = object_at(run.manifest, "assay");
  report.assay = text_at(build, "version");
  if (const std::string commit = text_at(build, "commit"); !commit.empty())
    report.assay += ", commit " + commit;
  report.experiment_sha256 = text_at(object_at(run.manifest, "experiment"), "sha256");
  report.run_of_plan = runs_in_ledger(run.manifest, report.experiment_sha256);
  report.elapsed_metric = run.elapsed_metric;

  const Planned& plan = report.planned;
  report.cells = project_cells(run, plan);
  report.controls = project_controls(run, plan);
  report.comparisons = project_comparisons(run, plan, report.cells, report.controls);
  report.effects = project_effects(run, plan, report.cells, report.controls);
  report.best = project_best(run, plan, report.cells, report.controls);
  report.rounds_to_settle = rounds_to_settle(run, plan, report.comparisons);
  report.hypotheses = project_hypotheses(run, plan, report.cells, report.controls);
  report.carry_over = project_carry_over(run, plan, report.comparisons);
  report.ladders = project_ladders(plan, run.elapsed_metric, report.cells, report.comparisons);
  report.limits = Limits(run, plan).all();
  report.warnings = project_warnings(run, plan, report.cells, report.comparisons, report.controls,
                                     report.carry_over, report.ladders);
  for (Warning& warning : effect_warnings(plan, report.effects))
    report.warnings.push_back(std::move(warning));
  for (Warning& warning : project_diagnostics(run, plan, report.cells, report.comparisons))
    report.warnings.push_back(std::move(warning));
  for (Warning& warning : hidden_factor_warnings(run, plan)) report.warnings.push_back(std::move(warning));
  for (Warning& warning : idle_factor_warnings(run, plan, report.cells))
    report.warnings.push_back(std::move(warning));
  report.tail_curves = tail_curves(run, plan);
  report.counters = project_counters(run, plan);
  report.counter_lines = counter_lines(run, plan, report.counters);
  for (Warning& warning : counter_warnings(run, plan, report.counters))
    report.warnings.push_back(std::move(warning));
  report.costs = project_costs(run);
  report.imported = read_imported(run.manifest);
  report.machine = machine_line(run.manifest);
  report.libraries = library_line(run.manifest);
  report.inputs = input_line(run.manifest);
  return report;
}

}  // namespace assay::reports
