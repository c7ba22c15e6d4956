#include "reference_models/lenet5/onednn.hpp"
#include "suites/lenet_mnist/serve_implementations.hpp"

int main(int argc, char** argv) {
  const auto onednn = [](const lenet_mnist::Model& model, const lenet5::ClassifierSettings& settings, const std::vector<int>&) {
    return model.integer ? lenet5::make_onednn(*model.integer, settings) : lenet5::make_onednn(model.weights, settings);
  };
  return lenet_mnist::serve_implementations({"lenet_onednn", lenet5::onednn_libraries(), {{"onednn", onednn}}, {}}, argc, argv);
}
