/* Rung 6: assembler that fills every register, the FPU's too. Differs from 5 in nothing else: same tile, same
 * packing.
 *
 * Eight sums, two words of A, three of B and B's pointer take all fourteen core registers. A needs no pointer:
 * VLDM brings 32 words of it, two rows and 16 pairs of k, into s0 to s31, and VMOV hands them on, two at a
 * time. B comes three words a load. That is 83 instructions for 8 pairs of k, 128 products: 64 SMLAD, 8 VMOV
 * and 11 LDM.
 *
 * There is no loop over k: the steps for n = 96 stand in a row and are entered where the last n begin. What a
 * tile begins with (B's end, zero sums, A, where to enter) lies in the stack frame, and one LDM fetches it.
 *
 * Compiled with: -O3.
 */
#include "suites/tinyml/matmul/matmul.h"

        .syntax unified
        .cpu cortex-m4
        .fpu fpv4-sp-d16
        .thumb

        .bss
        .balign 4
@ As in rung 5. Of A the last 4·n bytes are used, so that its end, and the steps that end there, stay put.
packed_a:
        .space  MATMUL_MOST_N * 4
packed_a_end:
packed_b:
        .space  MATMUL_MOST_N * MATMUL_MOST_N * 2

@ The frame.
        .equ    b_end, 0        @ r3: packed B's end; while B is packed, that of its first row
        .equ    zeros, 4        @ r4 to r11
        .equ    a_start, 36     @ r12
        .equ    entry, 40       @ lr
        .equ    c_rows, 44      @ two pointers, to where this tile goes
        .equ    size_n, 52
        .equ    a_rows, 56      @ the two rows to be packed next
        .equ    a_rows_end, 60
        .equ    frame, 64

@ The tile's registers:
@ r0       B, from here on                   r4 to r7     sums of the first row
@ r1-r3    words of B                        r8 to r11    sums of the second row
@ r12, lr  words of A, first and second row

@ One word of B, which belongs to the tile's column 0 to 3.
        .macro  column_0 b
        smlad   r4, r12, \b, r4
        smlad   r8, lr, \b, r8
        .endm
        .macro  column_1 b
        smlad   r5, r12, \b, r5
        smlad   r9, lr, \b, r9
        .endm
        .macro  column_2 b
        smlad   r6, r12, \b, r6
        smlad   r10, lr, \b, r10
        .endm
        .macro  column_3 b
        smlad   r7, r12, \b, r7
        smlad   r11, lr, \b, r11
        .endm

@ One pair of k, four words of B. Where it loads depends on how many words are left from the pair before.
        .macro  pair_first a0, a1
        vmov    r12, lr, \a0, \a1
        ldm     r0!, {r1, r2}
        column_0 r1
        column_1 r2
        ldm     r0!, {r1, r2, r3}
        column_2 r1
        column_3 r2
        .endm
        .macro  pair_with_one_left a0, a1
        vmov    r12, lr, \a0, \a1
        column_0 r3
        ldm     r0!, {r1, r2, r3}
        column_1 r1
        column_2 r2
        column_3 r3
        .endm
        .macro  pair_with_none_left a0, a1
        vmov    r12, lr, \a0, \a1
        ldm     r0!, {r1, r2, r3}
        column_0 r1
        column_1 r2
        column_2 r3
        ldm     r0!, {r1, r2, r3}
        column_3 r1
        .endm
        .macro  pair_with_two_left a0, a1
        vmov    r12, lr, \a0, \a1
        column_0 r2
        column_1 r3
        ldm     r0!, {r1, r2, r3}
        column_2 r1
        column_3 r2
        .endm
@ Sixteen steps of k. n is a multiple of these, so a tile may be entered at any.
        .macro  eight_pairs a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15
        pair_first          \a0, \a1
        pair_with_one_left  \a2, \a3
        pair_with_none_left \a4, \a5
        pair_with_two_left  \a6, \a7
        pair_with_one_left  \a8, \a9
        pair_with_none_left \a10, \a11
        pair_with_two_left  \a12, \a13
        pair_with_one_left  \a14, \a15
        .endm
        .macro  low_half
        eight_pairs s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15
        .endm
        .macro  high_half
        eight_pairs s16, s17, s18, s19, s20, s21, s22, s23, s24, s25, s26, s27, s28, s29, s30, s31
        .endm

@ Four columns' pairs from the words of two rows, as in pairs.h: in p0 and p1, out in p0 to p3.
        .macro  pair_rows p0, p1, p2, p3
        pkhtb   \p2, \p1, \p0, asr #16
        pkhbt   \p0, \p0, \p1, lsl #16
        sxtb16  \p1, \p0, ror #8
        sxtb16  \p0, \p0
        sxtb16  \p3, \p2, ror #8
        sxtb16  \p2, \p2
        .endm
@ Four rows of B (r1, r0 = n, r3 = 3n) into eight words of its panel (r12).
        .macro  pack_four_rows
        ldr     r4, [r1]
        ldr     r8, [r1, r0]
        ldr     r5, [r1, r0, lsl #1]
        ldr     r9, [r1, r3]
        add     r1, r1, r0, lsl #2
        pair_rows r4, r5, r6, r7
        pair_rows r8, r9, r10, r11
        stm     r12!, {r4-r11}
        .endm
@ Eight steps of k in two rows of A (r1, r2) into eight words of its panel (r12).
        .macro  pack_eight_steps
        ldrd    r4, r8, [r1], #8
        ldrd    r5, r9, [r2], #8
        sxtb16  r6, r4, ror #8
        sxtb16  r7, r5, ror #8
        sxtb16  r10, r8, ror #8
        sxtb16  r11, r9, ror #8
        sxtb16  r4, r4
        sxtb16  r5, r5
        sxtb16  r8, r8
        sxtb16  r9, r9
        stm     r12!, {r4-r11}
        .endm

        .section .text.matmul, "ax", %progbits
        .global matmul
        .type   matmul, %function
        .thumb_func
@ void matmul(int n, const int8_t* a, const int8_t* b, int32_t* c)
matmul:
        push    {r3-r11, lr}            @ r3 for the sake of 8-byte alignment
        vpush   {s16-s31}
        sub     sp, #frame
        str     r3, [sp, #c_rows]
        add     r3, r3, r0, lsl #2
        str     r3, [sp, #c_rows + 4]
        str     r0, [sp, #size_n]
        mla     r3, r0, r0, r1
        strd    r1, r3, [sp, #a_rows]

        @ B: r2 the top of four columns, lr the end of their panel, r3 = 3n
        add     r3, r2, r0
        str     r3, [sp, #b_end]
        ldr     r12, =packed_b
        add     r3, r0, r0, lsl #1
pack_panel:
        mov     r1, r2
        adds    r2, #4
        add     lr, r12, r0, lsl #3
pack_rows:
        pack_four_rows
        pack_four_rows
        pack_four_rows
        pack_four_rows
        cmp     r12, lr
        bne     pack_rows
        ldr     r4, [sp, #b_end]
        cmp     r2, r4
        bne     pack_panel

        @ What all tiles begin with
        str     r12, [sp, #b_end]
        movs    r4, #0
        movs    r5, #0
        strd    r4, r5, [sp, #zeros]
        strd    r4, r5, [sp, #zeros + 8]
        strd    r4, r5, [sp, #zeros + 16]
        strd    r4, r5, [sp, #zeros + 24]
        ldr     r12, =packed_a_end
        sub     r12, r12, r0, lsl #2
        adr     lr, entries
        add     lr, lr, r0, lsr #2      @ a word for every 16
        ldr     lr, [lr, #-4]
        strd    r12, lr, [sp, #a_start]

two_rows:
        ldr     r0, [sp, #size_n]
        ldr     r1, [sp, #a_rows]
        add     r2, r1, r0
        ldr     r12, [sp, #a_start]
        ldr     r3, =packed_a_end
pack_steps:
        pack_eight_steps
        pack_eight_steps
        cmp     r12, r3
        bne     pack_steps
        str     r2, [sp, #a_rows]       @ the second row's end is where the next two begin
        ldr     r0, =packed_b
        ldm     sp, {r3-r12, lr}
        bx      lr

        .balign 4
entries:
        .word   enter_16 + 1, enter_32 + 1, enter_48 + 1, enter_64 + 1, enter_80 + 1, enter_96 + 1
        .ltorg

enter_80:
        vldm    r12, {s16-s31}
        b       last_80
enter_48:
        vldm    r12, {s16-s31}
        b       last_48
enter_16:
        vldm    r12, {s16-s31}
        b       last_16

enter_96:
        vldm    r12, {s0-s31}
        low_half
last_80:
        high_half
        ldr     r12, =packed_a_end - 256
enter_64:
        vldm    r12, {s0-s31}
        low_half
last_48:
        high_half
        ldr     r12, =packed_a_end - 128
enter_32:
        vldm    r12, {s0-s31}
        low_half
last_16:
        high_half

        ldrd    r1, r2, [sp, #c_rows]
        stm     r1!, {r4-r7}
        stm     r2!, {r8-r11}
        strd    r1, r2, [sp, #c_rows]
        ldm     sp, {r3-r12, lr}
        cmp     r0, r3
        beq     rows_done
        bx      lr

rows_done:                              @ r2 is at the second row's end
        ldr     r0, [sp, #size_n]
        add     r1, r2, r0, lsl #2
        strd    r2, r1, [sp, #c_rows]
        ldrd    r0, r1, [sp, #a_rows]
        cmp     r0, r1
        bne     two_rows

        add     sp, #frame
        vpop    {s16-s31}
        pop     {r3-r11, pc}
        .ltorg
        .size   matmul, . - matmul
