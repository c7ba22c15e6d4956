// LeNet-5 in kernels of our own: AVX-512, AVX2, or four floats at a time anywhere else, chosen when it is made.
#pragma once

#include <string>
#include <vector>

#include "reference_models/lenet5/classifier.hpp"

namespace lenet5 {

/// LENET5_ISA=avx2 or =portable in the environment asks for less than the processor offers, to measure or test the narrower path.
/// `cpus`: where threads beyond the first are bound.
MadeClassifier make_native(const Weights& weights, const ClassifierSettings& settings, const std::vector<int>& cpus = {});

Libraries native_libraries();

/// "avx512", "avx2", "portable": what can be asked for here, widest first.
std::vector<std::string> native_isas();

}  // namespace lenet5
