#include "harness/core/protocol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/classes.hpp"

namespace assay::protocol {

namespace {

constexpr double kMostItems = 9e15;          // what a double counts exactly
constexpr double kLongestWarmup_s = 3600;

Ending invalid(std::string reason) { return {Outcome::invalid_output, std::move(reason)}; }

/// What every reply shares: it is one JSON object, `ok` is true, or it carries an outcome and a reason.
struct Opened {
  Json object;
  Ending ending;
};

Opened open(std::string_view line, std::string_view op) {
  auto parsed = parse_json(line);
  if (!parsed) {
    const std::string shown(line.substr(0, 60));
    return {{}, invalid(fmt::format("the reply to {} is {}: {}", op, parsed.error().message,
                                    canonical_json(Json(shown))))};
  }
  Json object = *std::move(parsed);
  if (!object.is_object() || !object.contains("ok") || !object["ok"].is_boolean()) {
    return {{}, invalid(fmt::format("the reply to {} has no boolean field ok", op))};
  }
  if (object["ok"].get<bool>()) return {std::move(object), {}};
  const std::string reason = object.contains("reason") && object["reason"].is_string()
                                 ? object["reason"].get<std::string>()
                                 : fmt::format("the worker gave no reason for refusing {}", op);
  std::optional<Outcome> outcome = Outcome::crashed;
  if (object.contains("outcome")) {
    outcome = object["outcome"].is_string() ? outcome_named(object["outcome"].get<std::string>()) : std::nullopt;
  }
  if (!outcome || *outcome == Outcome::ok) {
    return {{}, invalid(fmt::format("the reply to {} fails with outcome {}, which doesn't exist", op,
                                    object["outcome"].dump()))};
  }
  return {{}, {*outcome, reason}};
}

/// The finite number at `key`; nullopt if absent or not a finite number.
std::optional<double> number_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  const double value = found->get<double>();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<std::string> text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? std::optional(found->get<std::string>()) : std::nullopt;
}

/// Names with finite numbers, e.g. work and metrics. Absent is empty; anything else is an Error.
Result<std::map<std::string, double>> numbers_at(const Json& object, const char* key) {
  std::map<std::string, double> numbers;
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return numbers;
  if (!found->is_object()) return Error{fmt::format("{} is no object", key)};
  for (const auto& [name, value] : found->items()) {
    const auto number = number_at(*found, name.c_str());
    if (!number) return Error{fmt::format("{}.{} is {}, not a finite number", key, name, value.dump())};
    numbers[name] = *number;
  }
  return numbers;
}

template <class T>
Reply<T> failed(Ending ending) {
  return {std::nullopt, std::move(ending)};
}

template <class T>
Reply<T> lacks(std::string_view op, std::string_view what) {
  return failed<T>(invalid(fmt::format("the reply to {} lacks {}", op, what)));
}

}  // namespace

std::string describe_request() { return R"({"op":"describe"})"; }

std::string prepare_request(const Treatment& treatment, const std::vector<int>& cpus, std::uint64_t seed) {
  // 53 bits, so that a worker whose JSON numbers are doubles sees the same seed.
  return canonical_json({{"op", "prepare"},
                         {"treatment", sorted_json(treatment)},
                         {"cpus", cpus},
                         {"seed", seed & ((1ULL << 53) - 1)}});
}

std::string run_request(std::int64_t iterations, std::int64_t settle_ns, bool samples) {
  return fmt::format(R"({{"op":"run","iterations":{},"settle_ns":{},"samples":{}}})", iterations, settle_ns, samples);
}

std::string check_request() { return R"({"op":"check"})"; }
std::string evaluate_request() { return R"({"op":"evaluate"})"; }
std::string quit_request() { return R"({"op":"quit"})"; }

Reply<Description> parse_description(std::string_view line) {
  auto [object, ending] = open(line, "describe");
  if (!ending.ok()) return failed<Description>(ending);
  Description d;
  const auto version = number_at(object, "protocol");
  if (!version) return lacks<Description>("describe", "the number protocol");
  if (*version != kVersion) {
    return failed<Description>(
        {Outcome::unsupported, fmt::format("the worker speaks protocol {}, this assay speaks {}", *version, kVersion)});
  }
  const auto worker = text_at(object, "worker");
  if (!worker) return lacks<Description>("describe", "the text worker");
  d.worker = *worker;
  if (!object.contains("metrics") || !object["metrics"].is_array()) {
    return lacks<Description>("describe", "the list metrics");
  }
  for (const auto& entry : object["metrics"]) {
    auto metric = metric_from_json(entry);
    if (!metric) return failed<Description>(invalid(fmt::format("describe: {}", metric.error().message)));
    d.metrics.push_back(*std::move(metric));
  }
  d.device = text_at(object, "device").value_or("cpu");
  if (object.contains("libraries") && object["libraries"].is_object()) d.libraries = object["libraries"];
  d.warmup_s = std::clamp(number_at(object, "warmup_s").value_or(0), 0.0, kLongestWarmup_s);
  if (object.contains("may_be_stopped") && object["may_be_stopped"].is_boolean()) {
    d.may_be_stopped = object["may_be_stopped"].get<bool>();
  }
  return {std::move(d), {}};
}

Reply<Prepared> parse_prepared(std::string_view line) {
  auto [object, ending] = open(line, "prepare");
  if (!ending.ok()) return failed<Prepared>(ending);
  Prepared p;
  auto work = numbers_at(object, "work");
  if (!work) return failed<Prepared>(invalid(fmt::format("prepare: {}", work.error().message)));
  p.work = *std::move(work);
  if (object.contains("modelled") && object["modelled"].is_object()) {
    const auto factor = number_at(object["modelled"], "factor");
    const auto note = text_at(object["modelled"], "note");
    if (!factor || !(*factor > 0) || !note) return lacks<Prepared>("prepare", "modelled.factor > 0 or modelled.note");
    p.modelled = Modelled{*factor, *note};
  }
  if (object.contains("inputs") && object["inputs"].is_object()) {
    for (const auto& [name, hash] : object["inputs"].items()) {
      if (!hash.is_string()) return lacks<Prepared>("prepare", fmt::format("inputs.{}, the SHA-256 as text", name));
      p.inputs[name] = hash.get<std::string>();
    }
  }
  return {std::move(p), {}};
}

Reply<RunResult> parse_run(std::string_view line) {
  auto [object, ending] = open(line, "run");
  if (!ending.ok()) return failed<RunResult>(ending);
  RunResult r;
  const auto elapsed = number_at(object, "elapsed");
  if (!elapsed || *elapsed < 0) return lacks<RunResult>("run", "elapsed, a finite number of at least 0");
  r.elapsed = *elapsed;
  const auto unit = text_at(object, "unit");
  if (!unit) return lacks<RunResult>("run", "the text unit");
  r.unit = *unit;
  const auto clock = text_at(object, "clock");
  const auto known = clock ? clock_named(*clock) : std::nullopt;
  if (!known || *known == Clock::none) return lacks<RunResult>("run", "a known clock");
  r.clock = *known;
  if ((r.clock == Clock::wall || r.clock == Clock::cpu) && !seconds_in(r.unit)) {
    return failed<RunResult>(invalid(fmt::format("the reply to run measures in '{}'; use ns, us, ms or s", r.unit)));
  }
  r.settled_ns = static_cast<std::int64_t>(std::min(9e18, std::max(0.0, number_at(object, "settled").value_or(0))));
  if (object.contains("samples") && object["samples"].is_array()) {
    for (const auto& sample : object["samples"]) {
      if (!sample.is_number() || !std::isfinite(sample.get<double>()) || sample.get<double>() < 0) {
        return failed<RunResult>(invalid("the reply to run has a sample that is no finite time"));
      }
      r.samples.push_back(sample.get<double>());
    }
  }
  if (object.contains("counters") && object["counters"].is_object()) r.counters = object["counters"];
  auto metrics = numbers_at(object, "metrics");
  if (!metrics) return failed<RunResult>(invalid(fmt::format("run: {}", metrics.error().message)));
  r.metrics = *std::move(metrics);
  return {std::move(r), {}};
}

Reply<Checked> parse_checked(std::string_view line) {
  auto [object, ending] = open(line, "check");
  if (!ending.ok()) return failed<Checked>(ending);
  Checked c;
  const auto tolerance = number_at(object, "tolerance");
  const auto rule = text_at(object, "rule");
  if (!tolerance || *tolerance < 0 || !rule) return lacks<Checked>("check", "tolerance or rule");
  c.tolerance = *tolerance;
  c.rule = *rule;
  const auto error = number_at(object, "max_error");
  if (!error) return lacks<Checked>("check", "max_error, a finite number");
  c.max_error = *error;
  return {std::move(c), {}};
}

namespace {

/// Labels make each item right or wrong, so they must be of the items that were predicted. Fills in what follows from
/// them; says what doesn't fit, or nothing.
std::string judge_labels(Evaluated& e) {
  if (e.labels_base64.empty()) return "";
  const auto labels = decode_classes(e.labels_base64);
  if (!labels) return fmt::format("labels: {}", labels.error().message);
  const auto predicted = decode_classes(e.predictions_base64);
  if (!predicted) return fmt::format("predictions: {}", predicted.error().message);
  if (predicted->size() != labels->size()) {
    return fmt::format("{} predictions for {} labels", predicted->size(), labels->size());
  }
  const auto items = static_cast<std::int64_t>(labels->size());
  if (e.items != 0 && e.items != items) return fmt::format("items is {}, but there are {} labels", e.items, items);
  e.items = items;
  const std::string hash = sha256_of_classes(*labels);
  if (!e.labels_sha256.empty() && e.labels_sha256 != hash) return "labels_sha256 is not the hash of the labels";
  e.labels_sha256 = hash;
  return "";
}

}  // namespace

Reply<Evaluated> parse_evaluated(std::string_view line) {
  auto [object, ending] = open(line, "evaluate");
  if (!ending.ok()) return failed<Evaluated>(ending);
  Evaluated e;
  if (!object.contains("metrics")) return lacks<Evaluated>("evaluate", "metrics");
  auto metrics = numbers_at(object, "metrics");
  if (!metrics) return failed<Evaluated>(invalid(fmt::format("evaluate: {}", metrics.error().message)));
  e.metrics = *std::move(metrics);
  const double items = object.contains("items") ? number_at(object, "items").value_or(-1) : 0;
  if (!(items >= 0 && items <= kMostItems)) return lacks<Evaluated>("evaluate", "items, a count");
  e.items = static_cast<std::int64_t>(items);
  e.labels_sha256 = text_at(object, "labels_sha256").value_or("");
  e.predictions_base64 = text_at(object, "predictions").value_or("");
  e.labels_base64 = text_at(object, "labels").value_or("");
  if (const std::string wrong = judge_labels(e); !wrong.empty()) {
    return failed<Evaluated>(invalid(fmt::format("evaluate: {}", wrong)));
  }
  return {std::move(e), {}};
}

std::string encode(const Description& d) {
  Json metrics = Json::array();
  for (const Metric& m : d.metrics) metrics.push_back(to_json(m));
  return canonical_json({{"ok", true},
                         {"protocol", d.protocol},
                         {"worker", d.worker},
                         {"device", d.device},
                         {"libraries", d.libraries},
                         {"metrics", metrics},
                         {"warmup_s", d.warmup_s},
                         {"may_be_stopped", d.may_be_stopped}});
}

std::string encode(const Prepared& p) {
  Json object{{"ok", true}, {"work", p.work}};
  if (p.work.empty()) object["work"] = Json::object();
  if (!p.inputs.empty()) object["inputs"] = p.inputs;
  if (p.modelled) object["modelled"] = {{"factor", p.modelled->factor}, {"note", p.modelled->note}};
  return canonical_json(object);
}

std::string encode(const RunResult& r) {
  Json object{{"ok", true},
              {"elapsed", r.elapsed},
              {"unit", r.unit},
              {"clock", name_of(r.clock)},
              {"settled", r.settled_ns}};
  if (!r.samples.empty()) object["samples"] = r.samples;
  if (!r.counters.empty()) object["counters"] = r.counters;
  if (!r.metrics.empty()) object["metrics"] = r.metrics;
  return canonical_json(object);
}

std::string encode(const Checked& c) {
  return canonical_json({{"ok", true}, {"max_error", c.max_error}, {"tolerance", c.tolerance}, {"rule", c.rule}});
}

std::string encode(const Evaluated& e) {
  Json object{{"ok", true}, {"metrics", e.metrics}, {"items", e.items}};
  if (e.metrics.empty()) object["metrics"] = Json::object();
  if (!e.labels_sha256.empty()) object["labels_sha256"] = e.labels_sha256;
  if (!e.predictions_base64.empty()) object["predictions"] = e.predictions_base64;
  if (!e.labels_base64.empty()) object["labels"] = e.labels_base64;
  return canonical_json(object);
}

std::string encode(const Ending& failure) {
  return canonical_json({{"ok", false}, {"outcome", name_of(failure.outcome)}, {"reason", failure.reason}});
}

std::optional<double> seconds_in(std::string_view unit) {
  if (unit == "ns") return 1e-9;
  if (unit == "us") return 1e-6;
  if (unit == "ms") return 1e-3;
  if (unit == "s") return 1.0;
  return std::nullopt;
}

}  // namespace assay::protocol
