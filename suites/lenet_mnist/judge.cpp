#include "suites/lenet_mnist/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/worker/workload.hpp"
#include "suites/lenet_mnist/oracle_answers.hpp"

namespace lenet_mnist {

using assay::Outcome;
using lenet5::kClasses;
using lenet5::kPixels;
using lenet5::Precision;

namespace {

lenet5::Arithmetic arithmetic_of(Precision precision) { return precision == Precision::bf16 ? lenet5::bfloat16 : lenet5::single_precision; }

}  // namespace

double error_of(const float* logits, const Expected& expected) {
  double worst = 0;
  for (std::size_t k = 0; k < expected.logits.size(); ++k) {
    const double off = std::fabs(static_cast<double>(logits[k]) - expected.logits[k]);
    worst = assay::worker::larger_error(worst, expected.allowed[k] > 0 ? off / expected.allowed[k] : off);
  }
  return worst;
}

Judge::Judge(const Model& model, Precision precision, bool rounds_in_floats)
    : model_(model), precision_(precision), rounding_(rounds_in_floats ? lenet5::Rounding::float_to_even : lenet5::Rounding::half_up) {}

Expected Judge::expected(const float* pixels) const {
  if (!is_integer()) {
    const lenet5::Answer answer = oracle_of(model_.weights).answer(pixels, arithmetic_of(precision_));
    return {answer.logits, answer.bound};
  }
  unsigned char rounded[kPixels];
  for (int i = 0; i < kPixels; ++i) rounded[i] = static_cast<unsigned char>(std::lround(pixels[i] * 255.0F));
  const auto sums = oracle_of(*model_.integer).sums(rounded, rounding_);
  Expected expected{};
  std::transform(sums.begin(), sums.end(), expected.logits.begin(),
                 [&](int sum) { return static_cast<double>(static_cast<float>(sum) * model_.integer->logit_scale); });
  return expected;
}

assay::protocol::Checked Judge::checked(double worst) const {
  if (is_integer()) return {worst, 0, "logit = logit_scale · the integer oracle's sum, bit for bit"};
  return {worst, 1, "|logit - oracle's| <= 2·sum over all sums z of |dlogit/dz|·gamma(terms + 1)·(|bias| + sum|w·x|), as a share of it"};
}

Judge::Agreement Judge::agreement(const std::vector<std::int32_t>& predicted, const assay::data::Labelled& images) const {
  const OracleAnswers exact = oracle_answers(model_.weights, images, arithmetic_of(precision_));
  const std::vector<std::int32_t> integers = is_integer() ? integer_answers(*model_.integer, images, rounding_) : std::vector<std::int32_t>();
  std::int64_t agreed = 0;
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    agreed += predicted[i] == exact.predicted[i];
    const bool is_wrong = is_integer() ? predicted[i] != integers[i] : predicted[i] != exact.predicted[i] && !exact.undecided[i];
    if (is_wrong) {
      refuse(fmt::format("image {} of the test set: answers {} where the oracle answers {}, by more than this arithmetic may be off", i, predicted[i],
                         is_integer() ? integers[i] : exact.predicted[i]),
             Outcome::wrong_answer);
    }
  }
  return {static_cast<double>(agreed) / static_cast<double>(predicted.size()), std::count(exact.undecided.begin(), exact.undecided.end(), true)};
}

}  // namespace lenet_mnist
