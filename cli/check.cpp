// assay check: whether a run, a report, a bundle or a repository is what it says, without executing anything of it; or forty repositories.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <thread>

#include "cli/places.hpp"
#include "cli/terminal.hpp"
#include "cli/verb.hpp"
#include "harness/record/run_folder.hpp"
#include "reports/check/check.hpp"
#include "reports/check/overview.hpp"
#include "reports/check/plain_text.hpp"
#include "reports/drawn_table.hpp"
#include "reports/numbers.hpp"
#include "reports/program.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;
using namespace reports::check;
using reports::counted;

struct Options {
  std::string path;
  std::string course;
  std::string signers;
  std::string csv;
  std::string feedback;
  double limit_s = 60;  // of each repository with --all
  bool final_submission = false;
  bool no_prose = false;
  bool all = false;
  bool annotations = false;
  bool fingerprint = false;
  bool json = false;
};

Result<CheckOptions> wishes(const Options& options, const AllPlaces& places) {
  CheckOptions wish;
  wish.courses = places.templates / "courses";
  wish.stage = options.final_submission ? Stage::final_submission : Stage::in_progress;
  wish.prose = !options.no_prose;
  wish.fingerprint = options.fingerprint;
  wish.allowed_signers = options.signers;
  if (!options.course.empty()) {
    auto course = plan::find_course(options.course, wish.courses, fs::current_path());
    if (!course) return course.error();
    wish.course = *std::move(course);
  }
  return wish;
}

/// "report.md:12", or the path itself where a finding is about all of it.
std::string place_of(const Finding& finding, const std::string& path) {
  const std::string file = plain_text(finding.file.empty() ? path : finding.file);
  return finding.line > 0 ? fmt::format("{}:{}", file, finding.line) : file;
}

/// A workflow command of GitHub's: shown beside the line in a pull request.
std::string annotation(const Finding& finding, const std::string& path) {
  const auto escaped = [](std::string_view text, bool property) {
    std::string out;
    for (const char c : plain_text(text, 2000)) {
      const bool special = c == '%' || (property && (c == ',' || c == ':'));
      out += special ? fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c))) : std::string(1, c);
    }
    return out;
  };
  const std::string_view command = finding.severity == Severity::note ? "notice" : name_of(finding.severity);
  return fmt::format("::{} file={}{},title={}::{}{}", command, escaped(finding.file.empty() ? path : finding.file, true),
                     finding.line > 0 ? fmt::format(",line={}", finding.line) : "", escaped(finding.rule, true), escaped(finding.what, false),
                     finding.remedy.empty() ? "" : "; " + escaped(finding.remedy, false));
}

void tell(const Checked& checked, const Options& options) {
  const Judgement& j = checked.judgement;
  const char* in_workflow = std::getenv("GITHUB_ACTIONS");
  const bool annotations = options.annotations || (in_workflow && std::string_view(in_workflow) == "true");
  for (const Finding& f : j.findings) {
    if (annotations) {
      std::cout << annotation(f, options.path) << '\n';
    } else {
      std::cout << fmt::format("{}: {}: {}{} [{}]\n", place_of(f, options.path), name_of(f.severity), plain_text(f.what, 2000),
                               f.remedy.empty() ? "" : "; " + plain_text(f.remedy, 2000), f.rule);
    }
  }
  if (!j.findings.empty()) std::cout << '\n';
  if (j.contributions && !j.contributions->authors.empty()) std::cout << reports::drawn(contributions_table(*j.contributions), terminal_width(), wants_color());
  if (!j.rubric.empty()) std::cout << grader_text(j.rubric, terminal_width(), wants_color()) << '\n';
  const auto count = [&](Severity severity) { return std::count_if(j.findings.begin(), j.findings.end(), [&](const Finding& f) { return f.severity == severity; }); };
  std::string seen;
  if (!checked.runs.empty()) seen = counted(static_cast<std::ptrdiff_t>(checked.runs.size()), "run");
  if (!j.documents.empty())
    seen += fmt::format("{}{} of {} in {} {} what the runs give", seen.empty() ? "" : ", ", checked.agreeing, counted(checked.blocks, "block"),
                        counted(static_cast<std::ptrdiff_t>(j.documents.size()), "document"), checked.agreeing == 1 ? "says" : "say");
  if (j.signature.is_object()) seen += fmt::format("{}signed by {}", seen.empty() ? "" : ", ", plain_text(j.signature["key"].get<std::string>()));
  std::cout << fmt::format("{} {}: {}{}, {}, {}\n", j.kind, plain_text(options.path), seen.empty() ? "" : seen + "; ", counted(count(Severity::error), "error"),
                           counted(count(Severity::warning), "warning"), counted(count(Severity::note), "note"));
}

int check_one(const Options& options, const AllPlaces& places) {
  const auto templates = reports::Templates::open(places.templates);
  if (!templates) return complain(kOwnFailure, templates.error().message, options.json);
  const auto wish = wishes(options, places);
  if (!wish) return complain(kUsage, wish.error().message, options.json);
  const auto checked = check_path(options.path, *wish, *templates);
  if (!checked) return complain(kUsage, checked.error().message, options.json);
  if (options.json) {
    print(to_json(checked->judgement));
  } else {
    tell(*checked, options);
  }
  return checked->judgement.ok() ? kDone : kFailed;
}

/// One repository in a process of its own, which may crash, hang or fill the memory.
CheckedRepository check_apart(const fs::path& repository, const Options& options, const AllPlaces& places) {
  reports::ProgramCall call;
  call.words = {places.executable.string(), "check", repository.string(), "--json", "--fingerprint"};
  if (!options.course.empty()) call.words.insert(call.words.end(), {"--course", options.course});
  if (options.final_submission) call.words.emplace_back("--final");
  if (options.no_prose) call.words.emplace_back("--no-prose");
  call.folder = fs::current_path();
  call.limit_s = options.limit_s;
  CheckedRepository one{repository.filename().string(), nullptr, ""};
  const auto answer = reports::call_program(call);
  if (!answer) {
    one.problem = answer.error().message;
    return one;
  }
  if (answer->timed_out) {
    one.problem = fmt::format("took longer than {:g} s", options.limit_s);
    return one;
  }
  const bool ended = answer->status == kDone || answer->status == kFailed;
  auto document = ended && !answer->too_long ? parse_json(answer->output) : Result<Json>(Error{answer->failure("assay check")});
  if (!document) {
    one.problem = plain_text(document.error().message);
  } else {
    one.document = *std::move(document);
  }
  return one;
}

Result<std::vector<fs::path>> repositories_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code failed;
  for (fs::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed)) {
    const bool hidden = it->path().filename().string().starts_with('.');
    if (!hidden && !it->is_symlink() && it->is_directory()) found.push_back(it->path());
  }
  if (failed) return Error{fmt::format("{}: {}", folder.string(), failed.message())};
  std::sort(found.begin(), found.end());
  if (found.empty()) return Error{fmt::format("{}: holds no folder; --all takes the folder that holds the repositories", folder.string())};
  return found;
}

Result<Done> write_feedback(const std::vector<CheckedRepository>& all, const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return Error{fmt::format("{}: {}", folder.string(), failed.message())};
  const std::vector<std::string> names = feedback_names(all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (auto done = record::write_atomically(folder / names[i], feedback_markdown(all[i])); !done) return done;
  }
  return Done{};
}

int check_all(const Options& options, const AllPlaces& places) {
  if (const auto wish = wishes(options, places); !wish) return complain(kUsage, wish.error().message, options.json);
  auto repositories = repositories_in(options.path);
  if (!repositories) return complain(kUsage, repositories.error().message, options.json);
  const fs::path feedback = options.feedback;
  std::error_code ignored;
  std::erase_if(*repositories, [&](const fs::path& r) { return !feedback.empty() && fs::equivalent(r, feedback, ignored); });
  std::vector<CheckedRepository> all(repositories->size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i; (i = next++) < all.size();) all[i] = check_apart((*repositories)[i], options, places);
  };
  std::vector<std::thread> workers;
  for (unsigned i = 1; i < std::max(1U, std::thread::hardware_concurrency()); ++i) workers.emplace_back(work);
  work();
  for (std::thread& worker : workers) worker.join();

  const auto alike = likenesses(fingerprints(all));
  if (!options.csv.empty()) {
    if (const auto done = record::write_atomically(options.csv, overview_csv(all)); !done) return complain(kOwnFailure, done.error().message, options.json);
  }
  if (!feedback.empty()) {
    if (const auto done = write_feedback(all, feedback); !done) return complain(kOwnFailure, done.error().message, options.json);
  }
  if (options.json) {
    print(overview_json(all, alike));
  } else {
    std::cout << reports::drawn(overview_table(all), terminal_width(), wants_color());
    for (const Likeness& likeness : alike) std::cout << sentence(likeness) << '\n';
    if (!feedback.empty()) std::cout << fmt::format("feedback: {}, a file a repository\n", feedback.string());
  }
  const bool fine = std::all_of(all.begin(), all.end(), [](const CheckedRepository& r) { return r.document.is_object() && r.document.value("ok", false); });
  return fine ? kDone : kFailed;
}

int check_verb(const Options& options) {
  const AllPlaces places = find_places({});
  return options.all ? check_all(options, places) : check_one(options, places);
}

}  // namespace

void add_check(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("check", "Whether a run, a report, a bundle or a repository is what it says; executes nothing of it");
  verb->add_option("path", options->path, "A run folder, a report (.md, .tex), a bundle (.tar.gz, .zip), or a repository; with --all the folder that holds repositories")->required();
  verb->add_option("--course", options->course, "Whose rules a repository is held against: a name that `assay new --help` lists, or a file; default: that of its assay.toml");
  verb->add_flag("--final", options->final_submission, "At the final submission, which asks for more");
  verb->add_flag("--no-prose", options->no_prose, "No notes on numbers in the prose that no record backs");
  verb->add_option("--allowed-signers", options->signers, "Whose signature of a bundle counts: a file as ssh-keygen has it, a name and a public key a line")->check(CLI::ExistingFile);
  verb->add_flag("--github", options->annotations, "Findings as annotations of GitHub's workflows (there the default)");
  CLI::Option* all = verb->add_flag("--all", options->all, "Every folder in PATH is a repository: one row each, and what they have in common");
  verb->add_option("--csv", options->csv, "With --all: the rows as a CSV file, too")->needs(all);
  verb->add_option("--feedback", options->feedback, "With --all: a folder for what each team is told, a Markdown file a repository")->needs(all);
  verb->add_option("--time-limit", options->limit_s, "With --all: seconds for each repository")->needs(all)->check(CLI::PositiveNumber)->capture_default_str();
  verb->add_flag("--fingerprint", options->fingerprint, "With --json: what tells copies of its journals, results and sources");
  verb->add_flag("--json", options->json, "One JSON document on standard output");
  verb->footer("Example: assay check .\n         assay check report.md\n         assay check submission.tar.gz --allowed-signers students\n"
               "         assay check teams --all --course csce585-2025 --csv overview.csv --feedback feedback");
  verb->callback([&action, options] { action = [options] { return check_verb(*options); }; });
}

}  // namespace assay::cli
