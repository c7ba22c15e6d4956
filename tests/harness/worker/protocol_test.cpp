// One table of scenes, played by a C++, a Python and a Java worker as real child processes: whatever language a
// workload is written in, the supervisor sees the same.
#include <numeric>

#include "harness/core/protocol.hpp"
#include "tests/catch.hpp"
#include "tests/harness/worker/dialogue.hpp"

using namespace assay;
using test::Dialogue;

namespace {

struct Cpp {
  static std::vector<std::string> command() { return {SCRIPTED_CPP}; }
};
struct Python {
  static std::vector<std::string> command() { return {"/usr/bin/env", "python3", SCRIPTED_PY}; }
};
struct Java {
  static std::vector<std::string> command() { return {"java", "-cp", SCRIPTED_JAVA, "ScriptedWorker"}; }
};

template <class Language>
bool absent() {
  const bool no_classes = std::is_same_v<Language, Java> && std::string_view(SCRIPTED_JAVA).empty();
  if (no_classes) WARN("SKIPPED: no javac");
  return no_classes;
}

template <class Language>
class Worker : public Dialogue {
 public:
  Worker() : Dialogue(Language::command(), {{"PYTHONPATH", WORKER_FOLDER}, {"PYTHONDONTWRITEBYTECODE", "1"}}) {}

  protocol::Reply<protocol::Prepared> prepare(const std::string& mode, std::int64_t n = 5) {
    return protocol::parse_prepared(
        ask(protocol::prepare_request(Treatment({{"mode", Level(mode)}, {"n", Level(n)}}), {0}, 42)));
  }
  protocol::Reply<protocol::RunResult> run(std::int64_t iterations, std::int64_t settle_ns = 0, bool samples = false) {
    return protocol::parse_run(ask(protocol::run_request(iterations, settle_ns, samples)));
  }
  protocol::Reply<protocol::Checked> check() { return protocol::parse_checked(ask(protocol::check_request())); }
  protocol::Reply<protocol::Evaluated> evaluate() {
    return protocol::parse_evaluated(ask(protocol::evaluate_request()));
  }
};

/// The ending of a reply to a request that must be refused.
Ending refused(const std::string& line) { return protocol::parse_checked(line).ending; }

}  // namespace

#define FOR_EACH_LANGUAGE(name)                      \
  TEMPLATE_TEST_CASE(name, "[worker]", Cpp, Python, Java)

FOR_EACH_LANGUAGE("a worker says what it is and that its first block metric is a wall-clock time") {
  if (absent<TestType>()) return;
  Worker<TestType> worker;
  const auto description = protocol::parse_description(worker.ask(protocol::describe_request()));
  REQUIRE(description.ok());
  CHECK(description.value->worker == "scripted");
  REQUIRE(description.value->metrics.size() == 2);
  CHECK(description.value->metrics[0].name == "time_s");
  CHECK(description.value->metrics[0].clock == Clock::wall);
  CHECK(description.value->metrics[0].scope == Scope::block);
  CHECK(description.value->metrics[1].name == "accuracy");
  CHECK(description.value->warmup_s == (std::is_same_v<TestType, Java> ? 3 : 0));
}

FOR_EACH_LANGUAGE("a good workload is prepared, run and found right") {
  if (absent<TestType>()) return;
  Worker<TestType> worker;
  const auto prepared = worker.prepare("good");
  REQUIRE(prepared.ok());
  CHECK(prepared.value->work == std::map<std::string, double>{{"flop", 5}});
  CHECK_FALSE(prepared.value->modelled);
  const auto run = worker.run(3);
  REQUIRE(run.ok());
  CHECK(run.value->elapsed > 0);
  CHECK(run.value->unit == "ns");
  CHECK(run.value->clock == Clock::wall);
  CHECK(run.value->settled_ns == 0);
  CHECK(run.value->samples.empty());
  CHECK(run.value->counters.empty());
  CHECK(run.value->metrics.at("steps") == 3);
  CHECK(run.value->metrics.at("synchronizations") == 1);
  const auto check = worker.check();
  REQUIRE(check.ok());
  CHECK(check.value->max_error == 0);
  CHECK(check.value->rule == "doubling is exact");
}

FOR_EACH_LANGUAGE("a workload that does a part of its work says by which factor and note it is modelled, and what it reads") {
  if (absent<TestType>()) return;
  Worker<TestType> worker;
  const auto prepared = worker.prepare("part");
  REQUIRE(prepared.ok());
  REQUIRE(prepared.value->modelled);
  CHECK(prepared.value->modelled->factor == 4);
  CHECK(prepared.value->modelled->note == "1 of 4 rows");
  CHECK(prepared.value->inputs == std::map<std::string, std::string>{{"data.bin", "12ab"}});
}

FOR_EACH_LANGUAGE("with samples every iteration is timed and the sum is the elapsed time") {
  if (absent<TestType>()) return;
  Worker<TestType> worker;
  REQUIRE(worker.prepare("good").ok());
  const auto run = worker.run(7, 0, true);
  REQUIRE(run.ok());
  REQUIRE(run.value->samples.size() == 7);
  CHECK(std::accumulate(run.value->samples.begin(), run.value->samples.end(), 0.0) == run.value->elapsed);
  CHECK(run.value->metrics.at("steps") == 7);
  CHECK(run.value->metrics.at("synchronizations") == 7);
}

TEST_CASE("a workload's own clock tells of the block alone, without what settled, and of each of its samples") {
  Worker<Cpp> worker;
  REQUIRE(worker.prepare("counts").ok());
  const auto run = worker.run(3, 1'000'000);
  REQUIRE(run.ok());
  CHECK(run.value->elapsed == 3000);
  CHECK(run.value->unit == "instructions");
  CHECK(run.value->clock == Clock::instructions);
  const auto sampled = worker.run(2, 0, true);
  REQUIRE(sampled.ok());
  CHECK(sampled.value->elapsed == 2000);
  CHECK(sampled.value->samples == std::vector<double>{1000, 1000});
}

FOR_EACH_LANGUAGE("settling runs at least one iteration and as long as asked, before the outputs are poisoned") {
  if (absent<TestType>()) return;
  Worker<TestType> worker;
  REQUIRE(worker.prepare("good").ok());
  const auto run = worker.run(2, 2'000'000);
  REQUIRE(run.ok());
  CHECK(run.value->settled_ns >= 2'000'000);
  CHECK(run.value->metrics.at("steps") > 2);
  CHECK(run.value->metrics.at("steps_since_poison") == 2);
  const auto shortest = worker.run(1, 1);
  REQUIRE(shortest.ok());
  CHECK(shortest.value->metrics.at("steps") == run.value->metrics.at("steps") + 2);
}

FOR_EACH_LANGUAGE("a workload that skips its work fails its check although its settling was right before") {
  if (absent<TestType>()) return;
  Worker<TestType> worker;
  REQUIRE(worker.prepare("lazy").ok());
  REQUIRE(worker.run(3, 1000).ok());
  const auto check = worker.check();
  CHECK(check.ending.outcome == Outcome::wrong_answer);
  CHECK_THAT(check.ending.reason, Catch::Matchers::ContainsSubstring("doubling is exact"));
}

FOR_EACH_LANGUAGE("what a workload prints lands in the log and leaves the dialogue intact") {
  if (absent<TestType>()) return;
  Worker<TestType> worker;
  REQUIRE(worker.prepare("prints").ok());
  REQUIRE(worker.run(2).ok());
  REQUIRE(worker.check().ok());
  CHECK(worker.ask(R"({"op":"quit"})").empty());
  CHECK(worker.ended_quietly());
  CHECK_THAT(worker.log(), Catch::Matchers::ContainsSubstring("noise while preparing") && Catch::Matchers::ContainsSubstring("noise while stepping"));
}

FOR_EACH_LANGUAGE("a treatment that can't be done is unsupported, with the workload's reason") {
  if (absent<TestType>()) return;
  Worker<TestType> worker;
  const auto prepared = worker.prepare("refuses");
  CHECK(prepared.ending.outcome == Outcome::unsupported);
  CHECK(prepared.ending.reason == "needs a quantum computer");
  CHECK(worker.run(1).ending.outcome == Outcome::invalid_output);
}

FOR_EACH_LANGUAGE("a factor that the workload needs and the experiment lacks is unsupported and named") {
  if (absent<TestType>()) return;
  Worker<TestType> worker;
  const auto reply = protocol::parse_prepared(
      worker.ask(R"({"op":"prepare","treatment":{"mode":"good"},"cpus":[0],"seed":1})"));
  CHECK(reply.ending.outcome == Outcome::unsupported);
  CHECK_THAT(reply.ending.reason, Catch::Matchers::ContainsSubstring("n"));
}

FOR_EACH_LANGUAGE("an exception in a step is crashed with its text, and the worker answers on") {
  if (absent<TestType>()) return;
  Worker<TestType> worker;
  REQUIRE(worker.prepare("throws").ok());
  const auto run = worker.run(1);
  CHECK(run.ending.outcome == Outcome::crashed);
  CHECK_THAT(run.ending.reason, Catch::Matchers::ContainsSubstring("boom"));
  CHECK(worker.check().ending.outcome == Outcome::invalid_output);  // there is no output to judge
  CHECK(protocol::parse_description(worker.ask(protocol::describe_request())).ok());
}

FOR_EACH_LANGUAGE("a failed allocation is out_of_memory") {
  if (absent<TestType>()) return;
  Worker<TestType> worker;
  REQUIRE(worker.prepare("memory").ok());
  CHECK(worker.run(1).ending.outcome == Outcome::out_of_memory);
}

FOR_EACH_LANGUAGE("predictions carry accuracy, items, classes, labels and the labels' hash in every language alike") {
  if (absent<TestType>()) return;
  Worker<TestType> worker;
  REQUIRE(worker.prepare("good").ok());
  const auto evaluated = worker.evaluate();
  REQUIRE(evaluated.ok());
  CHECK(evaluated.value->metrics.at("accuracy") == 2.0 / 3.0);
  CHECK(evaluated.value->items == 3);
  // printf '\0\0\0\0\1\0\0\0\2\0\0\0' | sha256sum; printf '\0\0\0\0\1\0\0\0\54\1\0\0' | base64
  CHECK(evaluated.value->labels_sha256 == "ad5dc1478de06a4c2728ea528bd9361a4b945e92a414bf4d180cedaaeaa5f4cc");
  CHECK(evaluated.value->predictions_base64 == "AAAAAAEAAAAsAQAA");
  CHECK(evaluated.value->labels_base64 == "AAAAAAEAAAACAAAA");
}

FOR_EACH_LANGUAGE("a workload without evaluate says so and keeps its times") {
  if (absent<TestType>()) return;
  Worker<TestType> worker;
  REQUIRE(worker.prepare("part").ok());
  CHECK(worker.evaluate().ending.outcome == Outcome::unsupported);
  CHECK(worker.run(1).ok());
}

FOR_EACH_LANGUAGE("requests that make no sense are refused one by one") {
  if (absent<TestType>()) return;
  Worker<TestType> worker;
  const auto [request, said] = GENERATE(table<std::string, std::string>({
      {"garbage", "JSON"},
      {"", "JSON"},
      {"[1,2", "JSON"},
      {"[1,2]", "op"},
      {"{}", "op"},
      {R"({"op":7})", "op"},
      {R"({"op":"dance"})", "dance"},
      {"{\"op\":\"\xff\xfe\"}", ""},
      {std::string(100, '['), "JSON"},
      {std::string(3 << 20, 'x'), "bytes"},
      {R"({"op":"run","iterations":1})", "prepare"},
      {R"({"op":"check"})", "prepare"},
      {R"({"op":"evaluate"})", "prepare"},
      {R"({"op":"prepare"})", "treatment"},
      {R"({"op":"prepare","treatment":{"mode":"good","n":5},"seed":-1})", "seed"},
      {R"({"op":"prepare","treatment":{"mode":"good","n":5},"seed":"x"})", "seed"},
  }));
  CAPTURE(request.substr(0, 80));
  const Ending ending = refused(worker.ask(request));
  CHECK(ending.outcome == Outcome::invalid_output);
  CHECK_THAT(ending.reason, Catch::Matchers::ContainsSubstring(said));
  REQUIRE(worker.prepare("good").ok());  // none of them did harm
}

FOR_EACH_LANGUAGE("runs that make no sense are refused one by one") {
  if (absent<TestType>()) return;
  Worker<TestType> worker;
  REQUIRE(worker.prepare("good").ok());
  const auto [request, said] = GENERATE(table<std::string, std::string>({
      {R"({"op":"check"})", "last timed run"},
      {R"({"op":"run"})", "iterations"},
      {R"({"op":"run","iterations":0})", "iterations"},
      {R"({"op":"run","iterations":-5})", "iterations"},
      {R"({"op":"run","iterations":1.5})", "iterations"},
      {R"({"op":"run","iterations":"3"})", "iterations"},
      {R"({"op":"run","iterations":true})", "iterations"},
      {R"({"op":"run","iterations":18446744073709551615})", "iterations"},
      {R"({"op":"run","iterations":1,"settle_ns":-1})", "settle_ns"},
      {R"({"op":"run","iterations":2000000,"samples":true})", "1000000"},
      {R"({"op":"prepare","treatment":{"mode":"good","n":5}})", "one process"},
  }));
  CAPTURE(request);
  const Ending ending = refused(worker.ask(request));
  CHECK(ending.outcome == Outcome::invalid_output);
  CHECK_THAT(ending.reason, Catch::Matchers::ContainsSubstring(said));
  CHECK(worker.run(1).ok());
}

FOR_EACH_LANGUAGE("a worker ends quietly when its input does, even in the middle of a line") {
  if (absent<TestType>()) return;
  Worker<TestType> worker;
  REQUIRE(worker.prepare("good").ok());
  worker.send(R"({"op":"run","itera)");
  CHECK(worker.finish() == 0);
}

FOR_EACH_LANGUAGE("requests that arrive together are answered in order") {
  if (absent<TestType>()) return;
  Worker<TestType> worker;
  worker.send(protocol::describe_request() + "\n" + R"({"op":"prepare","treatment":{"mode":"good","n":2}})" + "\n" +
              protocol::run_request(4, 0, false) + "\n");
  CHECK(protocol::parse_description(worker.next_line()).ok());
  CHECK(protocol::parse_prepared(worker.next_line()).ok());
  CHECK(protocol::parse_run(worker.next_line()).ok());
}

TEST_CASE("Python collects no garbage in the timed part and does again after it - Python", "[worker]") {
  Worker<Python> worker;
  REQUIRE(worker.prepare("good").ok());
  const auto run = worker.run(3, 1000);
  REQUIRE(run.ok());
  CHECK(run.value->metrics.at("collected_while_timed") == 0);
  CHECK(run.value->metrics.at("collects_now") == 1);
}

TEST_CASE("a factor that a Python workload doesn't take is unsupported, a reserved control is not - Python",
          "[worker]") {
  Worker<Python> stranger;
  const auto unknown = protocol::parse_prepared(
      stranger.ask(R"({"op":"prepare","treatment":{"mode":"good","n":5,"batch":8},"cpus":[0],"seed":1})"));
  CHECK(unknown.ending.outcome == Outcome::unsupported);
  CHECK(unknown.ending.reason == "prepare() doesn't take the factor 'batch'; it takes mode, n, seed");
  Worker<Python> reserved;
  CHECK(protocol::parse_prepared(
            reserved.ask(
                R"({"op":"prepare","treatment":{"mode":"good","n":5,"threads":2,"memory_bytes":9},"cpus":[0]})"))
            .ok());
}
