// The worker of protocol_test.cpp in C++: y = 2x, and by the level of `mode` everything that can go wrong.
// scripted_worker.py and ScriptedWorker.java do the same, but for the clock of its own.
#include <cmath>
#include <cstdio>
#include <limits>
#include <new>
#include <stdexcept>

#include "harness/worker/serve.hpp"

namespace {

using namespace assay;

class ScriptedWorker : public worker::Workload {
 public:
  protocol::Description describe() override {
    return {.worker = "scripted", .metrics = {worker::time_metric(), {.name = "accuracy", .unit = "ratio"}}};
  }

  protocol::Prepared prepare(const worker::Assignment& assignment) override {
    mode_ = assignment.text("mode");
    if (mode_ == "refuses") throw worker::Refusal{{Outcome::unsupported, "needs a quantum computer"}};
    std::printf("noise while preparing\n");
    x_.resize(static_cast<std::size_t>(assignment.integer("n")));
    for (std::size_t i = 0; i < x_.size(); ++i) x_[i] = static_cast<double>(assignment.seed + i);
    y_ = x_;
    protocol::Prepared prepared{.work = {{"flop", static_cast<double>(x_.size())}}, .modelled = {}, .inputs = {}};
    if (mode_ == "part") {
      prepared.modelled = protocol::Modelled{4, "1 of 4 rows"};
      prepared.inputs = {{"data.bin", "12ab"}};
    }
    return prepared;
  }

  void poison() override {
    y_.assign(y_.size(), std::numeric_limits<double>::quiet_NaN());
    steps_since_poison_ = 0;
  }

  void step() override {
    ++steps_;
    ++steps_since_poison_;
    if (mode_ == "throws") throw std::runtime_error("boom");
    if (mode_ == "memory") throw std::bad_alloc();
    if (mode_ == "prints") {
      std::printf("noise while stepping\n");
      std::fflush(stdout);
    }
    if (mode_ == "lazy") return;
    for (std::size_t i = 0; i < x_.size(); ++i) y_[i] = 2 * x_[i];
  }

  void synchronize() override { ++synchronizations_; }

  std::optional<worker::OwnElapsed> own_elapsed() override {
    if (mode_ != "counts") return std::nullopt;
    const double since = steps_ - counted_steps_;
    counted_steps_ = steps_;
    return worker::OwnElapsed{1000 * since, "instructions", Clock::instructions};
  }

  std::map<std::string, double> block_metrics() override {
    return {{"steps", steps_}, {"steps_since_poison", steps_since_poison_}, {"synchronizations", synchronizations_}};
  }

  protocol::Checked check() override {
    double worst = 0;
    for (std::size_t i = 0; i < x_.size(); ++i) worst = worker::larger_error(worst, std::abs(y_[i] - (x_[i] + x_[i])));
    return {.max_error = worst, .tolerance = 0, .rule = "doubling is exact"};
  }

  protocol::Evaluated evaluate() override {
    if (mode_ == "part") return Workload::evaluate();
    const std::int32_t predicted[] = {0, 1, 300};
    const std::int32_t labels[] = {0, 1, 2};
    return worker::predictions(predicted, labels);
  }

 private:
  std::string mode_;
  std::vector<double> x_, y_;
  double steps_ = 0, counted_steps_ = 0;
  double steps_since_poison_ = 0;
  double synchronizations_ = 0;
};

}  // namespace

int main() {
  ScriptedWorker scripted;
  return worker::serve(scripted);
}
