#include "cli/examination.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>

#include "harness/core/ascii.hpp"
#include "harness/core/units.hpp"
#include "reports/numbers.hpp"

namespace assay::cli {

namespace {

// From where on a finding is a warning. A comparison in interleaved rounds stands much more than this; an interval gets
// wider, and a single time is off by as much.
constexpr double kDetours = 0.01;         // share of time: a quiet machine loses 0.1 % to its timer
constexpr double kLongDetour_s = 0.01;    // one such gap spoils a block of 5 ms
constexpr double kSteadiness = 0.95;      // slow slices over fast ones
constexpr double kBusyProcess = 0.05;     // of a CPU
constexpr double kBlasGain = 1.05;        // below it the choice of kernels isn't worth a line
constexpr double kPageGain = 1.1;
constexpr double kSlowClock_s = 200e-9;   // a reading that costs a system call

bool is_reason(const Json& fact) { return fact.is_null() || (fact.is_object() && fact.contains("reason")); }

std::string shown(const Json& fact) {
  if (fact.is_object() && fact.contains("reason")) return fact["reason"].get<std::string>();
  if (fact.is_string()) return fact.get<std::string>();
  if (fact.is_number_float()) return significant(fact.get<double>());
  return fact.dump();
}

std::string percent(double ratio) { return fmt::format("{} %", significant(100 * ratio, 2)); }

/// {1, 2, 3, 7} → "1-3,7"
std::string cpu_list(const std::vector<int>& cpus) {
  std::string text;
  for (std::size_t i = 0; i < cpus.size();) {
    std::size_t last = i;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    text += fmt::format("{}{}", text.empty() ? "" : ",", cpus[i]);
    if (last > i) text += fmt::format("-{}", cpus[last]);
    i = last + 1;
  }
  return text;
}

std::string plural(std::size_t count, const std::string& noun) { return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s"); }

class Examination {
 public:
  explicit Examination(const Observations& seen)
      : seen_(seen),
        environment_(seen.facts.value("environment", Json::object())),
        virtual_(!is_reason(fact("hypervisor")) && fact("hypervisor") != "none") {}

  std::vector<Finding> findings() {
    processor();
    core_kinds();
    siblings();
    cpus();
    quota();
    clock_rate();
    power();
    heat();
    steal();
    detours();
    steadiness();
    other_programs();
    memory();
    swap();
    huge_pages();
    layout();
    clock();
    timer();
    thread_pools();
    blas();
    counters();
    system();
    programs();
    return std::move(found_);
  }

 private:
  const Json& fact(const char* name) const {
    static const Json absent{{"reason", "not known on this system"}};
    const auto found = environment_.find(name);
    return found == environment_.end() ? absent : *found;
  }
  /// The same after the measuring, or now where it wasn't looked at again.
  const Json& fact_after(const char* name) const {
    const auto found = seen_.environment_after.find(name);
    return seen_.environment_after.is_object() && found != seen_.environment_after.end() ? *found : fact(name);
  }
  double number(const char* name, double otherwise = 0) const {
    const Json& value = fact(name);
    return value.is_number() ? value.get<double>() : otherwise;
  }
  /// What the measuring added to a counter.
  double increase(const char* name) const {
    const Json &before = fact(name), &after = fact_after(name);
    return before.is_number() && after.is_number() ? after.get<double>() - before.get<double>() : 0;
  }
  bool is_wsl2() const { return fact("wsl2") == Json(true); }

  Finding& add(std::string name, Status status, std::string value, std::string advice = "") {
    return found_.emplace_back(Finding{std::move(name), status, std::move(value), std::move(advice), {}, ""});
  }

  // ── Processor ─────────────────────────────────────────────────────────────────────────────────

  void processor() {
    const auto& t = seen_.topology;
    std::string value = fmt::format("{}, {}, {}", t.identity.model.empty() ? "unknown model" : t.identity.model,
                                    plural(static_cast<std::size_t>(t.cores), "core"), plural(t.allowed.size(), "CPU"));
    if (seen_.facts.contains("peak_flop_per_s")) {
      value += fmt::format("; one core just now {} (f64 FMA)", with_unit(seen_.facts["peak_flop_per_s"].get<double>(), "FLOP/s"));
    }
    Finding& f = add("processor", Status::ok, std::move(value), "the peak moves with neighbours: an experiment's [peak] measures it in its own rounds");
    f.brief = plural(static_cast<std::size_t>(t.cores), "core");
  }

  std::vector<int> allowed_of(hardware::CoreKind kind) const {
    std::vector<int> cpus;
    for (const int cpu : seen_.topology.allowed) {
      if (const auto* found = seen_.topology.find(cpu); found && found->kind == kind) cpus.push_back(cpu);
    }
    return cpus;
  }

  void core_kinds() {
    const auto fast = allowed_of(hardware::CoreKind::performance);
    const auto slow = allowed_of(hardware::CoreKind::efficiency);
    if (fast.empty() && slow.empty()) {
      add("kinds of cores", Status::ok, "all alike").brief = "cores alike";
    } else if (slow.empty() || fast.empty()) {
      add("kinds of cores", Status::ok, fmt::format("of two kinds, of which only {} cores may be used", slow.empty() ? "performance" : "efficiency"));
    } else {
      add("kinds of cores", Status::warning,
          fmt::format("performance CPUs {}, efficiency CPUs {}: threads = \"all\" mixes two speeds", cpu_list(fast), cpu_list(slow)),
          fmt::format("cpus = \"{}\" in [controls]; outside Assay: taskset -c {} COMMAND", cpu_list(fast), cpu_list(fast)));
    }
  }

  void siblings() {
    std::vector<int> used, left;
    std::vector<int> cores;
    for (const int cpu : seen_.cpus) {
      const auto* found = seen_.topology.find(cpu);
      if (!found) continue;
      const bool taken = std::find(cores.begin(), cores.end(), found->core) != cores.end();
      (taken ? left : used).push_back(cpu);
      cores.push_back(found->core);
    }
    std::sort(used.begin(), used.end());
    std::sort(left.begin(), left.end());
    if (left.empty()) {
      const bool hidden = virtual_ && fact("smt") != Json(true);
      add("SMT", Status::ok, hidden ? "no two CPUs share a core, as far as the hypervisor tells" : "no two usable CPUs share a core").brief = "no SMT siblings";
    } else if (used.size() == 1) {
      add("SMT", Status::warning, fmt::format("CPUs {} and {} are one core: whatever else runs slows what is measured", cpu_list(used), cpu_list(left)),
          fmt::format("allow a second core, or set CPU {} offline: echo 0 | sudo tee /sys/devices/system/cpu/cpu{}/online", left.front(), left.front()));
    } else {
      add("SMT", Status::ok, fmt::format("one CPU a core is used first: {}; their siblings {} stay idle up to {}", cpu_list(used), cpu_list(left), plural(used.size(), "thread")),
          "threads up to the number of cores; off altogether: echo off | sudo tee /sys/devices/system/cpu/smt/control")
          .brief = fmt::format("SMT siblings {} left idle", cpu_list(left));
    }
  }

  void cpus() {
    const std::size_t online = seen_.topology.cpus.size(), allowed = seen_.topology.allowed.size();
    const Json& offline = fact("cpus_offline");
    std::string value = allowed < online ? fmt::format("{} of {} online CPUs may be used", allowed, online) : fmt::format("all {} online CPUs may be used", online);
    if (offline.is_array() && !offline.empty()) value += fmt::format("; offline: {}", cpu_list(offline.get<std::vector<int>>()));
    const Json& isolated = fact("cpus_isolated");
    if (isolated.is_array() && !isolated.empty()) value += fmt::format("; isolated: {}", cpu_list(isolated.get<std::vector<int>>()));
    if (allowed <= 1) {
      add("usable CPUs", Status::warning, "only one CPU: assay itself, the system and every other program share it with what is measured",
          allowed < online ? "allow a second one: the cpuset, taskset or container that started assay limits it to this one"
                           : "give the machine a second CPU, or close all else and expect wider intervals");
    } else {
      add("usable CPUs", Status::ok, std::move(value)).brief = fmt::format("{} CPUs usable", allowed);
    }
  }

  void quota() {
    const Json& limit = fact("cgroup_cpus");
    const double throttled_s = increase("cgroup_throttled_s");
    const Json& container = fact("container");
    const std::string where = is_reason(container) || container == "none" ? "control group" : shown(container) + " container";
    if (!limit.is_number()) {
      add("CPU quota", Status::ok, is_reason(limit) ? shown(limit) : fmt::format("none for this {}", where)).brief = "no CPU quota";
      return;
    }
    std::string value = fmt::format("the {} may use {:g} CPUs; past that everything stops until the period ends", where, limit.get<double>());
    const double ratio = number("cgroup_throttled_ratio");
    if (ratio > 0) value += fmt::format("; so far in {} of the periods", percent(ratio));
    const bool unlimited = limit.get<double>() >= static_cast<double>(seen_.topology.allowed.size());
    Finding& f = add("CPU quota", unlimited && ratio <= 0 ? Status::ok : Status::warning, std::move(value),
                     fmt::format("raise it (docker run --cpus={0}, systemd CPUQuota=, Kubernetes limits.cpu) or keep threads ≤ {1}",
                                 seen_.topology.allowed.size(), std::max(1, static_cast<int>(limit.get<double>()))));
    if (seen_.watch && throttled_s > 0) f.cost = {{"loss", std::min(1.0, throttled_s / std::max(1e-9, seen_.watch->detours.watched_s))}, {"throttled_s", throttled_s}};
  }

  // ── Clock rate ────────────────────────────────────────────────────────────────────────────────

  void clock_rate() {
    const Json& governor = fact("governor");
    if (is_reason(governor)) {
      add("clock rate", Status::unavailable, shown(governor));
      return;
    }
    std::string value = fmt::format("governor {}", shown(governor));
    const Json &now = fact_after("frequency_now_hz"), &most = fact("frequency_max_hz"), &hardware = fact("frequency_hardware_max_hz");
    if (now.is_number() && most.is_number()) {
      value += fmt::format(", {} of {} GHz{}", significant(now.get<double>() * 1e-9, 2), significant(most.get<double>() * 1e-9, 2),
                           seen_.watch ? " under load" : "");
    }
    const bool capped = most.is_number() && hardware.is_number() && most.get<double>() < 0.99 * hardware.get<double>();
    if (capped) value += fmt::format(", limited below the processor's {} GHz", significant(hardware.get<double>() * 1e-9, 2));
    const Json& turbo = fact("turbo");
    if (!is_reason(turbo)) value += turbo == Json(true) ? ", turbo on" : ", turbo off";
    if (shown(governor) != "performance") {
      add("clock rate", Status::warning, std::move(value), "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor");
    } else if (capped) {
      add("clock rate", Status::warning, std::move(value),
          fmt::format("echo {} | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_max_freq", std::int64_t(hardware.get<double>() / 1e3)));
    } else {
      add("clock rate", Status::ok, std::move(value), "turbo follows temperature: interleaving cancels it").brief = "governor performance";
    }
  }

  void power() {
    const Json &source = fact("power_source"), &profile = fact("power_profile"), &charge = fact("battery_ratio");
    const bool saving = profile == "low-power" || profile == "quiet" || profile == "cool";
    std::string value = is_reason(source) ? "no battery shown" : shown(source);
    if (charge.is_number()) value += fmt::format(", battery at {}", percent(charge.get<double>()));
    if (!is_reason(profile)) value += fmt::format(", profile {}", shown(profile));
    if (source == "battery") {
      add("power", Status::warning, "on " + value + ": clock rates are held down and fall as it empties", "plug the charger in");
    } else if (saving) {
      add("power", Status::warning, std::move(value), "powerprofilesctl set performance, or: echo performance | sudo tee /sys/firmware/acpi/platform_profile");
    } else {
      add("power", Status::ok, std::move(value)).brief = is_reason(source) ? "no battery" : "on mains";
    }
  }

  void heat() {
    const Json& count = fact_after("thermal_throttle_count");
    if (is_reason(count)) {
      add("heat", Status::unavailable, shown(count));
      return;
    }
    const double now = increase("thermal_throttle_count");
    if (now > 0) {
      add("heat", Status::warning, fmt::format("slowed down for heat {:g} times while the doctor looked, {} times since boot", now, shown(count)),
          "let it cool, free the vents; for long runs cap it: echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo");
    } else {
      add("heat", Status::ok, fmt::format("not slowed down just now; {} times since boot", shown(count))).brief = "not throttled for heat";
    }
  }

  // ── Neighbours ────────────────────────────────────────────────────────────────────────────────

  void steal() {
    const Json& since_boot = fact("steal_ratio");
    if (!virtual_) {
      add("steal", Status::ok, "no hypervisor").brief = "no hypervisor";
      return;
    }
    std::string value = fmt::format("{} guest: ", shown(fact("hypervisor")));
    const double* now = seen_.watch && seen_.watch->steal_ratio ? &*seen_.watch->steal_ratio : nullptr;
    if (now) value += fmt::format("the host took {} of CPU {}'s time just now, ", percent(*now), seen_.watch->cpu);
    value += since_boot.is_number() ? fmt::format("{} of all since boot", percent(since_boot.get<double>())) : shown(since_boot);
    // A warning even at 0 %: a neighbour that slows the core or its caches takes no time that the kernel could count.
    Finding& f = add("steal", Status::warning, std::move(value),
                     "trust assay run's rounds, no single time; steadier: dedicated CPUs, bare metal");
    if (now) f.cost.emplace_back("loss", *now);
  }

  void detours() {
    if (!seen_.watch) return;
    const hardware::Detours& d = seen_.watch->detours;
    std::string value = fmt::format("CPU {} loses {}: {} gaps/s, up to {}", seen_.watch->cpu, percent(d.lost_ratio()),
                                    significant(d.per_second(), 2), with_unit(d.longest_s, "s", 2));
    if (seen_.watch->timer_interrupts_per_s) {
      value += fmt::format("; interrupts/s: timer {}", significant(*seen_.watch->timer_interrupts_per_s, 2));
      if (seen_.watch->other_interrupts_per_s) value += fmt::format(", others {}", significant(*seen_.watch->other_interrupts_per_s, 2));
    }
    const bool much = d.lost_ratio() >= kDetours || d.longest_s >= kLongDetour_s;
    Finding& f = add("detours", much ? Status::warning : Status::ok, std::move(value), much ? advice_on_detours() : "");
    f.brief = fmt::format("{} lost to interrupts", percent(d.lost_ratio()));
    f.cost = {{"loss", d.lost_ratio()}, {"gaps_per_s", d.per_second()}, {"longest_s", d.longest_s}, {"threshold_s", d.threshold_s}};
    if (seen_.watch->timer_interrupts_per_s) f.cost.emplace_back("timer_interrupts_per_s", *seen_.watch->timer_interrupts_per_s);
    if (seen_.watch->other_interrupts_per_s) f.cost.emplace_back("other_interrupts_per_s", *seen_.watch->other_interrupts_per_s);
  }

  std::string advice_on_detours() const {
    if (busy()) return "close the other programs named here: they take turns with what is measured";
    if (virtual_) return "the host or its other guests: measure when they are quiet, or with more rounds (--preset paper)";
    if (!seen_.watch->other_interrupts_per_s || *seen_.watch->other_interrupts_per_s < 1000) return "find who: sudo perf trace -s -C " + std::to_string(seen_.watch->cpu) + " sleep 5";
    return "devices interrupt this CPU (/proc/interrupts): stop downloads, or move them: sudo systemctl stop irqbalance";
  }

  void steadiness() {
    if (!seen_.watch || seen_.watch->peak_flop_per_s.empty()) return;
    const double steady = seen_.watch->steadiness();
    std::string value = fmt::format("the same FMA loop: {}, slow slices at {} of the fast ones",
                                    with_unit(seen_.watch->peak_quantile(0.5), "FLOP/s"), percent(steady));
    const bool moves = steady < kSteadiness;
    std::string advice;
    if (moves) {
      advice = busy()     ? "close the other programs named here"
               : virtual_ ? "neighbours on the same core: compare only within rounds (assay run), give fractions of peak by [peak]"
                          : "fix the clock rate (governor performance, turbo off), close all else";
    }
    Finding& f = add("steadiness", moves ? Status::warning : Status::ok, std::move(value), std::move(advice));
    f.brief = fmt::format("speed steady to {}", percent(1 - steady));
    f.cost = {{"loss", 1 - steady},
              {"slow_flop_per_s", seen_.watch->peak_quantile(0.1)},
              {"typical_flop_per_s", seen_.watch->peak_quantile(0.5)},
              {"fast_flop_per_s", seen_.watch->peak_quantile(0.9)}};
  }

  bool busy() const { return !seen_.busy.empty() && seen_.busy.front().cpus >= kBusyProcess; }

  void other_programs() {
    const double cpus = static_cast<double>(std::max<std::size_t>(1, seen_.topology.allowed.size()));
    const Json& load = fact("load_average");
    constexpr std::size_t kNamed = 3;
    std::string names, pids;
    double used = 0;
    for (std::size_t i = 0; i < seen_.busy.size(); ++i) {
      const hardware::BusyProcess& p = seen_.busy[i];
      used += p.cpus;
      if (i >= kNamed || p.cpus < kBusyProcess) continue;
      names += fmt::format("{}{} {}", names.empty() ? "" : ", ", p.name, percent(p.cpus));
      pids += fmt::format(" {}", p.pid);
    }
    const std::string load_text = fmt::format("load {}", load.is_number() ? significant(load.get<double>(), 2) : shown(load));
    if (busy()) {
      Finding& f = add("other programs", Status::warning, fmt::format("in all {} of {} CPUs: {}; {}", significant(used, 2), cpus, names, load_text),
                       fmt::format("close them, or: kill{}", pids));
      f.cost = {{"loss", std::min(1.0, used / cpus)}, {"cpus", used}};
    } else if (load.is_number() && load.get<double>() > 0.5 * cpus) {
      add("other programs", Status::warning, fmt::format("{} on {} CPUs over the last minute", load_text, cpus),
          "wait until it is below half the CPUs: uptime shows it");
    } else {
      add("other programs", is_reason(load) ? Status::unavailable : Status::ok, is_reason(load) ? shown(load) : load_text + ", none busy").brief = load_text;
    }
  }

  // ── Memory ────────────────────────────────────────────────────────────────────────────────────

  void memory() {
    const Json &limit = fact("cgroup_memory_bytes"), &available = fact("memory_available_bytes");
    std::string value = with_unit(static_cast<double>(seen_.topology.memory_bytes), "B");
    if (available.is_number()) value += fmt::format(", {} free", with_unit(available.get<double>(), "B"));
    const bool limited = limit.is_number() && limit.get<double>() < static_cast<double>(seen_.topology.memory_bytes);
    if (limited) value += fmt::format("; the control group may use {}", with_unit(limit.get<double>(), "B"));
    const bool small = limited && limit.get<double>() < 2e9;
    const bool strict = fact("overcommit_memory") == Json(2);
    if (strict) value += "; the kernel refuses reservations beyond it (overcommit 2)";
    if (small) {
      add("memory", Status::warning, std::move(value), fmt::format("raise the container's limit, or [limits] memory_bytes = {} in the experiment", std::int64_t(limit.get<double>() / 2)));
    } else if (strict) {
      add("memory", Status::warning, std::move(value), "JVM, CUDA and sanitizers reserve more than they use: sudo sysctl vm.overcommit_memory=0");
    } else {
      add("memory", Status::ok, std::move(value)).brief = available.is_number() ? with_unit(available.get<double>(), "B") + " free" : "memory";
    }
  }

  void swap() {
    const Json &total = fact("swap_bytes"), &used = fact("swap_used_bytes");
    if (is_reason(total) || is_reason(used)) {
      add("swap", Status::unavailable, shown(is_reason(total) ? total : used));
    } else if (used.get<double>() > 0) {
      add("swap", Status::warning, fmt::format("{} of {} in use: pages that come back from it stall what is measured", with_unit(used.get<double>(), "B"), with_unit(total.get<double>(), "B")),
          "close programs, then: sudo swapoff -a && sudo swapon -a");
    } else {
      add("swap", Status::ok, total.get<double>() > 0 ? fmt::format("{}, none in use", with_unit(total.get<double>(), "B")) : "none").brief = "swap unused";
    }
  }

  void huge_pages() {
    const Json& mode = fact("transparent_huge_pages");
    if (is_reason(mode)) {
      add("huge pages", Status::unavailable, shown(mode));
      return;
    }
    std::string value = shown(mode);
    const bool gained = seen_.pages && seen_.pages->granted;
    if (gained) value += fmt::format("; random reads of 64 MiB are {}× as fast with them", significant(seen_.pages->gain(), 3));
    if (seen_.pages && !gained) value += "; none was granted when asked for";
    const bool never = shown(mode) == "never";
    Finding& f = add("huge pages", never ? Status::warning : Status::ok, std::move(value),
                     never ? "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled"
                     : shown(mode) == "always" ? "programs get them unasked: whether in time varies from process to process, which replicates average"
                                               : "only programs that ask (madvise) get them");
    f.brief = fmt::format("huge pages {}{}", shown(mode), gained ? fmt::format(" ({}×)", significant(seen_.pages->gain(), 2)) : "");
    if (gained) f.cost = {{"gain", seen_.pages->gain()}, {"small_page_read_s", seen_.pages->small_s}, {"huge_page_read_s", seen_.pages->huge_s}};
    if (gained && never && seen_.pages->gain() > kPageGain) f.cost.emplace_back("loss", 1 - 1 / seen_.pages->gain());
  }

  void layout() {
    const Json& aslr = fact("aslr");
    if (aslr == Json(0)) {
      add("address layout", Status::warning, "randomisation is off: every replicate has the same layout, and its luck", "sudo sysctl kernel.randomize_va_space=2");
    } else {
      add("address layout", is_reason(aslr) ? Status::unavailable : Status::ok, is_reason(aslr) ? shown(aslr) : fmt::format("randomised ({})", shown(aslr)),
          is_reason(aslr) ? "" : "left on: replicates average over layouts").brief = "ASLR on";
    }
    const Json &bytes = fact("environment_bytes"), &stack = fact("stack_limit_bytes");
    std::string value = bytes.is_number() ? with_unit(bytes.get<double>(), "B") : shown(bytes);
    value += fmt::format("; stack limit {}", stack.is_number() ? with_unit(stack.get<double>(), "B") : shown(stack));
    add("environment size", is_reason(bytes) ? Status::unavailable : Status::ok, std::move(value), "it shifts the stack: Assay pads it differently in every replicate")
        .brief = bytes.is_number() ? "environment " + with_unit(bytes.get<double>(), "B", 2) : "environment";
  }

  // ── Time ──────────────────────────────────────────────────────────────────────────────────────

  void clock() {
    const Json c = seen_.facts.value("clock", Json::object());
    const double cost = c.value("cost_s", 0.0);
    const Json& source = fact("clock_source");
    const std::string name = is_reason(source) ? "clock" : shown(source);
    const Json& all = fact("clock_sources");
    const bool slow = cost > kSlowClock_s;
    const bool has_tsc = all.is_array() && std::find(all.begin(), all.end(), Json("tsc")) != all.end();
    std::string advice;
    if (slow) {
      advice = has_tsc ? "echo tsc | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource"
                       : "the kernel trusts no faster source here: blocks of 5 ms and more don't feel it";
    }
    Finding& f = add("clock", slow ? Status::warning : Status::ok,
                     fmt::format("{}, tick {}, {} a reading", name, with_unit(c.value("tick_s", 0.0), "s"), with_unit(cost, "s")), std::move(advice));
    f.brief = fmt::format("clock {} {} a reading", name, with_unit(cost, "s", 2));
    f.cost = {{"tick_s", c.value("tick_s", 0.0)}, {"reading_s", cost}};
  }

  void timer() {
    const Json &hz = fact("timer_hz"), &slack = fact("timer_slack_s"), &tickless = fact("cpus_without_tick");
    const auto measured = seen_.watch ? seen_.watch->timer_interrupts_per_s : std::nullopt;
    std::string value = measured ? fmt::format("{} interrupts a second under load", significant(*measured, 3)) : "";
    if (hz.is_number()) value += fmt::format("{}{} Hz by the kernel's configuration", value.empty() ? "" : ", ", shown(hz));
    if (slack.is_number()) value += fmt::format("{}a sleep may last {} longer", value.empty() ? "" : ", ", with_unit(slack.get<double>(), "s"));
    if (tickless.is_array() && !tickless.empty()) value += fmt::format("; without a tick: CPUs {}", cpu_list(tickless.get<std::vector<int>>()));
    const bool known = !value.empty();
    add("timer", known ? Status::ok : Status::unavailable, known ? std::move(value) : shown(hz))
        .brief = measured ? fmt::format("timer {}/s", significant(*measured, 2)) : "timer";
  }

  // ── Software ──────────────────────────────────────────────────────────────────────────────────

  void thread_pools() {
    std::string wrong, unset;
    const auto blame = [&](const std::string& name, const std::string& value) {
      wrong += fmt::format("{}{}={}", wrong.empty() ? "" : ", ", name, value);
      unset += " " + name;
    };
    for (const auto& [name, value] : seen_.pool_variables) {
      const std::string lower = lower_case(value);
      const bool waits = name == "OMP_WAIT_POLICY" || name == "GOMP_SPINCOUNT" || name == "KMP_BLOCKTIME";
      if (name == "OMP_WAIT_POLICY" ? lower == "active" : waits && lower != "0") blame(name, value);
      if (!waits && std::atoll(value.c_str()) > std::ssize(seen_.topology.allowed)) blame(name, value);
    }
    if (wrong.empty()) {
      add("thread pools", Status::ok, "no variable makes them spin; Assay's workers get OMP_WAIT_POLICY=PASSIVE",
          "outside Assay: export OMP_WAIT_POLICY=PASSIVE").brief = "no pool told to spin";
    } else {
      add("thread pools", Status::warning, fmt::format("{}: an idle pool spins or fights for the {} CPUs (in what you start; Assay's workers are set right)", wrong, seen_.topology.allowed.size()),
          fmt::format("unset{}", unset));
    }
  }

  void blas() {
    if (!seen_.blas) return;
    const BlasKernels& b = *seen_.blas;
    if (!b.missing.empty()) {
      add("BLAS kernels", Status::unavailable, b.missing, b.remedy);
      return;
    }
    // The variable is obeyed, or names kernels that this OpenBLAS doesn't have: then it chooses as if it weren't set.
    const bool obeyed = b.asked_for == b.chosen;
    const std::string why = b.asked_for.empty() ? "" : obeyed ? " (set by OPENBLAS_CORETYPE)" : fmt::format(" (it has no {}, which OPENBLAS_CORETYPE names)", b.asked_for);
    const std::string uses = fmt::format("OpenBLAS {} uses {}{}", b.version, b.chosen, why);
    const std::string remedy = fmt::format("export OPENBLAS_CORETYPE={}, now and in ~/.profile: numpy and torch too", b.best);
    if (!b.failure.empty()) {
      Finding& f = add("BLAS kernels", Status::warning, fmt::format("{}: {}", uses, b.failure), remedy);
      f.cost = {{"loss", 1}};
    } else if (b.chosen == b.best) {
      add("BLAS kernels", Status::ok, uses + ", the best for this processor").brief = fmt::format("OpenBLAS uses {}", b.chosen);
    } else if (!b.gain) {
      add("BLAS kernels", Status::warning, fmt::format("{}; {} is there too, not compared: {}", uses, b.best, b.unmeasured), remedy);
    } else {
      const auto& gain = *b.gain;
      const auto printed = reports::print_ratio({gain.value, stats::Interval{gain.low, gain.high}});
      const std::string range = fmt::format("{}× {}", printed.value, printed.interval);
      const bool worth = gain.low > kBlasGain;
      Finding& f = add("BLAS kernels", worth ? Status::warning : Status::ok,
                       worth ? fmt::format("{}; {} is {} as fast", obeyed ? b.chosen + why : uses, b.best, range)
                             : fmt::format("{}; {} is no better: {} as fast", uses, b.best, range),
                       worth ? remedy : "");
      f.brief = fmt::format("OpenBLAS uses {}", b.chosen);
      if (worth) f.cost.emplace_back("loss", 1 - 1 / gain.value);
      f.cost.insert(f.cost.end(), {{"gain", gain.value}, {"gain_low", gain.low}, {"gain_high", gain.high}});
    }
  }

  void counters() {
    const Json& units = fact("counting_units");
    const Json& paranoid = fact("perf_event_paranoid");
    if (is_reason(units)) {
      add("hardware counters", Status::unavailable, shown(units),
          is_wsl2()  ? "boot a native Linux; instructions: [counters] simulate = \"cachegrind\""
          : virtual_ ? "VM: qemu -cpu host,pmu=on; instructions: [counters] simulate = \"cachegrind\""
                     : "a kernel with CONFIG_PERF_EVENTS; instructions: [counters] simulate = \"cachegrind\"");
    } else if (paranoid.is_number() && paranoid.get<int>() > 2) {
      add("hardware counters", Status::warning, fmt::format("there, but refused (perf_event_paranoid = {})", shown(paranoid)), "sudo sysctl kernel.perf_event_paranoid=1");
    } else {
      add("hardware counters", Status::ok, fmt::format("there ({})", fmt::join(units.get<std::vector<std::string>>(), ", "))).brief = "hardware counters";
    }
    const Json counted = seen_.facts.value("counters", Json::object());
    if (is_reason(counted)) {
      add("worker counters", Status::unavailable, shown(counted), "build and install everything: scripts/install");
      return;
    }
    std::string have, lack;
    for (const auto& [name, value] : counted.items()) {
      if (!is_reason(value)) {
        have += (have.empty() ? "" : ", ") + name;
      } else if (lack.empty()) {
        lack = fmt::format("{}: {}", name, shown(value));
      }
    }
    Finding& f = add("worker counters", have.empty() ? Status::unavailable : Status::ok, have.empty() ? (lack.empty() ? "none" : lack) : have);
    f.brief = "software counters";
    if (!have.empty() && !lack.empty()) f.value += fmt::format("; not {}", lack);
  }

  void system() {
    std::string value = shown(fact("kernel"));
    if (const Json& container = fact("container"); !is_reason(container) && container != "none") value += fmt::format(", in a {} container", shown(container));
    if (is_wsl2()) {
      add("system", Status::warning, value + ": WSL2 gives no counters and no clock rate, and Windows takes time unseen",
          "close what runs in Windows, plug in, choose its best-performance mode; for the paper: a native Linux");
    } else {
      add("system", Status::ok, value).brief = shown(fact("kernel"));
    }
  }

  void programs() {
    for (const Program& program : seen_.programs) {
      if (program.remedy.empty()) {
        add(program.name, Status::ok, fmt::format("found, for {}", program.purpose));
      } else {
        add(program.name, Status::unavailable, fmt::format("not installed; needed for {}", program.purpose), program.remedy);
      }
    }
  }

  const Observations& seen_;
  Json environment_;
  bool virtual_;
  std::vector<Finding> found_;
};

}  // namespace

std::vector<Finding> examine(const Observations& seen) { return Examination(seen).findings(); }

}  // namespace assay::cli
