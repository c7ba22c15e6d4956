#include "suites/lenet_mnist/implementation.hpp"

#include <fmt/format.h>

#include <fstream>
#include <optional>
#include <utility>

namespace lenet_mnist {

using assay::Outcome;
using lenet5::Precision;

namespace {

constexpr std::int64_t kMostImages = 65'536;
constexpr std::int64_t kMostThreads = 1'024;

Precision precision_named(const std::string& name) {
  if (name == "fp32") return Precision::fp32;
  if (name == "bf16") return Precision::bf16;
  if (name == "int8") return Precision::int8;
  refuse(fmt::format("precision is \"{}\"; give \"fp32\", \"bf16\" or \"int8\"", name));
}

/// A file that is there and not whole is a fault, not something that this machine lacks.
template <class T>
T loaded(assay::Result<T> result) {
  if (!result) refuse(result.error().message, Outcome::crashed);
  return std::move(*result);
}

/// What the folder's SHA256SUMS says of the file, where it has such a list and the file is in it.
std::optional<std::string> listed_hash(const std::filesystem::path& folder, const std::string& name) {
  std::ifstream list(folder / "SHA256SUMS");
  for (std::string hash, file; list >> hash >> file;) {
    if (file == name) return hash;
  }
  return std::nullopt;
}

/// The model in that file. Bytes that are not those that the folder lists are refused, whatever they hold.
template <class T>
T listed(const std::filesystem::path& folder, const std::string& name, assay::Result<T> (*load)(const std::filesystem::path&)) {
  T model = loaded(load(folder / name));
  const auto hash = listed_hash(folder, name);
  if (hash && *hash != model.sha256) {
    refuse(fmt::format("{}: its SHA-256 is {} instead of {}; bring back the file that came with Assay, or if the weights are your own, mend {}",
                       (folder / name).string(), model.sha256, *hash, (folder / "SHA256SUMS").string()),
           Outcome::crashed);
  }
  return model;
}

}  // namespace

lenet5::Weights listed_weights(const std::filesystem::path& folder, const std::string& name) { return listed(folder, name, lenet5::load_weights); }

lenet5::IntegerModel listed_integer_model(const std::filesystem::path& folder, const std::string& name) {
  return listed(folder, name, lenet5::load_integer_model);
}

void refuse(std::string reason, Outcome outcome) { throw assay::worker::Refusal{{outcome, std::move(reason)}}; }

int within(std::int64_t value, const char* factor, std::int64_t least, std::int64_t most) {
  if (value < least || value > most) refuse(fmt::format("{} is {}; give {} to {}", factor, value, least, most));
  return static_cast<int>(value);
}

Implementation::Implementation(const Offer& offer, const assay::worker::Assignment& assignment) : cpus_(assignment.cpus) {
  const std::string name = assignment.text("implementation");
  const auto found = offer.implementations.find(name);
  if (found == offer.implementations.end()) refuse(fmt::format("worker {} has no implementation '{}'", offer.worker, name));
  make_ = found->second;
  settings_.batch = within(assignment.integer_or("batch", 1), "batch", 1, kMostImages);
  settings_.threads = within(assignment.integer_or("threads", 1), "threads", 1, kMostThreads);
  settings_.precision = precision_named(assignment.text_or("precision", "fp32"));
  dataset_ = assignment.text_or("dataset", "mnist");
  if (!assay::data::dataset_named(dataset_)) refuse(fmt::format("there is no data set '{}'; there are: {}", dataset_, assay::data::dataset_names()));
  model_.weights = listed_weights(offer.weights, dataset_ + ".safetensors");
  if (settings_.precision == Precision::int8) model_.integer = listed_integer_model(offer.weights, dataset_ + ".int8.safetensors");
}

std::unique_ptr<lenet5::Classifier> Implementation::classifier(int batch) const {
  lenet5::ClassifierSettings settings = settings_;
  settings.batch = batch;
  auto made = make_(model_, settings, cpus_);
  if (!made) refuse(made.error().message);
  return std::move(*made);
}

std::map<std::string, std::string> Implementation::inputs(const Images& images) const {
  std::map<std::string, std::string> inputs{{dataset_ + ".safetensors", model_.weights.sha256}};
  if (model_.integer) inputs[dataset_ + ".int8.safetensors"] = model_.integer->sha256;
  if (images.test_set) {
    inputs[dataset_ + " test images"] = images.test_set->images_sha256;
    inputs[dataset_ + " test labels"] = images.test_set->labels_sha256;
  }
  return inputs;
}

Images Implementation::images(int count, std::uint64_t seed) const { return loaded(images_for(dataset_, count, seed)); }

}  // namespace lenet_mnist
