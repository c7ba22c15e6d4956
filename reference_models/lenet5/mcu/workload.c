/* LeNet-5 as a firmware's workload: an image's 784 bytes in, ten sums out (of fp32 ten floats, as they lie in memory).
 */
#include "hardware/mcu/device/workload.h"

#include "reference_models/lenet5/mcu/lenet.h"

static uint8_t pixels[LENET_PIXELS] __attribute__((aligned(4)));

#ifdef LENET_F32
static float logits[LENET_CLASSES];
static void work(void) { lenet_infer_f32(pixels, logits); }
static int32_t result(int i) { return (int32_t)(logits[i] * 1000.0f); }
#else
static int32_t logits[LENET_CLASSES];
static void work(void) { lenet_infer(pixels, logits); }
/* A sum of the last layer is a logit but for a scale that all ten share. */
static int32_t result(int i) { return logits[i]; }
#endif

/* Of equals the first. */
static int answer(void) {
  int best = 0;
  for (int i = 1; i < LENET_CLASSES; ++i) {
    if (logits[i] > logits[best]) best = i;
  }
  return best;
}

struct assay_workload assay_workload = {
    .model = "lenet5 " LENET_VARIANT,
    .work = work,
    .input = pixels,
    .input_bytes = LENET_PIXELS,
    .output = (uint8_t*)logits,
    .output_bytes = sizeof logits,
    .result = result,
    .results = LENET_CLASSES,
    .answer = answer,
};
