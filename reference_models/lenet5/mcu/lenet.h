/* LeNet-5 on a microcontroller: what every variant computes. The scheme stands in reference_models/lenet5/integer_model.hpp; the
 * sizes and weights come from a header that lenet_firmware_weights writes, of any width.
 *
 * Kernels follow PyTorch's layouts where not said otherwise: activations [map][y][x], weights [out][in][5][5] and [out][in].
 */
#ifndef ASSAY_LENET5_MCU_LENET_H
#define ASSAY_LENET5_MCU_LENET_H

#include <stdint.h>

/* pixels[28×28], 0 to 255 → the ten sums of the last layer; largest: the class. Overwrites sums; no aliasing. */
void lenet_infer(const uint8_t* pixels, int32_t* sums);
/* The same network in floats: logits. */
void lenet_infer_f32(const uint8_t* pixels, float* logits);

#define LENET_SIDE 28
#define LENET_PIXELS 784
#define LENET_KERNEL 5
#define LENET_TAPS 25
#define LENET_SIDE1 14 /* after the first maximum */
#define LENET_SIDE2 5  /* after the second */
#define LENET_CLASSES 10

/* Of an output: its sum becomes (sum · multiplier + 2^(shift−1)) >> shift, cut to 0 … 255. No product exceeds 31 bits. */
struct lenet_output {
  int32_t bias;
  int32_t half; /* 2^(shift−1) */
  int16_t multiplier, shift;
};

#endif
