#include "hardware/counters/callgrind_counters.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace assay::hardware {

namespace {

// Of valgrind.h and callgrind.h, which have been the same since 2002; written down so that no header is needed.
constexpr std::uintptr_t kRunningOnValgrind = 0x1001;
constexpr std::uintptr_t kCallgrind = std::uintptr_t{'C'} << 24 | std::uintptr_t{'T'} << 16;
constexpr std::uintptr_t kDump = kCallgrind + 0;  // writes a file and sets the counts to zero
constexpr std::uintptr_t kZero = kCallgrind + 1;
constexpr std::uintptr_t kStartInstrumentation = kCallgrind + 4;

/// A client request: rotations by 128 bits in all, which change nothing, until Valgrind sees them. 0 outside of it.
std::uintptr_t request(std::uintptr_t code) {
  std::uintptr_t answer = 0;
#if defined(__x86_64__) && defined(__GNUC__)
  const volatile std::uintptr_t arguments[6] = {code, 0, 0, 0, 0, 0};
  __asm__ volatile("rolq $3,  %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi; xchgq %%rbx,%%rbx"
                   : "=d"(answer)
                   : "a"(&arguments[0]), "0"(answer)
                   : "cc", "memory");
#else
  static_cast<void>(code);
#endif
  return answer;
}

std::string text_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

class CallgrindCounters final : public worker::CounterSource {
 public:
  explicit CallgrindCounters(std::string out) : out_(std::move(out)) {}

  void open() override {}
  void start() override {
    if (dumps_ == 0) request(kStartInstrumentation);  // from the first block on: preparing at full emulation would take minutes
    request(kZero);
  }
  void stop() override {
    request(kDump);
    ++dumps_;
  }

  Json read() const override {
    auto totals = callgrind_totals(text_of(fmt::format("{}{}.{}", out_, ::getpid(), dumps_)));
    if (totals) return *std::move(totals);
    Json reasons = Json::object();
    for (const char* name : {"instructions", "l1d_misses", "llc_misses", "branch_misses"}) {
      reasons[name] = {{"reason", totals.error().message}};
    }
    return reasons;
  }

 private:
  std::string out_;
  int dumps_ = 0;
};

}  // namespace

Result<Json> callgrind_totals(std::string_view text) {
  std::istringstream lines{std::string(text)};
  std::vector<std::string> events;
  std::map<std::string, std::int64_t> counts;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key;
    words >> key;
    if (key == "events:") {
      for (std::string event; words >> event;) events.push_back(event);
    } else if (key == "totals:") {
      counts.clear();
      for (const std::string& event : events) {
        std::int64_t count = 0;
        counts[event] = words >> count ? count : 0;  // zeros at the end of the line are left out
      }
    }
  }
  const auto sum = [&counts](std::initializer_list<const char*> of) {
    std::int64_t total = 0;
    for (const char* event : of) total += counts.at(event);
    return total;
  };
  for (const char* event : {"Ir", "D1mr", "D1mw", "ILmr", "DLmr", "DLmw", "Bcm", "Bim"}) {
    if (!counts.count(event)) return Error{fmt::format("Callgrind: its file has no total of {}", event)};
  }
  return Json{{"instructions", sum({"Ir"})},
              {"l1d_misses", sum({"D1mr", "D1mw"})},
              {"llc_misses", sum({"ILmr", "DLmr", "DLmw"})},
              {"branch_misses", sum({"Bcm", "Bim"})}};
}

std::unique_ptr<worker::CounterSource> callgrind_counters() {
  const char* out = std::getenv("ASSAY_CALLGRIND_OUT");
  if (!out || request(kRunningOnValgrind) == 0) return nullptr;
  return std::make_unique<CallgrindCounters>(out);
}

}  // namespace assay::hardware
