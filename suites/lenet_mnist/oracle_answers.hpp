// What the oracle answers for every image of a test set. It takes seconds, so its answers are kept in the user's cache, under
// the hashes of the weights and the images.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/data/stored_dataset.hpp"
#include "reference_models/lenet5/integer_model.hpp"
#include "reference_models/lenet5/oracle.hpp"
#include "reference_models/lenet5/weights.hpp"

namespace lenet_mnist {

struct OracleAnswers {
  std::vector<std::int32_t> predicted;
  std::vector<bool> undecided;  // an arithmetic within its bound may answer otherwise
};

lenet5::Oracle oracle_of(const lenet5::Weights& weights);
lenet5::IntegerOracle oracle_of(const lenet5::IntegerModel& model);

/// Where nothing can be kept, computes them each time.
OracleAnswers oracle_answers(const lenet5::Weights& weights, const assay::data::Labelled& images, const lenet5::Arithmetic& arithmetic);

/// The classes that the integer model answers, of equal sums the first.
std::vector<std::int32_t> integer_answers(const lenet5::IntegerModel& model, const assay::data::Labelled& images,
                                          lenet5::Rounding rounding = lenet5::Rounding::half_up);

/// Of the first `count` images: the CRC-32 of the integer model's ten sums, as little-endian int32.
std::vector<std::uint32_t> integer_sums_crc(const lenet5::IntegerModel& model, const assay::data::Labelled& images, int count);

/// Pixels 0 to 255 as 0 to 1.
void scale_pixels(std::span<const std::uint8_t> pixels, float* to);

}  // namespace lenet_mnist
