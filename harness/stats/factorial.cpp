#include "harness/stats/factorial.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace assay::stats {
namespace {

constexpr double kCancelled = 1e-9;  // weights are sums of a few fractions

/// A full cross of levels: which level of each factor a cell has.
class Cross {
public:
  explicit Cross(std::span<const int> levels) : levels_(levels.begin(), levels.end()) {}

  std::size_t cells() const {
    std::size_t n = 1;
    for (const int l : levels_) n *= static_cast<std::size_t>(l);
    return n;
  }
  int level(std::size_t cell, std::size_t factor) const {
    for (std::size_t f = levels_.size() - 1; f > factor; --f) cell /= static_cast<std::size_t>(levels_[f]);
    return static_cast<int>(cell % static_cast<std::size_t>(levels_[factor]));
  }

private:
  std::vector<int> levels_;
};

/// +1 for the level, −1 for the reference, 0 for others.
double sign_of(int level, int wanted, int reference) {
  return level == wanted ? 1 : level == reference ? -1 : 0;
}

/// Cells joined by links so far: find with path halving.
class Components {
public:
  explicit Components(std::size_t cells) : parent_(cells) { std::iota(parent_.begin(), parent_.end(), 0); }
  int root(int cell) {
    while (parent(cell) != cell) cell = parent(cell) = parent(parent(cell));
    return cell;
  }
  bool join(int a, int b) {
    const int from = root(a), to = root(b);
    parent(from) = to;
    return from != to;
  }

private:
  int& parent(int cell) { return parent_[static_cast<std::size_t>(cell)]; }
  std::vector<int> parent_;
};

}  // namespace

std::vector<FactorialEffect> factorial_effects(std::span<const int> levels, std::span<const int> reference) {
  assert(levels.size() == reference.size());
  const Cross cross(levels);
  const std::size_t cells = cross.cells();
  std::vector<FactorialEffect> effects;
  const auto add = [&](std::vector<FactorialEffect::Level> of) {
    FactorialEffect effect{std::move(of), std::vector<double>(cells, 0.0)};
    double averaged = static_cast<double>(cells);
    for (const auto& l : effect.of) averaged /= levels[static_cast<std::size_t>(l.factor)];
    for (std::size_t cell = 0; cell < cells; ++cell) {
      double weight = 1 / averaged;
      for (const auto& l : effect.of) {
        const auto f = static_cast<std::size_t>(l.factor);
        weight *= sign_of(cross.level(cell, f), l.level, reference[f]);
      }
      effect.weights[cell] = weight;
    }
    effects.push_back(std::move(effect));
  };
  const int factors = static_cast<int>(levels.size());
  const auto each_level = [&](int factor, const auto& use) {
    for (int l = 0; l < levels[static_cast<std::size_t>(factor)]; ++l) {
      if (l != reference[static_cast<std::size_t>(factor)]) use(l);
    }
  };
  for (int f = 0; f < factors; ++f) {
    each_level(f, [&](int l) { add({{f, l}}); });
  }
  for (int f = 0; f < factors; ++f) {
    for (int g = f + 1; g < factors; ++g) {
      each_level(f, [&](int i) { each_level(g, [&](int j) { add({{f, i}, {g, j}}); }); });
    }
  }
  return effects;
}

std::optional<ContrastRounds> contrast_rounds(std::span<const double> weights, std::span<const Link> links) {
  // A forest of links: what a tree holds is then determined, and its weights flow to the root one way only.
  Components components(weights.size());
  std::vector<const Link*> forest;
  for (const Link& link : links) {
    const bool measured =
        std::any_of(link.rounds.begin(), link.rounds.end(), [](const auto& r) { return r.has_value(); });
    if (measured && components.join(link.of, link.to)) forest.push_back(&link);
  }
  // Of each cell its links that are left, counted and, by their numbers' exclusive or, named once only one is
  // left.
  std::vector<double> left(weights.begin(), weights.end());
  std::vector<int> degree(weights.size(), 0);
  std::vector<std::size_t> name(weights.size(), 0);
  for (std::size_t i = 0; i < forest.size(); ++i) {
    for (const int cell : {forest[i]->of, forest[i]->to}) {
      ++degree[static_cast<std::size_t>(cell)];
      name[static_cast<std::size_t>(cell)] ^= i;
    }
  }
  std::vector<double> flow(forest.size(), 0);
  for (std::size_t start = 0; start < left.size(); ++start) {
    std::size_t leaf = start;
    while (degree[leaf] == 1) {
      const std::size_t i = name[leaf];
      const bool is_of = static_cast<std::size_t>(forest[i]->of) == leaf;
      const auto next = static_cast<std::size_t>(is_of ? forest[i]->to : forest[i]->of);
      flow[i] = is_of ? left[leaf] : -left[leaf];
      left[next] += left[leaf];
      left[leaf] = 0;
      degree[leaf] = 0;
      --degree[next];
      name[next] ^= i;
      if (next > start) break;  // its turn comes
      leaf = next;
    }
  }
  for (const double weight : left) {
    if (std::abs(weight) > kCancelled) return std::nullopt;
  }
  ContrastRounds contrast;
  for (std::size_t i = 0; i < forest.size(); ++i)
    contrast.clock_term += std::abs(flow[i]) * forest[i]->clock_term;
  const std::size_t rounds = links.empty() ? 0 : links.front().rounds.size();
  for (std::size_t r = 0; r < rounds; ++r) {
    double sum = 0;
    bool whole = true;
    for (std::size_t i = 0; i < forest.size(); ++i) {
      if (std::abs(flow[i]) <= kCancelled) continue;
      if (forest[i]->rounds[r]) {
        sum += flow[i] * *forest[i]->rounds[r];
      } else {
        whole = false;
      }
    }
    if (!whole) continue;
    contrast.values.push_back(sum);
    contrast.rounds.push_back(r);
  }
  return contrast;
}

}  // namespace assay::stats
