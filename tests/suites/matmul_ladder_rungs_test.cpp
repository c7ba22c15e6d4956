#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "suites/matmul_ladder/inputs.hpp"
#include "suites/matmul_ladder/isa.hpp"
#include "suites/matmul_ladder/oracle.hpp"
#include "suites/matmul_ladder/rung.h"
#include "tests/catch.hpp"

using namespace matmul_ladder;

namespace {

std::vector<const assay_rung*> rungs() {
  std::vector<const assay_rung*> all;
  for (const assay_rung* rung = assay_first_rung(); rung; rung = rung->next) all.push_back(rung);
  return all;
}

/// The rung's function for `Element`, or nullptr.
template <class Element>
auto function_of(const assay_rung& rung) {
  if constexpr (std::is_same_v<Element, float>) {
    return rung.multiply_f32;
  } else {
    return rung.multiply;
  }
}

template <class Element>
std::vector<Element> multiplied(const assay_rung& rung, const Inputs<Element>& inputs, int n,
                                const std::vector<int>& rows, int threads) {
  std::vector<Element> c(static_cast<std::size_t>(n) * static_cast<std::size_t>(n),
                         std::numeric_limits<Element>::quiet_NaN());
  function_of<Element>(rung)(inputs.a.get(), inputs.b.get(), c.data(), n, rows.data(), static_cast<int>(rows.size()),
                             threads);
  return c;
}

/// MATMUL_LADDER_ISA for the life of the object.
struct IsaLimit {
  explicit IsaLimit(const char* isa) { setenv("MATMUL_LADDER_ISA", isa, 1); }
  ~IsaLimit() { unsetenv("MATMUL_LADDER_ISA"); }
};

std::vector<int> threads_to_try() {
#if defined(__SANITIZE_THREAD__)
  WARN("one thread only: libgomp isn't instrumented, and each of its barriers looks like a race");
  return {1};
#else
  return {1, 2};
#endif
}

}  // namespace

TEST_CASE("the program holds the rungs of its folder, each under its file's stem") {
  std::set<std::string> versions;
  for (const assay_rung* rung : rungs()) CHECK(versions.insert(rung->version).second);
  for (const char* version : {"3_c", "4_parallel_loops", "5_divide_and_conquer", "6_vectorized", "7_avx", "8_packed"}) {
    CHECK(versions.count(version) == 1);
  }
}

TEMPLATE_TEST_CASE("every rung gives the right product at awkward sizes, on any instruction set, by 1 and 2 threads", "",
                   double, float) {
  const char* isa = GENERATE("portable", "avx2", "widest");
  const IsaLimit limit(isa);
  std::set<std::string> multiplied_by;
  // around the sides of tiles and blocks, and beyond a slice of k
  for (const int n : {1, 2, 7, 47, 48, 49, 63, 64, 65, 100, 129, 192, 193, 217, 385, 513, 530, 1030}) {
    const Inputs<TestType> inputs = make_inputs<TestType>(n, 585);
    std::vector<int> rows(static_cast<std::size_t>(n));
    std::iota(rows.begin(), rows.end(), 0);
    for (const assay_rung* rung : rungs()) {
      if ((rung->refusal && rung->refusal()) || !function_of<TestType>(*rung)) continue;
      if (n > 600 && std::string(rung->version) != "8_packed") continue;  // the others have no slices
      for (const int threads : threads_to_try()) {
        const std::vector<TestType> c = multiplied(*rung, inputs, n, rows, threads);
        const Judgement j = judge(inputs.a.get(), inputs.b.get(), c.data(), n, rows, 1);
        INFO(rung->version << ", n = " << n << ", " << threads << " threads, " << isa << ": error "
                           << j.max_error << " at row " << j.row << ", column " << j.column);
        CHECK(j.right());
      }
      multiplied_by.insert(rung->version);
    }
  }
  const bool f64 = std::is_same_v<TestType, double>;
  CHECK(multiplied_by.count("3_c") == (f64 ? 1 : 0));
#ifdef _OPENMP
  CHECK(multiplied_by.count("8_packed") == 1);
#endif
}

TEMPLATE_TEST_CASE("a rung overwrites C and doesn't add to it", "", double, float) {
  const int n = 100;
  const Inputs<TestType> inputs = make_inputs<TestType>(n, 3);
  std::vector<int> rows(n);
  std::iota(rows.begin(), rows.end(), 0);
  for (const assay_rung* rung : rungs()) {
    const auto multiply = function_of<TestType>(*rung);
    if ((rung->refusal && rung->refusal()) || !multiply) continue;
    std::vector<TestType> c(std::size_t{n} * n, TestType{1e6});
    for (int time = 0; time < 2; ++time) {
      multiply(inputs.a.get(), inputs.b.get(), c.data(), n, rows.data(), n, 1);
    }
    INFO(rung->version);
    CHECK(judge(inputs.a.get(), inputs.b.get(), c.data(), n, rows, 1).right());
  }
}

TEST_CASE("a rung that may be sampled computes exactly the rows it is given") {
  const int n = 65;
  const std::vector<int> rows = {0, 3, 4, 40, 64};
  const Inputs inputs = make_inputs<double>(n, 11);
  int sampled = 0;
  for (const assay_rung* rung : rungs()) {
    if (rung->sampled_above_flop == 0 || (rung->refusal && rung->refusal())) continue;
    for (const int threads : threads_to_try()) {
      const std::vector<double> c = multiplied(*rung, inputs, n, rows, threads);
      INFO(rung->version << ", " << threads << " threads");
      CHECK(judge(inputs.a.get(), inputs.b.get(), c.data(), n, rows, 1).right());
      for (int i = 0; i < n; ++i) {
        if (std::find(rows.begin(), rows.end(), i) != rows.end()) continue;
        const double* row = c.data() + static_cast<std::ptrdiff_t>(i) * n;
        CHECK(std::all_of(row, row + n, [](double x) { return std::isnan(x); }));
      }
      ++sampled;
    }
  }
  CHECK(sampled > 0);
}

TEST_CASE("the rung of intrinsics refuses a machine without AVX2 and FMA, with that reason") {
  const IsaLimit limit("portable");
  for (const assay_rung* rung : rungs()) {
    if (std::string(rung->version) != "7_avx") continue;
    REQUIRE(rung->refusal);
    CHECK(std::string(rung->refusal()) == "needs AVX2 and FMA");
  }
}
