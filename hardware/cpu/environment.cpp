#include "hardware/cpu/environment.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <system_error>
#include <vector>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "hardware/cpu/clock_rate.hpp"
#include "hardware/cpu/control_group.hpp"
#include "hardware/cpu/fact.hpp"

namespace assay::hardware {

namespace {

namespace fs = std::filesystem;

/// The name that the hypervisor gives itself in CPUID leaf 0x40000000, in systemd-detect-virt's words.
Json hypervisor(const fs::path& root) {
#if defined(__x86_64__) || defined(__i386__)
  static_cast<void>(root);
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) return no_fact("the processor has no CPUID");
  if ((ecx >> 31 & 1) == 0) return "none";
  __cpuid(0x40000000, eax, ebx, ecx, edx);
  std::array<char, 13> name{};
  std::memcpy(name.data(), &ebx, 4);
  std::memcpy(name.data() + 4, &ecx, 4);
  std::memcpy(name.data() + 8, &edx, 4);
  constexpr std::pair<std::string_view, std::string_view> kKnown[] = {
      {"KVMKVMKVM", "kvm"},       {"Microsoft Hv", "hyperv"}, {"VMwareVMware", "vmware"}, {"XenVMMXenVMM", "xen"},
      {"TCGTCGTCGTCG", "qemu"},   {"bhyve bhyve ", "bhyve"},  {"prl hyperv  ", "parallels"}};
  for (const auto& [signature, word] : kKnown) {
    if (signature == name.data()) return std::string(word);
  }
  return "unknown";
#else
  if (fs::exists(root / "proc/device-tree/hypervisor")) {
    return text_fact(root / "proc/device-tree/hypervisor/compatible", "the device tree doesn't name it");
  }
  const auto vendor = text_of(root / "sys/class/dmi/id/sys_vendor");
  if (vendor == "QEMU" || vendor == "Amazon EC2" || vendor == "Google") return "unknown";
  return no_fact("neither CPUID nor the device tree tells on this architecture");
#endif
}

Json container(const fs::path& root) {
  if (fs::exists(root / ".dockerenv")) return "docker";
  if (fs::exists(root / "run/.containerenv")) return "podman";
  if (auto named = text_of(root / "run/systemd/container")) return *std::move(named);
  const std::string groups = text_of(root / "proc/1/cgroup").value_or("");
  for (const std::string_view word : {"docker", "kubepods", "lxc", "containerd"}) {
    if (groups.find(word) != std::string::npos) return std::string(word);
  }
  return "none";
}

/// "always [madvise] never" → "madvise"
Json huge_pages(const fs::path& root) {
  const auto text = text_of(root / "sys/kernel/mm/transparent_hugepage/enabled");
  const std::size_t open = text ? text->find('[') : std::string::npos;
  const std::size_t close = text ? text->find(']') : std::string::npos;
  if (open == std::string::npos || close == std::string::npos || close < open) {
    return no_fact("the kernel has no transparent_hugepage/enabled");
  }
  return text->substr(open + 1, close - open - 1);
}

/// kB fields of /proc/meminfo
std::optional<std::int64_t> meminfo_bytes(const std::string& meminfo, std::string_view key) {
  const auto field = field_of(meminfo, key);
  if (!field) return std::nullopt;
  std::istringstream words(*field);
  std::int64_t kibibytes = 0;
  return words >> kibibytes ? std::optional(kibibytes * 1024) : std::nullopt;
}

void add_memory_and_load(const fs::path& root, Json& facts) {
  const std::string meminfo = text_of(root / "proc/meminfo").value_or("");
  const auto total = meminfo_bytes(meminfo, "SwapTotal");
  const auto free = meminfo_bytes(meminfo, "SwapFree");
  const auto available = meminfo_bytes(meminfo, "MemAvailable");
  facts["memory_available_bytes"] = available ? Json(*available) : no_fact("/proc/meminfo has no MemAvailable");
  facts["swap_bytes"] = total ? Json(*total) : no_fact("/proc/meminfo has no SwapTotal");
  facts["swap_used_bytes"] = total && free ? Json(*total - *free) : no_fact("/proc/meminfo has no SwapFree");

  std::istringstream load(text_of(root / "proc/loadavg").value_or(""));
  double one_minute = 0;
  facts["load_average"] = load >> one_minute ? Json(one_minute) : no_fact("/proc/loadavg can't be read");

  // cpu  user nice system idle iowait irq softirq steal guest guest_nice; guest time is part of user and nice
  std::istringstream stat(text_of(root / "proc/stat").value_or(""));
  std::string word;
  std::array<double, 8> ticks{};
  double all = 0;
  stat >> word;
  for (double& tick : ticks) {
    stat >> tick;
    all += tick;
  }
  facts["steal_ratio"] = stat && word == "cpu" && all > 0 ? Json(ticks[7] / all)
                                                          : no_fact("/proc/stat has no steal time");
}

/// The files that list CPUs; a CPU that could be plugged in but isn't there is none that is offline.
void add_cpu_lists(const fs::path& root, Json& facts) {
  const fs::path cpus = root / "sys/devices/system/cpu";
  const auto list = [&](const char* file) -> Json {
    if (!fs::exists(cpus / file)) return no_fact(fmt::format("/sys/devices/system/cpu has no file '{}'", file));
    return parse_cpu_list(text_of(cpus / file).value_or(""));
  };
  facts["cpus_offline"] = list("offline");
  if (const auto present = text_of(cpus / "present"); present && facts["cpus_offline"].is_array()) {
    const auto there = parse_cpu_list(*present);
    auto offline = facts["cpus_offline"].get<std::vector<int>>();
    std::erase_if(offline, [&](int cpu) { return !std::binary_search(there.begin(), there.end(), cpu); });
    facts["cpus_offline"] = offline;
  }
  facts["cpus_isolated"] = list("isolated");
  facts["cpus_without_tick"] = list("nohz_full");
  const auto smt = integer_of(cpus / "smt/active");
  facts["smt"] = smt ? Json(*smt == 1) : no_fact("no smt/active below /sys/devices/system/cpu");
  facts["smt_control"] = text_fact(cpus / "smt/control", "no smt/control below /sys/devices/system/cpu");
}

/// "CONFIG_HZ=250" of the kernel's configuration, where the distribution leaves it.
Json timer_hz(const fs::path& root, const std::string& release) {
  std::istringstream lines(text_of(root / "boot" / ("config-" + release)).value_or(""));
  constexpr std::string_view kKey = "CONFIG_HZ=";
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(kKey)) return std::atoi(line.c_str() + kKey.size());
  }
  return no_fact("no /boot/config of this kernel");
}

void add_timing(const fs::path& root, const std::string& release, Json& facts) {
  const fs::path source = root / "sys/devices/system/clocksource/clocksource0";
  facts["clock_source"] = text_fact(source / "current_clocksource", "/sys doesn't show it");
  Json sources = Json::array();
  std::istringstream words(text_of(source / "available_clocksource").value_or(""));
  for (std::string word; words >> word;) sources.push_back(word);
  facts["clock_sources"] = sources.empty() ? no_fact("/sys doesn't show them") : sources;
  facts["timer_hz"] = timer_hz(root, release);
  const auto slack = integer_of(root / "proc/self/timerslack_ns");
  facts["timer_slack_s"] = slack ? Json(static_cast<double>(*slack) * 1e-9) : no_fact("/proc doesn't show it");
}

/// What shifts the stack and the heap of a program, and what a worker may reserve.
void add_layout(const fs::path& root, Json& facts) {
  const auto environment = text_of(root / "proc/self/environ");
  facts["environment_bytes"] = environment ? Json(environment->size()) : no_fact("/proc doesn't show it");
  facts["stack_limit_bytes"] = no_fact("/proc/self/limits has no stack size");
  std::istringstream lines(text_of(root / "proc/self/limits").value_or(""));
  constexpr std::string_view kKey = "Max stack size";
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(kKey)) continue;
    std::istringstream words(line.substr(kKey.size()));
    std::string soft;
    words >> soft;
    facts["stack_limit_bytes"] = soft == "unlimited" ? Json(soft) : Json(std::atoll(soft.c_str()));
  }
  facts["aslr"] = integer_fact(root / "proc/sys/kernel/randomize_va_space", "/proc doesn't show it");
  facts["overcommit_memory"] = integer_fact(root / "proc/sys/vm/overcommit_memory", "/proc doesn't show it");
  facts["transparent_huge_pages"] = huge_pages(root);
}

/// The performance monitoring units that count cycles and instructions, by the kernel's names.
Json counting_units(const fs::path& root, bool wsl2) {
  std::vector<std::string> units;
  std::error_code unreadable;
  for (const auto& device : fs::directory_iterator(root / "sys/bus/event_source/devices", unreadable)) {
    const std::string name = device.path().filename().string();
    if (name == "cpu" || name == "cpu_core" || name == "cpu_atom" || name.starts_with("armv")) units.push_back(name);
  }
  std::sort(units.begin(), units.end());
  if (!units.empty()) return units;
  return no_fact(wsl2 ? "WSL2 passes no counters on" : "no PMU: the hypervisor passes none on, or the kernel knows none");
}

}  // namespace

Json read_environment(const fs::path& root) {
  Json facts = Json::object();
  utsname system{};
  ::uname(&system);
  const std::string release = text_of(root / "proc/sys/kernel/osrelease").value_or(system.release);
  const bool wsl2 = release.find("microsoft") != std::string::npos || release.find("Microsoft") != std::string::npos;
  facts["kernel"] = fmt::format("{} {}", system.sysname, release);
  facts["architecture"] = system.machine;
  facts["wsl2"] = wsl2;
  facts["boot_id"] = text_fact(root / "proc/sys/kernel/random/boot_id", "/proc doesn't show it");
  facts["hypervisor"] = hypervisor(root);
  facts["container"] = container(root);
  facts["system_vendor"] = text_fact(root / "sys/class/dmi/id/sys_vendor", "no DMI table");
  facts["system_product"] = text_fact(root / "sys/class/dmi/id/product_name", "no DMI table");
  add_clock_rate(root, facts);
  add_cpu_lists(root, facts);
  add_timing(root, release, facts);
  add_layout(root, facts);
  facts["counting_units"] = counting_units(root, wsl2);
  facts["perf_event_paranoid"] =
      integer_fact(root / "proc/sys/kernel/perf_event_paranoid", "the kernel has no perf events");
  add_memory_and_load(root, facts);
  add_control_group(root, facts);
  return facts;
}

bool is_unavailable(const Json& fact) { return fact.is_object() && fact.contains("reason"); }

}  // namespace assay::hardware
