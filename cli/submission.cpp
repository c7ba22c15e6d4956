#include "cli/submission.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "harness/core/hash.hpp"
#include "harness/plan/experiment.hpp"
#include "harness/record/run_folder.hpp"
#include "harness/record/run_record.hpp"
#include "reports/blocks.hpp"

namespace assay::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kLongestReport = 64U << 20;  // bytes
constexpr std::size_t kRunName = 25;                  // 20261128T101500Z-1a2b3c4d

bool is_run_name(std::string_view text) {
  if (text.size() != kRunName || text[8] != 'T' || text[15] != 'Z' || text[16] != '-') return false;
  for (std::size_t i = 0; i < kRunName; ++i) {
    if (i == 8 || i == 15 || i == 16) continue;
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (!is_digit && (i < 17 || text[i] < 'a' || text[i] > 'f')) return false;
  }
  return true;
}

/// Every run that a document names, wherever in it: each filled block ends with one.
std::set<std::string> run_names_in(const std::string& text) {
  std::set<std::string> names;
  for (std::size_t at = text.find("Z-"); at != std::string::npos; at = text.find("Z-", at + 1)) {
    if (at < 15) continue;
    const std::string name = text.substr(at - 15, kRunName);
    if (is_run_name(name)) names.insert(name);
  }
  return names;
}

/// Finds a project's files one kind after the other.
class Collector {
 public:
  Collector(const plan::ProjectFile& project, Submission& submission) : project_(project), submission_(submission) {}

  Result<Done> collect() {
    if (auto done = add_report(); !done) return done;
    if (auto done = add_runs(); !done) return done;
    add_if_there(project_.folder / plan::kProjectFile);
    add_if_there(project_.folder / "README.md");
    add_if_there(project_.folder / "references.bib");
    add_experiments(project_.folder);
    add_experiments(project_.folder / "experiments");
    return list_files();
  }

 private:
  Result<Done> add_report() {
    const fs::path file = project_.report_file();
    const auto text = record::read_file(file, kLongestReport);
    if (!text) {
      return Error{fmt::format("there is no report {}; write it (assay new report), or name it in {}: [project] report = \"…\"", project_.report,
                               plan::kProjectFile)};
    }
    text_ = *text;
    add_if_there(file);
    submission_.list.report = path_of(file);
    for (const char* rendered : {".pdf", ".html", ".docx", ".tex"}) add_if_there(fs::path(file).replace_extension(rendered));
    add_if_there(file.parent_path() / "references.bib");
    add_if_there(file.parent_path() / "numbers.tex");
    for (const char* shown : {"figures", "tables"}) add_folder(file.parent_path() / shown, "");
    add_pictures(file.parent_path());
    return Done{};
  }

  /// What Markdown shows, ![…](path): a drawing of the design belongs to the report as a figure of ours does.
  void add_pictures(const fs::path& folder) {
    for (std::size_t at = text_.find("]("); at != std::string::npos; at = text_.find("](", at + 1)) {
      const std::string target = text_.substr(at + 2, std::min(text_.find_first_of(") \t\n", at + 2), text_.size()) - at - 2);
      const std::string kind = fs::path(target).extension().string();
      const bool is_picture = kind == ".svg" || kind == ".png" || kind == ".jpg" || kind == ".jpeg" || kind == ".gif" || kind == ".pdf";
      if (is_picture && plan::stays_below(target)) add_if_there(folder / target);
    }
  }

  Result<Done> add_runs() {
    const fs::path results = project_.results_folder();
    std::map<std::string, fs::path> folders;  // by path, so that each is there once
    std::set<std::string> experiments;
    for (const std::string& name : run_names_in(text_)) {
      const auto folder = record::find_run(name, results);
      if (!folder) {
        return Error{fmt::format("{} rests on run {}, which is not below {}; put it there, or fill the report anew (assay report … --into {})",
                                 project_.report, name, project_.results, project_.report)};
      }
      folders.emplace(path_of(*folder), *folder);
      experiments.insert(fs::absolute(folder->parent_path()).lexically_normal().lexically_relative(fs::absolute(results).lexically_normal()).generic_string());
    }
    // A block or value that names an experiment was filled from one of the runs above, or is still empty.
    const auto blocks = reports::find_blocks(text_, project_.report, reports::syntax_of(project_.report));
    if (!blocks) return blocks.error();
    for (const reports::Block& block : *blocks) {
      if (!block.file.empty()) add_if_there(project_.report_file().parent_path() / block.file);
      if (block.run.empty() || block.kind->of_plan || experiments.contains(block.run)) continue;
      const auto folder = record::find_run(block.run, results);
      if (!folder) return Error{fmt::format("{}:{}: {}", project_.report, block.line, folder.error().message)};
      folders.emplace(path_of(*folder), *folder);
    }
    if (folders.empty()) {
      return Error{fmt::format("{} rests on no run: fill its blocks by assay report RUN --into {}", project_.report, project_.report)};
    }
    for (const auto& [path, folder] : folders) {
      submission_.list.runs.push_back(path);
      submission_.runs.push_back(folder);
      add_folder(folder, "report");  // derived: a reader makes it anew
      add_if_there(folder.parent_path() / "ledger.jsonl");
    }
    return Done{};
  }

  /// Files that read as experiments; others (pyproject.toml) are none of ours.
  void add_experiments(const fs::path& folder) {
    std::error_code failed;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, failed)) {
      if (entry.path().extension() != ".toml" || entry.symlink_status(failed).type() != fs::file_type::regular) continue;
      const auto text = record::read_file(entry.path(), kLongestReport);
      if (text && plan::parse_frozen_experiment(*text, "experiment.toml")) add_if_there(entry.path());
    }
  }

  /// All files below `folder`; `but` is a folder at its top.
  void add_folder(const fs::path& folder, const std::string& but) {
    std::error_code failed;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, failed)) {
      const auto type = entry.symlink_status(failed).type();
      if (type == fs::file_type::directory) {
        if (entry.path().filename() != but) add_folder(entry.path(), "");
      } else if (type == fs::file_type::regular) {
        add_if_there(entry.path());
      } else {
        submission_.notes.push_back(fmt::format("{} is left out: it is a link or a device", path_of(entry.path())));
      }
    }
  }

  void add_if_there(const fs::path& file) {
    std::error_code failed;
    if (fs::is_regular_file(file, failed)) found_.emplace(path_of(file), file);
  }

  std::string path_of(const fs::path& file) const {
    return fs::absolute(file).lexically_normal().lexically_relative(fs::absolute(project_.folder).lexically_normal()).generic_string();
  }

  Result<Done> list_files() {
    const reports::ArchiveLimits limits;
    std::uint64_t total = 0;
    for (const auto& [path, file] : found_) {
      // What couldn't be read back must not be written.
      if (const auto problem = reports::path_problem(fmt::format("{}/{}", reports::kBundleFolder, path), limits)) {
        return Error{fmt::format("{} {}, so it can't be handed in; rename it", path, *problem)};
      }
      std::error_code failed;
      const auto bytes = fs::file_size(file, failed);
      const auto hash = sha256_of_file(file.string());
      if (failed || !hash) return Error{fmt::format("{}: {}", path, hash ? failed.message() : hash.error().message)};
      total += bytes;
      if (bytes > limits.file_bytes || total > limits.total_bytes) {
        return Error{fmt::format("{}: with it the submission is larger than a bundle may be ({} GiB, a file {} GiB)", path, limits.total_bytes >> 30,
                                 limits.file_bytes >> 30)};
      }
      submission_.list.files.push_back({path, bytes, *hash});
      submission_.files.push_back({path, file});
    }
    return Done{};
  }

  const plan::ProjectFile& project_;
  Submission& submission_;
  std::string text_;                       // of the report
  std::map<std::string, fs::path> found_;  // by path in the bundle
};

}  // namespace

Result<Submission> collect(const plan::ProjectFile& project, const SubmissionWish& wish) {
  Submission submission;
  submission.list.assay = wish.assay;
  submission.list.created = wish.created;
  submission.list.title = project.title;
  submission.list.team = project.team;
  submission.list.course = project.course;
  if (auto done = Collector(project, submission).collect(); !done) return done.error();
  return submission;
}

}  // namespace assay::cli
