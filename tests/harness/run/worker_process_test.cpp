// Every way in which a worker can misbehave, the outcome it must get, and that nothing of it is left.
#include "harness/run/worker_process.hpp"

#include <csignal>

#include <thread>

#include "harness/core/protocol.hpp"
#include "tests/catch.hpp"
#include "tests/harness/run/processes.hpp"

using namespace assay;
using namespace assay::run;
using testing::eventually;
using testing::FakeWorker;

namespace {

constexpr double kPatience_s = 60;  // of requests that must be answered

const InterruptFlag kNever{false};

Keeper started_keeper() {
  auto keeper = Keeper::start();
  REQUIRE(keeper);
  return *std::move(keeper);
}

std::unique_ptr<WorkerProcess> start(Keeper& keeper, const FakeWorker& fake, ProcessLimits limits = {},
                                     const InterruptFlag& interrupt = kNever) {
  Launch launch;
  launch.argv = {fake.program().string()};
  launch.error_log = fake.log().string();
  auto process = WorkerProcess::start(keeper, launch, limits, interrupt);
  if (!process) FAIL(process.error().message);
  return *std::move(process);
}

std::unique_ptr<WorkerProcess> start_shell(Keeper& keeper, const FakeWorker& fake, const std::string& script,
                                           ProcessLimits limits = {}, const InterruptFlag& interrupt = kNever) {
  Launch launch;
  launch.argv = {"/bin/sh", "-c", script};
  launch.folder = fake.folder().string();
  launch.error_log = fake.log().string();
  launch.give_input = false;
  auto process = WorkerProcess::start(keeper, launch, limits, interrupt);
  if (!process) FAIL(process.error().message);
  return *std::move(process);
}

/// A shell that answers one line a request, by this script.
std::unique_ptr<WorkerProcess> start_answering(Keeper& keeper, const FakeWorker& fake, const std::string& script, ProcessLimits limits = {},
                                               const InterruptFlag& interrupt = kNever) {
  Launch launch;
  launch.argv = {"/bin/sh", "-c", "read request; " + script};
  launch.folder = fake.folder().string();
  launch.error_log = fake.log().string();
  auto process = WorkerProcess::start(keeper, launch, limits, interrupt);
  if (!process) FAIL(process.error().message);
  return *std::move(process);
}

std::string prepare(std::vector<std::pair<std::string, Level>> levels) {
  return protocol::prepare_request(Treatment(std::move(levels)), {}, 1);
}

struct Fault {
  const char* name;
  Outcome outcome;
  const char* reason;
  double limit_s = kPatience_s;
};

/// What can be told without understanding a reply.
const std::vector<Fault> kFaults{
    {"segfault", Outcome::crashed, "killed by SIGSEGV"},
    {"exit_3", Outcome::crashed, "exited with status 3"},
    {"kill_itself", Outcome::crashed, "killed by SIGKILL"},
    {"hang", Outcome::timed_out, "no answer within 200 ms", 0.2},
    {"flood", Outcome::invalid_output, "longer than 16 MiB"},
    {"daemon_and_exit", Outcome::crashed, "exited with status 0"},
    {"bare_daemon_and_exit", Outcome::crashed, "exited with status 0"},
    {"close_output", Outcome::invalid_output, "closed its standard output"},
};

}  // namespace

TEST_CASE("a worker answers request by request, with brackets around its work") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  auto worker = start(keeper, fake);
  Exchange exchange = worker->ask(protocol::describe_request(), kPatience_s);
  REQUIRE(exchange.ending.ok());
  CHECK(protocol::parse_description(exchange.line).value->worker == "fake");
  exchange = worker->ask(prepare({{"time_ns", std::int64_t{3'000'000}}}), kPatience_s);
  REQUIRE(exchange.ending.ok());
  exchange = worker->ask(protocol::run_request(2, 0, false), kPatience_s);
  REQUIRE(exchange.ending.ok());
  const auto run = protocol::parse_run(exchange.line);
  REQUIRE(run.ok());
  CHECK(run.value->elapsed == 6'000'000);
  CHECK(exchange.bracket_ns >= 6'000'000);
  CHECK(exchange.cpu_ns > 0);
  CHECK(exchange.cpu_ns < exchange.bracket_ns);
  worker->end();
  CHECK_FALSE(worker->alive());
  CHECK(fake.processes().empty());
}

TEST_CASE("every fault in prepare has its outcome, and nothing is left") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  for (const Fault& fault : kFaults) {
    INFO(fault.name);
    auto worker = start(keeper, fake);
    const Exchange exchange = worker->ask(prepare({{"fault", std::string(fault.name)}, {"at", std::string("prepare")}}), fault.limit_s);
    CHECK(exchange.ending.outcome == fault.outcome);
    CHECK_THAT(exchange.ending.reason, Catch::Matchers::ContainsSubstring(fault.reason));
    CHECK_FALSE(worker->alive());
    worker.reset();
    keeper.sweep();
    CHECK(fake.processes().empty());
  }
}

TEST_CASE("every fault in run has its outcome, and a worker beside it is unharmed") {
  FakeWorker fake;
  FakeWorker healthy;
  Keeper keeper = started_keeper();
  auto neighbour = start(keeper, healthy);
  REQUIRE(neighbour->ask(prepare({{"time_ns", std::int64_t{1000}}}), kPatience_s).ending.ok());
  for (const Fault& fault : kFaults) {
    INFO(fault.name);
    auto worker = start(keeper, fake);
    REQUIRE(worker->ask(prepare({{"fault", std::string(fault.name)}, {"after_runs", std::int64_t{1}}}), kPatience_s).ending.ok());
    REQUIRE(worker->ask(protocol::run_request(1, 0, false), kPatience_s).ending.ok());
    const Exchange exchange = worker->ask(protocol::run_request(1, 0, false), fault.limit_s);
    CHECK(exchange.ending.outcome == fault.outcome);
    CHECK_THAT(exchange.ending.reason, Catch::Matchers::ContainsSubstring(fault.reason));
    worker.reset();
    keeper.sweep();
    CHECK(fake.processes().empty());
    CHECK(neighbour->ask(protocol::run_request(1, 0, false), kPatience_s).ending.ok());
  }
  neighbour->end();
  CHECK(healthy.processes().empty());
}

TEST_CASE("asking a worker that has ended is an outcome, not a wait") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  auto worker = start(keeper, fake);
  CHECK_FALSE(worker->ask(prepare({{"fault", std::string("exit_3")}, {"at", std::string("prepare")}}), kPatience_s).ending.ok());
  CHECK(worker->ask(protocol::check_request(), kPatience_s).ending.outcome == Outcome::crashed);
}

TEST_CASE("a worker that died while idle is found dead at its next request") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  auto worker = start(keeper, fake);
  REQUIRE(worker->ask(protocol::describe_request(), kPatience_s).ending.ok());
  worker->stop();
  kill(worker->pid(), SIGKILL);
  REQUIRE(eventually([&] { return testing::dead(worker->pid()); }));
  worker->resume();
  const Exchange exchange = worker->ask(protocol::check_request(), kPatience_s);
  CHECK(exchange.ending.outcome == Outcome::crashed);
  CHECK(exchange.ending.reason == "killed by SIGKILL");
}

TEST_CASE("a worker whose end was heard while another was waited for is not waited for in vain") {
  FakeWorker fake;
  FakeWorker other;
  Keeper keeper = started_keeper();
  auto worker = start(keeper, fake);
  auto neighbour = start(keeper, other);
  // Its daemon keeps both pipes open, so that nothing but the exit tells of the end; and the neighbour's wait hears it.
  REQUIRE(worker->ask(prepare({{"fault", std::string("daemon")}, {"at", std::string("prepare")}}), kPatience_s).ending.ok());
  kill(worker->pid(), SIGKILL);
  REQUIRE(neighbour->ask(prepare({{"fault", std::string("dawdle")}, {"at", std::string("prepare")}}), kPatience_s).ending.ok());
  REQUIRE(eventually([&] { return testing::dead(worker->pid()); }));
  CHECK(worker->ask(protocol::run_request(1, 0, false), kPatience_s).ending.outcome == Outcome::crashed);
}

TEST_CASE("a line that nobody asked for is invalid_output, since all later ones would answer the wrong request") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  auto worker = start(keeper, fake);
  REQUIRE(worker->ask(prepare({{"fault", std::string("speaks_twice")}}), kPatience_s).ending.ok());
  REQUIRE(worker->ask(protocol::run_request(1, 0, false), kPatience_s).ending.ok());
  Exchange exchange = worker->ask(protocol::check_request(), kPatience_s);
  CHECK(exchange.ending.outcome == Outcome::invalid_output);
  CHECK_THAT(exchange.ending.reason, Catch::Matchers::ContainsSubstring("nothing had asked for"));
  CHECK(fake.processes().empty());
}

TEST_CASE("a flood of lines is invalid at the first of them") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  auto worker = start(keeper, fake);
  const Exchange exchange = worker->ask(prepare({{"fault", std::string("flood_lines")}, {"at", std::string("prepare")}}), kPatience_s);
  REQUIRE(exchange.ending.ok());
  CHECK(protocol::parse_prepared(exchange.line).ending.outcome == Outcome::invalid_output);
  worker.reset();
  CHECK(fake.processes().empty());
}

TEST_CASE("a worker that never reads is timed out, even for a request larger than the pipe") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  auto worker = start(keeper, fake);
  REQUIRE(worker->ask(prepare({{"time_ns", std::int64_t{1}}}), kPatience_s).ending.ok());
  worker->stop();
  const Exchange exchange = worker->ask(std::string(1'000'000, ' ') + protocol::check_request(), 0.2);
  CHECK(exchange.ending.outcome == Outcome::timed_out);
  CHECK_THAT(exchange.ending.reason, Catch::Matchers::ContainsSubstring("doesn't read"));
  CHECK(fake.processes().empty());
}

TEST_CASE("a worker that grows past its limit while it is waited for is out_of_memory, and the reason has both sizes") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  auto worker = start(keeper, fake, {60'000'000});
  const Exchange exchange = worker->ask(prepare({{"fault", std::string("grow")}, {"at", std::string("prepare")}}), kPatience_s);
  CHECK(exchange.ending.outcome == Outcome::out_of_memory);
  CHECK_THAT(exchange.ending.reason, Catch::Matchers::ContainsSubstring("the limit is 60.0 MB"));
  CHECK(fake.processes().empty());
}

TEST_CASE("the memory of a whole tree counts") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  auto process = start_shell(keeper, fake,
                             "python3 -c 'import time; x = bytearray(40_000_000); time.sleep(60)' & "
                             "python3 -c 'import time; x = bytearray(40_000_000); time.sleep(60)' & wait",
                             {70'000'000});
  CHECK(process->wait(kPatience_s, 1000).ending.outcome == Outcome::out_of_memory);
}

TEST_CASE("an interrupt ends a wait and leaves the worker alive until it is let go") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  InterruptFlag interrupt{false};
  auto worker = start(keeper, fake, {}, interrupt);
  std::thread([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    interrupt = true;
  }).detach();
  const Exchange exchange = worker->ask(prepare({{"fault", std::string("hang")}, {"at", std::string("prepare")}}), kPatience_s);
  CHECK(exchange.interrupted);
  CHECK(exchange.ending.ok());
  CHECK(worker->alive());
  worker.reset();
  CHECK(fake.processes().empty());
}

TEST_CASE("a stopped worker uses no processor, and answers again once it is continued") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  auto worker = start(keeper, fake);
  REQUIRE(worker->ask(prepare({{"fault", std::string("spin")}, {"at", std::string("prepare")}}), kPatience_s).ending.ok());
  const std::int64_t running = worker->cpu_ns();
  REQUIRE(eventually([&] { return worker->cpu_ns() > running + 20'000'000; }));  // it spins
  worker->stop();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const std::int64_t stopped = worker->cpu_ns();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  CHECK(worker->cpu_ns() == stopped);
  worker->resume();
  CHECK(worker->ask(protocol::run_request(1, 0, false), kPatience_s).ending.ok());
}

TEST_CASE("a worker that is asked to quit ends by itself; one that doesn't listen is killed") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  auto polite = start(keeper, fake);
  polite->end();
  polite->end();  // once more does no harm
  CHECK(fake.processes().empty());
  auto deaf = start_shell(keeper, fake, fmt::format("exec {} --linger", fake.program().string()));
  REQUIRE(eventually([&] { return fake.processes().size() == 1; }));
  deaf->end();
  CHECK(fake.processes().empty());
}

// ── Processes that are no workers: an experiment's [command] ──────────────────────────────────────

TEST_CASE("a command's output, status, wall time and memory are told") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  auto process = start_shell(keeper, fake, "echo accuracy 0.5; sleep 0.05; exit 4");
  const auto finished = process->wait(kPatience_s, 1000);
  CHECK(finished.ending.ok());
  CHECK(finished.output == "accuracy 0.5\n");
  REQUIRE(finished.exit);
  CHECK(finished.exit->code == CLD_EXITED);
  CHECK(finished.exit->status == 4);
  CHECK(finished.exit->end_ns - finished.start_ns >= 50'000'000);
  CHECK(finished.peak_memory_bytes > 100'000);
}

TEST_CASE("a command that is killed by a signal, hangs or floods has its outcome") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  auto finished = start_shell(keeper, fake, "kill -SEGV $$")->wait(kPatience_s, 1000);
  CHECK(finished.ending.outcome == Outcome::crashed);
  CHECK(finished.ending.reason == "killed by SIGSEGV");
  finished = start_shell(keeper, fake, "sleep 60")->wait(0.2, 1000);
  CHECK(finished.ending.outcome == Outcome::timed_out);
  finished = start_shell(keeper, fake, "exec >&-; sleep 60")->wait(0.2, 1000);  // closed its output and went on
  CHECK(finished.ending.outcome == Outcome::timed_out);
  CHECK_THAT(finished.ending.reason, Catch::Matchers::ContainsSubstring("not finished"));
  finished = start_shell(keeper, fake, "yes")->wait(kPatience_s, 100'000);
  CHECK(finished.ending.outcome == Outcome::invalid_output);
  CHECK_THAT(finished.ending.reason, Catch::Matchers::ContainsSubstring("100 kB on standard output"));
}

TEST_CASE("a command is finished when it ends, not when a daemon that it left lets go of the pipe") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  for (const char* closing : {"", "sleep 0.1;"}) {
    auto process = start_shell(keeper, fake, fmt::format("setsid {} --linger & {} echo done", fake.program().string(), closing));
    const auto finished = process->wait(kPatience_s, 1000);
    CHECK(finished.ending.ok());
    CHECK(finished.output == "done\n");
    keeper.sweep();
    CHECK(fake.processes().empty());
  }
}

TEST_CASE("two that are asked at once work at once: one may wait for what the other does") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  // Whichever were asked first and alone, it would wait for ever.
  const auto meeting = [](const std::string& name) {
    return "touch here_" + name + "; until [ -e here_a ] && [ -e here_b ]; do sleep 0.01; done; echo " + name;
  };
  auto a = start_answering(keeper, fake, meeting("a"));
  auto b = start_answering(keeper, fake, meeting("b"));
  const auto exchanges = WorkerProcess::ask_both({{{a.get(), "go", kPatience_s}, {b.get(), "go", kPatience_s}}});
  for (const Exchange& exchange : exchanges) {
    CHECK(exchange.ending.ok());
    CHECK(exchange.bracket_ns > 0);
  }
  CHECK(exchanges[0].line == "a");
  CHECK(exchanges[1].line == "b");
}

TEST_CASE("of two that are asked at once each has its own ending") {
  struct Partner {
    const char* script;
    double limit_s;
    ProcessLimits limits;
    Outcome outcome;
    const char* reason;
  };
  const std::vector<Partner> partners{
      {"exit 3", kPatience_s, {}, Outcome::crashed, "exited with status 3"},
      {"sleep 60", 0.2, {}, Outcome::timed_out, "no answer within 200 ms"},
      {"kill -9 $$", kPatience_s, {}, Outcome::crashed, "killed by SIGKILL"},
      {"x=0123456789abcdef; while true; do x=$x$x; done", kPatience_s, {50'000'000}, Outcome::out_of_memory, "the limit is 50"},
  };
  for (const Partner& partner : partners) {
    INFO(partner.script);
    FakeWorker fake;
    Keeper keeper = started_keeper();
    auto steady = start_answering(keeper, fake, "sleep 0.5; echo fine");
    auto faulty = start_answering(keeper, fake, partner.script, partner.limits);
    const auto exchanges = WorkerProcess::ask_both({{{faulty.get(), "go", partner.limit_s}, {steady.get(), "go", kPatience_s}}});
    CHECK(exchanges[0].ending.outcome == partner.outcome);
    CHECK_THAT(exchanges[0].ending.reason, Catch::Matchers::ContainsSubstring(partner.reason));
    CHECK(exchanges[1].ending.ok());
    CHECK(exchanges[1].line == "fine");
    CHECK(steady->alive());
    CHECK_FALSE(faulty->alive());
  }
}

TEST_CASE("a person who stops a pair stops both, and both still live") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  InterruptFlag interrupt{false};
  auto a = start_answering(keeper, fake, "sleep 60", {}, interrupt);
  auto b = start_answering(keeper, fake, "sleep 60", {}, interrupt);
  std::thread person([&] { interrupt = true; });
  const auto exchanges = WorkerProcess::ask_both({{{a.get(), "go", kPatience_s}, {b.get(), "go", kPatience_s}}});
  person.join();
  for (const Exchange& exchange : exchanges) CHECK(exchange.interrupted);
  CHECK(a->alive());
  CHECK(b->alive());
}
