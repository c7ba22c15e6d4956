#include "reports/counters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "harness/core/units.hpp"
#include "harness/stats/estimate.hpp"

namespace assay::reports {

namespace {

using record::Replicate;
using record::RunRecord;

constexpr double kMissBytes = 64;         // a cache line of every x86-64 and most aarch64 processors
constexpr double kDeclaredMargin = 0.05;  // between declared and counted operations
constexpr double kOfInterest = 1;         // an iteration, of events that happen now and then in any process

struct Known {
  std::string_view name;
  std::string_view title;
  bool software = false;  // the kernel counts it everywhere
  int importance = 5;
};

// In the order of the table.
constexpr std::array kKnown{
    Known{"ipc", "IPC", false, 8},
    Known{"instructions", "instructions", false, 7},
    Known{"cycles", "cycles", false, 2},
    Known{"flop_f64", "FLOP, f64", false, 6},
    Known{"flop_f32", "FLOP, f32", false, 6},
    Known{"flop", "FLOP, f64 and f32", false, 6},
    Known{"l1d_misses", "L1d misses", false, 4},
    Known{"l2_misses", "L2 misses", false, 4},
    Known{"llc_misses", "LLC misses", false, 6},
    Known{"memory_traffic", "memory traffic (estimate)", false, 5},
    Known{"branch_misses", "branch misses", false, 4},
    Known{"dtlb_misses", "dTLB misses", false, 3},
    Known{"energy_package_j", "energy, package", false, 8},
    Known{"energy_dram_j", "energy, memory", false, 5},
    Known{"page_faults", "page faults", true, 5},
    Known{"context_switches", "context switches", true, 4},
    Known{"cpu_migrations", "migrations", true, 3},
};

/// What a worker's sources are asked for and may lack.
constexpr std::array<std::string_view, 9> kProcessor{"instructions", "cycles",     "branch_misses",
                                                     "llc_misses",   "l1d_misses", "l2_misses",
                                                     "dtlb_misses",  "flop_f64",   "flop_f32"};
constexpr std::array<std::string_view, 2> kEnergy{"energy_package_j", "energy_dram_j"};

std::size_t place_of(std::string_view name) {
  const auto found =
      std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& k) { return k.name == name; });
  return static_cast<std::size_t>(found - kKnown.begin());
}

std::string unit_of(std::string_view counter) {
  if (counter == "memory_traffic") return "B/s";
  if (counter == "ipc") return "ratio";
  if (counter.starts_with("flop")) return "FLOP";
  if (counter.ends_with("_j")) return "J";
  if (counter.ends_with("_s")) return "s";
  return "1";
}

/// What a treatment's processes of one round counted, summed up: a round may hold several of them.
struct Sum {
  double total = 0;
  double iterations = 0;
  double elapsed_s = 0;
};

class Counters {
public:
  Counters(const RunRecord& run, const Planned& planned) : run_(run), planned_(planned) {}

  std::vector<CounterValue> project() {
    for (std::size_t t = 0; t < planned_.treatments.size(); ++t) {
      const record::Side side{.treatment = static_cast<int>(t), .role = Role::plain};
      if (ending_of(run_, side).ok()) treatment(static_cast<int>(t));
    }
    std::stable_sort(values_.begin(), values_.end(), [](const CounterValue& a, const CounterValue& b) {
      const auto key = [](const CounterValue& v) {
        return std::make_tuple(place_of(v.counter), std::string_view(v.counter),
                               v.provenance == Provenance::simulated);
      };
      return key(a) < key(b);
    });
    return std::move(values_);
  }

private:
  using Round = std::map<std::string, Sum, std::less<>>;

  bool complete(int number) const {
    return std::any_of(run_.rounds.begin(), run_.rounds.end(), [number](const record::Round& r) {
      return r.number == number && r.state == record::RoundState::complete;
    });
  }

  void treatment(int t) {
    std::map<int, Round> rounds;
    double factor = 1;
    modelled_.clear();
    for (const Replicate& r : run_.replicates) {
      const bool counts = r.treatment == t && r.role == Role::plain && r.phase == Phase::measure &&
                          !r.abandoned && r.ending.ok();
      if (!counts || r.counters.empty() || !complete(r.round)) continue;
      if (r.modelled) {
        factor = r.modelled->factor;
        modelled_ = r.modelled->note;
      }
      for (const record::CounterTotal& c : r.counters) {
        Sum& sum = rounds[r.round][run_.counter_names[static_cast<std::size_t>(c.counter)]];
        sum.total += c.total;
        sum.iterations += static_cast<double>(c.iterations);
        sum.elapsed_s += c.elapsed_s;
      }
    }
    std::map<std::string, std::vector<double>> per_round;
    for (const auto& [number, round] : rounds) {
      for (const auto& [name, sum] : round) {
        if (sum.iterations > 0) per_round[name].push_back(factor * sum.total / sum.iterations);
      }
      derive(round, per_round);
    }
    for (const auto& [name, values] : per_round) add(t, name, values);
    simulated(t);
  }

  /// One process, deterministic but for where the system puts its memory: a value without an interval.
  void simulated(int t) {
    const Replicate* last = nullptr;
    for (const Replicate& r : run_.replicates) {
      if (r.treatment == t && r.role == Role::plain && r.phase == Phase::simulated && !r.abandoned &&
          r.ending.ok())
        last = &r;
    }
    if (!last) return;
    std::string note = "simulated by Callgrind";
    if (!last->libraries.empty()) note += fmt::format(" ({})", last->libraries);
    if (last->modelled) note += fmt::format(", modelled ({})", last->modelled->note);
    for (const record::CounterTotal& c : last->counters) {
      const std::string& name = run_.counter_names[static_cast<std::size_t>(c.counter)];
      const double factor = last->modelled ? last->modelled->factor : 1;
      const double value = factor * c.total / static_cast<double>(c.iterations);
      values_.push_back({t, name, unit_of(name), {value, std::nullopt}, 1, Provenance::simulated, note});
    }
  }

  static void derive(const Round& round, std::map<std::string, std::vector<double>>& per_round) {
    const auto instructions = round.find("instructions");
    const auto cycles = round.find("cycles");
    if (instructions != round.end() && cycles != round.end() && cycles->second.total > 0) {
      per_round["ipc"].push_back(instructions->second.total / cycles->second.total);
    }
    const auto misses = round.find("llc_misses");
    if (misses != round.end() && misses->second.elapsed_s > 0) {
      per_round["memory_traffic"].push_back(misses->second.total * kMissBytes / misses->second.elapsed_s);
    }
  }

  void add(int t, const std::string& name, const std::vector<double>& values) {
    const std::string unit = unit_of(name);
    const bool rate = name == "ipc" || unit == "B/s" || unit == "J" || unit == "s";
    const bool positive = std::all_of(values.begin(), values.end(), [](double v) { return v > 0; });
    // Equal counts are a fact; equal readings of a register that ticks are none.
    const stats::EstimateSettings settings{.deterministic_if_equal = !rate, .seed = planned_.seed};
    const auto estimate = rate && positive ? stats::geometric_mean_of_rounds(values, settings)
                                           : stats::mean_of_rounds(values, settings);
    if (!estimate) return;
    const bool of_whole = name == "ipc" || name == "memory_traffic";  // a part's is as good
    values_.push_back({t, name, unit, number_of(*estimate), estimate->n,
                       modelled_.empty() || of_whole ? Provenance::measured : Provenance::modelled,
                       modelled_.empty() || of_whole ? "" : fmt::format("modelled ({})", modelled_)});
  }

  const RunRecord& run_;
  const Planned& planned_;
  std::string modelled_;
  std::vector<CounterValue> values_;
};

/// Why the manifest's probe has no number for a counter; empty if it has one, or says nothing.
std::string reason_for(const Json& counters, std::string_view name) {
  if (counters.contains("reason"))
    return counters["reason"].is_string() ? counters["reason"].get<std::string>() : "";
  const auto found = counters.find(std::string(name));
  return found != counters.end() && found->is_object() ? found->value("reason", "") : "";
}

/// "Not counted: llc_misses and l2_misses: this processor has no such event", a line for each reason; one for
/// all that a source would give is short.
template <std::size_t N>
void not_counted(const Json& counters, const std::array<std::string_view, N>& names, const char* all_of_them,
                 std::vector<std::string>& lines) {
  std::vector<std::pair<std::string, std::vector<std::string_view>>> by_reason;
  for (const std::string_view name : names) {
    const std::string reason = reason_for(counters, name);
    if (reason.empty()) continue;
    auto found =
        std::find_if(by_reason.begin(), by_reason.end(), [&](const auto& r) { return r.first == reason; });
    if (found == by_reason.end()) found = by_reason.insert(found, {reason, {}});
    found->second.push_back(name);
  }
  for (const auto& [reason, lacking] : by_reason) {
    const std::string what =
        lacking.size() == N ? std::string(all_of_them) : fmt::format("{}", fmt::join(lacking, ", "));
    lines.push_back(fmt::format("Not counted: {} ({})", what, reason));
  }
}

/// "Not simulated: 2_java (the Java virtual machine …)", a line for each reason.
void not_simulated(const RunRecord& run, const Planned& planned, std::vector<std::string>& lines) {
  std::vector<std::pair<std::string, std::vector<std::string>>> by_reason;
  for (const Replicate& r : run.replicates) {
    if (r.phase != Phase::simulated || r.abandoned || r.ending.ok() || r.treatment < 0) continue;
    auto found = std::find_if(by_reason.begin(), by_reason.end(),
                              [&](const auto& b) { return b.first == r.ending.reason; });
    if (found == by_reason.end()) found = by_reason.insert(found, {r.ending.reason, {}});
    found->second.push_back(
        short_name(planned.treatments[static_cast<std::size_t>(r.treatment)], planned.factors));
  }
  for (const auto& [reason, names] : by_reason) {
    lines.push_back(fmt::format("Not simulated: {} ({})", fmt::join(names, ", "), reason));
  }
}

bool is_in_table(const std::vector<CounterColumn>& columns, std::string_view counter) {
  return std::any_of(columns.begin(), columns.end(),
                     [&](const CounterColumn& c) { return c.counter == counter; });
}

/// The treatment that counted most of it; null if none counted it.
const CounterValue* most_of(const std::vector<CounterValue>& values, std::string_view counter) {
  const CounterValue* most = nullptr;
  for (const CounterValue& v : values) {
    if (v.counter == counter && (!most || v.value.value > most->value.value)) most = &v;
  }
  return most;
}

std::string capitalized(std::string text) {
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace

std::vector<CounterValue> project_counters(const RunRecord& run, const Planned& planned) {
  return Counters(run, planned).project();
}

std::vector<CounterColumn> counter_columns(const std::vector<CounterValue>& values) {
  std::vector<CounterColumn> columns;
  for (const Known& known : kKnown) {
    for (const Provenance provenance : {Provenance::measured, Provenance::simulated}) {
      const bool worth = std::any_of(values.begin(), values.end(), [&](const CounterValue& v) {
        return v.counter == known.name &&
               (v.provenance == Provenance::simulated) == (provenance == Provenance::simulated) &&
               (known.software ? v.value.value >= kOfInterest : v.value.value > 0);
      });
      if (worth) columns.push_back({known.name, known.title, provenance, known.software, known.importance});
    }
  }
  // Alone, the kernel's events say little more than how long an iteration is: a sentence each will do.
  const bool only_software =
      std::all_of(columns.begin(), columns.end(), [](const CounterColumn& c) { return c.software; });
  return only_software ? std::vector<CounterColumn>{} : columns;
}

std::vector<std::string> counter_lines(const RunRecord& run, const Planned& planned,
                                       const std::vector<CounterValue>& values) {
  std::vector<std::string> lines;
  const auto columns = counter_columns(values);
  std::vector<std::string> rare;
  for (const Known& known : kKnown) {
    const CounterValue* most = most_of(values, known.name);
    if (!known.software || !most || is_in_table(columns, known.name)) continue;
    if (most->value.value < kOfInterest) {
      rare.emplace_back(known.title);
    } else {
      lines.push_back(capitalized(fmt::format(
          "{}: at most {} an iteration, of {}", known.title,
          print_count({most->value.value, std::nullopt}).value,
          short_name(planned.treatments[static_cast<std::size_t>(most->treatment)], planned.factors))));
    }
  }
  if (!rare.empty()) {
    std::string list = rare.front();
    for (std::size_t i = 1; i < rare.size(); ++i) list += (i + 1 < rare.size() ? ", " : " and ") + rare[i];
    lines.push_back(capitalized(list + ": fewer than one an iteration"));
  }
  not_simulated(run, planned, lines);
  const auto machine = run.manifest.find("machine");
  if (machine == run.manifest.end() || !machine->is_object()) return lines;
  const auto counters = machine->find("counters");
  if (counters == machine->end() || !counters->is_object()) return lines;
  not_counted(*counters, kProcessor, "instructions, cycles, cache misses, FLOP", lines);
  not_counted(*counters, kEnergy, "energy", lines);
  return lines;
}

std::vector<Warning> counter_warnings(const RunRecord& run, const Planned& planned,
                                      const std::vector<CounterValue>& values) {
  const auto value_of = [&](int treatment, std::string_view counter) -> std::optional<double> {
    for (const CounterValue& v : values) {
      if (v.treatment == treatment && v.counter == counter && v.provenance != Provenance::simulated)
        return v.value.value;
    }
    return std::nullopt;
  };
  std::vector<Warning> warnings;
  std::set<int> seen;
  for (const Replicate& r : run.replicates) {
    if (r.role != Role::plain || r.treatment < 0 || seen.count(r.treatment)) continue;
    const auto declared =
        std::find_if(r.work.begin(), r.work.end(), [](const auto& w) { return w.first == "flop"; });
    if (declared == r.work.end() || !(declared->second > 0)) continue;
    seen.insert(r.treatment);
    // Both precisions, or the sum would lack one.
    const auto f64 = value_of(r.treatment, "flop_f64"), f32 = value_of(r.treatment, "flop_f32");
    const auto counted = f64 && f32 ? std::optional(*f64 + *f32) : value_of(r.treatment, "flop");
    if (!counted || std::fabs(*counted / declared->second - 1) <= kDeclaredMargin) continue;
    warnings.push_back(
        {"flop_differs",
         fmt::format(
             "{} declares {} an iteration, and the processor counted {}; rates are of the declared work",
             short_name(planned.treatments[static_cast<std::size_t>(r.treatment)], planned.factors),
             with_unit(declared->second, "FLOP"), with_unit(*counted, "FLOP"))});
  }
  return warnings;
}

}  // namespace assay::reports
