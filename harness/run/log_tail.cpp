#include "harness/run/log_tail.hpp"

#include <fmt/format.h>

#include <fstream>
#include <vector>

namespace assay::run {

namespace {

constexpr int kTailLines = 5;
constexpr std::size_t kLongestLine = 200;

}  // namespace

std::string tail_of_log(const std::filesystem::path& log) {
  std::ifstream in(log);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line.substr(0, kLongestLine));
    if (lines.size() > kTailLines) lines.erase(lines.begin());
  }
  std::string text;
  for (const std::string& line : lines) text += fmt::format("    | {}\n", line);
  return text;
}

void fill_empty_log(const std::filesystem::path& log, const std::string& output) {
  std::error_code failure;
  if (std::filesystem::file_size(log, failure) == 0 && !failure) std::ofstream(log, std::ios::binary) << output;
}

}  // namespace assay::run
