// What kind of work a Thumb instruction of the Cortex-M4 (ARMv7E-M with FPv4-SP) is: the classes that its timing tables
// distinguish, and no more than that. Not a disassembler: operands are read where a cycle depends on them.
//
//     const Instruction i = decode(0xe8bd, 0x8010);            // pop.w {r4, pc}
//     i.kind == Class::branch && i.registers == 2
//
// Source of the encodings: ARM DDI 0403, ARMv7-M Architecture Reference Manual, chapter A5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace assay::mcu {

enum class Class {
  alu,                     // data processing, DSP additions and packing, saturation, bit fields
  multiply,                // MUL, MLA, MLS, the long ones, and all of the DSP multiplications
  divide,                  // SDIV, UDIV
  load,                    // of one register, LDREX too
  store,
  load_multiple,           // LDM, POP, LDRD
  store_multiple,          // STM, PUSH, STRD
  branch,                  // everything that can write the program counter: B, BL, BX, CBZ, TBB; POP {…, PC}, LDR PC
  fp_arithmetic,           // VADD, VMUL, VCMP, VCVT, …
  fp_multiply_accumulate,  // VMLA, VFMA and their negations
  fp_divide_sqrt,
  fp_move,                 // between registers, and VMRS, VMSR
  fp_load,                 // VLDR, VLDM, VPOP
  fp_store,
  nop,                     // and hints that need no waiting: YIELD, PLD
  it,
  system,                  // MRS, MSR, CPS, barriers, WFI, SVC, BKPT, CLREX, UDF
  undefined,               // no instruction of a Cortex-M4
};
inline constexpr std::size_t kClasses = 18;

/// "alu", "load_multiple", …
std::string_view name_of(Class kind);

struct Instruction {
  Class kind = Class::undefined;
  int bytes = 2;
  /// Words that go between registers and memory: 1 of a load, 8 of LDM {r0-r7}, 2 of POP {r4, pc}, 1 of TBB (its table),
  /// 0 of B. Of fp_move: core registers.
  int registers = 0;
  /// Of load and store: registers that make the address (bit n is Rn, bit 15 the program counter), and whether one of them
  /// is an offset. Of load: the register that is loaded.
  std::uint16_t address_registers = 0;
  std::uint16_t loaded_registers = 0;
  bool register_offset = false;
  /// Of IT: how many of the following instructions it makes conditional.
  int covers = 0;

  friend bool operator==(const Instruction&, const Instruction&) = default;
};

/// 4 if an instruction that starts with this halfword has a second one, else 2.
int instruction_bytes(std::uint16_t first);

/// `second` is only looked at if the instruction has four bytes.
Instruction decode(std::uint16_t first, std::uint16_t second);

}  // namespace assay::mcu
