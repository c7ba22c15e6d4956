#include "harness/data/idx.hpp"

#include <string>

#include "harness/core/random.hpp"
#include "tests/catch.hpp"
#include "tests/harness/data/made_up_dataset.hpp"

using namespace assay;
using namespace assay::data;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string error_of(const std::string& bytes, int dimensions) {
  const auto idx = parse_idx(bytes, dimensions, "some-file");
  return idx ? "" : idx.error().message;
}

}  // namespace

TEST_CASE("images and labels are read as they stand in the file") {
  const std::string bytes = idx_header("\2\2\3") + "abcdefghijkl";
  const auto images = parse_idx(bytes, 3, "images");
  REQUIRE(images);
  CHECK(images->sizes == std::vector<std::uint32_t>{2, 2, 3});
  CHECK(images->values == "abcdefghijkl");
}

TEST_CASE("what isn't the format is refused with the reason, and the file's name first") {
  const std::string good = idx_header("\2\2\2") + "abcdefgh";
  CHECK_THAT(error_of("", 3), ContainsSubstring("some-file: is cut short: 0 bytes"));
  CHECK_THAT(error_of(good.substr(0, 15), 3), ContainsSubstring("cut short"));
  CHECK_THAT(error_of(good.substr(0, 20), 3), ContainsSubstring("promises 2 × 2 × 2 bytes, 4 follow"));
  CHECK_THAT(error_of(good + "x", 3), ContainsSubstring("promises 2 × 2 × 2 bytes, 9 follow"));
  CHECK_THAT(error_of(good, 1), ContainsSubstring("begins with 00 00 08 03, and IDX with one dimension"));
  CHECK_THAT(error_of("\x1f\x8b\x08\x00 and so on, packed", 3), ContainsSubstring("gzip"));
  CHECK_THAT(error_of(idx_header(std::string("\2\0\2", 3)), 3), ContainsSubstring("dimension 2 has size 0"));
}

TEST_CASE("a header that claims four gigabytes, or more than 64 bits hold, is refused by what is there") {
  CHECK_THAT(error_of(std::string("\0\0\x08\x01\xff\xff\xff\xff", 8) + "abc", 1), ContainsSubstring("promises 4294967295 bytes, 3 follow"));
  std::string huge("\0\0\x08\x03", 4);
  for (int i = 0; i < 3; ++i) huge += std::string("\x80\0\0\0", 4);
  CHECK_THAT(error_of(huge, 3), ContainsSubstring("promises 2147483648 × 2147483648 × 2147483648 bytes, 0 follow"));
}

TEST_CASE("100,000 damaged files are either refused or read within their bounds") {
  const std::string good = idx_header("\3\2\2") + "abcdefghijkl";
  Random random(585);
  int read = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string bytes = good;
    for (std::uint64_t changes = random.below(4); changes > 0; --changes) bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    bytes.resize(random.below(2) ? bytes.size() : random.below(2 * bytes.size()));
    const std::string copy(bytes.data(), bytes.size());  // of its own size, so that address sanitizer sees a byte too many
    const auto idx = parse_idx(copy, 3, "damaged");
    if (!idx) continue;
    ++read;
    std::uint64_t product = 1;
    for (const std::uint32_t size : idx->sizes) product *= size;
    REQUIRE(product == idx->values.size());
    REQUIRE(idx->values.data() + idx->values.size() == copy.data() + copy.size());
  }
  CHECK(read > 1000);  // only values were changed
}
