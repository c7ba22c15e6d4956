#include "reference_models/lenet5/libtorch.hpp"

#include <dlfcn.h>
#include <torch/script.h>
#include <torch/torch.h>

#include <cmath>
#include <cstring>
#include <numbers>
#include <numeric>
#include <optional>
#include <utility>

#include "harness/core/random.hpp"

namespace lenet5 {

namespace {

struct Net : torch::nn::Module {
  explicit Net(const Sizes& s)
      : sizes(s),
        conv1(register_module("conv1", torch::nn::Conv2d(torch::nn::Conv2dOptions(1, s.maps1, kKernel).padding(kPadding)))),
        conv2(register_module("conv2", torch::nn::Conv2d(torch::nn::Conv2dOptions(s.maps1, s.maps2, kKernel)))),
        fc1(register_module("fc1", torch::nn::Linear(s.flat(), s.hidden1))),
        fc2(register_module("fc2", torch::nn::Linear(s.hidden1, s.hidden2))),
        fc3(register_module("fc3", torch::nn::Linear(s.hidden2, kClasses))) {}

  torch::Tensor forward(torch::Tensor x) {
    x = torch::max_pool2d(torch::relu(conv1(x)), 2);
    x = torch::max_pool2d(torch::relu(conv2(x)), 2);
    x = torch::relu(fc1(torch::flatten(x, 1)));
    return fc3(torch::relu(fc2(x)));
  }

  Sizes sizes;
  torch::nn::Conv2d conv1, conv2;
  torch::nn::Linear fc1, fc2, fc3;
};

torch::Tensor tensor_of(const Weights& weights, const Parameter& parameter) {
  return torch::from_blob(const_cast<float*>((weights.*parameter.values).data()), parameter.shape).clone();
}

void put(const Weights& weights, Net& net) {
  const torch::NoGradGuard no_gradients;
  auto named = net.named_parameters();
  for (const Parameter& parameter : parameters(weights.sizes)) named[parameter.name].copy_(tensor_of(weights, parameter));
}

Weights taken_from(Net& net) {
  Weights weights(net.sizes);
  auto named = net.named_parameters();
  for (const Parameter& parameter : parameters(net.sizes)) {
    const torch::Tensor values = named[parameter.name].detach().contiguous();
    std::memcpy((weights.*parameter.values).data(), values.data_ptr<float>(), 4 * (weights.*parameter.values).size());
  }
  return weights;
}

/// The kernels of the OpenBLAS that this process got through the system's libblas, if it is one.
std::string openblas_kernels() {
  const auto core = reinterpret_cast<char* (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_corename"));
  return core ? core() : "";
}

void set_threads(int threads) {
  if (at::get_num_threads() != threads) at::set_num_threads(threads);
}

class TorchClassifier : public Classifier {
 public:
  TorchClassifier(const Sizes& sizes, const ClassifierSettings& settings) : settings_(settings), parameters_(sizes.parameters()) { set_threads(settings.threads); }

  void classify(const float* images, float* logits) override {
    const c10::InferenceMode no_gradients;
    torch::Tensor x = torch::from_blob(const_cast<float*>(images), {settings_.batch, 1, kSide, kSide});
    if (settings_.precision == Precision::bf16) x = x.to(torch::kBFloat16);
    torch::Tensor y = answer(x);
    if (settings_.precision == Precision::bf16) y = y.to(torch::kFloat);
    std::memcpy(logits, y.contiguous().data_ptr<float>(), sizeof(float) * static_cast<std::size_t>(settings_.batch) * kClasses);
  }
  std::int64_t weight_bytes() const override { return parameters_ * (settings_.precision == Precision::bf16 ? 2 : 4); }

 protected:
  virtual torch::Tensor answer(const torch::Tensor& x) = 0;
  ClassifierSettings settings_;

 private:
  std::int64_t parameters_;
};

class Eager : public TorchClassifier {
 public:
  Eager(const Weights& weights, const ClassifierSettings& settings) : TorchClassifier(weights.sizes, settings), net_(weights.sizes) {
    put(weights, net_);
    net_.eval();
    if (settings.precision == Precision::bf16) net_.to(torch::kBFloat16);
  }

 private:
  torch::Tensor answer(const torch::Tensor& x) override { return net_.forward(x); }
  Net net_;
};

class Frozen : public TorchClassifier {
 public:
  Frozen(const Weights& weights, const ClassifierSettings& settings) : TorchClassifier(weights.sizes, settings), module_("LeNet") {
    for (const Parameter& parameter : parameters(weights.sizes)) {
      std::string name = parameter.name;
      name[name.find('.')] = '_';
      torch::Tensor values = tensor_of(weights, parameter);
      if (settings.precision == Precision::bf16) values = values.to(torch::kBFloat16);
      module_.register_parameter(name, values, false);
    }
    module_.define(R"(
def forward(self, x):
    x = torch.max_pool2d(torch.relu(torch.conv2d(x, self.conv1_weight, self.conv1_bias, [1, 1], [2, 2])), [2, 2])
    x = torch.max_pool2d(torch.relu(torch.conv2d(x, self.conv2_weight, self.conv2_bias)), [2, 2])
    x = torch.relu(torch.linear(torch.flatten(x, 1), self.fc1_weight, self.fc1_bias))
    x = torch.relu(torch.linear(x, self.fc2_weight, self.fc2_bias))
    return torch.linear(x, self.fc3_weight, self.fc3_bias)
)");
    module_.eval();
    torch::jit::Module frozen = torch::jit::freeze(module_);
    module_ = torch::jit::optimize_for_inference(frozen);
    input_.emplace_back();
    compile();
  }

 private:
  torch::Tensor answer(const torch::Tensor& x) override {
    input_[0] = x;
    return module_.forward(input_).toTensor();
  }

  /// The profiling executor watches the first calls and compiles for what it saw: none of that belongs to an answer.
  void compile() {
    constexpr int calls = 4;
    const std::vector<float> images(static_cast<std::size_t>(settings_.batch) * kPixels);
    std::vector<float> logits(static_cast<std::size_t>(settings_.batch) * kClasses);
    for (int i = 0; i < calls; ++i) classify(images.data(), logits.data());
  }

  torch::jit::Module module_;
  std::vector<torch::jit::IValue> input_;
};

/// [n][1][28][28], each 0 to 1.
torch::Tensor pixels_of(std::span<const std::uint8_t> images, std::int64_t count) {
  return torch::from_blob(const_cast<std::uint8_t*>(images.data()), {count, 1, kSide, kSide}, torch::kByte).to(torch::kFloat).div_(255);
}
torch::Tensor classes_of(std::span<const std::uint8_t> labels) {
  return torch::from_blob(const_cast<std::uint8_t*>(labels.data()), {static_cast<std::int64_t>(labels.size())}, torch::kByte).to(torch::kLong);
}

torch::Tensor step_of(Net& net, torch::optim::Adam& adam, const torch::Tensor& pixels, const torch::Tensor& classes) {
  adam.zero_grad();
  torch::Tensor loss = torch::nn::functional::cross_entropy(net.forward(pixels), classes);
  loss.backward();
  adam.step();
  return loss;
}

class AdamTrainer : public Trainer {
 public:
  AdamTrainer(const Weights& weights, std::span<const std::uint8_t> images, std::span<const std::uint8_t> labels, const Training& training)
      : pixels_(pixels_of(images, static_cast<std::int64_t>(labels.size()))), classes_(classes_of(labels)), net_(weights.sizes) {
    put(weights, net_);
    net_.train();
    adam_.emplace(net_.parameters(), torch::optim::AdamOptions(training.rate));
  }
  void step() override { loss_ = step_of(net_, *adam_, pixels_, classes_); }
  bool loss_is_finite() const override { return std::isfinite(loss_.item<float>()); }

 private:
  torch::Tensor pixels_, classes_, loss_;
  Net net_;
  std::optional<torch::optim::Adam> adam_;
};

}  // namespace

Libraries libtorch_libraries() {
  Libraries all{{"libtorch", TORCH_VERSION}};
  if (const std::string kernels = openblas_kernels(); !kernels.empty()) all["openblas"] = kernels;
  return all;
}

MadeClassifier make_libtorch(const Weights& weights, TorchMode mode, const ClassifierSettings& settings) {
  if (settings.precision == Precision::int8) {
    return assay::Error{"LibTorch's int8 is quantized by observers of its own, in Python: it would be another model than this one"};
  }
  if (mode == TorchMode::eager) return std::unique_ptr<Classifier>(std::make_unique<Eager>(weights, settings));
  return std::unique_ptr<Classifier>(std::make_unique<Frozen>(weights, settings));
}

Weights train(std::span<const std::uint8_t> images, std::span<const std::uint8_t> labels, const Training& training,
              const std::function<void(int, const Weights&)>& after_epoch) {
  set_threads(training.threads);
  const auto count = static_cast<std::int64_t>(labels.size());
  const torch::Tensor pixels = pixels_of(images, count), classes = classes_of(labels);

  Net net(training.sizes);
  put(random_weights(assay::stream_seed(training.seed, "weights"), training.sizes), net);
  net.train();
  torch::optim::Adam adam(net.parameters(), torch::optim::AdamOptions(training.rate));
  const std::int64_t steps_an_epoch = (count + training.batch - 1) / training.batch;
  const auto steps = static_cast<double>(steps_an_epoch * training.epochs);
  std::int64_t step = 0;
  std::vector<std::int64_t> order(labels.size());
  for (int epoch = 0; epoch < training.epochs; ++epoch) {
    std::iota(order.begin(), order.end(), std::int64_t{0});
    assay::Random(assay::stream_seed(training.seed, "order", static_cast<std::uint64_t>(epoch))).shuffle(std::span<std::int64_t>(order));
    const torch::Tensor permutation = torch::from_blob(order.data(), {count}, torch::kLong);
    for (std::int64_t first = 0; first < count; first += training.batch, ++step) {
      const double rate = training.rate * (1 + std::cos(std::numbers::pi * static_cast<double>(step) / steps)) / 2;
      static_cast<torch::optim::AdamOptions&>(adam.param_groups()[0].options()).lr(rate);
      const torch::Tensor chosen = permutation.slice(0, first, std::min<std::int64_t>(count, first + training.batch));
      step_of(net, adam, pixels.index_select(0, chosen), classes.index_select(0, chosen));
    }
    if (after_epoch) after_epoch(epoch + 1, taken_from(net));
  }
  return taken_from(net);
}

std::unique_ptr<Trainer> make_trainer(const Weights& weights, std::span<const std::uint8_t> images, std::span<const std::uint8_t> labels,
                                      const Training& training) {
  return std::make_unique<AdamTrainer>(weights, images, labels, training);
}

}  // namespace lenet5
