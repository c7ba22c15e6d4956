// Every example is worked out by hand in its comment, from the rules of cycle_model.hpp.
#include "hardware/mcu/counting/cycle_model.hpp"

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "tests/catch.hpp"

using namespace assay::mcu;

namespace {

struct Executed {
  std::uint16_t first, second;
  std::uint64_t executions, taken = 0, flash_loads = 0;
};

/// Instructions one behind the other.
Window window_of(std::initializer_list<Executed> all, std::uint32_t address = 0x100) {
  Window window;
  for (const Executed& e : all) {
    Line line{.address = address, .executions = e.executions, .taken = e.taken, .flash_loads = e.flash_loads,
              .instruction = decode(e.first, e.second)};
    address += static_cast<std::uint32_t>(line.instruction.bytes);
    window.instructions += e.executions;
    window.lines.push_back(line);
  }
  return window;
}

void check(const CycleBounds& cycles, double low, double nominal, double high) {
  CHECK(cycles.low == low);
  CHECK(cycles.nominal == nominal);
  CHECK(cycles.high == high);
}

constexpr std::uint16_t kAdds = 0x3001, kLdr = 0x6808, kBne = 0xd1f9, kStr = 0x6008;  // ldr r0, [r1]; str r0, [r1]

}  // namespace

TEST_CASE("a loop of a load, a multiply-accumulate and a branch costs what the table says") {
  // 100 × (LDR 2 + SMLAD 1) = 300; BNE 99 × (1 + P) + 1: with P = 1, 2, 3 that is 199, 298, 397.
  const Window loop = window_of({{kLdr, 0, 100}, {0xfb21, 0x3302, 100}, {kBne, 0, 100, 99}});
  check(cortex_m4_cycles(loop, {.flash_load = 0, .flash_load_high = 0}), 499, 598, 697);
}

TEST_CASE("loads from flash wait, in the nominal case as the board does and in the high one at least four cycles") {
  const Window loop = window_of({{kLdr, 0, 100, 0, 40}});
  check(cortex_m4_cycles(loop, {}), 200, 200, 360);                   // + 40 × 4
  check(cortex_m4_cycles(loop, {.flash_load = 2}), 200, 280, 360);    // + 40 × 2
  check(cortex_m4_cycles(loop, {.flash_load = 5}), 200, 400, 400);    // + 40 × 5 in both
}

TEST_CASE("a load behind a load is pipelined unless it needs that load's result for its address") {
  // LDR r0, [r1]; LDR r2, [r1]: 2 + 1, and 2 + 2 at worst.
  check(cortex_m4_cycles(window_of({{kLdr, 0, 10}, {0x680a, 0, 10}}), {}), 30, 30, 40);
  // LDR r0, [r1]; LDR r2, [r0]: 2 + 2 nominally; low keeps the table's footnote on neighbours.
  check(cortex_m4_cycles(window_of({{kLdr, 0, 10}, {0x6802, 0, 10}}), {}), 30, 40, 40);
}

TEST_CASE("only those executions of a load are pipelined that came from the load before it") {
  // The first is executed 10 times, the second 50: 40 times the flow jumped to it. 10 × 2 + 10 × 1 + 40 × 2 = 110; high 120.
  check(cortex_m4_cycles(window_of({{kLdr, 0, 10}, {0x680a, 0, 50}}), {}), 110, 110, 120);
  // Apart by address: nothing is known to be in front.
  Window apart = window_of({{kLdr, 0, 10}});
  apart.lines.push_back(window_of({{0x680a, 0, 10}}, 0x200).lines.front());
  check(cortex_m4_cycles(apart, {}), 40, 40, 40);
}

TEST_CASE("a store with an immediate offset takes one cycle, with a register offset two or one behind a load") {
  check(cortex_m4_cycles(window_of({{kStr, 0, 10}}), {}), 10, 10, 20);
  check(cortex_m4_cycles(window_of({{0x5288, 0, 10}}), {}), 20, 20, 20);                 // strh r0, [r1, r2]
  // ldr r0, [r1]; strh r0, [r1, r2]: the stored value isn't an address, so 2 + 1.
  check(cortex_m4_cycles(window_of({{kLdr, 0, 10}, {0x5288, 0, 10}}), {}), 30, 30, 40);
}

TEST_CASE("a load behind a computation may wait for its address") {
  check(cortex_m4_cycles(window_of({{kAdds, 0, 10}, {kLdr, 0, 10}}), {}), 30, 30, 40);
}

TEST_CASE("multiple transfers cost one cycle and one for each register") {
  check(cortex_m4_cycles(window_of({{0xc90e, 0, 10}}), {}), 40, 40, 40);            // ldmia r1!, {r1-r3}
  check(cortex_m4_cycles(window_of({{0xe9d2, 0x0102, 10}}), {}), 30, 30, 30);       // ldrd r0, r1, [r2, #8]
  check(cortex_m4_cycles(window_of({{0xe92d, 0x4ff0, 1}}), {}), 10, 10, 10);        // push.w {r4-r11, lr}
  check(cortex_m4_cycles(window_of({{0xecb0, 0x0a08, 1}}), {}), 9, 9, 9);           // vldmia r0!, {s0-s7}
  check(cortex_m4_cycles(window_of({{0xbd10, 0, 1, 1}}), {}), 4, 6, 7);             // pop {r4, pc}: 1 + 2 + (1, 3, 4)
}

TEST_CASE("division, floating point and IT have their own rows") {
  check(cortex_m4_cycles(window_of({{0xfb91, 0xf0f2, 10}}), {}), 20, 70, 120);      // sdiv
  check(cortex_m4_cycles(window_of({{0xee30, 0x0a81, 10}}), {}), 10, 10, 20);       // vadd.f32
  check(cortex_m4_cycles(window_of({{0xeea0, 0x0a81, 10}}), {}), 30, 30, 40);       // vfma.f32
  check(cortex_m4_cycles(window_of({{0xee80, 0x0a81, 10}}), {}), 10, 140, 150);     // vdiv.f32
  check(cortex_m4_cycles(window_of({{0xbf08, 0, 10}}), {}), 0, 10, 10);             // it eq
}

TEST_CASE("a conditional instruction may have been skipped in one cycle") {
  Window window = window_of({{kLdr, 0, 10}});
  window.lines.front().conditional = true;
  check(cortex_m4_cycles(window, {}), 10, 20, 20);
}

TEST_CASE("low is at most nominal and nominal at most high, whatever stands behind whatever") {
  std::vector<Line> lines;
  std::uint32_t address = 0;
  std::uint64_t state = 7;
  for (int i = 0; i < 20'000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const Instruction instruction = decode(static_cast<std::uint16_t>(state >> 48), static_cast<std::uint16_t>(state >> 32));
    if (instruction.kind == Class::undefined) continue;
    const std::uint64_t executions = 1 + (state >> 8) % 100;
    lines.push_back({.address = address, .executions = executions, .taken = (state >> 16) % (executions + 1),
                     .flash_loads = (state >> 24) % 3, .instruction = instruction, .conditional = state % 5 == 0});
    address += static_cast<std::uint32_t>(instruction.bytes) + (state % 7 == 0 ? 2u : 0u);
  }
  const Window window{.instructions = 0, .lines = lines};
  const auto all = cortex_m4_cycles_by_line(window, {.flash_load = 1.5});
  REQUIRE(all.size() == lines.size());
  for (const CycleBounds& cycles : all) {
    CHECK(cycles.low <= cycles.nominal);
    CHECK(cycles.nominal <= cycles.high);
  }
}
