#include "suites/lenet_mnist/serve_implementations.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>

#include "hardware/counters/counters.hpp"
#include "harness/worker/serve.hpp"
#include "harness/worker/workload.hpp"
#include "suites/lenet_mnist/classify_all.hpp"
#include "suites/lenet_mnist/images.hpp"
#include "suites/lenet_mnist/judge.hpp"

namespace lenet_mnist {

namespace protocol = assay::protocol;
using assay::worker::Assignment;
using lenet5::Classifier;
using lenet5::kClasses;
using lenet5::kPixels;

namespace {

constexpr int kImagesChecked = 64;  // of the last batch, spread over it

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
  explicit Classify(const Offer& offer) : offer_(offer) {}

  protocol::Description describe() override {
    protocol::Description description;
    description.worker = offer_.worker;
    description.metrics = metrics();
    description.libraries = offer_.libraries;
    return description;
  }

  protocol::Prepared prepare(const Assignment& assignment) override {
    implementation_.emplace(offer_, assignment);
    batch_ = implementation_->settings().batch;
    batches_ = std::max(1, kImagesInTurn / batch_);
    images_ = implementation_->images(batches_ * batch_, assignment.seed);
    classifier_ = implementation_->classifier();
    logits_.assign(static_cast<std::size_t>(batch_) * kClasses, std::numeric_limits<float>::quiet_NaN());
    next_ = 0;

    protocol::Prepared prepared;
    prepared.work["flop"] = 2.0 * static_cast<double>(implementation_->multiply_adds()) * batch_;
    prepared.work["images"] = batch_;
    prepared.inputs = implementation_->inputs(images_);
    return prepared;
  }

  void poison() override { std::fill(logits_.begin(), logits_.end(), std::numeric_limits<float>::quiet_NaN()); }

  void step() override {
    classifier_->classify(batch_at(next_), logits_.data());
    last_ = next_;
    next_ = next_ + 1 == batches_ ? 0 : next_ + 1;
  }

  protocol::Checked check() override {
    const Judge judge = this->judge();
    double worst = 0;
    const int checked = std::min(batch_, kImagesChecked);
    for (int i = 0; i < checked; ++i) {
      const auto image = static_cast<std::ptrdiff_t>(static_cast<std::int64_t>(i) * batch_ / checked);
      worst = assay::worker::larger_error(worst, error_of(logits_.data() + image * kClasses, judge.expected(batch_at(last_) + image * kPixels)));
    }
    return judge.checked(worst);
  }

  protocol::Evaluated evaluate() override {
    if (!images_.test_set) refuse(images_.absent);
    const auto& test = *images_.test_set;
    const std::vector<std::int32_t> predicted = classify_all(*implementation_->classifier(kClassifiedAtOnce), test, 0, test.count);
    std::vector<std::int32_t> labels;
    for (int i = 0; i < test.count; ++i) labels.push_back(test.label(i));
    protocol::Evaluated evaluated = assay::worker::predictions(predicted, labels);

    const Judge::Agreement agreement = judge().agreement(predicted, test);
    evaluated.metrics["agreement"] = agreement.share;
    evaluated.metrics["undecided"] = static_cast<double>(agreement.undecided);
    evaluated.metrics["weight_bytes"] = static_cast<double>(classifier_->weight_bytes());
    evaluated.metrics["peak_memory_bytes"] = peak_memory_bytes();
    return evaluated;
  }

 private:
  const float* batch_at(int i) const { return images_.pixels.data() + static_cast<std::ptrdiff_t>(i) * batch_ * kPixels; }

  Judge judge() const { return {implementation_->model(), implementation_->settings().precision, classifier_->rounds_in_floats()}; }

  const Offer& offer_;
  std::optional<Implementation> implementation_;
  Images images_;
  std::unique_ptr<Classifier> classifier_;
  std::vector<float> logits_;
  int batch_ = 1, batches_ = 1, next_ = 0, last_ = 0;
};

}  // namespace

int serve_implementations(Offer offer, int argc, char** argv) {
  const std::string_view workload_named = argc == 4 ? argv[3] : "";
  const bool is_server = workload_named == "--server", is_load = workload_named == "--load";
  if (!(argc == 3 || is_server || is_load) || std::strcmp(argv[1], "--weights") != 0) {
    fmt::print(stderr, "usage: {} --weights FOLDER [--server | --load]   (a worker of Assay: speaks its protocol on standard input and output)\n", offer.worker);
    return 2;
  }
  offer.weights = argv[2];
  if (is_server || is_load) return serve_server(offer, is_server ? Arrivals::highest_rate : Arrivals::given_rate);
  Classify workload(offer);
  const auto counters = assay::hardware::open_counters();
  return assay::worker::serve(workload, counters.get());
}

}  // namespace lenet_mnist
