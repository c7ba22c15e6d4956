// Networks of other widths than 1: their sizes, files, oracles and integer models.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "reference_models/lenet5/native.hpp"
#include "reference_models/lenet5/onednn.hpp"
#include "reference_models/lenet5/scalar.hpp"
#include "reference_models/lenet5/textbook.hpp"
#include "tests/catch.hpp"
#include "tests/reference_models/lenet5/judge.hpp"

using namespace lenet5;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr double kWidths[] = {0.25, 0.5, 1, 2};

std::filesystem::path integer_file(double width) {
  const std::string name = width == 0.25 ? "mnist.width-0.25" : width == 0.5 ? "mnist.width-0.5" : width == 2 ? "mnist.width-2" : "mnist";
  return std::filesystem::path(LENET5_WEIGHTS) / (name + ".int8.safetensors");
}

/// integer_model.hpp's arithmetic from its definition: every index computed from an output's place, nothing shared with the oracle.
std::vector<std::int64_t> by_definition(const IntegerModel& m, const std::vector<unsigned char>& pixels) {
  using Values = std::vector<std::int64_t>;
  const auto activation = [](std::int64_t sum, const IntegerLayer& layer, std::size_t output) {
    const std::int64_t half = std::int64_t{1} << (layer.shift[output] - 1), step = std::int64_t{1} << layer.shift[output];
    const std::int64_t scaled = sum * layer.multiplier[output] + half;
    const std::int64_t floor = scaled >= 0 ? scaled / step : -((-scaled + step - 1) / step);
    return floor < 0 ? 0 : floor > 255 ? 255 : floor;
  };
  // A convolution's sum, then its 2×2's largest.
  const auto pooled = [&](const Values& in, int in_maps, int side, int border, const IntegerLayer& layer) {
    const int half = (side + 2 * border - 4) / 2, maps = static_cast<int>(layer.bias.size());
    Values out(static_cast<std::size_t>(maps * half * half));
    for (std::size_t place = 0; place < out.size(); ++place) {
      const int map = static_cast<int>(place) / (half * half), y = static_cast<int>(place) / half % half, x = static_cast<int>(place) % half;
      Values sums;
      for (int corner = 0; corner < 4; ++corner) {
        std::int64_t& sum = sums.emplace_back(layer.bias[static_cast<std::size_t>(map)]);
        for (int tap = 0; tap < in_maps * 25; ++tap) {
          const int row = 2 * y + corner / 2 + tap % 25 / 5 - border, column = 2 * x + corner % 2 + tap % 5 - border;
          const bool inside = row >= 0 && column >= 0 && row < side && column < side;
          if (inside) sum += layer.weights.at(static_cast<std::size_t>(map * in_maps * 25 + tap)) * in.at(static_cast<std::size_t>((tap / 25 * side + row) * side + column));
        }
      }
      out[place] = activation(*std::max_element(sums.begin(), sums.end()), layer, static_cast<std::size_t>(map));
    }
    return out;
  };
  const auto sums = [](const Values& in, const IntegerLayer& layer) {
    Values out(layer.bias.begin(), layer.bias.end());
    for (std::size_t i = 0; i < in.size() * out.size(); ++i) out[i / in.size()] += layer.weights.at(i) * in[i % in.size()];
    return out;
  };
  const auto connected = [&](const Values& in, const IntegerLayer& layer) {
    Values out = sums(in, layer);
    for (std::size_t o = 0; o < out.size(); ++o) out[o] = activation(out[o], layer, o);
    return out;
  };
  Values values(pixels.begin(), pixels.end());
  values = pooled(values, 1, 28, 2, m.conv1);
  values = pooled(values, m.sizes.maps1, 14, 0, m.conv2);
  return sums(connected(connected(values, m.fc1), m.fc2), m.fc3);
}

void check_by_definition(const IntegerModel& model, const std::vector<float>& images) {
  for (int i = 0; i < static_cast<int>(images.size()) / kPixels; ++i) {
    const auto pixels = pixels_of(images, i);
    const auto expected = by_definition(model, pixels);
    const auto sums = oracle_of(model).sums(pixels.data());
    REQUIRE(std::vector<std::int64_t>(sums.begin(), sums.end()) == expected);
  }
}

std::vector<float> by_textbook(const Weights& w, const float* image) {
  const Sizes& s = w.sizes;
  std::vector<float> wide(100'000), narrow(100'000), logits(kClasses);
  textbook::convolve(image, 1, 28, 2, w.conv1.data(), w.conv1_bias.data(), s.maps1, wide.data());
  textbook::largest_of_four(wide.data(), s.maps1, 28, narrow.data());
  textbook::convolve(narrow.data(), s.maps1, 14, 0, w.conv2.data(), w.conv2_bias.data(), s.maps2, wide.data());
  textbook::largest_of_four(wide.data(), s.maps2, 10, narrow.data());
  textbook::connect(narrow.data(), s.maps2 * 25, w.fc1.data(), w.fc1_bias.data(), s.hidden1, true, wide.data());
  textbook::connect(wide.data(), s.hidden1, w.fc2.data(), w.fc2_bias.data(), s.hidden2, true, narrow.data());
  textbook::connect(narrow.data(), s.hidden2, w.fc3.data(), w.fc3_bias.data(), kClasses, false, logits.data());
  return logits;
}

/// The file without one of its tensors, and with another network's in its place.
std::string with_tensor_of(const Weights& weights, const Weights& other, const std::string& tensor) {
  SafetensorsWriter writer({});
  const auto parameters_of_other = parameters(other.sizes);
  std::size_t i = 0;
  for (const Parameter& parameter : parameters(weights.sizes)) {
    const Parameter& its = parameters_of_other[i++];
    if (parameter.name == tensor) writer.add(tensor, "F32", its.shape, other.*its.values);
    else writer.add(parameter.name, "F32", parameter.shape, weights.*parameter.values);
  }
  return writer.bytes();
}

}  // namespace

TEST_CASE("a width multiplies maps and hidden values, halves rounded up, and the full network has a width of 1") {
  CHECK(sizes_at(1) == Sizes{});
  CHECK(sizes_at(0.25) == Sizes{2, 4, 30, 21});
  CHECK(sizes_at(0.5) == Sizes{3, 8, 60, 42});
  CHECK(sizes_at(2) == Sizes{12, 32, 240, 168});
  CHECK(sizes_at(0.5).parameters() == 15'738);
  CHECK(sizes_at(0.5).multiply_adds() == 133'740);
  CHECK(sizes_at(2).parameters() == 244'362);
  CHECK(sizes_at(2).multiply_adds() == 1'429'200);
  CHECK(sizes_at(0.25).parameters() == 2 * 26 + 4 * 51 + 30 * 101 + 21 * 31 + 10 * 22);
  CHECK(sizes_at(0.25).multiply_adds() == 2 * 784 * 25 + 4 * 100 * 2 * 25 + 30 * 100 + 21 * 30 + 10 * 21);
  for (const double width : kWidths) {
    std::size_t count = 0;
    const Weights weights(sizes_at(width));
    for (const Parameter& parameter : parameters(weights.sizes)) count += (weights.*parameter.values).size();
    CHECK(count == static_cast<std::size_t>(weights.sizes.parameters()));
  }
}

TEST_CASE("weights of every width come back from their file, and their sizes with them") {
  for (const double width : kWidths) {
    const Weights weights = random_weights(7, sizes_at(width));
    const std::string bytes = to_safetensors(weights);
    const auto back = parse_weights(bytes, "w");
    REQUIRE(back);
    CHECK(back->sizes == sizes_at(width));
    CHECK(back->fc1 == weights.fc1);
    CHECK(to_safetensors(*back) == bytes);
  }
}

TEST_CASE("the oracle's bound holds a textbook's floats at every width") {
  for (const double width : kWidths) {
    const Weights weights = random_weights(31, sizes_at(width));
    const auto images = random_images(3, 32);
    for (int i = 0; i < 3; ++i) {
      const auto logits = by_textbook(weights, images.data() + i * kPixels);
      const Answer answer = oracle_of(weights).answer(images.data() + i * kPixels, single_precision);
      for (std::size_t k = 0; k < kClasses; ++k) REQUIRE(std::fabs(static_cast<double>(logits[k]) - answer.logits[k]) <= answer.bound[k]);
    }
  }
}

TEST_CASE("at every width an integer model comes back from its file, and the oracle's sums are those of the definition") {
  for (const double width : kWidths) {
    IntegerModel model = quantize(random_weights(21, sizes_at(width)), random_images(10, 22));
    model.metadata = {{"width", "its own"}};
    CHECK(model.sizes == sizes_at(width));
    const std::string bytes = to_safetensors(model);
    const auto back = parse_integer_model(bytes, "m");
    REQUIRE(back);
    CHECK(back->sizes == sizes_at(width));
    CHECK(back->fc1.weights == model.fc1.weights);
    CHECK(back->metadata == model.metadata);
    CHECK(to_safetensors(*back) == bytes);
    check_by_definition(*back, random_images(4, 23));
  }
}

TEST_CASE("the integer models of every width that come with Assay are listed, have their width's sizes, and the oracle computes them by the definition") {
  std::ifstream list(std::filesystem::path(LENET5_WEIGHTS) / "SHA256SUMS");
  const std::string listed{std::istreambuf_iterator<char>(list), {}};
  double least = 0;
  for (const double width : kWidths) {
    const auto model = load_integer_model(integer_file(width));
    REQUIRE(model);
    CHECK(model->sizes == sizes_at(width));
    CHECK(model->metadata.at("dataset") == "mnist");
    if (width != 1) CHECK(std::stod(model->metadata.at("width")) == width);
    CHECK_THAT(listed, ContainsSubstring(model->sha256 + "  " + integer_file(width).filename().string()));
    const double held_out = std::stod(model->metadata.at("held_out_accuracy"));
    CHECK(held_out > least);  // each wider one knows more
    least = held_out;
    check_by_definition(*model, random_images(4, 24));
  }
}

TEST_CASE("a file whose tensors are of networks of different widths is refused, naming the tensor and what its biases say") {
  const auto error_of = [](const char* tensor) {
    const auto parsed = parse_weights(with_tensor_of(random_weights(1, sizes_at(0.5)), random_weights(1, sizes_at(0.25)), tensor), "some.safetensors");
    return parsed ? "" : parsed.error().message;
  };
  CHECK_THAT(error_of("conv2.weight"), ContainsSubstring("some.safetensors: conv2.weight: shape [4,2,5,5], where LeNet-5 has [8,3,5,5], its biases being of 3, 8, 60 and 42 values"));
  CHECK_THAT(error_of("fc1.weight"), ContainsSubstring("fc1.weight: shape [30,100], where LeNet-5 has [60,200]"));
  CHECK_THAT(error_of("fc2.bias"), ContainsSubstring("fc2.weight: shape [42,60], where LeNet-5 has [21,60], its biases being of 3, 8, 60 and 21 values"));

  IntegerModel model = quantize(random_weights(1, sizes_at(0.5)), random_images(2, 2));
  model.sizes.hidden1 = 30;  // what its file then says of fc1 and fc2
  CHECK_FALSE(parse_integer_model(to_safetensors(model), "m"));
}

TEST_CASE("no number of outputs in a file's header makes its reader allocate or overflow") {
  const auto error_with = [](const Shape& conv1_bias) {
    SafetensorsWriter writer({});
    for (const Parameter& parameter : parameters()) writer.add(parameter.name, "F32", parameter.name == "conv1.bias" ? conv1_bias : parameter.shape, std::vector<float>(1));
    const auto parsed = parse_weights(writer.bytes(), "w");
    return parsed ? "" : parsed.error().message;
  };
  CHECK_THAT(error_with({std::int64_t{1} << 62}), ContainsSubstring("w: conv1.bias: shape [4611686018427387904], where LeNet-5 has one size, 1 to 1024"));
  CHECK_THAT(error_with({0}), ContainsSubstring("conv1.bias: shape [0], where LeNet-5 has one size"));
  CHECK_THAT(error_with({2, 3}), ContainsSubstring("conv1.bias: shape [2,3], where LeNet-5 has one size"));
  CHECK_THAT(error_with({}), ContainsSubstring("conv1.bias: shape [], where LeNet-5 has one size"));
  CHECK_THAT(error_with({-6}), ContainsSubstring("conv1.bias: [-6] is no shape"));
}

TEST_CASE("implementations that are written for the full network refuse weights of another width") {
  const auto refusal = [](const MadeClassifier& made) { return made ? "" : made.error().message; };
  for (const double width : {0.25, 0.5, 2.0}) {
    const Weights weights = random_weights(1, sizes_at(width));
    const IntegerModel model = quantize(weights, random_images(2, 2));
    for (const std::string& message : {refusal(make_native(weights, {})), refusal(make_native(weights, {.precision = Precision::bf16})), refusal(make_scalar(weights, {})),
                                       refusal(make_native(model, {.precision = Precision::int8}))}) {
      CHECK_THAT(message, ContainsSubstring("computes only the full LeNet-5, of 6 and 16 maps, 120 and 84 hidden values; these weights have"));
    }
    CHECK_FALSE(make_onednn(weights, {}));
    CHECK_FALSE(make_onednn(model, {.precision = Precision::int8}));
  }
  CHECK(make_scalar(random_weights(1), {}));
}
