// Text of somebody else's (a name in an archive, a column, a commit's subject) on its way into a message: a control
// character moves the cursor, and a bidirectional one shows other words than are there.
//
//     printable("a\x1b[2J.txt") == "a\\u{001B}[2J.txt"
//     if (const std::string odd = unprintable_in(level); !odd.empty()) return Error{"… holds U+202E …"};
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace assay {

/// `text` with each character that isn't to be shown as it is (a control character, a bidirectional or invisible one,
/// one that ends a line) as "\u{202E}", each byte that is no UTF-8 as "\xFF"; what is beyond `most` bytes is "…".
std::string printable(std::string_view text, std::size_t most = 160);

/// The first such character, as "U+202E" or "byte 0xFF". Empty: there is none.
std::string unprintable_in(std::string_view text);

}  // namespace assay
