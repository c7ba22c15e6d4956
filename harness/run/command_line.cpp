#include "harness/run/command_line.hpp"

#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <string_view>

namespace assay::run {

std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string experiment_word(const plan::Experiment& experiment) {
  const bool by_name = !experiment.suite.empty() || experiment.path.empty();
  return shell_word(by_name ? experiment.name : experiment.path.string());
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
