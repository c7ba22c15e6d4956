// Experiments as text, planned: what the tests of this room measure.
#pragma once

#include <string>
#include <string_view>

#include "harness/plan/plan.hpp"
#include "tests/catch.hpp"

namespace assay::run::testing {

/// The plan of an experiment file with this text; `folder` is where its commands run.
inline plan::Plan planned(std::string_view text, std::string_view preset = "quick",
                          const std::filesystem::path& folder = std::filesystem::temp_directory_path()) {
  auto experiment = plan::parse_experiment(text, "fake.toml", folder / "fake.toml", {});
  if (!experiment) FAIL(experiment.error().message);
  auto chosen = experiment->preset(preset);
  if (!chosen) FAIL(chosen.error().message);
  auto plan = plan::make_plan(*std::move(experiment), *std::move(chosen));
  if (!plan) FAIL(plan.error().message);
  return *std::move(plan);
}

}  // namespace assay::run::testing
