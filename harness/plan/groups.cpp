#include "harness/plan/groups.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace assay::plan {

namespace {

using Edge = std::pair<int, int>;  // smaller index first
using Sets = std::vector<std::vector<int>>;

Edge edge_of(int a, int b) {
  return {std::min(a, b), std::max(a, b)};
}

/// Treatments that share one baseline, and the pairs among them that don't involve it.
struct Stratum {
  std::vector<int> vertices;  // without the baseline
  std::vector<Edge> edges;
};

/// As equal as can be, in plan order.
Sets split_evenly(const std::vector<int>& vertices, std::size_t capacity) {
  const std::size_t count = (vertices.size() + capacity - 1) / capacity;
  Sets sets;
  for (std::size_t i = 0; i < count; ++i) {
    const auto begin = vertices.begin() + static_cast<long>(i * vertices.size() / count);
    const auto end = vertices.begin() + static_cast<long>((i + 1) * vertices.size() / count);
    sets.emplace_back(begin, end);
  }
  return sets;
}

/// Greedy cover of vertices and edges by sets of at most `capacity` ≥ 2: a set grows by the vertex with the
/// most edges into it that no set holds yet, and where none has any, by the first vertex that stands nowhere.
class Cover {
public:
  explicit Cover(const Stratum& stratum) : stratum_(stratum) {
    for (const auto& [a, b] : stratum.edges) {
      open_[a].insert(b);
      open_[b].insert(a);
    }
  }

  Sets with(std::size_t capacity) && {
    Sets sets;
    while (true) {
      std::set<int> members;
      while (members.size() < capacity && grow(members, capacity)) {
      }
      if (members.empty()) return sets;
      sets.emplace_back(members.begin(), members.end());
    }
  }

private:
  bool grow(std::set<int>& members, std::size_t capacity) {
    std::map<int, int> gains;  // candidate → open edges into the set
    for (const int member : members) {
      for (const int neighbour : open_[member]) ++gains[neighbour];
    }
    const auto best = std::max_element(gains.begin(), gains.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    if (best != gains.end()) {
      add(best->first, members);
      return true;
    }
    while (next_vertex_ < stratum_.vertices.size() && placed_.count(stratum_.vertices[next_vertex_]))
      ++next_vertex_;
    if (next_vertex_ < stratum_.vertices.size()) {
      add(stratum_.vertices[next_vertex_], members);
      return true;
    }
    while (next_edge_ < stratum_.edges.size()) {
      const auto [a, b] = stratum_.edges[next_edge_];
      if (!open_[a].count(b)) {
        ++next_edge_;
        continue;
      }
      if (members.size() + 2 > capacity) return false;
      add(a, members);
      add(b, members);
      return true;
    }
    return false;
  }

  void add(int vertex, std::set<int>& members) {
    for (const int member : members) {
      open_[member].erase(vertex);
      open_[vertex].erase(member);
    }
    members.insert(vertex);
    placed_.insert(vertex);
  }

  const Stratum& stratum_;
  std::map<int, std::set<int>> open_;  // edges that no set holds yet
  std::set<int> placed_;
  std::size_t next_vertex_ = 0;
  std::size_t next_edge_ = 0;
};

Sets cover(const Stratum& stratum, std::size_t capacity) {
  if (stratum.vertices.empty()) return {};
  if (stratum.vertices.size() <= capacity) return {stratum.vertices};
  if (stratum.edges.empty()) return split_evenly(stratum.vertices, capacity);
  Sets best = Cover(stratum).with(capacity);
  // As few sets as before with less in the largest: work is spread, and less memory is needed at once.
  for (std::size_t smaller = capacity - 1; smaller >= 2; --smaller) {
    Sets sets = Cover(stratum).with(smaller);
    if (sets.size() > best.size()) break;
    best = std::move(sets);
  }
  return best;
}

Group group_of(std::vector<int> members, int baseline) {
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  return {std::move(members), baseline};
}

bool holds(const Group& group, int treatment) {
  return std::binary_search(group.members.begin(), group.members.end(), treatment);
}

/// Pairs across strata, packed with those of the same two baselines.
std::vector<Group> cross_groups(const std::vector<Pair>& pairs, const std::vector<int>& base,
                                std::size_t largest) {
  std::vector<Group> groups;
  std::map<Edge, std::size_t> open;  // (baseline of `of`, baseline of `to`) → the group that is being filled
  std::set<Edge> done;
  for (const Pair& pair : pairs) {
    const int of_base = base[static_cast<std::size_t>(pair.of)];
    const int to_base = base[static_cast<std::size_t>(pair.to)];
    if (of_base == to_base || !done.insert(edge_of(pair.of, pair.to)).second) continue;
    const Edge key{of_base, to_base};
    const std::vector<int> wanted = {pair.of, pair.to, of_base, to_base};
    if (const auto found = open.find(key); found != open.end()) {
      std::vector<int> joined = groups[found->second].members;
      joined.insert(joined.end(), wanted.begin(), wanted.end());
      Group larger = group_of(std::move(joined), of_base);
      if (larger.members.size() <= largest) {
        groups[found->second] = std::move(larger);
        continue;
      }
    }
    Group fresh = group_of(wanted, of_base);
    if (fresh.members.size() > largest) {
      groups.push_back(group_of({pair.of, pair.to}, pair.to));
      continue;
    }
    open[key] = groups.size();
    groups.push_back(std::move(fresh));
  }
  return groups;
}

}  // namespace

std::vector<Group> make_groups(const std::vector<PlannedTreatment>& treatments,
                               const std::vector<Pair>& pairs, int largest_group) {
  const auto largest = static_cast<std::size_t>(std::max(2, largest_group));  // a pair can't be smaller
  const int count = static_cast<int>(treatments.size());
  std::vector<bool> is_baseline(treatments.size());
  for (const PlannedTreatment& t : treatments) {
    if (t.baseline) is_baseline[static_cast<std::size_t>(*t.baseline)] = true;
  }
  // Everything without a baseline is one stratum, −1: nothing forbids it to share rounds.
  constexpr int kFree = -1;
  std::vector<int> stratum_key(treatments.size(), kFree);
  std::vector<int> base(treatments.size(), kFree);
  std::map<int, Stratum> strata;
  std::vector<int> order;  // of strata, by their first member
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const int key = treatments[at].baseline ? *treatments[at].baseline : is_baseline[at] ? i : kFree;
    stratum_key[at] = key;
    base[at] = key == kFree ? i : key;
    if (!strata.count(key)) order.push_back(key);
    Stratum& stratum = strata[key];
    if (i != key) stratum.vertices.push_back(i);
  }
  std::vector<Pair> across;
  std::set<Edge> seen;
  for (const Pair& pair : pairs) {
    const int key = stratum_key[static_cast<std::size_t>(pair.of)];
    if (key != stratum_key[static_cast<std::size_t>(pair.to)]) {
      across.push_back(pair);
    } else if (pair.of != key && pair.to != key && seen.insert(edge_of(pair.of, pair.to)).second) {
      strata[key].edges.push_back(edge_of(pair.of, pair.to));
    }
  }
  const std::vector<Group> crossing = cross_groups(across, base, largest);

  std::vector<Group> groups;
  for (const int key : order) {
    Stratum& stratum = strata[key];
    if (key == kFree) {
      // What a crossing pair already measures needs no second place, unless a pair in here asks for it.
      std::erase_if(stratum.vertices, [&](int v) {
        const bool paired = std::any_of(stratum.edges.begin(), stratum.edges.end(),
                                        [&](const Edge& e) { return e.first == v || e.second == v; });
        return !paired &&
               std::any_of(crossing.begin(), crossing.end(), [&](const Group& g) { return holds(g, v); });
      });
      for (auto& members : cover(stratum, largest)) {
        const int first = *std::min_element(members.begin(), members.end());
        groups.push_back(group_of(std::move(members), first));
      }
      continue;
    }
    const std::size_t capacity = largest - 1;
    if (capacity >= 2 || stratum.edges.empty()) {
      for (auto& members : cover(stratum, capacity)) {
        members.push_back(key);
        groups.push_back(group_of(std::move(members), key));
      }
      continue;
    }
    for (const int vertex : stratum.vertices) groups.push_back(group_of({vertex, key}, key));
    for (const Pair& pair : pairs) {  // no room for the baseline beside a pair that doesn't involve it
      const bool inside = stratum_key[static_cast<std::size_t>(pair.of)] == key;
      if (inside && seen.erase(edge_of(pair.of, pair.to))) {
        groups.push_back(group_of({pair.of, pair.to}, pair.to));
      }
    }
  }
  groups.insert(groups.end(), crossing.begin(), crossing.end());
  return groups;
}

}  // namespace assay::plan
