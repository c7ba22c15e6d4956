// What repositories have in common that they can't have by chance: a journal's timings are as individual as a
// fingerprint.
//
//     const Fingerprint print = fingerprint_of(facts);                      // in the process that looks at
//     one repository const auto alike = likenesses({{"team-1", print1}, {"team-2", print2}});
//
// It points out; a human judges. Teams may share a run on purpose, and say so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/json.hpp"
#include "harness/core/result.hpp"
#include "reports/check/repository.hpp"

namespace assay::reports::check {

/// Of one journal.jsonl.
struct JournalPrint {
  std::string file;
  std::string sha256;
  /// Hashes of three timings in a row, ascending: all of them, or the smallest kMostShingles. A timing has
  /// about six digits that are noise; three in a row that are equal by chance aren't to be expected in the
  /// life of a course.
  std::vector<std::uint64_t> shingles;
  bool all = true;
};

struct FilePrint {
  std::string file;
  std::string sha256;  // its first 16 digits
};

struct Fingerprint {
  std::vector<JournalPrint> journals;
  std::vector<FilePrint> results;  // CSV files outside runs
  std::vector<FilePrint> sources;
};

inline constexpr std::size_t kMostShingles = 1000;
inline constexpr std::size_t kMostJournals = 64;  // of a repository

/// Reads the files; what can't be read is left out.
Fingerprint fingerprint_of(const RepositoryFacts& facts);

OrderedJson to_json(const Fingerprint& print);
Result<Fingerprint> fingerprint_from(const Json& document);

struct Likeness {
  enum class Kind { journal, results, sources };
  Kind kind = Kind::journal;
  std::string one, other;            // repositories, in the order in which they were given
  std::string one_file, other_file;  // of sources empty
  double share = 0;                  // of the smaller side that the other has, too; 1: the same
  std::size_t count = 0;             // of files, or of sampled timings, in common
};

constexpr std::string_view name_of(Likeness::Kind kind) {
  return kind == Likeness::Kind::journal   ? "journal"
         : kind == Likeness::Kind::results ? "results"
                                           : "sources";
}

/// The most alike first. What more than half of four repositories or more have in common is the course's own
/// and left out.
std::vector<Likeness> likenesses(const std::vector<std::pair<std::string, Fingerprint>>& repositories);

/// "team-1 and team-2 have the same timings in their journals: data/…/journal.jsonl, …"
std::string sentence(const Likeness& likeness);

}  // namespace assay::reports::check
