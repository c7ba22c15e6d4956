// OpenBLAS's dgemm or sgemm, with the kernels that it chooses itself or with the best that this processor can run.
//
//     matmul_openblas_worker                    version openblas_default: as OpenBLAS chooses, or OPENBLAS_CORETYPE says
//     matmul_openblas_worker --best             version openblas_best
//     matmul_openblas_worker --core Haswell     version openblas_best too, with these kernels
//
// OpenBLAS knows processors by model number and falls back to the oldest kernels where it meets a new one, at a fifth of
// the speed. It reads OPENBLAS_CORETYPE when it is loaded, so it is loaded here and not linked: nothing of it is needed to
// build, and a machine without it has a row that says so.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>
#include <string>
#include <string_view>

#include "suites/matmul_ladder/rung.h"
#include "suites/matmul_ladder/serve_rungs.hpp"

namespace {

// cblas.h's names for row-major, untransposed.
constexpr int kRowMajor = 101;
constexpr int kNoTranspose = 111;

template <class Element>
using Gemm = void (*)(int order, int transpose_a, int transpose_b, int m, int n, int k, Element alpha, const Element* a,
                      int lda, const Element* b, int ldb, Element beta, Element* c, int ldc);

struct OpenBlas {
  Gemm<double> dgemm = nullptr;
  Gemm<float> sgemm = nullptr;
  void (*set_threads)(int) = nullptr;
  char* (*config)() = nullptr;
  char* (*core)() = nullptr;

  bool loaded() const { return dgemm && sgemm && set_threads && config && core; }
};

OpenBlas blas;

template <class Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
}

void load() {
  void* library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  find(library, "cblas_dgemm", blas.dgemm);
  find(library, "cblas_sgemm", blas.sgemm);
  find(library, "openblas_set_num_threads", blas.set_threads);
  find(library, "openblas_get_config", blas.config);
  find(library, "openblas_get_corename", blas.core);
}

/// The widest kernels whose instructions this processor has, by OpenBLAS's own name for them; nullptr: its own choice.
const char* best_core() {
#if defined(__x86_64__)
  const auto has = [](auto... features) { return (features && ...); };
  if (has(__builtin_cpu_supports("avx512f"), __builtin_cpu_supports("avx512dq"), __builtin_cpu_supports("avx512bw"),
          __builtin_cpu_supports("avx512vl"))) {
    return "SkylakeX";
  }
  if (has(__builtin_cpu_supports("avx2"), __builtin_cpu_supports("fma"))) {
    return __builtin_cpu_is("amd") ? "Zen" : "Haswell";
  }
  if (__builtin_cpu_supports("avx")) return "Sandybridge";
  if (__builtin_cpu_supports("sse4.2")) return "Nehalem";
#endif
  return nullptr;
}

/// "0.3.21 SkylakeX": the version, out of "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …", and the kernels in use.
std::string version_and_kernels() {
  std::istringstream config(blas.config());
  std::string word, version;
  config >> word >> version;
  return version + ' ' + blas.core();
}

void multiply(const double* a, const double* b, double* c, int n, const int*, int, int threads) {
  blas.set_threads(threads);
  blas.dgemm(kRowMajor, kNoTranspose, kNoTranspose, n, n, n, 1.0, a, n, b, n, 0.0, c, n);
}

void multiply_f32(const float* a, const float* b, float* c, int n, const int*, int, int threads) {
  blas.set_threads(threads);
  blas.sgemm(kRowMajor, kNoTranspose, kNoTranspose, n, n, n, 1, a, n, b, n, 0, c, n);
}

const char* refusal() {
  return blas.loaded() ? nullptr : "libopenblas.so.0 is not installed; sudo apt-get install libopenblas0-pthread";
}

}  // namespace

int main(int argc, char** argv) {
  static assay_rung rung{multiply, multiply_f32, 0, 0, refusal, "openblas_default", nullptr};
  const std::string_view option = argc > 1 ? argv[1] : "";
  if (option == "--best" && argc == 2) {
    rung.version = "openblas_best";
    if (const char* core = best_core()) setenv("OPENBLAS_CORETYPE", core, 1);
  } else if (option == "--core" && argc == 3) {
    rung.version = "openblas_best";
    setenv("OPENBLAS_CORETYPE", argv[2], 1);
  } else if (argc > 1) {
    std::fprintf(stderr, "usage: %s [--best | --core NAME]\n", argv[0]);
    return 2;
  }
  load();
  assay_add_rung(&rung);
  std::map<std::string, std::string> libraries;
  if (blas.loaded()) libraries["openblas"] = version_and_kernels();
  return matmul_ladder::serve_rungs("matmul_openblas", libraries);
}
