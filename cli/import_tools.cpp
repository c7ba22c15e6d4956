// The JSON of two tools that everybody has: what their results are is known, so that nobody needs to say it.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "cli/import_table.hpp"
#include "harness/core/printable.hpp"
#include "harness/plan/section.hpp"
#include "harness/run/google_benchmark.hpp"

namespace assay::cli {

namespace {

// ── Google Benchmark ──────────────────────────────────────────────────────────────────────────────

using Parts = std::vector<std::pair<std::string, std::string>>;  // factor → level

/// "BM_sort/8/n:1024" → benchmark BM_sort, arg1 8, n 1024. A '/' between '<' and '>' is part of a type's name.
Parts parts_of(const std::string& name) {
  std::vector<std::string> words(1);
  int depth = 0;
  for (const char c : name) {
    depth += c == '<' ? 1 : c == '>' ? -1 : 0;
    if (c == '/' && depth == 0) {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  Parts parts{{"benchmark", words.front()}};
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::size_t colon = words[i].find(':');
    const std::string key = words[i].substr(0, colon);
    // How long it ran is no factor; where names then become equal, the whole name is the level after all.
    if (colon != std::string::npos && (key == "repeats" || key == "iterations" || key == "min_time" || key == "min_warmup_time")) continue;
    if (words[i] == "real_time" || words[i] == "process_time" || words[i] == "manual_time") {
      parts.front().second += "/" + words[i];
    } else if (colon != std::string::npos && plan::is_plain_name(key, false) && key != "benchmark" && key != "out") {
      parts.emplace_back(key, words[i].substr(colon + 1));
    } else {
      parts.emplace_back(fmt::format("arg{}", i), words[i]);
    }
  }
  return parts;
}

bool same_factors(const Parts& a, const Parts& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) { return x.first == y.first; });
}

/// Each name's factors and levels: split where all names split alike and stay apart, else the whole name.
std::map<std::string, Parts> split_names(const std::vector<run::GoogleBenchmarkRow>& rows) {
  std::map<std::string, Parts> split;
  for (const auto& row : rows) split.emplace(row.name, parts_of(row.name));
  std::set<Parts> different;
  bool alike = true;
  for (const auto& [name, parts] : split) {
    std::set<std::string> keys;
    for (const auto& [key, level] : parts) alike = alike && keys.insert(key).second && !level.empty();
    alike = alike && same_factors(parts, split.begin()->second);
    different.insert(parts);
  }
  if (alike && different.size() == split.size()) return split;
  for (auto& [name, parts] : split) parts = {{"benchmark", name}};
  return split;
}

/// What the file says of its machine, without names of hosts, users and folders.
Json reported_by(const Json& context) {
  Json facts = Json::object();
  for (const char* key : {"date", "num_cpus", "mhz_per_cpu", "cpu_scaling_enabled", "library_build_type", "library_version"}) {
    if (context.contains(key) && context[key].is_primitive()) facts[key] = context[key];
  }
  return facts;
}

bool is_rate(const std::string& counter) { return counter.ends_with("_per_second") || counter.ends_with("/s"); }

// ── hyperfine ─────────────────────────────────────────────────────────────────────────────────────

bool is_list_of(const Json& result, const char* key) {
  const auto found = result.find(key);
  return found != result.end() && found->is_array();
}

/// A number as it stands there; another value as JSON, which then is no number in a metric's column.
std::string number_text(const Json& value) {
  if (value.is_number_float()) return fmt::format("{}", value.get<double>());
  return value.is_null() ? "" : value.dump();
}

/// The parameters of a result, name → value, in the order of their names.
Parts parameters_of(const Json& result) {
  Parts parts;
  const auto found = result.find("parameters");
  if (found == result.end() || !found->is_object()) return parts;
  for (const auto& [name, value] : found->items()) parts.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  return parts;
}

}  // namespace

Result<Table> google_benchmark_table(std::string_view json, const std::string& shown_name) {
  const auto file = run::read_google_benchmark_file(json);
  if (!file) return Error{fmt::format("{}: {}", shown_name, file.error().message)};
  if (file->rows.empty()) {
    return Error{fmt::format("{}: {}", shown_name,
                             file->aggregates > 0 ? "holds only aggregates, which are no results; make it without --benchmark_report_aggregates_only"
                                                  : "holds no benchmark")};
  }
  if (file->rows.size() > kMostImportRows) return Error{fmt::format("{}: more than {} rows; import it in parts", shown_name, kMostImportRows)};
  Table table;
  table.format = "google-benchmark";
  table.reported = reported_by(file->context);
  const auto split = split_names(file->rows);
  for (const auto& [factor, level] : split.begin()->second) {
    table.columns.push_back(factor);
    table.known.push_back(fmt::format("{0}=factor", factor));
  }
  const std::size_t first = table.columns.size();
  for (const auto& [column, role] : {std::pair("repetition", "replicate"), std::pair("time_s", "metric:time_s:s"), std::pair("cpu_s", "metric:cpu_s:s"),
                                     std::pair("outcome", "outcome"), std::pair("reason", "reason")}) {
    if (std::find(table.columns.begin(), table.columns.end(), column) != table.columns.end()) {
      return Error{fmt::format("{}: an argument is named '{}', which is a column of every benchmark; name the argument otherwise", shown_name, column)};
    }
    table.columns.emplace_back(column);
    table.known.push_back(fmt::format("{}={}", column, role));
  }
  std::map<std::string, std::size_t> counters;
  for (const auto& row : file->rows) {
    for (const auto& [name, value] : row.counters) {
      if (!counters.emplace(name, table.columns.size()).second) continue;
      if (table.columns.size() == kMostImportColumns || !unprintable_in(name).empty() ||
          std::find(table.columns.begin(), table.columns.end(), name) != table.columns.end()) {
        return Error{fmt::format("{}: the counter '{}' can be no column; give counters printable names of their own", shown_name, printable(name))};
      }
      table.columns.push_back(name);
      // As in `assay compare --google-benchmark --counter`: more of a rate is better, of another counter nobody knows.
      table.known.push_back(!plan::is_plain_name(name, false) ? name + "=ignore" : fmt::format("{0}=metric:{0}:{1}", name, is_rate(name) ? "1/s:higher" : "1:lower"));
    }
  }
  if (table.columns.size() * file->rows.size() > kMostImportCells) return Error{fmt::format("{}: more than {} values; import it in parts", shown_name, kMostImportCells)};
  for (const auto& row : file->rows) {
    Table::Row r{table.rows.size() + 1, std::vector<std::string>(table.columns.size())};
    const Parts& parts = split.at(row.name);
    for (std::size_t i = 0; i < parts.size(); ++i) r.cells[i] = parts[i].second;
    r.cells[first] = fmt::format("{}", row.repetition);
    if (row.ending.ok()) r.cells[first + 1] = fmt::format("{}", row.time_s);
    if (row.cpu_s) r.cells[first + 2] = fmt::format("{}", *row.cpu_s);
    r.cells[first + 3] = std::string(name_of(row.ending.outcome));
    r.cells[first + 4] = row.ending.reason;
    for (const auto& [name, value] : row.counters) r.cells[counters.at(name)] = fmt::format("{}", value);
    table.rows.push_back(std::move(r));
  }
  table.warnings.emplace_back("repetitions of a Google Benchmark executable are of one process: their interval says nothing of what differs from process to process");
  if (text_at(file->context, "library_build_type") == "debug") {
    table.warnings.emplace_back("the Google Benchmark library of these results was a debug build, which says so itself: its times are affected");
  }
  if (file->context.contains("cpu_scaling_enabled") && file->context["cpu_scaling_enabled"] == Json(true)) {
    table.warnings.emplace_back("frequency scaling was on where these results were made: their times may be of different clock rates");
  }
  return table;
}

Result<Table> hyperfine_table(const Json& document, const std::string& shown_name) {
  const Json& results = document["results"];
  const auto wrong = [&](std::size_t i, std::string_view what) { return Error{fmt::format("{}: result {} {}", shown_name, i + 1, what)}; };
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i].is_object() || text_at(results[i], "command").empty()) return wrong(i, "names no command: the file isn't hyperfine's");
    const auto times = results[i].find("times");
    if (times == results[i].end() || !times->is_array() || times->empty()) return wrong(i, "has no 'times': only its mean is there; export with hyperfine 1.12 or newer");
  }
  if (results.empty()) return Error{fmt::format("{}: holds no result", shown_name)};
  Table table;
  table.format = "hyperfine";
  // Parameters are the factors where they tell all results apart, else the commands themselves.
  const Parts first = parameters_of(results[0]);
  std::set<Parts> different;
  bool by_parameters = !first.empty();
  for (const Json& result : results) {
    const Parts parameters = parameters_of(result);
    by_parameters = by_parameters && same_factors(parameters, first) && different.insert(parameters).second;
  }
  table.columns = {"command"};
  table.known = {by_parameters ? "command=ignore" : "command=factor"};
  for (const auto& [name, value] : first) {
    if (!by_parameters) break;
    if (!unprintable_in(name).empty() || name == "command" || name == "run" || name == "wall_s" || name == "exit_code" || name == "peak_memory_bytes") {
      return Error{fmt::format("{}: the parameter '{}' can be no column; give it another name", shown_name, printable(name))};
    }
    table.columns.push_back(name);
    table.known.push_back(name + "=factor");
  }
  const std::size_t run = table.columns.size();
  const bool has_memory = std::any_of(results.begin(), results.end(), [](const Json& r) { return is_list_of(r, "memory_usage_byte"); });
  for (const auto& [column, role] : {std::pair("run", "replicate"), std::pair("wall_s", "metric:wall_s:s"), std::pair("exit_code", "ignore")}) {
    table.columns.emplace_back(column);
    table.known.push_back(fmt::format("{}={}", column, role));
  }
  if (has_memory) {
    table.columns.emplace_back("peak_memory_bytes");
    table.known.emplace_back("peak_memory_bytes=metric:peak_memory_bytes:B");
  }
  for (const Json& result : results) {
    const Parts parameters = parameters_of(result);
    std::size_t failed = 0;
    for (std::size_t i = 0; i < result["times"].size(); ++i) {
      if (table.rows.size() == kMostImportRows) return Error{fmt::format("{}: more than {} rows; import it in parts", shown_name, kMostImportRows)};
      Table::Row row{table.rows.size() + 1, std::vector<std::string>(table.columns.size())};
      row.cells[0] = text_at(result, "command");
      for (std::size_t p = 0; by_parameters && p < parameters.size(); ++p) row.cells[1 + p] = parameters[p].second;
      row.cells[run] = fmt::format("{}", i + 1);
      row.cells[run + 1] = number_text(result["times"][i]);
      if (is_list_of(result, "exit_codes") && i < result["exit_codes"].size()) {
        const Json& code = result["exit_codes"][i];
        row.cells[run + 2] = code.is_null() ? "killed" : number_text(code);
        failed += code != Json(0);
      }
      if (is_list_of(result, "memory_usage_byte") && i < result["memory_usage_byte"].size()) row.cells[run + 3] = number_text(result["memory_usage_byte"][i]);
      table.rows.push_back(std::move(row));
    }
    if (failed > 0) {
      table.warnings.push_back(fmt::format("'{}' failed in {} of {} runs, which hyperfine was told to ignore", printable(text_at(result, "command")), failed,
                                           result["times"].size()));
    }
  }
  std::set<std::string> commands;
  if (!by_parameters) {
    for (const Json& result : results) {
      if (!commands.insert(text_at(result, "command")).second) {
        return Error{fmt::format("{}: two results are of the command '{}'; name them apart with --command-name and export again", shown_name, printable(text_at(result, "command")))};
      }
    }
  }
  return table;
}

}  // namespace assay::cli
