#include "harness/record/run_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>

#include "harness/core/hash.hpp"
#include "harness/record/answers.hpp"
#include "harness/record/block_line.hpp"
#include "harness/record/chain.hpp"
#include "harness/record/lines.hpp"
#include "harness/record/run_folder.hpp"
#include "harness/record/samples.hpp"

namespace assay::record {

namespace {

std::optional<double> number_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

std::optional<std::int64_t> integer_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? std::optional(found->get<std::int64_t>())
                                                             : std::nullopt;
}

/// Numbers of rounds, replicates and places: an int from 0 on. What is none was written by no Assay.
std::optional<int> ordinal(std::optional<std::int64_t> value) {
  return value && *value >= 0 && *value <= std::numeric_limits<int>::max() ? std::optional(static_cast<int>(*value))
                                                                           : std::nullopt;
}

/// Names with numbers; what is no number is skipped (a counter that says why it has none).
std::vector<std::pair<std::string, double>> numbers_at(const Json& object, const char* key) {
  std::vector<std::pair<std::string, double>> numbers;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_object()) return numbers;
  for (const auto& [name, value] : found->items()) {
    if (value.is_number()) numbers.emplace_back(name, value.get<double>());
  }
  return numbers;
}

/// Names with texts, by name.
std::vector<std::pair<std::string, std::string>> texts_at(const Json& object, const char* key) {
  std::vector<std::pair<std::string, std::string>> texts;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_object()) return texts;
  for (const auto& [name, value] : found->items()) {
    if (value.is_string()) texts.emplace_back(name, value.get<std::string>());
  }
  return texts;
}

Result<Ending> ending_at(const Json& line) {
  const std::string word = text_at(line, "outcome");
  const auto outcome = outcome_named(word);
  if (!outcome) return Error{fmt::format("outcome '{}' is no outcome", word)};
  return Ending{*outcome, *outcome == Outcome::ok ? std::string() : text_at(line, "reason")};
}

/// Builds a RunRecord from a journal's lines.
class Reader {
 public:
  explicit Reader(RunRecord& run) : run_(run) {
    for (std::size_t i = 0; i < run.ids.size(); ++i) treatments_.emplace(run.ids[i], static_cast<int>(i));
    for (std::size_t i = 0; i < run.peaks.size(); ++i) peaks_.emplace(run.peaks[i].id(), static_cast<int>(i));
    for (const std::string& name : run.metric_names) metrics_.emplace(name, static_cast<int>(metrics_.size()));
    listed_by_blocks_.resize(run.metric_names.size());
  }

  Result<Done> block(const BlockFields& fields);
  Result<Done> other(std::string_view type, const Json& line);
  /// What was read so far is an earlier run's: this run's own journal comes next.
  void extend();
  void finish();

 private:
  Result<Done> replicate(const Json& line);
  Result<Done> check(const Json& line, Replicate& of);
  Result<Done> evaluate(const Json& line, Replicate& of);
  int answers_of(const Json& line);
  int setting_of(const Json& line);
  void resume(const Json& line);
  void abandon(int round);

  Result<int> treatment(const std::string& id, Role role) const;
  Result<Replicate*> replicate_of(const Json& line);
  int metric_index(const std::string& name);
  int counter_index(std::size_t place, const std::string& name);
  void count(const Block& block, const BlockFields& fields, Replicate& of);
  void enter_round(int number);

  RunRecord& run_;
  std::unordered_map<std::string, int> treatments_;   // id → index
  std::unordered_map<std::string, int> peaks_;        // likewise
  std::unordered_map<std::string, int> metrics_;      // name → index
  std::unordered_map<int, int> replicates_;           // id → index
  std::vector<bool> listed_by_blocks_;                // by metric
  std::unordered_map<std::string, int> counters_;     // name → index
  std::vector<int> counter_at_place_;                 // in the last line: the next one usually has the same there
  std::map<std::pair<std::string, std::string>, int> answers_;  // hashes → index, or −1: unreadable
  std::map<Setting, int> settings_;                   // → index
  unsigned clocks_seen_ = 0;                          // bit for each Clock of a block
  std::unordered_map<std::string, double> spent_;     // the numbers of earlier runs' "end" lines, added up
};

Result<int> Reader::treatment(const std::string& id, Role role) const {
  const auto& known = role == Role::peak ? peaks_ : treatments_;
  const auto found = known.find(id);
  if (found == known.end()) return Error{fmt::format("treatment '{}' is not in manifest.json", id)};
  return found->second;
}

int Reader::metric_index(const std::string& name) {
  const auto [at, added] = metrics_.emplace(name, static_cast<int>(run_.metric_names.size()));
  if (added) {
    run_.metric_names.push_back(name);
    listed_by_blocks_.push_back(false);
  }
  return at->second;
}

int Reader::counter_index(std::size_t place, const std::string& name) {
  if (place >= counter_at_place_.size()) counter_at_place_.resize(place + 1, -1);
  int& last = counter_at_place_[place];
  if (last >= 0 && run_.counter_names[static_cast<std::size_t>(last)] == name) return last;
  const auto [at, added] = counters_.emplace(name, static_cast<int>(run_.counter_names.size()));
  if (added) run_.counter_names.push_back(name);
  return last = at->second;
}

/// Adds the block's counters to its process's totals.
void Reader::count(const Block& block, const BlockFields& fields, Replicate& of) {
  constexpr double kLongEnough_s = 1;  // for energy
  const bool measured = block.estimated();
  const bool energetic = block.outcome == Outcome::ok && !(block.marks & kAbandoned) &&
                         (block.phase == Phase::tail || (measured && block.elapsed_s >= kLongEnough_s));
  const bool simulated = block.outcome == Outcome::ok && block.phase == Phase::simulated;
  if (!measured && !energetic && !simulated) return;
  const bool in_seconds = block.clock != Clock::instructions && block.clock != Clock::cycles;
  for (std::size_t i = 0; i < fields.counter_count; ++i) {
    const auto& [name, value] = fields.counters[i];
    if (name == "peak_memory_bytes") continue;  // a level of the process, not of the block
    if (!simulated && (name.starts_with("energy_") ? !energetic : !measured)) continue;
    const int counter = counter_index(i, name);
    auto total = std::find_if(of.counters.begin(), of.counters.end(), [&](const CounterTotal& c) { return c.counter == counter; });
    if (total == of.counters.end()) total = of.counters.insert(total, {counter, 0, 0, 0});
    total->total += value;
    total->iterations += block.iterations;
    if (in_seconds) total->elapsed_s += block.elapsed_s;
  }
}

void Reader::enter_round(int number) {
  if (number == 0) return;
  if (!run_.rounds.empty() && run_.rounds.back().number == number &&
      run_.rounds.back().state == RoundState::interrupted) {
    return;
  }
  run_.rounds.push_back({number, RoundState::interrupted});
}

Result<Replicate*> Reader::replicate_of(const Json& line) {
  const auto id = ordinal(integer_at(line, "replicate"));
  const auto found = id ? replicates_.find(*id) : replicates_.end();
  if (found == replicates_.end()) return Error{"it belongs to no replicate that was started before it"};
  return &run_.replicates[static_cast<std::size_t>(found->second)];
}

Result<Done> Reader::replicate(const Json& line) {
  Replicate r;
  const auto id = ordinal(integer_at(line, "replicate"));
  const auto round = ordinal(integer_at(line, "round"));
  const auto group = line.contains("group") ? ordinal(integer_at(line, "group")) : 0;
  const auto role = role_named(text_at(line, "role"));
  const auto phase = phase_named(text_at(line, "phase"));
  if (!id || !round || !group) return Error{"a replicate without number, round or group"};
  if (!role) return Error{fmt::format("role '{}' is no role", text_at(line, "role"))};
  if (!phase) return Error{fmt::format("phase '{}' is no phase", text_at(line, "phase"))};
  r.id = *id;
  r.round = *round;
  r.group = *group;
  r.role = *role;
  r.phase = *phase;
  const auto index = treatment(text_at(line, "treatment"), *role);
  if (!index) return index.error();
  r.treatment = *index;
  r.start_s = number_at(line, "start_s").value_or(0);
  r.resident_bytes = integer_at(line, "resident_bytes").value_or(0);
  r.work = numbers_at(line, "work");
  r.setting = setting_of(line);
  if (const auto m = line.find("modelled"); m != line.end() && m->is_object()) {
    const auto factor = number_at(*m, "factor");
    if (!factor || !(*factor > 0)) return Error{"modelled without a factor > 0"};
    r.modelled = protocol::Modelled{*factor, text_at(*m, "note")};
  }
  if (*phase == Phase::simulated) {
    for (const auto& [name, version] : texts_at(line, "libraries"))
      r.libraries += fmt::format("{}{} {}", r.libraries.empty() ? "" : ", ", name, version);
  }
  const auto ending = ending_at(line);
  if (!ending) return ending.error();
  r.ending = *ending;
  if (!replicates_.emplace(*id, static_cast<int>(run_.replicates.size())).second) {
    return Error{fmt::format("replicate {} is there twice", *id)};
  }
  enter_round(r.round);
  run_.replicates.push_back(std::move(r));
  return Done{};
}

Result<Done> Reader::check(const Json& line, Replicate& of) {
  const auto ending = ending_at(line);
  if (!ending) return ending.error();
  of.check = *ending;
  const auto error = number_at(line, "max_error");
  const auto tolerance = number_at(line, "tolerance");
  if (error && tolerance) of.checked = protocol::Checked{*error, *tolerance, text_at(line, "rule")};
  if (of.ending.ok() && ending->outcome != Outcome::unsupported) of.ending = *ending;
  return Done{};
}

Result<Done> Reader::evaluate(const Json& line, Replicate& of) {
  const auto ending = ending_at(line);
  if (!ending) return ending.error();
  of.evaluation = *ending;
  for (auto& value : numbers_at(line, "metrics")) of.metrics.push_back(std::move(value));  // of an import, a line a row
  if (line.value("labels", Json(false)) == Json(true)) of.answers = answers_of(line);
  if (of.ending.ok() && ending->outcome != Outcome::unsupported) of.ending = *ending;
  return Done{};
}

int Reader::answers_of(const Json& line) {
  const auto hashes = std::pair(text_at(line, "predictions_sha256"), text_at(line, "labels_sha256"));
  const auto [at, added] = answers_.emplace(hashes, -1);
  if (!added) return at->second;
  auto answers = read_answers(run_.folder, hashes.first, hashes.second);
  if (answers) {
    at->second = static_cast<int>(run_.answers.size());
    run_.answers.push_back(*std::move(answers));
  } else {
    run_.notes.emplace_back("answers_lost", answers.error().message);
  }
  return at->second;
}

int Reader::setting_of(const Json& line) {
  const auto cpus = line.find("cpus");
  Setting setting{cpus != line.end() && cpus->is_array() ? static_cast<int>(cpus->size()) : 0,
                  texts_at(line, "libraries"), texts_at(line, "inputs")};
  const auto [at, added] = settings_.emplace(std::move(setting), static_cast<int>(run_.settings.size()));
  if (added) run_.settings.push_back(at->first);
  return at->second;
}

void Reader::abandon(int round) {
  for (Replicate& r : run_.replicates) r.abandoned = r.abandoned || r.round == round;
  for (Block& b : run_.blocks) {
    if (b.round == round) b.marks |= kAbandoned;
  }
  for (Round& r : run_.rounds) {
    if (r.number == round) r.state = RoundState::abandoned;
  }
}

void Reader::resume(const Json& line) {
  std::string text = "the run was interrupted and resumed";
  if (const auto round = ordinal(integer_at(line, "abandoned_round"))) {
    text += *round == 0 ? "; its rehearsal was done again" : fmt::format("; round {} was done again", *round);
    abandon(*round);
  }
  if (const auto cut = integer_at(line, "bytes_cut"); cut && *cut > 0) {
    text += fmt::format("; the line being written was lost ({} bytes)", *cut);
  }
  run_.notes.emplace_back("resumed", std::move(text));
  run_.stopped_by.clear();
  run_.end = Json::object();
}

Result<Done> Reader::other(std::string_view type, const Json& line) {
  if (type == "replicate") return replicate(line);
  if (type == "check" || type == "evaluate" || type == "failed") {
    const auto of = replicate_of(line);
    if (!of) return of.error();
    if (type == "check") return check(line, **of);
    if (type == "evaluate") return evaluate(line, **of);
    const auto ending = ending_at(line);
    if (!ending) return ending.error();
    if ((*of)->ending.ok()) (*of)->ending = *ending;
    (*of)->disturbed = line.value("disturbed", Json(false)) == Json(true);
  } else if (type == "round") {
    const auto number = ordinal(integer_at(line, "round"));
    if (!number) return Error{"a round without its number"};
    enter_round(*number);
    if (*number != 0 && text_at(line, "state") == "complete") run_.rounds.back().state = RoundState::complete;
  } else if (type == "calibration") {
    Json fields = line;
    for (const char* key : {"seq", "prev", "type"}) fields.erase(key);
    run_.calibration.update(fields);
    run_.slowed_by = number_at(run_.calibration, "planted");
  } else if (type == "resume") {
    resume(line);
  } else if (type == "note") {
    run_.notes.emplace_back(text_at(line, "kind"), text_at(line, "text"));
  } else if (type == "end") {
    run_.stopped_by = text_at(line, "stopped_by");
    run_.end = line;
  }
  return Done{};
}

Result<Done> Reader::block(const BlockFields& fields) {
  Block b;
  const auto role = role_named(fields.role);
  const auto phase = phase_named(fields.phase);
  const auto outcome = outcome_named(fields.outcome);
  if (!role) return Error{fmt::format("role '{}' is no role", fields.role)};
  if (!phase) return Error{fmt::format("phase '{}' is no phase", fields.phase)};
  if (!outcome) return Error{fmt::format("outcome '{}' is no outcome", fields.outcome)};
  const auto id = ordinal(fields.replicate);
  const auto owner = id ? replicates_.find(*id) : replicates_.end();
  if (owner == replicates_.end()) return Error{"a block of no replicate that was started before it"};
  const auto index = treatment(fields.treatment, *role);
  if (!index) return index.error();
  const auto round = ordinal(fields.round);
  const auto group = ordinal(fields.group.value_or(0));
  const auto quad = ordinal(fields.quad.value_or(0));
  const auto position = ordinal(fields.position.value_or(0));
  if (!round || !group || !quad || !position) return Error{"a block without its round, group, quad or position"};
  b.round = *round;
  b.group = *group;
  b.replicate = *id;
  b.treatment = *index;
  b.quad = *quad;
  b.position = *position;
  b.predecessor = ordinal(fields.predecessor).value_or(-1);
  b.role = *role;
  b.phase = *phase;
  b.outcome = *outcome;
  for (const std::string& word : fields.marks) {
    if (const auto mark = mark_named(word)) b.marks |= *mark;
  }
  if (*outcome == Outcome::ok) {
    const auto clock = clock_named(fields.clock);
    if (!clock) return Error{fmt::format("clock '{}' is no clock", fields.clock)};
    if (!fields.iterations || *fields.iterations < 1) return Error{"a block without iterations"};
    if (!fields.elapsed || !(*fields.elapsed >= 0)) return Error{"a block without elapsed"};
    b.clock = *clock;
    clocks_seen_ |= 1U << static_cast<unsigned>(*clock);
  }
  b.iterations = fields.iterations.value_or(0);
  // Divided by 1e9, not multiplied by 1e-9, which is no double: 20,000,000,000 ns are exactly 20 s.
  b.elapsed_s = fields.elapsed.value_or(0) / std::round(1 / protocol::seconds_in(fields.unit).value_or(1));
  const bool coarse = fields.unit == "us" || fields.unit == "ms";
  if (coarse && fields.elapsed && !(std::fmod(*fields.elapsed, 1.0) > 0)) b.step_s = *protocol::seconds_in(fields.unit);
  b.settled_ns = fields.settled_ns.value_or(0);
  b.bracket_ns = fields.bracket_ns.value_or(0);
  b.cpu_ns = fields.cpu_ns.value_or(0);
  b.metrics.reserve(fields.metrics.size());
  for (const auto& [name, value] : fields.metrics) {
    const int metric = metric_index(name);
    listed_by_blocks_[static_cast<std::size_t>(metric)] = true;
    b.metrics.emplace_back(metric, value);
  }
  if (!fields.samples_file.empty()) {
    auto samples = read_samples(run_.folder, fields.samples_file, fields.samples_sha256);
    if (!samples) return samples.error();
    const double in_a_second = std::round(1 / protocol::seconds_in(fields.unit).value_or(1));
    for (double& sample : *samples) sample /= in_a_second;
    std::sort(samples->begin(), samples->end());
    run_.tails.push_back({b.replicate, *std::move(samples)});
  }
  Replicate& replicate = run_.replicates[static_cast<std::size_t>(owner->second)];
  if (*outcome != Outcome::ok && replicate.ending.ok()) replicate.ending = {*outcome, fields.reason};
  count(b, fields, replicate);
  enter_round(b.round);
  run_.blocks.push_back(std::move(b));
  return Done{};
}

void Reader::extend() {
  for (const auto& [name, value] : run_.end.items()) {
    if (value.is_number() && name != "seq") spent_[name] += value.get<double>();
  }
  run_.stopped_by.clear();
  run_.end = Json::object();
}

void Reader::finish() {
  for (const auto& [name, value] : spent_) {
    if (const auto own = number_at(run_.end, name.c_str())) run_.end[name] = *own + value;
  }
  run_.rehearsal.assign(run_.treatments.size(), Ending{});
  for (const Replicate& r : run_.replicates) {
    if (r.round != 0 || r.phase == Phase::simulated || r.abandoned || r.treatment < 0 || r.role != Role::plain) continue;
    Ending& ending = run_.rehearsal[static_cast<std::size_t>(r.treatment)];
    if (ending.ok()) ending = r.ending;
  }
  // `elapsed` measures the first planned block metric that runs on the blocks' clock and that they don't list
  // themselves: of a command's wall_s and cpu_s that is wall_s, whatever their order.
  for (std::size_t i = 0; i < run_.metrics.size() && run_.elapsed_metric < 0; ++i) {
    const Metric& m = run_.metrics[i];
    const bool clock_fits = run_.blocks.empty() || (clocks_seen_ >> static_cast<unsigned>(m.clock) & 1U);
    if (m.scope == Scope::block && m.clock != Clock::none && clock_fits && !listed_by_blocks_[i]) {
      run_.elapsed_metric = static_cast<int>(i);
    }
  }
  run_.blocks.shrink_to_fit();
  for (std::size_t i = 0; i < run_.blocks.size(); ++i) {
    const Block& b = run_.blocks[i];
    run_.blocks_by_side[{b.treatment, b.role}].push_back(static_cast<std::uint32_t>(i));
  }
}

Error at(const std::filesystem::path& file, std::uint64_t line, const std::string& what) {
  return Error{fmt::format("{}:{}: {}", file.string(), line, what)};
}

/// Reads one journal whose chain begins at `experiment`; a torn last line is noted.
Result<Done> read_journal(const std::filesystem::path& journal, const std::filesystem::path& experiment, Reader& reader,
                          RunRecord& run) {
  auto chain = Chain::from_experiment(experiment);
  if (!chain) return chain.error();
  auto lines = Lines::open(journal);
  if (!lines) return lines.error();
  ParsedLine parsed;
  while (const auto line = lines->next()) {
    if (const auto ok = parse_line(*line, parsed); !ok) return at(journal, lines->number(), ok.error().message);
    const Envelope& envelope = parsed.envelope;
    if (const auto ok = chain->accept(*line, envelope.seq, envelope.prev); !ok) {
      return at(journal, lines->number(), ok.error().message);
    }
    if (envelope.type == "block") {
      if (const auto ok = reader.block(parsed.block); !ok) return at(journal, lines->number(), ok.error().message);
      continue;
    }
    const auto document = parse_json(*line);
    if (!document) return at(journal, lines->number(), document.error().message);
    if (const auto ok = reader.other(envelope.type, *document); !ok) {
      return at(journal, lines->number(), ok.error().message);
    }
  }
  if (!lines->error().empty()) return Error{lines->error()};
  if (lines->torn_bytes() > 0) {
    run.notes.emplace_back("torn_tail", fmt::format("the journal's last line was cut short while it was written; its {} "
                                                    "bytes are not read", lines->torn_bytes()));
  }
  return Done{};
}

/// The runs that this one extends, from the manifest's nested `extends`, the first run first.
Result<Done> read_extends(RunRecord& run) {
  for (const Json* at = &run.manifest; at->contains("extends") && (*at)["extends"].is_object();) {
    at = &(*at)["extends"];
    const auto rounds = ordinal(integer_at(*at, "rounds"));
    const auto looks = ordinal(integer_at(*at, "looks"));
    if (!rounds || !looks || text_at(*at, "journal_sha256").empty()) return Error{"'extends' lacks journal_sha256, rounds or looks"};
    run.extends.insert(run.extends.begin(), {text_at(*at, "run"), text_at(*at, "journal_sha256"), *rounds, *looks});
  }
  return Done{};
}

/// Treatments keep the order in which the experiment file names the factors; a sorted document would lose it.
Result<Treatment> ordered_treatment(const OrderedJson& object) {
  if (!object.is_object()) return Error{"it is no object of factors and levels"};
  Treatment treatment;
  for (const auto& [factor, level] : object.items()) {
    auto read = level_from_json(Json(level));
    if (!read) return Error{fmt::format("factor '{}': {}", factor, read.error().message)};
    treatment.set(factor, *std::move(read));
  }
  return treatment;
}

Result<Done> read_manifest(const std::filesystem::path& file, RunRecord& run) {
  const auto text = read_file(file);
  if (!text) return text.error();
  auto parsed = parse_json(*text);
  if (!parsed) return Error{fmt::format("{}: {}", file.string(), parsed.error().message)};
  run.manifest = *std::move(parsed);
  const Json& m = run.manifest;
  const auto wrong = [&](const std::string& what) { return Error{fmt::format("{}: {}", file.string(), what)}; };
  if (!m.is_object() || !integer_at(m, "schema")) return wrong("no schema version; this is no manifest of Assay's");
  if (*integer_at(m, "schema") != kSchema) {
    return wrong(fmt::format("written in schema {}; this assay reads schema {}. Use the assay that wrote it, or a newer one",
                             *integer_at(m, "schema"), kSchema));
  }
  for (const char* key : {"experiment", "treatments", "metrics"}) {
    const bool right = m.contains(key) && (std::string_view(key) == "experiment" ? m[key].is_object() : m[key].is_array());
    if (!right) return wrong(fmt::format("'{}' is missing", key));
  }
  run.experiment = text_at(m["experiment"], "name");
  run.preset = text_at(m["experiment"], "preset");

  const OrderedJson ordered = OrderedJson::parse(*text);
  for (const OrderedJson& entry : ordered["treatments"]) {
    const std::size_t i = run.treatments.size();
    if (!entry.is_object() || !entry.contains("treatment") || !entry.contains("id") || !entry["id"].is_string()) {
      return wrong(fmt::format("treatments[{}] has no id or no treatment", i));
    }
    auto treatment = ordered_treatment(entry["treatment"]);
    if (!treatment) return wrong(fmt::format("treatments[{}]: {}", i, treatment.error().message));
    run.treatments.push_back(*std::move(treatment));
    run.ids.push_back(entry["id"].get<std::string>());
  }
  for (const Json& entry : m.value("peaks", Json::array())) {
    auto peak = treatment_from_json(entry);
    if (!peak) return wrong(fmt::format("peaks[{}]: {}", run.peaks.size(), peak.error().message));
    run.peaks.push_back(*std::move(peak));
  }
  for (const Json& entry : m["metrics"]) {
    auto metric = metric_from_json(entry);
    if (!metric) return wrong(fmt::format("metrics[{}]: {}", run.metrics.size(), metric.error().message));
    run.metric_names.push_back(metric->name);
    run.metrics.push_back(*std::move(metric));
  }
  if (const auto extends = read_extends(run); !extends) return wrong(extends.error().message);
  return Done{};
}

}  // namespace

std::filesystem::path extended_journal(int number) {
  return std::filesystem::path("extends") / std::to_string(number) / "journal.jsonl";
}

Result<RunRecord> read_run(const std::filesystem::path& folder) {
  RunRecord run;
  run.folder = folder;
  auto experiment = read_file(folder / "experiment.toml");
  if (!experiment) return experiment.error();
  run.experiment_text = *std::move(experiment);
  if (std::filesystem::exists(folder / "published.toml")) {
    auto published = read_file(folder / "published.toml");
    if (!published) return published.error();
    run.published_text = *std::move(published);
  }
  if (const auto read = read_manifest(folder / "manifest.json", run); !read) return read.error();

  Reader reader(run);
  for (std::size_t i = 0; i < run.extends.size(); ++i) {
    const std::filesystem::path earlier = folder / extended_journal(static_cast<int>(i) + 1);
    const auto sha256 = sha256_of_file(earlier.string());
    if (!sha256) return sha256.error();
    if (*sha256 != run.extends[i].journal_sha256) {
      return Error{fmt::format("{}: is not the journal of run {} that manifest.json names; copy it again from that run's folder",
                               earlier.string(), run.extends[i].run)};
    }
    if (const auto read = read_journal(earlier, folder / "experiment.toml", reader, run); !read) return read.error();
    reader.extend();
  }
  if (const auto read = read_journal(folder / "journal.jsonl", folder / "experiment.toml", reader, run); !read) return read.error();
  reader.finish();
  return run;
}

}  // namespace assay::record
