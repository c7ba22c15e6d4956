// What a process counted and the energy it took, from its blocks.
#include "tests/harness/record/written_run.hpp"

namespace assay::record {
namespace {

using fake::FakeRun;
using fake::Place;

TEST_CASE("a process's counters are summed over its blocks that are estimated, each with the iterations that had it") {
  FakeRun fake;
  fake.rounds = 2;
  fake.quads = 2;
  fake.marks = [](const Place& p) -> std::uint8_t {
    return p.treatment == 1 && p.quad == 0 && p.position < 3 && p.attempt == 0 ? std::uint8_t{kStolen} : std::uint8_t{0};
  };
  fake.counters = [](const Place& p) -> Json {
    Json counters{{"page_faults", p.attempt == 0 ? 3 : 5}, {"peak_memory_bytes", 1 << 20}, {"task_clock_s", 0.5},
                  {"llc_misses", {{"reason", "no PMU"}, {"page_faults", 1000}}}};
    if (p.round == 2 && p.quad == 1) counters["instructions"] = 7'000'000'000;  // another set, and not in every block
    return counters;
  };
  const Folder folder(fake);
  const RunRecord run = read(folder.path);
  const auto total_of = [&run](const Replicate& r, const std::string& name) -> const CounterTotal* {
    for (const CounterTotal& c : r.counters) {
      if (run.counter_names[static_cast<std::size_t>(c.counter)] == name) return &c;
    }
    return nullptr;
  };
  int looked_at = 0;
  for (const Replicate& r : run.replicates) {
    INFO(r.id);
    if (r.round == 0) {
      CHECK(r.counters.empty());
      continue;
    }
    if (r.role != Role::plain) continue;
    ++looked_at;
    const CounterTotal* faults = total_of(r, "page_faults");
    REQUIRE(faults);
    CHECK(faults->total == (r.treatment == 1 ? 3 * 3 + 5 : 4 * 3));  // one stolen block counts by its repetition
    CHECK(faults->iterations == 16);
    CHECK(faults->elapsed_s == (r.treatment == 1 ? 32 : 16));
    CHECK(total_of(r, "task_clock_s")->total == 2);
    CHECK(total_of(r, "peak_memory_bytes") == nullptr);
    CHECK(total_of(r, "llc_misses") == nullptr);
    REQUIRE((total_of(r, "instructions") != nullptr) == (r.round == 2));
    if (r.round == 2) {
      CHECK(total_of(r, "instructions")->total == 14e9);
      CHECK(total_of(r, "instructions")->iterations == 8);
    }
  }
  CHECK(looked_at == 4);
}

TEST_CASE("energy is that of the tail's block and of blocks of a second, for its registers tick every millisecond") {
  FakeRun fake;
  fake.rounds = 1;
  fake.quads = 1;
  fake.tail = true;
  fake.seconds = [](const Place& p) { return p.treatment == 1 ? 0.25 : 0.01; };  // times 4 iterations
  fake.counters = [](const Place& p) { return Json{{"energy_package_j", p.quad < 0 ? 60 : 5}, {"page_faults", 1}}; };
  const Folder folder(fake);
  const RunRecord run = read(folder.path);
  int looked_at = 0;
  for (const Replicate& r : run.replicates) {
    if (r.round == 0 || r.role != Role::plain) continue;
    ++looked_at;
    REQUIRE(r.counters.size() == 2);
    for (const CounterTotal& c : r.counters) {
      const bool energy = run.counter_names[static_cast<std::size_t>(c.counter)] == "energy_package_j";
      CHECK(c.total == (!energy ? 2 : r.treatment == 1 ? 5 + 5 + 60 : 60));
      CHECK(c.iterations == (!energy ? 8 : r.treatment == 1 ? 12 : 4));
    }
  }
  CHECK(looked_at == 2);
}

}  // namespace
}  // namespace assay::record
