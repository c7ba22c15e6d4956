// LeNet-5 by oneDNN's primitives, as a careful user chains them: ReLU fused, weights reordered once into the layout that each
// primitive asks for, nothing created while running.
#pragma once

#include "reference_models/lenet5/classifier.hpp"

namespace lenet5 {

/// ONEDNN_MAX_CPU_ISA in the environment asks for less than the processor offers.
MadeClassifier make_onednn(const Weights& weights, const ClassifierSettings& settings);
Libraries onednn_libraries();

}  // namespace lenet5
