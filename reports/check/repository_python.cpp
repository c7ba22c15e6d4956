// pyproject.toml and uv.lock: there as a pair, and about the same packages.
#include <algorithm>

#include "harness/core/ascii.hpp"
#include "harness/plan/document.hpp"
#include "reports/check/repository_rules.hpp"

namespace assay::reports::check {

namespace {

namespace document = plan::document;

constexpr std::size_t kLongestLock = std::size_t{32} << 20;  // bytes; a large project's has a few MiB
constexpr const char* kProject = "pyproject.toml";
constexpr const char* kLock = "uv.lock";

/// As PEP 503 compares names: "Scikit_Learn" is "scikit-learn".
std::string normalized(std::string_view name) {
  std::string out;
  for (const char c : lower_case(name)) {
    const bool dash = c == '-' || c == '_' || c == '.';
    if (!dash)
      out += c;
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  return out;
}

/// "numpy[extra] >= 1.26 ; python_version > '3.9'" → "numpy".
std::string package_of(std::string_view requirement) {
  const std::string_view text = trimmed(requirement);
  std::size_t end = 0;
  const auto belongs = [](char c) {
    return is_letter_or_digit(c) || c == '-' ||
           c == '_' || c == '.';
  };
  while (end < text.size() && belongs(text[end])) ++end;
  return normalized(text.substr(0, end));
}

struct Wanted {
  std::vector<std::pair<std::string, int>> packages;  // name, line
};

std::optional<Wanted> read_project(const RepositoryFacts& facts, const Findings& add) {
  const auto text = read_below(facts.folder, kProject, document::kLongestFile);
  const auto root = text ? document::parse(*text, kProject) : Result<document::Table>(text.error());
  if (!root) {
    add.add(Severity::error, "python.project", kProject, 0, plain_text(root.error().message, 300),
            "uv reads it no better; mend it");
    return std::nullopt;
  }
  const document::Entry* entry = root->find("project");
  const document::Table* project = entry ? entry->value.table() : nullptr;
  if (!project) {
    add.add(Severity::warning, "python.project", kProject, 0, "there is no [project]", "uv init writes one");
    return std::nullopt;
  }
  if (!project->find("requires-python")) {
    add.add(Severity::warning, "python.project", kProject, entry->line, "'requires-python' isn't said",
            "requires-python = \">=3.10\", or what you use");
  }
  Wanted wanted;
  const document::Entry* dependencies = project->find("dependencies");
  if (const document::List* list = dependencies ? dependencies->value.list() : nullptr) {
    for (const document::Node& node : *list) {
      if (node.text() && !package_of(*node.text()).empty())
        wanted.packages.emplace_back(package_of(*node.text()), node.line);
    }
  }
  return wanted;
}

/// The names of the locked packages, sorted. Line by line: a lock file may be larger than what we parse, and
/// uv wrote it.
std::optional<std::vector<std::string>> read_lock(const RepositoryFacts& facts, const Findings& add) {
  const auto text = read_below(facts.folder, kLock, kLongestLock);
  if (!text) {
    add.add(Severity::error, "python.lock", kLock, 0, plain_text(text.error().message),
            "uv lock writes it anew");
    return std::nullopt;
  }
  std::vector<std::string> names;
  bool version = false, in_package = false;
  int number = 0;
  for (std::size_t begin = 0; begin < text->size();) {
    const std::size_t end = std::min(text->find('\n', begin), text->size());
    const std::string_view line = trimmed(std::string_view(*text).substr(begin, end - begin));
    begin = end + 1;
    ++number;
    if (line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ")) {
      add.add(Severity::error, "python.lock", kLock, number, "a merge conflict is left in it",
              "uv lock writes it anew");
      return std::nullopt;
    }
    if (line.starts_with('[')) in_package = line == "[[package]]";
    constexpr std::string_view kName = "name = \"";
    if (in_package && line.starts_with(kName) && line.size() > kName.size()) {
      names.push_back(normalized(line.substr(kName.size(), line.size() - kName.size() - 1)));
    } else if (!in_package && line.starts_with("version = ") && names.empty()) {
      version = true;
    }
  }
  if (!version) {
    add.add(Severity::error, "python.lock", kLock, 1, "this is no lock file of uv", "uv lock writes one");
    return std::nullopt;
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

void check_python(const RepositoryFacts& facts, const Findings& add) {
  const bool has_project = facts.tree.file(kProject), has_lock = facts.tree.file(kLock);
  const auto wanted = has_project ? read_project(facts, add) : std::nullopt;
  const auto locked = has_lock ? read_lock(facts, add) : std::nullopt;
  if (has_lock && !has_project)
    add.add(Severity::warning, "python.lock", kLock, 0, "it locks what no pyproject.toml asks for",
            "commit pyproject.toml, too");
  if (!wanted || !locked) return;
  std::vector<std::string> missing;
  int line = 0;
  for (const auto& [name, at] : wanted->packages) {
    if (std::binary_search(locked->begin(), locked->end(), name)) continue;
    missing.push_back(name);
    if (line == 0) line = at;
  }
  if (!missing.empty()) {
    add.add(Severity::error, "python.lock", kProject, line,
            fmt::format("asks for what uv.lock doesn't have: {}", some_of(missing)),
            "uv lock, and commit uv.lock");
  }
}

}  // namespace assay::reports::check
