#include "hardware/mcu/fault.hpp"

#include <string>

#include "tests/catch.hpp"
#include "tests/hardware/mcu/small_elf.hpp"

using namespace assay;
using namespace assay::mcu;

namespace {

/// As device/start.c writes it: hexadecimal, eight digits.
std::string line_of(const std::string& pc, int exact, const std::string& cfsr, const std::string& hfsr, const std::string& address = "ffffffff",
                    const std::string& sp = "20000400") {
  return "assay-fault-[pc=" + pc + " exact=" + std::to_string(exact) + " lr=00000201 cfsr=" + cfsr + " hfsr=" + hfsr + " address=" + address + " sp=" + sp + " stack=20000000]";
}

std::string described(const std::string& line) {
  const auto elf = Elf::parse(small_elf(), "x.elf");
  const auto fault = parse_fault(line);
  REQUIRE(elf);
  REQUIRE(fault);
  return describe(*fault, &*elf);
}

}  // namespace

TEST_CASE("a fault's line is read field by field") {
  const auto fault = parse_fault(line_of("00000102", 1, "00000082", "40000000", "2000fff0"));
  REQUIRE(fault);
  CHECK(fault->pc == 0x102);
  CHECK(fault->is_exact);
  CHECK(fault->cfsr == 0x82);
  CHECK(fault->hfsr == 0x40000000);
  CHECK(fault->address == 0x2000FFF0);
  CHECK(fault->sp == 0x20000400);
  CHECK(fault->stack_low == 0x20000000);
}

TEST_CASE("what is no fault's line is none, and one cut short has what it has") {
  CHECK_FALSE(parse_fault(""));
  CHECK_FALSE(parse_fault("m-ready"));
  CHECK_FALSE(parse_fault("e-[fault]"));
  CHECK_FALSE(parse_fault(" assay-fault-[pc=00000102]"));
  const std::string whole = line_of("00000102", 1, "00000082", "40000000");
  for (std::size_t length = 13; length < whole.size(); ++length) {
    INFO(length);
    CHECK(parse_fault(whole.substr(0, length)));
  }
  CHECK(parse_fault(whole.substr(0, 13))->pc == 0);
  CHECK(parse_fault("assay-fault-[pc=zz exact=1")->pc == 0);
  CHECK(parse_fault("assay-fault-[lr=1 pc=2 cfsr=3")->pc == 2);
}

TEST_CASE("each kind of fault is told in words, with its function") {
  CHECK(described(line_of("00000102", 1, "02000000", "00000000")) == "usage fault at PC 0x00000102 in work: it divided by zero (CFSR 0x02000000, HFSR 0x00000000)");
  CHECK(described(line_of("00000104", 1, "00010000", "00000000")) == "usage fault at PC 0x00000104 in work: it executed an undefined instruction (CFSR 0x00010000, HFSR 0x00000000)");
  CHECK(described(line_of("00000102", 1, "00000082", "00000000", "20010000")) ==
        "memory fault at PC 0x00000102 in work: it read or wrote where there is no memory for it, address 0x20010000 (CFSR 0x00000082, HFSR 0x00000000)");
  CHECK(described(line_of("00000102", 1, "00008200", "00000000", "60000000")) ==
        "bus fault at PC 0x00000102 in work: it accessed a bus that answers with an error, address 0x60000000 (CFSR 0x00008200, HFSR 0x00000000)");
  CHECK(described(line_of("00000102", 1, "00000400", "00000000")) ==
        "bus fault at PC 0x00000102 in work: an earlier write reached a bus that answers with an error (CFSR 0x00000400, HFSR 0x00000000)");
  CHECK(described(line_of("00000102", 1, "00000000", "40000000")) == "hard fault at PC 0x00000102 in work (CFSR 0x00000000, HFSR 0x40000000)");
}

TEST_CASE("a stack overflow is known by what couldn't be stacked, by the stack pointer, or by what was accessed") {
  const std::string end = " (CFSR 0x00000010, HFSR 0x00000000)";
  CHECK(described(line_of("00000102", 0, "00000010", "00000000", "ffffffff", "1fffffe8")) == "stack overflow near PC 0x00000102 in work" + end);
  CHECK(described(line_of("00000102", 0, "00001000", "00000000")) == "stack overflow near PC 0x00000102 in work (CFSR 0x00001000, HFSR 0x00000000)");
  CHECK(described(line_of("00000102", 1, "00000082", "00000000", "1ffffffc")) ==
        "stack overflow at PC 0x00000102 in work, address 0x1ffffffc (CFSR 0x00000082, HFSR 0x00000000)");
  CHECK(described(line_of("00000102", 1, "00000082", "00000000", "1ffefffc")).starts_with("memory fault"));  // too far below it
}

TEST_CASE("an address in no function, an unknown one and no ELF leave the name out") {
  CHECK(described(line_of("00000400", 1, "00010000", "00000000")).starts_with("usage fault at PC 0x00000400: it executed"));
  CHECK(described(line_of("00000000", 0, "00000010", "00000000")) == "stack overflow (CFSR 0x00000010, HFSR 0x00000000)");
  CHECK(describe(*parse_fault(line_of("00000102", 1, "00010000", "00000000")), nullptr).starts_with("usage fault at PC 0x00000102: it executed"));
}
