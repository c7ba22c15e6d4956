// What `assay check` finds: which rule, where, what is wrong and how to mend it. Checkers return these; the verb prints them.
#pragma once

#include <string>
#include <string_view>

namespace assay::reports::check {

/// error: the check fails. warning: a grader would ask. note: worth a look; often fine.
enum class Severity { error, warning, note };

constexpr std::string_view name_of(Severity severity) {
  return severity == Severity::error ? "error" : severity == Severity::warning ? "warning" : "note";
}

struct Finding {
  Severity severity = Severity::error;
  std::string rule;    // "run.chain", "report.stale", "repository.file": the part before the dot is what was checked
  std::string file;    // relative to what is checked; empty: the whole
  int line = 0;        // from 1; 0: the whole file
  std::string what;    // one sentence without a full stop
  std::string remedy;  // what to do; empty: nothing can be done
};

}  // namespace assay::reports::check
