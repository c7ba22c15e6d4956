#include "hardware/mcu/firmware.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "harness/core/hash.hpp"
#include "harness/worker/workload.hpp"

namespace assay::mcu {

namespace fs = std::filesystem;
using worker::Refusal;

namespace {

constexpr const char* kBuildAgain = "scripts/bootstrap mcu, then build again";
constexpr Version kPluginsFrom{6, 1, 0};  // QEMU's -plugin FILE,name=value
constexpr int kSecondPluginFrom = 9;      // its API version 2

[[noreturn]] void refuse(std::string reason, Outcome outcome = Outcome::unsupported) { throw Refusal{{outcome, std::move(reason)}}; }

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

MemoryFile memory_file(const char* name, std::span<const std::uint8_t> bytes) {
  MemoryFile file = MemoryFile::with(name, bytes);
  if (!file.is_open()) refuse(fmt::format("there is no memory for {} bytes of {}", bytes.size(), name), Outcome::out_of_memory);
  return file;
}

/// The image, or why there is none.
fs::path image_of(const FirmwareSettings& settings, const Part& part) {
  const fs::path image = settings.places.firmware / settings.board / part.name / settings.firmware;
  const fs::path elf = image.string() + ".elf", refused = image.string() + ".refused";
  if (fs::exists(refused)) refuse(text_of(refused));
  if (fs::exists(elf)) return elf;
  if (!fs::exists(settings.places.firmware / settings.board)) {
    refuse(fmt::format("this build has no firmware for {}: there was no arm-none-eabi-gcc → {}", settings.board, kBuildAgain));
  }
  refuse(fmt::format("this build has no firmware {} for {} on {}", settings.firmware, part.name, settings.board));
}

/// What puts it onto the board.
std::string flashed_by(const Board& board, const FirmwareSettings& settings, const fs::path& elf) {
  if (board.image.empty()) return fmt::format("flash {}", elf.string());
  std::string name = settings.firmware;
  std::replace(name.begin(), name.end(), '/', '_');
  return fmt::format("upload the sketch {}", (settings.places.boards / board.image / name).string());
}

}  // namespace

Firmware Firmware::start(const FirmwareSettings& settings, std::span<const std::uint8_t> inputs) {
  const auto boards = load_boards(settings.places.boards);
  if (!boards) refuse(boards.error().message, Outcome::crashed);
  const Board* board = find(boards->boards, settings.board);
  if (!board) refuse(fmt::format("there is no board '{}'; there are {}", settings.board, names_of(boards->boards)));
  const std::string part = settings.part.empty() ? board->parts.front() : settings.part;
  if (std::find(board->parts.begin(), board->parts.end(), part) == board->parts.end()) {
    std::string parts;
    for (const std::string& one : board->parts) parts += (parts.empty() ? "" : ", ") + one;
    refuse(fmt::format("board {} is no '{}'; it has or stands in for {}", board->name, part, parts));
  }
  Firmware firmware;
  firmware.board_ = *board;
  firmware.part_ = *find(boards->parts, part);
  firmware.plugins_ = settings.places.firmware;
  if (board->image.empty()) firmware.load_elf(settings);

  std::function<std::optional<Ending>()> why_gone;
  int line = -1;
  if (firmware.is_emulated()) {
    had(emulator_version());
    if (!inputs.empty()) firmware.inputs_file_ = memory_file("assay-inputs", inputs);
    firmware.emulator_ = std::make_unique<Emulator>(had(Emulator::start({firmware.board_, firmware.elf_file_, firmware.inputs_file_.path(), ""})));
    line = firmware.emulator_->line();
    why_gone = [emulator = firmware.emulator_.get()] { return emulator->ended(); };
  } else {
    firmware.open_line(settings.port);
    line = firmware.tty_.get();
  }
  firmware.link_ = std::make_unique<DeviceLink>(line, std::move(why_gone), firmware.elf_.get());
  firmware.device_ = had(firmware.link_->hello());
  if (firmware.device_.model != settings.model) {
    refuse(fmt::format("the board runs '{}' where '{}' is wanted → {}", firmware.device_.model, settings.model, flashed_by(*board, settings, firmware.elf_file_)));
  }
  if (!firmware.device_.speaks_ours) refuse(fmt::format("the firmware on the board isn't Assay's → {}", flashed_by(*board, settings, firmware.elf_file_)));
  return firmware;
}

void Firmware::load_elf(const FirmwareSettings& settings) {
  elf_file_ = image_of(settings, part_);
  auto elf = Elf::load(elf_file_);
  if (!elf) refuse(elf.error().message, Outcome::crashed);
  elf_ = std::make_unique<Elf>(*std::move(elf));
  const auto hash = sha256_of_file(elf_file_.string());
  if (!hash) refuse(hash.error().message, Outcome::crashed);
  elf_sha256_ = *hash;
}

void Firmware::open_line(const std::string& port) {
  const auto ports = ports_of(board_);
  if (port.empty() && ports.size() != 1) {
    std::string found;
    for (const std::string& one : ports) found += (found.empty() ? "" : ", ") + one;
    refuse(ports.empty() ? fmt::format("board {}: {}", board_.name, availability(board_).text)
                         : fmt::format("board {}: it may be any of {} → say which by --set port=/dev/…", board_.name, found));
  }
  tty_ = had(open_tty(port.empty() ? ports.front() : port, board_.baud));
}

std::optional<ImageSizes> Firmware::sizes() const {
  if (!elf_) return std::nullopt;
  const auto value = [&](std::string_view name) { return elf_->symbol(name) ? std::int64_t{elf_->symbol(name)->value} : 0; };
  ImageSizes sizes{value("assay_flash_bytes"), value("assay_ram_bytes"), 0};
  for (const Elf::Symbol& symbol : elf_->symbols()) {
    if (symbol.is_object && (symbol.name.starts_with("conv") || symbol.name.starts_with("fc"))) sizes.weight_bytes += symbol.size;
  }
  return sizes;
}

protocol::Reply<MemoryFile> Firmware::count_by_address(std::optional<std::int64_t> i, const std::vector<std::pair<std::string, std::int64_t>>& settings,
                                                         double limit_s) const {
  const auto unsupported = [](std::string reason) { return protocol::Reply<MemoryFile>{std::nullopt, {Outcome::unsupported, std::move(reason)}}; };
  if (!is_emulated()) return unsupported("a board's processor counts no instruction by its address");
  const auto version = emulator_version();
  if (!version.ok()) return {std::nullopt, version.ending};
  if (*version.value < kPluginsFrom) return unsupported(fmt::format("QEMU {} takes no plugin of this kind → {} or newer is needed", version.value->text(), kPluginsFrom.text()));
  const fs::path plugin = plugins_ / (version.value->major < kSecondPluginFrom ? "count_plugin_v1.so" : "count_plugin_v2.so");
  if (!fs::exists(plugin)) return unsupported(fmt::format("this build has no {}", plugin.filename().string()));
  const Elf::Symbol *begin = elf_->symbol("assay_window_begin"), *end = elf_->symbol("assay_window_end");
  if (!begin || !end) return unsupported(fmt::format("{} says not where counting begins and ends", elf_file_.string()));
  MemoryFile counts = memory_file("assay-counts", {});
  const std::string arguments = fmt::format("{},begin=0x{:x},end=0x{:x},out={},flash_end=0x{:x}", option_value(plugin), begin->value & ~1U, end->value & ~1U, option_value(counts.path()),
                                            static_cast<std::uint64_t>(board_.flash_origin) + static_cast<std::uint64_t>(part_.flash_bytes));
  auto emulator = Emulator::start({board_, elf_file_, inputs_file_.path(), arguments});
  if (!emulator.ok()) return {std::nullopt, emulator.ending};
  DeviceLink link(emulator.value->line(), [&] { return emulator.value->ended(); }, elf_.get());
  const auto hello = link.hello();
  if (!hello.ok()) return unsupported(fmt::format("QEMU with a plugin: {}", hello.ending.reason));  // built without plugins, it ends at once
  for (const auto& [name, value] : settings) {
    if (const auto done = link.set(name, value); !done.ok()) return {std::nullopt, done.ending};
  }
  if (i) {
    if (const auto taken = link.take(*i); !taken.ok()) return {std::nullopt, taken.ending};
  }
  if (const auto inferred = link.infer(1, 0, limit_s); !inferred.ok()) return {std::nullopt, inferred.ending};
  return {std::move(counts), {}};
}

}  // namespace assay::mcu
