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
Result<std::string> picture_of(const Report& report, const std::string& name, bool as_pdf) {
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
  if (as_pdf) return record::read_file(folder.path() / (figure->name + ".pdf"));
  const auto svg = record::read_file(folder.path() / (figure->name + ".svg"));
  if (!svg) return svg.error();
  return vouched(*svg, *figure);
}

struct Drawn {
  fs::path file;
  std::string picture;
};

Result<Done> put(const Drawn& figure) {
  if (const auto there = record::read_file(figure.file); there && *there == figure.picture) return Done{};
  std::error_code error;
  fs::create_directories(figure.file.parent_path(), error);
  if (error) return Error{fmt::format("{}: {}", figure.file.parent_path().string(), error.message())};
  return record::write_atomically(figure.file, figure.picture);
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

/// A document that people write, read to be filled.
struct Target {
  std::string name;  // as the command line has it
  fs::path file;     // what it points to
  std::string text;
};

Result<Target> open_target(const fs::path& file) {
  Target target{file.string(), {}, {}};
  std::error_code error;
  target.file = fs::canonical(file, error);
  if (error)
    return Error{
        fmt::format("{}: {}; --into fills blocks of a document that is there", target.name, error.message())};
  const fs::file_status status = fs::status(target.file, error);
  if (!fs::is_regular_file(status))
    return Error{fmt::format("{}: not a file; --into takes a Markdown or LaTeX file", target.name)};
  constexpr auto kWritable = fs::perms::owner_write | fs::perms::group_write | fs::perms::others_write;
  if ((status.permissions() & kWritable) == fs::perms::none)
    return Error{fmt::format("{}: is read-only; chmod u+w makes it writable", target.name)};
  auto text = record::read_file(target.file, kLargest);
  if (!text) return text.error();
  target.text = *std::move(text);
  return target;
}

FillSettings settings_for(const Target& target, bool force) {
  const std::string file = fs::path(target.name).filename().string();
  return {.name = target.name, .file = file, .force = force, .syntax = syntax_of(file)};
}

/// Figures first, then the text, and that only if it changed.
Result<Into> put_back(const Target& target, const Filled& filled) {
  std::vector<Drawn> figures;
  for (const BlockFigure& figure : filled.figures) {
    auto picture = picture_of(*figure.report, figure.name, fs::path(figure.file).extension() == ".pdf");
    if (!picture)
      return Error{fmt::format("{}: no figure, and so nothing is filled: {}", target.name, picture.error().message)};
    figures.push_back({target.file.parent_path() / figure.file, *std::move(picture)});
  }
  const auto now =
      record::read_file(target.file, kLargest);  // drawing takes a second, in which an editor may save
  if (!now || *now != target.text)
    return Error{fmt::format("{}: was changed while it was being filled; run this again", target.name)};
  for (const Drawn& figure : figures) {
    if (const auto done = put(figure); !done) return done.error();
  }
  if (filled.text != target.text) {
    if (const auto done = record::write_atomically(target.file, filled.text); !done) return done.error();
  }
  Into into{filled.blocks, {}};
  for (const Drawn& figure : figures) into.figures.push_back(figure.file);
  return into;
}

}  // namespace

Result<Into> report_into(const fs::path& file, const std::vector<const Report*>& reports,
                         const fs::path& templates_folder, bool force) {
  const auto target = open_target(file);
  if (!target) return target.error();
  const auto templates = Templates::open(templates_folder);
  if (!templates) return templates.error();
  const auto filled = fill_blocks(target->text, reports, *templates, settings_for(*target, force));
  if (!filled) return filled.error();
  if (filled->blocks.empty()) return no_block(target->name, reports);
  if (std::all_of(filled->blocks.begin(), filled->blocks.end(),
                  [](const FilledBlock& b) { return !b.report; }))
    return no_block_of_these(target->name, filled->blocks, reports);
  return put_back(*target, *filled);
}

Result<Into> plan_into(const fs::path& file, const PlannedExperiment& planned, const fs::path& templates_folder, bool force) {
  const auto target = open_target(file);
  if (!target) return target.error();
  const auto templates = Templates::open(templates_folder);
  if (!templates) return templates.error();
  const auto filled = fill_plan_blocks(target->text, planned, *templates, settings_for(*target, force));
  if (!filled) return filled.error();
  if (std::all_of(filled->blocks.begin(), filled->blocks.end(), [](const FilledBlock& b) { return b.state == FilledBlock::State::left; }))
    return Error{fmt::format("{}: no block of kind plan or design for {}; put lines like these where it is to stand, and run this again:\n"
                             "<!-- assay: begin plan {} -->\n<!-- assay: end plan -->",
                             target->name, planned.name, planned.word)};
  return put_back(*target, *filled);
}

}  // namespace assay::reports
