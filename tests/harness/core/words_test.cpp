// The closed lists of words: outcomes, marks, clocks, metrics.
#include <set>

#include "harness/core/block.hpp"
#include "harness/core/metric.hpp"
#include "harness/core/outcome.hpp"
#include "tests/catch.hpp"

using namespace assay;

TEST_CASE("every outcome has a word of its own that reads back as the same outcome") {
  std::set<std::string_view> words;
  for (const Outcome outcome : {Outcome::ok, Outcome::unsupported, Outcome::wrong_answer, Outcome::timed_out, Outcome::crashed,
                                Outcome::out_of_memory, Outcome::invalid_output, Outcome::overloaded}) {
    CHECK(outcome_named(name_of(outcome)) == outcome);
    words.insert(name_of(outcome));
  }
  CHECK(words == std::set<std::string_view>{"ok", "unsupported", "wrong_answer", "timed_out", "crashed", "out_of_memory",
                                            "invalid_output", "overloaded"});
}

TEST_CASE("a word that is no outcome is none, whatever its case") {
  CHECK_FALSE(outcome_named("").has_value());
  CHECK_FALSE(outcome_named("OK").has_value());
  CHECK_FALSE(outcome_named("failed").has_value());
}

TEST_CASE("roles, phases and marks read back as what they were") {
  for (const Role role : {Role::plain, Role::same, Role::slowed, Role::peak}) CHECK(role_named(name_of(role)) == role);
  for (const Phase phase : {Phase::rehearsal, Phase::warmup, Phase::measure, Phase::tail, Phase::control}) {
    CHECK(phase_named(name_of(phase)) == phase);
  }
  for (const Mark mark : {kDisturbed, kStolen, kAbandoned}) CHECK(mark_named(name_of(mark)) == mark);
}

TEST_CASE("marks are separate bits, so that a block can carry several") {
  CHECK((kDisturbed & kStolen) == 0);
  CHECK((kDisturbed & kAbandoned) == 0);
  CHECK((kStolen & kAbandoned) == 0);
}

TEST_CASE("a clock's word reads back, and 'virtual' is spelled without C++'s underscore") {
  for (const Clock clock : {Clock::wall, Clock::cpu, Clock::device_event, Clock::instructions, Clock::cycles, Clock::virtual_}) {
    CHECK(clock_named(name_of(clock)) == clock);
  }
  CHECK(name_of(Clock::virtual_) == "virtual");
  CHECK(name_of(Clock::none).empty());
}

TEST_CASE("what a metric doesn't say follows from its unit") {
  struct Row {
    const char* unit;
    Kind kind;
    Direction direction;
  };
  for (const Row& row : {Row{"s", Kind::time, Direction::lower}, Row{"B", Kind::size, Direction::lower},
                         Row{"FLOP/s", Kind::rate, Direction::higher}, Row{"ratio", Kind::proportion, Direction::higher},
                         Row{"1", Kind::count, Direction::higher}}) {
    INFO(row.unit);
    const auto metric = metric_from_json({{"name", "m"}, {"unit", row.unit}});
    REQUIRE(metric);
    CHECK(metric->kind == row.kind);
    CHECK(metric->direction == row.direction);
  }
}

TEST_CASE("a metric that was written reads back field by field") {
  Metric metric{"energy_j", "J", Direction::lower, Kind::size, Clock::none, Provenance::modelled, Scope::replicate};
  const auto back = metric_from_json(to_json(metric));
  REQUIRE(back);
  CHECK(to_json(*back) == to_json(metric));
  CHECK(to_json(metric)["clock"].is_null());
}

TEST_CASE("a metric with a word that doesn't exist is refused by name") {
  for (const Json& bad : {Json{{"unit", "s"}}, Json{{"name", 7}}, Json{{"name", "m"}, {"direction", "up"}},
                          Json{{"name", "m"}, {"kind", "speed"}}, Json{{"name", "m"}, {"clock", "sundial"}},
                          Json{{"name", "m"}, {"scope", "world"}}, Json{{"name", "m"}, {"provenance", "guessed"}}, Json(3)}) {
    INFO(bad.dump());
    const auto metric = metric_from_json(bad);
    REQUIRE_FALSE(metric);
    CHECK_FALSE(metric.error().message.empty());
  }
}

TEST_CASE("times, rates and sizes are compared by ratio; what can be 0 by difference") {
  for (const Kind kind : {Kind::time, Kind::rate, Kind::size}) CHECK(Metric{.name = "m", .kind = kind}.compared_by_ratio());
  for (const Kind kind : {Kind::proportion, Kind::count, Kind::status}) {
    CHECK_FALSE(Metric{.name = "m", .kind = kind}.compared_by_ratio());
  }
}
