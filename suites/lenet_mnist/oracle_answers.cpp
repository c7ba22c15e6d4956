#include "suites/lenet_mnist/oracle_answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "harness/core/crc32.hpp"
#include "harness/core/hash.hpp"
#include "harness/data/file_bytes.hpp"

namespace lenet_mnist {

namespace fs = std::filesystem;
using assay::data::Labelled;
using lenet5::Arithmetic;
using lenet5::Weights;

namespace {

constexpr char kVersion = '1';  // of the oracle: another one's answers aren't used
constexpr unsigned kUndecided = 0x80;

/// `bytes_an_image` for each of the first `count` images, computed once for each key: `answer(i)` gives them as one number, lowest byte first.
/// Of weights that come from no file (empty `sha256`) they are computed each time.
template <class Answer>
std::string kept_answers(const std::string& sha256, const Labelled& images, const std::string& arithmetic, Answer answer, int count, int bytes_an_image = 1) {
  const std::string key = fmt::format("{} {} {} {}", kVersion, sha256, images.images_sha256, arithmetic);
  const fs::path cache = sha256.empty() ? fs::path() : assay::data::cache_folder();
  const fs::path file = cache / "lenet5" / (assay::sha256_hex(key).substr(0, 32) + ".oracle");
  if (!cache.empty()) {
    const int size = count * bytes_an_image;
    if (auto kept = assay::data::read_file(file, size); kept && kept->size() == static_cast<std::size_t>(size)) return *std::move(kept);
  }
  std::string bytes;
  for (int i = 0; i < count; ++i) {
    const auto value = static_cast<std::uint64_t>(answer(i));
    for (int k = 0; k < bytes_an_image; ++k) bytes += static_cast<char>(value >> 8 * k & 0xFF);
  }
  std::error_code none;
  if (!cache.empty()) fs::create_directories(file.parent_path(), none);
  if (!cache.empty() && !none) static_cast<void>(assay::data::write_file(file, bytes));
  return bytes;
}

lenet5::OracleSizes oracle_sizes(const lenet5::Sizes& sizes) { return {sizes.maps1, sizes.maps2, sizes.hidden1, sizes.hidden2}; }

}  // namespace

lenet5::Oracle oracle_of(const Weights& w) {
  return lenet5::Oracle({w.conv1.data(), w.conv1_bias.data(), w.conv2.data(), w.conv2_bias.data(), w.fc1.data(), w.fc1_bias.data(), w.fc2.data(),
                         w.fc2_bias.data(), w.fc3.data(), w.fc3_bias.data(), oracle_sizes(w.sizes)});
}

lenet5::IntegerOracle oracle_of(const lenet5::IntegerModel& model) {
  const auto layer = [](const lenet5::IntegerLayer& l) {
    return lenet5::IntegerOracleLayer{l.weights.data(), l.bias.data(), l.multiplier.data(), l.shift.data()};
  };
  return {layer(model.conv1), layer(model.conv2), layer(model.fc1), layer(model.fc2), layer(model.fc3), oracle_sizes(model.sizes)};
}

void scale_pixels(std::span<const std::uint8_t> pixels, float* to) {
  for (const std::uint8_t pixel : pixels) *to++ = static_cast<float>(pixel) / 255.0F;
}

OracleAnswers oracle_answers(const Weights& weights, const Labelled& images, const Arithmetic& arithmetic) {
  const lenet5::Oracle oracle = oracle_of(weights);
  std::vector<float> image(images.image_bytes());
  const auto answer = [&](int i) {
    scale_pixels(images.image(i), image.data());
    const lenet5::Answer exact = oracle.answer(image.data(), arithmetic);
    return static_cast<unsigned>(exact.predicted()) | (exact.undecided() ? kUndecided : 0);
  };
  const std::string units = fmt::format("{} {} {}", arithmetic.sum_unit, arithmetic.weight_unit, arithmetic.activation_unit);
  OracleAnswers answers;
  for (const char byte : kept_answers(weights.sha256, images, units, answer, images.count)) {
    answers.predicted.push_back(static_cast<std::int32_t>(static_cast<unsigned char>(byte) & ~kUndecided));
    answers.undecided.push_back(static_cast<unsigned char>(byte) & kUndecided);
  }
  return answers;
}

std::vector<std::int32_t> integer_answers(const lenet5::IntegerModel& model, const Labelled& images, lenet5::Rounding rounding) {
  const lenet5::IntegerOracle oracle = oracle_of(model);
  const auto answer = [&](int i) {
    const auto sums = oracle.sums(images.image(i).data(), rounding);
    return std::max_element(sums.begin(), sums.end()) - sums.begin();
  };
  const std::string bytes = kept_answers(model.sha256, images, rounding == lenet5::Rounding::half_up ? "int8" : "int8, rounded in floats", answer, images.count);
  return {bytes.begin(), bytes.end()};
}

std::vector<std::uint32_t> integer_sums_crc(const lenet5::IntegerModel& model, const Labelled& images, int count) {
  const lenet5::IntegerOracle oracle = oracle_of(model);
  const auto crc = [&](int i) {
    const auto sums = oracle.sums(images.image(i).data());
    std::vector<std::uint8_t> bytes;
    for (const int sum : sums) {
      for (int k = 0; k < 4; ++k) bytes.push_back(static_cast<std::uint8_t>(static_cast<unsigned>(sum) >> 8 * k));
    }
    return assay::crc32(bytes);
  };
  const std::string bytes = kept_answers(model.sha256, images, fmt::format("int8, CRC-32 of the sums of {}", count), crc, count, 4);
  std::vector<std::uint32_t> all;
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    std::uint32_t value = 0;
    for (std::size_t k = 0; k < 4; ++k) value |= std::uint32_t{static_cast<unsigned char>(bytes[i + k])} << 8 * k;
    all.push_back(value);
  }
  return all;
}

}  // namespace lenet_mnist
