#include "reference_models/lenet5/libtorch.hpp"

#include "tests/catch.hpp"
#include "tests/reference_models/lenet5/judge.hpp"

using namespace lenet5;

TEST_CASE("LibTorch answers as the oracle does, eager and frozen, in both precisions") {
  const Weights weights = random_weights(11);
  for (const TorchMode mode : {TorchMode::eager, TorchMode::frozen}) {
    for (const int batch : {1, 8}) {
      const auto images = random_images(batch, 15);
      CHECK(worst_of(**make_libtorch(weights, mode, {.batch = batch}), weights, images, single_precision) <= 1);
      CHECK(worst_of(**make_libtorch(weights, mode, {.precision = Precision::bf16, .batch = batch}), weights, images, bfloat16) <= 1);
    }
  }
  CHECK_FALSE(make_libtorch(weights, TorchMode::eager, {.precision = Precision::int8}));
}

TEST_CASE("LibTorch answers as the oracle does at other widths, and trains networks of them") {
  for (const double width : {0.25, 2.0}) {
    const Weights weights = random_weights(11, sizes_at(width));
    const auto images = random_images(3, 15);
    for (const TorchMode mode : {TorchMode::eager, TorchMode::frozen}) {
      const auto classifier = make_libtorch(weights, mode, {.batch = 3});
      CHECK(worst_of(**classifier, weights, images, single_precision) <= 1);
      CHECK((*classifier)->weight_bytes() == 4 * sizes_at(width).parameters());
    }
    const std::vector<std::uint8_t> pixels(8 * kPixels, 1), labels{0, 1, 2, 3, 4, 5, 6, 7};
    const Weights trained = train(pixels, labels, {.batch = 4, .sizes = sizes_at(width)});
    CHECK(trained.sizes == sizes_at(width));
    CHECK(parse_weights(to_safetensors(trained), "trained"));
  }
}

TEST_CASE("training with one thread gives the same bytes for the same seed, others for another, and learns") {
  // Two classes: ink in the upper half, ink in the lower.
  constexpr int count = 512;
  std::vector<std::uint8_t> pixels(count * kPixels), labels(count);
  assay::Random random(1);
  for (int i = 0; i < count; ++i) {
    labels[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(random.below(2));
    for (int p = 0; p < kPixels / 2; ++p) pixels[static_cast<std::size_t>(i * kPixels + p + labels[static_cast<std::size_t>(i)] * kPixels / 2)] = static_cast<std::uint8_t>(random.below(256));
  }
  const auto bytes_of = [&](std::uint64_t seed) { return to_safetensors(train(pixels, labels, {.epochs = 6, .batch = 16, .seed = seed})); };
  const std::string first = bytes_of(5);
  CHECK(bytes_of(5) == first);
  CHECK(bytes_of(6) != first);

  const auto weights = parse_weights(first, "trained");
  REQUIRE(weights);
  std::vector<float> images(pixels.size()), logits(count * kClasses);
  for (std::size_t i = 0; i < pixels.size(); ++i) images[i] = static_cast<float>(pixels[i]) / 255.0F;
  (*make_libtorch(*weights, TorchMode::eager, {.batch = count}))->classify(images.data(), logits.data());
  int right = 0;
  for (std::size_t i = 0; i < count; ++i) right += (logits[i * kClasses + 1] > logits[i * kClasses]) == (labels[i] == 1);
  CHECK(right > count * 95 / 100);

  int epochs = 0;
  train(pixels, labels, {.epochs = 3}, [&](int epoch, const Weights&) { CHECK(epoch == ++epochs); });
  CHECK(epochs == 3);
}
