// Catch2, whichever of its two generations is installed; tests are written in the words of the newer one.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)  // 3
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else  // 2
#include <catch2/catch.hpp>

#include <string>

namespace Catch::Matchers {
inline auto ContainsSubstring(const std::string& part) { return Contains(part); }
}  // namespace Catch::Matchers
#endif
