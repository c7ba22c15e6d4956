// Makes the integer model of trained weights: reference_models/lenet5/weights/PROVENANCE.md has the command and what it gave.
//
//     lenet_quantize --weights mnist.safetensors --out mnist.int8.safetensors
//
// Ranges of activations come from training images; the held-out ones say what the rounding cost, the test set is looked at once.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "harness/core/hash.hpp"
#include "harness/data/file_bytes.hpp"
#include "suites/lenet_mnist/held_out.hpp"
#include "suites/lenet_mnist/oracle_answers.hpp"

int main(int argc, char** argv) {
  using namespace lenet_mnist;
  namespace data = assay::data;
  std::string from, out;
  int calibrated_on = 1000;
  CLI::App app{"Quantizes LeNet-5 to eight bits."};
  app.add_option("--weights", from, "Trained weights (safetensors)")->required();
  app.add_option("--out", out, "The file that is written")->required();
  app.add_option("--images", calibrated_on, "Training images that activations' ranges are taken from (default: 1000)")->check(CLI::Range(1, 55'000));
  CLI11_PARSE(app, argc, argv);

  const auto fail = [](const std::string& message) {
    fmt::print(stderr, "lenet_quantize: {}\n", message);
    return 2;
  };
  const auto weights = lenet5::load_weights(from);
  if (!weights) return fail(weights.error().message);
  const auto named = weights->metadata.find("dataset");
  const data::Dataset* set = named == weights->metadata.end() ? nullptr : data::dataset_named(named->second);
  if (!set) return fail(from + ": doesn't say which data set it was trained on");
  const auto images = data::load(*set, data::Split::train);
  if (!images) return fail(images.error().message);
  const auto test = data::load(*set, data::Split::test);
  if (!test) return fail(test.error().message);

  std::vector<float> pixels(static_cast<std::size_t>(calibrated_on) * lenet5::kPixels);
  scale_pixels(pixels_of(*images, 0, calibrated_on), pixels.data());
  lenet5::IntegerModel model = lenet5::quantize(*weights, pixels);
  const auto all = integer_answers(model, *images);
  const int first_held_out = images->count - kHeldOut;
  const double held_out = accuracy_of({all.begin() + first_held_out, all.end()}, *images, first_held_out);
  const double tested = accuracy_of(integer_answers(model, *test), *test, 0);
  model.metadata = {{"dataset", set->name},
                    {"weights_sha256", weights->sha256},
                    {"calibrated_on", fmt::format("the first {} training images", calibrated_on)},
                    {"held_out_accuracy", fmt::format("{:.4f}", held_out)},
                    {"test_accuracy", fmt::format("{:.4f}", tested)}};
  if (const auto width = weights->metadata.find("width"); width != weights->metadata.end()) model.metadata.insert(*width);
  const std::string bytes = to_safetensors(model);
  if (const auto written = data::write_file(out, bytes); !written) return fail(written.error().message);
  fmt::print("{:.2f} % of the held-out images, {:.2f} % of the test images; {}: SHA-256 {}\n", 100 * held_out, 100 * tested, out, assay::sha256_hex(bytes));
  return 0;
}
