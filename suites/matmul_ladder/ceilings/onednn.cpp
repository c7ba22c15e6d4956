// oneDNN's sgemm: C = A·B in f32, by kernels that it writes for this processor when it is first called.
#include <map>
#include <string>

#include "suites/matmul_ladder/rung.h"
#include "suites/matmul_ladder/serve_rungs.hpp"

#ifdef ASSAY_HAS_ONEDNN
#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>

#include <cstdio>

namespace {

/// Asked of the OpenMP that oneDNN brought along, whether or not this program was compiled with one.
void set_threads(int threads) {
  static const auto set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
  if (set) set(threads);
}

/// Row-major, as its documentation says. Where it fails it leaves C as it was, and the oracle finds that.
void multiply_f32(const float* a, const float* b, float* c, int n, const int*, int, int threads) {
  set_threads(threads);
  dnnl_sgemm('N', 'N', n, n, n, 1, a, n, b, n, 0, c, n);
}

/// The kernels are written in the first product: in this one, so that those 60 ms are in none that a rehearsal times.
void write_kernels() {
  constexpr int kSmall = 16;
  const float zeros[kSmall * kSmall] = {};
  float product[kSmall * kSmall];
  multiply_f32(zeros, zeros, product, kSmall, nullptr, 0, 1);
}

const char* refusal() {
  if (dnnl_version()->cpu_runtime == DNNL_RUNTIME_OMP) return nullptr;
  return "this oneDNN was built without OpenMP, through which its threads are set; build with Debian's libdnnl-dev";
}

/// The widest instructions that oneDNN may use here. Versions 2 and 3 share these names; what else one of them knows
/// keeps its number.
std::string isa() {
  const dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();
  switch (isa) {
    case dnnl_cpu_isa_sse41:
      return "sse41";
    case dnnl_cpu_isa_avx:
      return "avx";
    case dnnl_cpu_isa_avx2:
      return "avx2";
    case dnnl_cpu_isa_avx2_vnni:
      return "avx2_vnni";
    case dnnl_cpu_isa_avx512_core:
      return "avx512_core";
    case dnnl_cpu_isa_avx512_core_vnni:
      return "avx512_core_vnni";
    case dnnl_cpu_isa_avx512_core_bf16:
      return "avx512_core_bf16";
    case dnnl_cpu_isa_avx512_core_amx:
      return "avx512_core_amx";
    default:
      break;
  }
  char number[32];
  std::snprintf(number, sizeof number, "isa 0x%x", static_cast<unsigned>(isa));
  return number;
}

/// "2.6.3 avx512_core_bf16"
std::map<std::string, std::string> libraries() {
  const dnnl_version_t& version = *dnnl_version();
  const std::string numbers =
      std::to_string(version.major) + '.' + std::to_string(version.minor) + '.' + std::to_string(version.patch);
  return {{"onednn", numbers + ' ' + isa()}};
}

}  // namespace
#else
namespace {

constexpr assay_multiply_f32* multiply_f32 = nullptr;

void write_kernels() {}

const char* refusal() {
  return "this build has no oneDNN; sudo apt-get install libdnnl-dev, then configure and build again";
}

std::map<std::string, std::string> libraries() {
  return {};
}

}  // namespace
#endif

int main() {
  static assay_rung rung{nullptr, multiply_f32, 0, 0, refusal, "onednn", nullptr};
  assay_add_rung(&rung);
  write_kernels();
  return matmul_ladder::serve_rungs("matmul_onednn", libraries());
}
