// assay replay: runs a stored run again, or one row of it, and says whether its ratios hold here.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "cli/measurement.hpp"
#include "cli/places.hpp"
#include "cli/preparation.hpp"
#include "cli/replay_plan.hpp"
#include "cli/stored_run.hpp"
#include "cli/terminal.hpp"
#include "cli/verb.hpp"
#include "harness/core/shell_word.hpp"
#include "harness/record/run_record.hpp"
#include "reports/replayed.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;
using reports::Agreement;

struct Options {
  std::string run;
  std::string out;
  std::string resume;
  ReplayWish wish;
  reports::ReplaySettings settings;
  std::vector<std::string> suites;
  bool json = false;
};

/// The command line as it can be shown to anybody: paths shortened to their last part.
std::vector<std::string> shown_command(const Options& options, const std::string& run, const std::string& preset) {
  std::vector<std::string> words{"assay", "replay", run};
  if (!options.wish.treatment.empty()) words.emplace_back("--treatment");
  words.insert(words.end(), options.wish.treatment.begin(), options.wish.treatment.end());
  words.insert(words.end(), {"--preset", preset});
  if (!options.out.empty()) words.insert(words.end(), {"--out", fs::path(options.out).filename().string()});
  return words;
}

/// What a person types before " --resume RUN".
std::string resume_command(const Options& options, const fs::path& stored, const std::string& preset) {
  std::string words = fmt::format("assay replay {} --preset {}", shell_word(stored.string()), preset);
  if (!options.wish.treatment.empty()) words += " --treatment";
  for (const std::string& word : options.wish.treatment) words += " " + shell_word(word);
  if (!options.wish.experiment.empty()) words += " --experiment " + shell_word(options.wish.experiment);
  for (const std::string& folder : options.suites) words += " --suites " + shell_word(folder);
  return words;
}

/// Something disagrees or failed; else something couldn't be compared; else all agree.
int status_of(const reports::Replayed& replayed) {
  if (replayed.failed > 0 || replayed.count(Agreement::disagrees) > 0) return kFailed;
  return replayed.count(Agreement::not_comparable) > 0 ? kInconclusive : kDone;
}

int show(const Options& options, const reports::Replayed& replayed, const StoredRun& stored, const std::string& here) {
  if (options.json) {
    print(reports::to_json(replayed, stored.folder.string(), here));
  } else {
    std::cout << reports::terminal_text(replayed, stored.report, terminal_width(), wants_color());
  }
  return status_of(replayed);
}

int replay_verb(const Options& options) {
  const AllPlaces places = find_places(options.suites);
  const auto results = results_in(options.out);
  if (!results) return complain(kUsage, results.error().message, options.json);
  const auto stored = read_stored(options.run, *results);
  if (!stored) return complain(kUsage, stored.error().message, options.json);
  const reports::ReplayedSide there{stored->run, stored->report};
  if (const auto wanted = reports::compare_replay(there, std::nullopt, options.settings); wanted.comparisons.empty() && wanted.hypotheses.empty()) {
    return complain(kUsage,
                    fmt::format("{} compares nothing: it has neither a baseline nor a hypothesis about two treatments, and a replay "
                                "compares ratios, never times",
                                stored->report.folder_name),
                    options.json);
  }
  auto again = plan_replay(*stored, options.wish, places);
  if (!again) return complain(kUsage, again.error().message, options.json);
  for (const std::string& note : again->notes) std::cerr << "assay: " << note << '\n';
  if (again->obstacle.empty() && again->plan.pairs.empty()) {
    return complain(kUsage, "--treatment names a baseline alone, and nothing would be compared with it; name a treatment that is", options.json);
  }
  if (!again->obstacle.empty()) {
    std::cerr << "assay: nothing was run: " << again->obstacle << '\n';
    return show(options, reports::compare_replay(there, std::nullopt, options.settings, again->obstacle), *stored, "");
  }

  const std::string preset = again->plan.preset.name;
  Wish wish;
  wish.plan = std::move(again->plan);
  wish.out = options.out;
  wish.resume = options.resume;
  wish.command_line = shown_command(options, stored->report.folder_name, preset);
  wish.resume_with = resume_command(options, stored->folder, preset);
  wish.json = options.json;
  auto outcome = measure(std::move(wish), places);
  if (const int* status = std::get_if<int>(&outcome)) return *status;
  const Measured& measured = std::get<Measured>(outcome);
  const auto run = record::read_run(measured.summary.folder);
  if (!run) return complain(kOwnFailure, run.error().message, options.json);
  const auto replayed = reports::compare_replay(there, reports::ReplayedSide{*run, measured.report}, options.settings);
  const int status = show(options, replayed, *stored, measured.summary.folder.string());
  tell_where(measured);
  return status;
}

}  // namespace

void add_replay(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("replay", "Run a stored run again, or rows of it with their baseline, and compare the ratios");
  verb->add_option("run", options->run, "A path, a unique prefix, an experiment's name (its newest run) or `latest`")->required();
  verb->add_option("--treatment", options->wish.treatment, "Only treatments with these levels, and what they are compared with: factor=level …")->expected(1, -1);
  verb->add_option("--preset", options->wish.preset, "Another preset than the stored run's");
  verb->add_option("--within", options->settings.within, "How far apart two ratios may be and agree (0.1: 10 %)")->check(CLI::Range(0.0001, 0.9));
  verb->add_option("--experiment", options->wish.experiment, "The file that the run was made of, unchanged: its commands run from there");
  verb->add_option("--out", options->out, "Folder that stands in for results/");
  verb->add_option("--resume", options->resume, "Go on with this interrupted replay");
  verb->add_option("--suites", options->suites, "Folder that holds suites (searched first; repeatable)");
  verb->add_flag("--json", options->json, "One JSON document on standard output");
  verb->footer(
      "Example: assay replay latest\n"
      "         assay replay results/matmul-ladder/ladder/20261124T224600Z-c4086b3b --treatment version=7_avx\n"
      "Exit:    0 all agree, 1 something disagrees or failed, 3 something isn't comparable");
  verb->callback([&action, options] { action = [options] { return replay_verb(*options); }; });
}

}  // namespace assay::cli
