// Rung 5: halve the longest side until a block fits in L1; spawn the halves. Differs from 4 only in the order
// of the work (and in a small transposed copy of B, without which the order would gain nothing at powers of
// two).
//
// Compiled with: -O3 -fno-tree-vectorize -fno-tree-slp-vectorize.
#include "suites/matmul_ladder/dot_products.hpp"
#include "suites/matmul_ladder/rung.h"

namespace {

using namespace matmul_ladder;

void multiply(const double* a, const double* b, double* c, int n, const int*, int, int threads) {
  multiply_by_halves<kDotBase>(a, b, c, n, threads, [](const Block& block) { dot_products(block); });
}

}  // namespace

RUNG(.multiply = multiply, .refusal = no_openmp)
