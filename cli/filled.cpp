#include "cli/filled.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <iostream>

namespace assay::cli {

namespace fs = std::filesystem;

namespace {

std::string block_line(const std::string& file, const reports::FilledBlock& b) {
  const std::string where = fmt::format("{}:{}: {}", file, b.block.line, b.block.described());
  if (b.state != reports::FilledBlock::State::left)
    return b.report ? fmt::format("{}: {} from run {}", where, reports::name_of(b.state), b.report->folder_name) : fmt::format("{}: {}", where, reports::name_of(b.state));
  return where + (b.block.kind->of_plan ? ": left, assay plan EXPERIMENT --into fills it" : ": left, its run is not on the command line");
}

}  // namespace

void tell_blocks(const std::string& file, const reports::Into& into) {
  for (const reports::FilledBlock& block : into.blocks) std::cout << block_line(file, block) << '\n';
  for (const fs::path& figure : into.figures) std::cout << "figure:   " << figure.string() << '\n';
}

OrderedJson into_json(const std::string& file, const reports::Into& into, const reports::RenderedDocument& rendered) {
  OrderedJson document{{"file", fs::absolute(file).string()}, {"blocks", OrderedJson::array()}, {"figures", OrderedJson::array()},
                       {"documents", OrderedJson::array()}, {"notices", rendered.notices}};
  for (const fs::path& one : rendered.files) document["documents"].push_back(one.string());
  for (const reports::FilledBlock& b : into.blocks) {
    document["blocks"].push_back({{"line", b.block.line},
                                  {"kind", b.block.kind->name},
                                  {"number", b.block.kind->name == "table" || b.block.kind->name == "figure" ? OrderedJson(b.block.number) : OrderedJson()},
                                  {"state", reports::name_of(b.state)},
                                  {"experiment", b.report ? OrderedJson(b.report->experiment) : OrderedJson()},
                                  {"run", b.report ? OrderedJson(b.report->folder_name) : OrderedJson()}});
  }
  for (const fs::path& figure : into.figures) document["figures"].push_back(figure.string());
  return document;
}

}  // namespace assay::cli
