#include "harness/run/google_benchmark.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "harness/core/json.hpp"
#include "harness/core/protocol.hpp"

namespace assay::run {

namespace {

constexpr std::size_t kNamesShown = 5;
constexpr std::size_t kLongestSaid = 200;  // of a message that the program wrote

GoogleBenchmark failed(Outcome outcome, std::string reason) {
  GoogleBenchmark b;
  b.ending = {outcome, std::move(reason)};
  return b;
}

GoogleBenchmark invalid(std::string reason) { return failed(Outcome::invalid_output, std::move(reason)); }

struct Scanned {
  std::string text;       // with NaN, -NaN, Infinity and -Infinity, which Google Benchmark writes for counters, as null
  bool complete = false;  // whatever was opened is closed
};

Scanned scan(std::string_view text) {
  Scanned scanned;
  std::string& out = scanned.text;
  out.reserve(text.size());
  bool in_string = false;
  int depth = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\' && i + 1 < text.size()) out += text[i++];
      if (c == '"') in_string = false;
      out += text[i++];
      continue;
    }
    const std::size_t sign = c == '-' ? 1 : 0;
    std::size_t word = 0;
    for (const std::string_view unreal : {"NaN", "nan", "Infinity", "inf"}) {
      if (word == 0 && text.substr(i + sign).starts_with(unreal)) word = sign + unreal.size();
    }
    if (word > 0) {
      out += "null";
      i += word;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    out += c;
    ++i;
  }
  scanned.complete = !in_string && depth <= 0;
  return scanned;
}

bool is_true(const Json& row, const char* key) { return row.contains(key) && row[key] == Json(true); }

/// A finite number; nullopt if it is anything else.
std::optional<double> number_at(const Json& row, const char* key) {
  if (!row.contains(key) || !row[key].is_number()) return std::nullopt;
  const double value = row[key].get<double>();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

/// Its first line, in so far as a table can hold it.
std::string said(const std::string& message) {
  const std::string line = message.substr(0, std::min(message.find('\n'), kLongestSaid));
  return line.empty() ? "it doesn't say why" : line;
}

bool is_aggregate(const Json& row) {
  return text_at(row, "run_type") == "aggregate" || !text_at(row, "aggregate_name").empty();
}

/// What Google Benchmark itself writes into a row; every other number is a counter.
bool is_field(const std::string& key) {
  static const std::set<std::string> fields{
      "family_index", "per_family_instance_index", "repetitions", "repetition_index", "threads", "iterations", "real_time", "cpu_time",
      "cpu_coefficient", "real_coefficient", "rms", "allocs_per_iter", "max_bytes_used", "total_allocated_bytes", "net_heap_growth"};
  return fields.count(key) > 0;
}

}  // namespace

std::string exactly(std::string_view text) {
  constexpr std::string_view kSpecial = R"(.[{()\*+?^$|)";  // the closing ] and } are themselves, and POSIX forbids to escape them
  std::string pattern = "^";
  for (const char c : text) {
    if (kSpecial.find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern + "$";
}

std::vector<std::string> google_benchmark_flags(std::string_view name, std::string_view file) {
  // A filter that begins with '-' would mean all others: '^' stands before it.
  return {fmt::format("--benchmark_filter={}", exactly(name)), fmt::format("--benchmark_out={}", file),
          "--benchmark_out_format=json"};
}

Result<GoogleBenchmarkFile> read_google_benchmark_file(std::string_view json) {
  const Scanned scanned = scan(json);
  if (!scanned.complete) return Error{fmt::format("its JSON is cut off after {} bytes: the program ended before it was done", json.size())};
  const auto parsed = parse_json(scanned.text);
  if (!parsed) return Error{fmt::format("its JSON is broken: {}", parsed.error().message)};
  if (!parsed->is_object() || !parsed->contains("benchmarks") || !(*parsed)["benchmarks"].is_array()) {
    return Error{"its JSON has no list 'benchmarks': it isn't Google Benchmark's"};
  }
  GoogleBenchmarkFile file;
  file.context = parsed->contains("context") && (*parsed)["context"].is_object() ? (*parsed)["context"] : Json::object();
  std::map<std::string, std::pair<double, double>> instances;  // name → which of the registered ones has it
  std::map<std::string, std::int64_t> repetitions;
  for (const Json& row : (*parsed)["benchmarks"]) {
    if (!row.is_object()) return Error{"its JSON has a benchmark that is no object"};
    if (is_aggregate(row)) {
      ++file.aggregates;
      continue;
    }
    GoogleBenchmarkRow r;
    r.name = text_at(row, "run_name").empty() ? text_at(row, "name") : text_at(row, "run_name");
    if (r.name.empty()) return Error{"its JSON has a benchmark without a name"};
    const std::pair which{number_at(row, "family_index").value_or(0), number_at(row, "per_family_instance_index").value_or(0)};
    if (const auto [known, added] = instances.emplace(r.name, which); !added && known->second != which) {
      return Error{fmt::format("its JSON has two benchmarks named '{}'; give them names of their own", r.name)};
    }
    r.repetition = repetitions[r.name]++;
    const auto unit_s = protocol::seconds_in(row.contains("time_unit") ? text_at(row, "time_unit") : "ns");
    const auto real_time = number_at(row, "real_time"), cpu_time = number_at(row, "cpu_time");
    if (is_true(row, "error_occurred")) {
      r.ending = {Outcome::invalid_output, fmt::format("the benchmark reports an error: {}", said(text_at(row, "error_message")))};
    } else if (is_true(row, "skipped")) {
      r.ending = {Outcome::unsupported, fmt::format("the benchmark skipped itself: {}", said(text_at(row, "skip_message")))};
    } else if (!unit_s) {
      r.ending = {Outcome::invalid_output, fmt::format("its time_unit is '{}'; there are ns, us, ms and s", text_at(row, "time_unit"))};
    } else if (!real_time || !(*real_time > 0)) {
      r.ending = {Outcome::invalid_output, "its real_time is no number above 0"};
    } else {
      // Divided, not multiplied: 1e-9 is no double.
      const double in_a_second = std::round(1 / *unit_s);
      r.time_s = *real_time / in_a_second;
      if (cpu_time && *cpu_time >= 0) r.cpu_s = *cpu_time / in_a_second;
      for (const auto& [key, value] : row.items()) {
        if (is_field(key) || !value.is_number() || !std::isfinite(value.get<double>())) continue;
        r.counters.emplace_back(key, value.get<double>());
      }
    }
    file.rows.push_back(std::move(r));
  }
  return file;
}

GoogleBenchmark read_google_benchmark(std::string_view json, std::string_view name) {
  if (json.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return invalid(fmt::format("its JSON is empty: it ran no benchmark named '{}'", name));
  }
  const Scanned scanned = scan(json);
  if (!scanned.complete) return invalid(fmt::format("its JSON is cut off after {} bytes: it ended before it was done", json.size()));
  const auto parsed = parse_json(scanned.text);
  if (!parsed) return invalid(fmt::format("its JSON is broken: {}", parsed.error().message));
  if (!parsed->is_object() || !parsed->contains("benchmarks") || !(*parsed)["benchmarks"].is_array()) {
    return invalid("its JSON has no list 'benchmarks': it isn't Google Benchmark's");
  }

  GoogleBenchmark b;
  std::vector<std::string> others;
  double cpu_s = 0;
  bool cpu_known = true;
  int rows = 0;
  std::optional<std::pair<double, double>> instance;  // which of the registered ones the rows are of
  std::map<std::string, std::pair<double, int>> counters;
  for (const Json& row : (*parsed)["benchmarks"]) {
    if (!row.is_object() || is_aggregate(row)) continue;
    // The name of old versions has no run_name beside it.
    const std::string run_name = text_at(row, "run_name").empty() ? text_at(row, "name") : text_at(row, "run_name");
    if (run_name != name && text_at(row, "name") != name) {
      others.push_back(run_name);
      continue;
    }
    if (is_true(row, "error_occurred")) return invalid(fmt::format("the benchmark reports an error: {}", said(text_at(row, "error_message"))));
    if (is_true(row, "skipped")) return failed(Outcome::unsupported, fmt::format("the benchmark skipped itself: {}", said(text_at(row, "skip_message"))));
    const std::pair which{number_at(row, "family_index").value_or(0), number_at(row, "per_family_instance_index").value_or(0)};
    if (instance && *instance != which) return invalid(fmt::format("two benchmarks of it are named '{}'; give them names of their own", name));
    instance = which;
    const std::string unit = row.contains("time_unit") ? text_at(row, "time_unit") : "ns";
    const auto unit_s = protocol::seconds_in(unit);
    if (!unit_s) return invalid(fmt::format("its time_unit is '{}'; there are ns, us, ms and s", unit));
    const auto iterations = number_at(row, "iterations");
    if (!iterations || *iterations < 1 || *iterations > 9e15) return invalid("it states no number of iterations");
    const auto real_time = number_at(row, "real_time");
    if (!real_time || *real_time < 0) return invalid("its real_time is no number of 0 or more");
    if (*real_time == 0) return invalid("its real_time is 0: its clock saw no time pass; let an iteration do more");
    const auto cpu_time = number_at(row, "cpu_time");
    b.iterations += static_cast<std::int64_t>(*iterations);
    b.elapsed_s += *real_time * *unit_s * *iterations;
    if (cpu_time && *cpu_time >= 0) {
      cpu_s += *cpu_time * *unit_s * *iterations;
    } else {
      cpu_known = false;
    }
    b.threads = static_cast<int>(std::clamp(number_at(row, "threads").value_or(1), 1.0, 1e6));
    for (const auto& [key, value] : row.items()) {
      if (is_field(key) || !value.is_number() || !std::isfinite(value.get<double>())) continue;
      counters[key].first += value.get<double>();
      ++counters[key].second;
    }
    ++rows;
  }
  if (rows == 0) {
    if (others.empty()) return invalid(fmt::format("its JSON holds no value of '{}'", name));
    const std::size_t shown = std::min(others.size(), kNamesShown);
    others.erase(std::unique(others.begin(), others.end()), others.end());
    return invalid(fmt::format("its JSON holds no '{}' but {}", name,
                               fmt::join(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(std::min(shown, others.size())), ", ")));
  }
  if (!std::isfinite(b.elapsed_s)) return invalid("its real_time is no number of 0 or more");
  if (cpu_known) b.metrics["cpu_s"] = cpu_s / static_cast<double>(b.iterations);
  for (const auto& [key, sum] : counters) {
    if (key != "cpu_s") b.metrics[key] = sum.first / sum.second;
  }
  return b;
}

std::vector<std::string> listed_benchmarks(std::string_view output) {
  std::vector<std::string> names;
  while (!output.empty()) {
    const std::size_t end = std::min(output.find('\n'), output.size());
    std::string_view line = output.substr(0, end);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (!line.empty()) names.emplace_back(line);
    output.remove_prefix(std::min(end + 1, output.size()));
  }
  return names;
}

}  // namespace assay::run
