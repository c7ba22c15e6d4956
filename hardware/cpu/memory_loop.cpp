#include "hardware/cpu/memory_loop.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <limits>

#include "hardware/cpu/memory_kernels.hpp"
#include "hardware/cpu/thread_team.hpp"
#include "harness/core/names.hpp"

namespace assay::hardware {

namespace {

constexpr NameTable<MemoryPattern, 5> kPatterns{{{{MemoryPattern::read, "read"},
                                                  {MemoryPattern::write, "write"},
                                                  {MemoryPattern::copy, "copy"},
                                                  {MemoryPattern::triad, "triad"},
                                                  {MemoryPattern::latency, "latency"}}}};

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kHugePage = 2 << 20;
constexpr std::size_t kChunkDoubles = (1 << 20) / sizeof(double);  // of all arrays together: an iteration
constexpr std::size_t kPageDoubles = 4096 / sizeof(double);
constexpr double kWritten = 7;  // what `write` writes
constexpr double kPoison = -1;  // what no pattern leaves behind

/// Memory on huge pages if the system gives them: with small ones a loop over more than a few MiB is about address
/// translation.
class Room {
 public:
  explicit Room(std::size_t bytes)
      : bytes_((bytes + kHugePage - 1) / kHugePage * kHugePage), start_(std::aligned_alloc(kHugePage, bytes_)) {
    if (start_) ::madvise(start_, bytes_, MADV_HUGEPAGE);
  }
  ~Room() { std::free(start_); }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  template <class T>
  T* as() const {
    return static_cast<T*>(start_);
  }
  explicit operator bool() const { return start_ != nullptr; }

 private:
  std::size_t bytes_;
  void* start_;
};

int arrays_of(MemoryPattern pattern) {
  return pattern == MemoryPattern::triad ? 3 : pattern == MemoryPattern::copy ? 2 : 1;
}

/// What the inputs hold at `i`: small integers, so that a triad of them is exact.
double b_at(std::size_t i) { return static_cast<double>(i % 1021); }
double c_at(std::size_t i) { return static_cast<double>(i % 509); }

/// What one thread goes through: one to three arrays, by chunks; the first is what it leaves behind, or what it reads.
struct alignas(128) Lane {
  explicit Lane(std::size_t bytes) : room(bytes) {}
  Room room;
  std::size_t next = 0;     // chunk
  std::size_t first = 0;    // chunk of the last run
  std::uint64_t sum = 0;    // of what the last run read
};

class BandwidthLoop final : public CeilingLoop {
 public:
  BandwidthLoop(MemoryPattern pattern, const MemoryKernels& kernels, bool past_caches, std::unique_ptr<ThreadTeam> team,
                std::size_t doubles)
      : pattern_(pattern),
        kernels_(kernels),
        past_caches_(past_caches),
        team_(std::move(team)),
        chunk_(std::min(kChunkDoubles, doubles) / static_cast<std::size_t>(arrays_of(pattern)) / kBlockDoubles * kBlockDoubles),
        chunks_(doubles / static_cast<std::size_t>(arrays_of(pattern)) / chunk_) {}

  Result<Done> fill() {
    const std::size_t bytes = array() * static_cast<std::size_t>(arrays_of(pattern_)) * sizeof(double);
    for (int i = 0; i < team_->size(); ++i) {
      lanes_.push_back(std::make_unique<Lane>(bytes));
      if (!lanes_.back()->room) return Error{fmt::format("{} bytes of memory can't be had", bytes)};
    }
    // By the thread that will use it, so that it comes from that thread's NUMA node.
    team_->run([&](int member) { fill(*lanes_[static_cast<std::size_t>(member)]); });
    return Done{};
  }

  void run(std::int64_t iterations) override {
    iterations_ = iterations;
    team_->run([&](int member) { work(*lanes_[static_cast<std::size_t>(member)], iterations); });
  }

  /// One word a page: enough to find a chunk that was left out, too little to push anything out of a cache.
  void poison() override {
    iterations_ = 0;
    if (pattern_ == MemoryPattern::read) return;
    for (const auto& lane : lanes_) {
      for (std::size_t i = 0; i < array(); i += kPageDoubles) lane->room.as<double>()[i] = kPoison;
    }
  }

  double max_error() const override {
    if (iterations_ == 0) return kInfinity;
    const bool right = std::all_of(lanes_.begin(), lanes_.end(), [&](const auto& lane) {
      return pattern_ == MemoryPattern::read ? lane->sum == expected_sum(*lane) : left_behind(*lane);
    });
    return right ? 0 : kInfinity;
  }

  std::string_view rule() const override { return "exact: small integers, and sums modulo 2^64"; }
  double bytes_per_iteration() const override {
    return static_cast<double>(chunk_ * sizeof(double)) * arrays_of(pattern_) * team_->size();
  }
  double flop_per_iteration() const override {
    return pattern_ == MemoryPattern::triad ? 2.0 * static_cast<double>(chunk_) * team_->size() : 0;
  }
  std::string_view isa() const override { return kernels_.isa; }

 private:
  std::size_t array() const { return chunk_ * chunks_; }

  void fill(Lane& lane) const {
    if (pattern_ == MemoryPattern::read) {
      auto* words = lane.room.as<std::uint64_t>();
      for (std::size_t i = 0; i < array(); ++i) words[i] = i;
      return;
    }
    double* a = lane.room.as<double>();
    std::fill_n(a, array(), kPoison);
    for (std::size_t i = 0; arrays_of(pattern_) > 1 && i < array(); ++i) a[array() + i] = b_at(i);
    for (std::size_t i = 0; arrays_of(pattern_) > 2 && i < array(); ++i) a[2 * array() + i] = c_at(i);
  }

  void work(Lane& lane, std::int64_t iterations) const {
    lane.first = lane.next;
    std::uint64_t sum = 0;
    for (std::int64_t i = 0; i < iterations; ++i) {
      sum += pass(lane, lane.next * chunk_);
      lane.next = lane.next + 1 == chunks_ ? 0 : lane.next + 1;
    }
    lane.sum = sum;
  }

  std::uint64_t pass(const Lane& lane, std::size_t at) const {
    if (pattern_ == MemoryPattern::read) return kernels_.read(lane.room.as<std::uint64_t>() + at, chunk_);
    double* a = lane.room.as<double>() + at;
    if (pattern_ == MemoryPattern::write) {
      (past_caches_ ? kernels_.stream_write : kernels_.write)(a, chunk_, kWritten);
    } else if (pattern_ == MemoryPattern::copy) {
      (past_caches_ ? kernels_.stream_copy : kernels_.copy)(a, a + array(), chunk_);
    } else {
      (past_caches_ ? kernels_.stream_triad : kernels_.triad)(a, a + array(), a + 2 * array(), chunk_);
    }
    return 0;
  }

  /// Σ over the chunks of the last run of the words i … i + chunk − 1.
  std::uint64_t expected_sum(const Lane& lane) const {
    std::uint64_t sum = 0;
    std::size_t chunk = lane.first;
    for (std::int64_t i = 0; i < iterations_; ++i) {
      const std::uint64_t start = chunk * chunk_;
      sum += start * chunk_ + chunk_ * (chunk_ - 1) / 2;
      chunk = chunk + 1 == chunks_ ? 0 : chunk + 1;
    }
    return sum;
  }

  bool left_behind(const Lane& lane) const {
    const double* a = lane.room.as<double>();
    const std::size_t touched = std::min(chunks_, static_cast<std::size_t>(iterations_));
    for (std::size_t k = 0; k < touched; ++k) {
      const std::size_t start = (lane.first + k) % chunks_ * chunk_;
      for (std::size_t i = start; i < start + chunk_; ++i) {
        const double right = pattern_ == MemoryPattern::write  ? kWritten
                             : pattern_ == MemoryPattern::copy ? b_at(i)
                                                               : b_at(i) + kTriadFactor * c_at(i);
        if (a[i] != right) return false;
      }
    }
    return true;
  }

  MemoryPattern pattern_;
  MemoryKernels kernels_;
  bool past_caches_;
  std::unique_ptr<ThreadTeam> team_;
  std::size_t chunk_;   // doubles of one array in an iteration
  std::size_t chunks_;  // of one array
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::int64_t iterations_ = 0;
};

/// A ring through lines of memory in the order of a full-period linear congruential generator: any step leads to any other
/// page, and where a number of steps ends can be computed.
class LatencyLoop final : public CeilingLoop {
 public:
  explicit LatencyLoop(std::size_t bytes) : lines_(std::bit_floor(bytes / kLine)), room_(lines_ * kLine) {}

  Result<Done> fill() {
    if (!room_) return Error{fmt::format("{} bytes of memory can't be had", lines_ * kLine)};
    for (std::size_t i = 0; i < lines_; ++i) *line(i) = line(after(i));
    at_ = line(0);
    return Done{};
  }

  void run(std::int64_t iterations) override {
    void** at = line(expected_);
    for (std::int64_t i = 0; i < iterations; ++i) {
      at = static_cast<void**>(*at);
      __asm__ volatile("" : "+r"(at));
    }
    at_ = at;
    expected_ = jumped(expected_, static_cast<std::uint64_t>(iterations));
  }
  void poison() override { at_ = nullptr; }
  double max_error() const override { return at_ == line(expected_) ? 0 : kInfinity; }
  std::string_view rule() const override { return "exact: the walk ends at the line that its length implies"; }
  std::string_view isa() const override { return "any"; }

 private:
  static constexpr std::size_t kLine = 64;
  static constexpr std::uint64_t kMultiplier = 6364136223846793005;  // Knuth's MMIX; ≡ 1 modulo 4: Hull & Dobell
  static constexpr std::uint64_t kIncrement = 1442695040888963407;

  void** line(std::size_t i) const { return reinterpret_cast<void**>(room_.as<unsigned char>() + i * kLine); }
  std::size_t after(std::size_t i) const { return (i * kMultiplier + kIncrement) & (lines_ - 1); }

  /// `steps` steps at once: powers of the map x → m·x + c (Brown, Random Number Generation with Arbitrary Strides, 1994).
  std::size_t jumped(std::size_t from, std::uint64_t steps) const {
    std::uint64_t m = kMultiplier, c = kIncrement, all_m = 1, all_c = 0;
    for (; steps > 0; steps /= 2) {
      if (steps % 2 == 1) {
        all_m *= m;
        all_c = all_c * m + c;
      }
      c = (m + 1) * c;
      m *= m;
    }
    return (all_m * from + all_c) & (lines_ - 1);
  }

  std::size_t lines_;
  Room room_;
  void** at_ = nullptr;
  std::size_t expected_ = 0;
};

template <class Loop>
Result<std::unique_ptr<CeilingLoop>> filled(std::unique_ptr<Loop> loop) {
  if (const auto done = loop->fill(); !done) return done.error();
  return std::unique_ptr<CeilingLoop>(std::move(loop));
}

}  // namespace

std::string_view name_of(MemoryPattern pattern) { return kPatterns.name(pattern); }
std::optional<MemoryPattern> memory_pattern(std::string_view name) { return kPatterns.find(name); }

Result<std::unique_ptr<CeilingLoop>> make_memory_loop(const MemorySettings& settings) {
  const MemoryLevel& level = settings.level;
  if (!level.reason.empty()) return Error{fmt::format("{}: {}", level.name, level.reason)};
  const auto bytes = static_cast<std::size_t>(level.bytes_per_thread);
  if (settings.pattern == MemoryPattern::latency) {
    if (settings.threads != 1) return Error{fmt::format("threads is {}; latency is a matter of one thread", settings.threads)};
    return filled(std::make_unique<LatencyLoop>(bytes));
  }
  auto team = ThreadTeam::start(settings.threads, settings.cpus);
  if (!team) return team.error();
  return filled(std::make_unique<BandwidthLoop>(settings.pattern, usable_memory_kernels().front(), level.name == "dram",
                                                *std::move(team), bytes / sizeof(double)));
}

}  // namespace assay::hardware
