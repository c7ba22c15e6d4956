#include "hardware/counters/threads.hpp"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <string>

namespace assay::hardware {

std::vector<pid_t> threads_of_this_process() {
  std::vector<pid_t> threads;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task", ignored)) {
    const std::string name = entry.path().filename().string();
    pid_t thread = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), thread).ec == std::errc()) threads.push_back(thread);
  }
  if (threads.empty()) threads.push_back(0);  // no /proc: the calling thread and those that it starts
  return threads;
}

bool is_thread_of_this_process(pid_t thread) {
  std::error_code ignored;
  return std::filesystem::exists(fmt::format("/proc/self/task/{}", thread), ignored);
}

}  // namespace assay::hardware
