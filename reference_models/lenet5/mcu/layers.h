/* A textbook's loops, layer by layer, with every map kept: what 1_plain, 2_fixed_point and fp32 share. The including file says, before,
 * what it computes with:
 *
 *     typedef … value_t, weight_t, sum_t, output_t;
 *     static sum_t bias_of(const output_t* output);
 *     static value_t activation(sum_t sum, const output_t* output);
 */
#ifndef ASSAY_LENET5_MCU_LAYERS_H
#define ASSAY_LENET5_MCU_LAYERS_H

#include "reference_models/lenet5/mcu/lenet.h"
#include "reference_models/lenet5/mcu/maximum.h"

static value_t wide[LENET_MAPS1 * LENET_SIDE * LENET_SIDE]; /* a layer's maps before their maximum, and after */
static value_t narrow[LENET_MAPS1 * LENET_SIDE1 * LENET_SIDE1 > LENET_FLAT ? LENET_MAPS1 * LENET_SIDE1 * LENET_SIDE1 : LENET_FLAT];
static value_t hidden1[LENET_HIDDEN1], hidden2[LENET_HIDDEN2];

static void convolve(const value_t* in, int in_maps, int in_side, int padding, const weight_t* weights, const output_t* outputs, int maps, value_t* out) {
  const int side = in_side + 2 * padding - LENET_KERNEL + 1;
  for (int m = 0; m < maps; ++m) {
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        sum_t sum = bias_of(&outputs[m]);
        for (int c = 0; c < in_maps; ++c) {
          for (int ky = 0; ky < LENET_KERNEL; ++ky) {
            for (int kx = 0; kx < LENET_KERNEL; ++kx) {
              const int from_y = y + ky - padding, from_x = x + kx - padding;
              if (from_y < 0 || from_x < 0 || from_y >= in_side || from_x >= in_side) continue;
              sum += weights[((m * in_maps + c) * LENET_KERNEL + ky) * LENET_KERNEL + kx] * in[(c * in_side + from_y) * in_side + from_x];
            }
          }
        }
        out[(m * side + y) * side + x] = activation(sum, &outputs[m]);
      }
    }
  }
}

static sum_t dot(const weight_t* weights, const value_t* in, int count, sum_t sum) {
  for (int i = 0; i < count; ++i) sum += weights[i] * in[i];
  return sum;
}

static void connect(const value_t* in, int inputs, const weight_t* weights, const output_t* outputs, int count, value_t* out) {
  for (int o = 0; o < count; ++o) out[o] = activation(dot(weights + o * inputs, in, inputs, bias_of(&outputs[o])), &outputs[o]);
}

static void infer_by_layers(const value_t* image, sum_t* sums) {
  convolve(image, 1, LENET_SIDE, 2, conv1_weights, conv1_outputs, LENET_MAPS1, wide);
  largest_of_four(wide, LENET_MAPS1, LENET_SIDE, narrow);
  convolve(narrow, LENET_MAPS1, LENET_SIDE1, 0, conv2_weights, conv2_outputs, LENET_MAPS2, wide);
  largest_of_four(wide, LENET_MAPS2, 2 * LENET_SIDE2, narrow);
  connect(narrow, LENET_FLAT, fc1_weights, fc1_outputs, LENET_HIDDEN1, hidden1);
  connect(hidden1, LENET_HIDDEN1, fc2_weights, fc2_outputs, LENET_HIDDEN2, hidden2);
  for (int o = 0; o < LENET_CLASSES; ++o) sums[o] = dot(fc3_weights + o * LENET_HIDDEN2, hidden2, LENET_HIDDEN2, fc3_bias[o]);
}

#endif
