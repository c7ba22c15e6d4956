#include "harness/core/metric.hpp"

#include <fmt/format.h>

#include "harness/core/names.hpp"

namespace assay {

namespace {

constexpr NameTable<Direction, 2> kDirections{{{{Direction::lower, "lower"}, {Direction::higher, "higher"}}}};
constexpr NameTable<Kind, 6> kKinds{{{{Kind::time, "time"},
                                      {Kind::rate, "rate"},
                                      {Kind::size, "size"},
                                      {Kind::proportion, "proportion"},
                                      {Kind::count, "count"},
                                      {Kind::status, "status"}}}};
constexpr NameTable<Clock, 7> kClocks{{{{Clock::none, ""},
                                        {Clock::wall, "wall"},
                                        {Clock::cpu, "cpu"},
                                        {Clock::device_event, "device_event"},
                                        {Clock::instructions, "instructions"},
                                        {Clock::cycles, "cycles"},
                                        {Clock::virtual_, "virtual"}}}};
constexpr NameTable<Provenance, 5> kProvenances{{{{Provenance::measured, "measured"},
                                                  {Provenance::simulated, "simulated"},
                                                  {Provenance::modelled, "modelled"},
                                                  {Provenance::published, "published"},
                                                  {Provenance::imported, "imported"}}}};
constexpr NameTable<Scope, 3> kScopes{
    {{{Scope::block, "block"}, {Scope::replicate, "replicate"}, {Scope::once, "once"}}}};

Kind kind_of_unit(std::string_view unit) {
  if (unit == "s") return Kind::time;
  if (unit == "B") return Kind::size;
  if (unit == "ratio") return Kind::proportion;
  if (unit.ends_with("/s")) return Kind::rate;
  return Kind::count;
}

/// Reads an optional word into `target` through `table`; an Error lists the words that exist.
template <class Enum, std::size_t N>
Result<Done> read_word(const Json& object, const char* key, const NameTable<Enum, N>& table, Enum& target) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return Done{};
  const auto value = found->is_string() ? table.find(found->get<std::string>()) : std::nullopt;
  if (!value) return Error{fmt::format("{} {} is none of {}", key, found->dump(), table.words())};
  target = *value;
  return Done{};
}

}  // namespace

std::string_view name_of(Direction v) { return kDirections.name(v); }
std::string_view name_of(Kind v) { return kKinds.name(v); }
std::string_view name_of(Clock v) { return kClocks.name(v); }
std::string_view name_of(Provenance v) { return kProvenances.name(v); }
std::string_view name_of(Scope v) { return kScopes.name(v); }
std::optional<Direction> direction_named(std::string_view s) { return kDirections.find(s); }
std::optional<Kind> kind_named(std::string_view s) { return kKinds.find(s); }
std::optional<Clock> clock_named(std::string_view s) { return kClocks.find(s); }
std::optional<Provenance> provenance_named(std::string_view s) { return kProvenances.find(s); }
std::optional<Scope> scope_named(std::string_view s) { return kScopes.find(s); }

Json to_json(const Metric& m) {
  return {{"name", m.name},
          {"unit", m.unit},
          {"direction", name_of(m.direction)},
          {"kind", name_of(m.kind)},
          {"clock", m.clock == Clock::none ? Json() : Json(name_of(m.clock))},
          {"provenance", name_of(m.provenance)},
          {"scope", name_of(m.scope)}};
}

Result<Metric> metric_from_json(const Json& object) {
  if (!object.is_object() || !object.contains("name") || !object["name"].is_string()) {
    return Error{"a metric needs a name"};
  }
  Metric m;
  m.name = object["name"].get<std::string>();
  if (object.contains("unit")) {
    if (!object["unit"].is_string()) return Error{fmt::format("metric '{}': unit must be text", m.name)};
    m.unit = object["unit"].get<std::string>();
  }
  m.kind = kind_of_unit(m.unit);
  m.clock = m.kind == Kind::time ? Clock::wall : Clock::none;
  if (const auto r = read_word(object, "kind", kKinds, m.kind); !r) return r.error();
  m.direction = m.kind == Kind::time || m.kind == Kind::size ? Direction::lower : Direction::higher;
  if (const auto r = read_word(object, "direction", kDirections, m.direction); !r) return r.error();
  if (const auto r = read_word(object, "clock", kClocks, m.clock); !r) return r.error();
  if (const auto r = read_word(object, "provenance", kProvenances, m.provenance); !r) return r.error();
  m.scope = m.kind == Kind::time || m.kind == Kind::rate ? Scope::block : Scope::replicate;
  if (const auto r = read_word(object, "scope", kScopes, m.scope); !r) return r.error();
  return m;
}

}  // namespace assay
