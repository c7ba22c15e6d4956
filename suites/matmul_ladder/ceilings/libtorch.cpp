// LibTorch's mm, as a program in C++ that links it calls it: with the BLAS that the system has, as that chooses.
#include <dlfcn.h>
#include <torch/torch.h>

#include <map>
#include <string>

#include "suites/matmul_ladder/rung.h"
#include "suites/matmul_ladder/serve_rungs.hpp"

namespace {

template <class Element>
void multiply(const Element* a, const Element* b, Element* c, int n, const int*, int, int threads) {
  if (at::get_num_threads() != threads) at::set_num_threads(threads);
  const c10::InferenceMode no_gradients;
  const auto matrix = [n](const Element* elements) {
    return torch::from_blob(const_cast<Element*>(elements), {n, n}, c10::CppTypeToScalarType<Element>::value);
  };
  torch::Tensor product = matrix(c);
  torch::mm_out(product, matrix(a), matrix(b));
}

/// The kernels of the OpenBLAS that this process got through the system's libblas, if it is one.
std::string openblas_kernels() {
  const auto core = reinterpret_cast<char* (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_corename"));
  return core ? core() : "";
}

}  // namespace

int main() {
  static assay_rung rung{multiply<double>, multiply<float>, 0, 0, nullptr, "libtorch", nullptr};
  assay_add_rung(&rung);
  std::map<std::string, std::string> libraries{{"libtorch", TORCH_VERSION}};
  if (const std::string kernels = openblas_kernels(); !kernels.empty()) libraries["openblas"] = kernels;
  return matmul_ladder::serve_rungs("matmul_libtorch", libraries);
}
