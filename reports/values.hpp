// Single values of a report, each by a key that a person can write into prose or LaTeX: no number is copied by hand.
//
//     <!-- assay: value precision-ablation speedup latency_s precision=int8 batch=1 -->…<!-- assay: end value -->
//     \assay{speedup latency_s precision=int8 batch=1}
//
//     const auto value = find_value(values_of(report), report.folder_name, {"speedup", "latency_s", "precision=int8", "batch=1"});
//     value->text() == "2.31× [2.25, 2.38]"
//
// docs/FORMAT.md lists the keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"
#include "reports/report.hpp"

namespace assay::reports {

/// Which part of a value is shown.
enum class ValueForm { whole, value, interval };

struct Value {
  std::string key;       // canonical: "speedup latency_s precision=int8 batch=1"
  std::string value;     // "2.31×"
  std::string interval;  // "[2.25, 2.38]", or empty

  /// `whole`: "2.31× [2.25, 2.38]".
  std::string text(ValueForm form = ValueForm::whole) const;
};

/// The first words of keys. What isn't one of these names a run.
bool is_value_word(std::string_view word);

/// Every value of the report, in the order of its tables; keys are unique.
std::vector<Value> values_of(const Report& report);

/// The value of `all` that `words` name; factors may stand in any order, and those may be left out that tell nothing apart. The Error calls
/// the run by its name and lists what would be near.
Result<Value> find_value(const std::vector<Value>& all, std::string_view run, const std::vector<std::string>& words);

/// Splits at spaces, except inside double quotes, which are removed: version="my level" is one word.
std::vector<std::string> key_words(std::string_view text);

}  // namespace assay::reports
