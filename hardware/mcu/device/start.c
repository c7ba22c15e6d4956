/* Start-up of a Cortex-M4: vectors, FPU, memory, two stacks, an MPU that lets nothing past the part's memories; and a handler
 * that says what faulted, for people and for the link. */
#include "hardware/mcu/device/start.h"

#include "hardware/mcu/device/board.h"

#define REGISTER(address) (*(volatile uint32_t*)(address))
#define CPACR REGISTER(0xE000ED88)
#define SHCSR REGISTER(0xE000ED24)
#define CFSR REGISTER(0xE000ED28)
#define HFSR REGISTER(0xE000ED2C)
#define MMFAR REGISTER(0xE000ED34)
#define BFAR REGISTER(0xE000ED38)
#define CCR REGISTER(0xE000ED14)
#define MPU_TYPE REGISTER(0xE000ED90)
#define MPU_CTRL REGISTER(0xE000ED94)
#define MPU_RNR REGISTER(0xE000ED98)
#define MPU_RBAR REGISTER(0xE000ED9C)
#define MPU_RASR REGISTER(0xE000EDA0)

extern uint32_t assay_stack_low[], assay_stack_high[], assay_fault_stack_high[];
extern uint32_t assay_data_from[], assay_data_begin[], assay_data_end[], assay_bss_begin[], assay_bss_end[];
extern uint8_t assay_flash_origin[], assay_flash_length[], assay_ram_origin[], assay_ram_length[];

uint32_t* assay_stack_limit(void) { return assay_stack_low; }

/* ── Bytes between the receiving interrupt and the dialogue ── */

#define RECEIVED 1024 /* a power of two, longer than any command */
static volatile uint8_t received[RECEIVED];
static volatile uint32_t received_in, received_out;

void assay_received(uint8_t byte) {
  if (received_in - received_out < RECEIVED) received[received_in++ % RECEIVED] = byte;
}

int assay_take_received(void) {
  if (received_in == received_out) return -1;
  return received[received_out++ % RECEIVED];
}

/* Interrupts are off between the look and the sleep, so that none falls between; a pending one wakes all the same. */
static void sleep_until_received(void) {
  __asm volatile("cpsid i" ::: "memory");
  if (received_in == received_out) __asm volatile("wfi" ::: "memory");
  __asm volatile("cpsie i" ::: "memory");
}

/* ── The MPU ── */

enum { kReadOnly = 6u << 24, kReadWrite = 3u << 24, kNoExecute = 1u << 28, kNormal = 1u << 17 | 1u << 18, kDevice = 1u << 16 };

/* A region of `length` bytes: the next power of two, of whose eight parts those beyond `length` are left out. */
static void region(uint32_t number, uint32_t origin, uint32_t length, uint32_t attributes) {
  uint32_t bits = 8;
  while (bits < 31 && (1u << bits) < length) ++bits;
  const uint32_t eighth = (1u << bits) / 8;
  const uint32_t used = (length + eighth - 1) / eighth;
  const uint32_t left_out = used >= 8 ? 0 : 0xFFu << used & 0xFFu;
  MPU_RNR = number;
  MPU_RBAR = origin;
  MPU_RASR = attributes | left_out << 8 | (bits - 1) << 1 | 1;
}

static void guard_memory(void) {
  if (!(MPU_TYPE >> 8 & 0xFF)) return; /* this part has none */
  region(0, (uint32_t)assay_flash_origin, (uint32_t)assay_flash_length, kReadOnly | kNormal);
  region(1, (uint32_t)assay_ram_origin, (uint32_t)assay_ram_length, kReadWrite | kNoExecute | kNormal);
  region(2, 0x40000000u, 0x20000000u, kReadWrite | kNoExecute | kDevice);
  if (assay_window_length) region(3, assay_window_origin, assay_window_length, kReadWrite | kNoExecute | kNormal);
  MPU_CTRL = 1; /* on, and nothing outside the regions is anyone's */
  __asm volatile("dsb\n isb" ::: "memory");
}

/* ── Faults ── */

static void say(const char* text) {
  while (*text) assay_this_board.write_byte((uint8_t)*text++);
}

static void say_field(const char* name, uint32_t value) {
  say(name);
  for (int digit = 7; digit >= 0; --digit) assay_this_board.write_byte((uint8_t)"0123456789abcdef"[value >> 4 * digit & 15]);
}

/* A frame that could not be stacked tells no PC; the return addresses further up still tell who called. */
static uint32_t return_address(const uint32_t* from) {
  const uint32_t begin = (uint32_t)assay_flash_origin, end = begin + (uint32_t)assay_flash_length;
  if (from < assay_stack_low) from = assay_stack_low;
  for (; from < assay_stack_high; ++from) {
    if ((*from & 1) && *from > begin && *from < end) return *from & ~1u;
  }
  return 0;
}

/* `frame`: r0–r3, r12, lr, pc, xpsr as the processor stacked them, if it could. */
__attribute__((used)) static void fault(const uint32_t* frame) {
  const uint32_t status = CFSR, not_stacked = status & (1u << 4 | 1u << 12);
  MPU_CTRL = 0;
  const int readable = !not_stacked && frame >= assay_stack_low && frame + 8 <= assay_stack_high;
  const uint32_t address = status & 1u << 7 ? MMFAR : status & 1u << 15 ? BFAR : 0xFFFFFFFFu;
  say("\r\ne-[fault]\r\nassay-fault-[");
  say_field("pc=", readable ? frame[6] : return_address(frame + 8));
  say(readable ? " exact=1" : " exact=0");
  say_field(" lr=", readable ? frame[5] : 0);
  say_field(" cfsr=", status);
  say_field(" hfsr=", HFSR);
  say_field(" address=", address);
  say_field(" sp=", (uint32_t)frame);
  say_field(" stack=", (uint32_t)assay_stack_low);
  say("]\r\n");
  assay_board_stop(99);
  for (;;) {
  }
}

__attribute__((naked)) static void on_fault(void) {
  __asm volatile(
      "tst lr, #4\n"
      "ite eq\n"
      "mrseq r0, msp\n"
      "mrsne r0, psp\n"
      "b fault\n");
}

/* ── Reset ── */

static __attribute__((used, noreturn)) void run(void) {
  assay_board_start();
  assay_dialogue_begin(&assay_this_board);
  for (;;) {
    if (!assay_dialogue_step()) sleep_until_received();
  }
}

static __attribute__((used)) void set_up(void) {
#ifdef __ARM_FP
  CPACR |= 0xFu << 20;
#endif
  SHCSR |= 7u << 16; /* faults of memory, bus and usage are handled as such */
  CCR |= 1u << 4;    /* a division by 0 is one */
  __asm volatile("dsb\n isb" ::: "memory");
  const uint32_t* from = assay_data_from;
  for (uint32_t* to = assay_data_begin; to < assay_data_end;) *to++ = *from++;
  for (uint32_t* to = assay_bss_begin; to < assay_bss_end;) *to++ = 0;
  guard_memory();
}

/* The main program gets the stack at RAM's lower end; what the processor began with stays for faults and interrupts. */
__attribute__((naked, noreturn)) void assay_reset(void) {
  __asm volatile(
      "bl set_up\n"
      "ldr r0, =assay_stack_high\n"
      "msr psp, r0\n"
      "movs r0, #2\n"
      "mrs r1, control\n"
      "orrs r0, r1\n"
      "msr control, r0\n"
      "isb\n"
      "b run\n"
      ".ltorg\n");
}

void assay_uart_interrupt(void); /* board_*.c */

__attribute__((section(".vectors"), used)) static void (*const vectors[16 + 32])(void) = {
    (void (*)(void))assay_fault_stack_high,
    assay_reset,
    on_fault,
    on_fault,
    on_fault,
    on_fault,
    on_fault,
    [16] = assay_uart_interrupt, /* interrupt 0 of mps2-an386 */
    [16 + 2] = assay_uart_interrupt, /* interrupt 2 of the nRF52840 */
};
