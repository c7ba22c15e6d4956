#include "reports/pairwise_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/plan/pairwise.hpp"
#include "reports/sentences.hpp"
#include "reports/table_parts.hpp"

namespace assay::reports {

namespace {

using Tone = TextCell::Tone;

/// "fp32", or "batch 8": short, since it heads a column.
std::string level_name(const Planned& planned, const plan::Family& family, int treatment) {
  const Level* level = planned.treatments[static_cast<std::size_t>(treatment)].find(family.factor);
  return level ? shortest(*level) : std::string(kNothing);
}

/// " at batch 64": what the family's treatments share of what is varied.
std::string shared_text(const Planned& planned, const plan::Family& family) {
  std::vector<std::string> shared;
  for (const plan::Factor& factor : planned.factors) {
    if (factor.levels.size() < 2 || factor.name == family.factor) continue;
    const Level* level =
        planned.treatments[static_cast<std::size_t>(family.members.front())].find(factor.name);
    if (level) shared.push_back(level_text(factor.name, *level));
  }
  return shared.empty() ? "" : fmt::format(" at {}", fmt::join(shared, ", "));
}

/// One family: its members against each other.
class PairwiseTable {
public:
  PairwiseTable(const Report& report, plan::Family family, int metric, const std::string& statistic)
      : report_(report),
        planned_(report.planned),
        family_(std::move(family)),
        index_(metric),
        statistic_(statistic) {
    const Treatment& baseline = planned_.baseline_levels;
    std::stable_partition(family_.members.begin(), family_.members.end(), [&](int t) {
      return !baseline.empty() && planned_.treatments[static_cast<std::size_t>(t)].matches(baseline);
    });
  }

  TextTable build() {
    TextTable table;
    table.title = fmt::format("{}, pairwise by {}{} ({} is better)", column_title(metric(), statistic_),
                              family_.factor, shared_text(planned_, family_),
                              metric().direction == Direction::lower ? "lower" : "higher");
    table.columns = columns();
    const auto letters = this->letters();
    for (std::size_t row = 0; row < family_.members.size(); ++row) table.rows.push_back(line(row, letters));
    table.caption = caption();
    table.footnotes = footnotes_.lines();
    table.status = status_text(report_, index_, statistic_);
    return table;
  }

private:
  const Metric& metric() const { return planned_.metrics[static_cast<std::size_t>(index_)].metric; }
  const Cell* cell(std::size_t row) const {
    return find_cell(report_.cells, family_.members[row], index_, statistic_);
  }
  const Comparison* pair(std::size_t row, std::size_t column) const {
    return find_comparison(report_.comparisons, family_.members[row], family_.members[column], index_,
                           statistic_);
  }

  /// The last level has no column: nothing stands below it. The last columns go first where the width is
  /// short.
  std::vector<TextColumn> columns() const {
    std::vector<TextColumn> list{{family_.factor, false, 9, 5},
                                 {column_title(metric(), statistic_), true, 9, 8},
                                 {"group", false, 9, 5}};
    for (std::size_t column = 0; column + 1 < family_.members.size(); ++column) {
      const int importance = std::max(1, 7 - static_cast<int>(column));
      list.push_back({"vs " + level_name(planned_, family_, family_.members[column]), true, importance,
                      std::max(0, importance - 2)});
    }
    return list;
  }

  std::vector<TextCell> line(std::size_t row, const std::vector<std::string>& letters) {
    const int treatment = family_.members[row];
    std::vector<TextCell> cells{words(level_name(planned_, family_, treatment), Tone::plain,
                                      footnotes_.mark(library_note(planned_, family_.factor, treatment)))};
    const Cell& own = *cell(row);
    if (own.ending.ok()) {
      const std::string note =
          own.deterministic ? "deterministic: equal in all replicates" : provenance_note(own);
      cells.push_back(cell_of(print(*own.value, metric().unit, metric().kind), footnotes_.mark(note)));
    } else {
      cells.push_back(words(outcome_text(own.ending.outcome),
                            own.ending.outcome == Outcome::unsupported ? Tone::muted : Tone::bad,
                            footnotes_.mark(own.ending.reason)));
    }
    cells.push_back(letters[row].empty() ? nothing() : words(letters[row]));
    for (std::size_t column = 0; column + 1 < family_.members.size(); ++column)
      cells.push_back(column < row ? against(row, column) : words(""));
    return cells;
  }

  TextCell against(std::size_t row, std::size_t column) {
    const Comparison* c = pair(row, column);
    if (!c || !c->effect) {
      const bool failed = !cell(row)->ending.ok() || !cell(column)->ending.ok();  // which is said there
      return words(std::string(kNothing), Tone::muted,
                   c && !failed ? footnotes_.mark(reason_text(c->reason)) : "");
    }
    const std::string note = c->reason.empty() ? "" : footnotes_.mark(reason_text(c->reason));
    TextCell shown = c->scale == Scale::ratio
                         ? cell_of(print_ratio(*c->effect), note)
                         : cell_of(print_difference(*c->effect, metric().unit, metric().kind), note);
    if (!c->verdict) return shown;
    const bool better = c->verdict == stats::Verdict::better, worse = c->verdict == stats::Verdict::worse;
    if (better || worse) shown.tone = better ? Tone::good : Tone::bad;
    const std::string_view sign = better                                     ? "+"
                                  : worse                                    ? "−"
                                  : c->verdict == stats::Verdict::equivalent ? "="
                                                                             : "?";
    shown.mark = fmt::format("{}{}", sign, shown.mark);
    return shown;
  }

  /// Nothing where a verdict of a pair is missing or withheld: then nobody knows who belongs together.
  std::vector<std::string> letters() const {
    const std::size_t count = family_.members.size();
    const std::vector<std::string> none(count);
    std::vector<std::size_t> ok;
    for (std::size_t row = 0; row < count; ++row) {
      if (cell(row)->ending.ok()) ok.push_back(row);
    }
    std::vector<std::vector<bool>> apart(ok.size(), std::vector<bool>(ok.size()));
    for (std::size_t i = 1; i < ok.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const Comparison* c = pair(ok[i], ok[j]);
        if (!c || !c->verdict || !c->reason.empty()) return none;
        apart[i][j] = apart[j][i] =
            c->verdict == stats::Verdict::better || c->verdict == stats::Verdict::worse || c->detectable;
      }
    }
    const auto of_ok = shared_letters(ok.size(), apart);
    if (of_ok.empty()) return none;
    std::vector<std::string> all = none;
    for (std::size_t i = 0; i < ok.size(); ++i) all[ok[i]] = of_ok[i];
    return all;
  }

  std::string caption() const {
    const auto pairs =
        std::count_if(report_.comparisons.begin(), report_.comparisons.end(),
                      [&](const Comparison& c) { return c.metric == index_ && c.statistic == statistic_; });
    const std::string constants = constants_text(planned_);
    return fmt::format(
        "{}, paired within rounds: + better, − worse, = equivalent within the margin, ? inconclusive "
        "(Holm over all {} of {}). Rows that share a letter of a group can't be told apart.{}{}",
        natural_scale(metric()) == Scale::ratio ? "Ratios are of the row to the column"
                                                : "Differences are the row less the column",
        counted(pairs, "pair"), metric().name, constants.empty() ? "" : " At " + constants + ".",
        placement_text(planned_));
  }

  const Report& report_;
  const Planned& planned_;
  plan::Family family_;
  int index_;
  const std::string& statistic_;
  Footnotes footnotes_;
};

}  // namespace

std::vector<TextTable> pairwise_tables(const Report& report, int metric, const std::string& statistic) {
  const Planned& planned = report.planned;
  std::vector<TextTable> tables;
  if (planned.table.kind != plan::Table::Kind::pairwise) return tables;
  auto families = plan::pairwise_families(planned.treatments, planned.factors, planned.table.along);
  if (plan::pair_count(families) > plan::kMostPairs) return tables;  // no plan has so many
  for (plan::Family& family : families)
    tables.push_back(PairwiseTable(report, std::move(family), metric, statistic).build());
  return tables;
}

std::vector<std::string> shared_letters(std::size_t count, const std::vector<std::vector<bool>>& told_apart) {
  using Rows = std::set<std::size_t>;
  Rows everyone;
  for (std::size_t row = 0; row < count; ++row) everyone.insert(row);
  std::set<Rows> groups{everyone};
  const auto absorb = [&groups](const Rows& rows) {
    const bool inside = std::any_of(groups.begin(), groups.end(), [&](const Rows& other) {
      return std::includes(other.begin(), other.end(), rows.begin(), rows.end());
    });
    if (!inside) groups.insert(rows);
  };
  for (std::size_t i = 1; i < count; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!told_apart[i][j]) continue;
      std::vector<Rows> split;
      for (const Rows& rows : groups) {
        if (rows.count(i) && rows.count(j)) split.push_back(rows);
      }
      for (const Rows& rows : split) groups.erase(rows);
      for (const Rows& rows : split) {
        for (const std::size_t out : {i, j}) {
          Rows rest = rows;
          rest.erase(out);
          absorb(rest);
        }
      }
    }
  }
  constexpr std::size_t kLetters = 26;
  if (count == 0 || groups.size() > kLetters) return {};
  std::vector<std::string> letters(count);
  char letter = 'a';
  for (const Rows& rows : groups) {  // in the order of their first rows
    for (const std::size_t row : rows) letters[row] += letter;
    ++letter;
  }
  return letters;
}

}  // namespace assay::reports
