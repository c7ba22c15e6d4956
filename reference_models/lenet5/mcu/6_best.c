/* Variant 6: the three inner loops in assembler (6_best.S), because no compiler here keeps eight sums, two activations, two weights and
 * two addresses in the fourteen registers there are: those of variant 5 go through the stack. Taps are unrolled, so that nothing is
 * counted and every address is an immediate. Else it is variant 5.
 *
 * Compiled with: -O3.
 */
#include "reference_models/lenet5/mcu/panels.h"

/* 6_best.S: the largest of a 2×2 window's sums, of three and of four outputs; six outputs' sums, `end` being behind the inputs. */
void lenet_window1(const uint32_t* corner, const uint32_t* weights, const int32_t* bias, int32_t* largest);
void lenet_window2(const uint32_t* corner, const uint32_t* weights, const int32_t* bias, int32_t* largest);
const uint32_t* lenet_dot6(const uint32_t* in, const uint32_t* weights, const uint32_t* end, int32_t* sums);

static void convolve1(void) {
  for (int group = 0; group < CONV1_GROUPS; ++group) {
    const struct lenet_output* outputs = conv1_outputs + 3 * group;
    const int32_t bias[3] = {outputs[0].bias, outputs[1].bias, outputs[2].bias};
    uint16_t *to0 = map_at(3 * group, 0), *to1 = map_at(3 * group + 1, 0), *to2 = map_at(3 * group + 2, 0);
    const uint32_t* corner = row_pairs;
    for (int y = 0; y < LENET_SIDE1; ++y, corner += 2 * ROW1 - LENET_SIDE) {
      for (int x = 0; x < LENET_SIDE1; ++x, corner += 2, to0 += 2, to1 += 2, to2 += 2) {
        int32_t largest[3];
        lenet_window1(corner, conv1_panels + group * CONV1_PANEL, bias, largest);
        *to0 = activation(largest[0], outputs);
        *to1 = activation(largest[1], outputs + 1);
        *to2 = activation(largest[2], outputs + 2);
      }
    }
  }
}

static void convolve2(void) {
  uint16_t* to = (uint16_t*)flat;
  for (int group = 0; group < CONV2_GROUPS; ++group, to += 3 * LENET_SIDE2 * LENET_SIDE2) {
    const struct lenet_output* outputs = conv2_outputs + 4 * group;
    const int32_t bias[4] = {outputs[0].bias, outputs[1].bias, outputs[2].bias, outputs[3].bias};
    const uint32_t* corner = (const uint32_t*)map_pairs;
    for (int y = 0; y < LENET_SIDE2; ++y, corner += 2 * LENET_SIDE1 - 2 * LENET_SIDE2) {
      for (int x = 0; x < LENET_SIDE2; ++x, corner += 2, ++to) {
        int32_t largest[4];
        lenet_window2(corner, conv2_panels + group * CONV2_PANEL, bias, largest);
        for (int k = 0; k < 4; ++k) to[k * LENET_SIDE2 * LENET_SIDE2] = activation(largest[k], outputs + k);
      }
    }
  }
}

static void connect(const uint32_t* in, int pairs, const uint32_t* w, const struct lenet_output* outputs, int count, uint16_t* out) {
  int32_t sums[6];
  for (int o = 0; o < count; o += 6) {
    w = lenet_dot6(in, w, in + pairs, sums);
    for (int k = 0; k < 6 && o + k < count; ++k) out[o + k] = activation(sums[k] + outputs[o + k].bias, outputs + o + k);
  }
}

void lenet_infer(const uint8_t* pixels, int32_t* sums) {
  pair_rows(pixels);
  convolve1();
  convolve2();
  connect(flat, FC1_PAIRS, fc1_panels, fc1_outputs, LENET_HIDDEN1, (uint16_t*)hidden1);
  connect(hidden1, FC2_PAIRS, fc2_panels, fc2_outputs, LENET_HIDDEN2, (uint16_t*)hidden2);
  const uint32_t* w = fc3_panels;
  int32_t six[6];
  for (int o = 0; o < LENET_CLASSES; o += 6) {
    w = lenet_dot6(hidden2, w, hidden2 + FC3_PAIRS, six);
    for (int k = 0; k < 6 && o + k < LENET_CLASSES; ++k) sums[o + k] = six[k] + fc3_bias[o + k];
  }
}
