// Which instruction set rungs 6 to 8 use, asked at run time, so that a program built here runs elsewhere.
#pragma once

#include <cstdlib>
#include <string_view>

namespace matmul_ladder {

enum class Isa { portable, neon, avx2, avx512 };

inline std::string_view name_of(Isa isa) {
  switch (isa) {
    case Isa::avx512:
      return "AVX-512F";
    case Isa::avx2:
      return "AVX2+FMA";
    case Isa::neon:
      return "NEON";
    case Isa::portable:
      break;
  }
  return "portable";
}

/// The widest that this CPU and its kernel offer. MATMUL_LADDER_ISA=avx2 or =portable asks for less, to
/// measure or test the narrower path on a wider machine; the worker reports the answer as its library `isa`.
inline Isa best_isa() {
  [[maybe_unused]] const char* variable = std::getenv("MATMUL_LADDER_ISA");
  [[maybe_unused]] const std::string_view limit = variable ? variable : "";
#if defined(__x86_64__)
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (limit == "portable" || !avx2) return Isa::portable;
  if (limit == "avx2" || !__builtin_cpu_supports("avx512f")) return Isa::avx2;
  return Isa::avx512;
#elif defined(__aarch64__)
  return limit == "portable" ? Isa::portable : Isa::neon;  // NEON is part of every aarch64
#else
  return Isa::portable;
#endif
}

}  // namespace matmul_ladder
