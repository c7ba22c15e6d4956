#include "hardware/cpu/peak.hpp"

#include <cmath>
#include <cstring>

#include "harness/core/protocol.hpp"
#include "tests/catch.hpp"
#include "tests/harness/worker/dialogue.hpp"

using namespace assay;
using namespace assay::hardware;

TEST_CASE("each instruction set of this processor leaves exactly the sums that its rounds predict") {
  const Precision precision = GENERATE(Precision::f64, Precision::f32);
  for (const PeakKernel& kernel : usable_peak_kernels(precision)) {
    CAPTURE(kernel.isa, precision == Precision::f64);
    auto peak = make_peak_loop({.precision = precision, .threads = 1, .isa = std::string(kernel.isa), .cpus = {}});
    REQUIRE(peak);
    CHECK((*peak)->isa() == kernel.isa);
    CHECK(std::isinf((*peak)->max_error()));  // nothing has run
    (*peak)->run(3);
    CHECK((*peak)->max_error() == 0);
    (*peak)->poison();
    CHECK(std::isinf((*peak)->max_error()));
    CHECK((*peak)->flop_per_iteration() == 2.0 * kernel.lanes * 480'000);
  }
}

TEST_CASE("a kernel that does one round less is found out") {
  for (const PeakKernel& kernel : usable_peak_kernels(Precision::f64)) {
    CAPTURE(kernel.isa);
    const auto last_lane = [&kernel](std::int64_t rounds) {
      PeakOperands operands{};
      for (int j = 0; j < kernel.accumulators; ++j) {
        for (int lane = 0; lane < kernel.lanes; ++lane) {
          const double start = j;
          std::memcpy(operands.start + 8 * (j * kernel.lanes + lane), &start, 8);
        }
      }
      for (int lane = 0; lane < kernel.lanes; ++lane) {
        const double x = kernel.fused ? 3 : 1;
        const double y = 0.75 * (1 + lane) / x;
        std::memcpy(operands.x + 8 * lane, &x, 8);
        std::memcpy(operands.y + 8 * lane, &y, 8);
      }
      kernel.run(rounds, operands);
      double sum = 0;
      std::memcpy(&sum, operands.sum + 8 * (kernel.lanes - 1), 8);
      return sum;
    };
    const double starts = kernel.accumulators * (kernel.accumulators - 1) / 2.0;
    CHECK(last_lane(8) == starts + kernel.accumulators * 8 * 0.75 * kernel.lanes);
    CHECK(last_lane(8) - last_lane(7) == kernel.accumulators * 0.75 * kernel.lanes);
  }
}

TEST_CASE("every thread does the whole of its iterations, run after run") {
  auto peak = make_peak_loop({.precision = Precision::f64, .threads = 3, .isa = "", .cpus = {}});
  REQUIRE(peak);
  for (int run = 1; run <= 20; ++run) {
    (*peak)->poison();
    (*peak)->run(run % 3 + 1);
    REQUIRE((*peak)->max_error() == 0);
  }
  auto one = make_peak_loop({.precision = Precision::f64, .threads = 1, .isa = "", .cpus = {}});
  REQUIRE(one);
  CHECK((*peak)->flop_per_iteration() == 3 * (*one)->flop_per_iteration());
}

TEST_CASE("what can't be done is one message") {
  const auto error = [](PeakSettings settings) {
    const auto peak = make_peak_loop(settings);
    REQUIRE_FALSE(peak);
    return peak.error().message;
  };
  CHECK_THAT(error({.precision = Precision::f64, .threads = 0, .isa = "", .cpus = {}}), Catch::Matchers::ContainsSubstring("threads"));
  CHECK_THAT(error({.precision = Precision::f64, .threads = 1, .isa = "mmx", .cpus = {}}),
             Catch::Matchers::ContainsSubstring("mmx") && Catch::Matchers::ContainsSubstring("portable"));
  CHECK_THAT(error({.precision = Precision::f64, .threads = 2, .isa = "", .cpus = {100'000, 100'001}}),
             Catch::Matchers::ContainsSubstring("CPU 10000"));
}

TEST_CASE("the peak worker is prepared, run and found right, with counters") {
  test::Dialogue worker({PEAK_WORKER});
  const auto description = protocol::parse_description(worker.ask(protocol::describe_request()));
  REQUIRE(description.ok());
  CHECK(description.value->worker == "peak");
  const auto prepared = protocol::parse_prepared(
      worker.ask(R"({"op":"prepare","treatment":{"peak":"fma","precision":"f32","threads":1},"cpus":[0],"seed":1})"));
  REQUIRE(prepared.ok());
  CHECK(prepared.value->work.at("flop") > 0);
  CHECK(protocol::parse_checked(worker.ask(protocol::check_request())).ending.outcome == Outcome::invalid_output);
  const auto run = protocol::parse_run(worker.ask(protocol::run_request(5, 1000, true)));
  REQUIRE(run.ok());
  CHECK(run.value->samples.size() == 5);
  CHECK(run.value->counters.contains("task_clock_s"));
  const auto check = protocol::parse_checked(worker.ask(protocol::check_request()));
  REQUIRE(check.ok());
  CHECK(check.value->max_error == 0);
  CHECK(worker.ask(protocol::quit_request()).empty());
  CHECK(worker.ended_quietly());
}

TEST_CASE("the peak worker reads, writes and walks through each level that this machine has") {
  const std::string peak = GENERATE("read", "write", "copy", "triad", "latency");
  test::Dialogue worker({PEAK_WORKER});
  const auto prepared = protocol::parse_prepared(
      worker.ask(R"({"op":"prepare","treatment":{"level":"l1","peak":")" + peak + R"("},"cpus":[0],"seed":1})"));
  if (prepared.ending.outcome == Outcome::unsupported) return;  // /sys tells nothing of caches here
  REQUIRE(prepared.ok());
  CHECK(prepared.value->work.contains("bytes") == (peak != "latency"));
  CHECK(prepared.value->work.contains("flop") == (peak == "triad"));
  REQUIRE(protocol::parse_run(worker.ask(protocol::run_request(100, 1000, false))).ok());
  const auto check = protocol::parse_checked(worker.ask(protocol::check_request()));
  REQUIRE(check.ok());
  CHECK(check.value->max_error == 0);
}

TEST_CASE("the peak worker says which level it doesn't know") {
  const auto [treatment, said] = GENERATE(table<std::string, std::string>({
      {R"({"peak":"stream"})", "stream"},
      {R"({"precision":"f16"})", "f16"},
      {R"({"peak":"read","level":"l9"})", "l9"},
      {R"({"peak":"latency","level":"l1","threads":2})", "latency"},
      {R"({"threads":"two"})", "threads"},
      {R"({"threads":0})", "threads"},
      {R"({"threads":99999999999})", "threads"},
      {R"({"isa":"mmx"})", "mmx"},
  }));
  test::Dialogue worker({PEAK_WORKER});
  const auto prepared =
      protocol::parse_prepared(worker.ask(R"({"op":"prepare","treatment":)" + treatment + R"(,"cpus":[0],"seed":1})"));
  CHECK(prepared.ending.outcome == Outcome::unsupported);
  CHECK_THAT(prepared.ending.reason, Catch::Matchers::ContainsSubstring(said));
}
