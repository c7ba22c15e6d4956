// The rules about files: what must be there, and what mustn't.
#include <algorithm>

#include "harness/core/ascii.hpp"
#include "reports/check/repository_rules.hpp"

namespace assay::reports::check {

namespace {

constexpr std::uintmax_t kLargeFile = std::uintmax_t{50}
                                      << 20;  // GitHub warns from here on, and refuses twice that

/// The pattern's last part may hold '*'; the part before it is a folder as it stands.
bool fits(const std::string& pattern, std::string_view path) {
  return folder_of(pattern) == folder_of(path) && matches(file_name(pattern), file_name(path));
}

/// A file of this form is anywhere in the repository.
bool is_anywhere(const Tree& tree, const std::string& form) {
  return std::any_of(tree.files.begin(), tree.files.end(),
                     [&](const TreeFile& f) { return matches(form, file_name(f.path)); });
}

/// Near the root, and something that is run or read: not every run.cpp.o that a build left behind.
bool may_be_meant(std::string_view path) {
  if (std::count(path.begin(), path.end(), '/') > 1) return false;
  for (const char* ending :
       {".sh", ".py", ".ipynb", ".R", ".jl", ".m", ".bat", ".ps1", ".toml", ".lock", ".md"}) {
    if (path.ends_with(ending)) return true;
  }
  return false;
}

void check_file(const RepositoryFacts& facts, const plan::RequiredFile& asked, const Findings& add) {
  const Tree& tree = facts.tree;
  const auto named = [&](const auto& found) { return plain_text(found->path, 80); };
  const auto exact = std::find_if(tree.files.begin(), tree.files.end(),
                                  [&](const TreeFile& f) { return fits(asked.path, f.path); });
  if (exact != tree.files.end()) {
    if (exact->bytes == 0)
      add.add(Severity::error, "repository.file", exact->path, 0, "the file is empty",
              fmt::format("it {}", plain_text(asked.why)));
    return;
  }
  const std::string what = fmt::format("{} isn't there", plain_text(asked.path));
  const std::string why = asked.why.empty() ? "" : fmt::format("; it {}", plain_text(asked.why));
  const auto link = std::find_if(tree.links.begin(), tree.links.end(),
                                 [&](const TreeLink& l) { return fits(asked.path, l.path); });
  if (link != tree.links.end()) {
    add.add(Severity::error, "repository.file", link->path, 0, "is a link, which a checker doesn't follow",
            "commit the file itself");
    return;
  }
  const auto other_case = std::find_if(tree.files.begin(), tree.files.end(), [&](const TreeFile& f) {
    return fits(lower_case(asked.path), lower_case(f.path));
  });
  if (other_case != tree.files.end()) {
    add.add(Severity::warning, "repository.file", other_case->path, 0,
            fmt::format("is called otherwise than {}", plain_text(asked.path)),
            fmt::format("git mv {} {}", named(other_case), plain_text(asked.path)));
    return;
  }
  const auto elsewhere = std::find_if(tree.files.begin(), tree.files.end(), [&](const TreeFile& f) {
    return matches(lower_case(file_name(asked.path)), lower_case(file_name(f.path))) && may_be_meant(f.path);
  });
  const bool pinned = file_name(asked.path) == "pyproject.toml" && tree.file("requirements.txt");
  const std::string remedy =
      elsewhere != tree.files.end()
          ? fmt::format("{} looks like it: move it to where the course expects it", named(elsewhere))
      : file_name(asked.path) == "uv.lock" ? "uv lock writes it"
      : pinned ? "uv init --bare && uv add -r requirements.txt makes it from requirements.txt"
      : asked.path.find('*') != std::string::npos
          ? fmt::format("add it, in any language: {}",
                        plain_text(std::string(asked.path).replace(asked.path.find('*'), 1, "sh")))
          : fmt::format("add {}", plain_text(asked.path));
  add.add(Severity::error, "repository.file", asked.path, 0, what + why, remedy);
}

void check_folder(const RepositoryFacts& facts, const plan::RequiredFile& asked, const Findings& add) {
  const std::string why = asked.why.empty() ? "" : fmt::format("; it is for {}", plain_text(asked.why));
  if (!facts.tree.has_folder(asked.path)) {
    add.add(Severity::error, "repository.folder", asked.path, 0,
            fmt::format("folder {}/ isn't there{}", plain_text(asked.path), why),
            fmt::format("mkdir {}, and put them there", plain_text(asked.path)));
    return;
  }
  const std::string prefix = asked.path + "/";
  const bool filled = std::any_of(facts.tree.files.begin(), facts.tree.files.end(), [&](const TreeFile& f) {
    return f.path.starts_with(prefix) && !file_name(f.path).starts_with(".git") &&
           file_name(f.path) != "README.md";
  });
  if (!filled)
    add.add(Severity::warning, "repository.folder", asked.path, 0,
            fmt::format("folder {}/ is empty{}", plain_text(asked.path), why), "commit what belongs there");
}

/// The folder `name` stands in the path: "a/__pycache__/b.pyc".
bool is_below(std::string_view path, std::string_view name) {
  const std::size_t at = path.find(name);
  return at != std::string_view::npos && (at == 0 || path[at - 1] == '/') && at + name.size() < path.size() &&
         path[at + name.size()] == '/';
}

bool looks_secret(std::string_view path) {
  const std::string name = lower_case(file_name(path));
  for (const std::string_view secret :
       {".env", ".netrc", ".pypirc", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "kaggle.json",
        "credentials.json", "secrets.json", "secrets.toml", "token.json", "*.pem", "*.p12", "*.pfx", "*_rsa",
        "*service-account*.json"}) {
    if (matches(secret, name)) return true;
  }
  return false;
}

}  // namespace

std::string some_of(const std::vector<std::string>& names, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < most; ++i)
    text += (i ? ", " : "") + plain_text(names[i], 80);
  return names.size() > most ? fmt::format("{} and {} more", text, names.size() - most) : text;
}

void check_files(const RepositoryFacts& facts, const plan::Course& course, const Findings& add) {
  const Tree& tree = facts.tree;
  for (const plan::RequiredFile& asked : course.files) {
    if (!asked.where.empty() && !is_anywhere(tree, asked.where)) continue;
    if (asked.folder)
      check_folder(facts, asked, add);
    else
      check_file(facts, asked, add);
  }
  if (tree.cut) {
    add.add(Severity::warning, "repository.size", "", 0,
            "there are more files than a checker looks at; the rest wasn't seen",
            "leave out what can be made anew");
  }
  for (const TreeLink& link : tree.links) {
    if (!link.leads_out || (facts.git.known && !facts.git.tracks(link.path))) continue;
    add.add(Severity::warning, "repository.link", link.path, 0,
            fmt::format("is a link out of the repository, to {}", plain_text(link.target, 80)),
            "commit the file itself; the link leads nowhere elsewhere");
  }
  for (const auto& [path, what] : tree.specials) {
    add.add(Severity::warning, "repository.special", path, 0, fmt::format("is a {}, no file", what),
            "remove it");
  }
  std::vector<std::string> odd;
  for (const TreeFile& file : tree.files) {
    if (plain_text(file.path, file.path.size() + 1) != file.path) odd.push_back(file.path);
  }
  if (!odd.empty()) {
    add.add(Severity::warning, "repository.name", odd.front(), 0,
            fmt::format("names that can't be shown as they are: {}", some_of(odd, 3)),
            "give files names without control or invisible characters");
  }
  if (!tree.unread.empty()) {
    add.add(Severity::warning, "repository.size", tree.unread.front(), 0,
            fmt::format("folders that can't be read, or lie too deep: {}", some_of(tree.unread, 3)),
            "make them readable, and flatter");
  }
}

void check_committed(const RepositoryFacts& facts, const Findings& add) {
  std::vector<std::string> paths = facts.git.tracked;
  if (!facts.git.known) {
    for (const TreeFile& file : facts.tree.files) paths.push_back(file.path);
  }
  std::vector<std::string> large, caches, environments, secrets;
  for (const std::string& path : paths) {
    const TreeFile* file = facts.tree.file(path);
    if (file && file->bytes > kLargeFile) large.push_back(path);
    if (is_below(path, "__pycache__") || is_below(path, ".ipynb_checkpoints") || path.ends_with(".pyc") ||
        file_name(path) == ".DS_Store")
      caches.push_back(path);
    if (is_below(path, ".venv") || is_below(path, "venv") || is_below(path, "node_modules") ||
        is_below(path, "site-packages"))
      environments.push_back(path);
    if (looks_secret(path)) secrets.push_back(path);
  }
  const auto tell = [&](const std::vector<std::string>& found, const char* rule, const char* what,
                        const char* remedy) {
    if (!found.empty())
      add.add(Severity::warning, rule, found.front(), 0, fmt::format("{}: {}", what, some_of(found)), remedy);
  };
  tell(large, "committed.large", "more than 50 MiB",
       "git rm --cached it, and say in the README where it comes from; git lfs is for those that must stay");
  tell(caches, "committed.cache", "what programs leave behind is committed",
       "git rm -r --cached it, and name it in .gitignore");
  tell(environments, "committed.environment", "installed packages are committed",
       "git rm -r --cached them; uv.lock says which they are");
  tell(secrets, "committed.secret", "looks like a key or password",
       "if it is one, it is known now: revoke it, then git rm it");
}

void check_history(const RepositoryFacts& facts, Stage stage, const Findings& add) {
  const GitFacts& git = facts.git;
  if (!git.known) {
    add.add(Severity::warning, "git.history", "", 0,
            fmt::format("tags and contributions can't be seen: {}", plain_text(git.problem, 200)),
            "check a clone of the repository, not a copy of its files");
    return;
  }
  const Severity severity = stage == Stage::final_submission ? Severity::error : Severity::warning;
  if (git.tags.empty()) {
    add.add(severity, "git.tag", "", 0, "no git tag marks a submission",
            "git tag proposal && git push --tags");
  } else if (stage == Stage::final_submission && !git.newest_tagged) {
    add.add(Severity::warning, "git.tag", "", 0,
            fmt::format("the newest commit has no tag; there are: {}", some_of(git.tags)),
            "git tag final && git push --tags");
  }
}

}  // namespace assay::reports::check
