#include "cli/replay_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/preparation.hpp"
#include "harness/core/hash.hpp"
#include "harness/plan/document.hpp"
#include "harness/plan/set_controls.hpp"
#include "harness/plan/suite.hpp"

namespace assay::cli {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFrozen = "experiment.toml";  // as messages name the frozen copy

std::string text_of(const Json& manifest, const char* pointer) {
  const Json::json_pointer at(pointer);
  const bool is_text = manifest.contains(at) && manifest.at(at).is_string();
  return is_text ? manifest.at(at).get<std::string>() : "";
}

/// The "control=value" words that the run was given: its frozen copy has them in it.
std::vector<std::string> set_words(const Json& manifest) {
  std::vector<std::string> words;
  const Json given = manifest.value("command_line", Json::array());
  for (std::size_t i = 0; given.is_array() && i + 1 < given.size(); ++i) {
    if (given[i] == "--set" && given[i + 1].is_string()) words.push_back(given[i + 1].get<std::string>());
  }
  return words;
}

/// Numbers that nothing here can make again.
bool is_imported(const reports::Report& report) {
  return !report.cells.empty() && std::all_of(report.cells.begin(), report.cells.end(), [](const reports::Cell& cell) {
    return cell.provenance == Provenance::imported || cell.provenance == Provenance::published;
  });
}

/// Whether the record can be replayed at all: what it froze is what its manifest names, and is no gate or replay.
Result<Done> check_frozen(const StoredRun& stored) {
  const std::string& text = stored.run.experiment_text;
  const std::string name = stored.report.folder_name;
  if (const std::string named = text_of(stored.run.manifest, "/experiment/sha256"); !named.empty() && named != sha256_hex(text)) {
    return Error{fmt::format("{}: its experiment.toml is not the one that its manifest names by hash; get an unchanged copy of the run", name)};
  }
  const auto frozen = plan::parse_frozen_experiment(text, kFrozen);
  if (!frozen) return frozen.error();
  if (frozen->replay) {
    return Error{fmt::format("{} is itself a replay, of {}; replay that one", name, frozen->replay->run)};
  }
  if (frozen->against) {
    return Error{fmt::format("{} is a gate: its reference was built for it; make it again by assay compare --against {}", name,
                             frozen->against->commit.empty() ? frozen->against->reference : frozen->against->commit)};
  }
  return Done{};
}

bool has_project(fs::path folder) {
  std::error_code ignored;
  for (;; folder = folder.parent_path()) {
    if (fs::is_regular_file(folder / "assay.toml", ignored)) return true;
    if (folder == folder.parent_path()) return false;
  }
}

/// Where the experiment file is taken to stand: its folder decides where commands run.
struct Standing {
  fs::path file;
  std::string obstacle;
  std::string note;
};

/// "suite/stem" of an experiment that lies in a suite; empty parts for any other.
std::pair<std::string, std::string> suite_and_stem(const StoredRun& stored) {
  const std::string suite = text_of(stored.run.manifest, "/experiment/suite");
  const bool inside = !suite.empty() && stored.run.experiment.starts_with(suite + "/");
  return inside ? std::pair(suite, stored.run.experiment.substr(suite.size() + 1)) : std::pair<std::string, std::string>();
}

Standing stand_in_suite(const StoredRun& stored, const std::string& name, const std::string& stem, const AllPlaces& places) {
  Standing standing;
  for (const plan::Suite& suite : plan::find_suites(places.plan).suites) {
    if (suite.name != name) continue;
    standing.file = suite.folder / "experiments" / (stem + ".toml");
    const auto here = plan::document::read_text(standing.file.string());
    auto changed = here && !set_words(stored.run.manifest).empty() ? plan::set_controls(*here, kFrozen, set_words(stored.run.manifest)) : here;
    if (!changed || *changed != stored.run.experiment_text) {
      standing.note = fmt::format("{} is not the same file in this suite; what is run is the stored run's frozen copy", stored.run.experiment);
    }
    return standing;
  }
  standing.obstacle = fmt::format("there is no suite '{}' here; name the folder that holds it by --suites", name);
  return standing;
}

Result<Standing> stand_at(const StoredRun& stored, const std::string& file) {
  auto text = plan::document::read_text(file);
  if (!text) return text.error();
  const auto set = set_words(stored.run.manifest);
  auto changed = set.empty() ? text : plan::set_controls(*text, file, set);
  if (!changed) return changed.error();
  if (*changed != stored.run.experiment_text) {
    return Error{fmt::format("{} has changed since run {} froze it (SHA-256 {}… now, {}… then); check out the file as it was, or leave "
                             "--experiment out and go to the folder where its commands run",
                             file, stored.report.folder_name, sha256_hex(*changed).substr(0, 12),
                             sha256_hex(stored.run.experiment_text).substr(0, 12))};
  }
  return Standing{file, "", ""};
}

Result<Standing> stand(const StoredRun& stored, const ReplayWish& wish, const AllPlaces& places) {
  const auto [suite, stem] = suite_and_stem(stored);
  if (!wish.experiment.empty()) return stand_at(stored, wish.experiment);
  if (!suite.empty()) return stand_in_suite(stored, suite, stem, places);
  std::error_code ignored;
  const fs::path here = fs::current_path(ignored);
  const fs::path folder = !has_project(here) && has_project(stored.folder) ? stored.folder : here;
  return Standing{folder / kFrozen, "", ""};
}

}  // namespace

Result<ReplayPlan> plan_replay(const StoredRun& stored, const ReplayWish& wish, const AllPlaces& places) {
  ReplayPlan again;
  if (is_imported(stored.report)) {
    again.obstacle = "its numbers were imported: the run has no program that could be run again";
    return again;
  }
  if (const auto fine = check_frozen(stored); !fine) return fine.error();
  auto standing = stand(stored, wish, places);
  if (!standing) return standing.error();
  if (!standing->note.empty()) again.notes.push_back(standing->note);
  again.obstacle = standing->obstacle;
  if (!again.obstacle.empty()) return again;

  const auto journal = sha256_of_file((stored.folder / "journal.jsonl").string());
  if (!journal) return journal.error();
  plan::Replay replay{stored.report.folder_name, *journal, {}};
  const auto planned = [&]() -> Result<plan::Plan> {
    const std::string text = stored.run.experiment_text + plan::replay_table(replay);
    auto experiment = plan::parse_experiment(text, kFrozen, standing->file, places.plan);
    if (!experiment) return experiment.error();
    const auto preset = experiment->preset(wish.preset.empty() ? stored.run.preset : wish.preset);
    if (!preset) return preset.error();
    return plan::make_plan(*std::move(experiment), *preset);
  };
  auto plan = planned();
  if (!plan) {
    // The text was fine by itself: it is this place that lacks something, unless the person asked for a preset.
    if (!wish.preset.empty()) return plan.error();
    again.obstacle = plan.error().message;
    return again;
  }
  if (!wish.treatment.empty()) {
    const auto picked = pick_treatments(*plan, wish.treatment);
    if (!picked) return picked.error();
    replay.treatments = plan::treatments_for(*plan, *picked);
    if (replay.treatments.size() == plan->treatments.size()) replay.treatments.clear();
    plan = planned();
    if (!plan) return plan.error();
  }
  again.plan = *std::move(plan);
  return again;
}

}  // namespace assay::cli
