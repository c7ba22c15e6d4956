// Scripted runs of factorial designs that the tests of figures share, and gnuplot where it is installed.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "harness/record/run_folder.hpp"
#include "reports/drawing.hpp"
#include "tests/reports/runs.hpp"

namespace assay::reports::test {

/// Every combination of the factors' levels, the first factor outermost; the first is the baseline of all.
inline FakeRun factorial(const std::vector<std::pair<std::string, Json>>& factors, std::function<double(const Treatment&)> seconds) {
  FakeRun fake;
  fake.design = "factorial";
  fake.treatments = {Treatment()};
  Json listed = Json::array();
  for (const auto& [name, levels] : factors) {
    listed.push_back({{"name", name}, {"levels", levels}});
    std::vector<Treatment> longer;
    for (const Treatment& treatment : fake.treatments) {
      for (const Json& level : levels) {
        longer.push_back(treatment);
        longer.back().set(name, *level_from_json(level));
      }
    }
    fake.treatments = std::move(longer);
  }
  fake.more_manifest = {{"factors", listed}, {"baseline", fake.treatments.front().empty() ? Json::object() : sorted_json(fake.treatments.front())}};
  fake.seconds = [treatments = fake.treatments, seconds = std::move(seconds)](const Place& p) {
    return seconds(treatments[static_cast<std::size_t>(p.treatment)]) * (1 + 0.03 * std::sin(p.round)) * noise(p, 0.004);
  };
  return fake;
}

inline std::string text_level(const Treatment& treatment, const char* factor) { return std::get<std::string>(*treatment.find(factor)); }
inline double number_level(const Treatment& treatment, const char* factor) {
  const Level& level = *treatment.find(factor);
  const auto* whole = std::get_if<std::int64_t>(&level);
  return whole ? static_cast<double>(*whole) : std::get<double>(level);
}

inline Report report_of(const FakeRun& fake) {
  TemporaryFolder results;
  return reported(results.path(), fake).report;
}

/// What stands between the first "`begin`" and the next "`end`".
inline std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const auto from = text.find(begin);
  if (from == std::string::npos) return "";
  return text.substr(from + begin.size(), text.find(end, from + begin.size()) - from - begin.size());
}

/// The SVG that gnuplot makes of it; nothing, and a word that ctest looks for, where there is no gnuplot.
inline std::optional<std::string> drawn(const Figure& figure) {
  static const bool there = std::system("command -v gnuplot >/dev/null 2>&1") == 0;
  if (!there) {
    std::cout << "SKIPPED: gnuplot is not installed\n";
    return std::nullopt;
  }
  TemporaryFolder folder;
  const auto text_at = [&](const std::string& ending) { return folder.path() / (figure.name + ending); };
  for (const auto& [ending, text] : {std::pair{".gp", figure.script}, {".csv", figure.csv}}) {
    if (const auto put = record::write_atomically(text_at(ending), text); !put) throw std::runtime_error(put.error().message);
  }
  if (const auto done = draw(figure, folder.path()); !done) throw std::runtime_error(done.error().message);
  // All that a script may write is its two pictures.
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    if (entry.path().stem() != figure.name) throw std::runtime_error("gnuplot also wrote " + entry.path().filename().string());
  }
  const auto svg = record::read_file(text_at(".svg"));
  if (!svg) throw std::runtime_error(svg.error().message);
  return *svg;
}

}  // namespace assay::reports::test
