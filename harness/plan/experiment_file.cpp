// An experiment file, whole: [experiment], the order in which its tables are read, and what is looked for on
// the disk once the text is known to be right (suite, project folder, published figures).
#include <fmt/format.h>

#include <algorithm>

#include "harness/plan/levels.hpp"
#include "harness/plan/near_names.hpp"
#include "harness/plan/placeholder.hpp"
#include "harness/plan/sections.hpp"
#include "harness/plan/suite.hpp"

namespace assay::plan {

namespace {

namespace fs = std::filesystem;

/// [experiment]; the baseline comes later, when the factors are known.
void read_question(const Section& section, Draft& draft) {
  Experiment& e = draft.experiment;
  draft.experiment_line = section.line();
  draft.baseline_line = section.line_of("baseline");
  e.title_name = section.text("name", "name = \"precision-ablation\"").value_or("");
  if (!e.title_name.empty() && !is_plain_name(e.title_name, true)) {
    section.wrong(
        "name", fmt::format("is {}", document::in_quotes(e.title_name)),
        "it names a folder: use letters, digits, '_', '-' and '.', e.g. name = \"precision-ablation\"");
  }
  e.question = section.text("question", "question = \"What does each precision buy?\"").value_or("");
  e.rationale = section.text("rationale", "rationale = \"Batch 1 is what the robot sees.\"").value_or("");
  e.suite = section.text("suite", "suite = \"matmul-ladder\"").value_or("");
  draft.suite_line = section.line_of("suite");
  draft.workers_line = draft.suite_line;
  e.published = section.text("published", "published = \"published.toml\"").value_or("");
  draft.published_line = section.line_of("published");
  e.seed = static_cast<std::uint64_t>(
      section.integer("seed", 0, std::numeric_limits<std::int64_t>::max(), "seed = 585").value_or(1));
  std::vector<std::string> designs;
  for (const Design design : {Design::factorial, Design::one_factor_at_a_time, Design::list}) {
    designs.emplace_back(name_of(design));
    if (section.find("design") && section.find("design")->value.text() &&
        *section.find("design")->value.text() == designs.back()) {
      e.design = design;
    }
  }
  static_cast<void>(section.word("design", designs));
  if (section.word("placement", {"interleaved", "duet"}) == "duet") e.placement = Placement::duet;
}

/// A duet runs two workers on a core each.
void check_placement(const Section& section, Draft& draft) {
  const Experiment& e = draft.experiment;
  if (e.placement != Placement::duet) return;
  const auto refuse = [&](std::string_view right) {
    section.wrong("placement", "is \"duet\"", std::string(right) + ", or write placement = \"interleaved\"");
  };
  if (e.has_commands())
    return refuse("it times blocks, and a command has none: write [worker] instead of [command]");
  if (e.peak)
    return refuse("it runs two processes at a time, and a [peak] would be a third: leave [peak] out");
  const auto is_one = [](const Level& level) { return level == Level(std::int64_t{1}); };
  const auto check = [&](const std::string& name, const std::vector<Level>& levels) {
    if (name == "cpus") refuse("it chooses the cores itself: leave out 'cpus'");
    if (name == "threads" && !std::all_of(levels.begin(), levels.end(), is_one))
      refuse("each side has one core: write threads = 1");
  };
  for (const Factor& factor : e.factors) check(factor.name, factor.levels);
  for (const auto& [name, level] : e.controls.levels()) check(name, {level});
}

/// Everything that the text alone decides.
Result<Draft> read_draft(std::string_view text, std::string_view shown_name) {
  const auto parsed = document::parse(text, shown_name);
  if (!parsed) return parsed.error();
  Draft draft(shown_name);
  draft.experiment.source = text;
  if (parsed->entries.empty()) {
    draft.mistakes.add(
        1, "the file is empty; begin with [experiment] and its question, e.g. from `assay new experiment`");
    return draft.mistakes.first();
  }
  const Section root(
      *parsed, 1, "the file",
      {"experiment", "factors", "treatment", "exclude", "controls", "limits", "metrics", "hypothesis",
       "presets", "command", "commands", "worker", "workers", "table", "peak", "counters", "against", "import", "replay"},
      draft.mistakes);
  const document::Table* table = root.table("experiment", "[experiment]");
  if (!table) {
    draft.mistakes.add(1,
                       "there is no [experiment]; begin with it, e.g. [experiment] with name and question");
    return draft.mistakes.first();
  }
  const Section section(
      *table, root.line_of("experiment"), "[experiment]",
      {"name", "question", "rationale", "suite", "design", "placement", "baseline", "seed", "published"},
      draft.mistakes);
  read_question(section, draft);
  // Each step relies on those before it, so it is not taken after a mistake: its messages would only puzzle.
  const auto go_on = [&] { return draft.mistakes.none(); };
  if (go_on()) read_factors(root, draft);
  if (go_on()) read_baseline(section, draft);
  if (go_on()) read_excludes(root, draft);
  if (go_on()) read_processes(root, draft);
  if (go_on()) read_limits(root, draft);
  if (go_on()) read_metrics(root, draft);
  if (go_on()) read_hypotheses(root, draft);
  if (go_on()) read_presets(root, draft);
  if (go_on()) read_table(root, draft);
  if (go_on()) read_peak(root, draft);
  if (go_on()) read_counters(root, draft);
  if (go_on()) read_against(root, draft);
  if (go_on()) read_replay(root, draft);
  if (go_on()) check_programs(draft);
  if (go_on()) check_placement(section, draft);
  if (!go_on()) return draft.mistakes.first();
  return draft;
}

/// The suite folder that `file` lies in (as experiments/<stem>.toml); empty if it lies in none.
fs::path enclosing_suite(const fs::path& file) {
  const fs::path experiments = file.parent_path();
  std::error_code failure;
  if (experiments.filename() != "experiments") return {};
  const fs::path folder = experiments.parent_path();
  return fs::is_regular_file(folder / "suite.toml", failure) ? folder : fs::path();
}

/// The folder of the nearest assay.toml at or above `folder`, else `folder` itself.
fs::path project_folder(const fs::path& folder) {
  std::error_code failure;
  for (fs::path at = folder;; at = at.parent_path()) {
    if (fs::is_regular_file(at / "assay.toml", failure)) return at;
    if (at == at.parent_path()) return folder;
  }
}

/// `suite = "…"`: the one around the file if it has that name, else the first found with it.
Result<Suite> suite_of(const Draft& draft, const std::optional<Suite>& around, const Places& places) {
  const std::string& wanted = draft.experiment.suite;
  if (around && around->name == wanted) return *around;
  const auto at = [&](std::string_view sentence) {
    return Error{fmt::format("{}:{}: {}", draft.experiment.shown_name, draft.suite_line, sentence)};
  };
  if (around) {
    return at(fmt::format("suite is {}, but the file lies in suite '{}'; write suite = \"{}\"",
                          document::in_quotes(wanted), around->name, around->name));
  }
  FoundSuites found = find_suites(places);
  std::vector<std::string> names;
  for (Suite& suite : found.suites) {
    if (suite.name == wanted) return std::move(suite);
    names.push_back(suite.name);
  }
  const std::string broken =
      found.broken.empty() ? "" : fmt::format(" (one couldn't be read: {})", found.broken.front());
  return at(fmt::format("no suite {}; {}{}", document::in_quotes(wanted),
                        suggestion(wanted, names, "there are"), broken));
}

/// {libexec}, {suite} and {experiment} in the commands and folders of the experiment's own workers.
void replace_places(Draft& draft, const Places& places) {
  Experiment& e = draft.experiment;
  for (std::size_t i = 0; i < draft.worker_lines.size(); ++i) {
    for (std::string& requirement : e.workers[i].requirements) {
      if (!requirement.starts_with("file:")) continue;  // a file is meant as the worker itself would find it
      requirement = fmt::format("file:{}", (e.folder / requirement.substr(5)).lexically_normal().string());
    }
    const auto replace = [&](std::string& argument) {
      argument = filled(argument, [&](std::string_view name) -> std::optional<std::string> {
        if (name == "libexec" && !places.libexec.empty()) return places.libexec.string();
        if (name == "experiment") return e.path.parent_path().string();
        if (name != "suite") return std::nullopt;
        if (!e.suite_folder.empty()) return e.suite_folder.string();
        draft.mistakes.add(draft.worker_lines[i],
                           fmt::format("worker '{}' uses {{suite}}, but the file lies in no "
                                       "suite; write {{experiment}} for its folder",
                                       e.workers[i].name));
        return std::nullopt;
      });
    };
    for (std::string& argument : e.workers[i].command) replace(argument);
    replace(e.workers[i].folder);
  }
}

/// {cache} in [against], and paths that are relative to the experiment's folder.
void place_against(Draft& draft, const Places& places) {
  Against& against = *draft.experiment.against;
  for (fs::path* path : {&against.tree, &against.program}) {
    if (path->empty()) continue;
    const std::string text = filled(path->string(), [&](std::string_view name) {
      return name == "cache" && !places.cache.empty() ? std::optional(places.cache.string()) : std::nullopt;
    });
    if (text.find("{cache}") != std::string::npos) {
      draft.mistakes.add(
          against.line,
          "[against] stands in the user's cache folder, but neither XDG_CACHE_HOME nor HOME is set");
    }
    *path = (draft.experiment.folder / text).lexically_normal();
  }
}

/// A suite's worker may use {experiment} too, which only the experiment knows.
void replace_experiment_folder(std::vector<WorkerSpec>& workers, const fs::path& folder) {
  const auto replace = [&](std::string& argument) {
    argument = filled(argument, [&](std::string_view name) {
      return name == "experiment" ? std::optional(folder.string()) : std::nullopt;
    });
  };
  for (WorkerSpec& worker : workers) {
    for (std::string& argument : worker.command) replace(argument);
    replace(worker.folder);
  }
}

}  // namespace

Result<Experiment> parse_frozen_experiment(std::string_view text, std::string_view shown_name) {
  auto draft = read_draft(text, shown_name);
  if (!draft) return draft.error();
  draft->experiment.name = draft->experiment.title_name;
  return std::move(draft->experiment);
}

Result<Experiment> parse_experiment(std::string_view text, std::string_view shown_name, const fs::path& file,
                                    const Places& places) {
  auto draft = read_draft(text, shown_name);
  if (!draft) return draft.error();
  if (draft->import_line > 0) {
    draft->mistakes.add(draft->import_line,
                        "[import] stands for results that were made elsewhere, so there is nothing to run; see "
                        "them by assay report, or name what does the work: [command], [worker] or suite");
    return draft->mistakes.first();
  }
  Experiment& e = draft->experiment;
  const fs::path located = fs::absolute(file.empty() ? fs::path("experiment.toml") : file).lexically_normal();
  const fs::path folder = located.parent_path();
  e.path = file.empty() ? fs::path() : located;
  e.folder = project_folder(folder);
  e.name = e.title_name;

  std::optional<Suite> around;
  if (const fs::path suite_folder = enclosing_suite(located); !file.empty() && !suite_folder.empty()) {
    auto loaded = load_suite(suite_folder, places);
    if (!loaded) return loaded.error();
    around = *std::move(loaded);
    e.name = around->experiment_name(located);
    e.folder = e.suite_folder = around->folder;
  }
  if (!e.suite.empty()) {
    auto suite = suite_of(*draft, around, places);
    if (!suite) return suite.error();
    e.folder = e.suite_folder = suite->folder;
    e.workers = std::move(suite->workers);
    replace_experiment_folder(e.workers, folder);
    if (e.workers.empty()) {
      draft->mistakes.add(draft->suite_line,
                          fmt::format("suite '{}' has no workers; add [workers.X] to its suite.toml, "
                                      "or [worker] or [command] here",
                                      e.suite));
    }
    check_programs(*draft);
  } else {
    replace_places(*draft, places);
    if (around) e.suite = around->name;
  }
  if (e.name.empty()) {
    draft->mistakes.add(draft->experiment_line,
                        "[experiment] has no name; give it one, e.g. name = \"precision-ablation\"");
  }
  if (e.against) place_against(*draft, places);
  if (!e.published.empty()) {
    e.published = (folder / e.published).lexically_normal();
    std::error_code failure;
    if (!fs::is_regular_file(e.published, failure)) {
      draft->mistakes.add(draft->published_line,
                          fmt::format("published is no file: {}; name one relative to the experiment file",
                                      document::in_quotes(e.published.string())));
    }
  }
  if (!draft->mistakes.none()) return draft->mistakes.first();
  return std::move(e);
}

Result<Experiment> load_experiment(const fs::path& file, const Places& places) {
  const auto text = document::read_text(file.string());
  if (!text) return text.error();
  return parse_experiment(*text, file.string(), file, places);
}

}  // namespace assay::plan
