// The yardstick as a treatment: what doctor --aa compares with itself. Factors or controls:
//
//     steps              inner steps an iteration. Without it they are calibrated to iteration_s when the process is
//                        prepared: two processes then differ, so a comparison names them
//     iteration_s        0.001 (default)
//     planted            1 (default) or more: exactly planted × steps steps are done, and as many lines walked
//     working_set_bytes  0 (default): registers only; else an iteration also reads a word of each 64 bytes of as much memory
//
//     echo '{"op":"describe"}' | libexec/assay/assay_yardstick_worker
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "hardware/cpu/yardstick.hpp"
#include "harness/worker/serve.hpp"

namespace {

using namespace assay;

constexpr std::int64_t kLine_bytes = 64;
constexpr std::int64_t kMost = std::int64_t{1} << 40;  // of steps, and of bytes: beyond it is a mistake

[[noreturn]] void refuse(std::string reason) { throw worker::Refusal{{Outcome::unsupported, std::move(reason)}}; }

/// One line of the working set: its first word is its number, so that a walk's sum is known beforehand.
struct alignas(kLine_bytes) Line {
  std::uint64_t number = 0;
};

class Yardstick final : public worker::Workload {
 public:
  protocol::Description describe() override { return {.worker = "yardstick", .metrics = {worker::time_metric()}}; }

  protocol::Prepared prepare(const worker::Assignment& assignment) override {
    const double planted = assignment.number_or("planted", 1);
    const double iteration_s = assignment.number_or("iteration_s", 0.001);
    const std::int64_t bytes = assignment.integer_or("working_set_bytes", 0);
    std::int64_t steps = assignment.integer_or("steps", 0);
    if (!(planted >= 1 && planted <= 1000)) refuse("planted is a ratio from 1 to 1000: how much more than `steps` is done");
    if (!(iteration_s > 0 && iteration_s <= 60)) refuse("iteration_s is in seconds, above 0 and at most 60");
    if (steps < 0 || steps > kMost) refuse("steps is an integer from 1 to 2^40; leave it out to have them calibrated");
    if (bytes < 0 || bytes > kMost) refuse("working_set_bytes is an integer from 0 to 2^40");
    if (steps == 0) steps = hardware::yardstick_steps_in(iteration_s);
    steps_ = hardware::planted_steps(steps, planted);
    lines_.assign(static_cast<std::size_t>(bytes / kLine_bytes), {});
    for (std::size_t i = 0; i < lines_.size(); ++i) lines_[i].number = i;
    walked_ = hardware::planted_steps(std::ssize(lines_), planted);
    return {.work = {{"steps", static_cast<double>(steps_)}, {"lines", static_cast<double>(walked_)}}, .modelled = {}, .inputs = {}};
  }

  void poison() override {
    state_ = 0;
    sum_ = std::numeric_limits<std::uint64_t>::max();
  }

  void step() override {
    state_ = hardware::run_yardstick(hardware::kYardstickStart, steps_);
    sum_ = walk();
  }

  protocol::Checked check() override {
    const bool right = state_ == hardware::yardstick_after(hardware::kYardstickStart, steps_) && sum_ == sum_of_walk();
    return {.max_error = right ? 0.0 : 1.0, .tolerance = 0, .rule = "every step was done: the state and the sum are exactly those that were asked for"};
  }

 private:
  std::uint64_t walk() const {
    std::uint64_t sum = 0;
    const Line* const lines = lines_.data();
    const std::int64_t size = std::ssize(lines_);
    for (std::int64_t left = walked_; left > 0; left -= size) {
      for (std::int64_t i = 0; i < std::min(left, size); ++i) {
        sum += lines[i].number;
        asm volatile("" : "+r"(sum));  // one by one, and in memory
      }
    }
    return sum;
  }

  /// 0 + 1 + … for each whole walk, and for what is left of the last.
  std::uint64_t sum_of_walk() const {
    if (lines_.empty()) return 0;
    const auto below = [](std::uint64_t n) { return n == 0 ? 0 : n * (n - 1) / 2; };
    const auto size = static_cast<std::uint64_t>(lines_.size()), walked = static_cast<std::uint64_t>(walked_);
    return walked / size * below(size) + below(walked % size);
  }

  std::int64_t steps_ = 0;
  std::int64_t walked_ = 0;
  std::vector<Line> lines_;
  std::uint64_t state_ = 0;
  std::uint64_t sum_ = 0;
};

}  // namespace

int main() {
  Yardstick yardstick;
  return worker::serve(yardstick);  // without counters: only its time is asked for, and their set-up takes some of it
}
