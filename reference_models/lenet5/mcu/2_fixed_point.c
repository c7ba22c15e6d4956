/* Variant 2: the scale in fixed point (scaled.h). Else it is variant 1.
 *
 * Compiled with: -O3.
 */
#include "lenet_weights/plain.h"
#include "reference_models/lenet5/mcu/integers.h"
#include "reference_models/lenet5/mcu/scaled.h"
#include "reference_models/lenet5/mcu/layers.h"

void lenet_infer(const uint8_t* pixels, int32_t* sums) { infer_by_layers(pixels, sums); }
