#include <algorithm>

#include "harness/core/statistic.hpp"
#include "harness/stats/multiplicity.hpp"
#include "reports/comparisons.hpp"
#include "reports/imported.hpp"
#include "reports/tails.hpp"

namespace assay::reports {

namespace {

using record::RunRecord;

bool has_replicate(const RunRecord& run, Role role) {
  return std::any_of(run.replicates.begin(), run.replicates.end(),
                     [&](const record::Replicate& r) { return r.role == role; });
}

std::string planted_reason(const RunRecord& run) {
  if (!run.calibration.is_object()) return "";
  const auto found = run.calibration.find("planted_reason");
  return found != run.calibration.end() && found->is_string() ? found->get<std::string>() : "";
}

Control control(const RunRecord& run, const Planned& planned, Role kind, int metric_index, int baseline,
                const std::string& statistic = "typical") {
  Control c;
  c.kind = kind;
  c.metric = metric_index;
  c.statistic = statistic;
  c.baseline = baseline;
  if (kind == Role::slowed) c.planted = run.slowed_by;
  const record::Side copy{.treatment = baseline, .role = kind};
  const record::Side original{.treatment = baseline, .role = Role::plain};
  if (const Ending ending = ending_of(run, original); !ending.ok()) {
    c.reason = "baseline_failed";
    return c;
  }
  if (const Ending ending = ending_of(run, copy); !ending.ok()) {
    c.reason = std::string(name_of(ending.outcome)) + ": " + ending.reason;
    return c;
  }
  const PlannedMetric& metric = planned.metrics[static_cast<std::size_t>(metric_index)];
  const Contrast found = contrast(run, planned, copy, original, metric, statistic, Scale::ratio);
  if (!found.estimate) {
    c.reason = has_replicate(run, kind) ? "no complete round holds both copies"
                                        : "this run has no second copy of the baseline";
    return c;
  }
  c.ratio = number_of(*found.estimate);
  c.p = found.estimate->p_t;
  if (!c.ratio->interval)
    c.reason = found.estimate->warnings.empty() ? "no interval" : found.estimate->warnings.front();
  return c;
}

Control absent(Role kind, int metric, std::string why) {
  Control c;
  c.kind = kind;
  c.metric = metric;
  c.reason = std::move(why);
  return c;
}

/// Several baselines are several chances of a false alarm; an honest table should be withheld in 1 % of
/// runs, not more.
void judge_family(std::vector<Control*> family) {
  std::vector<std::optional<double>> p;
  for (const Control* c : family) p.push_back(c->p);
  const auto adjusted = stats::holm_adjusted(p, p.size());
  for (std::size_t i = 0; i < family.size(); ++i) {
    family[i]->p_adjusted = adjusted[i];
    family[i]->failed = adjusted[i] && *adjusted[i] < kControlLevel;
  }
}

/// A percentile is noisier than the typical value and biased by other things: it has copies of its own to
/// face.
void add_percentile_controls(const RunRecord& run, const Planned& planned, int metric_index,
                             const std::string& statistic, std::vector<Control>& controls) {
  if (!percentile_of(statistic)) return;
  const PlannedMetric& metric = planned.metrics[static_cast<std::size_t>(metric_index)];
  const std::size_t first = controls.size();
  for (const int baseline : planned.baselines) {
    const record::Side plain{.treatment = baseline, .role = Role::plain};
    const bool there = ending_of(run, plain).ok() && !no_percentile(run, planned, plain, metric, statistic);
    if (there) controls.push_back(control(run, planned, Role::same, metric_index, baseline, statistic));
  }
  std::vector<Control*> family;
  for (std::size_t i = first; i < controls.size(); ++i) family.push_back(&controls[i]);
  judge_family(family);
}

}  // namespace

std::vector<Control> project_controls(const RunRecord& run, const Planned& planned) {
  std::vector<Control> controls;
  const int elapsed = run.elapsed_metric;
  for (std::size_t m = 0; m < planned.metrics.size(); ++m) {
    const PlannedMetric& metric = planned.metrics[m];
    if (!metric.primary || metric.metric.scope != Scope::block ||
        natural_scale(metric.metric) != Scale::ratio)
      continue;
    const std::size_t first = controls.size();
    for (const int baseline : planned.baselines) {
      controls.push_back(control(run, planned, Role::same, static_cast<int>(m), baseline));
    }
    std::vector<Control*> family;
    for (std::size_t i = first; i < controls.size(); ++i) family.push_back(&controls[i]);
    judge_family(family);
    for (const std::string& statistic : metric.statistics) {
      add_percentile_controls(run, planned, static_cast<int>(m), statistic, controls);
    }
    if (static_cast<int>(m) != elapsed) continue;
    if (has_replicate(run, Role::slowed)) {
      for (const int baseline : planned.baselines) {
        controls.push_back(control(run, planned, Role::slowed, elapsed, baseline));
      }
    } else if (const std::string why = planted_reason(run); !why.empty()) {
      controls.push_back(absent(Role::slowed, elapsed, why));
    }
  }
  const bool has_same =
      std::any_of(controls.begin(), controls.end(), [](const Control& c) { return c.kind == Role::same; });
  if (!has_same) {
    const std::string why = is_imported(planned)         ? "imported"
                            : planned.baselines.empty() ? "the experiment has no baseline"
                                                        : "no primary metric is timed in blocks and compared by ratio";
    controls.insert(controls.begin(), absent(Role::same, -1, why));
  }
  return controls;
}

bool controls_failed(const std::vector<Control>& controls, int metric, const std::string& statistic) {
  const std::string own = percentile_of(statistic) ? statistic : "typical";
  return std::any_of(controls.begin(), controls.end(),
                     [&](const Control& c) { return c.metric == metric && c.statistic == own && c.failed; });
}

}  // namespace assay::reports
