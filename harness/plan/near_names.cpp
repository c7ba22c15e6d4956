#include "harness/plan/near_names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace assay::plan {

namespace {

constexpr std::size_t kLongestCompared =
    64;  // a longer word is no typing mistake, and the table is quadratic

}  // namespace

int edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<int>> d(a.size() + 1, std::vector<int>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = static_cast<int>(i);
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int replaced = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

std::optional<std::string> nearest(std::string_view written, const std::vector<std::string>& candidates) {
  if (written.size() > kLongestCompared) return std::nullopt;
  std::optional<std::string> best;
  int best_distance = 0;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kLongestCompared) continue;
    const int distance = edit_distance(written, candidate);
    const int allowed = std::max<int>(1, static_cast<int>(candidate.size()) / 3);
    if (distance > allowed || (best && distance >= best_distance)) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

std::string suggestion(std::string_view written, const std::vector<std::string>& candidates,
                       std::string_view intro) {
  if (const auto near = nearest(written, candidates)) return fmt::format("did you mean '{}'?", *near);
  if (candidates.empty()) return "there are none";
  return fmt::format("{} {}", intro, listed(candidates));
}

std::string listed(const std::vector<std::string>& names, std::size_t limit) {
  const std::size_t shown = std::min(limit, names.size());
  std::string text =
      fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<long>(shown), ", "));
  if (shown < names.size()) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

}  // namespace assay::plan
