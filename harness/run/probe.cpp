#include "harness/run/probe.hpp"

#include <fmt/format.h>

#include "harness/core/protocol.hpp"
#include "harness/run/worker_process.hpp"

namespace assay::run {

namespace {

constexpr double kLimit_s = 20;

Json unavailable(const std::string& reason) { return {{"reason", reason}}; }

/// `argv` as one thread on the best CPU, its standard error dropped.
Launch launch_alone(const Machine& machine, std::vector<std::string> argv, Assigned& assigned) {
  if (!machine.cpus.empty()) assigned.cpus = {machine.cpus.front()};
  Launch launch;
  launch.argv = std::move(argv);
  launch.set = environment_for(assigned, machine, 0);
  launch.cpus = assigned.cpus;
  launch.error_log = "/dev/null";
  return launch;
}

}  // namespace

Json probe_worker(const Machine& machine, const InterruptFlag& interrupt) {
  auto keeper = Keeper::start();
  if (!keeper) return unavailable(keeper.error().message);
  Assigned assigned;
  assigned.levels = Treatment({{"peak", std::string("fma")}, {"precision", std::string("f64")}, {"threads", std::int64_t{1}}});
  const Launch launch = launch_alone(machine, {(machine.libexec / "assay_peak_worker").string()}, assigned);
  auto process = WorkerProcess::start(*keeper, launch, {}, interrupt);
  if (!process) return unavailable(process.error().message);
  Exchange exchange = (*process)->ask(protocol::describe_request(), kLimit_s);
  if (exchange.ending.ok()) exchange = (*process)->ask(protocol::prepare_request(assigned.levels, assigned.cpus, 1), kLimit_s);
  const auto prepared = protocol::parse_prepared(exchange.line);
  if (!exchange.ending.ok() || !prepared.ok()) return unavailable(exchange.ending.ok() ? prepared.ending.reason : exchange.ending.reason);
  exchange = (*process)->ask(protocol::run_request(100, 2'000'000, false), kLimit_s);
  const auto run = protocol::parse_run(exchange.line);
  if (!exchange.ending.ok() || !run.ok()) return unavailable(exchange.ending.ok() ? run.ending.reason : exchange.ending.reason);
  Json probed{{"counters", run.value->counters}};
  const auto flop = prepared.value->work.find("flop");
  if (flop != prepared.value->work.end() && run.value->elapsed > 0) {
    probed["peak_flop_per_s"] = flop->second * 100 / (run.value->elapsed * protocol::seconds_in(run.value->unit).value_or(1));
  }
  return probed;
}

Result<protocol::Description> describe_worker(const std::vector<std::string>& argv, const Machine& machine,
                                              const InterruptFlag& interrupt) {
  auto keeper = Keeper::start();
  if (!keeper) return keeper.error();
  Assigned assigned;
  assigned.levels = Treatment({{"threads", std::int64_t{1}}});
  auto process = WorkerProcess::start(*keeper, launch_alone(machine, argv, assigned), {}, interrupt);
  if (!process) return process.error();
  const Exchange exchange = (*process)->ask(protocol::describe_request(), kLimit_s);
  if (!exchange.ending.ok()) return Error{exchange.ending.reason};
  const auto described = protocol::parse_description(exchange.line);
  if (!described.ok()) return Error{described.ending.reason};
  return *described.value;
}

}  // namespace assay::run
