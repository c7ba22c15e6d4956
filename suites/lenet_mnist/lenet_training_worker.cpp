// The worker of the experiment `training`: a replicate is a network trained from its round's seed, a step one step of Adam on a
// copy of it, and what is evaluated the trained network, on images that were held out.
#include <fmt/format.h>

#include "hardware/counters/counters.hpp"
#include "harness/worker/serve.hpp"
#include "harness/worker/workload.hpp"
#include "reference_models/lenet5/libtorch.hpp"
#include "suites/lenet_mnist/held_out.hpp"
#include "suites/lenet_mnist/trained_answers.hpp"

namespace lenet_mnist {
namespace {

namespace data = assay::data;
namespace protocol = assay::protocol;
using assay::Outcome;
using assay::worker::Assignment;
using assay::worker::Refusal;

/// Factors or controls: `epochs` (1 to 1000), `dataset` (default "mnist"), `batch` (default 64), `rate` (default 0.001), `threads`.
class Train : public assay::worker::Workload {
 public:
  protocol::Description describe() override {
    protocol::Description description;
    description.worker = "lenet_training";
    assay::Metric step = assay::worker::time_metric();
    step.name = "step_s";
    description.metrics = {step,
                           {.name = "accuracy",
                            .unit = "ratio",
                            .direction = assay::Direction::higher,
                            .kind = assay::Kind::proportion,
                            .clock = assay::Clock::none,
                            .scope = assay::Scope::replicate}};
    return description;
  }

  protocol::Prepared prepare(const Assignment& assignment) override {
    const std::string name = assignment.text_or("dataset", "mnist");
    const data::Dataset* set = data::dataset_named(name);
    if (!set) throw Refusal{{Outcome::unsupported, fmt::format("there is no data set '{}'; there are: {}", name, data::dataset_names())}};
    auto images = data::load(*set, data::Split::train);
    if (!images) throw Refusal{{data::find(*set) ? Outcome::crashed : Outcome::unsupported, images.error().message}};
    images_ = std::move(*images);

    lenet5::Training training;
    training.epochs = within(assignment.integer("epochs"), "epochs", 1000);
    training.batch = within(assignment.integer_or("batch", 64), "batch", trained_on());
    training.threads = within(assignment.integer_or("threads", 1), "threads", 1024);
    training.rate = assignment.number_or("rate", 1e-3);
    if (!(training.rate > 0)) throw Refusal{{Outcome::unsupported, fmt::format("rate is {}; give a number above 0", training.rate)}};
    training.seed = assignment.seed;
    weights_ = lenet5::train(pixels_of(images_, 0, trained_on()), labels_of(images_, 0, trained_on()), training);
    trainer_ = lenet5::make_trainer(weights_, pixels_of(images_, 0, training.batch), labels_of(images_, 0, training.batch), training);
    protocol::Prepared prepared;
    prepared.work["images"] = training.batch;
    prepared.inputs = {{name + " training images", images_.images_sha256}, {name + " training labels", images_.labels_sha256}};
    return prepared;
  }

  void step() override { trainer_->step(); }

  protocol::Checked check() override {
    return {trainer_->loss_is_finite() ? 0.0 : 1.0, 0, "the loss of the last step is a finite number"};
  }

  protocol::Evaluated evaluate() override {
    const auto answers = trained_answers(weights_, images_, trained_on(), kHeldOut);
    protocol::Evaluated evaluated;
    evaluated.metrics["accuracy"] = accuracy_of(answers, images_, trained_on());
    evaluated.items = kHeldOut;
    return evaluated;
  }

 private:
  int trained_on() const { return images_.count - kHeldOut; }

  static int within(std::int64_t value, const char* factor, std::int64_t most) {
    if (value < 1 || value > most) throw Refusal{{Outcome::unsupported, fmt::format("{} is {}; give 1 to {}", factor, value, most)}};
    return static_cast<int>(value);
  }

  data::Labelled images_;
  lenet5::Weights weights_;
  std::unique_ptr<lenet5::Trainer> trainer_;
};

}  // namespace
}  // namespace lenet_mnist

int main() {
  lenet_mnist::Train workload;
  const auto counters = assay::hardware::open_counters();
  return assay::worker::serve(workload, counters.get());
}
