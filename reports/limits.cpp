#include "reports/limits.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "reports/cells.hpp"
#include "reports/contrasts.hpp"

namespace assay::reports {

namespace {

const Json& at(const Json& object, const char* name) {
  static const Json none;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() ? *found : none;
}

std::string text_in(const Json& object, const char* name) {
  const Json& value = at(object, name);
  return value.is_string() ? value.get<std::string>() : "";
}

std::string text_of(const Treatment& peak, const char* name) {
  const Level* level = peak.find(name);
  return level && std::holds_alternative<std::string>(*level) ? std::get<std::string>(*level) : "";
}

std::optional<Number> number_of_ceiling(const Json& ceiling) {
  const Json& value = at(ceiling, "value");
  if (!value.is_number() || !(value.get<double>() > 0)) return std::nullopt;
  Number number{value.get<double>(), std::nullopt};
  if (at(ceiling, "low").is_number() && at(ceiling, "high").is_number()) {
    number.interval = stats::Interval{at(ceiling, "low").get<double>(), at(ceiling, "high").get<double>()};
  }
  return number;
}

}  // namespace

Limits::Limits(const record::RunRecord& run, const Planned& planned) {
  if (run.peaks.empty()) return;
  if (const Json& cpus = at(run.manifest, "cpus"); cpus.is_array())
    cpus_ = std::max(1, static_cast<int>(cpus.size()));
  std::vector<int> teams;
  for (std::size_t p = 0; p < run.peaks.size(); ++p) {
    const Treatment& peak = run.peaks[p];
    const int threads = threads_of(peak.find("threads"));
    if (std::find(teams.begin(), teams.end(), threads) == teams.end()) teams.push_back(threads);
    const bool memory = text_of(peak, "peak") == "read";
    const auto rate = peak_rate(run, planned, static_cast<int>(p), memory ? "bytes" : "flop");
    const std::string level = memory ? text_of(peak, "level") : "";
    if (rate)
      all_.push_back({memory ? level_name(level) : "FMA", level, threads, *rate, static_cast<int>(p)});
  }
  const auto team_of = [&](const Json& entry) {
    const auto found = std::find_if(teams.begin(), teams.end(),
                                    [&](int threads) { return at(entry, "threads") == threads; });
    return found == teams.end() ? 0 : *found;
  };
  const Json& sheet = at(at(run.manifest, "machine"), "sheet");
  for (const Json& capacity : at(sheet, "levels")) {
    const std::string level = text_in(capacity, "level");
    const int threads = team_of(capacity);
    if (threads > 0 && level != "dram" && at(capacity, "capacity_bytes").is_number()) {
      capacities_.push_back({level, threads, at(capacity, "capacity_bytes").get<double>()});
    }
  }
  for (const Json& ceiling : at(sheet, "ceilings")) {
    const std::string level = text_in(ceiling, "level");
    const auto rate = number_of_ceiling(ceiling);
    const int threads = team_of(ceiling);
    if (text_in(ceiling, "loop") != "read" || !rate || threads == 0 || of_level(level, threads)) continue;
    all_.push_back({level_name(level), level, threads, *rate, -1});
  }
  // "l1" < "l2" < … < "dram": memory is what has no number.
  std::stable_sort(all_.begin(), all_.end(), [&](const Limit& a, const Limit& b) {
    const auto rank = [&](const Limit& l) {
      return std::pair(std::find(teams.begin(), teams.end(), l.threads), l.level == "dram" ? "z" : l.level);
    };
    return rank(a) < rank(b);
  });
}

const Limit* Limits::floating_point(int threads) const {
  return of_level("", threads);
}

const Limit* Limits::of_level(const std::string& level, int threads) const {
  const auto found = std::find_if(all_.begin(), all_.end(),
                                  [&](const Limit& l) { return l.level == level && l.threads == threads; });
  return found == all_.end() ? nullptr : &*found;
}

std::string Limits::level_of(double bytes, int threads) const {
  for (const Capacity& capacity : capacities_) {
    if (capacity.threads == threads && bytes <= capacity.bytes) return capacity.level;
  }
  return "dram";
}

int Limits::threads_of(const Level* level) const {
  if (level && std::holds_alternative<std::int64_t>(*level))
    return static_cast<int>(std::get<std::int64_t>(*level));
  return level || all_.empty() ? cpus_ : all_.front().threads;
}

std::string level_name(const std::string& level) {
  std::string name = level;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

}  // namespace assay::reports
