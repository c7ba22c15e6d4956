#include "suites/lenet_mnist/serve_classifier.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>

#include "hardware/counters/counters.hpp"
#include "harness/worker/serve.hpp"
#include "harness/worker/workload.hpp"
#include "suites/lenet_mnist/classify_all.hpp"
#include "suites/lenet_mnist/images.hpp"
#include "suites/lenet_mnist/oracle_answers.hpp"

namespace lenet_mnist {

namespace protocol = assay::protocol;
using assay::Outcome;
using assay::worker::Assignment;
using assay::worker::Refusal;
using lenet5::Classifier;
using lenet5::ClassifierSettings;
using lenet5::kClasses;
using lenet5::kPixels;
using lenet5::Precision;

namespace {

constexpr std::int64_t kMostImages = 65'536;
constexpr std::int64_t kMostThreads = 1'024;
constexpr int kImagesInTurn = 64;   // a smaller batch goes round them, so that no image is in a cache because it was the last
constexpr int kImagesChecked = 64;  // of the last batch, spread over it

[[noreturn]] void refuse(std::string reason, Outcome outcome = Outcome::unsupported) { throw Refusal{{outcome, std::move(reason)}}; }

int within(std::int64_t value, const char* factor, std::int64_t least, std::int64_t most) {
  if (value < least || value > most) refuse(fmt::format("{} is {}; give {} to {}", factor, value, least, most));
  return static_cast<int>(value);
}

Precision precision_named(const std::string& name) {
  if (name == "fp32") return Precision::fp32;
  if (name == "bf16") return Precision::bf16;
  if (name == "int8") return Precision::int8;
  refuse(fmt::format("precision is \"{}\"; give \"fp32\", \"bf16\" or \"int8\"", name));
}

lenet5::Arithmetic arithmetic_of(Precision precision) { return precision == Precision::bf16 ? lenet5::bfloat16 : lenet5::single_precision; }

double peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

/// accuracy, agreement: shares of the test set; undecided: images whose answer a rounding within the bound may turn.
std::vector<assay::Metric> metrics() {
  assay::Metric latency = assay::worker::time_metric();
  latency.name = "latency_s";
  const auto once = [](const char* name, const char* unit, assay::Direction direction, assay::Kind kind) {
    return assay::Metric{.name = name, .unit = unit, .direction = direction, .kind = kind, .clock = assay::Clock::none, .scope = assay::Scope::once};
  };
  assay::Metric memory = once("peak_memory_bytes", "B", assay::Direction::lower, assay::Kind::size);
  memory.scope = assay::Scope::replicate;
  return {latency,
          once("accuracy", "ratio", assay::Direction::higher, assay::Kind::proportion),
          once("agreement", "ratio", assay::Direction::higher, assay::Kind::proportion),
          once("undecided", "1", assay::Direction::lower, assay::Kind::count),
          once("weight_bytes", "B", assay::Direction::lower, assay::Kind::size),
          memory};
}

class Classify : public assay::worker::Workload {
 public:
  Classify(std::string worker, std::filesystem::path weights_folder, const lenet5::Libraries& libraries,
           const std::map<std::string, Make>& implementations)
      : worker_(std::move(worker)), weights_folder_(std::move(weights_folder)), libraries_(libraries), implementations_(implementations) {}

  protocol::Description describe() override {
    protocol::Description description;
    description.worker = worker_;
    description.metrics = metrics();
    description.libraries = libraries_;
    return description;
  }

  protocol::Prepared prepare(const Assignment& assignment) override {
    const std::string implementation = assignment.text("implementation");
    const auto found = implementations_.find(implementation);
    if (found == implementations_.end()) refuse(fmt::format("worker {} has no implementation '{}'", worker_, implementation));
    make_ = found->second;
    cpus_ = assignment.cpus;
    settings_.batch = within(assignment.integer_or("batch", 1), "batch", 1, kMostImages);
    settings_.threads = within(assignment.integer_or("threads", 1), "threads", 1, kMostThreads);
    settings_.precision = precision_named(assignment.text_or("precision", "fp32"));
    const std::string dataset = assignment.text_or("dataset", "mnist");

    batches_ = std::max(1, kImagesInTurn / settings_.batch);
    auto images = images_for(dataset, batches_ * settings_.batch, assignment.seed);
    if (!images) refuse(images.error().message, Outcome::crashed);
    images_ = std::move(*images);
    load_model(dataset);
    classifier_ = made(settings_);
    logits_.assign(static_cast<std::size_t>(settings_.batch) * kClasses, std::numeric_limits<float>::quiet_NaN());
    next_ = 0;

    protocol::Prepared prepared;
    prepared.work["flop"] = 2.0 * lenet5::kMultiplyAdds * settings_.batch;
    prepared.work["images"] = settings_.batch;
    return prepared;
  }

  void poison() override { std::fill(logits_.begin(), logits_.end(), std::numeric_limits<float>::quiet_NaN()); }

  void step() override {
    classifier_->classify(batch_at(next_), logits_.data());
    last_ = next_;
    next_ = next_ + 1 == batches_ ? 0 : next_ + 1;
  }

  /// Floats in units of what their arithmetic may be off by, integers exactly.
  protocol::Checked check() override {
    double worst = 0;
    const int checked = std::min(settings_.batch, kImagesChecked);
    for (int i = 0; i < checked; ++i) {
      const auto image = static_cast<std::ptrdiff_t>(static_cast<std::int64_t>(i) * settings_.batch / checked);
      const float* pixels = batch_at(last_) + image * kPixels;
      const std::span<const float> logits(logits_.data() + image * kClasses, kClasses);
      worst = assay::worker::larger_error(worst, model_.integer ? error_of_integers(pixels, logits) : error_of_floats(pixels, logits));
    }
    if (model_.integer) return {worst, 0, "logit = logit_scale · the integer oracle's sum, bit for bit"};
    return {worst, 1, "|logit - oracle's| <= 2·sum over all sums z of |dlogit/dz|·gamma(terms + 1)·(|bias| + sum|w·x|), as a share of it"};
  }

  protocol::Evaluated evaluate() override {
    if (!images_.test_set) refuse(images_.absent);
    const auto& test = *images_.test_set;
    ClassifierSettings at_once = settings_;
    at_once.batch = kClassifiedAtOnce;
    const std::vector<std::int32_t> predicted = classify_all(*made(at_once), test, 0, test.count);
    std::vector<std::int32_t> labels;
    for (int i = 0; i < test.count; ++i) labels.push_back(test.label(i));
    protocol::Evaluated evaluated = assay::worker::predictions(predicted, labels);

    const OracleAnswers exact = oracle_answers(model_.weights, test, arithmetic_of(settings_.precision));
    const std::vector<std::int32_t> integers = model_.integer ? integer_answers(*model_.integer, test) : std::vector<std::int32_t>();
    std::int64_t agreed = 0;
    for (std::size_t i = 0; i < predicted.size(); ++i) {
      agreed += predicted[i] == exact.predicted[i];
      const bool is_wrong = model_.integer ? predicted[i] != integers[i] : predicted[i] != exact.predicted[i] && !exact.undecided[i];
      if (is_wrong) {
        refuse(fmt::format("image {} of the test set: answers {} where the oracle answers {}, by more than this arithmetic may be off", i, predicted[i],
                           model_.integer ? integers[i] : exact.predicted[i]),
               Outcome::wrong_answer);
      }
    }
    evaluated.metrics["agreement"] = static_cast<double>(agreed) / static_cast<double>(predicted.size());
    evaluated.metrics["undecided"] = static_cast<double>(std::count(exact.undecided.begin(), exact.undecided.end(), true));
    evaluated.metrics["weight_bytes"] = static_cast<double>(classifier_->weight_bytes());
    evaluated.metrics["peak_memory_bytes"] = peak_memory_bytes();
    return evaluated;
  }

 private:
  const float* batch_at(int i) const { return images_.pixels.data() + static_cast<std::ptrdiff_t>(i) * settings_.batch * kPixels; }

  void load_model(const std::string& dataset) {
    auto weights = lenet5::load_weights(weights_folder_ / (dataset + ".safetensors"));
    if (!weights) refuse(weights.error().message, Outcome::crashed);
    model_.weights = std::move(*weights);
    model_.integer.reset();
    if (settings_.precision != Precision::int8) return;
    auto integer = lenet5::load_integer_model(weights_folder_ / (dataset + ".int8.safetensors"));
    if (!integer) refuse(integer.error().message, Outcome::crashed);
    model_.integer = std::move(*integer);
  }

  double error_of_floats(const float* pixels, std::span<const float> logits) const {
    const lenet5::Answer answer = oracle_of(model_.weights).answer(pixels, arithmetic_of(settings_.precision));
    double worst = 0;
    for (std::size_t k = 0; k < logits.size(); ++k) {
      worst = assay::worker::larger_error(worst, std::fabs(static_cast<double>(logits[k]) - answer.logits[k]) / answer.bound[k]);
    }
    return worst;
  }
  double error_of_integers(const float* pixels, std::span<const float> logits) const {
    unsigned char rounded[kPixels];
    for (int i = 0; i < kPixels; ++i) rounded[i] = static_cast<unsigned char>(std::lround(pixels[i] * 255.0F));
    const auto sums = oracle_of(*model_.integer).sums(rounded);
    double worst = 0;
    for (std::size_t k = 0; k < logits.size(); ++k) {
      const float exact = static_cast<float>(sums[k]) * model_.integer->logit_scale;
      worst = assay::worker::larger_error(worst, std::fabs(static_cast<double>(logits[k]) - static_cast<double>(exact)));
    }
    return worst;
  }

  std::unique_ptr<Classifier> made(const ClassifierSettings& settings) {
    auto classifier = make_(model_, settings, cpus_);
    if (!classifier) refuse(classifier.error().message);
    return std::move(*classifier);
  }

  std::string worker_;
  std::filesystem::path weights_folder_;
  const lenet5::Libraries& libraries_;
  const std::map<std::string, Make>& implementations_;
  Make make_;
  std::vector<int> cpus_;
  ClassifierSettings settings_;
  Images images_;
  Model model_;
  std::unique_ptr<Classifier> classifier_;
  std::vector<float> logits_;
  int batches_ = 1, next_ = 0, last_ = 0;
};

}  // namespace

int serve_classifier(const std::string& worker, int argc, char** argv, const lenet5::Libraries& libraries,
                     const std::map<std::string, Make>& implementations) {
  if (argc != 3 || std::strcmp(argv[1], "--weights") != 0) {
    fmt::print(stderr, "usage: {} --weights FOLDER   (a worker of Assay: speaks its protocol on standard input and output)\n", worker);
    return 2;
  }
  Classify workload(worker, argv[2], libraries, implementations);
  const auto counters = assay::hardware::open_counters();
  return assay::worker::serve(workload, counters.get());
}

}  // namespace lenet_mnist
