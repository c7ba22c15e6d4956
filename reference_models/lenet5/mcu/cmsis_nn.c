/* A peer, no rung: the same network by Arm's CMSIS-NN. Built only with ASSAY_CMSIS_NN, a checkout of one's own. What is called here has the
 * same parameters in the headers of October 2022 and of October 2023 (releases 4 and 5); with the library itself it was never compiled.
 *
 * Its activations are int8: ours less 128, which input_offset gives back; its layouts are [y][x][map] and [out][place][map]. A sum is
 * scaled by a multiplication that rounds and a shift that rounds again, so an activation may differ from the model's by one. Fully
 * connected layers are convolutions of 1×1: those of the library with a scale for each output came late. The last layer's ten sums have
 * 32 bits, which the library doesn't give: a loop, a five-hundredth of the products.
 *
 * Compiled with: -O3 -fhosted -ftree-loop-distribute-patterns (hosted, so that the library's memcpy of four bytes is one instruction).
 */
#include <arm_nnfunctions.h>
#include <stdint.h>

#include "lenet_weights/cmsis_nn.h"
#include "reference_models/lenet5/mcu/lenet.h"

#define LARGER(a, b) ((a) > (b) ? (a) : (b))
#define WIDE1 (LENET_MAPS1 * LENET_PIXELS)
#define WIDE2 (LENET_MAPS2 * 4 * LENET_SIDE2 * LENET_SIDE2)
#define LONGEST_COLUMN LARGER(LENET_MAPS1 * LENET_TAPS, LENET_FLAT)

static int8_t wide[LARGER(WIDE1, WIDE2)]; /* a layer's maps before their maximum, and after */
static int8_t narrow[LARGER(LENET_MAPS1 * LENET_SIDE1 * LENET_SIDE1, LENET_FLAT)];
static int8_t image[LENET_PIXELS], hidden1[LENET_HIDDEN1], hidden2[LENET_HIDDEN2];
static int16_t scratch[2 * (LONGEST_COLUMN + 4)]; /* two columns in 16 bits */

static void convolve(const int8_t* in, int maps, int side, int kernel, int padding, const int8_t* weights, const int32_t* bias, const int32_t* multiplier,
                     const int32_t* shift, int outputs, int8_t* out) {
  const cmsis_nn_conv_params params = {
      .input_offset = 128, .output_offset = -128, .stride = {1, 1}, .padding = {padding, padding}, .dilation = {1, 1}, .activation = {-128, 127}};
  const cmsis_nn_per_channel_quant_params scales = {(int32_t*)multiplier, (int32_t*)shift};
  const int out_side = side + 2 * padding - kernel + 1;
  const cmsis_nn_dims from = {1, side, side, maps}, filter = {outputs, kernel, kernel, maps}, biases = {1, 1, 1, outputs}, to = {1, out_side, out_side, outputs};
  const cmsis_nn_context context = {scratch, sizeof scratch};
  if (arm_convolve_wrapper_s8_get_buffer_size(&params, &from, &filter, &to) > (int32_t)sizeof scratch) __builtin_trap();
  if (arm_convolve_wrapper_s8(&context, &params, &scales, &from, in, &filter, weights, &biases, bias, &to, out) != ARM_CMSIS_NN_SUCCESS) __builtin_trap();
}

static void largest_of_four(const int8_t* in, int maps, int side, int8_t* out) {
  const cmsis_nn_pool_params params = {.stride = {2, 2}, .padding = {0, 0}, .activation = {-128, 127}};
  const cmsis_nn_dims from = {1, side, side, maps}, filter = {1, 2, 2, 1}, to = {1, side / 2, side / 2, maps};
  const cmsis_nn_context context = {scratch, sizeof scratch};
  if (arm_max_pool_s8(&context, &params, &from, in, &filter, &to, out) != ARM_CMSIS_NN_SUCCESS) __builtin_trap();
}

static void connect(const int8_t* in, int inputs, const int8_t* weights, const int32_t* bias, const int32_t* multiplier, const int32_t* shift, int outputs,
                    int8_t* out) {
  convolve(in, inputs, 1, 1, 0, weights, bias, multiplier, shift, outputs, out);
}

void lenet_infer(const uint8_t* pixels, int32_t* sums) {
  for (int i = 0; i < LENET_PIXELS; ++i) image[i] = (int8_t)(pixels[i] ^ 0x80);
  convolve(image, 1, LENET_SIDE, LENET_KERNEL, 2, conv1_weights, conv1_bias, conv1_multiplier, conv1_shift, LENET_MAPS1, wide);
  largest_of_four(wide, LENET_MAPS1, LENET_SIDE, narrow);
  convolve(narrow, LENET_MAPS1, LENET_SIDE1, LENET_KERNEL, 0, conv2_weights, conv2_bias, conv2_multiplier, conv2_shift, LENET_MAPS2, wide);
  largest_of_four(wide, LENET_MAPS2, 2 * LENET_SIDE2, narrow);
  connect(narrow, LENET_FLAT, fc1_weights, fc1_bias, fc1_multiplier, fc1_shift, LENET_HIDDEN1, hidden1);
  connect(hidden1, LENET_HIDDEN1, fc2_weights, fc2_bias, fc2_multiplier, fc2_shift, LENET_HIDDEN2, hidden2);
  for (int o = 0; o < LENET_CLASSES; ++o) {
    int32_t sum = fc3_bias[o];
    for (int i = 0; i < LENET_HIDDEN2; ++i) sum += fc3_weights[o * LENET_HIDDEN2 + i] * (hidden2[i] + 128);
    sums[o] = sum;
  }
}
