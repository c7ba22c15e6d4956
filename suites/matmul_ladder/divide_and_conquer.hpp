// The recursion that rungs 5, 6 and 7 share; they differ in the base case that they hand to it.
//
//     multiply_by_halves<64>(a, b, c, n, threads, dot_products);
//
// Halving the longest of m, n and k keeps blocks near to square whatever the cache sizes are, so each level
// of the memory hierarchy is used well without being named (Frigo et al., FOCS 1999).
#pragma once

#include <algorithm>
#include <cstddef>

#include "suites/matmul_ladder/openmp.hpp"

namespace matmul_ladder {
// Unnamed: each rung compiles its own copy. One shared copy would have the flags of whichever the linker
// kept.
namespace {

/// A block of the product: C[m×n] += A[m×k] · B[k×n], each with `stride` doubles from one row to the next.
struct Block {
  const double* a;
  const double* b;
  double* c;
  int m;
  int n;
  int k;
  std::size_t stride;

  double* c_row(int i) const { return c + static_cast<std::size_t>(i) * stride; }
  const double* a_row(int i) const { return a + static_cast<std::size_t>(i) * stride; }
  const double* b_row(int p) const { return b + static_cast<std::size_t>(p) * stride; }
};

/// Adds one block's product to its C; every side is at most `base` long.
using BaseCase = void (*)(const Block&);

/// Half of `side`, rounded up to a multiple of `base`, so that all blocks but those at the edge are full.
template <int base>
int first_half(int side) {
  return (side / 2 + base - 1) / base * base;
}

/// `first`: nothing was added to this block of C yet, so it is cleared here, while it is in the cache.
template <int base>
void by_halves(const Block& whole, bool first, BaseCase base_case) {
  if (std::max({whole.m, whole.n, whole.k}) <= base) {
    if (first) {
      for (int i = 0; i < whole.m; ++i) std::fill_n(whole.c_row(i), whole.n, 0.0);
    }
    base_case(whole);
    return;
  }
  Block one = whole;
  Block two = whole;
  if (whole.m >= whole.n && whole.m >= whole.k) {  // two sets of rows of C: independent
    one.m = first_half<base>(whole.m);
    two.m = whole.m - one.m;
    two.a = whole.a_row(one.m);
    two.c = whole.c_row(one.m);
  } else if (whole.n >= whole.k) {  // two sets of columns of C: independent
    one.n = first_half<base>(whole.n);
    two.n = whole.n - one.n;
    two.b = whole.b + one.n;
    two.c = whole.c + one.n;
  } else {  // two sums into the same C: one after the other
    one.k = first_half<base>(whole.k);
    two.k = whole.k - one.k;
    two.a = whole.a + one.k;
    two.b = whole.b_row(one.k);
    by_halves<base>(one, first, base_case);
    by_halves<base>(two, false, base_case);
    return;
  }
#pragma omp task default(none) firstprivate(one, first, base_case)
  by_halves<base>(one, first, base_case);
  by_halves<base>(two, first, base_case);
#pragma omp taskwait
}

/// C[n×n] = A · B on `threads` threads; row-major f64; overwrites C.
template <int base>
void multiply_by_halves(const double* a, const double* b, double* c, int n, [[maybe_unused]] int threads,
                        BaseCase base_case) {
  const Block whole{a, b, c, n, n, n, static_cast<std::size_t>(n)};
#pragma omp parallel num_threads(threads)
#pragma omp single
  by_halves<base>(whole, true, base_case);
}

}  // namespace
}  // namespace matmul_ladder
