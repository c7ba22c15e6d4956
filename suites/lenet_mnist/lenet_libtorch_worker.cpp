#include "reference_models/lenet5/libtorch.hpp"
#include "suites/lenet_mnist/serve_implementations.hpp"

int main(int argc, char** argv) {
  const auto in = [](lenet5::TorchMode mode) {
    return [mode](const lenet_mnist::Model& model, const lenet5::ClassifierSettings& settings, const std::vector<int>&) {
      return lenet5::make_libtorch(model.weights, mode, settings);
    };
  };
  return lenet_mnist::serve_implementations(
      {"lenet_libtorch", lenet5::libtorch_libraries(), {{"libtorch_eager", in(lenet5::TorchMode::eager)}, {"libtorch_frozen", in(lenet5::TorchMode::frozen)}}, {}},
      argc, argv);
}
