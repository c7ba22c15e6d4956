// What every worker of this suite that classifies is: one process answers for batches of images with one implementation of
// LeNet-5, is judged by the oracle, and evaluated on the test set.
//
//     int main(int argc, char** argv) {
//       return lenet_mnist::serve_classifier("lenet_onednn", argc, argv, lenet5::onednn_libraries(), {{"onednn", make}});
//     }
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reference_models/lenet5/classifier.hpp"
#include "reference_models/lenet5/integer_model.hpp"

namespace lenet_mnist {

/// The trained network: in floats, and for precision int8 in integers.
struct Model {
  lenet5::Weights weights;
  std::optional<lenet5::IntegerModel> integer;
};

/// Makes one implementation; `cpus`: those that the process is bound to.
using Make = std::function<lenet5::MadeClassifier(const Model&, const lenet5::ClassifierSettings&, const std::vector<int>& cpus)>;

/// Serves until told to quit; the exit status. `implementations`: levels of the factor `implementation`.
/// Further factors or controls: `batch` (1 to 65,536; default 1), `precision` ("fp32", "bf16", "int8"; default "fp32"), `threads`,
/// `dataset` (default "mnist"). Command line: --weights FOLDER, which has <dataset>.safetensors and
/// <dataset>.int8.safetensors.
int serve_classifier(const std::string& worker, int argc, char** argv, const lenet5::Libraries& libraries,
                     const std::map<std::string, Make>& implementations);

}  // namespace lenet_mnist
