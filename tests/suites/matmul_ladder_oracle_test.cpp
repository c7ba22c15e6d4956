#include <cmath>
#include <limits>
#include <numeric>
#include <type_traits>
#include <vector>

#include "suites/matmul_ladder/inputs.hpp"
#include "suites/matmul_ladder/oracle.hpp"
#include "tests/catch.hpp"

using namespace matmul_ladder;

namespace {

/// A product whose C is right: rows of plain sums, in the order i, k, j that no rung uses.
template <class Element>
struct Product {
  explicit Product(int side)
      : n(side), inputs(make_inputs<Element>(side, 7)), rows(static_cast<std::size_t>(side)) {
    std::iota(rows.begin(), rows.end(), 0);
    const auto size = static_cast<std::size_t>(n);
    c.assign(size * size, 0);
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t k = 0; k < size; ++k) {
        for (std::size_t j = 0; j < size; ++j)
          c[i * size + j] += inputs.a[i * size + k] * inputs.b[k * size + j];
      }
    }
  }
  Element& at(int i, int j) {
    return c[static_cast<std::size_t>(i) * static_cast<std::size_t>(n) + static_cast<std::size_t>(j)];
  }
  Judgement judged(std::uint64_t seed = 1) const {
    return judge(inputs.a.get(), inputs.b.get(), c.data(), n, rows, seed);
  }

  int n;
  Inputs<Element> inputs;
  std::vector<int> rows;
  std::vector<Element> c;
};

template <class Element>
constexpr double kEps = std::is_same_v<Element, float> ? 0x1.0p-24 : 0x1.0p-53;

}  // namespace

TEMPLATE_TEST_CASE("the oracle accepts a right product, and its error is of the size of a rounding", "", double, float) {
  for (const int n : {1, 2, 7, 100, 300, 400}) {
    const Judgement j = Product<TestType>(n).judged();
    INFO("n = " << n << ", max_error = " << j.max_error);
    CHECK(j.right());
    CHECK(j.tolerance == 2.0 * n * kEps<TestType>);
    CHECK(j.max_error < 4 * kEps<TestType> * std::sqrt(n));
  }
}

TEMPLATE_TEST_CASE("the oracle finds one wrong element, and where it is", "", double, float) {
  Product<TestType> p(100);
  // Σ|a||b| is about n / 4, so the tolerance is about n² / 2 eps: six times that
  p.at(37, 91) += static_cast<TestType>(30'000 * kEps<TestType>);
  const Judgement j = p.judged();
  CHECK_FALSE(j.right());
  CHECK(j.row == 37);
  CHECK(j.column == 91);
}

TEMPLATE_TEST_CASE("at a size where rows are only sampled, the projection finds one wrong element in any row", "", double,
                   float) {
  Product<TestType> p(400);
  // A projected row of doubles has a tolerance of about 2e-9, a strip of 32 floats one of 0.08; elements are about 7.
  const auto error = static_cast<TestType>(std::is_same_v<TestType, float> ? 2 : 1e-6);
  for (const int row : {0, 123, 399}) {
    for (const int column : {0, 200, 399}) {
      const TestType before = p.at(row, column);
      p.at(row, column) += error;
      for (const std::uint64_t seed : {1, 2, 3}) {
        const Judgement j = p.judged(seed);
        INFO("row " << row << ", column " << column << ", seed " << seed);
        CHECK_FALSE(j.right());
        CHECK(j.row == row);
      }
      p.at(row, column) = before;
    }
  }
}

TEST_CASE("floats that were multiplied in less than their precision are refused") {
  for (const int n : {64, 400}) {
    Product<float> p(n);
    const auto size = static_cast<std::size_t>(n);
    const auto to_bf16 = [](float x) {  // keeps 8 of its 24 bits
      return x == 0 ? x : std::ldexp(std::nearbyint(std::ldexp(x, 7 - std::ilogb(x))), std::ilogb(x) - 7);
    };
    p.c.assign(size * size, 0);
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t k = 0; k < size; ++k) {
        const float a = to_bf16(p.inputs.a[i * size + k]);
        for (std::size_t j = 0; j < size; ++j) p.c[i * size + j] += a * p.inputs.b[k * size + j];
      }
    }
    CHECK_FALSE(p.judged().right());
  }
}

TEMPLATE_TEST_CASE("an error just beyond the tolerance is refused, and one just inside is not", "", double, float) {
  Product<TestType> p(1);
  const TestType product = std::fabs(p.inputs.a[0] * p.inputs.b[0]);
  p.at(0, 0) = p.inputs.a[0] * p.inputs.b[0] * static_cast<TestType>(1 + 8 * kEps<TestType>);  // n = 1 allows 2
  CHECK_FALSE(p.judged().right());
  p.at(0, 0) = p.inputs.a[0] * p.inputs.b[0];
  CHECK(product > 0);
  CHECK(p.judged().right());
}

TEMPLATE_TEST_CASE("a NaN or an infinity anywhere is an infinite error", "", double, float) {
  for (const int n : {64, 400}) {
    for (const TestType poison :
         {std::numeric_limits<TestType>::quiet_NaN(), std::numeric_limits<TestType>::infinity()}) {
      Product<TestType> p(n);
      p.at(n - 1, n / 2) = poison;
      const Judgement j = p.judged();
      CHECK(std::isinf(j.max_error));
      CHECK_FALSE(j.right());
      CHECK(j.row == n - 1);
      CHECK(j.column == n / 2);
    }
  }
}

TEMPLATE_TEST_CASE("a transposed B, two exchanged columns and a missing last term are refused", "", double, float) {
  for (const int n : {64, 400}) {
    Product<TestType> p(n);
    const auto size = static_cast<std::size_t>(n);

    Product<TestType> exchanged(n);
    for (int i = 0; i < n; ++i) std::swap(exchanged.at(i, 3), exchanged.at(i, 40));
    CHECK_FALSE(exchanged.judged().right());

    Product<TestType> shorter(n);
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
  Product<double> p(50);
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
    CHECK(input<double>(1234567, t) == static_cast<double>(kReference[t] >> 11) * 0x1.0p-52 - 1.0);
    CHECK(input<float>(1234567, t) == static_cast<float>(static_cast<double>(kReference[t] >> 40) * 0x1.0p-23 - 1.0));
  }
  const Inputs inputs = make_inputs<double>(3, 1234567);
  CHECK(inputs.a[2] == input<double>(1234567, 2));
  CHECK(inputs.b[0] == input<double>(1234567, 9));
}
