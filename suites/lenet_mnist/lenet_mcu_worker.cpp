// LeNet-5 on a microcontroller, emulated or at the end of a serial line.
//
// Factors and controls: `variant` (a file of reference_models/lenet5/mcu: "6_best", …, "fp32", "fp32_soft"; default "6_best"; "cmsis_nn" in a
// build with ASSAY_CMSIS_NN), `width` (default 1), `image` (of the test set, that is timed again and again; default 0), `images` (that accuracy
// is measured on; default all), `most_instructions` (of an evaluation in the emulator; default 2·10^10), `part`, `port`; `dataset` is "mnist", `batch` 1.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <optional>

#include "hardware/mcu/device_workload.hpp"
#include "harness/core/crc32.hpp"
#include "suites/lenet_mnist/images.hpp"
#include "suites/lenet_mnist/implementation.hpp"
#include "suites/lenet_mnist/judge.hpp"
#include "suites/lenet_mnist/oracle_answers.hpp"

namespace lenet_mnist {

namespace {

namespace mcu = assay::mcu;
namespace protocol = assay::protocol;
using mcu::had;
using assay::Outcome;
using assay::worker::Assignment;
using lenet5::kClasses;
using lenet5::kPixels;

constexpr std::int64_t kInBatch = 500;           // answers of one command
constexpr double kBatchLimit_s = 600;
constexpr std::int64_t kMostInstructions = 20'000'000'000;  // of an evaluation that is waited for, some 40 s of an emulator's time
constexpr std::string_view kFloats = "fp32";
constexpr int kMostImage = 9999;
constexpr std::uint64_t kDrawnSeed = 585;
constexpr std::string_view kPeer = "cmsis_nn";   // integers by another's kernels
// A peer rounds otherwise than the model says, so that activations differ by one here and there. If each did, and all in the worst direction, the sums
// could be off by a hundred times their size; those of CMSIS-NN's documented rounding are off by less than a fiftieth. A wrong layout isn't.
constexpr double kPeerMayBeOff = 0.05;           // of an image's largest sum

using Sums = std::array<std::int32_t, kClasses>;

double largest_of(const std::array<int, kClasses>& sums) {
  double largest = 0;
  for (const int sum : sums) largest = std::max(largest, std::fabs(static_cast<double>(sum)));
  return largest;
}

std::string network_at(double width) { return width == 1 ? "mnist" : fmt::format("mnist.width-{}", width); }

class LenetOnDevice : public mcu::DeviceWorkload {
 public:
  explicit LenetOnDevice(mcu::DeviceSettings settings) : DeviceWorkload(std::move(settings)) {}

  protocol::Description describe() override {
    protocol::Description description = this->description("lenet_mcu");
    const auto once = [](const char* name, const char* unit, assay::Direction direction, assay::Kind kind) {
      return assay::Metric{.name = name, .unit = unit, .direction = direction, .kind = kind, .clock = assay::Clock::none, .scope = assay::Scope::once};
    };
    description.metrics.push_back(once("accuracy", "ratio", assay::Direction::higher, assay::Kind::proportion));
    description.metrics.push_back(once("agreement", "ratio", assay::Direction::higher, assay::Kind::proportion));
    description.metrics.push_back(once("weight_bytes", "B", assay::Direction::lower, assay::Kind::size));
    return description;
  }

  protocol::Prepared prepare(const Assignment& assignment) override {
    const std::string dataset = assignment.text_or("dataset", "mnist");
    if (dataset != "mnist") refuse(fmt::format("firmware holds the weights of MNIST alone; give dataset = \"mnist\" in place of \"{}\"", dataset));
    if (assignment.integer_or("batch", 1) != 1) refuse("a microcontroller takes one image at a time; give batch = 1");
    const double width = assignment.number_or("width", 1);
    const std::string network = network_at(width);
    const std::string variant = assignment.text_or("variant", assignment.text_or("precision", "int8") == kFloats ? "fp32" : "6_best");
    is_integer_ = !variant.starts_with(kFloats);
    most_instructions_ = static_cast<double>(assignment.integer_or("most_instructions", kMostInstructions));
    is_peer_ = variant == kPeer;
    load_models(network);
    set_macs(static_cast<double>((is_integer_ ? model_.integer->sizes : model_.weights.sizes).multiply_adds()));
    set_most_macs(is_integer_ ? 2 : 1);

    // One image for all blocks and rounds: what an instruction count repeats by. Where the test set is absent it is a drawn one.
    const int image = within(assignment.integer_or("image", 0), "image", 0, kMostImage);
    auto images = images_for(dataset, image + 1, kDrawnSeed);
    if (!images) refuse(images.error().message, Outcome::crashed);
    images_ = *std::move(images);
    pixels_.assign(images_.pixels.end() - kPixels, images_.pixels.end());
    bytes_.resize(kPixels);
    std::transform(pixels_.begin(), pixels_.end(), bytes_.begin(), [](float pixel) { return static_cast<std::uint8_t>(std::lround(pixel * 255.0F)); });
    std::vector<std::uint8_t> window = bytes_;
    if (images_.test_set) {
      evaluated_images_ = within(assignment.integer_or("images", images_.test_set->count), "images", 1, images_.test_set->count);
      for (int i = 0; i < evaluated_images_; ++i) {
        const auto one = images_.test_set->image(i);
        window.insert(window.end(), one.begin(), one.end());
      }
    }
    connect(assignment, fmt::format("lenet5/{}/{}", network, variant), fmt::format("lenet5 {} {}", network, variant), std::move(window));
    give_input(0, bytes_);

    protocol::Prepared prepared;
    if (firmware().elf()) prepared.inputs[fmt::format("{}.elf", variant)] = firmware().elf_sha256();
    if (images_.test_set) prepared.inputs["mnist test images"] = images_.test_set->images_sha256;
    return prepared;
  }

  protocol::Checked check() override {
    const auto output = had(firmware().link().output());
    if (output.size() != sizeof(Sums)) refuse(fmt::format("the device's output has {} bytes", output.size()), Outcome::invalid_output);
    double worst = 0;
    if (is_integer_) {
      Sums sums{};
      std::memcpy(sums.data(), output.data(), sizeof sums);
      const auto expected = oracle_of(*model_.integer).sums(bytes_.data());
      for (std::size_t k = 0; k < sums.size(); ++k) worst = std::max(worst, std::fabs(static_cast<double>(sums[k]) - expected[k]));
      if (is_peer_) return {worst / largest_of(expected), kPeerMayBeOff, "the integer oracle's ten sums, to a twentieth of the largest: a peer rounds otherwise"};
      return {worst, 0, "the integer oracle's ten sums, bit for bit"};
    }
    std::array<float, kClasses> logits{};
    std::memcpy(logits.data(), output.data(), sizeof logits);
    const Judge judge(model_, lenet5::Precision::fp32, false);
    return judge.checked(error_of(logits.data(), judge.expected(pixels_.data())));
  }

  protocol::Evaluated evaluate() override {
    protocol::Evaluated evaluated;
    if (images_.test_set && affordable()) evaluated = answer_all();
    if (evaluated.items == 0) fmt::print(stderr, "accuracy: {}\n", images_.test_set ? too_long() : images_.absent);
    add_costs(evaluated);
    if (const auto sizes = firmware().sizes()) evaluated.metrics["weight_bytes"] = static_cast<double>(sizes->weight_bytes);
    return evaluated;
  }

 private:
  void load_models(const std::string& network) {
    const std::filesystem::path folder = settings().further.contains("--weights") ? settings().further.at("--weights") : "";
    if (is_integer_) model_.integer = listed_integer_model(folder, network + ".int8.safetensors");
    if (network == "mnist") model_.weights = listed_weights(folder, "mnist.safetensors");
  }

  bool affordable() { return !firmware().is_emulated() || instructions() * evaluated_images_ <= most_instructions_; }
  std::string too_long() {
    return fmt::format("{} images would take {:.0f} G instructions in the emulator, and most_instructions allows {} G", evaluated_images_,
                       instructions() * evaluated_images_ * 1e-9, most_instructions_ * 1e-9);
  }
  double instructions() {
    if (instructions_ == 0) instructions_ = had(firmware().link().infer(1, 0, kBatchLimit_s)).count;
    return instructions_;
  }

  protocol::Evaluated answer_all() {
    const std::vector<mcu::BatchAnswer> answers = firmware().is_emulated() ? answers_of_window() : answers_of_images();
    std::vector<std::int32_t> predicted, labels;
    for (int i = 0; i < evaluated_images_; ++i) {
      predicted.push_back(answers[static_cast<std::size_t>(i)].answer);
      labels.push_back(images_.test_set->label(i));
    }
    protocol::Evaluated evaluated = assay::worker::predictions(predicted, labels);
    if (is_integer_ && !is_peer_) require_oracles_sums(answers);
    if (!model_.weights.conv1.empty() && !model_.weights.sha256.empty()) {
      if (is_peer_) {
        evaluated.metrics["agreement"] = share_of_oracles(predicted);
        return evaluated;
      }
      const Judge judge(model_, is_integer_ ? lenet5::Precision::int8 : lenet5::Precision::fp32, false);
      evaluated.metrics["agreement"] = judge.agreement(predicted, *images_.test_set).share;
    }
    return evaluated;
  }

  /// A peer's classes are counted, and none is refused.
  double share_of_oracles(const std::vector<std::int32_t>& predicted) const {
    const OracleAnswers exact = oracle_answers(model_.weights, *images_.test_set, lenet5::single_precision);
    std::size_t agreed = 0;
    for (std::size_t i = 0; i < predicted.size(); ++i) agreed += predicted[i] == exact.predicted[i] ? 1 : 0;
    return static_cast<double>(agreed) / static_cast<double>(predicted.size());
  }

  std::vector<mcu::BatchAnswer> answers_of_window() {
    std::vector<mcu::BatchAnswer> answers;
    for (std::int64_t done = 0; done < evaluated_images_; done += kInBatch) {
      const std::int64_t count = std::min<std::int64_t>(kInBatch, evaluated_images_ - done);
      const auto some = had(firmware().link().batch(1 + done, count, kBatchLimit_s));
      answers.insert(answers.end(), some.begin(), some.end());
    }
    give_input(0, bytes_);
    return answers;
  }

  std::vector<mcu::BatchAnswer> answers_of_images() {
    std::vector<mcu::BatchAnswer> answers;
    for (int i = 0; i < evaluated_images_; ++i) {
      had(firmware().link().load(images_.test_set->image(i)));
      had(firmware().link().infer(1, 0, kBatchLimit_s));
      const auto output = had(firmware().link().output());
      const auto& results = firmware().link().results();
      answers.push_back({static_cast<int>(std::max_element(results.begin(), results.end()) - results.begin()), assay::crc32(output)});
    }
    give_input(0, bytes_);
    return answers;
  }

  /// Not the classes alone: every one of the ten sums of every image, by their CRC.
  void require_oracles_sums(const std::vector<mcu::BatchAnswer>& answers) const {
    const std::vector<std::uint32_t> expected = integer_sums_crc(*model_.integer, *images_.test_set, evaluated_images_);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (answers[i].crc != expected[i]) refuse(fmt::format("image {} of the test set: its ten sums are not those of the integer oracle", i), Outcome::wrong_answer);
    }
  }

  bool is_integer_ = true, is_peer_ = false;
  Model model_;
  Images images_;
  std::vector<float> pixels_;        // of the image that is timed
  std::vector<std::uint8_t> bytes_;  // the same, 0 to 255
  int evaluated_images_ = 0;
  double instructions_ = 0, most_instructions_ = 0;
};

}  // namespace

}  // namespace lenet_mnist

int main(int argc, char** argv) {
  return assay::mcu::serve_device(argc, argv, [](assay::mcu::DeviceSettings settings) { return std::make_unique<lenet_mnist::LenetOnDevice>(std::move(settings)); });
}
