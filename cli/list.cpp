// assay list: suites, experiments, devices; what is unavailable, why, and what mends it. Reads suite.toml files only.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "cli/places.hpp"
#include "cli/verb.hpp"
#include "hardware/mcu/board.hpp"
#include "harness/plan/suite.hpp"

namespace assay::cli {

namespace {

struct Options {
  std::vector<std::string> suites;
  bool json = false;
};

/// Reasons why a suite or one of its workers can't do everything here.
std::vector<std::string> missing_of(const plan::Suite& suite) {
  std::vector<std::string> missing;
  for (const std::string& needed : suite.requirements) {
    if (const auto r = plan::check_requirement(needed); r.missing) missing.push_back(*r.missing);
  }
  for (const plan::WorkerSpec& worker : suite.workers) {
    for (const std::string& needed : worker.requirements) {
      if (const auto r = plan::check_requirement(needed); r.missing) missing.push_back(fmt::format("{}: {}", worker.name, *r.missing));
    }
  }
  return missing;
}

/// The microcontrollers that are known here, each with whether it can be used now.
struct KnownBoard {
  mcu::Board board;
  mcu::Availability availability;
};
std::vector<KnownBoard> boards_of(const AllPlaces& places) {
  std::vector<KnownBoard> known;
  const auto boards = mcu::load_boards(places.plan.libexec / "../../share/assay/mcu");
  if (!boards) return known;
  for (const mcu::Board& board : boards->boards) known.push_back({board, mcu::availability(board)});
  return known;
}

int list(const Options& options) {
  const AllPlaces places = find_places(options.suites);
  const auto boards = boards_of(places);
  const plan::FoundSuites found = plan::find_suites(places.plan);
  if (options.json) {
    OrderedJson document{{"suites", OrderedJson::array()}, {"broken", found.broken}, {"devices", {"cpu"}}, {"boards", OrderedJson::array()}};
    if (std::any_of(boards.begin(), boards.end(), [](const KnownBoard& known) { return known.availability.available; })) document["devices"].push_back("mcu");
    for (const auto& [board, availability] : boards) {
      document["boards"].push_back({{"name", board.name},
                                    {"title", board.title},
                                    {"emulated", board.link == mcu::Link::emulator},
                                    {"parts", board.parts},
                                    {"available", availability.available},
                                    {"detail", availability.text}});
    }
    for (const plan::Suite& suite : found.suites) {
      OrderedJson experiments = OrderedJson::array();
      for (const auto& file : suite.experiments) experiments.push_back(suite.experiment_name(file));
      document["suites"].push_back({{"name", suite.name},
                                    {"title", suite.title},
                                    {"main", suite.name + "/" + suite.main_experiment},
                                    {"experiments", experiments},
                                    {"unavailable", missing_of(suite)}});
    }
    print(document);
    return kDone;
  }
  for (const plan::Suite& suite : found.suites) {
    std::cout << fmt::format("{}: {}\n", suite.name, suite.title);
    for (const auto& file : suite.experiments) {
      const bool is_main = file.stem() == suite.main_experiment;
      std::cout << fmt::format("  {}{}\n", suite.experiment_name(file), is_main ? "   (main: also just `" + suite.name + "`)" : "");
    }
    for (const std::string& missing : missing_of(suite)) std::cout << "  unavailable: " << missing << '\n';
  }
  for (const std::string& broken : found.broken) std::cout << "broken: " << broken << '\n';
  if (found.suites.empty()) std::cout << "no suites; looked in ./suites upwards, $ASSAY_SUITE_PATH and beside the executable\n";
  std::cout << "devices:\n  cpu\n";
  for (const auto& [board, availability] : boards) {
    std::cout << fmt::format("  mcu {}: {}\n      {}{}\n", board.name, board.title, availability.available ? "" : "unavailable: ", availability.text);
  }
  return kDone;
}

}  // namespace

void add_list(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("list", "Suites, experiments, devices; what is unavailable and how to mend it");
  verb->add_option("--suites", options->suites, "Folder that holds suites (searched first; repeatable)");
  verb->add_flag("--json", options->json, "One JSON document on standard output");
  verb->footer("Example: assay list");
  verb->callback([&action, options] { action = [options] { return list(*options); }; });
}

}  // namespace assay::cli
