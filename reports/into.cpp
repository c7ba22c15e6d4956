#include "reports/into.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "harness/record/run_folder.hpp"
#include "reports/drawing.hpp"
#include "reports/figure.hpp"
#include "reports/temporary_folder.hpp"

namespace assay::reports {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargest = 64ULL << 20;  // of a document in bytes

/// Drawn elsewhere than in the run's report/: what stands there is the last whole report.
Result<std::string> svg_of(const Report& report, const std::string& name) {
  const auto figures = figures_of(report);
  const auto figure =
      std::find_if(figures.begin(), figures.end(), [&](const Figure& f) { return f.name == name; });
  const TemporaryFolder folder;
  if (folder.path().empty())
    return Error{fmt::format("no folder to draw a figure in: {}", std::strerror(errno))};
  for (const auto& done : {record::write_atomically(folder.path() / (figure->name + ".gp"), figure->script),
                           record::write_atomically(folder.path() / (figure->name + ".csv"), figure->csv),
                           draw(*figure, folder.path())}) {
    if (!done) return done.error();
  }
  return record::read_file(folder.path() / (figure->name + ".svg"));
}

struct Drawn {
  fs::path file;
  std::string svg;
};

Result<Done> put(const Drawn& figure) {
  if (const auto there = record::read_file(figure.file); there && *there == figure.svg) return Done{};
  std::error_code error;
  fs::create_directories(figure.file.parent_path(), error);
  if (error) return Error{fmt::format("{}: {}", figure.file.parent_path().string(), error.message())};
  return record::write_atomically(figure.file, figure.svg);
}

Error no_block(const std::string& name, const std::vector<const Report*>& reports) {
  std::string markers;
  for (const Report* report : reports)
    markers += fmt::format("\n{}", markers_to_paste(reports.size() > 1 ? report->experiment : ""));
  return Error{fmt::format(
      "{}: no block to fill; put lines like these where the table is to stand, and run this again:{}", name,
      markers)};
}

Error no_block_of_these(const std::string& name, const std::vector<FilledBlock>& blocks,
                        const std::vector<const Report*>& reports) {
  std::string listed;
  for (const FilledBlock& b : blocks)
    listed += fmt::format("\n  {}:{}: {}", name, b.block.line, b.block.described());
  return Error{fmt::format("{}: no block belongs to {}; its blocks are:{}", name,
                           reports.size() == 1 ? fmt::format("run {} of {}", reports.front()->folder_name,
                                                             reports.front()->experiment)
                                               : "the runs of the command line",
                           listed)};
}

}  // namespace

Result<Into> report_into(const fs::path& file, const std::vector<const Report*>& reports,
                         const fs::path& templates_folder, bool force) {
  const std::string name = file.string();
  std::error_code error;
  const fs::path target = fs::canonical(file, error);
  if (error)
    return Error{
        fmt::format("{}: {}; --into fills blocks of a Markdown file that is there", name, error.message())};
  const fs::file_status status = fs::status(target, error);
  if (!fs::is_regular_file(status))
    return Error{fmt::format("{}: not a file; --into takes a Markdown file", name)};
  constexpr auto kWritable = fs::perms::owner_write | fs::perms::group_write | fs::perms::others_write;
  if ((status.permissions() & kWritable) == fs::perms::none)
    return Error{fmt::format("{}: is read-only; chmod u+w makes it writable", name)};
  const auto text = record::read_file(target, kLargest);
  if (!text) return text.error();
  const auto templates = Templates::open(templates_folder);
  if (!templates) return templates.error();
  const auto filled = fill_blocks(*text, reports, *templates,
                                  {.name = name, .file = file.filename().string(), .force = force});
  if (!filled) return filled.error();
  if (filled->blocks.empty()) return no_block(name, reports);
  if (std::all_of(filled->blocks.begin(), filled->blocks.end(),
                  [](const FilledBlock& b) { return !b.report; }))
    return no_block_of_these(name, filled->blocks, reports);

  std::vector<Drawn> figures;
  for (const BlockFigure& figure : filled->figures) {
    auto svg = svg_of(*figure.report, figure.name);
    if (!svg)
      return Error{fmt::format("{}: no figure, and so nothing is filled: {}", name, svg.error().message)};
    figures.push_back({target.parent_path() / figure.file, *std::move(svg)});
  }
  const auto now =
      record::read_file(target, kLargest);  // drawing takes a second, in which an editor may save
  if (!now || *now != *text)
    return Error{fmt::format("{}: was changed while it was being filled; run this again", name)};
  for (const Drawn& figure : figures) {
    if (const auto done = put(figure); !done) return done.error();
  }
  if (filled->text != *text) {
    if (const auto done = record::write_atomically(target, filled->text); !done) return done.error();
  }
  Into into{filled->blocks, {}};
  for (const Drawn& figure : figures) into.figures.push_back(figure.file);
  return into;
}

}  // namespace assay::reports
