#include "harness/core/classes.hpp"

#include <limits>

#include "tests/catch.hpp"

using namespace assay;

TEST_CASE("base64 pads one and two missing bytes") {
  // Four bytes a class: 1, 2 and 3 classes leave 1, 2 and 0 bytes over.   printf '\1\0\0\0' | base64
  const std::int32_t ones[] = {1, 1, 1};
  const std::span<const std::int32_t> all(ones);
  CHECK(encode_classes(all.first(1)) == "AQAAAA==");
  CHECK(encode_classes(all.first(2)) == "AQAAAAEAAAA=");
  CHECK(encode_classes(all) == "AQAAAAEAAAABAAAA");
  CHECK(encode_classes({}).empty());
}

TEST_CASE("what was encoded is decoded, whatever the classes and their number") {
  std::vector<std::int32_t> classes{0, -1, 255, 256, 65'535, std::numeric_limits<std::int32_t>::min(),
                                    std::numeric_limits<std::int32_t>::max()};
  while (!classes.empty()) {
    const auto back = decode_classes(encode_classes(classes));
    REQUIRE(back);
    CHECK(*back == classes);
    classes.pop_back();
  }
  CHECK(decode_classes("")->empty());
}

TEST_CASE("what no encoder writes is refused with what is wrong") {
  for (const auto& [text, said] : {std::pair{"AQAAA", "5 characters"}, {"AQ*AAA==", "character 3"}, {"A===", "character 2"},
                                   {"AQAA", "whole number of classes"}, {"AQAAAA=A", "character 7"}}) {
    const auto classes = decode_classes(text);
    INFO(text);
    REQUIRE_FALSE(classes);
    CHECK_THAT(classes.error().message, Catch::Matchers::ContainsSubstring(said));
  }
}

TEST_CASE("the hash is that of the bytes") {
  // printf '\0\0\0\0\1\0\0\0\2\0\0\0' | sha256sum
  const std::int32_t labels[] = {0, 1, 2};
  CHECK(sha256_of_classes(labels) == "ad5dc1478de06a4c2728ea528bd9361a4b945e92a414bf4d180cedaaeaa5f4cc");
}
