/* A workload that does, when it is called, what `assay set fault N` has said; 0, and to begin with: it adds one. */
#include "hardware/mcu/device/workload.h"

enum { kNone, kUndefined, kBeyondRam, kFlash, kRecursion, kDivision, kLoop, kReset, kCallNothing, kNoMemory, kFaults };

extern uint8_t assay_flash_origin[], assay_ram_origin[], assay_ram_length[];

static uint32_t fault;
static uint32_t input, output;
static volatile uint32_t zero;

__attribute__((noinline)) static void undefined_instruction(void) { __asm volatile("udf #0"); }

__attribute__((noinline)) static void write_beyond_ram(void) { *(volatile uint32_t*)(assay_ram_origin + (uint32_t)assay_ram_length) = 1; }

__attribute__((noinline)) static void write_to_flash(void) { *(volatile uint32_t*)(assay_flash_origin + 0x40) = 1; }

__attribute__((noinline)) static void read_nowhere(void) { zero = *(volatile uint32_t*)0x70000000; }

__attribute__((noinline)) static uint32_t recurse(uint32_t depth) {
  volatile uint32_t frame[16];
  frame[depth % 16] = depth;
  return zero ? depth : recurse(depth + 1) + frame[(depth + 1) % 16];
}

__attribute__((noinline)) static void divide(void) { output = 7 / zero; }

__attribute__((noinline)) static void loop_for_ever(void) {
  while (!zero) {
  }
}

__attribute__((noinline)) static void reset(void) {
  *(volatile uint32_t*)0xE000ED0C = 0x05FA0004; /* AIRCR, SYSRESETREQ */
  for (;;) {
  }
}

__attribute__((noinline)) static void call_nothing(void) { ((void (*)(void))(zero + 0x60000001u))(); }

static void work(void) {
  switch (fault) {
    case kUndefined: undefined_instruction(); break;
    case kBeyondRam: write_beyond_ram(); break;
    case kFlash: write_to_flash(); break;
    case kRecursion: output = recurse(0); break;
    case kDivision: divide(); break;
    case kLoop: loop_for_ever(); break;
    case kReset: reset(); break;
    case kCallNothing: call_nothing(); break;
    case kNoMemory: read_nowhere(); break;
    default: output = input + 1;
  }
}

static int set(const char* name, uint32_t value) {
  static const char expected[] = "fault";
  for (int i = 0; i < (int)sizeof expected; ++i) {
    if (name[i] != expected[i]) return 0;
  }
  if (value >= kFaults) return 0;
  fault = value;
  return 1;
}

static int32_t result(int i) { return (int32_t)output + i; }

struct assay_workload assay_workload = {
    .model = "faulty",
    .work = work,
    .input = (uint8_t*)&input,
    .input_bytes = sizeof input,
    .output = (uint8_t*)&output,
    .output_bytes = sizeof output,
    .result = result,
    .results = 1,
    .set = set,
};
