#include "harness/record/answers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/classes.hpp"
#include "harness/core/hash.hpp"
#include "harness/record/run_folder.hpp"

namespace assay::record {

namespace {

constexpr std::uintmax_t kLongest = 64 << 20;  // a reply of 16 MiB holds less

/// The name is the hash's first digits; a hash that is none would name any file.
bool is_hash(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Error lost(const std::string& name, const std::string& what) {
  return Error{fmt::format("outputs/{}: {}; which items were answered right is not known, so intervals are over rounds", name,
                           what)};
}

}  // namespace

Result<Answers> read_answers(const std::filesystem::path& run_folder, const std::string& predictions_sha256,
                             const std::string& labels_sha256) {
  if (!is_hash(predictions_sha256) || !is_hash(labels_sha256)) return lost("", "the journal gives no hash");
  const std::string predictions_name = predictions_sha256.substr(0, 16) + ".predictions";
  const std::string labels_name = labels_sha256.substr(0, 16) + ".labels";
  const auto predictions_text = read_file(run_folder / "outputs" / predictions_name, kLongest);
  if (!predictions_text) return lost(predictions_name, "it can't be read");
  const auto labels_text = read_file(run_folder / "outputs" / labels_name, kLongest);
  if (!labels_text) return lost(labels_name, "it can't be read");
  const auto predictions = decode_classes(*predictions_text);
  const auto labels = decode_classes(*labels_text);
  if (!predictions || sha256_hex(*predictions_text) != predictions_sha256) {
    return lost(predictions_name, "it isn't what the journal says");
  }
  if (!labels || sha256_of_classes(*labels) != labels_sha256 || labels->size() != predictions->size()) {
    return lost(labels_name, "it isn't what the journal says");
  }
  Answers answers{predictions_sha256, labels_sha256, {}};
  answers.right.reserve(labels->size());
  for (std::size_t i = 0; i < labels->size(); ++i) answers.right.push_back((*predictions)[i] == (*labels)[i]);
  return answers;
}

}  // namespace assay::record
