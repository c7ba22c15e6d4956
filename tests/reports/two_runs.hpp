// The ladder and the comparison of runs.hpp, written and read once for all tests of a program.
#pragma once

#include "tests/reports/runs.hpp"

namespace assay::reports::test {

/// Two runs of two experiments, read once: no test changes them.
struct Runs {
  TemporaryFolder results;
  Reported ladder = reported(results.path(), ladder_run());
  Reported comparison = reported(results.path(), [] {
    FakeRun fake = comparison_run();
    fake.folder_name = "20261125T080000Z-5e6f7a8b";
    return fake;
  }());
};
inline const Runs& runs() {
  static const Runs all;
  return all;
}

}  // namespace assay::reports::test
