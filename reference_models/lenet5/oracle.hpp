// What LeNet-5 answers, computed as plainly as it can be said, in double precision; and how far from that an implementation
// in a narrower arithmetic may be. Shares no code with what it judges.
//
//     const Oracle oracle(parameters);
//     const Answer exact = oracle.answer(image);                       // image[28×28], each 0 to 1
//     const Answer bounded = oracle.answer(image, single_precision);   // with how far a float's logits may be off
#pragma once

#include <array>

namespace lenet5 {

/// A network's maps and hidden values; the full network's if nothing is said.
struct OracleSizes {
  int maps1 = 6, maps2 = 16, hidden1 = 120, hidden2 = 84;
};

/// As PyTorch has them: convolutions [out][in][5][5], layers [out][in].
struct OracleParameters {
  const float *conv1, *conv1_bias, *conv2, *conv2_bias, *fc1, *fc1_bias, *fc2, *fc2_bias, *fc3, *fc3_bias;
  OracleSizes sizes{};
};

/// An arithmetic whose every sum, in whatever order and fused or not, is off by at most
///     (terms + 1) · sum_unit · (|bias| + Σ|w·x|)
/// (Higham, Accuracy and Stability of Numerical Algorithms, 2002, §3.1, whose bound holds for every order), after each weight
/// was moved by at most weight_unit · |w| and each activation by at most activation_unit · |x|.
struct Arithmetic {
  double sum_unit, weight_unit, activation_unit;
};
/// float: 2^-24.
inline constexpr Arithmetic single_precision{0x1p-24, 0, 0};
/// bfloat16 weights and activations (8 significant bits: 2^-9 by rounding to nearest), summed in float.
inline constexpr Arithmetic bfloat16{0x1p-24, 0x1p-9, 0x1p-9};

struct Answer {
  std::array<double, 10> logits{};
  /// How far each logit may be from the exact one. To first order a logit moves by Σ ∂logit/∂z · δz over the sums z of all layers,
  /// and |δz| is bounded as above; this is twice Σ |∂logit/∂z| · |δz|, the second half for what is not of first order (products
  /// of roundings, a ReLU or maximum that turns to another input within its rounding).
  std::array<double, 10> bound{};

  int predicted() const;
  /// Whether an arithmetic within the bound could answer with another class: where another logit's bound reaches into the
  /// largest one's.
  bool undecided() const;
};

class Oracle {
 public:
  explicit Oracle(const OracleParameters& parameters);

  Answer answer(const float* image) const;
  Answer answer(const float* image, const Arithmetic& arithmetic) const;

 private:
  OracleParameters p_;
};

/// LeNet-5 in integers (integer_model.hpp): weights and biases as PyTorch has them; an output's multiplier and shift turn its sum into
/// an activation.
struct IntegerOracleLayer {
  const signed char* weights;
  const int *bias, *multiplier, *shift;
};
/// How a sum · multiplier / 2^shift becomes an integer.
enum class Rounding {
  half_up,        // in integers: what the model says
  float_to_even,  // the sum as a float, times a float, to the nearest, of two the even one: what libraries do
};
struct IntegerOracle {
  IntegerOracleLayer conv1, conv2, fc1, fc2, fc3;
  OracleSizes sizes{};

  /// The ten sums of the last layer, for pixels[28×28].
  std::array<int, 10> sums(const unsigned char* pixels, Rounding rounding = Rounding::half_up) const;
};

}  // namespace lenet5
