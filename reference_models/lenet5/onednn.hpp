// LeNet-5 by oneDNN's primitives, as a careful user chains them: ReLU fused, weights reordered once into the layout that each
// primitive asks for, nothing created while running.
#pragma once

#include "reference_models/lenet5/classifier.hpp"
#include "reference_models/lenet5/integer_model.hpp"

namespace lenet5 {

/// ONEDNN_MAX_CPU_ISA in the environment asks for less than the processor offers.
/// fp32 and bf16.
MadeClassifier make_onednn(const Weights& weights, const ClassifierSettings& settings);
/// int8: the integer model's weights and scales; sums become activations in floats. Needs VNNI: without it oneDNN's
/// products of two bytes may saturate.
MadeClassifier make_onednn(const IntegerModel& model, const ClassifierSettings& settings);
Libraries onednn_libraries();

}  // namespace lenet5
