#include "reports/check/frozen_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace assay::reports::check {

namespace {

const Json& list_at(const Json& object, const char* key) {
  static const Json none = Json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : none;
}

const std::string& id_at(const plan::Plan& plan, int treatment) {
  static const std::string none;
  return treatment < 0 ? none : plan.treatments[static_cast<std::size_t>(treatment)].id;
}

/// A program for every treatment: which one did the work doesn't matter for the plan.
void stand_in_for_workers(const record::RunRecord& run, plan::Experiment& experiment) {
  if (experiment.has_commands() || !experiment.workers.empty()) return;
  std::set<std::string> names{"worker"};
  for (const Json& entry : list_at(run.manifest, "treatments")) names.insert(text_at(entry, "worker"));
  for (const std::string& name : names) {
    plan::WorkerSpec worker;
    worker.name = name;
    worker.command = {name};
    experiment.workers.push_back(std::move(worker));
  }
}

/// The one planned treatment that a hypothesis' side names, or −1.
int named(const plan::Plan& plan, const Treatment& partial) {
  int found = -1;
  for (int i = 0; i < static_cast<int>(plan.treatments.size()); ++i) {
    if (plan.treatments[static_cast<std::size_t>(i)].treatment.matches(partial)) found = found < 0 ? i : -2;
  }
  return found;
}

Json hypothesis_as_planned(const plan::Plan& plan, const plan::Hypothesis& h) {
  static constexpr const char* kForms[] = {"ratio", "difference", "value"};
  const int of = named(plan, h.of);
  const int to = h.form == plan::Hypothesis::Form::value ? -1 : named(plan, h.to);
  return {{"id", h.id},
          {"claim", h.claim},
          {"metric", h.statistic.metric},
          {"statistic", h.statistic.statistic},
          {"form", kForms[static_cast<int>(h.form)]},
          {"of", of < 0 ? Json() : Json(id_at(plan, of))},
          {"to", to < 0 ? Json() : Json(id_at(plan, to))},
          {"relation", plan::symbol_of(h.relation)},
          {"bound", h.bound}};
}

/// The fields of `wanted` that `found` has otherwise: "claim, bound".
std::string differing(const Json& wanted, const Json& found) {
  std::string names;
  for (const auto& [name, value] : wanted.items()) {
    const auto there = found.is_object() ? found.find(name) : found.end();
    const bool same = found.is_object() && there != found.end() && *there == value;
    if (!same) names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

}  // namespace

Result<plan::Plan> frozen_plan(const record::RunRecord& run) {
  auto experiment = plan::parse_frozen_experiment(run.experiment_text, "experiment.toml");
  if (!experiment) return experiment.error();
  stand_in_for_workers(run, *experiment);
  const auto preset = experiment->preset(run.preset);
  if (!preset) return preset.error();
  const auto largest = run.calibration.is_object() ? run.calibration.find("largest_group") : run.calibration.end();
  const bool known = run.calibration.is_object() && largest != run.calibration.end() && largest->is_number_integer() && largest->get<std::int64_t>() >= 1;
  const int largest_group = known ? static_cast<int>(std::min<std::int64_t>(largest->get<std::int64_t>(), plan::kLargestGroup)) : plan::kLargestGroup;
  return plan::make_plan(*std::move(experiment), *preset, largest_group);
}

std::vector<std::string> manifest_problems(const record::RunRecord& run, const plan::Plan& plan) {
  const Json& m = run.manifest;
  const plan::Experiment& e = plan.experiment;
  std::vector<std::string> problems;
  const auto wrong = [&](std::string what) { problems.push_back(std::move(what)); };

  std::vector<std::string> ids;
  for (const auto& t : plan.treatments) ids.push_back(t.id);
  if (ids != run.ids) {
    wrong(fmt::format("its treatments ({}) are not those of experiment.toml ({})", run.ids.size(), ids.size()));
    return problems;  // all else is about them
  }
  for (std::size_t i = 0; i < run.treatments.size(); ++i) {
    if (run.treatments[i].id() != run.ids[i]) wrong(fmt::format("treatment {} isn't the one that its id is the hash of", run.treatments[i].label()));
  }
  const Json& treatments = list_at(m, "treatments");
  for (std::size_t i = 0; i < treatments.size(); ++i) {
    const auto& baseline = plan.treatments[i].baseline;
    if (text_at(treatments[i], "baseline") != (baseline ? id_at(plan, *baseline) : "")) wrong(fmt::format("{} is compared with another baseline", run.treatments[i].label()));
  }
  const Json& pairs = list_at(m, "pairs");
  const bool same_pairs = pairs.size() == plan.pairs.size() && std::equal(pairs.begin(), pairs.end(), plan.pairs.begin(), [&](const Json& found, const plan::Pair& pair) {
    return text_at(found, "of") == id_at(plan, pair.of) && text_at(found, "to") == id_at(plan, pair.to) && found.value("in_table", Json(true)) == Json(pair.in_table);
  });
  if (!same_pairs) wrong("what it compares isn't what experiment.toml asks for");
  const Json& groups = list_at(m, "groups");
  const bool same_groups = groups.size() == plan.groups.size() && std::equal(groups.begin(), groups.end(), plan.groups.begin(), [&](const Json& found, const plan::Group& group) {
    Json members = Json::array();
    for (const int t : group.members) members.push_back(id_at(plan, t));
    return found.is_object() && found.value("members", Json()) == members && text_at(found, "baseline") == id_at(plan, group.baseline);
  });
  if (!same_groups) wrong("its groups aren't those that experiment.toml gives");

  const Json& hypotheses = list_at(m, "hypotheses");
  if (hypotheses.size() != e.hypotheses.size()) wrong(fmt::format("it has {} hypotheses, experiment.toml {}", hypotheses.size(), e.hypotheses.size()));
  for (std::size_t i = 0; i < std::min(hypotheses.size(), e.hypotheses.size()); ++i) {
    const std::string other = differing(hypothesis_as_planned(plan, e.hypotheses[i]), hypotheses[i]);
    if (!other.empty()) wrong(fmt::format("hypothesis {} isn't the one of experiment.toml ({})", e.hypotheses[i].id, other));
  }
  if (m.value("controls", Json::object()) != sorted_json(e.controls)) wrong("its controls aren't those of experiment.toml");
  const Json described = m.value("experiment", Json::object());
  if (described.is_object() && described.contains("seed") && described["seed"] != Json(e.seed)) wrong("its seed isn't that of experiment.toml");
  if (text_at(m, "question") != e.question || text_at(m, "rationale") != e.rationale) wrong("its question or rationale isn't that of experiment.toml");
  for (const Json& metric : list_at(m, "metrics")) {
    const std::string name = text_at(metric, "name");
    const auto margin = metric.find("margin");
    if (margin != metric.end() && *margin != Json(e.margin_of(name))) wrong(fmt::format("metric {} has another margin than in experiment.toml", name));
  }
  return problems;
}

std::vector<std::string> schedule_problems(const record::RunRecord& run, const plan::Plan& plan) {
  constexpr std::size_t kMostShown = 3;
  std::vector<std::string> problems;
  std::size_t more = 0;
  const auto wrong = [&](std::string what) {
    if (problems.size() < kMostShown) {
      problems.push_back(std::move(what));
    } else {
      ++more;
    }
  };
  std::vector<bool> single_pass(plan.groups.size(), false);
  if (const auto list = run.calibration.is_object() ? run.calibration.find("single_pass") : run.calibration.end(); run.calibration.is_object() && list != run.calibration.end() && list->is_array()) {
    for (const Json& g : *list) {
      if (g.is_number_integer() && g.get<std::int64_t>() >= 0 && g.get<std::int64_t>() < static_cast<std::int64_t>(single_pass.size())) single_pass[g.get<std::size_t>()] = true;
    }
  }
  std::map<int, std::vector<const record::Block*>> rounds;
  for (const record::Block& b : run.blocks) {
    if (b.phase == Phase::measure && b.round > 0 && !(b.marks & kAbandoned)) rounds[b.round].push_back(&b);
  }
  constexpr int kMostQuads = 100'000;  // no plan has more; a journal may say anything
  for (const auto& [number, blocks] : rounds) {
    int quads = 0;
    for (const record::Block* b : blocks) quads = std::max(quads, b->quad + 1);
    if (quads > kMostQuads) {
      wrong(fmt::format("round {} has a quad {}", number, quads - 1));
      continue;
    }
    const plan::RoundPlan planned = plan::round_plan(plan, number, quads, single_pass);
    std::map<int, std::size_t> place_of;  // group → its place in the round
    for (std::size_t i = 0; i < planned.groups.size(); ++i) place_of[planned.groups[i].group] = i;
    std::size_t at = 0;
    int position = -1;
    for (const record::Block* b : blocks) {
      const auto place = place_of.find(b->group);
      if (place == place_of.end()) {
        wrong(fmt::format("round {}: a block of group {}, which isn't planned", number, b->group));
        continue;
      }
      if (place->second != at) position = -1;
      if (place->second < at) wrong(fmt::format("round {}: group {} stands behind one that comes after it", number, b->group));
      at = std::max(at, place->second);
      const plan::GroupRound& group = planned.groups[place->second];
      const std::size_t quad = static_cast<std::size_t>(b->quad);
      const auto& order = group.quads[std::min(quad, group.quads.size() - 1)];
      const std::int64_t inside = b->position - static_cast<std::int64_t>(b->quad) * static_cast<std::int64_t>(order.size());
      if (quad >= group.quads.size() || inside < 0 || inside >= static_cast<std::int64_t>(order.size())) {
        wrong(fmt::format("round {}, group {}: position {} isn't of quad {}", number, b->group, b->position, b->quad));
        continue;
      }
      const plan::Slot& slot = group.slots[static_cast<std::size_t>(order[static_cast<std::size_t>(inside)])];
      if (slot.treatment != b->treatment || slot.role != b->role)
        wrong(fmt::format("round {}, group {}, position {}: not the block that the seed puts there", number, b->group, b->position));
      const bool together = plan.experiment.placement == plan::Placement::duet && b->position >= position - 1;  // two at once end in any order
      if (b->position < position && !together) wrong(fmt::format("round {}, group {}: position {} stands behind position {}", number, b->group, b->position, position));
      position = std::max(position, b->position);
    }
  }
  if (more > 0) problems.push_back(fmt::format("and {} more", more));
  return problems;
}

}  // namespace assay::reports::check
