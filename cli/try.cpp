// assay try: the rehearsal alone. Every treatment started, prepared, stepped, checked; nothing is kept.
#include <fmt/format.h>

#include <iostream>

#include "cli/places.hpp"
#include "cli/preparation.hpp"
#include "cli/signals.hpp"
#include "cli/terminal.hpp"
#include "cli/verb.hpp"
#include "harness/core/units.hpp"
#include "harness/run/supervisor.hpp"

namespace assay::cli {

namespace {

struct Options {
  std::string experiment;
  std::string preset = "quick";
  std::vector<std::string> treatment;
  std::vector<std::string> set;
  std::vector<std::string> suites;
  bool verbose = false;
  bool json = false;
  std::optional<int> skip_code;
};

int try_out(const Options& options) {
  const AllPlaces places = find_places(options.suites);
  const auto plan = prepare_plan(options.experiment, options.preset, places, options.set);
  if (!plan) return complain(kUsage, plan.error().message, options.json);
  const auto picked = pick_treatments(*plan, options.treatment);
  if (!picked) return complain(kUsage, picked.error().message, options.json);
  const auto machine = look_at_machine(places, false);
  if (!machine) return complain(kOwnFailure, machine.error().message, options.json);
  if (const auto possible = run::check_placement(*plan, *machine); !possible) return complain(kUsage, possible.error().message, options.json);

  Result<run::Rehearsal> rehearsal = Error{};
  {
    TerminalTrace trace(options.verbose);
    rehearsal = run::try_experiment(*plan, *machine, options.treatment.empty() ? std::vector<int>{} : *picked, trace, interrupted());
  }
  if (!rehearsal) return complain(kOwnFailure, rehearsal.error().message, options.json);
  if (interrupted()) return complain(kOwnFailure, "interrupted", options.json);

  int ok = 0, unsupported = 0, failed = 0;
  OrderedJson treatments = OrderedJson::array();
  for (const int i : *picked) {
    const run::TreatmentCost& cost = rehearsal->treatments[static_cast<std::size_t>(i)];
    ++(cost.ending.ok() ? ok : cost.ending.outcome == Outcome::unsupported ? unsupported : failed);
    treatments.push_back({{"treatment", to_json(plan->treatments[static_cast<std::size_t>(i)].treatment)},
                          {"outcome", name_of(cost.ending.outcome)},
                          {"reason", cost.ending.ok() ? OrderedJson() : OrderedJson(cost.ending.reason)},
                          {"start_s", stored(cost.start_s)},
                          {"iteration_s", stored(cost.iteration_s)},
                          {"resident_bytes", cost.resident_bytes}});
  }
  if (options.json) {
    print({{"experiment", plan->experiment.name}, {"ok", ok}, {"unsupported", unsupported}, {"failed", failed}, {"treatments", treatments}});
  } else {
    std::cout << fmt::format("{}: {} ok, {} unsupported, {} failed\n", plan->experiment.name, ok, unsupported, failed);
  }
  if (failed > 0) return kFailed;
  return ok == 0 && options.skip_code ? *options.skip_code : kDone;
}

}  // namespace

void add_try(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("try", "Rehearse: start, prepare, step and check every treatment once; keeps nothing");
  verb->add_option("experiment", options->experiment, "A name that `assay list` prints, or a path")->required();
  verb->add_option("--treatment", options->treatment, "Only treatments with these levels: factor=level …")->expected(1, -1);
  verb->add_option("--preset", options->preset, "Preset of the experiment");
  add_set_option(*verb, options->set);
  verb->add_option("--suites", options->suites, "Folder that holds suites (searched first; repeatable)");
  verb->add_option("--skip-code", options->skip_code, "Exit status if every treatment is unsupported");
  verb->add_flag("-v,--verbose", options->verbose, "Show the dialogue with each worker");
  verb->add_flag("--json", options->json, "One JSON document on standard output");
  verb->footer("Example: assay try matmul-ladder --treatment version=7_avx -v");
  verb->callback([&action, options] { action = [options] { return try_out(*options); }; });
}

}  // namespace assay::cli
