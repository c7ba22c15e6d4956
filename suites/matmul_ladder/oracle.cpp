#include "suites/matmul_ladder/oracle.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

namespace matmul_ladder {
namespace {

constexpr std::size_t kRowsRecomputed = 16;
constexpr int kSmallN = 256;

/// How an element is judged. `Wide` rounds so little that it is nothing beside the tolerance: a product of two floats is
/// exact in a double, and the sum of n of them off by n·2^-53, a 2^-29th part of what a float's own may be.
template <class Element>
struct Effort;
template <>
struct Effort<double> {
  using Wide = long double;
  static constexpr std::size_t strip = std::numeric_limits<std::size_t>::max();  // whole rows
  static constexpr int projections = 2;
};
template <>
struct Effort<float> {
  using Wide = double;
  static constexpr std::size_t strip = 32;
  static constexpr int projections = 1;
};

/// |err| / bound; infinite where either isn't finite. 0 / 0 (a row of zeros) is no error.
template <class Wide>
double relative(Wide error, Wide bound) {
  if (!std::isfinite(error) || !std::isfinite(bound)) return std::numeric_limits<double>::infinity();
  if (error == 0) return 0;
  return static_cast<double>(std::fabs(error) / bound);
}

template <class Element>
class Judge {
  using Wide = typename Effort<Element>::Wide;

public:
  Judge(const Element* a, const Element* b, const Element* c, int n)
      : a_(a), b_(b), c_(c), n_(static_cast<std::size_t>(n)) {
    judgement_.tolerance = 2.0 * n * kUnitRoundoff<Element>;
  }

  void find_unfinished(int row) {
    const Element* c = row_of(c_, row);
    for (std::size_t j = 0; j < n_; ++j) {
      if (!std::isfinite(c[j])) note(std::numeric_limits<double>::infinity(), row, static_cast<int>(j));
    }
  }

  void recompute(int row) {
    std::vector<Wide> exact(n_, 0);
    std::vector<Wide> magnitude(n_, 0);
    const Element* a = row_of(a_, row);
    for (std::size_t k = 0; k < n_; ++k) {
      const Element* b = b_ + k * n_;
      for (std::size_t j = 0; j < n_; ++j) {
        const Wide product = static_cast<Wide>(a[k]) * b[j];
        exact[j] += product;
        magnitude[j] += std::fabs(product);
      }
    }
    const Element* c = row_of(c_, row);
    for (std::size_t j = 0; j < n_; ++j) {
      note(relative(c[j] - exact[j], magnitude[j]), row, static_cast<int>(j));
    }
  }

  void project(std::span<const int> rows, std::mt19937_64& random) {
    const std::size_t strip = std::min(Effort<Element>::strip, n_);
    for (std::size_t left = 0; left < n_; left += strip) {
      project_strip(rows, left, std::min(left + strip, n_), random);
    }
  }

  const Judgement& judgement() const { return judgement_; }

private:
  void project_strip(std::span<const int> rows, std::size_t left, std::size_t right, std::mt19937_64& random) {
    std::vector<Wide> r(right);
    for (std::size_t j = left; j < right; ++j) r[j] = static_cast<Wide>(random() >> 11) * Wide{0x1.0p-52L} - 1;
    std::vector<Wide> b_r(n_, 0);
    std::vector<Wide> b_sum(n_, 0);  // Σ_j |b_kj·r_j|
    for (std::size_t k = 0; k < n_; ++k) {
      const Element* b = b_ + k * n_;
      for (std::size_t j = left; j < right; ++j) {
        b_r[k] += b[j] * r[j];
        b_sum[k] += std::fabs(b[j] * r[j]);
      }
    }
    for (const int row : rows) {
      const Element* a = row_of(a_, row);
      const Element* c = row_of(c_, row);
      Wide difference = 0;
      Wide bound = 0;
      for (std::size_t j = left; j < right; ++j) difference += c[j] * r[j];
      for (std::size_t k = 0; k < n_; ++k) {
        difference -= a[k] * b_r[k];
        bound += std::fabs(a[k]) * b_sum[k];
      }
      note(relative(difference, bound), row, -1);
    }
  }

  const Element* row_of(const Element* matrix, int row) const {
    return matrix + static_cast<std::size_t>(row) * n_;
  }

  void note(double error, int row, int column) {
    if (judgement_.max_error < error) {
      judgement_.max_error = error;
      judgement_.row = row;
      judgement_.column = column;
    }
  }

  const Element* a_;
  const Element* b_;
  const Element* c_;
  std::size_t n_;
  Judgement judgement_;
};

}  // namespace

template <class Element>
std::string rule() {
  return "|err| <= 2·n·eps·Σ|a||b|, eps = 2^-" + std::to_string(std::numeric_limits<Element>::digits) +
         " (Higham 2002, §3.1); max_error is the largest |err|/Σ|a||b|";
}

template <class Element>
Judgement judge(const Element* a, const Element* b, const Element* c, int n, std::span<const int> rows,
                std::uint64_t seed) {
  Judge<Element> judge(a, b, c, n);
  for (const int row : rows) judge.find_unfinished(row);

  std::mt19937_64 random(seed);  // the engine's output is fixed by the standard; its distributions' isn't
  std::vector<int> recomputed(rows.begin(), rows.end());
  const bool all = n <= kSmallN || rows.size() <= kRowsRecomputed;
  if (!all) {
    for (std::size_t i = 0; i < kRowsRecomputed; ++i) {  // the first steps of a Fisher-Yates shuffle
      std::swap(recomputed[i], recomputed[i + random() % (recomputed.size() - i)]);
    }
    recomputed.resize(kRowsRecomputed);
  }
  for (const int row : recomputed) judge.recompute(row);
  if (!all) {
    for (int i = 0; i < Effort<Element>::projections; ++i) judge.project(rows, random);
  }
  return judge.judgement();
}

template std::string rule<double>();
template std::string rule<float>();
template Judgement judge(const double*, const double*, const double*, int, std::span<const int>, std::uint64_t);
template Judgement judge(const float*, const float*, const float*, int, std::span<const int>, std::uint64_t);

}  // namespace matmul_ladder
