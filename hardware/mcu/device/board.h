/* What a board gives to the dialogue. Two functions are needed, one to read a byte and one to write one; the rest may be NULL
 * or 0, and then the lines that tell it are left out.
 */
#ifndef ASSAY_MCU_BOARD_H
#define ASSAY_MCU_BOARD_H

#include <stdint.h>

struct assay_board {
  const char* name;
  int (*read_byte)(void);            /* −1 if none has come */
  void (*write_byte)(uint8_t byte);  /* waits until there is room */
  uint32_t (*microseconds)(void);    /* goes round after 2^32 */

  /* A counter in memory, read before and after each inference. What passed between, times `multiplier`, divided by `divisor`
   * and rounded, is a number of `unit`. */
  volatile const uint32_t* counter;
  int counts_down;
  uint32_t multiplier, divisor;
  const char* unit;                  /* "instructions" or "cycles" */

  /* The lowest address that the stack may use, so that it can be painted; NULL: unknown. */
  uint32_t* (*stack_limit)(void);

  /* Inputs that something else put into memory, one behind the other; NULL: there is no such memory. */
  const uint8_t* window;
  uint32_t window_bytes;
};

/* Says hello, then answers what comes. */
void assay_dialogue_begin(const struct assay_board* board);
/* Takes at most one byte and, at the end of a command, carries it out. False if there was none. */
int assay_dialogue_step(void);

/* count.S: the counter before minus the counter after one call of `work`, modulo 2^32. */
uint32_t assay_count(volatile const uint32_t* counter, void (*work)(void));
/* count.S: the bytes of stack that `work` uses; what lies between `limit` and here is painted before. */
uint32_t assay_stack_depth(uint32_t* limit, void (*work)(void));

#endif
