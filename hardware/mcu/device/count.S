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
