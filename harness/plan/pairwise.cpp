#include "harness/plan/pairwise.hpp"

#include <algorithm>
#include <unordered_map>

namespace assay::plan {

namespace {

Treatment without(const Treatment& treatment, const std::string& factor) {
  Treatment rest;
  for (const auto& [name, level] : treatment.levels()) {
    if (name != factor) rest.set(name, level);
  }
  return rest;
}

}  // namespace

std::vector<Family> pairwise_families(const std::vector<Treatment>& treatments,
                                      const std::vector<Factor>& factors, const std::string& along) {
  std::vector<Family> families;
  for (const Factor& factor : factors) {
    if (factor.levels.size() < 2 || (!along.empty() && factor.name != along)) continue;
    std::vector<Family> of_factor;
    std::unordered_map<std::string, std::size_t> place;  // id of the other levels → index
    for (std::size_t t = 0; t < treatments.size(); ++t) {
      const auto [at, is_new] = place.emplace(without(treatments[t], factor.name).id(), of_factor.size());
      if (is_new) of_factor.push_back({factor.name, {}});
      of_factor[at->second].members.push_back(static_cast<int>(t));
    }
    std::erase_if(of_factor, [](const Family& f) { return f.members.size() < 2; });
    std::move(of_factor.begin(), of_factor.end(), std::back_inserter(families));
  }
  return families;
}

std::size_t pair_count(const std::vector<Family>& families) {
  std::size_t count = 0;
  for (const Family& family : families) count += family.members.size() * (family.members.size() - 1) / 2;
  return count;
}

std::vector<std::pair<int, int>> pairs_of(const Family& family, const std::vector<Treatment>& treatments,
                                          const Treatment& baseline) {
  const auto is_baseline = [&](int t) {
    return !baseline.empty() && treatments[static_cast<std::size_t>(t)].matches(baseline);
  };
  std::vector<std::pair<int, int>> pairs;
  for (std::size_t i = 1; i < family.members.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const int later = family.members[i], earlier = family.members[j];
      const bool turned = is_baseline(later) && !is_baseline(earlier);
      pairs.emplace_back(turned ? earlier : later, turned ? later : earlier);
    }
  }
  return pairs;
}

}  // namespace assay::plan
