#include "hardware/mcu/tty.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <iostream>
#include <string>

#include "tests/catch.hpp"
#include "tests/hardware/mcu/folder.hpp"

using namespace assay;
using namespace assay::mcu;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr unsigned kNobody = 65534;
constexpr const char* kNoChild = "no child without root's rights can be had";

/// What `say` says in a process that has not root's rights, to which every file is open.
std::string without_rights(const std::function<std::string()>& say) {
  int out[2];
  REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const bool is_root = ::geteuid() == 0;
    const bool may = !is_root || (::setgroups(0, nullptr) == 0 && ::setgid(kNobody) == 0 && ::setuid(kNobody) == 0);
    const std::string text = may ? say() : kNoChild;
    static_cast<void>(!::write(out[1], text.data(), text.size()));
    ::_exit(0);
  }
  ::close(out[1]);
  std::string text;
  char piece[1024];
  for (ssize_t got; (got = ::read(out[0], piece, sizeof piece)) > 0;) text.append(piece, static_cast<std::size_t>(got));
  ::close(out[0]);
  ::waitpid(pid, nullptr, 0);
  return text;
}

std::string read_some(int fd, std::size_t count) {
  std::string text;
  char piece[1024];
  for (int i = 0; i < 2000 && text.size() < count; ++i) {
    if (const ssize_t got = ::read(fd, piece, sizeof piece); got > 0) text.append(piece, static_cast<std::size_t>(got));
    else ::usleep(5'000);
  }
  return text;
}

void write_all(int fd, const std::string& text) { REQUIRE(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size())); }

}  // namespace

TEST_CASE("a tty that isn't there says to plug the board in") {
  CHECK(tty_problem("/dev/ttyNowhere0") == "/dev/ttyNowhere0 is not there → plug the board in");
  const auto tty = open_tty("/dev/ttyNowhere0", 115200);
  CHECK_FALSE(tty.ok());
  CHECK(tty.ending.outcome == Outcome::unsupported);
  CHECK(tty.ending.reason == "/dev/ttyNowhere0 is not there → plug the board in");
}

TEST_CASE("what is no tty is refused") {
  const Folder folder;
  folder.write("file", "");
  for (const std::string& path : {(folder / "file").string(), std::string("/dev/null")}) {
    const auto tty = open_tty(path, 115200);
    CHECK_FALSE(tty.ok());
    CHECK(tty.ending.outcome == Outcome::unsupported);
    CHECK(tty.ending.reason == path + " is no tty");
  }
  CHECK_THAT(open_tty(folder.path().string(), 115200).ending.reason, ContainsSubstring("Is a directory"));
}

TEST_CASE("a tty without permission names the group that has it") {
  const Folder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all | std::filesystem::perms::others_exec | std::filesystem::perms::others_read);
  folder.write("ttyACM0", "");
  const std::string path = folder / "ttyACM0";
  REQUIRE(::chmod(path.c_str(), 0) == 0);
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  const group* dialout = ::getgrnam("dialout");
  if (dialout && ::chown(path.c_str(), 0, dialout->gr_gid) == 0) status.st_gid = dialout->gr_gid;
  const group* owner = ::getgrgid(status.st_gid);
  const std::string name = owner ? owner->gr_name : std::to_string(status.st_gid);

  const std::string problem = path + ": no permission; it belongs to the group " + name + " → sudo usermod -aG " + name + " \"$USER\", then log in again";
  const std::string said = without_rights([&] { return tty_problem(path).value_or("none"); });
  if (said == kNoChild) {
    std::cout << "SKIPPED: " << kNoChild << '\n';
    return;
  }
  CHECK(said == problem);
  CHECK(without_rights([&] { return open_tty(path, 115200).ending.reason; }) == problem);

  if (::chown(path.c_str(), 0, 54'321) == 0) {
    CHECK_THAT(without_rights([&] { return tty_problem(path).value_or("none"); }), ContainsSubstring("it belongs to the group 54321 →"));
  }
}

TEST_CASE("a tty that someone has is in use") {
  const std::string said = without_rights([] {
    const auto terminal = open_pseudo_terminal();
    if (!terminal.ok()) return terminal.ending.reason;
    const auto first = open_tty(terminal.value->path, 115200), second = open_tty(terminal.value->path, 115200);
    return !first.ok() ? first.ending.reason : second.ok() ? "had twice" : second.ending.reason.substr(terminal.value->path.size());
  });
  if (said == kNoChild) {
    std::cout << "SKIPPED: " << kNoChild << '\n';
    return;
  }
  CHECK(said == " is in use → close the program that has it open");
}

TEST_CASE("every byte passes unaltered, both ways, and none comes back") {
  const auto terminal = open_pseudo_terminal();
  REQUIRE(terminal.ok());
  const auto tty = open_tty(terminal.value->path, 115200);
  REQUIRE(tty.ok());
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  write_all(terminal.value->ours.get(), all);
  CHECK(read_some(tty.value->get(), all.size()) == all);
  write_all(tty.value->get(), all);
  CHECK(read_some(terminal.value->ours.get(), all.size()) == all);
  char byte = 0;
  CHECK(::read(terminal.value->ours.get(), &byte, 1) == -1);
  CHECK(::read(tty.value->get(), &byte, 1) == -1);
}

TEST_CASE("nothing of before is left in an opened tty") {
  const auto terminal = open_pseudo_terminal();
  REQUIRE(terminal.ok());
  write_all(terminal.value->ours.get(), "m-ready\r\n");
  const auto tty = open_tty(terminal.value->path, 115200);
  REQUIRE(tty.ok());
  write_all(terminal.value->ours.get(), "new");
  CHECK(read_some(tty.value->get(), 3) == "new");
}

TEST_CASE("a descriptor is closed once, by whoever has it last") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const Descriptor reading(ends[0]);
  {
    Descriptor first(ends[1]);
    Descriptor second(std::move(first));
    CHECK(first.get() == -1);
    first = std::move(second);
    CHECK(first.get() == ends[1]);
    write_all(ends[1], "x");
  }
  CHECK(::fcntl(ends[1], F_GETFD) == -1);
  char byte = 0;
  CHECK(::read(reading.get(), &byte, 1) == 1);
  CHECK(::read(reading.get(), &byte, 1) == 0);
}
