// When a replay agrees with the run that it repeats, when it doesn't, and when neither can be said.
#include "reports/replayed.hpp"

#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

namespace assay::reports::test {

namespace {

/// b takes `ratio` times as long as a, with noise ± `width`.
FakeRun pair_run(double ratio, double width, int rounds = 7) {
  FakeRun fake;
  fake.rounds = rounds;
  fake.seconds = [=](const Place& p) { return (p.treatment == 1 ? ratio : 1.0) * noise(p, width); };
  return fake;
}

Replayed replayed(const FakeRun& there, const FakeRun& here, double within = 0.1) {
  TemporaryFolder one, two;
  const Reported a = reported(one.path(), there), b = reported(two.path(), here);
  return compare_replay({a.run, a.report}, ReplayedSide{b.run, b.report}, {.within = within});
}

const ReplayedPair& only(const Replayed& r) {
  REQUIRE(r.comparisons.size() == 1);
  return r.comparisons.front();
}

}  // namespace

TEST_CASE("the same ratio agrees, however different the times") {
  FakeRun slower = pair_run(0.5, 0.01);
  slower.seconds = [](const Place& p) { return 40 * (p.treatment == 1 ? 0.51 : 1.0) * noise(p, 0.012); };
  const Replayed r = replayed(pair_run(0.5, 0.01), slower);
  CHECK(only(r).agreement == Agreement::agrees);
  CHECK(only(r).reason.empty());
  CHECK(only(r).change->value == Approx(1.02).epsilon(0.01));
  CHECK(only(r).change->interval->contains(only(r).change->value));
}

TEST_CASE("better there and worse here is a contradiction, though both are within what is granted") {
  const Replayed r = replayed(pair_run(0.97, 0.005), pair_run(1.03, 0.005));
  CHECK(only(r).stored.verdict == "better");
  CHECK(only(r).here.verdict == "worse");
  CHECK(only(r).agreement == Agreement::disagrees);
  CHECK(only(r).reason == "verdicts_contradict");
}

TEST_CASE("better there and equivalent here is a contradiction once they differ") {
  const Replayed r = replayed(pair_run(0.95, 0.003), pair_run(1.0, 0.002));
  CHECK(only(r).here.verdict == "equivalent");
  CHECK(only(r).agreement == Agreement::disagrees);
  CHECK(only(r).reason == "verdicts_contradict");
}

TEST_CASE("a larger share than is granted disagrees, though the direction is the same") {
  const Replayed r = replayed(pair_run(0.5, 0.01), pair_run(0.75, 0.01));
  CHECK(only(r).agreement == Agreement::disagrees);
  CHECK(only(r).reason == "ratios_differ");
  CHECK(only(replayed(pair_run(0.5, 0.01), pair_run(0.75, 0.01), 0.5)).agreement == Agreement::agrees);
}

TEST_CASE("noise decides nothing, and says how many more rounds would") {
  const Replayed r = replayed(pair_run(0.99, 0.01), pair_run(1.02, 0.2));
  CHECK(only(r).agreement == Agreement::not_comparable);
  CHECK(only(r).reason == "too_noisy");
  REQUIRE(only(r).further_rounds);
  CHECK(*only(r).further_rounds > 0);
  // Where the stored run is the noisy one, no number of rounds here helps.
  const Replayed other = replayed(pair_run(1.02, 0.2), pair_run(0.99, 0.01));
  CHECK(only(other).reason == "too_noisy");
  CHECK_FALSE(only(other).further_rounds);
}

TEST_CASE("one that can't run here, other weights and another clock can't be compared") {
  FakeRun here = pair_run(0.5, 0.01);
  here.ends = [](const Place& p) {
    return p.treatment == 1 ? Ending{Outcome::unsupported, "needs AVX-512F"} : Ending{};
  };
  const Replayed refused = replayed(pair_run(0.5, 0.01), here);
  CHECK(only(refused).agreement == Agreement::not_comparable);
  CHECK(only(refused).reason == "unsupported");
  CHECK(only(refused).detail == "needs AVX-512F");
  CHECK(refused.failed == 0);

  const auto with_weights = [](const char* hash) {
    FakeRun fake = pair_run(0.5, 0.01);
    fake.more_manifest = {{"workers", {{"fake", {{"worker", "fake"}, {"inputs", {{"weights.bin", hash}}}}}}}};
    return fake;
  };
  const Replayed weights = replayed(with_weights("aa"), with_weights("bb"));
  CHECK(only(weights).reason == "inputs_differ");
  CHECK(only(weights).detail.find("weights.bin") != std::string::npos);
  CHECK(only(replayed(with_weights("aa"), with_weights("aa"))).agreement == Agreement::agrees);
  CHECK(only(replayed(pair_run(0.5, 0.01), with_weights("bb"))).agreement == Agreement::agrees);
}

TEST_CASE("a replay without a run says why of every comparison") {
  TemporaryFolder folder;
  const Reported a = reported(folder.path(), pair_run(0.5, 0.01));
  const Replayed r = compare_replay({a.run, a.report}, std::nullopt, {}, "there is no suite 'x' here");
  CHECK(only(r).agreement == Agreement::not_comparable);
  CHECK(only(r).reason == "not_replayed");
  CHECK(r.count(Agreement::not_comparable) == 1);
  const OrderedJson d = to_json(r, "/there", "");
  CHECK(d["here"].is_null());
  CHECK(d["comparisons"][0]["here"]["ratio"].is_null());
  CHECK(terminal_text(r, a.report, 120, false).find("there is no suite 'x' here") != std::string::npos);
}

TEST_CASE("hypotheses about two treatments are compared, and rows that nobody replayed are left out") {
  TemporaryFolder one, two;
  FakeRun there = ladder_run();
  FakeRun here = ladder_run();
  here.seconds = [scripted = there.seconds](const Place& p) { return scripted(p) * (p.treatment == 1 ? 0.1 : 1.0); };
  here.ends = {};
  const Reported a = reported(one.path(), there), b = reported(two.path(), here);
  const Replayed r = compare_replay({a.run, a.report}, ReplayedSide{b.run, b.report}, {});
  const auto found = [&](const std::string& id) {
    for (const ReplayedPair& pair : r.hypotheses) {
      if (pair.hypothesis == id) return pair;
    }
    FAIL(id);
    return ReplayedPair{};
  };
  CHECK(found("H2").stored.verdict == "supported");
  CHECK(found("H2").here.verdict == "refuted");
  CHECK(found("H2").agreement == Agreement::disagrees);
  CHECK(found("H4").reason == "stored_failed");
  CHECK_FALSE(r.comparisons.empty());
}

}  // namespace assay::reports::test
