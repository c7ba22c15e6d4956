#include "harness/run/output.hpp"

#include <string>

#include "harness/core/hash.hpp"
#include "tests/catch.hpp"

using namespace assay;
using namespace assay::run;
using Catch::Matchers::ContainsSubstring;

namespace {

Output output(const std::string& standard, const std::string& file = "") {
  Output o;
  for (const auto& [name, bytes] : {std::pair("standard output", standard), std::pair("{out}/x", file)}) {
    o.parts.push_back({name, sha256_hex(bytes), std::make_shared<const std::string>(bytes)});
  }
  return o;
}

}  // namespace

TEST_CASE("equal outputs have no first difference") {
  CHECK_FALSE(first_difference(output("a\nb", "c"), output("a\nb", "c")));
}

TEST_CASE("the first difference is told by byte, line and both texts") {
  CHECK(*first_difference(output("one\ntwo 2\nthree\n"), output("one\ntwo 3\nthree\n")) ==
        "standard output differs from byte 9 on (line 2): \"2\" against \"3\"");
  CHECK(*first_difference(output("same", "ab"), output("same", "abc")) == "{out}/x differs from byte 3 on (line 1): its end against \"c\"");
  CHECK_THAT(*first_difference(output("\xff\n"), output("a")), ContainsSubstring("differs from byte 1 on"));
}

TEST_CASE("an output is compared with its baseline's of the same round, whichever ran first") {
  OutputComparison outputs;
  CHECK(outputs.enter(1, 1, 0, 10, output("new")).ok());  // the baseline hasn't run yet
  CHECK(outputs.enter(1, 2, 0, 11, output("old")).ok());
  CHECK(outputs.take_late().empty());
  CHECK(outputs.enter(1, 0, 0, 12, output("old")).ok());
  const auto late = outputs.take_late();
  REQUIRE(late.size() == 1);
  CHECK(late[0].first == 10);
  CHECK(late[0].second.outcome == Outcome::wrong_answer);
  CHECK_THAT(late[0].second.reason, ContainsSubstring("not the baseline's: standard output differs from byte 1 on"));
  CHECK(outputs.take_late().empty());
  CHECK(outputs.enter(1, 1, 0, 13, output("new")).outcome == Outcome::wrong_answer);
  CHECK(outputs.enter(2, 1, 0, 14, output("new")).ok());  // the seed is another one in another round
  CHECK(outputs.enter(2, 0, 0, 15, output("new")).ok());
  CHECK(outputs.take_late().empty());
}

TEST_CASE("a baseline whose output changes within a round is wrong itself") {
  OutputComparison outputs;
  CHECK(outputs.enter(1, 0, 0, 1, output("a")).ok());
  const Ending ending = outputs.enter(1, 0, 0, 2, output("b"));
  CHECK(ending.outcome == Outcome::wrong_answer);
  CHECK_THAT(ending.reason, ContainsSubstring("its own of before"));
}
