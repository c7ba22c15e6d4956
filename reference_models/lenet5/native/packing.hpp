// Parameters put into the order in which kernels read them (kernels.hpp).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "reference_models/lenet5/native/aligned_memory.hpp"
#include "reference_models/lenet5/native/kernels.hpp"

namespace lenet5 {

/// Of one output: what a lane multiplies, as places in the output's row of weights; −1: nothing. Of a narrower group the first ones.
using Group = std::array<int, 4>;

/// How the kernels of one width read a layer's weights: so many outputs side by side, filled up; groups in the order of the sums.
struct LayerOrder {
  int outputs;
  std::vector<Group> groups;
};
struct Order {
  explicit Order(const Widths& widths);
  LayerOrder conv1, conv2, fc1, fc2, fc3;
};

/// Owns what it packs.
template <class Packed>
class Packing {
 public:
  /// `model` has conv1 … fc3, each with weights [out][in] and bias [out]; `lane(weights of an output, group)` makes a lane.
  template <class Model, class MakeLane>
  Packing(const Model& model, const Widths& widths, MakeLane lane) {
    const Order order(widths);
    pack(packed_.conv1, model.conv1, order.conv1, lane);
    pack(packed_.conv2, model.conv2, order.conv2, lane);
    pack(packed_.fc1, model.fc1, order.fc1, lane);
    pack(packed_.fc2, model.fc2, order.fc2, lane);
    pack(packed_.fc3, model.fc3, order.fc3, lane);
    if constexpr (requires { model.logit_scale; }) packed_.logit_scale = model.logit_scale;
  }
  const Packed& get() const { return packed_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  using Lane = typename Packed::Lane;
  using Sum = typename Packed::Sum;

  template <class Layer, class MakeLane>
  void pack(PackedLayer<Lane, Sum>& packed, const Layer& layer, const LayerOrder& order, MakeLane make_lane) {
    const auto outputs = static_cast<int>(layer.bias.size()), inputs = static_cast<int>(layer.weights.size()) / outputs;
    const auto groups = static_cast<int>(order.groups.size());
    Lane* to = memory<Lane>(order.outputs * groups);
    for (int o = 0; o < outputs; ++o) {
      for (int g = 0; g < groups; ++g) to[g * order.outputs + o] = make_lane(layer.weights.data() + o * inputs, order.groups[static_cast<std::size_t>(g)]);
    }
    packed.weights = to;
    packed.bias = filled_up(layer.bias, order.outputs, Sum{});
    if constexpr (requires { layer.multiplier; }) {
      packed.multiplier = filled_up(layer.multiplier, order.outputs, 0);
      packed.shift = filled_up(layer.shift, order.outputs, 1);
    }
  }

  template <class T>
  const T* filled_up(const std::vector<T>& values, int count, T otherwise) {
    T* to = memory<T>(count);
    std::fill(std::copy(values.begin(), values.end(), to), to + count, otherwise);
    return to;
  }

  template <class T>
  T* memory(int count) {
    parts_.emplace_back(sizeof(T) * static_cast<std::size_t>(count));
    bytes_ += static_cast<std::int64_t>(sizeof(T)) * count;
    return parts_.back().template as<T>();
  }

  Packed packed_;
  std::vector<AlignedMemory> parts_;
  std::int64_t bytes_ = 0;
};

}  // namespace lenet5
