// Upper quantiles of √n · dip of n uniform values, from 200,000 samples of each size (SplitMix64, seed 585 +
// n). A test draws others and holds them to these.
#pragma once

#include <array>

namespace assay::stats {

inline constexpr std::array<double, 11> kDipTails{0.5,   0.2,   0.1,   0.05,   0.02,  0.01,
                                                  0.005, 0.002, 0.001, 0.0005, 0.0002};

struct DipRow {
  double n = 0;
  std::array<double, kDipTails.size()> quantiles = {};  // exceeded with the probabilities of kDipTails
};

inline constexpr std::array<DipRow, 8> kDipRows{
    DipRow{8, {0.3141, 0.3561, 0.4024, 0.4366, 0.4695, 0.4890, 0.5053, 0.5254, 0.5472, 0.5630, 0.5838}},
    DipRow{16, {0.3251, 0.3889, 0.4282, 0.4620, 0.5022, 0.5307, 0.5555, 0.5845, 0.6037, 0.6206, 0.6467}},
    DipRow{32, {0.3380, 0.4069, 0.4488, 0.4855, 0.5280, 0.5566, 0.5853, 0.6192, 0.6424, 0.6630, 0.6963}},
    DipRow{64, {0.3491, 0.4201, 0.4639, 0.5022, 0.5484, 0.5799, 0.6109, 0.6460, 0.6752, 0.6969, 0.7233}},
    DipRow{128, {0.3576, 0.4306, 0.4751, 0.5153, 0.5631, 0.5946, 0.6261, 0.6669, 0.6934, 0.7154, 0.7524}},
    DipRow{256, {0.3637, 0.4381, 0.4836, 0.5253, 0.5727, 0.6048, 0.6367, 0.6771, 0.7044, 0.7296, 0.7639}},
    DipRow{512, {0.3680, 0.4431, 0.4893, 0.5304, 0.5799, 0.6151, 0.6478, 0.6821, 0.7072, 0.7359, 0.7760}},
    DipRow{1024, {0.3714, 0.4471, 0.4935, 0.5349, 0.5840, 0.6191, 0.6536, 0.6936, 0.7234, 0.7468, 0.7759}},
};

}  // namespace assay::stats
