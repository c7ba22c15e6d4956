/* A rung as a firmware's workload: C = A·B of n×n matrices that the device makes by itself from a seed, so that no line has to carry
 * them. `assay set n N`, `assay set seed S` make them anew.
 *
 * Element t of A, then of B: output t of Marsaglia's xorshift32 (13, 17, 5) from the seed, its lowest byte as a signed number from −128 to
 * 127. In f32 the same numbers: all sums are then whole and exact, in whatever order.
 */
#include "hardware/mcu/device/workload.h"

#ifdef MATMUL_RUNG_F32
#define MATMUL_F32
typedef float operand_t;
typedef float sum_t;
#else
typedef int8_t operand_t;
typedef int32_t sum_t;
#endif
#include "suites/tinyml/matmul/matmul.h"

static operand_t a[MATMUL_MOST_N * MATMUL_MOST_N] __attribute__((aligned(4)));
static operand_t b[MATMUL_MOST_N * MATMUL_MOST_N] __attribute__((aligned(4)));
static sum_t c[MATMUL_MOST_N * MATMUL_MOST_N] __attribute__((aligned(4)));
static uint32_t n = 16, seed = 1;

static void work(void) { matmul((int)n, a, b, c); }
static int32_t result(int i) { return (int32_t)c[i] * 1000; }

static void make_operands(void) {
  uint32_t state = seed;
  for (uint32_t t = 0; t < 2 * n * n; ++t) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    (t < n * n ? a : b)[t % (n * n)] = (operand_t)(int8_t)state;
  }
}

static int is_equal(const char* x, const char* y) {
  while (*x && *x == *y) ++x, ++y;
  return *x == *y;
}

static int set(const char* name, uint32_t value) {
  if (is_equal(name, "n") && value >= 16 && value <= MATMUL_MOST_N && value % 16 == 0) {
    n = value;
  } else if (is_equal(name, "seed") && value != 0) {
    seed = value;
  } else {
    return 0;
  }
  assay_workload.output_bytes = n * n * sizeof(sum_t);
  make_operands();
  return 1;
}

struct assay_workload assay_workload = {
    .model = "matmul " MATMUL_VERSION,
    .work = work,
    .input = (uint8_t*)a,
    .input_bytes = 1, /* nothing is loaded */
    .output = (uint8_t*)c,
    .output_bytes = 16 * 16 * sizeof(sum_t),
    .result = result,
    .results = 4,
    .set = set,
};
