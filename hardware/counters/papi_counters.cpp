// One event set a process, counting from `open` on; a block is the difference of two reads (PAPI's reset forgets neither
// threads that have ended nor costs less). Inherited counts are read by system calls: PAPI's fast reads see one thread only.
#include "hardware/counters/papi_counters.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hardware/counters/threads.hpp"

namespace assay::hardware {

namespace {

struct Term {
  const char* event = nullptr;
  int weight = 1;
};
using Recipe = std::vector<Term>;  // counter = Σ weight · event

struct Wanted {
  const char* name;
  std::vector<Recipe> recipes;  // the first that this processor can count
};

/// The events of one set; no more, so that a set fits beside a counter that the kernel's watchdog took.
constexpr std::size_t kMostInSet = 4;

constexpr int kUserMode = 2;  // the highest perf_event_paranoid that lets a process count itself
constexpr const char* kPermit = "; run: sudo sysctl -w kernel.perf_event_paranoid=2";

/// In the order in which sets are filled: what IPC needs is in one.
/// Floating-point operations by width (Intel's counter counts an FMA twice, as two operations).
const std::vector<Wanted>& wanted() {
  static const std::vector<Wanted> kWanted{
      {"instructions", {{{"PAPI_TOT_INS"}}, {{"perf::INSTRUCTIONS"}}}},
      {"cycles", {{{"PAPI_TOT_CYC"}}, {{"perf::CYCLES"}}}},
      {"branch_misses", {{{"PAPI_BR_MSP"}}, {{"perf::BRANCH-MISSES"}}}},
      {"llc_misses", {{{"PAPI_L3_TCM"}}, {{"LONGEST_LAT_CACHE:MISS"}}}},
      {"l1d_misses", {{{"PAPI_L1_DCM"}}, {{"perf::L1-DCACHE-LOAD-MISSES"}}}},
      {"l2_misses", {{{"PAPI_L2_TCM"}}, {{"PAPI_L2_DCM"}}}},
      {"dtlb_misses", {{{"PAPI_TLB_DM"}}, {{"perf::DTLB-LOAD-MISSES"}}}},
      {"flop_f64",
       {{{"PAPI_DP_OPS"}},
        {{"FP_ARITH_INST_RETIRED:SCALAR_DOUBLE", 1},
         {"FP_ARITH_INST_RETIRED:128B_PACKED_DOUBLE", 2},
         {"FP_ARITH_INST_RETIRED:256B_PACKED_DOUBLE", 4},
         {"FP_ARITH_INST_RETIRED:512B_PACKED_DOUBLE", 8}},
        {{"FP_ARITH_INST_RETIRED:SCALAR_DOUBLE", 1},
         {"FP_ARITH_INST_RETIRED:128B_PACKED_DOUBLE", 2},
         {"FP_ARITH_INST_RETIRED:256B_PACKED_DOUBLE", 4}}}},
      {"flop_f32",
       {{{"PAPI_SP_OPS"}},
        {{"FP_ARITH_INST_RETIRED:SCALAR_SINGLE", 1},
         {"FP_ARITH_INST_RETIRED:128B_PACKED_SINGLE", 4},
         {"FP_ARITH_INST_RETIRED:256B_PACKED_SINGLE", 8},
         {"FP_ARITH_INST_RETIRED:512B_PACKED_SINGLE", 16}},
        {{"FP_ARITH_INST_RETIRED:SCALAR_SINGLE", 1},
         {"FP_ARITH_INST_RETIRED:128B_PACKED_SINGLE", 4},
         {"FP_ARITH_INST_RETIRED:256B_PACKED_SINGLE", 8}}}},
  };
  return kWanted;
}

/// AMD's Zen counts operations of both precisions together. Asked for where neither can be had alone.
const Wanted kBothPrecisions{"flop", {{{"RETIRED_SSE_AVX_FLOPS:ANY"}}}};

/// A processor's own counters, as the kernel lists them: "cpu", "cpu_core" beside "cpu_atom"; on Arm a name with a file
/// of the CPUs that it belongs to, which a memory controller's doesn't have.
bool has_processor_counters(const std::filesystem::path& pmus) {
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(pmus, failure)) {
    if (entry.path().filename().string().starts_with("cpu") || std::filesystem::exists(entry.path() / "cpus", failure)) return true;
  }
  return false;
}

/// The round's number, as the supervisor tells it; 0 without one.
std::size_t set_of_this_round() {
  const char* text = std::getenv("ASSAY_COUNTER_SET");
  if (!text) return 0;
  std::size_t number = 0;
  const std::string_view digits(text);
  return std::from_chars(digits.data(), digits.data() + digits.size(), number).ec == std::errc() ? number : 0;
}

class PapiCounters final : public worker::CounterSource {
 public:
  PapiCounters(LoadPapi load, CounterPlaces places) : load_(std::move(load)), places_(std::move(places)) {
    refuse_all("PAPI: not opened yet");
  }
  PapiCounters(const PapiCounters&) = delete;
  PapiCounters& operator=(const PapiCounters&) = delete;
  ~PapiCounters() override { close(); }

  void open() override {
    close();
    reasons_.clear();
    if (const std::string why = prepare(); !why.empty()) return refuse_all(why);
    auto sets = plan_sets();
    if (sets.empty()) return;
    counters_ = std::move(sets[set_of_this_round() % sets.size()]);
    if (const std::string why = open_threads(); !why.empty()) {
      for (const Counter& counter : counters_) reasons_.emplace_back(counter.name, why);
      close();
      return;
    }
    start();
  }

  void start() override {
    read_into(before_);
    after_ = before_;  // same size: nothing is allocated
  }
  void stop() override { read_into(after_); }

  Json read() const override {
    Json values = Json::object();
    std::size_t at = 0;
    for (const Counter& counter : counters_) {
      std::int64_t sum = 0;
      for (const Event& event : counter.events) {
        sum += event.weight * (after_[at] - before_[at]);
        ++at;
      }
      values[counter.name] = failed_ == kPapiOk ? Json(sum) : Json{{"reason", refusal(failed_)}};
    }
    for (const auto& [name, reason] : reasons_) values[name] = {{"reason", reason}};
    return values;
  }

 private:
  struct Event {
    int code = 0;
    int weight = 1;
  };
  struct Counter {
    const char* name = nullptr;
    std::vector<Event> events;
  };
  using Set = std::vector<Counter>;

  void refuse_all(const std::string& why) {
    for (const Wanted& counter : wanted()) reasons_.emplace_back(counter.name, why);
  }

  /// Loads and initialises; what stands in the way, or nothing.
  std::string prepare() {
    if (!has_processor_counters(places_.pmus)) return "no hardware counters (virtual machine?)";
    if (!papi_) {
      auto loaded = load_();
      if (!loaded) return loaded.error().message;
      papi_ = *std::move(loaded);
      const int status = papi_->initialise();
      if (status != kPapiOk) {
        const std::string message = papi_->message(status);
        const std::string version = papi_->version();
        papi_.reset();
        return status == kPapiInvalid
                   ? fmt::format("PAPI: the library is not version {}, which Assay was built with; build Assay again", version)
                   : fmt::format("PAPI: it can't be initialised ({})", message);
      }
    }
    component_ = papi_->component();
    if (component_ < 0) return "PAPI: this library was built without its component perf_event";
    const std::string disabled = papi_->disabled_reason(component_);
    if (disabled.empty()) return "";
    const bool forbidden = disabled.find("paranoid") != std::string::npos;
    return fmt::format("PAPI: component perf_event is disabled: {}{}", disabled, forbidden ? kPermit : "");
  }

  /// PAPI's words for a status; where the kernel forbids, the command that permits.
  std::string refusal(int status) const {
    if (status != kPapiPermission) return "PAPI: " + papi_->message(status);
    int paranoid = 0;
    if (!(std::ifstream(places_.paranoid) >> paranoid)) return "PAPI: refused by the kernel (perf events are not in this container)";
    if (paranoid > kUserMode) return fmt::format("PAPI: refused by the kernel (perf_event_paranoid = {}){}", paranoid, kPermit);
    return fmt::format("PAPI: refused although perf_event_paranoid = {} (a container's seccomp filter?)", paranoid);
  }

  /// Fills sets in order; a counter that fits into none of its own is refused with PAPI's words.
  std::vector<Set> plan_sets() {
    std::vector<Set> sets;
    bool any_flop = false;
    for (const Wanted& counter : wanted()) {
      const std::string why = place(counter, sets);
      if (!why.empty()) reasons_.emplace_back(counter.name, why);
      any_flop = any_flop || (why.empty() && std::string_view(counter.name).starts_with("flop_"));
    }
    if (!any_flop) static_cast<void>(place(kBothPrecisions, sets));  // the reasons above stand either way
    return sets;
  }

  std::string place(const Wanted& wanted_counter, std::vector<Set>& sets) {
    std::string why;
    for (const Recipe& recipe : wanted_counter.recipes) {
      Counter counter{wanted_counter.name, {}};
      const char* missing = nullptr;
      for (const Term& term : recipe) {
        const auto code = papi_->event(term.event);
        if (code) {
          counter.events.push_back({*code, term.weight});
        } else if (!missing) {
          missing = term.event;
        }
      }
      if (missing) {
        if (why.empty()) why = fmt::format("PAPI: this processor has no event {}", missing);
        continue;
      }
      if (!sets.empty() && size_of(sets.back()) + counter.events.size() <= kMostInSet) {
        sets.back().push_back(counter);
        if (try_out(sets.back()) == kPapiOk) return "";
        sets.back().pop_back();
      }
      const int status = try_out({counter});
      if (status == kPapiOk) {
        sets.push_back({std::move(counter)});
        return "";
      }
      why = status == kPapiConflict
                ? fmt::format("PAPI: {} needs more counters than this processor has free", recipe.front().event)
            : status == kPapiPermission ? refusal(status)
                                        : fmt::format("PAPI: {}: {}", recipe.front().event, papi_->message(status));
    }
    return why;
  }

  static std::size_t size_of(const Set& set) {
    std::size_t events = 0;
    for (const Counter& counter : set) events += counter.events.size();
    return events;
  }

  /// Whether the processor counts these together: known only by opening them.
  int try_out(const Set& set) {
    int handle = 0;
    const int status = open_set(set, 0, handle);
    if (status == kPapiOk) papi_->destroy(handle);
    return status;
  }

  /// `thread` 0: the calling one.
  int open_set(const Set& set, pid_t thread, int& handle) {
    int status = papi_->create(handle);
    if (status != kPapiOk) return status;
    status = papi_->assign(handle, component_);  // options belong to a component, so it comes first
    if (status == kPapiOk) status = papi_->user_only(handle);
    if (status == kPapiOk) status = papi_->inherit(handle);
    if (status == kPapiOk && thread != 0) status = papi_->attach(handle, thread);
    for (const Counter& counter : set) {
      for (const Event& event : counter.events) {
        if (status == kPapiOk) status = papi_->add(handle, event.code);
      }
    }
    if (status != kPapiOk) papi_->destroy(handle);
    return status;
  }

  /// The calling thread and those that are there already (a pool that an `import` started), each with its own set.
  std::string open_threads() {
    for (const pid_t thread : threads_of_this_process()) {
      const bool own = thread == 0 || thread == ::gettid();
      int handle = 0;
      int status = open_set(counters_, own ? 0 : thread, handle);
      if (status == kPapiOk) {
        handles_.push_back(handle);
        status = papi_->start(handle);
      }
      if (status == kPapiOk) continue;
      if (own || is_thread_of_this_process(thread)) return refusal(status);
      if (!handles_.empty() && handles_.back() == handle) {  // it ended in the meantime
        papi_->destroy(handle);
        handles_.pop_back();
      }
    }
    const std::size_t events = size_of(counters_);
    values_.assign(events, 0);
    before_.assign(events, 0);
    after_.assign(events, 0);
    return "";
  }

  void read_into(std::vector<long long>& totals) {
    std::fill(totals.begin(), totals.end(), 0);
    for (const int handle : handles_) {
      const int status = papi_->read(handle, values_.data());
      if (status != kPapiOk) failed_ = status;
      for (std::size_t i = 0; i < totals.size(); ++i) totals[i] += values_[i];
    }
  }

  void close() {
    for (const int handle : handles_) papi_->destroy(handle);
    handles_.clear();
    counters_.clear();
    failed_ = kPapiOk;
  }

  LoadPapi load_;
  CounterPlaces places_;
  std::unique_ptr<PapiLibrary> papi_;
  int component_ = -1;
  Set counters_;              // of this process
  std::vector<int> handles_;  // one event set a thread
  std::vector<long long> values_, before_, after_;  // an element an event, in the order of counters_
  int failed_ = kPapiOk;      // of a read: then no number of this process can be trusted
  std::vector<std::pair<std::string, std::string>> reasons_;
};

}  // namespace

std::unique_ptr<worker::CounterSource> papi_counters(LoadPapi load, CounterPlaces places) {
  return std::make_unique<PapiCounters>(std::move(load), std::move(places));
}

}  // namespace assay::hardware
