// A run of the fake worker, whose times are scripted, and what its journal says.
//
//     FakeWorker fake;
//     const Measured m = measure(fake, experiment(fake, "time_ns = [1000000, 1200000]"));
//     CHECK(blocks_of(m, "tail").empty());
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "harness/record/run_record.hpp"
#include "harness/run/supervisor.hpp"
#include "tests/catch.hpp"
#include "tests/harness/run/experiments.hpp"
#include "tests/harness/run/processes.hpp"

namespace assay::run::testing {

inline const InterruptFlag kNever{false};

/// What the person is told.
class Notebook : public Trace {
 public:
  void note(std::string_view line) override { notes.emplace_back(line); }
  void failure(std::string_view text) override { failures.emplace_back(text); }
  void progress(double fraction, std::string_view) override {
    decreased = decreased || fraction < last;
    last = fraction;
  }
  std::vector<std::string> notes, failures;
  double last = 0;
  bool decreased = false;
};

/// An experiment that takes one quad a round and so few rounds that a test can wait for it.
inline std::string experiment(const FakeWorker& fake, const std::string& factors, const std::string& more = "",
                       const std::string& options = "", const std::string& preset = "rounds = 3\nbudget_s = 0.1") {
  return fmt::format(R"(
[experiment]
name = "scripted"
question = "Does what goes in come out?"
seed = 585
{}
[worker]
command = ["{}"{}]
[factors]
{}
[presets.quick]
{}
)", more, fake.program().string(), options, factors, preset);
}

struct Measured {
  RunSummary summary;
  record::RunRecord record;
  std::vector<Json> journal;
  Notebook told;
};

inline Measured measure(const FakeWorker& fake, const std::string& text) {
  RunRequest request;
  request.plan = planned(text, "quick", fake.folder());
  request.machine.cpus = request.machine.cores = allowed_cpus();
  request.results = fake.folder() / "results";
  request.assay = {{"sha256", "x"}};
  Measured m;
  auto summary = run_experiment(request, m.told, kNever);
  if (!summary) FAIL(summary.error().message);
  m.summary = *std::move(summary);
  if (m.summary.failure) FAIL(m.summary.failure->message);
  auto record = record::read_run(m.summary.folder);
  if (!record) FAIL(record.error().message);
  m.record = *std::move(record);
  std::ifstream lines(m.summary.folder / "journal.jsonl");
  for (std::string line; std::getline(lines, line);) m.journal.push_back(*parse_json(line));
  CHECK(fake.processes().empty());
  return m;
}

/// Blocks of one phase.
inline std::vector<Json> blocks_of(const Measured& m, const std::string& phase) {
  std::vector<Json> found;
  for (const Json& line : m.journal) {
    if (line["type"] == "block" && line["phase"] == phase) found.push_back(line);
  }
  return found;
}

inline std::vector<Json> lines_of(const Measured& m, const std::string& type) {
  std::vector<Json> found;
  for (const Json& line : m.journal) {
    if (line["type"] == type) found.push_back(line);
  }
  return found;
}

}  // namespace assay::run::testing
