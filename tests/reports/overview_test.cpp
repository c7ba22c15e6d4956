// Forty repositories side by side: journals that can't be alike by chance, and a table that a spreadsheet may
// open.
#include <filesystem>
#include <fstream>
#include <string>

#include "reports/check/judgement.hpp"
#include "reports/check/overview.hpp"
#include "reports/drawn_table.hpp"
#include "tests/catch.hpp"
#include "tests/reports/repository.hpp"
#include "tests/reports/runs.hpp"

using namespace assay;
using namespace assay::reports::check;
using assay::reports::check::test::Repository;

namespace {

/// A run whose timings are as `seed` has them, to the nanosecond.
void write_run(const Repository& repository, const std::string& folder, std::uint64_t seed, int rounds = 7) {
  record::fake::FakeRun fake;
  fake.rounds = rounds;
  fake.seconds = [seed](const record::fake::Place& p) {
    const auto at = static_cast<std::uint64_t>(((p.round * 64 + p.quad + 1) * 64 + p.position + 1) * 64 +
                                               p.treatment + 1);
    return std::round(
               (0.005 +
                0.0005 *
                    Random(stream_seed(seed, "t", at * 8 + static_cast<std::uint64_t>(p.role))).uniform()) *
               1e9) /
           1e9;
  };
  record::fake::FakeRunWriter(repository.path() / folder, fake).write();
}

Fingerprint print_of(const Repository& repository) {
  return fingerprint_of(*look_at(repository.path(), {}));
}

Json document_of(const std::vector<Finding>& findings) {
  Judgement document;
  document.path = "team";
  document.kind = "repository";
  document.findings = findings;
  document.rubric = {{"P1", "Baseline", 5, GradedLine::State::seen, "seen"},
                     {"P2", "Rigor | x", 20, GradedLine::State::missing, "no run"},
                     {"P2", "Clarity", 5, GradedLine::State::human, "human"}};
  Contributions all;
  all.authors = {{"=cmd|' /C calc'!A0", "a@x", 3, 10, 1, "2026-10-01", "2026-10-02"},
                 {"<b>Bob</b>", "b@x", 1, 1, 0, "2026-10-01", "2026-10-01"}};
  all.commits = 4;
  document.contributions = all;
  return *parse_json(to_json(document).dump());
}

}  // namespace

TEST_CASE("the same journal in two repositories is pointed out, and so is an edited or prolonged copy") {
  Repository one, copy, edited, honest;
  write_run(one, "data/exp/20261124T101500Z-1a2b3c4d", 1, 12);
  write_run(honest, "data/exp/20261124T101500Z-1a2b3c4d", 2, 12);
  std::filesystem::create_directories(copy.path() / "results");
  std::filesystem::copy(one.path() / "data" / "exp" / "20261124T101500Z-1a2b3c4d" / "journal.jsonl",
                        copy.path() / "results" / "journal.jsonl");
  // Every twentieth line is changed, and the chain with it: still most timings in a row are the other team's.
  std::filesystem::create_directories(edited.path() / "r");
  std::ifstream in(one.path() / "data" / "exp" / "20261124T101500Z-1a2b3c4d" / "journal.jsonl");
  std::ofstream out(edited.path() / "r" / "journal.jsonl");
  int number = 0;
  for (std::string line; std::getline(in, line); ++number) {
    if (const std::size_t at = line.find("\"elapsed\":"); number % 20 == 0 && at != std::string::npos)
      line.insert(at + 10, "1");
    line.replace(line.find("\"prev\":\"") + 8, 4, "beef");
    out << line << "\n";
  }
  out.close();
  const auto alike = likenesses({{"one", print_of(one)},
                                 {"copy", print_of(copy)},
                                 {"edited", print_of(edited)},
                                 {"honest", print_of(honest)}});
  REQUIRE(alike.size() == 3);
  CHECK(alike[0].kind == Likeness::Kind::journal);
  CHECK(alike[0].share == 1);
  CHECK(sentence(alike[0]) ==
        "one and copy have the same timings in their journals: "
        "data/exp/20261124T101500Z-1a2b3c4d/journal.jsonl, results/journal.jsonl");
  for (const Likeness& l : alike) CHECK(l.one + l.other != "honest");
  for (std::size_t i : {std::size_t{1}, std::size_t{2}}) {
    CHECK(alike[i].share > 0.6);
    CHECK(alike[i].share < 1);
    CHECK((alike[i].one == "edited" || alike[i].other == "edited"));
  }
}

TEST_CASE("a fingerprint survives its JSON, and one that is none is refused") {
  Repository one;
  write_run(one, "data/run", 3);
  test::write_good(one);
  const Fingerprint print = print_of(one);
  REQUIRE(print.journals.size() == 1);
  CHECK(print.journals[0].shingles.size() > 20);
  CHECK(print.sources.size() == 1);
  const auto back = fingerprint_from(*parse_json(to_json(print).dump()));
  REQUIRE(back);
  CHECK(back->journals[0].shingles == print.journals[0].shingles);
  CHECK(back->sources[0].sha256 == print.sources[0].sha256);
  CHECK_FALSE(fingerprint_from(Json::array()));
  CHECK_FALSE(fingerprint_from(Json{{"journals", {1}}}));
}

TEST_CASE("what the course hands out is nobody's copy; a whole tree that two share is pointed out") {
  std::vector<Repository> teams(5);
  std::vector<std::pair<std::string, Fingerprint>> prints;
  for (std::size_t t = 0; t < teams.size(); ++t) {
    for (int f = 0; f < 6; ++f)
      teams[t].write("given/g" + std::to_string(f) + ".py", std::string(200, static_cast<char>('a' + f)));
    const std::size_t author = t == 4 ? 3 : t;  // the last one's own files are the one's before
    for (int f = 0; f < 6; ++f)
      teams[t].write("src/s" + std::to_string(f + static_cast<int>(t)) + ".py",
                     std::string(200, static_cast<char>('A' + f)) + std::to_string(author));
    prints.emplace_back("team-" + std::to_string(t), print_of(teams[t]));
  }
  const auto alike = likenesses(prints);
  REQUIRE(alike.size() == 1);
  CHECK(sentence(alike[0]) == "team-3 and team-4 share 6 source files, 100 % of the smaller");
}

TEST_CASE("a row a repository, one that couldn't be checked included") {
  std::vector<CheckedRepository> all{
      {"team-1",
       document_of({{Severity::error, "repository.file", "run.*", 0, "run.* isn't there", "add run.sh"},
                    {Severity::note, "x.y", "", 0, "n", ""}}),
       ""},
      {"=HYPERLINK(\"http://x\")", document_of({}), ""},
      {"team\x1b[31m", nullptr, "took longer than 60 s"}};
  const std::string table = drawn(overview_table(all), 160, false);
  CHECK_THAT(table, Catch::Matchers::ContainsSubstring("run.* isn't there"));
  CHECK_THAT(table, Catch::Matchers::ContainsSubstring("took longer than 60 s"));
  CHECK(table.find('\x1b') == std::string::npos);
  CHECK(overview_csv(all) ==
        "repository,problem,errors,warnings,notes,points_seen,points_missing,points_human,runs,authors,"
        "largest_share_percent,first_error\n"
        "team-1,,1,0,1,5,20,5,0,2,75,run.* isn't there\n"
        "\"'=HYPERLINK(\"\"http://x\"\")\",,0,0,0,5,20,5,0,2,75,\n"
        "team\\u{001B}[31m,took longer than 60 s,,,,,,,,,,\n");
  const OrderedJson json = overview_json(all, {});
  CHECK(json["repositories"][0]["points_missing"] == 20);
  CHECK(json["repositories"][2]["errors"].is_null());
  CHECK(feedback_names({{"a/../b", {}, ""}, {"A_.._b", {}, ""}, {"", {}, ""}, {".hidden", {}, ""}}) ==
        std::vector<std::string>{"a_.._b.md", "A_.._b-2.md", "_.md", "_.hidden.md"});
}

TEST_CASE("feedback says what to do, and nothing in it acts on whoever reads it") {
  const CheckedRepository one{"<img src=x>",
                              document_of({{Severity::error, "repository.file", "[x](javascript:1).md", 3,
                                            "`rm` isn't there", "add it"}}),
                              ""};
  const std::string text = feedback_markdown(one);
  INFO(text);
  CHECK_THAT(text, Catch::Matchers::StartsWith("# Feedback for &lt;img src=x&gt;\n"));
  CHECK_THAT(text,
             Catch::Matchers::ContainsSubstring(
                 "## To mend\n\n- **\\[x\\](javascript:1).md:3**: \\`rm\\` isn't there. *To do:* add it.\n"));
  CHECK_THAT(text, Catch::Matchers::ContainsSubstring("| → | 20 | P2: Rigor \\| x | no run |\n"));
  CHECK_THAT(text, Catch::Matchers::ContainsSubstring("&lt;b&gt;Bob&lt;/b&gt;"));
  CHECK(feedback_markdown({"x", Json::array(), ""}).find("didn't finish") != std::string::npos);
  CHECK(
      feedback_markdown(
          {"x", Json{{"findings", {1, {{"severity", 3}}}}, {"rubric", "x"}, {"contributions", nullptr}}, ""})
          .size() > 10);
}
