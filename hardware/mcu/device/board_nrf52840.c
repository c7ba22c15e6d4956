/* Nordic's nRF52840: the line is UART 0 at 115200 baud on two pins (those of the nRF52840 DK unless ASSAY_PIN_TXD and ASSAY_PIN_RXD
 * say others: 32 + n is P1.n) and a USB-serial adapter or the kit's own; DWT counts cycles. Addresses and sequences are those of the nRF52840
 * product specification; UART is the peripheral without DMA, whose other two pins stay disconnected as reset leaves them. */
#include "hardware/mcu/device/board.h"
#include "hardware/mcu/device/start.h"

#ifndef ASSAY_PIN_TXD
#define ASSAY_PIN_TXD 6 /* P0.06 */
#define ASSAY_PIN_RXD 8 /* P0.08 */
#endif

#define REGISTER(address) (*(volatile uint32_t*)(address))
#define CLOCK_START_HF REGISTER(0x40000000)
#define CLOCK_HF_STARTED REGISTER(0x40000100)
#define UART(offset) REGISTER(0x40002000 + (offset))
#define TIMER(offset) REGISTER(0x40008000 + (offset))
/* Of a pin's port: OUTSET 0x508, DIRSET 0x518, PIN_CNF[n] 0x700 + 4n. */
#define GPIO(pin, offset) REGISTER(0x50000000 + 0x300 * ((pin) / 32) + (offset))
#define NVMC_CACHE REGISTER(0x4001E540)
#define NVIC_ENABLE REGISTER(0xE000E100)
#define DEMCR REGISTER(0xE000EDFC)
#define DWT_CTRL REGISTER(0xE0001000)

const uint32_t assay_window_origin = 0, assay_window_length = 0;

static void write_byte(uint8_t byte) {
  UART(0x11C) = 0; /* EVENTS_TXDRDY */
  UART(0x51C) = byte;
  while (!UART(0x11C)) {
  }
}

void assay_uart_interrupt(void) {
  if (!UART(0x108)) return; /* EVENTS_RXDRDY */
  UART(0x108) = 0;          /* before RXD is read: that brings the next of six bytes, and its event */
  assay_received((uint8_t)UART(0x518));
}

static uint32_t microseconds(void) {
  TIMER(0x040) = 1;    /* TASKS_CAPTURE[0] */
  return TIMER(0x540); /* CC[0] */
}

void assay_board_start(void) {
  CLOCK_HF_STARTED = 0;
  CLOCK_START_HF = 1; /* the crystal: a baud rate and a microsecond worth the name */
  while (!CLOCK_HF_STARTED) {
  }
  NVMC_CACHE = 1; /* of instructions */
  TIMER(0x504) = 0; /* timer */
  TIMER(0x508) = 3; /* 32 bits */
  TIMER(0x510) = 4; /* 16 MHz / 2^4 */
  TIMER(0x000) = 1;
  GPIO(ASSAY_PIN_TXD, 0x508) = 1u << ASSAY_PIN_TXD % 32; /* idle is high, before it drives the pin */
  GPIO(ASSAY_PIN_TXD, 0x518) = 1u << ASSAY_PIN_TXD % 32;
  GPIO(ASSAY_PIN_RXD, 0x700 + 4 * (ASSAY_PIN_RXD % 32)) = 3u << 2; /* an input, pulled up: a line that nobody drives is idle */
  UART(0x50C) = ASSAY_PIN_TXD;
  UART(0x514) = ASSAY_PIN_RXD;
  UART(0x524) = 0x01D7E000; /* 115200 baud */
  UART(0x304) = 1u << 2;    /* interrupt on RXDRDY */
  UART(0x500) = 4;          /* on */
  UART(0x000) = 1;          /* TASKS_STARTRX */
  UART(0x008) = 1;          /* TASKS_STARTTX */
  NVIC_ENABLE = 1u << 2;
  DEMCR |= 1u << 24;
  DWT_CTRL |= 1;
}

void assay_board_stop(int status) {
  (void)status;
  for (;;) __asm volatile("wfi");
}

const struct assay_board assay_this_board = {
    .name = "nrf52840",
    .read_byte = assay_take_received,
    .write_byte = write_byte,
    .microseconds = microseconds,
    .counter = (volatile const uint32_t*)0xE0001004, /* DWT_CYCCNT */
    .multiplier = 1,
    .divisor = 1,
    .unit = "cycles",
    .stack_limit = assay_stack_limit,
};
