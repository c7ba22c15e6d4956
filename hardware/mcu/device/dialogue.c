/* The device's side of the line: MLPerf Tiny's runner protocol (mlcommons/tiny, benchmark/runner), and lines of our own.
 *
 *     name%             m-name-dut-[mps2-an386]
 *     profile%          m-profile-[…]  m-model-[…]
 *     timestamp%        m-lap-us-N
 *     db load N%        m-[Expecting N bytes]
 *     db HH…%           (until N bytes are there) m-load-done
 *     infer N W%        m-warmup-start-W  m-warmup-done  m-infer-start-N  m-lap-us-…  m-lap-us-…  m-infer-done  m-results-[…]
 *     results%          m-results-[…]
 *
 * Every reply ends with the line m-ready; what can't be done is e-[why] before it. Lines that begin with assay- are ours, and a
 * plain runner passes over them: after m-results come the count of all N inferences, and the least and the most of one. Commands
 * of our own:
 *
 *     assay%               what this device is: model, unit, input, output, window
 *     assay crc%           CRC-32 of the input as it arrived
 *     assay set NAME N%    a setting of the workload, such as a matrix's n
 *     assay output%        the output's bytes in hexadecimal, and their CRC-32; `assay output crc` the CRC-32 alone
 *     assay stack%         the deepest stack of one inference, from its call on
 *     assay take I%        the window's I-th input, as if it had been loaded
 *     assay batch I N%     inputs I to I+N−1 of the window: of each its class and its output's CRC-32
 */
#include "hardware/mcu/device/board.h"
#include "hardware/mcu/device/workload.h"

#define LONGEST_COMMAND 256
#define ANSWERS_A_LINE 16
#define PROTOCOL "1"

static const struct assay_board* board;
static char command[LONGEST_COMMAND + 1];
static int command_length, command_too_long;
static uint32_t expected, arrived;

/* ── Writing ── */

static void say(const char* text) {
  while (*text) board->write_byte((uint8_t)*text++);
}

static void say_end(void) { say("\r\n"); }

static void say_number(uint64_t value) {
  char digits[21];
  int i = 20;
  digits[i] = 0;
  do {
    digits[--i] = (char)('0' + value % 10);
    value /= 10;
  } while (value);
  say(digits + i);
}

static void say_hex(uint32_t value, int digits) {
  while (digits--) board->write_byte((uint8_t)"0123456789abcdef"[value >> 4 * digits & 15]);
}

static void say_line(const char* begin, uint64_t value, const char* end) {
  say(begin);
  say_number(value);
  say(end);
  say_end();
}

/* ── Reading ── */

static int is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/* The next word of the command, ended by a 0; moves `*rest` behind it. An empty word: there is no further one. */
static char* next_word(char** rest) {
  char* word = *rest;
  while (is_space(*word)) ++word;
  char* end = word;
  while (*end && !is_space(*end)) ++end;
  *rest = *end ? end + 1 : end;
  *end = 0;
  return word;
}

static int equal(const char* a, const char* b) {
  while (*a && *a == *b) ++a, ++b;
  return *a == *b;
}

/* False if `text` is no decimal number below 2^32. */
static int number(const char* text, uint32_t* value) {
  uint64_t sum = 0;
  if (!*text) return 0;
  for (; *text; ++text) {
    if (*text < '0' || *text > '9') return 0;
    sum = sum * 10 + (uint32_t)(*text - '0');
    if (sum > 0xFFFFFFFFu) return 0;
  }
  *value = (uint32_t)sum;
  return 1;
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* CRC-32 as zlib and Ethernet have it. */
static uint32_t crc32(const uint8_t* bytes, uint32_t count) {
  uint32_t crc = 0xFFFFFFFFu;
  while (count--) {
    crc ^= *bytes++;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0xEDB88320u & (0u - (crc & 1)));
  }
  return ~crc;
}

/* ── Commands ── */

static void say_microseconds(void) { say_line("m-lap-us-", board->microseconds ? board->microseconds() : 0, ""); }

static void say_results(void) {
  say("m-results-[");
  for (int i = 0; i < assay_workload.results; ++i) {
    int32_t thousandths = assay_workload.result(i);
    if (i) say(",");
    if (thousandths < 0) say("-");
    const uint32_t size = thousandths < 0 ? 0u - (uint32_t)thousandths : (uint32_t)thousandths;
    say_number(size / 1000);
    say(".");
    board->write_byte((uint8_t)('0' + size / 100 % 10));
    board->write_byte((uint8_t)('0' + size / 10 % 10));
    board->write_byte((uint8_t)('0' + size % 10));
  }
  say("]");
  say_end();
}

/* What passed on the board's counter during one call, in its ticks. */
static uint32_t ticks_of(void (*work)(void)) {
  const uint32_t passed = assay_count(board->counter, work);
  return board->counts_down ? passed : 0u - passed;
}

static uint64_t in_units(uint32_t ticks) { return ((uint64_t)ticks * board->multiplier + board->divisor / 2) / board->divisor; }

static void infer(uint32_t n, uint32_t warmup) {
  uint64_t sum = 0, least = UINT64_MAX, most = 0;
  say_line("m-warmup-start-", warmup, "");
  while (warmup--) assay_workload.work();
  say("m-warmup-done");
  say_end();
  say_line("m-infer-start-", n, "");
  for (uint32_t i = 0; i < assay_workload.output_bytes; ++i) assay_workload.output[i] = 0xA5; /* of an earlier inference nothing stays */
  say_microseconds();
  if (board->counter) {
    for (uint32_t i = 0; i < n; ++i) {
      const uint64_t count = in_units(ticks_of(assay_workload.work));
      sum += count;
      if (count < least) least = count;
      if (count > most) most = count;
    }
  } else {
    for (uint32_t i = 0; i < n; ++i) assay_workload.work();
  }
  say_microseconds();
  say("m-infer-done");
  say_end();
  say_results();
  if (board->counter) {
    say("assay-");
    say(board->unit);
    say_line("-", sum, "");
    say_line("assay-least-", least, "");
    say_line("assay-most-", most, "");
  }
}

static void say_stack(void) {
  if (board->stack_limit) say_line("assay-stack-", assay_stack_depth(board->stack_limit(), assay_workload.work), "");
}

static void load_digits(const char* digits) {
  for (; digits[0]; digits += 2) {
    const int high = hex_digit(digits[0]), low = digits[1] ? hex_digit(digits[1]) : -2;
    if (low == -2) {
      say("e-[Insufficient number of hex digits]");
      say_end();
      return;
    }
    if (high < 0 || low < 0) {
      say("e-[Invalid hex digit]");
      say_end();
      return;
    }
    if (arrived >= expected) return; /* the remainder is passed over, as MLPerf Tiny does */
    assay_workload.input[arrived++] = (uint8_t)(high << 4 | low);
    if (arrived == expected) {
      say("m-load-done");
      say_end();
    }
  }
}

static void load(char* rest) {
  uint32_t bytes;
  char* word = next_word(&rest);
  if (equal(word, "load")) {
    if (!number(next_word(&rest), &bytes) || bytes == 0 || bytes > assay_workload.input_bytes) {
      say_line("e-[db load takes 1 to ", assay_workload.input_bytes, " bytes]");
      return;
    }
    expected = bytes;
    arrived = 0;
    say_line("m-[Expecting ", bytes, " bytes]");
  } else if (equal(word, "print")) {
    for (uint32_t i = 0; i < arrived; ++i) {
      if (i % 8 == 0) say("m-buffer-");
      say_hex(assay_workload.input[i], 2);
      if (i % 8 == 7 || i + 1 == arrived) {
        say_end();
      } else {
        say("-");
      }
    }
  } else if (*word) {
    load_digits(word);
  } else {
    say("e-[Command 'db' requires a subcommand]");
    say_end();
  }
}

static void say_device(void) {
  say("assay-protocol-" PROTOCOL);
  say_end();
  say("assay-model-[");
  say(assay_workload.model);
  say("]");
  say_end();
  if (board->unit) {
    say("assay-unit-");
    say(board->unit);
    say_end();
  }
  say_line("assay-input-", assay_workload.input_bytes, "");
  say_line("assay-output-bytes-", assay_workload.output_bytes, "");
  say_line("assay-line-", LONGEST_COMMAND, "");
  if (board->window) say_line("assay-window-", board->window_bytes, "");
}

static void say_crc(const char* begin, const uint8_t* bytes, uint32_t count) {
  say(begin);
  say_hex(crc32(bytes, count), 8);
  say_end();
}

static void say_output(void) {
  for (uint32_t i = 0; i < assay_workload.output_bytes; ++i) {
    if (i % 64 == 0) say("assay-output-");
    say_hex(assay_workload.output[i], 2);
    if (i % 64 == 63 || i + 1 == assay_workload.output_bytes) say_end();
  }
  say_crc("assay-crc-", assay_workload.output, assay_workload.output_bytes);
}

/* False, and said so, if the window doesn't hold them all. */
static int in_window(uint32_t first, uint32_t count) {
  const uint32_t held = board->window && assay_workload.input_bytes ? board->window_bytes / assay_workload.input_bytes : 0;
  if (first <= held && count <= held - first) return 1;
  say_line("e-[the window holds ", held, " inputs]");
  return 0;
}

static void take(uint32_t i) {
  const uint8_t* from = board->window + i * assay_workload.input_bytes;
  for (uint32_t k = 0; k < assay_workload.input_bytes; ++k) assay_workload.input[k] = from[k];
  expected = arrived = assay_workload.input_bytes;
}

static void batch(uint32_t first, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    take(first + i);
    assay_workload.work();
    if (i % ANSWERS_A_LINE == 0) say("assay-answers-");
    say_number(assay_workload.answer ? (uint32_t)assay_workload.answer() : 0);
    say(":");
    say_hex(crc32(assay_workload.output, assay_workload.output_bytes), 8);
    if (i % ANSWERS_A_LINE == ANSWERS_A_LINE - 1 || i + 1 == count) {
      say_end();
    } else {
      say(",");
    }
  }
}

static void own_command(char* rest) {
  uint32_t a, b;
  char* word = next_word(&rest);
  if (!*word) {
    say_device();
  } else if (equal(word, "crc")) {
    say_crc("assay-crc-", assay_workload.input, arrived);
  } else if (equal(word, "output")) {
    if (equal(next_word(&rest), "crc")) {
      say_crc("assay-crc-", assay_workload.output, assay_workload.output_bytes);
    } else {
      say_output();
    }
  } else if (equal(word, "stack")) {
    say_stack();
  } else if (equal(word, "set")) {
    const char* name = next_word(&rest);
    if (assay_workload.set && number(next_word(&rest), &a) && assay_workload.set(name, a)) {
      say("assay-set");
      say_end();
    } else {
      say("e-[no such setting, or no such value]");
      say_end();
    }
  } else if (equal(word, "batch") && number(next_word(&rest), &a) && number(next_word(&rest), &b)) {
    if (in_window(a, b)) batch(a, b);
  } else if (equal(word, "take") && number(next_word(&rest), &a)) {
    if (in_window(a, 1)) take(a);
  } else {
    say("e-[unknown: assay takes crc, output, stack, set NAME N, take I, batch FIRST COUNT]");
    say_end();
  }
}

static void carry_out(void) {
  char* rest = command;
  uint32_t n = 1, warmup = 10;
  char* word = next_word(&rest);
  if (command_too_long) {
    say_line("e-[a command has at most ", LONGEST_COMMAND, " characters]");
  } else if (equal(word, "name")) {
    say("m-name-dut-[");
    say(board->name);
    say("]");
    say_end();
  } else if (equal(word, "profile")) {
    say("m-profile-[ULPMark for tinyML Firmware V0.0.1]");
    say_end();
    say("m-model-[");
    say(assay_workload.model);
    say("]");
    say_end();
  } else if (equal(word, "timestamp")) {
    say_microseconds();
  } else if (equal(word, "help")) {
    say("name, profile, timestamp, db load N, db HH…, db print, infer N W, results, assay …; each ends in a percent sign");
    say_end();
  } else if (equal(word, "db")) {
    load(rest);
  } else if (equal(word, "infer")) {
    word = next_word(&rest);
    if (*word && (!number(word, &n) || n == 0)) {
      say("e-[Inference iterations must be >0]");
      say_end();
    } else {
      word = next_word(&rest);
      if (*word && !number(word, &warmup)) {
        say("e-[Inference warmup must be >=0]");
        say_end();
      } else {
        infer(n, warmup);
      }
    }
  } else if (equal(word, "results")) {
    say_results();
  } else if (equal(word, "assay")) {
    own_command(rest);
  } else if (*word) {
    say("e-[Unknown command: ");
    say(word);
    say("]");
    say_end();
  }
  say("m-ready");
  say_end();
}

void assay_dialogue_begin(const struct assay_board* of) {
  board = of;
  say_microseconds();
  say("m-init-done");
  say_end();
  say("m-ready");
  say_end();
}

int assay_dialogue_step(void) {
  const int byte = board->read_byte();
  if (byte < 0) return 0;
  if (byte == '%') {
    command[command_length] = 0;
    carry_out();
    command_length = command_too_long = 0;
  } else if (command_length < LONGEST_COMMAND) {
    command[command_length++] = (char)byte;
  } else {
    command_too_long = 1;
  }
  return 1;
}
