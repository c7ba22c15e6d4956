#include "hardware/cpu/busy_processes.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <system_error>

#include "hardware/cpu/kernel_files.hpp"

namespace assay::hardware {

namespace {

namespace fs = std::filesystem;

/// pid (name) state ppid … : utime and stime are the 14th and 15th field, the start is the 22nd. The name may hold
/// blanks and parentheses.
bool parse_stat(const std::string& text, ProcessTime& time, std::int64_t& start) {
  const std::size_t open = text.find('('), close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open) return false;
  time.name = text.substr(open + 1, close - open - 1);
  for (char& c : time.name) {
    if (c < ' ' || c > '~') c = '?';
  }
  std::istringstream words(text.substr(close + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) words >> skipped;
  std::int64_t user = 0, system = 0;
  words >> user >> system;
  for (int field = 16; field < 22; ++field) words >> skipped;
  words >> start;
  time.cpu_s = static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return static_cast<bool>(words);
}

}  // namespace

ProcessTimes read_process_times(const fs::path& root) {
  ProcessTimes times;
  std::error_code unreadable;
  for (const auto& entry : fs::directory_iterator(root / "proc", unreadable)) {
    const std::string folder = entry.path().filename().string();
    int pid = 0;
    const auto [end, error] = std::from_chars(folder.data(), folder.data() + folder.size(), pid);
    if (error != std::errc() || end != folder.data() + folder.size()) continue;
    ProcessTime time;
    std::int64_t start = 0;
    if (parse_stat(text_of(entry.path() / "stat").value_or(""), time, start)) times[{pid, start}] = time;
  }
  return times;
}

std::vector<BusyProcess> busiest(const ProcessTimes& before, const ProcessTimes& after, double seconds,
                                 const std::set<int>& apart, std::size_t most) {
  constexpr double kLeast = 0.01;
  std::vector<BusyProcess> busy;
  for (const auto& [process, time] : after) {
    if (apart.contains(process.first) || seconds <= 0) continue;
    const auto earlier = before.find(process);  // not there: it was started in between
    const double cpus = (time.cpu_s - (earlier == before.end() ? 0 : earlier->second.cpu_s)) / seconds;
    if (cpus >= kLeast) busy.push_back({process.first, time.name, cpus});
  }
  std::stable_sort(busy.begin(), busy.end(), [](const auto& a, const auto& b) { return a.cpus > b.cpus; });
  if (busy.size() > most) busy.resize(most);
  return busy;
}

}  // namespace assay::hardware
