// The real hardware/mcu/device/dialogue.c, compiled for this machine, before a workload that is worked out by hand: ten sums of every
// tenth byte of its input. Its clock goes 1000 µs a look, and its counter makes 1000, 1001 and 1002 instructions of an inference, in turn.
//
//     begin();                              // "m-lap-us-1000\r\nm-init-done\r\nm-ready\r\n"
//     answer("name%");                      // "m-name-dut-[sums]\r\nm-ready\r\n"
//
// One to a process: the dialogue's state is the program's, as on a device.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace assay::sums_device {

inline constexpr std::size_t kInputBytes = 784, kSums = 10, kWindowInputs = 4;

/// What the device says when it starts. Whatever it was told before is forgotten, but for half a command.
std::string begin();
/// What it says to these bytes; nothing until a percent sign ends a command.
std::string answer(std::string_view bytes);
/// What `profile` answers; "sums" to begin with. `model` stays its owner's.
void set_model(const char* model);

/// What the work makes of an input, for those who judge.
std::array<std::int32_t, kSums> sums_of(std::span<const std::uint8_t> input);
/// The i-th input of the window.
std::span<const std::uint8_t> window_input(std::size_t i);

}  // namespace assay::sums_device
