// LeNet-5 as a textbook's loops, one number at a time: what the others are faster than.
#pragma once

#include "reference_models/lenet5/classifier.hpp"

namespace lenet5 {

MadeClassifier make_scalar(const Weights& weights, const ClassifierSettings& settings);

}  // namespace lenet5
