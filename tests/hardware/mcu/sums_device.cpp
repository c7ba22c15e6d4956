#include "tests/hardware/mcu/sums_device.hpp"

#include <algorithm>
#include <cstring>

extern "C" {
#include "hardware/mcu/device/board.h"
#include "hardware/mcu/device/workload.h"
}

namespace assay::sums_device {

namespace {

std::string said;
std::string_view to_read;
std::uint32_t microseconds_now = 0, counted = 0, factor = 1;
volatile std::uint32_t counter = 0;
std::uint8_t input[kInputBytes];
std::int32_t sums[kSums];

const std::array<std::uint8_t, kInputBytes * kWindowInputs> window = [] {
  std::array<std::uint8_t, kInputBytes * kWindowInputs> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / kInputBytes * 50);
  return bytes;
}();

int read_byte() {
  if (to_read.empty()) return -1;
  const int byte = static_cast<unsigned char>(to_read.front());
  to_read.remove_prefix(1);
  return byte;
}

void write_byte(std::uint8_t byte) { said += static_cast<char>(byte); }

std::uint32_t microseconds() { return microseconds_now += 1000; }

void work() {
  const auto all = sums_of(input);
  for (std::size_t k = 0; k < kSums; ++k) sums[k] = all[k] * static_cast<std::int32_t>(factor);
}

/// In thousandths, and some of them negative.
std::int32_t result(int i) { return sums[i] - 10'000; }

int answer_of_sums() { return static_cast<int>(std::max_element(std::begin(sums), std::end(sums)) - std::begin(sums)); }

int set(const char* name, std::uint32_t value) {
  if (std::strcmp(name, "factor") != 0 || value < 1 || value > 10) return 0;
  factor = value;
  return 1;
}

const assay_board board = {.name = "sums",
                           .read_byte = read_byte,
                           .write_byte = write_byte,
                           .microseconds = microseconds,
                           .counter = &counter,
                           .counts_down = 1,
                           .multiplier = 5,
                           .divisor = 16,
                           .unit = "instructions",
                           .stack_limit = nullptr,
                           .window = window.data(),
                           .window_bytes = static_cast<std::uint32_t>(window.size())};

}  // namespace

std::string begin() {
  std::memset(input, 0, sizeof input);
  microseconds_now = counted = 0;
  factor = 1;
  said.clear();
  assay_dialogue_begin(&board);
  return said;
}

std::string answer(std::string_view bytes) {
  said.clear();
  to_read = bytes;
  while (assay_dialogue_step() != 0) {
  }
  return said;
}

void set_model(const char* model) { assay_workload.model = model; }

std::array<std::int32_t, kSums> sums_of(std::span<const std::uint8_t> bytes) {
  std::array<std::int32_t, kSums> all{};
  for (std::size_t i = 0; i < bytes.size(); ++i) all[i % kSums] += bytes[i];
  return all;
}

std::span<const std::uint8_t> window_input(std::size_t i) { return std::span(window).subspan(i * kInputBytes, kInputBytes); }

}  // namespace assay::sums_device

extern "C" {

struct assay_workload assay_workload = {.model = "sums",
                                        .work = assay::sums_device::work,
                                        .input = assay::sums_device::input,
                                        .input_bytes = sizeof assay::sums_device::input,
                                        .output = reinterpret_cast<std::uint8_t*>(assay::sums_device::sums),
                                        .output_bytes = sizeof assay::sums_device::sums,
                                        .result = assay::sums_device::result,
                                        .results = assay::sums_device::kSums,
                                        .answer = assay::sums_device::answer_of_sums,
                                        .set = assay::sums_device::set};

/// In place of count.S: 3200 ticks are 1000 instructions, 3203 are 1001, 3206 are 1002.
std::uint32_t assay_count(volatile const std::uint32_t* /*counter*/, void (*work)()) {
  work();
  return 3200 + 3 * (assay::sums_device::counted++ % 3);
}

/// Never called: this board doesn't know where its stack ends.
std::uint32_t assay_stack_depth(std::uint32_t* /*limit*/, void (*/*work*/)()) { return 0; }
}
