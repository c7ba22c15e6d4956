/* A sum becomes an activation in fixed point: one multiplication, a rounding shift, and USAT cuts to 0 … 255.
 */
#ifndef ASSAY_LENET5_MCU_SCALED_H
#define ASSAY_LENET5_MCU_SCALED_H

#include <arm_acle.h>

#include "reference_models/lenet5/mcu/lenet.h"

static inline uint8_t activation(int32_t sum, const struct lenet_output* output) {
  return (uint8_t)__usat((sum * output->multiplier + output->half) >> output->shift, 8);
}

#endif
