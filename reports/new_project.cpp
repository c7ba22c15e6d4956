#include "reports/new_project.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "harness/core/json.hpp"
#include "harness/core/quoted_text.hpp"
#include "harness/core/shell_word.hpp"
#include "harness/plan/document.hpp"
#include "harness/plan/experiment.hpp"
#include "harness/plan/project_file.hpp"
#include "harness/record/run_folder.hpp"
#include "reports/new_document.hpp"
#include "reports/templates.hpp"

namespace assay::reports {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRendered = ".mustache";
constexpr std::string_view kHidden = "dot_";
constexpr std::size_t kLongestTitle = 200;  // bytes
constexpr std::uintmax_t kLargestTemplate = 1 << 20;
constexpr std::string_view kOnRequest[] = {"pyproject.toml", "uv.lock"};

/// "src/dot_x/run.sh.mustache" → "src/.x/run.sh"
std::string path_in_project(const fs::path& in_templates) {
  fs::path path;
  for (const fs::path& part : in_templates) {
    const std::string name = part.string();
    path /= name.starts_with(kHidden) ? name.substr(kHidden.size()).insert(0, 1, '.') : name;
  }
  const std::string text = path.generic_string();
  return text.ends_with(kRendered) ? text.substr(0, text.size() - kRendered.size()) : text;
}

/// As Python's packages are named (PEP 503): small letters, one '-' for any of -_. in a row.
std::string package_name(const std::string& name) {
  std::string package;
  for (const char c : name) {
    const bool joins = c == '-' || c == '_' || c == '.';
    if (!joins) package += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (joins && !package.ends_with('-')) package += '-';
  }
  while (package.ends_with('-')) package.pop_back();
  return package;
}

bool asks_for(const plan::Course& course, std::string_view path) {
  return std::any_of(course.files.begin(), course.files.end(),
                     [&](const plan::RequiredFile& f) { return f.path == path; });
}

/// Whether `path` is what the course names; the last part of that may hold '*'.
bool is_asked(const std::string& path, const plan::RequiredFile& wanted) {
  if (wanted.folder) return path.starts_with(wanted.path + "/");
  const std::size_t star = wanted.path.find('*');
  if (star == std::string::npos) return path == wanted.path;
  const std::string_view before = std::string_view(wanted.path).substr(0, star),
                         after = std::string_view(wanted.path).substr(star + 1);
  return path.size() >= before.size() + after.size() && path.starts_with(before) && path.ends_with(after) &&
         path.find('/', before.size()) == std::string::npos;
}

class Making {
public:
  Making(const ProjectWish& wish, const plan::Course& course, const fs::path& share)
      : wish_(wish), course_(course), share_(share) {}

  Result<NewProject> make() {
    report_ = course_.find("report");
    if (!report_)
      return Error{
          fmt::format("course {} asks for no report, which the project's results go into; add a "
                      "[[deliverable]] with name = \"report\" to its file",
                      course_.name)};
    for (const auto& done : {read_files(), add_worker_library(), add_documents()}) {
      if (!done) return done.error();
    }
    std::sort(project_.files.begin(), project_.files.end(),
              [](const NewFile& a, const NewFile& b) { return a.path < b.path; });
    for (const plan::RequiredFile& wanted : course_.files) {
      if (std::any_of(project_.files.begin(), project_.files.end(),
                      [&](const NewFile& f) { return is_asked(f.path, wanted); }))
        continue;
      if (!wanted.where.empty()) continue;
      project_.notices.push_back(
          fmt::format("course {} also asks for {} ({})", course_.name, wanted.path, wanted.why));
    }
    return std::move(project_);
  }

private:
  fs::path templates(const char* below) const { return share_ / "templates" / below; }

  void add(std::string path, std::string text) {
    const bool is_program = text.starts_with("#!");
    project_.files.push_back({std::move(path), std::move(text), is_program});
  }

  Result<Done> read_files() {
    const fs::path folder = templates("project/files");
    const Json view{{"title_quoted", quoted_text(wish_.title)},
                    {"team_quoted", quoted_text(wish_.name)},
                    {"course_quoted", quoted_text(wish_.course.empty() ? course_.name : wish_.course)},
                    {"report_quoted", quoted_text(report_->file)},
                    {"report_word", shell_word(report_->file)},
                    {"package", package_name(wish_.name)}};
    std::error_code failure;
    for (fs::recursive_directory_iterator it(folder, failure), end; !failure && it != end;
         it.increment(failure)) {
      if (it->is_directory() || it->path().extension() == ".pyc") continue;
      const fs::path relative = it->path().lexically_relative(folder);
      std::string path = path_in_project(relative);
      const bool on_request =
          std::find(std::begin(kOnRequest), std::end(kOnRequest), path) != std::end(kOnRequest);
      if (on_request && !asks_for(course_, path)) continue;
      auto text = record::read_file(it->path(), kLargestTemplate);
      if (!text) return text.error();
      if (relative.string().ends_with(kRendered)) {
        text = Templates(std::map<std::string, std::string>{{path, *text}})
                   .render(path, view, [](const std::string& plain) { return plain; });
        if (!text) return text.error();
      }
      add(std::move(path), *std::move(text));
    }
    if (failure || project_.files.empty())
      return Error{
          fmt::format("{}: {}; the template of a project stands in share/assay/templates beside bin/",
                      folder.string(), failure ? failure.message() : "empty")};
    return Done{};
  }

  Result<Done> add_worker_library() {
    auto text = record::read_file(share_ / "worker" / "assay_worker.py", kLargestTemplate);
    if (!text) return text.error();
    add("src/assay_worker.py", *std::move(text));
    return Done{};
  }

  /// README and report, about the experiments that came along.
  Result<Done> add_documents() {
    DocumentWish wish{.title = wish_.title, .date = wish_.date, .experiments = {}};
    for (const NewFile& file : project_.files) {
      if (!file.path.starts_with("experiments/")) continue;
      const auto experiment = plan::parse_experiment(file.text, file.path, {}, {});
      if (!experiment) return experiment.error();
      auto named = named_experiment(*experiment, file.path);
      if (!named) return named.error();
      wish.experiments.push_back(*std::move(named));
    }
    std::sort(wish.experiments.begin(), wish.experiments.end(),
              [](const auto& a, const auto& b) { return a.file < b.file; });
    const auto own = Templates::open(templates("project/documents"));
    if (!own) return own.error();
    const auto general = Templates::open(templates("documents"));
    if (!general) return general.error();
    for (const char* name : {"readme", "report"}) {
      const plan::Deliverable* deliverable = course_.find(name);
      if (!deliverable) continue;
      auto text = new_document(*deliverable, wish, {&*own, &*general});
      if (!text) return text.error();
      add(deliverable->file, *std::move(text));
    }
    return Done{};
  }

  const ProjectWish& wish_;
  const plan::Course& course_;
  const fs::path& share_;
  const plan::Deliverable* report_ = nullptr;
  NewProject project_;
};

}  // namespace

Result<NewProject> new_project(const ProjectWish& wish, const plan::Course& course, const fs::path& share) {
  return Making(wish, course, share).make();
}

std::optional<std::string> title_problem(const std::string& title) {
  if (title.find_first_not_of(' ') == std::string::npos)
    return "a title is empty; write what the work is about";
  if (title.size() > kLongestTitle)
    return fmt::format("a title of {} bytes is too long; write one of at most {}", title.size(),
                       kLongestTitle);
  try {
    (void)Json(title).dump();
  } catch (const Json::exception&) {
    return "a title that isn't UTF-8 can't stand in a document; write it in UTF-8";
  }
  if (holds_unshown(title))
    return fmt::format(
        "the title {} holds a line break, a control character or a mark of direction; write it on one line "
        "without them",
        quoted_text(title));
  return std::nullopt;
}

}  // namespace assay::reports
