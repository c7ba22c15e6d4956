// One execution of an experiment's [command]: any program, unchanged. A fresh process and an empty {out} folder each
// time; wall time, CPU time, peak memory and exit status come free, further metrics from what it wrote.
#include <fmt/format.h>
#include <sys/wait.h>

#include <cmath>
#include <fstream>
#include <regex>
#include <sstream>

#include "harness/plan/placeholder.hpp"
#include "harness/run/clock.hpp"
#include "harness/run/session.hpp"

namespace assay::run {

namespace {

constexpr std::size_t kMostOutput = 16 * 1024 * 1024;
constexpr std::size_t kMostMetrics = 1024 * 1024;

Ending invalid(std::string reason) { return {Outcome::invalid_output, std::move(reason)}; }

/// Flat JSON: every finite number or boolean is a metric; text is ignored.
Ending read_metrics_file(const std::filesystem::path& file, std::map<std::string, double>& metrics) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return invalid(fmt::format("it wrote no metrics file {}", file.filename().string()));
  std::string text(kMostMetrics + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMostMetrics) return invalid(fmt::format("{} is larger than 1 MiB", file.filename().string()));
  const auto parsed = parse_json(text);
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

std::unique_ptr<LiveReplicate> Session::execute(const ReplicateRequest& request, const BlockRequest& block) {
  auto live = open(request);
  const plan::CommandSpec& command = *plan_.experiment.command;
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
  std::vector<std::string> argv;
  const auto filled = [&](const std::string& text) {
    return plan::filled(text, live->assigned.levels, live->assigned.seed, out.string());
  };
  for (const std::string& word : command.run) argv.push_back(filled(word));
  std::string shown;
  for (const std::string& word : argv) shown += (shown.empty() ? "" : " ") + word;
  trace_.dialogue(live->label, true, shown);
  follow(*live);

  std::map<std::string, double> metrics;
  Ending ending;
  double wall_s = 0;
  std::int64_t cpu_ns = 0;
  auto process = WorkerProcess::start(keeper_, launch_of(*live, argv, false), {live->assigned.memory_bytes}, interrupt_);
  if (!process) {
    ending = {Outcome::crashed, process.error().message};
  } else {
    live->process = *std::move(process);
    const auto finished = live->process->wait(plan_.experiment.limits.block_s, kMostOutput);
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
    const bool wants_status = plan_.experiment.settings_of("exit_status") != nullptr;  // then a failing program is a result
    if (ending.ok() && finished.exit->status != 0 && !wants_status) {
      ending = {Outcome::crashed, fmt::format("exited with status {}", finished.exit->status)};
    }
    if (ending.ok() && !command.metrics_file.empty()) {
      ending = read_metrics_file(filled(command.metrics_file), metrics);
    }
    if (ending.ok()) ending = read_output(finished.output, command.match, metrics);
    for (const auto& settings : plan_.experiment.metrics) {
      if (ending.ok() && settings.declared && !metrics.count(settings.name) && settings.name != "wall_s") {
        ending = invalid(fmt::format("it reported no metric '{}'", settings.name));
      }
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
          {"iterations", 1},
          {"elapsed", ending.ok() ? Json(wall_s) : Json()},
          {"unit", "s"},
          {"clock", name_of(Clock::wall)},
          {"settled_ns", 0},
          {"bracket_ns", static_cast<std::int64_t>(wall_s * 1e9)},
          {"cpu_ns", cpu_ns},
          {"marks", Json::array()},
          {"metrics", metrics.empty() ? Json::object() : Json(metrics)},
          {"counters", Json::object()},
          {"outcome", name_of(ending.outcome)},
          {"reason", ending.ok() ? Json() : Json(ending.reason)}});
  last_active_ = live->id;
  live->start_s = wall_s;
  if (!ending.ok()) fail(*live, ending);
  std::filesystem::remove(out, made);  // only if the program left it empty
  return live;
}

}  // namespace assay::run
