/* Arm's MPS2+ board with the Cortex-M4 image AN386, as QEMU emulates it: UART 0 is the line, and timer 0 counts the virtual time
 * that -icount makes of instructions. */
#include "hardware/mcu/device/board.h"
#include "hardware/mcu/device/start.h"

#define REGISTER(address) (*(volatile uint32_t*)(address))
#define UART_DATA REGISTER(0x40004000)
#define UART_STATE REGISTER(0x40004004)
#define UART_CTRL REGISTER(0x40004008)
#define UART_INTERRUPTS REGISTER(0x4000400C)
#define UART_BAUDDIV REGISTER(0x40004010)
#define TIMER_CTRL REGISTER(0x40000000)
#define TIMER_VALUE REGISTER(0x40000004)
#define TIMER_RELOAD REGISTER(0x40000008)
#define NVIC_ENABLE REGISTER(0xE000E100)

const uint32_t assay_window_origin = 0x21000000, assay_window_length = 16u << 20;

static void write_byte(uint8_t byte) {
  while (UART_STATE & 1) {
  }
  UART_DATA = byte;
}

void assay_uart_interrupt(void) {
  UART_INTERRUPTS = 2;
  while (UART_STATE & 2) assay_received((uint8_t)UART_DATA);
}

/* 25 MHz, downwards. */
static uint32_t microseconds(void) { return (0xFFFFFFFFu - TIMER_VALUE) / 25; }

void assay_board_start(void) {
  UART_BAUDDIV = 16;
  UART_CTRL = 1 | 2 | 8; /* send, receive, interrupt on receiving */
  TIMER_RELOAD = 0xFFFFFFFFu;
  TIMER_VALUE = 0xFFFFFFFFu;
  TIMER_CTRL = 1;
  NVIC_ENABLE = 1;
}

/* Semihosting's SYS_EXIT_EXTENDED: QEMU ends with `status`. */
void assay_board_stop(int status) {
  struct {
    uint32_t reason, status;
  } block = {0x20026, (uint32_t)status};
  register uint32_t r0 __asm("r0") = 0x20;
  register void* r1 __asm("r1") = &block;
  __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

/* -icount shift=7 makes an instruction 128 ns, a tick is 40 ns: 3.2 ticks an instruction, so that rounding always finds it. */
const struct assay_board assay_this_board = {
    .name = "mps2-an386",
    .read_byte = assay_take_received,
    .write_byte = write_byte,
    .microseconds = microseconds,
    .counter = (volatile const uint32_t*)0x40000004,
    .counts_down = 1,
    .multiplier = 5,
    .divisor = 16,
    .unit = "instructions",
    .stack_limit = assay_stack_limit,
    .window = (const uint8_t*)0x21000000,
    .window_bytes = 16u << 20,
};
