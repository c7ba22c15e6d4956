#include "cli/new_experiment.hpp"

#include <string>

#include "cli/words.hpp"
#include "harness/core/quoted_text.hpp"
#include "harness/plan/experiment.hpp"
#include "harness/plan/placeholder.hpp"
#include "tests/catch.hpp"

using namespace assay;
using namespace assay::cli;
using Catch::Matchers::ContainsSubstring;
using Words = std::vector<std::string>;

namespace {

std::string text_of(const ExperimentWish& wish) {
  auto text = experiment_from_command(wish);
  INFO((text ? "" : text.error().message));
  REQUIRE(text);
  return *std::move(text);
}

plan::Experiment experiment_of(const ExperimentWish& wish) {
  const std::string text = text_of(wish);
  INFO(text);
  auto experiment = plan::parse_experiment(text, "new.toml", {}, {});
  REQUIRE(experiment);
  return *std::move(experiment);
}

plan::Experiment experiment_of(const char* command) {
  auto words = split_words(command);
  REQUIRE(words);
  return experiment_of({.command = *words, .cpus = 2});
}

Words run_of(const char* command) { return experiment_of(command).commands.front().run; }

/// "batch=64 precision=int8": each factor with its one level, as the program gets it, and its type's initial.
std::string factors_of(const plan::Experiment& experiment) {
  std::string text;
  for (const plan::Factor& factor : experiment.factors) {
    REQUIRE(factor.levels.size() == 1);
    text += (text.empty() ? "" : " ") + factor.name + "=" + shortest(factor.levels.front()) + "bifs"[factor.levels.front().index()];
  }
  return text;
}
std::string factors_of(const char* command) { return factors_of(experiment_of(command)); }

}  // namespace

TEST_CASE("flags with values become factors, with the type that the value has") {
  const char* command = "python3 eval.py --precision int8 --batch 64 --lr=0.1 -k 3 --bias -2.5 --out results.json";
  CHECK(factors_of(command) == "precision=int8s batch=64i lr=0.1f k=3i bias=-2.5f");
  CHECK(run_of(command) == Words{"python3", "eval.py", "--precision", "{precision}", "--batch", "{batch}", "--lr={lr}", "-k", "{k}", "--bias", "{bias}", "--out", "{out}/results.json"});
  const auto experiment = experiment_of(command);
  CHECK(experiment.commands.front().metrics_file == "{out}/results.json");
  CHECK(experiment.title_name == "eval");
  CHECK(experiment.question == "What do precision, batch, lr, k and 1 more buy, and what do they cost?");
  CHECK(experiment.baseline.levels().size() == 5);
}

TEST_CASE("a number is one only if the program gets back what it was given") {
  CHECK(factors_of("p --a 1e-3 --b 1.0 --c .5 --d 0 --e -7") == "a=0.001f b=1f c=0.5f d=0i e=-7i");
  CHECK(factors_of("p --a 1.10 --b 007 --c 1_000 --d 99999999999999999999 --e nan --f True --g 1,2") ==
        "a=1.10s b=007s c=1_000s d=99999999999999999999s e=nans f=Trues g=1,2s");
}

TEST_CASE("what names a file, a switch and a positional word stay as they are") {
  CHECK(run_of("./bench 5 -1 --data data/test.csv --model net.onnx --amp --url http://x -- --n 3") ==
        Words{"./bench", "5", "-1", "--data", "data/test.csv", "--model", "net.onnx", "--amp", "--url", "http://x", "--", "--n", "3"});
  CHECK(factors_of("./bench 5 -1 --data data/test.csv --amp -- --n 3").empty());
  CHECK_THAT(text_of({.command = {"./bench", "--amp"}}), ContainsSubstring("# \"--amp\" is left as it is. A switch is varied by two commands"));
  CHECK(factors_of("p --layers 64 32 --tag gpt-3.5") == "layers=64i tag=gpt-3.5s");
  CHECK(run_of("p --empty= --next ''") == Words{"p", "--empty=", "--next", ""});
}

TEST_CASE("the flags before a script are its launcher's") {
  CHECK(run_of("python3 -X dev -m pkg.eval --batch 4") == Words{"python3", "-X", "dev", "-m", "pkg.eval", "--batch", "{batch}"});
  CHECK(run_of("/usr/bin/python3.11 -u src/eval.py --batch 4") == Words{"/usr/bin/python3.11", "-u", "src/eval.py", "--batch", "{batch}"});
  CHECK(run_of("uv run --python 3.12 eval.py --batch 4") == Words{"uv", "run", "--python", "3.12", "eval.py", "--batch", "{batch}"});
  CHECK(run_of("./bench --n 3 --config run.py --m 4") == Words{"./bench", "--n", "{n}", "--config", "run.py", "--m", "{m}"});
}

TEST_CASE("a seed is the round's, and what is written goes to the execution's own folder") {
  CHECK(run_of("p --seed 3 --random_state=4") == Words{"p", "--seed", "{seed}", "--random_state={seed}"});
  CHECK(factors_of("p --seed three") == "seed_flag=threes");
  CHECK(run_of("p -o a/b.json --output-dir logs --out=. --output -") == Words{"p", "-o", "{out}/b.json", "--output-dir", "{out}", "--out={out}", "--output", "-"});
  CHECK(run_of("gcc -o prog") == Words{"gcc", "-o", "{out}/prog"});
  CHECK(experiment_of("p --out a.csv").commands.front().metrics_file.empty());
}

TEST_CASE("names that Assay acts on are the flag's only where it may") {
  CHECK(factors_of("p --threads 2 --device cuda:0") == "threads=2i device=cuda:0s");
  CHECK(factors_of("p --threads 64 --cpus 4 --memory_bytes 1 --device 0 --worker 3 --command x") ==
        "threads_flag=64i cpus_flag=4i memory_bytes_flag=1i device_flag=0i worker_flag=3i command_flag=xs");
  CHECK(factors_of("p --gpu 0 --gpu 1 --a.b 2 --2x 3") == "gpu=0i gpu_2=1i a_b=2i flag_2x=3i");
}

TEST_CASE("whatever stands in a command, the program gets it back") {
  const Words hostile{"p", "a\"b\\c", "#\n[factors]\nx = 1", "{batch}", "{{out}}", "'''", "–ümlaut\u202E", "--x", "say \"hi\" # {x}", "--y=\x7f\t"};
  const auto experiment = experiment_of({.command = hostile});
  CHECK(factors_of(experiment) == "x=say \"hi\" # {x}s");
  Treatment treatment;
  treatment.set("x", Level(std::string("say \"hi\" # {x}")));
  Words filled;
  for (const std::string& word : experiment.commands.front().run) filled.push_back(plan::filled(word, treatment, 1, "/tmp/out"));
  CHECK(filled == hostile);
  const std::string text = text_of({.command = hostile});
  CHECK(text.find('\x7f') == std::string::npos);
  CHECK(text.find("\u202E") == std::string::npos);
}

TEST_CASE("a command that can't be an experiment is refused with what to do") {
  const auto refusal = [](const ExperimentWish& wish) {
    const auto text = experiment_from_command(wish);
    REQUIRE_FALSE(text);
    return text.error().message;
  };
  CHECK_THAT(refusal({}), ContainsSubstring("no program stands behind --"));
  CHECK_THAT(refusal({.command = {"p", "\xff"}}), ContainsSubstring("isn't UTF-8"));
  CHECK_THAT(refusal({.name = "../up", .command = {"p"}}), ContainsSubstring("can't be an experiment's name"));
  CHECK(name_of_command({"./my prog"}) == "my-prog");
  CHECK(name_of_command({"python3", "../src/eval.v2.py"}) == "eval.v2");
  CHECK(name_of_command({"/bin/…"}) == "experiment");
}

TEST_CASE("the commented hypothesis holds once its lines are no comments and the level is there") {
  for (const char* command : {"python3 eval.py --batch 64 --precision int8", "p --lr 0.1", "p --mode fast --n 0"}) {
    auto words = split_words(command);
    std::string text = text_of({.command = *words});
    const std::size_t begin = text.find("# [[hypothesis]]");
    REQUIRE(begin != std::string::npos);
    const std::size_t end = text.find("# expect = \"< 2\"\n", begin) + 17;
    std::string lines = text.substr(begin, end - begin);
    for (std::size_t at = 0; (at = lines.find("# ", at)) != std::string::npos;) lines.erase(at, 2);
    text.replace(begin, end - begin, lines);
    // "e.g. [64, 128]" stands in the factor's comment.
    const std::size_t levels = text.find(" = [", text.find("[factors]"));
    const std::size_t close = text.find("]    #", levels);
    const std::size_t wanted = text.find("e.g. [", close) + 5;
    text.replace(levels + 3, close - levels - 2, text.substr(wanted, text.find("]\n", wanted) + 1 - wanted));
    INFO(text);
    const auto experiment = plan::parse_experiment(text, "new.toml", {}, {});
    REQUIRE(experiment);
    CHECK(experiment->hypotheses.size() == 1);
    CHECK(experiment->factors.front().levels.size() == 2);
  }
}

TEST_CASE("the file for a worker parses, and text is quoted so that TOML reads it back") {
  const auto text = starting_experiment("precision");
  REQUIRE(text);
  const auto experiment = plan::parse_experiment(*text, "new.toml", {}, {});
  REQUIRE(experiment);
  CHECK(experiment->workers.size() == 1);
  CHECK(experiment->hypotheses.size() == 1);
  CHECK_FALSE(starting_experiment("a b"));
  CHECK(quoted_text("5\" \\ \x1b \u202E \u2028 é 😀") == "\"5\\\" \\\\ \\u001B \\u202E \\u2028 é 😀\"");
  CHECK_FALSE(holds_unshown("é 😀 #<\\"));
  CHECK(holds_unshown("a\u2067b"));
}
