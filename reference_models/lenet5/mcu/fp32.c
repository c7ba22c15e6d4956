/* In single precision, as it was trained, by the same loops as variant 1. Built twice: for the FPU, and for a part without one, where
 * each addition and multiplication is a call of a library.
 *
 * Compiled with: -O3.
 */
#include "lenet_weights/floats.h"

typedef float value_t, weight_t, sum_t, output_t; /* an output is its bias */

static inline sum_t bias_of(const output_t* output) { return *output; }
static inline value_t activation(sum_t sum, const output_t* output) {
  (void)output;
  return sum > 0 ? sum : 0;
}

#include "reference_models/lenet5/mcu/layers.h"

void lenet_infer_f32(const uint8_t* pixels, float* logits) {
  static float image[LENET_PIXELS];
  for (int i = 0; i < LENET_PIXELS; ++i) image[i] = (float)pixels[i] / 255.0f;
  infer_by_layers(image, logits);
}
