// A small, complete run folder with scripted values: what a run would have left, without running anything.
// The same script gives the same bytes everywhere, so that tables made from it can be golden files.
//
//     TemporaryFolder results;
//     FakeRun fake;
//     fake.treatments = {treatment({{"version", "fast"}}), treatment({{"version", "plain"}})};
//     fake.baseline = 1;
//     fake.seconds = [](const Place& p) { return p.treatment == 0 ? 0.5 : 1.0; };   // per iteration
//     const auto folder = write_fake_run(results.path(), fake);
//     const auto run = record::read_run(folder);
//
// Everything goes through record::Journal, so that the chain is a real one.
#pragma once

#include <fmt/format.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/classes.hpp"
#include "harness/core/hash.hpp"
#include "harness/record/journal.hpp"
#include "harness/record/run_record.hpp"
#include "harness/record/samples.hpp"
#include "harness/record/seal.hpp"

namespace assay::record::fake {

/// A folder that is gone at the end of its scope.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "assay-test-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder: " + pattern);
    path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline Treatment treatment(std::vector<std::pair<std::string, Level>> levels) { return Treatment(std::move(levels)); }

/// Where a scripted value stands. Of a replicate as a whole, and of a rehearsed block, quad and position are −1.
struct Place {
  int round = 1;       // 0: rehearsal
  int group = 0;
  int treatment = 0;   // index into FakeRun::treatments; −1, −2, …: the first, second, … peak
  Role role = Role::plain;
  int quad = -1;
  int position = -1;   // within the group's round
  int attempt = 0;     // 1: the repetition of a block that was marked stolen
};

/// A planned metric and what the manifest says of it.
struct FakeMetric {
  Metric metric;
  bool primary = true;
  std::vector<std::string> statistics = {"typical"};
  double margin = 0.01;
  std::string estimand = "typical";
};

inline FakeMetric time_metric(std::string name = "time_s") {
  FakeMetric m;
  m.metric.name = std::move(name);
  return m;
}

/// What an emulator counts in place of time.
inline FakeMetric instructions_metric() {
  FakeMetric m;
  m.metric = {"instructions", "1", Direction::lower, Kind::size, Clock::instructions, Provenance::simulated, Scope::block};
  return m;
}

/// A proportion of scope once, higher is better.
inline FakeMetric proportion_metric(std::string name) {
  FakeMetric m;
  m.metric = {std::move(name), "ratio", Direction::higher, Kind::proportion, Clock::none, Provenance::measured,
              Scope::once};
  return m;
}

/// The script. The defaults give two treatments, `a` (the baseline) and `b`, that take 1 s and 2 s an iteration.
struct FakeRun {
  std::string experiment = "fake";
  std::string folder_name = "20261124T101500Z-1a2b3c4d";
  std::string experiment_text = "[experiment]\nname = \"fake\"\n\n[factors]\nversion = [\"a\", \"b\"]\n";
  std::string published_text;  // empty: no published.toml
  std::string preset = "quick";

  std::string design;                             // "factorial", …; empty: the manifest doesn't say
  std::vector<Treatment> treatments = {treatment({{"version", std::string("a")}}),
                                       treatment({{"version", std::string("b")}})};
  int baseline = 0;                               // of every treatment without an entry in `baselines`
  std::map<int, int> baselines;                   // treatment → its baseline
  std::vector<std::vector<int>> groups;           // each with its baseline among its members; empty: one group
  std::map<int, int> group_baselines;             // group → baseline; else `baseline`
  std::vector<std::pair<int, int>> more_pairs;    // of, to: pairs beside those with the baseline, in the table
  std::vector<FakeMetric> metrics = {time_metric()};
  std::vector<Treatment> peaks;                   // ride along in every group
  bool same = true;                               // the second copy of the baseline
  std::optional<double> planted;                  // e.g. 1.02: the slowed copy
  std::string planted_reason;                     // why there is none

  int rounds = 7;
  int quads = 2;
  Json second_stage;                              // what a second calibration line says: pilot, quads; null: none
  std::int64_t iterations = 4;                    // of a block; a power of two keeps scripted values exact
  std::string stopped_by = "rounds";
  bool ended = true;                              // false: no "end" line
  std::optional<int> interrupted_round;           // its blocks stop half-way, and the journal with them
  std::optional<int> abandoned_round;             // was interrupted half-way, then the run resumed and did it again

  /// Seconds per iteration of a block.
  std::function<double(const Place&)> seconds = [](const Place& p) { return p.treatment == 1 ? 2.0 : 1.0; };
  std::map<int, Clock> clocks;                    // treatment → its blocks' clock, else wall; of one that counts `seconds` is the count
  /// Further metrics of a block, per iteration.
  std::function<std::map<std::string, double>(const Place&)> block_metrics;
  /// Counters of a block as its worker would send them: totals, or {"reason":…}.
  std::function<Json(const Place&)> counters;
  std::map<int, Json> simulated;                  // by treatment: what an emulator counted in one iteration
  bool tail = false;                              // one block of the tail phase a process at the end of its round
  /// The samples of a process's tail block, s, in order; its copy has one too. Empty: none.
  std::function<std::vector<double>(const Place&)> samples;
  std::map<int, std::int64_t> most_samples;       // by treatment: the calibration's word on how many fit
  /// Mark bits of a block; one marked kStolen is repeated (attempt 1).
  std::function<std::uint8_t(const Place&)> marks;
  /// How a replicate ends. `unsupported`: it refuses to prepare; `wrong_answer`: its check fails; anything else: it
  /// fails after its first block. A treatment that fails in round 0 isn't started again.
  std::function<Ending(const Place&)> ends;
  /// Metrics of scope replicate or once: the "evaluate" line of a replicate. Empty: no such line.
  std::function<std::map<std::string, double>(const Place&)> evaluate;
  /// What evaluate predicted, and the labels of the same items: with both, items and hashes are theirs.
  std::function<std::vector<std::int32_t>(const Place&)> predictions;
  std::vector<std::int32_t> labels;
  std::map<int, std::map<std::string, double>> work;   // by treatment (−1: the first peak): flop, bytes
  std::map<int, protocol::Modelled> modelled;          // by treatment
  std::map<int, std::string> workers;                  // by treatment; else "fake"
  bool checks = true;                                  // a "check" line a replicate
  Json notes = Json::array();                          // {"kind":…,"text":…}
  Json more_manifest = Json::object();                 // merged over the manifest's own fields

  int baseline_of(int t) const {
    const auto own = baselines.find(t);
    return own == baselines.end() ? baseline : own->second;
  }
};

/// Writes the run folder of a script, line by line.
class FakeRunWriter {
 public:
  FakeRunWriter(std::filesystem::path folder, const FakeRun& fake) : folder_(std::move(folder)), fake_(fake) {
    if (fake_.groups.empty()) {
      groups_.emplace_back();
      for (int t = 0; t < static_cast<int>(fake_.treatments.size()); ++t) groups_[0].push_back(t);
    } else {
      groups_ = fake_.groups;
    }
  }

  void write() {
    std::filesystem::create_directories(folder_);
    write_text("experiment.toml", fake_.experiment_text);
    if (!fake_.published_text.empty()) write_text("published.toml", fake_.published_text);
    write_text("manifest.json", manifest().dump(2) + "\n");
    append_to_ledger();
    auto journal = Journal::create(folder_ / "journal.jsonl");
    if (!journal) throw std::runtime_error(journal.error().message);
    journal_.emplace(*std::move(journal));
    rehearse();
    calibrate();
    for (const Json& note : fake_.notes) {
      append({{"type", "note"}, {"kind", note.at("kind")}, {"text", note.at("text")}});
    }
    for (int r = 1; r <= fake_.rounds; ++r) {
      if (fake_.interrupted_round == r) {
        run_round(r, true);
        return;
      }
      if (fake_.abandoned_round == r) {
        run_round(r, true);
        append({{"type", "resume"}, {"abandoned_round", r}, {"bytes_cut", 0}});
      }
      run_round(r, false);
      append({{"type", "round"}, {"round", r}, {"state", "complete"}});
    }
    for (const auto& [t, counters] : fake_.simulated) {
      Json line{{"type", "replicate"}, {"replicate", next_replicate_}, {"round", 0}, {"group", 0}, {"treatment", id(t)},
                {"role", "plain"}, {"phase", "simulated"}, {"libraries", {{"isa", "AVX2"}, {"compiler", "12.2.0"}}},
                {"outcome", counters.is_null() ? "unsupported" : "ok"},
                {"reason", counters.is_null() ? Json("needs the program valgrind") : Json()}};
      if (const auto m = fake_.modelled.find(t); m != fake_.modelled.end()) {
        line["modelled"] = {{"factor", m->second.factor}, {"note", m->second.note}};
      }
      append(std::move(line));
      for (const char* phase : {"warmup", "simulated"}) {
        if (counters.is_null()) continue;
        append({{"type", "block"}, {"round", 0}, {"group", 0}, {"replicate", next_replicate_}, {"treatment", id(t)}, {"role", "plain"},
                {"phase", phase}, {"iterations", 1}, {"elapsed", 50.0}, {"unit", "s"}, {"clock", "wall"}, {"counters", counters},
                {"outcome", "ok"}, {"reason", nullptr}});
      }
      ++next_replicate_;
    }
    if (fake_.ended) {
      const Json end{{"type", "end"}, {"stopped_by", fake_.stopped_by}, {"wall_s", 60.0}, {"block_s", 48.0},
                     {"settle_s", 5.0}, {"prepare_s", 6.0}, {"supervisor_cpu_s", 0.25}};
      if (const auto written = journal_->append_last(sealed(end, folder_)); !written) throw std::runtime_error(written.error().message);
    }
  }

 private:
  struct Slot {
    int treatment;
    Role role;
    int replicate = -1;
    bool alive = true;
    Ending ending = {};
  };

  void write_text(const char* name, std::string_view text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  void append(Json line) {
    if (const auto written = journal_->append(std::move(line)); !written) {
      throw std::runtime_error(written.error().message);
    }
  }

  std::string id(int t) const {
    return t < 0 ? fake_.peaks[static_cast<std::size_t>(-1 - t)].id() : fake_.treatments[static_cast<std::size_t>(t)].id();
  }

  Clock clock_of(const Place& p) const {
    const auto own = fake_.clocks.find(p.treatment);
    return own == fake_.clocks.end() ? Clock::wall : own->second;
  }
  std::string unit_of(const Place& p) const {
    const Clock clock = clock_of(p);
    return clock == Clock::instructions || clock == Clock::cycles ? std::string(name_of(clock)) : "s";
  }

  int group_baseline(int group) const {
    const auto own = fake_.group_baselines.find(group);
    return own == fake_.group_baselines.end() ? fake_.baseline : own->second;
  }

  void append_to_ledger() {
    std::ofstream(folder_.parent_path() / "ledger.jsonl", std::ios::binary | std::ios::app)
        << canonical_json(ledger_line()) << "\n";
  }

  Json ledger_line() const {
    return {{"run", folder_.filename().string()}, {"experiment_sha256", sha256_hex(fake_.experiment_text)},
            {"preset", fake_.preset}, {"started", "2026-11-24T10:15:00Z"}};
  }

  OrderedJson manifest() const {
    OrderedJson m;
    m["schema"] = kSchema;
    m["assay"] = {{"version", "0.1.0"}, {"commit", "0123456"}, {"dirty", false}, {"compiler", "GNU 12.2.0"},
                  {"flags", "-O3"}, {"build_type", "Release"}, {"sha256", std::string(64, 'a')}};
    const auto slash = fake_.experiment.find('/');
    m["experiment"] = {{"name", fake_.experiment}, {"sha256", sha256_hex(fake_.experiment_text)},
                       {"preset", fake_.preset}, {"seed", 585},
                       {"suite", slash == std::string::npos ? std::string() : fake_.experiment.substr(0, slash)}};
    if (!fake_.design.empty()) m["experiment"]["design"] = fake_.design;
    m["treatments"] = OrderedJson::array();
    m["pairs"] = OrderedJson::array();
    for (int t = 0; t < static_cast<int>(fake_.treatments.size()); ++t) {
      const int b = fake_.baseline_of(t);
      OrderedJson entry;
      entry["id"] = id(t);
      entry["treatment"] = to_json(fake_.treatments[static_cast<std::size_t>(t)]);
      entry["assignment"] = entry["treatment"];
      const auto worker = fake_.workers.find(t);
      entry["worker"] = worker == fake_.workers.end() ? "fake" : worker->second;
      entry["baseline"] = b == t ? OrderedJson() : OrderedJson(id(b));
      m["treatments"].push_back(entry);
      if (b != t) m["pairs"].push_back({{"of", id(t)}, {"to", id(b)}, {"in_table", true}});
    }
    for (const auto& [of, to] : fake_.more_pairs) {
      m["pairs"].push_back({{"of", id(of)}, {"to", id(to)}, {"in_table", true}});
    }
    m["groups"] = OrderedJson::array();
    for (int g = 0; g < static_cast<int>(groups_.size()); ++g) {
      OrderedJson members = OrderedJson::array();
      for (const int t : groups_[static_cast<std::size_t>(g)]) members.push_back(id(t));
      m["groups"].push_back({{"members", members}, {"baseline", id(group_baseline(g))}});
    }
    m["peaks"] = OrderedJson::array();
    for (const Treatment& peak : fake_.peaks) m["peaks"].push_back(to_json(peak));
    m["metrics"] = OrderedJson::array();
    for (const FakeMetric& f : fake_.metrics) {
      Json entry = to_json(f.metric);
      entry.update({{"primary", f.primary}, {"statistics", f.statistics}, {"margin", f.margin}, {"estimand", f.estimand}});
      m["metrics"].push_back(OrderedJson(entry));
    }
    m["workers"] = {{"fake", {{"worker", "fake"}, {"device", "cpu"}, {"libraries", OrderedJson::object()},
                              {"command_sha256", std::string(64, 'b')}}}};
    m["machine"] = {{"cpu", "Fake CPU"}, {"cores", 2}};
    m["sealed"] = true;
    m["boot_id_sha256"] = std::string(64, 'c');
    m["ledger"] = OrderedJson::array({OrderedJson(ledger_line())});
    m["command_line"] = {"run", fake_.experiment};
    m["started"] = "2026-11-24T10:15:00Z";
    for (const auto& [key, value] : fake_.more_manifest.items()) m[key] = OrderedJson(value);
    return m;
  }

  Place place(int round, int group, const Slot& slot) const { return {round, group, slot.treatment, slot.role}; }

  /// The "replicate" line; false if it refuses to prepare.
  void start(int round, int group, Slot& slot) {
    slot.replicate = next_replicate_++;
    slot.ending = fake_.ends ? fake_.ends(place(round, group, slot)) : Ending{};
    const bool refuses = slot.ending.outcome == Outcome::unsupported;
    slot.alive = !refuses;
    Json work = Json::object();
    if (const auto w = fake_.work.find(slot.treatment); w != fake_.work.end()) {
      for (const auto& [name, value] : w->second) work[name] = value;
    }
    Json modelled;
    if (const auto m = fake_.modelled.find(slot.treatment); m != fake_.modelled.end()) {
      modelled = {{"factor", m->second.factor}, {"note", m->second.note}};
    }
    append({{"type", "replicate"}, {"replicate", slot.replicate}, {"round", round}, {"group", group},
            {"treatment", id(slot.treatment)}, {"role", name_of(slot.role)},
            {"phase", round == 0 ? "rehearsal" : "measure"}, {"cpus", {1}}, {"padding", 16 * slot.replicate},
            {"start_s", 0.25}, {"resident_bytes", 16777216}, {"work", work}, {"modelled", modelled},
            {"worker", "fake"}, {"libraries", Json::object()},
            {"outcome", refuses ? "unsupported" : "ok"},
            {"reason", refuses ? Json(slot.ending.reason) : Json()}});
  }

  void block(Place p, Slot& slot, Phase phase, int predecessor) {
    for (p.attempt = 0; p.attempt < 2; ++p.attempt) {
      const std::uint8_t bits = fake_.marks ? fake_.marks(p) : std::uint8_t{0};
      Json marks = Json::array();
      for (const Mark mark : {kDisturbed, kStolen}) {
        if (bits & mark) marks.push_back(name_of(mark));
      }
      Json metrics = Json::object();
      if (fake_.block_metrics) {
        for (const auto& [name, value] : fake_.block_metrics(p)) metrics[name] = value;
      }
      Json line{{"type", "block"}, {"round", p.round}, {"group", p.group}, {"replicate", slot.replicate},
              {"treatment", id(slot.treatment)}, {"role", name_of(slot.role)}, {"phase", name_of(phase)},
              {"quad", std::max(p.quad, 0)}, {"position", std::max(p.position, 0)},
              {"predecessor", predecessor < 0 ? Json() : Json(predecessor)}, {"iterations", fake_.iterations},
              {"elapsed", fake_.seconds(p) * static_cast<double>(fake_.iterations)}, {"unit", unit_of(p)}, {"clock", name_of(clock_of(p))},
              {"settled_ns", 1000000}, {"bracket_ns", 5000000}, {"cpu_ns", 4990000}, {"marks", marks},
              {"metrics", metrics}, {"counters", fake_.counters ? fake_.counters(p) : Json::object()}, {"outcome", "ok"}, {"reason", nullptr}};
      if (phase == Phase::tail && fake_.samples) {
        if (const auto samples = fake_.samples(p); !samples.empty()) {
          std::string text;
          for (const double sample : samples) text += sample_line(sample);
          const std::string file = fmt::format("outputs/r{:03}-{:05}.samples", p.round, slot.replicate);
          std::filesystem::create_directories(folder_ / "outputs");
          write_text(file.c_str(), text);
          line["samples"] = {{"file", file}, {"sha256", sha256_hex(text)}, {"count", samples.size()}};
        }
      }
      append(std::move(line));
      if (!(bits & kStolen)) return;
    }
  }

  /// check, evaluate or failed: how the replicate ends.
  void finish(int round, int group, const Slot& slot) {
    if (slot.ending.outcome == Outcome::unsupported) return;
    const bool wrong = slot.ending.outcome == Outcome::wrong_answer;
    if (!slot.ending.ok() && !wrong) {
      append({{"type", "failed"}, {"replicate", slot.replicate}, {"outcome", name_of(slot.ending.outcome)},
              {"reason", slot.ending.reason}, {"log", fmt::format("logs/r{:03}-{}.stderr", round, slot.replicate)}});
      return;
    }
    if (fake_.checks || wrong) {
      append({{"type", "check"}, {"replicate", slot.replicate}, {"max_error", wrong ? 1.0 : 0.0}, {"tolerance", 1e-12},
              {"rule", "|err| <= 1e-12"}, {"outcome", name_of(slot.ending.outcome)},
              {"reason", wrong ? Json(slot.ending.reason) : Json()}});
    }
    if (wrong || !fake_.evaluate) return;
    Json metrics = Json::object();
    for (const auto& [name, value] : fake_.evaluate(place(round, group, slot))) metrics[name] = value;
    if (metrics.empty()) return;
    Json line{{"type", "evaluate"}, {"replicate", slot.replicate}, {"metrics", metrics}, {"items", 10000},
              {"labels_sha256", std::string(64, 'd')}, {"predictions_sha256", std::string(64, 'e')}, {"labels", false},
              {"outcome", "ok"}, {"reason", nullptr}};
    if (fake_.predictions && round > 0) add_answers(fake_.predictions(place(round, group, slot)), line);
    append(std::move(line));
  }

  void add_answers(const std::vector<std::int32_t>& predictions, Json& line) {
    std::filesystem::create_directories(folder_ / "outputs");
    const std::string text = encode_classes(predictions);
    const std::string hash = sha256_hex(text);
    const std::string labels_hash = sha256_of_classes(fake_.labels);
    write_text(("outputs/" + hash.substr(0, 16) + ".predictions").c_str(), text);
    write_text(("outputs/" + labels_hash.substr(0, 16) + ".labels").c_str(), encode_classes(fake_.labels));
    line.update({{"items", fake_.labels.size()}, {"labels_sha256", labels_hash}, {"predictions_sha256", hash},
                 {"labels", true}});
  }

  void rehearse() {
    for (int t = 0; t < static_cast<int>(fake_.treatments.size()); ++t) {
      Slot slot{t, Role::plain};
      start(0, 0, slot);
      if (slot.alive) block(place(0, 0, slot), slot, Phase::rehearsal, -1);
      finish(0, 0, slot);
      if (!slot.ending.ok()) failed_in_rehearsal_[t] = true;
    }
  }

  void calibrate() {
    Json iterations = Json::object();
    Json settle = Json::object();
    Json most = Json::object();
    for (const auto& [t, n] : fake_.most_samples) most[id(t)] = n;
    for (int t = 0; t < static_cast<int>(fake_.treatments.size()); ++t) {
      iterations[id(t)] = fake_.iterations;
      settle[id(t)] = 1000000;
    }
    append({{"type", "calibration"}, {"rounds", fake_.rounds}, {"quads", fake_.quads}, {"iterations", iterations},
            {"settle_ns", settle}, {"most_samples", most}, {"planted", fake_.planted ? Json(*fake_.planted) : Json()},
            {"planted_reason", fake_.planted_reason.empty() ? Json() : Json(fake_.planted_reason)},
            {"stopped_by", fake_.stopped_by}, {"minutes", 1.5}});
    if (!fake_.second_stage.is_null()) {
      Json line = fake_.second_stage;
      line["type"] = "calibration";
      append(std::move(line));
    }
  }

  /// Every slot stands twice in a quad, mirrored about its middle: A B … B A.
  void run_round(int round, bool half) {
    for (int g = 0; g < static_cast<int>(groups_.size()); ++g) {
      std::vector<Slot> slots;
      for (const int t : groups_[static_cast<std::size_t>(g)]) {
        if (!failed_in_rehearsal_[t]) slots.push_back({t, Role::plain});
      }
      const int b = group_baseline(g);
      if (fake_.same && !failed_in_rehearsal_[b]) slots.push_back({b, Role::same});
      if (fake_.planted && !failed_in_rehearsal_[b]) slots.push_back({b, Role::slowed});
      for (int p = 0; p < std::ssize(fake_.peaks); ++p) slots.push_back({-1 - p, Role::peak});
      for (Slot& slot : slots) start(round, g, slot);
      int position = 0;
      int predecessor = -1;
      const int quads = half ? std::max(1, fake_.quads / 2) : fake_.quads;
      for (int q = 0; q < quads; ++q) {
        for (std::size_t i = 0; i < 2 * slots.size(); ++i, ++position) {
          Slot& slot = slots[i < slots.size() ? i : 2 * slots.size() - 1 - i];
          if (!slot.alive) continue;
          Place p = place(round, g, slot);
          p.quad = q;
          p.position = position;
          block(p, slot, Phase::measure, predecessor);
          predecessor = slot.replicate;
          if (!slot.ending.ok() && slot.ending.outcome != Outcome::wrong_answer) slot.alive = false;
        }
      }
      if (half) return;
      for (Slot& slot : slots) {
        const bool has_tail = slot.role == Role::plain || (slot.role == Role::same && fake_.samples);
        if (fake_.tail && slot.alive && has_tail) block(place(round, g, slot), slot, Phase::tail, predecessor);
      }
      for (const Slot& slot : slots) finish(round, g, slot);
    }
  }

  std::filesystem::path folder_;
  const FakeRun& fake_;
  std::vector<std::vector<int>> groups_;
  std::map<int, bool> failed_in_rehearsal_;
  std::optional<Journal> journal_;
  int next_replicate_ = 0;
};

/// results/<experiment>/<folder_name>, written whole.
inline std::filesystem::path write_fake_run(const std::filesystem::path& results, const FakeRun& fake) {
  const auto folder = results / fake.experiment / fake.folder_name;
  FakeRunWriter(folder, fake).write();
  return folder;
}

}  // namespace assay::record::fake
