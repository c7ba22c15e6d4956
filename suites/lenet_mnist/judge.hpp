// Whether the answers of an implementation are right: floats against the oracle in double precision, within what their arithmetic
// may be off by; integers against the integer oracle, exactly.
//
//     const Judge judge(model, settings.precision, classifier.rounds_in_floats());
//     worst = larger_error(worst, error_of(logits, judge.expected(pixels)));
//     return judge.checked(worst);
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "harness/core/protocol.hpp"
#include "reference_models/lenet5/oracle.hpp"
#include "suites/lenet_mnist/implementation.hpp"

namespace lenet_mnist {

/// The logits of one image, and how far each may be off: of integers not at all, which 0 says.
struct Expected {
  std::array<double, lenet5::kClasses> logits, allowed;
};

/// The worst of an image's ten logits, as a share of what it may be off by; where that is nothing, the difference. NaN of a NaN.
double error_of(const float* logits, const Expected& expected);

class Judge {
 public:
  /// `model` must outlive this.
  Judge(const Model& model, lenet5::Precision precision, bool rounds_in_floats);

  Expected expected(const float* pixels) const;

  /// The verdict on the worst error_of.
  assay::protocol::Checked checked(double worst) const;

  struct Agreement {
    double share = 0;            // of predictions that are those of the oracle of the network in floats
    std::int64_t undecided = 0;  // images whose answer a rounding within the bound may turn
  };
  /// Throws a Refusal (wrong_answer) that names the first image whose class is another than the arithmetic allows.
  Agreement agreement(const std::vector<std::int32_t>& predicted, const assay::data::Labelled& images) const;

 private:
  bool is_integer() const { return precision_ == lenet5::Precision::int8; }
  const Model& model_;
  lenet5::Precision precision_;
  lenet5::Rounding rounding_;
};

}  // namespace lenet_mnist
