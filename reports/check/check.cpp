#include "reports/check/check.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "harness/plan/project_file.hpp"
#include "harness/record/run_folder.hpp"
#include "reports/blocks.hpp"
#include "reports/bundle.hpp"
#include "reports/check/document_check.hpp"
#include "reports/check/prose.hpp"
#include "reports/check/tree.hpp"
#include "reports/signature.hpp"
#include "reports/values.hpp"

namespace assay::reports::check {

namespace {

namespace fs = std::filesystem;

bool is_document(const fs::path& file) {
  const std::string extension = file.extension().string();
  return extension == ".md" || extension == ".tex" || extension == ".markdown";
}

std::string shown(const fs::path& path, const fs::path& root) {
  const std::string relative = path.lexically_relative(root).generic_string();
  return relative == "." ? "" : relative;
}

/// Markdown and LaTeX files that may hold blocks: not those that runs wrote themselves, nor those of build and package folders.
std::vector<fs::path> documents_below(const fs::path& root, const std::vector<CheckedRun>& runs) {
  std::vector<fs::path> found;
  std::error_code failed;
  std::size_t entries = 0;
  constexpr std::size_t kMostEntries = 100'000;
  constexpr int kDeepest = 8;
  for (fs::recursive_directory_iterator it(root, fs::directory_options::skip_permission_denied, failed), end; !failed && it != end && ++entries <= kMostEntries; it.increment(failed)) {
    struct stat status {};
    if (::lstat(it->path().c_str(), &status) != 0) continue;
    if (S_ISDIR(status.st_mode)) {
      const std::string name = it->path().filename().string();
      const bool is_run = std::any_of(runs.begin(), runs.end(), [&](const CheckedRun& run) { return run.folder == it->path(); });
      if (is_run || name == ".git" || name == "node_modules" || name == "build" || name == ".venv" || it.depth() >= kDeepest) it.disable_recursion_pending();
    } else if (S_ISREG(status.st_mode) && is_document(it->path())) {
      found.push_back(it->path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Whether a document has blocks or values, or markers that can't be understood.
bool has_blocks(const fs::path& document) {
  constexpr std::uintmax_t kLargest = 64 << 20;
  const auto text = record::read_file(document, kLargest);
  if (!text || text->find("assay:") == std::string::npos) return false;
  const auto blocks = find_blocks(*text, "", syntax_of(document.string()));
  return !blocks || !blocks->empty();
}

/// What stands in records, for whoever looks for it in prose.
ProseContext prose_context(const std::string& name, const std::vector<CheckedRun>& runs) {
  ProseContext context;
  context.markup = markup_of(name);
  for (const CheckedRun& run : runs) {
    if (!run.report) continue;
    const Planned& planned = run.report->planned;
    for (const plan::Factor& factor : planned.factors) {
      for (const Level& level : factor.levels) context.levels.push_back(shortest(level));
    }
    for (const auto& [control, level] : planned.controls.levels()) context.levels.push_back(shortest(level));
    for (const Value& value : values_of(*run.report)) {
      context.backed.push_back(value.value);
      if (!value.interval.empty()) context.backed.push_back(value.interval);
    }
  }
  return context;
}

class Checking {
public:
  Checking(const CheckOptions& options, const Templates& templates) : options_(options), templates_(templates) {}

  Checked run(const fs::path& folder) {
    begin("run");
    add_runs({folder}, folder);
    return finished();
  }

  Checked report(const fs::path& document) {
    begin("report");
    const fs::path folder = document.has_parent_path() ? document.parent_path() : fs::path(".");
    add_runs(run_folders_below(runs_of(folder)), folder);
    add_document(document, document.filename().string());
    return finished();
  }

  Result<Checked> repository(const fs::path& root) {
    begin("repository");
    const auto facts = look_at(root, {});
    if (!facts) return facts.error();
    add_contents(root, facts->project ? facts->project->report : plan::ProjectFile().report);
    const auto course = course_of(*facts);
    if (!course) {
      checked_.judgement.findings.push_back({Severity::error, "repository.course", "assay.toml", 0, course.error().message, "name a course that `assay new --help` lists"});
    } else if (*course) {
      checked_.judgement.course = (*course)->name;
      for (Finding& finding : check_repository(*facts, **course, options_.stage)) checked_.judgement.findings.push_back(std::move(finding));
      sort_findings(checked_.judgement.findings);
      checked_.judgement.rubric = grade(**course, *facts, checked_.judgement.findings, evidence());
    }
    if (facts->git.known) checked_.judgement.contributions = facts->git.contributions;
    if (options_.fingerprint) checked_.judgement.fingerprint = fingerprint_of(*facts);
    return finished();
  }

  Result<Checked> bundle(const fs::path& path) {
    begin("bundle");
    auto opened = open_bundle(path);
    if (!opened) return opened.error();
    for (Finding& finding : verify_bundle(opened->folder)) checked_.judgement.findings.push_back(std::move(finding));
    signature(path);
    add_contents(opened->folder, opened->list.report.empty() ? plan::ProjectFile().report : opened->list.report);
    return finished();
  }

private:
  void begin(std::string kind) { checked_.judgement.kind = std::move(kind); }

  Checked finished() {
    sort_findings(checked_.judgement.findings);
    return std::move(checked_);
  }

  /// Where the runs of a document stand: below the project that it belongs to, else beside it.
  static fs::path runs_of(const fs::path& folder) {
    const auto project = plan::project_folder_above(folder);
    return project ? *project : folder;
  }

  /// The runs and the documents of a folder. `report`: the document that is handed in, which is read even without a block.
  void add_contents(const fs::path& root, const std::string& report) {
    add_runs(run_folders_below(root), root);
    for (const fs::path& document : documents_below(root, checked_.runs)) {
      const std::string name = shown(document, root);
      if (name == report || has_blocks(document)) add_document(document, name);
    }
  }

  void add_runs(const std::vector<fs::path>& folders, const fs::path& root) {
    for (const fs::path& folder : folders) {
      if (checked_.runs.size() >= options_.most_runs) break;
      checked_.runs.push_back(check_run(folder, templates_, options_.limits));
      const CheckedRun& run = checked_.runs.back();
      const std::string at = shown(folder, root);
      for (Finding finding : run.findings) {
        if (!at.empty()) finding.file = finding.file.empty() ? at : fs::path(fmt::format("{}/{}", at, finding.file)).lexically_normal().generic_string();
        checked_.judgement.findings.push_back(std::move(finding));
      }
      OrderedJson facts{{"path", at}, {"experiment", nullptr}, {"preset", nullptr}, {"started", nullptr}, {"rounds", nullptr}, {"cells", nullptr}, {"ok", true}};
      for (const Finding& finding : run.findings) facts["ok"] = facts["ok"].get<bool>() && finding.severity != Severity::error;
      if (run.report) {
        facts["experiment"] = run.report->experiment;
        facts["preset"] = run.report->preset;
        facts["started"] = run.report->started;
        facts["rounds"] = run.report->costs.rounds;
        facts["cells"] = run.report->cells.size();
      }
      checked_.judgement.runs.push_back(std::move(facts));
    }
  }

  void add_document(const fs::path& document, const std::string& name) {
    CheckedDocument one = check_document(document, name, checked_.runs, templates_);
    checked_.judgement.documents.push_back({{"file", name}, {"blocks", one.blocks}, {"agreeing", one.agreeing}, {"figures", one.figures}});
    checked_.blocks += one.blocks;
    checked_.agreeing += one.agreeing;
    figures_ += one.figures;
    for (Finding& finding : one.findings) checked_.judgement.findings.push_back(std::move(finding));
    if (options_.prose) add_prose(document, name);
  }

  void add_prose(const fs::path& document, const std::string& name) {
    constexpr std::uintmax_t kLargest = 8 << 20;
    const auto text = is_plain_file(document) ? record::read_file(document, kLargest) : Result<std::string>(Error{});
    if (!text) return;
    for (Finding& finding : findings_of(unbacked_results(*text, prose_context(name, checked_.runs)), name)) checked_.judgement.findings.push_back(std::move(finding));
  }

  /// Nothing where neither the command line nor assay.toml names one. A course of the repository's own is read as anything else of it is.
  Result<std::optional<plan::Course>> course_of(const RepositoryFacts& facts) const {
    if (options_.course) return options_.course;
    const std::string name = facts.project ? facts.project->course : "";
    if (name.empty()) return std::optional<plan::Course>();
    constexpr std::size_t kLargest = 1 << 20;
    if (name.ends_with(".toml")) {
      const auto text = read_below(facts.folder, name, kLargest);
      if (!text) return text.error();
      auto course = plan::parse_course(*text, name);
      if (!course) return course.error();
      course->name = fs::path(name).stem().string();
      return std::optional(*std::move(course));
    }
    auto course = plan::find_course(name, options_.courses, options_.courses);
    if (!course) return course.error();
    return std::optional(*std::move(course));
  }

  RunEvidence evidence() const {
    std::vector<const Report*> sound;  // of runs that can be trusted
    for (const CheckedRun& run : checked_.runs) {
      const bool broken = std::any_of(run.findings.begin(), run.findings.end(), [](const Finding& f) { return f.severity == Severity::error; });
      if (run.report && !broken) sound.push_back(&*run.report);
    }
    RunEvidence evidence = evidence_of(sound);
    evidence.report = checked_.blocks > 0 && checked_.agreeing == checked_.blocks;
    evidence.figure = figures_ > 0;
    return evidence;
  }

  void signature(const fs::path& path) {
    std::error_code ignored;
    const fs::path vouched = fs::is_directory(path, ignored) ? path / kBundleFile : path;
    const fs::path file = vouched.string() + ".sig";
    const std::string name = file.filename().string();
    if (!is_plain_file(file)) {
      checked_.judgement.findings.push_back({Severity::note, "bundle.signature", "", 0, "is not signed", "assay submit signs where there is a key"});
      return;
    }
    const auto found = verify_signature(vouched, file, options_.allowed_signers);
    if (!found) {
      checked_.judgement.findings.push_back({Severity::warning, "bundle.signature", name, 0, found.error().message, "install OpenSSH's client and check again"});
    } else if (!found->good) {
      checked_.judgement.findings.push_back({Severity::error, "bundle.signature", name, 0, found->problem, "have it signed and sent again"});
    } else {
      checked_.judgement.signature = {{"key", found->key}, {"signer", found->signer.empty() ? OrderedJson() : OrderedJson(found->signer)}};
    }
  }

  const CheckOptions& options_;
  const Templates& templates_;
  Checked checked_;
  int figures_ = 0;
};

bool is_archive(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.ends_with(".tar.gz") || name.ends_with(".tgz") || name.ends_with(".tar") || name.ends_with(".zip");
}

}  // namespace

Result<Checked> check_path(const fs::path& path, const CheckOptions& options, const Templates& templates) {
  std::error_code failed;
  const fs::path target = fs::weakly_canonical(path, failed);
  if (failed || !fs::exists(target, failed)) return Error{fmt::format("{}: there is nothing; name a run folder, a report, a bundle or a repository", path.string())};
  Checking checking(options, templates);
  Result<Checked> checked = Error{fmt::format("{}: neither a folder, a report (.md, .tex) nor a bundle (.tar.gz, .zip)", path.string())};
  if (is_plain_file(target)) {
    if (is_archive(target)) checked = checking.bundle(target);
    else if (is_document(target)) checked = checking.report(target);
  } else if (fs::is_directory(target, failed)) {
    checked = is_run_folder(target)             ? Result<Checked>(checking.run(target))
              : is_plain_file(target / kBundleFile) ? checking.bundle(target)
                                                 : checking.repository(target);
  }
  if (checked) checked->judgement.path = path.string();
  return checked;
}

}  // namespace assay::reports::check
