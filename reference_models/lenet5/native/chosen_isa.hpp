// Of the kernels that this processor can run, those that LENET5_ISA asks for, or the widest.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "harness/core/result.hpp"

namespace lenet5 {

#if defined(__x86_64__)
inline bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
/// What every AVX-512 file here is compiled for, beside its own extensions.
inline bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq");
}
#endif

template <class Kernels>
std::vector<std::string> isas_of(const std::vector<const Kernels*>& usable) {
  std::vector<std::string> names;
  for (const Kernels* kernels : usable) names.emplace_back(kernels->isa);
  return names;
}

/// `usable`: widest first, not empty. The Error names what there is.
template <class Kernels>
assay::Result<const Kernels*> chosen(const std::vector<const Kernels*>& usable) {
  const char* wanted = std::getenv("LENET5_ISA");
  if (!wanted || !*wanted) return usable.front();
  const auto names = isas_of(usable);
  const auto found = std::find(names.begin(), names.end(), wanted);
  if (found != names.end()) return usable[static_cast<std::size_t>(found - names.begin())];
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return assay::Error{"LENET5_ISA is \"" + std::string(wanted) + "\"; here there is " + list};
}

}  // namespace lenet5
