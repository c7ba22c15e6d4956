#include "harness/plan/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "harness/plan/groups.hpp"
#include "harness/plan/levels.hpp"
#include "harness/plan/near_names.hpp"
#include "harness/plan/pairwise.hpp"

namespace assay::plan {

namespace {

std::string at_line(const Experiment& experiment, int line) {
  return line > 0 ? fmt::format("{}:{}", experiment.shown_name, line) : experiment.shown_name;
}

/// `treatment` with the levels that `partial` names.
Treatment replaced(Treatment treatment, const Treatment& partial) {
  for (const auto& [factor, level] : partial.levels()) treatment.set(factor, level);
  return treatment;
}

using IndexById = std::unordered_map<std::string, int>;

/// A treatment's baseline is the one equal in all factors that `baseline` doesn't name. An excluded one
/// leaves the treatment without; baselines have none themselves.
void find_baselines(Plan& plan, const IndexById& index) {
  const Treatment& baseline = plan.experiment.baseline;
  if (baseline.empty()) return;
  for (PlannedTreatment& t : plan.treatments) {
    if (t.treatment.matches(baseline)) continue;
    const auto found = index.find(replaced(t.treatment, baseline).id());
    if (found != index.end()) t.baseline = found->second;
  }
}

class PairList {
public:
  explicit PairList(std::vector<Pair>& pairs) : pairs_(pairs) {}

  void add(int of, int to, bool in_table) {
    if (seen_.insert({of, to}).second) pairs_.push_back({of, to, in_table});
  }

private:
  std::vector<Pair>& pairs_;
  std::set<std::pair<int, int>> seen_;
};

/// Each rung to the one before it, with all other factors equal. An excluded rung is stepped over.
void add_ladder_pairs(const Plan& plan, PairList& pairs) {
  const Experiment& e = plan.experiment;
  const auto along = std::find_if(e.factors.begin(), e.factors.end(),
                                  [&](const Factor& f) { return f.name == e.table.along; });
  if (along == e.factors.end()) return;
  struct Rung {
    long height;
    int treatment;
    bool ceiling;
  };
  std::map<std::string, std::vector<Rung>> ladders;  // by the other factors
  std::vector<std::string> order;
  for (int i = 0; i < static_cast<int>(plan.treatments.size()); ++i) {
    const Treatment& treatment = plan.treatments[static_cast<std::size_t>(i)].treatment;
    Treatment others;
    for (const auto& [factor, level] : treatment.levels()) {
      if (factor != along->name) others.set(factor, level);
    }
    const auto level = std::find(along->levels.begin(), along->levels.end(), *treatment.find(along->name));
    auto& ladder = ladders[others.id()];
    if (ladder.empty()) order.push_back(others.id());
    ladder.push_back({level - along->levels.begin(), i, e.table.is_ceiling(*level)});
  }
  for (const std::string& id : order) {
    auto& ladder = ladders[id];
    std::stable_sort(ladder.begin(), ladder.end(),
                     [](const Rung& a, const Rung& b) { return a.height < b.height; });
    const Rung* last = nullptr;
    for (const Rung& rung : ladder) {
      if (rung.ceiling) continue;
      if (last) pairs.add(rung.treatment, last->treatment, true);
      last = &rung;
    }
    for (const Rung& rung : ladder) {
      if (rung.ceiling && last) pairs.add(rung.treatment, last->treatment, true);
    }
  }
}

/// Each level against each other, with all other factors equal.
void add_pairwise_pairs(const Plan& plan, PairList& pairs) {
  const Experiment& e = plan.experiment;
  std::vector<Treatment> treatments;
  for (const PlannedTreatment& t : plan.treatments) treatments.push_back(t.treatment);
  for (const Family& family : pairwise_families(treatments, e.factors, e.table.along)) {
    for (const auto& [of, to] : pairs_of(family, treatments, e.baseline)) pairs.add(of, to, true);
  }
}

/// Pairs of processes: the plan's own, then each baseline with its copy, and with its slowed one if that is
/// asked for.
std::vector<Group> duet_groups(const Plan& plan) {
  std::vector<Group> groups = make_groups(plan.treatments, plan.pairs, 2);
  std::vector<int> baselines;
  for (const Group& group : groups) {
    if (std::find(baselines.begin(), baselines.end(), group.baseline) == baselines.end())
      baselines.push_back(group.baseline);
  }
  std::erase_if(groups,
                [](const Group& group) { return group.members.size() == 1; });  // its control group holds it
  for (const int baseline : baselines) {
    groups.push_back({{baseline}, baseline, true, Role::same});
    if (plan.preset.slowed_control) groups.push_back({{baseline}, baseline, true, Role::slowed});
  }
  return groups;
}

/// The one planned treatment that `side` of a hypothesis names.
Result<int> named_treatment(const Plan& plan, const Hypothesis& hypothesis, std::string_view side,
                            const Treatment& partial) {
  std::vector<int> matching;
  for (int i = 0; i < static_cast<int>(plan.treatments.size()); ++i) {
    if (plan.treatments[static_cast<std::size_t>(i)].treatment.matches(partial)) matching.push_back(i);
  }
  if (matching.size() == 1) return matching.front();
  const std::string what =
      fmt::format("{}: hypothesis '{}': {} ({})", at_line(plan.experiment, hypothesis.line), hypothesis.id,
                  side, partial.label());
  if (matching.empty()) {
    return Error{fmt::format(
        "{} names no planned treatment; the design or an [[exclude]] leaves it out: name one that "
        "`assay plan` shows",
        what)};
  }
  std::vector<std::string> missing;
  for (const Factor& factor : plan.experiment.factors) {
    if (!partial.find(factor.name)) missing.push_back(factor.name);
  }
  return Error{fmt::format("{} names {} treatments; name one by giving a level of {} too", what,
                           matching.size(), listed(missing))};
}

Result<Done> add_hypothesis_pairs(const Plan& plan, PairList& pairs) {
  for (const Hypothesis& hypothesis : plan.experiment.hypotheses) {
    const bool value = hypothesis.form == Hypothesis::Form::value;
    const auto of = named_treatment(plan, hypothesis, value ? "value" : "of", hypothesis.of);
    if (!of) return of.error();
    if (value) continue;
    const auto to = named_treatment(plan, hypothesis, "to", hypothesis.to);
    if (!to) return to.error();
    if (*of == *to) {
      return Error{
          fmt::format("{}: hypothesis '{}' compares {} with itself; name another treatment in of or to",
                      at_line(plan.experiment, hypothesis.line), hypothesis.id,
                      plan.treatments[static_cast<std::size_t>(*of)].treatment.label())};
    }
    pairs.add(*of, *to, false);
  }
  return Done{};
}

}  // namespace

Result<Plan> make_plan(Experiment experiment, Preset preset, int largest_group) {
  Plan plan;
  plan.experiment = std::move(experiment);
  plan.preset = std::move(preset);
  const Experiment& e = plan.experiment;

  IndexById index;
  for (Treatment& treatment : e.treatments()) {
    PlannedTreatment planned;
    Treatment told = treatment;
    if (e.against) {
      planned.in_reference = *treatment.find(kRevision) == Level(e.against->reference);
      told = Treatment();
      for (const auto& [name, level] : treatment.levels()) {
        if (name != kRevision) told.set(name, level);
      }
    }
    planned.assignment = replaced(told, e.controls);
    planned.id = treatment.id();
    const std::string_view kind = e.has_commands() ? "command" : "worker";
    const auto program =
        e.has_commands() ? e.command_for(planned.assignment) : e.worker_for(planned.assignment);
    const bool has_programs = e.has_commands() || !e.workers.empty();  // imported results have none
    if (!program && has_programs) {
      return Error{fmt::format("{}: no {} serves {}; add its levels to a 'when', or a {} without 'when'",
                               e.shown_name, kind, treatment.label(), kind)};
    }
    (e.has_commands() ? planned.command : planned.worker) = program.value_or(-1);
    planned.treatment = std::move(treatment);
    index.emplace(planned.id, static_cast<int>(plan.treatments.size()));
    plan.treatments.push_back(std::move(planned));
  }
  if (plan.treatments.empty()) {
    return Error{fmt::format("{}: the excludes leave no treatment; remove one, or name more factors in it",
                             e.shown_name)};
  }
  const bool has_baseline =
      e.baseline.empty() || std::any_of(plan.treatments.begin(), plan.treatments.end(),
                                        [&](const auto& t) { return t.treatment.matches(e.baseline); });
  if (!has_baseline) {
    return Error{
        fmt::format("{}: baseline {} names no planned treatment; the design or an [[exclude]] leaves it out",
                    e.shown_name, e.baseline.label())};
  }

  find_baselines(plan, index);
  PairList pairs(plan.pairs);
  if (e.table.kind == Table::Kind::pairwise) {
    add_pairwise_pairs(plan, pairs);  // with the baseline among them, where it differs in one factor alone
  } else {
    for (int i = 0; i < static_cast<int>(plan.treatments.size()); ++i) {
      if (const auto to = plan.treatments[static_cast<std::size_t>(i)].baseline) pairs.add(i, *to, true);
    }
  }
  if (e.table.kind == Table::Kind::ladder) add_ladder_pairs(plan, pairs);
  if (const auto added = add_hypothesis_pairs(plan, pairs); !added) return added.error();
  plan.groups = e.placement == Placement::duet ? duet_groups(plan)
                                               : make_groups(plan.treatments, plan.pairs, largest_group);
  if (e.peak) {
    for (const Level& threads : e.peak->threads) {
      plan.peaks.push_back(
          Treatment({{"peak", e.peak->kind}, {"precision", e.peak->precision}, {"threads", threads}}));
      if (e.peak->memory.empty()) continue;
      plan.peaks.push_back(
          Treatment({{"peak", std::string("read")}, {"level", e.peak->memory}, {"threads", threads}}));
    }
  }
  return plan;
}

}  // namespace assay::plan
