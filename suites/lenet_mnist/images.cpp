#include "suites/lenet_mnist/images.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/random.hpp"
#include "reference_models/lenet5/architecture.hpp"
#include "suites/lenet_mnist/oracle_answers.hpp"

namespace lenet_mnist {

namespace data = assay::data;
using lenet5::kPixels;
using lenet5::kSide;

namespace {

/// Three strokes of a pen, three pixels wide, in the middle 20×20.
void draw(assay::Random& random, float* image) {
  constexpr int first = 4, last = 23, steps = 20;
  std::fill_n(image, kPixels, 0.0F);
  const auto somewhere = [&] { return first + static_cast<double>(random.below(last - first + 1)); };
  double x = somewhere(), y = somewhere();
  for (int stroke = 0; stroke < 3; ++stroke) {
    const double to_x = somewhere(), to_y = somewhere();
    for (int step = 0; step <= steps; ++step) {
      const double share = static_cast<double>(step) / steps;
      const int column = static_cast<int>(x + share * (to_x - x)), row = static_cast<int>(y + share * (to_y - y));
      for (int dy = -1; dy <= 1; ++dy) {
        for (int dx = -1; dx <= 1; ++dx) image[(row + dy) * kSide + column + dx] = static_cast<float>(128 + random.below(128)) / 255.0F;
      }
    }
    x = to_x;
    y = to_y;
  }
}

}  // namespace

assay::Result<Images> images_for(const std::string& dataset, int count, std::uint64_t seed) {
  const data::Dataset* set = data::dataset_named(dataset);
  if (!set) return assay::Error{fmt::format("there is no data set '{}'; there are: {}", dataset, data::dataset_names())};
  Images images;
  images.count = count;
  images.pixels.resize(static_cast<std::size_t>(count) * kPixels);
  if (!data::find(*set)) {
    images.absent = data::absent(*set);
    assay::Random random(assay::stream_seed(seed, "images"));
    for (int i = 0; i < count; ++i) draw(random, images.pixels.data() + static_cast<std::ptrdiff_t>(i) * kPixels);
    return images;
  }
  auto test = data::load(*set, data::Split::test);
  if (!test) return test.error();
  for (int i = 0; i < count; ++i) scale_pixels(test->image(i % test->count), images.pixels.data() + static_cast<std::ptrdiff_t>(i) * kPixels);
  images.test_set = std::move(*test);
  return images;
}

}  // namespace lenet_mnist
