// The hash chain through a journal: every line names the SHA-256 of the line before, the first one that of
// experiment.toml. It finds accidents and edits, not a liar, who would compute it anew.
//
//     auto chain = Chain::from_experiment(folder / "experiment.toml");
//     for (line : journal) if (const auto ok = chain->accept(line, seq, prev); !ok) ...
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "harness/core/result.hpp"

namespace assay::record {

class Chain {
 public:
  /// Starts at the frozen experiment; an Error if it can't be read.
  static Result<Chain> from_experiment(const std::filesystem::path& experiment_toml);

  /// Checks the next line's `seq` and `prev` (nullopt: it has none) and moves on to it. The Error says what is
  /// wrong with the line, without file and line number.
  Result<Done> accept(std::string_view line, std::optional<std::uint64_t> seq, std::string_view prev);
  /// Moves on to a line that carries this chain's own seq and prev.
  void extend(std::string_view line);

  std::uint64_t seq() const { return seq_; }         // of the next line
  const std::string& prev() const { return prev_; }  // of the next line

 private:
  explicit Chain(std::string prev) : prev_(std::move(prev)) {}

  std::uint64_t seq_ = 0;
  std::string prev_;
};

}  // namespace assay::record
