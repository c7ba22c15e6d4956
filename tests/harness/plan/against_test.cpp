// [against]: what a gate makes of an experiment.
#include "harness/plan/against.hpp"

#include <string>

#include "harness/plan/plan.hpp"
#include "tests/catch.hpp"

using namespace assay;
using plan::Against;

namespace {

const std::string kExperiment = R"([experiment]
name = "sorting"
question = "Which sort is fastest?"
baseline = { version = "std" }
[command]
run = ["./sort", "--version", "{version}"]
[factors]
version = ["std", "radix"]
n = [10, 1000]
[[exclude]]
version = "radix"
n = 10
[metrics.wall_s]
margin = 0.05
[[hypothesis]]
id = "H1"
claim = "radix wins"
metric = "wall_s"
ratio = { of = { version = "radix", n = 1000 }, to = { version = "std", n = 1000 } }
expect = "< 1"
)";

const std::string kAgainst = "[against]\nreference = \"HEAD~1\"\ntree = \"{cache}/references/0/1\"\nbelow = \"bench\"\n";

Result<plan::Experiment> parsed(const std::string& text, const std::string& cache = "/cache") {
  plan::Places places;
  places.cache = cache;
  return plan::parse_experiment(text, "sorting.toml", "/repo/bench/sorting.toml", places);
}

}  // namespace

TEST_CASE("every treatment is done by the reference and by the working tree, and only these two are compared") {
  const auto experiment = parsed(kExperiment + kAgainst);
  REQUIRE(experiment);
  const auto plan = plan::make_plan(*experiment, *experiment->preset("quick"));
  REQUIRE(plan);
  REQUIRE(plan->treatments.size() == 6);  // three of the design, twice
  REQUIRE(plan->pairs.size() == 3);
  for (const plan::Pair& pair : plan->pairs) {
    const auto& of = plan->treatments[static_cast<std::size_t>(pair.of)];
    const auto& to = plan->treatments[static_cast<std::size_t>(pair.to)];
    CHECK(shortest(*of.treatment.find("revision")) == "working tree");
    CHECK(shortest(*to.treatment.find("revision")) == "HEAD~1");
    CHECK(*of.treatment.find("version") == *to.treatment.find("version"));
    CHECK(*of.treatment.find("n") == *to.treatment.find("n"));
    CHECK_FALSE(of.in_reference);
    CHECK(to.in_reference);
    // A worker is told what it was told before: it knows no revision.
    CHECK(of.assignment.find("revision") == nullptr);
    CHECK(of.assignment.id() == to.assignment.id());
  }
  CHECK(experiment->hypotheses.empty());
  CHECK(experiment->against->tree == "/cache/references/0/1");
  CHECK(experiment->margin_of("wall_s") == 0.05);
  const auto with_margin = parsed(kExperiment + kAgainst + "margin = 0.02\n");
  REQUIRE(with_margin);
  CHECK(with_margin->margin_of("wall_s") == 0.02);
}

TEST_CASE("a frozen copy is read where neither tree nor cache exist") {
  const auto frozen = plan::parse_frozen_experiment(kExperiment + kAgainst, "experiment.toml");
  REQUIRE(frozen);
  CHECK(frozen->treatments().size() == 6);
  const auto nowhere = parsed(kExperiment + kAgainst, "");
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().message ==
        "sorting.toml:21: [against] stands in the user's cache folder, but neither XDG_CACHE_HOME nor HOME is set");
}

TEST_CASE("folders and paths into the working tree have their counterparts in the reference; others stay") {
  Against against;
  against.tree = "/cache/tree";
  against.below = "bench/sorts";
  const std::filesystem::path home = "/repo/bench/sorts";
  CHECK(against.folder_of("/repo/bench/sorts", home) == "/cache/tree/bench/sorts");
  CHECK(against.folder_of("/repo/bench/sorts/build", home) == "/cache/tree/bench/sorts/build");
  CHECK(against.folder_of("/repo", home) == "/cache/tree");
  CHECK(against.folder_of("/repository", home) == "/repository");
  CHECK(against.folder_of("/usr/share", home) == "/usr/share");
  CHECK(against.words_of({"./sort", "/repo/build/sort", "--data=/repo/data:/repo", "/repository/x", "/repo"}, home) ==
        std::vector<std::string>{"./sort", "/cache/tree/build/sort", "--data=/cache/tree/data:/cache/tree", "/repository/x", "/cache/tree"});
  // In a shell's words too; and never inside of another path.
  CHECK(against.words_of({"sh", "-c", "cd /repo && '/repo/x' \"/repo\";/repo/y"}, home).back() ==
        "cd /cache/tree && '/cache/tree/x' \"/cache/tree\";/cache/tree/y");
  const std::vector<std::string> others{"./repo/x", "/data/repo/x", "../repo", "/repo-2/x", "/repo.old", "https://host/repo"};
  CHECK(against.words_of(others, home) == others);
}

TEST_CASE("a kept program stands in for the word that names it, and folders stay") {
  Against against;
  against.program = "/cache/kept/ab/sort";
  against.replaces = "build/sort";
  CHECK(against.words_of({"build/sort", "build/sorted"}, "/repo") == std::vector<std::string>{"/cache/kept/ab/sort", "build/sorted"});
  CHECK(against.words_of({"python3", "/repo/build/sort"}, "/repo") == std::vector<std::string>{"python3", "/cache/kept/ab/sort"});
  CHECK(against.folder_of("/repo/x", "/repo") == "/repo/x");
}

TEST_CASE("a mistake in [against] is one message") {
  const auto message = [](const std::string& table) {
    const auto experiment = parsed("[experiment]\nname = \"a\"\nquestion = \"?\"\n[command]\nrun = [\"./a\"]\n[against]\n" + table);
    return experiment ? "no mistake was found" : experiment.error().message;
  };
  CHECK(message("reference = \"v1\"\ntree = \"../v1\"\n") == "no mistake was found");
  CHECK(message("tree = \"../v1\"\n") ==
        "sorting.toml:6: [against] has no reference; name what the working tree is compared with, e.g. reference = \"HEAD~1\"");
  CHECK(message("reference = \"v1\"\n") ==
        "sorting.toml:6: [against] needs either tree, where the reference stands, or program and replaces, which say what stands in for what");
  CHECK(message("reference = \"v1\"\ntree = \"../v1\"\nprogram = \"x\"\n").starts_with("sorting.toml:6: [against] needs either tree"));
  CHECK(message("reference = \"v1\"\nprogram = \"x\"\n").starts_with("sorting.toml:6: [against] needs either tree"));
  CHECK(message("reference = \"v1\"\ntree = \"../v1\"\nbelow = \"../x\"\n").starts_with("sorting.toml:9: 'below' in [against] leads out of the tree"));
  CHECK(message("reference = \"v1\"\ntree = \"../v1\"\n[factors]\nrevision = [1, 2]\n").starts_with("sorting.toml:6: [against] adds the factor 'revision'"));
  CHECK(message("reference = \"v1\"\ntree = \"../v1\"\nmargins = 1\n").find("margins") != std::string::npos);
}
