// Where things stand: found relative to the executable, so that a build tree and an installation work alike.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/plan/experiment.hpp"

namespace assay::cli {

struct AllPlaces {
  plan::Places plan;                  // suite search path and libexec
  std::filesystem::path templates;
  std::filesystem::path executable;
};

/// Suites: --suites, then ./suites upwards, then $ASSAY_SUITE_PATH, then the installed ones.
AllPlaces find_places(const std::vector<std::string>& suites_option);

/// Where the nearest assay.toml at or above here says that runs stand, else results/ here. An Error if that file has a mistake.
Result<std::filesystem::path> default_results();

}  // namespace assay::cli
