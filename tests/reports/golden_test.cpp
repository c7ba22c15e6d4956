// What a reader sees, byte for byte. After a wanted change:  ASSAY_UPDATE_GOLDEN=1 ctest -R reports_golden,
// then read the diff.
#include <cstdlib>
#include <fstream>

#include "harness/record/run_folder.hpp"
#include "reports/figure.hpp"
#include "reports/latex.hpp"
#include "reports/tables.hpp"
#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

namespace assay::reports::test {

namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  const auto text = record::read_file(file);
  return text ? *text : "(" + text.error().message + ")";
}

void check_golden(const std::string& name, const std::string& text) {
  const fs::path file = source_folder() / "tests/reports/golden" / name;
  if (std::getenv("ASSAY_UPDATE_GOLDEN")) {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }
  INFO(name);
  CHECK(text == text_of(file));
}

void check_report(const std::string& name, const FakeRun& fake) {
  TemporaryFolder results;
  const Reported r = reported(results.path(), fake);
  const auto written = write_report(r.run, r.report, {.html = false, .figure = false}, templates_folder());
  REQUIRE(written);
  check_golden(name + "/report.json", text_of(written->json));
  check_golden(name + "/report.md", text_of(written->markdown));
  check_golden(name + "/cells.csv", text_of(written->cells_csv));
  check_golden(name + "/comparisons.csv", text_of(written->comparisons_csv));
  check_golden(name + "/figure.gp", text_of(written->figures.at(0).script));
  check_golden(name + "/figure.csv", text_of(written->figures.at(0).csv));
  std::string tex;
  for (const TextTable& table : tables_of(r.report)) tex += latex_table(table, "tab:" + table.name);
  check_golden(name + "/tables.tex", tex);
  check_golden(name + "/terminal_120.txt", terminal_text(r.report, 120, false));
  check_golden(name + "/terminal_80.txt", terminal_text(r.report, 80, false));
}

}  // namespace

TEST_CASE("a ladder with modelled, unsupported and wrong rungs reads as its golden files") {
  check_report("ladder", ladder_run());
}

TEST_CASE("a comparison with a crashed treatment and two baselines reads as its golden files") {
  check_report("comparison", comparison_run());
}

TEST_CASE("a ladder on a machine with all counters reads as its golden files") {
  check_report("counters", counted_run());
}

TEST_CASE("the report of a copied run folder is the same bytes") {
  TemporaryFolder here, there;
  const Reported original = reported(here.path(), ladder_run());
  const fs::path copy = there.path() / "moved" / original.run.folder.filename();
  fs::create_directories(copy.parent_path());
  fs::copy(original.run.folder, copy, fs::copy_options::recursive);
  const auto run = record::read_run(copy);
  REQUIRE(run);
  const auto report = project(*run);
  REQUIRE(report);
  const auto first =
      write_report(original.run, original.report, {.html = false, .figure = false}, templates_folder());
  const auto second = write_report(*run, *report, {.html = false, .figure = false}, templates_folder());
  REQUIRE(first);
  REQUIRE(second);
  for (const char* name :
       {"report.json", "report.md", "cells.csv", "comparisons.csv", "ladder.gp", "ladder.csv"}) {
    INFO(name);
    REQUIRE(fs::exists(first->folder / name));
    CHECK(text_of(first->folder / name) == text_of(second->folder / name));
    CHECK(text_of(first->folder / name).find(here.path().string()) == std::string::npos);
  }
}

}  // namespace assay::reports::test
