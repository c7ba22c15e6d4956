// Accuracies that are known item by item: their intervals are over items, their comparisons over the items
// that turned.
#include <fstream>

#include "harness/stats/paired_proportions.hpp"
#include "harness/stats/proportion.hpp"
#include "reports/figure.hpp"
#include "reports/item_results.hpp"
#include "reports/tables.hpp"
#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

namespace assay::reports::test {

namespace {

namespace fs = std::filesystem;
using Catch::Matchers::ContainsSubstring;
using stats::Verdict;

constexpr int kItems = 2'000;

/// Item i of treatment t is wrong where wrong(t, i).
FakeRun accuracy_run(const std::function<bool(const Place&, int)>& wrong, double margin = 0.01) {
  FakeRun fake;
  fake.metrics = {record::fake::time_metric(), record::fake::proportion_metric("accuracy")};
  fake.metrics[1].margin = margin;
  fake.labels.assign(kItems, 7);
  fake.predictions = [wrong](const Place& p) {
    std::vector<std::int32_t> predicted(kItems, 7);
    for (int i = 0; i < kItems; ++i) {
      if (wrong(p, i)) predicted[static_cast<std::size_t>(i)] = 3;
    }
    return predicted;
  };
  fake.evaluate = [wrong](const Place& p) -> std::map<std::string, double> {
    int right = 0;
    for (int i = 0; i < kItems; ++i) right += !wrong(p, i);
    return {{"accuracy", static_cast<double>(right) / kItems}, {"other", 0.5}};
  };
  fake.more_manifest = {{"factors", {{{"name", "version"}, {"levels", {"a", "b"}}}}}};
  return fake;
}

/// `a` errs on items 0–19, `b` on 12–51: 12 items only b gets right, 32 only a.
bool errs(const Place& p, int i) {
  return p.treatment == 1 ? i >= 12 && i < 52 : i < 20;
}

const Cell& accuracy_cell(const Reported& r, int treatment) {
  return *find_cell(r.report.cells, treatment, 1, "typical");
}
const Comparison& accuracy_comparison(const Reported& r) {
  const Comparison* c = find_comparison(r.report.comparisons, 1, 0, 1, "typical");
  REQUIRE(c);
  return *c;
}

}  // namespace

TEST_CASE("an accuracy of a deterministic model has Wilson's interval over its items") {
  TemporaryFolder results;
  const auto r = reported(results.path(), accuracy_run(errs));
  const Cell& cell = accuracy_cell(r, 1);
  REQUIRE(cell.items);
  CHECK(cell.items->right == 1'960);
  CHECK(cell.items->count == kItems);
  CHECK(cell.value->value == 0.98);
  CHECK(cell.value->interval->low == stats::wilson(1'960, kItems, 0.95)->low);
  CHECK(cell.deterministic);
  const Json document = Json::parse(to_json(r.report, "x").dump());
  for (const Json& c : document["cells"]) {
    const bool accuracy = c["metric"] == "accuracy";
    CHECK(c["interval_over"] == (accuracy ? "items" : "rounds"));
    CHECK(c["items"].is_null() != accuracy);
  }
}

TEST_CASE("two such accuracies are compared over the items that turned") {
  TemporaryFolder results;
  const auto r = reported(results.path(), accuracy_run(errs));
  const Comparison& c = accuracy_comparison(r);
  REQUIRE(c.items);
  const stats::PairedCounts counts{.both = 1'948, .only_of = 12, .only_to = 32, .neither = 8};
  CHECK(c.items->counts.only_of == 12);
  CHECK(c.items->counts.only_to == 32);
  CHECK(c.items->counts.neither == 8);
  CHECK(c.effect->value == Approx(-0.01));
  CHECK(c.effect->interval->low == stats::newcombe_difference(counts, 0.95)->low);
  CHECK(c.p == stats::mcnemar_mid_p(counts));
  CHECK(c.items->p_exact == stats::mcnemar_exact_p(counts));
  CHECK_FALSE(c.p_permutation);
  CHECK_FALSE(c.quotient_differs);
  CHECK(c.verdict == Verdict::worse);
  CHECK(c.word == "less accurate");
  const Json document = Json::parse(to_json(r.report, "x").dump());
  const Json& found = document["comparisons"].back();
  CHECK(found["interval_over"] == "items");
  CHECK(found["items"]["only_to_right"] == 32);
  CHECK(found["items"]["gates"][0]["threshold"] == 0.99);
  CHECK(found["items"]["gates"][0]["passed"] == false);  // 0.98 of 0.99 is at the gate, not above it
  CHECK(found["items"]["ratio"]["value"].get<double>() == Approx(0.98 / 0.99));
}

TEST_CASE("a gate is passed by a model that turned no item, and equivalence by its test over items") {
  TemporaryFolder results;
  const auto r = reported(results.path(), accuracy_run([](const Place&, int i) { return i < 20; }));
  const Comparison& c = accuracy_comparison(r);
  CHECK(c.p == 1);
  CHECK(c.effect->value == 0);
  CHECK(c.effect->interval->low < 0);
  CHECK(c.verdict == Verdict::equivalent);
  CHECK(c.items->gates[0].passed());
  CHECK_FALSE(c.items->gates[1].passed());  // 2,000 items can't show 99.9 %
}

TEST_CASE(
    "a margin that these items can't resolve stays inconclusive, and no number of rounds would settle it") {
  TemporaryFolder results;
  const auto r = reported(
      results.path(),
      accuracy_run([](const Place& p, int i) { return p.treatment == 1 ? i >= 18 && i < 40 : i < 20; },
                   0.0005));
  CHECK(accuracy_comparison(r).verdict == Verdict::inconclusive);
  CHECK_FALSE(accuracy_comparison(r).further_rounds);
}

TEST_CASE("predictions that differ between replicates keep the interval over rounds, and the table says so") {
  TemporaryFolder results;
  const auto r =
      reported(results.path(),
               accuracy_run([](const Place& p, int i) { return i < 20 + (p.treatment == 1 ? p.round : 0); }));
  CHECK_FALSE(accuracy_cell(r, 1).items);
  CHECK(accuracy_cell(r, 1).answers_differ);
  CHECK(accuracy_cell(r, 0).items);
  CHECK_FALSE(accuracy_comparison(r).items);
  CHECK(accuracy_comparison(r).rounds == 7);
  CHECK_THAT(terminal_text(r.report, 140, false),
             ContainsSubstring("answers differ between replicates: 95 % interval over rounds"));
}

TEST_CASE("a proportion that isn't the share of right answers keeps its interval over rounds") {
  TemporaryFolder results;
  FakeRun fake = accuracy_run(errs);
  fake.metrics.push_back(record::fake::proportion_metric("other"));
  const auto r = reported(results.path(), fake);
  CHECK(accuracy_cell(r, 0).items);
  CHECK_FALSE(find_cell(r.report.cells, 0, 2, "typical")->items);
}

TEST_CASE("table and sentence say that items are the sample, and training seeds are not") {
  TemporaryFolder results;
  FakeRun fake = accuracy_run(errs);
  const auto hypothesis = [&](const char* id, const char* form, const char* relation, double bound) {
    const Json to = std::string(form) == "value" ? Json() : Json(id_of(fake, 0));
    return Json{{"id", id},
                {"claim", "c"},
                {"metric", "accuracy"},
                {"statistic", "typical"},
                {"form", form},
                {"of", id_of(fake, 1)},
                {"to", to},
                {"relation", relation},
                {"bound", bound}};
  };
  fake.more_manifest["hypotheses"] = {
      hypothesis("H1", "difference", ">=", -0.03), hypothesis("H2", "value", ">", 0.97),
      hypothesis("H3", "ratio", ">=", 0.97), hypothesis("H4", "value", ">", 0.979)};
  const auto r = reported(results.path(), fake);
  const std::string text = terminal_text(r.report, 160, false);
  CHECK_THAT(text, ContainsSubstring("95 % interval over 2,000 items, not over training seeds"));
  CHECK_THAT(text, ContainsSubstring("+12 −32"));
  const TextTable accuracy = tables_of(r.report)[1];
  REQUIRE(accuracy.columns.size() == 7);
  CHECK(accuracy.columns[5].title == "keeps 99.9 %");
  CHECK(accuracy.rows[1][5].text == "not shown");
  CHECK_THAT(accuracy.caption, ContainsSubstring("paired item by item"));
  REQUIRE(r.report.hypotheses.size() == 4);
  for (int i = 0; i < 3; ++i) {
    const HypothesisResult& h = r.report.hypotheses[static_cast<std::size_t>(i)];
    INFO(h.sentence);
    CHECK(h.verdict == stats::HypothesisVerdict::supported);
    CHECK_THAT(h.sentence, ContainsSubstring("over 2,000 items, not over training seeds"));
    CHECK(h.p);
  }
  CHECK(r.report.hypotheses[3].verdict == stats::HypothesisVerdict::inconclusive);
}

TEST_CASE("answers that are lost or were edited cost the items and are a warning") {
  for (const bool edited : {false, true}) {
    TemporaryFolder results;
    const fs::path folder = record::fake::write_fake_run(results.path(), accuracy_run(errs));
    for (const auto& file : fs::directory_iterator(folder / "outputs")) {
      if (file.path().extension() != ".labels") continue;
      if (edited) {
        std::ofstream(file.path(), std::ios::binary) << encode_classes(std::vector<std::int32_t>(kItems, 3));
      } else {
        fs::remove(file.path());
      }
    }
    const auto run = record::read_run(folder);
    REQUIRE(run);
    const auto report = project(*run);
    REQUIRE(report);
    CHECK_FALSE(find_cell(report->cells, 0, 1, "typical")->items);
    CHECK(find_cell(report->cells, 0, 1, "typical")->value->value == 0.99);
    const auto lost = std::count_if(report->warnings.begin(), report->warnings.end(),
                                    [](const Warning& w) { return w.kind == "answers_lost"; });
    CHECK(lost == 2);  // each of the two sets of predictions
  }
}

TEST_CASE("a run of before labels were sent reads as it did") {
  TemporaryFolder results;
  FakeRun fake = accuracy_run(errs);
  fake.predictions = nullptr;
  const auto r = reported(results.path(), fake);
  const Cell& cell = accuracy_cell(r, 1);
  CHECK_FALSE(cell.items);
  CHECK(cell.deterministic);
  CHECK(cell.value->interval->low == cell.value->value);
  CHECK_FALSE(accuracy_comparison(r).items);
}

TEST_CASE("a table of times has the accuracy and the flips of each row beside its ratio, one of something else has not") {
  TemporaryFolder results;
  const auto r = reported(results.path(), accuracy_run(errs));
  const auto tables = tables_of(r.report);
  const auto titles = [](const TextTable& table) {
    std::vector<std::string> all;
    for (const TextColumn& column : table.columns) all.push_back(column.title);
    return all;
  };
  const auto of_times = titles(tables.at(0));
  REQUIRE(of_times.size() >= 4);
  CHECK(std::vector<std::string>(of_times.end() - 3, of_times.end()) == std::vector<std::string>{"accuracy", "flips", "verdict"});
  const auto& row = tables.at(0).rows.at(1);
  CHECK_THAT(row.at(row.size() - 3).text, ContainsSubstring("98"));
  CHECK(row.at(row.size() - 2).text == "+12 −32");
  const auto of_accuracy = titles(tables.at(1));
  CHECK(std::count(of_accuracy.begin(), of_accuracy.end(), "accuracy") == 1);
}

TEST_CASE("accuracy against time: on the front stands what no other treatment beats in both") {
  TemporaryFolder results;
  const auto front_of = [&](double seconds_of_b, const char* name) {
    FakeRun fake = accuracy_run(errs);  // b is less accurate
    fake.seconds = [seconds_of_b](const Place& p) { return (p.treatment == 1 ? seconds_of_b : 1e-3) * noise(p, 0.001); };
    const auto r = reported(results.path() / name, fake);
    const auto figure = pareto_figure(r.report);
    REQUIRE(figure);
    return figure->caption;
  };
  CHECK_THAT(front_of(0.5e-3, "faster"), ContainsSubstring("(b, a)"));
  CHECK_THAT(front_of(2e-3, "slower"), ContainsSubstring("(a)"));
  CHECK_FALSE(pareto_figure(reported(results.path() / "ladder", ladder_run()).report));
}

}  // namespace assay::reports::test
