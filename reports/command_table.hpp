// A run of commands as people read it: one row a command, its time against the baseline's, and beside it what
// it used.
//
//     if (compares_commands(report)) table = command_table(report);
#pragma once

#include <string>
#include <vector>

#include "reports/report.hpp"
#include "reports/tables.hpp"

namespace assay::reports {

/// A run of `assay compare -- 'cmd A' -- 'cmd B'`: commands are all that varies.
bool compares_commands(const Report& report);

/// command | wall_s [interval] | ratio [interval] | verdict | cpu_s | peak memory; exit statuses where one
/// isn't 0.
TextTable command_table(const Report& report);

/// One for each comparison of the running time: "sleep 0.021 is 1.050× as slow as sleep 0.020
/// [1.048, 1.052]."
std::vector<std::string> command_sentences(const Report& report);

/// The baseline against itself, in running time.
std::vector<std::string> command_controls(const Report& report);

/// The table as Markdown, with the sentences and controls below it.
std::string commands_markdown(const Report& report);

/// One row a command:
/// `command,outcome,wall_s,wall_s_low,wall_s_high,ratio,ratio_low,ratio_high,verdict,cpu_s,peak_memory_bytes,
/// exit_status,rounds`. Values in base units, empty where there is nothing.
std::string commands_csv(const Report& report);

}  // namespace assay::reports
