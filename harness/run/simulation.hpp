// `[counters] simulate`: after the last round one more process a treatment, under Valgrind, whose block an emulator counts.
// Deterministic, some fifty times slower, and marked `simulated` wherever its numbers go.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/run/round.hpp"
#include "harness/run/session.hpp"

namespace assay::run {

/// An emulated process is given so many times the experiment's limits.
inline constexpr double kEmulatedPatience = 50;

/// The command under Callgrind, which writes its files as `out`<process>. An Error says why this command can't be.
Result<std::vector<std::string>> emulated_command(const std::vector<std::string>& command, const std::filesystem::path& out);

/// Every treatment that still stands: one iteration that fills the emulated caches, one that is counted, and its check.
/// What fails here costs the treatment its simulated counters and nothing else.
void simulate(Session& session, const Standing& standing);

}  // namespace assay::run
