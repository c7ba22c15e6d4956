// Programs that are called qemu-system-arm and are none: what is said of each. The real one: faulty_firmware_test.cpp.
#include "hardware/mcu/emulator.hpp"

#include <signal.h>
#include <unistd.h>

#include <string>

#include "hardware/mcu/link.hpp"
#include "tests/catch.hpp"
#include "tests/hardware/mcu/folder.hpp"

using namespace assay;
using namespace assay::mcu;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr const char* kRemedy = "needs the program qemu-system-arm → sudo apt install --no-install-recommends qemu-system-arm";

/// The only program on PATH: a shell's script, or none. Temporary files have a folder of their own.
class Programs {
 public:
  explicit Programs(const std::string& script) : path_("PATH", folder_.path()), temporary_("TMPDIR", folder_ / "tmp") {
    std::filesystem::create_directory(folder_ / "tmp");
    if (!script.empty()) folder_.write("qemu-system-arm", "#!/bin/sh\n" + script + "\n");
  }
  const Folder& folder() const { return folder_; }
  bool is_clean() const { return std::filesystem::is_empty(folder_ / "tmp"); }

 private:
  Folder folder_;
  Environment path_, temporary_;
};

Board board() {
  Board emulated;
  emulated.name = "mps2-an386";
  emulated.link = Link::emulator;
  emulated.machine = "mps2-an386";
  emulated.cpu = "cortex-m4";
  emulated.window_origin = 0x21000000;
  emulated.icount_shift = 7;
  return emulated;
}

void check_version(const std::string& script, const std::string& reason) {
  INFO(script);
  const Programs programs(script);
  const auto version = emulator_version();
  CHECK_FALSE(version.ok());
  CHECK(version.ending.outcome == Outcome::unsupported);
  CHECK(version.ending.reason == reason);
}

/// How it ends that is spoken to.
Ending met(const std::string& script) {
  const Programs programs(script);
  const Board emulated = board();
  Ending ending;
  {
    auto emulator = Emulator::start({emulated, "x.elf", "", ""});
    REQUIRE(emulator.ok());
    DeviceLink link(emulator.value->line(), [&] { return emulator.value->ended(); });
    ending = link.hello().ending;
    const Ending again = link.hello().ending;
    CHECK(name_of(again.outcome) == name_of(ending.outcome));
    CHECK(again.reason == ending.reason);  // it is asked as often as one likes
  }
  CHECK(programs.is_clean());
  return ending;
}

}  // namespace

TEST_CASE("versions are read and compared") {
  for (const auto& [said, text] : {std::pair{"QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)", "7.2.22"}, {"QEMU emulator version 4.2.0", "4.2.0"},
                                   {"QEMU emulator version 10.0 (v10.0-rc1)", "10.0.0"}}) {
    const Programs programs(std::string("echo '") + said + "'");
    const auto version = emulator_version();
    REQUIRE(version.ok());
    CHECK(version.value->text() == text);
    CHECK(availability(board()).text == std::string("QEMU ") + text);
  }
  CHECK(Version{4, 2, 0} < Version{4, 10, 0});
  CHECK(Version{9, 9, 9} < Version{10, 0, 0});
}

TEST_CASE("an emulator that is missing names the remedy") {
  check_version("", kRemedy);
  const Programs programs("");
  const Board emulated = board();
  CHECK_FALSE(availability(emulated).available);
  CHECK(availability(emulated).text == kRemedy);
  const auto emulator = Emulator::start({emulated, "x.elf", "", ""});
  CHECK_FALSE(emulator.ok());
  CHECK(emulator.ending.outcome == Outcome::unsupported);
  CHECK(emulator.ending.reason == kRemedy);
  CHECK(programs.is_clean());
}

TEST_CASE("an emulator that is too old, another program, or gone at once is unsupported, with what was wrong") {
  check_version("echo QEMU emulator version 4.1.1", "QEMU 4.1.1 is too old → 4.2 or newer is needed");
  const std::string unclear = "qemu-system-arm --version doesn't say which version it is → is it the right program?";
  check_version("echo hello", unclear);
  check_version("echo QEMU emulator version seven", unclear);
  check_version("exit 1", unclear);
  check_version("kill -SEGV $$", unclear);
  check_version("while :; do echo yes yes yes yes yes yes yes; done", unclear);
}

TEST_CASE("an emulator that hangs at its version is unsupported") {
  check_version("exec /bin/sleep 1000", "qemu-system-arm --version said nothing for 10 s → is it the right program?");
}

TEST_CASE("an emulator that ends at once is crashed, with its own words") {
  const Ending ending = met("echo 'qemu-system-arm: could not load kernel x.elf' >&2\nexit 1");
  CHECK(name_of(ending.outcome) == "crashed");
  CHECK(ending.reason == "QEMU ended with status 1: qemu-system-arm: could not load kernel x.elf");
  CHECK(met("exit 0").reason == "QEMU ended with status 0");
  CHECK(met("kill -SEGV $$").reason == "QEMU was killed by signal 11 (Segmentation fault)");
  const std::string last = met("i=0; while [ $i -lt 400 ]; do echo line $i; i=$((i+1)); done; exit 3").reason;
  CHECK_THAT(last, ContainsSubstring("QEMU ended with status 3: … ") && ContainsSubstring("line 398 line 399"));
  CHECK(last.size() < 500);
}

TEST_CASE("an emulator that says nothing is timed_out, and killed with its owner") {
  const Programs programs("echo $$ > \"${0%/*}/pid\"\nexec /bin/sleep 1000");
  pid_t pid = 0;
  {
    const Board emulated = board();
    auto emulator = Emulator::start({emulated, "x.elf", "", ""});
    REQUIRE(emulator.ok());
    DeviceLink link(emulator.value->line(), [&] { return emulator.value->ended(); });
    CHECK(name_of(link.hello().ending.outcome) == "timed_out");
    CHECK_FALSE(emulator.value->ended());
    pid = std::stoi(programs.folder().read("pid"));
    CHECK(::kill(pid, 0) == 0);
  }
  CHECK(::kill(pid, 0) == -1);
  CHECK(programs.is_clean());
}

TEST_CASE("an emulator is told its machine, its line, its image, its inputs and its plugin") {
  const Programs programs("for word; do echo \"$word\" >> \"${0%/*}/words.new\"; done\n/bin/mv \"${0%/*}/words.new\" \"${0%/*}/words\"\nexec /bin/sleep 1000");
  const Board emulated = board();
  auto emulator = Emulator::start({emulated, "a folder/x.elf", "in,puts", "count.so,out=x"});
  REQUIRE(emulator.ok());
  for (int i = 0; i < 2000 && !std::filesystem::exists(programs.folder() / "words"); ++i) ::usleep(5'000);
  const std::string words = programs.folder().read("words");
  for (const char* part : {"-machine\nmps2-an386\n", "-cpu\ncortex-m4\n", "-serial\n/dev/pts/", "-icount\nshift=7\n", "-kernel\na folder/x.elf\n", "-plugin\ncount.so,out=x\n",
                           "-device\nloader,file=in,,puts,addr=0x21000000,force-raw=on\n"}) {
    CHECK_THAT(words, ContainsSubstring(part));
  }
}
