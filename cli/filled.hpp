// What became of a document's blocks, for people and for programs: report --into and plan --into say it alike.
#pragma once

#include <string>

#include "harness/core/json.hpp"
#include "reports/document.hpp"
#include "reports/into.hpp"

namespace assay::cli {

/// A line a block and a figure, to standard output.
void tell_blocks(const std::string& file, const reports::Into& into);

/// `rendered`: the documents that were made of the filled one.
OrderedJson into_json(const std::string& file, const reports::Into& into, const reports::RenderedDocument& rendered = {});

}  // namespace assay::cli
