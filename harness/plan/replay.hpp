// What `assay replay` adds to the frozen experiment of a stored run: which run is done again, and which of its
// treatments. It is the file's last table, so that what stands before it is the stored run's to the byte.
//
//     [replay]
//     run            = "20261128T101500Z-1a2b3c4d"
//     journal_sha256 = "<64 hexadecimal digits>"
//     treatments     = [{ precision = "fp32", batch = 1 }, { precision = "int8", batch = 1 }]   # absent: all
//
//     const Replay replay{"20261128T101500Z-1a2b3c4d", hash, treatments_for(*plan, {4})};
//     const std::string text = frozen + replay_table(replay);
#pragma once

#include <string>
#include <vector>

#include "harness/core/treatment.hpp"

namespace assay::plan {

struct Plan;

struct Replay {
  std::string run;                    // name of its folder
  std::string journal_sha256;
  std::vector<Treatment> treatments;  // each with all factors; empty: all of the design
};

/// The table as text, with a newline and a comment before it.
std::string replay_table(const Replay& replay);

/// The treatments that `picked` (indexes into plan.treatments) can't be judged without, in plan order: themselves,
/// what a table or hypothesis holds them against, and every one's baseline.
std::vector<Treatment> treatments_for(const Plan& plan, const std::vector<int>& picked);

}  // namespace assay::plan
