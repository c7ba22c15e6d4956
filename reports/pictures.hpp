// The pictures that a document shows: checked, and copied to where the writers may read them.
//
//     const auto pictures = stage_pictures(image_sources(tree), "docs", work, templates_folder);
//     pictures.names.at("figures/ladder.svg");    // "picture-1.svg", in `work`
//
// A document comes from anybody. Of a picture's file only bytes are copied that are of its kind, and an SVG
// is written anew from what templates/svg.py knows to be only drawing.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::reports {

struct Pictures {
  std::map<std::string, std::string>
      names;  // source as the document has it → file in the work folder: .svg, .png or .jpg
  std::vector<std::string> notices;  // of those that are left out, and why
};

/// Takes relative paths of regular files below `folder`, links resolved: .svg, .png, .jpg and .pdf, of which
/// the first page is drawn as SVG.
Pictures stage_pictures(const std::vector<std::string>& sources, const std::filesystem::path& folder,
                        const std::filesystem::path& work, const std::filesystem::path& templates_folder);

/// Draws each SVG of `pictures` as PNG beside it, for formats that can't show it: "picture-1.png". Through
/// WeasyPrint and poppler's pdftocairo, which are there for the PDF.
Result<Done> draw_as_png(const Pictures& pictures, const std::filesystem::path& work,
                         const std::filesystem::path& templates_folder);

/// The real path of what `source` names below `folder`; an Error that says what is wrong with it.
Result<std::filesystem::path> path_below(const std::filesystem::path& folder, const std::string& source);

}  // namespace assay::reports
