#include "harness/record/run_folder.hpp"

#include <signal.h>
#include <sys/resource.h>

#include <fstream>
#include <regex>
#include <set>
#include <thread>

#include "harness/core/hash.hpp"
#include "harness/record/run_record.hpp"
#include "tests/catch.hpp"
#include "tests/harness/record/child.hpp"
#include "tests/harness/record/fake_run.hpp"

namespace assay::record {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::ContainsSubstring;
using fake::TemporaryFolder;

constexpr char kExperiment[] = "[experiment]\nname = \"ablation\"\n";

std::string text_of(const fs::path& file) {
  auto text = read_file(file);
  if (!text) FAIL(text.error().message);
  return *std::move(text);
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

TEST_CASE("a run begins with its experiment frozen and its hash in the ledger") {
  TemporaryFolder results;
  const auto run = create_run_folder(results.path() / "results", "suite/ablation", kExperiment, "", "quick");
  REQUIRE(run);
  CHECK(run->folder.parent_path() == results.path() / "results" / "suite" / "ablation");
  const std::string name = run->folder.filename().string();
  CHECK(std::regex_match(name, std::regex("20[0-9]{6}T[0-9]{6}Z-[0-9a-f]{8}")));
  CHECK(names_in(run->folder) == std::set<std::string>{"experiment.toml", "logs", "outputs"});
  CHECK(text_of(run->folder / "experiment.toml") == kExperiment);

  REQUIRE(run->ledger.size() == 1);
  const Json& line = run->ledger[0];
  CHECK(line.at("run") == name);
  CHECK(line.at("experiment_sha256") == sha256_hex(kExperiment));
  CHECK(line.at("preset") == "quick");
  const std::string started = line.at("started").get<std::string>();
  CHECK(std::regex_replace(started, std::regex("[-:]"), "") == name.substr(0, 16));
  CHECK(text_of(run->folder.parent_path() / "ledger.jsonl") == canonical_json(line) + "\n");
}

TEST_CASE("published figures are frozen with the experiment that cites them") {
  TemporaryFolder results;
  const auto run = create_run_folder(results.path(), "ladder", kExperiment, "[paper]\n", "paper");
  REQUIRE(run);
  CHECK(text_of(run->folder / "published.toml") == "[paper]\n");
}

TEST_CASE("each run sees in the ledger the runs started before it") {
  TemporaryFolder results;
  std::vector<NewRun> runs;
  for (int i = 0; i < 3; ++i) {
    auto run = create_run_folder(results.path(), "ablation", kExperiment, "", "quick");
    REQUIRE(run);
    runs.push_back(*std::move(run));
  }
  REQUIRE(create_run_folder(results.path(), "other", kExperiment, "", "quick"));
  for (std::size_t i = 0; i < runs.size(); ++i) {
    REQUIRE(runs[i].ledger.size() == i + 1);
    for (std::size_t j = 0; j <= i; ++j) CHECK(runs[i].ledger[j].at("run") == runs[j].folder.filename().string());
  }
}

TEST_CASE("runs begun at the same instant get folders of their own and whole lines in the ledger") {
  TemporaryFolder results;
  constexpr std::size_t kRuns = 16;
  std::vector<std::optional<NewRun>> runs(kRuns);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kRuns; ++i) {
    threads.emplace_back([&, i] {
      auto run = create_run_folder(results.path(), "ablation", kExperiment, "", "quick");
      if (run) runs[i] = *std::move(run);
    });
  }
  for (std::thread& t : threads) t.join();
  std::set<std::string> folders;
  std::set<std::size_t> lengths;
  for (const auto& run : runs) {
    REQUIRE(run);
    folders.insert(run->folder.string());
    lengths.insert(run->ledger.size());
    CHECK(run->ledger.back().at("run") == run->folder.filename().string());
  }
  CHECK(folders.size() == kRuns);
  CHECK(lengths.size() == kRuns);  // 1, 2, … 16: each saw exactly those before it
  CHECK(*lengths.rbegin() == kRuns);
}

TEST_CASE("a ledger line torn by a kill is cut off before the next run is entered") {
  TemporaryFolder results;
  REQUIRE(create_run_folder(results.path(), "ablation", kExperiment, "", "quick"));
  std::ofstream(results.path() / "ablation" / "ledger.jsonl", std::ios::app) << R"({"run":"2026)";
  const auto run = create_run_folder(results.path(), "ablation", kExperiment, "", "quick");
  REQUIRE(run);
  CHECK(run->ledger.size() == 2);
  CHECK(text_of(results.path() / "ablation" / "ledger.jsonl") ==
        canonical_json(run->ledger[0]) + "\n" + canonical_json(run->ledger[1]) + "\n");
}

TEST_CASE("a ledger that is no ledger stops the run before it begins") {
  TemporaryFolder results;
  fs::create_directory(results.path() / "ablation");
  std::ofstream(results.path() / "ablation" / "ledger.jsonl") << "hello\n";
  const auto run = create_run_folder(results.path(), "ablation", kExperiment, "", "quick");
  REQUIRE_FALSE(run);
  CHECK_THAT(run.error().message, ContainsSubstring("ledger.jsonl:1: not JSON"));
  CHECK(text_of(results.path() / "ablation" / "ledger.jsonl") == "hello\n");
}

TEST_CASE("an experiment's name leads nowhere but below results/") {
  TemporaryFolder results;
  const fs::path below = results.path() / "results";
  const std::string zero("a\0b", 3);
  for (const std::string& name : {std::string(), std::string("/tmp"), std::string("../out"), std::string("a/../.."),
                                  std::string("."), std::string("a/"), std::string("a/b/c"), zero}) {
    const auto run = create_run_folder(below, name, kExperiment, "", "quick");
    REQUIRE_FALSE(run);
    CHECK_THAT(run.error().message, ContainsSubstring("is no name of a folder below results/"));
  }
  CHECK(names_in(results.path()).empty());
}

TEST_CASE("where no folder can be made, the message says which") {
  TemporaryFolder results;
  std::ofstream(results.path() / "results") << "a file\n";
  const auto run = create_run_folder(results.path() / "results", "ablation", kExperiment, "", "quick");
  REQUIRE_FALSE(run);
  CHECK_THAT(run.error().message, ContainsSubstring("results/ablation: cannot be created"));
}

TEST_CASE("a file is replaced whole") {
  TemporaryFolder folder;
  const fs::path file = folder.path() / "manifest.json";
  REQUIRE(write_atomically(file, "first"));
  REQUIRE(write_atomically(file, std::string(300'000, 'x')));
  CHECK(text_of(file) == std::string(300'000, 'x'));
  CHECK(names_in(folder.path()) == std::set<std::string>{"manifest.json"});
}

TEST_CASE("a file that is replaced keeps its permissions") {
  TemporaryFolder folder;
  const fs::path file = folder.path() / "notes.md";
  REQUIRE(write_atomically(file, "first"));
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_write);
  REQUIRE(write_atomically(file, "second"));
  CHECK((fs::status(file).permissions() & fs::perms::all) == (fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_write));
}

TEST_CASE("a file that can't be written whole keeps its old content and leaves nothing beside it") {
  TemporaryFolder folder;
  const fs::path file = folder.path() / "manifest.json";
  REQUIRE(write_atomically(file, "first"));
  const std::string said = fake::in_child([&]() -> std::string {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return "no limit";
    const auto written = write_atomically(file, std::string(1500, 'x'));
    return written ? "written" : written.error().message;
  });
  CHECK_THAT(said, ContainsSubstring("manifest.json: cannot be written: File too large"));
  CHECK(text_of(file) == "first");
  CHECK(names_in(folder.path()) == std::set<std::string>{"manifest.json"});
}

TEST_CASE("reading a file that is missing, a folder or too long is one message") {
  TemporaryFolder folder;
  std::ofstream(folder.path() / "long") << std::string(200'000, 'x');
  CHECK_THAT(read_file(folder.path() / "none").error().message, ContainsSubstring("none: cannot be read: No such file"));
  CHECK_THAT(read_file(folder.path()).error().message, ContainsSubstring("is a folder, not a file"));
  CHECK_THAT(read_file(folder.path() / "long", 199'999).error().message, ContainsSubstring("more than 199999 bytes"));
  CHECK(read_file(folder.path() / "long", 200'000)->size() == 200'000);
}

// ── Which run is meant ───────────────────────────────────────────────────────────────────────────

/// Four runs of three experiments, one of them a suite's.
struct Results {
  TemporaryFolder folder;
  fs::path results = folder.path() / "results";

  Results() {
    add("ablation", "20261101T080000Z-aaaa0001");
    add("ablation", "20261103T080000Z-bbbb0001");
    add("lenet/ablation", "20261102T080000Z-cccc0001");
    add("lenet/ladder", "20261104T080000Z-dddd0001");
  }
  void add(const std::string& experiment, const std::string& name) const {
    fs::create_directories(results / experiment / name);
    std::ofstream(results / experiment / name / "experiment.toml") << kExperiment;
  }
  std::string find(std::string_view name) const {
    const auto found = find_run(name, results);
    return found ? found->lexically_relative(results).string() : "error: " + found.error().message;
  }
};

TEST_CASE("a run is found by path, beginning of its name, its experiment's name, or as the latest") {
  const Results r;
  CHECK(r.find((r.results / "ablation" / "20261101T080000Z-aaaa0001").string()) ==
        "ablation/20261101T080000Z-aaaa0001");
  CHECK(r.find("20261102") == "lenet/ablation/20261102T080000Z-cccc0001");
  CHECK(r.find("20261103T080000Z-bbbb0001") == "ablation/20261103T080000Z-bbbb0001");
  CHECK(r.find("lenet/ladder/2026") == "lenet/ladder/20261104T080000Z-dddd0001");
  CHECK(r.find("ablation") == "ablation/20261103T080000Z-bbbb0001");
  CHECK(r.find("lenet/ablation") == "lenet/ablation/20261102T080000Z-cccc0001");
  CHECK(r.find("latest") == "lenet/ladder/20261104T080000Z-dddd0001");
}

TEST_CASE("a beginning that several runs share lists them, the newest first") {
  const Results r;
  CHECK(r.find("202611") ==
        "error: '202611' begins the names of 4 runs; give more of one:\n"
        "  lenet/ladder/20261104T080000Z-dddd0001\n"
        "  ablation/20261103T080000Z-bbbb0001\n"
        "  lenet/ablation/20261102T080000Z-cccc0001\n"
        "  ablation/20261101T080000Z-aaaa0001");
}

TEST_CASE("a name that means no run lists what there is") {
  const Results r;
  CHECK_THAT(r.find("ablatoin"), ContainsSubstring("'ablatoin' is no run, no experiment that was run") &&
                                     ContainsSubstring("\n  lenet/ladder/20261104T080000Z-dddd0001\n"));
  CHECK_THAT(r.find(""), ContainsSubstring("'' is no run"));
  for (int i = 0; i < 20; ++i) r.add("many", fmt::format("20250101T0000{:02}Z-00000000", i));
  const std::string message = r.find("nothing");
  CHECK_THAT(message, ContainsSubstring("… and 16 older ones"));
  CHECK(std::count(message.begin(), message.end(), '\n') == 9);
}

TEST_CASE("without any run the message says how to make one") {
  TemporaryFolder empty;
  CHECK_THAT(find_run("latest", empty.path()).error().message, ContainsSubstring("no run; make one with: assay run"));
  CHECK_THAT(find_run("latest", empty.path() / "none").error().message, ContainsSubstring("no run; make one with"));
}

TEST_CASE("what a run folder holds is never taken for a run, nor a folder without an experiment") {
  const Results r;
  const fs::path outputs = r.results / "lenet/ladder/20261104T080000Z-dddd0001/outputs/20271231T000000Z-ffffffff";
  fs::create_directories(outputs);
  std::ofstream(outputs / "experiment.toml") << "";
  fs::create_directories(r.results / "ablation" / "20271231T000000Z-eeeeeeee");
  CHECK(r.find("latest") == "lenet/ladder/20261104T080000Z-dddd0001");
  CHECK(r.find("ablation") == "ablation/20261103T080000Z-bbbb0001");
}

}  // namespace
}  // namespace assay::record
