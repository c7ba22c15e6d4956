// What a number is: its name, unit, which way is better, which clock, where it comes from.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/core/json.hpp"
#include "harness/core/result.hpp"

namespace assay {

enum class Direction { lower, higher };  // which way is better
enum class Kind { time, rate, size, proportion, count, status };
enum class Clock { none, wall, cpu, device_event, instructions, cycles, virtual_ };
enum class Provenance { measured, simulated, modelled, published, imported };
enum class Scope { block, replicate, once };

std::string_view name_of(Direction);
std::string_view name_of(Kind);
std::string_view name_of(Clock);  // "" for none
std::string_view name_of(Provenance);
std::string_view name_of(Scope);
std::optional<Direction> direction_named(std::string_view);
std::optional<Kind> kind_named(std::string_view);
std::optional<Clock> clock_named(std::string_view);
std::optional<Provenance> provenance_named(std::string_view);
std::optional<Scope> scope_named(std::string_view);

/// A metric as a worker describes it or an experiment declares it. `unit` is an SI base unit or a
/// derived one: s, B, J, FLOP/s, ratio, 1 (a count).
struct Metric {
  std::string name;
  std::string unit = "s";
  Direction direction = Direction::lower;
  Kind kind = Kind::time;
  Clock clock = Clock::wall;
  Provenance provenance = Provenance::measured;
  Scope scope = Scope::block;

  /// Of what no clock was read for, and of what an emulator counted or a model computed: equal values are a fact there, and no coarse
  /// reading.
  bool can_be_exact() const {
    return clock == Clock::none || provenance == Provenance::simulated || provenance == Provenance::modelled;
  }
  /// Times, rates and sizes are compared by ratio; proportions, statuses and counts, which can be 0, by difference.
  bool compared_by_ratio() const {
    return kind == Kind::time || kind == Kind::rate || kind == Kind::size;
  }
};

/// {"name":…,"unit":…,"direction":…,"kind":…,"clock":…,"provenance":…,"scope":…}; clock null for none.
Json to_json(const Metric& metric);

/// The inverse; only `name` is required. A missing kind follows from the unit (s: time, …/s: rate, B: size,
/// ratio: proportion, else count), a missing direction from the kind (time and size lower, else higher).
Result<Metric> metric_from_json(const Json& object);

}  // namespace assay
