#include "harness/plan/suite.hpp"

#include "harness/plan/plan.hpp"
#include "tests/catch.hpp"
#include "tests/harness/plan/scratch_folder.hpp"

using namespace assay;
using plan::Places;

namespace {

const char* const kSuite = R"([suite]
name = "matmul-ladder"
title = "From Python to AVX"
main = "ladder"
requires = ["program:sh", "file:data"]
[workers.native]
command = ["{libexec}/worker", "{experiment}"]
[workers.java]
command = ["java", "{suite}/M.java"]
when = { version = ["2_java"] }
requires = ["program:java"]
)";

const char* const kLadder =
    "[experiment]\nname = \"ladder\"\nsuite = \"matmul-ladder\"\n[factors]\nversion = [\"2_java\", "
    "\"3_c\"]\n";

/// A folder of suites with one whose folder isn't named as it is.
struct Shelf {
  ScratchFolder scratch;
  Places places{{scratch.path() / "suites"}, "/opt/libexec"};
  std::filesystem::path suite = scratch.path() / "suites/matmul_ladder";
  std::filesystem::path ladder = scratch.write("suites/matmul_ladder/experiments/ladder.toml", kLadder);

  Shelf() {
    scratch.write("suites/matmul_ladder/suite.toml", kSuite);
    scratch.write("suites/matmul_ladder/experiments/big.toml", kLadder);
  }
};

}  // namespace

TEST_CASE("a suite is its file, with its places filled in and its experiments sorted") {
  const Shelf shelf;
  const auto suite = plan::load_suite(shelf.suite, shelf.places);
  REQUIRE(suite);
  CHECK(suite->name == "matmul-ladder");
  CHECK(suite->main_experiment == "ladder");
  CHECK(suite->requirements[1] == "file:" + (shelf.suite / "data").string());
  CHECK(suite->workers[0].command[0] == "/opt/libexec/worker");
  CHECK(suite->workers[1].command[1] == (shelf.suite / "M.java").string());
  REQUIRE(suite->experiments.size() == 2);
  CHECK(suite->experiment_name(suite->experiments[0]) == "matmul-ladder/big");
}

TEST_CASE("an experiment of a suite is named by its place, runs in the suite and has its workers") {
  const Shelf shelf;
  const auto e = plan::load_experiment(shelf.ladder, shelf.places);
  REQUIRE(e);
  CHECK(e->name == "matmul-ladder/ladder");
  CHECK(e->title_name == "ladder");
  CHECK(e->folder == shelf.suite);
  CHECK(e->suite_folder == shelf.suite);
  CHECK(e->workers[0].command[1] == shelf.ladder.parent_path().string());
  const auto made = plan::make_plan(*e, *e->preset("quick"));
  REQUIRE(made);
  CHECK(made->treatments[0].worker == 1);
  CHECK(made->treatments[1].worker == 0);
}

TEST_CASE("a file elsewhere may use a suite and keeps its own name") {
  const Shelf shelf;
  const auto file = shelf.scratch.write("mine.toml", kLadder);
  const auto e = plan::load_experiment(file, shelf.places);
  REQUIRE(e);
  CHECK(e->name == "ladder");
  CHECK(e->workers.size() == 2);
}

TEST_CASE("a suite that doesn't exist is told with those that do") {
  const Shelf shelf;
  const auto other = [&](const std::string& suite) {
    return plan::parse_experiment("[experiment]\nname = \"x\"\nsuite = \"" + suite + "\"\n", "x.toml", {},
                                  shelf.places)
        .error()
        .message;
  };
  CHECK(other("matmul_lader") == "x.toml:3: no suite \"matmul_lader\"; did you mean 'matmul-ladder'?");
  CHECK(other("lenet") == "x.toml:3: no suite \"lenet\"; there are matmul-ladder");
}

TEST_CASE("an experiment is found by path, suite, and suite with stem") {
  const Shelf shelf;
  const auto found = [&](const std::string& name) {
    const auto file = plan::find_experiment(name, shelf.places);
    return file ? file->string() : file.error().message;
  };
  CHECK(found(shelf.ladder.string()) == shelf.ladder.string());
  CHECK(found("matmul-ladder") == shelf.ladder.string());
  CHECK(found("matmul-ladder/big") == (shelf.suite / "experiments/big.toml").string());
  CHECK(found("matmul-lader") ==
        "no experiment \"matmul-lader\"; did you mean 'matmul-ladder'? `assay list` shows those "
        "there are, and a path works too");
  CHECK(found("none.toml") == "none.toml: no such file; `assay list` shows the experiments there are");
  CHECK(found(shelf.suite.string()).starts_with(shelf.suite.string() + ": is a folder"));
  CHECK(found("").starts_with("no experiment \"\""));
}

TEST_CASE(
    "of two suites of one name the first path wins, and a broken one is told without hiding the others") {
  const Shelf shelf;
  shelf.scratch.write("more/a/suite.toml", "[suite]\nname = \"matmul-ladder\"\ntitle = \"another\"\n");
  shelf.scratch.write("more/b/suite.toml", "[suite]\nnmae = \"b\"\n");
  shelf.scratch.write("more/c/suite.toml", "[suite]\nname = \"aaa\"\n");
  Places places = shelf.places;
  places.suite_paths.push_back(shelf.scratch.path() / "more");
  places.suite_paths.push_back(shelf.scratch.path() / "absent");
  const auto found = plan::find_suites(places);
  REQUIRE(found.suites.size() == 2);
  CHECK(found.suites[0].name == "aaa");
  CHECK(found.suites[1].title == "From Python to AVX");
  REQUIRE(found.broken.size() == 1);
  CHECK(found.broken[0] == (shelf.scratch.path() / "more/b/suite.toml").string() +
                               ":2: unknown key 'nmae' in [suite]; did you mean 'name'?");
}

TEST_CASE("the main experiment of a suite must be one of its files") {
  const ScratchFolder scratch;
  scratch.write("s/experiments/ladder.toml", "");
  scratch.write("s/suite.toml", "[suite]\nname = \"s\"\nmain = \"lader\"\n");
  CHECK(plan::load_suite(scratch.path() / "s", {}).error().message ==
        (scratch.path() / "s/suite.toml").string() +
            ":3: 'main' in [suite] is \"lader\", which is no file of experiments/; did you mean 'ladder'?");
}

TEST_CASE("a requirement is met, or its reason says what would meet it") {
  CHECK_FALSE(plan::check_requirement("program:sh").missing);
  CHECK_FALSE(plan::check_requirement("file:/proc/self").missing);
  CHECK(plan::check_requirement("program:no-such-program").missing ==
        std::string("needs the program no-such-program → install it, or put it on PATH"));
  CHECK(plan::check_requirement("cpu:no_such_flag").missing->starts_with("needs the CPU flag no_such_flag"));
  CHECK(plan::check_requirement("file:/no/such/file").missing ==
        std::string("needs the file /no/such/file → put it there"));
  CHECK(plan::check_requirement("java").missing ==
        std::string(
            "\"java\" is no requirement; a requirement is \"cpu:avx512f\", \"program:java\" or \"file:…\""));
}
