#include "cli/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "harness/core/units.hpp"

namespace assay::cli {

namespace {

constexpr auto kRedraw = std::chrono::milliseconds(200);
constexpr int kBarWidth = 30;

}  // namespace

int terminal_width(int otherwise) {
  winsize size{};
  if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20) return size.ws_col;
  return otherwise;
}

bool wants_color() {
  const char* no_color = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) && !(no_color && *no_color);
}

TerminalTrace::TerminalTrace(bool show_dialogue) : show_dialogue_(show_dialogue), terminal_(isatty(STDERR_FILENO)) {}

TerminalTrace::~TerminalTrace() { clear_bar(); }

void TerminalTrace::clear_bar() {
  if (bar_shown_) std::cerr << "\r\033[K" << std::flush;
  bar_shown_ = false;
}

void TerminalTrace::note(std::string_view line) {
  clear_bar();
  std::cerr << line << '\n';
}

void TerminalTrace::failure(std::string_view text) {
  clear_bar();
  std::cerr << text << '\n';
}

void TerminalTrace::progress(double fraction, std::string_view what) {
  const bool new_step = what != last_step_;
  if (!terminal_) {  // one line for each new step, not for each block
    if (new_step) std::cerr << (last_step_ = what) << '\n';
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (!new_step && now < next_draw_) return;
  last_step_ = what;
  next_draw_ = now + kRedraw;
  const int filled = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * kBarWidth);
  const double spent = std::chrono::duration<double>(now - begin_).count();
  std::string left;
  if (fraction > 0.02) left = fmt::format(", about {} left", duration_text(spent * (1 - fraction) / fraction));
  std::cerr << fmt::format("\r\033[K[{}{}] {:3.0f} % {}{}", std::string(static_cast<std::size_t>(filled), '#'),
                           std::string(static_cast<std::size_t>(kBarWidth - filled), '.'), 100 * fraction, what, left)
            << std::flush;
  bar_shown_ = true;
}

void TerminalTrace::dialogue(std::string_view who, bool to_worker, std::string_view line) {
  if (!show_dialogue_) return;
  clear_bar();
  constexpr std::size_t kLongest = 2000;
  std::cerr << fmt::format("{} {} {}{}\n", who, to_worker ? "→" : "←", line.substr(0, kLongest), line.size() > kLongest ? " …" : "");
}

}  // namespace assay::cli
