#include "harness/core/json.hpp"

#include <filesystem>
#include <fstream>

#include "harness/core/hash.hpp"
#include "tests/catch.hpp"

using namespace assay;

TEST_CASE("canonical JSON sorts keys, has no white space and keeps 1 and 1.0 apart") {
  CHECK(canonical_json(*parse_json(R"({ "b" : 1.0, "a" : [1, true, null] })")) == R"({"a":[1,true,null],"b":1.0})");
}

TEST_CASE("what parses again from canonical JSON has the same canonical JSON") {
  for (const char* text : {R"({"x":0.1,"y":1e300,"z":-0.0})", R"(["é","\u0000","\\"])", "123456789012345678", "{}"}) {
    INFO(text);
    const std::string once = canonical_json(*parse_json(text));
    CHECK(canonical_json(*parse_json(once)) == once);
  }
}

TEST_CASE("invalid UTF-8 is replaced rather than thrown on") {
  CHECK(canonical_json(Json("a\xff" "b")) == "\"a\xEF\xBF\xBD" "b\"");
}

TEST_CASE("NaN, Infinity, trailing text, open brackets and numbers out of range are no JSON") {
  for (const char* text : {"NaN", "[Infinity]", "-Infinity", "{} {}", "[1,", "", "{\"a\":1e999}", "'a'", "{a:1}", "\xff"}) {
    INFO(text);
    const auto parsed = parse_json(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().message.find("not JSON") != std::string::npos);
  }
}

TEST_CASE("nesting beyond 64 levels is refused, however long the text goes on") {
  CHECK(parse_json(std::string(60, '[') + std::string(60, ']')));
  CHECK_FALSE(parse_json(std::string(1'000'000, '[')));
  CHECK_FALSE(parse_json(std::string(100, '[') + std::string(100, ']')));
}

TEST_CASE("SHA-256 gives the digests of FIPS 180-2, appendix B") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex(std::string(1'000'000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("a file's hash is its content's, and a file that can't be read is named") {
  const auto file = std::filesystem::temp_directory_path() / "assay-hash-test";
  std::ofstream(file, std::ios::binary) << std::string(1'000'000, 'a');
  CHECK(*sha256_of_file(file.string()) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  std::filesystem::remove(file);
  const auto missing = sha256_of_file(file.string());
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message.find(file.string()) != std::string::npos);
}
