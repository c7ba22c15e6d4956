#include <atomic>
#include <cstdlib>
#include <iostream>
#include <new>
#include <string>

#include "reference_models/lenet5/native.hpp"
#include "reference_models/lenet5/onednn.hpp"
#include "reference_models/lenet5/scalar.hpp"
#include "tests/catch.hpp"
#include "tests/reference_models/lenet5/judge.hpp"

using namespace lenet5;
using Catch::Matchers::ContainsSubstring;

namespace {

std::atomic<long> allocations{0};

struct Isa {
  explicit Isa(const std::string& name) { ::setenv("LENET5_ISA", name.c_str(), 1); }
  ~Isa() { ::unsetenv("LENET5_ISA"); }
};

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size ? size : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

TEST_CASE("native answers as the oracle does, on every width and for every remainder of a batch") {
  const Weights weights = random_weights(11);
  for (const std::string& name : native_isas(Precision::fp32)) {
    const Isa isa(name);
    CHECK(native_libraries().at("isa") == name);
    for (const int batch : {1, 2, 3, 4, 5, 6, 7, 11, 13, 64}) {
      INFO(name << ", batch " << batch);
      const auto classifier = make_native(weights, {.batch = batch});
      REQUIRE(classifier);
      CHECK(worst_of(**classifier, weights, random_images(batch, 12), single_precision) <= 1);
      CHECK(worst_of(**classifier, weights, random_images(batch, 13), single_precision) <= 1);  // nothing is left over
    }
  }
}

TEST_CASE("native bf16 is within what rounding to bfloat16 may do, on every width and for every remainder of a batch") {
  const Weights weights = random_weights(11);
  for (const std::string& name : native_isas(Precision::bf16)) {
    const Isa isa(name);
    CHECK(native_libraries().at("isa_bf16") == name);
    for (const int batch : {1, 2, 3, 4, 5, 6, 7, 11, 13, 64}) {
      INFO(name << ", batch " << batch);
      const auto classifier = make_native(weights, {.precision = Precision::bf16, .batch = batch, .threads = batch == 13 ? 2 : 1});
      REQUIRE(classifier);
      const auto images = random_images(batch, 12);
      CHECK(worst_of(**classifier, weights, images, bfloat16) <= 1);
      CHECK(worst_of(**classifier, weights, images, single_precision) > 1);  // it does round
    }
  }
}

TEST_CASE("however many threads share a batch, its answers are the oracle's") {
  const Weights weights = random_weights(11);
  const auto images = random_images(13, 14);
  for (const int threads : {2, 3, 20}) {
    const auto classifier = make_native(weights, {.batch = 13, .threads = threads});
    REQUIRE(classifier);
    CHECK(worst_of(**classifier, weights, images, single_precision) <= 1);
  }
}

TEST_CASE("images of zeros, of ones, and weights of zeros are no special case") {
  Weights zeros = random_weights(1);
  for (const Parameter& parameter : parameters()) std::fill((zeros.*parameter.values).begin(), (zeros.*parameter.values).end(), 0.0F);
  zeros.fc3_bias[4] = 1;
  const Weights weights = random_weights(11);
  for (const std::string& name : native_isas(Precision::fp32)) {
    const Isa isa(name);
    for (const float value : {0.0F, 1.0F}) {
      const std::vector<float> images(7 * kPixels, value);
      CHECK(worst_of(**make_native(weights, {.batch = 7}), weights, images, single_precision) <= 1);
      CHECK(worst_of(**make_native(weights, {.batch = 1}), weights, std::vector<float>(kPixels, value), single_precision) <= 1);
    }
    std::vector<float> logits(kClasses);
    (*make_native(zeros, {.batch = 1}))->classify(random_images(1, 1).data(), logits.data());
    CHECK(logits[4] == 1);
    CHECK(logits[3] == 0);
  }
}

TEST_CASE("native allocates nothing while it answers") {
  const Weights weights = random_weights(11);
  const IntegerModel model = quantize(weights, random_images(2, 1));
  for (const int batch : {1, 7, 64}) {
    for (const int threads : {1, 2}) {
      const ClassifierSettings settings{.batch = batch, .threads = threads};
      MadeClassifier all[] = {make_native(weights, settings), make_native(weights, {Precision::bf16, batch, threads}), make_native(model, settings)};
      for (const auto& classifier : all) {
        const auto images = random_images(batch, 1);
        std::vector<float> logits(static_cast<std::size_t>(batch) * kClasses);
        const long before = allocations;
        for (int i = 0; i < 10; ++i) (*classifier)->classify(images.data(), logits.data());
        CHECK(allocations == before);
      }
    }
  }
}

TEST_CASE("native int8 gives the integer oracle's sums, bit for bit, on every width and for every remainder of a batch") {
  const IntegerModel model = quantize(random_weights(11), random_images(20, 16));
  const IntegerOracle oracle = oracle_of(model);
  for (const std::string& name : native_isas(Precision::int8)) {
    const Isa isa(name);
    for (const int batch : {1, 2, 3, 4, 5, 6, 7, 11, 13, 64}) {
      INFO(name << ", batch " << batch);
      const auto classifier = make_native(model, {.precision = Precision::int8, .batch = batch, .threads = batch == 13 ? 2 : 1});
      REQUIRE(classifier);
      const auto images = random_images(batch, 17);
      std::vector<float> logits(static_cast<std::size_t>(batch) * kClasses);
      (*classifier)->classify(images.data(), logits.data());
      int wrong = 0;
      for (int i = 0; i < batch; ++i) {
        const auto sums = oracle.sums(pixels_of(images, i).data());
        for (std::size_t k = 0; k < kClasses; ++k) {
          wrong += logits[static_cast<std::size_t>(i) * kClasses + k] != static_cast<float>(sums[k]) * model.logit_scale;
        }
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("the largest sums that a model may have don't overflow") {
  // Every weight and bias at its limit, every pixel white: sums reach what parse_integer_model allows.
  IntegerModel model = quantize(random_weights(11), random_images(5, 18));
  for (IntegerLayer* layer : {&model.conv1, &model.conv2, &model.fc1, &model.fc2, &model.fc3}) {
    std::fill(layer->weights.begin(), layer->weights.end(), std::int8_t{127});
    std::fill(layer->bias.begin(), layer->bias.end(), 0);
    std::fill(layer->multiplier.begin(), layer->multiplier.end(), layer == &model.fc1 ? 128 : 200);
    std::fill(layer->shift.begin(), layer->shift.end(), 20);
  }
  REQUIRE(parse_integer_model(to_safetensors(model), "limits"));
  const std::vector<float> white(kPixels, 1.0F);
  for (const std::string& name : native_isas(Precision::int8)) {
    const Isa isa(name);
    std::vector<float> logits(kClasses);
    (*make_native(model, {}))->classify(white.data(), logits.data());
    const auto sums = oracle_of(model).sums(pixels_of(white, 0).data());
    CHECK(logits[0] == static_cast<float>(sums[0]) * model.logit_scale);
  }
}

TEST_CASE("scalar and oneDNN answer as the oracle does") {
  const Weights weights = random_weights(11);
  for (const int batch : {1, 8, 13}) {
    const auto images = random_images(batch, 15);
    CHECK(worst_of(**make_scalar(weights, {.batch = batch}), weights, images, single_precision) <= 1);
    const auto onednn = make_onednn(weights, {.batch = batch});
    if (!onednn) {
      std::cout << "SKIPPED: " << onednn.error().message << '\n';
      continue;
    }
    CHECK(worst_of(**onednn, weights, images, single_precision) <= 1);
    const auto narrow = make_onednn(weights, {.precision = Precision::bf16, .batch = batch});
    if (narrow) CHECK(worst_of(**narrow, weights, images, bfloat16) <= 1);
  }
}

TEST_CASE("oneDNN's int8 is the integer model with sums rounded in floats") {
  const IntegerModel model = quantize(random_weights(11), random_images(20, 16));
  const IntegerOracle oracle = oracle_of(model);
  for (const int batch : {1, 8, 13}) {
    const auto classifier = make_onednn(model, {.precision = Precision::int8, .batch = batch});
    if (!classifier) {
      std::cout << "oneDNN's int8 is not judged: " << classifier.error().message << '\n';
      return;
    }
    CHECK((*classifier)->rounds_in_floats());
    const auto images = random_images(batch, 17);
    std::vector<float> logits(static_cast<std::size_t>(batch) * kClasses);
    (*classifier)->classify(images.data(), logits.data());
    int wrong = 0;
    for (int i = 0; i < batch; ++i) {
      const auto sums = oracle.sums(pixels_of(images, i).data(), Rounding::float_to_even);
      for (std::size_t k = 0; k < kClasses; ++k) {
        wrong += logits[static_cast<std::size_t>(i) * kClasses + k] != static_cast<float>(sums[k]) * model.logit_scale;
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("what can't be had has its reason") {
  const Isa isa("sse9");
  const auto classifier = make_native(random_weights(1), {});
  REQUIRE_FALSE(classifier);
  CHECK_THAT(classifier.error().message, ContainsSubstring("LENET5_ISA is \"sse9\"; here there is ") && ContainsSubstring("portable"));
}
