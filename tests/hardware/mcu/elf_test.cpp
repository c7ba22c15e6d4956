#include "hardware/mcu/elf.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

#include "tests/catch.hpp"
#include "tests/hardware/mcu/small_elf.hpp"

using namespace assay;
using namespace assay::mcu;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string error_of(const std::string& bytes) {
  const auto elf = Elf::parse(bytes, "x.elf");
  REQUIRE_FALSE(elf);
  return elf.error().message;
}

/// Everything that can be asked, of whatever it holds.
void ask(const Elf& elf) {
  for (const Elf::Symbol& symbol : elf.symbols()) static_cast<void>(elf.function_at(symbol.value));
  for (const std::uint32_t address : {0U, 0x100U, 0x104U, 0x106U, 0x107U, 0xFFFFFFFFU}) static_cast<void>(elf.halfword(address));
  static_cast<void>(elf.symbol("work"));
}

}  // namespace

TEST_CASE("symbols, functions and code are read") {
  const auto elf = Elf::parse(small_elf(), "x.elf");
  REQUIRE(elf);
  REQUIRE(elf->symbol("work"));
  CHECK(elf->symbol("work")->value == 0x100);  // Thumb's lowest bit is no part of the address
  CHECK(elf->symbol("work")->size == 6);
  CHECK(elf->symbol("work")->is_function);
  REQUIRE(elf->symbol("fc1"));
  CHECK(elf->symbol("fc1")->is_object);
  CHECK(elf->symbol("assay_ram_bytes")->value == 1234);
  CHECK(elf->symbol("elsewhere") == nullptr);  // undefined
  CHECK(elf->symbol("knit") == nullptr);

  CHECK(elf->function_at(0x100) == "work");
  CHECK(elf->function_at(0x105) == "work");
  CHECK(elf->function_at(0x106).empty());
  CHECK(elf->function_at(0xFF).empty());
  CHECK(elf->function_at(0x200).empty());  // an object is no function

  CHECK(elf->halfword(0x100) == std::uint16_t{0x4770});
  CHECK(elf->halfword(0x102) == std::uint16_t{0xBF00});
  CHECK(elf->halfword(0x106) == std::uint16_t{0x1234});
  CHECK(elf->halfword(0x107) == std::nullopt);
  CHECK(elf->halfword(0x108) == std::nullopt);
  CHECK(elf->halfword(0xFE) == std::nullopt);
  CHECK(elf->halfword(0xFFFFFFFE) == std::nullopt);
}

TEST_CASE("an address just below the end of all memory isn't taken for one at the beginning of a segment") {
  std::string bytes = small_elf();
  bytes[52 + 12] = bytes[52 + 13] = 0;  // the segment's address becomes 0
  const auto elf = Elf::parse(bytes, "x.elf");
  REQUIRE(elf);
  CHECK(elf->halfword(0) == std::uint16_t{0x4770});
  CHECK(elf->halfword(0xFFFFFFFE) == std::nullopt);
  CHECK(elf->halfword(0xFFFFFFFF) == std::nullopt);
}

TEST_CASE("what is no firmware for a 32-bit Arm is named and refused") {
  CHECK(error_of("") == "x.elf: is no ELF file");
  CHECK(error_of("\x7f"
                 "EL") == "x.elf: is no ELF file");
  CHECK(error_of("#!/bin/sh\n") == "x.elf: is no ELF file");
  CHECK(error_of("\x7f"
                 "ELF") == "x.elf: is no firmware for a 32-bit little-endian Arm");
  std::string big_endian = small_elf(), other_machine = small_elf();
  big_endian[5] = 2;
  CHECK(error_of(big_endian) == "x.elf: is no firmware for a 32-bit little-endian Arm");
  other_machine[18] = 62;
  CHECK(error_of(other_machine) == "x.elf: is no firmware for a 32-bit little-endian Arm");
}

TEST_CASE("a program for this machine, a folder and a file that isn't there are named and refused") {
  const auto own = Elf::load("/proc/self/exe");
  REQUIRE_FALSE(own);
  CHECK(own.error().message == "/proc/self/exe: is no firmware for a 32-bit little-endian Arm");
  const auto absent = Elf::load("/nonexistent/x.elf");
  REQUIRE_FALSE(absent);
  CHECK(absent.error().message == "/nonexistent/x.elf: can't be read");
  const auto folder = Elf::load(std::filesystem::temp_directory_path());
  REQUIRE_FALSE(folder);
  CHECK_THAT(folder.error().message, ContainsSubstring("can't be read"));
}

TEST_CASE("a file cut short at any length is refused") {
  const std::string whole = small_elf();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    INFO(length);
    CHECK_THAT(error_of(whole.substr(0, length)), ContainsSubstring(length < 4 ? "is no ELF file" : length < 52 ? "is no firmware" : "is cut short"));
  }
}

TEST_CASE("no altered byte makes it read beyond the file") {
  const std::string whole = small_elf();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
      std::string altered = whole;
      altered[at] = static_cast<char>(value);
      if (const auto elf = Elf::parse(std::move(altered), "x.elf")) ask(*elf);
    }
  }
  SUCCEED();
}
