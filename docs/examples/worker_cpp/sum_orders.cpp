// A worker in C++, outside Assay's tree: adds up random numbers by one accumulator or by eight.
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "hardware/counters/counters.hpp"
#include "harness/worker/serve.hpp"

namespace {

using namespace assay;

double sum_in_order(const std::vector<double>& x) {
  double sum = 0;
  for (const double v : x) sum += v;  // each addition waits for the one before
  return sum;
}

double sum_by_eight(const std::vector<double>& x) {
  double sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= x.size(); i += 8) {
    for (std::size_t k = 0; k < 8; ++k) sums[k] += x[i + k];
  }
  for (; i < x.size(); ++i) sums[0] += x[i];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

class SumOrders : public worker::Stepping<SumOrders> {
public:
  protocol::Description describe() override {
    protocol::Description description;
    description.worker = "sum_orders";
    description.metrics = {worker::time_metric()};
    return description;
  }

  protocol::Prepared prepare(const worker::Assignment& assignment) override {
    const std::string order = assignment.text("order");
    if (order != "one" && order != "eight") {
      throw worker::Refusal{{Outcome::unsupported, "order is " + order + "; give one or eight"}};
    }
    by_eight_ = order == "eight";
    const std::int64_t n = assignment.integer("n");
    if (n < 1 || n > 100'000'000) throw worker::Refusal{{Outcome::unsupported, "n is 1 to 100000000"}};
    std::mt19937_64 random(assignment.seed);
    std::uniform_real_distribution<double> uniform(-1, 1);
    x_.resize(static_cast<std::size_t>(n));
    for (double& v : x_) v = uniform(random);
    return {.work = {{"flop", static_cast<double>(n)}, {"bytes", 8.0 * static_cast<double>(n)}}, .modelled = {}};
  }

  void poison() override { sum_ = std::numeric_limits<double>::quiet_NaN(); }
  void step() override { sum_ = by_eight_ ? sum_by_eight(x_) : sum_in_order(x_); }

  /// |err| <= (n − 1)·u·Σ|x| to first order, for any order of addition (Higham 2002, §4.2); eps = 2u leaves room for
  /// the rest, and for the oracle, which adds in long double.
  protocol::Checked check() override {
    long double exact = 0, magnitude = 0;
    for (const double v : x_) {
      exact += v;
      magnitude += std::abs(v);
    }
    const double n = static_cast<double>(x_.size());
    return {worker::larger_error(0, static_cast<double>(std::abs(sum_ - exact))),
            n * std::numeric_limits<double>::epsilon() * static_cast<double>(magnitude), "|err| <= n·eps·Σ|x|"};
  }

private:
  bool by_eight_ = false;
  std::vector<double> x_;
  double sum_ = 0;
};

}  // namespace

int main() {
  const auto counters = hardware::open_counters();
  SumOrders workload;
  return worker::serve(workload, counters.get());
}
