#include "hardware/mcu/counting/histogram.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "tests/catch.hpp"

using namespace assay::mcu;
using Catch::Matchers::ContainsSubstring;

namespace {

/// A loop: 100 ldr r2, [r0]; 102 adds r1, r2; 104 smlad r3, r1, r2, r3; 108 subs r0, #4; 10a bne 100; 10c pop {r4, pc}.
FetchHalfword program() {
  return [](std::uint32_t address) -> std::optional<std::uint16_t> {
    static const std::map<std::uint32_t, std::uint16_t> code = {
        {0x100, 0x6802}, {0x102, 0x1889}, {0x104, 0xfb21}, {0x106, 0x3302}, {0x108, 0x3804}, {0x10a, 0xd1f9}, {0x10c, 0xbd10}};
    const auto found = code.find(address);
    return found == code.end() ? std::nullopt : std::optional(found->second);
  };
}

const std::string kLoop =
    "window 1 instructions 51\n"
    "00000100 2 10 0 7\n"
    "00000102 2 10 0 0\n"
    "00000104 4 10 0 0\n"
    "00000108 2 10 0 0\n"
    "0000010a 2 10 9 0\n"
    "0000010c 2 1 1 0\n"
    "end\n";

std::string error_of(const std::string& text) {
  const auto windows = parse_windows(text, program(), "counts.txt");
  REQUIRE_FALSE(windows);
  return windows.error().message;
}

std::string changed(const std::string& from, const std::string& to) {
  std::string text = kLoop;
  text.replace(text.find(from), from.size(), to);
  return text;
}

}  // namespace

TEST_CASE("a window is read with its instructions and added up by class") {
  const auto windows = parse_windows(kLoop, program());
  REQUIRE(windows);
  REQUIRE(windows->size() == 1);
  const Totals totals = total_of(windows->front());
  CHECK(totals.instructions == 51);
  CHECK(totals.loads == 11);  // the POP is one
  CHECK(totals.stores == 0);
  CHECK(totals.multiplies == 10);
  CHECK(totals.branches == 11);
  CHECK(totals.branches_taken == 10);
  CHECK(totals.flash_loads == 7);
  CHECK(totals.fp == 0);
  CHECK(totals.exceptions == 0);
  CHECK(totals.of(Class::alu) == 20);
  CHECK(totals.of(Class::load) == 10);
}

TEST_CASE("a file may hold no window or several") {
  CHECK(parse_windows("", program())->empty());
  const std::string second = "window 2 instructions 0\nend\n";
  const auto both = parse_windows(kLoop + second, program());
  REQUIRE(both);
  REQUIRE(both->size() == 2);
  CHECK(both->back().lines.empty());
}

TEST_CASE("a jump from an instruction that is no branch is an exception") {
  const auto windows = parse_windows(changed("00000102 2 10 0", "00000102 2 10 3"), program());
  REQUIRE(windows);
  CHECK(total_of(windows->front()).exceptions == 3);
}

TEST_CASE("instructions behind IT are conditional, as many as it covers") {
  // 0 itt eq; 2 ldreq r0, [r1]; 4 addeq r0, #1; 6 adds r0, #1
  const std::byte image[] = {std::byte{0x04}, std::byte{0xbf}, std::byte{0x08}, std::byte{0x68},
                             std::byte{0x01}, std::byte{0x30}, std::byte{0x01}, std::byte{0x30}};
  const auto windows = parse_windows("window 1 instructions 4\n20 2 1 0 0\n22 2 1 0 0\n24 2 1 0 0\n26 2 1 0 0\nend\n",
                                     halfwords_of(image, 0x20));
  REQUIRE(windows);
  const auto& lines = windows->front().lines;
  REQUIRE(lines.size() == 4);
  CHECK_FALSE(lines[0].conditional);
  CHECK(lines[1].conditional);
  CHECK(lines[2].conditional);
  CHECK_FALSE(lines[3].conditional);
}

TEST_CASE("halfwords of an image are little-endian and end with it") {
  const std::byte image[] = {std::byte{0x34}, std::byte{0x12}, std::byte{0x78}};
  const FetchHalfword fetch = halfwords_of(image, 0x1000);
  CHECK(fetch(0x1000) == std::uint16_t{0x1234});
  CHECK_FALSE(fetch(0x1002));
  CHECK_FALSE(fetch(0xffe));
}

TEST_CASE("a malformed file is refused with the line and a reason") {
  CHECK_THAT(error_of("windows 1 instructions 2\nend\n"), ContainsSubstring("counts.txt:1: 'window N instructions M'"));
  CHECK_THAT(error_of("window 1 instructions 0"), ContainsSubstring("counts.txt:1: 'window N instructions M'"));
  CHECK_THAT(error_of("window 2 instructions 0\nend\n"), ContainsSubstring("window 1 is expected, not 2"));
  CHECK_THAT(error_of(kLoop.substr(0, kLoop.size() - 4)), ContainsSubstring("counts.txt:8: the file ends within a window"));
  CHECK_THAT(error_of(changed("51", "52")), ContainsSubstring("add up to 51 instructions, not 52"));
  CHECK_THAT(error_of(changed("00000102 2 10 0 0", "00000102 2 10 0")), ContainsSubstring("counts.txt:3: 'address size"));
  CHECK_THAT(error_of(changed("00000102 2 10 0 0", "00000102 2 10 0 0 0")), ContainsSubstring("counts.txt:3: 'address size"));
  CHECK_THAT(error_of(changed("00000102 2 10 0 0", "00000102 2 -1 0 0")), ContainsSubstring("counts.txt:3: 'address size"));
  CHECK_THAT(error_of(changed("00000102 2 10 0 0", "00000102  2 10 0 0")), ContainsSubstring("counts.txt:3: 'address size"));
  CHECK_THAT(error_of(changed("2 10 9 0", "2 10 11 0")), ContainsSubstring("counts.txt:6: an instruction is taken at most"));
  CHECK_THAT(error_of(changed("00000102", "000000fe")), ContainsSubstring("0x000000fe"));
  CHECK_THAT(error_of(changed("00000102 2 10 0 0\n", "00000100 2 10 0 0\n")), ContainsSubstring("addresses must ascend"));
}

TEST_CASE("counts of another program are refused") {
  CHECK_THAT(error_of(changed("00000104 4", "00000104 2")), ContainsSubstring("at 0x00000104 2 bytes were executed"));
  CHECK_THAT(error_of(changed("0000010c", "0000010e")), ContainsSubstring("no instruction at 0x0000010e"));
}

TEST_CASE("a file that isn't there is refused with a question") {
  const auto windows = read_windows("/dev/null/counts.txt", program());
  REQUIRE_FALSE(windows);
  CHECK_THAT(windows.error().message, ContainsSubstring("/dev/null/counts.txt: can't be read"));
}
