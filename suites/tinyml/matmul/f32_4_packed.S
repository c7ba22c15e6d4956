/* Rung 4: packed operands, of which VLDM loads eight at a time. Differs from 3 in this, and is in assembler for
 * it.
 *
 * A tile's 16 sums leave 16 registers of the FPU: four rows and four columns of two steps of k. One VLDM fills
 * eight of them if the elements lie in the order in which they are used, and for that they are packed: B before
 * the first tile, four rows of A before theirs.
 *
 *     A, four rows        k, then row
 *     B, four columns     k, then column
 *
 * That is 34 instructions for two steps of k, 32 products, and a loop that ends once every 16 steps.
 *
 * Compiled with: -O3.
 */
#define MATMUL_F32
#include "suites/tinyml/matmul/matmul.h"

        .syntax unified
        .cpu cortex-m4
        .fpu fpv4-sp-d16
        .thumb

        .bss
        .balign 4
packed_a:
        .space  4 * MATMUL_MOST_N * 4
packed_b:
        .space  MATMUL_MOST_N * MATMUL_MOST_N * 4

@ The tile's registers: s0 to s15 the sums, row by row; s16 to s23 two columns of A, s24 to s31 two rows of B.
        .macro  row s0, s1, s2, s3, a, b0, b1, b2, b3
        vfma.f32 \s0, \a, \b0
        vfma.f32 \s1, \a, \b1
        vfma.f32 \s2, \a, \b2
        vfma.f32 \s3, \a, \b3
        .endm
        .macro  two_steps
        vldm    r0!, {s16-s23}
        vldm    r1!, {s24-s31}
        row     s0, s1, s2, s3, s16, s24, s25, s26, s27
        row     s4, s5, s6, s7, s17, s24, s25, s26, s27
        row     s8, s9, s10, s11, s18, s24, s25, s26, s27
        row     s12, s13, s14, s15, s19, s24, s25, s26, s27
        row     s0, s1, s2, s3, s20, s28, s29, s30, s31
        row     s4, s5, s6, s7, s21, s28, s29, s30, s31
        row     s8, s9, s10, s11, s22, s28, s29, s30, s31
        row     s12, s13, s14, s15, s23, s28, s29, s30, s31
        .endm

@ Two steps of k in four rows of A (r0 to r3) into eight words of its panel (r12): LDRD deals them out.
        .macro  pack_two_steps
        ldrd    r4, r8, [r0], #8
        ldrd    r5, r9, [r1], #8
        ldrd    r6, r10, [r2], #8
        ldrd    r7, r11, [r3], #8
        stm     r12!, {r4-r11}
        .endm

@ The frame.
        .equ    size_n, 0
        .equ    a_rows, 4       @ the four rows to be packed next
        .equ    a_rows_end, 8
        .equ    c_rows, 12      @ where their products go
        .equ    frame, 16

        .section .text.matmul, "ax", %progbits
        .global matmul
        .type   matmul, %function
        .thumb_func
@ void matmul(int n, const float* a, const float* b, float* c)
matmul:
        push    {r3-r11, lr}            @ r3 for the sake of 8-byte alignment
        vpush   {s16-s31}
        sub     sp, #frame
        lsls    r0, r0, #2              @ from here on the bytes of a row
        str     r0, [sp, #size_n]
        str     r3, [sp, #c_rows]
        mul     r3, r0, r0
        add     r3, r1, r3, lsr #2
        strd    r1, r3, [sp, #a_rows]

        @ B, eight rows at a time: r2 to r9 walk along them, r12 from panel to panel
        ldr     r12, =packed_b
        lsls    r1, r0, #2              @ bytes from a panel to the next: 4n floats
        add     lr, r12, r1             @ the end of the first panel
pack_eight_rows:
        adds    r3, r2, r0
        adds    r4, r3, r0
        adds    r5, r4, r0
        adds    r6, r5, r0
        adds    r7, r6, r0
        add     r8, r7, r0
        add     r9, r8, r0
        mov     r10, r12
        mov     r11, r3                 @ the end of the first row
pack_panels:
        vldm    r2!, {s0-s3}
        vldm    r3!, {s4-s7}
        vldm    r4!, {s8-s11}
        vldm    r5!, {s12-s15}
        vldm    r6!, {s16-s19}
        vldm    r7!, {s20-s23}
        vldm    r8!, {s24-s27}
        vldm    r9!, {s28-s31}
        vstm    r10, {s0-s31}
        add     r10, r1
        cmp     r2, r11
        bne     pack_panels
        mov     r2, r9                  @ the end of the eighth row
        adds    r12, #128
        cmp     r12, lr
        bne     pack_eight_rows

four_rows:
        ldr     r4, [sp, #size_n]
        ldr     r0, [sp, #a_rows]
        adds    r1, r0, r4
        adds    r2, r1, r4
        adds    r3, r2, r4
        ldr     r12, =packed_a
        add     lr, r12, r4, lsl #2
pack_steps:
        pack_two_steps
        pack_two_steps
        pack_two_steps
        pack_two_steps
        cmp     r12, lr
        bne     pack_steps
        str     r3, [sp, #a_rows]

        @ r0 A, r1 B, r2 A's end, r3 A's begin, r4 16 zeros, r5 B's end, r6 to r9 the rows of C
        mov     r2, lr
        ldr     r3, =packed_a
        ldr     r1, =packed_b
        ldr     r0, [sp, #size_n]
        mul     r5, r0, r0
        add     r5, r1, r5, lsr #2
        adr     r4, sixteen_zeros
        ldr     r6, [sp, #c_rows]
        adds    r7, r6, r0
        add     r8, r7, r0
        add     r9, r8, r0
tile:
        mov     r0, r3
        vldm    r4, {s0-s15}
steps:
        two_steps
        two_steps
        two_steps
        two_steps
        two_steps
        two_steps
        two_steps
        two_steps
        cmp     r0, r2
        bne     steps
        vstm    r6!, {s0-s3}
        vstm    r7!, {s4-s7}
        vstm    r8!, {s8-s11}
        vstm    r9!, {s12-s15}
        cmp     r1, r5
        bne     tile

        str     r9, [sp, #c_rows]       @ the end of the fourth row
        ldrd    r0, r1, [sp, #a_rows]
        cmp     r0, r1
        bne     four_rows

        add     sp, #frame
        vpop    {s16-s31}
        pop     {r3-r11, pc}

        .balign 4
sixteen_zeros:
        .space  64
        .ltorg
        .size   matmul, . - matmul
