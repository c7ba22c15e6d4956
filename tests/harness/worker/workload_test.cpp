#include "harness/worker/workload.hpp"

#include <cmath>
#include <limits>

#include "tests/catch.hpp"

using namespace assay;

namespace {

const worker::Assignment kAssignment{
    .treatment = Treatment({{"n", Level(std::int64_t{64})}, {"scale", Level(0.5)}, {"isa", Level(std::string("avx2"))},
                            {"huge_pages", Level(true)}}),
    .cpus = {1},
    .seed = 7};

/// The ending of the Refusal that `look_up` throws; ok if it throws none.
template <class F>
Ending refusal_of(F look_up) {
  try {
    look_up();
  } catch (const worker::Refusal& refusal) {
    return refusal.ending;
  }
  return {};
}

}  // namespace

TEST_CASE("an assignment gives each level in its type, and an integer where a number is wanted") {
  CHECK(kAssignment.integer("n") == 64);
  CHECK(kAssignment.number("n") == 64.0);
  CHECK(kAssignment.number("scale") == 0.5);
  CHECK(kAssignment.text("isa") == "avx2");
  CHECK(kAssignment.flag_or("huge_pages", false));
  CHECK(kAssignment.integer_or("batch", 8) == 8);
  CHECK(kAssignment.number_or("rate", 1.5) == 1.5);
  CHECK(kAssignment.text_or("mode", "fast") == "fast");
}

TEST_CASE("an absent or mistyped factor is refused as unsupported by name, type and level") {
  const Ending absent = refusal_of([] { kAssignment.integer("batch"); });
  CHECK(absent.outcome == Outcome::unsupported);
  CHECK(absent.reason == "this worker needs batch (factor or control), an integer");
  const Ending mistyped = refusal_of([] { kAssignment.integer_or("isa", 1); });
  CHECK(mistyped.outcome == Outcome::unsupported);
  CHECK(mistyped.reason == "isa is \"avx2\", but this worker takes an integer there");
  CHECK(refusal_of([] { kAssignment.integer("scale"); }).outcome == Outcome::unsupported);
  CHECK(refusal_of([] { kAssignment.number("isa"); }).outcome == Outcome::unsupported);
  CHECK(refusal_of([] { kAssignment.number_or("huge_pages", 1); }).outcome == Outcome::unsupported);
}

TEST_CASE("the larger of two errors is infinite as soon as one is NaN, and stays so") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(worker::larger_error(1, 2) == 2);
  CHECK(worker::larger_error(2, 1) == 2);
  CHECK(std::isinf(worker::larger_error(0, nan)));
  CHECK(std::isinf(worker::larger_error(nan, 0)));
  CHECK(std::isinf(worker::larger_error(worker::larger_error(0, nan), 1)));
}

TEST_CASE("Stepping runs its author's step as often as a block asks, called through the base") {
  struct Counter final : worker::Stepping<Counter> {
    protocol::Description describe() override { return {}; }
    protocol::Prepared prepare(const worker::Assignment&) override { return {}; }
    void step() override { ++count; }
    std::int64_t count = 0;
  } counter;
  worker::Workload& workload = counter;
  workload.steps(1'000);
  CHECK(counter.count == 1'000);
  workload.steps(0);
  CHECK(counter.count == 1'000);
  workload.step();
  CHECK(counter.count == 1'001);
}

TEST_CASE("predictions for other items than there are labels are refused") {
  const std::int32_t two[] = {1, 2};
  const std::int32_t three[] = {1, 2, 3};
  CHECK(refusal_of([&] { worker::predictions(two, three); }).outcome == Outcome::invalid_output);
  CHECK(refusal_of([] { worker::predictions({}, {}); }).outcome == Outcome::invalid_output);
}
