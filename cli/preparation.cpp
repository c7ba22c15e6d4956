#include "cli/preparation.hpp"

#include <fmt/format.h>

#include <set>

#include "cli/signals.hpp"
#include "hardware/cpu/clock_resolution.hpp"
#include "hardware/cpu/environment.hpp"
#include "hardware/cpu/topology.hpp"
#include "harness/plan/document.hpp"
#include "harness/plan/set_controls.hpp"
#include "harness/plan/suite.hpp"
#include "harness/run/probe.hpp"

namespace assay::cli {

namespace {

Result<plan::Experiment> load(const std::filesystem::path& file, const plan::Places& places, const std::vector<std::string>& set) {
  if (set.empty()) return plan::load_experiment(file, places);
  auto text = plan::document::read_text(file.string());
  if (!text) return text.error();
  auto changed = plan::set_controls(*std::move(text), file.string(), set);
  if (!changed) return changed.error();
  auto experiment = plan::parse_experiment(*changed, file.string(), file, places);
  if (experiment) experiment->set = set;
  return experiment;
}

}  // namespace

Result<plan::Plan> prepare_plan(const std::string& experiment, const std::string& preset, const AllPlaces& places, const std::vector<std::string>& set) {
  const auto file = plan::find_experiment(experiment, places.plan);
  if (!file) return file.error();
  auto loaded = load(*file, places.plan, set);
  if (!loaded) return loaded.error();
  const auto chosen = loaded->preset(preset);
  if (!chosen) return chosen.error();
  return plan::make_plan(*std::move(loaded), *chosen);
}

void add_set_option(CLI::App& verb, std::vector<std::string>& set) {
  verb.add_option("--set", set, "Another value of a control: control=value (repeatable)")->allow_extra_args(false);
}

Result<run::Machine> look_at_machine(const AllPlaces& places, bool probe) {
  const auto topology = hardware::read_topology();
  if (!topology) return topology.error();
  run::Machine machine;
  machine.cpus = hardware::choose_cpus(*topology, static_cast<int>(topology->allowed.size()));
  std::set<int> taken;
  for (const int cpu : machine.cpus) {
    if (const auto* known = topology->find(cpu); known && taken.insert(known->core).second) machine.cores.push_back(cpu);
  }
  machine.libexec = places.plan.libexec;
  machine.assay_executable = places.executable.string();
  machine.facts = {{"topology", hardware::to_json(*topology)},
                   {"environment", hardware::read_environment()},
                   {"clock", hardware::to_json(hardware::measure_clock())}};
  if (probe) {
    Json probed = run::probe_worker(machine, interrupted());
    machine.facts["counters"] = probed.contains("counters") ? probed["counters"] : probed;
    if (probed.contains("peak_flop_per_s")) machine.facts["peak_flop_per_s"] = probed["peak_flop_per_s"];
  }
  return machine;
}

Result<std::vector<int>> pick_treatments(const plan::Plan& plan, const std::vector<std::string>& words) {
  std::vector<int> picked;
  for (std::size_t i = 0; i < plan.treatments.size(); ++i) {
    bool all = true;
    for (const std::string& word : words) {
      const std::size_t equals = word.find('=');
      const Level* level = equals == std::string::npos ? nullptr : plan.treatments[i].treatment.find(word.substr(0, equals));
      all = all && level && shortest(*level) == word.substr(equals + 1);
    }
    if (all) picked.push_back(static_cast<int>(i));
  }
  if (!picked.empty()) return picked;
  std::string listed;
  for (std::size_t i = 0; i < plan.treatments.size() && i < 20; ++i) listed += "\n  " + plan.treatments[i].treatment.label();
  return Error{fmt::format("--treatment {}: no treatment matches; give factor=level words. There are{}", fmt::join(words, " "), listed)};
}

}  // namespace assay::cli
