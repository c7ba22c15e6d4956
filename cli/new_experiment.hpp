// `assay new experiment`: a command line as the experiment file that varies it.
//
//     experiment_from_command({.command = {"python3", "eval.py", "--batch", "64", "--out", "results.json"}})
//
// gives a commented file whose command is `python3 eval.py --batch {batch} --out {out}/results.json`, with the factor
// batch = [64]. It can be tried as it is; whoever wrote the command adds the levels.
#pragma once

#include <string>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::cli {

struct ExperimentWish {
  std::string name{};                  // empty: after the script
  std::vector<std::string> command{};  // as the shell gave it
  std::string folder{};                // where it runs, relative to the folder that the experiment's commands run from; empty: there
  int cpus = 1;                        // that this process may use: a flag --threads above it can't be Assay's factor of that name
};

/// "eval" of python3 src/eval.py …; letters, digits, '_', '-' and '.'.
std::string name_of_command(const std::vector<std::string>& command);

/// The file's text. What becomes of a word:
///     --batch 64, --batch=64, -b 64    a factor with this level; a number stays one if it can be written back as it was given
///     --seed 3                         {seed}
///     --out results.json, -o …         {out}/results.json; of a JSON file the metrics are read
///     a path, a switch, a positional word, all before the script and all behind a second --    left as they are
/// An Error says what is wrong with the command or the name.
Result<std::string> experiment_from_command(const ExperimentWish& wish);

/// A file to begin with where a worker is to do the work: it parses, and names a worker that is still to be written,
/// `starting_worker`: src/<name>_worker.py.
std::string starting_worker(const std::string& name);
Result<std::string> starting_experiment(const std::string& name);

}  // namespace assay::cli
