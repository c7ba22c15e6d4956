#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "suites/matmul_ladder/inputs.hpp"
#include "suites/matmul_ladder/isa.hpp"
#include "suites/matmul_ladder/oracle.hpp"
#include "suites/matmul_ladder/rung.h"
#include "tests/catch.hpp"

using namespace matmul_ladder;

namespace {

constexpr double kPoison = std::numeric_limits<double>::quiet_NaN();

std::vector<const assay_rung*> rungs() {
  std::vector<const assay_rung*> all;
  for (const assay_rung* rung = assay_first_rung(); rung; rung = rung->next) all.push_back(rung);
  return all;
}

std::vector<double> multiplied(const assay_rung& rung, const Inputs& inputs, int n,
                               const std::vector<int>& rows, int threads) {
  std::vector<double> c(static_cast<std::size_t>(n) * static_cast<std::size_t>(n), kPoison);
  rung.multiply(inputs.a.get(), inputs.b.get(), c.data(), n, rows.data(), static_cast<int>(rows.size()),
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

TEST_CASE("every rung gives the right product at awkward sizes, on any instruction set, by 1 and 2 threads") {
  const char* isa = GENERATE("portable", "avx2", "widest");
  const IsaLimit limit(isa);
  int multiplied_by = 0;
  for (const int n : {1, 2, 7, 64, 65, 100, 129, 192, 193, 217, 385, 530}) {
    const Inputs inputs = make_inputs(n, 585);
    std::vector<int> rows(static_cast<std::size_t>(n));
    std::iota(rows.begin(), rows.end(), 0);
    for (const assay_rung* rung : rungs()) {
      if (rung->refusal && rung->refusal()) continue;
      for (const int threads : threads_to_try()) {
        const std::vector<double> c = multiplied(*rung, inputs, n, rows, threads);
        const Judgement j = judge(inputs.a.get(), inputs.b.get(), c.data(), n, rows, 1);
        INFO(rung->version << ", n = " << n << ", " << threads << " threads, " << isa << ": error "
                           << j.max_error << " at row " << j.row << ", column " << j.column);
        CHECK(j.right());
        ++multiplied_by;
      }
    }
  }
  CHECK(multiplied_by >= 11);  // plain C at least
}

TEST_CASE("a rung overwrites C and doesn't add to it") {
  const int n = 100;
  const Inputs inputs = make_inputs(n, 3);
  std::vector<int> rows(n);
  std::iota(rows.begin(), rows.end(), 0);
  for (const assay_rung* rung : rungs()) {
    if (rung->refusal && rung->refusal()) continue;
    std::vector<double> c(std::size_t{n} * n, 1e6);
    for (int time = 0; time < 2; ++time) {
      rung->multiply(inputs.a.get(), inputs.b.get(), c.data(), n, rows.data(), n, 1);
    }
    INFO(rung->version);
    CHECK(judge(inputs.a.get(), inputs.b.get(), c.data(), n, rows, 1).right());
  }
}

TEST_CASE("a rung that may be sampled computes exactly the rows it is given") {
  const int n = 65;
  const std::vector<int> rows = {0, 3, 4, 40, 64};
  const Inputs inputs = make_inputs(n, 11);
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
