// A document as pandoc's tree (its JSON), and what is left of it when nothing may stay that a writer could
// read, fetch or run: documents come from anybody.
//
//     const Json safe = pruned_blocks(tree["blocks"], {{"figures/ladder.svg", "picture-1.svg"}});
//
// The trees are what pandoc itself wrote: a wrong shape throws nlohmann's exceptions, which
// render_document turns into an Error.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "harness/core/json.hpp"

namespace assay::reports {

/// {"t":"Para","c":…}, as pandoc writes a node.
Json node(const char* type);
Json node(const char* type, Json content);
/// An attribute: ["fig:x",["wide"],[]].
Json attribute(std::string id, std::vector<std::string> classes = {});
bool is_node(const Json& value, const char* type);

/// The inlines that show `text`, which holds no line break.
Json inlines_of(const std::string& text);
/// The words of inlines or blocks, without their markup.
std::string text_of(const Json& tree);

/// Sources of all images, each once, in their order.
std::vector<std::string> image_sources(const Json& tree);

/// Calls `visit` for every node of `type`, outermost first.
void for_each(Json& tree, const char* type, const std::function<void(Json&)>& visit);

/// Citations become the text that was typed.
void unwrap_citations(Json& tree);

/// The blocks that are left, of known kinds only:
/// - images whose source is a key of `pictures`, with its value instead; others are dropped;
/// - links to http, https, mailto and #fragments; of others the text;
/// - identifiers, classes and widths of plain characters; no other attribute;
/// - of raw HTML <sub>, <sup>, <br>, and comments (see comments_of); no TeX. A paragraph that is all in <sub>
///   becomes a Div of the class `provenance`.
Json pruned_blocks(const Json& blocks, const std::map<std::string, std::string>& pictures);
Json pruned_inlines(const Json& inlines, const std::map<std::string, std::string>& pictures);

/// What stands in the comments of a pruned block or inline that is nothing but comments: {"assay: begin
/// table"}. Empty: it is something else.
std::vector<std::string> comments_of(const Json& block);

/// A pruned tree without its comments.
void drop_comments(Json& tree);

}  // namespace assay::reports
