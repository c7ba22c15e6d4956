/* Weights in the order in which kernels read them, and activations as halfwords: what variants 5 and 6 share. lenet_weights/packed.h is
 * written by lenet_firmware_weights, which says what each word holds.
 *
 *     conv1   pairs of rows: a word of the padded image is (a[y][x], a[y+1][x]); outputs by three
 *     conv2   pairs of maps: a word is (map 2c, map 2c+1); outputs by four
 *     fc      pairs of inputs; a halfword of weights holds two outputs, 256·high + low; outputs by six, three words
 *
 * Of the products with 256·high + low the sum is 256·H + L. SXTB16 leaves the low halves, whose sum is L; (sum − L) >> 8 is H
 * while |H| < 2^23, which the generator of the weights has made sure of.
 */
#ifndef ASSAY_LENET5_MCU_PANELS_H
#define ASSAY_LENET5_MCU_PANELS_H

#include <arm_acle.h>
#include <stdint.h>

#include "lenet_weights/packed.h"
#include "reference_models/lenet5/mcu/scaled.h"

#define ROW1 32                       /* words of a row of the padded image */
#define PLANE1 (LENET_SIDE1 * LENET_SIDE1)
static uint32_t row_pairs[ROW1 * ROW1];
/* Its high halves are the odd maps; a map beyond the last has weights of 0. */
static uint16_t map_pairs[(3 * CONV1_GROUPS + 1) / 2 * PLANE1 * 2];
static uint32_t flat[FC1_PAIRS], hidden1[FC2_PAIRS], hidden2[FC3_PAIRS]; /* halfwords, with 0 behind the last */

static inline void pair_rows(const uint8_t* pixels) {
  for (int y = 0; y < LENET_SIDE; ++y) {
    uint16_t* low = (uint16_t*)(row_pairs + (y + 2) * ROW1 + 2);
    uint16_t* high = (uint16_t*)(row_pairs + (y + 1) * ROW1 + 2) + 1;
    for (int x = 0; x < LENET_SIDE; ++x) {
      const uint16_t pixel = *pixels++;
      low[2 * x] = pixel;
      high[2 * x] = pixel;
    }
  }
}

/* The halfword of map m at (y, x). */
static inline uint16_t* map_at(int m, int place) { return map_pairs + m / 2 * PLANE1 * 2 + place * 2 + m % 2; }

#endif
