// Rung 7: the base case by hand: packed operands and a register tile in intrinsics. Else it is rung 6.
//
// A tile of C stays in registers for the whole of a block's k (register_tile.hpp). Packing puts A and B into the
// order in which the tile reads them, padded with zeros to whole tiles (Goto & van de Geijn, ACM TOMS 34(3), 2008).
//
// Compiled with: -O3.
#include "suites/matmul_ladder/divide_and_conquer.hpp"
#include "suites/matmul_ladder/register_tile.hpp"
#include "suites/matmul_ladder/rung.h"

namespace {

using namespace matmul_ladder;

// Packed A and B, 288 KiB each, share an L2 cache; a multiple of every tile's sides.
constexpr int kPackedBase = 192;

/// A[m×k] as panels of Kernel::rows rows: panel, then p, then row.
template <class Kernel>
void pack_a(const Block& block, double* packed) {
  for (int first = 0; first < block.m; first += Kernel::rows, packed += Kernel::rows * block.k) {
    const int rows = std::min(Kernel::rows, block.m - first);
    for (int i = 0; i < Kernel::rows; ++i) {
      const double* from = i < rows ? block.a_row(first + i) : nullptr;
      for (int p = 0; p < block.k; ++p) packed[p * Kernel::rows + i] = from ? from[p] : 0.0;
    }
  }
}

/// B[k×n] as panels of Kernel::columns columns: panel, then p, then column.
template <class Kernel>
void pack_b(const Block& block, double* packed) {
  for (int first = 0; first < block.n; first += Kernel::columns) {
    const int columns = std::min(Kernel::columns, block.n - first);
    for (int p = 0; p < block.k; ++p, packed += Kernel::columns) {
      const double* from = block.b_row(p) + first;
      std::fill(std::copy(from, from + columns, packed), packed + Kernel::columns, 0.0);
    }
  }
}

template <class Kernel>
void packed_product(const Block& block) {
  static_assert(kPackedBase % Kernel::rows == 0 && kPackedBase % Kernel::columns == 0);
  alignas(64) double a[kPackedBase * kPackedBase];
  alignas(64) double b[kPackedBase * kPackedBase];
  pack_a<Kernel>(block, a);
  pack_b<Kernel>(block, b);
  for (int j = 0; j < block.n; j += Kernel::columns) {
    for (int i = 0; i < block.m; i += Kernel::rows) {
      const int rows = std::min(Kernel::rows, block.m - i);
      const int columns = std::min(Kernel::columns, block.n - j);
      double* c = block.c_row(i) + j;
      const double* next = b + (j + Kernel::columns) * block.k;  // the panel after this one
      if (rows == Kernel::rows && columns == Kernel::columns) {
        Kernel::multiply(block.k, a + i * block.k, b + j * block.k, c, block.stride, false, next);
      } else {
        multiply_edge<Kernel>(block.k, a + i * block.k, b + j * block.k, c, block.stride, false, next, rows, columns);
      }
    }
  }
}

BaseCase base_case() {
  switch (best_isa()) {
#if defined(__x86_64__)
    case Isa::avx512:
      return packed_product<Avx512<double>>;
    case Isa::avx2:
      return packed_product<Avx2<double>>;
#elif defined(__aarch64__)
    case Isa::neon:
      return packed_product<Neon<double>>;
#endif
    default:
      return nullptr;
  }
}

void multiply(const double* a, const double* b, double* c, int n, const int*, int, int threads) {
  multiply_by_halves<kPackedBase>(a, b, c, n, threads, base_case());
}

const char* refusal() {
  if (!base_case()) return "needs AVX2 and FMA";
  return no_openmp();
}

}  // namespace

RUNG(.multiply = multiply, .refusal = refusal)
