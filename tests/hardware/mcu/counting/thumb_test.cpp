// Halfwords as arm-none-eabi-as 2.40 assembled them (-mcpu=cortex-m4 -mfpu=fpv4-sp-d16); classes as the manual's tables name
// them. The decoder was also held against objdump's names of all of newlib, libm and libgcc: 21,800 different instructions.
#include "hardware/mcu/counting/thumb.hpp"

#include <cstdint>
#include <string>

#include "tests/catch.hpp"

using namespace assay::mcu;

namespace {

struct Assembled {
  std::uint16_t first, second;
  Class kind;
  int registers;
  const char* text;
};

constexpr Assembled kAssembled[] = {
    {0x1888, 0x0000, Class::alu, 0, "adds r0, r1, r2"},
    {0x2007, 0x0000, Class::alu, 0, "movs r0, #7"},
    {0xeb09, 0x08ca, Class::alu, 0, "add.w r8, r9, r10, lsl #3"},
    {0xf241, 0x2034, Class::alu, 0, "movw r0, #0x1234"},
    {0xf3c1, 0x00c4, Class::alu, 0, "ubfx r0, r1, #3, #5"},
    {0xf321, 0x1007, Class::alu, 0, "ssat r0, #8, r1, asr #4"},
    {0xf381, 0x0008, Class::alu, 0, "usat r0, #8, r1"},
    {0xfa2f, 0xf081, Class::alu, 0, "sxtb16 r0, r1"},
    {0xfa41, 0xf082, Class::alu, 0, "sxtab r0, r1, r2"},
    {0xeac1, 0x4002, Class::alu, 0, "pkhbt r0, r1, r2, lsl #16"},
    {0xfa81, 0xf042, Class::alu, 0, "uadd8 r0, r1, r2"},
    {0xfa82, 0xf081, Class::alu, 0, "qadd r0, r1, r2"},
    {0xfab1, 0xf081, Class::alu, 0, "clz r0, r1"},
    {0xfaa1, 0xf082, Class::alu, 0, "sel r0, r1, r2"},
    {0xfb71, 0xf002, Class::alu, 0, "usad8 r0, r1, r2"},
    {0xfb71, 0x3002, Class::alu, 0, "usada8 r0, r1, r2, r3"},
    {0xea10, 0x0f01, Class::alu, 0, "tst.w r0, r1"},
    {0x45c8, 0x0000, Class::alu, 0, "cmp r8, r9"},
    {0x46c8, 0x0000, Class::alu, 0, "mov r8, r9"},
    {0xba08, 0x0000, Class::alu, 0, "rev r0, r1"},
    {0xa004, 0x0000, Class::alu, 0, "add r0, pc, #16"},
    {0xb004, 0x0000, Class::alu, 0, "add sp, #16"},
    {0x4348, 0x0000, Class::multiply, 0, "muls r0, r1, r0"},
    {0xfb09, 0xf80a, Class::multiply, 0, "mul r8, r9, r10"},
    {0xfb01, 0x3002, Class::multiply, 0, "mla r0, r1, r2, r3"},
    {0xfb01, 0x3012, Class::multiply, 0, "mls r0, r1, r2, r3"},
    {0xfb11, 0x3002, Class::multiply, 0, "smlabb r0, r1, r2, r3"},
    {0xfb11, 0xf012, Class::multiply, 0, "smulbt r0, r1, r2"},
    {0xfb21, 0x3002, Class::multiply, 0, "smlad r0, r1, r2, r3"},
    {0xfb21, 0xf002, Class::multiply, 0, "smuad r0, r1, r2"},
    {0xfb41, 0x3012, Class::multiply, 0, "smlsdx r0, r1, r2, r3"},
    {0xfb51, 0x3012, Class::multiply, 0, "smmlar r0, r1, r2, r3"},
    {0xfb82, 0x0103, Class::multiply, 0, "smull r0, r1, r2, r3"},
    {0xfbe2, 0x0103, Class::multiply, 0, "umlal r0, r1, r2, r3"},
    {0xfbc2, 0x01c3, Class::multiply, 0, "smlald r0, r1, r2, r3"},
    {0xfbe2, 0x0163, Class::multiply, 0, "umaal r0, r1, r2, r3"},
    {0xfb91, 0xf0f2, Class::divide, 0, "sdiv r0, r1, r2"},
    {0xfbb1, 0xf0f2, Class::divide, 0, "udiv r0, r1, r2"},
    {0x6848, 0x0000, Class::load, 1, "ldr r0, [r1, #4]"},
    {0x7808, 0x0000, Class::load, 1, "ldrb r0, [r1]"},
    {0x5e88, 0x0000, Class::load, 1, "ldrsh r0, [r1, r2]"},
    {0x9802, 0x0000, Class::load, 1, "ldr r0, [sp, #8]"},
    {0x4802, 0x0000, Class::load, 1, "ldr.n r0, [pc, #8]"},
    {0xf8d1, 0x8400, Class::load, 1, "ldr.w r8, [r1, #1024]"},
    {0xf851, 0x0b04, Class::load, 1, "ldr r0, [r1], #4"},
    {0xf911, 0x0c03, Class::load, 1, "ldrsb.w r0, [r1, #-3]"},
    {0xe851, 0x0f00, Class::load, 1, "ldrex r0, [r1]"},
    {0xe8d1, 0x0f4f, Class::load, 1, "ldrexb r0, [r1]"},
    {0x6048, 0x0000, Class::store, 1, "str r0, [r1, #4]"},
    {0x5288, 0x0000, Class::store, 1, "strh r0, [r1, r2]"},
    {0xf881, 0x8001, Class::store, 1, "strb.w r8, [r1, #1]"},
    {0xf841, 0x0f04, Class::store, 1, "str r0, [r1, #4]!"},
    {0xe842, 0x1000, Class::store, 1, "strex r0, r1, [r2]"},
    {0xc80e, 0x0000, Class::load_multiple, 3, "ldmia r0!, {r1, r2, r3}"},
    {0xe910, 0x0106, Class::load_multiple, 3, "ldmdb r0, {r1, r2, r8}"},
    {0xbc30, 0x0000, Class::load_multiple, 2, "pop {r4, r5}"},
    {0xe8bd, 0x0110, Class::load_multiple, 2, "pop.w {r4, r8}"},
    {0xe9d2, 0x0102, Class::load_multiple, 2, "ldrd r0, r1, [r2, #8]"},
    {0xc00e, 0x0000, Class::store_multiple, 3, "stmia r0!, {r1, r2, r3}"},
    {0xb530, 0x0000, Class::store_multiple, 3, "push {r4, r5, lr}"},
    {0xe92d, 0x4ff0, Class::store_multiple, 9, "push.w {r4-r11, lr}"},
    {0xe8e2, 0x0102, Class::store_multiple, 2, "strd r0, r1, [r2], #8"},
    {0xe7fe, 0x0000, Class::branch, 0, "b.n ."},
    {0xf7ff, 0xbffe, Class::branch, 0, "b.w ."},
    {0xd0fe, 0x0000, Class::branch, 0, "beq.n ."},
    {0xf43f, 0xaffe, Class::branch, 0, "beq.w ."},
    {0xf7ff, 0xfffe, Class::branch, 0, "bl ."},
    {0x4770, 0x0000, Class::branch, 0, "bx lr"},
    {0x4798, 0x0000, Class::branch, 0, "blx r3"},
    {0xb110, 0x0000, Class::branch, 0, "cbz r0, .+8"},
    {0xb917, 0x0000, Class::branch, 0, "cbnz r7, .+8"},
    {0xe8df, 0xf000, Class::branch, 1, "tbb [pc, r0]"},
    {0xe8df, 0xf010, Class::branch, 1, "tbh [pc, r0, lsl #1]"},
    {0xbd10, 0x0000, Class::branch, 2, "pop {r4, pc}"},
    {0xe8bd, 0x8ff0, Class::branch, 9, "ldmia.w sp!, {r4-r11, pc}"},
    {0xf850, 0xf021, Class::branch, 1, "ldr pc, [r0, r1, lsl #2]"},
    {0xf85d, 0xfb04, Class::branch, 1, "ldr pc, [sp], #4"},
    {0x46f7, 0x0000, Class::branch, 0, "mov pc, lr"},
    {0x449f, 0x0000, Class::branch, 0, "add pc, r3"},
    {0xee30, 0x0a81, Class::fp_arithmetic, 0, "vadd.f32 s0, s1, s2"},
    {0xee20, 0x0a81, Class::fp_arithmetic, 0, "vmul.f32 s0, s1, s2"},
    {0xee20, 0x0ac1, Class::fp_arithmetic, 0, "vnmul.f32 s0, s1, s2"},
    {0xeeb0, 0x0ae0, Class::fp_arithmetic, 0, "vabs.f32 s0, s1"},
    {0xeeb1, 0x0a60, Class::fp_arithmetic, 0, "vneg.f32 s0, s1"},
    {0xeeb5, 0x0ac0, Class::fp_arithmetic, 0, "vcmpe.f32 s0, #0.0"},
    {0xeebd, 0x0ae0, Class::fp_arithmetic, 0, "vcvt.s32.f32 s0, s1"},
    {0xeeb2, 0x0a60, Class::fp_arithmetic, 0, "vcvtb.f32.f16 s0, s1"},
    {0xee00, 0x0a81, Class::fp_multiply_accumulate, 0, "vmla.f32 s0, s1, s2"},
    {0xee10, 0x0a81, Class::fp_multiply_accumulate, 0, "vnmls.f32 s0, s1, s2"},
    {0xeea0, 0x0a81, Class::fp_multiply_accumulate, 0, "vfma.f32 s0, s1, s2"},
    {0xee90, 0x0a81, Class::fp_multiply_accumulate, 0, "vfnms.f32 s0, s1, s2"},
    {0xee80, 0x0a81, Class::fp_divide_sqrt, 0, "vdiv.f32 s0, s1, s2"},
    {0xeeb1, 0x0ae0, Class::fp_divide_sqrt, 0, "vsqrt.f32 s0, s1"},
    {0xeeb7, 0x0a00, Class::fp_move, 0, "vmov.f32 s0, #1.0"},
    {0xeeb0, 0x0a60, Class::fp_move, 0, "vmov.f32 s0, s1"},
    {0xee00, 0x1a10, Class::fp_move, 1, "vmov s0, r1"},
    {0xee10, 0x1a10, Class::fp_move, 1, "vmov r1, s0"},
    {0xec51, 0x0b13, Class::fp_move, 2, "vmov r0, r1, d3"},
    {0xec41, 0x0a11, Class::fp_move, 2, "vmov s2, s3, r0, r1"},
    {0xeef1, 0xfa10, Class::fp_move, 1, "vmrs APSR_nzcv, fpscr"},
    {0xeee1, 0x0a10, Class::fp_move, 1, "vmsr fpscr, r0"},
    {0xed90, 0x0a01, Class::fp_load, 1, "vldr s0, [r0, #4]"},
    {0xed90, 0x0b02, Class::fp_load, 2, "vldr d0, [r0, #8]"},
    {0xecb0, 0x0a08, Class::fp_load, 8, "vldmia r0!, {s0-s7}"},
    {0xecbd, 0x8b04, Class::fp_load, 4, "vpop {d8-d9}"},
    {0xed80, 0x0a00, Class::fp_store, 1, "vstr s0, [r0]"},
    {0xed20, 0x0a03, Class::fp_store, 3, "vstmdb r0!, {s0-s2}"},
    {0xed2d, 0x8b02, Class::fp_store, 2, "vpush {d8}"},
    {0xbf00, 0x0000, Class::nop, 0, "nop"},
    {0xf3af, 0x8000, Class::nop, 0, "nop.w"},
    {0xbf10, 0x0000, Class::nop, 0, "yield"},
    {0xf890, 0xf000, Class::nop, 0, "pld [r0]"},
    {0xbf08, 0x0000, Class::it, 0, "it eq"},
    {0xb672, 0x0000, Class::system, 0, "cpsid i"},
    {0xf3ef, 0x8010, Class::system, 0, "mrs r0, primask"},
    {0xf380, 0x8810, Class::system, 0, "msr primask, r0"},
    {0xf3bf, 0x8f4f, Class::system, 0, "dsb"},
    {0xf3bf, 0x8f6f, Class::system, 0, "isb"},
    {0xf3bf, 0x8f2f, Class::system, 0, "clrex"},
    {0xbf30, 0x0000, Class::system, 0, "wfi"},
    {0xdf00, 0x0000, Class::system, 0, "svc #0"},
    {0xbeab, 0x0000, Class::system, 0, "bkpt #0xab"},
    {0xde01, 0x0000, Class::system, 0, "udf #1"},
};

}  // namespace

TEST_CASE("each instruction falls into the class of its row in the timing tables, with the words that it moves") {
  for (const Assembled& a : kAssembled) {
    INFO(a.text);
    const Instruction i = decode(a.first, a.second);
    CHECK(std::string(name_of(i.kind)) == std::string(name_of(a.kind)));
    CHECK(i.registers == a.registers);
    CHECK(i.bytes == (a.second == 0 && a.first < 0xe800 ? 2 : 4));
    CHECK(i.bytes == instruction_bytes(a.first));
  }
}

TEST_CASE("loads and stores say which registers make their address and which one is loaded") {
  const Instruction immediate = decode(0x6848, 0);  // ldr r0, [r1, #4]
  CHECK(immediate.address_registers == 1u << 1);
  CHECK(immediate.loaded_registers == 1u << 0);
  CHECK_FALSE(immediate.register_offset);

  const Instruction offset = decode(0xf854, 0x2022);  // ldr.w r2, [r4, r2, lsl #2]
  CHECK(offset.address_registers == (1u << 4 | 1u << 2));
  CHECK(offset.loaded_registers == 1u << 2);
  CHECK(offset.register_offset);

  const Instruction literal = decode(0x4c08, 0);  // ldr r4, [pc, #32]
  CHECK(literal.address_registers == 1u << 15);
  CHECK(literal.loaded_registers == 1u << 4);

  const Instruction store = decode(0x5288, 0);  // strh r0, [r1, r2]
  CHECK(store.address_registers == (1u << 1 | 1u << 2));
  CHECK(store.loaded_registers == 0);
  CHECK(store.register_offset);
}

TEST_CASE("an IT instruction says how many instructions it makes conditional") {
  CHECK(decode(0xbf08, 0).covers == 1);  // it eq
  CHECK(decode(0xbf04, 0).covers == 2);  // itt eq
  CHECK(decode(0xbf86, 0).covers == 3);  // itte hi
  CHECK(decode(0xbf01, 0).covers == 4);  // itttt eq
}

TEST_CASE("what a Cortex-M4 can't execute is undefined") {
  CHECK(decode(0xee30, 0x0b01).kind == Class::undefined);  // vadd.f64 d0, d0, d1
  CHECK(decode(0xfe00, 0x0a81).kind == Class::undefined);  // vseleq.f32 s0, s1, s2
  CHECK(decode(0xef00, 0x0840).kind == Class::undefined);  // vadd.i8 q0, q0, q0
  CHECK(decode(0xee01, 0x0f10).kind == Class::undefined);  // mcr 15, 0, r0, cr1, cr0, {0}
  CHECK(decode(0xb101, 0).kind == Class::branch);          // a neighbour in the table, cbz
}
