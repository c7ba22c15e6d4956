/* Variant 1: plain C. Eight-bit weights and activations, a textbook's loops, and a sum becomes an activation as one would write it
 * down first: times a scale, in floating point. A float's 24 bits would round some sums otherwise than the model says, a double's
 * 53 hold every product; and a Cortex-M4 has no double, so each costs calls of a library.
 *
 * Compiled with: -O3.
 */
#include "lenet_weights/plain.h"
#include "reference_models/lenet5/mcu/integers.h"

static value_t activation(sum_t sum, const output_t* output) {
  const double value = (double)sum * output->multiplier / (double)(1u << output->shift) + 0.5;
  return value < 0 ? 0 : value >= 256 ? 255 : (value_t)value;
}

#include "reference_models/lenet5/mcu/layers.h"

void lenet_infer(const uint8_t* pixels, int32_t* sums) { infer_by_layers(pixels, sums); }
