// What is decided before the first block, from scripted costs: a pure function.
#include "harness/run/calibration.hpp"

#include <cmath>
#include <utility>

#include "tests/catch.hpp"
#include "tests/harness/run/experiments.hpp"

using namespace assay;
using namespace assay::run;
using testing::planned;

namespace {

constexpr const char* kTwo = R"(
[experiment]
name = "two"
question = "?"
baseline = { version = "a" }
[worker]
command = ["true"]
[factors]
version = ["a", "b"]
)";

std::string with_preset(const std::string& lines) { return std::string(kTwo) + "[presets.quick]\n" + lines + "\n"; }

Rehearsal costs(const std::vector<double>& iteration_s) {
  Rehearsal rehearsal;
  for (const double s : iteration_s) {
    TreatmentCost cost;
    cost.iteration_s = s;
    cost.start_s = 0.1;
    rehearsal.treatments.push_back(cost);
  }
  return rehearsal;
}

}  // namespace

TEST_CASE("a block is as many iterations as come nearest to 5 ms, and at least one") {
  const auto plan = planned(kTwo);
  const Calibration c = calibrate(plan, costs({1e-6, 3e-3}));
  CHECK(c.treatments[0].iterations == 5000);
  CHECK(c.treatments[1].iterations == 2);
  CHECK(calibrate(plan, costs({0.05, 5})).treatments[1].iterations == 1);
}

TEST_CASE("an iteration too short to be seen doesn't ask for infinitely many") {
  const Calibration c = calibrate(planned(kTwo), costs({0, 1e-30}));
  CHECK(c.treatments[0].iterations == 1);
  CHECK(c.treatments[1].iterations == 1'000'000'000'000);
}

TEST_CASE("short iterations settle before each block and get one long block; iterations over 100 ms do neither") {
  const Calibration c = calibrate(planned(kTwo), costs({1e-3, 0.15}));
  CHECK(c.treatments[0].settle_ns == 500'000);  // into the middle of the one iteration that takes 1 ms
  CHECK(c.treatments[0].long_iterations == 50);
  CHECK(c.treatments[1].settle_ns == 0);
  CHECK(c.treatments[1].long_iterations == 0);
  CHECK(calibrate(planned(kTwo), costs({1e-3, 0.15}), {.long_block = false}).treatments[0].long_iterations == 0);
}

TEST_CASE("sides that are compared and nearly alike settle for equally many iterations, at least as long as is wanted") {
  const auto settled = [](double a_s, double b_s) {
    const Calibration c = calibrate(planned(kTwo), costs({a_s, b_s}));
    const auto iterations = [&](std::size_t i, double s) {
      return std::ceil(static_cast<double>(c.treatments[i].settle_ns) * 1e-9 / s);
    };
    return std::pair(iterations(0, a_s), iterations(1, b_s));
  };
  CHECK(settled(0.99e-3, 1.01e-3) == std::pair(2.0, 2.0));  // by time alone the first would settle twice, the second once
  CHECK(settled(1.01e-3, 0.99e-3) == std::pair(2.0, 2.0));
  CHECK(settled(0.99e-3, 1.30e-3) == std::pair(2.0, 1.0));  // they differ anyway
  CHECK(settled(20e-3, 21e-3) == std::pair(1.0, 1.0));
  CHECK(settled(0.33e-3, 0.34e-3) == std::pair(4.0, 4.0));
  const Calibration tiny = calibrate(planned(kTwo), costs({1e-6, 1.01e-6}));  // one more of a thousand is nothing: by time
  CHECK(tiny.treatments[0].settle_ns == 1'000'000);
  CHECK(tiny.treatments[1].settle_ns == 1'000'000);
  const Calibration unknown = calibrate(planned(kTwo), costs({0, 1e-3}));
  CHECK(unknown.treatments[0].settle_ns == 1'000'000);
}

TEST_CASE("two that are compared with the same third settle alike, though they aren't") {
  std::string text = kTwo;
  text.replace(text.find(R"(["a", "b"])"), 10, R"(["a", "b", "c"])");
  const Calibration c = calibrate(planned(text), costs({1.1e-3, 0.95e-3, 1.3e-3}));
  CHECK(c.treatments[0].settle_ns == 1'650'000);  // one and a half iterations
  CHECK(c.treatments[1].settle_ns == 1'425'000);
  CHECK(c.treatments[2].settle_ns == 1'950'000);
}

TEST_CASE("work whose energy can be read gets a tail of a second, unless its blocks are as long or the limit is short") {
  const auto plan = planned(kTwo);
  Rehearsal rehearsal = costs({1e-3, 1e-3});
  const Calibration without = calibrate(plan, rehearsal);
  CHECK(without.treatments[1].tail_iterations == 0);
  rehearsal.treatments[1].counts_energy = true;
  const Calibration with = calibrate(plan, rehearsal);
  CHECK(with.treatments[0].tail_iterations == 0);
  CHECK(with.treatments[1].tail_iterations == 1100);
  CHECK(round_seconds(plan, rehearsal, with, 3) == Approx(round_seconds(plan, rehearsal, without, 3) + 1.1));
  rehearsal.treatments[0].counts_energy = true;  // the baseline's copy has one too
  CHECK(round_seconds(plan, rehearsal, calibrate(plan, rehearsal), 3) ==
        Approx(round_seconds(plan, rehearsal, without, 3) + 3.3));
  rehearsal.treatments[1].iteration_s = 1.5;
  CHECK(calibrate(plan, rehearsal).treatments[1].tail_iterations == 0);
  const auto limited = planned(std::string(kTwo) + "[limits]\nblock_s = 2\n");
  CHECK(calibrate(limited, rehearsal).treatments[0].tail_iterations == 0);
}

TEST_CASE("a percentile gets a sampled tail of a second, or of as many samples as it needs, and the plan counts its time") {
  const auto asking = [](const std::string& statistic) {
    return planned(std::string(kTwo) + "[metrics]\nprimary = [\"time_s\", \"time_s." + statistic + "\"]\n");
  };
  Rehearsal rehearsal = costs({1e-3, 20e-3});
  for (TreatmentCost& cost : rehearsal.treatments) cost.timed = "time_s";
  const Calibration p99 = calibrate(asking("p99"), rehearsal);
  CHECK(p99.treatments[0].tail_samples);
  CHECK(p99.treatments[0].tail_iterations == 1100);  // a second and a tenth
  CHECK(p99.treatments[1].tail_iterations == 1000);  // 10 / (1 − 0.99), 20 s
  CHECK(p99.treatments[1].most_samples == 0);
  CHECK(p99.warnings.empty());
  CHECK(round_seconds(asking("p99"), rehearsal, p99, 3) ==
        Approx(round_seconds(planned(kTwo), rehearsal, calibrate(planned(kTwo), rehearsal), 3) + 2 * 1.1 + 20));
  CHECK_FALSE(calibrate(planned(kTwo), rehearsal).treatments[0].tail_samples);
  CHECK(calibrate(asking("median"), rehearsal).treatments[0].tail_iterations == 0);
}

TEST_CASE("a percentile that the block's limit has no room for costs nothing and is a warning with the numbers") {
  const auto plan = planned(std::string(kTwo) + "[metrics]\nprimary = [\"time_s.p99.9\", \"time_s.p90\"]\n");
  Rehearsal rehearsal = costs({1e-3, 20e-3});
  for (TreatmentCost& cost : rehearsal.treatments) cost.timed = "time_s";
  const Calibration c = calibrate(plan, rehearsal);
  CHECK(c.treatments[0].tail_iterations == 10'000);
  CHECK(c.treatments[0].most_samples == 0);
  CHECK(c.treatments[1].tail_iterations == 100);  // for p90, which has room
  CHECK(c.treatments[1].most_samples == 1500);    // half of 60 s
  REQUIRE(c.warnings.size() == 1);
  CHECK(c.warnings[0].find("room for 1500 samples a process") != std::string::npos);
  rehearsal.treatments[1].timed = "latency_s";  // of another metric nobody asked
  CHECK(calibrate(plan, rehearsal).treatments[1].tail_iterations == 0);
}

TEST_CASE("very short iterations give as many samples as a reply can hold") {
  const auto plan = planned(std::string(kTwo) + "[metrics]\nprimary = [\"time_s.p99\"]\n");
  Rehearsal rehearsal = costs({50e-9, 1e-3});
  for (TreatmentCost& cost : rehearsal.treatments) cost.timed = "time_s";
  CHECK(calibrate(plan, rehearsal).treatments[0].tail_iterations == 1'000'000);
}

TEST_CASE("in a duet both sides' blocks take the time of the longer one, and each baseline has a pair with its copy") {
  const std::string duet = "[experiment]\nname = \"two\"\nquestion = \"?\"\nplacement = \"duet\"\n" +
                           std::string(kTwo).substr(std::string(kTwo).find("baseline"));
  const auto plan = planned(duet);
  REQUIRE(plan.groups.size() == 2);
  const Rehearsal rehearsal = costs({1e-3, 1e-3});
  const Calibration c = calibrate(plan, rehearsal);
  // 4 quads of two blocks of 5 + 1 ms, a long one of 50 ms; four processes start and warm up one after the other.
  const double blocks = 2 * 4 * 6e-3 + 50e-3;
  const double own = 0.1 + 20e-3 + 1e-3;
  CHECK(round_seconds(plan, rehearsal, c, 4) == Approx(4 * own + 2 * blocks));
}

TEST_CASE("a worker that asks for three seconds of warm-up gets them") {
  Rehearsal rehearsal = costs({1e-3, 1e-3});
  rehearsal.treatments[1].warmup_s = 3;
  const Calibration c = calibrate(planned(kTwo), rehearsal);
  CHECK(c.treatments[0].warmup_ns == 20'000'000);
  CHECK(c.treatments[1].warmup_ns == 3'000'000'000);
}

TEST_CASE("without a budget a round has the quads that fill one second of measuring") {
  const auto plan = planned(kTwo);
  const Rehearsal rehearsal = costs({1e-3, 1e-3});
  const Calibration c = calibrate(plan, rehearsal);
  // Three slots (a, b, the second copy of a) of two blocks of 5 ms and 1 ms of settling: 36 ms a quad.
  CHECK(c.quads == 28);
  CHECK(c.rounds == 7);
  CHECK(c.stopped_by == "rounds");
  CHECK(c.estimated_s == Approx(7 * round_seconds(plan, rehearsal, c, 28)));
}

TEST_CASE("the number of quads has a ceiling for the shortest work and a floor of one for the longest") {
  CHECK(calibrate(planned(kTwo), costs({10, 10})).quads == 1);
  CalibrationSettings settings;
  settings.round_s = 100;
  CHECK(calibrate(planned(kTwo), costs({1e-3, 1e-3}), settings).quads == settings.most_quads);
}

TEST_CASE("a budget first cuts quads") {
  const auto plan = planned(with_preset("rounds = 7\nbudget_s = 5"));
  const Rehearsal rehearsal = costs({1e-3, 1e-3});
  const Calibration c = calibrate(plan, rehearsal);
  CHECK(c.rounds == 7);
  CHECK(c.quads < 28);
  CHECK(c.quads > 1);
  CHECK(c.estimated_s <= 5);
  CHECK(7 * round_seconds(plan, rehearsal, c, c.quads + 1) > 5);  // not one more than has to go
  CHECK(c.stopped_by == "budget");
  CHECK(c.warnings.empty());
}

TEST_CASE("a budget then cuts rounds, but never below five, and says what it takes instead") {
  const auto plan = planned(with_preset("rounds = 15\nbudget_s = 4"));
  const Calibration some = calibrate(plan, costs({1e-3, 1e-3}));
  CHECK(some.quads == 1);
  CHECK(some.rounds == 7);  // of 0.55 s each: three processes that take 0.1 s to start, 50 ms of long block, …
  CHECK(some.warnings.empty());
  const Calibration least = calibrate(plan, costs({1, 1}));
  CHECK(least.quads == 1);
  CHECK(least.rounds == 5);
  REQUIRE(least.warnings.size() == 1);
  CHECK_THAT(least.warnings[0], Catch::Matchers::ContainsSubstring("more than its budget of 4 s"));
}

TEST_CASE("an experiment that asks for fewer rounds than five isn't given more by its budget") {
  CHECK(calibrate(planned(with_preset("rounds = 2\nbudget_s = 0.001")), costs({1, 1})).rounds == 2);
}

TEST_CASE("a budget without end changes nothing") {
  const Calibration c = calibrate(planned(with_preset("rounds = 7\nbudget_s = 1e9")), costs({1e-3, 1e-3}));
  CHECK(c.stopped_by == "rounds");
  CHECK(c.quads == 28);
}

TEST_CASE("the slowed control makes the baseline's block a multiple of fifty iterations") {
  const auto plan = planned(kTwo, "paper");
  const Calibration c = calibrate(plan, costs({2e-4, 2e-4}));  // 25 would fill 5 ms; 50 take 10 ms
  CHECK(c.treatments[0].iterations == 50);
  CHECK(c.treatments[1].iterations == 25);
  CHECK(c.planted == 1.02);
  CHECK(c.can_be_slowed == std::vector<bool>{true, false});
  CHECK(c.planted_reason.empty());
  CHECK(calibrate(plan, costs({1e-6, 1e-6})).treatments[0].iterations == 5000);
  CHECK(calibrate(plan, costs({0.9e-6, 1e-6})).treatments[0].iterations % 50 == 0);
}

TEST_CASE("where fifty iterations don't fit in 20 ms the slowed control is absent and says why") {
  const Calibration c = calibrate(planned(kTwo, "paper"), costs({1e-3, 1e-3}));
  CHECK_FALSE(c.planted);
  CHECK_THAT(c.planted_reason, Catch::Matchers::ContainsSubstring("50"));
  CHECK_THAT(c.planted_reason, Catch::Matchers::ContainsSubstring("1.00 ms"));
}

TEST_CASE("preset quick has no slowed control unless the file asks for it") {
  CHECK_THAT(calibrate(planned(kTwo), costs({1e-6, 1e-6})).planted_reason, Catch::Matchers::ContainsSubstring("quick"));
  CHECK(calibrate(planned(with_preset("slowed = true")), costs({1e-6, 1e-6})).planted == 1.02);
}

TEST_CASE("a command's round is one quad of single executions, and its slowed control is absent") {
  const auto plan = planned(R"(
[experiment]
name = "script"
question = "?"
baseline = { n = 1 }
[command]
run = ["sleep", "{n}"]
[factors]
n = [1, 2]
)", "paper");
  const Calibration c = calibrate(plan, costs({0.01, 0.01}));
  CHECK(c.quads == 1);
  CHECK(c.treatments[0].iterations == 1);
  CHECK(c.treatments[0].warmup_ns == 0);
  CHECK_FALSE(c.planted);
  CHECK_THAT(c.planted_reason, Catch::Matchers::ContainsSubstring("a process is the replicate"));
}

TEST_CASE("rounds are added until the least measuring time holds, warm-up and what surrounds an execution counted") {
  const std::string file = R"(
[experiment]
name = "script"
baseline = { command = "a" }
[factors]
command = ["a", "b"]
[commands.a]
run = ["a"]
warmup = 3
[commands.b]
run = ["b"]
[presets.quick]
rounds = 4
min_s = 10
)";
  // a and its copy: 3 + 2 executions of 0.2 + 0.1 s each, b: 2 of them. A round takes 3.6 s.
  const auto plan = planned(file);
  const Rehearsal rehearsal = costs({0.2, 0.2});
  const Calibration c = calibrate(plan, rehearsal);
  CHECK(round_seconds(plan, rehearsal, c, 1) == Approx(3.6));
  CHECK(c.rounds == 4);  // 14.4 s
  CHECK(calibrate(planned(file + "budget_s = 20\n"), costs({0.02, 0.02})).rounds == 7);  // of 1.44 s
  CHECK(calibrate(plan, costs({0, 0})).rounds == 9);                                      // of 1.2 s
  CHECK(calibrate(planned(file + "budget_s = 5\n"), costs({0, 0})).rounds == 5);          // a budget cuts down to 5
}

TEST_CASE("treatments that failed in the rehearsal cost nothing") {
  const auto plan = planned(kTwo);
  Rehearsal rehearsal = costs({1e-3, 100});
  rehearsal.treatments[1].ending = {Outcome::crashed, "killed by SIGSEGV"};
  const Calibration c = calibrate(plan, rehearsal);
  CHECK(round_seconds(plan, rehearsal, c, 1) < 1);
}

TEST_CASE("where an iteration takes over 30 s a process runs one, without a warm-up that nobody asked for") {
  const auto plan = planned(kTwo);
  Rehearsal rehearsal = costs({1, 40});
  Calibration c = calibrate(plan, rehearsal);
  CHECK(c.single_pass == std::vector<bool>{true});
  CHECK(round_text(c) == "a single pass");
  // a, b and the second copy of a: 0.1 s to start and one iteration each.
  CHECK(round_seconds(plan, rehearsal, c, c.quads) == Approx(3 * 0.1 + 1 + 40 + 1));
  rehearsal.treatments[1].warmup_s = 3;  // which executes at least one iteration, then the one that tells its CPU share
  c = calibrate(plan, rehearsal);
  CHECK(round_seconds(plan, rehearsal, c, c.quads) == Approx(3 * 0.1 + 1 + 3 + 40 + 40 + 1));
  CHECK(calibrate(plan, costs({1, 29})).single_pass == std::vector<bool>{false});
  rehearsal.treatments[1].ending = {Outcome::crashed, "killed by SIGSEGV"};
  CHECK(calibrate(plan, rehearsal).single_pass == std::vector<bool>{false});
}

TEST_CASE("a pilot for a precision target has at least seven rounds, whatever the budget") {
  CHECK(calibrate(planned(with_preset("precision_target = 0.01")), costs({1e-3, 1e-3})).rounds == 7);
  CHECK(calibrate(planned(with_preset("precision_target = 0.01\nbudget_s = 0.1")), costs({1e-3, 1e-3})).rounds == 7);
}

TEST_CASE("a calibration reads back from its journal line") {
  const auto plan = planned(kTwo, "paper");
  const double slow_s = GENERATE(0.2, 40);
  const Calibration c = calibrate(plan, costs({2e-4, slow_s}));
  const auto back = calibration_from_json(to_json(c, plan), plan);
  REQUIRE(back);
  CHECK(to_json(*back, plan) == to_json(c, plan));
  CHECK(back->can_be_slowed == c.can_be_slowed);
}

TEST_CASE("the calibration of another experiment is refused") {
  const auto plan = planned(kTwo);
  Json line = to_json(calibrate(plan, costs({1e-3, 1e-3})), plan);
  line["iterations"].erase(plan.treatments[1].id);
  CHECK_FALSE(calibration_from_json(line, plan));
  CHECK_FALSE(calibration_from_json(Json::object(), plan));
}
