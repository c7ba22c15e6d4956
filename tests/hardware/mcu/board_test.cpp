#include "hardware/mcu/board.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/catch.hpp"

using namespace assay;
using namespace assay::mcu;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

namespace {

/// A copy of the tree's boards and parts, to be spoilt.
class Copy {
 public:
  Copy() : path_(fs::temp_directory_path() / ("assay-boards-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
    for (const char* folder : {"boards", "parts"}) fs::copy(fs::path(MCU_FOLDER) / folder, path_ / folder);
  }
  ~Copy() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }

  void write(const std::string& file, const std::string& text) const { std::ofstream(path_ / file, std::ios::binary) << text; }
  void replace(const std::string& file, const std::string& from, const std::string& to) const {
    std::ostringstream text;
    text << std::ifstream(path_ / file, std::ios::binary).rdbuf();
    std::string all = text.str();
    const std::size_t at = all.find(from);
    REQUIRE(at != std::string::npos);
    write(file, all.replace(at, from.size(), to));
  }
  std::string error() const {
    const auto boards = load_boards(path_);
    REQUIRE_FALSE(boards);
    return boards.error().message;
  }

 private:
  fs::path path_;
};

constexpr const char* kEmulated = "boards/mps2-an386.json";
constexpr const char* kPart = "parts/nrf52840.json";

}  // namespace

TEST_CASE("the boards and parts of the tree load, and are whole") {
  const auto all = load_boards(MCU_FOLDER);
  if (!all) FAIL(all.error().message);
  REQUIRE(find(all->boards, "mps2-an386"));
  const Board& emulated = *find(all->boards, "mps2-an386");
  CHECK(emulated.link == Link::emulator);
  CHECK(emulated.cpu == "cortex-m4");
  CHECK(emulated.window_origin == 0x21000000);
  CHECK(emulated.parts.front() == "nrf52840");
  REQUIRE(find(all->boards, "nrf52840"));
  CHECK(find(all->boards, "nrf52840")->link == Link::serial);
  CHECK(find(all->boards, "knit") == nullptr);
  for (const Board& board : all->boards) {
    INFO(board.name);
    CHECK_FALSE(board.title.empty());
    const bool is_emulated = board.link == Link::emulator;
    CHECK((is_emulated ? board.icount_shift > 0 : !board.ports.empty() && board.baud >= 9600));
  }
  for (const Part& part : all->parts) {
    INFO(part.name);
    CHECK_FALSE(part.title.empty());
    CHECK(part.ram_bytes >= 8 << 10);
    CHECK(part.flash_bytes > part.ram_bytes);
    CHECK(part.clock_hz >= 1e6);
    CHECK(part.flash_wait <= part.flash_wait_high);
  }
}

TEST_CASE("a folder that isn't there has no boards, and what is no JSON file is nobody's") {
  const auto none = load_boards("/nonexistent");
  REQUIRE(none);
  CHECK(none->boards.empty());
  const Copy copy;
  const auto before = load_boards(copy.path());
  copy.write("boards/notes.txt", "{");
  const auto after = load_boards(copy.path());
  REQUIRE(before);
  REQUIRE(after);
  CHECK(names_of(after->boards) == names_of(before->boards));
}

TEST_CASE("a file that is broken, or lacks or misstates something, is named with its problem") {
  const Copy copy;
  const auto named = [&](const std::string& file, const std::string& problem) {
    CHECK_THAT(copy.error(), ContainsSubstring((copy.path() / file).string()) && ContainsSubstring(problem));
  };
  SECTION("no JSON") {
    copy.write(kEmulated, "{\"title\": ");
    named(kEmulated, "is no JSON object");
  }
  SECTION("a list") {
    copy.write(kPart, "[]");
    named(kPart, "is no JSON object");
  }
  SECTION("nothing at all") {
    copy.write(kPart, "");
    named(kPart, "is no JSON object");
  }
  SECTION("a key is missing") {
    copy.replace(kEmulated, "\"machine\"", "\"engine\"");
    named(kEmulated, "machine");
  }
  SECTION("a number is a text") {
    copy.replace(kPart, "262144", "\"much\"");
    named(kPart, "must be number");
  }
  SECTION("an address is none") {
    copy.replace(kEmulated, "0x21000000", "somewhere");
    named(kEmulated, "window_origin is 'somewhere'");
  }
  SECTION("a link is neither") {
    copy.replace(kEmulated, "\"emulator\"", "\"emulater\"");
    named(kEmulated, "link is 'emulater'");
  }
}

TEST_CASE("a board without parts, or with one that there isn't, is named") {
  const Copy copy;
  copy.replace(kEmulated, "\"nrf52832\"", "\"nrf52833\"");
  CHECK_THAT(copy.error(), ContainsSubstring("board mps2-an386: there is no part 'nrf52833'; there are nrf52810, nrf52832"));
  copy.replace(kEmulated, "[\"nrf52840\", \"nrf52833\", \"nrf52810\", \"stm32f303x8\"]", "[]");
  CHECK_THAT(copy.error(), ContainsSubstring("board mps2-an386 has no part"));
}

TEST_CASE("the ports of a board are those ttys that match its patterns and are there") {
  const Copy copy;
  Board board;
  board.ports = {copy.path() / "tty*", copy.path() / "other*"};
  CHECK(ports_of(board).empty());
  CHECK_THAT(availability(board).text, ContainsSubstring("tty* or ") && ContainsSubstring("→ plug the board in; never tried on the board itself"));
  for (const char* name : {"ttyB", "ttyA", "other1", "different"}) copy.write(name, "");
  CHECK(ports_of(board) == std::vector<std::string>{copy.path() / "other1", copy.path() / "ttyA", copy.path() / "ttyB"});
  CHECK(availability(board).available);
}
