@ uint32_t assay_count(volatile const uint32_t* counter, void (*work)(void))
@
@ Reads the counter, calls `work`, reads it again. Between the two readings lie the call, the work and its return: the plugin
@ (hardware/mcu/counting) opens and closes its window at the same two instructions.
  .syntax unified
  .thumb
  .text
  .global assay_count, assay_window_begin, assay_window_end
  .type assay_count, %function
  .type assay_window_begin, %object
  .type assay_window_end, %object
  .thumb_func
assay_count:
  push {r4, r5, r6, lr}
  mov r4, r0
assay_window_begin:
  ldr r5, [r4]
  blx r1
assay_window_end:
  ldr r0, [r4]
  subs r0, r5, r0
  pop {r4, r5, r6, pc}
  .size assay_count, . - assay_count

@ uint32_t assay_stack_depth(uint32_t* limit, void (*work)(void))
@
@ Paints the stack from `limit` up to here, calls `work`, and looks how far down the paint is gone: the bytes that `work` and what it
@ calls had below their caller.
  .global assay_stack_depth
  .type assay_stack_depth, %function
  .thumb_func
assay_stack_depth:
  push {r4, r5, r6, lr}
  mov r4, r0
  mov r6, sp
  ldr r5, =0xC5C5C5C5
  mov r2, r0
1:
  cmp r2, r6
  bhs 2f
  str r5, [r2], #4
  b 1b
2:
  blx r1
  mov r2, r4
3:
  cmp r2, r6
  bhs 4f
  ldr r3, [r2]
  cmp r3, r5
  bne 4f
  adds r2, #4
  b 3b
4:
  subs r0, r6, r2
  pop {r4, r5, r6, pc}
  .ltorg
  .size assay_stack_depth, . - assay_stack_depth
