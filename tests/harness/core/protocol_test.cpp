// What a worker may say, and what becomes of everything else: no exception, an outcome with a reason.
#include "harness/core/protocol.hpp"

#include "tests/catch.hpp"

using namespace assay;
using namespace assay::protocol;

namespace {

struct Bad {
  const char* line;
  const char* reason;  // a part of it
};

template <class Parse>
void refuses(Parse parse, const std::vector<Bad>& rows, Outcome outcome = Outcome::invalid_output) {
  for (const Bad& row : rows) {
    INFO(std::string(row.line).substr(0, 200));
    const auto reply = parse(row.line);
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.ending.outcome == outcome);
    CHECK_THAT(reply.ending.reason, Catch::Matchers::ContainsSubstring(row.reason));
  }
}

}  // namespace

TEST_CASE("requests are the lines that FORMAT shows") {
  CHECK(describe_request() == R"({"op":"describe"})");
  CHECK(run_request(3, 1'000'000, false) == R"({"op":"run","iterations":3,"settle_ns":1000000,"samples":false})");
  CHECK(check_request() == R"({"op":"check"})");
  CHECK(quit_request() == R"({"op":"quit"})");
  const Treatment t({{"version", std::string("7_avx")}, {"n", std::int64_t{512}}});
  CHECK(prepare_request(t, {0, 1}, 42) ==
        R"({"cpus":[0,1],"op":"prepare","seed":42,"treatment":{"n":512,"version":"7_avx"}})");
}

TEST_CASE("a seed fits in a double, so that JSON of any language carries it") {
  const auto request = parse_json(prepare_request(Treatment(), {}, ~std::uint64_t{0}));
  REQUIRE(request);
  CHECK((*request)["seed"].get<std::uint64_t>() == (std::uint64_t{1} << 53) - 1);
}

TEST_CASE("replies that are no reply to anything are invalid_output, whatever was asked") {
  const std::vector<Bad> rows{{"", "not JSON"},
                              {"Epoch 1/10: loss 0.3", "not JSON"},
                              {"{\"ok\":true", "not JSON"},
                              {"{\"ok\":true}{\"ok\":true}", "not JSON"},
                              {"\xff\xfe", "not JSON"},
                              {"[]", "no boolean field ok"},
                              {"null", "no boolean field ok"},
                              {"3", "no boolean field ok"},
                              {"{}", "no boolean field ok"},
                              {R"({"ok":1})", "no boolean field ok"},
                              {R"({"ok":"true"})", "no boolean field ok"},
                              {R"({"ok":false,"outcome":"ok"})", "doesn't exist"},
                              {R"({"ok":false,"outcome":"exploded"})", "doesn't exist"},
                              {R"({"ok":false,"outcome":7})", "doesn't exist"}};
  refuses(parse_description, rows);
  refuses(parse_prepared, rows);
  refuses(parse_run, rows);
  refuses(parse_checked, rows);
  refuses(parse_evaluated, rows);
}

TEST_CASE("what a reply holds that isn't JSON is quoted, escaped and cut short") {
  const auto reply = parse_run("\x1b[31m" + std::string(10'000, 'x'));
  CHECK(reply.ending.reason.size() < 200);
  CHECK(reply.ending.reason.find('\x1b') == std::string::npos);
}

TEST_CASE("a worker's own refusal keeps its outcome and reason") {
  const auto reply = parse_prepared(R"({"ok":false,"outcome":"unsupported","reason":"needs AVX-512F"})");
  CHECK(reply.ending.outcome == Outcome::unsupported);
  CHECK(reply.ending.reason == "needs AVX-512F");
}

TEST_CASE("a refusal without an outcome is a crash, and without a reason says so") {
  const auto reply = parse_prepared(R"({"ok":false})");
  CHECK(reply.ending.outcome == Outcome::crashed);
  CHECK_THAT(reply.ending.reason, Catch::Matchers::ContainsSubstring("no reason"));
}

TEST_CASE("describe needs a known protocol, a name and metrics") {
  refuses(parse_description, {{R"({"ok":true,"worker":"w","metrics":[]})", "protocol"},
                              {R"({"ok":true,"protocol":"1","worker":"w","metrics":[]})", "protocol"},
                              {R"({"ok":true,"protocol":1,"metrics":[]})", "worker"},
                              {R"({"ok":true,"protocol":1,"worker":"w"})", "metrics"},
                              {R"({"ok":true,"protocol":1,"worker":"w","metrics":{}})", "metrics"},
                              {R"({"ok":true,"protocol":1,"worker":"w","metrics":[{"unit":"s"}]})", "name"},
                              {R"({"ok":true,"protocol":1,"worker":"w","metrics":[{"name":"t","clock":"sundial"}]})", "sundial"}});
  refuses(parse_description, {{R"({"ok":true,"protocol":2,"worker":"w","metrics":[]})", "speaks protocol 2"}},
          Outcome::unsupported);
}

TEST_CASE("prepare needs ok alone; its work is finite numbers") {
  CHECK(parse_prepared(R"({"ok":true})").ok());
  CHECK(parse_prepared(R"({"ok":true,"work":null,"later":[1]})").ok());
  CHECK(parse_prepared(R"({"ok":true,"inputs":{"a.bin":"12ab"}})").value->inputs.at("a.bin") == "12ab");
  refuses(parse_prepared, {{R"({"ok":true,"work":{"flop":"many"}})", "work.flop"},
                           {R"({"ok":true,"inputs":{"a.bin":12}})", "inputs.a.bin"},
                           {R"({"ok":true,"work":{"flop":null}})", "work.flop"},
                           {R"({"ok":true,"work":[1]})", "work"},
                           {R"({"ok":true,"modelled":{"factor":0,"note":"8 of 64 rows"}})", "modelled"},
                           {R"({"ok":true,"modelled":{"factor":-2,"note":"8 of 64 rows"}})", "modelled"},
                           {R"({"ok":true,"modelled":{"factor":8}})", "modelled"}});
}

TEST_CASE("run needs a finite elapsed of at least 0, a unit and a clock") {
  const auto good = parse_run(R"({"ok":true,"elapsed":9241034,"unit":"ns","clock":"wall","settled":1003122,"later":{}})");
  REQUIRE(good.ok());
  CHECK(good.value->elapsed == 9241034);
  CHECK(good.value->settled_ns == 1003122);
  refuses(parse_run, {{R"({"ok":true,"unit":"ns","clock":"wall"})", "elapsed"},
                      {R"({"ok":true,"elapsed":NaN,"unit":"ns","clock":"wall"})", "not JSON"},
                      {R"({"ok":true,"elapsed":null,"unit":"ns","clock":"wall"})", "elapsed"},
                      {R"({"ok":true,"elapsed":"5","unit":"ns","clock":"wall"})", "elapsed"},
                      {R"({"ok":true,"elapsed":-1,"unit":"ns","clock":"wall"})", "elapsed"},
                      {R"({"ok":true,"elapsed":1e999,"unit":"ns","clock":"wall"})", "not JSON"},
                      {R"({"ok":true,"elapsed":1,"clock":"wall"})", "unit"},
                      {R"({"ok":true,"elapsed":1,"unit":"fortnight","clock":"wall"})", "fortnight"},
                      {R"({"ok":true,"elapsed":1,"unit":"ns"})", "clock"},
                      {R"({"ok":true,"elapsed":1,"unit":"ns","clock":""})", "clock"},
                      {R"({"ok":true,"elapsed":1,"unit":"ns","clock":"sundial"})", "clock"},
                      {R"({"ok":true,"elapsed":1,"unit":"ns","clock":"wall","samples":[1,"2"]})", "sample"},
                      {R"({"ok":true,"elapsed":1,"unit":"ns","clock":"wall","samples":[-1]})", "sample"},
                      {R"({"ok":true,"elapsed":1,"unit":"ns","clock":"wall","metrics":{"x":null}})", "metrics.x"},
                      {R"({"ok":true,"max_error":0,"tolerance":1,"rule":"answers check"})", "elapsed"}});
}

TEST_CASE("a nonsensical settling time is clamped, since only elapsed counts") {
  CHECK(parse_run(R"({"ok":true,"elapsed":1,"unit":"ns","clock":"wall","settled":-5})").value->settled_ns == 0);
  CHECK(parse_run(R"({"ok":true,"elapsed":1,"unit":"ns","clock":"wall","settled":1e300})").value->settled_ns > 0);
}

TEST_CASE("a clock that counts no time may count in what it likes") {
  const auto reply = parse_run(R"({"ok":true,"elapsed":2140472,"unit":"instructions","clock":"instructions"})");
  REQUIRE(reply.ok());
  CHECK(reply.value->unit == "instructions");
}

TEST_CASE("check needs max_error, tolerance and rule, and never compares with NaN") {
  CHECK(parse_checked(R"({"ok":true,"max_error":0,"tolerance":0,"rule":"equal"})").ok());
  refuses(parse_checked, {{R"({"ok":true,"max_error":NaN,"tolerance":1,"rule":"r"})", "not JSON"},
                          {R"({"ok":true,"max_error":null,"tolerance":1,"rule":"r"})", "max_error"},
                          {R"({"ok":true,"max_error":0,"rule":"r"})", "tolerance"},
                          {R"({"ok":true,"max_error":0,"tolerance":-1,"rule":"r"})", "tolerance"},
                          {R"({"ok":true,"max_error":0,"tolerance":1})", "rule"}});
}

TEST_CASE("evaluate needs metrics that are finite numbers") {
  const auto good = parse_evaluated(R"({"ok":true,"metrics":{"accuracy":0.9911},"items":10000})");
  REQUIRE(good.ok());
  CHECK(good.value->metrics.at("accuracy") == 0.9911);
  CHECK(good.value->items == 10000);
  refuses(parse_evaluated, {{R"({"ok":true})", "metrics"},
                            {R"({"ok":true,"metrics":[0.99]})", "metrics"},
                            {R"({"ok":true,"metrics":{"accuracy":"high"}})", "metrics.accuracy"}});
  refuses(parse_evaluated, {{R"({"ok":true,"metrics":{},"items":1e300})", "items"},
                            {R"({"ok":true,"metrics":{},"items":-1})", "items"}});
}

TEST_CASE("labels must be of the items that were predicted, and their hash theirs") {
  // Classes 0, 1, 300 against 0, 1, 2, as in the workers' test.
  const std::string head = R"({"ok":true,"metrics":{"accuracy":0.6667},)";
  const std::string hash = "ad5dc1478de06a4c2728ea528bd9361a4b945e92a414bf4d180cedaaeaa5f4cc";
  const std::string both = R"("predictions":"AAAAAAEAAAAsAQAA","labels":"AAAAAAEAAAACAAAA")";
  const auto good = parse_evaluated(head + both + "}");
  REQUIRE(good.ok());
  CHECK(good.value->items == 3);
  CHECK(good.value->labels_sha256 == hash);
  CHECK(parse_evaluated(head + both + R"(,"items":3,"labels_sha256":")" + hash + "\"}").ok());
  CHECK(parse_evaluated(head + R"("predictions":"not Base64 at all"})").ok());  // as before labels were sent
  struct Row {
    std::string rest, reason;
  };
  for (const Row& row : {Row{both + R"(,"items":4})", "items is 4, but there are 3 labels"},
                         {both + R"(,"labels_sha256":"00"})", "labels_sha256 is not the hash of the labels"},
                         {R"("labels":"AAAAAAEAAAACAAAA"})", "0 predictions for 3 labels"},
                         {R"("predictions":"AAAAAA==","labels":"AAAAAAEAAAACAAAA"})", "1 predictions for 3 labels"},
                         {R"("predictions":"AAAAAA==","labels":"AAAAA"})", "labels: 5 characters are no Base64"},
                         {R"("predictions":"AA!AAA==","labels":"AAAAAA=="})", "predictions: character 3"},
                         {R"("predictions":"AAAAAA==","labels":"AAAA"})", "no whole number of classes"}}) {
    const std::string line = head + row.rest;
    refuses(parse_evaluated, {{line.c_str(), row.reason.c_str()}});
  }
}

TEST_CASE("what a worker library encodes, the supervisor reads back unchanged") {
  Description d;
  d.worker = "matmul";
  d.libraries = {{"openblas", "0.3.21 SkylakeX"}};
  d.metrics.push_back({});
  d.metrics.back().name = "time_s";
  d.warmup_s = 3;
  d.may_be_stopped = false;
  const auto description = parse_description(encode(d));
  REQUIRE(description.ok());
  CHECK(encode(*description.value) == encode(d));

  Prepared p;
  p.work = {{"flop", 268435456}, {"bytes", 6291456}};
  p.modelled = Modelled{128, "8 of 1024 rows"};
  p.inputs = {{"mnist.safetensors", "12ab"}};
  const auto prepared = parse_prepared(encode(p));
  REQUIRE(prepared.ok());
  CHECK(encode(*prepared.value) == encode(p));

  RunResult r;
  r.elapsed = 9241034.5;
  r.settled_ns = 7;
  r.samples = {1.5, 2.5};
  r.counters = {{"faults", 3}, {"cycles", {{"reason", "no PMU"}}}};
  r.metrics = {{"energy_j", 0.25}};
  const auto result = parse_run(encode(r));
  REQUIRE(result.ok());
  CHECK(encode(*result.value) == encode(r));

  const auto refused = parse_checked(encode(Ending{Outcome::unsupported, "no oracle"}));
  CHECK(refused.ending.outcome == Outcome::unsupported);
  CHECK(refused.ending.reason == "no oracle");
}

TEST_CASE("seconds in a unit of time; none in instructions") {
  CHECK(seconds_in("ns") == 1e-9);
  CHECK(seconds_in("us") == 1e-6);
  CHECK(seconds_in("ms") == 1e-3);
  CHECK(seconds_in("s") == 1.0);
  CHECK_FALSE(seconds_in("instructions").has_value());
  CHECK_FALSE(seconds_in("").has_value());
}
