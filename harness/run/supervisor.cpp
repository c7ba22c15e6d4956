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
#include "harness/run/extension.hpp"
#include "harness/run/file_lock.hpp"
#include "harness/run/manifest.hpp"
#include "harness/run/process_tree.hpp"
#include "harness/run/round.hpp"
#include "harness/run/simulation.hpp"
#include "harness/run/spread.hpp"
#include "harness/stats/second_stage.hpp"
#include "harness/stats/stein.hpp"

namespace assay::run {

namespace {

namespace fs = std::filesystem;

constexpr int kMostRounds = 10'000;

std::string utc_now() {
  const time_t now = time(nullptr);
  tm parts{};
  gmtime_r(&now, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
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
    std::optional<FileLock> lock;
    if (!request_.machine_held) {
      auto taken = lock_machine(interrupt_, [&](const std::string& sentence) { trace_.note(sentence); });
      if (!taken) return taken.error();
      lock.emplace(*std::move(taken));
    }
    const std::int64_t begin = now_ns();
    cpu_before_ns_ = own_cpu_ns();
    if (auto opened = open(); !opened) return opened.error();
    auto keeper = Keeper::start();
    if (!keeper) return keeper.error();
    session_.emplace(plan_, request_.machine, *std::move(keeper), &*journal_, folder_, trace_, interrupt_);
    session_->continue_from(next_replicate_);
    summary_.folder = folder_;
    measure();
    session_->clean_up();
    finish(static_cast<double>(now_ns() - begin) * 1e-9);
    return summary_;
  }

 private:
  Result<Done> open() {
    if (!request_.resume.empty()) return reopen();
    return request_.extend.empty() ? open_new() : open_extension();
  }

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

  Conditions conditions() const { return {plan_, request_.machine, request_.assay}; }

  /// What an earlier part of the same measurement decided and found out: calibration, endings, numbers that go on.
  Result<Done> take_over(const record::RunRecord& run) {
    standing_.treatments.resize(plan_.treatments.size());
    standing_.peaks.resize(plan_.peaks.size());
    extends_ = !run.extends.empty();
    if (run.calibration.is_object()) {
      if (auto shrunk = shrink_groups(run.calibration.value("largest_group", plan::kLargestGroup)); !shrunk) return shrunk;
      auto calibration = calibration_from_json(run.calibration, plan_);
      if (!calibration) return calibration.error();
      calibration_ = *std::move(calibration);
      standing_.treatments = run.rehearsal;
      for (const record::Round& round : run.rounds) {
        if (round.number > 0 && round.state == record::RoundState::complete) first_round_ = std::max(first_round_, round.number + 1);
      }
      piloted_ = run.calibration.contains("pilot");
    }
    for (const record::Replicate& r : run.replicates) {
      next_replicate_ = std::max(next_replicate_, r.id + 1);
      const bool belongs = !r.abandoned && r.round > 0 && r.round < first_round_;
      if (r.role == Role::peak && !r.ending.ok() && (belongs || (r.round == 0 && calibration_))) {
        standing_.peaks[static_cast<std::size_t>(r.treatment)] = r.ending;
      }
      if (belongs && r.role == Role::plain && !r.ending.ok() && !r.disturbed) {
        standing_.treatments[static_cast<std::size_t>(r.treatment)] = r.ending;
      }
    }
    return Done{};
  }

  Result<Done> reopen() {
    folder_ = request_.resume;
    auto run = record::read_run(folder_);
    if (!run) return run.error();
    if (auto allowed = may_resume(*run, conditions()); !allowed) return allowed.error();
    auto journal = record::Journal::reopen(folder_ / "journal.jsonl");
    if (!journal) return journal.error();
    journal_ = *std::move(journal);
    if (auto taken = take_over(*run); !taken) return taken;
    Json abandoned = nullptr;
    if (!calibration_) abandoned = 0;
    for (const record::Round& round : run->rounds) {
      if (calibration_ && round.number > 0 && round.state == record::RoundState::interrupted) abandoned = round.number;
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

  /// A new run that begins where a complete one ended.
  Result<Done> open_extension() {
    const auto earlier = record::read_run(request_.extend);
    if (!earlier) return earlier.error();
    if (auto allowed = may_extend(*earlier, conditions()); !allowed) return allowed.error();
    if (auto taken = take_over(*earlier); !taken) return taken;
    extends_ = true;
    const int had = first_round_ - 1;
    const double round_s = earlier->calibration.value("round_s", 0.0);
    int added = request_.added_rounds.value_or(plan_.preset.rounds);
    calibration_->stopped_by = "rounds";
    if (!request_.added_rounds && plan_.preset.budget_s && round_s > 0 && added * round_s > *plan_.preset.budget_s) {
      added = std::max(1, static_cast<int>(*plan_.preset.budget_s / round_s));
      calibration_->stopped_by = "budget";
    }
    if (added > kMostRounds - had) return Error{fmt::format("--rounds {}: a run has at most {} rounds, and this one has {}", added, kMostRounds, had)};
    calibration_->rounds = had + added;

    auto made = record::create_run_folder(request_.results, plan_.experiment.name, earlier->experiment_text, earlier->published_text,
                                          plan_.preset.name);
    if (!made) return made.error();
    folder_ = made->folder;
    auto extends = copy_earlier(*earlier, had, folder_);
    if (!extends) return extends.error();
    auto journal = record::Journal::create(folder_ / "journal.jsonl");
    if (!journal) return journal.error();
    journal_ = *std::move(journal);
    Json line = earlier->calibration;
    line.update({{"type", "calibration"},
                 {"rounds", calibration_->rounds},
                 {"stopped_by", calibration_->stopped_by},
                 {"minutes", added * round_s / 60},
                 {"warnings", Json::array()}});
    if (auto written = journal_->append(std::move(line)); !written) return written;
    if (auto synced = journal_->sync(); !synced) return synced;
    // The manifest comes last: whoever finds one finds the calibration too, and may resume.
    auto manifest = OrderedJson::parse(*record::read_file(request_.extend / "manifest.json"));
    manifest["assay"] = request_.assay;
    manifest["machine"] = request_.machine.facts;
    manifest["ledger"] = made->ledger;
    manifest["command_line"] = request_.command_line;
    manifest["started"] = utc_now();
    manifest["extends"] = *extends;
    if (auto written = record::write_atomically(folder_ / "manifest.json", manifest.dump(2) + "\n"); !written) return written;
    trace_.note(fmt::format("run folder: {}", folder_.string()));
    trace_.note(fmt::format("extending run {}: rounds {} to {}, about {}", record::run_name(request_.extend), first_round_, calibration_->rounds,
                            duration_text(added * round_s)));
    return Done{};
  }

  void measure() {
    if (!calibration_ && !rehearse_and_calibrate()) return;
    run_rounds();
    if (!session_->must_stop() && plan_.preset.precision_target && !piloted_) extend_to_precision();
    if (!session_->must_stop() && plan_.experiment.simulate && !extends_) simulate(*session_, standing_);
    if (summary_.stopped_by.empty()) {
      summary_.stopped_by = calibration_->stopped_by;
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
    line["quad_s"] = round_costs(plan_, rehearsal, *calibration_).block_s;
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
    Json line = run->calibration;
    const double quad_s = line.value("quad_s", 0.0);
    const double start_s = std::max(0.0, line.value("round_s", 0.0) - calibration_->quads * quad_s);
    const double pilot_s = pilot * (start_s + calibration_->quads * quad_s);
    const auto metric = planning_metric(*run);
    const auto stage = !metric ? std::nullopt
                               : stats::second_stage(spread_of(*run, plan_.pairs, *metric), {.start_s = start_s, .block_s = quad_s},
                                                     calibration_->quads, stats::log_half_width(*plan_.preset.precision_target));
    int wanted = pilot;
    if (stage) {
      wanted = static_cast<int>(std::clamp<std::int64_t>(stage->rounds, pilot, std::max(pilot, kMostRounds)));
      calibration_->quads = stage->quads;
      if (wanted == stage->rounds && !stage->clock_too_coarse) calibration_->stopped_by = "precision";
    }
    const double round_s = start_s + calibration_->quads * quad_s;
    if (plan_.preset.budget_s && round_s > 0 && pilot_s + (wanted - pilot) * round_s > *plan_.preset.budget_s) {
      wanted = pilot + std::max(0, static_cast<int>((*plan_.preset.budget_s - pilot_s) / round_s));
      calibration_->stopped_by = "budget";
    }
    if (stage && stage->clock_too_coarse) {
      const std::string text = fmt::format("the clock is too coarse for ±{} %: some comparison will not reach it by more rounds; time longer blocks",
                                           significant(100 * *plan_.preset.precision_target, 2));
      session_->record({{"type", "note"}, {"kind", "coarse_clock"}, {"text", text}});
      trace_.note("warning: " + text);
    }
    calibration_->rounds = wanted;
    const double more_s = (wanted - pilot) * round_s;
    line["type"] = "calibration";  // which the record, knowing what it is, doesn't keep
    line["rounds"] = wanted;
    line["quads"] = calibration_->quads;
    line["pilot"] = pilot;
    line["stopped_by"] = calibration_->stopped_by;
    line["minutes"] = (pilot_s + more_s) / 60;
    session_->record(std::move(line));
    session_->sync();
    trace_.note(fmt::format("after the pilot of {}: {} rounds in all, of {}, for ±{} %, about {} more", pilot, wanted, round_text(*calibration_),
                            significant(100 * *plan_.preset.precision_target, 2), duration_text(more_s)));
    run_rounds();
  }

  std::string go_on() const {
    const std::string verb = request_.resume_with.empty()
                                 ? fmt::format("assay run {} --preset {}", experiment_word(plan_.experiment), plan_.preset.name)
                                 : request_.resume_with;
    return fmt::format("go on with: {} --resume {}", verb, shell_word(folder_.string()));
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
    session_->record_last({{"type", "end"},
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
  bool extends_ = false;             // an earlier run's rounds come before this one's
};

}  // namespace

Result<Done> check_placement(const plan::Plan& plan, const Machine& machine) {
  if (plan.experiment.placement != plan::Placement::duet || machine.cores.size() >= 2) return Done{};
  return Error{fmt::format("placement = \"duet\" runs two processes at once on two physical cores, and {} available here; write "
                           "placement = \"interleaved\", or give this process more cores",
                           machine.cores.empty() ? "none is" : "only one is")};
}

Result<RunSummary> run_experiment(const RunRequest& request, Trace& trace, const InterruptFlag& interrupt) {
  if (auto possible = check_placement(request.plan, request.machine); !possible) return possible.error();
  return Supervisor(request, trace, interrupt).run();
}

Result<Rehearsal> try_experiment(const plan::Plan& plan, const Machine& machine, const std::vector<int>& only, Trace& trace,
                                 const InterruptFlag& interrupt) {
  if (auto possible = check_placement(plan, machine); !possible) return possible.error();
  std::string folder = (fs::temp_directory_path() / "assay-try-XXXXXX").string();
  if (!mkdtemp(folder.data())) return Error{fmt::format("{}: no temporary folder can be made", fs::temp_directory_path().string())};
  auto keeper = Keeper::start();
  if (!keeper) return keeper.error();
  Rehearsal rehearsal;
  {
    Session session(plan, machine, *std::move(keeper), nullptr, folder, trace, interrupt);
    rehearsal = rehearse(session, only);
    session.clean_up();
  }
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return rehearsal;
}

}  // namespace assay::run
