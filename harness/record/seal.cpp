#include "harness/record/seal.hpp"

#include <fmt/format.h>

#include "harness/core/hash.hpp"

namespace assay::record {

namespace {

/// Files that a run writes once and that no line of the journal names.
constexpr const char* kSealed[] = {"manifest.json", "published.toml"};

}  // namespace

Json sealed(Json fields, const std::filesystem::path& folder) {
  fields["seals"] = Json::object();
  for (const char* name : kSealed) {
    std::error_code ignored;
    if (!std::filesystem::exists(folder / name, ignored)) continue;
    if (const auto hash = sha256_of_file((folder / name).string())) fields["seals"][name] = *hash;
  }
  return fields;
}

std::string self_hash(Json line) {
  line.erase("self");
  return sha256_hex(canonical_json(line));
}

std::vector<SealProblem> seal_problems(const std::filesystem::path& folder, const Json& end) {
  const auto self = end.find("self");
  const auto seals = end.find("seals");
  if (self == end.end() || !self->is_string() || seals == end.end() || !seals->is_object())
    return {{"journal.jsonl", "the last line vouches for nothing: its seal is missing"}};
  std::vector<SealProblem> problems;
  if (self->get<std::string>() != self_hash(end)) problems.push_back({"journal.jsonl", "the last line isn't what was written"});
  for (const char* name : kSealed) {
    std::error_code ignored;
    const bool there = std::filesystem::exists(folder / name, ignored);
    const auto wanted = seals->find(name);
    if (wanted == seals->end() || !wanted->is_string()) {
      if (there) problems.push_back({name, "was put here after the run ended"});
      continue;
    }
    const auto hash = there ? sha256_of_file((folder / name).string()) : Result<std::string>(Error{"missing"});
    if (!there) {
      problems.push_back({name, "is missing"});
    } else if (!hash || *hash != wanted->get<std::string>()) {
      problems.push_back({name, "was changed after the run ended"});
    }
  }
  return problems;
}

}  // namespace assay::record
