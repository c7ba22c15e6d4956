// Text of somebody else's (a name in an archive, a commit's subject) on its way into a message: what would move a
// cursor, hide or reorder characters is shown by its number.
//
//     printable("a\x1b[2J.txt") == "a\\x1b[2J.txt"
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace assay::reports {

/// Control characters, bidirectional and invisible ones and bytes that are no UTF-8 become \x1b or \u202e; after
/// `most` bytes it is cut and ends with "…".
std::string printable(std::string_view text, std::size_t most = 300);

/// True if printable() would show each character as it is.
bool is_printable(std::string_view text);

}  // namespace assay::reports
