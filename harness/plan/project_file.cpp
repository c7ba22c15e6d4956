#include "harness/plan/project_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/plan/document.hpp"
#include "harness/plan/section.hpp"

namespace assay::plan {

namespace fs = std::filesystem;

bool stays_below(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\\') != std::string_view::npos) return false;
  if (std::any_of(path.begin(), path.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) return false;
  const fs::path parts(path);
  return std::none_of(parts.begin(), parts.end(), [](const fs::path& part) { return part == ".."; });
}

Result<ProjectFile> parse_project_file(std::string_view text, std::string_view shown_name) {
  const auto parsed = document::parse(text, shown_name);
  if (!parsed) return parsed.error();
  Mistakes mistakes(shown_name);
  ProjectFile project;
  const Section root(*parsed, 1, "assay.toml", {"project"}, mistakes);
  if (const document::Table* table = root.table("project", "[project]")) {
    const Section section(*table, root.line_of("project"), "[project]", {"title", "team", "course", "results", "report"}, mistakes);
    project.title = section.text("title", "title = \"What int8 buys\"").value_or("");
    project.team = section.text("team", "team = \"gradient-descendants\"").value_or("");
    project.course = section.text("course", "course = \"csce585-2025\"").value_or("");
    const auto place = [&](std::string_view key, std::string_view example, std::string& into) {
      const auto written = section.text(key, example);
      if (!written) return;
      if (!stays_below(*written)) {
        section.wrong(key, fmt::format("is {}", document::in_quotes(*written)),
                      fmt::format("it is a path below assay.toml's folder, e.g. {}", example));
      } else {
        into = *written;
      }
    };
    place("results", "results = \"data\"", project.results);
    place("report", "report = \"report.md\"", project.report);
    if (!project.team.empty() && !is_plain_name(project.team, true)) {
      section.wrong("team", fmt::format("is {}", document::in_quotes(project.team)),
                    "it names a folder and a branch: letters, digits, '_', '-' and '.', e.g. team = \"gradient-descendants\"");
    }
  }
  if (!mistakes.none()) return mistakes.first();
  return project;
}

Result<ProjectFile> load_project_file(const fs::path& folder) {
  const std::string file = (folder / kProjectFile).string();
  const auto text = document::read_text(file);
  if (!text) return text.error();
  auto project = parse_project_file(*text, file);
  if (project) project->folder = folder;
  return project;
}

std::optional<fs::path> project_folder_above(const fs::path& from) {
  std::error_code ignored;
  for (fs::path folder = fs::absolute(from, ignored).lexically_normal(); !folder.empty(); folder = folder.parent_path()) {
    if (fs::exists(folder / kProjectFile, ignored)) return folder;
    if (folder == folder.root_path()) break;
  }
  return std::nullopt;
}

}  // namespace assay::plan
