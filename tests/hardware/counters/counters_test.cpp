#include "hardware/counters/counters.hpp"

#include <sys/mman.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "hardware/counters/assay_counters.h"
#include "hardware/counters/callgrind_counters.hpp"
#include "harness/core/protocol.hpp"
#include "tests/catch.hpp"
#include "tests/harness/worker/dialogue.hpp"

using namespace assay;
using namespace assay::hardware;

namespace {

bool is_value_or_reason(const Json& value) {
  if (value.is_number()) return value.get<double>() >= 0;
  return value.is_object() && value.size() == 1 && !value.value("reason", "").empty();
}

constexpr int kPages = 64;

/// Touches fresh pages: at least so many page faults, whatever else happens.
void fault() {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* fresh = ::mmap(nullptr, kPages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(fresh != MAP_FAILED);
  ::madvise(fresh, kPages * page, MADV_NOHUGEPAGE);
  for (std::size_t i = 0; i < kPages; ++i) static_cast<volatile char*>(fresh)[i * page] = 1;
  ::munmap(fresh, kPages * page);
}

/// Answers with fixed values and writes down when it is called.
class Fixed final : public worker::CounterSource {
 public:
  Fixed(std::string name, Json values, std::string& calls)
      : name_(std::move(name)), values_(std::move(values)), calls_(calls) {}
  void open() override { calls_ += "open " + name_ + "; "; }
  void start() override { calls_ += "start " + name_ + "; "; }
  void stop() override { calls_ += "stop " + name_ + "; "; }
  Json read() const override { return values_; }

 private:
  std::string name_;
  Json values_;
  std::string& calls_;
};

}  // namespace

TEST_CASE("each counter is a number or a reason, and the resident size is known") {
  const auto counters = open_counters();
  counters->open();
  counters->start();
  counters->stop();
  const Json values = counters->read();
  for (const char* name : {"task_clock_s", "page_faults", "context_switches", "cpu_migrations", "user_s", "system_s",
                           "minor_faults", "major_faults", "voluntary_switches", "involuntary_switches",
                           "peak_memory_bytes", "instructions", "cycles", "energy_package_j", "energy_dram_j"}) {
    CAPTURE(name);
    REQUIRE(values.contains(name));
    CHECK(is_value_or_reason(values[name]));
  }
  CHECK(values["task_clock_s"].is_number());  // some source always has them
  CHECK(values["page_faults"].is_number());
  CHECK(values["context_switches"].is_number());
  CHECK(values["peak_memory_bytes"] > 1'000'000);
}

TEST_CASE("page faults of a block are counted in the block and forgotten in the next") {
  const auto source = GENERATE(0, 1, 2);
  const auto counters = source == 0 ? open_counters() : source == 1 ? perf_event_counters() : rusage_counters();
  counters->open();
  counters->start();
  fault();
  counters->stop();
  const Json faulted = counters->read();
  if (!faulted["page_faults"].is_number()) {
    CHECK_THAT(faulted["page_faults"]["reason"].get<std::string>(), Catch::Matchers::ContainsSubstring("perf_event"));
    return;
  }
  CHECK(faulted["page_faults"] >= kPages);
  counters->start();
  counters->stop();
  CHECK(counters->read()["page_faults"] < kPages);
}

TEST_CASE("faults of threads that started before and after opening are counted") {
  std::atomic<int> stage{0};
  std::thread before([&] {
    stage.wait(0);
    fault();
  });
  const auto counters = open_counters();
  counters->open();
  counters->start();
  stage = 1;
  stage.notify_all();
  before.join();
  std::thread after(fault);
  after.join();
  counters->stop();
  CHECK(counters->read()["page_faults"] >= 2 * kPages);
}

TEST_CASE("a chain takes each number from the first source that has one, else the first reason") {
  std::string calls;
  std::vector<std::unique_ptr<worker::CounterSource>> sources;
  sources.push_back(std::make_unique<Fixed>(
      "precise", Json{{"a", 1}, {"b", {{"reason", "refused"}}}, {"c", {{"reason", "first"}}}}, calls));
  sources.push_back(std::make_unique<Fixed>(
      "coarse", Json{{"a", 10}, {"b", 20}, {"c", {{"reason", "second"}}}, {"d", 40}}, calls));
  CounterChain chain(std::move(sources));
  chain.open();
  chain.start();
  chain.stop();
  CHECK(chain.read() == Json{{"a", 1}, {"b", 20}, {"c", {{"reason", "first"}}}, {"d", 40}});
  CHECK(calls == "open precise; open coarse; start coarse; start precise; stop precise; stop coarse; ");
}

TEST_CASE("perf_event says that it was not opened instead of reading zeros") {
  const auto counters = perf_event_counters();
  CHECK(is_value_or_reason(counters->read()["page_faults"]));
  CHECK(counters->read()["page_faults"].is_object());
}

TEST_CASE("a user whom the kernel refuses reads the setting and the command that mends it, and rusage's numbers") {
  int paranoid = -1;
  std::ifstream("/proc/sys/kernel/perf_event_paranoid") >> paranoid;
  if (paranoid < 2 || ::getuid() != 0) {
    WARN("not checked here: needs root, to become somebody else, and perf_event_paranoid of at least 2");
    return;
  }
  int answer[2];
  REQUIRE(::pipe(answer) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::string text = "not an unprivileged user";
    if (::setuid(65534) == 0) {
      const auto alone = perf_event_counters();
      const auto chain = open_counters();
      alone->open();
      chain->open();
      text = Json{{"alone", alone->read()}, {"chain", chain->read()}}.dump();
    }
    const ssize_t wrote = ::write(answer[1], text.data(), text.size());
    ::_exit(wrote > 0 ? 0 : 1);
  }
  ::close(answer[1]);
  std::string text(1 << 14, '\0');
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(answer[0], text.data(), text.size()))));
  ::close(answer[0]);
  ::waitpid(child, nullptr, 0);
  CAPTURE(text);
  const Json values = Json::parse(text);
  CHECK_THAT(values["alone"]["page_faults"]["reason"].get<std::string>(),
             Catch::Matchers::ContainsSubstring("perf_event_paranoid = " + std::to_string(paranoid)) && Catch::Matchers::ContainsSubstring("sysctl -w"));
  CHECK(values["chain"]["page_faults"].is_number());
  CHECK(values["chain"]["context_switches"].is_number());
  CHECK(values["chain"]["cpu_migrations"].contains("reason"));
}

TEST_CASE("Callgrind's totals are read by the names of their events, with the zeros that it leaves out at the end") {
  const auto totals = callgrind_totals("# callgrind format\nevents: Ir Dr Dw I1mr D1mr D1mw ILmr DLmr DLmw Bc Bcm Bi Bim\n"
                                       "summary: 1 1 1\n\nfn=(0) main\n0 1179685 196610\n\n"
                                       "totals: 1179685 196610 4 3 24580 1 3 8194 1 196614 28\n");
  REQUIRE(totals);
  CHECK(*totals == Json{{"instructions", 1179685}, {"l1d_misses", 24581}, {"llc_misses", 8198}, {"branch_misses", 28}});
  const auto plain = callgrind_totals("events: Ir\ntotals: 5\n");
  REQUIRE_FALSE(plain);
  CHECK(plain.error().message == "Callgrind: its file has no total of D1mr");
  CHECK_FALSE(callgrind_totals(""));
}

TEST_CASE("a process that no emulator runs has no emulator's counters, whatever its environment says") {
  ::setenv("ASSAY_CALLGRIND_OUT", "/tmp/callgrind.", 1);
  CHECK(callgrind_counters() == nullptr);
  ::unsetenv("ASSAY_CALLGRIND_OUT");
}

TEST_CASE("the C interface gives the same JSON, and its whole length where the buffer is too small") {
  assay_counters* counters = assay_counters_open();
  REQUIRE(counters != nullptr);
  assay_counters_start(counters);
  fault();
  assay_counters_stop(counters);
  std::vector<char> text(1 << 14, 'x');
  const std::size_t length = assay_counters_read(counters, text.data(), text.size());
  REQUIRE(length > 0);
  REQUIRE(length == std::strlen(text.data()));
  const Json values = Json::parse(text.data());
  CHECK(values["page_faults"] >= kPages);
  CHECK(is_value_or_reason(values["instructions"]));
  CHECK(is_value_or_reason(values["energy_package_j"]));
  char small[8] = "xxxxxxx";
  CHECK(assay_counters_read(counters, small, sizeof small) == length);
  CHECK(std::string(small) == std::string(text.data(), 7));
  CHECK(assay_counters_read(counters, nullptr, 0) == length);
  assay_counters_close(counters);
  assay_counters_close(nullptr);
}

TEST_CASE("a Python worker reports counters when ASSAY_COUNTERS names the library, and runs without") {
  const std::vector<std::string> command = {
      "/usr/bin/env", "python3", "-c",
      "import assay_worker as assay\n"
      "class W(assay.Workload):\n"
      "    def prepare(self): pass\n"
      "    def step(self): pass\n"
      "assay.serve(W)\n"};
  const auto counters_with = [&command](const std::string& library, std::string& log) {
    test::Dialogue worker(command, {{"PYTHONPATH", WORKER_FOLDER},
                                    {"PYTHONDONTWRITEBYTECODE", "1"},
                                    {"ASSAY_COUNTERS", library}});
    REQUIRE(protocol::parse_prepared(worker.ask(R"({"op":"prepare","treatment":{}})")).ok());
    const auto run = protocol::parse_run(worker.ask(protocol::run_request(2, 0, false)));
    REQUIRE(run.ok());
    log = worker.log();
    return run.value->counters;
  };
  std::string log;
  const Json counters = counters_with(COUNTERS_LIBRARY, log);
  CHECK(counters["task_clock_s"].is_number());
  CHECK(is_value_or_reason(counters["cpu_migrations"]));
  CHECK(counters_with("", log).empty());
  CHECK(counters_with("/nowhere/libassay_counters.so", log).empty());
  CHECK_THAT(log, Catch::Matchers::ContainsSubstring("no counters") && Catch::Matchers::ContainsSubstring("/nowhere"));
}
