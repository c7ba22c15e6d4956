// Rung 8: a block size for every level of the memory hierarchy. Differs from 7 only in the loops around the tile.
//
// Rung 7 halves until everything fits and packs each block anew, so that an element of A or B is copied n / 192 times.
// Here k is cut into slices, each of which is packed once and then used from the inside out (Goto & van de Geijn, ACM
// TOMS 34(3), 2008; Van Zee & van de Geijn, ACM TOMS 41(3), 2015):
//
//     for each slice of k                    512×n of B, packed                          L3, or memory
//       for each block of A's slice            rows that fill a fifth of L2, packed         L2, used for all of B's panels
//         for each panel of B's slice            512×24; fetched during the panel before    L2, used for the block's tiles
//           for each panel of the block            8×512                                      L2, streams through L1
//             multiply the tile                      8×24 of C                                  registers
//
// These are the sizes for doubles and AVX-512. Of floats a tile and a slice hold twice as many, in the same bytes.
//
// Everything is read n / 512 times or from a cache. What decides is that nothing is waited for: the panel of B that
// comes next is fetched while the tiles of the one before are multiplied, spread evenly over them. Without that a
// panel arrives from L3 while the first of its tiles waits, and the rung loses a twentieth of its speed at n = 4096.
//
// Threads share the packing of B and then the blocks of A, which each packs for itself: into its own L2, over the
// block before, so that nothing is written to memory. They wait for each other twice a slice, and awake: at n = 512
// being woken up costs up to a tenth of the product.
//
// Compiled with: -O3 -falign-loops=64.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <thread>

#include "suites/matmul_ladder/openmp.hpp"
#include "suites/matmul_ladder/register_tile.hpp"
#include "suites/matmul_ladder/rung.h"

namespace {

using namespace matmul_ladder;

template <class Element>
constexpr int kSlice = 4096 / sizeof(Element);  // of k: longer, and C is read seldomer; shorter, and more rows fit in L2
constexpr int kBlocksEach = 4;                  // a thread's fair share of blocks: fewer, and the last one is waited for
constexpr int kFewestTiles = 4;                 // of a block, at least: fewer, and panels of B come too fast
constexpr std::size_t kHugePage = 2 * 1024 * 1024;

int rounded_up(int x, int step) {
  return (x + step - 1) / step * step;
}

/// Room for what is packed, kept from one product to the next and on huge pages if the system gives them: of 4 KiB pages
/// a slice has more than a processor remembers.
template <class Element>
class Room {
 public:
  Element* of(std::size_t elements) {
    if (size_ < elements) {
      std::free(room_);
      const std::size_t bytes = (elements * sizeof(Element) + kHugePage - 1) / kHugePage * kHugePage;
      room_ = static_cast<Element*>(std::aligned_alloc(kHugePage, bytes));
      if (!room_) throw std::bad_alloc();
      madvise(room_, bytes, MADV_HUGEPAGE);
      size_ = elements;
    }
    return room_;
  }
  ~Room() { std::free(room_); }

 private:
  Element* room_ = nullptr;
  std::size_t size_ = 0;
};

/// Where threads wait for each other, as often as they like.
class Meeting {
 public:
  void wait_for(int threads) {
    const int now = held_;
    if (++arrived_ == threads) {
      arrived_ = 0;
      ++held_;
    }
    while (held_ == now) std::this_thread::yield();
  }

 private:
  std::atomic<int> arrived_ = 0;
  std::atomic<int> held_ = 0;
};

/// A block of A, as panels of Kernel::rows rows, the last one padded with zeros: panel, then p, then row.
template <class Kernel, class Element>
void pack_a(const Element* a, std::size_t stride, int rows, int k, Element* packed) {
  for (int first = 0; first < rows; first += Kernel::rows) {
    const Element* panel = a + static_cast<std::size_t>(first) * stride;
    const int inside = std::min(Kernel::rows, rows - first);
    for (int p = 0; p < k; ++p, packed += Kernel::rows) {
      if (inside == Kernel::rows) {
        for (std::size_t i = 0; i < Kernel::rows; ++i) packed[i] = panel[i * stride + static_cast<std::size_t>(p)];
      } else {
        for (int i = 0; i < Kernel::rows; ++i) {
          packed[i] = i < inside ? panel[static_cast<std::size_t>(i) * stride + static_cast<std::size_t>(p)] : 0;
        }
      }
    }
  }
}

/// Columns left … right of B's slice, as panels of Kernel::columns columns, the last one padded with zeros: panel, then p,
/// then column. Row by row, as memory likes it.
template <class Kernel, class Element>
void pack_b(const Element* b, std::size_t stride, int k, int left, int right, Element* packed) {
  for (int p = 0; p < k; ++p) {
    const Element* row = b + static_cast<std::size_t>(p) * stride;
    for (int j = left; j < right; j += Kernel::columns) {
      Element* to = packed + static_cast<std::size_t>(j) * static_cast<std::size_t>(k) + p * Kernel::columns;
      const int inside = std::min(Kernel::columns, right - j);
      if (inside == Kernel::columns) {
        for (int x = 0; x < Kernel::columns; ++x) to[x] = row[j + x];
      } else {
        std::fill(std::copy_n(row + j, inside, to), to + Kernel::columns, Element{0});
      }
    }
  }
}

/// C[rows × left … right] becomes (first) or gains the product of a packed block of A and B's packed slice.
template <class Kernel, class Element>
void multiply_block(const Element* packed_a, const Element* packed_b, Element* c, std::size_t stride, bool first, int rows,
                    int k, int left, int right) {
  for (int j = left; j < right; j += Kernel::columns) {
    const Element* b = packed_b + static_cast<std::size_t>(j) * static_cast<std::size_t>(k);
    const Element* ahead = b + Kernel::columns * k;  // the next panel: each tile fetches a line of it every fourth step
    for (int i = 0; i < rows; i += Kernel::rows, ahead += k / 4 * kLine<Element>) {
      const Element* a = packed_a + i * k;
      Element* tile = c + static_cast<std::size_t>(i) * stride + static_cast<std::size_t>(j);
      if (i + Kernel::rows <= rows && j + Kernel::columns <= right) {
        Kernel::multiply(k, a, b, tile, stride, first, ahead);
      } else {
        multiply_edge<Kernel>(k, a, b, tile, stride, first, ahead, std::min(Kernel::rows, rows - i),
                              std::min(Kernel::columns, right - j));
      }
    }
  }
}

/// Rows of A whose slice fills a fifth of an L2 cache: more, and what streams past pushes them out.
template <class Kernel, class Element>
int rows_of_a_block() {
  const long l2_bytes = std::max(sysconf(_SC_LEVEL2_CACHE_SIZE), 256L * 1024);
  const auto rows = static_cast<int>(l2_bytes / 5 / (kSlice<Element> * static_cast<long>(sizeof(Element))));
  return std::max(rows / Kernel::rows, 1) * Kernel::rows;
}

template <class Kernel, class Element>
void multiply_packed(const Element* a, const Element* b, Element* c, int n, int threads) {
  static Room<Element> room_for_b;
  Element* packed_b = room_for_b.of(static_cast<std::size_t>(rounded_up(n, Kernel::columns)) * kSlice<Element>);
  const auto stride = static_cast<std::size_t>(n);
  // With few blocks and many threads, blocks become smaller; where that isn't enough, columns are shared out too, and each
  // part packs its block of A again.
  const int fair = rounded_up((n + kBlocksEach * threads - 1) / (kBlocksEach * threads), Kernel::rows);
  const int block = std::min(std::max(fair, kFewestTiles * Kernel::rows), rows_of_a_block<Kernel, Element>());
  const int blocks = (n + block - 1) / block;
  const int parts = std::clamp((kBlocksEach * threads + blocks - 1) / blocks, 1, (n + Kernel::columns - 1) / Kernel::columns);
  const int part = rounded_up((n + parts - 1) / parts, Kernel::columns);
  const int packing_part = rounded_up((n + threads - 1) / threads, Kernel::columns);
  Meeting meeting;
#pragma omp parallel num_threads(threads)
  {
    static thread_local Room<Element> room_for_a;
    Element* packed_a = room_for_a.of(static_cast<std::size_t>(block) * kSlice<Element>);
    for (int from = 0; from < n; from += kSlice<Element>) {
      const int k = std::min(kSlice<Element>, n - from);
      const Element* a_slice = a + from;
      const Element* b_slice = b + static_cast<std::size_t>(from) * stride;
      if (from > 0) meeting.wait_for(threads_here());  // until nobody reads the slice before any more
#pragma omp for schedule(static) nowait
      for (int left = 0; left < n; left += packing_part) {
        pack_b<Kernel>(b_slice, stride, k, left, std::min(left + packing_part, n), packed_b);
      }
      meeting.wait_for(threads_here());  // until all of this one is packed
#pragma omp for collapse(2) schedule(dynamic) nowait
      for (int top = 0; top < n; top += block) {
        for (int left = 0; left < n; left += part) {
          const auto skipped = static_cast<std::size_t>(top) * stride;
          const int rows = std::min(block, n - top);
          pack_a<Kernel>(a_slice + skipped, stride, rows, k, packed_a);
          multiply_block<Kernel>(packed_a, packed_b, c + skipped, stride, from == 0, rows, k, left, std::min(left + part, n));
        }
      }
    }
  }
}

template <class Element>
void multiply(const Element* a, const Element* b, Element* c, int n, const int*, int, int threads) {
  switch (best_isa()) {
#if defined(__x86_64__)
    case Isa::avx512:
      return multiply_packed<Avx512<Element>>(a, b, c, n, threads);
    case Isa::avx2:
      return multiply_packed<Avx2<Element>>(a, b, c, n, threads);
#elif defined(__aarch64__)
    case Isa::neon:
      return multiply_packed<Neon<Element>>(a, b, c, n, threads);
#endif
    default:
      return multiply_packed<Portable<Element>>(a, b, c, n, threads);
  }
}

}  // namespace

RUNG(.multiply = multiply<double>, .multiply_f32 = multiply<float>, .refusal = no_openmp)
