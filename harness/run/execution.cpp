// One execution of a command: any program, unchanged. A fresh process and an empty {out} folder each time; wall time, CPU
// time, peak memory and exit status come free, further metrics from what it wrote. What is done around it (set-up, preparation,
// cleanup) is not timed.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/wait.h>

#include <cmath>
#include <fstream>
#include <regex>
#include <sstream>

#include "harness/core/hash.hpp"
#include "harness/core/units.hpp"
#include "harness/plan/placeholder.hpp"
#include "harness/run/clock.hpp"
#include "harness/run/google_benchmark.hpp"
#include "harness/run/log_tail.hpp"
#include "harness/run/session.hpp"

namespace assay::run {

namespace {

constexpr std::size_t kMostOutput = 16 * 1024 * 1024;
constexpr std::size_t kMostMetrics = 1024 * 1024;
constexpr std::size_t kMostFile = 64 * 1024 * 1024;  // of a file whose bytes are compared
constexpr std::size_t kKeptOutput = 16 * 1024;       // of output that nobody reads: for the message if it fails

const plan::CommandSpec& command_of(const plan::Plan& plan, const plan::Slot& slot) {
  const int command = plan.treatments[static_cast<std::size_t>(slot.treatment)].command;
  return plan.experiment.commands[static_cast<std::size_t>(command)];
}

std::vector<std::string> filled_words(const plan::CommandSpec& command, const std::vector<std::string>& words,
                                      const Assigned& assigned, const std::filesystem::path& out) {
  std::vector<std::string> argv;
  if (!command.shell.empty()) argv = {command.shell, "-c"};
  for (const std::string& word : words) argv.push_back(plan::filled(word, assigned.levels, assigned.seed, out.string()));
  return argv;
}

Ending invalid(std::string reason) { return {Outcome::invalid_output, std::move(reason)}; }

constexpr const char* kBenchmarkFile = "benchmark.json";

/// At most `most` bytes of it.
Result<std::string> read_whole(const std::filesystem::path& file, std::size_t most, std::string_view what) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{fmt::format("it wrote no {} {}", what, file.filename().string())};
  std::string text(most + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > most) return Error{fmt::format("{} is larger than {} MiB", file.filename().string(), most >> 20)};
  return text;
}

/// Flat JSON: every finite number or boolean is a metric; text is ignored.
Ending read_metrics_file(const std::filesystem::path& file, std::map<std::string, double>& metrics) {
  const auto text = read_whole(file, kMostMetrics, "metrics file");
  if (!text) return invalid(text.error().message);
  const auto parsed = parse_json(*text);
  if (!parsed) return invalid(fmt::format("{} is {}", file.filename().string(), parsed.error().message));
  if (!parsed->is_object()) return invalid(fmt::format("{} is not one flat JSON object", file.filename().string()));
  for (const auto& [name, value] : parsed->items()) {
    if (value.is_number() && std::isfinite(value.get<double>())) metrics[name] = value.get<double>();
    if (value.is_boolean()) metrics[name] = value.get<bool>() ? 1 : 0;
  }
  return {};
}

/// The last match of each expression on standard output: a script that prints its accuracy every epoch means the last.
Ending read_output(const std::string& output, const std::vector<std::pair<std::string, std::string>>& expressions,
                   std::map<std::string, double>& metrics) {
  for (const auto& [name, expression] : expressions) {
    const std::regex pattern(expression);
    std::string found;
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {  // by line: std::regex recurses on long texts
      if (line.size() > 10'000) continue;
      std::smatch match;
      if (std::regex_search(line, match, pattern)) found = match[1].str();
    }
    if (found.empty()) return invalid(fmt::format("nothing on standard output matches {} = '{}'", name, expression));
    char* end = nullptr;
    const double value = std::strtod(found.c_str(), &end);
    if (end != found.c_str() + found.size() || !std::isfinite(value)) {
      return invalid(fmt::format("metric {}: '{}' on standard output is no finite number", name, found));
    }
    metrics[name] = value;
  }
  return {};
}

}  // namespace

Ending Session::run_step(LiveReplicate& live, const std::string& step, const std::vector<std::string>& words,
                         const std::filesystem::path& out, const InterruptFlag& interrupt) {
  if (words.empty()) return {};
  const plan::CommandSpec& command = command_of(plan_, live.slot);
  const auto argv = filled_words(command, words, live.assigned, out);
  trace_.dialogue(live.label, true, fmt::format("{}: {}", step, fmt::join(argv, " ")));
  const std::int64_t begin = now_ns();
  Ending ending;
  auto process = WorkerProcess::start(keeper_, launch_of(live, argv, false, command.folder), {live.assigned.memory_bytes}, interrupt);
  if (!process) {
    ending = {Outcome::crashed, process.error().message};
  } else {
    const auto finished = (*process)->wait(plan_.experiment.limits.start_s, kKeptOutput, WorkerProcess::Surplus::is_dropped);
    if (finished.interrupted) return {Outcome::timed_out, "interrupted"};
    if (!finished.output.empty()) trace_.dialogue(live.label, false, finished.output);
    ending = finished.ending;
    if (ending.ok() && finished.exit->status != 0) {
      ending = {Outcome::crashed, fmt::format("exited with status {}", finished.exit->status)};
    }
    if (!ending.ok()) fill_empty_log(folder_ / live.log, finished.output);
  }
  if (!ending.ok()) ending.reason = fmt::format("its {} failed: {}", step, ending.reason);
  const double wall_s = static_cast<double>(now_ns() - begin) * 1e-9;
  costs_.preparing += wall_s;
  record({{"type", "step"},
          {"step", step},
          {"replicate", step == "cleanup" ? Json() : Json(live.id)},
          {"treatment", live.treatment_id},
          {"wall_s", wall_s},
          {"outcome", name_of(ending.outcome)},
          {"reason", ending.ok() ? Json() : Json(ending.reason)}});
  return ending;
}

Ending Session::read_results(const LiveReplicate& live, const WorkerProcess::Finished& finished, const std::filesystem::path& out,
                             Timed& timed, std::map<std::string, double>& metrics, Json& hashes) {
  const plan::CommandSpec& command = command_of(plan_, live.slot);
  const auto path_of = [&](const std::string& text) {
    return place_of(live, command.folder) / plan::filled(text, live.assigned.levels, live.assigned.seed, out.string());
  };
  const bool wants_status = plan_.experiment.settings_of("exit_status") != nullptr;  // then a failing program is a result
  if (!wants_status && !command.is_fine(finished.exit->status)) {
    return {Outcome::crashed, fmt::format("exited with status {}", finished.exit->status)};
  }
  if (!command.google_benchmark.empty()) {
    const auto text = read_whole(out / kBenchmarkFile, kMostOutput, "JSON file");
    if (!text) return invalid(text.error().message + "; is it a Google Benchmark executable?");
    const std::string name = plan::filled(command.google_benchmark, live.assigned.levels, live.assigned.seed, "");
    const GoogleBenchmark b = read_google_benchmark(*text, name);
    if (!b.ending.ok()) return b.ending;
    // A time of its own (UseManualTime) is the benchmark's word for whatever it measured; every other lies within the process's.
    if (name.find("/manual_time") == std::string::npos && b.elapsed_s > timed.elapsed_s * b.threads) {
      return invalid(fmt::format("it says that its iterations took {}, its process lived {}", with_unit(b.elapsed_s, "s", 4),
                                 with_unit(timed.elapsed_s, "s", 4)));
    }
    timed = {b.iterations, b.elapsed_s};
    metrics.erase("cpu_s");  // the process's, most of which chose the number of iterations
    for (const auto& [counter, value] : b.metrics) metrics.try_emplace(counter, value);
    if (!metrics.count("cpu_s")) return invalid("its cpu_time is no number of 0 or more");
  }
  if (!command.metrics_file.empty()) {
    if (Ending ending = read_metrics_file(path_of(command.metrics_file), metrics); !ending.ok()) return ending;
  }
  if (Ending ending = read_output(finished.output, command.match, metrics); !ending.ok()) return ending;
  for (const auto& settings : plan_.experiment.metrics) {
    if (settings.declared && !metrics.count(settings.name) && settings.name != "wall_s" && settings.name != "time_s") {
      return invalid(fmt::format("it reported no metric '{}'", settings.name));
    }
  }
  if (!command.compare_output) return {};
  Output output;
  const auto add = [&](const std::string& name, std::string bytes) {
    output.parts.push_back({name, sha256_hex(bytes), std::make_shared<const std::string>(std::move(bytes))});
    hashes[name] = output.parts.back().sha256;
  };
  add("standard output", finished.output);
  for (const std::string& file : command.outputs) {
    auto bytes = read_output_file(path_of(file), kMostFile);
    if (!bytes) return invalid(bytes.error().message);
    add(file, *std::move(bytes));
  }
  const int treatment = live.slot.treatment;
  const int baseline = plan_.treatments[static_cast<std::size_t>(treatment)].baseline.value_or(treatment);
  return outputs_.enter(live.round, treatment, baseline, live.id, std::move(output));
}

void Session::remember(const LiveReplicate& live) {
  if (!unjudged_.empty() && unjudged_.begin()->second->round != live.round) unjudged_.clear();
  auto copy = std::make_unique<LiveReplicate>();
  copy->id = live.id;
  copy->round = live.round;
  copy->group = live.group;
  copy->slot = live.slot;
  copy->treatment_id = live.treatment_id;
  copy->label = live.label;
  copy->assigned = live.assigned;
  copy->log = live.log;
  unjudged_.emplace(live.id, std::move(copy));
}

std::vector<std::pair<plan::Slot, Ending>> Session::take_late_failures() {
  std::vector<std::pair<plan::Slot, Ending>> failures;
  for (auto& [id, ending] : outputs_.take_late()) {
    const auto found = unjudged_.find(id);
    if (found == unjudged_.end()) continue;
    fail(*found->second, ending);
    failures.emplace_back(found->second->slot, std::move(ending));
    unjudged_.erase(found);
  }
  return failures;
}

void Session::clean_up() {
  const InterruptFlag never{false};  // after an interruption too: whoever interrupts doesn't want to clean up by hand
  for (const auto& [treatment, ending] : set_up_) {
    const plan::Slot slot{treatment, Role::plain};
    const plan::CommandSpec& command = command_of(plan_, slot);
    if (command.cleanup.empty() || !keeper_.alive()) continue;
    auto live = open({.round = 0, .group = 0, .slot = slot, .phase = Phase::rehearsal, .seed = plan::round_plan(plan_, 0, 1).seed});
    live->log = fmt::format("logs/cleanup-{}.stderr", live->treatment_id.substr(0, 8));
    const Ending cleaned = run_step(*live, "cleanup", command.cleanup, folder_ / "outputs", never);
    if (cleaned.ok()) continue;
    const std::string text = fmt::format("{}: {}; what it measured stands, what it should have removed may still be there", live->label, cleaned.reason);
    record({{"type", "note"}, {"kind", "cleanup_failed"}, {"text", text}});
    trace_.failure(text + "\n" + tail_of_log(folder_ / live->log));
  }
  set_up_.clear();
}

std::unique_ptr<LiveReplicate> Session::execute(const ReplicateRequest& request, const BlockRequest& block) {
  std::int64_t begin = now_ns();
  auto live = open(request);
  const plan::CommandSpec& command = command_of(plan_, request.slot);
  const std::filesystem::path out =
      folder_ / "outputs" / fmt::format("r{:03}-{:05}-{}", request.round, live->id, live->treatment_id.substr(0, 8));
  std::error_code made;
  std::filesystem::create_directories(out, made);
  if (made && live->ending.ok()) live->ending = {Outcome::crashed, fmt::format("{}: {}", out.string(), made.message())};
  record_replicate(*live, request.phase);
  if (!live->ending.ok()) {
    fail(*live, live->ending);
    return live;
  }
  auto argv = filled_words(command, command.run, live->assigned, out);
  if (!command.google_benchmark.empty()) {
    const std::string name = plan::filled(command.google_benchmark, live->assigned.levels, live->assigned.seed, "");
    for (std::string& flag : google_benchmark_flags(name, (out / kBenchmarkFile).string())) argv.push_back(std::move(flag));
  }
  follow(*live);
  Launch launch = launch_of(*live, argv, false, command.folder);
  if (!command.input.empty()) {
    const std::string input = plan::filled(command.input, live->assigned.levels, live->assigned.seed, "");
    launch.input_file = (std::filesystem::path(launch.folder) / input).lexically_normal().string();
  }

  std::map<std::string, double> metrics;
  Json hashes = Json::object();
  double wall_s = 0;
  Timed timed;
  std::int64_t cpu_ns = 0;
  const auto [setup, is_first] = set_up_.try_emplace(request.slot.treatment);
  if (is_first) {
    const std::int64_t setup_begin = now_ns();
    setup->second = run_step(*live, "setup", command.setup, out, interrupt_);
    begin += now_ns() - setup_begin;  // it is no cost of each execution
  }
  Ending ending = setup->second;
  if (ending.ok()) ending = run_step(*live, "prepare", command.prepare, out, interrupt_);
  if (must_stop()) {
    live->ending = {Outcome::timed_out, "interrupted"};
    return live;
  }
  if (ending.ok()) {
    trace_.dialogue(live->label, true, fmt::format("{}", fmt::join(argv, " ")));
    auto process = WorkerProcess::start(keeper_, launch, {live->assigned.memory_bytes}, interrupt_);
    if (!process) {
      ending = {Outcome::crashed, process.error().message};
    } else {
      live->process = *std::move(process);
      const bool is_read = !command.match.empty() || command.compare_output;
      const auto finished = live->process->wait(plan_.experiment.limits.block_s, is_read ? kMostOutput : kKeptOutput,
                                                is_read ? WorkerProcess::Surplus::is_an_error : WorkerProcess::Surplus::is_dropped);
      if (finished.interrupted) {
        live->ending = {Outcome::timed_out, "interrupted"};
        return live;
      }
      if (!finished.output.empty()) trace_.dialogue(live->label, false, finished.output);
      ending = finished.ending;
      if (finished.exit) {
        wall_s = static_cast<double>(finished.exit->end_ns - finished.start_ns) * 1e-9;
        cpu_ns = finished.exit->cpu_ns;
        metrics["cpu_s"] = static_cast<double>(cpu_ns) * 1e-9;
        metrics["peak_memory_bytes"] = static_cast<double>(finished.peak_memory_bytes);
        if (finished.exit->code == CLD_EXITED) metrics["exit_status"] = finished.exit->status;
      }
      timed.elapsed_s = wall_s;
      if (ending.ok()) ending = read_results(*live, finished, out, timed, metrics, hashes);
      if (!ending.ok()) fill_empty_log(folder_ / live->log, finished.output);
    }
  }
  costs_.blocks += wall_s;
  record({{"type", "block"},
          {"round", live->round},
          {"group", live->group},
          {"replicate", live->id},
          {"treatment", live->treatment_id},
          {"role", name_of(live->slot.role)},
          {"phase", name_of(block.phase)},
          {"quad", block.quad},
          {"position", block.position},
          {"predecessor", last_active_ < 0 ? Json() : Json(last_active_)},
          {"iterations", timed.iterations},
          {"elapsed", ending.ok() ? Json(timed.elapsed_s) : Json()},
          {"unit", "s"},
          {"clock", name_of(Clock::wall)},
          {"settled_ns", 0},
          {"bracket_ns", static_cast<std::int64_t>(wall_s * 1e9)},
          {"cpu_ns", cpu_ns},
          {"marks", Json::array()},
          {"metrics", metrics.empty() ? Json::object() : Json(metrics)},
          {"counters", Json::object()},
          {"outputs", std::move(hashes)},
          {"outcome", name_of(ending.outcome)},
          {"reason", ending.ok() ? Json() : Json(ending.reason)}});
  last_active_ = live->id;
  live->execution_s = wall_s;
  if (!ending.ok()) fail(*live, ending);
  if (ending.ok() && command.compare_output) remember(*live);
  if (ending.ok() && !command.google_benchmark.empty()) std::filesystem::remove(out / kBenchmarkFile, made);  // the journal has it
  std::filesystem::remove(out, made);  // only if the program left it empty
  live->start_s = static_cast<double>(now_ns() - begin) * 1e-9 - wall_s;
  return live;
}

}  // namespace assay::run
