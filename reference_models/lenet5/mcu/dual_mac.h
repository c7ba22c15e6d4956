/* Four products by two SMLAD: what variants 3 and 4 share.
 *
 * A word holds four signed weights, another four unsigned activations. SXTB16 and UXTB16 widen bytes 0 and 2 to halfwords, after a
 * rotation by 8 bytes 1 and 3; SMLAD multiplies two halfwords by two and adds both products.
 */
#ifndef ASSAY_LENET5_MCU_DUAL_MAC_H
#define ASSAY_LENET5_MCU_DUAL_MAC_H

#include <arm_acle.h>
#include <stdint.h>

#include "reference_models/lenet5/mcu/scaled.h"

struct four {
  uint32_t even, odd; /* bytes 0 and 2, bytes 1 and 3, as halfwords */
};

/* The processor reads a word at any address. */
static inline uint32_t word_at(const void* bytes) {
  uint32_t word;
  __builtin_memcpy(&word, bytes, 4);
  return word;
}
static inline uint32_t rotated(uint32_t word) { return word >> 8 | word << 24; } /* into the next instruction: SXTB16 rx, ry, ROR #8 */
static inline struct four four_weights(const int8_t* weights) {
  const uint32_t word = word_at(weights);
  return (struct four){(uint32_t)__sxtb16(word), (uint32_t)__sxtb16(rotated(word))};
}
static inline struct four four_activations(const uint8_t* activations) {
  const uint32_t word = word_at(activations);
  return (struct four){(uint32_t)__uxtb16(word), (uint32_t)__uxtb16(rotated(word))};
}
static inline int32_t add_four(struct four weights, struct four activations, int32_t sum) {
  return __smlad((int16x2_t)weights.odd, (int16x2_t)activations.odd, __smlad((int16x2_t)weights.even, (int16x2_t)activations.even, sum));
}

/* Padded by two on every side, so that no tap falls outside. */
#define PADDED (LENET_SIDE + 4)
static uint8_t padded[PADDED * PADDED];

static inline void pad(const uint8_t* pixels) {
  for (int y = 0; y < LENET_SIDE; ++y) __builtin_memcpy(padded + (y + 2) * PADDED + 2, pixels + y * LENET_SIDE, LENET_SIDE);
}

static inline int32_t dot(const int8_t* weights, const uint8_t* in, int count, int32_t sum) {
  int i = 0;
  for (; i + 4 <= count; i += 4) sum = add_four(four_weights(weights + i), four_activations(in + i), sum);
  for (; i < count; ++i) sum += weights[i] * in[i];
  return sum;
}

static inline void connect(const uint8_t* in, int inputs, const int8_t* weights, const struct lenet_output* outputs, int count, uint8_t* out) {
  for (int o = 0; o < count; ++o) out[o] = activation(dot(weights + o * inputs, in, inputs, outputs[o].bias), &outputs[o]);
}

#endif
