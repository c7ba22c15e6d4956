// Google Benchmark's executables as a kind of program: how one benchmark of them is asked for, and what its JSON says.
// Pure text in and out; whoever runs the program is execution.cpp (a benchmark) or cli (the list).
//
//     argv.insert(argv.end(), …google_benchmark_flags("BM_sort/1024", out / "benchmark.json"));
//     const GoogleBenchmark b = read_google_benchmark(text, "BM_sort/1024");
//     if (b.ending.ok()) use(b.elapsed_s / b.iterations);
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/json.hpp"
#include "harness/core/outcome.hpp"
#include "harness/core/result.hpp"

namespace assay::run {

/// `text` as a regular expression that matches it alone, for the POSIX (extended), std::regex and RE2 syntaxes that
/// Google Benchmark may have been built with.
std::string exactly(std::string_view text);

/// The flags that make a Google Benchmark executable run `name` alone and write its JSON to `file`.
std::vector<std::string> google_benchmark_flags(std::string_view name, std::string_view file);

/// One benchmark in one process. Repetitions are summed: its value is total time / total iterations.
struct GoogleBenchmark {
  Ending ending;                           // ok, or why there is no value
  std::int64_t iterations = 0;             // > 0 where ok
  double elapsed_s = 0;                    // > 0 where ok: real time of all iterations, of one thread
  int threads = 1;
  std::map<std::string, double> metrics;   // cpu_s: processor time an iteration; user counters by their names, each the mean over repetitions
};

/// Reads the file that --benchmark_out_format=json writes. Rows of aggregates (mean, median, stddev, cv) are derived and left
/// out. A time that is no finite number, or 0, is invalid_output; so is a benchmark that reported an error. One that skipped itself is
/// unsupported. Counters that are NaN or infinite, which Google Benchmark writes as such although JSON has no word for them, are left out.
GoogleBenchmark read_google_benchmark(std::string_view json, std::string_view name);

/// One repetition of one benchmark, as its row has it.
struct GoogleBenchmarkRow {
  std::string name;                // without "/repeats:3_mean" and the like
  std::int64_t repetition = 0;     // from 0
  Ending ending;                   // ok, or why it has no time
  double time_s = 0;               // real time of an iteration
  std::optional<double> cpu_s;     // processor time of an iteration
  std::vector<std::pair<std::string, double>> counters;
};
struct GoogleBenchmarkFile {
  std::vector<GoogleBenchmarkRow> rows;  // in the file's order
  int aggregates = 0;                    // rows of means and deviations, which are derived and left out
  Json context;                          // what it says of its machine and build; an object
};

/// A whole file of results that were made elsewhere. The Error begins with "its JSON".
Result<GoogleBenchmarkFile> read_google_benchmark_file(std::string_view json);

/// The names in what --benchmark_list_tests=true prints: a line each, blank ones left out.
std::vector<std::string> listed_benchmarks(std::string_view output);

}  // namespace assay::run
