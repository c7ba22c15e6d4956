// The server in a time of its own: a clock that only serving and looking move.
#include "suites/lenet_mnist/request_server.hpp"

#include "tests/catch.hpp"

using namespace lenet_mnist;

namespace {

/// Answers a batch in `service(count)` seconds; a look at the clock takes `look_s`.
template <class Service>
Served simulate(const std::vector<double>& arrivals, const ServerSettings& settings, Service service, double look_s = 1e-9) {
  double clock = 0;
  return serve_requests(arrivals, settings, [&] { return clock += look_s; }, [&](int, int count) { clock += service(count); });
}

}  // namespace

TEST_CASE("latency counts from the intended arrival, through everything that is waited for") {
  const auto second = [](int) { return 1.0; };
  const Served served = simulate({1, 1.25, 1.5, 10}, {.most_batch = 1, .most_wait_s = 0}, second, 1e-7);
  REQUIRE(served.latency_s.size() == 4);
  CHECK(served.latency_s[0] == Approx(1).margin(1e-5));
  CHECK(served.latency_s[1] == Approx(1.75).margin(1e-5));
  CHECK(served.latency_s[2] == Approx(2.5).margin(1e-5));
  CHECK(served.latency_s[3] == Approx(1).margin(1e-5));
  CHECK(served.busy_s == Approx(4).margin(1e-5));
  CHECK(served.littles_ratio() == Approx(1).margin(1e-9));
}

TEST_CASE("a batch goes when it is full, when its oldest has waited long enough, or when nobody else will come") {
  std::vector<int> sizes;
  double clock = 0;
  const std::vector<double> arrivals = {1, 1.001, 1.002, 2, 3, 3.5};
  const Served served = serve_requests(arrivals, {.most_batch = 3, .most_wait_s = 0.1}, [&] { return clock += 1e-4; },
                                       [&](int, int count) {
                                         sizes.push_back(count);
                                         clock += 1e-3;
                                       });
  CHECK(sizes == std::vector<int>{3, 1, 1, 1});
  CHECK(served.latency_s[3] == Approx(0.1 + 1e-3).margin(1e-3));
  CHECK(served.latency_s[5] == Approx(1e-3).margin(1e-3));  // the last one waits for nobody
}

TEST_CASE("a server that can't keep up stops when its queue is full, and says what it answered") {
  const auto arrivals = poisson_arrivals(2000, 1, 1);
  Served served = simulate(arrivals, {.most_batch = 1, .most_wait_s = 0, .queue = 100}, [](int) { return 1e-3; });
  CHECK(served.overloaded);
  CHECK(served.ended_s < 0.3);
  CHECK(served.latency_s.size() == Approx(served.ended_s * 1000).margin(3));
  CHECK(quantile(served.latency_s, 1) < 0.15);
}

TEST_CASE("arrivals are a Poisson process: exponential gaps, and the same for the same seed") {
  const auto arrivals = poisson_arrivals(1000, 100, 7);
  CHECK(poisson_arrivals(1000, 100, 7) == arrivals);
  CHECK(poisson_arrivals(1000, 100, 8) != arrivals);
  const auto n = static_cast<double>(arrivals.size());
  CHECK(n == Approx(100'000).margin(4 * std::sqrt(100'000.0)));
  double square = 0;
  for (std::size_t i = 1; i < arrivals.size(); ++i) square += (arrivals[i] - arrivals[i - 1]) * (arrivals[i] - arrivals[i - 1]);
  CHECK(square / n == Approx(2e-6).epsilon(0.03));  // E X² = 2/λ²: of equal gaps it would be half
}

TEST_CASE("the mean wait is Pollaczek and Khinchine's, for constant and for two kinds of service") {
  assay::Random random(3);
  const auto constant = [](int) { return 1e-3; };
  const auto of_two = [&](int) { return random.below(10) == 0 ? 5.5e-3 : 0.5e-3; };  // mean 1 ms, too
  double constant_wait = 0;
  for (const double load : {0.3, 0.6, 0.8}) {
    const double rate = load * 1000;
    const auto arrivals = poisson_arrivals(rate, 400, 5);
    const ServerSettings one{.most_batch = 1, .most_wait_s = 0, .queue = 1'000'000};
    const Served even = simulate(arrivals, one, constant, 1e-6), uneven = simulate(arrivals, one, of_two, 1e-6);
    CHECK(even.mean_wait_s() == Approx(even.theory_wait_s(rate)).epsilon(0.05));
    CHECK(uneven.mean_wait_s() == Approx(uneven.theory_wait_s(rate)).epsilon(0.1));
    CHECK(even.theory_wait_s(rate) == Approx(load * 1e-3 / (2 * (1 - load))).epsilon(0.01));
    CHECK(uneven.mean_wait_s() > 2 * even.mean_wait_s());
    CHECK(even.mean_wait_s() > constant_wait);
    constant_wait = even.mean_wait_s();
    CHECK(even.littles_ratio() == Approx(1).margin(1e-9));
    CHECK(uneven.littles_ratio() == Approx(1).margin(1e-9));
  }
}

TEST_CASE("quantiles are order statistics") {
  std::vector<double> values;
  for (int i = 100; i >= 1; --i) values.push_back(i);
  CHECK(quantile(values, 0.99) == 99);
  CHECK(quantile(values, 0.5) == 50);
  CHECK(quantile(values, 0) == 1);
  CHECK(quantile(values, 1) == 100);
}
