#include "cli/own_git.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "harness/core/ascii.hpp"
#include "harness/core/printable.hpp"
#include "reports/program.hpp"

namespace assay::cli {

namespace fs = std::filesystem;

namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

constexpr double kGit_s = 120;

/// What holds whatever anybody's configuration says.
const Settings& quiet() {
  static const Settings settings{{"core.fsmonitor", "false"}, {"core.hooksPath", "/dev/null"}, {"core.pager", "cat"},
                                 {"core.editor", "false"},    {"core.askPass", ""},            {"protocol.allow", "never"}};
  return settings;
}

Result<reports::ProgramAnswer> git(const fs::path& folder, const OwnRepository::Run& run, const Settings& overrides) {
  reports::ProgramCall call;
  call.words = {"git", "--no-pager", "--literal-pathspecs"};
  call.words.insert(call.words.end(), run.words.begin(), run.words.end());
  call.folder = folder;
  call.input = run.input;
  call.limit_s = kGit_s;
  // Inside a hook these would name another repository.
  std::vector<std::string> environment = reports::environment_without({"GIT_", "LC_ALL=", "LANGUAGE="});
  for (const char* always : {"LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1"}) environment.emplace_back(always);
  for (const auto& [name, value] : run.environment) environment.push_back(name + "=" + value);
  // As the command line's: a key may hold '=' here.
  std::size_t count = 0;
  for (const Settings* settings : {&quiet(), &overrides}) {
    for (const auto& [key, value] : *settings) {
      environment.push_back(fmt::format("GIT_CONFIG_KEY_{}={}", count, key));
      environment.push_back(fmt::format("GIT_CONFIG_VALUE_{}={}", count++, value));
    }
  }
  environment.push_back(fmt::format("GIT_CONFIG_COUNT={}", count));
  call.environment = std::move(environment);
  auto answer = reports::call_program(call);
  if (!answer) return Error{answer.error().message + "; apt-get install git"};
  return answer;
}

std::vector<std::string> split_at_nul(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\0', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// Keys whose values git starts as programs.
bool names_a_program(const std::string& key) {
  static const std::regex programs(
      R"((filter\..*\.(clean|smudge|process)|diff\.external|diff\..*\.(command|textconv)|merge\..*\.driver|gpg\..*program|hook\..*|)"
      R"(credential\..*helper|core\.(sshcommand|gitproxy|alternaterefscommand)|trailer\..*\.(command|cmd)|sequence\.editor))",
      std::regex::icase);
  return key.size() < 4096 && std::regex_match(key, programs);
}

/// The repository's own settings that start programs, each made empty. The person's own (Git LFS) stay.
Result<Settings> overrides_for(const fs::path& folder) {
  const auto listed = git(folder, {{"config", "--list", "--includes", "--show-scope", "--name-only", "--null"}, {}, {}}, {});
  if (!listed) return listed.error();
  if (!listed->ok()) return Error{printable(listed->failure("git config"))};
  Settings overrides;
  const auto parts = split_at_nul(listed->output);
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
    const std::string &scope = parts[i], &key = parts[i + 1];
    if ((scope != "local" && scope != "worktree") || !names_a_program(key)) continue;
    overrides.emplace_back(key, "");
    // A filter that must succeed would fail for being empty.
    if (key.starts_with("filter.")) overrides.emplace_back(key.substr(0, key.rfind('.')) + ".required", "false");
  }
  return overrides;
}

}  // namespace

Result<OwnRepository> OwnRepository::around(const fs::path& folder) {
  const auto asked = git(folder, {{"rev-parse", "--path-format=absolute", "--show-toplevel", "--git-common-dir"}, {}, {}}, {});
  if (!asked) return asked.error();
  const std::string lines = without_line_end(asked->output);
  const std::size_t newline = lines.find('\n');
  if (!asked->ok() || newline == std::string::npos) {
    return Error{fmt::format("{} lies in no working tree of git: {}", folder.string(), printable(asked->failure("git")))};
  }
  OwnRepository repository;
  std::error_code ignored;
  repository.root_ = fs::weakly_canonical(lines.substr(0, newline), ignored);
  repository.storage_ = fs::weakly_canonical(lines.substr(newline + 1), ignored);
  auto overrides = overrides_for(repository.root_);
  if (!overrides) return overrides.error();
  repository.overrides_ = *std::move(overrides);
  return repository;
}

Result<std::string> OwnRepository::run(const Run& run) const {
  const auto answer = git(root_, run, overrides_);
  if (!answer) return answer.error();
  if (!answer->ok()) return Error{printable(answer->failure("git " + run.words.front()))};
  return without_line_end(answer->output);
}

Result<std::vector<std::string>> OwnRepository::changes(const std::vector<std::string>& except) const {
  const auto status = run({{"status", "--porcelain", "--null", "--no-renames", "--ignore-submodules=all", "--untracked-files=all"}, {}, {}});
  if (!status) return status.error();
  std::vector<std::string> changes;
  for (const std::string& entry : split_at_nul(*status)) {
    const std::string path = entry.size() > 3 ? entry.substr(3) : entry;
    if (std::find(except.begin(), except.end(), path) == except.end()) changes.push_back(path);
  }
  return changes;
}

std::string git_setting(const fs::path& folder, const std::string& key) {
  const auto answer = git(folder, {{"config", "--get", key}, {}, {}}, {});
  return answer && answer->ok() ? without_line_end(answer->output) : "";
}

}  // namespace assay::cli
