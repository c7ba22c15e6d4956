#include "harness/run/extension.hpp"

#include <fmt/format.h>

#include <system_error>

#include "harness/core/hash.hpp"
#include "harness/run/manifest.hpp"

namespace assay::run {

namespace {

namespace fs = std::filesystem;

Result<Done> same_conditions(const record::RunRecord& run, const Conditions& now, const char* what_for) {
  const auto refuse = [&](const std::string& what) {
    return Error{fmt::format("{}: cannot be {}: {}; start a new run", run.folder.string(), what_for, what)};
  };
  if (run.experiment_text != now.plan.experiment.source) return refuse("the experiment file has changed since, or other controls were set");
  if (run.preset != now.plan.preset.name) return refuse(fmt::format("it was started with preset {}", run.preset));
  if (run.manifest.value("boot_id_sha256", "") != boot_id_sha256()) return refuse("the machine was booted since");
  if (run.manifest.value("cpus", Json()) != Json(now.machine.cpus)) return refuse("other CPUs are available now");
  const Json built = run.manifest.value("assay", Json::object());
  if (built.value("sha256", "") != now.assay.value("sha256", "")) return refuse("assay itself is another binary");
  if (run.ids.size() != now.plan.treatments.size()) return refuse("its treatments are others");
  return Done{};
}

Result<Done> copied(const fs::path& from, const fs::path& to) {
  std::error_code failed;
  fs::create_directories(to.parent_path(), failed);
  if (!failed) fs::copy_file(from, to, failed);
  if (failed) return Error{fmt::format("{}: cannot be copied to {}: {}", from.string(), to.string(), failed.message())};
  return Done{};
}

}  // namespace

Result<Done> may_resume(const record::RunRecord& run, const Conditions& now) {
  if (auto same = same_conditions(run, now, "resumed"); !same) return same;
  if (!run.stopped_by.empty() && run.stopped_by != "interrupt") {
    return Error{fmt::format("{}: is complete (stopped by {}); add rounds to it with --extend", run.folder.string(), run.stopped_by)};
  }
  return Done{};
}

Result<Done> may_extend(const record::RunRecord& run, const Conditions& now) {
  const std::string shown = run.folder.string();
  if (run.stopped_by.empty() || run.stopped_by == "interrupt") {
    return Error{fmt::format("{}: cannot be extended: it isn't complete; go on with it by --resume first", shown)};
  }
  if (run.stopped_by == "rehearsal" || !run.calibration.is_object()) {
    return Error{fmt::format("{}: cannot be extended: nothing was measured in it; start a new run", shown)};
  }
  if (auto same = same_conditions(run, now, "extended"); !same) return same;
  if (run.calibration.contains("pilot")) {
    return Error{fmt::format("{}: cannot be extended: its rounds were planned by a precision_target, from its pilot alone; "
                             "start a new run with a smaller precision_target (or a larger budget_s, if that stopped it)", shown)};
  }
  return Done{};
}

Result<OrderedJson> copy_earlier(const record::RunRecord& earlier, int rounds, const fs::path& folder) {
  const int before = static_cast<int>(earlier.extends.size());
  for (int i = 1; i <= before; ++i) {
    if (auto done = copied(earlier.folder / record::extended_journal(i), folder / record::extended_journal(i)); !done) return done.error();
  }
  const fs::path own = folder / record::extended_journal(before + 1);
  if (auto done = copied(earlier.folder / "journal.jsonl", own); !done) return done.error();
  std::error_code ignored;
  for (const fs::directory_entry& output : fs::directory_iterator(earlier.folder / "outputs", ignored)) {
    const auto kind = output.path().extension();  // what the journal names by hash; a command's own files are not of the record
    if (kind != ".predictions" && kind != ".labels" && kind != ".samples") continue;
    if (auto done = copied(output.path(), folder / "outputs" / output.path().filename()); !done) return done.error();
  }
  const auto sha256 = sha256_of_file(own.string());
  if (!sha256) return sha256.error();
  return OrderedJson{{"run", record::run_name(earlier.folder)},
                     {"journal_sha256", *sha256},
                     {"rounds", rounds},
                     {"looks", before + 1},
                     {"extends", earlier.manifest.contains("extends") ? OrderedJson(earlier.manifest["extends"]) : OrderedJson()}};
}

}  // namespace assay::run
