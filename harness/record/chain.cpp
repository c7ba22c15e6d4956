#include "harness/record/chain.hpp"

#include <fmt/format.h>

#include "harness/core/hash.hpp"

namespace assay::record {

Result<Chain> Chain::from_experiment(const std::filesystem::path& experiment_toml) {
  auto hash = sha256_of_file(experiment_toml.string());
  if (!hash) return hash.error();
  return Chain(*std::move(hash));
}

Result<Done> Chain::accept(std::string_view line, std::optional<std::uint64_t> seq, std::string_view prev) {
  if (!seq) return Error{"a line without seq; a journal's lines are numbered from 0"};
  if (*seq != seq_) {
    return Error{fmt::format("seq {} where {} must stand: lines were removed, added or moved after they were written",
                             *seq, seq_)};
  }
  if (prev != prev_) {
    return Error{seq_ == 0 ? std::string("prev is not the hash of experiment.toml: one of the two was changed after "
                                         "the run began")
                           : fmt::format("prev is not the hash of line {}: one of the two lines was changed after it "
                                         "was written", seq_)};
  }
  extend(line);
  return Done{};
}

void Chain::extend(std::string_view line) {
  prev_ = sha256_hex(line);
  ++seq_;
}

}  // namespace assay::record
