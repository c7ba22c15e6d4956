#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "suites/matmul_ladder/inputs.hpp"
#include "suites/matmul_ladder/oracle.hpp"
#include "tests/catch.hpp"

using namespace matmul_ladder;

namespace {

/// A product whose C is right: rows of plain sums, in the order i, k, j that no rung uses.
struct Product {
  explicit Product(int side) : n(side), inputs(make_inputs(side, 7)), rows(static_cast<std::size_t>(side)) {
    std::iota(rows.begin(), rows.end(), 0);
    const auto size = static_cast<std::size_t>(n);
    c.assign(size * size, 0.0);
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t k = 0; k < size; ++k) {
        for (std::size_t j = 0; j < size; ++j)
          c[i * size + j] += inputs.a[i * size + k] * inputs.b[k * size + j];
      }
    }
  }
  double& at(int i, int j) {
    return c[static_cast<std::size_t>(i) * static_cast<std::size_t>(n) + static_cast<std::size_t>(j)];
  }
  Judgement judged(std::uint64_t seed = 1) const {
    return judge(inputs.a.get(), inputs.b.get(), c.data(), n, rows, seed);
  }

  int n;
  Inputs inputs;
  std::vector<int> rows;
  std::vector<double> c;
};

}  // namespace

TEST_CASE("the oracle accepts a right product, and its error is of the size of a rounding") {
  for (const int n : {1, 2, 7, 100, 300}) {
    const Judgement j = Product(n).judged();
    INFO("n = " << n << ", max_error = " << j.max_error);
    CHECK(j.right());
    CHECK(j.tolerance == 2.0 * n * 0x1.0p-53);
    CHECK(j.max_error < 4e-16 * std::sqrt(n));
  }
}

TEST_CASE("the oracle finds one wrong element, and where it is") {
  Product p(100);
  p.at(37, 91) += 1e-9;
  const Judgement j = p.judged();
  CHECK_FALSE(j.right());
  CHECK(j.row == 37);
  CHECK(j.column == 91);
}

TEST_CASE("at a size where rows are only sampled, the projection finds one wrong element in any row") {
  Product p(400);
  for (const int row : {0, 123, 399}) {
    const double before = p.at(row, 200);
    p.at(row, 200) += 1e-6;
    for (const std::uint64_t seed : {1, 2, 3}) {
      const Judgement j = p.judged(seed);
      CHECK_FALSE(j.right());
      CHECK(j.row == row);
    }
    p.at(row, 200) = before;
  }
}

TEST_CASE("an error just beyond the tolerance is refused, and one just inside is not") {
  Product p(1);
  const double product = std::fabs(p.inputs.a[0] * p.inputs.b[0]);
  p.at(0, 0) = p.inputs.a[0] * p.inputs.b[0] * (1 + 0x1.0p-50);  // 8 eps; n = 1 allows 2
  CHECK_FALSE(p.judged().right());
  p.at(0, 0) = p.inputs.a[0] * p.inputs.b[0];
  CHECK(product > 0);
  CHECK(p.judged().right());
}

TEST_CASE("a NaN or an infinity anywhere is an infinite error") {
  for (const int n : {64, 400}) {
    for (const double poison :
         {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
      Product p(n);
      p.at(n - 1, n / 2) = poison;
      const Judgement j = p.judged();
      CHECK(std::isinf(j.max_error));
      CHECK_FALSE(j.right());
      CHECK(j.row == n - 1);
      CHECK(j.column == n / 2);
    }
  }
}

TEST_CASE("a transposed B, two exchanged columns and a missing last term are refused") {
  for (const int n : {64, 400}) {
    Product p(n);
    const auto size = static_cast<std::size_t>(n);

    Product exchanged(n);
    for (int i = 0; i < n; ++i) std::swap(exchanged.at(i, 3), exchanged.at(i, 40));
    CHECK_FALSE(exchanged.judged().right());

    Product shorter(n);
    for (std::size_t j = 0; j < size; ++j) {  // in one row only
      shorter.c[j] -= shorter.inputs.a[size - 1] * shorter.inputs.b[(size - 1) * size + j];
    }
    CHECK_FALSE(shorter.judged().right());

    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < i; ++j) std::swap(p.inputs.b[i * size + j], p.inputs.b[j * size + i]);
    }
    CHECK_FALSE(p.judged().right());
  }
}

TEST_CASE("only the rows asked about are judged") {
  Product p(50);
  p.at(20, 0) = std::numeric_limits<double>::quiet_NaN();
  p.rows = {1, 19, 21, 49};
  CHECK(p.judged().right());
  p.rows = {1, 20};
  CHECK_FALSE(p.judged().right());
}

TEST_CASE("the inputs are the stream that the README defines") {
  // SplitMix64 from seed 1234567: the first outputs that its authors' reference implementation gives
  constexpr std::uint64_t kReference[] = {6457827717110365317ULL, 3203168211198807973ULL,
                                          9817491932198370423ULL};
  for (std::uint64_t t = 0; t < 3; ++t) {
    CHECK(input(1234567, t) == static_cast<double>(kReference[t] >> 11) * 0x1.0p-52 - 1.0);
  }
  const Inputs inputs = make_inputs(3, 1234567);
  CHECK(inputs.a[2] == input(1234567, 2));
  CHECK(inputs.b[0] == input(1234567, 9));
}
