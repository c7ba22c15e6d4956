// What a rung needs to know of OpenMP, and says where the build has none.
#pragma once

#ifdef _OPENMP
#include <omp.h>
#endif

namespace matmul_ladder {

/// Why this build can't run a parallel rung, or nullptr.
inline const char* no_openmp() {
#ifdef _OPENMP
  return nullptr;
#else
  return "this build has no OpenMP; configure with a compiler that has it, e.g. g++";
#endif
}

/// How many threads run the parallel region that this is called in: what it asked for, or fewer.
inline int threads_here() {
#ifdef _OPENMP
  return omp_get_num_threads();
#else
  return 1;
#endif
}

}  // namespace matmul_ladder
