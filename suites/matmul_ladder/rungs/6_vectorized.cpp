// Rung 6: the compiler vectorizes the base case of rung 5. Differs from 5 only in how it is compiled.
//
// -ffast-math lets the compiler add up a dot product in vector lanes, which is another order of the same sum;
// the order is the oracle's business (its tolerance holds for any). The base case is compiled once for each
// instruction set and chosen at run time, in place of the paper's -march=native.
//
// Compiled with: -O3 -ffast-math -ffp-contract=fast.
#include "suites/matmul_ladder/dot_products.hpp"
#include "suites/matmul_ladder/isa.hpp"
#include "suites/matmul_ladder/rung.h"

namespace {

using namespace matmul_ladder;

#if defined(__x86_64__)
__attribute__((target("avx512f,fma"))) void avx512(const Block& block) {
  dot_products(block);
}
__attribute__((target("avx2,fma"))) void avx2(const Block& block) {
  dot_products(block);
}
#endif
// SSE2 on x86-64, NEON on aarch64
void portable(const Block& block) {
  dot_products(block);
}

BaseCase base_case() {
#if defined(__x86_64__)
  switch (best_isa()) {
    case Isa::avx512:
      return avx512;
    case Isa::avx2:
      return avx2;
    default:
      break;
  }
#endif
  return portable;
}

void multiply(const double* a, const double* b, double* c, int n, const int*, int, int threads) {
  multiply_by_halves<kDotBase>(a, b, c, n, threads, base_case());
}

}  // namespace

RUNG(.multiply = multiply, .refusal = no_openmp)
