// Headings that people write, held against those that a course asks for: "## 3. **Set-up**:" is "Setup".
//
//     is_heading("2) Experimental Set-up", "Experimental Setup")
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::reports::check {

/// Lower case, without numbering, emphasis, emoji and punctuation: "3. **Set-up**:" → "setup".
std::string heading_key(std::string_view heading);

/// What is asked for. "Project Summary/Abstract" asks for either, or both.
class AskedHeading {
public:
  explicit AskedHeading(std::string_view asked);

  /// The same words in other dress.
  bool is(std::string_view key) const;
  /// More words may follow.
  bool begins(std::string_view key) const;

private:
  std::vector<std::string> keys_;
};

bool is_heading(std::string_view heading, std::string_view asked);

}  // namespace assay::reports::check
