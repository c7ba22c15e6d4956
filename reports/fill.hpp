// Fills the marked blocks of a text that people write from reports. No I/O: into.hpp has the file's side.
//
//     const auto filled = fill_blocks(text, {&report}, *templates, {.name = "docs/report.md", .file =
//     "report.md"}); for (const FilledBlock& block : filled->blocks) show(block);
//
// Every byte outside the blocks stays; filled twice is filled once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"
#include "reports/blocks.hpp"
#include "reports/report.hpp"
#include "reports/templates.hpp"

namespace assay::reports {

struct FillSettings {
  std::string name;    // of the text, as messages call it
  std::string file;    // its last component, for the command that a block shows
  bool force = false;  // blocks that were edited by hand since are overwritten
  Syntax syntax = Syntax::markdown;
};

struct FilledBlock {
  enum class State { filled, unchanged, left };  // left: it belongs to a run that is not among the reports
  Block block;                                   // as it was found
  State state = State::left;
  const Report* report = nullptr;  // null: left, or made from a plan
  std::string content;             // what stands in it now; of one that was left, what stood there
  bool edited = false;             // what stood in it was not what Assay had written
};
std::string_view name_of(FilledBlock::State state);

/// A figure that a block shows: `file` is relative to the text's folder.
struct BlockFigure {
  std::string file;
  const Report* report = nullptr;
  std::string name;  // of the figure: "ladder"
};

struct Filled {
  std::string text;
  std::vector<FilledBlock> blocks;
  std::vector<BlockFigure> figures;
};

/// An Error is one message that begins with the text's name and a line: a marker that can't be understood, a
/// block that none or several of the reports may mean, a part that its run doesn't have, an edit that would
/// be lost.
Result<Filled> fill_blocks(std::string_view text, const std::vector<const Report*>& reports,
                           const Templates& templates, const FillSettings& settings);

/// An experiment that is planned, as `assay plan --into` shows it.
struct PlannedExperiment {
  std::string name;     // of the experiment
  std::string word;     // as the command line has it: its name, or a path
  std::string preset;
  Json view = Json::object();  // of the templates design.md and plan.md
};

/// The same of blocks of kind `design` and `plan`; all others are left.
Result<Filled> fill_plan_blocks(std::string_view text, const PlannedExperiment& planned, const Templates& templates, const FillSettings& settings);

}  // namespace assay::reports
