/* The types of the integer model, for the headers that work with any. */
#ifndef ASSAY_LENET5_MCU_INTEGERS_H
#define ASSAY_LENET5_MCU_INTEGERS_H

#include "reference_models/lenet5/mcu/lenet.h"

typedef uint8_t value_t;
typedef int8_t weight_t;
typedef int32_t sum_t;
typedef struct lenet_output output_t;

static inline sum_t bias_of(const output_t* output) { return output->bias; }

#endif
