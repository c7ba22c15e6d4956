#include "reference_models/lenet5/native.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "reference_models/lenet5/batch_team.hpp"
#include "reference_models/lenet5/chosen_isa.hpp"
#include "reference_models/lenet5/native_kernels.hpp"

namespace lenet5 {

namespace {

using native::Kernels;

std::vector<const Kernels*> usable_kernels() {
  std::vector<const Kernels*> all;
#if defined(__x86_64__)
  if (has_avx512()) all.push_back(&native::avx512);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) all.push_back(&native::avx2);
#endif
  all.push_back(&native::portable);
  return all;
}

/// Weights in the order of one width's kernels.
class PackedWeights {
 public:
  PackedWeights(const Weights& w, const native::Widths& widths) : widths_(widths) {
    packed_.conv1 = put(kTaps * kMaps1, [&](float* to) {
      for (int m = 0; m < kMaps1; ++m) {
        for (int t = 0; t < kTaps; ++t) to[t * kMaps1 + m] = w.conv1[static_cast<std::size_t>(m * kTaps + t)];
      }
    });
    packed_.conv1_bias = put(kMaps1, [&](float* to) { std::copy(w.conv1_bias.begin(), w.conv1_bias.end(), to); });
    constexpr int sums = kMaps1 * kTaps;
    packed_.conv2 = put(sums * kMaps2, [&](float* to) {
      for (int m = 0; m < kMaps2; ++m) {
        for (int k = 0; k < sums; ++k) to[k * kMaps2 + m] = w.conv2[static_cast<std::size_t>(m * sums + k)];
      }
    });
    packed_.conv2_bias = put(kMaps2, [&](float* to) { std::copy(w.conv2_bias.begin(), w.conv2_bias.end(), to); });
    // conv2's result is [y][x][map] here and [map][y][x] in the weights.
    constexpr int area = kSide2 * kSide2;
    std::tie(packed_.fc1, packed_.fc1_bias) = layer(w.fc1, w.fc1_bias, widths.fc1, [](int k) { return k % kMaps2 * area + k / kMaps2; });
    std::tie(packed_.fc2, packed_.fc2_bias) = layer(w.fc2, w.fc2_bias, widths.fc2, [](int k) { return k; });
    std::tie(packed_.fc3, packed_.fc3_bias) = layer(w.fc3, w.fc3_bias, widths.fc3, [](int k) { return k; });
  }
  const native::Packed& get() const { return packed_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  template <class Fill>
  const float* put(int floats, Fill fill) {
    parts_.emplace_back(4 * static_cast<std::size_t>(floats));
    fill(parts_.back().as<float>());
    bytes_ += 4 * floats;
    return parts_.back().as<float>();
  }

  /// `from(k)`: where the kernel's input k stands in a row of the weights.
  template <class From>
  std::pair<const float*, const float*> layer(const std::vector<float>& weights, const std::vector<float>& bias, int registers, From from) {
    const int outputs = static_cast<int>(bias.size()), inputs = static_cast<int>(weights.size()) / outputs;
    const int lanes = registers * widths_.lanes, panels = (outputs + lanes - 1) / lanes;
    const float* packed = put(panels * lanes * inputs, [&](float* to) {
      for (int o = 0; o < outputs; ++o) {
        for (int k = 0; k < inputs; ++k) to[(o / lanes * inputs + k) * lanes + o % lanes] = weights[static_cast<std::size_t>(o * inputs + from(k))];
      }
    });
    const float* packed_bias = put(panels * lanes, [&](float* to) { std::copy(bias.begin(), bias.end(), to); });
    return {packed, packed_bias};
  }

  native::Widths widths_;
  native::Packed packed_{};
  std::vector<AlignedMemory> parts_;
  std::int64_t bytes_ = 0;
};

class Native : public Classifier {
 public:
  Native(const Weights& weights, const Kernels& kernels, BatchTeam team)
      : kernels_(kernels), weights_(weights, kernels.widths), team_(std::move(team)) {}

  void classify(const float* images, float* logits) override {
    team_.run([&](std::int64_t first, int count, void* scratch) {
      kernels_.classify(weights_.get(), images + first * kPixels, count, logits + first * kClasses, static_cast<float*>(scratch));
    });
  }
  std::int64_t weight_bytes() const override { return weights_.bytes(); }

 private:
  const Kernels& kernels_;
  PackedWeights weights_;
  BatchTeam team_;
};

}  // namespace

std::vector<std::string> native_isas() { return isas_of(usable_kernels()); }

std::string native_isa() {
  const auto kernels = chosen(usable_kernels());
  return kernels ? (*kernels)->isa : "none";
}

MadeClassifier make_native(const Weights& weights, const ClassifierSettings& settings, const std::vector<int>& cpus) {
  if (settings.precision == Precision::bf16) return assay::Error{"native has no bf16; give fp32 or int8"};
  const auto kernels = chosen(usable_kernels());
  if (!kernels) return kernels.error();
  auto team = BatchTeam::start(settings, cpus, sizeof(float) * (*kernels)->scratch);
  if (!team) return team.error();
  return std::unique_ptr<Classifier>(std::make_unique<Native>(weights, **kernels, std::move(*team)));
}

}  // namespace lenet5
