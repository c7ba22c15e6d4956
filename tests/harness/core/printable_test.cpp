#include "harness/core/printable.hpp"

#include "harness/core/ascii.hpp"
#include "tests/catch.hpp"

using namespace assay;

TEST_CASE("text of others is shown without what moves a cursor or turns words around") {
  CHECK(printable("int8") == "int8");
  CHECK(printable("größe …") == "größe …");
  CHECK(printable("\x1b[2J\u202Eab\xff") == "\\u{001B}[2J\\u{202E}ab\\xFF");
  CHECK(printable("\xff\xc3") == "\\xFF\\xC3");
  CHECK(printable("abcdef", 3) == "abc…");
  CHECK(printable("äöü", 4) == "äö…");
  CHECK(printable("äöü", 5) == "äö…");
  CHECK(unprintable_in("naïve 日本") == "");
  CHECK(unprintable_in("a\u200Fb") == "U+200F");
  CHECK(unprintable_in("a\xC0\xAF") == "byte 0xC0");  // an overlong '/'
}

TEST_CASE("letters and white space are those of ASCII, and the rest stays as it is") {
  CHECK(lower_case("Größe ÄB_9") == "größe Äb_9");
  CHECK(trimmed("\t a b\r\n") == "a b");
  CHECK(trimmed(" \n") == "");
  CHECK(is_blank(""));
  CHECK_FALSE(is_blank("\u00A0"));  // no break there: somebody wrote it
  CHECK(without_line_end("/a folder \r\n\n") == "/a folder ");
  for (int byte = 128; byte < 256; ++byte) CHECK_FALSE((is_letter_or_digit(static_cast<char>(byte)) || is_white(static_cast<char>(byte))));
}
