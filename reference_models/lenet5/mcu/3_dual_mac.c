/* Variant 3: two products an instruction: of a row's five taps four by SXTB16, UXTB16 and SMLAD, the fifth by itself; a padded copy of
 * the image in place of a question at every tap. Else it is variant 2.
 *
 * Compiled with: -O3.
 */
#include "lenet_weights/plain.h"
#include "reference_models/lenet5/mcu/dual_mac.h"
#include "reference_models/lenet5/mcu/integers.h"
#include "reference_models/lenet5/mcu/maximum.h"

static uint8_t wide[LENET_MAPS1 * LENET_SIDE * LENET_SIDE];
static uint8_t narrow[LENET_MAPS1 * LENET_SIDE1 * LENET_SIDE1 > LENET_FLAT ? LENET_MAPS1 * LENET_SIDE1 * LENET_SIDE1 : LENET_FLAT];
static uint8_t hidden1[LENET_HIDDEN1], hidden2[LENET_HIDDEN2];

static void convolve(const uint8_t* in, int in_maps, int in_side, const int8_t* weights, const struct lenet_output* outputs, int maps, uint8_t* out) {
  const int side = in_side - LENET_KERNEL + 1;
  for (int m = 0; m < maps; ++m) {
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        int32_t sum = outputs[m].bias;
        for (int c = 0; c < in_maps; ++c) {
          const int8_t* w = weights + (m * in_maps + c) * LENET_TAPS;
          const uint8_t* a = in + (c * in_side + y) * in_side + x;
          for (int ky = 0; ky < LENET_KERNEL; ++ky, w += LENET_KERNEL, a += in_side) {
            sum = add_four(four_weights(w), four_activations(a), sum) + w[4] * a[4];
          }
        }
        out[(m * side + y) * side + x] = activation(sum, &outputs[m]);
      }
    }
  }
}

void lenet_infer(const uint8_t* pixels, int32_t* sums) {
  pad(pixels);
  convolve(padded, 1, PADDED, conv1_weights, conv1_outputs, LENET_MAPS1, wide);
  largest_of_four(wide, LENET_MAPS1, LENET_SIDE, narrow);
  convolve(narrow, LENET_MAPS1, LENET_SIDE1, conv2_weights, conv2_outputs, LENET_MAPS2, wide);
  largest_of_four(wide, LENET_MAPS2, 2 * LENET_SIDE2, narrow);
  connect(narrow, LENET_FLAT, fc1_weights, fc1_outputs, LENET_HIDDEN1, hidden1);
  connect(hidden1, LENET_HIDDEN1, fc2_weights, fc2_outputs, LENET_HIDDEN2, hidden2);
  for (int o = 0; o < LENET_CLASSES; ++o) sums[o] = dot(fc3_weights + o * LENET_HIDDEN2, hidden2, LENET_HIDDEN2, fc3_bias[o]);
}
