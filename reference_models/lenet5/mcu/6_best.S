@ The inner loops of variant 6. Every register but sp holds something of the tile:
@
@   r0  activations   r1  weights   r12, lr  the last two activations   r8 … r11 as said   the rest: sums
@
@ u and v are neighbours in a row: what is v at one tap is u at the next, so each activation is read once a row.
#include "lenet_weights/sizes.h"

#define ROW1 128          /* bytes of a row of pairs of rows (panels.h: ROW1 words) */
#define ROW2 (14 * 4)     /* bytes of a row of pairs of maps */
#define PLANE2 (14 * ROW2)

  .syntax unified
  .thumb
  .text

.macro larger a, b
  cmp \a, \b
  it lt
  movlt \a, \b
.endm

@ ── conv1: two pixels by three outputs ──────────────────────────────────────────────────────────────────────────────────

.macro tap1 u, v, offset
  ldr \v, [r0, #\offset]
  ldm r1!, {r8, r9, r10}
  smlad r2, \u, r8, r2
  smlad r5, \v, r8, r5
  smlad r3, \u, r9, r3
  smlad r6, \v, r9, r6
  smlad r4, \u, r10, r4
  smlad r7, \v, r10, r7
.endm

.macro row_of_taps1 offset
  ldr r12, [r0, #\offset]
  tap1 r12, lr, \offset + 4
  tap1 lr, r12, \offset + 8
  tap1 r12, lr, \offset + 12
  tap1 lr, r12, \offset + 16
  tap1 r12, lr, \offset + 20
.endm

@ The sums of the window's row at `offset`, of which the larger are left in r2 … r4. r2: the biases.
.macro half1 offset
  ldm r2, {r2-r4}
  mov r5, r2
  mov r6, r3
  mov r7, r4
  row_of_taps1 \offset
  row_of_taps1 \offset + 2 * ROW1
  row_of_taps1 \offset + 4 * ROW1
  larger r2, r5
  larger r3, r6
  larger r4, r7
.endm

@ void lenet_window1(const uint32_t* corner, const uint32_t* weights, const int32_t* bias, int32_t* largest)
  .global lenet_window1
  .type lenet_window1, %function
  .thumb_func
lenet_window1:
  push {r2, r3, r4-r11, lr}
  half1 0
  ldr r12, [sp, #4]
  stm r12, {r2-r4}
  ldr r2, [sp]
  sub r1, #180              @ fifteen taps of three words
  half1 ROW1
  ldr r12, [sp, #4]
  ldm r12, {r5-r7}
  larger r2, r5
  larger r3, r6
  larger r4, r7
  stm r12, {r2-r4}
  pop {r2, r3, r4-r11, pc}
  .size lenet_window1, . - lenet_window1

@ ── conv2: two pixels by four outputs ───────────────────────────────────────────────────────────────────────────────────

.macro tap2 u, v, offset
  ldr \v, [r0, #\offset]
  ldrd r10, r11, [r1], #8
  smlad r2, \u, r10, r2
  smlad r6, \v, r10, r6
  smlad r3, \u, r11, r3
  smlad r7, \v, r11, r7
  ldrd r10, r11, [r1], #8
  smlad r4, \u, r10, r4
  smlad r8, \v, r10, r8
  smlad r5, \u, r11, r5
  smlad r9, \v, r11, r9
.endm

.macro row_of_taps2 offset
  ldr r12, [r0, #\offset]
  tap2 r12, lr, \offset + 4
  tap2 lr, r12, \offset + 8
  tap2 r12, lr, \offset + 12
  tap2 lr, r12, \offset + 16
  tap2 r12, lr, \offset + 20
.endm

@ The sums of the window's row at r0, of which the larger are left in r2 … r5; r0 ends a plane behind the last. r2: the biases.
.macro half2
  ldm r2, {r2-r5}
  mov r6, r2
  mov r7, r3
  mov r8, r4
  mov r9, r5
  .rept CONV2_PAIRS
  row_of_taps2 0
  row_of_taps2 ROW2
  row_of_taps2 2 * ROW2
  row_of_taps2 3 * ROW2
  row_of_taps2 4 * ROW2
  add r0, #PLANE2
  .endr
  larger r2, r6
  larger r3, r7
  larger r4, r8
  larger r5, r9
.endm

@ void lenet_window2(const uint32_t* corner, const uint32_t* weights, const int32_t* bias, int32_t* largest)
  .global lenet_window2
  .type lenet_window2, %function
  .thumb_func
lenet_window2:
  push {r2, r3, r4-r11, lr}
  half2
  ldr r12, [sp, #4]
  stm r12, {r2-r5}
  ldr r2, [sp]
  movw r10, #(CONV2_PAIRS * PLANE2 - ROW2)
  sub r0, r10
  sub r1, #(CONV2_PAIRS * 25 * 16)
  half2
  ldr r12, [sp, #4]
  ldm r12, {r6-r9}
  larger r2, r6
  larger r3, r7
  larger r4, r8
  larger r5, r9
  stm r12, {r2-r5}
  pop {r2, r3, r4-r11, pc}
  .size lenet_window2, . - lenet_window2

@ ── fc: six outputs, two inputs a step ──────────────────────────────────────────────────────────────────────────────────

.macro pair
  ldr r2, [r0], #4
  ldm r1!, {r3, r4, r5}
  smlad r6, r2, r3, r6
  sxtb16 r3, r3
  smlad r9, r2, r3, r9
  smlad r7, r2, r4, r7
  sxtb16 r4, r4
  smlad r10, r2, r4, r10
  smlad r8, r2, r5, r8
  sxtb16 r5, r5
  smlad r11, r2, r5, r11
.endm

@ const uint32_t* lenet_dot6(const uint32_t* in, const uint32_t* weights, const uint32_t* end, int32_t* sums)
@ The number of pairs is a multiple of ten. Returns the weights behind those it used.
  .global lenet_dot6
  .type lenet_dot6, %function
  .thumb_func
lenet_dot6:
  push {r3, r4-r11, lr}
  mov r12, r2
  movs r6, #0
  movs r7, #0
  mov r8, r6
  mov r9, r6
  mov r10, r6
  mov r11, r6
1:
  .rept 10
  pair
  .endr
  cmp r0, r12
  bne 1b
  sub r6, r6, r9
  sub r7, r7, r10
  sub r8, r8, r11
  asr r6, r6, #8
  asr r7, r7, #8
  asr r8, r8, #8
  ldr r2, [sp]
  stm r2, {r6-r11}
  mov r0, r1
  pop {r3, r4-r11, pc}
  .size lenet_dot6, . - lenet_dot6
