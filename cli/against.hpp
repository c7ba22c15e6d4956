// `assay compare --against REF`: finds or makes the reference, and says so in the experiment's text.
//
//     const auto tables = against_tables({.reference = "HEAD~1", .build = "make"}, *experiment, places, interrupted(), note);
//     if (!tables) return complain(kUsage, tables.error().message, json);
//     auto gate = plan::parse_experiment(text + tables->text, …);     // [against] and [presets.gate]
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/places.hpp"
#include "cli/reference.hpp"
#include "harness/plan/experiment.hpp"
#include "harness/run/interrupt.hpp"

namespace assay::cli {

struct AgainstWish {
  std::string reference;             // a git revision, the first digits of a kept program's hash, or a path to an executable
  std::string build;                 // run by /bin/sh in both trees, where the person stands; empty: nothing
  double margin = 0.01;
  std::optional<double> precision;   // wanted half-width; empty: what can tell "not worse" within the margin
  std::optional<int> rounds;         // so many, and no precision
  std::optional<double> budget_s;
};

struct AgainstTables {
  std::string text;
  std::optional<run::FileLock> lock;  // of a revision's folder: to be held until it has been measured
};

/// The tables to append to the text of `plain`, which was read with the file's own folder. Checks the reference out and builds both trees, or
/// copies a program into the cache; `note` gets a sentence about each of these. An Error says which of them failed and what to do.
Result<AgainstTables> against_tables(const AgainstWish& wish, const plan::Experiment& plain, const AllPlaces& places,
                                   const run::InterruptFlag& interrupt, const std::function<void(const std::string&)>& note);

/// `assay compare --keep`: copies each program that the experiment's commands or workers name into the cache. Gives their sentences for
/// the person. An Error where a command names no file of the person's own.
Result<std::vector<std::string>> keep_programs(const plan::Experiment& experiment, const AllPlaces& places);

}  // namespace assay::cli
