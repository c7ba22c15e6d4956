#include "reports/stored_runs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/units.hpp"
#include "reports/drawn_table.hpp"
#include "reports/sentences.hpp"
#include "reports/tables.hpp"

namespace assay::reports {

namespace {

constexpr std::string_view kUnknown = "unknown";
constexpr std::size_t kShownHash = 12;

struct Fact {
  const char* what;
  const char* pointer;  // into the manifest
  bool of_machine = false;
};

/// What moves a measurement and stays for a whole run. Load and free memory change all the time: no
/// difference of theirs would say anything.
constexpr Fact kFacts[] = {{"processor", "/machine/topology/model", true},
                           {"logical CPUs", "/machine/topology/logical_cpus", true},
                           {"memory", "/machine/topology/memory_bytes", true},
                           {"architecture", "/machine/environment/architecture", true},
                           {"hypervisor", "/machine/environment/hypervisor", true},
                           {"microcode", "/machine/topology/microcode"},
                           {"kernel", "/machine/environment/kernel"},
                           {"boot", "/boot_id_sha256"},
                           {"container", "/machine/environment/container"},
                           {"CPUs used", "/cpus"},
                           {"frequency governor", "/machine/environment/governor"},
                           {"simultaneous multithreading", "/machine/environment/smt"},
                           {"clock source", "/machine/environment/clock_source"},
                           {"transparent huge pages", "/machine/environment/transparent_huge_pages"},
                           {"address space randomisation", "/machine/environment/aslr"},
                           {"assay version", "/assay/version"},
                           {"assay commit", "/assay/commit"},
                           {"assay binary", "/assay/sha256"},
                           {"compiler of assay", "/assay/compiler"},
                           {"flags of assay", "/assay/flags"},
                           {"experiment", "/experiment/name"},
                           {"experiment file", "/experiment/sha256"},
                           {"preset", "/experiment/preset"},
                           {"controls", "/controls"},
                           {"made by", "/imported/source"},
                           {"made on", "/imported/date"},
                           {"run by", "/imported/by"},
                           {"imported file", "/imported/sha256"}};

std::string fact_text(const Json& fact) {
  if (fact.is_null() || (fact.is_object() && fact.contains("reason"))) return std::string(kUnknown);
  std::string text = fact.is_string() ? fact.get<std::string>() : fact.dump();
  const bool is_hash = text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
  return is_hash ? text.substr(0, kShownHash) : text;
}

Json at(const Json& manifest, const char* pointer) {
  const Json::json_pointer place(pointer);
  return manifest.contains(place) ? manifest.at(place) : Json();
}

void add_difference(std::vector<StoredDifference>& all, std::string what, const Json& of, const Json& to,
                    bool of_machine) {
  if (of == to) return;
  StoredDifference d{std::move(what), fact_text(of), fact_text(to), false};
  if (d.of == kUnknown && d.to == kUnknown) return;  // two reasons for not knowing it
  d.of_machine = of_machine && d.of != kUnknown && d.to != kUnknown;
  all.push_back(std::move(d));
}

/// What is said under `field` of each worker or program that both sides have.
void add_differences_by_name(std::vector<StoredDifference>& all, const std::string& prefix, const Json& of,
                             const Json& to, const char* field) {
  if (!of.is_object() || !to.is_object()) return;
  for (const auto& [name, entry] : to.items()) {
    if (!entry.is_object() || !of.contains(name) || !of[name].is_object()) continue;
    const auto value_of = [&](const Json& worker) {
      Json value = worker.value(field, Json());
      return value.is_object() && value.empty() ? Json() : value;  // nothing there, and no such field in an older run
    };
    add_difference(all, prefix + name, value_of(of[name]), value_of(entry), false);
  }
}

std::string label_of(const Report& report, int treatment) {
  return report.planned.treatments[static_cast<std::size_t>(treatment)].label();
}

bool has_treatment(const Report& report, const Treatment& treatment) {
  const auto& all = report.planned.treatments;
  return std::find(all.begin(), all.end(), treatment) != all.end();
}

const Cell* same_cell(const Report& of, const Cell& cell, const Report& to) {
  const Treatment& treatment = of.planned.treatments[static_cast<std::size_t>(cell.treatment)];
  const std::string& metric = of.planned.metrics[static_cast<std::size_t>(cell.metric)].metric.name;
  const auto found = std::find_if(to.cells.begin(), to.cells.end(), [&](const Cell& other) {
    return other.statistic == cell.statistic &&
           to.planned.metrics[static_cast<std::size_t>(other.metric)].metric.name == metric &&
           to.planned.treatments[static_cast<std::size_t>(other.treatment)] == treatment;
  });
  return found == to.cells.end() ? nullptr : &*found;
}

void judge(StoredPair& pair, const Metric& to_metric, bool same_machine) {
  const auto incomparable = [&](const char* why) {
    pair.verdict = stats::Verdict::incomparable;
    pair.reason = why;
  };
  for (const Cell* side : {pair.of, pair.to}) {
    if (!side->ending.ok()) {
      pair.reason = std::string(name_of(side->ending.outcome));
      return;
    }
  }
  if (pair.metric.unit != to_metric.unit) return incomparable("unit_differs");
  if (pair.of->provenance != pair.to->provenance) return incomparable("provenance_differs");
  if (pair.of->clock != pair.to->clock) return incomparable("clock_differs");
  if (!same_machine) {
    incomparable("machine_differs");
  } else {
    pair.reason = "not_interleaved";
  }
  if (!pair.of->value || !pair.to->value) return;
  const double of = pair.of->value->value, to = pair.to->value->value;
  if (pair.scale == Scale::difference) pair.effect = of - to;
  if (pair.scale == Scale::ratio && to > 0) pair.effect = of / to;
}

}  // namespace

StoredRuns compare_stored(const record::RunRecord& to, const Report& to_report, const record::RunRecord& of,
                          const Report& of_report) {
  StoredRuns both;
  for (const Fact& fact : kFacts)
    add_difference(both.differences, fact.what, at(of.manifest, fact.pointer), at(to.manifest, fact.pointer),
                   fact.of_machine);
  add_differences_by_name(both.differences, "libraries of ", of.manifest.value("workers", Json()),
                          to.manifest.value("workers", Json()), "libraries");
  add_differences_by_name(both.differences, "inputs of ", of.manifest.value("workers", Json()),
                          to.manifest.value("workers", Json()), "inputs");
  add_differences_by_name(both.differences, "program of ", of.manifest.value("programs", Json()),
                          to.manifest.value("programs", Json()), "sha256");
  both.same_machine = std::none_of(both.differences.begin(), both.differences.end(),
                                   [](const StoredDifference& d) { return d.of_machine; });
  both.imported = of_report.imported || to_report.imported;
  both.same_experiment = of.experiment_text == to.experiment_text;
  for (const Cell& cell : of_report.cells) {
    const Cell* other = same_cell(of_report, cell, to_report);
    if (!other) continue;
    StoredPair pair;
    pair.treatment = of_report.planned.treatments[static_cast<std::size_t>(cell.treatment)];
    pair.metric = of_report.planned.metrics[static_cast<std::size_t>(cell.metric)].metric;
    pair.statistic = cell.statistic;
    pair.of = &cell;
    pair.to = other;
    pair.scale = natural_scale(pair.metric);
    judge(pair, to_report.planned.metrics[static_cast<std::size_t>(other->metric)].metric, both.same_machine);
    both.pairs.push_back(std::move(pair));
  }
  for (int t = 0; t < std::ssize(of_report.planned.treatments); ++t) {
    if (!has_treatment(to_report, of_report.planned.treatments[static_cast<std::size_t>(t)]))
      both.only_in_of.push_back(label_of(of_report, t));
  }
  for (int t = 0; t < std::ssize(to_report.planned.treatments); ++t) {
    if (!has_treatment(of_report, to_report.planned.treatments[static_cast<std::size_t>(t)]))
      both.only_in_to.push_back(label_of(to_report, t));
  }
  both.advice =
      "For a verdict both sides must be alive in the same rounds: measure the reference again beside the new "
      "one with assay compare "
      "--against REF, or put both into one experiment";
  return both;
}

OrderedJson to_json(const StoredRuns& both, const Report& to, const Report& of, const std::string& to_shown,
                    const std::string& of_shown) {
  const auto run = [](const Report& report, const std::string& shown) {
    return OrderedJson{{"run", shown},
                       {"experiment", report.experiment},
                       {"preset", report.preset},
                       {"started", report.started.empty() ? OrderedJson() : OrderedJson(report.started)}};
  };
  const auto value = [](const Cell& cell) {
    OrderedJson number = nullptr;
    if (cell.value) {
      const auto& interval = cell.value->interval;
      number = {{"value", stored(cell.value->value)},
                {"low", interval ? OrderedJson(stored(interval->low)) : OrderedJson()},
                {"high", interval ? OrderedJson(stored(interval->high)) : OrderedJson()}};
    }
    return number;
  };
  OrderedJson d;
  d["schema"] = kReportSchema;
  d["runs"] = {run(to, to_shown), run(of, of_shown)};
  d["same_experiment"] = both.same_experiment;
  d["same_machine"] = both.imported ? OrderedJson() : OrderedJson(both.same_machine);
  d["comparisons"] = OrderedJson::array();
  for (const StoredPair& pair : both.pairs) {
    const OrderedJson effect = pair.effect ? OrderedJson(stored(*pair.effect)) : OrderedJson();
    d["comparisons"].push_back({{"of", to_json(pair.treatment)},
                                {"to", to_json(pair.treatment)},
                                {"metric", pair.metric.name},
                                {"ratio", pair.scale == Scale::ratio ? effect : OrderedJson()},
                                {"difference", pair.scale == Scale::ratio ? OrderedJson() : effect},
                                {"low", nullptr},
                                {"high", nullptr},
                                {"p_adjusted", nullptr},
                                {"verdict", stats::name_of(pair.verdict)},
                                {"reason", pair.reason},
                                {"statistic", pair.statistic},
                                {"unit", pair.metric.unit},
                                {"of_value", value(*pair.of)},
                                {"to_value", value(*pair.to)}});
  }
  d["differences"] = OrderedJson::array();
  for (const StoredDifference& x : both.differences)
    d["differences"].push_back({{"what", x.what}, {"of", x.of}, {"to", x.to}});
  d["only_in_of"] = both.only_in_of;
  d["only_in_to"] = both.only_in_to;
  d["advice"] = both.advice;
  return d;
}

std::string terminal_text(const StoredRuns& both, const Report& to, const Report& of, int width, bool color) {
  using Tone = TextCell::Tone;
  const auto value = [](const Cell& cell, const Metric& metric) -> TextCell {
    if (!cell.ending.ok()) return {reason_text(std::string(name_of(cell.ending.outcome))), "", Tone::bad, ""};
    if (!cell.value) return {"–", "", Tone::muted, ""};
    const Printed p = print(*cell.value, metric.unit, metric.kind);
    return {p.value, p.interval, Tone::plain, ""};
  };
  TextTable table;
  table.title = fmt::format("{} against {}", of.folder_name, to.folder_name);
  table.columns = {{"treatment", false, 9, 9}, {"metric", false, 9, 9},        {"first run", true, 9, 5},
                   {"second run", true, 9, 5}, {"second / first", true, 8, 8}, {"verdict", false, 9, 9}};
  for (const StoredPair& pair : both.pairs) {
    TextCell effect{"–", "", Tone::muted, ""};
    if (pair.effect && pair.scale == Scale::ratio)
      effect = {fmt::format("{}×", significant(*pair.effect, 3)), "", Tone::plain, ""};
    if (pair.effect && pair.scale == Scale::difference) {
      effect = {fmt::format("{:+.3g}", *pair.effect), "", Tone::plain, ""};
    }
    const std::string metric =
        pair.statistic == "typical" ? pair.metric.name : pair.metric.name + ", " + pair.statistic;
    table.rows.push_back({{pair.treatment.label(), "", Tone::plain, ""},
                          {metric, "", Tone::plain, ""},
                          value(*pair.to, pair.metric),
                          value(*pair.of, pair.metric),
                          effect,
                          {fmt::format("{}: {}", stats::name_of(pair.verdict), reason_text(pair.reason)), "",
                           Tone::muted, ""}});
  }
  table.caption =
      "The quotients describe; nothing is tested. A difference without a factor (+) is of the second less "
      "the first.";
  std::string out =
      table.rows.empty() ? "The runs have no treatment and metric in common.\n" : drawn(table, width, color);
  for (const std::string& only : both.only_in_to)
    out += drawn_paragraph(fmt::format("Only in {}: {}.", to.folder_name, only), width);
  for (const std::string& only : both.only_in_of)
    out += drawn_paragraph(fmt::format("Only in {}: {}.", of.folder_name, only), width);
  out += drawn_paragraph(
      fmt::format("{}, {}.", both.same_experiment ? "The same experiment file" : "Different experiment files",
                  both.imported       ? "and which machine the imported results are of isn't known"
                  : both.same_machine ? "the same machine"
                                      : "different machines: times of one say nothing of the other"),
      width);
  for (const StoredDifference& d : both.differences)
    out += drawn_paragraph(fmt::format("{}: {} → {}", d.what, d.to, d.of), width);
  return out + drawn_paragraph(both.advice + ".", width);
}

}  // namespace assay::reports
