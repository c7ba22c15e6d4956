// LeNet-5 as it is used here: 28×28 pixels in, ten logits out, 61,706 parameters, 416,520 multiply-adds.
//
//     pixels 1×28×28, each p/255
//     conv1 1→6, 5×5, padding 2      6×28×28   117,600 multiply-adds
//     ReLU, maximum of 2×2           6×14×14
//     conv2 6→16, 5×5                16×10×10  240,000
//     ReLU, maximum of 2×2           16×5×5 = 400
//     fc1 400→120, ReLU                         48,000
//     fc2 120→84, ReLU                          10,080
//     fc3 84→10                                    840
//
// After LeCun, Bottou, Bengio & Haffner, Gradient-based learning applied to document recognition (1998), with today's ReLU
// and maxima in place of the paper's scaled tanh and sub-sampling. A black border is 0, as padding is: so pixels are not
// shifted by their mean.
//
// A width of w has w times the maps and hidden values, and the same layers; what follows are the sizes at width 1.
#pragma once

#include <cmath>
#include <cstdint>

namespace lenet5 {

inline constexpr int kSide = 28;
inline constexpr int kPixels = kSide * kSide;
inline constexpr int kKernel = 5;
inline constexpr int kTaps = kKernel * kKernel;
inline constexpr int kPadding = 2;
inline constexpr int kMaps1 = 6;    // of conv1
inline constexpr int kSide1 = 14;   // after its maximum
inline constexpr int kMaps2 = 16;   // of conv2
inline constexpr int kSide2 = 5;    // after its maximum
inline constexpr int kFlat = kMaps2 * kSide2 * kSide2;
inline constexpr int kHidden1 = 120;
inline constexpr int kHidden2 = 84;
inline constexpr int kClasses = 10;

inline constexpr std::int64_t kMultiplyAdds = 416'520;
inline constexpr std::int64_t kParameters = 61'706;

/// What a network's width changes. The defaults are the full network.
struct Sizes {
  int maps1 = kMaps1, maps2 = kMaps2, hidden1 = kHidden1, hidden2 = kHidden2;

  constexpr int flat() const { return maps2 * kSide2 * kSide2; }
  /// Of one image.
  constexpr std::int64_t multiply_adds() const {
    const std::int64_t convolutions = kTaps * (std::int64_t{maps1} * kPixels + std::int64_t{maps2} * maps1 * 4 * kSide2 * kSide2);
    return convolutions + std::int64_t{hidden1} * flat() + std::int64_t{hidden2} * hidden1 + std::int64_t{kClasses} * hidden2;
  }
  constexpr std::int64_t parameters() const {
    const std::int64_t convolutions = std::int64_t{maps1} * (kTaps + 1) + std::int64_t{maps2} * (maps1 * kTaps + 1);
    return convolutions + std::int64_t{hidden1} * (flat() + 1) + std::int64_t{hidden2} * (hidden1 + 1) + std::int64_t{kClasses} * (hidden2 + 1);
  }
  bool operator==(const Sizes&) const = default;
};
static_assert(Sizes{}.flat() == kFlat && Sizes{}.multiply_adds() == kMultiplyAdds && Sizes{}.parameters() == kParameters);

/// Each size times `width`, to the nearest, halves up: at 0.25 maps of 2 and 4, hidden 30 and 21.
inline Sizes sizes_at(double width) {
  const auto times = [width](int full) { return static_cast<int>(std::lround(full * width)); };
  return {times(kMaps1), times(kMaps2), times(kHidden1), times(kHidden2)};
}

}  // namespace lenet5
