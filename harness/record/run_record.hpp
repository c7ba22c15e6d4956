// A run folder, read back: the raw record from which every table is derived. Compact: 100,000 blocks fit in
// a few tens of megabytes.
//
//     Result<RunRecord> run = read_run("results/matmul-ladder/ladder/20261124T101500Z-1a2b3c4d");
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/block.hpp"
#include "harness/core/json.hpp"
#include "harness/core/metric.hpp"
#include "harness/core/outcome.hpp"
#include "harness/core/protocol.hpp"
#include "harness/core/treatment.hpp"

namespace assay::record {

inline constexpr int kSchema = 1;

/// What one counter gave over those of a process's blocks that had it: the estimated ones, or, of energy, whose registers
/// tick about every millisecond, the tail's and those of a second and more. An emulated process's are its simulated ones.
struct CounterTotal {
  int counter = 0;              // index into RunRecord::counter_names
  double total = 0;             // in the counter's unit
  std::int64_t iterations = 0;
  double elapsed_s = 0;         // 0 if the blocks' clock counts no time
};

/// What a process ran with beside the levels of its treatment. Equal ones are there once.
struct Setting {
  int cpus = 0;                                                // how many it was given; 0: not said
  std::vector<std::pair<std::string, std::string>> libraries;  // name → version, by name
  std::vector<std::pair<std::string, std::string>> inputs;     // file → SHA-256, by name

  auto operator<=>(const Setting&) const = default;
};

/// One process of one treatment (the journal's "replicate" line, completed by "check", "evaluate", "end_replicate").
struct Replicate {
  int id = 0;                      // unique in the run
  int round = 0;                   // 0: rehearsal
  int group = 0;
  int treatment = -1;              // index into RunRecord::treatments, or, if its role is peak, into peaks
  Role role = Role::plain;
  Phase phase = Phase::measure;    // rehearsal for a rehearsed one, simulated for an emulated one (both in round 0)
  double start_s = 0;              // from spawn to the reply to prepare
  std::int64_t resident_bytes = 0; // after prepare
  std::vector<std::pair<std::string, double>> work;     // of one whole iteration: flop, bytes
  std::optional<protocol::Modelled> modelled;
  std::optional<protocol::Checked> checked;
  std::vector<std::pair<std::string, double>> metrics;  // scope replicate or once, from evaluate; imported rows repeat a name
  std::vector<CounterTotal> counters;                   // those with a number; of a modelled treatment they are the part's
  int answers = -1;                // index into RunRecord::answers; -1: none are known
  int setting = -1;                // index into RunRecord::settings
  Ending ending;                   // how it ended: its first failure, or ok
  Ending check;                    // as the check was answered; `unsupported` leaves `ending` ok
  Ending evaluation;               // likewise
  bool disturbed = false;          // it failed because other work on the machine stole its time, not by its own doing
  bool abandoned = false;          // its round was interrupted
  std::string libraries;           // of an emulated one, "isa avx2": an emulator may know fewer instructions
};

struct Block {
  int round = 0;
  int group = 0;
  int replicate = 0;
  int treatment = -1;
  int quad = 0;
  int position = 0;                // within the round's group
  int predecessor = -1;            // replicate whose block came before; -1 for the first
  Role role = Role::plain;
  Phase phase = Phase::measure;
  Outcome outcome = Outcome::ok;
  std::uint8_t marks = 0;          // Mark bits
  Clock clock = Clock::wall;
  std::int64_t iterations = 0;     // that count; a slowed control executed `planted` times as many
  double elapsed_s = 0;            // in seconds (or the clock's own unit for instructions and cycles)
  double step_s = 0;               // 1 µs or 1 ms where it is a whole number of them, else 0
  std::int64_t settled_ns = 0;
  std::int64_t bracket_ns = 0;
  std::int64_t cpu_ns = 0;
  std::vector<std::pair<int, double>> metrics;  // index into RunRecord::metric_names → value per iteration

  bool estimated() const { return outcome == Outcome::ok && phase == Phase::measure && !(marks & (kStolen | kAbandoned)); }
};

/// The single iterations of one process's tail block: raw data, which the run folder keeps in a file of its own.
struct Tail {
  int replicate = 0;           // its number
  std::vector<double> values;  // one an iteration, ascending; in seconds (or the clock's own unit)
};

/// `abandoned`: a resume took it up again, under the same number. `interrupted`: the journal ends inside it.
enum class RoundState { complete, abandoned, interrupted };

/// What evaluate answered, item by item. Equal answers to the same questions are there once.
struct Answers {
  std::string predictions_sha256;
  std::string labels_sha256;
  std::vector<bool> right;         // by item
};

/// One attempt at a round of measurement (the rehearsal, round 0, is none), in order of execution.
struct Round {
  int number = 0;
  RoundState state = RoundState::interrupted;
};

/// The run that this one goes on from (assay run --extend), as the manifest has it.
struct Extended {
  std::string run;                 // its folder's name
  std::string journal_sha256;
  int rounds = 0;                  // that it had, those of the runs before it included
  int looks = 0;                   // reports that were made of these rounds before this run began
};

/// Where the journal of an earlier run stands below a run that extends it: `number` from 1 on, the first run first.
std::filesystem::path extended_journal(int number);

/// One side of a comparison: a treatment, or one of its control copies, or (an index into peaks) one of the peaks.
struct Side {
  int treatment = -1;
  Role role = Role::plain;

  auto operator<=>(const Side&) const = default;
};

/// What the manifest fixed before the first block, in the form that readers need; `manifest` has the rest.
struct RunRecord {
  std::filesystem::path folder;
  std::string experiment_text;     // experiment.toml, frozen
  std::string published_text;      // published.toml, or empty
  Json manifest;
  std::string experiment;          // name
  std::string preset;
  std::vector<Treatment> treatments;       // factors only, plan order
  std::vector<std::string> ids;
  std::vector<Treatment> peaks;            // the machine's limits that rode along
  std::vector<Metric> metrics;             // planned metrics, primary ones first
  std::vector<std::string> metric_names;   // of `metrics`, then of block metrics that were not planned
  std::vector<std::string> counter_names;  // in the order in which blocks brought them
  int elapsed_metric = -1;                 // index of what Block::elapsed_s measures; -1: no planned metric
  std::vector<Replicate> replicates;       // in order of start
  std::vector<Block> blocks;               // in order of execution
  std::map<Side, std::vector<std::uint32_t>> blocks_by_side;  // indexes into blocks; read by blocks_of
  std::vector<Tail> tails;                 // in order of execution; of abandoned and failed replicates too
  std::vector<Round> rounds;
  std::vector<Answers> answers;            // of replicates that sent predictions and labels
  std::vector<Setting> settings;           // of replicates
  std::vector<Ending> rehearsal;           // per treatment; ok, or what its cells carry
  std::vector<std::pair<std::string, std::string>> notes;  // kind, text: torn_tail, resumed, disk_full, …
  std::optional<double> slowed_by;         // planted ratio of the positive control, e.g. 1.02
  std::string stopped_by;                  // rounds, precision, budget, interrupt; "" if the run never ended
  std::vector<Extended> extends;           // the runs whose rounds are read before this one's own, the first run first
  Json calibration;                        // the "calibration" line's fields, a later one's laid over; null: none yet
  Json end = Json::object();               // the journal's "end" line: wall_s, supervisor_cpu_s; empty if the run never ended
};

/// Verifies the chain while reading; a torn last line is dropped and noted. Unknown line types and fields are ignored.
Result<RunRecord> read_run(const std::filesystem::path& folder);

/// RUN of the command line → folder: a path, a unique prefix, an experiment's name (its newest run), "latest".
Result<std::filesystem::path> find_run(std::string_view name, const std::filesystem::path& results);

/// What a run folder is called: "." and "runs/x/" name one, too.
std::string run_name(const std::filesystem::path& folder);

/// All run folders of `experiment` below `results`, the newest first; empty if there is none.
std::vector<std::filesystem::path> runs_of(std::string_view experiment, const std::filesystem::path& results);

/// The blocks of one side, of any phase and outcome, in order of execution.
inline auto blocks_of(const RunRecord& run, Side side) {
  static const std::vector<std::uint32_t> kNone;
  const auto found = run.blocks_by_side.find(side);
  const auto& places = found == run.blocks_by_side.end() ? kNone : found->second;
  return std::views::transform(places, [&run](std::uint32_t place) -> const Block& { return run.blocks[place]; });
}

/// The smallest step of this side's clock: of seconds as the machine showed it, or the µs or ms that all its blocks are whole numbers
/// of; of cycles and instructions 1.
double clock_tick(const RunRecord& run, Side side);

/// What those of its blocks that count took, in the clock's unit.
std::vector<double> elapsed_of(const RunRecord& run, Side side);

// ── Paired values, as the statistics want them ────────────────────────────────────────────────────
/// The values per iteration of both blocks of both sides in one quad; in a single pass of the one block of each, twice.
struct QuadValues {
  double of1 = 0, of2 = 0, to1 = 0, to2 = 0;
  int quad = 0;                    // its number in the round, from 0
};
struct PairedRound {
  int round = 0;
  std::vector<QuadValues> quads;
};

/// Per complete round in which both sides lived in one group and neither failed: the quads whose four blocks
/// all count. `metric` is an index into metric_names; the elapsed metric is time per iteration, times the
/// replicate's modelled factor. With several shared groups a round's quads are joined.
std::vector<PairedRound> paired_rounds(const RunRecord& run, Side of, Side to, int metric);

/// A side's sampled tail in one group of a complete round.
struct SideTail {
  int round = 0;
  int group = 0;
  const Tail* tail = nullptr;  // into RunRecord::tails
};
/// In order of rounds; of processes that ended well. A modelled side has none: the percentile of a part isn't
/// the whole's.
std::vector<SideTail> side_tails(const RunRecord& run, Side side);

/// Per complete round: the values of a side's blocks that count (scope block) or of its replicates.
struct SideRound {
  int round = 0;
  std::vector<double> values;
};
std::vector<SideRound> side_rounds(const RunRecord& run, Side side, int metric);

}  // namespace assay::record
