#include "reference_models/lenet5/native/packing.hpp"

namespace lenet5 {

namespace {

int tap(int map, int y, int x) { return (map * kKernel + y) * kKernel + x; }

/// Neighbours. `from(k)`: where the kernels' input k stands in a row of the weights.
template <class From>
std::vector<Group> neighbours(int inputs, int group, From from) {
  std::vector<Group> groups;
  for (int k = 0; k < inputs; k += group) {
    Group next{-1, -1, -1, -1};
    for (int i = 0; i < group; ++i) next[static_cast<std::size_t>(i)] = from(k + i);
    groups.push_back(next);
  }
  return groups;
}
std::vector<Group> neighbours(int inputs, int group) {
  return neighbours(inputs, group, [](int k) { return k; });
}

/// Inputs lie in rows: a group takes neighbouring taps of a row, and what is left of five at their end.
std::vector<Group> groups_of_conv1(int group) {
  if (group == 1) return neighbours(kTaps, 1);
  std::vector<Group> groups;
  if (group == 4) {
    for (int y = 0; y < kKernel; ++y) groups.push_back({tap(0, y, 0), tap(0, y, 1), tap(0, y, 2), tap(0, y, 3)});
    groups.push_back({tap(0, 0, 4), tap(0, 1, 4), tap(0, 2, 4), tap(0, 3, 4)});
    groups.push_back({tap(0, 4, 4), -1, -1, -1});
    return groups;
  }
  for (int y = 0; y < kKernel; ++y) {
    groups.push_back({tap(0, y, 0), tap(0, y, 1), -1, -1});
    groups.push_back({tap(0, y, 2), tap(0, y, 3), -1, -1});
    groups.push_back({tap(0, y, 4), -1, -1, -1});
  }
  return groups;
}

/// Inputs lie with two or four maps side by side; with four, the two maps that are left over make groups of two taps.
std::vector<Group> groups_of_conv2(int group) {
  if (group == 1) return neighbours(kMaps1 * kTaps, 1);
  std::vector<Group> groups;
  if (group == 2) {
    for (int map = 0; map < kMaps1; map += 2) {
      for (int y = 0; y < kKernel; ++y) {
        for (int x = 0; x < kKernel; ++x) groups.push_back({tap(map, y, x), tap(map + 1, y, x), -1, -1});
      }
    }
    return groups;
  }
  for (int y = 0; y < kKernel; ++y) {
    for (int x = 0; x < kKernel; ++x) groups.push_back({tap(0, y, x), tap(1, y, x), tap(2, y, x), tap(3, y, x)});
  }
  for (int y = 0; y < kKernel; ++y) {
    for (int x = 0; x < kKernel; x += 2) {
      const bool is_last = x + 1 == kKernel;
      groups.push_back({tap(4, y, x), tap(5, y, x), is_last ? -1 : tap(4, y, x + 1), is_last ? -1 : tap(5, y, x + 1)});
    }
  }
  return groups;
}

/// conv2's result is [y][x][map] for the kernels and [map][y][x] in the weights.
int place_in_fc1(int k) { return k % kMaps2 * kSide2 * kSide2 + k / kMaps2; }

}  // namespace

Order::Order(const Widths& widths)
    : conv1{kMaps1, groups_of_conv1(widths.group)},
      conv2{kMaps2, groups_of_conv2(widths.group)},
      fc1{widths.fc1 * widths.lanes, neighbours(kFlat, widths.group, place_in_fc1)},
      fc2{widths.fc2 * widths.lanes, neighbours(kHidden1, widths.group)},
      fc3{widths.fc3 * widths.lanes, neighbours(kHidden2, widths.group)} {}

}  // namespace lenet5
