// The host's side of the line: MLPerf Tiny's runner protocol over a tty, and the lines of our own that device/dialogue.c adds to it.
// A device without those is spoken to as a plain MLPerf Tiny runner does.
//
//     mcu::DeviceLink link(tty.get());
//     const auto device = link.hello();                    // past a boot banner, half a command, garbage
//     link.load(image);                                    // checked by CRC, repeated if it arrived otherwise
//     const auto inference = link.infer(10, 0, 60);        // count->count / 10 instructions an inference
//
// Whatever goes wrong is an Ending: timed_out without an answer, crashed for a fault, a reset or a line that is gone, invalid_output
// for an answer that makes no sense. After any of them `hello` finds the beginning of a reply again, if there is one to be found.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hardware/mcu/elf.hpp"
#include "harness/core/protocol.hpp"

namespace assay::mcu {

using protocol::Reply;

/// What a device says of itself. Of a plain MLPerf Tiny firmware only name and model are known.
struct Device {
  std::string name, model;
  bool speaks_ours = false;
  std::string unit;             // that it counts in: "instructions", "cycles"; empty: nothing
  std::int64_t input_bytes = 0, output_bytes = 0, window_bytes = 0;
  std::int64_t line = 70;       // characters of its longest command
};

struct Inference {
  double count = 0;             // of all iterations, in the device's unit; 0 if it counts nothing
  double least = 0, most = 0;   // of one
  double microseconds = 0;      // between its two time stamps
};

struct BatchAnswer {
  int answer = 0;
  std::uint32_t crc = 0;        // CRC-32 of the output's bytes
};

class DeviceLink {
 public:
  /// `line` stays its owner's. `why_gone`, if given, is asked when nothing more comes: what a dead emulator said.
  /// `elf`, if given, names functions in faults.
  explicit DeviceLink(int line, std::function<std::optional<Ending>()> why_gone = {}, const Elf* elf = nullptr);

  Reply<Device> hello();
  /// The lines of the answer to `text`, without m-ready.
  Reply<std::vector<std::string>> command(std::string_view text, double limit_s);
  Reply<Done> load(std::span<const std::uint8_t> bytes);
  /// Copies the window's i-th input to where `load` would put it.
  Reply<Done> take(std::int64_t i);
  Reply<Done> set(std::string_view name, std::int64_t value);
  Reply<Inference> infer(std::int64_t iterations, std::int64_t warmup, double limit_s);
  Reply<std::vector<std::uint8_t>> output();
  /// Of the output, as the device computes it: for outputs that are long to send.
  Reply<std::uint32_t> output_crc();
  Reply<std::int64_t> stack(double limit_s);
  Reply<std::vector<BatchAnswer>> batch(std::int64_t first, std::int64_t count, double limit_s);
  /// The numbers of an m-results line, after `infer`.
  const std::vector<double>& results() const { return results_; }

 private:
  struct Line {
    std::string text;
    Ending ending;
  };
  Line read_line(double deadline_s, const std::string& command);
  Ending write(std::string_view text, double deadline_s);
  Ending gone(const std::string& command);
  Reply<std::vector<std::string>> read_reply(const std::string& command, double deadline_s);

  int line_;
  std::function<std::optional<Ending>()> why_gone_;
  const Elf* elf_;
  std::string buffer_;
  Device device_;
  std::vector<double> results_;
};

}  // namespace assay::mcu
