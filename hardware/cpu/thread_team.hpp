// Threads that do a timed loop together: started once and bound to their CPUs, because starting them is never part of a
// run; asleep between runs, because an idle worker takes no time from its neighbours.
//
//     auto team = ThreadTeam::start(4, cpus);
//     (*team)->run([&](int member) { work(shares[member]); });      // returns when all four are done
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::hardware {

/// False if this thread may not run there.
bool bind_this_thread(int cpu);

class ThreadTeam {
 public:
  /// 1 to 1024 threads, of which the calling one is member 0. If there are at least `threads` CPUs, member i is bound to
  /// cpus[i]; else nobody is. An Error names the CPU that a thread can't be bound to, or says how many can be started.
  static Result<std::unique_ptr<ThreadTeam>> start(int threads, const std::vector<int>& cpus);
  ~ThreadTeam();

  /// `work(member)` on every member at once, to be called by the thread that called `start`.
  void run(const std::function<void(int)>& work);
  int size() const { return size_; }

 private:
  explicit ThreadTeam(int threads) : size_(threads) {}
  Result<Done> start_members(const std::vector<int>& cpus);
  void serve(int member);
  void wake();
  void finished();
  void wait_for_members();

  int size_;
  const std::function<void(int)>* work_ = nullptr;  // written before the generation is, read after it
  std::atomic<bool> stop_{false};
  std::atomic<unsigned> generation_{0};
  std::atomic<int> unfinished_{0};
  std::vector<std::thread> members_;  // all but member 0
};

}  // namespace assay::hardware
