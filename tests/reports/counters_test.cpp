#include "reports/counters.hpp"

#include "reports/tables.hpp"
#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

namespace assay::reports::test {

namespace {

using Catch::Matchers::ContainsSubstring;

const CounterValue* find(const Report& report, int treatment, const std::string& counter) {
  for (const CounterValue& v : report.counters) {
    if (v.treatment == treatment && v.counter == counter) return &v;
  }
  return nullptr;
}

const TextTable* table_called(const std::vector<TextTable>& tables, const std::string& title) {
  for (const TextTable& t : tables) {
    if (t.title == title) return &t;
  }
  return nullptr;
}

std::vector<std::string> warnings_of(const Report& report, const std::string& kind) {
  std::vector<std::string> texts;
  for (const Warning& w : report.warnings) {
    if (w.kind == kind) texts.push_back(w.text);
  }
  return texts;
}

/// Two treatments of one iteration a second, with these counters a block of four iterations.
Report counting(const TemporaryFolder& results, std::function<Json(const Place&)> counters,
                Json machine_counters = Json()) {
  FakeRun fake;
  fake.counters = std::move(counters);
  Json machine = fake_machine();
  if (!machine_counters.is_null()) machine["counters"] = std::move(machine_counters);
  fake.more_manifest = {{"machine", machine}};
  return reported(results.path(), fake).report;
}

}  // namespace

TEST_CASE("a counter's value is an iteration's, over the rounds that counted it") {
  TemporaryFolder results;
  const Report report = counting(results, [](const Place& p) -> Json {
    if (p.round % 2 == 1) return {{"page_faults", 8}};
    return {{"page_faults", 8}, {"instructions", 4000 + p.round}, {"cycles", 1000}, {"llc_misses", 100}};
  });
  const CounterValue* instructions = find(report, 0, "instructions");
  REQUIRE(instructions);
  CHECK(instructions->value.value == Approx(1001));  // rounds 2, 4 and 6
  CHECK(instructions->rounds == 3);
  REQUIRE(instructions->value.interval);
  CHECK(instructions->value.interval->half_width() ==
        Approx(4.303 * 0.5 / std::sqrt(3)).epsilon(1e-3));  // t with 2 degrees
  CHECK(find(report, 0, "ipc")->value.value == Approx(4.004).epsilon(1e-6));
  CHECK(find(report, 0, "page_faults")->value.value == 2);
  CHECK(find(report, 0, "page_faults")->rounds == 7);
  CHECK(find(report, 1, "memory_traffic")->value.value ==
        Approx(100 * 64 / 8.0));  // b takes 2 s an iteration
  CHECK(find(report, 1, "memory_traffic")->unit == "B/s");
  CHECK(find(report, 0, "flop_f64") == nullptr);
}

TEST_CASE("a modelled treatment's counters are those of the whole, and say that they are modelled") {
  TemporaryFolder results;
  FakeRun fake;
  fake.modelled[1] = {128, "8 of 1024 rows"};
  fake.counters = [](const Place&) { return Json{{"instructions", 400}, {"cycles", 200}}; };
  const Report report = reported(results.path(), fake).report;
  CHECK(find(report, 0, "instructions")->value.value == 100);
  CHECK(find(report, 0, "instructions")->provenance == Provenance::measured);
  CHECK(find(report, 1, "instructions")->value.value == 12800);
  CHECK(find(report, 1, "instructions")->provenance == Provenance::modelled);
  CHECK(find(report, 1, "ipc")->value.value == 2);
  CHECK(find(report, 1, "ipc")->provenance == Provenance::measured);
  const auto tables = tables_of(report);
  const TextTable* table = table_called(tables, "Counters");
  REQUIRE(table);
  CHECK(table->footnotes == std::vector<std::string>{"ᵃ modelled (8 of 1024 rows)"});
}

TEST_CASE("a treatment that failed has no counters") {
  TemporaryFolder results;
  FakeRun fake;
  fake.ends = [](const Place& p) -> Ending {
    return p.treatment == 1 && p.round == 3 ? Ending{Outcome::crashed, "killed by SIGSEGV"} : Ending{};
  };
  fake.counters = [](const Place&) { return Json{{"instructions", 400}}; };
  const Report report = reported(results.path(), fake).report;
  CHECK(find(report, 0, "instructions"));
  CHECK_FALSE(find(report, 1, "instructions"));
}

TEST_CASE("columns that no treatment fills are left out, and without a column there is no table") {
  TemporaryFolder some, none, nothing;
  const auto tables = tables_of(counting(some, [](const Place&) {
    return Json{
        {"instructions", 400}, {"flop_f32", 0}, {"page_faults", 3}, {"context_switches", 4}, {"user_s", 0.1}};
  }));
  const TextTable* table = table_called(tables, "Counters");
  REQUIRE(table);
  std::vector<std::string> titles;
  for (const TextColumn& c : table->columns) titles.push_back(c.title);
  CHECK(titles == std::vector<std::string>{"instructions", "context switches"});
  CHECK(table->rows[0][0].text == "100");

  const Report rare = counting(none, [](const Place& p) {
    return Json{{"page_faults", p.quad}, {"cpu_migrations", 0}};
  });
  CHECK_FALSE(table_called(tables_of(rare), "Counters"));
  CHECK(rare.counter_lines ==
        std::vector<std::string>{"Page faults and migrations: fewer than one an iteration"});

  const Report silent = counting(nothing, [](const Place&) { return Json::object(); });
  CHECK(silent.counters.empty());
  CHECK(silent.counter_lines.empty());
}

TEST_CASE("what this machine can't count is one line a reason") {
  TemporaryFolder guest, partly, broken;
  const auto counters = [](const Place&) { return Json::object(); };
  Json all = Json::object();
  for (const char* name : {"instructions", "cycles", "branch_misses", "llc_misses", "l1d_misses", "l2_misses",
                           "dtlb_misses", "flop_f64", "flop_f32"}) {
    all[name] = {{"reason", "no hardware counters (virtual machine?)"}};
  }
  for (const char* name : {"energy_package_j", "energy_dram_j"})
    all[name] = {{"reason", "RAPL: no energy registers"}};
  CHECK(counting(guest, counters, all).counter_lines ==
        std::vector<std::string>{
            "Not counted: instructions, cycles, cache misses, FLOP (no hardware counters (virtual machine?))",
            "Not counted: energy (RAPL: no energy registers)"});
  CHECK(counting(partly, counters, {{"instructions", 5}, {"l2_misses", {{"reason", "no such event"}}}})
            .counter_lines == std::vector<std::string>{"Not counted: l2_misses (no such event)"});
  CHECK(counting(broken, counters, {{"reason", "the peak worker crashed"}}).counter_lines ==
        std::vector<std::string>{
            "Not counted: instructions, cycles, cache misses, FLOP (the peak worker crashed)",
            "Not counted: energy (the peak worker crashed)"});
}

TEST_CASE(
    "what an emulator counted stands beside what was measured, marked, with the libraries that it ran") {
  TemporaryFolder results;
  FakeRun fake;
  fake.modelled[1] = {128, "8 of 1024 rows"};
  fake.counters = [](const Place& p) {
    return p.treatment == 0 ? Json{{"instructions", 400}} : Json::object();
  };
  fake.simulated = {{0, Json{{"instructions", 90}, {"llc_misses", 0}}}, {1, Json{{"instructions", 2}}}};
  const Reported r = reported(results.path(), fake);
  std::vector<std::pair<int, double>> simulated;
  for (const CounterValue& v : r.report.counters) {
    if (v.counter == "instructions" && v.provenance == Provenance::simulated)
      simulated.emplace_back(v.treatment, v.value.value);
  }
  CHECK(simulated == std::vector<std::pair<int, double>>{{0, 90}, {1, 256}});  // its warm-up isn't counted
  CHECK(find(r.report, 0, "instructions")->value.value == 100);
  const auto tables = tables_of(r.report);
  const TextTable* table = table_called(tables, "Counters");
  REQUIRE(table);
  REQUIRE(table->columns.size() == 2);
  CHECK(table->columns[0].title == "instructions");
  CHECK(table->columns[1].title == "instructions, simulated");
  CHECK(table->rows[0][1].text == "90");
  CHECK(table->rows[1][0].text == "–");
  CHECK(table->footnotes ==
        std::vector<std::string>{
            "ᵃ simulated by Callgrind (compiler 12.2.0, isa AVX2)",
            "ᵇ simulated by Callgrind (compiler 12.2.0, isa AVX2), modelled (8 of 1024 rows)"});
  for (const Cell& cell : r.report.cells) CHECK(cell.ending.ok());
  CHECK(r.report.costs.block_s == 7 * 4 * (4 + 8 + 4));  // the emulator's time is not in it
}

TEST_CASE("a treatment that could not be simulated keeps its cells, and one line says why") {
  TemporaryFolder results;
  FakeRun fake;
  fake.simulated = {{0, Json()}, {1, Json()}};
  const Report report = reported(results.path(), fake).report;
  for (const Cell& cell : report.cells) CHECK(cell.ending.ok());
  CHECK(report.counters.empty());
  CHECK(report.counter_lines == std::vector<std::string>{"Not simulated: a, b (needs the program valgrind)"});
}

TEST_CASE("operations that a worker declares are compared with those that were counted") {
  TemporaryFolder results, alone, both;
  FakeRun fake;
  fake.work[0] = {{"flop", 1000.0}};
  fake.work[1] = {{"flop", 1000.0}};
  fake.counters = [](const Place& p) -> Json {  // one precision a round
    const std::int64_t counted = p.treatment == 1 ? 4240 : 4160;
    return p.round % 2 ? Json{{"flop_f64", counted / 2}} : Json{{"flop_f32", counted / 2}};
  };
  CHECK(warnings_of(reported(results.path(), fake).report, "flop_differs") ==
        std::vector<std::string>{"b declares 1.00 kFLOP an iteration, and the processor counted 1.06 kFLOP; "
                                 "rates are of the declared work"});
  fake.counters = [](const Place&) { return Json{{"flop_f64", 100}}; };  // and f32 unknown
  CHECK(warnings_of(reported(alone.path(), fake).report, "flop_differs").empty());
  fake.counters = [](const Place&) { return Json{{"flop", 8000}}; };  // of both
  CHECK(warnings_of(reported(both.path(), fake).report, "flop_differs").size() == 2);
}

TEST_CASE("counts are printed whole up to a million, and in short beyond") {
  CHECK(print_count({12, stats::Interval{12, 12}}).value == "12");
  CHECK(print_count({41, std::nullopt}).value == "41");
  CHECK(print_count({1234.4, stats::Interval{1233, 1236}}).value == "1,234");
  CHECK(print_count({2.684e9, stats::Interval{2.683e9, 2.685e9}}).value == "2.684 G");
  CHECK(print_count({2.684e9, stats::Interval{2.683e9, 2.685e9}}).interval == "[2.683, 2.685]");
}

}  // namespace assay::reports::test
