#include "cli/machine_sheet.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/signals.hpp"
#include "cli/state_folder.hpp"
#include "hardware/cpu/machine_sheet.hpp"
#include "harness/core/hash.hpp"
#include "harness/core/units.hpp"
#include "harness/record/run_folder.hpp"
#include "harness/run/file_lock.hpp"
#include "harness/run/manifest.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours kStale{24};

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
  const auto lock = run::lock_machine(interrupted(), [](const std::string& sentence) { std::cerr << sentence << '\n'; });
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

/// The ceiling of a loop, scaled; "–" where there is none.
std::string shown(const Json& sheet, const std::string& loop, const char* key, const std::string& which, int threads, double scale) {
  for (const Json& c : sheet["ceilings"]) {
    if (c.value("loop", "") != loop || c.value(key, "") != which || c.value("threads", 0) != threads || !c.contains("value")) continue;
    return significant(c["value"].get<double>() * scale, 3);
  }
  return "–";
}

}  // namespace

std::string sheet_text(const Json& sheet) {
  if (!sheet.contains("ceilings")) return fmt::format("No machine sheet: {}.\n", sheet.value("reason", "not measured"));
  std::string text = fmt::format("The machine's limits, measured {}: medians; --json has the ranges\n", sheet.value("measured", ""));
  std::vector<int> teams;
  for (const Json& level : sheet["levels"]) {
    if (teams.empty() || teams.back() != level["threads"]) teams.push_back(level["threads"]);
  }
  for (const int threads : teams) {
    text += fmt::format("\n{} thread{}: FMA {} GFLOP/s in f64, {} in f32\n", threads, threads == 1 ? "" : "s",
                        shown(sheet, "fma", "precision", "f64", threads, 1e-9), shown(sheet, "fma", "precision", "f32", threads, 1e-9));
    text += fmt::format("  {:<6}{:>8}{:>8}{:>8}{:>8}{}\n", "GB/s", "read", "write", "copy", "triad", threads == 1 ? "   latency" : "");
    for (const Json& level : sheet["levels"]) {
      if (level["threads"] != threads) continue;
      const auto name = level["level"].get<std::string>();
      const auto rate = [&](const char* loop) { return shown(sheet, loop, "level", name, threads, 1e-9); };
      text += fmt::format("  {:<6}{:>8}{:>8}{:>8}{:>8}{}\n", name, rate("read"), rate("write"), rate("copy"), rate("triad"),
                          threads == 1 ? fmt::format("{:>7} ns", shown(sheet, "latency", "level", name, 1, 1e9)) : "");
    }
  }
  return text;
}

Json machine_sheet(const run::Machine& machine, SheetWish wish) {
  const fs::path file = file_of(machine);
  if (wish != SheetWish::anew && !file.empty()) {
    if (auto sheet = kept(file)) return *std::move(sheet);
  }
  if (wish == SheetWish::if_known) return unavailable("not measured today; assay doctor --sheet does it, and a run with a [peak]");
  return measured_now(machine, file);
}

}  // namespace assay::cli
