// The keeper starts processes and never lets one get away: not by forking, not by leaving its session, not by clearing
// its environment, not by outliving whoever started it.
#include "harness/run/keeper.hpp"

#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/harness/run/processes.hpp"

using namespace assay::run;
using testing::eventually;
using testing::FakeWorker;

namespace {

Keeper started_keeper() {
  auto keeper = Keeper::start();
  REQUIRE(keeper);
  return *std::move(keeper);
}

Launch shell(const FakeWorker& fake, const std::string& script) {
  Launch launch;
  launch.argv = {"/bin/sh", "-c", script};
  launch.folder = fake.folder().string();
  launch.error_log = fake.log().string();
  return launch;
}

/// Everything it writes until its end of file.
std::string read_all(int fd) {
  std::string text;
  char piece[4096];
  for (ssize_t n; (n = read(fd, piece, sizeof piece)) > 0;) text.append(piece, static_cast<std::size_t>(n));
  return text;
}

struct Said {
  std::string output;
  Exited exit;
};

/// Runs to the end and is released.
Said run_to_end(Keeper& keeper, const Launch& launch) {
  auto started = keeper.launch(launch);
  if (!started) FAIL(started.error().message);
  if (started->input >= 0) close(started->input);
  Said said;
  said.output = read_all(started->output);
  close(started->output);
  std::optional<Exited> exit;
  REQUIRE(eventually([&] { return (exit = keeper.exit_of(started->id)).has_value(); }));
  keeper.release(started->id);
  said.exit = *exit;
  return said;
}

/// Starts the fake worker and lets it misbehave at once, by hand.
Started misbehaving(Keeper& keeper, const FakeWorker& fake, const std::string& fault) {
  Launch launch;
  launch.argv = {fake.program().string()};
  launch.error_log = fake.log().string();
  auto started = keeper.launch(launch);
  if (!started) FAIL(started.error().message);
  const std::string line = R"({"op":"prepare","treatment":{"at":"prepare","fault":")" + fault + "\"}}\n";
  REQUIRE(write(started->input, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  return *started;
}

/// The keeper that this process has started.
pid_t keeper_pid() {
  for (const ProcessEntry& p : all_processes()) {
    std::error_code gone;
    if (p.parent == getpid() && !p.zombie &&
        std::filesystem::read_symlink(fmt::format("/proc/{}/exe", p.pid), gone) == std::filesystem::read_symlink("/proc/self/exe")) {
      return p.pid;
    }
  }
  return 0;
}

}  // namespace

TEST_CASE("a program that doesn't exist is an error that names it, and the keeper goes on") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  Launch launch = shell(fake, "true");
  launch.argv = {"/no/such/program"};
  const auto refused = keeper.launch(launch);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "/no/such/program: cannot be started: No such file or directory");
  CHECK(run_to_end(keeper, shell(fake, "echo still here")).output == "still here\n");
}

TEST_CASE("a file that can't be executed, a folder and a CPU that aren't there are errors that say which") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  Launch launch = shell(fake, "true");
  launch.argv = {(fake.folder() / "data").string()};
  std::ofstream(fake.folder() / "data") << "no program\n";
  auto refused = keeper.launch(launch);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, Catch::Matchers::ContainsSubstring("data: cannot be started: Permission denied"));

  launch = shell(fake, "true");
  launch.folder = "/no/such/folder";
  refused = keeper.launch(launch);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "/no/such/folder: No such file or directory");

  launch = shell(fake, "true");
  launch.cpus = {1000};
  refused = keeper.launch(launch);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, Catch::Matchers::ContainsSubstring("CPUs"));

  launch = shell(fake, "true");
  launch.error_log = "/no/such/folder/stderr";
  refused = keeper.launch(launch);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, Catch::Matchers::ContainsSubstring("/no/such/folder/stderr"));
}

TEST_CASE("an exit is told with its status or signal, the CPU time and the memory that were used") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  const Said status = run_to_end(keeper, shell(fake, "exit 7"));
  CHECK(status.exit.code == CLD_EXITED);
  CHECK(status.exit.status == 7);
  const Said killed = run_to_end(keeper, shell(fake, "kill -9 $$"));
  CHECK(killed.exit.code == CLD_KILLED);
  CHECK(killed.exit.status == SIGKILL);
  // A child's use counts when its parent has waited for it.
  const Said busy = run_to_end(keeper, shell(fake, "/bin/sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'; true"));
  CHECK(busy.exit.cpu_ns > 5'000'000);
  CHECK(busy.exit.peak_memory_bytes > 500'000);
}

TEST_CASE("the environment is the supervisor's with what was set on top, and a token") {
  FakeWorker fake;
  setenv("ASSAY_TEST_INHERITED", "yes", 1);
  setenv("ASSAY_TEST_REPLACED", "old", 1);
  Keeper keeper = started_keeper();
  Launch launch = shell(fake, "echo $ASSAY_TEST_INHERITED $ASSAY_TEST_REPLACED ${#ASSAY_TOKEN}; pwd; cat");
  launch.set = {{"ASSAY_TEST_REPLACED", "new"}};
  launch.give_input = false;
  CHECK(run_to_end(keeper, launch).output == fmt::format("yes new 32\n{}\n", fake.folder().string()));
}

TEST_CASE("standard error goes to the log, which is added to") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  CHECK(run_to_end(keeper, shell(fake, "echo one >&2")).output.empty());
  run_to_end(keeper, shell(fake, "echo two >&2"));
  CHECK(read_all(open(fake.log().c_str(), O_RDONLY)) == "one\ntwo\n");
}

TEST_CASE("a process has its three streams and no pipe of another, a session of its own, and the CPUs it was given") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  auto neighbour = keeper.launch(shell(fake, "sleep 60"));
  REQUIRE(neighbour);
  const auto cpus = testing::allowed_cpus();
  Launch launch = shell(fake, "ps -o sid= -p $$; echo $$; grep Cpus_allowed_list /proc/self/status; ls -l /proc/self/fd");
  launch.cpus = {cpus.back()};
  const std::string output = run_to_end(keeper, launch).output;
  std::istringstream words(output);
  int session = 0, pid = 0, cpu = -1;
  std::string label;
  words >> session >> pid >> label >> cpu;
  for (const int fd : {neighbour->input, neighbour->output}) {
    struct stat pipe {};
    fstat(fd, &pipe);
    CHECK_THAT(output, !Catch::Matchers::ContainsSubstring(fmt::format("pipe:[{}]", pipe.st_ino)));
  }
  CHECK_THAT(output, Catch::Matchers::ContainsSubstring("2 -> " + fake.log().string()));
  CHECK(session == pid);
  CHECK(cpu == cpus.back());
  close(neighbour->input);
  close(neighbour->output);
}

TEST_CASE("a process that ended keeps its id until it is released, so that the id can't mean another") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  const auto started = keeper.launch(shell(fake, "true"));
  REQUIRE(started);
  REQUIRE(eventually([&] { return keeper.exit_of(started->id).has_value(); }));
  CHECK(testing::exists(started->pid));
  const auto exit = keeper.release(started->id);
  REQUIRE(exit);
  CHECK(exit->status == 0);
  CHECK_FALSE(testing::exists(started->pid));
  CHECK_FALSE(keeper.release(started->id).has_value());  // once more does no harm
  close(started->input);
  close(started->output);
}

TEST_CASE("releasing a live process kills its whole tree, stopped members among it, and tells no exit") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  const auto started = keeper.launch(shell(fake, fmt::format("{0} --linger & {0} --linger & wait", fake.program().string())));
  REQUIRE(started);
  REQUIRE(eventually([&] { return fake.processes().size() == 2; }));
  kill(fake.processes().front(), SIGSTOP);
  CHECK_FALSE(keeper.release(started->id).has_value());
  CHECK(fake.processes().empty());
  CHECK_FALSE(testing::exists(started->pid));
  close(started->input);
  close(started->output);
}

TEST_CASE("a double fork with setsid dies with its worker, dead or alive") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  for (const char* fault : {"daemon", "daemon_and_exit"}) {
    INFO(fault);
    const Started started = misbehaving(keeper, fake, fault);
    REQUIRE(eventually([&] {
      const auto all = fake.processes();
      return std::any_of(all.begin(), all.end(), [&](pid_t pid) { return pid != started.pid; });
    }));
    keeper.release(started.id);
    CHECK(fake.processes().empty());
    close(started.input);
    close(started.output);
  }
}

TEST_CASE("a daemon that cleared its environment is found by the sweep, which leaves living workers alone") {
  FakeWorker fake;
  FakeWorker other;
  Keeper keeper = started_keeper();
  const Started living = misbehaving(keeper, other, "daemon");
  const Started started = misbehaving(keeper, fake, "bare_daemon_and_exit");
  REQUIRE(eventually([&] { return keeper.exit_of(started.id).has_value(); }));
  REQUIRE(eventually([&] { return other.processes().size() == 2; }));
  keeper.release(started.id);
  REQUIRE(fake.processes().size() == 1);  // nothing tells whose it is
  CHECK(keeper.sweep() == 1);
  CHECK(fake.processes().empty());
  CHECK(other.processes().size() == 2);
  CHECK(keeper.sweep() == 0);
  keeper.release(living.id);
  CHECK(other.processes().empty());
  for (const int fd : {started.input, started.output, living.input, living.output}) close(fd);
}

TEST_CASE("a bomb of forks is killed to the last one") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  // Every process starts two more, four generations deep, and all stay.
  std::ofstream(fake.folder() / "bomb.sh") << fmt::format("[ $1 = 0 ] && exec {} --linger\n/bin/sh bomb.sh $(($1-1)) &\n"
                                                          "/bin/sh bomb.sh $(($1-1)) &\nwait\n", fake.program().string());
  const auto started = keeper.launch(shell(fake, "/bin/sh bomb.sh 4"));
  REQUIRE(started);
  REQUIRE(eventually([&] { return fake.processes().size() >= 4; }));
  keeper.release(started->id);
  CHECK(fake.processes().empty());
  CHECK(keeper.sweep() == 0);
  close(started->input);
  close(started->output);
}

TEST_CASE("when the supervisor is killed, everything dies: workers, daemons, the keeper") {
  FakeWorker fake;
  const pid_t supervisor = fork();
  if (supervisor == 0) {
    auto keeper = Keeper::start();
    if (!keeper) _exit(1);
    misbehaving(*keeper, fake, "none");
    misbehaving(*keeper, fake, "daemon");
    misbehaving(*keeper, fake, "bare_daemon_and_exit");
    for (;;) pause();
  }
  REQUIRE(eventually([&] { return fake.processes().size() == 4; }));  // two workers, two daemons
  std::vector<pid_t> keepers;
  for (const ProcessEntry& p : all_processes()) {
    if (p.parent == supervisor) keepers.push_back(p.pid);
  }
  REQUIRE(keepers.size() == 1);
  kill(supervisor, SIGKILL);
  waitpid(supervisor, nullptr, 0);
  CHECK(eventually([&] { return fake.processes().empty(); }));
  CHECK(eventually([&] { return testing::dead(keepers[0]); }));
}

TEST_CASE("the keeper ends with its client, and takes along what still runs") {
  FakeWorker fake;
  pid_t pid = 0;
  {
    Keeper keeper = started_keeper();
    pid = keeper_pid();
    REQUIRE(pid > 0);
    misbehaving(keeper, fake, "daemon");
    REQUIRE(eventually([&] { return fake.processes().size() == 2; }));
  }
  CHECK(fake.processes().empty());
  CHECK_FALSE(testing::exists(pid));
}

TEST_CASE("a keeper that was killed is noticed, its workers and their daemons die, and nothing can be started any more") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  const Started started = misbehaving(keeper, fake, "none");
  misbehaving(keeper, fake, "daemon");
  misbehaving(keeper, fake, "bare_daemon_and_exit");
  REQUIRE(eventually([&] { return fake.processes().size() == 4; }));  // two workers, two daemons
  CHECK(keeper.alive());
  kill(keeper_pid(), SIGKILL);
  CHECK(eventually([&] {
    keeper.exit_of(started.id);
    return !keeper.alive();
  }));
  CHECK(fake.processes().empty());
  const auto refused = keeper.launch(shell(fake, "true"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "the keeper process has gone; nothing can be started");
  CHECK_FALSE(keeper.release(started.id).has_value());
  CHECK(keeper.sweep() == 0);
}

TEST_CASE("the keeper ignores the signals of a terminal, which are for the supervisor") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  run_to_end(keeper, shell(fake, "true"));  // it is up
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) kill(keeper_pid(), signal);
  CHECK(run_to_end(keeper, shell(fake, "echo here")).output == "here\n");
  CHECK(getpgid(keeper_pid()) == keeper_pid());
}

TEST_CASE("orphans that end by the hundred don't fill the process table while their worker lives") {
  FakeWorker fake;
  Keeper keeper = started_keeper();
  const auto started = keeper.launch(
      shell(fake, "i=0; while [ $i -lt 300 ]; do (true &); i=$((i+1)); done; sleep 0.2; (true &); echo done; sleep 60"));
  REQUIRE(started);
  char word[8] = {};
  REQUIRE(read(started->output, word, sizeof word) == 5);
  const pid_t keeper_id = keeper_pid();
  CHECK(eventually([&] {
    const auto all = all_processes();
    return std::count_if(all.begin(), all.end(), [&](const ProcessEntry& p) { return p.parent == keeper_id && p.zombie; }) < 50;
  }));
  keeper.release(started->id);
  close(started->input);
  close(started->output);
}
