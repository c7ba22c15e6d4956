// A batch shared out among threads, each with memory of its own to work in.
//
//     auto team = BatchTeam::start(settings, cpus, kernels.scratch);
//     team->run([&](std::int64_t first, int count, void* scratch) { … images first … first + count − 1 … });
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "hardware/cpu/thread_team.hpp"
#include "reference_models/lenet5/native/aligned_memory.hpp"
#include "reference_models/lenet5/classifier.hpp"

namespace lenet5 {

class BatchTeam {
 public:
  static assay::Result<BatchTeam> start(const ClassifierSettings& settings, const std::vector<int>& cpus, std::size_t scratch_bytes) {
    BatchTeam team;
    team.batch_ = settings.batch;
    if (settings.threads > 1) {
      auto threads = assay::hardware::ThreadTeam::start(settings.threads, cpus);
      if (!threads) return threads.error();
      team.threads_ = std::move(*threads);
    }
    for (int i = 0; i < settings.threads; ++i) team.scratch_.emplace_back(scratch_bytes);
    return team;
  }

  /// Allocates nothing.
  template <class Work>
  void run(const Work& work) {
    if (!threads_ || batch_ == 1) return work(std::int64_t{0}, static_cast<int>(batch_), scratch_.front().template as<void>());
    threads_->run([this, &work](int member) {
      const auto members = static_cast<std::int64_t>(scratch_.size());
      const std::int64_t first = batch_ * member / members, end = batch_ * (member + 1) / members;
      if (first < end) work(first, static_cast<int>(end - first), scratch_[static_cast<std::size_t>(member)].template as<void>());
    });
  }

 private:
  std::int64_t batch_ = 1;
  std::unique_ptr<assay::hardware::ThreadTeam> threads_;  // null: one thread
  std::vector<AlignedMemory> scratch_;                    // one a thread
};

}  // namespace lenet5
