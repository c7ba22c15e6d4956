// The readers of an experiment file's tables, each in the .cpp that its group names. They fill a Draft; the
// order in which experiment_file.cpp calls them matters, since the baseline can't be read before the factors.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/plan/document.hpp"
#include "harness/plan/experiment.hpp"
#include "harness/plan/section.hpp"

namespace assay::plan {

/// An experiment while it is being read, with the lines that later checks name.
struct Draft {
  explicit Draft(std::string_view shown_name) : mistakes(shown_name) { experiment.shown_name = shown_name; }

  Experiment experiment;
  Mistakes mistakes;
  int experiment_line = 1;
  int baseline_line = 1;
  int suite_line = 1;
  int published_line = 1;
  int workers_line = 1;           // of [worker], the first [workers.X], or `suite`
  int import_line = 0;            // of [import]; 0: there is none
  std::vector<int> worker_lines;  // beside experiment.workers, where the file itself has them
};

/// The tables of `[[key]]`, with their lines. A single [key] is a mistake.
std::vector<std::pair<const document::Table*, int>> tables_of(const document::Table& root,
                                                              std::string_view key, Mistakes& mistakes);

// ── design_sections.cpp ───────────────────────────────────────────────────────────────────────────
void read_factors(const Section& root, Draft& draft);  // [factors], [controls], [[treatment]]
void read_baseline(const Section& experiment, Draft& draft);
void read_excludes(const Section& root, Draft& draft);  // and whether any treatment is left

// ── metric_sections.cpp ───────────────────────────────────────────────────────────────────────────
void read_metrics(const Section& root, Draft& draft);
void read_hypotheses(const Section& root, Draft& draft);

// ── setting_sections.cpp ──────────────────────────────────────────────────────────────────────────
void read_limits(const Section& root, Draft& draft);
void read_presets(const Section& root, Draft& draft);
void read_table(const Section& root, Draft& draft);
void read_peak(const Section& root, Draft& draft);
void read_counters(const Section& root, Draft& draft);

// ── process_sections.cpp ──────────────────────────────────────────────────────────────────────────
void read_processes(const Section& root, Draft& draft);  // [command], [commands.X], [worker], [workers.X]
/// `when` of a worker or command: factor → level or list of levels.
When read_when(const document::Table& table, const std::string& title, Mistakes& mistakes);
/// A `when` of the experiment's own programs speaks of its factors and controls; a suite's may speak of
/// others'. `whose`: "worker 'torch'".
void check_when(const When& when, std::string_view whose, int line, Draft& draft);
/// Placeholders other than factors, controls and `more` are mistakes.
void check_placeholders(const Section& section, std::string_view key, const std::string& text,
                        const std::vector<std::string>& more, const Draft& draft);
/// One worker of an experiment or a suite. `keys` are those it may have; [worker] has no `when`.
WorkerSpec read_worker(const document::Table& table, int line, const std::string& title,
                       const std::string& name, const std::vector<std::string>& keys, Mistakes& mistakes);
/// Whether the factor `worker` (of commands, `command`) names programs that exist, and every treatment has
/// one.
void check_programs(Draft& draft);

// ── command_sections.cpp ──────────────────────────────────────────────────────────────────────────
void read_command(const Section& root, Draft& draft);   // [command]
void read_commands(const Section& root, Draft& draft);  // [commands.X]

// ── import_section.cpp ────────────────────────────────────────────────────────────────────────────
/// [import]: that nothing here did the work, and where the results are from.
void read_import(const Section& root, Draft& draft);

// ── against.cpp ───────────────────────────────────────────────────────────────────────────────────
/// [against]: doubles the treatments. After everything that a design is made of.
void read_against(const Section& root, Draft& draft);

// ── replay.cpp ────────────────────────────────────────────────────────────────────────────────────
/// [replay]: leaves the treatments that it names. After everything that makes or changes a design.
void read_replay(const Section& root, Draft& draft);

// ── experiment.cpp ────────────────────────────────────────────────────────────────────────────────
/// What every execution of a command gives: wall_s, cpu_s, peak_memory_bytes, exit_status. A Google Benchmark
/// executable chooses its iterations itself, so that its process's times say nothing: there time_s and cpu_s
/// are an iteration's.
std::vector<Metric> free_command_metrics(bool google_benchmark);
/// METHODOLOGY's settings under that name: paper has 15 rounds and the slowed control, all others 7 rounds.
Preset default_preset(std::string_view name);

// ── requirement.cpp ───────────────────────────────────────────────────────────────────────────────
/// What is wrong with the text of a requirement, e.g. "cpuavx"; nullopt if it is well formed.
std::optional<std::string> requirement_problem(std::string_view text);

inline constexpr std::size_t kMostTreatments = 10'000;

}  // namespace assay::plan
