#include "reports/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "harness/core/units.hpp"
#include "harness/plan/near_names.hpp"
#include "reports/sentences.hpp"
#include "reports/table_parts.hpp"

namespace assay::reports {

namespace {

constexpr std::string_view kWords[] = {"cell", "ratio", "speedup", "difference", "verdict", "p", "hypothesis", "effect", "control", "run"};

/// "latency_s", or "latency_s.p99".
std::string metric_word(const Report& report, int metric, const std::string& statistic) {
  const std::string& name = report.planned.metrics[static_cast<std::size_t>(metric)].metric.name;
  return statistic == "typical" ? name : fmt::format("{}.{}", name, statistic);
}

/// A word as it is typed: in quotes where it has a space.
std::string typed(const std::string& word) {
  return word.find_first_of(" \t") == std::string::npos && !word.empty() ? word : fmt::format("\"{}\"", word);
}

std::string level_word(const std::string& factor, const Level& level) {
  return fmt::format("{}={}", factor, typed(shortest(level)));
}

/// " precision=int8 batch=1": the factors that have several levels.
std::string treatment_words(const Report& report, int treatment) {
  std::string words;
  for (const std::string& factor : varied_factors(report.planned)) {
    if (const Level* level = report.planned.treatments[static_cast<std::size_t>(treatment)].find(factor)) words += fmt::format(" {}", level_word(factor, *level));
  }
  return words;
}

Value value_of(std::string key, const Printed& printed) {
  return {std::move(key), printed.value, printed.interval};
}

/// "p < 0.0001", "p = 0.012".
std::string p_value_text(double p) {
  return p < 0.0001 ? "p < 0.0001" : "p = " + with_decimals(p, p < 0.01 ? 4 : 2);
}

class Catalogue {
public:
  explicit Catalogue(const Report& report) : report_(report), planned_(report.planned) {}

  std::vector<Value> all() {
    for (const Cell& cell : report_.cells) add_cell(cell);
    for (const Comparison& c : report_.comparisons) add_comparison(c);
    for (const Effect& e : report_.effects) add_effect(e);
    for (const HypothesisResult& h : report_.hypotheses) add_hypothesis(h);
    add_controls();
    add_run();
    return std::move(values_);
  }

private:
  void add(Value value) {
    if (keys_.insert(value.key).second) values_.push_back(std::move(value));
  }

  void add_cell(const Cell& cell) {
    const Metric& metric = planned_.metrics[static_cast<std::size_t>(cell.metric)].metric;
    const std::string key = fmt::format("cell {}{}", metric_word(report_, cell.metric, cell.statistic), treatment_words(report_, cell.treatment));
    if (cell.ending.ok() && cell.value) {
      add(value_of(key, print(*cell.value, metric.unit, metric.kind)));
    } else {
      add({key, outcome_text(cell.ending.outcome), ""});
    }
  }

  void add_comparison(const Comparison& c) {
    const Metric& metric = planned_.metrics[static_cast<std::size_t>(c.metric)].metric;
    const std::string of = fmt::format("{}{}", metric_word(report_, c.metric, c.statistic), treatment_words(report_, c.of));
    const auto& baseline = planned_.baseline_of[static_cast<std::size_t>(c.of)];
    const std::string with_to = fmt::format("{} to{}", of, treatment_words(report_, c.to));
    // With its baseline a comparison needs no "to"; said with it, it is the same value.
    for (const std::string& key : {baseline && *baseline == c.to ? of : with_to, with_to}) {
      if (c.effect && c.scale == Scale::ratio) {
        add(value_of("ratio " + key, print_ratio(*c.effect)));
        const bool can_turn = c.effect->value > 0 && (!c.effect->interval || c.effect->interval->low > 0);
        if (can_turn) {
          Value speedup = value_of("speedup " + key, print_ratio(metric.direction == Direction::lower ? inverse(*c.effect) : *c.effect));
          speedup.value += "×";
          add(std::move(speedup));
        }
      } else if (c.effect) {
        add(value_of("difference " + key, print_difference(*c.effect, metric.unit, metric.kind)));
      }
      add({"verdict " + key, verdict_text(c), ""});
      if (c.p_adjusted) add({"p " + key, p_value_text(*c.p_adjusted), ""});
    }
  }

  void add_effect(const Effect& e) {
    if (!e.ratio) return;
    std::string key = "effect " + metric_word(report_, e.metric, e.statistic);
    for (const auto& [factor, level] : e.of.levels()) key += fmt::format(" {}", level_word(factor, level));
    add(value_of(std::move(key), print_ratio(*e.ratio)));
  }

  void add_hypothesis(const HypothesisResult& h) {
    const std::string key = "hypothesis " + typed(h.planned.id);
    add({key, h.sentence, ""});
    add({key + " verdict", std::string(stats::name_of(h.verdict)), ""});
  }

  void add_controls() {
    for (const Control& c : report_.controls) {
      if (c.kind != Role::same || !c.ratio) continue;
      std::string key = "control";
      if (c.metric >= 0) key += fmt::format(" {}", metric_word(report_, c.metric, c.statistic));
      const Value value = value_of(key, print_ratio(*c.ratio));
      add({"control", value.value, value.interval});
      add(value);
      if (c.baseline >= 0 && planned_.baselines.size() > 1) add({key + treatment_words(report_, c.baseline), value.value, value.interval});
    }
  }

  void add_run() {
    const auto fact = [&](const char* name, std::string text) {
      if (!text.empty()) add({fmt::format("run {}", name), std::move(text), ""});
    };
    fact("name", report_.folder_name);
    fact("experiment", report_.experiment);
    fact("preset", report_.preset);
    fact("started", report_.started);
    fact("machine", report_.machine);
    fact("assay", report_.assay);
    fact("rounds", std::to_string(report_.costs.rounds));
    fact("processes", std::to_string(report_.costs.processes));
    fact("blocks", with_decimals(static_cast<double>(report_.costs.blocks), 0));
    if (report_.costs.wall_s) fact("time", duration_text(*report_.costs.wall_s));
    fact("cells", std::to_string(report_.cells.size()));
    fact("measured", std::to_string(report_.ran()));
    fact("unsupported", std::to_string(report_.unsupported()));
    fact("failed", std::to_string(report_.failed()));
    if (report_.run_of_plan > 0) fact("of-plan", std::to_string(report_.run_of_plan));
  }

  const Report& report_;
  const Planned& planned_;
  std::vector<Value> values_;
  std::set<std::string> keys_;
};

/// A key's words: what stands first and isn't about levels, then the levels of each side.
struct Asked {
  std::vector<std::string> head;
  std::set<std::string> of, to;
  bool has_to = false;
};

Asked asked(const std::vector<std::string>& words) {
  Asked a;
  for (const std::string& word : words) {
    if (word == "to" && !a.head.empty()) {
      a.has_to = true;
    } else if (word.find('=') != std::string::npos) {
      (a.has_to ? a.to : a.of).insert(word);
    } else {
      a.head.push_back(word);
    }
  }
  return a;
}

bool includes(const std::set<std::string>& all, const std::set<std::string>& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

}  // namespace

std::string Value::text(ValueForm form) const {
  if (form == ValueForm::value) return value;
  if (form == ValueForm::interval) return interval.empty() ? std::string(kNothing) : interval;
  return interval.empty() ? value : value + " " + interval;
}

bool is_value_word(std::string_view word) {
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

std::vector<Value> values_of(const Report& report) {
  return Catalogue(report).all();
}

std::vector<std::string> key_words(std::string_view text) {
  std::vector<std::string> words;
  std::optional<std::string> word;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') {
      quoted = !quoted;
      if (!word) word.emplace();
    } else if (!quoted && (c == ' ' || c == '\t' || c == '\r')) {
      if (word) words.push_back(*std::move(word));
      word.reset();
    } else {
      if (!word) word.emplace();
      *word += c;
    }
  }
  if (word) words.push_back(*std::move(word));
  return words;
}

Result<Value> find_value(const std::vector<Value>& all, std::string_view run, const std::vector<std::string>& words) {
  std::string shown;
  for (const std::string& word : words) shown += (shown.empty() ? "" : " ") + word;
  if (words.empty() || !is_value_word(words.front()))
    return Error{fmt::format("no kind of value '{}'; there are {}", words.empty() ? "" : words.front(), fmt::join(kWords, ", "))};
  const Asked wanted = asked(words);
  std::vector<const Value*> fitting;
  std::vector<std::string> keys;
  for (const Value& value : all) {
    const Asked a = asked(key_words(value.key));
    if (a.head.front() == wanted.head.front()) keys.push_back(value.key);
    if (a.head != wanted.head || a.has_to != wanted.has_to) continue;
    if (a.of == wanted.of && a.to == wanted.to) return value;
    if (includes(a.of, wanted.of) && includes(a.to, wanted.to)) fitting.push_back(&value);
  }
  if (fitting.size() == 1) return *fitting.front();
  if (!fitting.empty()) {
    std::string listed;
    constexpr std::size_t kMost = 8;
    for (std::size_t i = 0; i < std::min(kMost, fitting.size()); ++i) listed += fmt::format("\n  {}", fitting[i]->key);
    return Error{fmt::format("'{}' may mean {} values of run {}; name more levels:{}{}", shown, fitting.size(), run, listed,
                             fitting.size() > kMost ? "\n  …" : "")};
  }
  if (keys.empty()) return Error{fmt::format("run {} has no {}", run, words.front())};
  const auto near = plan::nearest(shown, keys);
  std::string listed;
  constexpr std::size_t kMost = 8;
  for (std::size_t i = 0; i < std::min(kMost, keys.size()) && !near; ++i) listed += fmt::format("\n  {}", keys[i]);
  return Error{near ? fmt::format("no value '{}' in run {}; did you mean '{}'?", shown, run, *near)
                    : fmt::format("no value '{}' in run {}; there are:{}{}", shown, run, listed, keys.size() > kMost ? "\n  …" : "")};
}

}  // namespace assay::reports
