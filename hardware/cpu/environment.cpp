#include "hardware/cpu/environment.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <array>
#include <cstring>
#include <sstream>
#include <vector>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "hardware/cpu/kernel_files.hpp"

namespace assay::hardware {

namespace {

namespace fs = std::filesystem;

Json unavailable(std::string reason) { return {{"reason", std::move(reason)}}; }

Json text_or(const fs::path& file, std::string reason) {
  if (auto text = text_of(file)) return *std::move(text);
  return unavailable(std::move(reason));
}

Json integer_or(const fs::path& file, std::string reason) {
  if (const auto value = integer_of(file)) return *value;
  return unavailable(std::move(reason));
}

/// The name that the hypervisor gives itself in CPUID leaf 0x40000000, in systemd-detect-virt's words.
Json hypervisor(const fs::path& root) {
#if defined(__x86_64__) || defined(__i386__)
  static_cast<void>(root);
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) return unavailable("the processor has no CPUID");
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
    return text_or(root / "proc/device-tree/hypervisor/compatible", "the device tree doesn't name it");
  }
  const auto vendor = text_of(root / "sys/class/dmi/id/sys_vendor");
  if (vendor == "QEMU" || vendor == "Amazon EC2" || vendor == "Google") return "unknown";
  return unavailable("neither CPUID nor the device tree tells on this architecture");
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

Json kilohertz_or(const fs::path& file, const std::string& reason) {
  const auto value = integer_of(file);
  return value ? Json(static_cast<double>(*value) * 1e3) : unavailable(reason);
}

void add_frequency(const fs::path& root, Json& facts) {
  const fs::path cpu = root / "sys/devices/system/cpu";
  const std::string reason = fs::exists(cpu / "cpu0/cpufreq")
                                 ? "cpufreq doesn't say"
                                 : "no cpufreq directory: the hypervisor or the firmware decides";
  facts["governor"] = text_or(cpu / "cpu0/cpufreq/scaling_governor", reason);
  facts["frequency_min_hz"] = kilohertz_or(cpu / "cpu0/cpufreq/scaling_min_freq", reason);
  facts["frequency_max_hz"] = kilohertz_or(cpu / "cpu0/cpufreq/scaling_max_freq", reason);
  if (const auto no_turbo = integer_of(cpu / "intel_pstate/no_turbo")) {
    facts["turbo"] = *no_turbo == 0;
  } else if (const auto boost = integer_of(cpu / "cpufreq/boost")) {
    facts["turbo"] = *boost == 1;
  } else {
    facts["turbo"] = unavailable("neither intel_pstate/no_turbo nor cpufreq/boost is there");
  }
  const auto smt = integer_of(cpu / "smt/active");
  facts["smt"] = smt ? Json(*smt == 1) : unavailable("no smt/active below /sys/devices/system/cpu");
}

/// "always [madvise] never" → "madvise"
Json huge_pages(const fs::path& root) {
  const auto text = text_of(root / "sys/kernel/mm/transparent_hugepage/enabled");
  const std::size_t open = text ? text->find('[') : std::string::npos;
  const std::size_t close = text ? text->find(']') : std::string::npos;
  if (open == std::string::npos || close == std::string::npos || close < open) {
    return unavailable("the kernel has no transparent_hugepage/enabled");
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
  facts["swap_bytes"] = total ? Json(*total) : unavailable("/proc/meminfo has no SwapTotal");
  facts["swap_used_bytes"] = total && free ? Json(*total - *free) : unavailable("/proc/meminfo has no SwapFree");

  std::istringstream load(text_of(root / "proc/loadavg").value_or(""));
  double one_minute = 0;
  facts["load_average"] = load >> one_minute ? Json(one_minute) : unavailable("/proc/loadavg can't be read");

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
                                                          : unavailable("/proc/stat has no steal time");
}

/// The smallest limit at or above this process's group; `read` gives one folder's own.
template <class Read>
Json smallest_limit(const fs::path& mount, const std::string& group, Read read) {
  std::optional<double> smallest;
  fs::path folder = mount / fs::path(group).relative_path();
  if (!fs::exists(folder)) folder = mount;  // inside a container the path is the host's
  for (;;) {
    const std::optional<double> limit = read(folder);
    if (limit && (!smallest || *limit < *smallest)) smallest = limit;
    if (folder == mount || !folder.has_relative_path() || folder.parent_path() == folder) break;
    folder = folder.parent_path();
  }
  return smallest ? Json(*smallest) : Json("none");
}

/// This process's group in the hierarchy of `controller`; "" is version 2's.
std::string group_of(const std::string& cgroup_file, std::string_view controller) {
  std::istringstream lines(cgroup_file);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    std::istringstream names(line.substr(first + 1, second - first - 1));
    bool found = controller.empty() && second == first + 1;
    for (std::string name; std::getline(names, name, ',');) found = found || name == controller;
    if (found) return line.substr(second + 1);
  }
  return "/";
}

std::optional<double> cpu_max(const fs::path& folder) {  // "150000 100000" or "max 100000"
  std::istringstream words(text_of(folder / "cpu.max").value_or(""));
  double quota = 0, period = 0;
  return words >> quota >> period && period > 0 ? std::optional(quota / period) : std::nullopt;
}

std::optional<double> cfs_quota(const fs::path& folder) {
  const auto quota = integer_of(folder / "cpu.cfs_quota_us");
  const auto period = integer_of(folder / "cpu.cfs_period_us");
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<double> memory_limit(const fs::path& folder, const char* file) {
  constexpr std::int64_t kAbsurd = std::int64_t{1} << 60;  // version 1 writes "no limit" as a huge number
  const auto bytes = integer_of(folder / file);
  return bytes && *bytes < kAbsurd ? std::optional(static_cast<double>(*bytes)) : std::nullopt;
}

void add_cgroup(const fs::path& root, Json& facts) {
  const fs::path mount = root / "sys/fs/cgroup";
  const auto groups = text_of(root / "proc/self/cgroup");
  if (!groups || !fs::exists(mount)) {
    for (const char* name : {"cgroup_version", "cgroup_cpus", "cgroup_memory_bytes"}) {
      facts[name] = unavailable("no control groups are mounted");
    }
    return;
  }
  if (fs::exists(mount / "cgroup.controllers")) {
    const std::string group = group_of(*groups, "");
    facts["cgroup_version"] = 2;
    facts["cgroup_cpus"] = smallest_limit(mount, group, cpu_max);
    facts["cgroup_memory_bytes"] =
        smallest_limit(mount, group, [](const fs::path& folder) { return memory_limit(folder, "memory.max"); });
    return;
  }
  facts["cgroup_version"] = 1;
  facts["cgroup_cpus"] = smallest_limit(mount / "cpu", group_of(*groups, "cpu"), cfs_quota);
  facts["cgroup_memory_bytes"] =
      smallest_limit(mount / "memory", group_of(*groups, "memory"),
                     [](const fs::path& folder) { return memory_limit(folder, "memory.limit_in_bytes"); });
}

}  // namespace

Json read_environment(const fs::path& root) {
  Json facts = Json::object();
  utsname system{};
  ::uname(&system);
  const std::string release = system.release;
  facts["kernel"] = fmt::format("{} {}", system.sysname, release);
  facts["architecture"] = system.machine;
  facts["wsl2"] = release.find("microsoft") != std::string::npos || release.find("Microsoft") != std::string::npos;
  facts["boot_id"] = text_or(root / "proc/sys/kernel/random/boot_id", "/proc doesn't show it");
  facts["clock_source"] = text_or(root / "sys/devices/system/clocksource/clocksource0/current_clocksource",
                                  "/sys doesn't show it");
  facts["hypervisor"] = hypervisor(root);
  facts["container"] = container(root);
  facts["system_vendor"] = text_or(root / "sys/class/dmi/id/sys_vendor", "no DMI table");
  facts["system_product"] = text_or(root / "sys/class/dmi/id/product_name", "no DMI table");
  add_frequency(root, facts);
  facts["transparent_huge_pages"] = huge_pages(root);
  facts["aslr"] = integer_or(root / "proc/sys/kernel/randomize_va_space", "/proc doesn't show it");
  facts["perf_event_paranoid"] =
      integer_or(root / "proc/sys/kernel/perf_event_paranoid", "the kernel has no perf events");
  add_memory_and_load(root, facts);
  add_cgroup(root, facts);
  return facts;
}

bool is_unavailable(const Json& fact) { return fact.is_object() && fact.contains("reason"); }

}  // namespace assay::hardware
