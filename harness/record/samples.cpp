#include "harness/record/samples.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "harness/core/hash.hpp"
#include "harness/record/run_folder.hpp"

namespace assay::record {

std::string sample_line(double sample) {
  constexpr double kExact = 9007199254740992;  // 2⁵³: up to here a whole double is that integer
  std::array<char, 40> text;
  const bool whole = std::abs(sample) <= kExact && sample == std::floor(sample);
  const auto [end, failure] = whole ? std::to_chars(text.data(), text.data() + text.size(), static_cast<long long>(sample))
                                    : std::to_chars(text.data(), text.data() + text.size(), sample);
  return std::string(text.data(), end) + '\n';
}

Result<std::vector<double>> read_samples(const std::filesystem::path& folder, std::string_view file, std::string_view sha256) {
  const auto wrong = [&](std::string_view what) { return Error{fmt::format("{}: {}", (folder / file).string(), what)}; };
  const bool below = !file.empty() && file.find("..") == std::string_view::npos && !std::filesystem::path(file).is_absolute();
  if (!below) return wrong("a file of samples lies inside the run folder");
  const auto text = read_file(folder / file);
  if (!text) return text.error();
  if (sha256_hex(*text) != sha256) return wrong("these are not the samples that the journal vouches for; take them from the original run folder");
  std::vector<double> samples;
  const char* at = text->data();
  const char* end = at + text->size();
  while (at < end) {
    double value = 0;
    const auto [stopped, failure] = std::from_chars(at, end, value);
    if (failure != std::errc() || stopped == end || *stopped != '\n' || !std::isfinite(value)) {
      return wrong(fmt::format("line {} is no number", samples.size() + 1));
    }
    samples.push_back(value);
    at = stopped + 1;
  }
  return samples;
}

}  // namespace assay::record
