// assay new: a project that runs, the documents that a course asks for, an experiment file from a command line.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <thread>

#include "cli/new_experiment.hpp"
#include "cli/places.hpp"
#include "cli/program.hpp"
#include "cli/signals.hpp"
#include "cli/verb.hpp"
#include "harness/core/shell_word.hpp"
#include "harness/plan/course.hpp"
#include "harness/plan/near_names.hpp"
#include "harness/plan/project_file.hpp"
#include "harness/plan/section.hpp"
#include "harness/record/run_folder.hpp"
#include "reports/new_document.hpp"
#include "reports/new_project.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDefaultCourse = "paper";
constexpr std::string_view kDefaultTitle = "What an index buys in nearest-neighbour search, and what it costs";

struct Options {
  std::string kind;
  std::string name;
  std::string course;
  std::string title;
  std::string into;
  std::vector<std::string> command;
  bool has_command = false;
  bool git = false;
  bool force = false;
  bool json = false;
};

/// What was written, for the last lines and for --json.
struct Outcome {
  std::string course{};
  fs::path folder{};  // of a project
  std::vector<fs::path> files{};
  std::vector<std::string> notices{};
  std::string next{};  // commands
};

/// The project around here, if there is one, and the course that it or the command line names.
struct Surroundings {
  fs::path here;
  std::optional<plan::ProjectFile> project;
  std::optional<plan::Course> course;
};

std::string today() {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

/// As a person here would type it.
std::string shown(const fs::path& file, const fs::path& here) {
  const fs::path relative = file.lexically_relative(here);
  return !relative.empty() && *relative.begin() != ".." ? relative.string() : file.string();
}

Result<Surroundings> look_around(const Options& options, const AllPlaces& places) {
  Surroundings around;
  std::error_code failure;
  around.here = fs::current_path(failure);
  if (failure) return Error{fmt::format("the current folder can't be read: {}", failure.message())};
  if (const auto folder = plan::project_folder_above(around.here); folder && options.kind != "project") {
    auto project = plan::load_project_file(*folder);
    if (!project) return project.error();
    around.project = *std::move(project);
  }
  const bool of_project = options.course.empty() && around.project && !around.project->course.empty();
  const std::string name = of_project ? around.project->course : options.course.empty() ? std::string(kDefaultCourse) : options.course;
  auto course = plan::find_course(name, places.templates / "courses", of_project ? around.project->folder : around.here);
  if (!course) return course.error();
  around.course = *std::move(course);
  return around;
}

Result<Done> refuse_to_overwrite(const fs::path& file, const Options& options) {
  std::error_code ignored;
  const fs::file_status there = fs::symlink_status(file, ignored);
  if (!fs::exists(there)) return Done{};
  if (fs::is_directory(file, ignored)) return Error{fmt::format("{} is a folder; --into takes a file, or a folder with / at its end", file.string())};
  if (!options.force) return Error{fmt::format("{} is there already; write elsewhere with --into, or over it with --force", file.string())};
  return Done{};
}

Result<Done> write(const fs::path& file, const std::string& text, bool is_program) {
  std::error_code failure;
  if (!file.parent_path().empty()) fs::create_directories(file.parent_path(), failure);
  if (failure) return Error{fmt::format("{}: {}", file.parent_path().string(), failure.message())};
  if (const auto done = record::write_atomically(file, text); !done) return done.error();
  if (!is_program) return Done{};
  using fs::perms;
  fs::permissions(file, perms::owner_all | perms::group_read | perms::group_exec | perms::others_read | perms::others_exec, failure);
  if (failure) return Error{fmt::format("{}: {}", file.string(), failure.message())};
  return Done{};
}

/// `into`, where it names a folder the file `name` in it; nothing: `otherwise`.
fs::path target(const std::string& into, const fs::path& otherwise, const fs::path& name, const fs::path& here) {
  if (into.empty()) return (otherwise / name).lexically_normal();
  std::error_code ignored;
  const fs::path given = (here / into).lexically_normal();
  return into.ends_with('/') || fs::is_directory(given, ignored) ? given / name.filename() : given;
}

// ── A project ──────────────────────────────────────────────────────────────────────────────────────────────────────

/// A course file of one's own comes along: a project is whole wherever it is copied to.
std::string course_word(const Options& options, const plan::Course& course) {
  return options.course.ends_with(".toml") ? course.name + ".toml" : course.name;
}

Result<Done> commit(const fs::path& folder) {
  const std::vector<std::vector<std::string>> steps{
      {"git", "init", "--quiet"}, {"git", "add", "--all"}, {"git", "commit", "--quiet", "--message", "A project to begin with, written by assay new project"}};
  for (const auto& words : steps) {
    const auto ended = run_program({.words = words, .folder = folder, .log = {}}, interrupted());
    if (!ended) return Error{fmt::format("the files are there, but not in git: {}", ended.error().message)};
    if (!ended->ok()) {
      return Error{fmt::format("the files are there, but `git {}` {}:{}", words[1], how_it_ended(*ended, 60), last_lines(ended->output + ended->messages))};
    }
  }
  return Done{};
}

Result<Outcome> new_project(const Options& options, const AllPlaces& places, const Surroundings& around) {
  if (options.name.empty()) return Error{"a project has a name, which its folder gets too: assay new project demo"};
  if (!plan::is_plain_name(options.name, true)) {
    return Error{fmt::format("{} can't be a project's name; it names a folder: letters, digits, '_', '-' and '.', a letter or digit first. "
                             "--title takes any text, --into another folder",
                             plan::document::in_quotes(options.name, '\''))};
  }
  const fs::path folder = (around.here / (options.into.empty() ? options.name : options.into) / "").lexically_normal().parent_path();
  std::error_code failure;
  const fs::file_status there = fs::status(folder, failure);
  if (fs::exists(there) && !fs::is_directory(there)) return Error{fmt::format("{} is no folder; a project needs one of its own", folder.string())};
  if (fs::exists(there) && !fs::is_empty(folder, failure) && !options.force) {
    return Error{fmt::format("{} isn't empty; choose another name or --into, or write over what is there with --force", folder.string())};
  }
  const auto made = reports::new_project({.name = options.name,
                                          .title = options.title.empty() ? std::string(kDefaultTitle) : options.title,
                                          .course = course_word(options, *around.course),
                                          .date = today()},
                                         *around.course, places.templates.parent_path());
  if (!made) return made.error();
  Outcome outcome{.course = around.course->name, .folder = folder, .notices = made->notices};
  std::vector<reports::NewFile> files = made->files;
  if (options.course.ends_with(".toml")) {
    auto text = plan::document::read_text((around.here / options.course).string());
    if (!text) return text.error();
    files.push_back({course_word(options, *around.course), *std::move(text)});
  }
  for (const reports::NewFile& file : files) {
    const fs::path path = folder / file.path;
    // With --force a folder may be there as a link to elsewhere.
    const fs::path parent = fs::weakly_canonical(path.parent_path(), failure);
    const fs::path inside = parent.lexically_relative(fs::weakly_canonical(folder, failure));
    if (inside.empty() || *inside.begin() == "..") return Error{fmt::format("{} is a link out of the project; remove it, or choose another folder", path.parent_path().string())};
    if (const auto done = write(path, file.text, file.is_program); !done) return done.error();
    outcome.files.push_back(path);
  }
  if (options.git) {
    if (const auto done = commit(folder); !done) return done.error();
  }
  outcome.next = fmt::format("cd {} && ./run.sh && ./result.sh && assay check .", shell_word(shown(folder, around.here)));
  return outcome;
}

// ── A document ─────────────────────────────────────────────────────────────────────────────────────────────────────

/// The project's experiments by file name; one that can't be read is a notice.
std::vector<reports::NamedExperiment> experiments_of(const Surroundings& around, const AllPlaces& places, std::vector<std::string>& notices) {
  std::vector<reports::NamedExperiment> experiments;
  if (!around.project) return experiments;
  std::vector<fs::path> files;
  std::error_code failure;
  for (fs::directory_iterator it(around.project->folder / "experiments", failure), end; !failure && it != end; it.increment(failure)) {
    if (it->path().extension() == ".toml") files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const auto experiment = plan::load_experiment(file, places.plan);
    auto named = experiment ? reports::named_experiment(*experiment, "experiments/" + file.filename().string()) : Result<reports::NamedExperiment>(experiment.error());
    if (named) {
      experiments.push_back(*std::move(named));
    } else {
      notices.push_back("left out: " + named.error().message);
    }
  }
  return experiments;
}

Result<Outcome> new_document(const Options& options, const AllPlaces& places, const Surroundings& around) {
  const plan::Course& course = *around.course;
  const plan::Deliverable* deliverable = course.find(options.kind);
  if (!deliverable) {
    std::vector<std::string> kinds{"project", "experiment"};
    for (const plan::Deliverable& d : course.deliverables) kinds.push_back(d.name);
    return Error{fmt::format("course {} has no '{}'; {}", course.name, options.kind, plan::suggestion(options.kind, kinds, "there are"))};
  }
  if (!options.name.empty() && !options.title.empty()) return Error{"the title is given twice, as NAME and as --title; give it once"};
  Outcome outcome{.course = course.name};
  reports::DocumentWish wish{.title = options.name.empty() ? options.title : options.name, .date = today(), .experiments = experiments_of(around, places, outcome.notices)};
  if (wish.title.empty() && around.project) wish.title = around.project->title;
  if (wish.title.empty()) wish.title = "TODO: title";
  if (const auto problem = reports::title_problem(wish.title)) return Error{*problem};
  const auto templates = reports::Templates::open(places.templates / "documents");
  if (!templates) return templates.error();
  const auto text = reports::new_document(*deliverable, wish, {&*templates});
  if (!text) return text.error();

  const fs::path file = target(options.into, around.project ? around.project->folder : around.here, deliverable->file, around.here);
  if (const auto free = refuse_to_overwrite(file, options); !free) return free.error();
  if (const auto done = write(file, *text, false); !done) return done.error();
  outcome.files.push_back(file);
  const fs::path bibliography = file.parent_path() / reports::kBibliography;
  std::error_code ignored;
  if (reports::has_bibliography(*deliverable) && !fs::exists(fs::symlink_status(bibliography, ignored))) {
    const auto beginning = record::read_file(places.templates / "documents" / reports::kBibliography);
    if (!beginning) return beginning.error();
    if (const auto done = write(bibliography, *beginning, false); !done) return done.error();
    outcome.files.push_back(bibliography);
  }
  return outcome;
}

// ── An experiment ──────────────────────────────────────────────────────────────────────────────────────────────────

Result<Outcome> new_experiment(const Options& options, const Surroundings& around) {
  const std::string name = options.name.empty() && options.has_command ? name_of_command(options.command) : options.name;
  if (name.empty()) return Error{"an experiment has a name, or a command that gives it one: assay new experiment precision, or assay new experiment -- python3 eval.py --batch 64"};
  const fs::path folder = around.project ? around.project->folder / "experiments" : around.here;
  const fs::path file = target(options.into, folder, name + ".toml", around.here);
  if (file.extension() != ".toml") return Error{fmt::format("{}: an experiment is a TOML file; give --into a name that ends in .toml", file.string())};
  if (const auto free = refuse_to_overwrite(file, options); !free) return free.error();
  ExperimentWish wish{.name = name, .command = options.command, .cpus = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()))};
  // The command was typed here, and is run from the project's folder, or from the file's.
  const fs::path runs_in = plan::project_folder_above(file.parent_path()).value_or(file.parent_path());
  if (const fs::path from = around.here.lexically_relative(runs_in); from != ".") wish.folder = from.string();
  const auto text = options.has_command ? experiment_from_command(wish) : starting_experiment(name);
  if (!text) return text.error();
  if (const auto done = write(file, *text, false); !done) return done.error();
  Outcome outcome{.files = {file}};
  outcome.next = (options.has_command ? "assay try " : fmt::format("write {}, then assay try ", starting_worker(name))) + shell_word(shown(file, around.here));
  return outcome;
}

int new_verb(const Options& options) {
  const AllPlaces places = find_places({});
  if (options.has_command && options.kind != "experiment") return complain(kUsage, fmt::format("-- COMMAND is for `assay new experiment`; {} takes none", options.kind), options.json);
  if (options.git && options.kind != "project") return complain(kUsage, "--git is for `assay new project`, which begins a repository", options.json);
  if (!options.title.empty() && options.kind == "experiment") return complain(kUsage, "--title is for a project or a document; an experiment's question says what it is about", options.json);
  if (!options.title.empty()) {
    if (const auto problem = reports::title_problem(options.title)) return complain(kUsage, *problem, options.json);
  }
  const auto around = look_around(options, places);
  if (!around) return complain(kUsage, around.error().message, options.json);
  const auto outcome = options.kind == "project"      ? new_project(options, places, *around)
                       : options.kind == "experiment" ? new_experiment(options, *around)
                                                      : new_document(options, places, *around);
  if (!outcome) return complain(kUsage, outcome.error().message, options.json);
  for (const std::string& notice : outcome->notices) std::cerr << notice << '\n';
  if (options.json) {
    OrderedJson document{{"kind", options.kind}, {"course", outcome->course.empty() ? OrderedJson() : OrderedJson(outcome->course)}};
    document["folder"] = outcome->folder.empty() ? OrderedJson() : OrderedJson(outcome->folder.string());
    document["files"] = OrderedJson::array();
    for (const fs::path& file : outcome->files) document["files"].push_back(file.string());
    document["notices"] = outcome->notices;
    print(document);
    return kDone;
  }
  for (const fs::path& file : outcome->files) std::cout << shown(file, around->here) << '\n';
  if (!outcome->next.empty()) std::cout << "next: " << outcome->next << '\n';
  return kDone;
}

std::string footer() {
  std::string courses;
  for (const std::string& name : plan::courses_in(find_places({}).templates / "courses")) courses += (courses.empty() ? "" : ", ") + name;
  return fmt::format(
      "Example: assay new project demo --course csce585-2025\n"
      "         assay new proposal\n"
      "         assay new experiment -- python3 eval.py --precision int8 --batch 64 --out results.json\n"
      "Courses: {} (without a course: {}), or a course file of your own, e.g. --course ./mine.toml (docs/FORMAT.md)",
      courses, kDefaultCourse);
}

}  // namespace

void add_new(CLI::App& app, Action& action, const std::vector<std::vector<std::string>>& commands) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("new", "Begins a project that runs, a document that a course asks for, or an experiment file from a command line");
  verb->add_option("kind", options->kind, "project, experiment, or a document: idea, proposal, design, milestone, report, slides, readme")->required();
  verb->add_option("name", options->name, "Of a project or an experiment its name; of a document its title");
  verb->add_option("--course", options->course, "Whose headings and files; default: that of assay.toml here or above");
  verb->add_option("--title", options->title, "Of a project or a document");
  verb->add_option("--into", options->into, "The file, or the folder, to write instead");
  verb->add_flag("--git", options->git, "With project: makes it a repository with a first commit");
  verb->add_flag("--force", options->force, "Writes over what is there");
  verb->add_flag("--json", options->json, "One JSON document on standard output");
  verb->footer(footer);
  verb->callback([&action, options, &commands] {
    options->has_command = !commands.empty();
    if (options->has_command) options->command = commands.front();
    action = [options] { return new_verb(*options); };
  });
}

}  // namespace assay::cli
