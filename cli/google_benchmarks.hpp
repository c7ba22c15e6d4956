// `assay compare --google-benchmark`: from executables and filters to the experiment that compares their benchmarks, as text.
//
//     one executable, a filter           every benchmark against the first, or against --baseline
//     two executables                    each benchmark of both: the second's against the first's
//     one executable, two filters        benchmarks paired by what is left of their names: BM_copy/8 against BM_move/8
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/run/interrupt.hpp"

namespace assay::cli {

struct GoogleBenchmarks {
  std::vector<std::string> binaries = {};  // one or two, as the person wrote them
  std::vector<std::string> filters = {};   // regular expressions; none: all
  std::string baseline = {};               // name of a benchmark; empty: the first
  double min_time_s = 0.05;           // measured in each process
  std::vector<std::string> counters = {};  // user counters and rates to list, by name
  std::string folder = {};                 // where they run, from the folder of the experiment; empty: there
  bool against = false;               // a gate: the other side is the reference
};

/// Names that `binary` lists under `filter` (empty: all), run in `folder`. An Error if it can't be run, if it is no Google Benchmark
/// executable, or if nothing matches.
Result<std::vector<std::string>> list_benchmarks(const std::string& binary, const std::string& filter, const std::filesystem::path& folder,
                                                 const run::InterruptFlag& interrupt);

/// What an experiment says beside its question and presets: baseline, [command], [factors], [metrics].
struct BenchmarkDesign {
  std::string baseline;  // an inline table, "" for none
  std::string sections;
};

/// `names`: by binary, or by filter where there are two. `note` gets a sentence for what is left out. Pure.
Result<BenchmarkDesign> design_of(const GoogleBenchmarks& wish, const std::vector<std::vector<std::string>>& names,
                                  const std::function<void(const std::string&)>& note);

}  // namespace assay::cli
