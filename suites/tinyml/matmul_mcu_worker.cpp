// Matrix products on a microcontroller, rung by rung.
//
// Factors and controls: `version` (a file of matmul/: "i8_1_naive", …, "f32_4_packed"), `n` (16, 32, … 96), `part`, `port`.
#include <fmt/format.h>

#include <cstring>

#include "hardware/mcu/device_workload.hpp"
#include "harness/core/crc32.hpp"
#include "suites/tinyml/oracle.hpp"

namespace tinyml {

namespace {

namespace mcu = assay::mcu;
namespace protocol = assay::protocol;
using mcu::had;
using assay::Outcome;
using assay::worker::Assignment;
using assay::worker::Refusal;

constexpr std::int64_t kLeastN = 16, kMostN = 96, kStepN = 16;  // matmul/matmul.h

class Product : public mcu::DeviceWorkload {
 public:
  explicit Product(mcu::DeviceSettings settings) : DeviceWorkload(std::move(settings)) {}

  protocol::Description describe() override { return description("matmul_mcu"); }

  protocol::Prepared prepare(const Assignment& assignment) override {
    const std::string version = assignment.text("version");
    n_ = assignment.integer("n");
    if (n_ < kLeastN || n_ > kMostN || n_ % kStepN != 0) {
      throw Refusal{{Outcome::unsupported, fmt::format("n is {}; give a multiple of {} from {} to {}", n_, kStepN, kLeastN, kMostN)}};
    }
    is_float_ = version.starts_with("f32");
    seed_ = static_cast<std::uint32_t>(assignment.seed | 1);
    set_macs(static_cast<double>(n_ * n_ * n_));
    set_most_macs(is_float_ ? 1 : 2);
    connect(assignment, "matmul/" + version, "matmul " + version, {});
    had(firmware().link().set("seed", seed_));
    had(firmware().link().set("n", n_));
    set_up_each_device({{"seed", seed_}, {"n", n_}});
    protocol::Prepared prepared;
    if (firmware().elf()) prepared.inputs[version + ".elf"] = firmware().elf_sha256();
    return prepared;
  }

  protocol::Checked check() override {
    const auto exact = product(static_cast<int>(n_), operands(static_cast<int>(n_), seed_));
    std::vector<std::uint8_t> bytes;
    for (const std::int64_t sum : exact) {
      const auto whole = static_cast<std::int32_t>(sum);
      const auto real = static_cast<float>(sum);  // exact: below 2^24
      std::uint8_t four[4];
      std::memcpy(four, is_float_ ? static_cast<const void*>(&real) : static_cast<const void*>(&whole), sizeof four);
      bytes.insert(bytes.end(), four, four + sizeof four);
    }
    const bool is_equal = had(firmware().link().output_crc()) == assay::crc32(bytes);
    return {is_equal ? 0.0 : 1.0, 0, "the CRC-32 of C is that of the exact product's"};
  }

  protocol::Evaluated evaluate() override {
    protocol::Evaluated evaluated;
    add_costs(evaluated);
    return evaluated;
  }

 private:
  std::int64_t n_ = 0;
  std::uint32_t seed_ = 1;
  bool is_float_ = false;
};

}  // namespace

}  // namespace tinyml

int main(int argc, char** argv) {
  return assay::mcu::serve_device(argc, argv, [](assay::mcu::DeviceSettings settings) { return std::make_unique<tinyml::Product>(std::move(settings)); });
}
