// What Google Benchmark's JSON gives: one value a process, or the reason why there is none.
#include "harness/run/google_benchmark.hpp"

#include <fmt/format.h>

#include <regex>

#include "tests/catch.hpp"

namespace {

using assay::Outcome;
using assay::run::exactly;
using assay::run::google_benchmark_flags;
using assay::run::GoogleBenchmark;
using assay::run::listed_benchmarks;
using assay::run::read_google_benchmark;

/// As libbenchmark 1.7.1 writes it.
std::string document(const std::string& rows) {
  return fmt::format(R"({{
  "context": {{
    "date": "2026-11-28T03:42:33+00:00",
    "host_name": "vm",
    "executable": "./bench",
    "load_avg": [7.87744,2.87549,1.14453],
    "library_build_type": "release"
  }},
  "benchmarks": [
    {}
  ]
}})",
                     rows);
}

std::string row(const std::string& name, const std::string& rest) {
  return fmt::format(R"({{"name": "{}", "family_index": 0, "per_family_instance_index": 0, "run_name": "{}", "run_type": "iteration",
      "repetitions": 1, "repetition_index": 0, "threads": 1, {}}})",
                     name, name, rest);
}

const std::string kTimes = R"("iterations": 1000, "real_time": 2.5e+03, "cpu_time": 2.0e+03, "time_unit": "ns")";

Outcome outcome_of(const std::string& rows) { return read_google_benchmark(document(rows), "BM_a").ending.outcome; }
std::string reason_of(const std::string& rows) { return read_google_benchmark(document(rows), "BM_a").ending.reason; }

}  // namespace

TEST_CASE("a benchmark's time is its real time an iteration in the unit that it names") {
  const GoogleBenchmark b = read_google_benchmark(document(row("BM_a", kTimes)), "BM_a");
  REQUIRE(b.ending.ok());
  CHECK(b.iterations == 1000);
  CHECK(b.elapsed_s / static_cast<double>(b.iterations) == Approx(2.5e-6));
  CHECK(b.metrics.at("cpu_s") == Approx(2.0e-6));
  for (const auto& [unit, seconds] : {std::pair("us", 1e-6), {"ms", 1e-3}, {"s", 1.0}}) {
    const std::string in_unit = fmt::format(R"("iterations": 4, "real_time": 3, "cpu_time": 2, "time_unit": "{}")", unit);
    const GoogleBenchmark scaled = read_google_benchmark(document(row("BM_a", in_unit)), "BM_a");
    REQUIRE(scaled.ending.ok());
    CHECK(scaled.elapsed_s == Approx(12 * seconds));
    CHECK(scaled.metrics.at("cpu_s") == Approx(2 * seconds));
  }
  CHECK(reason_of(row("BM_a", R"("iterations": 4, "real_time": 3, "cpu_time": 2, "time_unit": "fortnight")")) ==
        "its time_unit is 'fortnight'; there are ns, us, ms and s");
}

TEST_CASE("repetitions give total time over all iterations, and aggregates count for nothing") {
  const std::string rows = row("BM_a", R"("iterations": 100, "real_time": 10, "cpu_time": 10, "time_unit": "us", "hits": 4)") + "," +
                           row("BM_a", R"("iterations": 300, "real_time": 20, "cpu_time": 12, "time_unit": "us", "hits": 8)") + "," +
                           R"({"name": "BM_a_mean", "run_name": "BM_a", "run_type": "aggregate", "aggregate_name": "mean",
                              "iterations": 2, "real_time": 15000, "cpu_time": 11000, "time_unit": "us"})";
  const GoogleBenchmark b = read_google_benchmark(document(rows), "BM_a");
  REQUIRE(b.ending.ok());
  CHECK(b.iterations == 400);
  CHECK(b.elapsed_s == Approx(7000e-6));
  CHECK(b.metrics.at("cpu_s") == Approx(4600e-6 / 400));
  CHECK(b.metrics.at("hits") == Approx(6));
  CHECK(reason_of(R"({"name": "BM_a_mean", "run_name": "BM_a", "run_type": "aggregate", "aggregate_name": "mean",
                    "iterations": 2, "real_time": 1, "cpu_time": 1, "time_unit": "us"})") == "its JSON holds no value of 'BM_a'");
}

TEST_CASE("rates and user counters are metrics by their own names; what Google Benchmark says of the run is none") {
  const GoogleBenchmark b =
      read_google_benchmark(document(row("BM_a", kTimes + R"(, "items_per_second": 4e8, "load": NaN, "peak": -Infinity, "label": "NaN, {")")), "BM_a");
  REQUIRE(b.ending.ok());
  CHECK(b.metrics.at("items_per_second") == 4e8);
  CHECK(b.metrics.size() == 2);  // and cpu_s
}

TEST_CASE("among several benchmarks the one that was asked for is read, also in the form of old versions") {
  const std::string rows = row("BM_ab", R"("iterations": 1, "real_time": 9, "cpu_time": 9, "time_unit": "s")") + "," +
                           R"({"name": "BM_a", "iterations": 1000, "real_time": 2500, "cpu_time": 2000, "time_unit": "ns"})";
  const GoogleBenchmark b = read_google_benchmark(document(rows), "BM_a");
  REQUIRE(b.ending.ok());
  CHECK(b.elapsed_s == Approx(2.5e-3));
  CHECK(reason_of(row("BM_b", kTimes) + "," + row("BM_b", kTimes) + "," + row("BM_c", kTimes)) == "its JSON holds no 'BM_a' but BM_b, BM_c");
  CHECK(reason_of("") == "its JSON holds no value of 'BM_a'");
}

TEST_CASE("two benchmarks of one name are not averaged") {
  std::string other = row("BM_a", kTimes);
  other.replace(other.find("\"family_index\": 0"), 17, "\"family_index\": 3");
  CHECK(outcome_of(row("BM_a", kTimes) + "," + other) == Outcome::invalid_output);
  CHECK(reason_of(row("BM_a", kTimes) + "," + other) == "two benchmarks of it are named 'BM_a'; give them names of their own");
}

TEST_CASE("a benchmark that reports an error or skips itself has an outcome with its own words") {
  const std::string zero = R"(, "iterations": 1, "real_time": 0, "cpu_time": 0, "time_unit": "ns")";
  const std::string error = row("BM_a", R"("error_occurred": true, "error_message": "no data\nsecond line")" + zero);
  CHECK(outcome_of(error) == Outcome::invalid_output);
  CHECK(reason_of(error) == "the benchmark reports an error: no data");
  const std::string skipped = row("BM_a", R"("skipped": true, "skip_message": "needs AVX")" + zero);
  CHECK(outcome_of(skipped) == Outcome::unsupported);
  CHECK(reason_of(skipped) == "the benchmark skipped itself: needs AVX");
}

TEST_CASE("a time that is no finite number above 0 is refused") {
  for (const char* time : {"NaN", "-NaN", "Infinity", "-1", "null", "\"3\""}) {
    INFO(time);
    const std::string bad = row("BM_a", fmt::format(R"("iterations": 10, "real_time": {}, "cpu_time": 1, "time_unit": "ns")", time));
    CHECK(reason_of(bad) == "its real_time is no number of 0 or more");
  }
  CHECK(reason_of(row("BM_a", R"("iterations": 10, "real_time": 0, "cpu_time": 1, "time_unit": "ns")")) ==
        "its real_time is 0: its clock saw no time pass; let an iteration do more");
  CHECK(reason_of(row("BM_a", R"("iterations": 0, "real_time": 1, "cpu_time": 1, "time_unit": "ns")")) == "it states no number of iterations");
  const GoogleBenchmark no_cpu =
      read_google_benchmark(document(row("BM_a", R"("iterations": 10, "real_time": 1, "cpu_time": NaN, "time_unit": "ns")")), "BM_a");
  CHECK(no_cpu.ending.ok());
  CHECK(no_cpu.metrics.count("cpu_s") == 0);
}

TEST_CASE("JSON that is empty, cut off, broken or somebody else's has a message of its own") {
  const std::string whole = document(row("BM_a", kTimes));
  REQUIRE(read_google_benchmark(whole, "BM_a").ending.ok());
  CHECK(read_google_benchmark(" \n", "BM_a").ending.reason == "its JSON is empty: it ran no benchmark named 'BM_a'");
  for (std::size_t length = 1; length < whole.size(); ++length) {
    const GoogleBenchmark cut = read_google_benchmark(whole.substr(0, length), "BM_a");
    REQUIRE(cut.ending.outcome == Outcome::invalid_output);
    REQUIRE(cut.ending.reason == fmt::format("its JSON is cut off after {} bytes: it ended before it was done", length));
  }
  CHECK(read_google_benchmark("{\"benchmarks\": [1,]}", "BM_a").ending.reason == "its JSON is broken: not JSON at byte 19");
  CHECK(read_google_benchmark("{\"results\": []}", "BM_a").ending.reason == "its JSON has no list 'benchmarks': it isn't Google Benchmark's");
  CHECK(read_google_benchmark(std::string(100'000, '['), "BM_a").ending.outcome == Outcome::invalid_output);
}

TEST_CASE("a filter matches one name and no other, whatever characters it has") {
  for (const std::string name : {"BM_sort/1024", "a/b: x(1)<int*>/iterations:10", "f[0]{2}^$.|?+\\", "-x"}) {
    INFO(name);
    const std::regex pattern(exactly(name), std::regex::ECMAScript);
    CHECK(std::regex_match(name, pattern));
    CHECK_FALSE(std::regex_search(name + "0", pattern));
    CHECK_FALSE(std::regex_search("x" + name, pattern));
    const std::regex extended(exactly(name), std::regex::extended);
    CHECK(std::regex_match(name, extended));
  }
  CHECK(google_benchmark_flags("a.b", "/tmp/o.json") ==
        std::vector<std::string>{"--benchmark_filter=^a\\.b$", "--benchmark_out=/tmp/o.json", "--benchmark_out_format=json"});
}

TEST_CASE("a list of benchmarks is a name a line") {
  CHECK(listed_benchmarks("BM_a\nBM_b/8 \r\n\nBM c") == std::vector<std::string>{"BM_a", "BM_b/8", "BM c"});
  CHECK(listed_benchmarks("").empty());
}
