#include "hardware/mcu/device_workload.hpp"

#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <utility>

#include "hardware/mcu/counting/cycle_model.hpp"
#include "harness/worker/serve.hpp"

namespace assay::mcu {

namespace fs = std::filesystem;
using worker::Refusal;

namespace {

constexpr double kInferLimit_s = 3600;  // of one command; a block's own limit comes first
constexpr double kAgree = 1;            // instructions by which timer and plugin may differ

Metric metric(const char* name, const char* unit, Kind kind, Clock clock, Provenance provenance, Scope scope, Direction direction = Direction::lower) {
  return {.name = name, .unit = unit, .direction = direction, .kind = kind, .clock = clock, .provenance = provenance, .scope = scope};
}

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

}  // namespace

DeviceWorkload::DeviceWorkload(DeviceSettings settings) : settings_(std::move(settings)) {
  const auto boards = load_boards(settings_.places.boards);
  const Board* board = boards ? find(boards->boards, settings_.board) : nullptr;
  if (board) link_ = board->link;
}

DeviceWorkload::~DeviceWorkload() = default;

protocol::Description DeviceWorkload::description(const std::string& worker) const {
  protocol::Description description;
  description.worker = worker;
  description.device = settings_.board;
  const std::string compiler = first_line(settings_.places.firmware / "compiler");
  if (!compiler.empty()) description.libraries["arm-none-eabi-gcc"] = compiler;
  auto& all = description.metrics;
  if (link_ == Link::emulator) {
    if (const auto version = emulator_version(); version.ok()) description.libraries["qemu"] = version.value->text();
    const auto counted = [&](const char* name) { all.push_back(metric(name, "1", Kind::size, Clock::none, Provenance::simulated, Scope::replicate)); };
    const auto modelled = [&](const char* name) { all.push_back(metric(name, "1", Kind::size, Clock::cycles, Provenance::modelled, Scope::replicate)); };
    all.push_back(metric("instructions", "1", Kind::size, Clock::instructions, Provenance::simulated, Scope::block));
    all.push_back(metric("per_mac", "1", Kind::size, Clock::none, Provenance::simulated, Scope::block));
    all.push_back(metric("of_ideal", "ratio", Kind::proportion, Clock::none, Provenance::simulated, Scope::block, Direction::higher));
    for (const char* name : {"instructions_by_address", "loads", "stores", "branches_taken"}) counted(name);
    all.push_back(metric("multiplies", "1", Kind::count, Clock::none, Provenance::simulated, Scope::replicate));  // of integers: floats have none
    for (const char* name : {"cycles", "cycles_low", "cycles_high"}) modelled(name);
    all.push_back(metric("board_time_s", "s", Kind::time, Clock::cycles, Provenance::modelled, Scope::replicate));
  } else {
    all.push_back(metric("cycles", "1", Kind::size, Clock::cycles, Provenance::measured, Scope::block));
    all.push_back(metric("per_mac", "1", Kind::size, Clock::cycles, Provenance::measured, Scope::block));
    all.push_back(metric("board_time_s", "s", Kind::time, Clock::device_event, Provenance::measured, Scope::block));
  }
  const Provenance stack = link_ == Link::emulator ? Provenance::simulated : Provenance::measured;
  for (const char* name : {"flash_bytes", "ram_bytes"}) all.push_back(metric(name, "B", Kind::size, Clock::none, Provenance::measured, Scope::replicate));
  all.push_back(metric("stack_bytes", "B", Kind::size, Clock::none, stack, Scope::replicate));
  all.push_back(metric("peak_memory_bytes", "B", Kind::size, Clock::none, stack, Scope::replicate));
  return description;
}

void DeviceWorkload::connect(const worker::Assignment& assignment, const std::string& firmware, const std::string& model, std::vector<std::uint8_t> inputs) {
  FirmwareSettings settings{settings_.places, settings_.board, assignment.text_or("part", ""), firmware, model, assignment.text_or("port", "")};
  firmware_.emplace(Firmware::start(settings, inputs));
}

void DeviceWorkload::give_input(std::int64_t i, std::span<const std::uint8_t> bytes) {
  had(firmware_->is_emulated() ? firmware_->link().take(i) : firmware_->link().load(bytes));
  input_ = i;
}

void DeviceWorkload::steps(std::int64_t n) {
  const Inference inference = had(firmware_->link().infer(n, 0, kInferLimit_s));
  counted_ += inference.count;
  last_count_ = inference.count;
  last_iterations_ = static_cast<double>(n);
  last_microseconds_ = inference.microseconds;
}

std::optional<worker::OwnElapsed> DeviceWorkload::own_elapsed() {
  const bool emulated = link_ == Link::emulator;
  return worker::OwnElapsed{std::exchange(counted_, 0), emulated ? "instructions" : "cycles", emulated ? Clock::instructions : Clock::cycles};
}

std::map<std::string, double> DeviceWorkload::block_metrics() {
  std::map<std::string, double> metrics;
  const double count = last_count_ / last_iterations_;
  if (macs_ > 0 && count > 0) {
    metrics["per_mac"] = count / macs_;
    if (link_ == Link::emulator) metrics["of_ideal"] = macs_ / most_macs_ / count;
  }
  if (link_ == Link::serial) metrics["board_time_s"] = last_microseconds_ * 1e-6 / last_iterations_;
  return metrics;
}

void DeviceWorkload::add_costs(protocol::Evaluated& evaluated) {
  const auto sizes = firmware_->sizes();
  auto& metrics = evaluated.metrics;
  if (sizes) {
    metrics["flash_bytes"] = static_cast<double>(sizes->flash_bytes);
    metrics["ram_bytes"] = static_cast<double>(sizes->ram_bytes);
  }
  if (const auto stack = firmware_->link().stack(kInferLimit_s); stack.ok()) {
    metrics["stack_bytes"] = static_cast<double>(*stack.value);
    if (sizes) metrics["peak_memory_bytes"] = static_cast<double>(sizes->ram_bytes + *stack.value);
  } else if (stack.ending.outcome != Outcome::unsupported) {
    throw Refusal{stack.ending};
  }
  if (firmware_->is_emulated()) add_counts(evaluated);
}

void DeviceWorkload::add_counts(protocol::Evaluated& evaluated) {
  const auto file = firmware_->count_by_address(input_, set_up_, kInferLimit_s);
  if (!file.ok()) {
    fmt::print(stderr, "{}: instructions aren't counted by address, and cycles not modelled: {}\n", settings_.board, file.ending.reason);
    return;
  }
  const auto windows = read_windows(file.value->path(), [&](std::uint32_t address) { return firmware_->elf()->halfword(address); });
  if (!windows || windows->empty()) throw Refusal{{Outcome::invalid_output, windows ? "the plugin counted no window" : windows.error().message}};
  const Window& window = windows->back();
  const Totals totals = total_of(window);
  const double by_timer = last_iterations_ == 1 ? last_count_ : had(firmware_->link().infer(1, 0, kInferLimit_s)).count;
  if (std::fabs(static_cast<double>(totals.instructions) - by_timer) > kAgree) {
    throw Refusal{{Outcome::invalid_output, fmt::format("the timer counts {} instructions, the plugin {}", by_timer, totals.instructions)}};
  }
  const Part& part = firmware_->part();
  const CycleBounds cycles = cortex_m4_cycles(window, {part.flash_wait, part.flash_wait_high});
  auto& metrics = evaluated.metrics;
  metrics["instructions_by_address"] = static_cast<double>(totals.instructions);
  metrics["loads"] = static_cast<double>(totals.loads);
  metrics["stores"] = static_cast<double>(totals.stores);
  metrics["branches_taken"] = static_cast<double>(totals.branches_taken);
  metrics["multiplies"] = static_cast<double>(totals.multiplies);
  metrics["cycles_low"] = cycles.low;
  metrics["cycles"] = cycles.nominal;
  metrics["cycles_high"] = cycles.high;
  metrics["board_time_s"] = cycles.nominal / part.clock_hz;
}

int serve_device(int argc, char** argv, const std::function<std::unique_ptr<worker::Workload>(DeviceSettings)>& make) {
  DeviceSettings settings;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i], value = argv[i + 1];
    if (option == "--board") {
      settings.board = value;
    } else if (option == "--boards") {
      settings.places.boards = value;
    } else if (option == "--firmware") {
      settings.places.firmware = value;
    } else {
      settings.further[option] = value;
    }
  }
  if (argc % 2 == 0 || settings.board.empty() || settings.places.boards.empty() || settings.places.firmware.empty()) {
    fmt::print(stderr, "usage: {} --board NAME --boards FOLDER --firmware FOLDER …   (a worker of Assay: speaks its protocol on standard input and output)\n", argv[0]);
    return 2;
  }
  const auto workload = make(std::move(settings));
  return worker::serve(*workload);
}

}  // namespace assay::mcu
