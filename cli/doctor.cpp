// assay doctor: can this machine be measured on? What the manifest knows, each finding with how to mend it.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "cli/places.hpp"
#include "cli/preparation.hpp"
#include "cli/verb.hpp"
#include "harness/core/units.hpp"
#include "harness/plan/suite.hpp"

namespace assay::cli {

namespace {

struct Finding {
  std::string name;
  std::string status = "ok";  // ok, warning, unavailable
  std::string value;
  std::string advice;
};

std::string shown(const Json& fact) {
  if (fact.is_object() && fact.contains("reason")) return fact["reason"].get<std::string>();
  if (fact.is_string()) return fact.get<std::string>();
  if (fact.is_number_float()) return significant(fact.get<double>());
  return fact.dump();
}

bool is_reason(const Json& fact) { return fact.is_null() || (fact.is_object() && fact.contains("reason")); }

class Examination {
 public:
  explicit Examination(const Json& facts) : facts_(facts), environment_(facts.value("environment", Json::object())) {}

  std::vector<Finding> findings() {
    processor();
    frequency();
    virtualisation();
    neighbours();
    layout();
    clock();
    counters();
    programs();
    return std::move(found_);
  }

 private:
  const Json& environment(const char* key) const {
    static const Json absent{{"reason", "not known on this system"}};
    const auto found = environment_.find(key);
    return found == environment_.end() ? absent : *found;
  }
  void add(std::string name, std::string status, std::string value, std::string advice = "") {
    found_.push_back({std::move(name), std::move(status), std::move(value), std::move(advice)});
  }

  void processor() {
    const Json& t = facts_["topology"];
    const Json identity = t.value("identity", t);
    add("processor", "ok",
        fmt::format("{}, {} cores, {} CPUs allowed", identity.value("model", std::string("unknown")), t.value("cores", 0),
                    t.contains("allowed_cpus") ? t["allowed_cpus"].size() : 0));
    add("memory", "ok", with_unit(t.value("memory_bytes", 0.0), "B"));
    if (facts_.contains("peak_flop_per_s")) {
      add("peak of one core", "ok", with_unit(facts_["peak_flop_per_s"].get<double>(), "FLOP/s") + " (f64 FMA, just now)",
          "it moves with neighbours: tables measure it in their own rounds");
    }
  }

  void frequency() {
    const Json& governor = environment("governor");
    if (is_reason(governor)) {
      add("frequency governor", "unavailable", shown(governor));
    } else if (shown(governor) == "performance") {
      add("frequency governor", "ok", "performance");
    } else {
      add("frequency governor", "warning", shown(governor), "sudo cpupower frequency-set -g performance");
    }
    const Json& turbo = environment("turbo");
    if (!is_reason(turbo)) add("turbo", "ok", shown(turbo), "clock rates follow temperature: interleaving cancels it");
  }

  void virtualisation() {
    const std::string hypervisor = shown(environment("hypervisor"));
    if (hypervisor == "none") {
      add("virtual machine", "ok", "none");
    } else {
      add("virtual machine", "warning", hypervisor, "neighbours are invisible: trust intervals and controls, not single times");
    }
    const Json& container = environment("container");
    if (!is_reason(container) && container != Json(false) && shown(container) != "none") add("container", "warning", shown(container), "its limits hold for workers too");
    if (environment("wsl2") == Json(true)) add("WSL2", "warning", "no hardware counters", "use a native Linux for counter columns");
  }

  void neighbours() {
    const Json& load = environment("load_average");
    const Json& cores = facts_["topology"]["allowed_cpus"];
    const bool busy = load.is_number() && load.get<double>() > 0.5 * static_cast<double>(std::max<std::size_t>(1, cores.size()));
    add("load (1 min)", busy ? "warning" : "ok", shown(load), busy ? "end other programs; what stays is cancelled by interleaving, at the price of wider intervals" : "");
    const Json& steal = environment("steal_ratio");
    if (steal.is_number()) {
      const bool stolen = steal.get<double>() > 0.01;
      add("stolen CPU time", stolen ? "warning" : "ok", fmt::format("{} % since boot", significant(100 * steal.get<double>(), 2)), stolen ? "the host gives your CPUs to others: blocks that lose time are repeated" : "");
    }
    const Json& swap = environment("swap_used_bytes");
    if (swap.is_number() && swap.get<double>() > 0) add("swap in use", "warning", with_unit(swap.get<double>(), "B"), "sudo swapoff -a");
  }

  void layout() {
    add("address randomisation", "ok", shown(environment("aslr")), "left on: it is part of what replicates average over");
    const Json& huge = environment("transparent_huge_pages");
    add("huge pages", is_reason(huge) ? "unavailable" : "ok", shown(huge));
  }

  void clock() {
    const Json& c = facts_["clock"];
    const double cost = c.value("cost_s", 0.0);
    const std::string source = shown(environment("clock_source"));
    const bool slow = cost > 200e-9;
    add("clock", slow ? "warning" : "ok", fmt::format("{}, tick {}, {} a reading", source, with_unit(c.value("tick_s", 0.0), "s"), with_unit(cost, "s")),
        slow ? "a clock source other than tsc costs a system call; see /sys/devices/system/clocksource" : "");
  }

  void counters() {
    const Json counted = facts_.value("counters", Json::object());
    if (counted.contains("reason")) return add("counters", "unavailable", shown(counted));
    std::string have;
    std::vector<std::string> lack;  // reasons, each once: a permission has another remedy than a missing library
    for (const auto& [name, value] : counted.items()) {
      if (is_reason(value)) {
        if (std::find(lack.begin(), lack.end(), shown(value)) == lack.end()) lack.push_back(shown(value));
      } else {
        have += (have.empty() ? "" : ", ") + name;
      }
    }
    if (!have.empty()) add("counters", "ok", have);
    for (const std::string& reason : lack) add(have.empty() ? "counters" : "further counters", "unavailable", reason);
  }

  void programs() {
    for (const auto& [program, purpose] : {std::pair{"pandoc", "HTML reports"}, {"gnuplot", "figures"}, {"python3", "Python workers"}, {"java", "the Java rung"}}) {
      const auto requirement = plan::check_requirement(fmt::format("program:{}", program));
      if (requirement.missing) {
        add(program, "unavailable", fmt::format("not installed; needed for {}", purpose), *requirement.missing);
      } else {
        add(program, "ok", fmt::format("found, for {}", purpose));
      }
    }
  }

  const Json& facts_;
  Json environment_;
  std::vector<Finding> found_;
};

struct Options {
  bool json = false;
};

int doctor(const Options& options) {
  const auto machine = look_at_machine(find_places({}), true);
  if (!machine) return complain(kOwnFailure, machine.error().message, options.json);
  const std::vector<Finding> findings = Examination(machine->facts).findings();
  if (options.json) {
    OrderedJson document = OrderedJson::array();
    for (const Finding& f : findings) {
      document.push_back({{"name", f.name},
                          {"status", f.status},
                          {"value", f.value},
                          {"advice", f.advice.empty() ? OrderedJson() : OrderedJson(f.advice)}});
    }
    print(document);
    return kDone;
  }
  for (const Finding& f : findings) {
    const char* sign = f.status == "ok" ? "ok " : f.status == "warning" ? "!  " : "-  ";
    std::cout << fmt::format("{} {:<22} {}\n", sign, f.name, f.value);
    if (f.status != "ok" && !f.advice.empty()) std::cout << fmt::format("   {:<22} → {}\n", "", f.advice);
  }
  return kDone;
}

}  // namespace

void add_doctor(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("doctor", "Can this machine be measured on? Each finding with how to mend it");
  verb->add_flag("--json", options->json, "One JSON document: a list of {name, status, value, advice}");
  verb->footer("Example: assay doctor");
  verb->callback([&action, options] { action = [options] { return doctor(*options); }; });
}

}  // namespace assay::cli
