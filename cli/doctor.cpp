// assay doctor: can this machine be measured on? Every noise source, what it costs here, and how to mend it.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <random>

#include "cli/blas_kernels.hpp"
#include "cli/certificate.hpp"
#include "cli/control_pool.hpp"
#include "cli/examination.hpp"
#include "cli/finding.hpp"
#include "cli/machine_sheet.hpp"
#include "cli/places.hpp"
#include "cli/preparation.hpp"
#include "cli/signals.hpp"
#include "cli/terminal.hpp"
#include "cli/time_span.hpp"
#include "cli/verb.hpp"
#include "cli/yardstick.hpp"
#include "hardware/cpu/environment.hpp"
#include "harness/core/units.hpp"
#include "harness/plan/suite.hpp"
#include "harness/run/file_lock.hpp"

namespace assay::cli {

namespace {

struct Options {
  bool quick = false;
  bool all = false;
  bool json = false;
  bool sheet = false;
  std::optional<std::string> aa;  // BUDGET as it was written
};

/// 64 MiB of memory are not worth an out-of-memory kill.
bool has_memory_for_pages(const Json& environment) {
  constexpr double kEnough = 512e6;
  for (const char* name : {"memory_available_bytes", "cgroup_memory_bytes"}) {
    if (environment[name].is_number() && environment[name].get<double>() < kEnough) return false;
  }
  return true;
}

/// The measuring of everything but BLAS, 2 s; what can't be measured is left out.
void measure(Observations& seen, run::Trace& trace) {
  using Clock = std::chrono::steady_clock;
  trace.progress(0.05, "watching a CPU for detours");
  const auto before = hardware::read_process_times();
  const auto begin = Clock::now();
  if (auto watch = hardware::watch_cpu(seen.cpus.front())) {
    seen.watch = *std::move(watch);
  } else {
    trace.note("warning: " + watch.error().message);
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  seen.busy = hardware::busiest(before, hardware::read_process_times(), seconds, {getpid()}, std::numeric_limits<std::size_t>::max());
  seen.environment_after = hardware::read_environment();
  if (interrupted() || !has_memory_for_pages(seen.facts["environment"])) return;
  trace.progress(0.2, "reading memory in small and huge pages");
  if (const auto pages = hardware::measure_pages()) {
    seen.pages = *pages;
  } else {
    trace.note("warning: huge pages: " + pages.error().message);
  }
}

std::vector<Program> look_for_programs() {
  std::vector<Program> programs;
  for (const auto& [name, purpose] : {std::pair{"pandoc", "HTML reports"}, {"gnuplot", "figures"}, {"python3", "Python workers"}, {"java", "the Java rung"}}) {
    const std::string missing = plan::check_requirement(fmt::format("program:{}", name)).missing.value_or("");
    const std::string arrow = "→ ";  // the reason stands before it
    const std::size_t at = missing.find(arrow);
    programs.push_back({name, purpose, at == std::string::npos ? missing : missing.substr(at + arrow.size())});
  }
  return programs;
}

Result<Observations> observe(const Options& options, run::Trace& trace) {
  const AllPlaces places = find_places({});
  const auto lock = run::lock_machine(interrupted(), [&](const std::string& sentence) { trace.note(sentence); });
  if (!lock) return lock.error();
  trace.progress(0, "looking at the machine");
  const auto machine = look_at_machine(places, true);
  if (!machine) return machine.error();
  Observations seen;
  if (auto topology = hardware::read_topology()) seen.topology = *std::move(topology);
  seen.facts = machine->facts;
  seen.cpus = machine->cpus;
  for (const char* name : kPoolVariables) {
    if (const char* value = std::getenv(name)) seen.pool_variables[name] = value;
  }
  seen.programs = look_for_programs();
  if (!options.quick && !seen.cpus.empty()) measure(seen, trace);
  if (!interrupted()) seen.blas = look_at_blas(places, *machine, !options.quick, trace, interrupted());
  if (interrupted()) return Error{"interrupted"};
  return seen;
}

/// What the controls that are kept say of this machine.
std::vector<Finding> look_at_controls(const Json& facts) {
  return findings_of(certify(read_controls(controls_file(), machine_key(facts)).controls));
}

/// A seed of 53 bits, whole in everybody's JSON.
std::uint64_t drawn_seed() {
  return (std::uint64_t{std::random_device{}()} << 21 ^ std::random_device{}()) & ((std::uint64_t{1} << 53) - 1);
}

/// What `--aa` added.
struct Added {
  int comparisons = 0;
  int alarms = 0;
  double seconds = 0;
  std::string without_result;  // how the last comparison that gave none ended
};

/// Comparisons of the yardstick with itself until `budget_s` is used up or somebody presses Ctrl-C; each is kept when it is made.
Result<Added> compare_yardstick(const AllPlaces& places, const run::Machine& machine, double budget_s, run::Trace& trace) {
  using Clock = std::chrono::steady_clock;
  const auto opened = Yardstick::open(places, machine);
  if (!opened) return opened.error();
  const auto began = Clock::now();
  const auto spent_s = [&] { return std::chrono::duration<double>(Clock::now() - began).count(); };
  Added added;
  double longest_s = 0;
  run::Trace silent;  // one line for all of them
  for (YardstickWish wish{.seed = drawn_seed()}; !interrupted(); ++wish.seed) {
    trace.progress(spent_s() / budget_s, fmt::format("comparing a program with itself ({} of them different)", added.alarms));
    const auto comparison = opened->compare(wish, silent, interrupted());
    if (interrupted()) break;
    if (!comparison) return comparison.error();
    added.without_result = comparison->ratio && comparison->p ? "" : comparison->reason;
    if (added.without_result.empty()) {
      const auto kept = append_controls(controls_file(), controls_of(comparison->run, comparison->report));
      if (!kept) return Error{fmt::format("{}; set XDG_STATE_HOME to a folder that can be written", kept.error().message)};
      ++added.comparisons;
      added.alarms += *comparison->p < kAlpha;
    }
    longest_s = std::max(longest_s, comparison->wall_s);
    if (spent_s() + longest_s > budget_s) break;
  }
  added.seconds = spent_s();
  return added;
}

int doctor_aa(const Options& options) {
  const auto budget_s = seconds_in(*options.aa);
  if (!budget_s) return complain(kUsage, budget_s.error().message, options.json);
  if (controls_file().empty()) {
    return complain(kUsage, "--aa: neither XDG_STATE_HOME nor HOME says where to keep the comparisons; set one", options.json);
  }
  const AllPlaces places = find_places({});
  Result<Added> added = Error{};
  Json facts;
  {
    TerminalTrace trace;
    const auto lock = run::lock_machine(interrupted(), [&](const std::string& sentence) { trace.note(sentence); });
    if (!lock) return complain(kOwnFailure, lock.error().message, options.json);
    const auto machine = look_at_machine(places, false);
    if (!machine) return complain(kOwnFailure, machine.error().message, options.json);
    facts = machine->facts;
    added = compare_yardstick(places, *machine, *budget_s, trace);
  }
  if (!added) return complain(kOwnFailure, added.error().message, options.json);
  if (added->comparisons == 0 && !added->without_result.empty()) {
    return complain(kOwnFailure, fmt::format("no comparison had a result: {}", added->without_result), options.json);
  }
  const std::vector<Finding> findings = look_at_controls(facts);
  if (options.json) {
    print(to_json(findings));
    return kDone;
  }
  std::cout << fmt::format("Added {} of a program with itself in {}{}: {} called different.\n", reports::counted(added->comparisons, "comparison"),
                           duration_text(added->seconds), interrupted() ? " (interrupted)" : "", added->alarms);
  std::cout << lines_of(findings, terminal_width(), wants_color());
  return kDone;
}

int doctor(const Options& options) {
  if (options.aa) return doctor_aa(options);
  Result<Observations> seen = Error{};
  {
    TerminalTrace trace;
    seen = observe(options, trace);
  }
  if (!seen) return complain(kOwnFailure, seen.error().message, options.json);
  std::vector<Finding> findings = examine(*seen);
  for (Finding& finding : look_at_controls(seen->facts)) findings.push_back(std::move(finding));
  sort_by_cost(findings);
  Json sheet;
  if (options.sheet) {
    run::Machine machine;
    machine.facts = seen->facts;
    machine.cpus = seen->cpus;
    sheet = machine_sheet(machine, SheetWish::anew);
    if (interrupted()) return complain(kOwnFailure, "interrupted", options.json);
  }
  if (options.json) {
    OrderedJson document = to_json(findings);
    if (options.sheet) {
      const bool there = sheet.contains("ceilings");
      document.push_back({{"name", "machine sheet"},
                          {"status", there ? "ok" : "unavailable"},
                          {"value", there ? "the machine's limits" : sheet.value("reason", "")},
                          {"advice", nullptr},
                          {"cost", nullptr},
                          {"sheet", OrderedJson(sheet)}});
    }
    print(document);
  } else {
    std::cout << (options.all ? full_text(findings, terminal_width(), wants_color()) : brief_text(findings, terminal_width(), wants_color()));
    if (options.sheet) std::cout << '\n' << sheet_text(sheet);
  }
  return kDone;
}

}  // namespace

void add_doctor(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("doctor", "Can this machine be measured on? What disturbs, what that costs here, how to mend it");
  verb->add_flag("--quick", options->quick, "Only look: leave out what has to be measured (some seconds)");
  verb->add_flag("-v,--all", options->all, "Every finding, what is fine too, with its advice");
  CLI::Option* sheet = verb->add_flag("--sheet", options->sheet, "Also measure the machine's limits anew: peaks, bandwidth, latency (half a minute)");
  verb->add_option("--aa", options->aa, "Only compare a program with itself, for so long (60s, 5m, 1h; default 60s): how often is that called different here?")
      ->expected(0, 1)
      ->default_str("60s")
      ->excludes(sheet);
  verb->add_flag("--json", options->json, "One JSON document: a list of {name, status, value, advice, cost}");
  verb->footer("Example: assay doctor");
  verb->callback([&action, options] { action = [options] { return doctor(*options); }; });
}

}  // namespace assay::cli
