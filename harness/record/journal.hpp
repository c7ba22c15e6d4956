// The journal: one line a block, appended whole before the next block starts, each chained to the one before.
//
//     auto journal = Journal::create(run_folder / "journal.jsonl");
//     if (const auto written = journal->append(block_line(...)); !written) stop(written.error());
//     journal->sync();   // at round ends
//
// A line that could not be written whole is cut off again at once, so that the file always parses.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "harness/core/json.hpp"
#include "harness/core/result.hpp"

namespace assay::record {

class Journal {
 public:
  /// A new, empty journal; fails if the file exists.
  static Result<Journal> create(const std::filesystem::path& file);
  /// Continues one: cuts a torn tail at the last newline, checks the chain, and goes on with its seq and prev.
  static Result<Journal> reopen(const std::filesystem::path& file);

  Journal(Journal&&) noexcept;
  Journal& operator=(Journal&&) noexcept;
  ~Journal();

  /// Adds `seq` and `prev` to `fields` and appends the line in one O_APPEND write. On failure (disk full) the
  /// file is as before, and the Error says which file, why, and that --resume goes on from here.
  Result<Done> append(Json fields);
  /// The same of the last line, which vouches for its own bytes: no later one will (seal.hpp).
  Result<Done> append_last(Json fields);
  Result<Done> sync();  // fdatasync

  std::uint64_t next_seq() const;
  std::uint64_t bytes_cut() const;  // what reopen() removed from a torn tail

 private:
  struct State;
  Result<Done> write(const Json& line);
  explicit Journal(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

/// First problem of the chain (1-based line, what), for `assay check` and for reading; Done if there is none.
Result<Done> check_chain(const std::filesystem::path& file);

}  // namespace assay::record
