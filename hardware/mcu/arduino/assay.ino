// Assay's firmware as an Arduino sketch: the dialogue is dialogue.c, what it runs is the workload's files beside this one. For the
// Nano 33 BLE, whose processor counts its cycles; its line is USB.
extern "C" {
#include "hardware/mcu/device/board.h"
}

static volatile uint32_t* const kDebugControl = (volatile uint32_t*)0xE000EDFC;  // DEMCR: bit 24 lets DWT run
static volatile uint32_t* const kCycleControl = (volatile uint32_t*)0xE0001000;  // DWT_CTRL
static volatile uint32_t* const kCycleCount = (volatile uint32_t*)0xE0001004;    // DWT_CYCCNT

static int read_byte() { return Serial.read(); }
static void write_byte(uint8_t byte) { Serial.write(byte); }
static uint32_t microseconds() { return micros(); }

static struct assay_board board;

void setup() {
  *kDebugControl |= 1UL << 24;
  *kCycleControl |= 1;
  board.name = "nano33ble";
  board.read_byte = read_byte;
  board.write_byte = write_byte;
  board.microseconds = microseconds;
  board.counter = kCycleCount;
  board.multiplier = 1;
  board.divisor = 1;
  board.unit = "cycles";
  Serial.begin(115200);
  while (!Serial) {
  }  // until somebody listens: a greeting to nobody would wait for room
  assay_dialogue_begin(&board);
}

void loop() { assay_dialogue_step(); }
