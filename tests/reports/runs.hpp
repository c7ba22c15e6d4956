// Two scripted runs that the tests of reports share: a ladder with everything that can happen to a rung, and
// a comparison of three precisions at two batch sizes.
#pragma once

#include <cmath>
#include <string>

#include "harness/core/random.hpp"
#include "reports/report.hpp"
#include "tests/harness/record/fake_run.hpp"

namespace assay::reports::test {

using record::fake::FakeRun;
using record::fake::Place;
using record::fake::TemporaryFolder;

/// A factor within 1 ± `width` that depends on where a block stands and on nothing else: noise that is the
/// same everywhere.
inline double noise(const Place& p, double width) {
  const auto role = static_cast<std::uint64_t>(p.role);
  const auto at =
      static_cast<std::uint64_t>(((p.round * 32 + p.quad + 1) * 64 + p.position + 1) * 32 + p.treatment + 1);
  return 1 + width * (2 * Random(stream_seed(585, "noise", at * 8 + role)).uniform() - 1);
}

inline Json fake_machine() {
  return {{"topology", {{"model", "Imaginary 9000"}, {"cores", 2}, {"memory_bytes", 8'000'000'000}}},
          {"environment",
           {{"kernel", "Linux 6.1"}, {"hypervisor", "kvm"}, {"governor", {{"reason", "no cpufreq"}}}}},
          {"clock", {{"tick_s", 2e-8}}}};
}

inline std::string id_of(const FakeRun& fake, int treatment) {
  return fake.treatments[static_cast<std::size_t>(treatment)].id();
}

/// Python modelled, Java slower than nothing, C, a rung that isn't faster, one that this machine can't run,
/// one that is wrong, and one at half of the peak.
inline FakeRun ladder_run() {
  FakeRun fake;
  fake.experiment = "matmul-ladder/ladder";
  const std::vector<std::string> versions{
      "1_python", "2_java", "3_c", "4_parallel_loops", "5_divide_and_conquer", "6_vectorized", "7_avx"};
  fake.treatments.clear();
  for (const auto& v : versions)
    fake.treatments.push_back(record::fake::treatment({{"version", v}, {"n", std::int64_t{1000}}}));
  for (int rung = 2; rung < 7; ++rung) fake.more_pairs.emplace_back(rung, rung - 1);
  fake.peaks = {record::fake::treatment({{"peak", std::string("fma")}})};
  fake.planted = 1.02;
  fake.seconds = [](const Place& p) {
    static constexpr double kSeconds[] = {128e-3, 2.0, 1.0, 0.55, 0.552, 0.1, 0.02};
    const double weather = 1 + 0.05 * std::sin(p.round);  // drifts from round to round, alike for all
    if (p.treatment < 0) return 1e-3 * weather * noise(p, 0.004);
    const double planted = p.role == Role::slowed ? 1.02 : 1.0;
    return kSeconds[p.treatment] * planted * weather * noise(p, 0.008);
  };
  for (int t = 0; t < 7; ++t) fake.work[t] = {{"flop", 2e9}};
  fake.work[-1] = {{"flop", 2e8}};
  fake.modelled[0] = {125, "8 of 1000 rows"};
  fake.ends = [](const Place& p) -> Ending {
    if (p.role != Role::plain) return {};
    if (p.treatment == 5) return {Outcome::wrong_answer, "max error 0.5 is above 9.1e-13"};
    if (p.treatment == 6) return {Outcome::unsupported, "needs AVX-512F"};
    return {};
  };
  const auto hypothesis = [&](const char* id, const char* claim, int of, int to, double bound) {
    return Json{{"id", id},        {"claim", claim},        {"metric", "time_s"},    {"statistic", "typical"},
                {"form", "ratio"}, {"of", id_of(fake, of)}, {"to", id_of(fake, to)}, {"relation", "<"},
                {"bound", bound}};
  };
  fake.more_manifest = {
      {"question", "How much of this machine does each refinement use?"},
      {"rationale", "n = 1000 is beyond L2."},
      {"factors", {{{"name", "version"}, {"levels", versions}}, {{"name", "n"}, {"levels", {1000}}}}},
      {"controls", {{"threads", "all"}}},
      {"table", {{"kind", "ladder"}, {"along", "version"}}},
      {"machine", fake_machine()},
      {"hypotheses",
       {hypothesis("H1", "Java is faster than Python", 1, 0, 1),
        hypothesis("H2", "C is faster than Java", 2, 1, 1), hypothesis("H3", "five beats four", 4, 3, 1),
        hypothesis("H4", "intrinsics win", 6, 5, 1)}},
      {"published",
       {{"source", "Somebody: A paper, 2020; Table 1"},
        {"doi", "10.0000/none"},
        {"machine", "a large machine, peak 835 GFLOP/s"},
        {"setup", "f64, n = 4096"},
        {"along", "version"},
        {"rows",
         {{{"version", "1_python"},
           {"time_s", 25552.48},
           {"flop_per_s", 5e6},
           {"speedup_absolute", 1},
           {"peak_fraction", 0.0}},
          {{"version", "3_c"},
           {"time_s", 542.67},
           {"flop_per_s", 2.53e8},
           {"speedup_absolute", 47},
           {"speedup_relative", 4.4},
           {"peak_fraction", 0.0003}},
          {{"version", "7_avx"},
           {"time_s", 0.41},
           {"flop_per_s", 3.37812e11},
           {"speedup_absolute", 62806},
           {"speedup_relative", 2.7},
           {"peak_fraction", 0.4045}}}}}}};
  return fake;
}

/// The ladder where the processor counts, by turns of two sets, and its energy can be read.
inline FakeRun counted_run() {
  FakeRun fake = ladder_run();
  fake.tail = true;
  fake.counters = [](const Place& p) -> Json {
    if (p.treatment < 0) return Json::object();
    const double n = 4 / (p.treatment == 0 ? 125.0 : 1.0);  // four iterations a block, of 8 of 1000 rows
    const double wobble = noise(p, 0.01);
    const auto whole = [&](double x) { return static_cast<std::int64_t>(std::llround(x * n * wobble)); };
    Place elsewhere = p;
    elsewhere.position += 30;
    Json counters{{"page_faults", p.treatment == 3 ? 12 : 0}, {"context_switches", p.quad == 0 ? 1 : 0}, {"cpu_migrations", 0},
                  {"task_clock_s", 0.5}, {"peak_memory_bytes", 50'000'000},
                  {"flop_f32", {{"reason", "PAPI: this processor has no event PAPI_SP_OPS"}}}};
    if (p.quad < 0) counters["energy_package_j"] = 15.0 * n * wobble;
    if (p.round % 2 == 0) {
      counters["instructions"] = whole(p.treatment == 3 ? 9e9 : 18e9);
      counters["cycles"] = static_cast<std::int64_t>(6e9 * n * noise(elsewhere, 0.01));
      counters["llc_misses"] = whole(1.25e6 * (p.treatment + 1));
      counters["branch_misses"] = whole(1e6);
    } else {
      counters["flop_f64"] = whole(p.treatment == 4 ? 2.4e9 : 2e9);
      counters["flop_f32"] = 0;
    }
    return counters;
  };
  Json machine = fake_machine();
  machine["counters"] = {{"instructions", 1000}, {"dtlb_misses", {{"reason", "PAPI: this processor has no event PAPI_TLB_DM"}}},
                         {"l2_misses", {{"reason", "PAPI: this processor has no event PAPI_L2_TCM"}}},
                         {"l1d_misses", {{"reason", "PAPI: this processor has no event PAPI_L2_TCM"}}},
                         {"energy_package_j", 0.1}, {"energy_dram_j", {{"reason", "RAPL: this processor has no such register"}}}};
  fake.more_manifest["machine"] = machine;
  return fake;
}

/// Latency and accuracy of three precisions at batch 1 and 64; bf16 at batch 64 crashes. Each is compared
/// with fp32 at its batch.
inline FakeRun comparison_run() {
  FakeRun fake;
  fake.experiment = "precision-ablation";
  fake.preset = "paper";
  fake.rounds = 15;
  fake.treatments.clear();
  for (const char* precision : {"fp32", "bf16", "int8"}) {
    for (const std::int64_t batch : {1, 64}) {
      fake.treatments.push_back(
          record::fake::treatment({{"precision", std::string(precision)}, {"batch", batch}}));
    }
  }
  fake.baselines = {{0, 0}, {1, 1}, {2, 0}, {3, 1}, {4, 0}, {5, 1}};
  fake.groups = {{0, 2, 4}, {1, 3, 5}};
  fake.group_baselines = {{0, 0}, {1, 1}};
  fake.metrics = {record::fake::time_metric("latency_s"), record::fake::proportion_metric("accuracy")};
  fake.seconds = [](const Place& p) {
    static constexpr double kSeconds[] = {0.95e-3, 32e-3, 0.951e-3, 26e-3, 0.41e-3, 32.1e-3};
    return kSeconds[p.treatment] * (1 + 0.03 * std::sin(p.round)) * noise(p, p.treatment == 5 ? 0.05 : 0.01);
  };
  fake.evaluate = [](const Place& p) -> std::map<std::string, double> {
    static constexpr double kAccuracy[] = {0.9911, 0.9911, 0.9912, 0.9912, 0.9907, 0.9907};
    return {{"accuracy", kAccuracy[p.treatment]}};
  };
  fake.ends = [](const Place& p) -> Ending {
    if (p.treatment == 3 && p.round == 4) return {Outcome::crashed, "killed by SIGSEGV"};
    return {};
  };
  const auto hypothesis = [&](const char* id, const char* metric, const char* form, int of, int to,
                              const char* relation, double bound) {
    return Json{{"id", id},
                {"claim", "see the form"},
                {"metric", metric},
                {"statistic", "typical"},
                {"form", form},
                {"of", id_of(fake, of)},
                {"to", to < 0 ? Json() : Json(id_of(fake, to))},
                {"relation", relation},
                {"bound", bound}};
  };
  fake.more_manifest = {{"question", "What does each precision buy, and what does it cost in accuracy?"},
                        {"factors",
                         {{{"name", "precision"}, {"levels", {"fp32", "bf16", "int8"}}},
                          {{"name", "batch"}, {"levels", {1, 64}}}}},
                        {"controls", {{"threads", 1}}},
                        {"table", {{"kind", "comparison"}, {"along", nullptr}}},
                        {"machine", fake_machine()},
                        {"hypotheses",
                         {hypothesis("H1", "latency_s", "ratio", 4, 0, "<=", 0.5),
                          hypothesis("H2", "accuracy", "difference", 4, 0, ">=", -0.001),
                          hypothesis("H3", "latency_s", "value", 4, -1, "<", 0.0001),
                          hypothesis("H4", "latency_s", "ratio", 5, 1, "<", 1)}}};
  return fake;
}

/// The fake run as the report sees it: written, read back, projected. `results` holds the folder.
struct Reported {
  record::RunRecord run;
  Report report;
};
inline Reported reported(const std::filesystem::path& results, const FakeRun& fake) {
  auto run = record::read_run(record::fake::write_fake_run(results, fake));
  if (!run) throw std::runtime_error(run.error().message);
  auto report = project(*run);
  if (!report) throw std::runtime_error(report.error().message);
  return {*std::move(run), *std::move(report)};
}

inline std::filesystem::path source_folder() {
  return std::filesystem::path(ASSAY_TEST_SOURCE_DIR);
}
inline std::filesystem::path templates_folder() {
  return source_folder() / "templates";
}

}  // namespace assay::reports::test
