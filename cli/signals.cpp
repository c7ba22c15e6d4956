#include "cli/signals.hpp"

#include <csignal>
#include <initializer_list>

namespace assay::cli {

namespace {

run::InterruptFlag flag{false};  // written by a signal handler: it has to be global
static_assert(run::InterruptFlag::is_always_lock_free);

void on_signal(int) { flag = true; }

}  // namespace

void catch_interrupts() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = static_cast<int>(SA_RESETHAND);  // without SA_RESTART: a waiting poll() returns
    sigaction(signal, &action, nullptr);
  }
}

const run::InterruptFlag& interrupted() { return flag; }

}  // namespace assay::cli
