#include "harness/run/command_line.hpp"

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

}  // namespace assay::run
