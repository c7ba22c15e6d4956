// A server before an open queue: requests arrive when they arrive, wait, and are answered in batches.
//
//     const auto arrivals = poisson_arrivals(50'000, 0.5, seed);                    // of half a second
//     const Served served = serve_requests(arrivals, {.most_batch = 64}, clock, [&](int first, int count) { … });
//     quantile(served.latency_s, 0.99)
//
// Latency counts from the instant at which a request was to arrive, not from when the server found time to look: a server that is
// late makes everybody behind it late, and their figures say so (no coordinated omission; Tene 2013).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "harness/core/random.hpp"

namespace lenet_mnist {

/// Instants in seconds from 0 on, the first `duration_s` of a Poisson process.
inline std::vector<double> poisson_arrivals(double rate_per_s, double duration_s, std::uint64_t seed) {
  assay::Random random(seed);
  std::vector<double> arrivals;
  arrivals.reserve(static_cast<std::size_t>(rate_per_s * duration_s * 1.1) + 16);
  for (double t = 0;;) {
    t -= std::log1p(-random.uniform()) / rate_per_s;
    if (t >= duration_s) return arrivals;
    arrivals.push_back(t);
  }
}

struct ServerSettings {
  int most_batch = 64;         // requests answered at once
  double most_wait_s = 0.001;  // that the oldest request waits for others; 0: never for others
  int queue = 4096;            // requests that may wait: with more the server is overloaded, and stops
};

struct Served {
  std::vector<double> latency_s;  // of each request, in order of arrival
  bool overloaded = false;        // the queue was full; `latency_s` has those that were answered
  double ended_s = 0;             // the last answer, or the instant of overload
  double busy_s = 0;              // spent answering
  double wait_sum_s = 0;          // from arrival to the beginning of the batch
  double service_sum_s = 0, service_square_sum = 0;  // of batches
  std::int64_t batches = 0;
  double in_system_s = 0;         // ∫ number of requests that had arrived and weren't answered, over time

  double mean_wait_s() const { return wait_sum_s / static_cast<double>(latency_s.size()); }
  /// Mean wait of a queue with Poisson arrivals and these service times (Pollaczek 1930, Khinchine 1932), for batches of one.
  double theory_wait_s(double rate_per_s) const {
    const auto n = static_cast<double>(batches);
    return rate_per_s * (service_square_sum / n) / (2 * (1 - rate_per_s * service_sum_s / n));
  }
  /// Little's law says that this is 1: what the requests spent in the system, by the requests and by the clock.
  double littles_ratio() const {
    double sum = 0;
    for (const double latency : latency_s) sum += latency;
    return in_system_s / sum;
  }
};

/// `clock()`: seconds from any instant on; arrivals count from its first reading. `serve(first, count)` answers requests first … first + count − 1. Ends when all of
/// `arrivals`, ascending, are answered, or when the queue is full.
template <class Clock, class Serve>
Served serve_requests(const std::vector<double>& arrivals, const ServerSettings& settings, Clock clock, Serve serve) {
  const auto all = static_cast<int>(arrivals.size());
  Served served;
  served.latency_s.resize(arrivals.size());
  int answered = 0, arrived = 0;
  double counted_until = 0;  // the number of requests in the system is summed up to here
  const auto count_until = [&](double t, int in_system) {
    served.in_system_s += (t - counted_until) * in_system;
    counted_until = t;
  };
  const auto let_in = [&](double t) {
    for (; arrived < all && arrivals[static_cast<std::size_t>(arrived)] <= t; ++arrived) count_until(arrivals[static_cast<std::size_t>(arrived)], arrived - answered);
  };
  const double start = clock();  // all memory is there
  const auto now = [&] { return clock() - start; };
  while (answered < all) {
    const double begin = now();
    let_in(begin);
    const int waiting = arrived - answered;
    if (waiting == 0) continue;
    if (waiting > settings.queue) {
      served.overloaded = true;
      served.ended_s = begin;
      break;
    }
    const double oldest = arrivals[static_cast<std::size_t>(answered)];
    if (waiting < settings.most_batch && begin - oldest < settings.most_wait_s && arrived < all) continue;
    const int count = std::min(waiting, settings.most_batch);
    serve(answered, count);
    const double end = now();
    let_in(end);
    count_until(end, arrived - answered);
    for (int i = answered; i < answered + count; ++i) {
      const double arrival = arrivals[static_cast<std::size_t>(i)];
      served.latency_s[static_cast<std::size_t>(i)] = end - arrival;
      served.wait_sum_s += begin - arrival;
    }
    answered += count;
    ++served.batches;
    served.busy_s += end - begin;
    served.service_sum_s += end - begin;
    served.service_square_sum += (end - begin) * (end - begin);
    served.ended_s = end;
  }
  served.latency_s.resize(static_cast<std::size_t>(answered));
  return served;
}

/// The ⌈q·n⌉-th smallest; `values` are reordered. Requires one.
inline double quantile(std::vector<double>& values, double q) {
  const auto n = static_cast<double>(values.size());
  const auto at = static_cast<std::ptrdiff_t>(std::clamp(std::ceil(q * n) - 1, 0.0, n - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

}  // namespace lenet_mnist
