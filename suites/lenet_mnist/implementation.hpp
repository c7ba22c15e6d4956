// What a treatment asks for, and what it takes to answer images that way: shared by the workloads that classify and that serve.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/worker/workload.hpp"
#include "reference_models/lenet5/classifier.hpp"
#include "reference_models/lenet5/integer_model.hpp"
#include "suites/lenet_mnist/images.hpp"

namespace lenet_mnist {

/// The trained network: in floats, and for precision int8 in integers.
struct Model {
  lenet5::Weights weights;
  std::optional<lenet5::IntegerModel> integer;
};

/// Makes one implementation; `cpus`: those that the process is bound to.
using Make = std::function<lenet5::MadeClassifier(const Model&, const lenet5::ClassifierSettings&, const std::vector<int>& cpus)>;

/// What a worker's main says: its name, its libraries, the levels of the factor `implementation`, where weights are.
struct Offer {
  std::string worker;
  lenet5::Libraries libraries;
  std::map<std::string, Make> implementations;
  std::filesystem::path weights;
};

/// One implementation for one treatment. Everything here throws a Refusal with the reason where it can't be had.
class Implementation {
 public:
  /// Factors or controls: `implementation`; `precision` ("fp32", "bf16", "int8"; default "fp32"), `batch` (1 to 65,536; default 1),
  /// `threads` (default 1), `dataset` (default "mnist").
  Implementation(const Offer& offer, const assay::worker::Assignment& assignment);

  std::unique_ptr<lenet5::Classifier> classifier() const { return classifier(settings_.batch); }
  std::unique_ptr<lenet5::Classifier> classifier(int batch) const;
  Images images(int count, std::uint64_t seed) const;
  /// The files that answers for these images depend on, with their hashes.
  std::map<std::string, std::string> inputs(const Images& images) const;
  const Model& model() const { return model_; }
  /// Of the network that answers, for one image.
  std::int64_t multiply_adds() const { return (model_.integer ? model_.integer->sizes : model_.weights.sizes).multiply_adds(); }
  const lenet5::ClassifierSettings& settings() const { return settings_; }

 private:
  Make make_;
  std::vector<int> cpus_;
  std::string dataset_;
  lenet5::ClassifierSettings settings_;
  Model model_;
};

/// The model in that file of the folder. Refused (crashed) if it isn't whole, or its bytes are not those that the folder's SHA256SUMS lists.
lenet5::Weights listed_weights(const std::filesystem::path& folder, const std::string& name);
lenet5::IntegerModel listed_integer_model(const std::filesystem::path& folder, const std::string& name);

[[noreturn]] void refuse(std::string reason, assay::Outcome outcome = assay::Outcome::unsupported);

/// The integer level of `factor`, refused outside [least, most].
int within(std::int64_t value, const char* factor, std::int64_t least, std::int64_t most);

}  // namespace lenet_mnist
