/* Variant 5: weights packed beforehand into pairs that SMLAD takes as they lie, several outputs at a time, so that an activation that
 * is read serves them all; activations as halfwords. Two pixels by three or four outputs are six or eight sums in registers. Else
 * it is variant 4.
 *
 * Compiled with: -O3.
 */
#include "reference_models/lenet5/mcu/panels.h"

static inline int32_t mac(uint32_t a, uint32_t w, int32_t sum) { return __smlad((int16x2_t)a, (int16x2_t)w, sum); }
static inline int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }

static void convolve1(void) {
  for (int group = 0; group < CONV1_GROUPS; ++group) {
    const struct lenet_output* outputs = conv1_outputs + 3 * group;
    for (int place = 0; place < PLANE1; ++place) {
      const uint32_t* corner = row_pairs + place / LENET_SIDE1 * 2 * ROW1 + place % LENET_SIDE1 * 2;
      int32_t m0 = INT32_MIN, m1 = INT32_MIN, m2 = INT32_MIN;
      for (int row = 0; row < 2; ++row) {
        const uint32_t *a = corner + row * ROW1, *w = conv1_panels + group * CONV1_PANEL;
        int32_t s0 = outputs[0].bias, s1 = outputs[1].bias, s2 = outputs[2].bias, t0 = s0, t1 = s1, t2 = s2;
        for (int rows = 0; rows < 3; ++rows, a += 2 * ROW1) {
          uint32_t u = a[0];
#pragma GCC unroll 5
          for (int kx = 0; kx < LENET_KERNEL; ++kx, w += 3) {
            const uint32_t v = a[kx + 1];
            s0 = mac(u, w[0], s0), s1 = mac(u, w[1], s1), s2 = mac(u, w[2], s2);
            t0 = mac(v, w[0], t0), t1 = mac(v, w[1], t1), t2 = mac(v, w[2], t2);
            u = v;
          }
        }
        m0 = larger(m0, larger(s0, t0)), m1 = larger(m1, larger(s1, t1)), m2 = larger(m2, larger(s2, t2));
      }
      *map_at(3 * group, place) = activation(m0, outputs);
      *map_at(3 * group + 1, place) = activation(m1, outputs + 1);
      *map_at(3 * group + 2, place) = activation(m2, outputs + 2);
    }
  }
}

static void convolve2(void) {
  for (int group = 0; group < CONV2_GROUPS; ++group) {
    const struct lenet_output* outputs = conv2_outputs + 4 * group;
    for (int place = 0; place < LENET_SIDE2 * LENET_SIDE2; ++place) {
      const uint32_t* corner = (const uint32_t*)map_pairs + place / LENET_SIDE2 * 2 * LENET_SIDE1 + place % LENET_SIDE2 * 2;
      int32_t m[4] = {INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN};
      for (int row = 0; row < 2; ++row) {
        const uint32_t* w = conv2_panels + group * CONV2_PANEL;
        int32_t s0 = outputs[0].bias, s1 = outputs[1].bias, s2 = outputs[2].bias, s3 = outputs[3].bias;
        int32_t t0 = s0, t1 = s1, t2 = s2, t3 = s3;
        for (int pair = 0; pair < CONV2_PAIRS; ++pair) {
          const uint32_t* a = corner + row * LENET_SIDE1 + pair * PLANE1;
          for (int ky = 0; ky < LENET_KERNEL; ++ky, a += LENET_SIDE1) {
            uint32_t u = a[0];
#pragma GCC unroll 5
            for (int kx = 0; kx < LENET_KERNEL; ++kx, w += 4) {
              const uint32_t v = a[kx + 1];
              s0 = mac(u, w[0], s0), s1 = mac(u, w[1], s1), s2 = mac(u, w[2], s2), s3 = mac(u, w[3], s3);
              t0 = mac(v, w[0], t0), t1 = mac(v, w[1], t1), t2 = mac(v, w[2], t2), t3 = mac(v, w[3], t3);
              u = v;
            }
          }
        }
        m[0] = larger(m[0], larger(s0, t0)), m[1] = larger(m[1], larger(s1, t1));
        m[2] = larger(m[2], larger(s2, t2)), m[3] = larger(m[3], larger(s3, t3));
      }
      uint16_t* to = (uint16_t*)flat + 4 * group * LENET_SIDE2 * LENET_SIDE2 + place;
      for (int k = 0; k < 4; ++k) to[k * LENET_SIDE2 * LENET_SIDE2] = activation(m[k], outputs + k);
    }
  }
}

/* Six outputs' sums, high halves first; returns the weights behind them. */
static const uint32_t* dot6(const uint32_t* in, const uint32_t* w, int pairs, int32_t* sums) {
  int32_t h0 = 0, h1 = 0, h2 = 0, l0 = 0, l1 = 0, l2 = 0;
  for (const uint32_t* end = in + pairs; in != end; w += 3) {
    const uint32_t a = *in++;
    h0 = mac(a, w[0], h0), l0 = mac(a, (uint32_t)__sxtb16(w[0]), l0);
    h1 = mac(a, w[1], h1), l1 = mac(a, (uint32_t)__sxtb16(w[1]), l1);
    h2 = mac(a, w[2], h2), l2 = mac(a, (uint32_t)__sxtb16(w[2]), l2);
  }
  const int32_t all[6] = {(h0 - l0) >> 8, (h1 - l1) >> 8, (h2 - l2) >> 8, l0, l1, l2};
  for (int k = 0; k < 6; ++k) sums[k] = all[k];
  return w;
}

static void connect(const uint32_t* in, int pairs, const uint32_t* w, const struct lenet_output* outputs, int count, uint16_t* out) {
  int32_t sums[6];
  for (int o = 0; o < count; o += 6) {
    w = dot6(in, w, pairs, sums);
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
    w = dot6(hidden2, w, FC3_PAIRS, six);
    for (int k = 0; k < 6 && o + k < LENET_CLASSES; ++k) sums[o + k] = six[k] + fc3_bias[o + k];
  }
}
