// The block between `---` at the top of a document: title, authors, style, bibliography. Nothing else of it
// reaches a program: what pandoc would take for an option (css, template, header-includes) is just not used.
//
//     const auto front = read_front_matter(tree["meta"], "report.md");
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/json.hpp"
#include "harness/core/result.hpp"

namespace assay::reports {

enum class DocumentStyle { plain, conference, slides };

struct FrontMatter {
  DocumentStyle style = DocumentStyle::plain;
  std::string language = "en";
  std::string paper = "a4";  // or "letter"
  bool numbered_sections = false;
  std::string bibliography;  // as written, below the document's folder; empty: none
  std::string csl;  // a file below the document's folder, or a name in templates/csl; empty: the style's own
  Json nocite;      // null, or pandoc's own value
  /// title, subtitle, author, date, abstract, keywords, as pandoc's metadata; authors as a list of inlines.
  Json shown = Json::object();
  std::vector<std::string> unused;  // keys that have no meaning here
};

/// An Error names `name`, the key and what would be right.
Result<FrontMatter> read_front_matter(const Json& meta, const std::string& name);

}  // namespace assay::reports
