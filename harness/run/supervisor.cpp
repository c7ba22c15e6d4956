#include "harness/run/supervisor.hpp"

#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "harness/core/hash.hpp"
#include "harness/core/units.hpp"
#include "harness/record/journal.hpp"
#include "harness/record/run_folder.hpp"
#include "harness/record/run_record.hpp"
#include "harness/run/clock.hpp"
#include "harness/run/command_line.hpp"
#include "harness/run/machine_lock.hpp"
#include "harness/run/manifest.hpp"
#include "harness/run/process_tree.hpp"
#include "harness/run/round.hpp"
#include "harness/run/simulation.hpp"
#include "harness/stats/moments.hpp"
#include "harness/stats/paired.hpp"
#include "harness/stats/stein.hpp"

namespace assay::run {

namespace {

namespace fs = std::filesystem;

std::string utc_now() {
  const time_t now = time(nullptr);
  tm parts{};
  gmtime_r(&now, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

/// Rounds that `precision_target` takes, over all pairs of the table, from the pilot in the journal (Stein's rule).
int rounds_for_precision(const record::RunRecord& run, const plan::Plan& plan, double target, int pilot) {
  std::int64_t most = pilot;
  for (std::size_t m = 0; m < run.metrics.size(); ++m) {
    const Metric& metric = run.metrics[m];
    if (metric.scope != Scope::block || metric.clock == Clock::none || !metric.compared_by_ratio()) continue;
    for (const plan::Pair& pair : plan.pairs) {
      std::vector<double> d;
      for (const auto& round : record::paired_rounds(run, {pair.of, Role::plain}, {pair.to, Role::plain}, static_cast<int>(m))) {
        std::vector<stats::Quad> quads;
        for (const auto& q : round.quads) quads.push_back({q.of1, q.of2, q.to1, q.to2});
        if (const auto value = stats::round_log_ratio(quads)) d.push_back(*value);
      }
      if (d.size() < 2) continue;
      const auto needed = stats::rounds_needed(stats::moments(d).sd.value_or(0), static_cast<int>(d.size()),
                                               stats::log_half_width(target), 0.95);
      most = std::max(most, needed.value_or(pilot));
    }
    break;  // the first time metric decides
  }
  return static_cast<int>(std::min<std::int64_t>(most, 10'000));
}

/// How many of the largest processes fit into the memory that is free now, with a fifth to spare.
int group_that_fits(const Rehearsal& rehearsal) {
  std::vector<std::int64_t> sizes;
  for (const TreatmentCost& cost : rehearsal.treatments) sizes.push_back(cost.resident_bytes);
  std::sort(sizes.rbegin(), sizes.rend());
  std::int64_t room = available_memory_bytes() * 4 / 5 - (sizes.empty() ? 0 : 2 * sizes.front());  // two control copies
  int fits = 0;
  for (const std::int64_t size : sizes) {
    room -= size;
    if (room < 0) break;
    ++fits;
  }
  return std::clamp(fits, 2, plan::kLargestGroup);
}

/// What one run does, in order; each step may find that the session must stop.
class Supervisor {
 public:
  Supervisor(const RunRequest& request, Trace& trace, const InterruptFlag& interrupt)
      : request_(request), plan_(request.plan), trace_(trace), interrupt_(interrupt) {}

  Result<RunSummary> run() {
    std::optional<MachineLock> lock;
    if (!request_.machine_held) {
      auto taken = MachineLock::take(interrupt_, [&] { trace_.note("waiting: another assay run is measuring on this machine"); });
      if (!taken) return taken.error();
      lock.emplace(*std::move(taken));
    }
    const std::int64_t begin = now_ns();
    cpu_before_ns_ = own_cpu_ns();
    if (auto opened = request_.resume.empty() ? open_new() : reopen(); !opened) return opened.error();
    auto keeper = Keeper::start();
    if (!keeper) return keeper.error();
    session_.emplace(plan_, request_.machine, *std::move(keeper), &*journal_, folder_, trace_, interrupt_);
    session_->continue_from(next_replicate_);
    summary_.folder = folder_;
    measure();
    finish(static_cast<double>(now_ns() - begin) * 1e-9);
    return summary_;
  }

 private:
  Result<Done> open_new() {
    auto made = record::create_run_folder(request_.results, plan_.experiment.name, plan_.experiment.source,
                                          request_.published_text, plan_.preset.name);
    if (!made) return made.error();
    folder_ = made->folder;
    parts_.assay = request_.assay;
    parts_.ledger = made->ledger;
    parts_.command_line = request_.command_line;
    parts_.started = utc_now();
    parts_.published = request_.published;
    auto metrics = planned_metrics(plan_.experiment, {});
    if (metrics) {
      if (auto written = write_manifest(*metrics); !written) return written.error();
    }
    auto journal = record::Journal::create(folder_ / "journal.jsonl");
    if (!journal) return journal.error();
    journal_ = *std::move(journal);
    standing_.treatments.resize(plan_.treatments.size());
    standing_.peaks.resize(plan_.peaks.size());
    trace_.note(fmt::format("run folder: {}", folder_.string()));
    return Done{};
  }

  Result<Done> write_manifest(const std::vector<PlannedMetric>& metrics) {
    return record::write_atomically(folder_ / "manifest.json",
                                    manifest(plan_, request_.machine, metrics, parts_).dump(2) + "\n");
  }

  /// Refuses another binary, boot or machine: their times don't belong into one sample.
  Result<Done> may_resume(const record::RunRecord& run) const {
    const auto refuse = [&](const std::string& what) {
      return Error{fmt::format("{}: cannot be resumed: {}; start a new run", folder_.string(), what)};
    };
    if (run.experiment_text != plan_.experiment.source) return refuse("the experiment file has changed since");
    if (run.preset != plan_.preset.name) return refuse(fmt::format("it was started with preset {}", run.preset));
    if (run.manifest.value("boot_id_sha256", "") != boot_id_sha256()) return refuse("the machine was booted since");
    if (run.manifest.value("cpus", Json()) != Json(request_.machine.cpus)) return refuse("other CPUs are available now");
    const Json built = run.manifest.value("assay", Json::object());
    if (built.value("sha256", "") != request_.assay.value("sha256", "")) return refuse("assay itself is another binary");
    if (run.ids.size() != plan_.treatments.size()) return refuse("its treatments are others");
    if (!run.stopped_by.empty() && run.stopped_by != "interrupt") return Error{fmt::format("{}: is complete (stopped by {})", folder_.string(), run.stopped_by)};
    return Done{};
  }

  Result<Done> reopen() {
    folder_ = request_.resume;
    auto run = record::read_run(folder_);
    if (!run) return run.error();
    if (auto allowed = may_resume(*run); !allowed) return allowed.error();
    auto journal = record::Journal::reopen(folder_ / "journal.jsonl");
    if (!journal) return journal.error();
    journal_ = *std::move(journal);
    standing_.treatments.resize(plan_.treatments.size());
    standing_.peaks.resize(plan_.peaks.size());
    Json abandoned = nullptr;
    if (run->calibration.is_object()) {
      if (auto shrunk = shrink_groups(run->calibration.value("largest_group", plan::kLargestGroup)); !shrunk) return shrunk;
      auto calibration = calibration_from_json(run->calibration, plan_);
      if (!calibration) return calibration.error();
      calibration_ = *std::move(calibration);
      standing_.treatments = run->rehearsal;
      for (const record::Round& round : run->rounds) {
        if (round.number > 0 && round.state == record::RoundState::complete) first_round_ = std::max(first_round_, round.number + 1);
        if (round.number > 0 && round.state == record::RoundState::interrupted) abandoned = round.number;
      }
      piloted_ = run->calibration.contains("pilot");
    } else {
      abandoned = 0;
    }
    for (const record::Replicate& r : run->replicates) {
      next_replicate_ = std::max(next_replicate_, r.id + 1);
      const bool belongs = !r.abandoned && r.round > 0 && r.round < first_round_;
      if (r.role == Role::peak && !r.ending.ok() && (belongs || (r.round == 0 && calibration_))) {
        standing_.peaks[static_cast<std::size_t>(r.treatment)] = r.ending;
      }
      if (belongs && r.role == Role::plain && !r.ending.ok() && !r.disturbed) {
        standing_.treatments[static_cast<std::size_t>(r.treatment)] = r.ending;
      }
    }
    if (auto noted = journal_->append({{"type", "resume"}, {"abandoned_round", abandoned}, {"bytes_cut", journal_->bytes_cut()}}); !noted) {
      return noted.error();
    }
    parts_.assay = run->manifest.value("assay", Json());
    parts_.command_line = run->manifest.value("command_line", std::vector<std::string>{});
    parts_.started = run->manifest.value("started", "");
    parts_.published = run->manifest.value("published", Json());
    parts_.workers = run->manifest.value("workers", Json::object());
    for (const Json& line : run->manifest.value("ledger", Json::array())) parts_.ledger.push_back(line);
    trace_.note(calibration_ ? fmt::format("resuming at round {} of {}", first_round_, calibration_->rounds)
                             : "resuming: the rehearsal had not ended and is done again");
    return Done{};
  }

  void measure() {
    if (!calibration_ && !rehearse_and_calibrate()) return;
    run_rounds();
    if (!session_->must_stop() && plan_.preset.precision_target && !piloted_) extend_to_precision();
    if (!session_->must_stop() && plan_.experiment.simulate) simulate(*session_, standing_);
    if (summary_.stopped_by.empty()) {
      summary_.stopped_by = plan_.preset.precision_target && calibration_->stopped_by == "rounds" ? "precision" : calibration_->stopped_by;
    }
  }

  Result<Done> shrink_groups(int largest) {
    if (largest >= plan::kLargestGroup) return Done{};
    auto smaller = plan::make_plan(plan_.experiment, plan_.preset, largest);
    if (!smaller) return smaller.error();
    plan_.groups = smaller->groups;
    return Done{};
  }

  bool rehearse_and_calibrate() {
    const Rehearsal rehearsal = rehearse(*session_);
    if (session_->must_stop()) return false;
    auto metrics = planned_metrics(plan_.experiment, session_->described_metrics());
    if (!metrics) {
      summary_.stopped_by = "rehearsal";
      summary_.failure = RunFailure{metrics.error().message, false};
      return false;
    }
    parts_.workers = session_->workers();
    for (std::size_t i = 0; i < rehearsal.treatments.size(); ++i) standing_.treatments[i] = rehearsal.treatments[i].ending;
    for (std::size_t p = 0; p < rehearsal.peaks.size(); ++p) standing_.peaks[p] = rehearsal.peaks[p].ending;
    const int largest_group = group_that_fits(rehearsal);
    auto prepared = shrink_groups(largest_group);
    if (prepared) prepared = write_manifest(*metrics);
    if (!prepared) {
      summary_.failure = RunFailure{prepared.error().message + "; " + go_on(), true};
      return false;
    }
    if (rehearsal.none_usable()) {
      summary_.stopped_by = "rehearsal";
      return false;
    }
    calibration_ = calibrate(plan_, rehearsal, request_.calibration);
    Json line = to_json(*calibration_, plan_);
    line["largest_group"] = largest_group;
    line["round_s"] = round_seconds(plan_, rehearsal, *calibration_, calibration_->quads);
    session_->record(std::move(line));
    session_->sync();
    for (const std::string& warning : calibration_->warnings) {
      session_->record({{"type", "note"}, {"kind", "budget"}, {"text", warning}});
      trace_.note("warning: " + warning);
    }
    trace_.note(fmt::format("plan: {} rounds of {}, about {}", calibration_->rounds, round_text(*calibration_),
                            duration_text(calibration_->estimated_s)));
    return true;
  }

  void run_rounds() {
    for (int r = first_round_; r <= calibration_->rounds && !session_->must_stop(); ++r) {
      if (std::none_of(standing_.treatments.begin(), standing_.treatments.end(), [](const Ending& e) { return e.ok(); })) return;
      const plan::RoundPlan round = plan::round_plan(plan_, r, calibration_->quads, calibration_->single_pass);
      double blocks = 0;
      for (const auto& group : round.groups) {
        for (const auto& quad : group.quads) blocks += static_cast<double>(quad.size());
      }
      double done = 0;
      const std::string what = fmt::format("round {} of {}", r, calibration_->rounds);
      const auto after_block = [&] {
        done += 1;
        trace_.progress((r - 1 + std::min(1.0, done / std::max(1.0, blocks))) / calibration_->rounds, what);
      };
      if (!run_round(*session_, *calibration_, round, standing_, after_block)) return;
      first_round_ = r + 1;
    }
  }

  /// Second stage of Stein's procedure: the pilot's rounds are kept, nobody peeks again.
  void extend_to_precision() {
    auto run = record::read_run(folder_);
    if (!run) {
      summary_.failure = RunFailure{run.error().message, true};
      return;
    }
    const int pilot = calibration_->rounds;
    int wanted = rounds_for_precision(*run, plan_, *plan_.preset.precision_target, pilot);
    Json line = run->calibration;
    const double round_s = line.value("round_s", 0.0);
    if (plan_.preset.budget_s && round_s > 0 && wanted * round_s > *plan_.preset.budget_s) {
      wanted = std::max(pilot, static_cast<int>(*plan_.preset.budget_s / round_s));
      calibration_->stopped_by = "budget";
    }
    calibration_->rounds = wanted;
    line["type"] = "calibration";  // which the record, knowing what it is, doesn't keep
    line["rounds"] = wanted;
    line["pilot"] = pilot;
    line["stopped_by"] = calibration_->stopped_by;
    line["minutes"] = round_s * wanted / 60;
    session_->record(std::move(line));
    session_->sync();
    trace_.note(fmt::format("after the pilot of {}: {} rounds in all for ±{} %, about {} more", pilot, wanted,
                            significant(100 * *plan_.preset.precision_target, 2), duration_text(round_s * (wanted - pilot))));
    run_rounds();
  }

  std::string go_on() const {
    return fmt::format("go on with: assay run {} --preset {} --resume {}", experiment_word(plan_.experiment), plan_.preset.name,
                       shell_word(folder_.string()));
  }

  void finish(double wall_s) {
    summary_.wall_s = wall_s;
    if (session_->broken()) {
      // The journal can't take an end line.
    } else if (session_->keeper_lost()) {
      summary_.stopped_by = "interrupt";
      summary_.failure = RunFailure{"the keeper process was killed; every worker with it; " + go_on(), true};
    } else if (session_->interrupted()) {
      summary_.stopped_by = "interrupt";
      summary_.failure = RunFailure{"interrupted; " + go_on(), true};
    }
    const auto& costs = session_->costs();
    session_->record({{"type", "end"},
                      {"stopped_by", summary_.stopped_by},
                      {"wall_s", wall_s},
                      {"block_s", costs.blocks},
                      {"settle_s", costs.settling},
                      {"prepare_s", costs.preparing},
                      {"check_s", costs.checking},
                      {"supervisor_cpu_s", static_cast<double>(own_cpu_ns() - cpu_before_ns_) * 1e-9}});
    session_->sync();
    if (session_->broken()) {  // before, or only now
      summary_.stopped_by = "interrupt";
      summary_.failure = RunFailure{session_->broken()->message + "; " + go_on(), true};
    }
  }

  const RunRequest& request_;
  plan::Plan plan_;                  // the request's; its groups may shrink where memory is short
  Trace& trace_;
  const InterruptFlag& interrupt_;
  fs::path folder_;
  ManifestParts parts_;
  std::optional<record::Journal> journal_;
  std::optional<Session> session_;
  std::optional<Calibration> calibration_;
  Standing standing_;
  RunSummary summary_;
  std::int64_t cpu_before_ns_ = 0;   // of this process, before the run: a machine sheet is none of its cost
  int first_round_ = 1;
  int next_replicate_ = 1;
  bool piloted_ = false;
};

}  // namespace

Result<RunSummary> run_experiment(const RunRequest& request, Trace& trace, const InterruptFlag& interrupt) {
  return Supervisor(request, trace, interrupt).run();
}

Result<Rehearsal> try_experiment(const plan::Plan& plan, const Machine& machine, const std::vector<int>& only, Trace& trace,
                                 const InterruptFlag& interrupt) {
  std::string folder = (fs::temp_directory_path() / "assay-try-XXXXXX").string();
  if (!mkdtemp(folder.data())) return Error{fmt::format("{}: no temporary folder can be made", fs::temp_directory_path().string())};
  auto keeper = Keeper::start();
  if (!keeper) return keeper.error();
  Rehearsal rehearsal;
  {
    Session session(plan, machine, *std::move(keeper), nullptr, folder, trace, interrupt);
    rehearsal = rehearse(session, only);
  }
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return rehearsal;
}

}  // namespace assay::run
