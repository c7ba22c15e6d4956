// What the device says to a plain MLPerf Tiny runner, word by word: dialogue.txt has what is sent behind "> ", what comes back behind "< ".
// The runner's own rules are held as well: mlcommons/tiny, benchmark/runner, parses lines by their form and by their place.
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/crc32.hpp"
#include "tests/catch.hpp"
#include "tests/hardware/mcu/sums_device.hpp"

using namespace assay;
using Catch::Matchers::ContainsSubstring;

namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    REQUIRE(end != std::string_view::npos);  // a line that isn't ended
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string content(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Every line that comes back is ended by a carriage return too.
std::string received(std::string_view text) {
  std::string marked;
  for (const std::string& line : lines_of(text)) {
    REQUIRE(line.ends_with('\r'));
    marked += "< " + line.substr(0, line.size() - 1) + "\n";
  }
  return marked;
}

/// The answer to a command, without "\r\n"; m-ready, which must end it, is left out.
std::vector<std::string> answer_to(const std::string& command) {
  std::vector<std::string> lines = lines_of(sums_device::answer(command + "%"));
  for (std::string& line : lines) {
    INFO(command);
    REQUIRE(line.ends_with('\r'));
    line.pop_back();
  }
  REQUIRE_FALSE(lines.empty());
  REQUIRE(lines.back() == "m-ready");
  lines.pop_back();
  for (const std::string& line : lines) CHECK(line != "m-ready");
  return lines;
}

}  // namespace

TEST_CASE("a plain runner's dialogue is the committed one, word by word") {
  const std::string golden = content(TRANSCRIPT);
  REQUIRE_THAT(golden, ContainsSubstring("> infer "));
  std::string actual;
  bool has_begun = false;
  for (const std::string& line : lines_of(golden)) {
    if (line.starts_with("# ")) {
      actual += line + "\n";
      continue;
    }
    if (!has_begun) actual += received(sums_device::begin());
    has_begun = true;
    if (line.starts_with("> ")) actual += line + "\n" + received(sums_device::answer(line.substr(2)));
  }
  CHECK(actual == golden);
}

TEST_CASE("infer's lines stand where the reference runner looks for them, and ours only behind its results") {
  sums_device::begin();
  for (const char* command : {"infer 1 0", "infer 3 2", "infer", "infer 5"}) {
    INFO(command);
    const auto lines = answer_to(command);
    REQUIRE(lines.size() == 10);
    CHECK(lines[0].starts_with("m-warmup-start-"));
    CHECK(lines[1] == "m-warmup-done");
    CHECK(lines[2].starts_with("m-infer-start-"));
    CHECK(lines[3].starts_with("m-lap-us-"));
    CHECK(lines[4].starts_with("m-lap-us-"));
    CHECK(lines[5] == "m-infer-done");
    CHECK(lines[6].starts_with("m-results-["));
    for (std::size_t i = 7; i < lines.size(); ++i) CHECK(lines[i].starts_with("assay-"));
  }
}

TEST_CASE("no other command of MLPerf's is answered with a line of ours") {
  sums_device::begin();
  for (const char* command : {"name", "profile", "timestamp", "help", "db load 4", "db 01020304", "db print", "db", "results", "infer 0", "knit", "start", ""}) {
    INFO(command);
    for (const std::string& line : answer_to(command)) CHECK_FALSE(line.starts_with("assay-"));
  }
}

TEST_CASE("each command is answered once, with what it must say") {
  const std::string longest(256, 'k');
  struct Said {
    std::string command;
    std::vector<std::string> lines;
  };
  const std::vector<Said> dialogue = {
      {"", {}},
      {" \t\r\n", {}},
      {"\r\nname", {"m-name-dut-[sums]"}},
      {"name and more", {"m-name-dut-[sums]"}},
      {"names", {"e-[Unknown command: names]"}},
      {"timestamp", {"m-lap-us-2000"}},  // the banner had the first
      {"timestamp", {"m-lap-us-3000"}},
      {longest, {"e-[Unknown command: " + longest + "]"}},
      {longest + "k", {"e-[a command has at most 256 characters]"}},
      {std::string(5000, 'k'), {"e-[a command has at most 256 characters]"}},
      {"db", {"e-[Command 'db' requires a subcommand]"}},
      {"db 0102", {}},  // nothing is expected yet
      {"db load", {"e-[db load takes 1 to 784 bytes]"}},
      {"db load 0", {"e-[db load takes 1 to 784 bytes]"}},
      {"db load 785", {"e-[db load takes 1 to 784 bytes]"}},
      {"db load 4294967297", {"e-[db load takes 1 to 784 bytes]"}},
      {"db load -1", {"e-[db load takes 1 to 784 bytes]"}},
      {"db load 3", {"m-[Expecting 3 bytes]"}},
      {"db 1", {"e-[Insufficient number of hex digits]"}},
      {"db aBf", {"e-[Insufficient number of hex digits]"}},
      {"db 0g", {"e-[Invalid hex digit]"}},
      {"db print", {"m-buffer-ab"}},
      {"db load 3", {"m-[Expecting 3 bytes]"}},
      {"db AbcD", {}},
      {"db 0708090a", {"m-load-done"}},  // the remainder is passed over
      {"db 0b", {}},
      {"db print", {"m-buffer-ab-cd-07"}},
      {"assay crc", {"assay-crc-ca5c5733"}},
      {"infer 0", {"e-[Inference iterations must be >0]"}},
      {"infer -1 0", {"e-[Inference iterations must be >0]"}},
      {"infer 4294967296", {"e-[Inference iterations must be >0]"}},
      {"infer 1 -1", {"e-[Inference warmup must be >=0]"}},
      {"infer 1 ten", {"e-[Inference warmup must be >=0]"}},
      {"assay take 4", {"e-[the window holds 4 inputs]"}},
      {"assay take 4294967295", {"e-[the window holds 4 inputs]"}},
      {"assay batch 0 5", {"e-[the window holds 4 inputs]"}},
      {"assay batch 1 4294967295", {"e-[the window holds 4 inputs]"}},
      {"assay batch 4 0", {}},
      {"assay set factor 2", {"assay-set"}},
      {"assay set factor 0", {"e-[no such setting, or no such value]"}},
      {"assay set factor", {"e-[no such setting, or no such value]"}},
      {"assay set", {"e-[no such setting, or no such value]"}},
      {"assay stack", {}},  // this board doesn't know where its stack ends
      {"assay knit", {"e-[unknown: assay takes crc, output, stack, set NAME N, take I, batch FIRST COUNT]"}},
      {"assay batch 0", {"e-[unknown: assay takes crc, output, stack, set NAME N, take I, batch FIRST COUNT]"}},
      {"assay", {"assay-protocol-1", "assay-model-[sums]", "assay-unit-instructions", "assay-input-784", "assay-output-bytes-40", "assay-line-256", "assay-window-3136"}},
  };
  sums_device::begin();
  for (const auto& [command, lines] : dialogue) {
    INFO(command);
    CHECK(answer_to(command) == lines);
  }
}

TEST_CASE("an input that was taken from the window counts as loaded") {
  sums_device::begin();
  answer_to("assay take 1");
  const auto said = answer_to("assay crc");
  REQUIRE(said.size() == 1);
  char digits[9];
  std::snprintf(digits, sizeof digits, "%08x", crc32(sums_device::window_input(1)));
  CHECK(said.front() == std::string("assay-crc-") + digits);
  CHECK(answer_to("db print").size() == 784 / 8);
}

TEST_CASE("whatever comes over the line, every command ends with one m-ready and the device goes on") {
  sums_device::begin();
  std::mt19937 random(11);
  const std::vector<std::string> words = {"name", "profile", "db", "load", "print", "infer", "results", "assay", "crc", "output", "set", "factor", "take", "batch", "stack", "0", "1", "3",
                                          "784", "785", "-1", "99999999999999999999", "0a", "0A0", "zz", "\t", "\r\n", std::string(300, '7'), std::string("\0x", 2), "\xFF\xFE"};
  for (int i = 0; i < 5000; ++i) {
    std::string command;
    for (unsigned n = random() % 6; n > 0; --n) command += words[random() % words.size()] + (random() % 8 ? " " : "");
    // Of numbers that run together only those that are quick to infer.
    if (command.find("infer") != std::string::npos && command.find_first_of("79") != std::string::npos) continue;
    answer_to(command);
  }
  for (int i = 0; i < 5000; ++i) {
    std::string bytes;
    for (unsigned n = random() % 400; n > 0; --n) bytes += static_cast<char>(random() & 0xFF);
    std::erase(bytes, '%');
    answer_to(bytes);
  }
  CHECK(answer_to("name") == std::vector<std::string>{"m-name-dut-[sums]"});
}
