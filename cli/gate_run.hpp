// A gate from an experiment's text to an exit status, and Google Benchmark executables as an experiment's text. compare.cpp parses the
// command line and calls these.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/against.hpp"
#include "cli/google_benchmarks.hpp"
#include "cli/places.hpp"
#include "harness/run/interrupt.hpp"

namespace assay::cli {

/// An experiment as text, and how it is to be read.
struct ExperimentText {
  std::string text;
  std::string shown_name;       // in messages
  std::filesystem::path file;   // where it stands, or would stand; its folder is where commands run
};

/// `sections`: question and design are added to what it begins with, "[experiment]\nname = …\n…" and presets.
struct BenchmarkTexts {
  std::string head;             // [experiment] with name, question, seed; the baseline follows
  std::string presets;          // [presets.…], may be empty
};

/// Lists the benchmarks and writes the experiment. For a gate (wish.against) `other` is the folder of the reference, whose list is asked for
/// too: only what both have is compared. An Error as list_benchmarks() and design_of() give it.
Result<std::string> benchmark_text(const GoogleBenchmarks& wish, const BenchmarkTexts& texts, const std::filesystem::path& folder,
                                   const std::optional<std::filesystem::path>& other, const run::InterruptFlag& interrupt,
                                   const std::function<void(const std::string&)>& note);

struct GateWish {
  ExperimentText experiment;                       // without a reference
  std::optional<GoogleBenchmarks> benchmarks;      // then experiment.text is not used but made, of `texts`
  BenchmarkTexts texts;
  AgainstWish against;
  std::string decided_by;                          // metric; empty: every primary one
  std::string out;                                 // stands in for results/
  std::string resume_name;                         // of an experiment file: what names it when the gate is resumed
  std::string resume;                              // a gate's RUN to go on with: then experiment.text is its own
  std::vector<std::string> command_line;           // as it can be shown to anybody
  bool json = false;
};

/// Makes the reference, measures, prints table, sentences and decision. The exit status: 0 not worse, 1 worse or failed, 3 can't tell; 2 and 4 as
/// everywhere.
int run_gate(const GateWish& wish, const AllPlaces& places);

}  // namespace assay::cli
