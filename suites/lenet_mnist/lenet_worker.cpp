// The worker of the implementations that need no library.
#include "reference_models/lenet5/native.hpp"
#include "reference_models/lenet5/scalar.hpp"
#include "suites/lenet_mnist/serve_classifier.hpp"

int main(int argc, char** argv) {
  return lenet_mnist::serve_classifier(
      "lenet", argc, argv, lenet5::native_libraries(),
      {{"native", lenet5::make_native},
       {"scalar", [](const lenet5::Weights& weights, const lenet5::ClassifierSettings& settings, const std::vector<int>&) {
          return lenet5::make_scalar(weights, settings);
        }}});
}
