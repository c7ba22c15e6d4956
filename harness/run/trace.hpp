// What a run tells the person while it runs. `cli/` draws it; tests collect it; the default says nothing.
#pragma once

#include <string>
#include <string_view>

namespace assay::run {

class Trace {
 public:
  virtual ~Trace() = default;
  /// One line of what is going on: "rehearsal: version=7_avx n=512 ok (0.31 s)".
  virtual void note(std::string_view) {}
  /// Something failed: outcome, reason, tail of its log, how to repeat it.
  virtual void failure(std::string_view) {}
  /// 0…1 of the planned work, and what is being done. Called after every block: must be cheap.
  virtual void progress(double, std::string_view) {}
  /// One line of the dialogue with a worker; `to_worker` gives the direction (`assay try -v`).
  virtual void dialogue(std::string_view, bool, std::string_view) {}
};

}  // namespace assay::run
