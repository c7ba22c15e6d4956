#include "reference_models/lenet5/oracle.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/reference_models/lenet5/judge.hpp"

using namespace lenet5;

namespace {

/// LeNet-5 once more, from its definition: every index computed, nothing shared with the oracle.
std::vector<double> by_definition(const Weights& w, const float* image) {
  const auto pixel = [&](int y, int x) { return y < 0 || x < 0 || y >= 28 || x >= 28 ? 0.0 : static_cast<double>(image[y * 28 + x]); };
  const auto map1 = [&](int m, int y, int x) {
    double sum = w.conv1_bias[static_cast<std::size_t>(m)];
    for (int i = 0; i < 25; ++i) sum += static_cast<double>(w.conv1[static_cast<std::size_t>(m * 25 + i)]) * pixel(y + i / 5 - 2, x + i % 5 - 2);
    return std::max(0.0, sum);
  };
  double pooled1[6][14][14], pooled2[16][5][5];
  for (int m = 0; m < 6; ++m) {
    for (int i = 0; i < 14 * 14; ++i) {
      double& most = pooled1[m][i / 14][i % 14] = 0;
      for (int j = 0; j < 4; ++j) most = std::max(most, map1(m, i / 14 * 2 + j / 2, i % 14 * 2 + j % 2));
    }
  }
  for (int m = 0; m < 16; ++m) {
    for (int i = 0; i < 25; ++i) {
      double& most = pooled2[m][i / 5][i % 5] = 0;
      for (int j = 0; j < 4; ++j) {
        double sum = w.conv2_bias[static_cast<std::size_t>(m)];
        for (int k = 0; k < 150; ++k) {
          sum += static_cast<double>(w.conv2[static_cast<std::size_t>(m * 150 + k)]) * pooled1[k / 25][i / 5 * 2 + j / 2 + k % 25 / 5][i % 5 * 2 + j % 2 + k % 5];
        }
        most = std::max(most, sum);
      }
    }
  }
  std::vector<double> values(&pooled2[0][0][0], &pooled2[0][0][0] + 400);
  const auto layer = [&](const std::vector<float>& weights, const std::vector<float>& bias, bool relu) {
    std::vector<double> next;
    for (std::size_t o = 0; o < bias.size(); ++o) {
      double sum = bias[o];
      for (std::size_t i = 0; i < values.size(); ++i) sum += static_cast<double>(weights[o * values.size() + i]) * values[i];
      next.push_back(relu ? std::max(0.0, sum) : sum);
    }
    values = next;
  };
  layer(w.fc1, w.fc1_bias, true);
  layer(w.fc2, w.fc2_bias, true);
  layer(w.fc3, w.fc3_bias, false);
  return values;
}

/// Every value rounded to bfloat16's eight significant bits, to nearest.
Weights rounded(Weights weights) {
  for (const Parameter& parameter : parameters()) {
    if (parameter.shape.size() == 1) continue;  // biases stay
    for (float& value : weights.*parameter.values) {
      int exponent = 0;
      const float fraction = std::frexp(value, &exponent);
      value = std::ldexp(std::nearbyint(std::ldexp(fraction, 8)), exponent - 8);
    }
  }
  return weights;
}

}  // namespace

TEST_CASE("the oracle computes LeNet-5 as it is defined") {
  const Weights weights = random_weights(3);
  const auto images = random_images(5, 4);
  for (int i = 0; i < 5; ++i) {
    const float* image = images.data() + i * kPixels;
    const auto expected = by_definition(weights, image);
    const Answer answer = oracle_of(weights).answer(image);
    for (std::size_t k = 0; k < kClasses; ++k) CHECK(answer.logits[k] == Approx(expected[k]).margin(1e-12));
    CHECK(answer.predicted() == std::max_element(expected.begin(), expected.end()) - expected.begin());
  }
}

TEST_CASE("with weights moved by what bfloat16 rounds them, every logit stays within its bound, and not far within") {
  const Weights weights = random_weights(3), moved = rounded(weights);
  const Arithmetic only_weights{0, 0x1p-9, 0};
  const auto images = random_images(20, 5);
  double worst = 0;
  for (int i = 0; i < 20; ++i) {
    const float* image = images.data() + i * kPixels;
    const Answer bounded = oracle_of(weights).answer(image, only_weights), other = oracle_of(moved).answer(image);
    for (std::size_t k = 0; k < kClasses; ++k) worst = std::max(worst, std::fabs(other.logits[k] - bounded.logits[k]) / bounded.bound[k]);
  }
  CHECK(worst <= 1);
  CHECK(worst > 0.001);  // a bound that nothing could break would judge nothing
}

TEST_CASE("an answer is undecided exactly where another logit's bound reaches into the largest one's") {
  Answer answer;
  answer.logits = {0, 5, 4.5, 0, 0, 0, 0, 0, 0, 0};
  answer.bound.fill(0.2);
  CHECK(answer.predicted() == 1);
  CHECK_FALSE(answer.undecided());
  answer.bound[2] = 0.3;
  CHECK(answer.undecided());
}

TEST_CASE("a mistake of a hundredth in one weight is outside the bound of single precision") {
  const Weights weights = random_weights(3);
  const auto images = random_images(3, 6);
  for (auto part : {&Weights::conv1, &Weights::conv2, &Weights::fc1, &Weights::fc2, &Weights::fc3_bias}) {
    Weights wrong = weights;
    for (float& value : wrong.*part) value *= 1.01F;
    double worst = 0;
    for (int i = 0; i < 3; ++i) {
      const Answer right = oracle_of(weights).answer(images.data() + i * kPixels, single_precision), other = oracle_of(wrong).answer(images.data() + i * kPixels);
      for (std::size_t k = 0; k < kClasses; ++k) worst = std::max(worst, std::fabs(other.logits[k] - right.logits[k]) / right.bound[k]);
    }
    CHECK(worst > 1);
  }
}
