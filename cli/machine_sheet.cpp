#include "cli/machine_sheet.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/signals.hpp"
#include "hardware/cpu/machine_sheet.hpp"
#include "harness/core/hash.hpp"
#include "harness/record/run_folder.hpp"
#include "harness/run/machine_lock.hpp"
#include "harness/run/manifest.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours kStale{24};

/// $XDG_STATE_HOME/assay, else ~/.local/state/assay; empty if neither is set.
fs::path state_folder() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state && *state) return fs::path(state) / "assay";
  if (const char* home = std::getenv("HOME"); home && *home) return fs::path(home) / ".local" / "state" / "assay";
  return {};
}

/// One file for each processor, microcode, kernel, boot and set of CPUs.
fs::path file_of(const run::Machine& machine) {
  const fs::path folder = state_folder();
  if (folder.empty()) return {};
  const Json environment = machine.facts.value("environment", Json::object());
  const Json topology = machine.facts.value("topology", Json::object());
  const Json key{topology.value("identity", topology), environment.value("kernel", Json()), run::boot_id_sha256(), machine.cpus};
  return folder / fmt::format("machine-{}.json", sha256_hex(key.dump()).substr(0, 16));
}

std::optional<Json> kept(const fs::path& file) {
  std::error_code error;
  const auto written = fs::last_write_time(file, error);
  if (error || fs::file_time_type::clock::now() - written > kStale) return std::nullopt;
  std::ifstream in(file);
  auto parsed = parse_json(std::string(std::istreambuf_iterator<char>(in), {}));
  if (!parsed || !parsed->is_object() || !parsed->contains("ceilings")) return std::nullopt;
  return *std::move(parsed);
}

Json unavailable(const std::string& reason) { return {{"reason", reason}}; }

Json measured_now(const run::Machine& machine, const fs::path& file) {
  const auto topology = hardware::read_topology();
  if (!topology) return unavailable(topology.error().message);
  const auto lock = run::MachineLock::take(interrupted(), [] { std::cerr << "waiting: another assay run is measuring on this machine\n"; });
  if (!lock) return unavailable(lock.error().message);
  std::cerr << "measuring the machine sheet (bandwidth, latency, peaks), once a day: up to a minute\n";
  Json sheet = hardware::to_json(hardware::measure_machine_sheet(*topology, machine.cpus, [] { return interrupted().load(); }));
  if (interrupted()) return unavailable("interrupted while it was measured");
  sheet["measured"] = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  // Where it can't be kept it is measured again next time; nothing else is lost.
  std::error_code ignored;
  if (!file.empty()) fs::create_directories(file.parent_path(), ignored);
  if (!file.empty()) (void)record::write_atomically(file, sheet.dump(2) + "\n");
  return sheet;
}

}  // namespace

Json machine_sheet(const run::Machine& machine, SheetWish wish) {
  const fs::path file = file_of(machine);
  if (wish != SheetWish::anew && !file.empty()) {
    if (auto sheet = kept(file)) return *std::move(sheet);
  }
  if (wish == SheetWish::if_known) return unavailable("not measured today; assay doctor does it, and a run with a [peak]");
  return measured_now(machine, file);
}

}  // namespace assay::cli
