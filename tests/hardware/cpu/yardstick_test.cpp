#include "hardware/cpu/yardstick.hpp"

#include "harness/core/protocol.hpp"
#include "tests/catch.hpp"
#include "tests/harness/worker/dialogue.hpp"

using namespace assay;
using namespace assay::hardware;

TEST_CASE("the state that the yardstick is judged by is that of the steps one by one") {
  for (const std::int64_t steps : {0, 1, 2, 3, 7, 64, 1000, 1023, 12'345}) {
    CAPTURE(steps);
    std::uint64_t x = kYardstickStart;
    for (std::int64_t i = 0; i < steps; ++i) x = x * 6364136223846793005ULL + 1442695040888963407ULL;
    CHECK(run_yardstick(kYardstickStart, steps) == x);
    CHECK(yardstick_after(kYardstickStart, steps) == x);
  }
  // Knuth's generator from 0: its first two states.
  CHECK(yardstick_after(0, 1) == 1442695040888963407ULL);
  CHECK(yardstick_after(0, 2) == 1876011003808476466ULL);
}

TEST_CASE("a step too many or too few is found out") {
  for (const std::int64_t steps : {1, 1000, 500'000}) {
    CHECK(run_yardstick(kYardstickStart, steps + 1) != yardstick_after(kYardstickStart, steps));
    CHECK(run_yardstick(kYardstickStart, steps - 1) != yardstick_after(kYardstickStart, steps));
  }
}

TEST_CASE("calibrated steps are whole thousands, so that a planted ratio of three decimals is exact") {
  const std::int64_t steps = yardstick_steps_in(1e-4);
  CHECK(steps >= 1000);
  CHECK(steps % 1000 == 0);
  CHECK(planted_steps(steps, 1.001) * 1000 == steps * 1001);
  CHECK(planted_steps(steps, 1) == steps);
  CHECK(planted_steps(3, 1.5) == 5);
}

namespace {

protocol::Reply<protocol::Prepared> prepare(test::Dialogue& worker, const std::string& levels) {
  return protocol::parse_prepared(worker.ask(R"({"op":"prepare","treatment":{)" + levels + R"(},"cpus":[0],"seed":1})"));
}

}  // namespace

TEST_CASE("the yardstick worker does planted times its steps, walks as much memory, and is found right") {
  const auto [levels, steps, lines] = GENERATE(table<std::string, double, double>({
      {R"("steps":1000)", 1000, 0},
      {R"("steps":1000,"planted":1.02)", 1020, 0},
      {R"("steps":1000,"working_set_bytes":64000)", 1000, 1000},
      {R"("steps":1000,"working_set_bytes":64000,"planted":2.5)", 2500, 2500},
      {R"("steps":1000,"working_set_bytes":63,"planted":3)", 3000, 0},
      {R"("steps":1000,"threads":1,"iteration_s":5)", 1000, 0},
  }));
  CAPTURE(levels);
  test::Dialogue worker({YARDSTICK_WORKER});
  REQUIRE(protocol::parse_description(worker.ask(protocol::describe_request())).ok());
  const auto prepared = prepare(worker, levels);
  REQUIRE(prepared.ok());
  CHECK(prepared.value->work.at("steps") == steps);
  CHECK(prepared.value->work.at("lines") == lines);
  CHECK(protocol::parse_checked(worker.ask(protocol::check_request())).ending.outcome == Outcome::invalid_output);  // nothing has run
  for (int i = 0; i < 2; ++i) {
    REQUIRE(protocol::parse_run(worker.ask(protocol::run_request(3, 1000, false))).ok());
    const auto check = protocol::parse_checked(worker.ask(protocol::check_request()));
    REQUIRE(check.ok());
    CHECK(check.value->max_error == 0);
  }
  CHECK(worker.ask(protocol::quit_request()).empty());
  CHECK(worker.ended_quietly());
}

TEST_CASE("without steps the yardstick worker calibrates them") {
  test::Dialogue worker({YARDSTICK_WORKER});
  const auto prepared = prepare(worker, R"("iteration_s":0.0001)");
  REQUIRE(prepared.ok());
  CHECK(prepared.value->work.at("steps") >= 1000);
}

TEST_CASE("the yardstick worker says what it can't do") {
  const auto [levels, said] = GENERATE(table<std::string, std::string>({
      {R"("planted":0.98)", "planted"},
      {R"("planted":"much")", "planted"},
      {R"("steps":-1)", "steps"},
      {R"("steps":1.5)", "steps"},
      {R"("iteration_s":0)", "iteration_s"},
      {R"("working_set_bytes":-64)", "working_set_bytes"},
  }));
  test::Dialogue worker({YARDSTICK_WORKER});
  const auto prepared = prepare(worker, levels);
  CHECK(prepared.ending.outcome == Outcome::unsupported);
  CHECK_THAT(prepared.ending.reason, Catch::Matchers::ContainsSubstring(said));
}
