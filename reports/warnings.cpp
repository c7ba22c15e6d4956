#include "reports/warnings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "harness/core/units.hpp"
#include "reports/sentences.hpp"

namespace assay::reports {

namespace {

class Collector {
public:
  Collector(const record::RunRecord& run, const Planned& planned) : run_(run), planned_(planned) {}

  void add(std::string kind, std::string text) { warnings_.push_back({std::move(kind), std::move(text)}); }

  void controls(const std::vector<Control>& controls) {
    for (const Control& c : controls) {
      if (c.failed) {
        add("control_failed",
            fmt::format("{} was different from itself ({} {}, {}): the verdicts of {} are withheld. Run it "
                        "again on a quieter machine, or with more rounds",
                        name(c.baseline), print_ratio(*c.ratio).number, print_ratio(*c.ratio).interval,
                        p_text(*c.p_adjusted), metric(c.metric)));
      }
      if (c.kind == Role::same && !c.ratio)
        add("no_control",
            fmt::format("there is no negative control{}: {}",
                        c.statistic == "typical" ? "" : " of " + c.statistic, reason_text(c.reason)));
      if (c.kind == Role::slowed && c.planted && c.ratio && c.ratio->interval &&
          !c.ratio->interval->contains(*c.planted)) {
        add("planted_missed",
            fmt::format(
                "a slowdown of {} that was planted in {} was read as {} {}: differences of this size are "
                "not read right here",
                planted_text(*c.planted), name(c.baseline), print_ratio(*c.ratio).number,
                print_ratio(*c.ratio).interval));
      }
    }
  }

  void ladders(const std::vector<Ladder>& ladders) {
    for (const Ladder& ladder : ladders) {
      // Rows that don't begin with what they are compared with are a list of rivals, not steps.
      const bool climbs = !ladder.rows.empty() &&
                          !planned_.baseline_of[static_cast<std::size_t>(ladder.rows.front().treatment)];
      if (!climbs) continue;
      for (std::size_t i = 1; i < ladder.rows.size(); ++i) {
        const LadderRow& row = ladder.rows[i];
        if (row.faster_than_before || !row.relative.value) continue;
        const Number& speedup = *row.relative.value;
        const Printed p = print_ratio(speedup);
        const bool slower = speedup.interval && speedup.interval->high < 1;
        const std::string where =
            ladders.size() == 1 ? "" : " at " + common_text(ladder.shared, ladder.shared);
        const bool is_time = run_.metrics[static_cast<std::size_t>(run_.elapsed_metric)].kind == Kind::time;
        const std::string_view how = is_time ? (slower ? "slower" : "not measurably faster") : (slower ? "more" : "not less");
        add("not_faster", fmt::format("{} is {} than {}{}: {}× {}", row.version, how, ladder.rows[i - 1].version,
                                      where, p.number, p.interval));
      }
    }
  }

  void carry_over(const std::vector<CarryOver>& all) {
    for (const CarryOver& c : all) {
      if (!c.matters && !c.matters_uninterrupted) continue;
      const Number& seen = c.matters ? *c.log_ratio : *c.uninterrupted;
      // Fourfold, because what a neighbour evicted comes back at the speed of memory: a little more settling
      // does little.
      const double more_s = c.settle_s ? std::stod(fmt::format("{:.2g}", *c.settle_s * 4)) : 0;
      const std::string proposal =
          c.settle_s == 0.0 ? "; work of over 100 ms doesn't settle between blocks, so read its comparisons "
                              "no finer than that"
          : c.settle_s
              ? fmt::format("; let the next run settle {} instead of {} (settle_s = {} in its preset)",
                            with_unit(more_s, "s"), with_unit(*c.settle_s, "s"), more_s)
              : "; let the next run settle longer";
      const Printed p = print_percent(seen);
      add("carry_over",
          fmt::format("{} takes {} {} {} time {} than after another's, more than a quarter of "
                      "its comparison's half-width ({}){}",
                      name(c.treatment), print_percent({std::fabs(seen.value), std::nullopt}).value,
                      p.interval, seen.value < 0 ? "less" : "more",
                      c.matters ? "after a block of its own" : "in one long uninterrupted block",
                      print_percent({*c.half_width, std::nullopt}).value, proposal));
    }
  }

  void comparisons(const std::vector<Comparison>& comparisons) {
    for (const Comparison& c : comparisons) {
      if (!c.quotient_differs) continue;
      add("quotient", fmt::format("{} against {}: the paired {} of {} is not the {} of the two cells; the "
                                  "paired one is right, the cells "
                                  "stem from rounds that drifted",
                                  name(c.of), name(c.to), c.scale == Scale::ratio ? "ratio" : "difference",
                                  metric(c.metric), c.scale == Scale::ratio ? "quotient" : "difference"));
    }
    remarks(comparisons);
  }

  /// The t interval of so few relies on a normality that nobody can see.
  void few_rounds(const std::vector<Comparison>& comparisons) {
    constexpr int kFew = 5;
    const Comparison* first = nullptr;
    int count = 0;
    for (const Comparison& c : comparisons) {
      if (!c.effect || !c.effect->interval || c.items || c.rounds >= kFew) continue;
      if (c.effect->interval->half_width() == 0) continue;  // exact: more rounds would say the same
      ++count;
      if (!first || c.rounds < first->rounds) first = &c;
    }
    if (!first) return;
    add("few_rounds", fmt::format("{}{} {} on {} alone: one odd round decides it, and the interval relies on "
                                  "rounds being normal; give it {} or more",
                                  place_of(*first), count > 1 ? fmt::format(" and {} more", count - 1) : "",
                                  count > 1 ? "rest" : "rests", counted(first->rounds, "round"), kFew));
  }

  /// The same remark of the statistics on many lines is one sentence to the reader.
  template <class Lines>
  void remarks(const Lines& lines) {
    std::map<std::string, std::pair<int, std::string>> seen;  // text → how often, first place
    std::vector<std::string> order;
    for (const auto& line : lines) {
      for (const std::string& text : line.remarks) {
        auto& [count, place] = seen[text];
        if (count++ == 0) {
          place = place_of(line);
          order.push_back(text);
        }
      }
    }
    for (const std::string& text : order) {
      const auto& [count, place] = seen[text];
      add("remark",
          fmt::format("{}{}: {}", place, count > 1 ? fmt::format(" and {} more", count - 1) : "", text));
    }
  }

  void blocks() {
    std::int64_t all = 0, disturbed = 0, stolen = 0;
    for (const record::Block& block : run_.blocks) {
      if (block.phase != Phase::measure || (block.marks & kAbandoned)) continue;
      ++all;
      disturbed += (block.marks & kDisturbed) != 0;
      stolen += (block.marks & kStolen) != 0;
    }
    constexpr double kWorthSaying = 0.05;
    const auto share = [&](std::int64_t n) { return static_cast<double>(n) / static_cast<double>(all); };
    if (all > 0 && share(disturbed) > kWorthSaying) {
      add("disturbed", fmt::format("during {} of {} blocks an idle worker used the processor; see which one "
                                   "in the journal's marks",
                                   disturbed, all));
    }
    if (all > 0 && share(stolen) > kWorthSaying) {
      add("stolen",
          fmt::format("{} of {} blocks lost time to something else on this machine and were repeated", stolen,
                      all));
    }
  }

  void state() {
    const std::string_view verb = is_of_compare(run_.experiment, run_.preset) ? "assay compare" : "assay run";
    if (run_.stopped_by.empty()) {
      add("unfinished", fmt::format("the run never ended; {} --resume goes on with it", verb));
    } else if (run_.stopped_by == "interrupt") {
      add("unfinished", fmt::format("the run was interrupted; {} --resume goes on with it", verb));
    } else if (run_.stopped_by == "rehearsal") {
      add("unfinished", "every treatment failed in the rehearsal; nothing was measured");
    }
    const Json& build = run_.manifest.contains("assay") ? run_.manifest["assay"] : Json();
    if (build.is_object() && build.value("dirty", Json()) == Json(true)) {
      add("dirty_build", "this assay was built from a source tree with uncommitted changes");
    }
    for (const auto& [kind, text] : run_.notes) add(kind, text);
  }

  std::vector<Warning> take() { return std::move(warnings_); }

private:
  std::string name(int treatment) const {
    return treatment < 0
               ? "the baseline"
               : short_name(planned_.treatments[static_cast<std::size_t>(treatment)], planned_.factors);
  }
  const std::string& metric(int index) const {
    return planned_.metrics[static_cast<std::size_t>(index)].metric.name;
  }
  static std::string p_text(double p) {
    return p < 0.0001 ? "p < 0.0001" : fmt::format("p = {}", significant(p, 2));
  }
  std::string place_of(const Cell& c) const {
    return fmt::format("{} of {}", metric(c.metric), name(c.treatment));
  }
  std::string place_of(const Comparison& c) const {
    return fmt::format("{} of {} against {}", metric(c.metric), name(c.of), name(c.to));
  }

  const record::RunRecord& run_;
  const Planned& planned_;
  std::vector<Warning> warnings_;
};

}  // namespace

std::vector<Warning> project_warnings(const record::RunRecord& run, const Planned& planned,
                                      const std::vector<Cell>& cells,
                                      const std::vector<Comparison>& comparisons,
                                      const std::vector<Control>& controls,
                                      const std::vector<CarryOver>& carry_over,
                                      const std::vector<Ladder>& ladders) {
  Collector collector(run, planned);
  collector.state();
  collector.controls(controls);
  collector.ladders(ladders);
  collector.carry_over(carry_over);
  collector.comparisons(comparisons);
  collector.few_rounds(comparisons);
  collector.remarks(cells);
  collector.blocks();
  return collector.take();
}

}  // namespace assay::reports
