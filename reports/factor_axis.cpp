#include "reports/factor_axis.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/figure_text.hpp"
#include "reports/numbers.hpp"

namespace assay::reports {

namespace {

constexpr std::size_t kFewestNumbers = 3;
constexpr std::size_t kLongestName = 28;  // characters of a tic

bool is_numeric(const plan::Factor& factor) {
  return std::all_of(factor.levels.begin(), factor.levels.end(), [](const Level& l) { return level_number(l).has_value(); });
}

}  // namespace

std::optional<double> level_number(const Level& level) {
  if (const auto* whole = std::get_if<std::int64_t>(&level)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&level)) return *real;
  return std::nullopt;
}

std::vector<FactorAxis> varied_axes(const Planned& planned) {
  std::vector<FactorAxis> axes;
  for (const plan::Factor& factor : planned.factors) {
    if (factor.levels.size() < 2) continue;
    FactorAxis& axis = axes.emplace_back(FactorAxis{factor.name, factor.levels, is_numeric(factor)});
    if (!axis.numeric) continue;
    std::stable_sort(axis.levels.begin(), axis.levels.end(),
                     [](const Level& a, const Level& b) { return *level_number(a) < *level_number(b); });
  }
  return axes;
}

const plan::Factor* sweep_factor(const Planned& planned) {
  const auto found = std::find_if(planned.factors.begin(), planned.factors.end(), [](const plan::Factor& factor) {
    return is_numeric(factor) && factor.levels.size() >= kFewestNumbers;
  });
  return found == planned.factors.end() ? nullptr : &*found;
}

std::vector<Treatment> combinations(const std::vector<FactorAxis>& axes) {
  std::vector<Treatment> all{Treatment()};
  for (const FactorAxis& axis : axes) {
    std::vector<Treatment> longer;
    for (const Treatment& levels : all) {
      for (const Level& level : axis.levels) {
        longer.push_back(levels);
        longer.back().set(axis.name, level);
      }
    }
    all = std::move(longer);
  }
  return all;
}

int treatment_with(const Planned& planned, const Treatment& levels) {
  const auto found = std::find_if(planned.treatments.begin(), planned.treatments.end(),
                                  [&](const Treatment& t) { return t.matches(levels); });
  return found == planned.treatments.end() ? -1 : static_cast<int>(found - planned.treatments.begin());
}

Treatment joined(Treatment some, const Treatment& more) {
  for (const auto& [factor, level] : more.levels()) some.set(factor, level);
  return some;
}

std::string levels_text(const Treatment& levels) {
  std::vector<std::string> words;
  for (const auto& [factor, level] : levels.levels()) words.push_back(level_text(factor, level));
  return fmt::format("{}", fmt::join(words, ", "));
}

bool is_slanted(const std::vector<NamedTic>& tics, int room) {
  return std::any_of(tics.begin(), tics.end(), [&](const NamedTic& tic) { return display_width(shortened(tic.name, kLongestName)) > room; });
}

std::string named_tics(std::string_view axis, const std::vector<NamedTic>& tics, int room) {
  std::vector<std::string> texts;
  for (const NamedTic& tic : tics) texts.push_back(fmt::format("{} {}", script_tic(shortened(tic.name, kLongestName)), tic.place));
  return fmt::format("set {}tics {}({})\n", axis, is_slanted(tics, room) ? "rotate by -25 " : "", fmt::join(texts, ", "));
}

}  // namespace assay::reports
