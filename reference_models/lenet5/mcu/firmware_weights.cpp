// Writes the headers that the firmware of one network is built from: sizes.h, plain.h, packed.h, cmsis_nn.h, and of trained floats floats.h. Run by
// the build; the layouts of packed.h are those of panels.h.
//
//     lenet_firmware_weights --model mnist.int8.safetensors [--weights mnist.safetensors] --out FOLDER
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "reference_models/lenet5/integer_model.hpp"
#include "reference_models/lenet5/weights.hpp"

namespace {

using lenet5::IntegerLayer;
using lenet5::kTaps;

[[noreturn]] void fail(const std::string& message) {
  fmt::print(stderr, "lenet_firmware_weights: {}\n", message);
  std::exit(2);
}

constexpr std::size_t kConv1Outputs = 3, kConv2Outputs = 4, kDenseOutputs = 6;  // at a time
constexpr std::size_t kUnrolledPairs = 10;                                      // of lenet_dot6
constexpr std::int64_t kMostHighSum = 1 << 23;

std::size_t groups_of(std::size_t count, std::size_t by) { return (count + by - 1) / by; }

template <class T>
std::string array(const std::string& type, const std::string& name, const std::vector<T>& values) {
  std::string text = fmt::format("static const {} {}[{}] = {{", type, name, values.size());
  for (std::size_t i = 0; i < values.size(); ++i) text += fmt::format("{}{},", i % 16 == 0 ? "\n  " : "", values[i]);
  return text + "\n};\n";
}

std::string words(const std::string& name, const std::vector<std::uint32_t>& values) {
  std::string text = fmt::format("static const uint32_t {}[{}] = {{", name, values.size());
  for (std::size_t i = 0; i < values.size(); ++i) text += fmt::format("{}0x{:08x},", i % 12 == 0 ? "\n  " : "", values[i]);
  return text + "\n};\n";
}

/// Bias, half a step, multiplier, shift; with outputs of nothing behind them up to a multiple of `by`.
std::string outputs(const std::string& name, const IntegerLayer& layer, std::size_t by) {
  const std::size_t count = groups_of(layer.bias.size(), by) * by;
  std::string text = fmt::format("static const struct lenet_output {}[{}] = {{\n", name, count);
  for (std::size_t o = 0; o < count; ++o) {
    if (o < layer.bias.size()) {
      text += fmt::format("  {{{}, {}, {}, {}}},\n", layer.bias[o], 1 << (layer.shift[o] - 1), layer.multiplier[o], layer.shift[o]);
    } else {
      text += "  {0, 1, 0, 1},\n";
    }
  }
  return text + "};\n";
}

std::uint32_t pair_of(int low, int high) { return static_cast<std::uint32_t>(low & 0xFFFF) | static_cast<std::uint32_t>(high & 0xFFFF) << 16; }

/// The weight of (output, input), 0 where there is none.
int weight(const IntegerLayer& layer, std::size_t output, std::size_t input) {
  const std::size_t inputs = layer.weights.size() / layer.bias.size();
  return output < layer.bias.size() && input < inputs ? layer.weights[output * inputs + input] : 0;
}

/// As CMSIS-NN wants them: weights [out][place][map]; a scale multiplier · 2^−shift as multiplier · 2^23 of 2^31, times 2^(8 − shift).
std::string cmsis_nn(const std::string& name, const IntegerLayer& layer, std::size_t maps) {
  const std::size_t inputs = layer.weights.size() / layer.bias.size(), places = inputs / maps;
  std::vector<std::int8_t> weights;
  for (std::size_t o = 0; o < layer.bias.size(); ++o) {
    for (std::size_t i = 0; i < inputs; ++i) weights.push_back(layer.weights[o * inputs + i % maps * places + i / maps]);
  }
  std::vector<std::int32_t> multiplier, shift;
  for (std::size_t o = 0; o < layer.bias.size(); ++o) {
    multiplier.push_back(layer.multiplier[o] << 23);
    shift.push_back(8 - layer.shift[o]);
  }
  return array("int8_t", name + "_weights", weights) + array("int32_t", name + "_bias", layer.bias) + array("int32_t", name + "_multiplier", multiplier) +
         array("int32_t", name + "_shift", shift);
}

/// [group][pair of rows][column][3 outputs]: rows 2r and 2r + 1, of which the sixth is none.
std::vector<std::uint32_t> conv1_panels(const IntegerLayer& conv1) {
  std::vector<std::uint32_t> panels;
  for (std::size_t group = 0; group < groups_of(conv1.bias.size(), kConv1Outputs); ++group) {
    for (std::size_t row = 0; row < 5; row += 2) {
      for (std::size_t column = 0; column < 5; ++column) {
        for (std::size_t k = 0; k < kConv1Outputs; ++k) {
          const std::size_t o = group * kConv1Outputs + k;
          panels.push_back(pair_of(weight(conv1, o, row * 5 + column), row < 4 ? weight(conv1, o, (row + 1) * 5 + column) : 0));
        }
      }
    }
  }
  return panels;
}

/// [group][pair of maps][tap][4 outputs]
std::vector<std::uint32_t> conv2_panels(const IntegerLayer& conv2, std::size_t maps) {
  std::vector<std::uint32_t> panels;
  for (std::size_t group = 0; group < groups_of(conv2.bias.size(), kConv2Outputs); ++group) {
    for (std::size_t map = 0; map < maps; map += 2) {
      for (std::size_t tap = 0; tap < kTaps; ++tap) {
        for (std::size_t k = 0; k < kConv2Outputs; ++k) {
          const std::size_t o = group * kConv2Outputs + k;
          panels.push_back(pair_of(weight(conv2, o, map * kTaps + tap), map + 1 < maps ? weight(conv2, o, (map + 1) * kTaps + tap) : 0));
        }
      }
    }
  }
  return panels;
}

std::size_t dense_pairs(const IntegerLayer& layer) {
  return groups_of(groups_of(layer.weights.size() / layer.bias.size(), 2), kUnrolledPairs) * kUnrolledPairs;
}

/// The largest |sum| that any activations, 0 to 255, can give an output: what the positive weights add, or the negative ones take.
std::int64_t most_of(const IntegerLayer& layer, std::size_t output) {
  const std::size_t inputs = layer.weights.size() / layer.bias.size();
  std::int64_t high = 0, low = 0;
  for (std::size_t i = 0; i < inputs; ++i) {
    const std::int64_t w = weight(layer, output, i);
    (w > 0 ? high : low) += 255 * w;
  }
  return std::max(high, -low);
}

bool is_high(std::size_t output) { return output % kDenseOutputs < kDenseOutputs / 2; }

/// Of two outputs in a halfword the low one's sum has no bound. A high one whose sum is too large changes places with it, and so do the inputs of the
/// layer that reads them: the same network, bit for bit.
void make_tellable(IntegerLayer& layer, IntegerLayer& next) {
  const std::size_t inputs = layer.weights.size() / layer.bias.size(), outputs = layer.bias.size();
  for (std::size_t high = 0; high < outputs; ++high) {
    const std::size_t low = high + kDenseOutputs / 2;
    if (!is_high(high) || low >= outputs || most_of(layer, high) < kMostHighSum) continue;
    for (std::size_t i = 0; i < inputs; ++i) std::swap(layer.weights[high * inputs + i], layer.weights[low * inputs + i]);
    for (std::vector<std::int32_t>* of_output : {&layer.bias, &layer.multiplier, &layer.shift}) std::swap((*of_output)[high], (*of_output)[low]);
    for (std::size_t o = 0; o < next.bias.size(); ++o) std::swap(next.weights[o * outputs + high], next.weights[o * outputs + low]);
  }
}

/// [group][pair of inputs][3 words]: a halfword is 256 · (output k) + (output 3 + k) of the group's six.
std::vector<std::uint32_t> dense_panels(const std::string& name, const IntegerLayer& layer) {
  const std::size_t half = kDenseOutputs / 2;
  for (std::size_t o = 0; o < layer.bias.size(); ++o) {
    if (is_high(o) && most_of(layer, o) >= kMostHighSum) {
      fail(fmt::format("{}: output {}: its sum may reach {}, and {} is the most that two outputs in a halfword can be told apart to", name, o, most_of(layer, o), kMostHighSum - 1));
    }
  }
  std::vector<std::uint32_t> panels;
  for (std::size_t first = 0; first < layer.bias.size(); first += kDenseOutputs) {
    for (std::size_t pair = 0; pair < dense_pairs(layer); ++pair) {
      for (std::size_t k = 0; k < half; ++k) {
        const auto both = [&](std::size_t input) { return 256 * weight(layer, first + k, input) + weight(layer, first + half + k, input); };
        panels.push_back(pair_of(both(2 * pair), both(2 * pair + 1)));
      }
    }
  }
  return panels;
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << "/* Written by lenet_firmware_weights. */\n" << text;
  if (!out.flush()) fail(fmt::format("{}: could not be written", file.string()));
}

std::string define(const std::string& name, std::size_t value) { return fmt::format("#define {} {}\n", name, value); }

}  // namespace

int main(int argc, char** argv) {
  std::string model_file, weights_file;
  std::filesystem::path out;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--model") model_file = argv[i + 1];
    if (option == "--weights") weights_file = argv[i + 1];
    if (option == "--out") out = argv[i + 1];
  }
  if (model_file.empty() || out.empty()) fail("usage: lenet_firmware_weights --model FILE [--weights FILE] --out FOLDER");
  const auto model = lenet5::load_integer_model(model_file);
  if (!model) fail(model.error().message);
  std::filesystem::create_directories(out);
  const std::size_t maps1 = model->conv1.bias.size(), maps2 = model->conv2.bias.size();
  write(out / "sizes.h", define("LENET_MAPS1", maps1) + define("LENET_MAPS2", maps2) + define("LENET_FLAT", maps2 * 25) +
                             define("LENET_HIDDEN1", model->fc1.bias.size()) + define("LENET_HIDDEN2", model->fc2.bias.size()) +
                             define("CONV1_GROUPS", groups_of(maps1, kConv1Outputs)) + define("CONV1_PANEL", 15 * kConv1Outputs) +
                             define("CONV2_GROUPS", groups_of(maps2, kConv2Outputs)) + define("CONV2_PAIRS", groups_of(maps1, 2)) +
                             define("CONV2_PANEL", groups_of(maps1, 2) * kTaps * kConv2Outputs) + define("FC1_PAIRS", dense_pairs(model->fc1)) +
                             define("FC2_PAIRS", dense_pairs(model->fc2)) + define("FC3_PAIRS", dense_pairs(model->fc3)));

  const std::string begin = "#pragma GCC diagnostic ignored \"-Wunused-const-variable\"\n#include \"reference_models/lenet5/mcu/lenet.h\"\n#include \"lenet_weights/sizes.h\"\n";
  auto packed = *model;
  make_tellable(packed.fc1, packed.fc2);
  make_tellable(packed.fc2, packed.fc3);
  const auto all_outputs = [&](const lenet5::IntegerModel& of, std::size_t by1, std::size_t by2, std::size_t by) {
    return outputs("conv1_outputs", of.conv1, by1) + outputs("conv2_outputs", of.conv2, by2) + outputs("fc1_outputs", of.fc1, by) +
           outputs("fc2_outputs", of.fc2, by) + array("int32_t", "fc3_bias", of.fc3.bias);
  };
  write(out / "plain.h", begin + all_outputs(*model, 1, 1, 1) + array("int8_t", "conv1_weights", model->conv1.weights) +
                                     array("int8_t", "conv2_weights", model->conv2.weights) + array("int8_t", "fc1_weights", model->fc1.weights) +
                                     array("int8_t", "fc2_weights", model->fc2.weights) + array("int8_t", "fc3_weights", model->fc3.weights));
  write(out / "packed.h", begin + all_outputs(packed, kConv1Outputs, kConv2Outputs, 1) + words("conv1_panels", conv1_panels(packed.conv1)) +
                                      words("conv2_panels", conv2_panels(packed.conv2, maps1)) + words("fc1_panels", dense_panels("fc1", packed.fc1)) +
                                      words("fc2_panels", dense_panels("fc2", packed.fc2)) + words("fc3_panels", dense_panels("fc3", packed.fc3)));
  write(out / "cmsis_nn.h", begin + cmsis_nn("conv1", model->conv1, 1) + cmsis_nn("conv2", model->conv2, maps1) + cmsis_nn("fc1", model->fc1, maps2) +
                                cmsis_nn("fc2", model->fc2, model->fc2.weights.size() / model->fc2.bias.size()) + array("int32_t", "fc3_bias", model->fc3.bias) +
                                array("int8_t", "fc3_weights", model->fc3.weights));
  if (weights_file.empty()) return 0;
  const auto weights = lenet5::load_weights(weights_file);
  if (!weights) fail(weights.error().message);
  std::string text = begin;
  const auto floats = [&](const std::string& name, const std::vector<float>& values) {
    text += fmt::format("static const float {}[{}] = {{\n", name, values.size());
    for (const float value : values) text += fmt::format("  {:a}f,\n", value);
    text += "};\n";
  };
  floats("conv1_weights", weights->conv1), floats("conv1_outputs", weights->conv1_bias);
  floats("conv2_weights", weights->conv2), floats("conv2_outputs", weights->conv2_bias);
  floats("fc1_weights", weights->fc1), floats("fc1_outputs", weights->fc1_bias);
  floats("fc2_weights", weights->fc2), floats("fc2_outputs", weights->fc2_bias);
  floats("fc3_weights", weights->fc3), floats("fc3_bias", weights->fc3_bias);
  write(out / "floats.h", text);
  return 0;
}
