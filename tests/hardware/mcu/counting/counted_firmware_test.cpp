// End to end: a program whose window is counted by hand (firmware/counted.c) runs in QEMU with the plugin. Every QEMU has a
// time limit that kills it, because a plugin's mistake can hang it in a way that SIGTERM doesn't end.
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "hardware/mcu/counting/cycle_model.hpp"
#include "hardware/mcu/counting/histogram.hpp"
#include "tests/catch.hpp"

using namespace assay::mcu;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("assay-counting-" + std::to_string(getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

bool succeeds(const std::string& command) { return std::system(command.c_str()) == 0; }

/// The firmware, built anew in a folder of its own.
class Firmware {
 public:
  /// Why it can't be run here, or empty.
  std::string missing() {
    const auto needed = {"arm-none-eabi-gcc", "arm-none-eabi-nm", "arm-none-eabi-objcopy", "qemu-system-arm", "timeout"};
    for (const char* program : needed) {
      if (!succeeds(std::string("command -v ") + program + " > /dev/null 2>&1")) return std::string(program) + " is missing";
    }
    if (!succeeds("qemu-system-arm -help | grep -q -e '^-plugin'")) return "qemu-system-arm was built without plugins";
    return "";
  }

  void build() {
    const std::string source = FIRMWARE_FOLDER "/counted";
    REQUIRE(succeeds("arm-none-eabi-gcc -O2 -mcpu=cortex-m4 -mthumb -ffreestanding -nostdlib -T " + source + ".ld " +
                     source + ".c -o " + folder_ / "counted.elf"));
    REQUIRE(succeeds("arm-none-eabi-objcopy -O binary -j .text " + folder_ / "counted.elf" + " " + folder_ / "counted.bin"));
    REQUIRE(succeeds("arm-none-eabi-nm " + folder_ / "counted.elf" + " > " + folder_ / "symbols"));
    plugin_ = PLUGIN_V1;
    run("", "begin=2,end=4,out=" + folder_ / "probe");
    if (said().find("API version") != std::string::npos) plugin_ = PLUGIN_V2;  // QEMU 9 and newer
  }

  std::uint32_t address_of(const std::string& symbol) const {
    std::istringstream lines(content(folder_ / "symbols"));
    std::string address, kind, name;
    while (lines >> address >> kind >> name) {
      if (name == symbol) return static_cast<std::uint32_t>(std::stoul(address, nullptr, 16));
    }
    FAIL(symbol << " isn't in the firmware");
    return 0;
  }

  bool run(const std::string& clock, const std::string& arguments) {
    return succeeds("timeout -s KILL 30 qemu-system-arm -M mps2-an386 -display none -monitor none -serial none "
                    "-semihosting-config enable=on,target=native " + clock + " -plugin " + plugin_ + "," + arguments +
                    " -kernel " + folder_ / "counted.elf" + " > " + folder_ / "said" + " 2>&1");
  }

  std::string said() const { return content(folder_ / "said"); }

  /// Counts between the two marks; bit 0 set, as a function's symbol has it.
  std::vector<Window> counted(const std::string& clock, const std::string& more = "") {
    const std::string file = folder_ / "counts.txt";
    INFO(said());
    REQUIRE(run(clock, "begin=" + std::to_string(address_of("begin_mark") | 1) + ",end=" +
                           std::to_string(address_of("end_mark")) + ",out=" + file + more));
    const std::string image = content(folder_ / "counted.bin");
    const auto windows = read_windows(file, halfwords_of(std::as_bytes(std::span(image)), 0));
    if (!windows) FAIL(windows.error().message);
    return *windows;
  }

 private:
  Folder folder_;
  std::string plugin_;
};

}  // namespace

TEST_CASE("the plugin's count of a firmware is the count by hand and the timer's") {
  Firmware firmware;
  if (const std::string missing = firmware.missing(); !missing.empty()) {
    std::cout << "SKIPPED: " << missing << '\n';
    return;
  }
  firmware.build();

  const auto windows = firmware.counted("-icount shift=7", ",flash_end=0x100000");
  const std::uint64_t ticks = std::stoull(firmware.said());
  REQUIRE(windows.size() == 1);
  const Totals totals = total_of(windows.front());
  CHECK(totals.instructions == 1 + 9 * 1000 + 3 + 1000 + 6);
  // An instruction takes 2⁷ ns, a tick of 25 MHz 40 ns. From one reading to the next is one instruction more: the reading.
  CHECK(std::abs(std::llround(static_cast<double>(ticks) * 40 / 128) - 1 - static_cast<long long>(totals.instructions)) <= 1);
  CHECK(totals.loads == 2001);
  CHECK(totals.flash_loads == 3000);
  CHECK(totals.branches == 3000 + 4);
  CHECK(totals.branches_taken == 1000 + 999 + 1000 + 4);
  CHECK(totals.of(Class::it) == 1000);
  CHECK(totals.of(Class::alu) == 1 + 4 * 1000 + 3);
  CHECK(totals.exceptions == 0);

  // movw 1; ldr 2 (before it a taken branch); ldm 3; cmp, adds, adds, subs 1 each; ite 1; bl, bne, bx 3 when taken, 1 if
  // not; the last ldr 2, bl 3, b 3; pages 3 + 1 + 2 · 3: (2 + 3 + 4 + 1 + 3 + 3) · 1000 + 3 · 999 + 1 + 1 + 2 + 3 + 3 + 10.
  // Flash waits no time.
  const CycleBounds cycles = cortex_m4_cycles(windows.front(), {});
  CHECK(cycles.nominal == 16'000 + 3 * 999 + 20);
  CHECK(cycles.high >= cycles.nominal + 4 * 3000);
  CHECK(cycles.low < cycles.nominal);

  SECTION("without -icount, and with another one, the counts are the same") {
    std::vector<std::string> clocks = {"", "-icount shift=6"};
    if (succeeds("qemu-system-arm -help | grep -q -e '^-singlestep'")) clocks.push_back("-icount shift=7 -singlestep");
    for (const std::string& clock : clocks) {
      INFO(clock);
      const auto again = firmware.counted(clock, ",flash_end=0x100000");
      REQUIRE(again.size() == 1);
      CHECK(again.front().lines == windows.front().lines);
    }
  }
  SECTION("without flash_end no load is looked at") {
    CHECK(total_of(firmware.counted("-icount shift=7").front()).flash_loads == 0);
  }
  SECTION("arguments that are wrong or missing are named") {
    CHECK_FALSE(firmware.run("", "begin=0x10,end=twelve,out=counts.txt"));
    CHECK_THAT(firmware.said(), ContainsSubstring("'end=twelve' is not understood"));
    CHECK_FALSE(firmware.run("", "begin=0x10,end=0x11,out=counts.txt"));
    CHECK_THAT(firmware.said(), ContainsSubstring("two different addresses"));
    CHECK_FALSE(firmware.run("", "begin=0x10,end=0x20,out=/dev/null/counts.txt"));
    CHECK_THAT(firmware.said(), ContainsSubstring("/dev/null/counts.txt: Not a directory"));
  }
}
