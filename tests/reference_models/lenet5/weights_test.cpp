#include "reference_models/lenet5/weights.hpp"

#include <cmath>
#include <filesystem>
#include <string>

#include "harness/core/random.hpp"
#include "tests/catch.hpp"

using namespace lenet5;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string error_of(const std::string& bytes) {
  const auto weights = parse_weights(bytes, "some.safetensors");
  return weights ? "" : weights.error().message;
}

std::string replaced(std::string text, const std::string& old, const std::string& with) {
  const auto at = text.find(old);
  REQUIRE(at != std::string::npos);
  REQUIRE(old.size() == with.size());  // or the header's length would have to change
  return text.replace(at, old.size(), with);
}

}  // namespace

TEST_CASE("weights come back from their file as they were, with what is said about them") {
  Weights weights = random_weights(7);
  weights.metadata = {{"dataset", "mnist"}, {"seed", "7"}};
  const std::string bytes = to_safetensors(weights);
  const auto back = parse_weights(bytes, "w");
  REQUIRE(back);
  std::size_t count = 0;
  for (const Parameter& parameter : parameters()) {
    CHECK((*back).*parameter.values == weights.*parameter.values);
    count += (weights.*parameter.values).size();
  }
  CHECK(count == kParameters);
  CHECK(back->metadata == weights.metadata);
  CHECK(to_safetensors(*back) == bytes);
  CHECK(bytes.size() % 8 == 0);
}

TEST_CASE("seeded weights depend on their seed and lie as PyTorch begins") {
  CHECK(random_weights(1).fc1 == random_weights(1).fc1);
  CHECK(random_weights(1).fc1 != random_weights(2).fc1);
  for (const float w : random_weights(1).fc1) REQUIRE(std::fabs(w) <= 1 / std::sqrt(400.0));
}

TEST_CASE("a file that isn't these weights is refused with the reason") {
  const std::string good = to_safetensors(random_weights(1));
  CHECK_THAT(error_of(""), ContainsSubstring("some.safetensors: 0 bytes are no safetensors file"));
  CHECK_THAT(error_of(std::string(8, '\xff') + good), ContainsSubstring("cut short or no safetensors"));
  CHECK_THAT(error_of(good.substr(0, 300)), ContainsSubstring("cut short"));
  CHECK_THAT(error_of(good.substr(0, good.size() - 4)), ContainsSubstring("is cut short: fc3.bias ends at byte"));
  CHECK_THAT(error_of(replaced(good, "\"conv2.weight\"", "\"conv3.weight\"")), ContainsSubstring("has no tensor conv2.weight"));
  CHECK_THAT(error_of(replaced(good, "[16,6,5,5]", "[6,16,5,5]")), ContainsSubstring("conv2.weight: shape [6,16,5,5], where LeNet-5 has [16,6,5,5]"));
  CHECK_THAT(error_of(replaced(good, "F32", "F16")), ContainsSubstring("type \"F16\", where LeNet-5 has F32"));
  CHECK_THAT(error_of(replaced(good, "[0,600]", "[4,600]")), ContainsSubstring("conv1.weight: a place of 4 to 600"));
  std::string nan = good;
  nan.replace(nan.size() - 4, 4, std::string("\0\0\xc0\x7f", 4));
  CHECK_THAT(error_of(nan), ContainsSubstring("fc3.bias: value 9 is not a finite number"));
  CHECK_FALSE(load_weights("/absent/weights.safetensors"));
}

TEST_CASE("20,000 damaged headers are refused or read, and never beyond the file") {
  const std::string good = to_safetensors(random_weights(1));
  const std::size_t header = good.find("}}") + 2;
  assay::Random random(585);
  int read = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good;
    for (std::uint64_t changes = 1 + random.below(3); changes > 0; --changes) bytes[random.below(header)] = static_cast<char>(random.next());
    if (random.below(4) == 0) bytes.resize(random.below(bytes.size()));
    read += static_cast<bool>(parse_weights(std::string(bytes.data(), bytes.size()), "damaged"));
  }
  CHECK(read < 20'000);
}

TEST_CASE("the weights that come with Assay are whole and say how they were made") {
  for (const char* dataset : {"mnist", "fashion-mnist"}) {
    const auto weights = load_weights(std::filesystem::path(LENET5_WEIGHTS) / (std::string(dataset) + ".safetensors"));
    REQUIRE(weights);
    CHECK(weights->metadata.at("dataset") == dataset);
    CHECK(std::stod(weights->metadata.at("test_accuracy")) > 0.9);
  }
}
