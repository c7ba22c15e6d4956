#include "reports/replayed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/units.hpp"
#include "harness/stats/equivalence.hpp"
#include "harness/stats/independent.hpp"
#include "reports/drawn_table.hpp"
#include "reports/sentences.hpp"
#include "reports/tables.hpp"

namespace assay::reports {

namespace {

constexpr double kSame = 1e-12;  // of logarithms: the same records projected twice

using Verdict = stats::Verdict;

const Treatment& treatment_of(const Report& report, int index) {
  return report.planned.treatments[static_cast<std::size_t>(index)];
}

const PlannedMetric& metric_of(const Report& report, int index) {
  return report.planned.metrics[static_cast<std::size_t>(index)];
}

std::optional<int> index_of(const Report& report, const Treatment& treatment) {
  const auto& all = report.planned.treatments;
  const auto found = std::find(all.begin(), all.end(), treatment);
  return found == all.end() ? std::nullopt : std::optional(static_cast<int>(found - all.begin()));
}

std::optional<int> index_of(const Report& report, const std::string& metric) {
  const auto& all = report.planned.metrics;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const PlannedMetric& m) { return m.metric.name == metric; });
  return found == all.end() ? std::nullopt : std::optional(static_cast<int>(found - all.begin()));
}

/// The same two treatments, metric and statistic in the other run.
struct Place {
  int of = 0, to = 0, metric = 0;
};
std::optional<Place> place_in(const Report& here, const ReplayedPair& pair) {
  const auto of = index_of(here, pair.of), to = index_of(here, pair.to);
  const auto metric = index_of(here, pair.metric.name);
  if (!of || !to || !metric) return std::nullopt;
  return Place{*of, *to, *metric};
}

/// A side that gives no number, or one of another kind than it gave there.
struct Obstacle {
  std::string reason;
  std::string detail;
};

std::optional<Obstacle> obstacle_of(const Cell* there, const Cell* here) {
  if (!there || !there->ending.ok()) return Obstacle{"stored_failed", there ? there->ending.reason : ""};
  if (!here) return Obstacle{"not_replayed", ""};
  if (!here->ending.ok()) return Obstacle{std::string(name_of(here->ending.outcome)), here->ending.reason};
  if (there->provenance != here->provenance) {
    return Obstacle{"provenance_differs",
                    fmt::format("{} there, {} here", name_of(there->provenance), name_of(here->provenance))};
  }
  if (there->modelled.empty() != here->modelled.empty()) return Obstacle{"provenance_differs", "only one is modelled"};
  if (there->clock != here->clock)
    return Obstacle{"clock_differs", fmt::format("{} there, {} here", name_of(there->clock), name_of(here->clock))};
  return std::nullopt;
}

/// Files that a worker's answers depend on, by what it said of them; null where it said nothing.
const Json* inputs_of(const record::RunRecord& run, const std::string& worker) {
  const auto workers = run.manifest.find("workers");
  if (workers == run.manifest.end() || !workers->is_object()) return nullptr;
  const auto entry = workers->find(worker);
  if (entry == workers->end() || !entry->is_object()) return nullptr;
  const auto inputs = entry->find("inputs");
  return inputs != entry->end() && inputs->is_object() && !inputs->empty() ? &*inputs : nullptr;
}

/// Other data or weights are another question. A worker that names no files on one side says nothing either way.
std::optional<Obstacle> other_inputs(const ReplayedSide& stored, const ReplayedSide& here, const ReplayedPair& pair) {
  for (const Treatment* treatment : {&pair.of, &pair.to}) {
    const auto at = index_of(stored.report, *treatment);
    if (!at || static_cast<std::size_t>(*at) >= stored.report.planned.workers.size()) continue;
    const std::string& worker = stored.report.planned.workers[static_cast<std::size_t>(*at)];
    const Json* there = inputs_of(stored.run, worker);
    const Json* now = inputs_of(here.run, worker);
    if (!there || !now || *there == *now) continue;
    for (const auto& [name, hash] : there->items()) {
      if (!now->contains(name)) return Obstacle{"inputs_differ", fmt::format("{} is not read here", name)};
      if ((*now)[name] != hash) return Obstacle{"inputs_differ", fmt::format("{} has another content here", name)};
    }
    return Obstacle{"inputs_differ", "other files are read here"};
  }
  return std::nullopt;
}

/// Of ratios the logarithms, of differences themselves. Nothing where there is no interval to compare by.
std::optional<stats::Bounded> on_scale(const std::optional<Number>& effect, Scale scale) {
  if (!effect || !effect->interval) return std::nullopt;
  if (scale == Scale::difference) return stats::Bounded{effect->value, *effect->interval};
  if (effect->value <= 0 || effect->interval->low <= 0 || !std::isfinite(effect->interval->high)) return std::nullopt;
  return stats::Bounded{std::log(effect->value),
                        {std::log(effect->interval->low), std::log(effect->interval->high)}};
}

/// What a verdict says that another one may contradict.
struct Claim {
  int direction = 0;  // −1 better, +1 worse, 0 neither; of a hypothesis −1 refuted, +1 supported
  bool decided = false;
  bool equivalent = false;  // a direction is then one that was detected within the margin
};

/// "better" contradicts "worse", and "equivalent" too, unless that one was found to lean to the same side.
bool contradict(const Claim& a, const Claim& b) {
  if (!a.decided || !b.decided || (a.equivalent && b.equivalent)) return false;
  return a.direction != b.direction;
}

Claim claim_of(const Comparison& c, bool lower_is_better) {
  if (!c.verdict) return {};
  if (*c.verdict == Verdict::better) return {-1, true, false};
  if (*c.verdict == Verdict::worse) return {1, true, false};
  if (*c.verdict != Verdict::equivalent) return {};
  if (!c.detectable || !c.effect) return {0, true, true};
  const bool is_lower = c.effect->value < (c.scale == Scale::ratio ? 1 : 0);
  return {is_lower == lower_is_better ? -1 : 1, true, true};
}

Claim claim_of(const HypothesisResult& h) {
  if (h.verdict == stats::HypothesisVerdict::supported) return {1, true, false};
  if (h.verdict == stats::HypothesisVerdict::refuted) return {-1, true, false};
  return {};
}

/// How many more rounds here make the interval of the change as narrow as `wanted` (half its width), if both sides
/// stay as they are. The stored run can't be extended from here, so its share stays.
std::optional<std::int64_t> rounds_until(double wanted, const stats::Bounded& there, const stats::Bounded& here,
                                         int rounds) {
  const double fixed = there.interval.half_width(), now = here.interval.half_width();
  const double left = wanted * wanted - fixed * fixed;
  if (wanted <= 0 || left <= 0 || rounds <= 0) return std::nullopt;
  const double more = std::ceil(rounds * now * now / left) - rounds;
  if (!(more < static_cast<double>(kMostFurtherRounds))) return std::nullopt;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(more));
}

/// The rule of METHODOLOGY: `zone` is how far apart the two may be and agree, on the scale of the change.
void judge(ReplayedPair& pair, const Claim& there_claims, const Claim& here_claims, double zone) {
  const auto there = on_scale(pair.stored.effect, pair.scale), here = on_scale(pair.here.effect, pair.scale);
  if (!there || !here) {
    pair.reason = "no_interval";
    return;
  }
  const stats::Interval change = stats::difference_of_independent(*here, *there);
  const double center = here->value - there->value;
  const auto shown = [&](double x) { return pair.scale == Scale::ratio ? std::exp(x) : x; };
  pair.change = Number{shown(center), stats::Interval{shown(change.low), shown(change.high)}};

  const bool contradicts = contradict(there_claims, here_claims);
  const bool differs = change.low > kSame || change.high < -kSame;
  const bool beyond = change.low > zone || change.high < -zone;
  const bool inside = change.low >= -zone - kSame && change.high <= zone + kSame;
  const bool same_claim = there_claims.decided && here_claims.decided && !contradicts;
  if (contradicts && differs) {
    pair.agreement = Agreement::disagrees;
    pair.reason = "verdicts_contradict";
  } else if (beyond) {
    pair.agreement = Agreement::disagrees;
    pair.reason = "ratios_differ";
  } else if (!contradicts && (inside || (same_claim && !differs))) {
    pair.agreement = Agreement::agrees;
  } else {
    pair.reason = "too_noisy";
    const double distance = contradicts ? std::abs(center) : std::abs(zone - std::abs(center));
    pair.further_rounds = rounds_until(distance, *there, *here, pair.here.rounds);
  }
}

/// What stands in the way on either side, before any number is looked at.
bool blocked(ReplayedPair& pair, const ReplayedSide& stored, const ReplayedSide& here, int metric, const Place& place) {
  const auto block = [&](const Obstacle& obstacle) {
    pair.reason = obstacle.reason;
    pair.detail = obstacle.detail;
    return true;
  };
  const PlannedMetric& now = metric_of(here.report, place.metric);
  const auto of = index_of(stored.report, pair.of), to = index_of(stored.report, pair.to);
  for (const auto& [there_index, here_index] : {std::pair(of, place.of), std::pair(to, place.to)}) {
    const Cell* there = there_index ? find_cell(stored.report.cells, *there_index, metric, pair.statistic) : nullptr;
    const Cell* cell = find_cell(here.report.cells, here_index, place.metric, pair.statistic);
    if (const auto obstacle = obstacle_of(there, cell)) return block(*obstacle);
  }
  if (pair.metric.unit != now.metric.unit || pair.metric.direction != now.metric.direction)
    return block({"unit_differs", fmt::format("{} there, {} here", pair.metric.unit, now.metric.unit)});
  if (const auto obstacle = other_inputs(stored, here, pair)) return block(*obstacle);
  for (const auto& [report, at, where] : {std::tuple(&stored.report, metric, "in the stored run"), std::tuple(&here.report, place.metric, "here")}) {
    if (controls_failed(report->controls, at, pair.statistic)) return block({"control_failed", where});
  }
  return false;
}

double zone_of(const ReplayedPair& pair, const PlannedMetric& metric, const ReplaySettings& settings) {
  return pair.scale == Scale::ratio ? stats::log_margin(settings.within) : metric.margin;
}

bool same_answers(const Comparison& a, const Comparison& b) {
  if (!a.items || !b.items) return false;
  const stats::PairedCounts &x = a.items->counts, &y = b.items->counts;
  return x.both == y.both && x.only_of == y.only_of && x.only_to == y.only_to && x.neither == y.neither;
}

ReplayedPair::Found found_in(const Comparison& c) {
  return {c.effect, c.verdict ? std::string(stats::name_of(*c.verdict)) : "", c.rounds};
}

ReplayedPair::Found found_in(const HypothesisResult& h) {
  return {h.effect, std::string(stats::name_of(h.verdict)), h.rounds};
}

void compare_tables(const ReplayedSide& stored, const std::optional<ReplayedSide>& here,
                    const ReplaySettings& settings, Replayed& replayed) {
  for (const Comparison& c : stored.report.comparisons) {
    ReplayedPair pair;
    pair.of = treatment_of(stored.report, c.of);
    pair.to = treatment_of(stored.report, c.to);
    pair.metric = metric_of(stored.report, c.metric).metric;
    pair.statistic = c.statistic;
    pair.scale = c.scale;
    pair.stored = found_in(c);
    pair.reason = "not_replayed";
    pair.detail = replayed.not_run;
    if (here) {
      const auto place = place_in(here->report, pair);
      const Comparison* now =
          place ? find_comparison(here->report.comparisons, place->of, place->to, place->metric, c.statistic) : nullptr;
      if (!place || !now) continue;  // a row that nobody asked for
      pair.here = found_in(*now);
      pair.reason.clear();
      if (!blocked(pair, stored, *here, c.metric, *place)) {
        const bool lower = pair.metric.direction == Direction::lower;
        judge(pair, claim_of(c, lower), claim_of(*now, lower),
              zone_of(pair, metric_of(stored.report, c.metric), settings));
        if (same_answers(c, *now) && pair.agreement == Agreement::not_comparable) {
          // The same items, answered alike to the last one: no sample could tell more.
          pair.agreement = Agreement::agrees;
          pair.reason.clear();
          pair.further_rounds.reset();
        }
      }
    }
    replayed.comparisons.push_back(std::move(pair));
  }
}

void compare_hypotheses(const ReplayedSide& stored, const std::optional<ReplayedSide>& here,
                        const ReplaySettings& settings, Replayed& replayed) {
  for (const HypothesisResult& h : stored.report.hypotheses) {
    // An absolute value belongs to its machine.
    if (h.planned.form == plan::Hypothesis::Form::value || h.planned.of < 0 || h.planned.to < 0) continue;
    const auto metric = index_of(stored.report, h.planned.metric);
    if (!metric) continue;
    ReplayedPair pair;
    pair.hypothesis = h.planned.id;
    pair.of = treatment_of(stored.report, h.planned.of);
    pair.to = treatment_of(stored.report, h.planned.to);
    pair.metric = metric_of(stored.report, *metric).metric;
    pair.statistic = h.planned.statistic;
    pair.scale = h.planned.form == plan::Hypothesis::Form::ratio ? Scale::ratio : Scale::difference;
    pair.stored = found_in(h);
    pair.reason = "not_replayed";
    pair.detail = replayed.not_run;
    if (here) {
      const auto place = place_in(here->report, pair);
      const auto now = std::find_if(here->report.hypotheses.begin(), here->report.hypotheses.end(),
                                    [&](const HypothesisResult& other) { return other.planned.id == h.planned.id; });
      if (!place || now == here->report.hypotheses.end()) continue;
      pair.here = found_in(*now);
      pair.reason.clear();
      if (!blocked(pair, stored, *here, *metric, *place))
        judge(pair, claim_of(h), claim_of(*now), zone_of(pair, metric_of(stored.report, *metric), settings));
    }
    replayed.hypotheses.push_back(std::move(pair));
  }
}

std::string detailed(const std::string& words, const std::string& detail) {
  return detail.empty() ? words : fmt::format("{} ({})", words, detail);
}

std::string why(const ReplayedPair& pair) {
  if (pair.reason == "stored_failed") return detailed("failed in the stored run", pair.detail);
  if (pair.reason == "not_replayed") return "nothing was run";
  if (pair.reason == "provenance_differs") return detailed("another provenance", pair.detail);
  if (pair.reason == "clock_differs") return detailed("another clock", pair.detail);
  if (pair.reason == "unit_differs") return detailed("another unit or direction", pair.detail);
  if (pair.reason == "inputs_differ") return detailed("other data or weights", pair.detail);
  if (pair.reason == "control_failed") return detailed("the same program differed from itself", pair.detail);
  if (pair.reason == "no_interval") return "too few rounds for an interval";
  if (pair.reason == "verdicts_contradict") return "the verdicts contradict one another";
  if (pair.reason == "ratios_differ") return "further apart than is granted";
  if (pair.reason == "too_noisy") {
    if (!pair.further_rounds) return "too noisy, and more rounds here would not settle it";
    return fmt::format("too noisy here: about {} more {} would settle it", *pair.further_rounds,
                       *pair.further_rounds == 1 ? "round" : "rounds");
  }
  return detailed(reason_text(pair.reason), pair.detail);  // an outcome
}

TextCell agreement_cell(const ReplayedPair& pair) {
  using Tone = TextCell::Tone;
  switch (pair.agreement) {
    case Agreement::agrees:
      return {"agrees", "", Tone::good, ""};
    case Agreement::disagrees:
      return {fmt::format("disagrees: {}", why(pair)), "", Tone::bad, ""};
    case Agreement::not_comparable:
      break;
  }
  return {fmt::format("not comparable: {}", why(pair)), "", Tone::muted, ""};
}

TextCell effect_cell(const std::optional<Number>& effect, const ReplayedPair& pair) {
  if (!effect) return {"–", "", TextCell::Tone::muted, ""};
  const Printed p = pair.scale == Scale::ratio ? print_ratio(*effect)
                                               : print_difference(*effect, pair.metric.unit, pair.metric.kind);
  return {p.value, p.interval, TextCell::Tone::plain, ""};
}

TextTable table_of(const std::vector<ReplayedPair>& pairs, const Report& stored, const std::string& title) {
  using Tone = TextCell::Tone;
  TextTable table;
  table.title = title;
  table.whole = "--json";
  const bool hypotheses = !pairs.empty() && !pairs.front().hypothesis.empty();
  if (hypotheses) table.columns.push_back({"hypothesis", false, 9, 9});
  for (const TextColumn& column :
       {TextColumn{"treatment", false, 9, 9}, {"against", false, 8, 8}, {"metric", false, 7, 7}, {"stored", true, 9, 5},
        {"verdict there", false, 4, 4}, {"here", true, 9, 5}, {"verdict here", false, 4, 4}, {"change", true, 6, 3},
        {"replay", false, 9, 9}}) {
    table.columns.push_back(column);
  }
  const auto word = [](const std::string& verdict) {
    return TextCell{verdict.empty() ? "–" : verdict, "", verdict.empty() ? Tone::muted : Tone::plain, ""};
  };
  for (const ReplayedPair& pair : pairs) {
    std::vector<TextCell> row;
    if (hypotheses) row.push_back({pair.hypothesis, "", Tone::plain, ""});
    row.push_back({short_name(pair.of, stored.planned.factors), "", Tone::plain, ""});
    row.push_back({short_name(pair.to, stored.planned.factors), "", Tone::plain, ""});
    row.push_back({pair.statistic == "typical" ? pair.metric.name : pair.metric.name + "." + pair.statistic, "",
                   Tone::plain, ""});
    row.push_back(effect_cell(pair.stored.effect, pair));
    row.push_back(word(pair.stored.verdict));
    row.push_back(effect_cell(pair.here.effect, pair));
    row.push_back(word(pair.here.verdict));
    row.push_back(effect_cell(pair.change, pair));
    row.push_back(agreement_cell(pair));
    table.rows.push_back(std::move(row));
  }
  return table;
}

OrderedJson number_json(const std::optional<double>& value) {
  return value ? OrderedJson(stored(*value)) : OrderedJson();
}

OrderedJson found_json(const ReplayedPair::Found& found, Scale scale) {
  const auto part = [&](auto get) {
    return found.effect && found.effect->interval ? OrderedJson(stored(get(*found.effect->interval))) : OrderedJson();
  };
  const OrderedJson value = found.effect ? OrderedJson(stored(found.effect->value)) : OrderedJson();
  return {{"ratio", scale == Scale::ratio ? value : OrderedJson()},
          {"difference", scale == Scale::ratio ? OrderedJson() : value},
          {"low", part([](const stats::Interval& i) { return i.low; })},
          {"high", part([](const stats::Interval& i) { return i.high; })},
          {"rounds", found.rounds},
          {"verdict", found.verdict.empty() ? OrderedJson() : OrderedJson(found.verdict)}};
}

OrderedJson pair_json(const ReplayedPair& pair) {
  OrderedJson d;
  if (!pair.hypothesis.empty()) d["id"] = pair.hypothesis;
  d["of"] = to_json(pair.of);
  d["to"] = to_json(pair.to);
  d["metric"] = pair.metric.name;
  d["statistic"] = pair.statistic;
  d["unit"] = pair.metric.unit;
  d["stored"] = found_json(pair.stored, pair.scale);
  d["here"] = found_json(pair.here, pair.scale);
  const bool has = pair.change && pair.change->interval;
  d["change"] = {{"value", number_json(has ? std::optional(pair.change->value) : std::nullopt)},
                 {"low", number_json(has ? std::optional(pair.change->interval->low) : std::nullopt)},
                 {"high", number_json(has ? std::optional(pair.change->interval->high) : std::nullopt)}};
  d["verdict"] = name_of(pair.agreement);
  d["reason"] = pair.reason.empty() ? OrderedJson() : OrderedJson(pair.reason);
  d["detail"] = pair.detail.empty() ? OrderedJson() : OrderedJson(pair.detail);
  d["further_rounds"] = pair.further_rounds ? OrderedJson(*pair.further_rounds) : OrderedJson();
  return d;
}

}  // namespace

std::string_view name_of(Agreement agreement) {
  return agreement == Agreement::agrees      ? "agrees"
         : agreement == Agreement::disagrees ? "disagrees"
                                             : "not_comparable";
}

int Replayed::count(Agreement wanted) const {
  int n = 0;
  for (const auto* pairs : {&comparisons, &hypotheses}) {
    n += static_cast<int>(std::count_if(pairs->begin(), pairs->end(),
                                        [&](const ReplayedPair& p) { return p.agreement == wanted; }));
  }
  return n;
}

Replayed compare_replay(const ReplayedSide& stored, const std::optional<ReplayedSide>& here,
                        const ReplaySettings& settings, const std::string& not_run) {
  Replayed replayed;
  replayed.stored_run = stored.report.folder_name;
  replayed.experiment = stored.report.experiment;
  replayed.preset = here ? here->report.preset : stored.report.preset;
  replayed.within = settings.within;
  replayed.not_run = not_run;
  compare_tables(stored, here, settings, replayed);
  compare_hypotheses(stored, here, settings, replayed);
  if (!here) return replayed;
  replayed.here_run = here->report.folder_name;
  replayed.failed = here->report.failed();
  replayed.differences = compare_stored(stored.run, stored.report, here->run, here->report).differences;
  // That differs by [replay] alone, or this would be no replay.
  std::erase_if(replayed.differences, [](const StoredDifference& d) { return d.what == "experiment file"; });
  return replayed;
}

OrderedJson to_json(const Replayed& replayed, const std::string& stored_shown, const std::string& here_shown) {
  OrderedJson d;
  d["schema"] = kReportSchema;
  d["stored"] = stored_shown;
  d["here"] = here_shown.empty() ? OrderedJson() : OrderedJson(here_shown);
  d["experiment"] = replayed.experiment;
  d["preset"] = replayed.preset;
  d["within"] = replayed.within;
  d["not_run"] = replayed.not_run.empty() ? OrderedJson() : OrderedJson(replayed.not_run);
  d["agrees"] = replayed.count(Agreement::agrees);
  d["disagrees"] = replayed.count(Agreement::disagrees);
  d["not_comparable"] = replayed.count(Agreement::not_comparable);
  d["failed"] = replayed.failed;
  d["comparisons"] = OrderedJson::array();
  for (const ReplayedPair& pair : replayed.comparisons) d["comparisons"].push_back(pair_json(pair));
  d["hypotheses"] = OrderedJson::array();
  for (const ReplayedPair& pair : replayed.hypotheses) d["hypotheses"].push_back(pair_json(pair));
  d["differences"] = OrderedJson::array();
  for (const StoredDifference& x : replayed.differences)
    d["differences"].push_back({{"what", x.what}, {"stored", x.to}, {"here", x.of}});
  return d;
}

std::string terminal_text(const Replayed& replayed, const Report& stored, int width, bool color) {
  std::string out;
  if (!replayed.comparisons.empty()) {
    TextTable table =
        table_of(replayed.comparisons, stored,
                 replayed.here_run.empty() ? replayed.stored_run
                                           : fmt::format("{} replayed as {}", replayed.stored_run, replayed.here_run));
    table.caption = fmt::format("Ratios and differences are of a treatment to what it stands against, paired within the rounds of its run; "
                                "change is here / stored (of differences here − stored). Granted: {} %.",
                                significant(100 * replayed.within, 3));
    out += drawn(table, width, color);
  }
  if (!replayed.hypotheses.empty()) {
    TextTable table = table_of(replayed.hypotheses, stored, "Hypotheses");
    table.caption = "Those about an absolute value are left out: it belongs to its machine.";
    out += drawn(table, width, color);
  }
  if (!replayed.not_run.empty()) out += drawn_paragraph(fmt::format("Nothing was run: {}.", replayed.not_run), width);
  if (!replayed.differences.empty()) out += "The environments differ (stored → here):\n";
  for (const StoredDifference& d : replayed.differences)
    out += drawn_paragraph(fmt::format("{}: {} → {}", d.what, d.to, d.of), width);
  if (!replayed.here_run.empty() && replayed.differences.empty()) out += "No difference of the environments is known.\n";
  if (replayed.count(Agreement::disagrees) > 0 && !replayed.differences.empty())
    out += drawn_paragraph("Another processor may have another ratio: read a disagreement beside these differences.", width);
  return out + fmt::format("{} agree, {} disagree, {} not comparable.\n", replayed.count(Agreement::agrees),
                           replayed.count(Agreement::disagrees), replayed.count(Agreement::not_comparable));
}

}  // namespace assay::reports
