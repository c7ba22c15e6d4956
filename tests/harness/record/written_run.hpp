// A run folder as its reader finds it, whose journal a test continues by hand.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "harness/record/run_folder.hpp"
#include "harness/record/run_record.hpp"
#include "tests/catch.hpp"
#include "tests/harness/record/fake_run.hpp"

namespace assay::record {

inline RunRecord read(const std::filesystem::path& folder) {
  auto run = read_run(folder);
  if (!run) FAIL(run.error().message);
  return *std::move(run);
}

inline std::string error_of(const std::filesystem::path& folder) {
  const auto run = read_run(folder);
  return run ? std::string("no error") : run.error().message;
}

struct Folder {
  fake::TemporaryFolder results;
  std::filesystem::path path;

  explicit Folder(const fake::FakeRun& fake = {}) : path(write_fake_run(results.path(), fake)) {}
  std::filesystem::path journal() const { return path / "journal.jsonl"; }
  void append(std::vector<Json> lines) const {
    auto file = Journal::reopen(journal());
    REQUIRE(file);
    for (Json& line : lines) REQUIRE(file->append(std::move(line)));
  }
  void replace_in_manifest(const char* pointer, Json value) const {
    auto manifest = parse_json(*read_file(path / "manifest.json"));
    REQUIRE(manifest);
    (*manifest)[Json::json_pointer(pointer)] = std::move(value);
    REQUIRE(write_atomically(path / "manifest.json", manifest->dump()));
  }
};

inline Json replicate_line(int number, int round, const std::string& treatment) {
  return {{"type", "replicate"}, {"replicate", number}, {"round", round}, {"group", 0}, {"treatment", treatment},
          {"role", "plain"}, {"phase", round == 0 ? "rehearsal" : "measure"}, {"outcome", "ok"}, {"reason", nullptr}};
}

inline Json block_line(int number, int round, const std::string& treatment) {
  return {{"type", "block"}, {"round", round}, {"group", 0}, {"replicate", number}, {"treatment", treatment},
          {"role", "plain"}, {"phase", "measure"}, {"quad", 0}, {"position", 0}, {"predecessor", nullptr},
          {"iterations", 10}, {"elapsed", 5000}, {"unit", "us"}, {"clock", "wall"}, {"outcome", "ok"},
          {"reason", nullptr}};
}

}  // namespace assay::record
