#include "harness/record/journal.hpp"

#include <signal.h>
#include <sys/resource.h>

#include <fstream>
#include <sstream>

#include "harness/core/hash.hpp"
#include "harness/record/run_folder.hpp"
#include "tests/catch.hpp"
#include "tests/harness/record/child.hpp"
#include "tests/harness/record/fake_run.hpp"

namespace assay::record {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::ContainsSubstring;
using fake::TemporaryFolder;

constexpr char kExperiment[] = "[experiment]\nname = \"chain\"\n";

void write(const fs::path& file, std::string_view text) { std::ofstream(file, std::ios::binary) << text; }

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// A folder with a frozen experiment and a journal of `count` small lines.
struct Written {
  TemporaryFolder folder;
  fs::path file = folder.path() / "journal.jsonl";

  explicit Written(int count) {
    write(folder.path() / "experiment.toml", kExperiment);
    auto journal = Journal::create(file);
    REQUIRE(journal);
    for (int i = 0; i < count; ++i) REQUIRE(journal->append({{"type", "note"}, {"kind", "test"}, {"text", i}}));
  }
};

TEST_CASE("every line names the hash of the one before, and the first one that of the experiment") {
  Written w(3);
  const auto lines = lines_of(text_of(w.file));
  REQUIRE(lines.size() == 3);
  std::string prev = sha256_hex(kExperiment);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto line = parse_json(lines[i]);
    REQUIRE(line);
    CHECK(line->at("seq") == i);
    CHECK(line->at("prev") == prev);
    CHECK(line->at("text") == i);
    prev = sha256_hex(lines[i]);
  }
  CHECK(check_chain(w.file));
}

TEST_CASE("a journal is never begun over another one, nor without a frozen experiment") {
  Written w(1);
  const auto again = Journal::create(w.file);
  REQUIRE_FALSE(again);
  CHECK_THAT(again.error().message, ContainsSubstring("journal.jsonl: cannot be created: File exists"));
  CHECK(lines_of(text_of(w.file)).size() == 1);

  TemporaryFolder bare;
  const auto unfrozen = Journal::create(bare.path() / "journal.jsonl");
  REQUIRE_FALSE(unfrozen);
  CHECK_THAT(unfrozen.error().message, ContainsSubstring("experiment.toml: cannot be read"));
  CHECK_FALSE(fs::exists(bare.path() / "journal.jsonl"));
}

TEST_CASE("a reopened journal goes on with the next seq, and the chain holds across the seam") {
  Written w(2);
  {
    auto journal = Journal::reopen(w.file);
    REQUIRE(journal);
    CHECK(journal->next_seq() == 2);
    CHECK(journal->bytes_cut() == 0);
    REQUIRE(journal->append({{"type", "resume"}}));
    REQUIRE(journal->sync());
    CHECK(journal->next_seq() == 3);
  }
  CHECK(check_chain(w.file));
  CHECK(lines_of(text_of(w.file)).size() == 3);
}

TEST_CASE("wherever the last line was torn, reopening cuts it at the newline before and goes on") {
  Written w(4);
  const std::string whole = text_of(w.file);
  const std::size_t third_end = whole.rfind('\n', whole.size() - 2) + 1;
  for (std::size_t length = third_end; length < whole.size(); ++length) {
    write(w.file, whole.substr(0, length));
    auto journal = Journal::reopen(w.file);
    REQUIRE(journal);
    CHECK(journal->bytes_cut() == length - third_end);
    CHECK(journal->next_seq() == 3);
    CHECK(fs::file_size(w.file) == third_end);
    REQUIRE(journal->append({{"type", "note"}, {"kind", "test"}, {"text", 3}}));
    CHECK(text_of(w.file) == whole);
  }
}

TEST_CASE("a journal whose first line was torn begins again at line 0") {
  Written w(0);
  write(w.file, R"({"prev":"01)");
  auto journal = Journal::reopen(w.file);
  REQUIRE(journal);
  CHECK(journal->bytes_cut() == 11);
  CHECK(journal->next_seq() == 0);
  CHECK(fs::file_size(w.file) == 0);
}

TEST_CASE("any byte changed before the last line breaks the chain, at that line or the next") {
  Written w(6);
  const std::string whole = text_of(w.file);
  const std::size_t last_begin = whole.rfind('\n', whole.size() - 2) + 1;
  std::size_t line = 1;
  int undetected = 0;
  int misplaced = 0;
  for (std::size_t i = 0; i < last_begin; ++i) {
    for (const char other : {static_cast<char>(whole[i] ^ 1), ' ', '\n', '0'}) {
      if (other == whole[i]) continue;
      std::string edited = whole;
      edited[i] = other;
      write(w.file, edited);
      const auto checked = check_chain(w.file);
      if (checked) {
        ++undetected;
        continue;
      }
      const std::string& message = checked.error().message;
      const bool here = message.find(fmt::format("jsonl:{}: ", line)) != std::string::npos;
      const bool next = message.find(fmt::format("jsonl:{}: ", line + 1)) != std::string::npos;
      misplaced += !here && !next;
    }
    line += whole[i] == '\n';
  }
  CHECK(undetected == 0);
  CHECK(misplaced == 0);
}

TEST_CASE("lines removed, repeated, exchanged or added are found") {
  Written w(5);
  const auto lines = lines_of(text_of(w.file));
  const auto with = [&](std::vector<int> order) {
    std::string text;
    for (const int i : order) text += lines[static_cast<std::size_t>(i)] + "\n";
    write(w.file, text);
    const auto checked = check_chain(w.file);
    return checked ? std::string("whole") : checked.error().message.substr(w.file.string().size());
  };
  CHECK(with({0, 1, 2, 3, 4}) == "whole");
  CHECK_THAT(with({1, 2, 3, 4}), ContainsSubstring(":1: seq 1 where 0 must stand"));
  CHECK_THAT(with({0, 1, 3, 4}), ContainsSubstring(":3: seq 3 where 2 must stand"));
  CHECK_THAT(with({0, 1, 1, 2, 3, 4}), ContainsSubstring(":3: seq 1 where 2 must stand"));
  CHECK_THAT(with({0, 2, 1, 3, 4}), ContainsSubstring(":2: seq 2 where 1 must stand"));

  write(w.file, lines[0] + "\n" + R"({"prev":"00","seq":1,"type":"note"})" + "\n");
  const auto forged = check_chain(w.file);
  REQUIRE_FALSE(forged);
  CHECK_THAT(forged.error().message, ContainsSubstring(":2: prev is not the hash of line 1"));
}

TEST_CASE("an experiment changed after its run began is found at the first line") {
  Written w(2);
  write(w.folder.path() / "experiment.toml", "[experiment]\nname = \"chaim\"\n");
  const auto checked = check_chain(w.file);
  REQUIRE_FALSE(checked);
  CHECK_THAT(checked.error().message, ContainsSubstring("journal.jsonl:1: prev is not the hash of experiment.toml"));
  CHECK_FALSE(Journal::reopen(w.file));
}

TEST_CASE("a broken chain is not continued, and the file is left as it is") {
  Written w(3);
  std::string text = text_of(w.file);
  text.replace(text.find(R"("text":1)"), 8, R"("text":7)");
  text += "torn";
  write(w.file, text);
  const auto journal = Journal::reopen(w.file);
  REQUIRE_FALSE(journal);
  CHECK_THAT(journal.error().message, ContainsSubstring("jsonl:3: prev is not the hash of line 2"));
  CHECK(text_of(w.file) == text);
}

TEST_CASE("what is no journal gets one message") {
  Written w(0);
  const auto message = [&](std::string_view text) {
    write(w.file, text);
    const auto checked = check_chain(w.file);
    return checked ? std::string() : checked.error().message;
  };
  CHECK_THAT(message("hello\n"), ContainsSubstring("journal.jsonl:1: not JSON at byte 1"));
  CHECK_THAT(message("[1,2]\n"), ContainsSubstring("journal.jsonl:1: not one JSON object"));
  CHECK_THAT(message("7\n"), ContainsSubstring("journal.jsonl:1: not one JSON object"));
  CHECK_THAT(message("{}\n"), ContainsSubstring("journal.jsonl:1: a line without seq"));
  CHECK_THAT(message("\n"), ContainsSubstring("journal.jsonl:1: not JSON"));
  CHECK_THAT(message("{\"seq\":0,\"x\":1e999}\n"), ContainsSubstring("journal.jsonl:1: not JSON"));
  CHECK_THAT(message("{\"a\":" + std::string(100'000, '[') + "\n"), ContainsSubstring("journal.jsonl:1: not one JSON object"));
  CHECK_THAT(message(std::string(70u << 20, 'x')), ContainsSubstring("a line of more than 64 MiB"));
}

TEST_CASE("text that is no UTF-8 is journalled as U+FFFD instead of stopping the run") {
  Written w(0);
  auto journal = Journal::reopen(w.file);
  REQUIRE(journal);
  REQUIRE(journal->append({{"type", "failed"}, {"reason", "bad \xff byte"}}));
  CHECK_THAT(text_of(w.file), ContainsSubstring("bad \xEF\xBF\xBD byte"));
  CHECK(check_chain(w.file));
}

TEST_CASE("a write that fails midway leaves whole lines, says how to go on, and the journal can be continued") {
  Written w(2);
  const std::uint64_t before = fs::file_size(w.file);
  constexpr rlim_t kRoom = 1000;  // for a few lines and a part of one
  const std::string said = fake::in_child([&]() -> std::string {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{before + kRoom, before + kRoom};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return "no limit";
    auto journal = Journal::reopen(w.file);
    if (!journal) return journal.error().message;
    for (int i = 0; i < 100; ++i) {
      const auto written = journal->append({{"type", "note"}, {"text", std::string(100, 'x')}});
      if (written) continue;
      // Asked again, it fails again and leaves the file alone.
      if (journal->append({{"type", "note"}, {"text", std::string(2 * kRoom, 'x')}})) return "wrote without room";
      return fmt::format("{} lines, then {}", journal->next_seq(), written.error().message);
    }
    return "never full";
  });
  CHECK_THAT(said, ContainsSubstring("the limit on a file's size is reached"));
  CHECK_THAT(said, ContainsSubstring("--resume " + w.folder.path().filename().string()));

  const std::string text = text_of(w.file);
  const auto lines = lines_of(text);
  CHECK(said.starts_with(fmt::format("{} lines", lines.size())));
  CHECK(lines.size() > 2);
  // The part of a line that fitted is gone again: there is room, but not for one line.
  CHECK(text.size() < before + kRoom);
  CHECK(text.size() + lines.back().size() + 1 > before + kRoom);
  CHECK(text.back() == '\n');
  CHECK(check_chain(w.file));

  auto journal = Journal::reopen(w.file);
  REQUIRE(journal);
  CHECK(journal->bytes_cut() == 0);
  REQUIRE(journal->append({{"type", "resume"}}));
  CHECK(check_chain(w.file));
}

}  // namespace
}  // namespace assay::record
