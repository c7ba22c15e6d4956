// The threads that are there when counters are opened: a pool that an `import` started works in the block as well, and
// the kernel's inheritance reaches only threads that are started later.
#pragma once

#include <sys/types.h>

#include <vector>

namespace assay::hardware {

/// Never empty: without /proc it is {0}, the calling thread.
std::vector<pid_t> threads_of_this_process();

/// False if it has ended.
bool is_thread_of_this_process(pid_t thread);

}  // namespace assay::hardware
