#include "harness/core/treatment.hpp"

#include "harness/core/hash.hpp"
#include "tests/catch.hpp"

using namespace assay;

namespace {

Treatment made(std::vector<std::pair<std::string, Level>> levels) { return Treatment(std::move(levels)); }

}  // namespace

TEST_CASE("a treatment's id is the SHA-256 of its canonical JSON") {
  const Treatment t = made({{"n", std::int64_t{512}}, {"version", std::string("7_avx")}});
  CHECK(canonical_json(sorted_json(t)) == R"({"n":512,"version":"7_avx"})");
  CHECK(t.id() == sha256_hex(R"({"n":512,"version":"7_avx"})"));
}

TEST_CASE("the order of factors doesn't change the id, but stays in what people see") {
  const Treatment a = made({{"version", std::string("7_avx")}, {"n", std::int64_t{512}}});
  const Treatment b = made({{"n", std::int64_t{512}}, {"version", std::string("7_avx")}});
  CHECK(a.id() == b.id());
  CHECK(a.label() == "version=7_avx n=512");
  CHECK(to_json(a).dump() == R"({"version":"7_avx","n":512})");
}

TEST_CASE("1, 1.0, true and \"1\" are four different levels") {
  const std::vector<Level> ones{std::int64_t{1}, 1.0, true, std::string("1")};
  for (std::size_t i = 0; i < ones.size(); ++i) {
    for (std::size_t k = 0; k < ones.size(); ++k) {
      INFO(i << " against " << k);
      CHECK((made({{"x", ones[i]}}).id() == made({{"x", ones[k]}}).id()) == (i == k));
    }
  }
}

TEST_CASE("a level is substituted in its shortest form that reads back as the same value") {
  CHECK(shortest(std::int64_t{64}) == "64");
  CHECK(shortest(0.1) == "0.1");
  CHECK(shortest(1e-9) == "1e-09");
  CHECK(shortest(true) == "true");
  CHECK(shortest(std::string("fp 32")) == "fp 32");
  const double awkward = 0.1 + 0.2;
  CHECK(std::stod(shortest(awkward)) == awkward);
}

TEST_CASE("a treatment matches a partial one that names some of its levels, by type") {
  const Treatment t = made({{"precision", std::string("int8")}, {"batch", std::int64_t{8}}});
  CHECK(t.matches(Treatment()));
  CHECK(t.matches(made({{"batch", std::int64_t{8}}})));
  CHECK_FALSE(t.matches(made({{"batch", 8.0}})));
  CHECK_FALSE(t.matches(made({{"batch", std::int64_t{1}}})));
  CHECK_FALSE(t.matches(made({{"threads", std::int64_t{8}}})));
}

TEST_CASE("setting a factor twice keeps its place and its last level") {
  Treatment t = made({{"a", std::int64_t{1}}, {"b", std::int64_t{2}}});
  t.set("a", Level(std::int64_t{3}));
  t.set("c", Level(true));
  CHECK(t.label() == "a=3 b=2 c=true");
}

TEST_CASE("a treatment from JSON refuses what is no level") {
  REQUIRE(treatment_from_json({{"a", 1}, {"b", "x"}}));
  for (const Json& bad : {Json{{"a", nullptr}}, Json{{"a", Json::array({1})}}, Json{{"a", Json::object()}}, Json(1)}) {
    INFO(bad.dump());
    CHECK_FALSE(treatment_from_json(bad));
  }
}
