// The tail phase: single iterations, sampled for percentiles.
#include <filesystem>

#include "tests/harness/run/scripted_run.hpp"

using namespace assay;
using namespace assay::run;
using namespace assay::run::testing;

TEST_CASE("a percentile's samples are kept in a file a process, hashed in its line, and come back as they were sent") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "slow_every = [0, 10]", "baseline = { slow_every = 0 }\n[controls]\ntime_ns = 100000\n"
                                              "[metrics]\nprimary = [\"time_s\", \"time_s.p99\"]", ", \"--clock\", \"device_event\""));
  const auto tails = blocks_of(m, "tail");
  REQUIRE(tails.size() == 3 * 3);  // both treatments and the copy, in three rounds
  for (const Json& tail : tails) {
    CHECK(tail["iterations"] == 11'000);  // a second and a tenth of 100 µs
    CHECK(tail["samples"]["count"] == 11'000);
    CHECK(std::filesystem::exists(m.summary.folder / tail["samples"]["file"].get<std::string>()));
  }
  const auto slow = record::side_tails(m.record, {1, Role::plain});
  REQUIRE(slow.size() == 3);
  for (const auto& side : slow) {
    const auto& values = side.tail->values;
    REQUIRE(values.size() == 11'000);
    CHECK(values[9'899] == 100e-6);  // each tenth takes ten times as long
    CHECK(values[9'900] == 1e-3);
  }
  CHECK(record::side_tails(m.record, {0, Role::plain})[0].tail->values.back() == 100e-6);
  CHECK(record::paired_rounds(m.record, {1, Role::plain}, {0, Role::plain}, 0).size() == 3);  // no tail among them
}

TEST_CASE("without a percentile nobody is asked for samples") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "time_ns = [1000000, 1200000]"));
  CHECK(blocks_of(m, "tail").empty());
  for (const Json& block : lines_of(m, "block")) CHECK_FALSE(block.contains("samples"));
}

TEST_CASE("fewer samples than iterations are invalid_output") {
  FakeWorker fake;
  const Measured m = measure(fake, experiment(fake, "drop_samples = [0, 3]", "[controls]\ntime_ns = 1000000\n[metrics]\nprimary = [\"time_s.p99\"]",
                                              ", \"--clock\", \"device_event\""));
  const auto failed = lines_of(m, "failed");
  REQUIRE(failed.size() == 1);
  CHECK(failed[0]["outcome"] == "invalid_output");
  CHECK(failed[0]["reason"] == "it sent 1097 samples for 1100 iterations");
}
