// What a stranger wrote, made fit to be shown: a file's name, an author, a heading. It goes to terminals, CSV
// and Markdown, so no control character, no bidirectional one and nothing that isn't UTF-8 is left in it.
//
//     plain_text("a\x1b[31m\u202eb")  ==  "a\\u{001B}[31m\\u{202E}b"
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace assay::reports::check {

/// printable() on one line: white space becomes a space.
std::string plain_text(std::string_view text, std::size_t most = 160);

/// plain_text, with everything escaped that Markdown or HTML would act on: brackets, emphasis, links,
/// mentions, tags.
std::string markdown_text(std::string_view text, std::size_t most = 400);

}  // namespace assay::reports::check
