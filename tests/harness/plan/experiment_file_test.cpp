#include <string>

#include "harness/core/random.hpp"
#include "harness/plan/experiment.hpp"
#include "harness/plan/placeholder.hpp"
#include "harness/plan/plan.hpp"
#include "tests/catch.hpp"
#include "tests/harness/plan/scratch_folder.hpp"

using namespace assay;
using plan::Experiment;

namespace {

// The example of the design, word for word.
const char* const kDesignExample = R"([experiment]
name      = "precision-ablation"
question  = "What does each precision buy on LeNet-5, and what does it cost in accuracy?"
rationale = "Batch 1 is what the robot sees; batch 64 bounds what batching could add."
suite     = "lenet-mnist"
design    = "factorial"                    # "one-factor-at-a-time", or "list" with [[treatment]] tables
baseline  = { precision = "fp32" }         # may name some factors: each treatment is compared with the one equal in all others
seed      = 585

[factors]
precision = ["fp32", "bf16", "int8"]
batch     = [1, 8, 64]
# [[exclude]] precision = "bf16"  batch = 1

[controls]
threads = 1

[limits]                                   # defaults are generous; a worker or script past one is timed_out or out_of_memory
start_s = 60
block_s = 60
memory_bytes = 8_000_000_000

[metrics]
primary = ["latency_s", "accuracy"]        # statistics are latency_s.median, .mean, .p99; each metric has a default
[metrics.latency_s]
margin = 0.01

[[hypothesis]]
id     = "H1"
claim  = "int8 is at least twice as fast as fp32 at batch 1"
metric = "latency_s"
ratio  = { of = { precision = "int8", batch = 1 }, to = { precision = "fp32", batch = 1 } }   # or difference = {of, to}, or value = {treatment}
expect = "<= 0.5"

[presets.quick]
rounds = 7
budget_s = 60
[presets.paper]
precision_target = 0.01
)";

const char* const kCommandExample = R"([experiment]
name = "eval"
[factors]
batch = [1, 8]
[command]
run     = ["python3", "eval.py", "--batch", "{batch}", "--seed", "{seed}", "--out", "{out}"]
metrics = "{out}/metrics.json"             # flat JSON; or match = { accuracy = 'acc: ([\d.]+)' } on standard output
[metrics.accuracy]
unit = "ratio"
direction = "higher"
)";

Experiment parsed(const std::string& text) {
  auto experiment = plan::parse_experiment(text, "x.toml", {}, {});
  INFO((experiment ? "" : experiment.error().message));
  REQUIRE(experiment);
  return *std::move(experiment);
}

const std::string kHead = "[experiment]\nname = \"x\"\n";
const std::string kCommand = "[command]\nrun = [\"true\"]\n";

}  // namespace

TEST_CASE("the example of the design says what it means") {
  const ScratchFolder scratch;
  scratch.write(
      "suites/lenet_mnist/suite.toml",
      "[suite]\nname = \"lenet-mnist\"\n[workers.torch]\ncommand = [\"{libexec}/lenet\", \"{suite}\"]\n");
  const auto file = scratch.write("paper.toml", kDesignExample);
  const auto e = plan::load_experiment(file, {{scratch.path() / "suites"}, "/opt/libexec"});
  INFO((e ? "" : e.error().message));
  REQUIRE(e);
  CHECK(e->name == "precision-ablation");
  CHECK(e->suite == "lenet-mnist");
  CHECK(e->folder == scratch.path() / "suites/lenet_mnist");
  CHECK(e->source == kDesignExample);
  CHECK(e->seed == 585);
  CHECK(e->baseline.label() == "precision=fp32");
  REQUIRE(e->factors.size() == 2);
  CHECK(e->factors[0].name == "precision");  // the file's order, not the alphabet's
  CHECK(e->factors[1].levels ==
        std::vector<Level>{Level(std::int64_t{1}), Level(std::int64_t{8}), Level(std::int64_t{64})});
  CHECK(e->controls.label() == "threads=1");
  CHECK(e->limits.memory_bytes == 8'000'000'000);
  REQUIRE(e->primary.size() == 2);
  CHECK(e->primary[1].metric == "accuracy");
  CHECK(e->primary[1].statistic == "typical");
  CHECK(e->margin_of("latency_s") == 0.01);
  CHECK_FALSE(e->settings_of("latency_s")->declared);
  REQUIRE(e->hypotheses.size() == 1);
  CHECK(e->hypotheses[0].of.label() == "precision=int8 batch=1");
  CHECK(e->hypotheses[0].to.label() == "precision=fp32 batch=1");
  CHECK(e->hypotheses[0].relation == plan::Relation::less_equal);
  CHECK(e->hypotheses[0].bound == 0.5);
  CHECK(e->preset("quick")->budget_s == 60.0);
  CHECK(e->preset("paper")->precision_target == 0.01);
  CHECK(e->preset("paper")->rounds == 7);  // Stein's pilot
  CHECK(e->preset("paper")->slowed_control);
  REQUIRE(e->workers.size() == 1);
  CHECK(e->workers[0].command ==
        std::vector<std::string>{"/opt/libexec/lenet", (scratch.path() / "suites/lenet_mnist").string()});
}

TEST_CASE("an unchanged script is a command whose metrics are the free ones and its own") {
  const Experiment e = parsed(kCommandExample);
  REQUIRE(e.commands.size() == 1);
  CHECK(e.commands[0].metrics_file == "{out}/metrics.json");
  const auto metrics = e.command_metrics();
  REQUIRE(metrics.size() == 5);
  CHECK(metrics[0].name == "wall_s");
  CHECK(metrics[1].clock == Clock::cpu);
  CHECK(metrics[2].unit == "B");
  CHECK(metrics[3].kind == Kind::status);
  CHECK(metrics[4].name == "accuracy");
  CHECK(metrics[4].direction == Direction::higher);
  CHECK(metrics[4].kind == Kind::proportion);
  CHECK(metrics[4].scope == Scope::block);  // one value an execution
  CHECK(plan::filled("--n={batch}/{seed}/{out}",
                     plan::make_plan(e, *e.preset("quick"))->treatments[1].assignment, 42,
                     "/tmp/o") == "--n=8/42//tmp/o");
}

TEST_CASE("of several commands the factor command names one, by any text") {
  const Experiment e = parsed("[experiment]\nname = \"x\"\nbaseline = { command = \"new\" }\n" R"(
[factors]
command = ["sort -n", "new"]
[commands."sort -n"]
run = ["sort", "-n"]
folder = "data"
input = "points.txt"
warmup = 2
ignore_failure = [1]
[commands.new]
shell = true
run = "grep -c {{name}} | cat"
setup = "make"
prepare = "sync"
cleanup = "rm -f x"
compare_output = true
outputs = ["{out}/x"]
ignore_failure = true
)");
  REQUIRE(e.commands.size() == 2);
  const auto made = plan::make_plan(e, *e.preset("quick"));
  REQUIRE(made);
  CHECK(made->treatments[0].command == 0);
  CHECK(made->treatments[1].command == 1);
  CHECK(made->treatments[1].worker == -1);
  const plan::CommandSpec& sort = e.commands[0];
  CHECK(sort.name == "sort -n");
  CHECK(sort.folder == "data");
  CHECK(sort.input == "points.txt");
  CHECK(sort.warmup == 2);
  CHECK((sort.is_fine(0) && sort.is_fine(1) && !sort.is_fine(2)));
  const plan::CommandSpec& fresh = e.commands[1];
  CHECK(fresh.shell == "/bin/sh");
  CHECK(fresh.run == std::vector<std::string>{"grep -c {{name}} | cat"});
  CHECK(plan::filled(fresh.run[0], Treatment(), 1, "") == "grep -c {name} | cat");
  CHECK(fresh.setup == std::vector<std::string>{"make"});
  CHECK(fresh.prepare == std::vector<std::string>{"sync"});
  CHECK(fresh.cleanup == std::vector<std::string>{"rm -f x"});
  CHECK(fresh.compare_output);
  CHECK(fresh.outputs == std::vector<std::string>{"{out}/x"});
  CHECK(fresh.is_fine(200));
}

TEST_CASE("of several commands the first whose when matches serves, else the one without") {
  const Experiment e = parsed(kHead + R"(
[factors]
n = [1, 2, 3]
[commands.rest]
run = ["a"]
[commands.two]
run = ["b"]
when = { n = [2] }
)");
  const auto made = plan::make_plan(e, *e.preset("quick"));
  REQUIRE(made);
  std::vector<int> served;
  for (const auto& t : made->treatments) served.push_back(t.command);
  CHECK(served == std::vector<int>{0, 1, 0});
}

TEST_CASE("text with braces is written so that no placeholder is found in it") {
  for (const char* text : {"awk '{print}'", "${HOME}/x", "{{name}}", "{{{name}}}", "{\"a\": {b}}", "{", "}{", "{a}{b}", ""}) {
    CHECK(plan::filled(plan::unfilled(text), Treatment({{"name", Level(std::int64_t{1})}, {"print", Level(true)}, {"b", Level(2.5)}}), 7, "o") == text);
    CHECK(plan::placeholders_in(plan::unfilled(text)).empty());
  }
}

TEST_CASE("match names metrics by a pattern with one group") {
  const Experiment e = parsed(
      kHead + kCommand + "match = { accuracy = 'acc: ([\\d.]+)' }\n[metrics.accuracy]\nunit = \"ratio\"\n");
  REQUIRE(e.commands[0].match.size() == 1);
  CHECK(e.commands[0].match[0] == std::pair<std::string, std::string>("accuracy", "acc: ([\\d.]+)"));
}

TEST_CASE("a factor named seed overrides the round's, and a brace that encloses no name stays") {
  Treatment assignment;
  assignment.set("seed", std::int64_t{7});
  CHECK(plan::filled("{seed}", assignment, 42, "") == "7");
  CHECK(plan::filled("{\"batch\": {seed}} {unknown} {", assignment, 42, "") == "{\"batch\": 7} {unknown} {");
  assignment.set("text", std::string("{out}"));
  CHECK(plan::filled("{text}", assignment, 42, "/o") == "{out}");  // what was put in isn't read again
}

TEST_CASE("levels keep their type, and threads may mix numbers with all") {
  const Experiment e = parsed(
      kHead + "[factors]\nthreads = [1, 2, \"all\"]\nrate = [1.0, 2.5]\nfused = [true, false]\n" + kCommand);
  CHECK(std::holds_alternative<std::string>(e.factors[0].levels[2]));
  CHECK(std::holds_alternative<double>(e.factors[1].levels[0]));
  CHECK(std::holds_alternative<bool>(e.factors[2].levels[0]));
  CHECK(e.treatments().size() == 12);
}

TEST_CASE("reserved names take what Assay can act on") {
  CHECK(parsed(kHead + kCommand +
               "[controls]\ncpus = \"0-3,5\"\ndevice = \"cpu\"\nmemory_bytes = 1\nthreads = \"all\"\n")
            .controls.levels()
            .size() == 4);
}

TEST_CASE("quick and paper exist without being declared, another name is an error that lists them") {
  const Experiment e = parsed(kHead + kCommand + "[presets.night]\nrounds = 100\n");
  CHECK(e.preset("quick")->rounds == 7);
  CHECK_FALSE(e.preset("quick")->slowed_control);
  CHECK(e.preset("paper")->rounds == 15);
  CHECK(e.preset("paper")->slowed_control);
  CHECK(e.preset("night")->rounds == 100);
  CHECK(e.preset("nigth").error().message ==
        "x.toml: no preset \"nigth\"; there are night, quick, paper; or add [presets.nigth]");
  CHECK_FALSE(parsed(kHead + kCommand + "[presets.paper]\nslowed = false\n").preset("paper")->slowed_control);
}

TEST_CASE("commands run from the folder of the nearest project file, else from the file's own") {
  const ScratchFolder scratch;
  const auto file =
      scratch.write("project/experiments/deep/x.toml", kHead + "[worker]\ncommand = [\"{experiment}/w\"]\n");
  const auto alone = plan::load_experiment(file, {});
  REQUIRE(alone);
  CHECK(alone->folder == file.parent_path());
  CHECK(alone->workers[0].command[0] == (file.parent_path() / "w").string());
  scratch.write("project/assay.toml", "");
  CHECK(plan::load_experiment(file, {})->folder == scratch.path() / "project");
}

TEST_CASE("a file that a worker requires is meant from the folder in which it runs") {
  const ScratchFolder scratch;
  const auto file = scratch.write(
      "x.toml", kHead + "[worker]\ncommand = [\"w\"]\nrequires = [\"file:model.bin\", \"program:sh\"]\n");
  const auto e = plan::load_experiment(file, {});
  REQUIRE(e);
  CHECK(e->workers[0].requirements ==
        std::vector<std::string>{"file:" + (scratch.path() / "model.bin").string(), "program:sh"});
}

TEST_CASE("published figures are found beside the file, and missed with the line that names them") {
  const ScratchFolder scratch;
  const auto file = scratch.write("x.toml", kHead + "published = \"table.toml\"\n" + kCommand);
  CHECK(plan::load_experiment(file, {}).error().message ==
        file.string() + ":3: published is no file: \"" + (scratch.path() / "table.toml").string() +
            "\"; name one relative to the experiment file");
  scratch.write("table.toml", "");
  CHECK(plan::load_experiment(file, {})->published == scratch.path() / "table.toml");
}

TEST_CASE("a frozen copy is read where neither its suite nor its files exist") {
  const auto e = plan::parse_frozen_experiment(kDesignExample, "experiment.toml");
  REQUIRE(e);
  CHECK(e->suite == "lenet-mnist");
  CHECK(e->workers.empty());
  CHECK(e->hypotheses.size() == 1);
  CHECK(plan::parse_frozen_experiment("[experiment]\nnmae = 1\n", "experiment.toml").error().message ==
        "experiment.toml:2: unknown key 'nmae' in [experiment]; did you mean 'name'?");
}

TEST_CASE("an emulator counts only where the file asks for it") {
  const std::string worker = kHead + "[worker]\ncommand = [\"w\"]\n";
  CHECK_FALSE(parsed(worker).simulate);
  CHECK_FALSE(parsed(worker + "[counters]\n").simulate);
  CHECK(parsed(worker + "[counters]\nsimulate = \"cachegrind\"\n").simulate);
}

TEST_CASE("a statistic follows its metric after a point") {
  const Experiment e = parsed(kHead + kCommand +
                              "[metrics]\nprimary = [\"wall_s.p99.9\", \"cpu_s.median\"]\n"
                              "[metrics.wall_s]\nestimand = \"mean\"\nstatistics = [\"p50\"]\n");
  CHECK(e.primary[0].metric == "wall_s");
  CHECK(e.primary[0].statistic == "p99.9");
  CHECK(e.primary[1].statistic == "median");
  CHECK(e.settings_of("wall_s")->estimand == plan::Estimand::mean);
  CHECK(e.settings_of("wall_s")->statistics == std::vector<std::string>{"p50"});
}

TEST_CASE(
    "no mutation of a file does more than change its meaning or give a message that begins with its name") {
  // 2,000 mutations, two bytes each: replaced, removed, doubled, or a stretch cut out.
  Random random(2026);
  int refused = 0;
  const std::string original = std::string(kDesignExample) +
                               "[peak]\nthreads = \"all\"\n[table]\nkind = \"ladder\"\nalong = \"batch\"\n";
  for (int i = 0; i < 2000; ++i) {
    std::string text = original;
    for (int change = 0; change < 2; ++change) {
      const auto at = static_cast<std::size_t>(random.below(text.size()));
      switch (random.below(4)) {
        case 0:
          text[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          text.erase(at, 1);
          break;
        case 2:
          text.insert(at, 1, text[at]);
          break;
        default:
          text.erase(at, random.below(40));
      }
    }
    const auto result = plan::parse_frozen_experiment(text, "x.toml");
    if (result) continue;
    ++refused;
    INFO(result.error().message);
    REQUIRE(result.error().message.starts_with("x.toml:"));
    REQUIRE(result.error().message.find('\n') == std::string::npos);
  }
  CHECK(refused > 200);
  CHECK(refused < 2000);  // comments and prose take most changes
}
