// An experiment file as data: the question, what is varied, what is held, what is measured, what is claimed.
// docs/FORMAT.md describes the file key by key.
//
//     Result<Experiment> experiment = load_experiment("experiments/paper.toml", suites);
//     if (!experiment) std::cerr << experiment.error().message;   // "paper.toml:14: factor 'batch' has no
//     levels; …"
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/metric.hpp"
#include "harness/core/result.hpp"
#include "harness/core/treatment.hpp"
#include "harness/plan/against.hpp"
#include "harness/plan/replay.hpp"

namespace assay::plan {

enum class Design { factorial, one_factor_at_a_time, list };
std::string_view name_of(Design);

/// How the processes of a round share the machine. `interleaved`: their blocks take turns. `duet`: two at a
/// time, both at once on two physical cores, which they swap, so that interference hits both.
enum class Placement { interleaved, duet };
std::string_view name_of(Placement);

struct Factor {
  std::string name;
  std::vector<Level> levels;
};

/// What a worker or script may use. Past a limit it is killed, and its cell says timed_out or out_of_memory.
struct Limits {
  double start_s = 60;                        // from start to the reply to prepare
  double block_s = 60;                        // one block, check or evaluate; one execution of a command
  std::int64_t memory_bytes = 8'000'000'000;  // resident, of the whole process tree
};

/// "typical": exp of the mean log ratio of paired blocks. "mean": totals over totals: ratio of arithmetic
/// means of costs, of harmonic means of rates.
enum class Estimand { typical, mean };
std::string_view name_of(Estimand);
/// Of a metric whose file doesn't say: mean for rates and energy, whose totals are what counts; else typical.
Estimand default_estimand(const Metric& metric);

/// What the experiment says of one metric; the metric itself may be the worker's (declared is then empty).
struct MetricSettings {
  std::string name;
  std::optional<double>
      margin;  // equivalence margin; ratio metrics: relative, others: absolute. Default 0.01
  std::optional<Estimand> estimand;
  std::optional<Metric> declared;  // from [metrics.X] with unit, direction, kind, scope
  std::vector<std::string>
      statistics;  // asked for beside the default: typical, mean, median, p99; may be empty
};

/// "latency_s" or "latency_s.p99"; without a statistic, the metric's default ("typical").
struct RequestedStatistic {
  std::string metric;
  std::string statistic = "typical";
};

enum class Relation { less, less_equal, greater, greater_equal };
std::string_view symbol_of(Relation);  // "<", "<=", ">", ">="

struct Hypothesis {
  enum class Form { ratio, difference, value };
  std::string id;
  std::string claim;
  RequestedStatistic statistic;
  Form form = Form::ratio;
  Treatment of;  // names exactly one planned treatment
  Treatment to;  // empty for `value`
  Relation relation = Relation::less_equal;
  double bound = 0;  // in base units, or a ratio
  int line = 0;      // of its [[hypothesis]], for messages
};

struct Preset {
  std::string name = "quick";
  int rounds = 7;                          // with a precision_target: of the pilot
  std::optional<double> precision_target;  // half-width of the ratio's 95 % interval, e.g. 0.01
  std::optional<double> budget_s;
  std::optional<double> min_s;  // as many rounds more as measure this long, fixed before the first block
  bool slowed_control = false;  // the planted 2 %; on in `paper`
  double block_s = 0.005;       // wanted length of a timed block; 2–20 ms
  double settle_s = 0.001;      // untimed, at a block's start: what a report's carry-over warning raises
};

/// The treatments that a program serves: factor or control → its levels. Empty: whatever no other one serves.
using When = std::vector<std::pair<std::string, std::vector<Level>>>;

/// A process that speaks the worker protocol.
struct WorkerSpec {
  std::string name = "worker";
  std::vector<std::string> command;  // {libexec}, {suite}, {experiment} already replaced
  std::string folder;  // where it runs, relative to the experiment's; with {factor}; empty: there
  When when;
  std::vector<std::string> requirements;  // "program:java", "file:…", "cpu:avx512f"
};

/// Any other program: one process an execution. The texts may hold {factor}, {seed} and, but for `folder` and
/// `input`, {out}.
struct CommandSpec {
  std::string name = "command";
  // Program and arguments; one text where a shell reads it. All but `run` may be empty: no such step.
  std::vector<std::string> run;
  std::vector<std::string> setup;    // before the treatment's first execution in a run, untimed
  std::vector<std::string> prepare;  // before each execution, untimed
  std::vector<std::string> cleanup;  // after the run's last, untimed
  std::string shell;                 // program that reads the texts after -c; empty: none
  std::string folder;                // where all of it runs, relative to the experiment's; empty: there
  std::string input;                 // file on standard input, relative to `folder`; empty: nothing
  std::string metrics_file;          // flat JSON; empty: none
  std::vector<std::pair<std::string, std::string>>
      match;                         // metric → regular expression with one group, on standard output
  std::string google_benchmark;      // name of one: `run` is a Google Benchmark executable; empty: it isn't
  std::vector<std::string> outputs;  // files whose bytes are output as those on standard output are
  bool compare_output = false;       // output must equal that of the baseline in the same round
  bool ignore_failure = false;       // any exit status is fine
  std::vector<int> fine_statuses;    // exit statuses that are fine beside 0
  int warmup = 0;                    // executions a round that aren't used
  When when;
  int line = 1;  // of its table, for messages

  bool is_fine(int exit_status) const {
    return exit_status == 0 || ignore_failure ||
           std::find(fine_statuses.begin(), fine_statuses.end(), exit_status) != fine_statuses.end();
  }
};

/// How the results are laid out. `comparison` serves any experiment; `ladder` needs the factor it climbs;
/// `pairwise` holds each level of a factor against each other one (pairwise.hpp).
struct Table {
  enum class Kind { comparison, ladder, pairwise };
  Kind kind = Kind::comparison;
  std::string along;  // a factor; empty for a comparison, and where pairs of every factor are wanted
  /// Levels of `along` that are no rungs but what these are held against, a library: each is compared with
  /// the last rung.
  std::vector<Level> ceilings;

  bool is_ceiling(const Level& level) const {
    return std::find(ceilings.begin(), ceilings.end(), level) != ceilings.end();
  }
};
std::string_view name_of(Table::Kind);
std::optional<Table::Kind> table_kind_named(std::string_view name);

/// The ceilings that ride along in the same rounds: loops of hardware/cpu.
struct Peak {
  std::string kind = "fma";
  std::string precision = "f64";                   // f64, f32
  std::vector<Level> threads{std::string("all")};  // a loop of its own for each
  std::string memory;  // "l1" … "dram": reading from this level rides along too; empty: no
};

struct Experiment {
  std::filesystem::path path;    // of the file; empty if it was given as text
  std::filesystem::path folder;  // where commands run: the nearest assay.toml's, else the file's own
  std::string source;            // the file's text, byte for byte: frozen into the run folder
  std::vector<std::string> set;  // "control=value": what of it stands there instead of what the file has
  std::string name;              // "<suite>/<file stem>", or [experiment].name
  std::string title_name;        // [experiment].name as written
  std::string question;
  std::string rationale;
  std::string suite;  // name; empty outside a suite
  std::filesystem::path suite_folder;
  Design design = Design::factorial;
  Placement placement = Placement::interleaved;
  Treatment baseline;  // may name some factors
  std::uint64_t seed = 1;
  std::filesystem::path published;  // file with figures of papers; empty: none

  std::vector<Factor> factors;  // in file order
  std::vector<Treatment> excludes;
  std::vector<Treatment> listed;  // design "list"
  Treatment controls;
  Limits limits;
  std::vector<RequestedStatistic> primary;  // empty: the worker's first metric; wall_s for a command
  std::vector<MetricSettings> metrics;
  std::vector<Hypothesis> hypotheses;
  std::vector<Preset> presets;
  std::vector<WorkerSpec> workers;    // empty where commands do the work
  std::vector<CommandSpec> commands;  // empty where workers do
  Table table;
  std::optional<Peak> peak;
  std::optional<Against>
      against;             // [against]: each treatment stands twice, by `revision`, and these are compared
  std::optional<Replay> replay;  // [replay]: this file is a stored run's, or some rows of it
  bool simulate = false;   // [counters] simulate: one more process a treatment, under an emulator that counts
  std::string shown_name;  // of the file, as messages name it

  /// Every treatment of the design, excludes taken out, in plan order (first factor outermost).
  std::vector<Treatment> treatments() const;
  /// A declared preset, or METHODOLOGY's default for "quick" and "paper". Another name is an Error that lists
  /// those there are.
  Result<Preset> preset(std::string_view name) const;
  /// Index of the worker that serves factors and controls: the one that the factor or control `worker` names,
  /// else the first whose `when` matches, else the one without `when`.
  std::optional<int> worker_for(const Treatment& assignment) const;
  /// The same of commands: by the factor or control `command`.
  std::optional<int> command_for(const Treatment& assignment) const;
  bool runs_google_benchmark() const { return has_commands() && !commands.front().google_benchmark.empty(); }
  bool has_commands() const { return !commands.empty(); }
  /// What an execution of a command gives: wall_s (of a Google Benchmark time_s), cpu_s, peak_memory_bytes,
  /// exit_status, then the declared ones in file order. Empty for workers, which describe their own.
  std::vector<Metric> command_metrics() const;
  const MetricSettings* settings_of(std::string_view metric) const;
  double margin_of(
      std::string_view metric) const;  // 0.01 unless the file says otherwise; [against] has the last word
  /// The percentiles of `metric` that the primary metrics, its own settings or a hypothesis ask for,
  /// ascending.
  std::vector<double> percentiles_of(std::string_view metric) const;
};

/// Reads and checks a whole file. Errors are one message: file, line, what is wrong, what would be right.
/// `suites` are the folders searched for `suite = "…"`; `libexec` replaces {libexec} in suite commands.
struct Places {
  std::vector<std::filesystem::path> suite_paths;  // each holds suite folders
  std::filesystem::path libexec;
  std::filesystem::path cache = {};  // the user's cache folder of Assay: {cache} in [against]
};
Result<Experiment> load_experiment(const std::filesystem::path& file, const Places& places);
/// The same from text; `shown_name` stands in messages.
Result<Experiment> parse_experiment(std::string_view text, std::string_view shown_name,
                                    const std::filesystem::path& file, const Places& places);
/// The frozen copy in a run folder, read on any machine: the same checks of the text, but nothing is looked
/// for on the disk, so that a suite's workers are absent, `folder` is empty and `name` is [experiment].name
/// (the manifest has the full one).
Result<Experiment> parse_frozen_experiment(std::string_view text, std::string_view shown_name);

}  // namespace assay::plan
