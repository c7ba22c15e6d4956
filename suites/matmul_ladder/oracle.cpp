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
constexpr int kProjections = 2;

/// |err| / bound; infinite where either isn't finite. 0 / 0 (a row of zeros) is no error.
double relative(long double error, long double bound) {
  if (!std::isfinite(error) || !std::isfinite(bound)) return std::numeric_limits<double>::infinity();
  if (error == 0) return 0;
  return static_cast<double>(std::fabs(error) / bound);
}

class Judge {
public:
  Judge(const double* a, const double* b, const double* c, int n)
      : a_(a), b_(b), c_(c), n_(static_cast<std::size_t>(n)) {
    judgement_.tolerance = 2.0 * n * kUnitRoundoff;
  }

  void find_unfinished(int row) {
    const double* c = row_of(c_, row);
    for (std::size_t j = 0; j < n_; ++j) {
      if (!std::isfinite(c[j])) note(std::numeric_limits<double>::infinity(), row, static_cast<int>(j));
    }
  }

  void recompute(int row) {
    std::vector<long double> exact(n_, 0.0L);
    std::vector<long double> magnitude(n_, 0.0L);
    const double* a = row_of(a_, row);
    for (std::size_t k = 0; k < n_; ++k) {
      const double* b = b_ + k * n_;
      for (std::size_t j = 0; j < n_; ++j) {
        const long double product = static_cast<long double>(a[k]) * b[j];
        exact[j] += product;
        magnitude[j] += std::fabs(product);
      }
    }
    const double* c = row_of(c_, row);
    for (std::size_t j = 0; j < n_; ++j) {
      note(relative(c[j] - exact[j], magnitude[j]), row, static_cast<int>(j));
    }
  }

  void project(std::span<const int> rows, std::mt19937_64& random) {
    std::vector<long double> r(n_);
    for (long double& x : r) x = static_cast<long double>(random() >> 11) * 0x1.0p-52L - 1.0L;
    std::vector<long double> b_r(n_, 0.0L);
    std::vector<long double> b_sum(n_, 0.0L);  // Σ_j |b_kj|
    for (std::size_t k = 0; k < n_; ++k) {
      const double* b = b_ + k * n_;
      for (std::size_t j = 0; j < n_; ++j) {
        b_r[k] += b[j] * r[j];
        b_sum[k] += std::fabs(b[j]);
      }
    }
    for (const int row : rows) {
      const double* a = row_of(a_, row);
      const double* c = row_of(c_, row);
      long double difference = 0;
      long double bound = 0;
      for (std::size_t k = 0; k < n_; ++k) {
        difference += c[k] * r[k] - a[k] * b_r[k];
        bound += std::fabs(a[k]) * b_sum[k];
      }
      note(relative(difference, bound), row, -1);
    }
  }

  const Judgement& judgement() const { return judgement_; }

private:
  const double* row_of(const double* matrix, int row) const {
    return matrix + static_cast<std::size_t>(row) * n_;
  }

  void note(double error, int row, int column) {
    if (judgement_.max_error < error) {
      judgement_.max_error = error;
      judgement_.row = row;
      judgement_.column = column;
    }
  }

  const double* a_;
  const double* b_;
  const double* c_;
  std::size_t n_;
  Judgement judgement_;
};

}  // namespace

std::string rule() {
  return "|err| <= 2·n·eps·Σ|a||b|, eps = 2^-53 (Higham 2002, §3.1); max_error is the largest |err|/Σ|a||b|";
}

Judgement judge(const double* a, const double* b, const double* c, int n, std::span<const int> rows,
                std::uint64_t seed) {
  Judge judge(a, b, c, n);
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
    for (int i = 0; i < kProjections; ++i) judge.project(rows, random);
  }
  return judge.judgement();
}

}  // namespace matmul_ladder
