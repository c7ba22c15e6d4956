#include "cli/gate_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "cli/gate.hpp"
#include "cli/measurement.hpp"
#include "cli/signals.hpp"
#include "cli/terminal.hpp"
#include "cli/verb.hpp"
#include "harness/run/command_line.hpp"

namespace assay::cli {

namespace fs = std::filesystem;

namespace {

using Note = std::function<void(const std::string&)>;

std::string assembled(const BenchmarkTexts& texts, const BenchmarkDesign& design) {
  const std::string baseline = design.baseline.empty() ? "" : fmt::format("baseline = {}\n", design.baseline);
  return fmt::format("{}{}{}{}", texts.head, baseline, design.sections, texts.presets);
}

/// Any design will do to find out where the work runs and what its program is.
Result<std::string> stand_in(const GateWish& wish) {
  const auto design = design_of(*wish.benchmarks, {{"any"}}, [](const std::string&) {});
  if (!design) return design.error();
  return assembled(wish.texts, *design);
}

Result<plan::Experiment> parsed(const GateWish& wish, const std::string& text, const AllPlaces& places) {
  return plan::parse_experiment(text, wish.experiment.shown_name, wish.experiment.file, places.plan);
}

/// The frozen text, and the lock on the tree that it names.
Result<AgainstTables> resumed(const GateWish& wish, const AllPlaces& places, const Note& note) {
  AgainstTables tables{wish.experiment.text, {}};
  const auto experiment = parsed(wish, tables.text, places);
  if (!experiment) return experiment.error();
  if (!experiment->against || experiment->against->tree.empty()) return tables;
  auto lock = hold_references(experiment->against->tree, interrupted(), note);
  if (!lock) return lock.error();
  tables.lock.emplace(*std::move(lock));
  return tables;
}

/// The whole text of the gate's experiment, and the lock on its reference.
Result<AgainstTables> gate_experiment(const GateWish& wish, const AllPlaces& places, const Note& note) {
  if (!wish.resume.empty()) return resumed(wish, places, note);
  std::string text = wish.experiment.text;
  if (wish.benchmarks) {
    auto first = stand_in(wish);
    if (!first) return first.error();
    text = *std::move(first);
  }
  if (!text.empty() && text.back() != '\n') text += '\n';
  const auto plain = parsed(wish, text, places);
  if (!plain) return plain.error();
  if (plain->against) return Error{fmt::format("{} has an [against] already; run it by `assay run`, or take it out", wish.experiment.shown_name)};
  auto tables = against_tables(wish.against, *plain, places, interrupted(), note);
  if (!tables) return tables.error();
  if (wish.benchmarks) {
    const auto whole = parsed(wish, text + tables->text, places);
    if (!whole) return whole.error();
    const bool is_tree = !whole->against->tree.empty();
    GoogleBenchmarks listed = *wish.benchmarks;
    if (!is_tree) {
      // A kept program stands where it was kept.
      listed.binaries = {wish.benchmarks->binaries.front(), whole->against->program.string()};
    }
    const fs::path own = (whole->folder / wish.benchmarks->folder).lexically_normal();
    const auto other = is_tree ? whole->against->folder_of(own, whole->folder) : own;
    auto real = benchmark_text(listed, wish.texts, own, other, interrupted(), note);
    if (!real) return real.error();
    text = *std::move(real);
  }
  tables->text.insert(0, text);
  return tables;
}

}  // namespace

Result<std::string> benchmark_text(const GoogleBenchmarks& wish, const BenchmarkTexts& texts, const fs::path& folder, const std::optional<fs::path>& other,
                                   const run::InterruptFlag& interrupt, const Note& note) {
  GoogleBenchmarks designed = wish;
  std::vector<std::vector<std::string>> names;
  const std::string filter = wish.filters.empty() ? "" : wish.filters.front();
  const auto list = [&](const std::string& binary, const std::string& pattern, const fs::path& where) -> Result<Done> {
    auto listed = list_benchmarks(binary, pattern, where, interrupt);
    if (!listed) return listed.error();
    names.push_back(*std::move(listed));
    return Done{};
  };
  for (std::size_t b = 0; b < wish.binaries.size(); ++b) {
    if (const auto ok = list(wish.binaries[b], filter, b == 1 && other ? *other : folder); !ok) return ok.error();
  }
  if (wish.filters.size() == 2) {
    if (const auto ok = list(wish.binaries.front(), wish.filters[1], folder); !ok) return ok.error();
  }
  if (other) {
    if (names.size() == 1) {
      if (const auto ok = list(wish.binaries.front(), filter, *other); !ok) return Error{fmt::format("in the reference: {}", ok.error().message)};
    }
    // What only one of them has can't be compared with the other.
    std::vector<std::string> both;
    for (const std::string& name : names[0]) {
      const bool in_other = std::find(names[1].begin(), names[1].end(), name) != names[1].end();
      if (in_other) both.push_back(name);
      if (!in_other) note(fmt::format("{} is not in the reference, so it is left out", name));
    }
    for (const std::string& name : names[1]) {
      if (std::find(names[0].begin(), names[0].end(), name) == names[0].end()) note(fmt::format("{} is only in the reference, so it is left out", name));
    }
    if (both.empty()) return Error{"the reference has none of these benchmarks, so there is nothing to compare"};
    names = {std::move(both)};
    designed.binaries.resize(1);
  }
  const auto design = design_of(designed, names, note);
  if (!design) return design.error();
  return assembled(texts, *design);
}

int run_gate(const GateWish& wish, const AllPlaces& places) {
  const Note note = [](const std::string& sentence) { std::cerr << "assay: " << sentence << '\n'; };
  const auto text = gate_experiment(wish, places, note);
  if (!text) return complain(kUsage, text.error().message, wish.json);
  auto experiment = parsed(wish, text->text, places);
  if (!experiment) return complain(kUsage, experiment.error().message, wish.json);
  const auto preset = experiment->preset("gate");
  if (!preset) return complain(kUsage, preset.error().message, wish.json);
  auto plan = plan::make_plan(*std::move(experiment), *preset);
  if (!plan) return complain(kUsage, plan.error().message, wish.json);
  Wish measuring;
  measuring.plan = *std::move(plan);
  measuring.out = wish.out;
  measuring.resume = wish.resume;
  measuring.resume_with = "assay compare" + (wish.resume_name.empty() ? "" : " " + shell_word(wish.resume_name));
  measuring.command_line = wish.command_line;
  measuring.json = wish.json;
  auto outcome = measure(std::move(measuring), places);
  if (const int* status = std::get_if<int>(&outcome)) return *status;
  const Measured& measured = std::get<Measured>(outcome);
  const GateDecision gate = decide(measured.report, wish.decided_by);
  if (wish.json) {
    OrderedJson document = reports::to_json(measured.report, measured.summary.folder.string());
    document["gate"] = to_json(gate);
    print(document);
  } else {
    std::cout << reports::terminal_text(measured.report, terminal_width(), wants_color()) << '\n' << gate_text(gate);
  }
  tell_where(measured);
  return gate.status;
}

}  // namespace assay::cli
