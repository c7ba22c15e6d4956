// What an execution of a command puts out, and whether that is what the baseline put out in the same round.
//
//     OutputComparison outputs;
//     auto ending = outputs.enter(round, 1, 0, id, output);       // treatment 1 against treatment 0
//     for (const auto& [id, ending] : outputs.take_late()) …      // executions that ran before their baseline did
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/outcome.hpp"
#include "harness/core/result.hpp"

namespace assay::run {

/// Standard output, then each declared file.
struct Output {
  struct Part {
    std::string name;                        // "standard output", or the file as the experiment names it
    std::string sha256;                      // 64 hexadecimal digits
    std::shared_ptr<const std::string> bytes;
  };
  std::vector<Part> parts;
};

/// Where `of` first differs from `to`: "standard output differs from byte 17 on (line 2): \"b\" against \"a\"". Nullopt if
/// they are equal.
std::optional<std::string> first_difference(const Output& of, const Output& to);

/// The bytes of a file whose output counts; an Error if it isn't there or longer than `most` bytes.
Result<std::string> read_output_file(const std::filesystem::path& file, std::size_t most);

/// The outputs of one round. Order within a round is random, so that an execution may come before its baseline's.
class OutputComparison {
 public:
  /// Enters what replicate `id` of `treatment` put out. It must equal the round's first output of `baseline` (its own, if it
  /// is the baseline). The result is ok too if that isn't known yet.
  Ending enter(int round, int treatment, int baseline, int id, Output output);
  /// What was entered before its baseline and has turned out to be different: replicate and ending. Forgets them.
  std::vector<std::pair<int, Ending>> take_late();

 private:
  struct Waiting {
    int id = 0;
    int baseline = 0;
    Output output;
  };
  int round_ = -1;
  std::map<std::string, std::shared_ptr<const std::string>> known_;  // by hash: equal outputs are kept once
  std::map<int, Output> references_;                                 // by treatment
  std::vector<Waiting> waiting_;
  std::vector<std::pair<int, Ending>> late_;
};

}  // namespace assay::run
