// Cycles that a Cortex-M4 would take for what an emulator executed: a model, and never a measurement. An emulator has
// no pipeline, no bus and no flash; what stands here is the manual's arithmetic on exact counts.
//
//     const CycleBounds cycles = cortex_m4_cycles(window, {.flash_load = 1.5});
//     fmt::print("modelled: {:.0f} ({:.0f} to {:.0f}) cycles", cycles.nominal, cycles.low, cycles.high);
//
// Sources: ARM DDI 0439D, Cortex-M4 Technical Reference Manual r0p1, §3.3.1 (table of instructions, zero wait states),
// §3.3.2 (load/store timings), §7.2.3 (floating point).
//
//     instruction                      low   nominal   high
//     ALU, multiplications              1       1        1
//     SDIV, UDIV                        2       7       12     depends on the operands
//     LDR                               2       2        2     1 behind an LDR whose result isn't its address,
//                                                              low 1 behind any other single access
//     STR [Rn, #i]                      1       1        2     2 as in the table, 1 as in §3.3.2
//     STR [Rn, Rm]                      2       2        2     1 behind an LDR, as LDR
//     LDM, STM, PUSH, POP, LDRD, STRD  1+N     1+N      1+N
//     branch, not taken                 1       1        1
//     branch, taken                    1+1     1+2      1+3    refill P = 1 to 3
//       with the PC from memory       1+N+1   1+N+3    1+N+4   LDR PC and TBB block: "at least" 5 and 6; POP {…, PC}
//     VADD, VMUL, VCVT, …               1       1        2     one more if the next instruction consumes the result
//     VMLA, VFMA                        3       3        4     the same
//     VDIV, VSQRT                       1      14       15     1 if no floating point follows
//     VMOV, VMRS of core registers      1       1        1     2 of two
//     VLDR, VSTR, VLDM, VSTM           1+N     1+N      1+N    of one word low 1 behind another single access
//     IT                                0       1        1     may be folded
//     NOP, hints                        1       1        1
//     MRS, MSR, CPS, barriers, …        1       1        4
//
// Behind a data-processing instruction (by address) high has one cycle more for any access, whose address may depend on
// it; for a literal too, which may collide with a fetch. In an IT block low is 1: the condition may have failed. Whether an
// access stands behind another is known from the addresses and from how often the flow came from there.
// Each word that is loaded from flash waits `flash_load` cycles more: low 0, high `flash_load_high`.
//
// Not modelled: wait states of instruction fetches, flash caches and prefetch, bus contention, unaligned accesses, a full
// write buffer, 32-bit instructions at odd halfwords, entry to and return from exceptions, waiting in WFI.
#pragma once

#include <vector>

#include "hardware/mcu/counting/histogram.hpp"

namespace assay::mcu {

/// low ≤ nominal ≤ high. They bound the model's known unknowns, not the board's time.
struct CycleBounds {
  double low = 0, nominal = 0, high = 0;

  CycleBounds& operator+=(const CycleBounds& other) {
    low += other.low, nominal += other.nominal, high += other.high;
    return *this;
  }
};

/// Cycles that a load from flash waits beyond the core's own.
struct WaitStates {
  double flash_load = 0;  // of the board
  /// What closed the gap between this model and published results of a board (docs/METHODOLOGY.md). A larger flash_load
  /// takes its place.
  double flash_load_high = 4;
};

/// One for each of the window's lines, all of its executions together.
std::vector<CycleBounds> cortex_m4_cycles_by_line(const Window& window, const WaitStates& waits);

CycleBounds cortex_m4_cycles(const Window& window, const WaitStates& waits);

}  // namespace assay::mcu
