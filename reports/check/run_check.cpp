#include "reports/check/run_check.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <set>

#include "harness/core/hash.hpp"
#include "harness/record/lines.hpp"
#include "harness/record/run_folder.hpp"
#include "harness/record/seal.hpp"
#include "reports/check/frozen_plan.hpp"
#include "reports/check/numerals.hpp"
#include "reports/check/tree.hpp"
#include "reports/report_files.hpp"

namespace assay::reports::check {

namespace {

namespace fs = std::filesystem;

/// What stands behind the last newline but one: the journal's last whole line. Empty if it can't be had.
std::string last_line(const fs::path& file) {
  constexpr std::streamoff kPiece = 1 << 20;  // an end line has a few hundred bytes
  std::ifstream in(file, std::ios::binary);
  in.seekg(0, std::ios::end);
  const std::streamoff size = in.tellg();
  if (!in || size <= 0) return "";
  const std::streamoff from = std::max<std::streamoff>(0, size - kPiece);
  std::string tail(static_cast<std::size_t>(size - from), '\0');
  in.seekg(from);
  in.read(tail.data(), static_cast<std::streamsize>(tail.size()));
  const std::size_t end = tail.rfind('\n');
  if (!in || end == std::string::npos) return "";
  const std::size_t begin = end == 0 ? std::string::npos : tail.rfind('\n', end - 1);
  if (begin == std::string::npos && from > 0) return "";
  return tail.substr(begin == std::string::npos ? 0 : begin + 1, end - (begin == std::string::npos ? 0 : begin + 1));
}

class RunChecker {
public:
  RunChecker(const fs::path& folder, const Templates& templates, const RunLimits& limits) : templates_(templates), limits_(limits) { checked_.folder = folder; }

  CheckedRun check() {
    if (!files()) return std::move(checked_);
    auto run = record::read_run(checked_.folder);
    if (!run) {
      unreadable(run.error().message);
      return std::move(checked_);
    }
    run_ = &*run;
    checked_.ended = !run->stopped_by.empty() && run->stopped_by != "interrupt";
    end();
    outputs();
    plan();
    ledger();
    clock();
    auto report = project(*run);
    if (!report) {
      error("run.record", "manifest.json", report.error().message, kRecordRemedy);
      return std::move(checked_);
    }
    checked_.report = *std::move(report);
    written_report();
    return std::move(checked_);
  }

private:
  static constexpr const char* kRecordRemedy = "copy the folder again from where it was measured; a record that was changed can't be mended";

  void add(Severity severity, std::string rule, std::string file, std::string what, std::string remedy) {
    checked_.findings.push_back({severity, std::move(rule), std::move(file), 0, std::move(what), std::move(remedy)});
  }
  void error(std::string rule, std::string file, std::string what, std::string remedy) {
    add(Severity::error, std::move(rule), std::move(file), std::move(what), std::move(remedy));
  }

  /// Nothing but folders and regular files; false if the record can't be opened safely.
  bool files() {
    std::error_code failed;
    std::size_t entries = 0;
    bool safe = true;
    for (fs::recursive_directory_iterator it(checked_.folder, fs::directory_options::skip_permission_denied, failed), end; !failed && it != end; it.increment(failed)) {
      const std::string name = it->path().lexically_relative(checked_.folder).generic_string();
      if (++entries > limits_.entries) {
        error("run.files", "", fmt::format("more than {} files and folders", limits_.entries), "a run folder has a few for each process; remove what isn't the run's");
        return false;
      }
      if (it.depth() >= limits_.depth) it.disable_recursion_pending();
      struct stat status {};
      if (::lstat(it->path().c_str(), &status) != 0) continue;
      if (S_ISLNK(status.st_mode)) {
        add(it.depth() > 0 ? Severity::warning : Severity::error, "run.files", name, "is a link; it isn't followed", "put the file itself here");
        safe = safe && it.depth() > 0;
      } else if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
        error("run.files", name, "is no file but a pipe, socket or device; it isn't opened", "remove it");
        safe = safe && it.depth() > 0;
      }
    }
    if (failed) {
      error("run.files", "", fmt::format("can't be read: {}", failed.message()), "make it readable");
      return false;
    }
    const std::pair<const char*, std::uintmax_t> core[] = {
        {"experiment.toml", limits_.experiment_bytes}, {"manifest.json", limits_.manifest_bytes}, {"journal.jsonl", limits_.journal_bytes}};
    for (const auto& [name, most] : core) {
      struct stat status {};
      if (::lstat((checked_.folder / name).c_str(), &status) != 0) {
        error("run.files", name, "is missing", kRecordRemedy);
        safe = false;
      } else if (S_ISREG(status.st_mode) && static_cast<std::uintmax_t>(status.st_size) > most) {
        error("run.files", name, fmt::format("has {} bytes, more than the {} that are read", status.st_size, most), "this is no file of Assay's");
        safe = false;
      }
    }
    // What the journal names stands below these.
    for (const char* name : {"outputs", "extends", "report", "logs"}) {
      struct stat status {};
      if (::lstat((checked_.folder / name).c_str(), &status) == 0 && !S_ISDIR(status.st_mode)) safe = false;
    }
    return safe;
  }

  /// "…/journal.jsonl:12: what" → a finding of journal.jsonl, line 12.
  void unreadable(std::string message) {
    Finding finding{Severity::error, "run.record", "", 0, "", kRecordRemedy};
    const std::string folder = checked_.folder.string() + "/";
    if (message.starts_with(folder)) message.erase(0, folder.size());
    const std::size_t colon = message.find(':');
    if (colon != std::string::npos) {
      finding.file = message.substr(0, colon);
      const char* begin = message.data() + colon + 1;
      const auto [stop, failed] = std::from_chars(begin, message.data() + message.size(), finding.line);
      std::size_t rest = colon + 1;
      if (failed == std::errc() && stop < message.data() + message.size() && *stop == ':') rest = static_cast<std::size_t>(stop - message.data()) + 1;
      finding.what = message.substr(std::min(message.find_first_not_of(' ', rest), message.size()));
    } else {
      finding.what = message;
    }
    checked_.findings.push_back(std::move(finding));
  }

  /// The last line: whether the run ended, and what it vouches for.
  void end() {
    for (const auto& [kind, text] : run_->notes) {
      if (kind == "torn_tail") error("run.unfinished", "journal.jsonl", "its last line was cut short", "go on with the run by assay run … --resume, where it was measured");
    }
    if (run_->stopped_by.empty()) {
      error("run.unfinished", "journal.jsonl", "the run never ended, or its last lines are gone", "go on with it by assay run … --resume, where it was measured");
      return;
    }
    if (run_->stopped_by == "interrupt") add(Severity::warning, "run.unfinished", "journal.jsonl", "the run was interrupted", "go on with it by assay run … --resume");
    const bool promised = run_->manifest.value("sealed", Json(false)) == Json(true);
    const auto last = parse_json(last_line(checked_.folder / "journal.jsonl"));
    const bool has_seal = last && last->is_object() && text_at(*last, "type") == "end" && last->contains("self");
    checked_.sealed = has_seal || promised;
    if (!checked_.sealed) {
      add(Severity::note, "run.seal", "manifest.json", "an early Assay made this run: no line of its journal vouches for the manifest", "");
      return;
    }
    if (!last || !last->is_object() || text_at(*last, "type") != "end") {
      error("run.seal", "journal.jsonl", "the last line isn't the run's end", kRecordRemedy);
      return;
    }
    for (const record::SealProblem& problem : record::seal_problems(checked_.folder, *last)) error("run.seal", problem.file, problem.what, kRecordRemedy);
  }

  void outputs() {
    for (const auto& [kind, text] : run_->notes) {
      if (kind != "answers_lost") continue;
      const std::size_t colon = text.find(':');
      error("run.outputs", text.substr(0, colon), "it isn't what the journal says, or is missing", kRecordRemedy);
    }
  }

  void plan() {
    const Json described = run_->manifest.value("experiment", Json::object());
    if (text_at(described, "sha256") != sha256_hex(run_->experiment_text))
      error("run.plan", "manifest.json", "names another experiment.toml than the one that stands here", kRecordRemedy);
    if (const auto imported = run_->manifest.find("imported"); imported != run_->manifest.end() && imported->is_object()) return look_at_import(*imported);
    const auto plan = frozen_plan(*run_);
    if (!plan) {
      add(Severity::warning, "run.plan", "experiment.toml", fmt::format("the plan can't be made from it again: {}", plan.error().message), "check it with the Assay that made the run");
      return;
    }
    for (std::string& problem : manifest_problems(*run_, *plan)) error("run.plan", "manifest.json", std::move(problem), kRecordRemedy);
    for (std::string& problem : schedule_problems(*run_, *plan)) error("run.schedule", "journal.jsonl", std::move(problem), kRecordRemedy);
  }

  /// Results made elsewhere have no schedule; the file that they came from is kept.
  void look_at_import(const Json& facts) {
    const std::string name = text_at(facts, "file");
    const bool plain = !name.empty() && name.find('/') == std::string::npos && name != "..";
    const fs::path file = checked_.folder / "imported" / name;
    const auto hash = plain && is_plain_file(file) ? sha256_of_file(file.string()) : Result<std::string>(Error{});
    if (!hash || *hash != text_at(facts, "sha256")) error("run.outputs", "imported/" + name, "it isn't the file that was imported, or is missing", kRecordRemedy);
  }

  /// The ledger's copy in the manifest, and the ledger itself where it stands beside the run.
  void ledger() {
    const std::string name = record::run_name(checked_.folder);
    const Json none = Json::array();
    const auto copied = run_->manifest.find("ledger");
    const Json& copy = copied != run_->manifest.end() && copied->is_array() ? *copied : none;
    const std::string sha256 = sha256_hex(run_->experiment_text);
    if (copy.empty() || text_at(copy.back(), "experiment_sha256") != sha256) {
      error("run.ledger", "manifest.json", "its copy of the ledger doesn't end with this run's plan: the plan isn't the one that was frozen", kRecordRemedy);
    } else if (text_at(copy.back(), "run") != name) {
      add(Severity::warning, "run.ledger", "manifest.json", fmt::format("the ledger calls this run {}; the folder was renamed", text_at(copy.back(), "run")), "give it its name back");
    } else if (text_at(copy.back(), "preset") != run_->preset) {
      error("run.ledger", "manifest.json", "the ledger has it with another preset", kRecordRemedy);
    }
    const fs::path file = checked_.folder.parent_path() / "ledger.jsonl";
    if (!is_plain_file(file)) return;
    auto lines = record::Lines::open(file);
    if (!lines) return;
    std::vector<Json> all;
    while (const auto line = lines->next()) {
      auto entry = parse_json(*line);
      if (!entry || !entry->is_object()) {
        error("run.ledger", "../ledger.jsonl", fmt::format("line {} is no entry", lines->number()), "copy the ledger again from where it was written");
        return;
      }
      all.push_back(*std::move(entry));
    }
    const bool begins_alike = all.size() >= copy.size() && std::equal(copy.begin(), copy.end(), all.begin());
    if (!begins_alike) {
      error("run.ledger", "../ledger.jsonl", "isn't the ledger that stood here when the run began: lines were changed, added or removed", "copy the ledger again from where it was written");
      return;
    }
    std::size_t unreported = 0;
    for (const Json& entry : all) {
      if (text_at(entry, "experiment_sha256") != sha256) continue;
      const bool inside = std::any_of(run_->extends.begin(), run_->extends.end(), [&](const record::Extended& e) { return e.run == text_at(entry, "run"); });
      if (inside) continue;  // its rounds are this run's
      if (!is_plain_file(checked_.folder.parent_path() / text_at(entry, "run") / "journal.jsonl")) ++unreported;
    }
    if (unreported > 0)
      add(Severity::note, "run.ledger", "../ledger.jsonl", fmt::format("{} of this plan {} started and {} not here", unreported == 1 ? "1 run" : fmt::format("{} runs", unreported), unreported == 1 ? "was" : "were", unreported == 1 ? "is" : "are"),
          "say in the report what became of it");
  }

  /// Times that can't be: a block that took longer than the supervisor's own clock around it.
  void clock() {
    const bool duet = run_->manifest.value(Json::json_pointer("/experiment/placement"), Json()) == Json("duet");
    std::size_t beyond = 0;
    double bracketed_s = 0;
    for (const record::Block& b : run_->blocks) {
      const bool wall = b.clock == Clock::wall && b.outcome == Outcome::ok && b.bracket_ns > 0;
      if (!wall) continue;
      const double bracket_s = static_cast<double>(b.bracket_ns) * 1e-9;
      const double tick_s = std::max(1e-6, b.step_s);
      beyond += b.elapsed_s > bracket_s + tick_s ? 1U : 0U;
      bracketed_s += bracket_s;
    }
    if (beyond > 0)
      error("run.clock", "journal.jsonl", fmt::format("{} took longer than the supervisor's own clock around {}", beyond == 1 ? "1 block" : fmt::format("{} blocks", beyond), beyond == 1 ? "it" : "them"), kRecordRemedy);
    const auto wall = run_->end.find("wall_s");
    if (wall == run_->end.end() || !wall->is_number() || run_->notes.size() > 0 || !run_->extends.empty()) return;  // a resumed run's end has its last part
    const double most_s = wall->get<double>() * (duet ? 2 : 1);
    if (bracketed_s > most_s * 1.01 + 1)
      error("run.clock", "journal.jsonl", fmt::format("its blocks add up to {:.1f} s, the run took {:.1f} s", bracketed_s, wall->get<double>()), kRecordRemedy);
  }

  /// report/, where it is: what the record gives, byte for byte, or of another Assay with the same numbers.
  void written_report() {
    const fs::path folder = checked_.folder / "report";
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored)) return;
    constexpr const char* kAnew = "assay report RUN writes it anew";
    const bool has_list = is_plain_file(folder / kWrittenList);
    std::set<std::string> edited;
    if (has_list) {
      const auto list = written_files(folder);
      if (!list) error("run.report", fmt::format("report/{}", kWrittenList), "is no list of files", kAnew);
      for (const auto& [name, hash] : list ? *list : std::map<std::string, std::string>()) {
        if (name.find('/') != std::string::npos || !is_plain_file(folder / name)) continue;
        const auto now = sha256_of_file((folder / name).string());
        if (now && *now == hash) continue;
        edited.insert(name);
        error("run.report", "report/" + name, "was changed since it was written", kAnew);
      }
    }
    const auto files = report_files(*checked_.report, templates_);
    if (!files) {
      error("run.report", "report", files.error().message, kAnew);
      return;
    }
    for (const auto& [name, text] : *files) {
      if (edited.contains(name) || !is_plain_file(folder / name)) continue;
      constexpr std::uintmax_t kLargest = 256 << 20;
      const auto there = record::read_file(folder / name, kLargest);
      if (there && *there == text) continue;
      // What was written and not changed since is of another Assay, unless somebody computed the list anew.
      const bool of_another = has_list || !checked_.sealed;
      if (there && (of_another || says_all_of(numerals_of(text), numerals_of(*there))) && same_values(name, *there, text)) {
        add(Severity::warning, "run.report", "report/" + name, "isn't what this Assay writes: another one wrote it, or it was edited", kAnew);
      } else {
        error("run.report", "report/" + name, "has numbers that the record doesn't give", kAnew);
      }
    }
  }

  /// Of report.json: whether every number that both documents have is the same.
  static bool same_values(const std::string& name, const std::string& there, const std::string& now) {
    if (name != "report.json") return true;
    const auto old_document = parse_json(there);
    const auto new_document = parse_json(now);
    return old_document && new_document && agree(*old_document, *new_document);
  }
  static bool agree(const Json& one, const Json& other) {
    if (one.is_number() || other.is_number()) return one == other;
    if (one.is_array() && other.is_array()) {
      return one.size() == other.size() && std::equal(one.begin(), one.end(), other.begin(), [](const Json& a, const Json& b) { return agree(a, b); });
    }
    if (!one.is_object() || !other.is_object()) return true;
    return std::all_of(one.items().begin(), one.items().end(), [&](const auto& item) {
      return item.key() == "warnings" || item.key() == "limits" || !other.contains(item.key()) || agree(item.value(), other[item.key()]);
    });
  }

  const Templates& templates_;
  const RunLimits& limits_;
  CheckedRun checked_;
  const record::RunRecord* run_ = nullptr;
};

}  // namespace

CheckedRun check_run(const fs::path& folder, const Templates& templates, const RunLimits& limits) {
  return RunChecker(folder, templates, limits).check();
}

bool is_run_folder(const fs::path& folder) {
  return is_plain_file(folder / "manifest.json") && is_plain_file(folder / "journal.jsonl");
}

std::vector<fs::path> run_folders_below(const fs::path& root, std::size_t most_entries) {
  if (is_run_folder(root)) return {root};
  std::vector<fs::path> found;
  std::error_code failed;
  std::size_t entries = 0;
  constexpr int kDeepest = 12;
  for (fs::recursive_directory_iterator it(root, fs::directory_options::skip_permission_denied, failed), end; !failed && it != end && ++entries <= most_entries; it.increment(failed)) {
    struct stat status {};
    if (::lstat(it->path().c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) continue;
    const std::string name = it->path().filename().string();
    const bool skipped = name == ".git" || name == "node_modules" || it.depth() >= kDeepest;
    const bool is_run = !skipped && is_run_folder(it->path());
    if (is_run) found.push_back(it->path());
    if (skipped || is_run) it.disable_recursion_pending();
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace assay::reports::check
