#include "suites/matmul_ladder/serve_rungs.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <memory>
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

/// Whether floats are to be multiplied; refused where the rung can't do what is asked for.
bool is_f32(const std::string& precision, const assay_rung& rung) {
  if (precision != "f64" && precision != "f32") refuse("precision is \"" + precision + "\"; give \"f64\" or \"f32\"");
  const bool f32 = precision == "f32";
  if (f32 ? !rung.multiply_f32 : !rung.multiply) {
    const std::string other = f32 ? "f64" : "f32";
    refuse(std::string(rung.version) + " multiplies in " + other + " only; give precision = \"" + other + "\"");
  }
  return f32;
}

/// A product by one rung, in the precision that it was made for.
class Product {
public:
  virtual ~Product() = default;
  virtual double bytes() const = 0;  // A and B read, C written, each once
  virtual void poison() = 0;
  virtual void multiply() = 0;
  virtual protocol::Checked check() const = 0;
};

template <class Element>
class ProductOf : public Product {
public:
  using Multiply = void (*)(const Element* a, const Element* b, Element* c, int n, const int* rows,
                            int row_count, int threads);

  ProductOf(const char* version, Multiply product, int n, std::vector<int> rows, int threads,
            std::uint64_t seed)
      : version_(version), multiply_(product), n_(n), rows_(std::move(rows)), threads_(threads), seed_(seed),
        inputs_(make_inputs<Element>(n, seed)), c_(new_matrix<Element>(n)) {
    const auto elements = static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
    std::fill_n(c_.get(), elements, std::numeric_limits<Element>::quiet_NaN());
  }

  double bytes() const override { return 3.0 * sizeof(Element) * n_ * n_; }

  // The rows to be computed only: the rest of C would push the inputs out of the caches.
  void poison() override {
    for (const int row : rows_) {
      std::fill_n(c_.get() + static_cast<std::size_t>(row) * static_cast<std::size_t>(n_), n_,
                  std::numeric_limits<Element>::quiet_NaN());
    }
  }

  void multiply() override {
    multiply_(inputs_.a.get(), inputs_.b.get(), c_.get(), n_, rows_.data(), static_cast<int>(rows_.size()),
              threads_);
  }

  protocol::Checked check() const override {
    const Judgement judgement = judge<Element>(inputs_.a.get(), inputs_.b.get(), c_.get(), n_, rows_, seed_);
    if (!judgement.right()) {
      std::fprintf(stderr, "matmul_ladder: %s: the worst element is in row %d%s\n", version_, judgement.row,
                   judgement.column < 0 ? "" : (", column " + std::to_string(judgement.column)).c_str());
    }
    return {judgement.max_error, judgement.tolerance, rule<Element>()};
  }

private:
  const char* version_;
  Multiply multiply_;
  int n_;
  std::vector<int> rows_;
  int threads_;
  std::uint64_t seed_;
  Inputs<Element> inputs_;
  Matrix<Element> c_;
};

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
    const assay_rung& rung = rung_named(assignment.text("version"));
    if (const char* reason = rung.refusal ? rung.refusal() : nullptr) refuse(reason);
    const bool f32 = is_f32(assignment.text_or("precision", "f64"), rung);
    const int n = within(assignment.integer("n"), "n", 1, kLargestN);
    const int threads = within(assignment.integer_or("threads", 1), "threads", 1, kMostThreads);
    const std::int64_t sample_rows =
        within(assignment.integer_or("sample_rows", 0), "sample_rows", 0, kLargestN);
    const std::vector<int> rows =
        rows_to_compute(n, sample_rows, rung.sampled_above_flop, rung.by_thread ? threads : 1);
    if (f32) {
      product_ = std::make_unique<ProductOf<float>>(rung.version, rung.multiply_f32, n, rows, threads, assignment.seed);
    } else {
      product_ = std::make_unique<ProductOf<double>>(rung.version, rung.multiply, n, rows, threads, assignment.seed);
    }

    protocol::Prepared prepared;
    prepared.work["flop"] = flop_of(n);
    prepared.work["bytes"] = product_->bytes();
    if (const auto count = static_cast<int>(rows.size()); count < n) {
      prepared.modelled = {static_cast<double>(n) / count,
                           std::to_string(count) + " of " + std::to_string(n) + " rows"};
    }
    return prepared;
  }

  void poison() override { product_->poison(); }
  void step() override { product_->multiply(); }
  protocol::Checked check() override { return product_->check(); }

private:
  std::string worker_;
  std::map<std::string, std::string> libraries_;
  std::unique_ptr<Product> product_;
};

}  // namespace

int serve_rungs(std::string worker, std::map<std::string, std::string> libraries) {
  MatmulLadder workload(std::move(worker), std::move(libraries));
  const auto counters = assay::hardware::open_counters();
  return assay::worker::serve(workload, counters.get());
}

}  // namespace matmul_ladder
