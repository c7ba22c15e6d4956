// Limits, presets, the layout of the results, the peak and the counters: settings that stand on their own.
#include <fmt/format.h>

#include <algorithm>

#include "harness/plan/levels.hpp"
#include "harness/plan/near_names.hpp"
#include "harness/plan/pairwise.hpp"
#include "harness/plan/sections.hpp"

namespace assay::plan {

using document::in_quotes;

namespace {

constexpr std::int64_t kMostRounds = 100'000;
constexpr std::int64_t kSmallestPilot =
    7;  // Stein's first stage: below it t is so wide that the second explodes

/// Levels of the factor that a ladder climbs, not all of them; empty after a mistake.
std::vector<Level> read_ceilings(const document::Entry& entry, const std::string& along,
                                 const std::vector<Level>& levels, Mistakes& mistakes) {
  const document::List* list = entry.value.list();
  if (!list) {
    mistakes.add(entry.line,
                 fmt::format("'ceilings' in [table] is no list; write levels of '{}', e.g. ceilings = [{}]",
                             along, toml_text(levels.back())));
    return {};
  }
  std::vector<Level> ceilings;
  for (const document::Node& node : *list) {
    const auto level = read_level(node, "'ceilings' in [table]", mistakes);
    if (!level) return {};
    if (std::find(levels.begin(), levels.end(), *level) == levels.end()) {
      mistakes.add(node.line,
                   fmt::format("'ceilings' in [table] has {}, which is no level of '{}'; those are {}",
                               toml_text(*level), along, toml_text(levels)));
      return {};
    }
    if (std::find(ceilings.begin(), ceilings.end(), *level) == ceilings.end()) ceilings.push_back(*level);
  }
  if (ceilings.size() == levels.size()) {
    mistakes.add(entry.line,
                 fmt::format("'ceilings' in [table] leaves no level of '{}' to climb; name fewer", along));
    return {};
  }
  return ceilings;
}

/// Whether there are pairs, and not more than can share rounds.
void check_pairwise(const Section& section, const Experiment& e, Mistakes& mistakes) {
  const auto families = pairwise_families(e.treatments(), e.factors, e.table.along);
  const std::size_t count = pair_count(families);
  if (count == 0) {
    const std::string factor = e.table.along.empty() ? "one factor" : fmt::format("'{}'", e.table.along);
    mistakes.add(section.line(), fmt::format("[table] kind = \"pairwise\" compares treatments that differ in {} "
                                             "alone, and no two do; give it two levels or more",
                                             factor));
    return;
  }
  if (count <= kMostPairs) return;
  std::vector<std::string> varied;
  for (const Factor& factor : e.factors) {
    if (factor.levels.size() > 1) varied.push_back(factor.name);
  }
  const std::string narrower = e.table.along.empty() && varied.size() > 1
                                   ? fmt::format("name one factor, e.g. along = \"{}\", ", varied.front())
                                   : "";
  mistakes.add(section.line(),
               fmt::format("[table] kind = \"pairwise\" gives {} pairs, and at most {} share rounds and one "
                           "family of tests; {}leave levels out with [[exclude]], or compare with a baseline: "
                           "kind = \"comparison\"",
                           count, kMostPairs, narrower));
}

/// One number of threads or a list of them; empty after a mistake.
std::vector<Level> read_peak_threads(const document::Entry& entry, Mistakes& mistakes) {
  const document::List one{entry.value};
  std::vector<Level> all;
  for (const document::Node& node : entry.value.list() ? *entry.value.list() : one) {
    const auto level = read_level(node, "'threads' in [peak]", mistakes);
    if (!level) return {};
    if (const auto problem = reserved_problem("threads", *level)) {
      mistakes.add(node.line, fmt::format("{} ([peak])", *problem));
      return {};
    }
    if (std::find(all.begin(), all.end(), *level) == all.end()) all.push_back(*level);
  }
  if (all.empty())
    mistakes.add(entry.line, "'threads' in [peak] is an empty list; give at least one, e.g. [1, \"all\"]");
  return all;
}

}  // namespace

void read_limits(const Section& root, Draft& draft) {
  const document::Table* table = root.table("limits", "[limits]");
  if (!table) return;
  const Section section(*table, root.line_of("limits"), "[limits]", {"start_s", "block_s", "memory_bytes"},
                        draft.mistakes);
  Limits& limits = draft.experiment.limits;
  limits.start_s = section.number("start_s", above(0), "start_s = 60").value_or(limits.start_s);
  limits.block_s = section.number("block_s", above(0), "block_s = 60").value_or(limits.block_s);
  limits.memory_bytes = section
                            .integer("memory_bytes", 1, std::numeric_limits<std::int64_t>::max(),
                                     "memory_bytes = 8_000_000_000")
                            .value_or(limits.memory_bytes);
}

void read_presets(const Section& root, Draft& draft) {
  const document::Table* presets = root.table("presets", "[presets.quick]");
  if (!presets) return;
  for (const auto& [name, line, node] : presets->entries) {
    if (!is_plain_name(name, true)) {
      draft.mistakes.add(
          line, fmt::format("{} is no name for a preset; use letters, digits, '_', '-' and '.', e.g. "
                            "[presets.quick]",
                            in_quotes(name)));
      return;
    }
    const document::Table* table = node.table();
    if (!table) {
      draft.mistakes.add(
          line, fmt::format("preset '{}' is {}; write a table, e.g. [presets.{}] with rounds = 7", name,
                            document::shown(node), name));
      return;
    }
    const Section section(
        *table, line, fmt::format("[presets.{}]", name),
        {"rounds", "min_s", "precision_target", "budget_s", "slowed", "block_s", "settle_s"}, draft.mistakes);
    Preset preset = default_preset(name);
    preset.precision_target = section.number("precision_target", between(0, 1), "precision_target = 0.01");
    if (preset.precision_target) preset.rounds = static_cast<int>(kSmallestPilot);
    if (const auto rounds = section.integer("rounds", 2, kMostRounds, "rounds = 7")) {
      if (preset.precision_target && *rounds < kSmallestPilot) {
        section.wrong(
            "rounds", fmt::format("is {}", *rounds),
            fmt::format("beside precision_target they are its pilot, which has at least {}", kSmallestPilot));
      }
      preset.rounds = static_cast<int>(*rounds);
    }
    preset.budget_s = section.number("budget_s", above(0), "budget_s = 60");
    preset.min_s = section.number("min_s", above(0), "min_s = 3");
    preset.slowed_control = section.boolean("slowed").value_or(preset.slowed_control);
    preset.block_s = section.number("block_s", between(0, 10), "block_s = 0.005").value_or(preset.block_s);
    preset.settle_s =
        section.number("settle_s", between(0, 10), "settle_s = 0.004").value_or(preset.settle_s);
    draft.experiment.presets.push_back(std::move(preset));
  }
}

void read_table(const Section& root, Draft& draft) {
  const document::Table* table = root.table("table", "[table]");
  if (!table) return;
  const Section section(*table, root.line_of("table"), "[table]", {"kind", "along", "ceilings"},
                        draft.mistakes);
  Table& wanted = draft.experiment.table;
  wanted.kind = table_kind_named(section.word("kind", {"comparison", "ladder", "pairwise"}).value_or(""))
                    .value_or(Table::Kind::comparison);
  const auto along = section.text("along", "along = \"version\"");
  const auto& factors = draft.experiment.factors;
  const document::Entry* ceilings = section.find("ceilings");
  if (ceilings && wanted.kind != Table::Kind::ladder)
    section.wrong("ceilings", fmt::format("has no meaning for a {} table", name_of(wanted.kind)),
                  "write kind = \"ladder\", or leave it out");
  if (along && wanted.kind == Table::Kind::comparison)
    section.wrong("along", "has no meaning for a comparison table",
                  "write kind = \"ladder\" or \"pairwise\", or leave it out");
  if (!along && wanted.kind == Table::Kind::ladder)
    draft.mistakes.add(section.line(),
                       "[table] kind = \"ladder\" doesn't say what it climbs; add a factor, e.g. along "
                       "= \"version\"");
  const auto names = names_of(factors);
  if (along && std::find(names.begin(), names.end(), *along) == names.end())
    section.wrong("along", fmt::format("is {}, which is no factor", in_quotes(*along)),
                  suggestion(*along, names, "the factors are"));
  if (!draft.mistakes.none() || wanted.kind == Table::Kind::comparison) return;
  wanted.along = along.value_or("");
  if (wanted.kind == Table::Kind::pairwise) return check_pairwise(section, draft.experiment, draft.mistakes);
  if (!ceilings) return;
  const auto& levels =
      factors[static_cast<std::size_t>(std::find(names.begin(), names.end(), *along) - names.begin())].levels;
  wanted.ceilings = read_ceilings(*ceilings, *along, levels, draft.mistakes);
}

void read_peak(const Section& root, Draft& draft) {
  const document::Table* table = root.table("peak", "[peak]");
  if (!table) return;
  const Section section(*table, root.line_of("peak"), "[peak]", {"kind", "precision", "threads", "memory"},
                        draft.mistakes);
  Peak peak;
  peak.kind = section.word("kind", {"fma"}).value_or(peak.kind);
  peak.precision = section.word("precision", {"f64", "f32"}).value_or(peak.precision);
  peak.memory = section.word("memory", {"l1", "l2", "l3", "dram"}).value_or(peak.memory);
  if (const document::Entry* threads = section.find("threads")) {
    peak.threads = read_peak_threads(*threads, draft.mistakes);
    if (peak.threads.empty()) return;
  }
  draft.experiment.peak = peak;
}

void read_counters(const Section& root, Draft& draft) {
  const document::Table* table = root.table("counters", "[counters]");
  if (!table) return;
  const Section section(*table, root.line_of("counters"), "[counters]", {"simulate"}, draft.mistakes);
  draft.experiment.simulate = section.word("simulate", {"cachegrind"}).has_value();
  if (draft.experiment.simulate && draft.experiment.has_commands()) {
    section.wrong("simulate", "counts a worker's block, and a command has none",
                  "leave it out, or write [worker] instead of [command]");
  }
}

}  // namespace assay::plan
