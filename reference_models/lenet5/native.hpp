// LeNet-5 in kernels of our own, in floats, bfloat16 and integers: AVX-512, AVX2, or four numbers at a time anywhere else, chosen
// when it is made.
#pragma once

#include <string>
#include <vector>

#include "reference_models/lenet5/classifier.hpp"
#include "reference_models/lenet5/integer_model.hpp"

namespace lenet5 {

/// fp32 or bf16. `cpus`: where threads beyond the first are bound. LENET5_ISA=avx2 or =portable in the environment asks for less than
/// the processor offers, to measure or test the narrower path.
MadeClassifier make_native(const Weights& weights, const ClassifierSettings& settings, const std::vector<int>& cpus = {});

/// int8. The same logits bit for bit on every processor.
MadeClassifier make_native(const IntegerModel& model, const ClassifierSettings& settings, const std::vector<int>& cpus = {});

/// {"isa": "avx512", "isa_bf16": "avx512_bf16", "isa_int8": "avx512_vnni"}: what will be used, "none" where LENET5_ISA asks for what
/// there isn't.
Libraries native_libraries();

/// What LENET5_ISA can ask for here, widest first: "avx512", "avx2", "portable".
std::vector<std::string> native_isas(Precision precision);

}  // namespace lenet5
