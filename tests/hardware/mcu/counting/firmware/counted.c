// A program for QEMU's mps2-an386 whose window between two marks is counted by hand: see counted_firmware_test.cpp. It
// prints how many ticks the CMSDK timer 0 (25 MHz) fell from the mark `begin_mark` to the mark `end_mark`.
#include <stdint.h>

#define TIMER ((volatile uint32_t*)0x40000000)  // control, value, reload

extern const uint32_t top_of_stack;

static void semihosting(uint32_t operation, const void* argument) {
  register uint32_t r0 __asm("r0") = operation;
  register const void* r1 __asm("r1") = argument;
  __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

static void stop(uint32_t status) {
  const uint32_t block[2] = {0x20026, status};  // ADP_Stopped_ApplicationExit
  semihosting(0x20, block);
  for (;;) {
  }
}

static void fault(void) { stop(99); }

static const uint32_t kTable[2] = {1, 2};

// Instructions at the end of a page, which is 1 KB: in front of one that lies in two.
__asm(
    "  .pushsection .text.pages, \"ax\"\n"
    "  .balign 1024\n"
    "  .org 0x3fa\n"
    "  .thumb_func\n"
    "pages:\n"
    "  movw r2, #1\n"  //    1  four bytes, up to two from the end
    "  movw r2, #2\n"  //    1  in two pages
    "  b.w 1f\n"       //    1  taken
    "  .org 0x7fc\n"
    "1: nop\n"         //    1  two bytes, up to two from the end
    "  movw r2, #3\n"  //    1  in two pages
    "  bx lr\n"        //    1  taken
    "  .popsection\n");

static void start(void) {
  TIMER[2] = TIMER[1] = 0xffffffff;
  TIMER[0] = 1;
  uint32_t before, after;
  __asm volatile(
      "  mov r0, %2\n"
      "  mov r1, %3\n"
      "  .global begin_mark, end_mark\n"
      "begin_mark:\n"
      "  ldr r4, [r0]\n"        //           not counted
      "  movw r2, #1000\n"      //    1
      "1: ldr r3, [r1]\n"       // 1000      a word from flash
      "  ldmia r1, {r5, r6}\n"  // 1000      two words from flash
      "  cmp r3, #1\n"          // 1000
      "  ite eq\n"              // 1000
      "  addeq r5, #1\n"        // 1000
      "  addne r5, #2\n"        // 1000      its condition fails
      "  bl 2f\n"               // 1000      taken
      "  subs r2, #1\n"         // 1000
      "  bne 1b\n"              // 1000      taken 999 times
      "  ldr r7, [r0]\n"        //    1      a device, in the middle of a block
      "  bl pages\n"            //    1 + 6  taken
      "  b end_mark\n"          //    1      taken
      "2: bx lr\n"              // 1000      taken
      "end_mark:\n"
      "  ldr r5, [r0]\n"        //           not counted
      "  mov %0, r4\n"
      "  mov %1, r5\n"
      : "=r"(before), "=r"(after)
      : "r"(&TIMER[1]), "r"(kTable)
      : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "lr", "cc", "memory");
  char digits[12] = "0000000000\n";
  uint32_t ticks = before - after;
  for (int i = 9; i >= 0; --i, ticks /= 10) digits[i] = (char)('0' + ticks % 10);
  semihosting(4, digits);
  stop(0);
}

__attribute__((section(".vectors"), used)) static const void* const vectors[] = {
    &top_of_stack, (const void*)start, (const void*)fault, (const void*)fault, (const void*)fault};
