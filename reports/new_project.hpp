// A project that runs at once: `assay new project`. No I/O but reading the templates; the verb writes the
// files.
//
//     const auto files = new_project({.name = "demo", .title = "What int8 buys"}, *course, share / "assay");
//
// templates/project/files holds it as it will stand: NAME.mustache is rendered, dot_NAME becomes .NAME, all
// else is copied. README and report are the course's documents, with the bodies of
// templates/project/documents.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/plan/course.hpp"

namespace assay::reports {

struct ProjectWish {
  std::string name;  // a plain name: its folder, package and team
  std::string title;
  std::string course{};  // as assay.toml names it; empty: the course's name
  std::string date{};
};

struct NewFile {
  std::string path;  // from the project's folder
  std::string text;
  bool is_program = false;  // begins with #!
};

struct NewProject {
  std::vector<NewFile> files;        // sorted by path
  std::vector<std::string> notices;  // what the course asks for and the template doesn't bring
};

/// `share`: the folder that holds templates/ and worker/. Lock files come along only where the course asks
/// for them.
Result<NewProject> new_project(const ProjectWish& wish, const plan::Course& course,
                               const std::filesystem::path& share);

/// Nullopt, or why this can't be a title: it has to be UTF-8 on one line, and shown as it is.
std::optional<std::string> title_problem(const std::string& title);

}  // namespace assay::reports
