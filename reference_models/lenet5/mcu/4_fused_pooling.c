/* Variant 4: the maximum is taken where the sums are: the four sums of a 2×2 window share each weight that is read, and only the
 * largest becomes an activation, because scaling keeps their order. No map is kept before its maximum. Else it is variant 3.
 *
 * Compiled with: -O3.
 */
#include "lenet_weights/plain.h"
#include "reference_models/lenet5/mcu/dual_mac.h"

static uint8_t maps1[LENET_MAPS1 * LENET_SIDE1 * LENET_SIDE1], flat[LENET_FLAT], hidden1[LENET_HIDDEN1], hidden2[LENET_HIDDEN2];

static inline int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }

static inline void convolve(const uint8_t* in, int in_maps, int in_side, const int8_t* weights, const struct lenet_output* outputs, int maps,
                            uint8_t* out) {
  const int side = (in_side - LENET_KERNEL + 1) / 2;
  for (int m = 0; m < maps; ++m) {
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        int32_t s00 = outputs[m].bias, s01 = s00, s10 = s00, s11 = s00;
        for (int c = 0; c < in_maps; ++c) {
          const int8_t* w = weights + (m * in_maps + c) * LENET_TAPS;
          const uint8_t* a = in + (c * in_side + 2 * y) * in_side + 2 * x;
          for (int ky = 0; ky < LENET_KERNEL; ++ky, w += LENET_KERNEL, a += in_side) {
            const struct four four = four_weights(w);
            const int32_t fifth = w[4];
            s00 = add_four(four, four_activations(a), s00) + fifth * a[4];
            s01 = add_four(four, four_activations(a + 1), s01) + fifth * a[5];
            s10 = add_four(four, four_activations(a + in_side), s10) + fifth * a[in_side + 4];
            s11 = add_four(four, four_activations(a + in_side + 1), s11) + fifth * a[in_side + 5];
          }
        }
        *out++ = activation(larger(larger(s00, s01), larger(s10, s11)), &outputs[m]);
      }
    }
  }
}

void lenet_infer(const uint8_t* pixels, int32_t* sums) {
  pad(pixels);
  convolve(padded, 1, PADDED, conv1_weights, conv1_outputs, LENET_MAPS1, maps1);
  convolve(maps1, LENET_MAPS1, LENET_SIDE1, conv2_weights, conv2_outputs, LENET_MAPS2, flat);
  connect(flat, LENET_FLAT, fc1_weights, fc1_outputs, LENET_HIDDEN1, hidden1);
  connect(hidden1, LENET_HIDDEN1, fc2_weights, fc2_outputs, LENET_HIDDEN2, hidden2);
  for (int o = 0; o < LENET_CLASSES; ++o) sums[o] = dot(fc3_weights + o * LENET_HIDDEN2, hidden2, LENET_HIDDEN2, fc3_bias[o]);
}
