#include <array>
#include <utility>

#include "reference_models/lenet5/batch_team.hpp"
#include "reference_models/lenet5/chosen_isa.hpp"
#include "reference_models/lenet5/int8_kernels.hpp"
#include "reference_models/lenet5/native.hpp"

namespace lenet5 {

namespace {

using int8::Kernels;

std::vector<const Kernels*> usable_kernels() {
  std::vector<const Kernels*> all;
#if defined(__x86_64__)
  if (has_avx512() && __builtin_cpu_supports("avx512vnni")) all.push_back(&int8::vnni);
  if (has_avx512()) all.push_back(&int8::avx512);
  if (__builtin_cpu_supports("avx2")) all.push_back(&int8::avx2);
#endif
  all.push_back(&int8::portable);
  return all;
}

/// A weight of a convolution: map in, row and column of the kernel; map −1: none, 0.
struct Tap {
  int in = -1, y = 0, x = 0;
};
using Group = std::array<Tap, 4>;  // of a narrower group the first two

/// What a group of conv1's kernels multiplies (int8_body.inc).
std::vector<Group> groups_of_conv1(int group) {
  std::vector<Group> groups;
  if (group == 4) {
    for (int y = 0; y < kKernel; ++y) groups.push_back({{{0, y, 0}, {0, y, 1}, {0, y, 2}, {0, y, 3}}});
    groups.push_back({{{0, 0, 4}, {0, 1, 4}, {0, 2, 4}, {0, 3, 4}}});
    groups.push_back({{{0, 4, 4}, {}, {}, {}}});
  } else {
    for (int y = 0; y < kKernel; ++y) {
      groups.push_back({{{0, y, 0}, {0, y, 1}}});
      groups.push_back({{{0, y, 2}, {0, y, 3}}});
      groups.push_back({{{0, y, 4}, {}}});
    }
  }
  return groups;
}

std::vector<Group> groups_of_conv2(int group) {
  std::vector<Group> groups;
  if (group == 4) {
    for (int y = 0; y < kKernel; ++y) {
      for (int x = 0; x < kKernel; ++x) groups.push_back({{{0, y, x}, {1, y, x}, {2, y, x}, {3, y, x}}});
    }
    for (int y = 0; y < kKernel; ++y) {
      for (int x = 0; x < kKernel; x += 2) {
        Group both{{{4, y, x}, {5, y, x}, {4, y, x + 1}, {5, y, x + 1}}};
        if (x + 1 == kKernel) both[2] = both[3] = {};
        groups.push_back(both);
      }
    }
  } else {
    for (int pair = 0; pair < kMaps1; pair += 2) {
      for (int y = 0; y < kKernel; ++y) {
        for (int x = 0; x < kKernel; ++x) groups.push_back({{{pair, y, x}, {pair + 1, y, x}}});
      }
    }
  }
  return groups;
}

class PackedModel {
 public:
  PackedModel(const IntegerModel& model, const int8::Widths& widths) : widths_(widths) {
    packed_.conv1 = convolution(model.conv1, 1, kMaps1, groups_of_conv1(widths.group));
    packed_.conv2 = convolution(model.conv2, kMaps1, kMaps2, groups_of_conv2(widths.group));
    // conv2's result is [y][x][map] here and [map][y][x] in the weights.
    packed_.fc1 = layer(model.fc1, widths.fc1, [](int k) { return k % kMaps2 * kSide2 * kSide2 + k / kMaps2; });
    packed_.fc2 = layer(model.fc2, widths.fc2, [](int k) { return k; });
    packed_.fc3 = layer(model.fc3, widths.fc3, [](int k) { return k; });
    packed_.logit_scale = model.logit_scale;
  }
  const int8::Packed& get() const { return packed_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  std::int32_t* memory(int count) {
    parts_.emplace_back(4 * static_cast<std::size_t>(count));
    bytes_ += 4 * count;
    return parts_.back().as<std::int32_t>();
  }

  /// The weights of a group, the first in the lowest bits.
  std::int32_t lane(const std::array<int, 4>& weights) const {
    std::uint32_t bits = 0;
    const int width = 32 / widths_.group;
    for (int i = 0; i < widths_.group; ++i) {
      bits |= (static_cast<std::uint32_t>(weights[static_cast<std::size_t>(i)]) & ((1U << width) - 1)) << (i * width);
    }
    return static_cast<std::int32_t>(bits);
  }

  int8::PackedLayer sums_of(const IntegerLayer& layer, int padded, const std::int32_t* weights) {
    const auto copy = [&](const std::vector<std::int32_t>& values, std::int32_t otherwise) {
      std::int32_t* to = memory(padded);
      for (int o = 0; o < padded; ++o) to[o] = o < static_cast<int>(values.size()) ? values[static_cast<std::size_t>(o)] : otherwise;
      return to;
    };
    return {weights, copy(layer.bias, 0), copy(layer.multiplier, 0), copy(layer.shift, 1)};
  }

  int8::PackedLayer convolution(const IntegerLayer& layer, int in_maps, int maps, const std::vector<Group>& groups) {
    std::int32_t* to = memory(static_cast<int>(groups.size()) * maps);
    for (std::size_t g = 0; g < groups.size(); ++g) {
      for (int m = 0; m < maps; ++m) {
        std::array<int, 4> weights{};
        for (std::size_t i = 0; i < weights.size(); ++i) {
          const Tap& tap = groups[g][i];
          if (tap.in >= 0) weights[i] = layer.weights[static_cast<std::size_t>(((m * in_maps + tap.in) * kKernel + tap.y) * kKernel + tap.x)];
        }
        to[static_cast<int>(g) * maps + m] = lane(weights);
      }
    }
    return sums_of(layer, (maps + 15) / 16 * 16, to);
  }

  /// `from(k)`: where the kernel's input k stands in a row of the weights.
  template <class From>
  int8::PackedLayer layer(const IntegerLayer& layer, int registers, From from) {
    const int outputs = static_cast<int>(layer.bias.size()), inputs = static_cast<int>(layer.weights.size()) / outputs;
    const int lanes = registers * widths_.lanes, panels = (outputs + lanes - 1) / lanes, groups = inputs / widths_.group;
    std::int32_t* to = memory(panels * lanes * groups);
    for (int o = 0; o < outputs; ++o) {
      for (int g = 0; g < groups; ++g) {
        std::array<int, 4> weights{};
        for (int i = 0; i < widths_.group; ++i) {
          weights[static_cast<std::size_t>(i)] = layer.weights[static_cast<std::size_t>(o * inputs + from(g * widths_.group + i))];
        }
        to[(o / lanes * groups + g) * lanes + o % lanes] = lane(weights);
      }
    }
    return sums_of(layer, panels * lanes, to);
  }

  int8::Widths widths_;
  int8::Packed packed_{};
  std::vector<AlignedMemory> parts_;
  std::int64_t bytes_ = 0;
};

class NativeInt8 : public Classifier {
 public:
  NativeInt8(const IntegerModel& model, const Kernels& kernels, BatchTeam team)
      : kernels_(kernels), model_(model, kernels.widths), team_(std::move(team)) {}

  void classify(const float* images, float* logits) override {
    team_.run([&](std::int64_t first, int count, void* scratch) {
      kernels_.classify(model_.get(), images + first * kPixels, count, logits + first * kClasses, scratch);
    });
  }
  std::int64_t weight_bytes() const override { return model_.bytes(); }

 private:
  const Kernels& kernels_;
  PackedModel model_;
  BatchTeam team_;
};

}  // namespace

std::vector<std::string> native_int8_isas() { return isas_of(usable_kernels()); }

Libraries native_libraries() {
  const auto kernels = chosen(usable_kernels());
  return {{"isa", native_isa()}, {"isa_int8", kernels ? (*kernels)->isa : "none"}};
}

MadeClassifier make_native(const IntegerModel& model, const ClassifierSettings& settings, const std::vector<int>& cpus) {
  const auto kernels = chosen(usable_kernels());
  if (!kernels) return kernels.error();
  auto team = BatchTeam::start(settings, cpus, (*kernels)->scratch);
  if (!team) return team.error();
  return std::unique_ptr<Classifier>(std::make_unique<NativeInt8>(model, **kernels, std::move(*team)));
}

}  // namespace lenet5
