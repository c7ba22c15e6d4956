// Trains the weights that come with Assay: reference_models/lenet5/weights/PROVENANCE.md has the command and what it gave.
//
//     lenet_train --dataset mnist --epochs 20 --seed 585 --out mnist.safetensors
//     lenet_train --width 0.25 --out mnist.width-0.25.safetensors        # a quarter of the maps and hidden values
//
// One thread, so that equal arguments give equal bytes on one machine. The last 5,000 training images are trained on by nobody
// and say after each epoch how it goes; the test set is looked at once, at the end.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "harness/core/hash.hpp"
#include "harness/data/file_bytes.hpp"
#include "reference_models/lenet5/libtorch.hpp"
#include "suites/lenet_mnist/held_out.hpp"
#include "suites/lenet_mnist/trained_answers.hpp"

int main(int argc, char** argv) {
  using namespace lenet_mnist;
  namespace data = assay::data;
  std::string dataset = "mnist", out;
  lenet5::Training training{.epochs = 20, .seed = 585};
  double width = 1;
  CLI::App app{"Trains LeNet-5 and writes its weights."};
  app.add_option("--dataset", dataset, "Data set (default: mnist)");
  app.add_option("--epochs", training.epochs, "Times that every image is seen")->check(CLI::Range(1, 1000));
  app.add_option("--seed", training.seed, "Of the first weights and of the order");
  app.add_option("--width", width, "Of the network: 1 has 6 and 16 maps, 120 and 84 hidden values")->check(CLI::IsMember(std::vector<double>{0.25, 0.5, 1, 2}));
  app.add_option("--out", out, "The file that is written")->required();
  CLI11_PARSE(app, argc, argv);

  const auto fail = [](const std::string& message) {
    fmt::print(stderr, "lenet_train: {}\n", message);
    return 2;
  };
  const data::Dataset* set = data::dataset_named(dataset);
  if (!set) return fail(fmt::format("there is no data set '{}'; there are: {}", dataset, data::dataset_names()));
  const auto images = data::load(*set, data::Split::train);
  if (!images) return fail(images.error().message);
  const auto test = data::load(*set, data::Split::test);
  if (!test) return fail(test.error().message);

  training.sizes = lenet5::sizes_at(width);
  const int first_held_out = images->count - kHeldOut;
  double held_out = 0;
  lenet5::Weights weights = lenet5::train(pixels_of(*images, 0, first_held_out), labels_of(*images, 0, first_held_out), training,
                                          [&](int epoch, const lenet5::Weights& so_far) {
                                            held_out = accuracy_of(trained_answers(so_far, *images, first_held_out, kHeldOut), *images, first_held_out);
                                            fmt::print("epoch {}: {:.2f} % of the held-out images\n", epoch, 100 * held_out);
                                            std::fflush(stdout);
                                          });
  const double tested = accuracy_of(trained_answers(weights, *test, 0, test->count), *test, 0);
  weights.metadata = {{"dataset", dataset},
                      {"train_images_sha256", images->images_sha256},
                      {"epochs", std::to_string(training.epochs)},
                      {"seed", std::to_string(training.seed)},
                      {"batch", std::to_string(training.batch)},
                      {"rate", fmt::format("{}", training.rate)},
                      {"held_out_accuracy", fmt::format("{:.4f}", held_out)},
                      {"test_accuracy", fmt::format("{:.4f}", tested)}};
  if (width != 1) weights.metadata["width"] = fmt::format("{}", width);
  const std::string bytes = to_safetensors(weights);
  if (const auto written = data::write_file(out, bytes); !written) return fail(written.error().message);
  fmt::print("{:.2f} % of the test images; {}: SHA-256 {}\n", 100 * tested, out, assay::sha256_hex(bytes));
  return 0;
}
