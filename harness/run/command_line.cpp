#include "harness/run/command_line.hpp"

#include <unistd.h>

#include <cstdlib>
#include <sstream>

namespace assay::run {

std::string experiment_word(const plan::Experiment& experiment) {
  const bool by_name = !experiment.suite.empty() || experiment.path.empty();
  std::string words = shell_word(by_name ? experiment.name : experiment.path.string());
  for (const std::string& set : experiment.set) words += " --set " + shell_word(set);
  return words;
}

std::filesystem::path find_program(const std::string& word, const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  const auto can_run = [](const fs::path& path) {
    std::error_code failure;
    return fs::is_regular_file(path, failure) && access(path.c_str(), X_OK) == 0;
  };
  if (word.find('/') != std::string::npos) return can_run(folder / word) ? folder / word : fs::path();
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "/bin:/usr/bin");  // as execvp has it
  for (std::string part; std::getline(folders, part, ':');) {
    const fs::path candidate = (part.empty() ? folder : folder / part) / word;
    if (can_run(candidate)) return candidate;
  }
  return {};
}

}  // namespace assay::run
