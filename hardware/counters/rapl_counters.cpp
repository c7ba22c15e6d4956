// Energy by RAPL, as the kernel's powercap tree shows it: of whole packages and their memory, whoever used it. AMD's
// packages stand there under Intel's name. The registers tick about every millisecond, so only a long block means anything.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "hardware/counters/counters.hpp"

namespace assay::hardware {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kUnread = -1;

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::int64_t number_in(std::string_view text) {
  std::int64_t value = 0;
  return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc() ? value : kUnread;
}

/// One register: it counts microjoules up to its range and begins again at 0.
struct Zone {
  int descriptor = -1;
  std::int64_t range_uj = 0;
  std::int64_t before_uj = 0;
  std::int64_t after_uj = 0;

  std::int64_t now_uj() const {
    char text[32];
    const ssize_t got = ::pread(descriptor, text, sizeof text, 0);
    return got > 0 ? number_in({text, static_cast<std::size_t>(got)}) : kUnread;
  }
  /// Wrapped at most once: even at 300 W a package takes minutes to get round.
  std::int64_t used_uj() const {
    const std::int64_t used = after_uj - before_uj;
    return used >= 0 ? used : used + range_uj;
  }
  bool was_read() const {
    return before_uj != kUnread && after_uj != kUnread && (after_uj >= before_uj || range_uj != kUnread);
  }
};

/// The zones of one kind, or why there are none.
struct Domain {
  const char* counter;
  std::vector<Zone> zones;
  std::string reason;
};

class RaplCounters final : public worker::CounterSource {
 public:
  explicit RaplCounters(fs::path root) : root_(std::move(root)) {}
  RaplCounters(const RaplCounters&) = delete;
  RaplCounters& operator=(const RaplCounters&) = delete;
  ~RaplCounters() override { close(); }

  void open() override {
    close();
    for (Domain& domain : domains_) domain.reason.clear();
    std::vector<fs::path> zones;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(root_, none)) {
      if (entry.path().filename().string().starts_with("intel-rapl:")) zones.push_back(entry.path());
    }
    std::sort(zones.begin(), zones.end());
    for (const fs::path& zone : zones) {
      // "package-0", or "package-0-die-1"; below it "core", "uncore" and "dram". "psys" is the whole platform.
      const std::string name = first_line(zone / "name");
      if (name.starts_with("package")) open_zone(zone, domains_[0]);
      if (name == "dram") open_zone(zone, domains_[1]);
    }
    for (Domain& domain : domains_) {
      if (!domain.reason.empty()) {
        close(domain);  // of two packages one is no sum
      } else if (domain.zones.empty()) {
        domain.reason = zones.empty() ? fmt::format("RAPL: no energy registers in {} (virtual machine?)", root_.string())
                                      : "RAPL: this processor has no such register";
      }
    }
    start();
  }

  void start() override {
    for (Domain& domain : domains_) {
      for (Zone& zone : domain.zones) zone.after_uj = zone.before_uj = zone.now_uj();
    }
  }
  void stop() override {
    for (Domain& domain : domains_) {
      for (Zone& zone : domain.zones) zone.after_uj = zone.now_uj();
    }
  }

  Json read() const override {
    Json values = Json::object();
    for (const Domain& domain : domains_) {
      const bool all_read = std::all_of(domain.zones.begin(), domain.zones.end(), [](const Zone& z) { return z.was_read(); });
      std::int64_t used_uj = 0;
      for (const Zone& zone : domain.zones) used_uj += zone.used_uj();
      if (!domain.reason.empty()) {
        values[domain.counter] = {{"reason", domain.reason}};
      } else if (!all_read) {
        values[domain.counter] = {{"reason", "RAPL: a register could not be read"}};
      } else {
        values[domain.counter] = static_cast<double>(used_uj) * 1e-6;
      }
    }
    return values;
  }

 private:
  void open_zone(const fs::path& zone, Domain& domain) {
    const fs::path file = zone / "energy_uj";
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
      domain.reason = errno == EACCES || errno == EPERM
                          ? fmt::format("RAPL: {} may be read by root alone; run: sudo chmod a+r {}/intel-rapl:*/energy_uj",
                                        file.string(), root_.string())
                          : fmt::format("RAPL: {}: {}", file.string(), std::strerror(errno));
      return;
    }
    domain.zones.push_back({descriptor, number_in(first_line(zone / "max_energy_range_uj"))});
  }

  static void close(Domain& domain) {
    for (const Zone& zone : domain.zones) ::close(zone.descriptor);
    domain.zones.clear();
  }
  void close() {
    for (Domain& domain : domains_) close(domain);
  }

  fs::path root_;
  Domain domains_[2] = {{"energy_package_j", {}, "RAPL: not opened yet"}, {"energy_dram_j", {}, "RAPL: not opened yet"}};
};

}  // namespace

std::unique_ptr<worker::CounterSource> rapl_counters(std::filesystem::path root) {
  return std::make_unique<RaplCounters>(std::move(root));
}

}  // namespace assay::hardware
