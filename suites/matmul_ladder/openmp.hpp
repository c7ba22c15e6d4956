// What a rung that shares its work out by OpenMP says where the build has none.
#pragma once

namespace matmul_ladder {

/// Why this build can't run a parallel rung, or nullptr.
inline const char* no_openmp() {
#ifdef _OPENMP
  return nullptr;
#else
  return "this build has no OpenMP; configure with a compiler that has it, e.g. g++";
#endif
}

}  // namespace matmul_ladder
