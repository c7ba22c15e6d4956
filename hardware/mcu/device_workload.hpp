// A workload whose work happens on a microcontroller: everything but the model itself. A worker's main derives from it:
//
//     class Lenet : public mcu::DeviceWorkload {
//       protocol::Prepared prepare(const Assignment& a) override { connect(a, "lenet5/mnist/6_best", "mnist 6_best", inputs); … }
//       protocol::Checked check() override { … firmware().link().output() … }
//     };
//     int main(int argc, char** argv) { return mcu::serve_device(argc, argv, [](auto settings) { return std::make_unique<Lenet>(settings); }); }
//
// Factors and controls that it reads: `part` (default: the board's first), `port` (of a serial board).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hardware/mcu/counting/histogram.hpp"
#include "hardware/mcu/firmware.hpp"
#include "harness/worker/workload.hpp"

namespace assay::mcu {

/// What a worker's command line says: --board NAME --boards FOLDER --firmware FOLDER.
struct DeviceSettings {
  Places places;
  std::string board;
  std::map<std::string, std::string> further;  // --name value of the worker's own
};

class DeviceWorkload : public worker::Workload {
 public:
  explicit DeviceWorkload(DeviceSettings settings);
  ~DeviceWorkload() override;

  void step() final { steps(1); }
  void steps(std::int64_t n) final;
  std::optional<worker::OwnElapsed> own_elapsed() final;
  std::map<std::string, double> block_metrics() final;

 protected:
  /// What every device worker describes; the model's own metrics go behind.
  protocol::Description description(const std::string& worker) const;
  /// Starts the firmware with inputs in the emulated board's window. Throws a Refusal where it can't be had.
  void connect(const worker::Assignment& assignment, const std::string& firmware, const std::string& model, std::vector<std::uint8_t> inputs);
  Firmware& firmware() { return *firmware_; }
  /// Multiply-accumulates of one step, of which per-MAC figures are made.
  void set_macs(double macs) { macs_ = macs; }
  /// How many of them the processor does at most in one instruction: 2 of halfwords, 1 of floats.
  void set_most_macs(double most) { most_macs_ = most; }
  /// What `set` has told this device, and has to tell a process that counts by address too.
  void set_up_each_device(std::vector<std::pair<std::string, std::int64_t>> what) { set_up_ = std::move(what); }
  /// Puts the window's i-th input in place, or over a serial line its bytes.
  void give_input(std::int64_t i, std::span<const std::uint8_t> bytes);
  /// Sizes and stack as far as they are known, what the plugin counts and the cycle model makes of it: for `evaluate`.
  void add_costs(protocol::Evaluated& evaluated);
  const DeviceSettings& settings() const { return settings_; }

 private:
  void add_counts(protocol::Evaluated& evaluated);

  DeviceSettings settings_;
  Link link_ = Link::serial;
  std::optional<Firmware> firmware_;
  double macs_ = 0, most_macs_ = 2;
  double counted_ = 0;          // since it was asked for last
  double last_count_ = 0, last_iterations_ = 1, last_microseconds_ = 0;  // of the last block
  std::optional<std::int64_t> input_;  // in the window: what was given last
  std::vector<std::pair<std::string, std::int64_t>> set_up_;
};

/// Speaks the worker protocol for what `make` makes; returns main's status. Options in any order, all of the form --name value.
int serve_device(int argc, char** argv, const std::function<std::unique_ptr<worker::Workload>(DeviceSettings)>& make);

}  // namespace assay::mcu
