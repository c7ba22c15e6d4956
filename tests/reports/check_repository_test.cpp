// Repositories that the tests write: a good one, one with every mistake, and hostile ones.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "reports/check/grader.hpp"
#include "reports/check/judgement.hpp"
#include "reports/check/repository.hpp"
#include "reports/git.hpp"
#include "tests/catch.hpp"
#include "tests/reports/repository.hpp"

using namespace assay;
using namespace assay::reports::check;
using assay::reports::check::test::Repository;
using assay::reports::check::test::write_good;
namespace fs = std::filesystem;

namespace {

plan::Course course_2025() {
  return *plan::find_course("csce585-2025", fs::path(ASSAY_TEST_SOURCE_DIR) / "templates" / "courses", ".");
}

std::vector<Finding> checked(const Repository& repository, Stage stage = Stage::in_progress) {
  const auto facts = look_at(repository.path(), {});
  REQUIRE(facts);
  return check_repository(*facts, course_2025(), stage);
}

/// "error repository.file run.*: …", the first of that rule in that file; empty if there is none.
std::string told(const std::vector<Finding>& findings, std::string_view rule, std::string_view file = "") {
  for (const Finding& f : findings) {
    if (f.rule == rule && (file.empty() || f.file == file))
      return fmt::format("{} {}:{} {} | {}", name_of(f.severity), f.file, f.line, f.what, f.remedy);
  }
  return "";
}

std::string all_of(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& f : findings)
    text +=
        fmt::format("{} {} {}:{} {} | {}\n", name_of(f.severity), f.rule, f.file, f.line, f.what, f.remedy);
  return text;
}

bool has_git() {
  if (std::system("git --version >/dev/null 2>&1") == 0) return true;
  std::cout << "SKIPPED: git is not installed\n";
  return false;
}

}  // namespace

TEST_CASE("a repository that keeps the course's rules has no error, whatever the stage") {
  Repository good;
  write_good(good);
  for (const Stage stage : {Stage::in_progress, Stage::final_submission}) {
    auto findings = checked(good, stage);
    std::erase_if(findings,
                  [](const Finding& f) { return f.rule == "git.history" || f.severity == Severity::note; });
    INFO(all_of(findings));
    CHECK(findings.empty());
  }
}

TEST_CASE("every mistake is told once, with its place and its remedy") {
  Repository bad;
  bad.write("readme.md",
            "# TODO: title\n\n## Team\n\n**Group Info**\n\n## Summary\n\nwords\n\n## Problem "
            "Descripton\n\nwords\n\n### Motivation\n- a\n- b\n- c\n- d\n\n"
            "## Contribution\n- [ ] Novel contribution\n- a new thing\n\n## Challenges\n\n## References\n- a "
            "paper\n\n![](missing.png) [x](docs/X.md) [y](../../etc/passwd)\n");
  bad.write("docs/x.md", "x");
  bad.write("scripts/run.sh", "#!/bin/sh\n");
  bad.write("model.py", "import numpy\n");
  bad.write("pyproject.toml",
            "[project]\nname = \"x\"\ndependencies = [\"numpy>=1\", \"Scikit_Learn[all] ; python_version > "
            "'3'\"]\n");
  bad.write(
      "uv.lock",
      "version = 1\nrequires-python = \">=3.9\"\n\n[[package]]\nname = \"numpy\"\nversion = \"1.26\"\n");
  bad.write("src/__pycache__/model.pyc", "x");
  bad.write(".env", "TOKEN=1");
  bad.write("references.bib",
            "@article{a, title = {T}}\n@article{b, title = {T}, author = {A}, year = 1}\n@article{b, title = "
            "{T}, author = {A}, year = 1}\n@misc{c, title = {\n");
  bad.write("proposal.md",
            "# P\n\n## Evaluation\nSee [@nobody] and [@b].\n\n## Introduction\nTODO: the problem\n\n## "
            "Feedback received\n\n## Project Repository\nx\n");
  bad.write("result.csv",
            "model,accuracy,latency_s\nresnet,0.9131,0.01234\nvgg,0.9131,0.01234\nlenet,0.9131,0.01234\n");
  const auto findings = checked(bad);
  INFO(all_of(findings));
  CHECK(told(findings, "repository.file", "readme.md") ==
        "warning readme.md:0 is called otherwise than README.md | git mv readme.md README.md");
  CHECK(told(findings, "repository.file", "run.*") ==
        "error run.*:0 run.* isn't there; it runs the project | scripts/run.sh looks like it: move it to "
        "where the course expects it");
  CHECK(told(findings, "repository.folder", "data").starts_with("error data:0 folder data/ isn't there"));
  const std::string sections = all_of(findings);
  CHECK_THAT(sections, Catch::Matchers::ContainsSubstring(
                           "error document.section readme.md:5 section 'Group Info' isn't there | it stands "
                           "in bold; make it a heading, '## Group Info'"));
  CHECK_THAT(sections, Catch::Matchers::ContainsSubstring(
                           "error document.section readme.md:11 section 'Problem Description' isn't there | "
                           "'Problem Descripton' looks like it"));
  CHECK(told(findings, "document.bullets") ==
        "error readme.md:16 a list of 'Motivation' has 4 bullets; at most 3 are allowed | keep the most "
        "important ones, and say the rest in the text or not at all");
  CHECK(told(findings, "document.choice")
            .starts_with("error readme.md:21 'Contribution' names none of: Replication of existing work"));
  CHECK(told(findings, "document.order", "readme.md")
            .starts_with("warning readme.md:21 'Contribution' stands before 'Challenges'"));
  CHECK(told(findings, "document.empty", "readme.md")
            .starts_with("warning readme.md:25 nothing stands below Challenges"));
  CHECK(told(findings, "document.todo", "readme.md")
            .starts_with("warning readme.md:1 a TODO is left in the title"));
  CHECK(told(findings, "document.image").starts_with("error readme.md:30 image 'missing.png' isn't there"));
  CHECK(told(findings, "document.caption")
            .starts_with("warning readme.md:30 figure 'missing.png' has no caption"));
  CHECK_THAT(sections, Catch::Matchers::ContainsSubstring(
                           "link 'docs/X.md' is called otherwise: upper and lower case differ"));
  CHECK_THAT(sections,
             Catch::Matchers::ContainsSubstring("link '../../etc/passwd' leads out of the repository"));
  CHECK(told(findings, "document.order", "proposal.md")
            .starts_with("warning proposal.md:6 'Introduction' stands before 'Project Repository'"));
  CHECK(told(findings, "document.unwritten", "proposal.md") ==
        "warning proposal.md:7 1 of 10 sections hold only what the template asks: Introduction | write them, "
        "and remove the TODO");
  CHECK(told(findings, "bibliography.key").starts_with("error proposal.md:4 [@nobody] is cited"));
  CHECK(told(findings, "bibliography.entry").starts_with("error references.bib:4 entry 'c' isn't closed"));
  CHECK_THAT(sections, Catch::Matchers::ContainsSubstring("references.bib:1 entry 'a' has no author, year"));
  CHECK(told(findings, "bibliography.twice")
            .starts_with("warning references.bib:3 entry 'b' stands here twice"));
  CHECK(told(findings, "python.lock") ==
        "error pyproject.toml:3 asks for what uv.lock doesn't have: scikit-learn | uv lock, and commit "
        "uv.lock");
  CHECK(
      told(findings, "python.project").starts_with("warning pyproject.toml:1 'requires-python' isn't said"));
  CHECK(told(findings, "committed.cache").find("src/__pycache__/model.pyc") != std::string::npos);
  CHECK(told(findings, "committed.secret").find(".env") != std::string::npos);
  CHECK(told(findings, "results.identical") ==
        "note result.csv:2 the same values for 3 different rows: resnet, vgg, lenet | see that each was "
        "measured: a loop may have measured one of them again");
  CHECK(told(findings, "git.history")
            .starts_with("warning :0 tags and contributions can't be seen: there is no .git here"));
  CHECK(told(findings, "document.later", "readme.md")
            .starts_with("note readme.md:0 the final submission asks for more: Dependencies"));
  CHECK(std::is_sorted(findings.begin(), findings.end(),
                       [](const Finding& a, const Finding& b) { return a.severity < b.severity; }));
  const auto at_the_end = checked(bad, Stage::final_submission);
  CHECK_THAT(all_of(at_the_end), Catch::Matchers::ContainsSubstring(
                                     "error document.section readme.md:0 section 'Demo' isn't there"));
  CHECK(told(at_the_end, "document.missing").starts_with("error report.md:0 the final report isn't there"));
}

TEST_CASE("Python's lock files are asked for where there is Python") {
  Repository shell;
  shell.write("run.sh", "x");
  CHECK(told(checked(shell), "repository.file", "uv.lock").empty());
  shell.write("src/a.py", "x");
  CHECK(told(checked(shell), "repository.file", "uv.lock").starts_with("error"));
  shell.write("uv.lock", "<<<<<<< HEAD\n");
  CHECK_THAT(told(checked(shell), "python.lock", "uv.lock"),
             Catch::Matchers::ContainsSubstring("merge conflict"));
}

TEST_CASE("the group's members are read from lists, tables and lines") {
  const auto members = [](const std::string& body) {
    return members_of(outline_of("## Group Info\n" + body));
  };
  const auto check_two = [](const std::vector<Member>& two) {
    REQUIRE(two.size() == 2);
    CHECK(two[0].text.starts_with("Ada Lovelace"));
    CHECK(two[0].email == "ada@example.org");
    CHECK(two[1].email == "charles@mail.example.org");
  };
  check_two(
      members("- Ada Lovelace, <ada@example.org>\n- **Charles Babbage** "
              "([charles@mail.example.org](mailto:charles@mail.example.org))\n"));
  check_two(
      members("| Name | E-mail |\n|---|---|\n| Ada Lovelace | ada@example.org |\n| Charles | "
              "charles@mail.example.org |\n"));
  check_two(members("We are two.\n\nAda Lovelace: ada@example.org\nCharles: charles@mail.example.org\n"));
  check_two(members("1. Ada Lovelace\n   - ada@example.org\n2. Charles\n   - charles@mail.example.org\n"));
  check_two(
      members("- Team name: engines\n- Ada Lovelace\n- E-mail: ada@example.org\n- Charles\n- E-mail: "
              "charles@mail.example.org\n"));
  CHECK(members("- Ada Lovelace\n").front().email.empty());
  CHECK(members("- TODO: name, e-mail\n").empty());
}

TEST_CASE("nothing of a hostile repository is followed, opened or shown as it is") {
  Repository hostile;
  hostile.write("secret-below.txt", "x");
  const fs::path root = hostile.path();
  REQUIRE(::mkfifo((root / "README.md").c_str(), 0600) == 0);  // opening it would wait for ever
  REQUIRE(::symlink("/etc/passwd", (root / "run.sh").c_str()) == 0);
  REQUIRE(::symlink("/", (root / "data").c_str()) == 0);
  REQUIRE(::symlink(".", (root / "loop").c_str()) == 0);
  REQUIRE(::symlink("../../..", (root / "src").c_str()) == 0);
  hostile.write("evil\x1b[2Jname\xe2\x80\xae.py", "x");
  hostile.write("uv.lock", std::string("\0\xff\xfe", 3));
  hostile.write("pyproject.toml", "x = " + std::string(20000, '['));
  hostile.write("assay.toml", "[project]\ncourse = \"../../../etc/passwd\"\n");
  hostile.write("a.json", std::string(100000, '['));
  hostile.write("b.csv", std::string(100000, '"'));
  fs::path deep = root;
  for (int i = 0; i < 200; ++i) fs::create_directory(deep /= "d");
  const auto findings = checked(hostile);
  const std::string all = all_of(findings);
  INFO(all);
  CHECK_THAT(told(findings, "repository.special", "README.md"),
             Catch::Matchers::ContainsSubstring("is a FIFO"));
  CHECK_THAT(told(findings, "repository.link", "run.sh"),
             Catch::Matchers::ContainsSubstring("a link out of the repository, to /etc/passwd"));
  CHECK_FALSE(told(findings, "repository.link", "src").empty());
  CHECK(told(findings, "repository.link", "loop").empty());
  CHECK(told(findings, "repository.file", "run.sh").starts_with("error"));
  CHECK_FALSE(told(findings, "repository.project").empty());
  CHECK_FALSE(told(findings, "python.project").empty());
  CHECK_FALSE(told(findings, "repository.size").empty());
  CHECK_THAT(told(findings, "repository.name"),
             Catch::Matchers::ContainsSubstring("evil\\u{001B}[2Jname\\u{202E}.py"));
  CHECK(all.find('\x1b') == std::string::npos);
  CHECK(all.find("\xe2\x80\xae") == std::string::npos);
  CHECK(all.find("root:") == std::string::npos);
  CHECK_FALSE(read_below(root, "loop/secret-below.txt", 100));
  CHECK_FALSE(read_below(root, "../x", 100));
  CHECK_FALSE(read_below(root, "README.md", 100));
  CHECK_FALSE(read_below(root, "b.csv", 100));
  CHECK(read_below(root, "secret-below.txt", 1));
}

TEST_CASE("a folder with more files than are looked at says so") {
  Repository many;
  for (int i = 0; i < 30; ++i) many.write("f" + std::to_string(i), "x");
  const auto tree = list_tree(many.path(), {.entries = 20});
  REQUIRE(tree);
  CHECK(tree->cut);
  CHECK(tree->files.size() == 20);
}

TEST_CASE("tags and contributions come from git, and hostile settings in it run nothing") {
  if (!has_git()) return;
  Repository repository;
  write_good(repository);
  const fs::path mark = repository.path().parent_path() / (repository.path().filename().string() + "-ran");
  const auto shell = [&](const std::string& script) {
    const std::string command = fmt::format(
        "cd '{}' && export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 && ( {} ) >/dev/null 2>&1",
        repository.path().string(), script);
    REQUIRE(std::system(command.c_str()) == 0);
  };
  const std::string commit =
      "git -c user.name=\"$1\" -c user.email=\"$2\" commit -q --date='2026-10-01T12:00:00Z' -m x";
  shell("git init -q . && git add -A && f() { " + commit + "; } && f 'Ada Lovelace' ada@example.org");
  repository.write("src/more.py", "a\nb\nc\n");
  repository.write("uv.lock", "version = 1\n" + std::string(500, '\n'));
  shell("git add -A && f() { " + commit + "; } && f \"$(printf 'Ada\\033[31m')\" ada@laptop");
  for (int i = 0; i < 8; ++i) {
    repository.write("src/n.py", std::to_string(i));
    shell("git add -A && f() { " + commit + "; } && f 'Ada Lovelace' ada@example.org");
  }
  repository.write(".mailmap", "Ada Lovelace <ada@example.org> <ada@laptop>\n");
  repository.write(".gitattributes", "* diff=evil filter=evil\n");
  shell("git add -A && f() { " + commit + "; } && f 'Ada Lovelace' ada@example.org");
  std::ofstream(repository.path() / ".git" / "config", std::ios::app)
      << "[core]\n fsmonitor = touch " << mark.string() << "\n pager = touch " << mark.string()
      << "\n sshCommand = touch " << mark.string() << "\n[diff]\n external = touch " << mark.string()
      << "\n[diff \"evil\"]\n textconv = touch " << mark.string() << "\n command = touch " << mark.string()
      << "\n[filter \"evil\"]\n clean = touch " << mark.string()
      << "\n[log]\n showSignature = true\n[gpg]\n program = touch " << mark.string()
      << "\n[alias]\n log = !touch " << mark.string() << "\n";
  auto facts = look_at(repository.path(), {});
  REQUIRE(facts);
  INFO(facts->git.problem);
  REQUIRE(facts->git.known);
  CHECK_FALSE(fs::exists(mark));
  const Contributions& all = facts->git.contributions;
  REQUIRE(all.authors.size() == 1);  // joined by .mailmap
  CHECK(all.authors[0].name == "Ada Lovelace");
  CHECK(all.authors[0].commits == 11);
  CHECK(all.authors[0].first == "2026-10-01");
  CHECK(all.authors[0].added < 200);  // uv.lock's 500 lines aren't hers
  const auto findings = check_repository(*facts, course_2025(), Stage::in_progress);
  CHECK(told(findings, "git.tag").starts_with("warning"));
  CHECK(told(findings, "contributions.member")
            .starts_with("warning README.md:7 no commit is by Charles Babbage"));
  CHECK(told(findings, "contributions.balance").find("Ada Lovelace has 100 % of the commits") !=
        std::string::npos);
  shell("git tag final");
  facts = look_at(repository.path(), {});
  CHECK(facts->git.tags == std::vector<std::string>{"final"});
  CHECK(facts->git.newest_tagged);
  CHECK(told(check_repository(*facts, course_2025(), Stage::final_submission), "git.tag").empty());
}

TEST_CASE("a log that lies about itself loses its own numbers and nothing else") {
  using namespace std::string_literals;
  const std::string log =
      "\x1e"
      "Ada\x1f"
      "a@x\x1f"
      "99999999999999999999\x1f\0\n5\t1\tsrc/a.py\0"s
      "\x1e"
      "Bob\x1f"
      "B@X\x1f"
      "1790000000\x1f\0"
      "-\t-\tpic.png\0"
      "999999999999999\t2\tb.py\0"
      "3\t0\t\0old.py\0new.py\0"
      "7\t7\tdata/x.csv\0"
      "\x1e\x1e"s;
  const Contributions all = read_log(log);
  const auto bob = std::find_if(all.authors.begin(), all.authors.end(),
                                [](const Contribution& c) { return c.name == "Bob"; });
  REQUIRE(bob != all.authors.end());
  CHECK(bob->email == "b@x");
  CHECK(bob->first == "2026-09-21");
  CHECK(bob->added ==
        1'000'000'003);  // a number beyond belief is cut; a rename's three count, data's seven don't
  const auto ada = std::find_if(all.authors.begin(), all.authors.end(),
                                [](const Contribution& c) { return c.name == "Ada"; });
  REQUIRE(ada != all.authors.end());
  CHECK(ada->added == 5);
}

TEST_CASE("a .git that leads elsewhere isn't followed") {
  Repository repository;
  repository.write(".git", "gitdir: /\n");
  const auto facts = look_at(repository.path(), {});
  REQUIRE(facts);
  CHECK_FALSE(facts->git.known);
  CHECK_THAT(facts->git.problem, Catch::Matchers::ContainsSubstring("leads elsewhere"));
}

TEST_CASE("what a grader sees names the place of what is there and the remedy of what isn't") {
  Repository good;
  write_good(good);
  const plan::Course course = course_2025();
  const auto facts = look_at(good.path(), {});
  const auto findings = check_repository(*facts, course, Stage::in_progress);
  RunEvidence runs;
  runs.runs = runs.baseline = runs.environment = true;
  runs.where = {"20261124T101500Z-1a2b3c4d"};
  const auto lines = grade(course, *facts, findings, runs);
  REQUIRE(lines.size() == course.rubric.size());
  const auto line = [&](std::string_view text) {
    return *std::find_if(lines.begin(), lines.end(), [&](const GradedLine& l) { return l.text == text; });
  };
  CHECK(line("Problem").state == GradedLine::State::missing);
  CHECK(line("Problem").what == "proposal.md isn't there: assay new proposal");
  CHECK(line("Clarity").state == GradedLine::State::human);
  CHECK(line("System and data set-up").state == GradedLine::State::seen);
  CHECK(line("Baseline").what == "a baseline that others are compared with (20261124T101500Z-1a2b3c4d)");
  CHECK_THAT(line("Experimental rigor: baselines, ablation or scaling").what,
             Catch::Matchers::StartsWith("no ablation"));
  CHECK(line("Discussion and limitations").what == "'Discussion and Limitations' (report.md:15)");
  CHECK(line("Balanced contributions").what == "git's records can't be seen");
  const std::string text = grader_text(lines, 100, false);
  CHECK_THAT(text, Catch::Matchers::ContainsSubstring("→ to do"));
}
