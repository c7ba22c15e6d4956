// Bad experiment files and the one message that each gives, word for word. bad_files/*.txt holds them as
//
//     === what is wrong
//     the file
//     → the message
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "harness/plan/plan.hpp"
#include "tests/catch.hpp"
#include "tests/harness/plan/scratch_folder.hpp"

using namespace assay;

namespace {

struct BadFile {
  std::string what, text, message;
};

std::vector<BadFile> bad_files(const std::string& name) {
  std::ifstream file(std::string(ASSAY_BAD_FILES) + "/" + name);
  std::vector<BadFile> cases;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("=== ")) {
      cases.push_back({line.substr(4), "", ""});
    } else if (line.starts_with("→ ")) {
      cases.back().message = line.substr(std::string_view("→ ").size());
    } else if (!cases.empty() && cases.back().message.empty()) {
      cases.back().text += line + "\n";
    }
  }
  return cases;
}

std::string message_of(std::string_view text) {
  const auto experiment = plan::parse_experiment(text, "paper.toml", {}, {});
  if (!experiment) return experiment.error().message;
  const auto planned = plan::make_plan(*experiment, *experiment->preset("quick"));
  return planned ? "no mistake was found" : planned.error().message;
}

void check(const std::string& name, std::size_t at_least) {
  const auto cases = bad_files(name);
  REQUIRE(cases.size() >= at_least);
  for (const BadFile& bad : cases) {
    INFO(name << ": " << bad.what);
    CHECK(message_of(bad.text) == bad.message);
  }
}

}  // namespace

TEST_CASE("a mistake in the question or the design is one message with file, line and what would be right") {
  check("question_and_design.txt", 50);
}

TEST_CASE("a mistake in the work or the claims is one message with file, line and what would be right") {
  check("work_and_claims.txt", 55);
}

TEST_CASE("bytes that are no text are refused with their line") {
  CHECK(message_of("") ==
        "paper.toml:1: the file is empty; begin with [experiment] and its question, e.g. from `assay new "
        "experiment`");
  CHECK(message_of("[experiment]\nname = \"caf\xe9\"\n") ==
        "paper.toml:2: byte 0xE9 is not UTF-8; save the file as UTF-8");
  CHECK(message_of("[experiment]\n# \xed\xa0\x80 is half of a surrogate pair\n") ==
        "paper.toml:2: byte 0xED is not UTF-8; save the file as UTF-8");
  CHECK(message_of(std::string_view("[experiment]\n\n#\0\n", 17)) ==
        "paper.toml:3: a NUL byte; an experiment file is UTF-8 text without any");
  CHECK(message_of("\xff\xfe[") == "paper.toml:1: the file is UTF-16; save it as UTF-8");
}

TEST_CASE("a file above one mebibyte is refused before it is parsed") {
  const std::string message = message_of(std::string((1 << 20) + 1, '['));
  CHECK(message == "paper.toml:1: 1048577 bytes are too many; a file has at most 1048576 (1 MiB)");

  const ScratchFolder scratch;
  const auto garbage = scratch.write("garbage.toml", "");
  std::filesystem::resize_file(garbage, 100'000'000);  // sparse: it takes no room
  CHECK(plan::load_experiment(garbage, {}).error().message ==
        garbage.string() + ":1: 100000000 bytes are too many; a file has at most 1048576 (1 MiB)");
}

TEST_CASE("a folder, a device and a missing file are each named for what they are") {
  const ScratchFolder scratch;
  const std::string folder = scratch.path().string();
  CHECK(plan::load_experiment(folder, {}).error().message == folder + ": is a folder; name a file in it");
  CHECK(plan::load_experiment("/dev/zero", {}).error().message == "/dev/zero: is no regular file; name one");
  CHECK(plan::load_experiment(scratch.path() / "none.toml", {}).error().message ==
        folder + "/none.toml: no such file");
}

TEST_CASE("a design of more than 10,000 treatments is refused before it is formed") {
  std::string text = "[experiment]\nname = \"x\"\n[factors]\n";
  for (int factor = 0; factor < 40; ++factor) {  // 10^40 would overflow every counter
    text += "f" + std::to_string(factor) + " = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n";
  }
  CHECK(message_of(text) ==
        "paper.toml:3: the design has more than 10000 treatments; give fewer levels, or write design = "
        "\"one-factor-at-a-time\"");
}

TEST_CASE("text at which the parser itself would abort is a message with its line") {
  for (const char* broken : {"[=]", "[.x]", "x = [1,}", "x = [1 }2]", "[[[x]]]"}) {
    INFO(broken);
    CHECK(message_of(std::string("[experiment]\nname = \"x\"\n\n") + broken + "\n# more\n")
              .starts_with("paper.toml:4: not TOML"));
  }
  CHECK(message_of("[experiment]\nname = \"x\" # caf\u00e9\ncaf\u00e9 = 1\n") ==
        "paper.toml:3: '\u00e9' stands outside quotes; write keys and values beyond ASCII as text, e.g. "
        "\"\u2026\"");
}

TEST_CASE("a hundred thousand nested lists are a message and no overflow of the stack") {
  const std::string message = message_of("[experiment]\nname = " + std::string(100'000, '[') + "\n");
  CHECK(message.starts_with("paper.toml:2: not TOML ("));
}

TEST_CASE("a mistake in one of several commands is one message that names the command") {
  check("commands.txt", 20);
}
