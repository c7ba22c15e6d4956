#include "harness/core/units.hpp"

#include <limits>

#include "tests/catch.hpp"

using namespace assay;

TEST_CASE("values are printed with the prefix that leaves one to three digits before the point") {
  CHECK(with_unit(0.0031, "s") == "3.10 ms");
  CHECK(with_unit(1.02e11, "FLOP/s") == "102 GFLOP/s");
  CHECK(with_unit(13'500'416, "B") == "13.5 MB");
  CHECK(with_unit(0.5e-9, "s") == "500 ps");
  CHECK(with_unit(999.6e-6, "s") == "1.00 ms");  // rounds up to the next prefix, not to 1000 µs
}

TEST_CASE("seconds grow no prefix and bytes shrink none") {
  CHECK(with_unit(25552.48, "s", 7) == "25552.48 s");
  CHECK(with_unit(0.25, "B") == "0.250 B");
}

TEST_CASE("ratios and counts carry no unit") {
  CHECK(with_unit(0.9911, "ratio", 4) == "0.9911");
  CHECK(with_unit(4, "1") == "4.00");
}

TEST_CASE("significant digits survive rounding up to the next power of ten") {
  CHECK(significant(9.996) == "10.0");
  CHECK(significant(0.000912) == "0.000912");
  CHECK(significant(62806) == "62800");
  CHECK(significant(-3.14159) == "-3.14");
  CHECK(significant(0) == "0");
  CHECK(significant(1e-9) == "1.00e-09");
  CHECK(significant(std::numeric_limits<double>::quiet_NaN()) == "n/a");
}

TEST_CASE("thousands are separated in whole parts only") {
  CHECK(grouped(62806, 5) == "62,806");
  CHECK(grouped(1234567, 7) == "1,234,567");
  CHECK(grouped(-1234, 4) == "-1,234");
  CHECK(grouped(999) == "999");
  CHECK(grouped(0.12345, 5) == "0.12345");
}

TEST_CASE("durations are read by people: seconds, minutes, hours") {
  CHECK(duration_text(45.2) == "45 s");
  CHECK(duration_text(200) == "3 min 20 s");
  CHECK(duration_text(7500) == "2 h 05 min");
}

TEST_CASE("stored values have ten significant digits, so that the last bits of a libm change no file") {
  CHECK(stored(1.0 / 3) == 0.3333333333);
  CHECK(stored(stored(2.0 / 3)) == stored(2.0 / 3));
  CHECK(stored(0.1 + 0.2) == 0.3);
}
