#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <optional>

#include "hardware/counters/counters.hpp"
#include "harness/worker/serve.hpp"
#include "suites/lenet_mnist/judge.hpp"
#include "suites/lenet_mnist/request_server.hpp"
#include "suites/lenet_mnist/serve_implementations.hpp"

namespace lenet_mnist {

namespace protocol = assay::protocol;
using assay::Outcome;
using assay::worker::Assignment;
using lenet5::kClasses;
using lenet5::kPixels;

namespace {

constexpr double kOffline_s = 0.5;         // that Offline throughput is taken over
constexpr double kSearch_s = 0.5;          // of one rate in the search
constexpr int kSearchSteps = 7;            // of halving, from half of the Offline throughput on: the highest that is found is 127/128 of it
constexpr int kTrials = 2;                 // that a rate has
constexpr int kFewestForP99 = 662;         // MLPerf Inference, early stopping at 99 % confidence
constexpr double kLittleTolerance = 1e-6;  // rounding of a million additions is below
constexpr double kLongestTrial_s = 5;      // of one rate in the search: slower ones are not tried
constexpr float kNeverWritten = std::numeric_limits<float>::quiet_NaN();

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

assay::Metric of_replicate(const char* name, const char* unit, assay::Direction direction, assay::Kind kind, assay::Clock clock = assay::Clock::none) {
  return {.name = name, .unit = unit, .direction = direction, .kind = kind, .clock = clock, .scope = assay::Scope::replicate};
}

/// An implementation for batches of 1, 2, 4 …: a batch is answered by the next larger one.
class Batches {
 public:
  Batches(const Implementation& implementation, int most, std::uint64_t seed) : implementation_(implementation), images_(implementation.images(kImagesInTurn, seed)) {
    for (int size = 1; size < most; size *= 2) sizes_.push_back({size, implementation.classifier(size)});
    sizes_.push_back({most, implementation.classifier(most)});
    input_.resize(static_cast<std::size_t>(most) * kPixels);
    logits_.resize(static_cast<std::size_t>(most) * kClasses);
  }

  /// Request i is for image i of those in turn, and its answer goes to to[i − first][10]; putting them side by side and handing them
  /// out is a part of the work.
  void answer(int first, int count, float* to) {
    for (int i = 0; i < count; ++i) {
      std::memcpy(input_.data() + static_cast<std::ptrdiff_t>(i) * kPixels, images_.pixels.data() + static_cast<std::ptrdiff_t>((first + i) % kImagesInTurn) * kPixels,
                  sizeof(float) * kPixels);
    }
    const auto size = std::find_if(sizes_.begin(), sizes_.end(), [&](const Size& s) { return s.batch >= count; });
    size->classifier->classify(input_.data(), logits_.data());
    std::memcpy(to, logits_.data(), sizeof(float) * static_cast<std::size_t>(count) * kClasses);
  }

  std::map<std::string, std::string> inputs() const { return implementation_.inputs(images_); }

  /// The verdict on answers[count][10] to requests from `first` on.
  protocol::Checked check(int first, std::size_t count, const float* answers) {
    const Judge judge(implementation_.model(), implementation_.settings().precision, sizes_.front().classifier->rounds_in_floats());
    double worst = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t image = (static_cast<std::size_t>(first) + i) % kImagesInTurn;
      if (!expected_[image]) expected_[image] = judge.expected(images_.pixels.data() + image * kPixels);
      worst = assay::worker::larger_error(worst, error_of(answers + i * kClasses, *expected_[image]));
    }
    return judge.checked(worst);
  }

 private:
  struct Size {
    int batch;
    std::unique_ptr<lenet5::Classifier> classifier;
  };
  Implementation implementation_;
  Images images_;
  std::vector<Size> sizes_;
  std::vector<float> input_, logits_;
  std::array<std::optional<Expected>, kImagesInTurn> expected_;  // of the images in turn, once they were asked for
};

/// Factors or controls, besides those of Implementation: `most_batch` (default 64), `most_wait_s` (default 0.001), `queue` (default
/// 4096). Looking for the highest rate: `bound_s`, which its 99th percentile must stay within. At a given rate: `load`, a share of
/// the Offline throughput, or `rate_per_s`; and `duration_s` (default 1).
class Serve : public assay::worker::Workload {
 public:
  Serve(const Offer& offer, Arrivals arrivals) : offer_(offer), arrivals_(arrivals) {}

  protocol::Description describe() override {
    using assay::Clock;
    using assay::Direction;
    using assay::Kind;
    protocol::Description description;
    description.worker = offer_.worker;
    description.libraries = offer_.libraries;
    assay::Metric batch = assay::worker::time_metric();
    batch.name = "batch_s";
    description.metrics = {batch, of_replicate("offline_per_s", "images/s", Direction::higher, Kind::rate)};
    const auto add = [&](auto... of) { description.metrics.push_back(of_replicate(of...)); };
    if (arrivals_ == Arrivals::highest_rate) {
      add("server_per_s", "images/s", Direction::higher, Kind::rate);
      add("server_share", "ratio", Direction::higher, Kind::proportion);
      return description;
    }
    add("offered_per_s", "images/s", Direction::higher, Kind::rate);
    for (const char* name : {"latency_p50_s", "latency_p90_s", "latency_p99_s", "wait_s"}) add(name, "s", Direction::lower, Kind::time, Clock::wall);
    add("theory_wait_s", "s", Direction::lower, Kind::time, Clock::wall);
    add("wait_of_theory", "1", Direction::lower, Kind::count);
    add("mean_batch", "1", Direction::higher, Kind::count);
    add("utilisation", "ratio", Direction::lower, Kind::proportion);
    return description;
  }

  protocol::Prepared prepare(const Assignment& assignment) override {
    const Implementation implementation(offer_, assignment);
    settings_.most_batch = within(assignment.integer_or("most_batch", 64), "most_batch", 1, 1024);
    settings_.most_wait_s = not_negative(assignment.number_or("most_wait_s", 0.001), "most_wait_s");
    settings_.queue = within(assignment.integer_or("queue", 4096), "queue", 1, 1'000'000);
    if (arrivals_ == Arrivals::highest_rate) {
      bound_s_ = above_zero(assignment.number("bound_s"), "bound_s");
    } else {
      duration_s_ = above_zero(assignment.number_or("duration_s", 1), "duration_s");
      const bool by_load = assignment.number_or("load", 0) != 0;
      load_ = by_load ? above_zero(assignment.number("load"), "load") : 0;
      rate_per_s_ = by_load ? 0 : above_zero(assignment.number_or("rate_per_s", 0), "rate_per_s (or load)");
    }
    seed_ = assignment.seed;
    batches_.emplace(implementation, settings_.most_batch, assignment.seed);
    answers_.resize(static_cast<std::size_t>(settings_.most_batch) * kClasses);
    protocol::Prepared prepared;
    prepared.work["flop"] = 2.0 * static_cast<double>(implementation.multiply_adds()) * settings_.most_batch;
    prepared.work["images"] = settings_.most_batch;
    prepared.inputs = batches_->inputs();
    return prepared;
  }

  void poison() override { std::fill(answers_.begin(), answers_.end(), kNeverWritten); }

  void step() override {
    batches_->answer(next_, settings_.most_batch, answers_.data());
    last_ = next_;
    next_ = (next_ + settings_.most_batch) % kImagesInTurn;
  }

  protocol::Checked check() override { return batches_->check(last_, static_cast<std::size_t>(settings_.most_batch), answers_.data()); }

  protocol::Evaluated evaluate() override {
    protocol::Evaluated evaluated;
    auto& metrics = evaluated.metrics;
    const double offline_per_s = offline();
    metrics["offline_per_s"] = offline_per_s;
    if (arrivals_ == Arrivals::highest_rate) {
      metrics["server_per_s"] = highest_rate(offline_per_s);
      metrics["server_share"] = std::min(1.0, metrics["server_per_s"] / offline_per_s);
      return evaluated;
    }
    const double rate = load_ > 0 ? load_ * offline_per_s : rate_per_s_;
    Served served = run(rate, duration_s_);
    if (served.overloaded) {
      refuse(fmt::format("{:.0f} requests a second were offered; after {:.3g} s {} waited, and {} were answered", rate, served.ended_s, settings_.queue,
                         served.latency_s.size()),
             Outcome::overloaded);
    }
    if (served.latency_s.empty()) refuse(fmt::format("no request arrived in {} s at {} a second", duration_s_, rate));
    metrics["offered_per_s"] = rate;
    metrics["wait_s"] = served.mean_wait_s();
    metrics["mean_batch"] = static_cast<double>(served.latency_s.size()) / static_cast<double>(served.batches);
    metrics["utilisation"] = std::min(1.0, served.busy_s / served.ended_s);
    if (settings_.most_batch == 1 && rate * served.service_sum_s < static_cast<double>(served.batches)) {
      metrics["theory_wait_s"] = served.theory_wait_s(rate);
      metrics["wait_of_theory"] = served.mean_wait_s() / served.theory_wait_s(rate);
    }
    for (const auto& [name, q] : {std::pair{"latency_p50_s", 0.5}, {"latency_p90_s", 0.9}, {"latency_p99_s", 0.99}}) {
      if (served.latency_s.size() >= kFewestForP99) metrics[name] = quantile(served.latency_s, q);
    }
    return evaluated;
  }

 private:
  static double not_negative(double value, const char* factor) {
    if (!(value >= 0) || !std::isfinite(value)) refuse(fmt::format("{} is {}; give a number that isn't negative", factor, value));
    return value;
  }

  static double above_zero(double value, const char* factor) {
    if (not_negative(value, factor) == 0) refuse(fmt::format("{} is 0 or missing; give a number above 0", factor));
    return value;
  }

  /// Images a second when there is always a whole batch of them.
  double offline() {
    const double begin = seconds();
    double now = begin;
    std::int64_t images = 0;
    for (; now - begin < kOffline_s; now = seconds()) {
      step();
      images += settings_.most_batch;
    }
    return static_cast<double>(images) / (now - begin);
  }

  Served run(double rate, double duration_s) {
    const auto arrivals = poisson_arrivals(rate, duration_s, assay::stream_seed(seed_, "arrivals", runs_++));
    std::vector<float> answers(arrivals.size() * kClasses, kNeverWritten);
    Served served = serve_requests(arrivals, settings_, seconds,
                                   [&](int first, int count) { batches_->answer(first, count, answers.data() + static_cast<std::ptrdiff_t>(first) * kClasses); });
    const protocol::Checked checked = batches_->check(0, served.latency_s.size(), answers.data());
    if (!(checked.max_error <= checked.tolerance)) {
      refuse(fmt::format("of {} requests answered, the worst is off by {}, and may be by {} ({})", served.latency_s.size(), checked.max_error, checked.tolerance, checked.rule),
             Outcome::wrong_answer);
    }
    if (!served.overloaded && !served.latency_s.empty() && std::fabs(served.littles_ratio() - 1) > kLittleTolerance) {
      refuse(fmt::format("Little's law doesn't hold: the time in the system by the clock is {} of that by the requests", served.littles_ratio()), Outcome::invalid_output);
    }
    return served;
  }

  static double trial_s(double rate) { return std::max(kSearch_s, 1.5 * kFewestForP99 / rate); }

  /// Once more after a miss: a host that takes the processor away for ten milliseconds fills the queue at any rate.
  bool meets_bound(double rate) {
    for (int trial = 0; trial < kTrials; ++trial) {
      Served served = run(rate, trial_s(rate));
      if (!served.overloaded && served.latency_s.size() >= kFewestForP99 && quantile(served.latency_s, 0.99) <= bound_s_) return true;
    }
    return false;
  }

  /// The last share of the Offline throughput, by halving, at which the 99th percentile is within the bound.
  double highest_rate(double offline_per_s) {
    double within_bound = 0, beyond = 1;
    for (int i = 0; i < kSearchSteps; ++i) {
      const double share = (within_bound + beyond) / 2;
      if (trial_s(share * offline_per_s) > kLongestTrial_s) break;
      (meets_bound(share * offline_per_s) ? within_bound : beyond) = share;
    }
    if (beyond == 1 && within_bound == 0) {
      refuse(fmt::format("at {:.3g} requests a second without a pause, {} of them take more than the {} s that a rate is tried for", offline_per_s, kFewestForP99, kLongestTrial_s));
    }
    if (within_bound == 0) {
      refuse(fmt::format("of the rates tried, from {:.3g} a second down to {:.3g}, none has its 99th percentile within {} s", offline_per_s / 2, beyond * offline_per_s, bound_s_));
    }
    return within_bound * offline_per_s;
  }

  const Offer& offer_;
  Arrivals arrivals_;
  std::optional<Batches> batches_;
  ServerSettings settings_;
  double duration_s_ = 1, bound_s_ = 0, load_ = 0, rate_per_s_ = 0;
  std::uint64_t seed_ = 0, runs_ = 0;
  std::vector<float> answers_;  // of one step
  int next_ = 0, last_ = 0;
};

}  // namespace

int serve_server(const Offer& offer, Arrivals arrivals) {
  Serve workload(offer, arrivals);
  const auto counters = assay::hardware::open_counters();
  return assay::worker::serve(workload, counters.get());
}

}  // namespace lenet_mnist
