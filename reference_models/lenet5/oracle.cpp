#include "reference_models/lenet5/oracle.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace lenet5 {

namespace {

/// The sums of a layer, before ReLU, and what each may be off by.
struct Sums {
  std::vector<double> exact, off_by;
};

double bound_of(double terms, double magnitude, const Arithmetic& a) {
  const double moved = magnitude * ((1 + a.weight_unit) * (1 + a.activation_unit) - 1);
  const double gamma = terms * a.sum_unit / (1 - terms * a.sum_unit);
  return moved + gamma * (magnitude + moved);
}

struct Convolution {
  int maps, in_maps, in_side, padding;
  const float *weights, *bias;

  static constexpr int kernel = 5;
  int out_side() const { return in_side + 2 * padding - kernel + 1; }
  double weight(int map, int in, int ky, int kx) const { return weights[((map * in_maps + in) * kernel + ky) * kernel + kx]; }

  // Row by row, so that a compiler may do several columns at once: each sum keeps its order.
  Sums operator()(const std::vector<double>& in, const Arithmetic* arithmetic) const {
    const int out = out_side();
    const auto area = static_cast<std::size_t>(out * out);
    Sums sums;
    sums.exact.resize(area * static_cast<std::size_t>(maps));
    std::vector<double> magnitude(arithmetic ? area : 0);
    for (int m = 0; m < maps; ++m) {
      double* to = sums.exact.data() + area * static_cast<std::size_t>(m);
      std::fill_n(to, area, bias[m]);
      std::fill(magnitude.begin(), magnitude.end(), std::fabs(bias[m]));
      for (int c = 0; c < in_maps; ++c) {
        for (int ky = 0; ky < kernel; ++ky) {
          for (int kx = 0; kx < kernel; ++kx) {
            const double w = weight(m, c, ky, kx);
            const int first_x = std::max(0, padding - kx), end_x = std::min(out, in_side + padding - kx);
            for (int y = std::max(0, padding - ky); y < std::min(out, in_side + padding - ky); ++y) {
              const double* from = in.data() + (c * in_side + y + ky - padding) * in_side + kx - padding;
              for (int x = first_x; x < end_x; ++x) to[y * out + x] += w * from[x];
              if (!arithmetic) continue;
              double* sizes = magnitude.data() + y * out;
              for (int x = first_x; x < end_x; ++x) sizes[x] += std::fabs(w * from[x]);
            }
          }
        }
      }
      for (const double size : magnitude) sums.off_by.push_back(bound_of(in_maps * kernel * kernel + 1, size, *arithmetic));
    }
    return sums;
  }

  /// ∂/∂in where `slope` is ∂/∂sums, most of which are 0. Without padding.
  std::vector<double> back(const std::vector<double>& slope) const {
    const int out = out_side();
    std::vector<double> result(static_cast<std::size_t>(in_maps * in_side * in_side));
    for (int m = 0; m < maps; ++m) {
      for (int y = 0; y < out; ++y) {
        for (int x = 0; x < out; ++x) {
          const double s = slope[static_cast<std::size_t>((m * out + y) * out + x)];
          if (s == 0) continue;
          for (int c = 0; c < in_maps; ++c) {
            for (int ky = 0; ky < kernel; ++ky) {
              double* to = result.data() + (c * in_side + y + ky) * in_side + x;
              for (int kx = 0; kx < kernel; ++kx) to[kx] += s * weight(m, c, ky, kx);
            }
          }
        }
      }
    }
    return result;
  }
};

struct Layer {
  int outputs, inputs;
  const float *weights, *bias;

  Sums operator()(const std::vector<double>& in, const Arithmetic* arithmetic) const {
    Sums sums;
    for (int o = 0; o < outputs; ++o) {
      const float* w = weights + o * inputs;
      double sum = bias[o], magnitude = std::fabs(sum);
      for (int i = 0; i < inputs; ++i) {
        const double product = static_cast<double>(w[i]) * in[static_cast<std::size_t>(i)];
        sum += product;
        magnitude += std::fabs(product);
      }
      sums.exact.push_back(sum);
      if (arithmetic) sums.off_by.push_back(bound_of(inputs + 1, magnitude, *arithmetic));
    }
    return sums;
  }

  std::vector<double> back(const std::vector<double>& slope) const {
    std::vector<double> result(static_cast<std::size_t>(inputs));
    for (int o = 0; o < outputs; ++o) {
      const double s = slope[static_cast<std::size_t>(o)];
      if (s == 0) continue;
      for (int i = 0; i < inputs; ++i) result[static_cast<std::size_t>(i)] += s * static_cast<double>(weights[o * inputs + i]);
    }
    return result;
  }
};

std::vector<double> relu(std::vector<double> values) {
  for (double& value : values) value = std::max(0.0, value);
  return values;
}

/// Where each 2×2's largest value stands, the first of equals.
std::vector<std::size_t> largest_of_four(const std::vector<double>& values, int maps, int side) {
  std::vector<std::size_t> places;
  for (int m = 0; m < maps; ++m) {
    for (int y = 0; y < side; y += 2) {
      for (int x = 0; x < side; x += 2) {
        const int corner = (m * side + y) * side + x;
        int best = corner;
        for (const int other : {corner + 1, corner + side, corner + side + 1}) {
          if (values[static_cast<std::size_t>(other)] > values[static_cast<std::size_t>(best)]) best = other;
        }
        places.push_back(static_cast<std::size_t>(best));
      }
    }
  }
  return places;
}

std::vector<double> at(const std::vector<double>& values, const std::vector<std::size_t>& places) {
  std::vector<double> chosen;
  for (const std::size_t place : places) chosen.push_back(values[place]);
  return chosen;
}

/// The slopes of results taken at `places` out of `count` values.
std::vector<double> back_to(std::size_t count, const std::vector<std::size_t>& places, const std::vector<double>& slope) {
  std::vector<double> result(count);
  for (std::size_t i = 0; i < places.size(); ++i) result[places[i]] = slope[i];
  return result;
}

/// ReLU's slope is 0 where its sum is not above 0.
void gate(std::vector<double>& slope, const std::vector<double>& sums) {
  for (std::size_t i = 0; i < slope.size(); ++i) {
    if (sums[i] <= 0) slope[i] = 0;
  }
}

double weighted(const std::vector<double>& slope, const std::vector<double>& off_by) {
  double sum = 0;
  for (std::size_t i = 0; i < slope.size(); ++i) sum += std::fabs(slope[i]) * off_by[i];
  return sum;
}

constexpr double kNotOfFirstOrder = 2;

Answer run(const OracleParameters& p, const float* image, const Arithmetic* arithmetic) {
  const auto [maps1, maps2, hidden1, hidden2] = p.sizes;
  const Convolution conv1{maps1, 1, 28, 2, p.conv1, p.conv1_bias}, conv2{maps2, maps1, 14, 0, p.conv2, p.conv2_bias};
  const Layer fc1{hidden1, maps2 * 25, p.fc1, p.fc1_bias}, fc2{hidden2, hidden1, p.fc2, p.fc2_bias}, fc3{10, hidden2, p.fc3, p.fc3_bias};

  const Sums z1 = conv1(std::vector<double>(image, image + 28 * 28), arithmetic);
  const auto places1 = largest_of_four(z1.exact, maps1, 28);
  const Sums z2 = conv2(relu(at(z1.exact, places1)), arithmetic);
  const auto places2 = largest_of_four(z2.exact, maps2, 10);
  const Sums z3 = fc1(relu(at(z2.exact, places2)), arithmetic);
  const Sums z4 = fc2(relu(z3.exact), arithmetic);
  const Sums z5 = fc3(relu(z4.exact), arithmetic);

  Answer answer;
  std::copy(z5.exact.begin(), z5.exact.end(), answer.logits.begin());
  if (!arithmetic) return answer;
  for (std::size_t k = 0; k < answer.bound.size(); ++k) {
    std::vector<double> slope(answer.bound.size());
    slope[k] = 1;
    double bound = weighted(slope, z5.off_by);
    gate(slope = fc3.back(slope), z4.exact);
    bound += weighted(slope, z4.off_by);
    gate(slope = fc2.back(slope), z3.exact);
    bound += weighted(slope, z3.off_by);
    gate(slope = back_to(z2.exact.size(), places2, fc1.back(slope)), z2.exact);
    bound += weighted(slope, z2.off_by);
    gate(slope = back_to(z1.exact.size(), places1, conv2.back(slope)), z1.exact);
    bound += weighted(slope, z1.off_by);
    answer.bound[k] = kNotOfFirstOrder * bound;
  }
  return answer;
}

}  // namespace

int Answer::predicted() const { return static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin()); }

bool Answer::undecided() const {
  const auto best = static_cast<std::size_t>(predicted());
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (i != best && logits[i] + bound[i] >= logits[best] - bound[best]) return true;
  }
  return false;
}

Oracle::Oracle(const OracleParameters& parameters) : p_(parameters) {}

Answer Oracle::answer(const float* image) const { return run(p_, image, nullptr); }

Answer Oracle::answer(const float* image, const Arithmetic& arithmetic) const { return run(p_, image, &arithmetic); }

namespace {

int activation(long long sum, int multiplier, int shift, Rounding rounding) {
  const long long rounded = rounding == Rounding::half_up ? (sum * multiplier + (1LL << (shift - 1))) >> shift
                                                          : std::llrint(static_cast<float>(sum) * std::ldexp(static_cast<float>(multiplier), -shift));
  return static_cast<int>(std::min(255LL, std::max(0LL, rounded)));
}

/// out[maps][side/2][side/2], where side = in_side + 2·padding − 4.
std::vector<int> convolve(const std::vector<int>& in, int in_maps, int in_side, int padding, const IntegerOracleLayer& layer, int maps, Rounding rounding) {
  const int side = in_side + 2 * padding - 4;
  std::vector<int> out;
  for (int m = 0; m < maps; ++m) {
    for (int y = 0; y < side; y += 2) {
      for (int x = 0; x < side; x += 2) {
        long long largest = 0;
        for (int corner = 0; corner < 4; ++corner) {
          long long sum = layer.bias[m];
          for (int c = 0; c < in_maps; ++c) {
            for (int tap = 0; tap < 25; ++tap) {
              const int from_y = y + corner / 2 + tap / 5 - padding, from_x = x + corner % 2 + tap % 5 - padding;
              if (from_y < 0 || from_x < 0 || from_y >= in_side || from_x >= in_side) continue;
              sum += layer.weights[(m * in_maps + c) * 25 + tap] * in[static_cast<std::size_t>((c * in_side + from_y) * in_side + from_x)];
            }
          }
          if (corner == 0 || sum > largest) largest = sum;
        }
        out.push_back(activation(largest, layer.multiplier[m], layer.shift[m], rounding));
      }
    }
  }
  return out;
}

std::vector<long long> connect(const std::vector<int>& in, const IntegerOracleLayer& layer, int outputs) {
  std::vector<long long> sums;
  for (int o = 0; o < outputs; ++o) {
    long long sum = layer.bias[o];
    for (std::size_t i = 0; i < in.size(); ++i) sum += layer.weights[static_cast<std::size_t>(o) * in.size() + i] * in[i];
    sums.push_back(sum);
  }
  return sums;
}

std::vector<int> activations(const std::vector<long long>& sums, const IntegerOracleLayer& layer, Rounding rounding) {
  std::vector<int> values;
  for (std::size_t o = 0; o < sums.size(); ++o) values.push_back(activation(sums[o], layer.multiplier[o], layer.shift[o], rounding));
  return values;
}

}  // namespace

std::array<int, 10> IntegerOracle::sums(const unsigned char* pixels, Rounding rounding) const {
  std::vector<int> values(pixels, pixels + 28 * 28);
  values = convolve(values, 1, 28, 2, conv1, sizes.maps1, rounding);
  values = convolve(values, sizes.maps1, 14, 0, conv2, sizes.maps2, rounding);
  values = activations(connect(values, fc1, sizes.hidden1), fc1, rounding);
  values = activations(connect(values, fc2, sizes.hidden2), fc2, rounding);
  const auto last = connect(values, fc3, 10);
  std::array<int, 10> result{};
  for (std::size_t k = 0; k < result.size(); ++k) result[k] = static_cast<int>(last[k]);
  return result;
}

}  // namespace lenet5
