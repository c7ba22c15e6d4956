#include "hardware/cpu/thread_team.hpp"

#include <fmt/format.h>
#include <sched.h>

#include <chrono>
#include <system_error>

namespace assay::hardware {

namespace {

constexpr int kMostThreads = 1024;

/// Watches for 50 µs, so that threads that work block after block aren't woken from sleep inside a timed one; then
/// sleeps.
template <class Ready, class Sleep>
void await(Ready ready, Sleep sleep) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(50);
  while (!ready()) {
    if (std::chrono::steady_clock::now() > until) sleep();
  }
}

}  // namespace

bool bind_this_thread(int cpu) {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (cpu < 0 || cpu >= CPU_SETSIZE) return false;
  CPU_SET(static_cast<std::size_t>(cpu), &mask);
  return ::sched_setaffinity(0, sizeof mask, &mask) == 0;
}

Result<std::unique_ptr<ThreadTeam>> ThreadTeam::start(int threads, const std::vector<int>& cpus) {
  if (threads < 1 || threads > kMostThreads) {
    return Error{fmt::format("threads is {}; give 1 to {}", threads, kMostThreads)};
  }
  std::unique_ptr<ThreadTeam> team(new ThreadTeam(threads));
  if (const auto started = team->start_members(cpus); !started) return started.error();
  return team;
}

ThreadTeam::~ThreadTeam() {
  stop_ = true;
  wake();
  for (std::thread& member : members_) member.join();
}

Result<Done> ThreadTeam::start_members(const std::vector<int>& cpus) {
  const bool bound = std::ssize(cpus) >= size_ && size_ > 1;
  std::atomic<int> refused{-1};
  try {
    for (int i = 1; i < size_; ++i) {
      unfinished_.fetch_add(1);
      members_.emplace_back([this, i, &refused, cpu = bound ? cpus[static_cast<std::size_t>(i)] : -1] {
        if (cpu >= 0 && !bind_this_thread(cpu)) refused = cpu;
        finished();
        serve(i);
      });
    }
  } catch (const std::system_error& e) {
    unfinished_.fetch_sub(1);
    wait_for_members();  // they still write to `refused`
    return Error{fmt::format("only {} of {} threads could be started: {}", members_.size() + 1, size_, e.what())};
  }
  wait_for_members();
  if (bound && !bind_this_thread(cpus[0])) refused = cpus[0];
  if (refused >= 0) return Error{fmt::format("this process may not run on CPU {}", refused.load())};
  return Done{};
}

void ThreadTeam::run(const std::function<void(int)>& work) {
  work_ = &work;
  unfinished_.store(static_cast<int>(members_.size()));
  wake();
  work(0);
  wait_for_members();
}

void ThreadTeam::serve(int member) {
  for (unsigned seen = 0;;) {
    await([&] { return generation_.load() != seen; }, [&] { generation_.wait(seen); });
    seen = generation_.load();
    if (stop_) return;
    (*work_)(member);
    finished();
  }
}

void ThreadTeam::wake() {
  generation_.fetch_add(1);
  generation_.notify_all();
}

void ThreadTeam::finished() {
  if (unfinished_.fetch_sub(1) == 1) unfinished_.notify_all();
}

void ThreadTeam::wait_for_members() {
  await([&] { return unfinished_.load() == 0; },
        [&] {
          if (const int left = unfinished_.load(); left != 0) unfinished_.wait(left);
        });
}

}  // namespace assay::hardware
