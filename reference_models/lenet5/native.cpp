#include "reference_models/lenet5/native.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <new>
#include <tuple>
#include <utility>

#include "hardware/cpu/thread_team.hpp"
#include "reference_models/lenet5/native_kernels.hpp"

namespace lenet5 {

namespace {

using native::Kernels;

std::vector<const Kernels*> usable_kernels() {
  std::vector<const Kernels*> all;
#if defined(__x86_64__)
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq");
  if (has_avx2 && has_avx512) all.push_back(&native::avx512);
  if (has_avx2) all.push_back(&native::avx2);
#endif
  all.push_back(&native::portable);
  return all;
}

/// The widest, or what LENET5_ISA names; null for a name that can't be had.
const Kernels* chosen_kernels() {
  const auto usable = usable_kernels();
  const char* wanted = std::getenv("LENET5_ISA");
  if (!wanted || !*wanted) return usable.front();
  const auto found = std::find_if(usable.begin(), usable.end(), [&](const Kernels* kernels) { return std::strcmp(kernels->isa, wanted) == 0; });
  return found == usable.end() ? nullptr : *found;
}

/// Zeroed memory that begins on a cache line.
class Lines {
 public:
  explicit Lines(std::size_t floats) : floats_(static_cast<float*>(::operator new(bytes(floats), std::align_val_t{64}))) {
    std::memset(floats_.get(), 0, bytes(floats));
  }
  float* get() const { return floats_.get(); }
  static std::size_t bytes(std::size_t floats) { return (4 * floats + 63) / 64 * 64; }

 private:
  struct Free {
    void operator()(float* memory) const { ::operator delete(memory, std::align_val_t{64}); }
  };
  std::unique_ptr<float, Free> floats_;
};

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
    parts_.emplace_back(static_cast<std::size_t>(floats));
    fill(parts_.back().get());
    bytes_ += 4 * floats;
    return parts_.back().get();
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
  std::vector<Lines> parts_;
  std::int64_t bytes_ = 0;
};

class Native : public Classifier {
 public:
  Native(const Weights& weights, const ClassifierSettings& settings, const Kernels& kernels, std::unique_ptr<assay::hardware::ThreadTeam> team)
      : kernels_(kernels), weights_(weights, kernels.widths), batch_(settings.batch), team_(std::move(team)) {
    const int members = team_ ? team_->size() : 1;
    for (int i = 0; i < members; ++i) scratch_.emplace_back(kernels.scratch);
    share_ = [this](int member) {
      const std::int64_t all = scratch_.size(), first = batch_ * member / all, end = batch_ * (member + 1) / all;
      if (first < end) run(member, first, static_cast<int>(end - first));
    };
  }

  void classify(const float* images, float* logits) override {
    images_ = images;
    logits_ = logits;
    if (team_ && batch_ > 1) {
      team_->run(share_);
    } else {
      run(0, 0, static_cast<int>(batch_));
    }
  }
  std::int64_t weight_bytes() const override { return weights_.bytes(); }

 private:
  void run(int member, std::int64_t first, int count) {
    kernels_.classify(weights_.get(), images_ + first * kPixels, count, logits_ + first * kClasses, scratch_[static_cast<std::size_t>(member)].get());
  }

  const Kernels& kernels_;
  PackedWeights weights_;
  std::int64_t batch_;
  std::unique_ptr<assay::hardware::ThreadTeam> team_;  // null: one thread
  std::vector<Lines> scratch_;                         // one a member
  std::function<void(int)> share_;
  const float* images_ = nullptr;
  float* logits_ = nullptr;
};

}  // namespace

std::vector<std::string> native_isas() {
  std::vector<std::string> names;
  for (const Kernels* kernels : usable_kernels()) names.emplace_back(kernels->isa);
  return names;
}

Libraries native_libraries() {
  const Kernels* kernels = chosen_kernels();
  return {{"isa", kernels ? kernels->isa : "none"}};
}

MadeClassifier make_native(const Weights& weights, const ClassifierSettings& settings, const std::vector<int>& cpus) {
  const Kernels* kernels = chosen_kernels();
  if (!kernels) {
    std::string names;
    for (const std::string& name : native_isas()) names += (names.empty() ? "" : ", ") + name;
    return assay::Error{"LENET5_ISA is \"" + std::string(std::getenv("LENET5_ISA")) + "\"; this processor has " + names};
  }
  if (settings.precision != Precision::fp32) return assay::Error{"native computes in fp32 only, so far"};
  std::unique_ptr<assay::hardware::ThreadTeam> team;
  if (settings.threads > 1) {
    auto started = assay::hardware::ThreadTeam::start(settings.threads, cpus);
    if (!started) return started.error();
    team = std::move(*started);
  }
  return std::unique_ptr<Classifier>(std::make_unique<Native>(weights, settings, *kernels, std::move(team)));
}

}  // namespace lenet5
