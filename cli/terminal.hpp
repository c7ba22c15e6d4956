// How a run looks while it runs: a progress bar on a terminal, plain lines elsewhere; always on standard error.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "harness/run/trace.hpp"

namespace assay::cli {

/// Columns of standard output if it is a terminal, else `otherwise`.
int terminal_width(int otherwise = 100);
/// Standard output is a terminal and NO_COLOR isn't set.
bool wants_color();

class TerminalTrace : public run::Trace {
 public:
  /// `show_dialogue`: the lines to and from workers, too.
  explicit TerminalTrace(bool show_dialogue = false);
  ~TerminalTrace() override;

  void note(std::string_view line) override;
  void failure(std::string_view text) override;
  void progress(double fraction, std::string_view what) override;
  void dialogue(std::string_view who, bool to_worker, std::string_view line) override;

 private:
  void clear_bar();

  bool show_dialogue_;
  bool terminal_;
  bool bar_shown_ = false;
  std::string last_step_;  // what was being done when progress was last shown
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point next_draw_{};
};

}  // namespace assay::cli
