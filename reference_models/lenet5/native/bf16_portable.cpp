// A bfloat16 is the upper half of a float: two multiplications for a group, on whatever GCC makes of a vector of four.
#include "reference_models/lenet5/native/kernels.hpp"

#define LANES 4
#define PRECISION bf16
#define GROUP 2
#define ISA portable_code
#define LENET5_KERNELS portable
#define LENET5_NAME "portable"

namespace lenet5::PRECISION::ISA {
namespace {

typedef int Lanes __attribute__((vector_size(4 * LANES)));
typedef float Sums __attribute__((vector_size(4 * LANES)));

[[gnu::always_inline]] inline Sums product(Lanes a, Lanes b) { return reinterpret_cast<Sums>(a) * reinterpret_cast<Sums>(b); }
[[gnu::always_inline]] inline Sums dot(Sums sum, Lanes activations, Lanes weights) {
  constexpr int kHigh = static_cast<int>(0xffff0000);
  return sum + product(activations & kHigh, weights & kHigh) + product(activations << 16, weights << 16);
}

}  // namespace
}  // namespace lenet5::PRECISION::ISA

#include "reference_models/lenet5/native/bf16_arithmetic.inc"
#include "reference_models/lenet5/native/grouped_body.inc"
