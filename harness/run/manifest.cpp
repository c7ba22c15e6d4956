#include "harness/run/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "harness/core/hash.hpp"
#include "harness/plan/placeholder.hpp"
#include "harness/record/run_record.hpp"
#include "harness/run/command_line.hpp"

namespace assay::run {

namespace {

OrderedJson word_list(const std::vector<Level>& levels) {
  OrderedJson list = OrderedJson::array();
  for (const Level& level : levels) std::visit([&](const auto& v) { list.push_back(v); }, level);
  return list;
}

/// The planned treatment that a partial one names; hypotheses were checked when the plan was made.
OrderedJson id_of(const plan::Plan& plan, const Treatment& partial) {
  if (partial.empty()) return nullptr;
  for (const auto& planned : plan.treatments) {
    if (planned.treatment.matches(partial)) return planned.id;
  }
  return nullptr;
}

OrderedJson hypotheses_of(const plan::Plan& plan) {
  static constexpr const char* kForms[] = {"ratio", "difference", "value"};
  OrderedJson list = OrderedJson::array();
  for (const plan::Hypothesis& h : plan.experiment.hypotheses) {
    list.push_back({{"id", h.id},
                    {"claim", h.claim},
                    {"metric", h.statistic.metric},
                    {"statistic", h.statistic.statistic},
                    {"form", kForms[static_cast<int>(h.form)]},
                    {"of", id_of(plan, h.of)},
                    {"to", id_of(plan, h.to)},
                    {"relation", symbol_of(h.relation)},
                    {"bound", h.bound}});
  }
  return list;
}

OrderedJson metrics_of(const std::vector<PlannedMetric>& metrics) {
  OrderedJson list = OrderedJson::array();
  for (const PlannedMetric& m : metrics) {
    OrderedJson entry = to_json(m.metric);
    entry["primary"] = m.primary;
    entry["statistics"] = m.statistics;
    entry["margin"] = m.margin;
    entry["estimand"] = name_of(m.estimand);
    list.push_back(std::move(entry));
  }
  return list;
}

/// The bytes of each worker's and command's program, so that another build of it isn't taken for the same. A program that a
/// factor chooses, or a script that an interpreter runs, is not looked into.
OrderedJson programs_of(const plan::Experiment& e) {
  OrderedJson programs = OrderedJson::object();
  const auto add = [&](const std::string& name, const std::string& word, const std::string& folder) {
    const bool is_known = plan::placeholders_in(word).empty() && plan::placeholders_in(folder).empty();
    const auto hash_of = [&](const std::string& program, const std::filesystem::path& place) {
      const auto path = is_known ? find_program(program, place) : std::filesystem::path();
      const auto hash = path.empty() ? Result<std::string>(Error{}) : sha256_of_file(path.string());
      return hash ? OrderedJson(*hash) : OrderedJson();
    };
    const std::filesystem::path place = e.folder / folder;
    programs[name] = {{"program", std::filesystem::path(word).filename().string()}, {"sha256", hash_of(word, place)}};
    if (e.against) {
      programs[name]["reference_sha256"] = hash_of(e.against->words_of({word}, e.folder).front(), e.against->folder_of(place, e.folder));
    }
  };
  for (const plan::WorkerSpec& worker : e.workers) add(worker.name, worker.command.front(), worker.folder);
  for (const plan::CommandSpec& command : e.commands) {
    add(command.name, command.shell.empty() ? command.run.front() : command.shell, command.folder);
  }
  return programs;
}

}  // namespace

Result<std::vector<PlannedMetric>> planned_metrics(const plan::Experiment& experiment, const std::vector<Metric>& described) {
  const std::vector<Metric> known = experiment.has_commands() ? experiment.command_metrics() : described;
  const auto find = [&](const std::string& name) -> const Metric* {
    const auto found = std::find_if(known.begin(), known.end(), [&](const Metric& m) { return m.name == name; });
    return found == known.end() ? nullptr : &*found;
  };
  std::vector<PlannedMetric> planned;
  const auto add = [&](const Metric& metric, bool primary) -> PlannedMetric& {
    for (PlannedMetric& p : planned) {
      if (p.metric.name == metric.name) return p;
    }
    PlannedMetric p{metric, primary, {}, experiment.margin_of(metric.name), plan::default_estimand(metric)};
    if (const auto* settings = experiment.settings_of(metric.name); settings && settings->estimand) p.estimand = *settings->estimand;
    planned.push_back(std::move(p));
    return planned.back();
  };
  std::vector<plan::RequestedStatistic> primary = experiment.primary;
  if (primary.empty() && !known.empty()) primary = {{known.front().name, "typical"}};
  if (primary.empty()) primary = {{"time_s", "typical"}};  // no worker answered: the cells still need a name
  for (const plan::RequestedStatistic& wanted : primary) {
    const Metric* metric = find(wanted.metric);
    if (!metric && !known.empty()) {
      std::string names;
      for (const Metric& m : known) names += (names.empty() ? "" : ", ") + m.name;
      return Error{fmt::format("[metrics] primary asks for '{}', which nothing reports; there is {}", wanted.metric, names)};
    }
    Metric unknown;
    unknown.name = wanted.metric;
    add(metric ? *metric : unknown, true).statistics.push_back(wanted.statistic);
  }
  for (const Metric& metric : known) add(metric, false);
  for (PlannedMetric& p : planned) {
    if (p.statistics.empty()) p.statistics = {"typical"};
    const auto* settings = experiment.settings_of(p.metric.name);
    for (const std::string& more : settings ? settings->statistics : std::vector<std::string>{}) {
      if (std::find(p.statistics.begin(), p.statistics.end(), more) == p.statistics.end()) p.statistics.push_back(more);
    }
  }
  return planned;
}

std::string boot_id_sha256() {
  std::ifstream in("/proc/sys/kernel/random/boot_id");
  std::string id;
  in >> id;
  return id.empty() ? "" : sha256_hex(id);
}

OrderedJson manifest(const plan::Plan& plan, const Machine& machine, const std::vector<PlannedMetric>& metrics,
                     const ManifestParts& parts) {
  const plan::Experiment& e = plan.experiment;
  const auto program_of = [&](const plan::PlannedTreatment& planned) {
    if (planned.worker >= 0) return OrderedJson(e.workers[static_cast<std::size_t>(planned.worker)].name);
    return planned.command >= 0 ? OrderedJson(e.commands[static_cast<std::size_t>(planned.command)].name) : OrderedJson();
  };
  OrderedJson treatments = OrderedJson::array();
  for (const auto& planned : plan.treatments) {
    treatments.push_back({{"id", planned.id},
                          {"treatment", to_json(planned.treatment)},
                          {"assignment", to_json(planned.assignment)},
                          {"worker", program_of(planned)},
                          {"baseline", planned.baseline ? OrderedJson(plan.treatments[static_cast<std::size_t>(*planned.baseline)].id)
                                                        : OrderedJson()}});
  }
  OrderedJson pairs = OrderedJson::array();
  for (const plan::Pair& p : plan.pairs) {
    pairs.push_back({{"of", plan.treatments[static_cast<std::size_t>(p.of)].id},
                     {"to", plan.treatments[static_cast<std::size_t>(p.to)].id},
                     {"in_table", p.in_table}});
  }
  OrderedJson groups = OrderedJson::array();
  for (const plan::Group& g : plan.groups) {
    OrderedJson members = OrderedJson::array();
    for (const int m : g.members) members.push_back(plan.treatments[static_cast<std::size_t>(m)].id);
    groups.push_back({{"members", members}, {"baseline", plan.treatments[static_cast<std::size_t>(g.baseline)].id}});
  }
  OrderedJson factors = OrderedJson::array();
  for (const plan::Factor& f : e.factors) factors.push_back({{"name", f.name}, {"levels", word_list(f.levels)}});

  OrderedJson peaks = OrderedJson::array();
  for (const Treatment& peak : plan.peaks) peaks.push_back(to_json(peak));

  OrderedJson m;
  m["schema"] = record::kSchema;
  m["assay"] = parts.assay;
  m["experiment"] = {{"name", e.name},
                     {"sha256", sha256_hex(e.source)},
                     {"preset", plan.preset.name},
                     {"seed", e.seed},
                     {"suite", e.suite.empty() ? OrderedJson() : OrderedJson(e.suite)},
                     {"design", name_of(e.design)},
                     {"placement", name_of(e.placement)}};
  m["question"] = e.question;
  m["rationale"] = e.rationale;
  m["factors"] = factors;
  m["controls"] = to_json(e.controls);
  m["baseline"] = to_json(e.baseline);
  m["treatments"] = treatments;
  m["pairs"] = pairs;
  m["groups"] = groups;
  m["table"] = {{"kind", name_of(e.table.kind)},
                {"along", e.table.along.empty() ? OrderedJson() : OrderedJson(e.table.along)},
                {"ceilings", word_list(e.table.ceilings)}};
  m["hypotheses"] = hypotheses_of(plan);
  m["peaks"] = peaks;
  m["metrics"] = metrics_of(metrics);
  m["limits"] = {{"start_s", e.limits.start_s}, {"block_s", e.limits.block_s}, {"memory_bytes", e.limits.memory_bytes}};
  m["workers"] = parts.workers;
  m["programs"] = programs_of(e);
  m["published"] = parts.published;
  m["machine"] = machine.facts;
  m["cpus"] = machine.cpus;
  m["boot_id_sha256"] = boot_id_sha256();
  m["ledger"] = parts.ledger;
  m["command_line"] = parts.command_line;
  m["started"] = parts.started;
  m["replays"] = e.replay ? OrderedJson{{"run", e.replay->run}, {"journal_sha256", e.replay->journal_sha256}} : OrderedJson();
  m["extends"] = nullptr;  // a run that adds rounds to another says which (supervisor.cpp)
  m["sealed"] = true;      // the journal's last line vouches for this file (record/seal.hpp)
  m["imported"] = nullptr;  // results made elsewhere say where (cli/import_run.cpp)
  return m;
}

}  // namespace assay::run
