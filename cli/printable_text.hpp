// Text that somebody else wrote, before it stands on a terminal or in a table: control characters move the cursor, and
// bidirectional ones show other words than are there.
//
//     if (const std::string odd = unprintable_in(level); !odd.empty()) return Error{"… holds U+202E …"};
#pragma once

#include <string>
#include <string_view>

namespace assay::cli {

/// The first character that isn't to be shown as it is, as "U+202E": a control character, a bidirectional one, one that
/// ends a line or has no width; "byte 0xFF" of what is no UTF-8. Empty: there is none.
std::string unprintable_in(std::string_view text);

/// `text` with each such character as "\u{202E}", and at most `most` bytes of it, "…" behind where there was more.
std::string printable(std::string_view text, std::size_t most = 60);

/// 1-based line of the first byte that is no UTF-8, or is NUL; 0: there is none.
std::size_t line_without_text(std::string_view text);

}  // namespace assay::cli
