#include "harness/run/process_tree.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/harness/run/processes.hpp"

using namespace assay::run;

TEST_CASE("descendants are found through every generation, and nobody else") {
  //  1 ─ 10 ─ 20 ─ 30        1 ─ 11
  const std::vector<ProcessEntry> processes{{30, 20, false}, {10, 1, false}, {20, 10, false}, {11, 1, false}, {21, 10, true}};
  auto tree = descendants_of(10, processes);
  std::sort(tree.begin(), tree.end());
  CHECK(tree == std::vector<pid_t>{20, 21, 30});
  CHECK(descendants_of(30, processes).empty());
  CHECK(descendants_of(99, processes).empty());
}

TEST_CASE("a scan in which parents seem to form a circle ends") {
  // Ids were reused between two reads of /proc.
  CHECK(descendants_of(1, {{2, 1, false}, {3, 2, false}, {2, 3, false}}).size() == 2);
}

TEST_CASE("this process is in the list, under its parent, whatever its name") {
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_NAME, ") Z 1 (x");  // made to fool who splits the line at blanks or at the first parenthesis
    pause();
    _exit(0);
  }
  CHECK(testing::eventually([&] {
    std::string name;
    std::getline(std::ifstream(fmt::format("/proc/{}/comm", child)), name);
    return name == ") Z 1 (x";
  }));
  for (const ProcessEntry& p : all_processes()) {
    if (p.pid != child) continue;
    CHECK(p.parent == getpid());
    CHECK_FALSE(p.zombie);
  }
  kill(child, SIGKILL);
  CHECK(testing::eventually([&] {
    const auto processes = all_processes();
    return std::any_of(processes.begin(), processes.end(), [&](const ProcessEntry& p) { return p.pid == child && p.zombie; });
  }));
  waitpid(child, nullptr, 0);
}

TEST_CASE("an environment is read by name, to the end of the value and no prefix of another") {
  setenv("ASSAY_TEST_LONGER", "no", 1);
  const pid_t child = fork();
  if (child == 0) {
    setenv("ASSAY_TEST_LONG", "a=b c", 1);
    execl("/bin/sleep", "sleep", "30", static_cast<char*>(nullptr));
    _exit(127);
  }
  CHECK(testing::eventually([&] { return environment_value(child, "ASSAY_TEST_LONG") == "a=b c"; }));
  CHECK(environment_value(child, "ASSAY_TEST_LON").empty());
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  CHECK(environment_value(child, "ASSAY_TEST_LONG").empty());
}

TEST_CASE("resident memory grows by what is touched, and is 0 of a process that has gone") {
  constexpr std::int64_t kBytes = 50'000'000;
  const std::int64_t before = resident_bytes(getpid());
  REQUIRE(before > 0);
  std::vector<char> touched(kBytes, 1);
  CHECK(resident_bytes(getpid()) > before + kBytes / 2);
  CHECK(touched.back() == 1);
  CHECK(resident_bytes(std::numeric_limits<pid_t>::max()) == 0);
  CHECK(available_memory_bytes() > 0);
}

TEST_CASE("an ending is described in words") {
  CHECK(describe_exit(CLD_EXITED, 3) == "exited with status 3");
  CHECK(describe_exit(CLD_KILLED, SIGSEGV) == "killed by SIGSEGV");
  CHECK(describe_exit(CLD_DUMPED, SIGABRT) == "killed by SIGABRT");
  CHECK(describe_exit(CLD_KILLED, 63) == "killed by signal 63");
}
