/* From reset to main, and what a fault says. A board with a start-up of its own, such as an Arduino, needs none of this. */
#ifndef ASSAY_MCU_START_H
#define ASSAY_MCU_START_H

#include <stdint.h>

/* The board's part, board_*.c. */
extern const struct assay_board assay_this_board;
void assay_board_start(void);        /* UART, counter, clock */
void assay_board_stop(int status);   /* after a fault: ends the emulator, or stands still. Does not return */
/* Memory beside the part's own that the work may read and write; 0 bytes: none. A power of two, aligned to itself. */
extern const uint32_t assay_window_origin, assay_window_length;

uint32_t* assay_stack_limit(void);
/* The receiving interrupt puts a byte in, read_byte takes it out; −1 if there is none. */
void assay_received(uint8_t byte);
int assay_take_received(void);

#endif
