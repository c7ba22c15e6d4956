// An experiment that Assay makes up for itself (the doctor's): measured by the same pipeline as every other, read back, and gone.
//
//     const auto measured = measure_own({.text = kExperiment, .name = "doctor-blas", .machine = machine}, places, trace, interrupt);
//     if (measured) look_at(measured->report);
#pragma once

#include <string>
#include <vector>

#include "harness/plan/experiment.hpp"
#include "harness/record/run_record.hpp"
#include "harness/run/supervisor.hpp"
#include "reports/report.hpp"

namespace assay::cli {

struct OwnExperiment {
  std::string text;  // of an experiment file with preset quick
  std::string name;  // of the experiment, in the record
  run::Machine machine;
  std::vector<std::string> command_line = {"assay", "doctor"};
  run::CalibrationSettings calibration = {};
};

struct OwnMeasurement {
  record::RunRecord run;  // whose folder is gone
  reports::Report report;
};

/// The caller holds the machine's lock.
Result<OwnMeasurement> measure_own(OwnExperiment experiment, const plan::Places& places, run::Trace& trace, const run::InterruptFlag& interrupt);

}  // namespace assay::cli
