// One run's live parts: the keeper, the journal, the person watching; and what can be done with a replicate.
// Rehearsal and rounds are written in terms of it.
//
//     auto live = session.start({round, group, slot, Phase::measure});
//     session.run_block(*live, {.phase = Phase::measure, .iterations = 12, …}, others);
//     session.run_together(parts);                              // a duet: both at once
//     session.check(*live);  session.evaluate(*live);  session.finish(*live);
//
// Every step writes its line into the journal before the next begins. A failure ends that replicate and nothing else.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/block.hpp"
#include "harness/core/protocol.hpp"
#include "harness/plan/plan.hpp"
#include "harness/record/journal.hpp"
#include "harness/run/interrupt.hpp"
#include "harness/run/launch.hpp"
#include "harness/run/output.hpp"
#include "harness/run/trace.hpp"
#include "harness/run/worker_process.hpp"

namespace assay::run {

/// A process of a treatment, from its start to its end.
struct LiveReplicate {
  int id = 0;
  int round = 0;
  int group = 0;
  plan::Slot slot;
  std::string treatment_id;
  std::string label;                          // for people: "version=7_avx n=512"
  Assigned assigned;
  std::unique_ptr<WorkerProcess> process;     // null for a command between executions, or if it never started
  protocol::Description description;
  protocol::Prepared prepared;
  double start_s = 0;                         // from spawn to prepared; of a command what its execution cost beside itself
  double execution_s = 0;                     // of a command
  std::int64_t resident_bytes = 0;
  Ending ending;
  std::string log;                            // relative to the run folder
  std::vector<double> cpu_shares;             // CPU time / bracket of its last blocks: what is expected of the next
  int measured_blocks = 0;                    // places in the schedule that it has been through
  int stolen_blocks = 0;                      // of them, those whose last repetition was stolen too
  std::filesystem::path scratch;              // an emulator's files; gone with the process
  double patience = 1;                        // times the limits that it is given: an emulated process is slow
  bool reasons_told = false;                  // a block of it says which counters it lacks and why

  bool usable() const { return ending.ok() && process && process->alive(); }
};

struct ReplicateRequest {
  int round = 0;
  int group = 0;
  plan::Slot slot;
  Phase phase = Phase::measure;
  std::uint64_t seed = 0;
  std::size_t core = 0;             // of a duet: on which of the machine's cores it starts, 0 or 1
};

struct BlockRequest {
  Phase phase = Phase::measure;
  int quad = 0;
  int position = 0;
  std::int64_t iterations = 1;      // that count
  std::int64_t executed = 1;        // that are asked for: more in a slowed control
  std::int64_t settle_ns = 0;
  bool samples = false;             // each iteration is timed by itself, and kept in a file of outputs/
};

/// One side of a duet's step: who runs what on which CPU.
struct DuetPart {
  LiveReplicate* live = nullptr;
  BlockRequest request;
  int cpu = 0;
};

/// What a block gave. `seconds` is per counted iteration; of a clock that counts no time it is in that clock's unit.
struct BlockResult {
  Ending ending;
  double per_iteration = 0;
  std::uint8_t marks = 0;
  bool counts_energy = false;       // some energy_* counter is a number
  bool counts_instructions = false;
};

class Session {
 public:
  /// `journal` may be null (assay try): then nothing is recorded and `folder` is a temporary one.
  Session(const plan::Plan& plan, const Machine& machine, Keeper keeper, record::Journal* journal,
          std::filesystem::path folder, Trace& trace, const InterruptFlag& interrupt);

  /// Starts, describes and prepares; the result's `ending` says how that went.
  std::unique_ptr<LiveReplicate> start(const ReplicateRequest& request);
  /// One block while `others` are idle (and stopped).
  BlockResult run_block(LiveReplicate& live, const BlockRequest& request, std::span<LiveReplicate* const> others);
  /// The blocks of a duet at the same time, each process confined to its CPU; of one alone if its partner has failed.
  /// Limits, brackets and marks are each one's own; if one fails, the other's block counts for itself.
  std::vector<BlockResult> run_together(std::span<const DuetPart> parts);
  void check(LiveReplicate& live);
  /// Asks for replicate metrics if the worker describes any.
  void evaluate(LiveReplicate& live);
  void finish(LiveReplicate& live);
  /// One execution of a treatment's command: a replicate of one block; its set-up before it, if it had none yet.
  std::unique_ptr<LiveReplicate> execute(const ReplicateRequest& request, const BlockRequest& block);
  /// What executions before this one turned out to have put out other than their baseline: slot and ending. Once told, it
  /// is forgotten.
  std::vector<std::pair<plan::Slot, Ending>> take_late_failures();
  /// The cleanup of every command whose set-up was begun, or that was executed. Also after an interruption.
  void clean_up();
  /// Marks a replicate as ended by `ending`: kills it, journals it, tells the person.
  void fail(LiveReplicate& live, Ending ending);
  /// Other work on the machine spoilt it: its round is lost, its treatment is tried again in the next.
  void give_up_disturbed(LiveReplicate& live);

  /// Writes a line. A failed write is remembered: see `broken`.
  void record(Json line);
  void record_last(Json line);  // with the seal of the run folder
  void sync();
  /// Kills what belongs to no live replicate.
  void sweep() { keeper_.sweep(); }

  /// The journal could not be written: the run must stop, with this message.
  const std::optional<Error>& broken() const { return broken_; }
  bool must_stop() const { return broken_ || interrupt_ || !keeper_.alive(); }
  bool interrupted() const { return interrupt_; }
  bool keeper_lost() const { return !keeper_.alive(); }

  /// Ids go on from here (a resumed run).
  void continue_from(int next_replicate) { next_replicate_ = next_replicate; }

  /// Where the wall time went, s.
  struct Costs {
    double blocks = 0, settling = 0, preparing = 0, checking = 0;
  };
  const Costs& costs() const { return costs_; }
  const plan::Plan& plan() const { return plan_; }
  const Machine& machine() const { return machine_; }
  Trace& trace() { return trace_; }
  /// Libraries and devices by worker name, as described.
  const std::map<std::string, Json>& workers() const { return workers_; }
  /// The metrics of every description, in the order in which they were first heard.
  const std::vector<Metric>& described_metrics() const { return described_metrics_; }

 private:
  Exchange ask(LiveReplicate& live, const std::string& request, double limit_s);
  /// For check and evaluate: nullopt if interrupted, or if the worker can't do it, which spoils no time.
  template <class T>
  std::optional<T> ask_untimed(LiveReplicate& live, const std::string& request,
                               protocol::Reply<T> (*parse)(std::string_view), Ending& ending);
  std::unique_ptr<LiveReplicate> open(const ReplicateRequest& request);
  Launch launch_of(const LiveReplicate& live, const std::vector<std::string>& argv, bool give_input,
                   const std::string& folder) const;
  /// An untimed step of a command, "setup", "prepare" or "cleanup"; nothing if it has none.
  Ending run_step(LiveReplicate& live, const std::string& step, const std::vector<std::string>& words,
                  const std::filesystem::path& out, const InterruptFlag& interrupt);
  /// Of a Google Benchmark its own iterations and their real time; of any other command one iteration, the process.
  struct Timed {
    std::int64_t iterations = 1;
    double elapsed_s = 0;
  };
  /// What the execution gave beside the time of its process, which `timed` holds; `finished` is its end.
  Ending read_results(const LiveReplicate& live, const WorkerProcess::Finished& finished, const std::filesystem::path& out,
                      Timed& timed, std::map<std::string, double>& metrics, Json& hashes);
  /// Where the treatment's processes run, `folder` being relative to the experiment's.
  std::filesystem::path place_of(const LiveReplicate& live, const std::string& folder) const;
  bool in_reference(const LiveReplicate& live) const;
  /// Remembers it in case that its output turns out to be wrong.
  void remember(const LiveReplicate& live);
  void end_replicate(LiveReplicate& live, Ending ending, bool disturbed);
  void record_replicate(const LiveReplicate& live, Phase phase);
  void learn(const LiveReplicate& live, const std::string& worker);
  void follow(const LiveReplicate& live);
  void stay_on(const std::vector<int>& wanted);
  void judge(LiveReplicate& live, const BlockRequest& request, const protocol::RunResult& run, const Exchange& exchange,
             std::int64_t idle_ns, BlockResult& result) const;
  /// Judges, records and remembers a block that has ended. `cpu` < 0: where the process was started; `concurrent` < 0: alone.
  BlockResult take_block(LiveReplicate& live, const BlockRequest& request, const Exchange& exchange, std::int64_t idle_ns,
                         int cpu, int concurrent);
  Json keep_samples(const LiveReplicate& live, const std::vector<double>& samples);
  std::string run_text(const BlockRequest& request) const;
  double block_limit_s(const LiveReplicate& live, const BlockRequest& request) const;

  const plan::Plan& plan_;
  const Machine& machine_;
  Keeper keeper_;
  record::Journal* journal_;
  std::filesystem::path folder_;
  Trace& trace_;
  const InterruptFlag& interrupt_;
  std::optional<Error> broken_;
  int next_replicate_ = 1;
  int last_active_ = -1;             // replicate of the previous block
  std::map<int, int> last_on_;       // by CPU: likewise, in a duet
  std::vector<int> own_cpus_;        // where the supervisor itself runs now
  Costs costs_;
  std::map<std::string, Json> workers_;
  std::vector<Metric> described_metrics_;
  std::map<int, Ending> set_up_;     // by treatment: how its set-up went; also those without one, once executed
  OutputComparison outputs_;
  std::map<int, std::unique_ptr<LiveReplicate>> unjudged_;  // executions of this round whose output is compared later
};

}  // namespace assay::run
