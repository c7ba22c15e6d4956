// The worker of the implementations that need no library.
#include "reference_models/lenet5/native.hpp"
#include "reference_models/lenet5/scalar.hpp"
#include "suites/lenet_mnist/serve_implementations.hpp"

int main(int argc, char** argv) {
  using lenet5::ClassifierSettings;
  using lenet_mnist::Model;
  const auto native = [](const Model& model, const ClassifierSettings& settings, const std::vector<int>& cpus) {
    return model.integer ? lenet5::make_native(*model.integer, settings, cpus) : lenet5::make_native(model.weights, settings, cpus);
  };
  const auto scalar = [](const Model& model, const ClassifierSettings& settings, const std::vector<int>&) {
    return lenet5::make_scalar(model.weights, settings);
  };
  return lenet_mnist::serve_implementations({"lenet", lenet5::native_libraries(), {{"native", native}, {"scalar", scalar}}, {}}, argc, argv);
}
