#include "reference_models/lenet5/integer_model.hpp"

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/reference_models/lenet5/judge.hpp"

using namespace lenet5;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("the integer model answers nearly as the weights that it was made of") {
  const Weights weights = random_weights(21);
  const auto images = random_images(50, 22);
  const IntegerModel model = quantize(weights, images);
  const Oracle exact = oracle_of(weights);
  const IntegerOracle integers = oracle_of(model);
  double worst = 0, span = 0;
  for (int i = 0; i < 50; ++i) {
    const Answer answer = exact.answer(images.data() + i * kPixels);
    const auto sums = integers.sums(pixels_of(images, i).data());
    for (std::size_t k = 0; k < kClasses; ++k) {
      worst = std::max(worst, std::fabs(static_cast<double>(sums[k]) * static_cast<double>(model.logit_scale) - answer.logits[k]));
      span = std::max(span, std::fabs(answer.logits[k]));
    }
  }
  CHECK(worst < 0.05 * span);
  CHECK(worst > 0);  // it is rounded
}

TEST_CASE("multipliers have eight bits, and a weight loses at most a 128th of its range by that") {
  const Weights weights = random_weights(21);
  const IntegerModel model = quantize(weights, random_images(10, 22));
  for (const IntegerLayer* layer : {&model.conv1, &model.conv2, &model.fc1, &model.fc2}) {
    const std::size_t inputs = layer->weights.size() / layer->bias.size();
    for (std::size_t o = 0; o < layer->bias.size(); ++o) {
      REQUIRE(layer->multiplier[o] >= 128);
      REQUIRE(layer->multiplier[o] <= 255);
      int largest = 0;
      for (std::size_t i = 0; i < inputs; ++i) largest = std::max(largest, std::abs(static_cast<int>(layer->weights[o * inputs + i])));
      REQUIRE(largest >= 125);  // 127 · 128/129, rounded
    }
  }
}

TEST_CASE("an integer model comes back from its file as it was, and one that could overflow is refused") {
  IntegerModel model = quantize(random_weights(21), random_images(10, 22));
  model.metadata = {{"dataset", "mnist"}};
  const std::string bytes = to_safetensors(model);
  const auto back = parse_integer_model(bytes, "m");
  REQUIRE(back);
  CHECK(to_safetensors(*back) == bytes);
  CHECK(back->fc1.weights == model.fc1.weights);
  CHECK(back->conv2.shift == model.conv2.shift);

  const auto error_with = [&](auto change) {
    IntegerModel wrong = model;
    change(wrong);
    const auto parsed = parse_integer_model(to_safetensors(wrong), "m");
    return parsed ? "" : parsed.error().message;
  };
  CHECK_THAT(error_with([](IntegerModel& m) { m.conv1.multiplier[2] = 256; }), ContainsSubstring("m: conv1: output 2: its multiplier is not in 128 to 255"));
  CHECK_THAT(error_with([](IntegerModel& m) { m.fc2.shift[0] = 31; }), ContainsSubstring("its shift is not in 1 to 30"));
  CHECK_THAT(error_with([](IntegerModel& m) { m.conv2.bias[15] = 2'000'000'000; }), ContainsSubstring("conv2: output 15: its sums times its multiplier may exceed 31 bits"));
  CHECK_THAT(error_with([](IntegerModel& m) { m.fc3.bias[1] = 2'147'483'647; }), ContainsSubstring("its sums may exceed 31 bits"));
  CHECK_THAT(error_with([](IntegerModel& m) { m.logit_scale = 0; }), ContainsSubstring("logit_scale is no number above 0"));
}

TEST_CASE("an output without weights keeps its bias, and large weights stay within 31 bits") {
  Weights weights = random_weights(21);
  std::fill(weights.conv1.begin(), weights.conv1.begin() + kTaps, 0.0F);
  weights.conv1_bias[0] = 0.5F;
  for (float& value : weights.fc1) value = value > 0 ? 30.0F : -30.0F;
  const IntegerModel model = quantize(weights, random_images(10, 22));
  CHECK(model.conv1.bias[0] > 0);
  CHECK(parse_integer_model(to_safetensors(model), "m"));
}

TEST_CASE("the integer models that come with Assay belong to the weights beside them") {
  for (const std::string dataset : {"mnist", "fashion-mnist"}) {
    const auto folder = std::filesystem::path(LENET5_WEIGHTS);
    const auto model = load_integer_model(folder / (dataset + ".int8.safetensors"));
    const auto weights = load_weights(folder / (dataset + ".safetensors"));
    REQUIRE(model);
    REQUIRE(weights);
    CHECK(model->metadata.at("weights_sha256") == weights->sha256);
  }
}
