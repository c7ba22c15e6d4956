// What huge pages are worth here: the same random reads over the same amount of memory, in pages of 4 KiB and, if the
// kernel grants them, of 2 MiB. Matrices and tables larger than a few megabytes pay for the difference.
#pragma once

#include <cstddef>

#include "harness/core/result.hpp"

namespace assay::hardware {

struct PageCosts {
  double small_s = 0;  // of one dependent random read: medians over the repetitions
  double huge_s = 0;
  bool granted = false;  // the kernel did back the memory with huge pages

  double gain() const { return huge_s > 0 ? small_s / huge_s : 1; }
};

/// Reads in turns from both kinds; about 0.4 s for 64 MiB, of which `bytes` + 2 MiB are used at a time. An Error if there
/// isn't as much memory.
Result<PageCosts> measure_pages(std::size_t bytes = std::size_t{64} << 20, int repetitions = 5);

}  // namespace assay::hardware
