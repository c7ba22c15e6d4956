#include "harness/plan/set_controls.hpp"

#include "tests/catch.hpp"

using assay::plan::set_controls;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::string kFile =
    "[factors]\n"
    "version = [1, 2]\n"
    "\n"
    "[controls]\n"
    "dataset   = \"mnist\"  # the usual one\n"
    "\"batch\" = 1\n"
    "bound_s = 0.01\n"
    "\n"
    "[presets.quick]\n"
    "rounds = 7\n";

std::string set(const std::vector<std::string>& words) { return *set_controls(kFile, "file.toml", words); }
std::string refusal(const std::string& file, const std::string& word) {
  const auto result = set_controls(file, "file.toml", {word});
  return result ? "taken: " + *result : result.error().message;
}

}  // namespace

TEST_CASE("a control's line is replaced, keeps what it was, and all else stays to the byte") {
  CHECK(set({}) == kFile);
  std::string expected = kFile;
  const std::string line = "dataset   = \"mnist\"  # the usual one";
  expected.replace(expected.find(line), line.size(), "dataset   = \"fashion-mnist\"  # by --set; the file has: " + line);
  CHECK(set({"dataset=fashion-mnist"}) == expected);
  CHECK(set({"dataset=\"fashion-mnist\""}) == expected);
}

TEST_CASE("values are what TOML reads, or text") {
  CHECK_THAT(set({"batch=64", "bound_s=1e-3"}), ContainsSubstring("\"batch\" = 64  #") && ContainsSubstring("bound_s = 1e-3  #"));
  CHECK_THAT(set({"dataset=true"}), ContainsSubstring("dataset   = true  #"));
  CHECK_THAT(set({"dataset=a \"b\" \\ # c"}), ContainsSubstring(R"(dataset   = "a \"b\" \\ # c"  # by)"));
  CHECK_THAT(set({"dataset=a=b"}), ContainsSubstring("dataset   = \"a=b\"  #"));
  CHECK_THAT(set({"batch=2", "batch=3"}), ContainsSubstring("\"batch\" = 3  # by --set; the file has: \"batch\" = 2"));
}

TEST_CASE("lines that end as Windows ends them do so afterwards") {
  const auto text = set_controls("[controls]\r\na = 1\r\nb = 2\r\n", "file.toml", {"a=3"});
  REQUIRE(text);
  CHECK(*text == "[controls]\r\na = 3  # by --set; the file has: a = 1\r\nb = 2\r\n");
}

TEST_CASE("what is no control of the file is refused, and those that are are named") {
  CHECK_THAT(refusal(kFile, "datset=x"), ContainsSubstring("--set datset=x: there is no control 'datset' in file.toml; controls there are: dataset, batch, bound_s"));
  CHECK_THAT(refusal(kFile, "version=1"), ContainsSubstring("'version' is a factor, which varies, in file.toml"));
  CHECK_THAT(refusal("[factors]\na = [1]\n", "b=1"), ContainsSubstring("controls there are: none"));
  for (const char* word : {"batch", "=3", "batch="}) CHECK_THAT(refusal(kFile, word), ContainsSubstring("give control=value"));
  CHECK_THAT(refusal("controls = { a = 1, b = 2 }\n", "a=3"), ContainsSubstring("file.toml:1 is no line of the form a = …"));
  CHECK_THAT(refusal("[controls]\na = '''\nx'''\n", "a=3"), ContainsSubstring("is no line of the form a = …"));
  CHECK_THAT(refusal("[controls\n", "a=3"), ContainsSubstring("file.toml:1: not TOML"));
  CHECK_THAT(refusal(kFile, "batch=1\nx = 2"), ContainsSubstring("no line of the form") || ContainsSubstring("\\n"));
}
