// One table serves both directions between an enumeration and its words.
//
//     constexpr NameTable<Clock, 2> kClocks{{{Clock::wall, "wall"}, {Clock::cpu, "cpu"}}};
//     kClocks.name(Clock::wall) == "wall";   kClocks.find("cpu") == Clock::cpu;
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace assay {

template <class Enum, std::size_t N>
struct NameTable {
  std::array<std::pair<Enum, std::string_view>, N> rows;

  constexpr std::string_view name(Enum value) const {
    for (const auto& [key, word] : rows) {
      if (key == value) return word;
    }
    return "?";
  }
  constexpr std::optional<Enum> find(std::string_view wanted) const {
    for (const auto& [key, word] : rows) {
      if (word == wanted) return key;
    }
    return std::nullopt;
  }
  /// "wall, cpu", for messages that list what would be right.
  std::string words() const {
    std::string all;
    for (const auto& [key, word] : rows) all.append(all.empty() ? "" : ", ").append(word);
    return all;
  }
};

}  // namespace assay
