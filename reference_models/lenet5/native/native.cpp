#include "reference_models/lenet5/native.hpp"

#include <bit>
#include <utility>

#include "reference_models/lenet5/native/batch_team.hpp"
#include "reference_models/lenet5/native/chosen_isa.hpp"
#include "reference_models/lenet5/native/packing.hpp"

namespace lenet5 {

namespace {

template <class Parameters>
using AllKernels = std::vector<const Kernels<Parameters>*>;

AllKernels<fp32::Parameters> fp32_kernels() {
  AllKernels<fp32::Parameters> all;
#if defined(__x86_64__)
  if (has_avx512()) all.push_back(&fp32::avx512);
  if (has_avx2()) all.push_back(&fp32::avx2);
#endif
  all.push_back(&fp32::portable);
  return all;
}

AllKernels<bf16::Parameters> bf16_kernels() {
  AllKernels<bf16::Parameters> all;
#if defined(__x86_64__)
  if (has_avx512() && __builtin_cpu_supports("avx512bf16")) all.push_back(&bf16::avx512_bf16);
  if (has_avx2()) all.push_back(&bf16::avx2);
#endif
  all.push_back(&bf16::portable);
  return all;
}

AllKernels<int8::Parameters> int8_kernels() {
  AllKernels<int8::Parameters> all;
#if defined(__x86_64__)
  if (has_avx512() && __builtin_cpu_supports("avx512vnni")) {
    all.push_back(&int8::avx512_vnni);
    all.push_back(&int8::avx512_vnni_256);
  }
  if (has_avx2() && __builtin_cpu_supports("avxvnni")) all.push_back(&int8::avx_vnni);
  if (has_avx512()) all.push_back(&int8::avx512);
  if (has_avx2()) all.push_back(&int8::avx2);
#endif
  all.push_back(&int8::portable);
  return all;
}

template <class Parameters>
class Native : public Classifier {
 public:
  Native(const Kernels<Parameters>& kernels, Packing<Parameters> parameters, BatchTeam team)
      : kernels_(kernels), parameters_(std::move(parameters)), team_(std::move(team)) {}

  void classify(const float* images, float* logits) override {
    team_.run([&](std::int64_t first, int count, void* scratch) {
      kernels_.classify(parameters_.get(), images + first * kPixels, count, logits + first * kClasses, scratch);
    });
  }
  std::int64_t weight_bytes() const override { return parameters_.bytes(); }

 private:
  const Kernels<Parameters>& kernels_;
  Packing<Parameters> parameters_;
  BatchTeam team_;
};

template <class Parameters, class Model, class MakeLane>
MadeClassifier make(const AllKernels<Parameters>& usable, const Model& model, const ClassifierSettings& settings, const std::vector<int>& cpus, MakeLane lane) {
  const auto kernels = chosen(usable);
  if (!kernels) return kernels.error();
  auto team = BatchTeam::start(settings, cpus, (*kernels)->scratch);
  if (!team) return team.error();
  const Widths& widths = (*kernels)->widths;
  Packing<Parameters> packing(model, widths, [&](const auto* weights, const Group& group) { return lane(weights, group, widths.group); });
  return std::unique_ptr<Classifier>(std::make_unique<Native<Parameters>>(**kernels, std::move(packing), std::move(*team)));
}

struct FloatLayer {
  const std::vector<float>&weights, &bias;
};
/// Weights by layer, as Packing reads them.
struct FloatModel {
  explicit FloatModel(const Weights& w)
      : conv1{w.conv1, w.conv1_bias}, conv2{w.conv2, w.conv2_bias}, fc1{w.fc1, w.fc1_bias}, fc2{w.fc2, w.fc2_bias}, fc3{w.fc3, w.fc3_bias} {}
  FloatLayer conv1, conv2, fc1, fc2, fc3;
};

/// Numbers of 32 / group bits each, the first in the lowest; `bits_of(weight)` is cut to them.
template <class Weight, class BitsOf>
std::int32_t lane_of_group(const Weight* weights, const Group& places, int group, BitsOf bits_of) {
  const int width = 32 / group;
  std::uint32_t lane = 0;
  for (int i = 0; i < group; ++i) {
    const int place = places[static_cast<std::size_t>(i)];
    if (place >= 0) lane |= (bits_of(weights[place]) & ((1U << width) - 1)) << (i * width);
  }
  return static_cast<std::int32_t>(lane);
}

/// To the nearest, of two the even one.
std::uint32_t bfloat16_bits(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

template <class Parameters>
std::string isa_of(const AllKernels<Parameters>& usable) {
  const auto kernels = chosen(usable);
  return kernels ? (*kernels)->isa : "none";
}

}  // namespace

MadeClassifier make_native(const Weights& weights, const ClassifierSettings& settings, const std::vector<int>& cpus) {
  if (const auto full = full_network_only("native", weights.sizes); !full) return full.error();
  const FloatModel model(weights);
  if (settings.precision == Precision::bf16) {
    return make(bf16_kernels(), model, settings, cpus,
                [](const float* of_output, const Group& places, int group) { return lane_of_group(of_output, places, group, bfloat16_bits); });
  }
  return make(fp32_kernels(), model, settings, cpus, [](const float* of_output, const Group& places, int) { return of_output[places[0]]; });
}

MadeClassifier make_native(const IntegerModel& model, const ClassifierSettings& settings, const std::vector<int>& cpus) {
  if (const auto full = full_network_only("native", model.sizes); !full) return full.error();
  return make(int8_kernels(), model, settings, cpus, [](const std::int8_t* of_output, const Group& places, int group) {
    return lane_of_group(of_output, places, group, [](std::int8_t weight) { return static_cast<std::uint32_t>(weight); });
  });
}

std::vector<std::string> native_isas(Precision precision) {
  switch (precision) {
    case Precision::bf16: return isas_of(bf16_kernels());
    case Precision::int8: return isas_of(int8_kernels());
    default: return isas_of(fp32_kernels());
  }
}

Libraries native_libraries() { return {{"isa", isa_of(fp32_kernels())}, {"isa_bf16", isa_of(bf16_kernels())}, {"isa_int8", isa_of(int8_kernels())}}; }

}  // namespace lenet5
