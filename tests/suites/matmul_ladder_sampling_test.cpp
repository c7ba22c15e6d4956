#include <algorithm>

#include "suites/matmul_ladder/sampling.hpp"
#include "tests/catch.hpp"

using matmul_ladder::rows_to_compute;

TEST_CASE("all rows are computed unless a sample is asked for, allowed and needed") {
  CHECK(rows_to_compute(100, 0, 1.0, 1).size() == 100);  // not asked for
  CHECK(rows_to_compute(100, 8, 0.0, 1).size() == 100);  // a rung that doesn't work by rows
  CHECK(rows_to_compute(100, 8, 2e6, 1).size() == 100);  // 2·100³ FLOP is not more than that
  CHECK(rows_to_compute(100, 8, 2e6 - 1, 1).size() == 8);
  CHECK(rows_to_compute(100, 300, 1.0, 1).size() == 100);  // more than there are
  CHECK(rows_to_compute(4, 1, 1.0, 1).size() == 4);        // fewer than the least sample
}

TEST_CASE("a sample has at least five rows, and a multiple of those computed together") {
  CHECK(rows_to_compute(100, 1, 1.0, 1).size() == 5);
  CHECK(rows_to_compute(100, 8, 1.0, 3).size() == 9);
  CHECK(rows_to_compute(100, 5, 1.0, 64).size() == 64);
  CHECK(rows_to_compute(100, 65, 1.0, 64).size() == 100);
}

TEST_CASE("the sampled rows are the middles of equal parts") {
  CHECK(rows_to_compute(100, 5, 1.0, 1) == std::vector<int>{10, 30, 50, 70, 90});
  CHECK(rows_to_compute(1024, 8, 1.0, 1) == std::vector<int>{64, 192, 320, 448, 576, 704, 832, 960});
  CHECK(rows_to_compute(3, 0, 1.0, 1) == std::vector<int>{0, 1, 2});
}

TEST_CASE("a sample is ascending, without repeats and inside the matrix") {
  for (int n = 1; n < 200; ++n) {
    for (const int wanted : {1, 5, 7, 64, 199}) {
      const std::vector<int> rows = rows_to_compute(n, wanted, 1.0, 2);
      CHECK(std::adjacent_find(rows.begin(), rows.end(), [](int a, int b) { return a >= b; }) == rows.end());
      CHECK(rows.front() >= 0);
      CHECK(rows.back() < n);
    }
  }
}
