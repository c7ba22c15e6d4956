// What is measured, and what is claimed about it.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "harness/core/names.hpp"
#include "harness/core/statistic.hpp"
#include "harness/plan/levels.hpp"
#include "harness/plan/near_names.hpp"
#include "harness/plan/sections.hpp"

namespace assay::plan {

using document::in_quotes;
using document::shown;

namespace {

/// What is wrong with a requested statistic; nullopt if it can be had.
std::optional<std::string> statistic_mistake(std::string_view statistic) {
  if (!is_statistic(statistic)) {
    return fmt::format("{} is no statistic; there are typical, mean, median and percentiles such as p99",
                       in_quotes(statistic));
  }
  const auto p = percentile_of(statistic);
  if (!p || samples_needed(*p) <= kMostSamples) return std::nullopt;
  return fmt::format(
      "{} needs {} samples of each process, and one gives at most {}; ask for a percentile nearer to the "
      "middle",
      in_quotes(statistic), samples_needed(*p), kMostSamples);
}

/// "latency_s.p99": the metric ends at the first point.
std::optional<RequestedStatistic> read_statistic(const std::string& text, int line, Mistakes& mistakes) {
  const std::size_t point = text.find('.');
  RequestedStatistic requested{text.substr(0, point), "typical"};
  if (!is_plain_name(requested.metric, false)) {
    mistakes.add(line,
                 fmt::format("{} names no metric; write its name, e.g. \"latency_s\" or \"latency_s.p99\"",
                             in_quotes(text)));
    return std::nullopt;
  }
  if (point == std::string::npos) return requested;
  requested.statistic = text.substr(point + 1);
  const auto problem = statistic_mistake(requested.statistic);
  if (!problem) return requested;
  mistakes.add(line, fmt::format("{}: {}", in_quotes(text), *problem));
  return std::nullopt;
}

void read_primary(const Section& section, Draft& draft) {
  const auto names = section.texts("primary", "primary = [\"latency_s\"]");
  if (!names) return;
  if (names->empty()) {
    section.wrong("primary", "is empty", "name at least one metric, e.g. primary = [\"latency_s\"]");
    return;
  }
  auto& primary = draft.experiment.primary;
  for (const std::string& name : *names) {
    const auto requested = read_statistic(name, section.line_of("primary"), draft.mistakes);
    if (!requested) return;
    const bool twice = std::any_of(primary.begin(), primary.end(), [&](const RequestedStatistic& other) {
      return other.metric == requested->metric && other.statistic == requested->statistic;
    });
    if (twice) section.wrong("primary", fmt::format("names {} twice", in_quotes(name)), "keep one");
    primary.push_back(*requested);
  }
}

/// A scaled unit would make stored values disagree with every other file; the message does the arithmetic.
std::optional<std::string> unit_mistake(std::string_view unit) {
  struct Scaled {
    std::string_view unit, base, how;
  };
  constexpr Scaled kScaled[] = {{"ms", "s", "write seconds"},
                                {"us", "s", "write seconds"},
                                {"µs", "s", "write seconds"},
                                {"ns", "s", "write seconds"},
                                {"sec", "s", "write seconds"},
                                {"min", "s", "write seconds"},
                                {"h", "s", "write seconds"},
                                {"kB", "B", "write bytes"},
                                {"KB", "B", "write bytes"},
                                {"KiB", "B", "write bytes"},
                                {"MB", "B", "write bytes"},
                                {"MiB", "B", "write bytes"},
                                {"GB", "B", "write bytes"},
                                {"GiB", "B", "write bytes"},
                                {"%", "ratio", "write 0.99, not 99"},
                                {"percent", "ratio", "write 0.99, not 99"},
                                {"mJ", "J", "write joules"},
                                {"kJ", "J", "write joules"},
                                {"Wh", "J", "write joules"},
                                {"MFLOP/s", "FLOP/s", "write FLOP/s"},
                                {"GFLOP/s", "FLOP/s", "write FLOP/s"},
                                {"GFLOPS", "FLOP/s", "write FLOP/s"},
                                {"TFLOP/s", "FLOP/s", "write FLOP/s"},
                                {"MB/s", "B/s", "write bytes a second"},
                                {"GB/s", "B/s", "write bytes a second"}};
  for (const auto& [scaled, base, how] : kScaled) {
    if (unit == scaled) {
      return fmt::format(
          "values are stored in base units and scaled when printed: write unit = \"{}\" and {}", base, how);
    }
  }
  if (unit.size() > 24)
    return "write a short unit, e.g. \"s\", \"B\", \"ratio\", \"1\" (a count), \"images/s\"";
  return std::nullopt;
}

/// unit, direction, kind and scope of [metrics.X]: nullopt if the file leaves the metric to the worker.
std::optional<Metric> read_declared(const Section& section, const std::string& name, bool of_command,
                                    Mistakes& mistakes) {
  const auto unit = section.text("unit", "unit = \"s\"");
  const auto direction = section.word("direction", {"lower", "higher"});
  const auto kind = section.word("kind", {"time", "rate", "size", "proportion", "count", "status"});
  const auto scope = section.word("scope", {"block", "replicate", "once"});
  if (!unit) {
    if (direction || kind || scope) {
      mistakes.add(section.line(),
                   fmt::format("{} declares a metric without its unit; add one, e.g. unit = \"s\", "
                               "\"B\", \"ratio\" or \"1\" (a count)",
                               section.title()));
    }
    return std::nullopt;
  }
  if (const auto problem = unit_mistake(*unit)) {
    section.wrong("unit", fmt::format("is {}", in_quotes(*unit)), *problem);
    return std::nullopt;
  }
  Json object = {{"name", name}, {"unit", *unit}};
  if (direction) object["direction"] = *direction;
  if (kind) object["kind"] = *kind;
  if (scope) {
    object["scope"] = *scope;
  } else if (of_command) {
    object["scope"] = "block";  // an execution is a block, and gives each metric once
  }
  auto metric = metric_from_json(object);
  if (metric) return *std::move(metric);
  mistakes.add(section.line(),
               fmt::format("{}: {}; see docs/FORMAT.md", section.title(), metric.error().message));
  return std::nullopt;
}

void read_metric(const document::Entry& entry, bool of_command, Draft& draft) {
  const auto& [name, line, node] = entry;
  if (!is_plain_name(name, false)) {
    draft.mistakes.add(
        line, fmt::format("{} is no name for a metric; use letters, digits, '_' and '-', e.g. latency_s",
                          in_quotes(name)));
    return;
  }
  const document::Table* table = node.table();
  if (!table) {
    draft.mistakes.add(
        line,
        fmt::format("unknown key '{}' in [metrics]; {}", name,
                    suggestion(name, {"primary"},
                               fmt::format("write [metrics.{}] if it is a metric; the only key is", name))));
    return;
  }
  const Section section(*table, line, fmt::format("[metrics.{}]", name),
                        {"margin", "estimand", "unit", "direction", "kind", "scope", "statistics"},
                        draft.mistakes);
  MetricSettings settings;
  settings.name = name;
  settings.margin = section.number("margin", between(0, 1), "margin = 0.01");
  if (const auto word = section.word("estimand", {"typical", "mean"})) {
    settings.estimand = *word == "mean" ? Estimand::mean : Estimand::typical;
  }
  settings.declared = read_declared(section, name, of_command, draft.mistakes);
  for (const std::string& statistic : section.texts("statistics", "statistics = [\"median\", \"p99\"]")
                                          .value_or(std::vector<std::string>())) {
    if (const auto problem = statistic_mistake(statistic)) {
      draft.mistakes.add(section.line_of("statistics"),
                         fmt::format("'statistics' in {}: {}", section.title(), *problem));
    }
    if (std::find(settings.statistics.begin(), settings.statistics.end(), statistic) !=
        settings.statistics.end()) {
      section.wrong("statistics", fmt::format("names {} twice", in_quotes(statistic)), "keep one");
    }
    settings.statistics.push_back(statistic);
  }
  draft.experiment.metrics.push_back(std::move(settings));
}

/// A command's metrics are those that come free and those that the file declares and says where to read.
void check_command_metrics(const Section& root, Draft& draft) {
  const Experiment& e = draft.experiment;
  if (!e.has_commands()) return;
  const auto free_metrics = free_command_metrics(e.runs_google_benchmark());
  const auto is_free = [&](const std::string& name) {
    return std::any_of(free_metrics.begin(), free_metrics.end(),
                       [&](const Metric& m) { return m.name == name; });
  };
  const auto gives = [](const CommandSpec& command, const std::string& name) {
    return !command.metrics_file.empty() || !command.google_benchmark.empty() ||
           std::any_of(command.match.begin(), command.match.end(),
                       [&](const auto& m) { return m.first == name; });
  };
  const bool single = root.find("command") != nullptr;
  const document::Table* table = root.find("metrics") ? root.find("metrics")->value.table() : nullptr;
  for (const MetricSettings& settings : e.metrics) {
    const int line =
        table && table->find(settings.name) ? table->find(settings.name)->line : root.line_of("metrics");
    if (is_free(settings.name)) {
      if (settings.declared) {
        draft.mistakes.add(
            line, fmt::format("metric '{}' is measured by Assay, which knows its unit; keep only margin, "
                              "estimand and statistics",
                              settings.name));
      }
    } else if (!settings.declared) {
      draft.mistakes.add(line, fmt::format("metric '{}' of a command has no unit; add unit and direction to "
                                           "[metrics.{}], e.g. unit = \"ratio\"",
                                           settings.name, settings.name));
    } else {
      for (const CommandSpec& command : e.commands) {
        if (gives(command, settings.name)) continue;
        draft.mistakes.add(line,
                           fmt::format("nothing{} gives metric '{}'; add metrics = "
                                       "\"{{out}}/metrics.json\" to {}, or match = {{ {} = '…([\\d.]+)' }}",
                                       single ? "" : " of command " + document::in_quotes(command.name, '\''),
                                       settings.name, single ? "[command]" : "it", settings.name));
      }
    }
  }
  const auto check = [&](const std::string& name, int line) {
    if (is_free(name) || e.settings_of(name)) return;
    std::vector<std::string> names;
    for (const Metric& metric : e.command_metrics()) names.push_back(metric.name);
    draft.mistakes.add(
        line, fmt::format("metric '{}' is not declared; add [metrics.{}] with unit and direction, or {}",
                          name, name, suggestion(name, names, "name one of")));
  };
  const auto check_match = [&](const document::Table* command) {
    const document::Entry* match = command ? command->find("match") : nullptr;
    if (!match) return;
    for (const document::Entry& entry : match->value.table()->entries) check(entry.key, entry.line);
  };
  if (single) {
    check_match(root.find("command")->value.table());
  } else {
    for (const document::Entry& entry : root.find("commands")->value.table()->entries)
      check_match(entry.value.table());
  }
  for (const RequestedStatistic& requested : e.primary) {
    check(requested.metric,
          table && table->find("primary") ? table->find("primary")->line : root.line_of("metrics"));
  }
  for (const Hypothesis& hypothesis : e.hypotheses) check(hypothesis.statistic.metric, hypothesis.line);
}

/// "<= 0.5"
bool read_expectation(std::string_view text, Hypothesis& hypothesis) {
  const auto trim = [&] {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  };
  trim();
  // The longer symbols first: "<" is a beginning of "<=".
  for (const Relation relation :
       {Relation::less_equal, Relation::greater_equal, Relation::less, Relation::greater}) {
    if (!text.starts_with(symbol_of(relation))) continue;
    text.remove_prefix(symbol_of(relation).size());
    trim();
    if (text.starts_with('+')) text.remove_prefix(1);
    hypothesis.relation = relation;
    const auto [stopped, failure] = std::from_chars(text.data(), text.data() + text.size(), hypothesis.bound);
    return failure == std::errc() && stopped == text.data() + text.size() && std::isfinite(hypothesis.bound);
  }
  return false;
}

void read_sides(const Section& section, Hypothesis& hypothesis, Draft& draft) {
  const Experiment& e = draft.experiment;
  std::vector<std::string> forms;
  for (const char* form : {"ratio", "difference", "value"}) {
    if (section.find(form)) forms.emplace_back(form);
  }
  const std::string example = "ratio = { of = { batch = 8 }, to = { batch = 1 } }";
  if (forms.size() != 1) {
    draft.mistakes.add(
        section.line(),
        fmt::format("hypothesis '{}' has {}; give exactly one of ratio, difference and "
                    "value, e.g. {}",
                    hypothesis.id,
                    forms.empty() ? "nothing to look at" : fmt::format("both {} and {}", forms[0], forms[1]),
                    example));
    return;
  }
  const std::string& form = forms.front();
  const document::Table* table = section.table(form, form == "value" ? "value = { batch = 8 }" : example);
  if (!table) return;
  const int line = section.line_of(form);
  const auto side = [&](const document::Table& levels, std::string_view what) {
    return read_partial(levels, line, fmt::format("hypothesis '{}': {}", hypothesis.id, what), e.factors,
                        e.controls, draft.mistakes);
  };
  if (form == "value") {
    hypothesis.form = Hypothesis::Form::value;
    if (!e.factors.empty() || !table->entries.empty()) hypothesis.of = side(*table, "value");
    return;
  }
  hypothesis.form = form == "ratio" ? Hypothesis::Form::ratio : Hypothesis::Form::difference;
  const Section sides(*table, line, fmt::format("{} of hypothesis '{}'", form, hypothesis.id), {"of", "to"},
                      draft.mistakes);
  const document::Table* of = sides.table("of", "of = { batch = 8 }");
  const document::Table* to = sides.table("to", "to = { batch = 1 }");
  if (!of || !to) {
    draft.mistakes.add(line, fmt::format("{} of hypothesis '{}' needs both sides, of and to; e.g. {}", form,
                                         hypothesis.id, example));
    return;
  }
  hypothesis.of = side(*of, "of");
  hypothesis.to = side(*to, "to");
}

}  // namespace

void read_metrics(const Section& root, Draft& draft) {
  const document::Table* table = root.table("metrics", "[metrics]");
  if (!table) return;
  std::vector<std::string> keys;  // every name is a metric's, and read_metric() judges it
  for (const document::Entry& entry : table->entries) keys.push_back(entry.key);
  const Section section(*table, root.line_of("metrics"), "[metrics]", keys, draft.mistakes);
  read_primary(section, draft);
  for (const document::Entry& entry : table->entries) {
    if (entry.key != "primary") read_metric(entry, draft.experiment.has_commands(), draft);
  }
}

void read_hypotheses(const Section& root, Draft& draft) {
  for (const auto& [table, line] : tables_of(*root.raw(), "hypothesis", draft.mistakes)) {
    const Section section(*table, line, "[[hypothesis]]",
                          {"id", "claim", "metric", "ratio", "difference", "value", "expect"},
                          draft.mistakes);
    Hypothesis hypothesis;
    hypothesis.line = line;
    for (const auto& [key, example] : {std::pair("id", "id = \"H1\""),
                                       {"claim", "claim = \"int8 is faster\""},
                                       {"metric", "metric = \"latency_s\""},
                                       {"expect", "expect = \"<= 0.5\""}}) {
      if (section.find(key)) continue;
      draft.mistakes.add(line, fmt::format("a hypothesis has no '{}'; add it, e.g. {}", key, example));
    }
    hypothesis.id = section.text("id", "id = \"H1\"").value_or("");
    hypothesis.claim = section.text("claim", "claim = \"int8 is faster\"").value_or("");
    const auto metric = section.text("metric", "metric = \"latency_s\"");
    const auto expect = section.text("expect", "expect = \"<= 0.5\"");
    if (!draft.mistakes.none()) return;
    if (!is_plain_name(hypothesis.id, true)) {
      section.wrong("id", fmt::format("is {}", in_quotes(hypothesis.id)),
                    "use letters, digits, '_', '-' and '.', e.g. id = \"H1\"");
      return;
    }
    const auto& others = draft.experiment.hypotheses;
    const auto same = std::find_if(others.begin(), others.end(),
                                   [&](const Hypothesis& h) { return h.id == hypothesis.id; });
    if (same != others.end()) {
      section.wrong("id", fmt::format("is \"{}\", as on line {}", hypothesis.id, same->line),
                    "give each hypothesis its own, e.g. id = \"H2\"");
      return;
    }
    const auto statistic = read_statistic(*metric, section.line_of("metric"), draft.mistakes);
    if (!statistic) return;
    hypothesis.statistic = *statistic;
    if (!read_expectation(*expect, hypothesis)) {
      section.wrong("expect", fmt::format("is {}", in_quotes(*expect)),
                    "write <, <=, > or >= and a number in base units, e.g. expect = \"<= 0.5\"");
      return;
    }
    read_sides(section, hypothesis, draft);
    if (!draft.mistakes.none()) return;
    if (hypothesis.form == Hypothesis::Form::ratio && hypothesis.bound <= 0) {
      section.wrong("expect", fmt::format("bounds a ratio by {}", hypothesis.bound),
                    "a ratio is above 0: bound it by such a number, or write difference");
    }
    draft.experiment.hypotheses.push_back(std::move(hypothesis));
  }
  if (draft.mistakes.none()) check_command_metrics(root, draft);
}

}  // namespace assay::plan
