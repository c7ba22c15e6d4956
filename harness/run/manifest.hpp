// The manifest: everything a reader of a run needs to know besides its blocks. Holds no user, home or host name.
#pragma once

#include <string>
#include <vector>

#include "harness/core/json.hpp"
#include "harness/plan/plan.hpp"
#include "harness/run/launch.hpp"
#include "harness/run/session.hpp"

namespace assay::run {

/// One metric of the report, with what the experiment file says of it.
struct PlannedMetric {
  Metric metric;
  bool primary = false;
  std::vector<std::string> statistics{"typical"};
  double margin = 0.01;
  plan::Estimand estimand = plan::Estimand::typical;
};

/// The metrics of a run in the report's order: the primary ones, then those the file names, then the workers' others.
/// An Error if the file asks for a metric that no worker describes (and some worker did answer).
Result<std::vector<PlannedMetric>> planned_metrics(const plan::Experiment& experiment, const std::vector<Metric>& described);

struct ManifestParts {
  Json assay;                        // version, commit, dirty, compiler, flags, build_type, sha256
  std::vector<Json> ledger;
  std::vector<std::string> command_line;
  std::string started;
  Json published;                    // rows of papers, or null
  Json workers = Json::object();
};

/// As docs/FORMAT.md describes it.
OrderedJson manifest(const plan::Plan& plan, const Machine& machine, const std::vector<PlannedMetric>& metrics,
                     const ManifestParts& parts);

/// SHA-256 of the kernel's boot id: tells boots apart without naming one.
std::string boot_id_sha256();

}  // namespace assay::run
