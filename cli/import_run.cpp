#include "cli/import_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "harness/core/ascii.hpp"
#include "harness/core/hash.hpp"
#include "harness/core/printable.hpp"
#include "harness/plan/levels.hpp"
#include "harness/plan/near_names.hpp"
#include "harness/plan/section.hpp"
#include "harness/record/journal.hpp"
#include "harness/record/run_folder.hpp"
#include "harness/record/seal.hpp"
#include "reports/planned.hpp"

namespace assay::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kPreset = "imported";
constexpr std::size_t kLongestLevel = 500;    // bytes
constexpr std::size_t kLongestSaid = 300;     // bytes of a source, a name, a reason

/// A JSON text is a TOML text.
std::string quoted(const std::string& text) { return OrderedJson(text).dump(-1, ' ', false, OrderedJson::error_handler_t::replace); }
std::string toml_of(const Level& level) {
  const auto* text = std::get_if<std::string>(&level);
  return text ? quoted(*text) : plan::toml_text(level);  // which shortens text, being for messages
}

bool is_date(const std::string& text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [&](std::size_t at, std::size_t length) {
    int value = -1;
    const char* begin = text.data() + at;
    const auto [end, failure] = std::from_chars(begin, begin + length, value);
    return failure == std::errc() && end == begin + length ? value : -1;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (year < 0 || month < 0 || day < 0) return false;
  return std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)), std::chrono::day(static_cast<unsigned>(day))).ok();
}

/// Who made the numbers, where and when: nothing is imported without it.
Result<Done> check_wish(const ImportWish& wish, const Table& table) {
  if (!plan::is_plain_name(wish.name, true)) {
    return Error{fmt::format("--as {}: it names a folder below results/; use letters, digits, '_', '-' and '.', e.g. --as precision-sweep", printable(wish.name, 200))};
  }
  if (reports::is_of_compare(wish.name, "")) return Error{fmt::format("--as {}: that is the name of assay compare's own runs; choose another", wish.name)};
  std::string missing, example;
  const Json said = table.reported.is_object() ? table.reported.value("date", Json()) : Json();
  const std::string date = said.is_string() && is_date(said.get<std::string>().substr(0, 10)) ? said.get<std::string>().substr(0, 10) : "2026-11-20";
  const auto need = [&](const std::string& value, std::string_view option, const std::string& with) {
    if (!value.empty()) return;
    missing += (missing.empty() ? "" : ", ") + std::string(option);
    example += fmt::format(" {} {}", option, with);
  };
  need(wish.source, "--source", "\"evaluate.py on the lab's A100\"");
  need(wish.date, "--date", date);
  need(wish.by, "--by", "\"Team X\"");
  if (!missing.empty()) {
    return Error{fmt::format("{}: a number from elsewhere says what made it, when, and who ran that; add {}, e.g. {}", wish.shown_name, missing, example.substr(1))};
  }
  if (!is_date(wish.date)) return Error{fmt::format("--date {}: is no day; write it as YYYY-MM-DD, e.g. 2026-11-20", printable(wish.date))};
  for (const auto& [option, text] : {std::pair("--source", &wish.source), std::pair("--by", &wish.by), std::pair("--question", &wish.question)}) {
    if (const std::string odd = unprintable_in(*text); !odd.empty()) return Error{fmt::format("{}: holds {} ({}); write printable text on one line", option, odd, printable(*text))};
    if (text->size() > kLongestSaid) return Error{fmt::format("{}: {} bytes are too many; say it in {}", option, text->size(), kLongestSaid)};
  }
  return Done{};
}

/// Rows by what they are of; everything that a row can have wrong.
class Reader {
 public:
  Reader(const Table& table, const std::vector<Column>& columns, const ImportWish& wish) : table_(table), columns_(columns), wish_(wish) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      switch (columns[c].role) {
        case ColumnRole::factor: factors_.push_back(c); break;
        case ColumnRole::metric: metrics_.push_back(c); break;
        case ColumnRole::replicate: replicate_ = c; break;
        case ColumnRole::round: round_ = c; break;
        case ColumnRole::outcome: outcome_ = c; break;
        case ColumnRole::reason: reason_ = c; break;
        case ColumnRole::ignore: break;
      }
    }
    // Metrics that are compared first, as in every report.
    std::stable_partition(metrics_.begin(), metrics_.end(), [&](std::size_t c) { return columns[c].primary; });
  }

  Result<ImportedRun> read() {
    if (auto done = read_factors(); !done) return done.error();
    if (auto done = read_baseline(); !done) return done.error();
    run_.text = text();
    auto experiment = plan::parse_frozen_experiment(run_.text, "experiment.toml");
    if (!experiment) return Error{fmt::format("{}: what it makes is no experiment: {}", wish_.shown_name, experiment.error().message)};
    plan::Preset preset;
    preset.name = kPreset;
    auto planned = plan::make_plan(*std::move(experiment), std::move(preset));
    if (!planned) return Error{fmt::format("{}: {}", wish_.shown_name, planned.error().message)};
    run_.plan = *std::move(planned);
    std::vector<Metric> described;
    for (const std::size_t c : metrics_) described.push_back(columns_[c].metric);
    auto metrics = run::planned_metrics(run_.plan.experiment, described);
    if (!metrics) return metrics.error();
    run_.metrics = *std::move(metrics);
    if (auto done = read_rows(); !done) return done.error();
    group();
    facts();
    return std::move(run_);
  }

  /// Of [import]; known once the bytes are.
  void set_hash(std::string sha256) { sha256_ = std::move(sha256); }

 private:
  Error wrong(const Table::Row& row, std::size_t column, std::string_view what) const {
    return Error{fmt::format("{}: column '{}': {}", table_.place(wish_.shown_name, row), printable(table_.columns[column]), what)};
  }

  Result<Done> read_factors() {
    for (const std::size_t c : factors_) {
      const LevelType type = level_type_of(table_, c);
      plan::Factor factor{columns_[c].name, {}};
      std::map<Level, bool> seen;
      for (const Table::Row& row : table_.rows) {
        const std::string& cell = row.cells[c];
        if (cell.empty()) return wrong(row, c, "is empty, but a factor has a level in every row; write one, e.g. \"none\"");
        if (const std::string odd = unprintable_in(cell); !odd.empty()) return wrong(row, c, fmt::format("'{}' holds {}; a level is printable text on one line", printable(cell), odd));
        if (cell.size() > kLongestLevel) return wrong(row, c, fmt::format("{} bytes are too many for a level; give it a short name", cell.size()));
        Level level = level_in(cell, type);
        if (const auto problem = plan::reserved_problem(factor.name, level)) {
          return wrong(row, c, fmt::format("{}, or give the factor another name, e.g. --map {}=factor:their_{}", *problem, printable(table_.columns[c]), factor.name));
        }
        if (seen.emplace(level, true).second) factor.levels.push_back(std::move(level));
      }
      run_factors_.push_back(std::move(factor));
      types_.push_back(type);
    }
    std::set<std::string> different;
    for (const Table::Row& row : table_.rows) {
      Treatment treatment = treatment_of(row);
      if (different.insert(treatment.id()).second) treatments_.push_back(std::move(treatment));
      if (treatments_.size() > kMostImportTreatments) {
        return Error{fmt::format("{}: its factors make more than {} treatments; is one of {} no factor but a replicate, a round or a metric?", wish_.shown_name,
                                 kMostImportTreatments, plan::listed(plan::names_of(run_factors_)))};
      }
    }
    const std::size_t work = table_.rows.size() * treatments_.size() * metrics_.size();
    if (work > kMostImportWork) {
      return Error{fmt::format("{}: {} rows of {} treatments with {} metrics are more than a report can hold; import it in parts, or map columns to ignore", wish_.shown_name,
                               table_.rows.size(), treatments_.size(), metrics_.size())};
    }
    return Done{};
  }

  Treatment treatment_of(const Table::Row& row) const {
    Treatment treatment;
    for (std::size_t f = 0; f < factors_.size(); ++f) treatment.set(columns_[factors_[f]].name, level_in(row.cells[factors_[f]], types_[f]));
    return treatment;
  }

  Result<Done> read_baseline() {
    for (const std::string& word : wish_.baseline) {
      const std::size_t sign = word.find('=');
      if (sign == std::string::npos) return Error{fmt::format("--baseline {}: write FACTOR=LEVEL, e.g. --baseline precision=fp32", printable(word, 200))};
      const std::string name = word.substr(0, sign), level = word.substr(sign + 1);
      const auto factor = std::find_if(run_factors_.begin(), run_factors_.end(), [&](const plan::Factor& f) { return f.name == name; });
      if (factor == run_factors_.end()) {
        return Error{fmt::format("--baseline {}: there is no factor '{}'; {}", printable(word, 200), printable(name), plan::suggestion(name, plan::names_of(run_factors_), "there are"))};
      }
      const auto found = std::find_if(factor->levels.begin(), factor->levels.end(), [&](const Level& l) { return shortest(l) == level; });
      if (found == factor->levels.end()) {
        std::vector<std::string> levels;
        for (const Level& l : factor->levels) levels.push_back(printable(shortest(l)));
        return Error{fmt::format("--baseline {}: '{}' is no level of {}; {}", printable(word, 200), printable(level), name, plan::suggestion(level, levels, "there are"))};
      }
      if (baseline_.find(name)) return Error{fmt::format("--baseline {}: {} has a level already; keep one", printable(word, 200), name)};
      baseline_.set(name, *found);
    }
    if (!baseline_.empty() && std::none_of(treatments_.begin(), treatments_.end(), [&](const Treatment& t) { return t.matches(baseline_); })) {
      return Error{fmt::format("--baseline: no row has {}", printable(baseline_.label(), 200))};
    }
    return Done{};
  }

  /// A full cross of which rounds are known is the design that its effects are told of, as far as anybody reads them; else
  /// the treatments are a list.
  bool is_factorial() const {
    constexpr std::size_t kMostCells = 100;
    std::size_t cells = 1;
    for (const plan::Factor& f : run_factors_) cells = std::min(cells * f.levels.size(), kMostCells + 1);
    return round_ && cells <= kMostCells && cells == treatments_.size();
  }

  static std::string assignments(const Treatment& treatment, std::string_view between) {
    std::string out;
    for (const auto& [name, level] : treatment.levels()) out += fmt::format("{}{} = {}", out.empty() ? "" : between, name, toml_of(level));
    return out;
  }

  std::string text() const {
    std::string t = fmt::format("# Written by assay import: these results were made elsewhere. imported/{} holds them as they came.\n[experiment]\nname = {}\n", wish_.file_name,
                                quoted(wish_.name));
    if (!wish_.question.empty()) t += fmt::format("question = {}\n", quoted(wish_.question));
    t += fmt::format("design = \"{}\"\n", is_factorial() ? "factorial" : "list");
    if (!baseline_.empty()) t += fmt::format("baseline = {{ {} }}\n", assignments(baseline_, ", "));
    if (is_factorial()) {
      t += "\n[factors]\n";
      for (const plan::Factor& f : run_factors_) {
        std::vector<std::string> levels;
        for (const Level& level : f.levels) levels.push_back(toml_of(level));
        t += fmt::format("{} = [{}]\n", f.name, fmt::join(levels, ", "));
      }
    } else {
      for (const Treatment& treatment : treatments_) t += fmt::format("\n[[treatment]]\n{}\n", assignments(treatment, "\n"));
    }
    std::vector<std::string> primary, map;
    for (const std::size_t c : metrics_) {
      if (columns_[c].primary) primary.push_back(quoted(columns_[c].name));
    }
    t += fmt::format("\n[metrics]\nprimary = [{}]\n", fmt::join(primary, ", "));
    for (const std::size_t c : metrics_) {
      const Metric& m = columns_[c].metric;
      t += fmt::format("\n[metrics.{}]\nunit = {}\nkind = \"{}\"\ndirection = \"{}\"\nscope = \"replicate\"\n", m.name, quoted(m.unit), name_of(m.kind), name_of(m.direction));
    }
    for (const Column& column : columns_) map.push_back(quoted(column.word));
    t += fmt::format("\n[import]\nsource = {}\ndate = {}\nby = {}\nfile = {}\nsha256 = {}\nformat = {}\nmap = [{}]\n", quoted(wish_.source), quoted(wish_.date), quoted(wish_.by),
                     quoted(wish_.file_name), quoted(sha256_), quoted(table_.format), fmt::join(map, ", "));
    return t;
  }

  Result<double> value_of(const Table::Row& row, std::size_t c) const {
    const std::string& cell = row.cells[c];
    const auto number = number_in(cell);
    if (!number) {
      const bool comma = cell.find(',') != std::string::npos && cell.find_first_not_of("0123456789,.-+eE ") == std::string::npos;
      const bool percent = cell.ends_with('%');
      std::string digits = cell;
      for (char& d : digits) d = d >= 'A' && d <= 'Z' ? static_cast<char>(d - 'A' + 'a') : d;
      const bool absent = digits == "nan" || digits == "na" || digits == "n/a" || digits == "null" || digits == "none" || digits == "-";
      double ignored = 0;
      const bool beyond = std::from_chars(cell.data(), cell.data() + cell.size(), ignored).ec == std::errc::result_out_of_range;
      return wrong(row, c, fmt::format("'{}' is no number; {}", printable(cell),
                                       comma     ? "write it with a point and without separators, e.g. 1234.5"
                                       : percent ? "leave out the '%' and map the column with the unit %"
                                       : beyond  ? "it is beyond what a double can hold"
                                       : absent  ? "leave the field empty where there is no value, or say what failed in a column of its own (--map COLUMN=outcome)"
                                                 : "write one, leave the field empty, or map the column to something else"));
    }
    const Metric& metric = columns_[c].metric;
    const double value = columns_[c].scale.of(*number);
    if (!std::isfinite(value)) return wrong(row, c, fmt::format("{} is beyond what a double can hold in {}", printable(cell), metric.unit));
    if (metric.compared_by_ratio() && value < 0) return wrong(row, c, fmt::format("{} is below 0, which no {} is", printable(cell), name_of(metric.kind)));
    if (metric.kind == Kind::proportion && (value < 0 || value > 1)) {
      return wrong(row, c, fmt::format("{} is no share between 0 and {}; map the column with the unit {}, or with 1 if it is none", printable(cell),
                                       columns_[c].scale.divide > 1 ? "100 %" : "1", columns_[c].scale.divide > 1 ? "ratio" : "%"));
    }
    return value;
  }

  Result<Ending> ending_of(const Table::Row& row) const {
    if (!outcome_) return Ending{};
    const std::string& word = row.cells[*outcome_];
    const auto outcome = outcome_named(word);
    if (!outcome) {
      return wrong(row, *outcome_,
                   fmt::format("'{}' is no outcome; write ok, unsupported, wrong_answer, timed_out, crashed, out_of_memory, invalid_output or overloaded", printable(word)));
    }
    if (*outcome == Outcome::ok) return Ending{};
    const std::string said = reason_ ? printable(row.cells[*reason_], kLongestSaid) : "";
    return Ending{*outcome, fmt::format("{}, {}", said.empty() ? "no reason given" : said, table_.place(wish_.file_name, row))};
  }

  /// Its number if all values of the column are whole ones, else the order in which they first appear.
  std::map<std::string, int> numbers_of_rounds() const {
    std::map<std::string, int> rounds;
    std::vector<std::string> order;
    for (const Table::Row& row : table_.rows) {
      if (rounds.emplace(row.cells[*round_], 0).second) order.push_back(row.cells[*round_]);
    }
    if (level_type_of(table_, *round_) == LevelType::integer) {
      std::stable_sort(order.begin(), order.end(), [](const std::string& a, const std::string& b) { return level_in(a, LevelType::integer) < level_in(b, LevelType::integer); });
    }
    for (std::size_t i = 0; i < order.size(); ++i) rounds[order[i]] = static_cast<int>(i) + 1;
    return rounds;
  }

  Result<Done> read_rows() {
    std::unordered_map<std::string, int> index;
    for (std::size_t t = 0; t < run_.plan.treatments.size(); ++t) index.emplace(run_.plan.treatments[t].id, static_cast<int>(t));
    const auto rounds = round_ ? numbers_of_rounds() : std::map<std::string, int>{};
    std::map<std::tuple<int, int, std::string>, std::size_t> known;  // round, treatment, replicate
    std::vector<int> replicates(run_.plan.treatments.size());
    std::vector<std::size_t> missing(metrics_.size());
    for (const Table::Row& row : table_.rows) {
      const int treatment = index.at(treatment_of(row).id());
      if (round_ && row.cells[*round_].empty()) return wrong(row, *round_, "is empty, but every row is of a round; number it");
      if (replicate_ && row.cells[*replicate_].empty()) return wrong(row, *replicate_, "is empty, but every row is of a replicate; number it");
      const auto ending = ending_of(row);
      if (!ending) return ending.error();
      ImportedRow values{row.number, {}};
      for (std::size_t m = 0; m < metrics_.size() && ending->ok(); ++m) {
        if (row.cells[metrics_[m]].empty()) {
          ++missing[m];
          continue;
        }
        const auto value = value_of(row, metrics_[m]);
        if (!value) return value.error();
        values.values.emplace_back(columns_[metrics_[m]].name, *value);
      }
      const int round = round_ ? rounds.at(row.cells[*round_]) : 0;
      const std::string number = replicate_ ? row.cells[*replicate_] : fmt::format("{}", row.number);
      const auto [at, added] = known.emplace(std::tuple(round, treatment, number), run_.replicates.size());
      if (added) {
        const int ordinal = ++replicates[static_cast<std::size_t>(treatment)];
        run_.replicates.push_back({.round = round_ ? round : ordinal, .group = round_ ? 0 : treatment, .treatment = treatment, .rows = {}, .ending = {}});
        run_.rounds = std::max(run_.rounds, run_.replicates.back().round);
        if (run_.rounds > kMostImportRounds) {
          return Error{fmt::format("{}: more than {} {}; if rows are iterations of a few processes, number those in a column (--map COLUMN=replicate)", wish_.shown_name,
                                   kMostImportRounds, round_ ? "rounds" : "replicates of " + printable(run_.plan.treatments[static_cast<std::size_t>(treatment)].treatment.label()))};
        }
      }
      ImportedReplicate& replicate = run_.replicates[at->second];
      replicate.rows.push_back(std::move(values));
      if (replicate.ending.ok()) replicate.ending = *ending;
    }
    std::stable_sort(run_.replicates.begin(), run_.replicates.end(), [](const auto& a, const auto& b) { return std::tie(a.round, a.group) < std::tie(b.round, b.group); });
    for (std::size_t m = 0; m < metrics_.size(); ++m) {
      if (missing[m] == 0) continue;
      run_.notes.emplace_back("missing_values", fmt::format("{} of {} rows of {} have no {}; the others count", missing[m], table_.rows.size(), wish_.file_name, columns_[metrics_[m]].name));
    }
    for (const std::string& warning : table_.warnings) run_.notes.emplace_back("imported", warning);
    return Done{};
  }

  /// As the rows were: all of a round together, or each treatment by itself.
  void group() {
    plan::Plan& plan = run_.plan;
    std::set<int> baselines;
    for (const auto& t : plan.treatments) {
      if (t.baseline) baselines.insert(*t.baseline);
    }
    if (baselines.empty()) baselines.insert(0);
    plan.groups.clear();
    std::vector<int> all(plan.treatments.size());
    for (std::size_t t = 0; t < all.size(); ++t) all[t] = static_cast<int>(t);
    if (round_) {
      for (const int baseline : baselines) plan.groups.push_back({.members = all, .baseline = baseline});
    } else {
      for (const int t : all) plan.groups.push_back({.members = {t}, .baseline = t});
    }
  }

  void facts() {
    run_.facts = {{"source", wish_.source}, {"date", wish_.date},        {"by", wish_.by},
                  {"file", wish_.file_name}, {"sha256", sha256_},        {"format", table_.format},
                  {"rows", table_.rows.size()}, {"rounds", round_ ? OrderedJson(run_.rounds) : OrderedJson()},
                  {"reported", table_.reported}};
    run_.facts["map"] = OrderedJson::array();
    for (const Column& column : columns_) run_.facts["map"].push_back(column.word);
  }

  const Table& table_;
  const std::vector<Column>& columns_;
  const ImportWish& wish_;
  std::string sha256_;
  std::vector<std::size_t> factors_, metrics_;  // columns
  std::optional<std::size_t> replicate_, round_, outcome_, reason_;
  std::vector<LevelType> types_;           // beside factors_
  std::vector<plan::Factor> run_factors_;  // likewise
  std::vector<Treatment> treatments_;      // in the order of the rows
  Treatment baseline_;
  ImportedRun run_;
};

/// The journal's lines of one replicate.
Result<Done> append(record::Journal& journal, const ImportedReplicate& r, int number, const std::string& id) {
  Json rows = Json::array();
  for (const ImportedRow& row : r.rows) rows.push_back(row.number);
  auto written = journal.append({{"type", "replicate"}, {"replicate", number}, {"round", r.round}, {"group", r.group},      {"treatment", id}, {"role", name_of(Role::plain)},
                                 {"phase", name_of(Phase::measure)}, {"rows", rows}, {"outcome", name_of(Outcome::ok)}, {"reason", nullptr}});
  for (const ImportedRow& row : r.rows) {
    if (!written || row.values.empty()) continue;
    Json metrics = Json::object();
    for (const auto& [name, value] : row.values) metrics[name] = value;
    written = journal.append({{"type", "evaluate"}, {"replicate", number}, {"row", row.number}, {"metrics", metrics}, {"outcome", name_of(Outcome::ok)}, {"reason", nullptr}});
  }
  if (written && !r.ending.ok()) {
    written = journal.append({{"type", "failed"}, {"replicate", number}, {"outcome", name_of(r.ending.outcome)}, {"reason", r.ending.reason}, {"disturbed", false}});
  }
  return written;
}

Result<Done> write_journal(const ImportedRun& run, const fs::path& file) {
  auto journal = record::Journal::create(file);
  if (!journal) return journal.error();
  Result<Done> written = Done{};
  for (const auto& [kind, text] : run.notes) {
    if (written) written = journal->append({{"type", "note"}, {"kind", kind}, {"text", text}});
  }
  for (std::size_t i = 0; i < run.replicates.size() && written; ++i) {
    const ImportedReplicate& r = run.replicates[i];
    written = append(*journal, r, static_cast<int>(i), run.plan.treatments[static_cast<std::size_t>(r.treatment)].id);
    const bool last = i + 1 == run.replicates.size() || run.replicates[i + 1].round != r.round;
    if (written && last) written = journal->append({{"type", "round"}, {"round", r.round}, {"state", "complete"}});
  }
  if (written) written = journal->append_last(record::sealed({{"type", "end"}, {"stopped_by", kPreset}}, file.parent_path()));
  return written ? journal->sync() : written;
}

}  // namespace

Result<ImportedRun> make_imported_run(const Table& table, const std::vector<Column>& columns, const ImportWish& wish, std::string_view bytes) {
  if (auto right = check_wish(wish, table); !right) return right.error();
  Reader reader(table, columns, wish);
  reader.set_hash(sha256_hex(bytes));
  return reader.read();
}

Result<fs::path> write_imported_run(const ImportedRun& run, const ImportWish& wish, std::string_view bytes, const fs::path& results, const Json& assay,
                                    const std::vector<std::string>& command_line) {
  auto made = record::create_run_folder(results, wish.name, run.text, "", kPreset);
  if (!made) return made.error();
  const fs::path folder = fs::absolute(made->folder).lexically_normal();
  std::error_code failed;
  fs::create_directory(folder / "imported", failed);
  if (failed) return Error{fmt::format("{}: cannot be created: {}", (folder / "imported").string(), failed.message())};
  if (auto written = record::write_atomically(folder / "imported" / wish.file_name, bytes); !written) return written.error();
  run::ManifestParts parts{.assay = assay, .ledger = made->ledger, .command_line = command_line, .started = made->ledger.back().value("started", ""), .published = nullptr};
  run::Machine elsewhere;
  elsewhere.facts = {{"reason", "imported: measured elsewhere"}};
  OrderedJson manifest = run::manifest(run.plan, elsewhere, run.metrics, parts);
  manifest["cpus"] = nullptr;  // this machine's say nothing of these results
  manifest["boot_id_sha256"] = nullptr;
  manifest["imported"] = run.facts;
  if (auto written = record::write_atomically(folder / "manifest.json", manifest.dump(2) + "\n"); !written) return written.error();
  if (auto written = write_journal(run, folder / "journal.jsonl"); !written) return written.error();
  return folder;
}

std::string kept_name(const std::string& path) {
  constexpr std::size_t kLongest = 100;
  std::string name = fs::path(path).filename().string();
  for (char& c : name) {
    const bool fits = is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
    if (!fits) c = '_';
  }
  if (name.size() > kLongest) name.erase(0, name.size() - kLongest);  // its ending says what it is
  if (name.empty() || name.front() == '.' || name.front() == '-') name = "results_" + name;
  return name;
}

}  // namespace assay::cli
