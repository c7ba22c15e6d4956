// What a gate adds to an experiment: every treatment is done twice, by the reference and by the working tree,
// and these two are compared. `assay compare --against REF` writes it as the table [against], which may end
// any experiment file.
//
//     [against]
//     reference = "HEAD~1"                                   # level of the factor `revision`
//     tree      = "{cache}/references/1a2b/<commit>"         # the reference's tree stands there …
//     below     = "bench"                                    # … and this is where in it the experiment's
//     folder lies
//
// or, for a program that was kept: program = "{cache}/kept/<hash>/sort", replaces = "build/sort".
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace assay::plan {

inline constexpr const char* kRevision = "revision";         // the factor
inline constexpr const char* kWorkingTree = "working tree";  // its level that is judged

struct Against {
  std::string reference;          // the other level, the baseline of every comparison
  std::string commit;             // of the reference, where it is a revision; recorded, not used
  std::string head;               // what the working tree was made from
  bool changed = false;           // the working tree differs from `head`
  std::filesystem::path tree;     // root of the reference's tree; empty: `program` is the reference
  std::filesystem::path below;    // the experiment's folder seen from either root; may be empty
  std::filesystem::path program;  // what stands in for `replaces` in a command
  std::string replaces;           // a word of a command: a path as the command has it
  std::optional<double> margin;   // of every metric, whatever [metrics.X] says
  int line = 1;

  /// Where the reference's processes run whose counterpart runs in `folder`, below the experiment's folder
  /// `home` or beside it in the same tree. A folder outside of the working tree is its own counterpart.
  std::filesystem::path folder_of(const std::filesystem::path& folder,
                                  const std::filesystem::path& home) const;
  /// A command as the reference has it: paths into the working tree become paths into its tree, or `program`
  /// stands for `replaces`.
  std::vector<std::string> words_of(std::vector<std::string> words, const std::filesystem::path& home) const;
};

}  // namespace assay::plan
