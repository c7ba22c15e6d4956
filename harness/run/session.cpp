#include "harness/run/session.hpp"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness/core/hash.hpp"
#include "harness/core/units.hpp"
#include "harness/plan/placeholder.hpp"
#include "harness/plan/suite.hpp"
#include "harness/record/run_folder.hpp"
#include "harness/record/samples.hpp"
#include "harness/record/seal.hpp"
#include "harness/run/clock.hpp"
#include "harness/run/command_line.hpp"
#include "harness/run/log_tail.hpp"
#include "harness/run/simulation.hpp"

namespace assay::run {

namespace {

constexpr double kDisturbedShare = 0.005;          // of the block, used by workers that should be idle
constexpr std::int64_t kUnexplained_ns = 2'000'000;
constexpr double kUnexplainedShare = 0.20;
constexpr double kLeastCpuShare = 0.95;            // of what this work used before
constexpr std::int64_t kLeastCpuDeficit_ns = 200'000;  // below it a wake-up from another core explains the difference
constexpr double kLeastCpuDeficitShare = 0.05;     // of the block: below it work that mostly waits is not told from noise
constexpr std::size_t kRememberedShares = 31;

Json reason_of(const Ending& ending) { return ending.ok() ? Json() : Json(ending.reason); }

/// The share of a processor that this work is expected to get: what it got in its last blocks, disturbed or not, so that
/// a machine that changes for good is not refused for ever. The median; of work on several CPUs the lower decile, since a
/// JVM's compiler threads come and go.
double expected_share(std::vector<double> shares) {
  std::sort(shares.begin(), shares.end());
  const double median = shares[shares.size() / 2];
  return median <= 1.02 ? median : std::max(1.0, shares[shares.size() / 10]);
}

/// The counters that are numbers: a process's first block says why it lacks the others, and the next 10,000 needn't.
Json without_reasons(const Json& counters) {
  Json numbers = Json::object();
  for (const auto& [name, value] : counters.items()) {
    if (value.is_number()) numbers[name] = value;
  }
  return numbers;
}

bool is_number(const Json& counters, const char* name) { return counters.contains(name) && counters[name].is_number(); }

bool has_energy(const Json& counters) {
  return std::any_of(counters.items().begin(), counters.items().end(), [](const auto& counter) {
    return counter.key().starts_with("energy_") && counter.value().is_number();
  });
}

void bind_to(const std::vector<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(static_cast<std::size_t>(cpu), &set);
  sched_setaffinity(0, sizeof set, &set);
}

}  // namespace

Session::Session(const plan::Plan& plan, const Machine& machine, Keeper keeper, record::Journal* journal,
                 std::filesystem::path folder, Trace& trace, const InterruptFlag& interrupt)
    : plan_(plan),
      machine_(machine),
      keeper_(std::move(keeper)),
      journal_(journal),
      folder_(std::move(folder)),
      trace_(trace),
      interrupt_(interrupt),
      own_cpus_(machine.cpus) {}

void Session::record(Json line) {
  if (!journal_ || broken_) return;
  if (auto written = journal_->append(std::move(line)); !written) broken_ = written.error();
}

void Session::record_last(Json line) {
  if (!journal_ || broken_) return;
  if (auto written = journal_->append_last(record::sealed(std::move(line), folder_)); !written) broken_ = written.error();
}

void Session::sync() {
  if (!journal_ || broken_) return;
  if (auto done = journal_->sync(); !done) broken_ = done.error();
}

std::unique_ptr<LiveReplicate> Session::open(const ReplicateRequest& request) {
  auto live = std::make_unique<LiveReplicate>();
  live->id = next_replicate_++;
  live->round = request.round;
  live->group = request.group;
  live->slot = request.slot;
  const bool peak = request.slot.role == Role::peak;
  const auto index = static_cast<std::size_t>(request.slot.treatment);
  const Treatment& shown = peak ? plan_.peaks[index] : plan_.treatments[index].treatment;
  const Treatment& full = peak ? plan_.peaks[index] : plan_.treatments[index].assignment;
  live->treatment_id = shown.id();
  live->label = shown.label();
  live->log = fmt::format("logs/r{:03}-{:05}-{}.stderr", request.round, live->id, live->treatment_id.substr(0, 8));
  std::error_code ignored;
  std::filesystem::create_directories(folder_ / "logs", ignored);
  auto assigned = assign(full, plan_.experiment.limits, machine_, request.seed);
  if (assigned) {
    live->assigned = *std::move(assigned);
    if (plan_.experiment.placement == plan::Placement::duet) {  // an even place in the order is the first core's
      live->assigned.cpus = {machine_.cores.at(request.core)};
      live->assigned.levels.set("threads", Level(std::int64_t{1}));
    }
  } else {
    live->ending = {Outcome::unsupported, assigned.error().message};
  }
  return live;
}

bool Session::in_reference(const LiveReplicate& live) const {
  return live.slot.role != Role::peak && plan_.treatments[static_cast<std::size_t>(live.slot.treatment)].in_reference;
}

std::filesystem::path Session::place_of(const LiveReplicate& live, const std::string& folder) const {
  const plan::Experiment& e = plan_.experiment;
  const std::string filled = plan::filled(folder, live.assigned.levels, live.assigned.seed, "");
  const std::filesystem::path place = filled.empty() ? e.folder : (e.folder / filled).lexically_normal();
  return in_reference(live) ? e.against->folder_of(place, e.folder) : place;
}

Launch Session::launch_of(const LiveReplicate& live, const std::vector<std::string>& argv, bool give_input,
                          const std::string& folder) const {
  Launch launch;
  launch.argv = in_reference(live) ? plan_.experiment.against->words_of(argv, plan_.experiment.folder) : argv;
  launch.set = environment_for(live.assigned, machine_, padding_of(plan_.experiment.seed, live.round, live.id), live.round);
  launch.folder = place_of(live, folder).string();
  launch.cpus = live.assigned.cpus.empty() ? machine_.cpus : live.assigned.cpus;
  launch.error_log = (folder_ / live.log).string();
  launch.give_input = give_input;
  return launch;
}

void Session::record_replicate(const LiveReplicate& live, Phase phase) {
  Json line{{"type", "replicate"},
            {"replicate", live.id},
            {"round", live.round},
            {"group", live.group},
            {"treatment", live.treatment_id},
            {"role", name_of(live.slot.role)},
            {"phase", name_of(phase)},
            {"cpus", live.assigned.cpus},
            {"padding", padding_of(plan_.experiment.seed, live.round, live.id)},
            {"seed", live.assigned.seed},
            {"start_s", live.start_s},
            {"resident_bytes", live.resident_bytes},
            {"work", live.prepared.work.empty() ? Json::object() : Json(live.prepared.work)},
            {"modelled", nullptr},
            {"worker", live.description.worker},
            {"libraries", live.description.libraries},
            {"inputs", live.prepared.inputs.empty() ? Json::object() : Json(live.prepared.inputs)},
            {"log", live.log},
            {"outcome", name_of(live.ending.outcome)},
            {"reason", reason_of(live.ending)}};
  if (live.prepared.modelled) {
    line["modelled"] = {{"factor", live.prepared.modelled->factor}, {"note", live.prepared.modelled->note}};
  }
  record(std::move(line));
}

void Session::learn(const LiveReplicate& live, const std::string& worker) {
  const auto& d = live.description;
  const auto known_worker = workers_.find(worker);
  Json inputs = known_worker == workers_.end() ? Json::object() : known_worker->second.at("inputs");
  workers_[worker] = {{"worker", d.worker}, {"device", d.device}, {"libraries", d.libraries}, {"inputs", std::move(inputs)}};
  if (live.slot.role == Role::peak) return;
  for (const Metric& m : d.metrics) {
    const bool known = std::any_of(described_metrics_.begin(), described_metrics_.end(),
                                   [&](const Metric& k) { return k.name == m.name; });
    if (!known) described_metrics_.push_back(m);
  }
}

/// The supervisor runs where the worker runs (a round trip is then 5 µs instead of 117), but stays out of the way of
/// a worker with several threads.
void Session::follow(const LiveReplicate& live) {
  stay_on(live.assigned.cpus.size() == 1 ? live.assigned.cpus : machine_.cpus);
}

void Session::stay_on(const std::vector<int>& wanted) {
  if (wanted == own_cpus_ || wanted.empty()) return;
  bind_to(wanted);
  own_cpus_ = wanted;
}

Exchange Session::ask(LiveReplicate& live, const std::string& request, double limit_s) {
  trace_.dialogue(live.label, true, request);
  Exchange exchange = live.process->ask(request, limit_s);
  if (!exchange.line.empty()) trace_.dialogue(live.label, false, exchange.line);
  return exchange;
}

std::unique_ptr<LiveReplicate> Session::start(const ReplicateRequest& request) {
  auto live = open(request);
  const plan::Experiment& experiment = plan_.experiment;
  const std::int64_t begin = now_ns();
  const auto finish_start = [&](Ending ending) {
    live->start_s = static_cast<double>(now_ns() - begin) * 1e-9;
    costs_.preparing += live->start_s;
    live->ending = std::move(ending);
    record_replicate(*live, request.phase);
    if (!live->ending.ok()) fail(*live, live->ending);
    return std::move(live);
  };
  if (!live->ending.ok()) return finish_start(live->ending);

  std::string worker_name = "peak";
  std::string worker_folder;
  std::vector<std::string> argv{(machine_.libexec / "assay_peak_worker").string()};
  if (request.slot.role != Role::peak) {
    const int worker = plan_.treatments[static_cast<std::size_t>(request.slot.treatment)].worker;
    const plan::WorkerSpec& spec = experiment.workers[static_cast<std::size_t>(worker)];
    worker_name = spec.name;
    argv = spec.command;
    worker_folder = spec.folder;
    for (const std::string& needed : spec.requirements) {
      if (const auto r = plan::check_requirement(needed); r.missing) return finish_start({Outcome::unsupported, *r.missing});
    }
  }
  std::filesystem::path emulator_out;
  if (request.phase == Phase::simulated) {
    emulator_out = std::filesystem::absolute(folder_) / "outputs" / fmt::format("simulated-{:05}", live->id) / "callgrind.";
    auto emulated = emulated_command(argv, emulator_out);
    if (!emulated) return finish_start({Outcome::unsupported, emulated.error().message});
    argv = *std::move(emulated);
    live->patience = kEmulatedPatience;
  }
  follow(*live);
  Launch launch = launch_of(*live, argv, true, worker_folder);
  if (!emulator_out.empty()) {
    live->scratch = emulator_out.parent_path();
    std::error_code made;
    std::filesystem::create_directories(live->scratch, made);
    if (made) return finish_start({Outcome::crashed, fmt::format("{}: {}", live->scratch.string(), made.message())});
    launch.set.emplace_back("ASSAY_CALLGRIND_OUT", emulator_out.string());
  }
  auto process = WorkerProcess::start(keeper_, launch, {live->assigned.memory_bytes}, interrupt_);
  if (!process) return finish_start({Outcome::crashed, process.error().message});
  live->process = *std::move(process);

  const double limit_s = live->patience * experiment.limits.start_s;
  const auto left_s = [&] { return std::max(0.001, limit_s - static_cast<double>(now_ns() - begin) * 1e-9); };
  Exchange exchange = ask(*live, protocol::describe_request(), left_s());
  if (exchange.interrupted) return finish_start({Outcome::timed_out, "interrupted"});
  if (!exchange.ending.ok()) return finish_start(exchange.ending);
  auto description = protocol::parse_description(exchange.line);
  if (!description.ok()) return finish_start(description.ending);
  live->description = *std::move(description.value);
  if (request.phase != Phase::simulated) learn(*live, worker_name);

  exchange = ask(*live, protocol::prepare_request(live->assigned.levels, live->assigned.cpus, live->assigned.seed), left_s());
  if (exchange.interrupted) return finish_start({Outcome::timed_out, "interrupted"});
  if (!exchange.ending.ok()) return finish_start(exchange.ending);
  auto prepared = protocol::parse_prepared(exchange.line);
  if (!prepared.ok()) return finish_start(prepared.ending);
  live->prepared = *std::move(prepared.value);
  for (const auto& [name, hash] : live->prepared.inputs) {
    if (request.phase != Phase::simulated) workers_[worker_name]["inputs"][name] = hash;
  }
  live->process->scan_tree();
  live->resident_bytes = live->process->resident_bytes();
  return finish_start({});
}

void Session::end_replicate(LiveReplicate& live, Ending ending, bool disturbed) {
  finish(live);
  live.ending = std::move(ending);
  if (interrupt_) return;  // what an interrupted replicate looks like is nobody's fault
  record({{"type", "failed"},
          {"replicate", live.id},
          {"outcome", name_of(live.ending.outcome)},
          {"reason", live.ending.reason},
          {"disturbed", disturbed},
          {"log", live.log}});
}

void Session::give_up_disturbed(LiveReplicate& live) {
  end_replicate(live,
                {Outcome::invalid_output, fmt::format("{} of its {} blocks had time stolen by other work on the machine",
                                                      live.stolen_blocks, live.measured_blocks)},
                true);
  trace_.note(fmt::format("{}: round {} is lost: {}", live.label, live.round, live.ending.reason));
}

void Session::fail(LiveReplicate& live, Ending ending) {
  end_replicate(live, std::move(ending), false);
  if (interrupt_) return;
  if (live.ending.outcome == Outcome::unsupported) {
    trace_.note(fmt::format("{}: unsupported: {}", live.label, live.ending.reason));
    return;
  }
  std::string text = fmt::format("{}: {}: {}\n{}", live.label, name_of(live.ending.outcome), live.ending.reason,
                                 tail_of_log(folder_ / live.log));
  if (journal_) text += fmt::format("    log: {}\n", (folder_ / live.log).string());
  const bool is_of_file = !plan_.experiment.path.empty() || !plan_.experiment.suite.empty();
  if (live.slot.role != Role::peak && is_of_file) {
    std::string levels;
    const auto& planned = plan_.treatments[static_cast<std::size_t>(live.slot.treatment)];
    for (const auto& [name, level] : planned.treatment.levels()) levels += fmt::format(" {}", shell_word(fmt::format("{}={}", name, shortest(level))));
    text += fmt::format("    repeat it: assay try {} --treatment{} -v", experiment_word(plan_.experiment), levels);
  }
  trace_.failure(text);
}

/// Marks a block by the rules of METHODOLOGY, or turns it into invalid_output.
void Session::judge(LiveReplicate& live, const BlockRequest& request, const protocol::RunResult& run,
                    const Exchange& exchange, std::int64_t idle_ns, BlockResult& result) const {
  const double bracket = static_cast<double>(exchange.bracket_ns);
  const auto seconds = protocol::seconds_in(run.unit);
  const bool real_time = seconds && run.clock == Clock::wall;
  const double elapsed_ns = seconds ? run.elapsed * *seconds * 1e9 : 0;
  const double tick_ns = seconds ? std::max(1.0, *seconds * 1e9) : 0;
  if (real_time && elapsed_ns > bracket + tick_ns) {
    result.ending = {Outcome::invalid_output,
                     fmt::format("it says the block took {}, the time between request and reply was {}",
                                 with_unit(elapsed_ns * 1e-9, "s", 4), with_unit(bracket * 1e-9, "s", 4))};
    return;
  }
  if (request.samples && !run.samples.empty()) {
    if (std::ssize(run.samples) != request.executed) {
      result.ending = {Outcome::invalid_output,
                       fmt::format("it sent {} samples for {} iterations", run.samples.size(), request.executed)};
      return;
    }
    const double sum = std::accumulate(run.samples.begin(), run.samples.end(), 0.0);
    const double resolution = static_cast<double>(run.samples.size()) + 1;  // each may be off by a tick of the unit
    if (sum > run.elapsed * (1 + 1e-9) + resolution) {
      result.ending = {Outcome::invalid_output, fmt::format("its samples add up to {} {}, its block took {}", significant(sum), run.unit,
                                                            significant(run.elapsed))};
      return;
    }
  }
  if (static_cast<double>(idle_ns) > kDisturbedShare * bracket) result.marks |= kDisturbed;
  if (run.clock == Clock::instructions) return;  // counted, whoever else wanted the processor meanwhile
  bool stolen = false;
  if (real_time) {
    const double unexplained = bracket - static_cast<double>(run.settled_ns) - elapsed_ns;
    stolen = unexplained > std::max(static_cast<double>(kUnexplained_ns), kUnexplainedShare * bracket);
  }
  const double share = static_cast<double>(exchange.cpu_ns) / std::max(1.0, bracket);
  if (!live.cpu_shares.empty()) {
    const double expected = expected_share(live.cpu_shares);
    const double deficit_ns = (expected - share) * bracket;
    const double least_ns = std::max(static_cast<double>(kLeastCpuDeficit_ns), kLeastCpuDeficitShare * bracket);
    stolen = stolen || (share < kLeastCpuShare * expected && deficit_ns > least_ns);
  }
  if (stolen && request.phase == Phase::measure) result.marks |= kStolen;
  live.cpu_shares.push_back(share);
  if (live.cpu_shares.size() > kRememberedShares) live.cpu_shares.erase(live.cpu_shares.begin());
}

std::string Session::run_text(const BlockRequest& request) const {
  return protocol::run_request(request.executed, request.settle_ns, request.samples);
}

double Session::block_limit_s(const LiveReplicate& live, const BlockRequest& request) const {
  return live.patience * plan_.experiment.limits.block_s + static_cast<double>(request.settle_ns) * 1e-9;
}

/// The samples as a file of the run folder, one number a line in the order of the iterations; what the block's line says of it.
Json Session::keep_samples(const LiveReplicate& live, const std::vector<double>& samples) {
  std::string text;
  text.reserve(samples.size() * 8);
  for (const double sample : samples) text += record::sample_line(sample);
  const std::string file = fmt::format("outputs/r{:03}-{:05}-{}.samples", live.round, live.id, live.treatment_id.substr(0, 8));
  std::error_code ignored;
  std::filesystem::create_directories(folder_ / "outputs", ignored);
  if (journal_ && !broken_) {
    if (auto written = record::write_atomically(folder_ / file, text); !written) broken_ = written.error();
  }
  return {{"file", file}, {"sha256", sha256_hex(text)}, {"count", samples.size()}};
}

BlockResult Session::run_block(LiveReplicate& live, const BlockRequest& request, std::span<LiveReplicate* const> others) {
  const auto idle_cpu = [&] {
    std::int64_t sum = 0;
    for (const LiveReplicate* other : others) {
      if (other != &live && other->usable()) sum += other->process->cpu_ns();
    }
    return sum;
  };
  follow(live);
  live.process->resume();
  const std::int64_t idle_before = idle_cpu();
  const Exchange exchange = ask(live, run_text(request), block_limit_s(live, request));
  const std::int64_t idle_ns = idle_cpu() - idle_before;
  return take_block(live, request, exchange, idle_ns, -1, -1);
}

std::vector<BlockResult> Session::run_together(std::span<const DuetPart> parts) {
  std::vector<int> elsewhere;  // for the supervisor, where the machine has a third CPU
  for (const int cpu : machine_.cpus) {
    if (std::none_of(parts.begin(), parts.end(), [&](const DuetPart& part) { return part.cpu == cpu; })) elsewhere.push_back(cpu);
  }
  stay_on(parts.size() == 2 && elsewhere.empty() ? machine_.cpus : elsewhere);
  std::vector<std::string> requests;
  for (const DuetPart& part : parts) {
    part.live->process->move_to(part.cpu);
    requests.push_back(run_text(part.request));
  }
  for (const DuetPart& part : parts) part.live->process->resume();
  std::vector<Exchange> exchanges;
  if (parts.size() == 1) {
    exchanges.push_back(ask(*parts[0].live, requests[0], block_limit_s(*parts[0].live, parts[0].request)));
  } else {
    std::array<WorkerProcess::Question, 2> questions;
    for (std::size_t i = 0; i < 2; ++i) {
      trace_.dialogue(parts[i].live->label, true, requests[i]);
      questions[i] = {parts[i].live->process.get(), requests[i], block_limit_s(*parts[i].live, parts[i].request)};
    }
    for (Exchange& exchange : WorkerProcess::ask_both(questions)) {
      const auto& part = parts[exchanges.size()];
      if (!exchange.line.empty()) trace_.dialogue(part.live->label, false, exchange.line);
      exchanges.push_back(std::move(exchange));
    }
  }
  std::vector<BlockResult> results;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const int concurrent = parts.size() == 2 ? parts[1 - i].live->id : -1;
    results.push_back(take_block(*parts[i].live, parts[i].request, exchanges[i], 0, parts[i].cpu, concurrent));
  }
  return results;
}

BlockResult Session::take_block(LiveReplicate& live, const BlockRequest& request, const Exchange& exchange, std::int64_t idle_ns,
                                int cpu, int concurrent) {
  BlockResult result;
  if (exchange.interrupted) {
    result.ending = {Outcome::timed_out, "interrupted"};
    return result;
  }
  if (live.description.may_be_stopped) live.process->stop();

  result.ending = exchange.ending;
  protocol::RunResult run;
  if (result.ending.ok()) {
    auto reply = protocol::parse_run(exchange.line);
    result.ending = reply.ending;
    if (reply.ok()) run = *std::move(reply.value);
  }
  if (result.ending.ok()) judge(live, request, run, exchange, idle_ns, result);
  if (result.ending.ok()) {
    const auto seconds = protocol::seconds_in(run.unit);
    result.per_iteration = run.elapsed * seconds.value_or(1) / static_cast<double>(request.iterations);
    costs_.blocks += seconds ? run.elapsed * *seconds : 0;
    costs_.settling += static_cast<double>(run.settled_ns) * 1e-9;
    result.counts_energy = has_energy(run.counters);
    result.counts_instructions = is_number(run.counters, "instructions");
  }
  if (live.reasons_told) run.counters = without_reasons(run.counters);
  live.reasons_told = live.reasons_told || !run.counters.empty();
  Json marks = Json::array();
  for (const Mark mark : {kDisturbed, kStolen}) {
    if (result.marks & mark) marks.push_back(name_of(mark));
  }
  int& before = cpu < 0 ? last_active_ : last_on_.try_emplace(cpu, -1).first->second;
  Json line{{"type", "block"},
            {"round", live.round},
            {"group", live.group},
            {"replicate", live.id},
            {"treatment", live.treatment_id},
            {"role", name_of(live.slot.role)},
            {"phase", name_of(request.phase)},
            {"quad", request.quad},
            {"position", request.position},
            {"predecessor", before < 0 ? Json() : Json(before)},
            {"iterations", request.iterations},
            {"elapsed", result.ending.ok() ? Json(run.elapsed) : Json()},
            {"unit", run.unit},
            {"clock", name_of(run.clock)},
            {"settled_ns", run.settled_ns},
            {"bracket_ns", exchange.bracket_ns},
            {"cpu_ns", exchange.cpu_ns},
            {"marks", std::move(marks)},
            {"metrics", run.metrics.empty() ? Json::object() : Json(run.metrics)},
            {"counters", std::move(run.counters)},
            {"outcome", name_of(result.ending.outcome)},
            {"reason", reason_of(result.ending)}};
  if (cpu >= 0) {
    line["cpu"] = cpu;
    line["concurrent"] = concurrent < 0 ? Json() : Json(concurrent);
  }
  if (request.samples && result.ending.ok() && !run.samples.empty()) line["samples"] = keep_samples(live, run.samples);
  record(std::move(line));
  before = live.id;
  last_active_ = live.id;
  if (!result.ending.ok()) fail(live, result.ending);
  return result;
}

template <class T>
std::optional<T> Session::ask_untimed(LiveReplicate& live, const std::string& request,
                                      protocol::Reply<T> (*parse)(std::string_view), Ending& ending) {
  const std::int64_t begin = now_ns();
  live.process->resume();
  const Exchange exchange = ask(live, request, live.patience * plan_.experiment.limits.block_s);
  costs_.checking += static_cast<double>(now_ns() - begin) * 1e-9;
  if (exchange.interrupted) return std::nullopt;
  ending = exchange.ending;
  if (!ending.ok()) return T{};
  protocol::Reply<T> reply = parse(exchange.line);
  ending = reply.ending;
  if (ending.outcome == Outcome::unsupported) return std::nullopt;  // without an oracle, say: spoils no time
  return reply.ok() ? *std::move(reply.value) : T{};
}

void Session::check(LiveReplicate& live) {
  if (!live.usable()) return;
  Ending ending;
  const auto answer = ask_untimed(live, protocol::check_request(), &protocol::parse_checked, ending);
  if (!answer) return;
  const protocol::Checked& checked = *answer;
  if (ending.ok() && !(checked.max_error <= checked.tolerance)) {
    ending = {Outcome::wrong_answer, fmt::format("its error {} is above the tolerance {} ({})", significant(checked.max_error),
                                                 significant(checked.tolerance), checked.rule)};
  }
  record({{"type", "check"},
          {"replicate", live.id},
          {"max_error", checked.max_error},
          {"tolerance", checked.tolerance},
          {"rule", checked.rule},
          {"outcome", name_of(ending.outcome)},
          {"reason", reason_of(ending)}});
  if (!ending.ok()) fail(live, ending);
}

void Session::evaluate(LiveReplicate& live) {
  const bool asked = std::any_of(live.description.metrics.begin(), live.description.metrics.end(),
                                 [](const Metric& m) { return m.scope != Scope::block; });
  if (!asked || !live.usable()) return;
  Ending ending;
  const auto answer = ask_untimed(live, protocol::evaluate_request(), &protocol::parse_evaluated, ending);
  const bool is_refused = ending.outcome == Outcome::unsupported;
  if (!answer && !is_refused) return;
  const protocol::Evaluated evaluated = answer.value_or(protocol::Evaluated{});
  std::string hash;
  if (!evaluated.predictions_base64.empty()) {
    hash = sha256_hex(evaluated.predictions_base64);
    std::error_code ignored;
    std::filesystem::create_directories(folder_ / "outputs", ignored);
    // Equal predictions are stored once: their name is their hash.
    const auto file = folder_ / "outputs" / (hash.substr(0, 16) + ".predictions");
    if (!std::filesystem::exists(file)) {
      if (auto written = record::write_atomically(file, evaluated.predictions_base64); !written) broken_ = written.error();
    }
  }
  if (!evaluated.labels_base64.empty()) {
    const auto file = folder_ / "outputs" / (evaluated.labels_sha256.substr(0, 16) + ".labels");
    if (!std::filesystem::exists(file)) {
      if (auto written = record::write_atomically(file, evaluated.labels_base64); !written) broken_ = written.error();
    }
  }
  record({{"type", "evaluate"},
          {"replicate", live.id},
          {"metrics", evaluated.metrics.empty() ? Json::object() : Json(evaluated.metrics)},
          {"items", evaluated.items},
          {"labels_sha256", evaluated.labels_sha256},
          {"predictions_sha256", hash},
          {"labels", !evaluated.labels_base64.empty()},
          {"outcome", name_of(ending.outcome)},
          {"reason", reason_of(ending)}});
  if (!ending.ok() && !is_refused) fail(live, ending);
}

void Session::finish(LiveReplicate& live) {
  if (live.process) live.process->end();
  std::error_code ignored;
  if (!live.scratch.empty()) std::filesystem::remove_all(live.scratch, ignored);
}

}  // namespace assay::run
