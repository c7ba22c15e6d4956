// What pandoc, WeasyPrint and gnuplot make of a report; all are optional at run time.
#include <fstream>
#include <sstream>

#include "harness/record/run_folder.hpp"
#include "reports/pdf.hpp"
#include "reports/program.hpp"
#include "tests/catch.hpp"
#include "tests/reports/runs.hpp"

namespace assay::reports::test {

namespace {

namespace fs = std::filesystem;
using Catch::Matchers::ContainsSubstring;

/// What one of poppler's programs says of a PDF, into a file; nothing if it isn't installed.
std::optional<std::string> poppler(std::vector<std::string> arguments, const fs::path& folder) {
  const auto done = run_program(arguments, folder, "install poppler-utils");
  if (!done) {
    WARN("SKIPPED: " << done.error().message);
    return std::nullopt;
  }
  return *record::read_file(folder / arguments.back());
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++n;
  return n;
}

/// How far to the right a word of a PDF reaches, in points, by pdftotext's -bbox.
double rightmost(const std::string& boxes) {
  const std::string name = "xMax=\"";
  double most = 0;
  for (std::size_t at = 0; (at = boxes.find(name, at)) != std::string::npos; at += name.size())
    most = std::max(most, std::stod(boxes.substr(at + name.size())));
  return most;
}

std::string notices(const Written& written) {
  std::string all;
  for (const std::string& notice : written.notices) all += notice + "\n";
  return all;
}

}  // namespace

TEST_CASE("the HTML embeds the figure with its caption and refers to no other file") {
  TemporaryFolder results;
  const auto r = reported(results.path(), ladder_run());
  const auto written = write_report(r.run, r.report, {}, templates_folder());
  REQUIRE(written);
  if (!written->html || written->figures.empty() || !written->figures.front().svg) {
    WARN("SKIPPED: " << (written->notices.empty() ? "" : written->notices.front()));
    return;
  }
  const auto html = record::read_file(*written->html);
  REQUIRE(html);
  CHECK(html->find("data:image/svg+xml") != std::string::npos);
  CHECK(html->find("<figcaption") != std::string::npos);
  CHECK(html->find("Figure\u00a01:") != std::string::npos);
  CHECK(html->find("Table\u00a01:") < html->find("<thead"));  // the caption stands above its table
  CHECK(html->find("src=\"ladder.svg\"") == std::string::npos);
  CHECK(html->find("<link") == std::string::npos);
  CHECK(html->find("class=\"interval\"") != std::string::npos);
}

TEST_CASE("markup and images in a run folder from elsewhere stay text in the HTML") {
  FakeRun fake = comparison_run();
  fake.more_manifest["question"] = "<script>alert(1)</script> ![x](file:///etc/hostname) [y](javascript:z)";
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  const auto written = write_report(r.run, r.report, {}, templates_folder());
  REQUIRE(written);
  if (!written->html) {
    WARN("SKIPPED: " << (written->notices.empty() ? "" : written->notices.front()));
    return;
  }
  const auto html = record::read_file(*written->html);
  REQUIRE(html);
  CHECK(html->find("<script") == std::string::npos);
  CHECK(html->find("alert(1)") != std::string::npos);
  CHECK(html->find("href=\"javascript") == std::string::npos);
  CHECK(html->find("alt=\"x\"") == std::string::npos);
}

TEST_CASE(
    "the PDF holds the whole ladder on paper: title, nine columns, figure with its caption, run and page "
    "numbers") {
  TemporaryFolder results;
  const auto r = reported(results.path(), ladder_run());
  const auto written =
      write_report(r.run, r.report, {.html = false, .figure = true, .pdf = true}, templates_folder());
  REQUIRE(written);
  if (!written->pdf || written->figures.empty() || !written->figures.front().svg) {
    WARN("SKIPPED: " << notices(*written));
    return;
  }
  CHECK_FALSE(written->html);
  CHECK_FALSE(fs::exists(written->folder / "report.html"));
  const auto text = poppler({"pdftotext", "-layout", "report.pdf", "report.txt"}, written->folder);
  if (!text) return;
  CHECK_THAT(*text, ContainsSubstring("matmul-ladder/ladder"));
  // The last column's value stands on the page, in the line of its row.
  const std::size_t row = text->find("25,552.48 s");
  REQUIRE(row != std::string::npos);
  const std::string line = text->substr(row, text->find('\n', row) - row);
  CHECK(line.ends_with("0.00"));
  CHECK(count(*text, "FMA peak 199") == 1);  // text of the figure: it is no picture of pixels
  CHECK_THAT(*text, ContainsSubstring("GFLOP/s of each rung"));
  const std::size_t pages = count(*text, "\f");
  CHECK(count(*text, "20261124T101500Z-1a2b3c4d") == pages + 1);  // at each foot, and once in the text
  CHECK_THAT(*text, ContainsSubstring(std::to_string(pages) + "/" + std::to_string(pages)));
  const auto boxes = poppler({"pdftotext", "-bbox", "report.pdf", "boxes.html"}, written->folder);
  REQUIRE(boxes);
  CHECK(rightmost(*boxes) > 500);
  CHECK(rightmost(*boxes) < 595.3 - 50);  // nothing hangs into the margin of 18 mm
  const auto head = poppler({"pdftotext", "-layout", "-l", "1", "report.pdf", "first.txt"}, written->folder);
  REQUIRE(head);
  CHECK_THAT(*head, ContainsSubstring("7_avx"));  // the whole table
}

TEST_CASE("a table that is longer than a page has its header on each, and one that is too wide lies across") {
  FakeRun fake = comparison_run();
  fake.rounds = 3;
  fake.treatments.clear();
  fake.baselines.clear();
  fake.groups.clear();
  fake.group_baselines.clear();
  fake.evaluate = nullptr;
  fake.ends = nullptr;
  fake.metrics = {record::fake::time_metric("latency_s")};
  fake.seconds = [](const Place& p) { return 1e-3 * (1 + 0.1 * std::max(p.treatment, 0)) * noise(p, 0.01); };
  Json factors = Json::array();
  for (int factor = 0; factor < 9; ++factor)
    factors.push_back({{"name", "factor_" + std::to_string(factor)}, {"levels", Json::array()}});
  for (std::int64_t level = 0; level < 60; ++level) {
    std::vector<std::pair<std::string, Level>> levels;
    for (Json& factor : factors) {
      factor["levels"].push_back(level);
      levels.emplace_back(factor["name"].get<std::string>(), level);
    }
    fake.treatments.push_back(record::fake::treatment(levels));
  }
  fake.more_manifest["factors"] = factors;
  fake.more_manifest["hypotheses"] = Json::array();
  TemporaryFolder results;
  const auto r = reported(results.path(), fake);
  const auto written =
      write_report(r.run, r.report, {.html = false, .figure = false, .pdf = true}, templates_folder());
  REQUIRE(written);
  if (!written->pdf) {
    WARN("SKIPPED: " << notices(*written));
    return;
  }
  const auto text = poppler({"pdftotext", "-layout", "report.pdf", "report.txt"}, written->folder);
  if (!text) return;
  CHECK(count(*text, "latency_s (lower is better)") == 1);
  std::size_t headers = 0;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);)
    headers += line.find("factor_0") < line.find("verdict") && line.find("verdict") != std::string::npos;
  CHECK(headers >= 3);
  const auto boxes = poppler({"pdftotext", "-bbox", "report.pdf", "boxes.html"}, written->folder);
  REQUIRE(boxes);
  CHECK(rightmost(*boxes) < 841.9 - 50);
  CHECK(count(*boxes, "<page width=\"841") == headers);  // A4 across, as long as the table
  CHECK(count(*boxes, "<page width=\"595") == 2);        // the title before it, and what follows
}

TEST_CASE("two renderings of a run are the same PDF, byte for byte") {
  TemporaryFolder here, there;
  std::vector<std::string> bytes;
  for (const fs::path& results : {here.path(), there.path()}) {
    const auto r = reported(results, ladder_run());
    const auto written =
        write_report(r.run, r.report, {.html = true, .figure = true, .pdf = true}, templates_folder());
    REQUIRE(written);
    if (!written->pdf) {
      WARN("SKIPPED: " << notices(*written));
      return;
    }
    bytes.push_back(*record::read_file(*written->pdf));
  }
  CHECK(bytes[0].starts_with("%PDF-"));
  CHECK(bytes[0] == bytes[1]);
}

TEST_CASE(
    "the PDF takes no file of the machine, neither as picture nor as attachment, whatever the HTML names") {
  TemporaryFolder folder;
  const fs::path secret = folder.path() / "secret.svg";
  std::ofstream(secret)
      << "<svg xmlns='http://www.w3.org/2000/svg' width='300' height='40'><text y='20'>SECRET</text></svg>";
  const std::string url = "file://" + secret.string();
  std::ofstream(folder.path() / "report.html")
      << "<html><head><link rel='attachment' href='" << url << "'><link rel='stylesheet' href='" << url
      << "'><style>p { background: url(" << url
      << ") }</style></head><body><p>shown</p><a rel='attachment' href='" << url << "'>link</a><img src='"
      << url << "'><object data='" << url
      << "'></object><img src='data:image/svg+xml,&lt;svg xmlns=\"http://www.w3.org/2000/svg\" "
         "xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"300\" height=\"40\"&gt;&lt;image "
         "width=\"300\" height=\"40\" xlink:href=\""
      << url << "\"/&gt;&lt;text y=\"20\"&gt;EMBEDDED&lt;/text&gt;&lt;/svg&gt;'></body></html>";
  const auto made = write_pdf(folder.path() / "report.html", folder.path() / "report.pdf", templates_folder());
  if (!made) {
    WARN("SKIPPED: " << made.error().message);
    return;
  }
  const auto bytes = record::read_file(folder.path() / "report.pdf");
  REQUIRE(bytes);
  CHECK(bytes->find("EmbeddedFile") == std::string::npos);
  const auto text = poppler({"pdftotext", "report.pdf", "report.txt"}, folder.path());
  if (!text) return;
  CHECK_THAT(*text, ContainsSubstring("shown"));
  CHECK_THAT(*text, ContainsSubstring("EMBEDDED"));
  CHECK(text->find("SECRET") == std::string::npos);
}

TEST_CASE("hostile names and claims stay text in the PDF") {
  FakeRun fake = comparison_run();
  fake.more_manifest["question"] =
      "<a rel=attachment href=file:///etc/hostname>x</a> ![x](file:///etc/hostname)";
  TemporaryFolder results;
  auto r = reported(results.path(), fake);
  r.report.folder_name = "a\"><img src=x>";
  r.report.experiment = "</title><script>";
  const auto written =
      write_report(r.run, r.report, {.html = true, .figure = true, .pdf = true}, templates_folder());
  REQUIRE(written);
  if (!written->pdf) {
    WARN("SKIPPED: " << notices(*written));
    return;
  }
  const auto html = record::read_file(*written->html);
  REQUIRE(html);
  CHECK(html->find("<img src=x>") == std::string::npos);
  CHECK(html->find("<script") == std::string::npos);
  CHECK(record::read_file(*written->pdf)->find("EmbeddedFile") == std::string::npos);
  const auto text = poppler({"pdftotext", "report.pdf", "report.txt"}, written->folder);
  if (!text) return;
  CHECK_THAT(*text, ContainsSubstring("a\"><img src=x>\n"));  // at the foot
  CHECK_THAT(*text, ContainsSubstring("<a rel=attachment"));
}

}  // namespace assay::reports::test
