// 100,000 blocks: every one of them right, and how much memory they ask for. Bytes are counted by our own operator
// new, so that the figure is the same on every machine and under every load.
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#include "harness/record/run_record.hpp"
#include "tests/catch.hpp"
#include "tests/harness/record/fake_run.hpp"

namespace {
std::atomic<std::size_t> live{0};
std::atomic<std::size_t> peak{0};
}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {  // std::stable_sort's buffer
  void* memory = std::malloc(size ? size : 1);
  if (!memory) return nullptr;
  const std::size_t now = live += malloc_usable_size(memory);
  std::size_t seen = peak;
  while (now > seen && !peak.compare_exchange_weak(seen, now)) {
  }
  return memory;
}
void* operator new(std::size_t size) {
  void* memory = operator new(size, std::nothrow);
  return memory ? memory : throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  live -= malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace assay::record {
namespace {

TEST_CASE("a run of 100,000 blocks is read whole in less than 60 MB") {
  fake::TemporaryFolder results;
  fake::FakeRun fake;
  fake.rounds = 100;
  fake.quads = 125;
  fake.treatments.clear();
  for (int t = 0; t < 3; ++t) fake.treatments.push_back(fake::treatment({{"n", std::int64_t{t}}}));
  // 100 rounds × 125 quads × 2 × 4 slots (three treatments and the second copy) = 100,000.
  fake.seconds = [](const fake::Place& p) { return p.round + std::max(p.quad, 0) / 128.0 + p.treatment / 4096.0; };
  fake.block_metrics = [](const fake::Place& p) { return std::map<std::string, double>{{"faults", p.position}}; };
  const auto folder = write_fake_run(results.path(), fake);

  peak = live.load();
  const std::size_t before = live;
  const auto run = read_run(folder);
  const std::size_t most = peak - before;
  if (!run) FAIL(run.error().message);
  REQUIRE(run->blocks.size() == 100'000 + 3);
  CHECK(most < 60'000'000);
  CHECK(most > run->blocks.size() * sizeof(Block));  // the count counts

  std::size_t wrong = 0;
  for (std::size_t i = 3; i < run->blocks.size(); ++i) {
    const Block& b = run->blocks[i];
    const std::size_t n = i - 3;
    const int position = static_cast<int>(n % 1000);
    const int slot = std::min(position % 8, 7 - position % 8);
    const bool right = b.round == static_cast<int>(n / 1000) + 1 && b.position == position && b.quad == position / 8 &&
                       b.treatment == (slot < 3 ? slot : 0) && b.role == (slot < 3 ? Role::plain : Role::same) &&
                       b.elapsed_s == 4 * (b.round + b.quad / 128.0 + b.treatment / 4096.0) && b.estimated() &&
                       b.metrics.size() == 1 && b.metrics[0].second == position;
    wrong += !right;
  }
  CHECK(wrong == 0);
  CHECK(paired_rounds(*run, {2, Role::plain}, {0, Role::plain}, 0).size() == 100);
}

}  // namespace
}  // namespace assay::record
