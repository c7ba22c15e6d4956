#include "hardware/cpu/clock_rate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>

#include "hardware/cpu/fact.hpp"

namespace assay::hardware {

namespace {

namespace fs = std::filesystem;

Json hertz(std::optional<std::int64_t> kilohertz, const std::string& reason) {
  return kilohertz ? Json(static_cast<double>(*kilohertz) * 1e3) : no_fact(reason);
}

void add_frequency(const fs::path& cpus, Json& facts) {
  const fs::path policy = cpus / "cpu0/cpufreq";
  const std::string reason = fs::exists(policy) ? "cpufreq doesn't say"
                                                : "no cpufreq directory: the hypervisor or the firmware decides";
  facts["governor"] = text_fact(policy / "scaling_governor", reason);
  facts["frequency_min_hz"] = hertz(integer_of(policy / "scaling_min_freq"), reason);
  facts["frequency_max_hz"] = hertz(integer_of(policy / "scaling_max_freq"), reason);
  facts["frequency_hardware_max_hz"] = hertz(integer_of(policy / "cpuinfo_max_freq"), reason);
  std::optional<std::int64_t> fastest;
  for (const int cpu : parse_cpu_list(text_of(cpus / "online").value_or("0"))) {
    const auto now = integer_of(cpus / fmt::format("cpu{}/cpufreq/scaling_cur_freq", cpu));
    if (now && (!fastest || *now > *fastest)) fastest = now;
  }
  facts["frequency_now_hz"] = hertz(fastest, reason);
  if (const auto no_turbo = integer_of(cpus / "intel_pstate/no_turbo")) {
    facts["turbo"] = *no_turbo == 0;
  } else if (const auto boost = integer_of(cpus / "cpufreq/boost")) {
    facts["turbo"] = *boost == 1;
  } else {
    facts["turbo"] = no_fact("neither intel_pstate/no_turbo nor cpufreq/boost is there");
  }
}

/// A laptop is on battery when it discharges: a supply of type Mains says "online" even for some docks without power.
void add_power_source(const fs::path& root, Json& facts) {
  bool battery = false, discharging = false, mains = false;
  Json ratio = no_fact("no battery");
  std::error_code unreadable;
  for (const auto& supply : fs::directory_iterator(root / "sys/class/power_supply", unreadable)) {
    const auto type = text_of(supply.path() / "type");
    if (text_of(supply.path() / "scope") == "Device") continue;  // of a mouse or keyboard
    if (type == "Battery") {
      battery = true;
      discharging |= text_of(supply.path() / "status") == "Discharging";
      if (const auto capacity = integer_of(supply.path() / "capacity")) ratio = static_cast<double>(*capacity) / 100;
    } else {
      mains |= integer_of(supply.path() / "online") == 1;
    }
  }
  facts["battery_ratio"] = ratio;
  if (discharging) {
    facts["power_source"] = "battery";
  } else if (battery || mains) {
    facts["power_source"] = "mains";
  } else {
    facts["power_source"] = no_fact("no power supply is shown: a desktop, a server or a virtual machine");
  }
  facts["power_profile"] = text_fact(root / "sys/firmware/acpi/platform_profile", "the firmware has no power profiles");
}

Json thermal_throttle_count(const fs::path& cpus) {
  std::optional<std::int64_t> count;
  for (const int cpu : parse_cpu_list(text_of(cpus / "online").value_or("0"))) {
    const auto events = integer_of(cpus / fmt::format("cpu{}/thermal_throttle/core_throttle_count", cpu));
    if (events) count = count.value_or(0) + *events;
  }
  return count ? Json(*count) : no_fact("the processor shows no thermal_throttle counts");
}

}  // namespace

void add_clock_rate(const fs::path& root, Json& facts) {
  const fs::path cpus = root / "sys/devices/system/cpu";
  add_frequency(cpus, facts);
  add_power_source(root, facts);
  facts["thermal_throttle_count"] = thermal_throttle_count(cpus);
}

}  // namespace assay::hardware
