// Logic-less templates (mustache): a template says where text goes and computes nothing. A tag or partial
// that doesn't exist is an error, because a number that silently vanishes from a report is worse than no
// report.
//
//     const auto templates = Templates::open(share / "templates");
//     Json view = {{"title", "LeNet-5"}};
//     const Result<std::string> text = templates->render("report.md", view, markdown_escaped);
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "harness/core/json.hpp"
#include "harness/core/result.hpp"

namespace assay::reports {

class Templates {
public:
  /// Every *.mustache file of a folder, by name without that suffix.
  static Result<Templates> open(const std::filesystem::path& folder);
  /// For tests: name → text.
  explicit Templates(std::map<std::string, std::string> texts) : texts_(std::move(texts)) {}

  bool has(const std::string& name) const { return texts_.count(name) > 0; }

  /// `view` holds text, booleans, lists and objects; numbers must have been turned into text by whoever knows
  /// the unit. `escape` is applied to {{tags}}, not to {{{tags}}}. Partials, {{> name}}, are other templates
  /// of the folder.
  Result<std::string> render(const std::string& name, const Json& view,
                             const std::function<std::string(const std::string&)>& escape) const;

private:
  std::map<std::string, std::string> texts_;
};

}  // namespace assay::reports
