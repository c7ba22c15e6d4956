// End to end: a firmware that faults when it is told to (faulty.c), in QEMU. Each fault must come back as what it was, with its place.
// An emulator dies with this process, with its Emulator, and after a minute of CPU time.
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <iostream>
#include <string>
#include <thread>

#include "hardware/mcu/firmware.hpp"
#include "harness/worker/workload.hpp"
#include "tests/catch.hpp"
#include "tests/hardware/mcu/folder.hpp"

using namespace assay;
using namespace assay::mcu;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

namespace {

constexpr double kInTime_s = 30;
constexpr const char* kPart = "nrf52840";

enum Fault { none, undefined, beyond_ram, flash, recursion, division, loop, reset, call_nothing, no_memory };

bool succeeds(const std::string& command) { return std::system(command.c_str()) == 0; }

/// True, and said so, if this can't be tried here.
bool is_skipped() {
  const rlimit minute{60, 60};
  ::setrlimit(RLIMIT_CPU, &minute);
  std::string missing;
  if (!fs::exists(fs::path(FIRMWARE_ROOT) / "mps2-an386" / kPart / "faulty.elf")) missing = "this build has no firmware: arm-none-eabi-gcc is missing";
  if (!succeeds("command -v qemu-system-arm > /dev/null")) missing = "qemu-system-arm is missing";
  if (!missing.empty()) std::cout << "SKIPPED: " << missing << '\n';
  return !missing.empty();
}

FirmwareSettings settings(const std::string& part = kPart) { return {{MCU_FOLDER, FIRMWARE_ROOT}, "mps2-an386", part, "faulty", "faulty", ""}; }

Firmware start(const std::string& part = kPart) {
  try {
    return Firmware::start(settings(part), {});
  } catch (const worker::Refusal& refusal) {
    throw std::runtime_error(refusal.ending.reason);
  }
}

Ending ending_of(Firmware& firmware, Fault fault, double limit_s = kInTime_s) {
  const auto set = firmware.link().set("fault", fault);
  if (!set.ok()) return set.ending;
  return firmware.link().infer(1, 0, limit_s).ending;
}

void check_crash(Fault fault, const std::string& begin, const std::string& function, const std::string& cause, const std::string& part = kPart) {
  Firmware firmware = start(part);
  const Ending ending = ending_of(firmware, fault);
  INFO(ending.reason);
  CHECK(name_of(ending.outcome) == "crashed");
  CHECK_THAT(ending.reason, Catch::Matchers::StartsWith(begin) && ContainsSubstring(" in " + function) && ContainsSubstring(cause));
  // QEMU is told to end by the handler.
  const Ending after = firmware.link().hello().ending;
  CHECK(name_of(after.outcome) == "crashed");
  CHECK(after.reason == "QEMU ended with status 99");
}

}  // namespace

TEST_CASE("a firmware that is told no fault works, on each part") {
  if (is_skipped()) return;
  for (const char* part : {"nrf52840", "nrf52832", "nrf52810", "stm32f303x8"}) {
    INFO(part);
    Firmware firmware = start(part);
    const std::vector<std::uint8_t> input = {41, 0, 0, 0};
    CHECK(firmware.link().load(input).ok());
    const auto inference = firmware.link().infer(10, 3, kInTime_s);
    REQUIRE(inference.ok());
    CHECK(inference.value->least == inference.value->most);
    CHECK(inference.value->count == 10 * inference.value->least);
    CHECK(firmware.link().output().value == std::vector<std::uint8_t>{42, 0, 0, 0});
    CHECK(firmware.link().results() == std::vector<double>{0.042});
    const auto stack = firmware.link().stack(kInTime_s);
    REQUIRE(stack.ok());
    CHECK(*stack.value < 256);
    CHECK(firmware.sizes()->flash_bytes > 2000);
    CHECK(firmware.link().set("fault", 10).ending.outcome == Outcome::invalid_output);
  }
}

TEST_CASE("faults of the processor are crashed, with PC, function, cause and status") {
  if (is_skipped()) return;
  check_crash(undefined, "usage fault at PC 0x0000", "undefined_instruction", ": it executed an undefined instruction (CFSR 0x00010000,");
  check_crash(division, "usage fault at PC 0x0000", "divide", ": it divided by zero (CFSR 0x02000000,");
  check_crash(flash, "memory fault at PC 0x0000", "write_to_flash", ": it read or wrote where there is no memory for it, address 0x00000040 (CFSR 0x00000082,");
  check_crash(no_memory, "memory fault at PC 0x0000", "read_nowhere", ", address 0x70000000 (CFSR 0x00000082,");
}

TEST_CASE("a write behind a part's last byte of RAM is a fault, though the emulated board has more") {
  if (is_skipped()) return;
  check_crash(beyond_ram, "memory fault at PC 0x0000", "write_beyond_ram", ", address 0x20040000 (CFSR 0x00000082,", "nrf52840");
  check_crash(beyond_ram, "memory fault at PC 0x0000", "write_beyond_ram", ", address 0x20010000 (CFSR 0x00000082,", "nrf52832");
  check_crash(beyond_ram, "memory fault at PC 0x0000", "write_beyond_ram", ", address 0x20006000 (CFSR 0x00000082,", "nrf52810");
  check_crash(beyond_ram, "memory fault at PC 0x0000", "write_beyond_ram", ", address 0x20003000 (CFSR 0x00000082,", "stm32f303x8");
}

TEST_CASE("endless recursion is a stack overflow, in the function that recursed") {
  if (is_skipped()) return;
  for (const char* part : {"nrf52840", "stm32f303x8"}) check_crash(recursion, "stack overflow ", "recurse", " (CFSR 0x000000", part);
}

TEST_CASE("a call to where no code is, is crashed") {
  if (is_skipped()) return;
  Firmware firmware = start();
  const Ending ending = ending_of(firmware, call_nothing);
  INFO(ending.reason);
  CHECK(name_of(ending.outcome) == "crashed");
  CHECK_THAT(ending.reason, ContainsSubstring("memory fault at PC 0x60000000: it executed what is no code"));
}

TEST_CASE("an endless loop is timed_out, and the emulator is still killed with its owner") {
  if (is_skipped()) return;
  Firmware firmware = start();
  const Ending ending = ending_of(firmware, loop, 1);
  CHECK(name_of(ending.outcome) == "timed_out");
  CHECK(ending.reason == "the device didn't answer 'infer 1 0' in time");
  CHECK(name_of(firmware.link().hello().ending.outcome) == "timed_out");
}

TEST_CASE("a reset is crashed, and the device that began anew works") {
  if (is_skipped()) return;
  Firmware firmware = start();
  const Ending ending = ending_of(firmware, reset);
  CHECK(name_of(ending.outcome) == "crashed");
  CHECK(ending.reason == "the device began anew during 'infer 1 0': a reset, a watchdog or a dip of its supply");
  REQUIRE(firmware.link().hello().ok());
  CHECK(firmware.link().infer(1, 0, kInTime_s).ok());  // the setting was forgotten
}

TEST_CASE("an emulator that is killed in mid-inference is crashed, with the signal") {
  if (is_skipped()) return;
  const Folder folder;
  // The real one, killed when the file "now" is there.
  folder.write("qemu-system-arm", "#!/bin/sh\nhere=${0%/*}\nPATH=$REAL_PATH\nexport PATH\n[ \"$1\" = --version ] && exec qemu-system-arm --version\n"
                                  "(i=0; while [ ! -e \"$here/now\" ] && [ $i -lt 600 ]; do sleep 0.1; i=$((i+1)); done; kill -KILL $$) > /dev/null 2>&1 &\nexec qemu-system-arm \"$@\"\n");
  const Environment real("REAL_PATH", std::getenv("PATH")), path("PATH", folder.path());
  Firmware firmware = start();
  auto ending = std::async(std::launch::async, [&] { return ending_of(firmware, loop); });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  folder.write("now", "");
  CHECK(ending.get().reason == "QEMU was killed by signal 9 (Killed)");
  CHECK(name_of(firmware.link().hello().ending.outcome) == "crashed");
}

TEST_CASE("counting by address without the plugin is unsupported") {
  if (is_skipped()) return;
  const Firmware firmware = start();
  const auto counts = firmware.count_by_address(0, {}, kInTime_s);
  CHECK(name_of(counts.ending.outcome) == "unsupported");
  CHECK_THAT(counts.ending.reason, ContainsSubstring("this build has no count_plugin_v") || ContainsSubstring("takes no plugin of this kind"));
}

TEST_CASE("a firmware cut short at any length is refused, and its code is what the emulator runs") {
  if (is_skipped()) return;
  const fs::path file = fs::path(FIRMWARE_ROOT) / "mps2-an386" / kPart / "faulty.elf";
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  const std::string whole = text.str();
  for (std::size_t length = 0; length < whole.size(); length += 1 + whole.size() / 997) CHECK_FALSE(Elf::parse(whole.substr(0, length), "x.elf"));
  const auto elf = Elf::parse(whole, "x.elf");
  REQUIRE(elf);
  REQUIRE(elf->symbol("undefined_instruction"));
  CHECK(elf->halfword(elf->symbol("undefined_instruction")->value) == std::uint16_t{0xDE00});  // udf #0
}
