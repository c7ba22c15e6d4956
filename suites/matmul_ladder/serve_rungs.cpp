#include "suites/matmul_ladder/serve_rungs.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "hardware/counters/counters.hpp"
#include "harness/worker/serve.hpp"
#include "harness/worker/workload.hpp"
#include "suites/matmul_ladder/inputs.hpp"
#include "suites/matmul_ladder/oracle.hpp"
#include "suites/matmul_ladder/rung.h"
#include "suites/matmul_ladder/sampling.hpp"

namespace matmul_ladder {
namespace {

using assay::Outcome;
using assay::worker::Assignment;
using assay::worker::Refusal;
namespace protocol = assay::protocol;

constexpr std::int64_t kLargestN = 32'768;  // 8 GiB a matrix; n² still fits an int
constexpr std::int64_t kMostThreads = 1'024;

[[noreturn]] void refuse(std::string reason) {
  throw Refusal{{Outcome::unsupported, std::move(reason)}};
}

/// The integer level of `factor`, refused outside [least, most].
int within(std::int64_t value, std::string_view factor, std::int64_t least, std::int64_t most) {
  if (value < least || value > most) {
    refuse(std::string(factor) + " is " + std::to_string(value) + "; give " + std::to_string(least) + " to " +
           std::to_string(most));
  }
  return static_cast<int>(value);
}

const assay_rung& rung_named(const std::string& version) {
  std::vector<std::string> others;
  for (const assay_rung* rung = assay_first_rung(); rung; rung = rung->next) {
    if (version == rung->version) return *rung;
    others.emplace_back(rung->version);
  }
  std::sort(others.begin(), others.end());
  std::string list;
  for (const std::string& other : others) list += (list.empty() ? "" : ", ") + other;
  refuse("this build has no rung '" + version + "'; it has " + list);
}

class MatmulLadder : public assay::worker::Workload {
public:
  MatmulLadder(std::string worker, std::map<std::string, std::string> libraries)
      : worker_(std::move(worker)), libraries_(std::move(libraries)) {}

  protocol::Description describe() override {
    protocol::Description description;
    description.worker = worker_;
    description.metrics = {assay::worker::time_metric()};
    description.libraries = libraries_;
    return description;
  }

  protocol::Prepared prepare(const Assignment& assignment) override {
    rung_ = &rung_named(assignment.text("version"));
    if (const char* reason = rung_->refusal ? rung_->refusal() : nullptr) refuse(reason);
    n_ = within(assignment.integer("n"), "n", 1, kLargestN);
    threads_ = within(assignment.integer_or("threads", 1), "threads", 1, kMostThreads);
    const std::int64_t sample_rows =
        within(assignment.integer_or("sample_rows", 0), "sample_rows", 0, kLargestN);
    rows_ = rows_to_compute(n_, sample_rows, rung_->sampled_above_flop, rung_->by_thread ? threads_ : 1);
    seed_ = assignment.seed;
    inputs_ = make_inputs(n_, seed_);
    c_ = new_matrix(n_);
    const auto elements = static_cast<std::size_t>(n_) * static_cast<std::size_t>(n_);
    std::fill_n(c_.get(), elements, std::numeric_limits<double>::quiet_NaN());

    protocol::Prepared prepared;
    prepared.work["flop"] = flop_of(n_);
    prepared.work["bytes"] = 3.0 * sizeof(double) * n_ * n_;  // A and B read, C written, each once
    if (const auto count = static_cast<int>(rows_.size()); count < n_) {
      prepared.modelled = {static_cast<double>(n_) / count,
                           std::to_string(count) + " of " + std::to_string(n_) + " rows"};
    }
    return prepared;
  }

  // The rows to be computed only: the rest of C would push the inputs out of the caches.
  void poison() override {
    for (const int row : rows_) {
      std::fill_n(c_.get() + static_cast<std::size_t>(row) * static_cast<std::size_t>(n_), n_,
                  std::numeric_limits<double>::quiet_NaN());
    }
  }

  void step() override {
    rung_->multiply(inputs_.a.get(), inputs_.b.get(), c_.get(), n_, rows_.data(),
                    static_cast<int>(rows_.size()), threads_);
  }

  protocol::Checked check() override {
    const Judgement judgement = judge(inputs_.a.get(), inputs_.b.get(), c_.get(), n_, rows_, seed_);
    if (!judgement.right()) {
      std::fprintf(stderr, "matmul_ladder: %s: the worst element is in row %d%s\n", rung_->version,
                   judgement.row,
                   judgement.column < 0 ? "" : (", column " + std::to_string(judgement.column)).c_str());
    }
    return {judgement.max_error, judgement.tolerance, rule()};
  }

private:
  std::string worker_;
  std::map<std::string, std::string> libraries_;
  const assay_rung* rung_ = nullptr;
  int n_ = 0;
  int threads_ = 1;
  std::uint64_t seed_ = 0;
  std::vector<int> rows_;
  Inputs inputs_;
  Matrix c_;
};

}  // namespace

int serve_rungs(std::string worker, std::map<std::string, std::string> libraries) {
  MatmulLadder workload(std::move(worker), std::move(libraries));
  const auto counters = assay::hardware::open_counters();
  return assay::worker::serve(workload, counters.get());
}

}  // namespace matmul_ladder
