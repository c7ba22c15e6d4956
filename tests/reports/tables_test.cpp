// What tables say beside their numbers: which row is best, against what, who belongs together, what a reader
// must know, and what is odd about the rows.
#include "reports/tables.hpp"

#include "reports/csv.hpp"
#include "reports/pairwise_table.hpp"
#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

namespace assay::reports::test {

namespace {

using Catch::Matchers::ContainsSubstring;

/// Versions a, b, … that take these times, compared with the first, with noise ± `width`.
FakeRun versions_run(const std::vector<double>& seconds, double width = 0.004) {
  FakeRun fake;
  fake.treatments.clear();
  Json names = Json::array();
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    names.push_back(std::string(1, static_cast<char>('a' + i)));
    fake.treatments.push_back(record::fake::treatment({{"version", names.back().get<std::string>()}}));
  }
  fake.seconds = [=](const Place& p) {
    return seconds[static_cast<std::size_t>(p.treatment)] * noise(p, width);
  };
  fake.more_manifest = {{"factors", {{{"name", "version"}, {"levels", names}}}}};
  return fake;
}

FakeRun pairwise_run(const std::vector<double>& seconds) {
  FakeRun fake = versions_run(seconds);
  for (int of = 2; of < static_cast<int>(seconds.size()); ++of) {
    for (int to = 1; to < of; ++to) fake.more_pairs.emplace_back(of, to);
  }
  fake.more_manifest["table"] = {{"kind", "pairwise"}, {"along", "version"}};
  fake.more_manifest["baseline"] = {{"version", "a"}};
  return fake;
}

std::vector<std::string> bold_rows(const TextTable& table) {
  std::vector<std::string> names;
  for (const auto& row : table.rows) {
    if (std::any_of(row.begin(), row.end(), [](const TextCell& c) { return c.bold; }))
      names.push_back(row[0].text);
  }
  return names;
}

std::string warning(const Report& report, const std::string& kind) {
  std::string text;
  for (const Warning& w : report.warnings) {
    if (w.kind == kind) text += (text.empty() ? "" : " / ") + w.text;
  }
  return text;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE(
    "the best row is bold where it is significantly better than every other one, and the caption says so") {
  TemporaryFolder results;
  const auto r = reported(results.path(), versions_run({1, 0.7, 0.5}));
  const TextTable table = tables_of(r.report).at(0);
  CHECK(bold_rows(table) == Names{"c"});
  CHECK(table.bold_note == "Bold: best, and significantly so against every other row.");
  const Json document = Json::parse(to_json(r.report, "x").dump());
  CHECK(document["cells"][2]["best"] == true);
  CHECK(document["cells"][1]["best"] == false);
  const std::string colored = terminal_text(r.report, 100, true), plain = terminal_text(r.report, 100, false);
  CHECK_THAT(colored, ContainsSubstring("Bold: best"));
  CHECK(plain.find("Bold") == std::string::npos);  // which shows none
}

TEST_CASE("of two rows that can't be told apart none is bold, nor where they are equivalent") {
  TemporaryFolder results;
  for (const double second : {0.5, 0.501}) {
    const auto r = reported(results.path() / std::to_string(second), versions_run({1, 0.5, second}));
    const TextTable table = tables_of(r.report).at(0);
    CHECK(bold_rows(table).empty());
    CHECK(table.bold_note.empty());
  }
}

TEST_CASE("no row is bold that never stood beside another, that is modelled, or where the control failed") {
  TemporaryFolder results;
  FakeRun apart = versions_run({1, 0.7, 0.5});
  apart.groups = {{0, 1}, {0, 2}};
  CHECK(bold_rows(tables_of(reported(results.path() / "apart", apart).report).at(0)).empty());
  FakeRun modelled = versions_run({1, 0.7, 0.5});
  modelled.modelled[1] = {1, "8 of 8 rows"};
  CHECK(bold_rows(tables_of(reported(results.path() / "modelled", modelled).report).at(0)).empty());
  FakeRun failed = versions_run({1, 0.7, 0.5});
  failed.seconds = [seconds = failed.seconds](const Place& p) {
    return seconds(p) * (p.role == Role::same ? 1.1 : 1);
  };
  CHECK(bold_rows(tables_of(reported(results.path() / "failed", failed).report).at(0)).empty());
}

TEST_CASE("a higher accuracy is bold only where the items say so, not because replicates repeat it") {
  TemporaryFolder results;
  FakeRun fake = versions_run({1, 1});
  fake.metrics = {record::fake::proportion_metric("accuracy")};
  fake.metrics[0].margin = 0.0001;
  fake.evaluate = [](const Place& p) -> std::map<std::string, double> {
    return {{"accuracy", p.treatment == 1 ? 0.9 : 0.5}};
  };
  CHECK(bold_rows(tables_of(reported(results.path() / "repeated", fake).report).at(0)).empty());
  fake.labels.assign(1'000, 7);
  fake.predictions = [](const Place& p) {
    std::vector<std::int32_t> predicted(1'000, 7);
    std::fill(predicted.begin() + (p.treatment == 1 ? 900 : 500), predicted.end(), 3);
    return predicted;
  };
  CHECK(bold_rows(tables_of(reported(results.path() / "items", fake).report).at(0)) == Names{"b"});
}

TEST_CASE(
    "with several baselines each stands above the rows that are compared with it, and each block has its "
    "best") {
  TemporaryFolder results;
  const TextTable table = tables_of(reported(results.path(), comparison_run()).report).at(0);
  Names rows;
  for (const auto& row : table.rows)
    rows.push_back(row[0].text + " " + row[1].text + " " + row.back().text.substr(0, 8));
  CHECK(rows == Names{"fp32 1 baseline", "bf16 1 equivale", "int8 1 faster", "fp32 64 baseline",
                      "bf16 64 killed b", "int8 64 inconclu"});
  CHECK(table.block_starts == std::vector<std::size_t>{3});
  CHECK(bold_rows(table) == Names{"int8"});
  CHECK_THAT(table.bold_note, ContainsSubstring("every other row with that baseline."));
}

TEST_CASE(
    "a pairwise table has each row against each before it, and letters that say who can't be told apart") {
  TemporaryFolder results;
  const auto r = reported(results.path(), pairwise_run({1, 1, 1.5, 2}));
  CHECK(r.report.comparisons.size() == 6);
  const auto tables = tables_of(r.report);
  REQUIRE(tables.size() == 1);
  const TextTable& table = tables[0];
  CHECK(table.title == "time_s, pairwise by version (lower is better)");
  CHECK(table.name == "time_s-pairwise-by-version");
  Names heads, letters;
  for (const TextColumn& column : table.columns) heads.push_back(column.title);
  for (const auto& row : table.rows) letters.push_back(row[2].text);
  CHECK(heads == Names{"version", "time_s", "group", "vs a", "vs b", "vs c"});
  CHECK(letters == Names{"a", "a", "b", "c"});
  CHECK(table.rows[0][3].text.empty());  // nothing is above the diagonal
  CHECK(std::stod(table.rows[3][3].text) == Approx(2).epsilon(0.01));
  CHECK(table.rows[3][3].mark == "−");
  CHECK(table.rows[1][3].mark == "=");
  CHECK_THAT(table.caption, ContainsSubstring("Holm over all 6 pairs of time_s"));
}

TEST_CASE("a crashed row of a pairwise table costs its own pairs, a failed control all letters") {
  TemporaryFolder results;
  FakeRun fake = pairwise_run({1, 1.2, 1.5, 2});
  fake.ends = [](const Place& p) {
    return p.treatment == 2 && p.round == 3 ? Ending{Outcome::crashed, "killed by SIGSEGV"} : Ending{};
  };
  const TextTable table = tables_of(reported(results.path() / "crashed", fake).report).at(0);
  CHECK(table.rows[2][1].text == "crashed");
  CHECK(table.rows[2][3].text == "–");
  CHECK(table.rows[3][5].text == "–");
  CHECK(table.rows[3][2].text == "c");
  CHECK_THAT(table.status, ContainsSubstring("4 cells planned: 3 measured, 0 unsupported, 1 failed."));
  fake.ends = {};
  fake.seconds = [seconds = fake.seconds](const Place& p) {
    return seconds(p) * (p.role == Role::same ? 1.1 : 1);
  };
  const TextTable withheld = tables_of(reported(results.path() / "withheld", fake).report).at(0);
  for (const auto& row : withheld.rows) CHECK(row[2].text == "–");
  CHECK(withheld.rows[3][3].mark == "?ᵃ");
}

TEST_CASE("two rows share a letter if and only if they are not told apart") {
  Random random(2004);
  for (int trial = 0; trial < 300; ++trial) {
    const std::size_t count = 2 + random.below(6);
    std::vector<std::vector<bool>> apart(count, std::vector<bool>(count));
    for (std::size_t i = 1; i < count; ++i) {
      for (std::size_t j = 0; j < i; ++j) apart[i][j] = apart[j][i] = random.below(2) == 0;
    }
    const auto letters = shared_letters(count, apart);
    REQUIRE(letters.size() == count);
    for (std::size_t i = 1; i < count; ++i) {
      for (std::size_t j = 0; j < i; ++j)
        REQUIRE((letters[i].find_first_of(letters[j]) == std::string::npos) == apart[i][j]);
    }
  }
}

TEST_CASE(
    "a table that stands alone says what failed, its control, and the preset; in the report that stands "
    "elsewhere") {
  TemporaryFolder results;
  const auto r = reported(results.path(), comparison_run());
  const auto templates = Templates::open(templates_folder());
  REQUIRE(templates);
  const auto alone = markdown_part(r.report, *templates, "table", 1, {});
  REQUIRE(alone);
  const std::string status =
      "12 cells planned: 10 measured, 0 unsupported, 2 failed. The same program against itself (fp32, batch "
      "1): 1.000 "
      "[0.998, 1.002]. The same program against itself (fp32, batch 64): 0.999 [0.997, 1.002]. Preset paper, "
      "15 rounds.";
  CHECK_THAT(*alone, ContainsSubstring("\n<sub>" + status + "</sub>\n"));
  const auto whole = markdown(r.report, *templates);
  REQUIRE(whole);
  CHECK(whole->find(status) == std::string::npos);
}

TEST_CASE("a table as CSV has what is shown, intervals apart, notes in words, and no formula") {
  TextTable table;
  table.columns = {{"version", false}, {"time", true}};
  table.rows = {{{"=1+1", ""}, {"2.31 ms", "[2.25, 2.38]", TextCell::Tone::plain, "ᵃ"}},
                {{"a, \"b\"\n", ""}, {"-2.5", ""}},
                {{" @sum", ""}, {"+0 −1", ""}}};
  table.footnotes = {"ᵃ modelled (8 of 8 rows)"};
  CHECK(table_csv(table) ==
        "version,time,\"time, 95 % interval\",notes\n"
        "'=1+1,2.31 ms,\"[2.25, 2.38]\",modelled (8 of 8 rows)\n"
        "\"a, \"\"b\"\" \",-2.5,,\n"
        "' @sum,'+0 −1,,\n");
}

namespace {

/// The run with what its processes said of their libraries and inputs, by treatment.
Report with_settings(const std::filesystem::path& results, const FakeRun& fake,
                     const std::vector<record::Setting>& of_treatment) {
  auto run = record::read_run(record::fake::write_fake_run(results, fake));
  REQUIRE(run);
  run->settings = of_treatment;
  for (record::Replicate& r : run->replicates) r.setting = r.treatment;
  auto report = project(*run);
  REQUIRE(report);
  return *std::move(report);
}

record::Setting openblas(const std::string& version) {
  return {1, {{"openblas", version}}, {}};
}

}  // namespace

TEST_CASE("a library that differs between rows though no factor says so is a hidden factor") {
  TemporaryFolder results;
  const Report hidden = with_settings(results.path() / "hidden", versions_run({1, 1.2, 1.5}),
                                      {openblas("0.3.21"), openblas("0.3.21"), openblas("0.3.26")});
  CHECK(warning(hidden, "hidden_factor") ==
        "the version of openblas is not the same in all rows, and no factor says so: 0.3.21 of a, b; 0.3.26 "
        "of c. A "
        "difference between them may be its doing: use one for all, or make it a factor");
  const Report each = with_settings(results.path() / "each", versions_run({1, 1.2, 1.5}),
                                    {openblas("0.3.21"), openblas("0.3.26"), openblas("0.3.27")});
  CHECK(warning(each, "hidden_factor").empty());  // a row is about its library
  FakeRun chosen = versions_run({1, 1.2, 1.5});
  for (Treatment& t : chosen.treatments)
    t = record::fake::treatment({{"worker", std::get<std::string>(*t.find("version"))}});
  chosen.more_manifest["factors"] = {{{"name", "worker"}, {"levels", {"a", "b", "c"}}}};
  const Report by_worker = with_settings(results.path() / "chosen", chosen,
                                         {openblas("0.3.21"), openblas("0.3.21"), openblas("0.3.26")});
  CHECK(warning(by_worker, "hidden_factor").empty());
  const Report same =
      with_settings(results.path() / "same", versions_run({1, 1.2}), {openblas("1"), openblas("1")});
  CHECK(warning(same, "hidden_factor").empty());
}

TEST_CASE("inputs, processors and workers are hidden factors too, and so is what changes during a run") {
  TemporaryFolder results;
  const auto versions = versions_run({1, 1.2, 1.5});
  const std::string a(64, 'a'), b(64, 'b');
  const Report inputs =
      with_settings(results.path() / "inputs", versions,
                    {{1, {}, {{"w.bin", a}}}, {1, {}, {{"w.bin", a}}}, {1, {}, {{"w.bin", b}}}});
  CHECK_THAT(warning(inputs, "hidden_factor"),
             ContainsSubstring("the input w.bin is not the same in all rows") &&
                 ContainsSubstring("aaaaaaaaaaaa of a, b; bbbbbbbbbbbb of c"));
  const Report processors =
      with_settings(results.path() / "cpus", versions, {{1, {}, {}}, {2, {}, {}}, {1, {}, {}}});
  CHECK_THAT(warning(processors, "hidden_factor"),
             ContainsSubstring("the number of processors is not the same"));
  auto run = record::read_run(record::fake::write_fake_run(results.path() / "changed", versions));
  REQUIRE(run);
  run->settings = {openblas("1"), openblas("2")};
  for (record::Replicate& r : run->replicates) r.setting = r.treatment == 1 && r.round > 3 ? 1 : 0;
  CHECK_THAT(warning(*project(*run), "hidden_factor"),
             ContainsSubstring("the version of openblas changed during the run: 1, then 2 of b"));
  FakeRun crossed = comparison_run();  // int8 at batch 64 alone is done by another worker
  crossed.workers[5] = "other";
  CHECK_THAT(warning(reported(results.path() / "crossed", crossed).report, "hidden_factor"),
             ContainsSubstring("the worker is not the same in all rows"));
  crossed.workers[4] = "other";  // all of int8
  CHECK(warning(reported(results.path() / "by precision", crossed).report, "hidden_factor").empty());
}

TEST_CASE(
    "a factor at whose levels all is the same to the last digit, and no time differs, seems not to be "
    "connected") {
  TemporaryFolder results;
  const auto run = [&](const std::string& name, std::vector<double> seconds, std::vector<double> accuracy) {
    FakeRun fake = versions_run(seconds);
    fake.metrics.push_back(record::fake::proportion_metric("accuracy"));
    fake.evaluate = [accuracy](const Place& p) -> std::map<std::string, double> {
      return {{"accuracy", accuracy[static_cast<std::size_t>(p.treatment)]}};
    };
    return warning(reported(results.path() / name, fake).report, "idle_factor");
  };
  CHECK(run("idle", {1, 1, 1}, {0.9, 0.9, 0.9}) ==
        "version changes nothing that was measured: at its 3 levels (a, b, c), all else equal, accuracy is "
        "exactly the "
        "same, and nothing else can be told apart. Does the program use it?");
  CHECK(run("time", {1, 1, 1.1}, {0.9, 0.9, 0.9}).empty());
  CHECK(run("accuracy", {1, 1, 1}, {0.9, 0.9, 0.91}).empty());
  CHECK(warning(reported(results.path() / "only times", versions_run({1, 1})).report, "idle_factor").empty());
}

TEST_CASE("a time that a program reports the same to the last digit in all processes is no measured one") {
  TemporaryFolder results;
  FakeRun fake = versions_run({1, 1.2});
  fake.metrics.push_back(record::fake::time_metric("latency_s"));
  fake.metrics[1].metric.scope = Scope::replicate;
  fake.evaluate = [](const Place& p) -> std::map<std::string, double> {
    return {{"latency_s", p.treatment == 0 ? 0.125 : 0.25 + 0.001 * p.round}};
  };
  CHECK_THAT(warning(reported(results.path(), fake).report, "constant_time"),
             ContainsSubstring("latency_s is the same to the last digit in all processes of a,"));
}

TEST_CASE("fewer than five rounds behind a verdict are a warning") {
  TemporaryFolder results;
  FakeRun fake = versions_run({1, 1.2, 1.5});
  fake.rounds = 4;
  CHECK(warning(reported(results.path() / "4", fake).report, "few_rounds") ==
        "time_s of b against a and 1 more rest on 4 rounds alone: one odd round decides it, and the interval "
        "relies on "
        "rounds being normal; give it 5 or more");
  fake.rounds = 5;
  CHECK(warning(reported(results.path() / "5", fake).report, "few_rounds").empty());
}

}  // namespace assay::reports::test
