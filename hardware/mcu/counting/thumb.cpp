#include "hardware/mcu/counting/thumb.hpp"

#include <array>
#include <bit>

namespace assay::mcu {

namespace {

constexpr unsigned kProgramCounter = 15;

constexpr std::uint16_t bit(unsigned number) { return static_cast<std::uint16_t>(1u << number); }

/// Bits `high` to `low` of `value`.
constexpr unsigned field(unsigned value, unsigned high, unsigned low) { return value >> low & ((1u << (high - low + 1)) - 1); }

Instruction simple(Class kind, int bytes) { return {.kind = kind, .bytes = bytes}; }

Instruction load(unsigned target, unsigned base, int bytes) {
  if (target == kProgramCounter) return {.kind = Class::branch, .bytes = bytes, .registers = 1};
  return {.kind = Class::load, .bytes = bytes, .registers = 1, .address_registers = bit(base), .loaded_registers = bit(target)};
}

Instruction store(unsigned base, int bytes) {
  return {.kind = Class::store, .bytes = bytes, .registers = 1, .address_registers = bit(base)};
}

Instruction with_offset(Instruction access, unsigned offset) {
  access.address_registers |= bit(offset);
  access.register_offset = true;
  return access;
}

/// LDM, STM, PUSH, POP: `list` has bit 15 for the program counter.
Instruction multiple(bool loads, unsigned list, int bytes) {
  const int registers = std::popcount(list);
  if (registers == 0) return simple(Class::undefined, bytes);
  if (!loads) return {.kind = Class::store_multiple, .bytes = bytes, .registers = registers};
  const bool jumps = (list & bit(kProgramCounter)) != 0;
  return {.kind = jumps ? Class::branch : Class::load_multiple, .bytes = bytes, .registers = registers};
}

// ---- 16 bits, DDI 0403 A5.2 -----------------------------------------------------------------------------------------------

Instruction decode_miscellaneous(unsigned first) {
  switch (field(first, 11, 8)) {
    case 0x0: return simple(Class::alu, 2);  // ADD, SUB SP
    case 0x1: case 0x3: case 0x9: case 0xb: return simple(Class::branch, 2);  // CBZ, CBNZ
    case 0x2: return simple(Class::alu, 2);  // SXTH, …
    case 0x4: case 0x5: return multiple(false, field(first, 8, 0), 2);  // PUSH; bit 8 is LR
    case 0x6: return simple((first & 0xffe0) == 0xb660 ? Class::system : Class::undefined, 2);  // CPS
    case 0xa: return simple(field(first, 7, 6) == 2 ? Class::undefined : Class::alu, 2);  // REV, …
    case 0xc: case 0xd: return multiple(true, field(first, 7, 0) | field(first, 8, 8) << kProgramCounter, 2);  // POP
    case 0xe: return simple(Class::system, 2);  // BKPT
    case 0xf:
      if (const unsigned mask = field(first, 3, 0); mask != 0) {
        return {.kind = Class::it, .covers = 4 - std::countr_zero(mask)};
      }
      return simple(field(first, 7, 4) <= 1 ? Class::nop : Class::system, 2);  // NOP, YIELD; WFE, WFI, SEV
    default: return simple(Class::undefined, 2);
  }
}

Instruction decode_16(unsigned first) {
  const unsigned low = field(first, 2, 0), base = field(first, 5, 3), high = field(first, 10, 8);
  switch (field(first, 15, 12)) {
    case 0x0: case 0x1: case 0x2: case 0x3: return simple(Class::alu, 2);
    case 0x4:
      if (field(first, 11, 11) == 1) return load(high, kProgramCounter, 2);  // a literal
      if (field(first, 10, 10) == 0) return simple(field(first, 9, 6) == 13 ? Class::multiply : Class::alu, 2);
      if (field(first, 9, 8) == 3) return simple(Class::branch, 2);  // BX, BLX
      // ADD, CMP, MOV of any registers; all but CMP can write the program counter.
      if (field(first, 9, 8) != 1 && (field(first, 7, 7) << 3 | low) == kProgramCounter) return simple(Class::branch, 2);
      return simple(Class::alu, 2);
    case 0x5: {
      const bool stores = field(first, 11, 9) < 3;
      return with_offset(stores ? store(base, 2) : load(low, base, 2), field(first, 8, 6));
    }
    case 0x6: case 0x7: case 0x8: return field(first, 11, 11) == 1 ? load(low, base, 2) : store(base, 2);
    case 0x9: return field(first, 11, 11) == 1 ? load(high, 13, 2) : store(13, 2);
    case 0xa: return simple(Class::alu, 2);  // ADR, ADD SP
    case 0xb: return decode_miscellaneous(first);
    case 0xc: return multiple(field(first, 11, 11) == 1, field(first, 7, 0), 2);
    case 0xd: return simple(field(first, 11, 8) >= 14 ? Class::system : Class::branch, 2);  // UDF, SVC; B<c>
    default: return simple(Class::branch, 2);  // B
  }
}

// ---- 32 bits, DDI 0403 A5.3 -----------------------------------------------------------------------------------------------

Instruction decode_double_exclusive_table(unsigned first, unsigned second) {
  const unsigned base = field(first, 3, 0);
  const bool loads = field(first, 4, 4) == 1;
  if (field(first, 8, 8) == 1 || field(first, 5, 5) == 1) {  // LDRD, STRD: with an index or a write-back
    return {.kind = loads ? Class::load_multiple : Class::store_multiple, .bytes = 4, .registers = 2};
  }
  if (field(first, 7, 7) == 0) return loads ? load(field(second, 15, 12), base, 4) : store(base, 4);  // LDREX, STREX
  switch (field(second, 7, 4)) {
    case 0: case 1:  // TBB, TBH
      return loads ? Instruction{.kind = Class::branch, .bytes = 4, .registers = 1} : simple(Class::undefined, 4);
    case 4: case 5: return loads ? load(field(second, 15, 12), base, 4) : store(base, 4);
    default: return simple(Class::undefined, 4);
  }
}

Instruction decode_branch_and_control(unsigned first, unsigned second) {
  if (field(second, 12, 12) == 1) return simple(Class::branch, 4);       // B, BL
  if (field(second, 14, 14) == 1) {                                      // UDF; BLX to Arm code isn't there
    return simple((first & 0xfff0) == 0xf7f0 && (second & 0xf000) == 0xa000 ? Class::system : Class::undefined, 4);
  }
  if (field(first, 9, 7) != 7) return simple(Class::branch, 4);          // B<c>
  if ((first & 0xfff0) == 0xf3a0 && field(second, 10, 8) == 0) {         // hints
    return simple(field(second, 7, 0) <= 1 ? Class::nop : Class::system, 4);
  }
  return simple(Class::system, 4);                                       // MSR, MRS, DSB, …
}

Instruction decode_single_access(unsigned first, unsigned second) {
  const unsigned base = field(first, 3, 0), register_ = field(second, 15, 12), size = field(first, 6, 5);
  const bool loads = field(first, 4, 4) == 1, extends_sign = field(first, 8, 8) == 1;
  if (size == 3 || (extends_sign && (!loads || size == 2))) return simple(Class::undefined, 4);
  if (loads && size < 2 && register_ == kProgramCounter) return simple(Class::nop, 4);  // PLD, PLI
  const bool literal = base == kProgramCounter, long_immediate = field(first, 7, 7) == 1;
  const Instruction access = loads ? load(register_, base, 4) : store(base, 4);
  const bool offset = !literal && !long_immediate && field(second, 11, 6) == 0;
  return offset && access.kind != Class::branch ? with_offset(access, field(second, 3, 0)) : access;
}

Instruction decode_multiply(unsigned first) {
  return simple(field(first, 6, 4) == 7 ? Class::alu : Class::multiply, 4);  // 7: USAD8, USADA8
}

Instruction decode_long_multiply(unsigned first, unsigned second) {
  switch (field(first, 6, 4)) {
    case 1: case 3: return simple(field(second, 7, 4) == 15 ? Class::divide : Class::undefined, 4);
    case 7: return simple(Class::undefined, 4);
    default: return simple(Class::multiply, 4);
  }
}

// ---- floating point, DDI 0403 A6 --------------------------------------------------------------------------------------------

Instruction decode_fp_arithmetic(unsigned first, unsigned second) {
  if (field(second, 8, 8) == 1) return simple(Class::undefined, 4);  // double precision
  switch (field(first, 7, 7) << 2 | field(first, 5, 4)) {
    case 0: case 1: case 5: case 6: return simple(Class::fp_multiply_accumulate, 4);  // VMLA, VNMLA, VFNMA, VFMA
    case 2: case 3: return simple(Class::fp_arithmetic, 4);                           // VMUL, VADD
    case 4: return simple(Class::fp_divide_sqrt, 4);
    default: break;
  }
  const unsigned operation = field(first, 3, 0), kind = field(second, 7, 6);
  if (kind == 0 || kind == 2) return simple(Class::fp_move, 4);                       // of an immediate
  if (operation == 0 && kind == 1) return simple(Class::fp_move, 4);                  // of a register
  if (operation == 1 && kind == 3) return simple(Class::fp_divide_sqrt, 4);
  return simple(Class::fp_arithmetic, 4);                                             // VABS, VNEG, VCMP, VCVT
}

Instruction decode_coprocessor(unsigned first, unsigned second) {
  const unsigned coprocessor = field(second, 11, 8);
  if ((coprocessor != 10 && coprocessor != 11) || field(first, 12, 12) == 1 || field(first, 9, 8) == 3) {
    return simple(Class::undefined, 4);  // other coprocessors; Advanced SIMD; VSEL and others of FPv5
  }
  if (field(first, 9, 9) == 1) {
    if (field(second, 4, 4) == 0) return decode_fp_arithmetic(first, second);
    return {.kind = Class::fp_move, .bytes = 4, .registers = 1};
  }
  const bool indexed = field(first, 8, 8) == 1, up = field(first, 7, 7) == 1, writes_back = field(first, 5, 5) == 1;
  const Class kind = field(first, 4, 4) == 1 ? Class::fp_load : Class::fp_store;
  if (indexed && !writes_back) {  // VLDR, VSTR
    return {.kind = kind, .bytes = 4, .registers = coprocessor == 11 ? 2 : 1};
  }
  if (!indexed && !up) {
    if (!writes_back && field(first, 6, 6) == 1) return {.kind = Class::fp_move, .bytes = 4, .registers = 2};
    return simple(Class::undefined, 4);
  }
  const int words = static_cast<int>(field(second, 7, 0));
  return {.kind = kind, .bytes = 4, .registers = coprocessor == 11 ? words & ~1 : words};
}

Instruction decode_32(unsigned first, unsigned second) {
  switch (field(first, 12, 11)) {
    case 1:
      if (field(first, 10, 10) == 1) return decode_coprocessor(first, second);
      if (field(first, 9, 9) == 1) return simple(Class::alu, 4);  // with a shifted register
      if (field(first, 6, 6) == 1) return decode_double_exclusive_table(first, second);
      if (field(first, 8, 7) == 0 || field(first, 8, 7) == 3) return simple(Class::undefined, 4);
      return multiple(field(first, 4, 4) == 1, second, 4);
    case 2:
      return field(second, 15, 15) == 1 ? decode_branch_and_control(first, second) : simple(Class::alu, 4);
    default:
      if (field(first, 10, 10) == 1) return decode_coprocessor(first, second);
      if (field(first, 9, 9) == 0) return decode_single_access(first, second);
      if (field(first, 8, 8) == 0) return simple(Class::alu, 4);  // shifts, extensions, parallel additions
      return field(first, 7, 7) == 0 ? decode_multiply(first) : decode_long_multiply(first, second);
  }
}

constexpr std::array<std::string_view, kClasses> kNames = {
    "alu", "multiply", "divide", "load", "store", "load_multiple", "store_multiple", "branch", "fp_arithmetic",
    "fp_multiply_accumulate", "fp_divide_sqrt", "fp_move", "fp_load", "fp_store", "nop", "it", "system", "undefined"};

}  // namespace

std::string_view name_of(Class kind) { return kNames[static_cast<std::size_t>(kind)]; }

int instruction_bytes(std::uint16_t first) { return field(first, 15, 11) >= 0x1d ? 4 : 2; }

Instruction decode(std::uint16_t first, std::uint16_t second) {
  return instruction_bytes(first) == 4 ? decode_32(first, second) : decode_16(first);
}

}  // namespace assay::mcu
