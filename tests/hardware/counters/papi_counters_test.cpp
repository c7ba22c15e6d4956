// The reading of PAPI against a made-up library that keeps PAPI's rules: this machine may have no counters at all.
#include "hardware/counters/papi_counters.hpp"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "hardware/counters/threads.hpp"
#include "tests/catch.hpp"

using namespace assay;
using namespace assay::hardware;
using Catch::Matchers::ContainsSubstring;

namespace {

namespace fs = std::filesystem;

/// A processor: which events it knows, how many it counts at a time, and what each thread of it has counted so far.
struct Processor {
  std::map<std::string, long long> counts;     // by event; the same for every thread
  std::map<std::string, int> cost;             // counters that an event takes; absent: 1
  int counters = 8;
  int initialised = kPapiOk;
  int component = 0;
  std::string disabled;
  std::map<std::string, int> refused;          // events that are known and can't be added: status
  int refuse_attach = kPapiOk;
  int refuse_read = kPapiOk;
  std::vector<std::string> calls;              // of options, in order, e.g. "assign 1"
  int open_sets = 0;
  int most_open_sets = 0;
};

/// Statuses as PAPI's messages have them.
constexpr int kNoEvent = -7;
constexpr int kRunning = -10;
constexpr int kNoSet = -11;

class FakePapi final : public PapiLibrary {
 public:
  explicit FakePapi(Processor& processor) : processor_(processor) {}

  std::string version() const override { return "7.0"; }
  std::string message(int status) const override {
    return status == kNoEvent ? "Event does not exist" : status == kPapiPermission ? "Permission level does not permit operation"
         : status == kRunning ? "EventSet is currently counting" : "status " + std::to_string(status);
  }
  int initialise() override { return processor_.initialised; }
  int component() override { return processor_.component; }
  std::string disabled_reason(int) override { return processor_.disabled; }
  std::optional<int> event(const char* name) override {
    const auto found = processor_.counts.find(name);
    if (found == processor_.counts.end()) return std::nullopt;
    return static_cast<int>(std::distance(processor_.counts.begin(), found));
  }

  int create(int& set) override {
    set = ++last_;
    sets_[set] = {};
    processor_.most_open_sets = std::max(processor_.most_open_sets, ++processor_.open_sets);
    return kPapiOk;
  }
  int assign(int set, int component) override {
    if (!sets_.count(set)) return kNoSet;
    if (component != processor_.component) return kPapiInvalid;
    sets_[set].assigned = true;
    return option("assign", set);
  }
  int user_only(int set) override { return sets_[set].assigned ? option("user_only", set) : kPapiInvalid; }
  int inherit(int set) override {
    if (!sets_[set].assigned || !sets_[set].events.empty()) return kPapiInvalid;  // the events would have to be opened anew
    sets_[set].inherits = true;
    return option("inherit", set);
  }
  int attach(int set, pid_t) override {
    if (!sets_[set].assigned || sets_[set].attached) return kPapiInvalid;
    sets_[set].attached = true;
    return processor_.refuse_attach != kPapiOk ? processor_.refuse_attach : option("attach", set);
  }
  int add(int set, int event) override {
    Set& s = sets_[set];
    if (!s.inherits || s.running) return kRunning;
    const std::string name = std::next(processor_.counts.begin(), event)->first;
    if (const auto refused = processor_.refused.find(name); refused != processor_.refused.end()) return refused->second;
    int used = cost_of(name);
    for (const std::string& other : s.events) used += cost_of(other);
    if (used > processor_.counters) return kPapiConflict;
    s.events.push_back(name);
    return kPapiOk;
  }
  int start(int set) override {
    if (sets_[set].events.empty()) return kPapiInvalid;
    sets_[set].running = true;
    return kPapiOk;
  }
  int read(int set, long long* values) override {
    if (!sets_[set].running) return kPapiInvalid;
    if (processor_.refuse_read != kPapiOk) return processor_.refuse_read;
    for (const std::string& event : sets_[set].events) *values++ = processor_.counts.at(event);
    return kPapiOk;
  }
  void destroy(int set) override {
    REQUIRE(sets_.erase(set) == 1);  // never twice
    --processor_.open_sets;
  }

 private:
  struct Set {
    std::vector<std::string> events;
    bool assigned = false, inherits = false, attached = false, running = false;
  };
  int option(const char* what, int set) {
    processor_.calls.push_back(std::string(what) + " " + std::to_string(set));
    return kPapiOk;
  }
  int cost_of(const std::string& event) const {
    const auto found = processor_.cost.find(event);
    return found == processor_.cost.end() ? 1 : found->second;
  }

  Processor& processor_;
  std::map<int, Set> sets_;
  int last_ = 0;
};

/// A folder that lists a processor's counters, as the kernel does; gone at the end of its scope.
class Pmus {
 public:
  explicit Pmus(const std::vector<std::string>& files) {
    std::string pattern = (fs::temp_directory_path() / "assay-pmus-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
    for (const std::string& file : files) {
      fs::create_directories((path_ / file).parent_path());
      std::ofstream(path_ / file) << "x";
    }
  }
  Pmus(const Pmus&) = delete;
  Pmus& operator=(const Pmus&) = delete;
  ~Pmus() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// A processor with every preset.
Processor complete() {
  Processor p;
  for (const char* event : {"PAPI_TOT_INS", "PAPI_TOT_CYC", "PAPI_BR_MSP", "PAPI_L3_TCM", "PAPI_L1_DCM", "PAPI_L2_TCM",
                            "PAPI_TLB_DM", "PAPI_DP_OPS", "PAPI_SP_OPS"}) {
    p.counts[event] = 1000;
  }
  return p;
}

std::unique_ptr<worker::CounterSource> counters_of(Processor& processor, const fs::path& pmus) {
  return papi_counters([&processor] { return Result<std::unique_ptr<PapiLibrary>>(std::make_unique<FakePapi>(processor)); },
                       {.pmus = pmus, .paranoid = pmus / "paranoid"});
}

/// What a process of `round` reads of a block in which every event happened `more` times.
Json block(Processor& processor, int round, long long more = 7) {
  const Pmus pmus({"cpu/type"});
  ::setenv("ASSAY_COUNTER_SET", ("00000" + std::to_string(round)).c_str(), 1);
  const auto counters = counters_of(processor, pmus.path());
  counters->open();
  ::unsetenv("ASSAY_COUNTER_SET");
  counters->start();
  for (auto& [event, count] : processor.counts) count += more;
  counters->stop();
  return counters->read();
}

std::vector<std::string> names_of(const Json& values) {
  std::vector<std::string> names;
  for (const auto& [name, value] : values.items()) {
    if (value.is_number()) names.push_back(name);
  }
  return names;
}

std::string reason_of(const Json& values, const char* name) {
  return values.contains(name) && values[name].is_object() ? values[name].value("reason", "") : "(no reason)";
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a round counts one set of presets, the next round the next, and then the first again") {
  Processor p = complete();
  const Names first{"branch_misses", "cycles", "instructions", "llc_misses"};
  CHECK(names_of(block(p, 0)) == first);
  CHECK(names_of(block(p, 1)) == Names{"dtlb_misses", "flop_f64", "l1d_misses", "l2_misses"});
  CHECK(names_of(block(p, 2)) == Names{"flop_f32"});
  CHECK(names_of(block(p, 3)) == first);
  CHECK(p.open_sets == 0);
}

TEST_CASE("a block's count is the difference of two reads, and the next block's of the next two") {
  Processor p = complete();
  const Pmus pmus({"cpu/type"});
  const auto counters = counters_of(p, pmus.path());
  counters->open();
  p.counts["PAPI_TOT_INS"] += 500;  // between blocks
  counters->start();
  p.counts["PAPI_TOT_INS"] += 30;
  counters->stop();
  CHECK(counters->read() == Json{{"instructions", 30}, {"cycles", 0}, {"branch_misses", 0}, {"llc_misses", 0}});
  p.counts["PAPI_TOT_INS"] += 500;
  counters->start();
  p.counts["PAPI_TOT_INS"] += 4;
  counters->stop();
  CHECK(counters->read()["instructions"] == 4);
}

TEST_CASE("a set is bound to its component, user mode and inheritance before it has events") {
  Processor p = complete();
  CHECK(names_of(block(p, 0)).size() == 4);  // the made-up library refuses another order
  REQUIRE(p.calls.size() >= 3);
  CHECK(p.calls[0] == "assign 1");
  CHECK(p.calls[1] == "user_only 1");
  CHECK(p.calls[2] == "inherit 1");
}

TEST_CASE("where a preset is missing its native events are summed by their weights") {
  Processor p = complete();
  p.counts.erase("PAPI_DP_OPS");
  for (const char* width : {"SCALAR_DOUBLE", "128B_PACKED_DOUBLE", "256B_PACKED_DOUBLE", "512B_PACKED_DOUBLE"}) {
    p.counts["FP_ARITH_INST_RETIRED:" + std::string(width)] = 0;
  }
  CHECK(block(p, 2)["flop_f64"] == 7 * (1 + 2 + 4 + 8));  // four events: a set of their own
  CHECK(block(p, 3) == Json{{"flop_f32", 7}});
  p.counts.erase("FP_ARITH_INST_RETIRED:512B_PACKED_DOUBLE");
  CHECK(block(p, 2) == Json{{"flop_f64", 7 * (1 + 2 + 4)}, {"flop_f32", 7}});
}

TEST_CASE("the kernel's generic events stand in for presets that a processor's table lacks") {
  Processor p;
  p.counts = {{"perf::INSTRUCTIONS", 0}, {"perf::CYCLES", 0}};
  const Json values = block(p, 0);
  CHECK(names_of(values) == Names{"cycles", "instructions"});
  CHECK(reason_of(values, "branch_misses") == "PAPI: this processor has no event PAPI_BR_MSP");
  CHECK(reason_of(values, "flop_f64") == "PAPI: this processor has no event PAPI_DP_OPS");
}

TEST_CASE("a processor that counts both precisions together says so by another name") {
  Processor p = complete();
  p.counts.erase("PAPI_DP_OPS");
  p.counts.erase("PAPI_SP_OPS");
  p.counts["RETIRED_SSE_AVX_FLOPS:ANY"] = 0;
  const Json values = block(p, 1);
  CHECK(values["flop"] == 7);
  CHECK(reason_of(values, "flop_f64") != "(no reason)");
  p = complete();
  p.counts["RETIRED_SSE_AVX_FLOPS:ANY"] = 0;
  for (int round = 0; round < 4; ++round) CHECK_FALSE(block(p, round).contains("flop"));
}

TEST_CASE("events that don't fit together are split over more sets, and one that fits nowhere is refused") {
  Processor p = complete();
  p.counters = 2;
  p.cost["PAPI_DP_OPS"] = 3;
  CHECK(names_of(block(p, 0)) == Names{"cycles", "instructions"});
  CHECK(names_of(block(p, 1)) == Names{"branch_misses", "llc_misses"});
  CHECK(names_of(block(p, 2)) == Names{"l1d_misses", "l2_misses"});
  CHECK(names_of(block(p, 3)) == Names{"dtlb_misses", "flop_f32"});
  CHECK(names_of(block(p, 4)) == Names{"cycles", "instructions"});
  for (int round = 0; round < 4; ++round) {  // a reason belongs to every round, a number to one
    CHECK(reason_of(block(p, round), "flop_f64") == "PAPI: PAPI_DP_OPS needs more counters than this processor has free");
  }
}

TEST_CASE("an event that is known and can't be opened has PAPI's words as its reason") {
  Processor p = complete();
  p.refused["PAPI_L3_TCM"] = kNoEvent;
  const Json values = block(p, 0);
  CHECK(reason_of(values, "llc_misses") == "PAPI: PAPI_L3_TCM: Event does not exist");
  CHECK(names_of(values) == Names{"branch_misses", "cycles", "instructions", "l1d_misses"});
}

TEST_CASE("where the kernel forbids counting the reason is its setting and the command that permits") {
  Processor p = complete();
  for (const auto& [event, count] : p.counts) p.refused[event] = kPapiPermission;
  const auto reason_with = [&p](const char* paranoid) {
    const Pmus pmus({"cpu/type"});
    if (*paranoid) std::ofstream(pmus.path() / "paranoid") << paranoid << "\n";
    const auto counters = counters_of(p, pmus.path());
    counters->open();
    return reason_of(counters->read(), "cycles");
  };
  CHECK(reason_with("4") == "PAPI: refused by the kernel (perf_event_paranoid = 4); run: sudo sysctl -w kernel.perf_event_paranoid=2");
  CHECK(reason_with("2") == "PAPI: refused although perf_event_paranoid = 2 (a container's seccomp filter?)");
  CHECK(reason_with("") == "PAPI: refused by the kernel (perf events are not in this container)");
}

TEST_CASE("without a processor's counters in the kernel PAPI isn't even loaded") {
  const Pmus none({"software/type", "breakpoint/type", "uncore_imc_0/cpumask"});
  bool loaded = false;
  const auto counters = papi_counters([&loaded]() -> Result<std::unique_ptr<PapiLibrary>> {
    loaded = true;
    return Error{"loaded"};
  }, {.pmus = none.path()});
  CHECK(reason_of(counters->read(), "cycles") == "PAPI: not opened yet");
  counters->open();
  CHECK_FALSE(loaded);
  CHECK(reason_of(counters->read(), "cycles") == "no hardware counters (virtual machine?)");
  CHECK(reason_of(counters->read(), "flop_f32") == "no hardware counters (virtual machine?)");
  for (const char* file : {"cpu/type", "cpu_core/type", "armv8_pmuv3_0/cpus"}) {
    CAPTURE(file);
    const Pmus some({file});
    const auto other = papi_counters([]() -> Result<std::unique_ptr<PapiLibrary>> { return Error{"loaded"}; }, {.pmus = some.path()});
    other->open();
    CHECK(reason_of(other->read(), "cycles") == "loaded");
  }
}

TEST_CASE("what stands in PAPI's way is every counter's reason") {
  Processor p = complete();
  std::string wanted;
  SECTION("another version") {
    p.initialised = kPapiInvalid;
    wanted = "PAPI: the library is not version 7.0, which Assay was built with; build Assay again";
  }
  SECTION("initialising fails") {
    p.initialised = kPapiPermission;
    wanted = "PAPI: it can't be initialised (Permission level does not permit operation)";
  }
  SECTION("no such component") {
    p.component = -1;
    wanted = "PAPI: this library was built without its component perf_event";
  }
  SECTION("the component is off") {
    p.disabled = "Error libpfm4 no default PMU found";
    wanted = "PAPI: component perf_event is disabled: Error libpfm4 no default PMU found";
  }
  SECTION("the component is off because the kernel forbids") {
    p.disabled = "perf_event support disabled by Linux with paranoid=3";
    wanted = "PAPI: component perf_event is disabled: perf_event support disabled by Linux with paranoid=3; "
             "run: sudo sysctl -w kernel.perf_event_paranoid=2";
  }
  const Json values = block(p, 0);
  CHECK(names_of(values).empty());
  CHECK(values.size() == 9);
  for (const auto& [name, value] : values.items()) CHECK(value.value("reason", "") == wanted);
}

TEST_CASE("threads that are there already are counted, each by a set of its own") {
  Processor p = complete();
  std::atomic<bool> done{false};
  std::thread pool([&done] { done.wait(false); });
  const auto threads = threads_of_this_process().size();
  REQUIRE(threads >= 2);
  CHECK(block(p, 0)["instructions"] == 7 * static_cast<long long>(threads));
  CHECK(p.most_open_sets == static_cast<int>(threads));
  CHECK(std::count_if(p.calls.begin(), p.calls.end(), [](const std::string& c) { return c.starts_with("attach"); }) ==
        static_cast<std::ptrdiff_t>(threads) - 1);
  p.refuse_attach = kPapiPermission;  // without that thread the sum would be too small
  const Json values = block(p, 0);
  CHECK(names_of(values).empty());
  CHECK_THAT(reason_of(values, "instructions"), ContainsSubstring("PAPI: refused"));
  CHECK(p.open_sets == 0);
  done = true;
  done.notify_all();
  pool.join();
}

TEST_CASE("after a read that failed there are reasons, not numbers") {
  Processor p = complete();
  const Pmus pmus({"cpu/type"});
  const auto counters = counters_of(p, pmus.path());
  counters->open();
  p.refuse_read = kNoSet;
  counters->start();
  counters->stop();
  CHECK(names_of(counters->read()).empty());
  CHECK(reason_of(counters->read(), "cycles") == "PAPI: status -11");
}

TEST_CASE("the library of this machine gives numbers or reasons, whatever the kernel has") {
  const Pmus pmus({"cpu/type"});  // so that PAPI is asked even here
  const auto counters = papi_counters(load_papi, {.pmus = pmus.path()});
  counters->open();
  counters->start();
  counters->stop();
  const Json values = counters->read();
  REQUIRE_FALSE(values.empty());
  for (const auto& [name, value] : values.items()) {
    CAPTURE(name, value);
    const bool good = value.is_number() ? value.get<double>() >= 0 : !value.value("reason", "").empty();
    CHECK(good);
    if (value.is_object()) CHECK_THAT(value.value("reason", ""), ContainsSubstring("PAPI"));
  }
}

TEST_CASE("the library of this machine counts the kernel's own clock, of all threads where the processor has counters") {
  auto papi = load_papi();
  if (!papi || (*papi)->initialise() != kPapiOk || (*papi)->component() < 0 || !(*papi)->disabled_reason((*papi)->component()).empty()) {
    WARN("not checked here: PAPI has no events at all");
    return;
  }
  PapiLibrary& library = **papi;
  const auto event = library.event("perf::TASK-CLOCK");  // ns; software, so that it needs no processor's counters
  REQUIRE(event);
  int probe = 0;
  REQUIRE(library.create(probe) == kPapiOk);
  REQUIRE(library.assign(probe, library.component()) == kPapiOk);
  // PAPI tries an option out on a hardware event, so without a processor's counters none can be set.
  const bool options = library.user_only(probe) == kPapiOk;
  CHECK(options == (library.inherit(probe) == kPapiOk));
  library.destroy(probe);
  if (!options) WARN("inheritance and attaching are not checked here: the processor has no counters");

  const auto spin = [] {
    timespec begin{}, now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    do {
      ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    } while ((now.tv_sec - begin.tv_sec) * 1'000'000'000 + now.tv_nsec - begin.tv_nsec < 20'000'000);
  };
  std::atomic<pid_t> there{0};
  std::atomic<bool> go{false};
  std::thread before([&] {
    there = ::gettid();
    there.notify_all();
    go.wait(false);
    spin();
  });
  there.wait(0);
  std::vector<int> sets;
  for (const pid_t thread : {pid_t{0}, there.load()}) {
    if (thread != 0 && !options) continue;
    int set = 0;
    CHECK(library.create(set) == kPapiOk);
    CHECK(library.assign(set, library.component()) == kPapiOk);
    if (options) CHECK(library.user_only(set) == kPapiOk);
    if (options) CHECK(library.inherit(set) == kPapiOk);
    if (thread != 0) CHECK(library.attach(set, thread) == kPapiOk);
    CHECK(library.add(set, *event) == kPapiOk);
    CHECK(library.start(set) == kPapiOk);
    sets.push_back(set);
  }
  std::thread after(spin);
  go = true;
  go.notify_all();
  spin();
  before.join();
  after.join();
  const long long expected[] = {options ? 39'000'000 : 19'000'000, 19'000'000};  // itself and what it started; the other one
  for (std::size_t i = 0; i < sets.size(); ++i) {
    long long ns = 0;
    CHECK(library.read(sets[i], &ns) == kPapiOk);
    CHECK(ns >= expected[i]);
    library.destroy(sets[i]);
  }
}
