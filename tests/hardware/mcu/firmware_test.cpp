// A firmware that is looked for and met at the end of a tty (fake_board), or can't be had: every refusal with its reason.
#include "hardware/mcu/firmware.hpp"

#include <filesystem>
#include <string>

#include "harness/worker/workload.hpp"
#include "tests/catch.hpp"
#include "tests/hardware/mcu/board_process.hpp"
#include "tests/hardware/mcu/folder.hpp"
#include "tests/hardware/mcu/small_elf.hpp"

using namespace assay;
using namespace assay::mcu;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::Equals;
namespace fs = std::filesystem;

namespace {

constexpr const char* kImage = "firmware/bench/nrf52840/sums";
constexpr const char* kEmulated = "firmware/mps2-an386/nrf52840/sums.elf";

/// Boards of the tree and one more, "bench", which is to be found at `ports`; its image is small_elf.
class Installation {
 public:
  explicit Installation(const std::string& ports) {
    for (const char* name : {"boards", "parts"}) fs::copy(fs::path(MCU_FOLDER) / name, folder_ / name, fs::copy_options::recursive);
    folder_.write("boards/bench.json", R"({"title": "A bench", "link": "serial", "cpu": "cortex-m4", "flash_origin": "0x00000000", "ram_origin": "0x20000000", "ports": [)" + ports +
                                           R"(], "baud": 115200, "parts": ["nrf52840", "nrf52832"], "tried_on_hardware": true})");
    folder_.write(std::string(kImage) + ".elf", small_elf());
  }
  const Folder& folder() const { return folder_; }

  FirmwareSettings settings() const { return {{folder_.path(), folder_ / "firmware"}, "bench", "", "sums", "sums", ""}; }
  Ending refusal(const FirmwareSettings& settings, std::vector<std::uint8_t> inputs = {}) const {
    try {
      Firmware::start(settings, inputs);
    } catch (const worker::Refusal& refusal) {
      return refusal.ending;
    }
    return {Outcome::ok, "it was had"};
  }

 private:
  Folder folder_;
};

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

}  // namespace

TEST_CASE("the only board there is, is met") {
  const BoardProcess board;
  const Installation installed(quoted(board.tty()));
  Firmware firmware = Firmware::start(installed.settings(), {});
  CHECK(firmware.device().model == "sums");
  CHECK(firmware.part().name == "nrf52840");
  CHECK_FALSE(firmware.is_emulated());
  CHECK(firmware.sizes()->ram_bytes == 1234);
  CHECK(firmware.sizes()->weight_bytes == 480);
  CHECK(firmware.elf_sha256().size() == 64);
  CHECK(firmware.link().infer(1, 0, 20).ok());
  CHECK(firmware.count_by_address(0, {}, 20).ending.outcome == Outcome::unsupported);
}

TEST_CASE("another model or another firmware on the board says what to flash") {
  for (const auto& [fault, begin] : {std::pair{"other_model", "the board runs 'another' where 'sums' is wanted → flash "}, {"plain", "the firmware on the board isn't Assay's → flash "}}) {
    const BoardProcess board({"--fault", fault, "--times", "-1"});
    const Installation installed(quoted(board.tty()));
    const Ending ending = installed.refusal(installed.settings());
    CHECK(name_of(ending.outcome) == "unsupported");
    CHECK(ending.reason == begin + (installed.folder() / kImage).string() + ".elf");
  }
}

TEST_CASE("no board, one of several and one that isn't there are told apart") {
  const BoardProcess board, other;
  const Installation none(quoted("/dev/ttyNowhere*"));
  CHECK(none.refusal(none.settings()).reason == "board bench: no /dev/ttyNowhere* → plug the board in");
  const Installation two(quoted(board.tty()) + ", " + quoted(other.tty()));
  CHECK_THAT(two.refusal(two.settings()).reason, ContainsSubstring("board bench: it may be any of /dev/pts/") && ContainsSubstring("say which by --set port="));
  FirmwareSettings settings = two.settings();
  settings.port = "/dev/ttyNowhere0";
  CHECK(two.refusal(settings).reason == "/dev/ttyNowhere0 is not there → plug the board in");
  settings.port = other.tty();
  CHECK(two.refusal(settings).reason == "it was had");
}

TEST_CASE("a board or a part that there isn't, and an image that wasn't built, are named") {
  const Installation installed(quoted("/dev/ttyNowhere*"));
  FirmwareSettings settings = installed.settings();
  settings.board = "knit";
  CHECK(installed.refusal(settings).reason == "there is no board 'knit'; there are bench, mps2-an386, nano33ble, nrf52840");
  settings = installed.settings();
  settings.part = "nrf52810";
  CHECK(installed.refusal(settings).reason == "board bench is no 'nrf52810'; it has or stands in for nrf52840, nrf52832");
  settings.part = "nrf52832";
  CHECK(installed.refusal(settings).reason == "this build has no firmware sums for nrf52832 on bench");
  installed.folder().write("firmware/bench/nrf52832/sums.refused", "needs 70 KB of 64 KB RAM");
  CHECK(installed.refusal(settings).reason == "needs 70 KB of 64 KB RAM");
  CHECK(name_of(installed.refusal(settings).outcome) == "unsupported");
  settings.board = "nrf52840";
  settings.part = "";
  CHECK(installed.refusal(settings).reason == "this build has no firmware for nrf52840: there was no arm-none-eabi-gcc → scripts/bootstrap mcu, then build again");
}

TEST_CASE("an image that is none is crashed, and named") {
  const Installation installed(quoted("/dev/ttyNowhere*"));
  const std::string file = std::string(kImage) + ".elf", path = (installed.folder() / file).string();
  const auto check = [&](const std::string& reason) {
    const Ending ending = installed.refusal(installed.settings());
    CHECK(name_of(ending.outcome) == "crashed");
    CHECK(ending.reason == path + reason);
  };
  installed.folder().write(file, "#!/bin/sh\n");
  check(": is no ELF file");
  installed.folder().write(file, "");
  check(": is no ELF file");
  installed.folder().write(file, small_elf().substr(0, 200));
  check(": is cut short");
  fs::remove(path);
  fs::copy_file("/proc/self/exe", path);
  check(": is no firmware for a 32-bit little-endian Arm");
}

TEST_CASE("boards that can't be read are crashed, with their file") {
  const Installation installed(quoted("/dev/ttyNowhere*"));
  installed.folder().write("boards/bench.json", "{");
  const Ending ending = installed.refusal(installed.settings());
  CHECK(name_of(ending.outcome) == "crashed");
  CHECK_THAT(ending.reason, ContainsSubstring("boards/bench.json: is no JSON object"));
}

TEST_CASE("an emulated board without its emulator, or with one that ends at once, leaves nothing behind") {
  const Installation installed(quoted("/dev/ttyNowhere*"));
  installed.folder().write(kEmulated, small_elf());
  fs::create_directory(installed.folder() / "tmp");
  fs::create_directory(installed.folder() / "bin");
  const Environment path("PATH", installed.folder() / "bin"), temporary("TMPDIR", installed.folder() / "tmp");
  FirmwareSettings settings = installed.settings();
  settings.board = "mps2-an386";
  CHECK_THAT(installed.refusal(settings, {1, 2, 3}).reason, ContainsSubstring("needs the program qemu-system-arm → sudo apt install"));
  installed.folder().write("bin/qemu-system-arm", "#!/bin/sh\n[ $1 = --version ] && echo QEMU emulator version 7.2.0 && exit 0\necho Lost. >&2\nexit 1\n");
  const Ending ending = installed.refusal(settings, {1, 2, 3});
  CHECK(name_of(ending.outcome) == "crashed");
  CHECK(ending.reason == "QEMU ended with status 1: Lost.");
  CHECK(fs::is_empty(installed.folder() / "tmp"));
}
