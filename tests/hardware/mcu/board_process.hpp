// fake_board as a process: started with its options, killed at the end.
//
//     BoardProcess board({"--fault", "silent", "--at", "infer"});
//     auto tty = open_tty(board.tty(), 115200);
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace assay::mcu {

class BoardProcess {
 public:
  explicit BoardProcess(std::vector<std::string> options = {}) {
    int out[2];
    if (::pipe2(out, O_CLOEXEC) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(out[1], STDOUT_FILENO);
      options.insert(options.begin(), FAKE_BOARD);
      std::vector<char*> argv;
      for (std::string& option : options) argv.push_back(option.data());
      argv.push_back(nullptr);
      ::execv(FAKE_BOARD, argv.data());
      ::_exit(127);
    }
    ::close(out[1]);
    for (char c = 0; ::read(out[0], &c, 1) == 1 && c != '\n';) tty_ += c;
    ::close(out[0]);
  }
  BoardProcess(const BoardProcess&) = delete;
  BoardProcess& operator=(const BoardProcess&) = delete;
  ~BoardProcess() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  const std::string& tty() const { return tty_; }

 private:
  pid_t pid_ = -1;
  std::string tty_;
};

}  // namespace assay::mcu
