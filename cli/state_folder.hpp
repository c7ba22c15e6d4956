// The user's state folder: what Assay knows of this machine between runs.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace assay::cli {

/// $XDG_STATE_HOME/assay, else ~/.local/state/assay; empty if neither is set.
inline std::filesystem::path state_folder() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state && *state) return std::filesystem::path(state) / "assay";
  if (const char* home = std::getenv("HOME"); home && *home) return std::filesystem::path(home) / ".local" / "state" / "assay";
  return {};
}

}  // namespace assay::cli
