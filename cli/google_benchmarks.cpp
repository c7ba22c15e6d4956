#include "cli/google_benchmarks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <regex>

#include "cli/program.hpp"
#include "harness/core/json.hpp"
#include "harness/plan/near_names.hpp"
#include "harness/plan/placeholder.hpp"
#include "harness/plan/section.hpp"
#include "harness/run/google_benchmark.hpp"

namespace assay::cli {

namespace {

constexpr double kList_s = 60;
constexpr std::size_t kNamesShown = 8;

using Names = std::vector<std::string>;
using Note = std::function<void(const std::string&)>;

/// A JSON text is a TOML text. (plan::toml_text is for messages: it shortens.)
std::string quoted(const std::string& text) { return OrderedJson(text).dump(-1, ' ', false, OrderedJson::error_handler_t::replace); }

std::string list_text(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + quoted(name);
  return "[" + text + "]";
}

std::string shown(const Names& names) {
  const auto count = static_cast<std::ptrdiff_t>(std::min(names.size(), kNamesShown));
  return fmt::format("{}{}", fmt::join(names.begin(), names.begin() + count, ", "), names.size() > kNamesShown ? ", …" : "");
}

bool holds(const Names& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

/// Every rate's name ends so, and more of a rate is better; of another counter nobody knows, and less is taken to be.
bool is_rate(const std::string& counter) { return counter.ends_with("_per_second") || counter.ends_with("/s"); }

Result<std::string> metrics_text(const GoogleBenchmarks& wish) {
  std::string text = "[metrics]\nprimary = [\"time_s\"]\n";
  for (const std::string& counter : wish.counters) {
    if (!plan::is_plain_name(counter, false) || counter == "time_s" || counter == "cpu_s" || counter == "peak_memory_bytes" || counter == "exit_status") {
      return Error{fmt::format("--counter {}: it can't be a metric's name, or is one already; name a counter of letters, digits and '_', e.g. items_per_second", counter)};
    }
    const bool rate = is_rate(counter);
    text += fmt::format("[metrics.{}]\nunit = {}\nkind = \"{}\"\ndirection = \"{}\"\n", counter, rate ? "\"1/s\"" : "\"1\"", rate ? "rate" : "count",
                        rate ? "higher" : "lower");
  }
  return text;
}

std::string command_text(const GoogleBenchmarks& wish, const std::string& binary, const std::string& benchmark) {
  // Without the suffix "s", which versions before 1.8 refuse; later ones take both.
  std::string text = fmt::format("[command]\nrun = [{}, \"--benchmark_min_time={}\"]\ngoogle_benchmark = {}\n", quoted(binary), wish.min_time_s, quoted(benchmark));
  if (!wish.folder.empty()) text += fmt::format("folder = {}\n", quoted(plan::unfilled(wish.folder)));
  return text;
}

/// Where a filter matches a name: what stands before, in, and behind it.
struct Parts {
  std::string before, match, behind;
};

Result<std::vector<Parts>> parts_of(const std::string& filter, const Names& names) {
  std::vector<Parts> all;
  try {
    const std::regex pattern(filter, std::regex::extended);
    for (const std::string& name : names) {
      std::smatch found;
      if (!std::regex_search(name, found, pattern)) continue;
      all.push_back({found.prefix().str(), found.str(), found.suffix().str()});
    }
  } catch (const std::regex_error& e) {
    return Error{fmt::format("--filter {}: no regular expression ({})", filter, e.what())};
  }
  for (const Parts& parts : all) {
    if (parts.match == all.front().match && parts.before == all.front().before) continue;
    return Error{fmt::format("--filter {}: with two filters each must match the same text in all its benchmarks, but it matches '{}' and '{}'; write a "
                             "filter that is the part of the name that differs, e.g. BM_copy",
                             filter, all.front().before + all.front().match, parts.before + parts.match)};
  }
  return all;
}

Result<BenchmarkDesign> design_of_filters(const GoogleBenchmarks& wish, const std::vector<Names>& names, const Note& note) {
  std::vector<std::vector<Parts>> parts;
  for (std::size_t f = 0; f < 2; ++f) {
    auto found = parts_of(wish.filters[f], names[f]);
    if (!found) return found.error();
    if (found->empty()) return Error{fmt::format("--filter {} matches no benchmark as a POSIX extended regular expression", wish.filters[f])};
    parts.push_back(*std::move(found));
  }
  const std::string first = parts[0].front().before + parts[0].front().match;
  const std::string second = parts[1].front().before + parts[1].front().match;
  if (first == second) return Error{fmt::format("both filters match the same benchmarks ({}); give two that differ", first)};
  Names rests, left_out;
  const auto has = [&](const std::vector<Parts>& side, const std::string& behind) {
    return std::any_of(side.begin(), side.end(), [&](const Parts& p) { return p.behind == behind; });
  };
  for (const Parts& p : parts[0]) (has(parts[1], p.behind) ? rests : left_out).push_back(has(parts[1], p.behind) ? p.behind : first + p.behind);
  for (const Parts& p : parts[1]) {
    if (!has(parts[0], p.behind)) left_out.push_back(second + p.behind);
  }
  if (rests.empty()) {
    return Error{fmt::format("no benchmark of '{}' has a counterpart among those of '{}': the rest of their names must be equal ({} against {})", first, second,
                             shown(names[0]), shown(names[1]))};
  }
  if (!left_out.empty()) note(fmt::format("without a counterpart, so left out: {}", shown(left_out)));
  const auto metrics = metrics_text(wish);
  if (!metrics) return metrics.error();
  const bool one = rests.size() == 1;
  BenchmarkDesign design;
  design.baseline = fmt::format("{{ benchmark = {} }}", quoted(first));
  design.sections = command_text(wish, plan::unfilled(wish.binaries.front()), one ? "{benchmark}" + plan::unfilled(rests.front()) : "{benchmark}{arguments}");
  design.sections += "[factors]\n";
  if (!one) design.sections += fmt::format("arguments = {}\n", list_text(rests));
  design.sections += fmt::format("benchmark = {}\n", list_text({first, second})) + *metrics;
  return design;
}

Result<BenchmarkDesign> design_of_binaries(const GoogleBenchmarks& wish, const std::vector<Names>& names, const Note& note) {
  if (wish.binaries[0] == wish.binaries[1]) {
    return Error{fmt::format("{} is given twice; every table compares its baseline with a copy of itself anyway, so name another executable, or only one",
                             wish.binaries[0])};
  }
  Names both;
  for (const std::string& name : names[0]) {
    if (holds(names[1], name)) both.push_back(name);
  }
  for (std::size_t b = 0; b < 2; ++b) {
    Names only;
    std::copy_if(names[b].begin(), names[b].end(), std::back_inserter(only), [&](const std::string& name) { return !holds(both, name); });
    if (!only.empty() && !both.empty()) note(fmt::format("only in {}, so left out: {}", wish.binaries[b], shown(only)));
  }
  if (both.empty()) {
    return Error{fmt::format("{} and {} have no benchmark in common: {} against {}", wish.binaries[0], wish.binaries[1], shown(names[0]), shown(names[1]))};
  }
  const auto metrics = metrics_text(wish);
  if (!metrics) return metrics.error();
  BenchmarkDesign design;
  design.baseline = fmt::format("{{ binary = {} }}", quoted(wish.binaries[0]));
  design.sections = command_text(wish, "{binary}", "{benchmark}");
  design.sections += fmt::format("[factors]\nbenchmark = {}\nbinary = {}\n", list_text(both), list_text(wish.binaries)) + *metrics;
  return design;
}

Result<BenchmarkDesign> design_of_names(const GoogleBenchmarks& wish, const Names& names) {
  BenchmarkDesign design;
  const std::string& baseline = wish.baseline.empty() ? names.front() : wish.baseline;
  if (!holds(names, baseline)) {
    return Error{fmt::format("--baseline {}: {}", baseline, plan::suggestion(baseline, names, "the filter matches"))};
  }
  const auto metrics = metrics_text(wish);
  if (!metrics) return metrics.error();
  if (names.size() > 1 && !wish.against) design.baseline = fmt::format("{{ benchmark = {} }}", quoted(baseline));
  design.sections = command_text(wish, plan::unfilled(wish.binaries.front()), "{benchmark}");
  design.sections += fmt::format("[factors]\nbenchmark = {}\n", list_text(names)) + *metrics;
  return design;
}

}  // namespace

Result<Names> list_benchmarks(const std::string& binary, const std::string& filter, const std::filesystem::path& folder, const run::InterruptFlag& interrupt) {
  std::vector<std::string> words{binary, "--benchmark_list_tests=true"};
  if (!filter.empty()) words.push_back("--benchmark_filter=" + filter);
  const auto ended = run_program({.words = std::move(words), .folder = folder, .limit_s = kList_s, .log = {}}, interrupt);
  if (!ended) return Error{fmt::format("--google-benchmark: {}; name an executable, with its folder (./bench)", ended.error().message)};
  const auto not_one = [&](const std::string& why) {
    return Error{fmt::format("{} is no Google Benchmark executable, or a broken one: asked by --benchmark_list_tests=true for its list it {}{}", binary, why,
                             last_lines(ended->messages, 5))};
  };
  if (!ended->ok()) return not_one(how_it_ended(*ended, kList_s));
  Names names = run::listed_benchmarks(ended->output);
  // Versions before 1.8 print that on standard output, later ones on standard error.
  std::erase_if(names, [](const std::string& line) { return line.starts_with("Failed to match any benchmarks"); });
  if (names.empty() && filter.empty()) return not_one("printed nothing");
  if (names.empty()) return Error{fmt::format("no benchmark of {} matches --filter {}", binary, filter)};
  const bool odd = std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return name.find("--benchmark_list_tests") != std::string::npos ||
           std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  });
  if (odd) return not_one(fmt::format("printed '{}'", names.front().substr(0, 60)));
  Names sorted = names;
  std::sort(sorted.begin(), sorted.end());
  if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end()) {
    return Error{fmt::format("two benchmarks of {} are named '{}'; give them names of their own, or leave them out by --filter", binary, *twice)};
  }
  return names;
}

Result<BenchmarkDesign> design_of(const GoogleBenchmarks& wish, const std::vector<Names>& names, const Note& note) {
  if (wish.against && !wish.baseline.empty()) return Error{"--baseline names a benchmark; with --against each one's baseline is itself in the reference"};
  if (wish.binaries.size() == 2 && wish.filters.size() <= 1) {
    if (wish.against) return Error{"--against compares one executable with its reference; give --google-benchmark once, its path as in either tree"};
    if (!wish.baseline.empty()) return Error{"--baseline names a benchmark of one executable; with two, the first one is the baseline"};
    return design_of_binaries(wish, names, note);
  }
  if (wish.binaries.size() == 1 && wish.filters.size() == 2) {
    if (wish.against) return Error{"--against compares each benchmark with its reference; give one --filter"};
    if (!wish.baseline.empty()) return Error{"--baseline names a benchmark; with two filters, those of the first one are the baselines"};
    return design_of_filters(wish, names, note);
  }
  if (wish.binaries.size() == 1 && wish.filters.size() <= 1) return design_of_names(wish, names.front());
  return Error{"--google-benchmark takes one executable with at most two filters, or two executables with at most one"};
}

}  // namespace assay::cli
