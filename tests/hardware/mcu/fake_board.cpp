// A board at the end of a pseudo-terminal: the device's real dialogue (sums_device), which misbehaves as it is told. It prints the path
// of the tty and serves until it is killed, or the one who started it is gone.
//
//     fake_board                                       a good one
//     fake_board --fault half_reply --at infer         the first time that it is told to infer
//     fake_board --fault corrupt --at db --times -1    each time
//     fake_board --fault replace --at infer --line assay-least- --by assay-least-nan
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <string_view>

#include "tests/hardware/mcu/sums_device.hpp"

namespace {

namespace sums_device = assay::sums_device;

struct Options {
  std::string fault;  // see Board::carry_out and Board::boot
  std::string at;     // the beginning of the commands at which it strikes
  int times = 1;      // that it strikes; −1: always
  std::string line, by;
};

constexpr std::string_view kFaultLines =
    "\r\ne-[fault]\r\nassay-fault-[pc=000001a4 exact=1 lr=000001b1 cfsr=02000000 hfsr=00000000 address=ffffffff sp=200007c0 stack=20000000]\r\n";

class Board {
 public:
  Board(int line, Options options) : line_(line), options_(std::move(options)) {}

  void boot() {
    const std::string& fault = options_.fault;
    if (fault == "boot_slowly") ::sleep(2);
    if (fault == "garbage") write(garbage());  // without a line's end: it spoils the banner's first line
    if (fault == "other_model") sums_device::set_model("another");
    write(sums_device::begin());
    if (fault == "pending") sums_device::answer("infer 3");  // half a command, of someone who has gone
  }

  [[noreturn]] void serve() {
    std::string command;
    for (;;) {
      pollfd waiting{line_, POLLIN, 0};
      if (::poll(&waiting, 1, chatters_ ? 5 : -1) == 0) write("temperature 21.5\r\n");
      char byte = 0;
      if (!(waiting.revents & POLLIN) || ::read(line_, &byte, 1) != 1) continue;
      command += byte;
      if (byte != '%') continue;
      carry_out(command);
      command.clear();
    }
  }

 private:
  bool strikes(const std::string& command) {
    if (!command.starts_with(options_.at) || options_.times == 0) return false;
    if (options_.times > 0) --options_.times;
    return true;
  }

  void carry_out(std::string command) {
    const std::string& fault = options_.fault;
    if (fault == "plain" && command.starts_with("assay")) command = "un" + command;  // for the dialogue an unknown one
    const bool is_data = command.starts_with("db ") && !command.starts_with("db load");
    if (fault.empty() || (options_.at == "db" && !is_data) || !strikes(command)) return write(sums_device::answer(command));

    if (fault == "silent") return;
    if (fault == "stuck") {  // says nothing from now on
      for (;;) ::pause();
    }
    if (fault == "lose_end") return write(sums_device::answer(command.substr(0, command.size() - 1)));
    if (fault == "lose_digit") return write(sums_device::answer(command.erase(10, 1)));
    if (fault == "corrupt") command[10] = command[10] == '0' ? '1' : '0';
    std::string reply = sums_device::answer(command);
    const std::string half = reply.substr(0, reply.size() / 2);
    if (fault == "garbage") {
      reply = between_lines(reply);
    } else if (fault == "half_reply") {
      reply = half;
    } else if (fault == "reset") {
      reply = half + "\r\n" + sums_device::begin();
    } else if (fault == "unplug") {
      write(half);
      ::tcdrain(line_);
      std::exit(0);
    } else if (fault == "plain") {
      reply = without_our_lines(reply);
    } else if (fault == "replace") {
      reply = with_line_replaced(reply);
    } else if (fault == "long_line") {
      reply = std::string(10'000, 'x') + "\r\n" + reply;
    } else if (fault == "fault") {
      write(half + std::string(kFaultLines));
      for (;;) ::pause();
    } else if (fault == "chatter") {
      chatters_ = true;  // prints for ever, as another sketch does
    }
    write(reply);
  }

  std::string garbage() {
    std::string bytes;
    for (int i = 0; i < 40; ++i) {
      const char byte = static_cast<char>(random_() & 0xFF);
      if (byte != '\n') bytes += byte;
    }
    return bytes;
  }

  template <class Change>
  static std::string each_line(std::string_view reply, Change change) {
    std::string changed;
    while (!reply.empty()) {
      const std::size_t end = std::min(reply.find('\n'), reply.size() - 1) + 1;
      changed += change(reply.substr(0, end));
      reply.remove_prefix(end);
    }
    return changed;
  }

  std::string between_lines(std::string_view reply) {
    return each_line(reply, [&](std::string_view line) { return garbage() + "\r\n" + std::string(line); });
  }
  static std::string without_our_lines(std::string_view reply) {
    return each_line(reply, [](std::string_view line) { return std::string(line.starts_with("assay-") ? "" : line); });
  }
  std::string with_line_replaced(std::string_view reply) const {
    return each_line(reply, [&](std::string_view line) { return line.starts_with(options_.line) ? options_.by + "\r\n" : std::string(line); });
  }

  void write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t wrote = ::write(line_, text.data(), text.size());
      if (wrote <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(wrote));
    }
  }

  int line_;
  bool chatters_ = false;
  Options options_;
  std::mt19937 random_{7};
};

int open_line() {
  const int line = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (line < 0 || ::grantpt(line) != 0 || ::unlockpt(line) != 0) {
    std::perror("fake_board: no pseudo-terminal");
    std::exit(1);
  }
  const int other = ::open(::ptsname(line), O_RDWR | O_NOCTTY);  // raw before anyone speaks; what is never opened can't be written to
  termios settings{};
  ::tcgetattr(other, &settings);
  ::cfmakeraw(&settings);
  ::tcsetattr(other, TCSANOW, &settings);
  static_cast<void>(other);  // stays open: the line is there for the next who opens it
  return line;
}

}  // namespace

int main(int argc, char** argv) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i], value = argv[i + 1];
    if (option == "--fault") options.fault = value;
    if (option == "--at") options.at = value;
    if (option == "--times") options.times = std::atoi(value.c_str());
    if (option == "--line") options.line = value;
    if (option == "--by") options.by = value;
  }
  const int line = open_line();
  std::cout << ::ptsname(line) << '\n' << std::flush;
  Board board(line, options);
  board.boot();
  board.serve();
}
