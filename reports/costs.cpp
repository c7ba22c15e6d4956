#include "reports/costs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

#include "harness/core/units.hpp"
#include "reports/numbers.hpp"

namespace assay::reports {

namespace {

std::optional<double> number_at(const Json& object, const char* key) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

/// The first of `keys` that is there with a value rather than a reason, wherever it stands within two levels.
const Json* fact(const Json& machine, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (const auto found = machine.find(key);
        found != machine.end() && found->is_primitive() && !found->is_null())
      return &*found;
    for (const auto& [name, section] : machine.items()) {
      if (!section.is_object()) continue;
      const auto found = section.find(key);
      if (found != section.end() && found->is_primitive() && !found->is_null()) return &*found;
    }
  }
  return nullptr;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

Costs project_costs(const record::RunRecord& run) {
  Costs costs;
  costs.rounds =
      static_cast<int>(std::count_if(run.rounds.begin(), run.rounds.end(), [](const record::Round& r) {
        return r.state == record::RoundState::complete;
      }));
  costs.processes = static_cast<std::int64_t>(run.replicates.size());
  costs.blocks = static_cast<std::int64_t>(run.blocks.size());
  for (const record::Replicate& r : run.replicates) costs.prepare_s += r.start_s;
  for (const record::Block& b : run.blocks) {
    const bool in_seconds = b.clock != Clock::instructions && b.clock != Clock::cycles;
    const double elapsed_s = in_seconds ? b.elapsed_s : 0;
    const double settled_s = static_cast<double>(b.settled_ns) * 1e-9;
    if (b.phase == Phase::simulated) continue;  // an emulator's time says nothing of a timed block's share
    if (b.phase == Phase::warmup || b.phase == Phase::rehearsal) {
      costs.warmup_s += elapsed_s + settled_s;
    } else {
      costs.block_s += elapsed_s;
      costs.settle_s += settled_s;
    }
  }
  costs.wall_s = number_at(run.end, "wall_s");
  costs.supervisor_cpu_s = number_at(run.end, "supervisor_cpu_s");
  return costs;
}

std::string machine_line(const Json& manifest) {
  const auto machine = manifest.find("machine");
  if (machine == manifest.end() || !machine->is_object()) return "";
  std::vector<std::string> words;
  if (const Json* cpu = fact(*machine, {"cpu", "cpu_model", "model"})) words.push_back(text_of(*cpu));
  if (const Json* cores = fact(*machine, {"cores"}); cores && cores->is_number_integer()) {
    words.push_back(counted(cores->get<long long>(), "core"));
  }
  if (const Json* memory = fact(*machine, {"memory_bytes"}); memory && memory->is_number()) {
    words.push_back(with_unit(memory->get<double>(), "B") + " memory");
  }
  if (const Json* kernel = fact(*machine, {"kernel"})) words.push_back(text_of(*kernel));
  if (const Json* guest = fact(*machine, {"virtualisation", "hypervisor"});
      guest && guest->is_string() && *guest != "none") {
    words.push_back(text_of(*guest) + " guest");
  }
  if (const Json* governor = fact(*machine, {"governor"}); governor && governor->is_string()) {
    words.push_back("governor " + text_of(*governor));
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string libraries_of(const Json& manifest, const std::string& worker) {
  const Json workers = manifest.is_object() ? manifest.value("workers", Json()) : Json();
  const auto found = workers.is_object() ? workers.find(worker) : workers.end();
  if (!workers.is_object() || found == workers.end() || !found->is_object()) return "";
  const auto libraries = found->find("libraries");
  if (libraries == found->end() || !libraries->is_object()) return "";
  std::vector<std::string> each;
  for (const auto& [library, version] : libraries->items()) each.push_back(library + ' ' + text_of(version));
  return fmt::format("{}", fmt::join(each, ", "));
}

std::string library_line(const Json& manifest) {
  const auto workers = manifest.find("workers");
  if (workers == manifest.end() || !workers->is_object()) return "";
  std::vector<std::string> each;
  for (const auto& [name, worker] : workers->items()) {
    const std::string libraries = libraries_of(manifest, name);
    if (!libraries.empty()) each.push_back(fmt::format("{}: {}", name, libraries));
  }
  return fmt::format("{}", fmt::join(each, "; "));
}

std::string input_line(const Json& manifest) {
  constexpr std::size_t kDigits = 12;
  std::map<std::string, std::string> hashes;
  const auto workers = manifest.find("workers");
  if (workers == manifest.end() || !workers->is_object()) return "";
  for (const auto& [name, worker] : workers->items()) {
    const Json inputs = worker.is_object() ? worker.value("inputs", Json()) : Json();
    if (!inputs.is_object()) continue;
    for (const auto& [file, hash] : inputs.items()) {
      if (hash.is_string()) hashes[file] = hash.get<std::string>();
    }
  }
  std::vector<std::string> each;
  for (const auto& [file, hash] : hashes) each.push_back(fmt::format("{} {}{}", file, hash.substr(0, kDigits), hash.size() > kDigits ? "…" : ""));
  return fmt::format("{}", fmt::join(each, ", "));
}

std::string cost_line(const Costs& costs) {
  std::string text = fmt::format(
      "{}, {} and {} blocks", counted(costs.rounds, "round"),
      costs.processes == 1 ? std::string("1 process") : fmt::format("{} processes", costs.processes),
      with_decimals(static_cast<double>(costs.blocks), 0));
  if (!costs.wall_s || !(*costs.wall_s > 0)) return text + ".";
  const auto share = [&](double seconds) {
    return static_cast<int>(std::lround(100 * seconds / *costs.wall_s));
  };
  text += fmt::format(
      " in {}: {} % of it in timed blocks, {} % settling, {} % warming up, {} % starting processes",
      duration_text(*costs.wall_s), share(costs.block_s), share(costs.settle_s), share(costs.warmup_s),
      share(costs.prepare_s));
  if (costs.supervisor_cpu_s)
    text +=
        fmt::format("; the supervisor used {} of processor time", with_unit(*costs.supervisor_cpu_s, "s"));
  return text + ".";
}

}  // namespace assay::reports
