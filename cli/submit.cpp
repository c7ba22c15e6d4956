// assay submit: what is handed in, checked, in one file, with the hash of everything in it; signed, tagged, on a branch of the course's
// repository. It never pushes.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <optional>

#include "cli/build.hpp"
#include "cli/course_checkout.hpp"
#include "cli/own_git.hpp"
#include "cli/places.hpp"
#include "cli/submission.hpp"
#include "cli/temporary_folder.hpp"
#include "cli/verb.hpp"
#include "harness/core/ascii.hpp"
#include "harness/core/hash.hpp"
#include "harness/core/printable.hpp"
#include "harness/core/shell_word.hpp"
#include "harness/plan/course.hpp"
#include "harness/plan/project_file.hpp"
#include "harness/record/run_folder.hpp"
#include "harness/record/run_record.hpp"
#include "reports/bundle.hpp"
#include "reports/check/check.hpp"
#include "reports/signature.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

struct Options {
  std::string out;
  std::string into;
  std::string path;
  std::string branch;
  std::string tag;
  std::string key;
  bool sign = false;
  bool no_sign = false;
  bool json = false;
};

// ── When ──────────────────────────────────────────────────────────────────────────────────────────

/// SOURCE_DATE_EPOCH, for those who want the same bytes again.
std::optional<std::int64_t> fixed_time() {
  const char* text = std::getenv("SOURCE_DATE_EPOCH");
  if (!text || !*text) return std::nullopt;
  char* end = nullptr;
  const long long seconds = std::strtoll(text, &end, 10);
  return *end == '\0' && seconds >= 0 ? std::optional<std::int64_t>(seconds) : std::nullopt;
}

tm utc(std::int64_t seconds) {
  const auto time = static_cast<time_t>(seconds);
  tm parts{};
  ::gmtime_r(&time, &parts);
  return parts;
}

// ── The parts of handing in ───────────────────────────────────────────────────────────────────────

/// What a submission must pass before it is written: its report says what the runs give, and each run that it rests on is whole. What else is in the
/// project may be as it is.
Result<Done> checked_or_complain(const plan::ProjectFile& project, const Submission& submission, const AllPlaces& places) {
  using namespace reports::check;
  const auto templates = reports::Templates::open(places.templates);
  if (!templates) return templates.error();
  const auto refusal = [](const Finding& f, const std::string& at) {
    return Error{fmt::format("{}{}: {}; {} (assay check . shows all)", printable(at), f.line > 0 ? fmt::format(":{}", f.line) : "", f.what, f.remedy)};
  };
  for (const fs::path& folder : submission.runs) {
    for (const Finding& f : check_run(folder, *templates).findings) {
      if (f.severity == Severity::error)
        return Error{fmt::format("the report rests on a run that can't be trusted: {}", refusal(f, fmt::format("{}/{}", folder.filename().string(), f.file)).message)};
    }
  }
  const auto report = check_path(project.report_file(), {.prose = false}, *templates);
  if (!report) return report.error();
  for (const Finding& f : report->judgement.findings) {
    if (f.severity == Severity::error && f.rule.starts_with("report.")) return refusal(f, f.file);
  }
  return Done{};
}

/// Where the project's course wants it, else submissions/<team>.
std::string path_of_course(const plan::ProjectFile& project, const AllPlaces& places, const std::string& team) {
  constexpr std::string_view kTeam = "{team}";
  std::string path = plan::Course().submission;
  if (!project.course.empty()) {
    if (const auto course = plan::find_course(project.course, places.templates / "courses", project.folder)) path = course->submission;
  }
  if (path.empty()) path = fmt::format("submissions/{}", kTeam);
  for (std::size_t at; (at = path.find(kTeam)) != std::string::npos;) path.replace(at, kTeam.size(), team);
  return path;
}

bool wants_archive(const Options& options) {
  return options.out.empty() ? reports::can_archive() : options.out.ends_with(".tar.gz") || options.out.ends_with(".tgz");
}

Result<fs::path> write_folder(const fs::path& folder, const std::vector<reports::ArchivedFile>& files) {
  std::error_code failed;
  if (fs::exists(folder, failed) && !fs::is_empty(folder, failed)) {
    return Error{fmt::format("{} is there already and not empty; remove it, or name another by --out", folder.string())};
  }
  for (const reports::ArchivedFile& file : files) {
    const fs::path place = folder / file.path;
    fs::create_directories(place.parent_path(), failed);
    if (!failed) fs::copy_file(file.file, place, failed);
    if (failed) return Error{fmt::format("{}: {}", place.string(), failed.message())};
  }
  return folder;
}

/// The archive, or the folder, read back and held against its own list.
Result<fs::path> write_bundle(const Options& options, const plan::ProjectFile& project, const std::vector<reports::ArchivedFile>& files) {
  Result<fs::path> written = fs::path();
  if (wants_archive(options)) {
    const fs::path archive = options.out.empty() ? project.folder / "submission.tar.gz" : fs::absolute(options.out);
    std::vector<reports::ArchivedFile> below = files;
    for (reports::ArchivedFile& file : below) file.path = fmt::format("{}/{}", reports::kBundleFolder, file.path);
    if (auto done = reports::write_archive(archive, std::move(below), fixed_time().value_or(0)); !done) return done.error();
    written = archive;
  } else {
    written = write_folder(options.out.empty() ? project.folder / reports::kBundleFolder : fs::absolute(options.out), files);
  }
  if (!written) return written;
  const auto bundle = reports::open_bundle(*written);
  if (!bundle) return Error{fmt::format("what was written can't be read back: {}", bundle.error().message)};
  const auto findings = reports::verify_bundle(bundle->folder);
  if (!findings.empty()) return Error{fmt::format("{} changed while it was handed in: {}; do it again", findings.front().file, findings.front().what)};
  return written;
}

/// The key to sign with: --key, git's if it signs by SSH, else the person's usual one. `scratch` takes a public key that is given as text.
Result<fs::path> signing_key(const Options& options, const plan::ProjectFile& project, const fs::path& scratch) {
  std::error_code failed;
  const char* home = std::getenv("HOME");
  if (!options.key.empty()) {
    if (!fs::is_regular_file(options.key, failed)) return Error{fmt::format("--key {}: is no file", options.key)};
    return fs::path(options.key);
  }
  std::string key = git_setting(project.folder, "gpg.format") == "ssh" ? git_setting(project.folder, "user.signingkey") : "";
  if (key.starts_with("key::")) key.erase(0, 5);
  if (key.starts_with("ssh-") || key.starts_with("ecdsa-") || key.starts_with("sk-")) {
    const fs::path file = scratch / "key.pub";  // its private half is the agent's
    if (const auto done = record::write_atomically(file, key + "\n"); !done) return done.error();
    return file;
  }
  if (key.starts_with("~/") && home) key = std::string(home) + key.substr(1);
  if (!key.empty() && fs::is_regular_file(key, failed)) return fs::path(key);
  for (const char* usual : {"id_ed25519", "id_ecdsa", "id_rsa"}) {
    if (home && fs::is_regular_file(fs::path(home) / ".ssh" / usual, failed)) return fs::path(home) / ".ssh" / usual;
  }
  return Error{"there is no SSH key; make one by ssh-keygen -t ed25519, or name one by --key"};
}

struct Signed {
  fs::path file;
  std::string key;
};

Result<Signed> sign(const Options& options, const plan::ProjectFile& project, const fs::path& bundle) {
  const TemporaryFolder scratch("submit");
  const auto key = signing_key(options, project, scratch.path());
  if (!key) return key.error();
  const bool at_terminal = ::isatty(STDIN_FILENO) && ::isatty(STDERR_FILENO);
  const auto signature = reports::sign_file(bundle, *key, at_terminal);
  if (!signature) return signature.error();
  const auto verified = reports::verify_signature(bundle, *signature);
  if (!verified) return verified.error();
  if (!verified->good) return Error{verified->problem};
  return Signed{*signature, verified->key};
}

Result<OwnRepository> clean_repository(const plan::ProjectFile& project, const std::vector<fs::path>& ours) {
  auto repository = OwnRepository::around(project.folder);
  if (!repository) return repository;
  std::vector<std::string> except;
  std::error_code ignored;
  for (const fs::path& path : ours) except.push_back(fs::weakly_canonical(path, ignored).lexically_relative(repository->root()).generic_string());
  const auto changes = repository->changes(except);
  if (!changes) return changes.error();
  if (changes->empty()) return repository;
  std::string listed;
  for (std::size_t i = 0; i < changes->size() && i < 5; ++i) listed += "\n  " + printable((*changes)[i]);
  return Error{fmt::format("a tag marks a commit, and the working tree is none; commit first:{}", listed)};
}

/// A name that branches and folders take: "Team 7!" → "Team-7".
std::string plain(const std::string& name) {
  std::string text;
  for (const char c : name) {
    const bool fine = is_letter_or_digit(c) || c == '_' || c == '-';
    if (fine) text += c;
    else if (!text.empty() && text.back() != '-') text += '-';
  }
  while (!text.empty() && text.back() == '-') text.pop_back();
  return text.empty() ? "team" : text;
}

// ── The verb ──────────────────────────────────────────────────────────────────────────────────────

struct HandedIn {
  fs::path bundle;
  std::uint64_t bytes = 0;
  std::string sha256;  // of the archive, or of a folder's bundle.json
  const Submission* submission = nullptr;
  std::optional<Signed> signature;
  std::string unsigned_because;
  std::string tag;
  std::string course_path, branch;
  std::optional<CourseCommit> course;
};

std::string push_command(const HandedIn& done, const Options& options) {
  return fmt::format("git -C {} push {} {}", shell_word(fs::absolute(options.into).lexically_normal().string()), done.course->remote, done.branch);
}

OrderedJson to_json(const HandedIn& done, const Options& options) {
  OrderedJson d;
  d["bundle"] = done.bundle.string();
  d["bytes"] = done.bytes;
  d["sha256"] = done.sha256;
  d["files"] = done.submission->list.files.size();
  d["report"] = done.submission->list.report;
  d["runs"] = done.submission->list.runs;
  d["signature"] = done.signature ? OrderedJson{{"file", done.signature->file.string()}, {"key", done.signature->key}} : OrderedJson();
  d["unsigned_because"] = done.unsigned_because.empty() ? OrderedJson() : OrderedJson(done.unsigned_because);
  d["tag"] = done.tag.empty() ? OrderedJson() : OrderedJson(done.tag);
  d["course"] = done.course ? OrderedJson{{"path", done.course_path}, {"branch", done.branch}, {"commit", done.course->commit},
                                          {"was_there", done.course->was_there}, {"push", push_command(done, options)}}
                            : OrderedJson();
  d["notes"] = done.submission->notes;
  return d;
}

void show(const HandedIn& done, const Options& options) {
  for (const std::string& note : done.submission->notes) std::cerr << note << '\n';
  const auto& list = done.submission->list;
  std::cout << fmt::format("bundle:    {}, {} files, {:.1f} MB\n", done.bundle.string(), list.files.size(), static_cast<double>(done.bytes) / 1e6);
  std::cout << fmt::format("SHA-256:   {}\n", done.sha256);
  std::cout << fmt::format("report:    {}\n", list.report);
  for (const std::string& run : list.runs) std::cout << fmt::format("run:       {}\n", run);
  if (done.signature) {
    std::cout << fmt::format("signature: {}, {}\n", done.signature->file.string(), done.signature->key);
  } else {
    std::cout << fmt::format("not signed: {}\n", done.unsigned_because);
  }
  if (!done.tag.empty()) std::cout << fmt::format("tag:       {}; publish it by: git push origin {}\n", done.tag, done.tag);
  if (done.course) {
    std::cout << fmt::format("course:    {} on branch {}, commit {}{}\n", done.course_path, done.branch, done.course->commit.substr(0, 12),
                             done.course->was_there ? ", which was there already" : "");
    std::cout << fmt::format("push it:   {}\n", push_command(done, options));
  }
}

Result<Done> tag(const OwnRepository& repository, const std::string& name, const HandedIn& done) {
  const std::string message = fmt::format("Submission: {} {}", done.bundle.filename().string(), done.sha256);
  if (const auto made = repository.run({{"tag", "--annotate", "--no-sign", "-m", message, "--", name}, {}, {}}); !made) return made.error();
  return Done{};
}

int submit_verb(const Options& options) {
  const auto refuse = [&](const Error& error, int status = kUsage) { return complain(status, error.message, options.json); };
  std::error_code ignored;
  const AllPlaces places = find_places({});
  const auto folder = plan::project_folder_above(fs::current_path(ignored));
  if (!folder) return complain(kUsage, "there is no assay.toml at or above this folder, so no project to hand in; make one by assay new project", options.json);
  const auto project = plan::load_project_file(*folder);
  if (!project) return refuse(project.error());

  const std::int64_t now = fixed_time().value_or(static_cast<std::int64_t>(::time(nullptr)));
  const tm at = utc(now);
  const std::string day = fmt::format("{:04}{:02}{:02}", at.tm_year + 1900, at.tm_mon + 1, at.tm_mday);
  const std::string created = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", at.tm_year + 1900, at.tm_mon + 1, at.tm_mday, at.tm_hour, at.tm_min, at.tm_sec);
  const auto submission = collect(*project, {fmt::format("{}, {}", build().version, build().commit_shown()), created});
  if (!submission) return refuse(submission.error());
  if (const auto fine = checked_or_complain(*project, *submission, places); !fine) return refuse(fine.error(), kFailed);

  std::optional<OwnRepository> tagged;
  if (!options.tag.empty()) {
    const fs::path archive = options.out.empty() ? project->folder / "submission.tar.gz" : fs::absolute(options.out);
    auto repository = clean_repository(*project, {archive, archive.string() + ".sig"});
    if (!repository) return refuse(repository.error());
    if (repository->run({{"rev-parse", "--verify", "--quiet", "refs/tags/" + options.tag}, {}, {}})) {
      return complain(kUsage, fmt::format("the tag {} is there already; name another", printable(options.tag)), options.json);
    }
    tagged.emplace(*std::move(repository));
  }

  const TemporaryFolder scratch("submit");
  const fs::path list = scratch.path() / reports::kBundleFile;
  if (scratch.path().empty()) return complain(kOwnFailure, "no temporary folder can be made; set TMPDIR to a folder that can be written", options.json);
  if (const auto done = record::write_atomically(list, reports::to_json(submission->list).dump(2) + "\n"); !done) return refuse(done.error(), kOwnFailure);
  std::vector<reports::ArchivedFile> files = submission->files;
  files.push_back({std::string(reports::kBundleFile), list});

  HandedIn done;
  done.submission = &*submission;
  const auto bundle = write_bundle(options, *project, files);
  if (!bundle) return refuse(bundle.error());
  done.bundle = *bundle;
  const fs::path vouched = fs::is_directory(*bundle, ignored) ? *bundle / reports::kBundleFile : *bundle;
  done.bytes = fs::file_size(vouched, ignored);
  done.sha256 = sha256_of_file(vouched.string()) ? *sha256_of_file(vouched.string()) : "";
  if (options.no_sign) {
    done.unsigned_because = "by --no-sign";
  } else if (auto signature = sign(options, *project, vouched); signature) {
    done.signature = *std::move(signature);
  } else {
    if (options.sign || !options.key.empty()) return refuse(signature.error(), kFailed);
    done.unsigned_because = signature.error().message;
  }
  if (tagged) {
    if (const auto made = tag(*tagged, options.tag, done); !made) return refuse(made.error(), kFailed);
    done.tag = options.tag;
  }
  if (!options.into.empty()) {
    const std::string team = plain(project->team.empty() ? folder->filename().string() : project->team);
    done.course_path = options.path.empty() ? path_of_course(*project, places, team) : options.path;
    while (done.course_path.ends_with('/')) done.course_path.pop_back();
    done.branch = options.branch.empty() ? fmt::format("submit-{}-{}", team, day) : options.branch;
    auto commit = commit_into(options.into, {.project = project->folder, .path = done.course_path, .branch = done.branch,
                                             .message = fmt::format("Submission of {}", project->team.empty() ? team : project->team),
                                             .date = fixed_time() ? std::to_string(now) : "", .files = std::move(files)});
    if (!commit) return refuse(commit.error());
    done.course = *std::move(commit);
  }
  if (options.json) {
    print(to_json(done, options));
  } else {
    show(done, options);
  }
  return kDone;
}

}  // namespace

void add_submit(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("submit", "Hand a project in: its report and the runs behind it, with hashes, in one signed file");
  verb->add_option("--out", options->out, "The bundle: a .tar.gz, or a folder (without it: submission.tar.gz in the project)");
  CLI::Option* sign = verb->add_flag("--sign", options->sign, "Fail if it can't be signed (else it says so and why)");
  CLI::Option* no_sign = verb->add_flag("--no-sign", options->no_sign, "Don't sign")->excludes(sign);
  verb->add_option("--key", options->key, "The SSH key to sign with (without it: git's signing key, then ~/.ssh/id_ed25519, id_ecdsa, id_rsa)")->excludes(no_sign);
  verb->add_option("--tag", options->tag, "Mark the commit by this tag; everything must be committed");
  CLI::Option* into = verb->add_option("--into", options->into, "A checkout of the course's repository: commits on a branch there, never pushes");
  verb->add_option("--path", options->path, "With --into: the folder there (without it: the course's, else submissions/<team>); replaced as a whole")->needs(into);
  verb->add_option("--branch", options->branch, "With --into: the branch (without it: submit-<team>-<date>)")->needs(into);
  verb->add_flag("--json", options->json, "One JSON document on standard output");
  verb->footer("Example: assay submit\n         assay submit --tag final --into ../course-repository");
  verb->callback([&action, options] { action = [options] { return submit_verb(*options); }; });
}

}  // namespace assay::cli
