// The link before a board that misbehaves (fake_board): which outcome it gives, and that it recovers where the fault has passed.
#include "hardware/mcu/link.hpp"

#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "hardware/mcu/tty.hpp"
#include "tests/catch.hpp"
#include "tests/hardware/mcu/board_process.hpp"
#include "tests/hardware/mcu/sums_device.hpp"

using namespace assay;
using namespace assay::mcu;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr double kInTime_s = 20;   // of what is answered at once: a machine that is busy with other tests is no fault
constexpr double kShort_s = 0.5;   // of what is never answered

/// A fake board and the link to it.
struct Bench {
  explicit Bench(std::vector<std::string> options = {}) : board(std::move(options)), tty(open_tty(board.tty(), 115200)), link(tty.ok() ? tty.value->get() : -1) {
    INFO(tty.ending.reason);
    REQUIRE(tty.ok());
  }
  BoardProcess board;
  Reply<Descriptor> tty;
  DeviceLink link;
};

std::vector<std::uint8_t> some_input() {
  std::vector<std::uint8_t> bytes(sums_device::kInputBytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * i + 3);
  return bytes;
}

std::vector<std::uint8_t> output_of(std::span<const std::uint8_t> input) {
  std::vector<std::uint8_t> bytes;
  for (const std::int32_t sum : sums_device::sums_of(input)) {
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint32_t>(sum) >> shift));
  }
  return bytes;
}

template <class T>
void check_ending(const Reply<T>& reply, Outcome outcome, const std::string& part) {
  CHECK_FALSE(reply.ok());
  CHECK(name_of(reply.ending.outcome) == name_of(outcome));
  CHECK_THAT(reply.ending.reason, ContainsSubstring(part));
}

template <class T>
void check_ok(const Reply<T>& reply) {
  INFO(reply.ending.reason);
  CHECK(reply.ok());
}

/// It says who it is, and computes what it is given.
void check_works(DeviceLink& link) {
  const auto device = link.hello();
  INFO(device.ending.reason);
  REQUIRE(device.ok());
  CHECK(device.value->name == "sums");
  CHECK(device.value->model == "sums");
  CHECK(device.value->speaks_ours);
  check_ok(link.load(some_input()));
  check_ok(link.infer(1, 0, kInTime_s));
  const auto output = link.output();
  check_ok(output);
  if (output.ok()) CHECK(*output.value == output_of(some_input()));
}

}  // namespace

TEST_CASE("a board is met, given an input, and answers with its output, its counts and its classes") {
  Bench bench;
  const auto device = bench.link.hello();
  REQUIRE(device.ok());
  CHECK(device.value->unit == "instructions");
  CHECK(device.value->input_bytes == 784);
  CHECK(device.value->output_bytes == 40);
  CHECK(device.value->window_bytes == 4 * 784);
  CHECK(device.value->line == 256);
  check_works(bench.link);

  const auto inference = bench.link.infer(6, 2, kInTime_s);
  REQUIRE(inference.ok());
  CHECK(inference.value->count == 6 * 1001);
  CHECK(inference.value->least == 1000);
  CHECK(inference.value->most == 1002);
  CHECK(inference.value->microseconds == 1000);
  REQUIRE(bench.link.results().size() == sums_device::kSums);
  const auto sums = sums_device::sums_of(some_input());
  for (std::size_t k = 0; k < sums.size(); ++k) CHECK(bench.link.results()[k] == Approx((sums[k] - 10'000) / 1000.0));

  check_ok(bench.link.take(2));
  check_ok(bench.link.infer(1, 0, kInTime_s));
  CHECK(*bench.link.output().value == output_of(sums_device::window_input(2)));
  const auto answers = bench.link.batch(0, 4, kInTime_s);
  REQUIRE(answers.ok());
  REQUIRE(answers.value->size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto all = sums_device::sums_of(sums_device::window_input(i));
    CHECK((*answers.value)[i].answer == std::max_element(all.begin(), all.end()) - all.begin());
  }
  check_ok(bench.link.set("factor", 3));
  check_ok(bench.link.infer(1, 0, kInTime_s));
  CHECK(*bench.link.output().value != output_of(sums_device::window_input(3)));
}

TEST_CASE("what a board refuses is invalid_output with its own words, and it goes on") {
  Bench bench;
  check_ok(bench.link.hello());
  check_ending(bench.link.set("factor", 11), Outcome::invalid_output, "refuses 'assay set factor 11': no such setting, or no such value");
  check_ending(bench.link.take(4), Outcome::invalid_output, "the window holds 4 inputs");
  check_ending(bench.link.batch(1, 4, kInTime_s), Outcome::invalid_output, "the window holds 4 inputs");
  check_ending(bench.link.infer(0, 0, kInTime_s), Outcome::invalid_output, "Inference iterations must be >0");
  check_ending(bench.link.load(std::vector<std::uint8_t>(785)), Outcome::invalid_output, "db load takes 1 to 784 bytes");
  check_ending(bench.link.command("knit", kInTime_s), Outcome::invalid_output, "Unknown command: knit");
  check_ending(bench.link.stack(kInTime_s), Outcome::unsupported, "doesn't know where its stack ends");
  check_works(bench.link);
}

TEST_CASE("a plain MLPerf Tiny firmware is spoken to as a plain runner does") {
  Bench bench({"--fault", "plain", "--times", "-1"});
  const auto device = bench.link.hello();
  REQUIRE(device.ok());
  CHECK(device.value->name == "sums");
  CHECK(device.value->model == "sums");
  CHECK_FALSE(device.value->speaks_ours);
  CHECK(device.value->unit.empty());
  CHECK(device.value->line == 70);
  check_ok(bench.link.load(some_input()));
  const auto inference = bench.link.infer(3, 0, kInTime_s);
  REQUIRE(inference.ok());
  CHECK(inference.value->count == 0);
  CHECK(inference.value->microseconds == 1000);
  CHECK(bench.link.results().size() == sums_device::kSums);
  check_ending(bench.link.output(), Outcome::invalid_output, "Unknown command");
}

TEST_CASE("another model says which it is") {
  Bench bench({"--fault", "other_model"});
  const auto device = bench.link.hello();
  REQUIRE(device.ok());
  CHECK(device.value->model == "another");
}

TEST_CASE("garbage in front of the banner and between lines is passed over") {
  Bench bench({"--fault", "garbage", "--times", "-1"});
  check_works(bench.link);
}

TEST_CASE("half a command that was left on the line doesn't spoil the first one") {
  Bench bench({"--fault", "pending"});
  check_works(bench.link);
}

TEST_CASE("a board that boots slowly is waited for") {
  Bench bench({"--fault", "boot_slowly"});
  check_works(bench.link);
}

TEST_CASE("a board that prints without end is spoken to all the same") {
  Bench bench({"--fault", "chatter", "--at", "name"});
  check_works(bench.link);
}

TEST_CASE("a board that never answers is timed_out, and the reason says what to look at") {
  Bench bench({"--fault", "stuck", "--at", "%"});
  check_ending(bench.link.hello(), Outcome::timed_out, "is the firmware on the board, and the port the right one?");
}

TEST_CASE("no answer and half an answer are timed_out, and the next command is answered") {
  for (const char* fault : {"silent", "half_reply"}) {
    INFO(fault);
    Bench bench({"--fault", fault, "--at", "infer"});
    check_ok(bench.link.hello());
    check_ending(bench.link.infer(1, 0, kShort_s), Outcome::timed_out, "the device didn't answer 'infer 1 0' in time");
    check_works(bench.link);
  }
}

TEST_CASE("a reset in mid-reply is crashed, and the board that began anew is met again") {
  for (const char* command : {"infer", "db", "assay output", "assay batch"}) {
    INFO(command);
    Bench bench({"--fault", "reset", "--at", command});
    check_ok(bench.link.hello());
    const std::string at = command;
    if (at == "db") {
      check_ending(bench.link.load(some_input()), Outcome::crashed, "began anew");
    } else if (at == "infer") {
      check_ending(bench.link.infer(1, 0, kInTime_s), Outcome::crashed, "began anew during 'infer 1 0'");
    } else if (at == "assay output") {
      check_ending(bench.link.output(), Outcome::crashed, "began anew");
    } else {
      check_ending(bench.link.batch(0, 4, kInTime_s), Outcome::crashed, "began anew");
    }
    check_works(bench.link);
  }
}

TEST_CASE("a reset while the board is met is no fault") {
  for (const char* command : {"%", "name", "profile", "assay"}) {
    INFO(command);
    Bench bench({"--fault", "reset", "--at", command});
    check_works(bench.link);
  }
}

TEST_CASE("a line that is gone in mid-reply is crashed, and stays gone") {
  Bench bench({"--fault", "unplug", "--at", "infer"});
  check_ok(bench.link.hello());
  check_ending(bench.link.infer(1, 0, kInTime_s), Outcome::crashed, "the line is gone (during 'infer 1 0')");
  check_ending(bench.link.hello(), Outcome::crashed, "the line is gone");
}

TEST_CASE("the owner of a line that is gone is asked why") {
  BoardProcess board({"--fault", "unplug", "--at", "infer"});
  const auto tty = open_tty(board.tty(), 115200);
  REQUIRE(tty.ok());
  bool is_gone = false;
  DeviceLink link(tty.value->get(), [&]() -> std::optional<Ending> { return is_gone ? std::optional(Ending{Outcome::out_of_memory, "it ate too much"}) : std::nullopt; });
  check_ok(link.hello());
  is_gone = true;
  check_ending(link.infer(1, 0, kInTime_s), Outcome::out_of_memory, "it ate too much");
}

TEST_CASE("input that arrives otherwise than it was sent is sent again") {
  for (const char* fault : {"corrupt", "lose_digit", "lose_end"}) {
    INFO(fault);
    Bench bench({"--fault", fault, "--at", "db"});
    check_works(bench.link);
  }
}

TEST_CASE("input that never arrives as it was sent is invalid_output") {
  Bench bench({"--fault", "corrupt", "--at", "db", "--times", "-1"});
  check_ok(bench.link.hello());
  check_ending(bench.link.load(some_input()), Outcome::invalid_output, "other bytes than were sent, by their CRC");
}

TEST_CASE("output that disagrees with its CRC is asked for again, three times") {
  const auto fault = [](const char* times) {
    return std::vector<std::string>{"--fault", "replace", "--at", "assay output", "--line", "assay-output-", "--by", "assay-output-" + std::string(80, '7'), "--times", times};
  };
  Bench once(fault("1"));
  check_works(once.link);
  Bench always(fault("-1"));
  check_ok(always.link.hello());
  check_ok(always.link.infer(1, 0, kInTime_s));
  check_ending(always.link.output(), Outcome::invalid_output, "disagrees with its CRC");
}

TEST_CASE("output with a digit that is none is invalid_output even where its CRC would be that of a zero") {
  Bench bench({"--fault", "replace", "--at", "assay output", "--line", "assay-output-", "--by", "assay-output-zz" + std::string(78, '0'), "--times", "-1"});
  check_ok(bench.link.hello());
  check_ok(bench.link.load(std::vector<std::uint8_t>(784)));
  check_ok(bench.link.infer(1, 0, kInTime_s));
  check_ending(bench.link.output(), Outcome::invalid_output, "disagrees with its CRC");
}

TEST_CASE("counts and time stamps that make no sense are invalid_output, and are so once") {
  struct Nonsense {
    const char *line, *by;
  };
  for (const auto& [line, by] : {Nonsense{"assay-instructions-", "assay-instructions-nan"}, {"assay-instructions-", "assay-instructions-"}, {"assay-instructions-", "assay-cycles-2001"},
                                 {"assay-instructions-", "assay-instructions-999"}, {"assay-instructions-", "assay-instructions-99999999999999999999"},
                                 {"assay-instructions-", "assay-instructions-2003"}, {"assay-least-", "assay-least-1002"}, {"assay-least-", "assay-least--5"},
                                 {"assay-most-", "assay-most-inf"}, {"assay-most-", ""}, {"m-lap-us-", "m-lap-us-nan"}, {"m-lap-us-", "m-lap-us--1"},
                                 {"m-lap-us-", "m-lap-us-99999999999"}, {"m-lap-us-", ""}, {"m-infer-done", ""}}) {
    INFO(line << " → " << by);
    Bench bench({"--fault", "replace", "--at", "infer", "--line", line, "--by", by});
    check_ok(bench.link.hello());
    check_ending(bench.link.infer(2, 0, kInTime_s), Outcome::invalid_output, "the device's answer to 'infer 2 0' has");
    check_works(bench.link);
  }
}

TEST_CASE("answers of a batch that are no answers or too few are invalid_output") {
  for (const char* by : {"assay-answers-1:00000000", "assay-answers-one:00000000,1:1,1:1,1:1", "assay-answers-1,1,1,1", "assay-answers-", ""}) {
    INFO(by);
    Bench bench({"--fault", "replace", "--at", "assay batch", "--line", "assay-answers-", "--by", by});
    check_ok(bench.link.hello());
    check_ending(bench.link.batch(0, 4, kInTime_s), Outcome::invalid_output, "the device's answer to 'assay batch 0 4' has");
    check_works(bench.link);
  }
}

TEST_CASE("a line without an end is invalid_output, and passed over afterwards") {
  Bench bench({"--fault", "long_line", "--at", "infer"});
  check_ok(bench.link.hello());
  check_ending(bench.link.infer(1, 0, kInTime_s), Outcome::invalid_output, "a line of more than 4096 characters");
  check_works(bench.link);
}

TEST_CASE("a fault is crashed, with its address and its cause, and the board doesn't answer any more") {
  Bench bench({"--fault", "fault", "--at", "infer"});
  check_ok(bench.link.hello());
  check_ending(bench.link.infer(1, 0, kInTime_s), Outcome::crashed, "usage fault at PC 0x000001a4: it divided by zero (CFSR 0x02000000, HFSR 0x00000000)");
  check_ending(bench.link.hello(), Outcome::timed_out, "nothing that speaks MLPerf Tiny's protocol answers");
}

TEST_CASE("what a device says of itself is shown, not obeyed") {
  Bench bench({"--fault", "replace", "--at", "infer", "--line", "m-warmup-start-", "--by", "e-[\033[2Jall is well]"});
  check_ok(bench.link.hello());
  const auto inference = bench.link.infer(1, 0, kInTime_s);
  check_ending(inference, Outcome::invalid_output, "all is well");
  CHECK(inference.ending.reason.find('\033') == std::string::npos);
}
