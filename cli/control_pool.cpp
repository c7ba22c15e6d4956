#include "cli/control_pool.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <deque>

#include "cli/state_folder.hpp"
#include "harness/core/hash.hpp"
#include "harness/core/statistic.hpp"
#include "harness/core/units.hpp"
#include "harness/record/lines.hpp"
#include "harness/record/run_folder.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTooMany = kMostControls + kMostControls / 10;  // so that not every run writes the whole file anew
constexpr std::size_t kShortestLine = 200;                            // bytes: a smaller file needn't be counted

OrderedJson number(const std::optional<double>& x) { return x ? OrderedJson(stored(*x)) : OrderedJson(); }

/// A finite number at `key`; nullopt if it is something else.
std::optional<double> number_at(const Json& line, const char* key) {
  const auto found = line.find(key);
  if (found == line.end() || !found->is_number()) return std::nullopt;
  const double x = found->get<double>();
  return std::isfinite(x) ? std::optional(x) : std::nullopt;
}

/// Of what tells time: a control of memory in use says nothing about noise.
bool is_timed(const Metric& metric) {
  return metric.clock == Clock::wall || metric.clock == Clock::cpu || metric.clock == Clock::device_event;
}

/// An open file, locked against other processes that append or cut.
class LockedFile {
 public:
  static Result<LockedFile> open(const fs::path& path) {
    for (;;) {
      const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
      if (fd < 0) return Error{fmt::format("{}: {}", path.string(), std::strerror(errno))};
      LockedFile file(fd);
      while (::flock(fd, LOCK_EX) != 0) {
        if (errno != EINTR) return Error{fmt::format("{}: cannot be locked: {}", path.string(), std::strerror(errno))};
      }
      // Another process may have put a shorter file in its place while this one waited.
      struct stat opened {}, there {};
      if (::fstat(fd, &opened) != 0) return Error{fmt::format("{}: {}", path.string(), std::strerror(errno))};
      if (::stat(path.c_str(), &there) == 0 && opened.st_ino == there.st_ino && opened.st_dev == there.st_dev) return file;
    }
  }
  LockedFile(LockedFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  LockedFile& operator=(LockedFile&&) = delete;
  ~LockedFile() {
    if (fd_ >= 0) ::close(fd_);
  }

  int fd() const { return fd_; }
  std::size_t bytes() const {
    struct stat now {};
    return ::fstat(fd_, &now) == 0 ? static_cast<std::size_t>(now.st_size) : 0;
  }

 private:
  explicit LockedFile(int fd) : fd_(fd) {}
  int fd_;
};

/// What stands in a file already: whether it has a run, and whether its last line is torn.
struct Content {
  bool has_run = false;
  bool torn = false;
};

Content look_at(const fs::path& file, const std::string& run) {
  Content content;
  auto lines = record::Lines::open(file);
  if (!lines) return content;
  while (const auto line = lines->next()) {
    if (content.has_run || line->find(run) == std::string_view::npos) continue;
    const auto control = control_of(*line);
    content.has_run = control && control->run == run;
  }
  content.torn = lines->torn_bytes() > 0;
  return content;
}

Result<Done> cut_to_newest(const fs::path& file) {
  auto lines = record::Lines::open(file);
  if (!lines) return lines.error();
  std::deque<std::string> newest;
  std::size_t count = 0;
  while (const auto line = lines->next()) {
    ++count;
    newest.emplace_back(*line);
    if (newest.size() > kMostControls) newest.pop_front();
  }
  if (count <= kTooMany) return Done{};
  std::string text;
  for (const std::string& line : newest) text += line + '\n';
  return record::write_atomically(file, text);
}

}  // namespace

OrderedJson to_json(const PooledControl& c) {
  return {{"schema", 1},
          {"machine", c.machine},
          {"run", c.run},
          {"experiment", c.experiment},
          {"metric", c.metric},
          {"treatment", c.treatment},
          {"time", c.time},
          {"kernel", c.kernel},
          {"boot", c.boot},
          {"kind", name_of(c.kind)},
          {"planted", number(c.planted)},
          {"elapsed", c.elapsed},
          {"ratio", stored(c.ratio)},
          {"low", stored(c.low)},
          {"high", stored(c.high)},
          {"p", stored(c.p)},
          {"rounds", c.spread.rounds},
          {"quads", c.spread.quads},
          {"sd", number(c.spread.sd)},
          {"sd_between", number(c.spread.sd_between)},
          {"sd_within", number(c.spread.sd_within)},
          {"start_s", stored(c.spread.start_s)},
          {"quad_s", stored(c.spread.quad_s)},
          {"fixed_s", stored(c.spread.fixed_s)},
          {"round_s", stored(c.spread.round_s())},
          {"iteration_s", stored(c.iteration_s)},
          {"wall_s", stored(c.wall_s)}};
}

std::optional<PooledControl> control_of(std::string_view text) {
  const auto line = parse_json(text);
  if (!line || !line->is_object()) return std::nullopt;
  if (number_at(*line, "schema") != 1) return std::nullopt;
  PooledControl c;
  c.machine = text_at(*line, "machine");
  c.run = text_at(*line, "run");
  c.experiment = text_at(*line, "experiment");
  c.metric = text_at(*line, "metric");
  c.treatment = text_at(*line, "treatment");
  c.time = text_at(*line, "time");
  c.kernel = text_at(*line, "kernel");
  c.boot = text_at(*line, "boot");
  const auto kind = role_named(text_at(*line, "kind"));
  if (c.machine.empty() || c.run.empty() || !kind || (*kind != Role::same && *kind != Role::slowed)) return std::nullopt;
  c.kind = *kind;
  c.planted = number_at(*line, "planted");
  const auto elapsed = line->find("elapsed");
  if (elapsed == line->end() || !elapsed->is_boolean()) return std::nullopt;
  c.elapsed = elapsed->get<bool>();
  const auto ratio = number_at(*line, "ratio"), low = number_at(*line, "low"), high = number_at(*line, "high"), p = number_at(*line, "p");
  const auto rounds = number_at(*line, "rounds"), quads = number_at(*line, "quads");
  const bool sane = ratio && low && high && p && rounds && quads && *ratio > 0 && *low > 0 && *low <= *high && *p >= 0 && *p <= 1 &&
                    *rounds >= 2 && *rounds <= 1e6 && *quads >= 0 && *quads <= 1e6;
  if (!sane) return std::nullopt;
  c.ratio = *ratio;
  c.low = *low;
  c.high = *high;
  c.p = *p;
  c.spread.rounds = static_cast<int>(*rounds);
  c.spread.quads = static_cast<int>(*quads);
  const auto deviation = [&](const char* key) {
    const auto x = number_at(*line, key);
    return x && *x >= 0 ? x : std::nullopt;
  };
  c.spread.sd = deviation("sd");
  c.spread.sd_between = deviation("sd_between");
  c.spread.sd_within = deviation("sd_within");
  c.spread.start_s = deviation("start_s").value_or(0);
  c.spread.quad_s = deviation("quad_s").value_or(0);
  c.spread.fixed_s = deviation("fixed_s").value_or(0);
  c.iteration_s = deviation("iteration_s").value_or(0);
  c.wall_s = deviation("wall_s").value_or(0);
  return c;
}

std::string machine_key(const Json& facts) {
  const Json topology = facts.value("topology", Json::object());
  const Json environment = facts.value("environment", Json::object());
  const auto at = [](const Json& object, const char* name) { return object.is_object() ? object.value(name, Json()) : Json(); };
  Json key = Json::array();
  for (const char* name : {"model", "vendor", "family", "model_number", "stepping", "cores"}) key.push_back(at(topology, name));
  key.push_back(at(environment, "hypervisor"));
  return sha256_hex(canonical_json(key)).substr(0, 16);
}

std::vector<PooledControl> controls_of(const record::RunRecord& run, const reports::Report& report) {
  std::vector<PooledControl> pooled;
  if (!run.extends.empty()) return pooled;  // its first rounds are pooled already, and somebody looked before it went on
  if (run.stopped_by.empty() || run.stopped_by == "interrupt" || run.stopped_by == "rehearsal") return pooled;
  const Json machine = run.manifest.value("machine", Json::object());
  const Json environment = machine.is_object() ? machine.value("environment", Json::object()) : Json::object();
  for (const reports::Control& control : report.controls) {
    if (percentile_of(control.statistic)) continue;  // of the same processes as the typical value's
    if (control.metric < 0 || control.baseline < 0 || !control.ratio || !control.ratio->interval || !control.p) continue;
    const reports::PlannedMetric& metric = report.planned.metrics[static_cast<std::size_t>(control.metric)];
    const reports::Cell* cell = reports::find_cell(report.cells, control.baseline, control.metric, metric.statistics.front());
    if (!is_timed(metric.metric) || !cell || cell->provenance != Provenance::measured) continue;
    PooledControl c;
    c.machine = machine_key(machine);
    c.run = report.folder_name;
    c.experiment = report.experiment;
    c.metric = metric.metric.name;
    c.treatment = run.ids[static_cast<std::size_t>(control.baseline)];
    c.time = report.started;
    c.kernel = text_at(environment, "kernel");
    c.boot = text_at(run.manifest, "boot_id_sha256");
    c.kind = control.kind;
    c.planted = control.planted;
    c.elapsed = metric.index == run.elapsed_metric;
    c.ratio = control.ratio->value;
    c.low = control.ratio->interval->low;
    c.high = control.ratio->interval->high;
    c.p = *control.p;
    c.spread = pair_spread_of(run, {control.baseline, control.kind}, {control.baseline, Role::plain}, metric.index);
    if (cell->value) c.iteration_s = cell->value->value;
    c.wall_s = report.costs.wall_s.value_or(0);
    if (c.spread.rounds >= 2) pooled.push_back(std::move(c));
  }
  return pooled;
}

ControlPool read_controls(const fs::path& file, const std::string& machine) {
  ControlPool pool;
  auto lines = record::Lines::open(file);
  if (!lines) return pool;
  while (const auto line = lines->next()) {
    auto control = control_of(*line);
    if (!control) {
      ++pool.skipped;
    } else if (control->machine == machine) {
      pool.controls.push_back(*std::move(control));
    }
  }
  return pool;
}

Result<Done> append_controls(const fs::path& file, const std::vector<PooledControl>& controls) {
  if (controls.empty()) return Done{};
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (error) return Error{fmt::format("{}: {}", file.parent_path().string(), error.message())};
  const auto locked = LockedFile::open(file);
  if (!locked) return locked.error();
  const Content content = look_at(file, controls.front().run);
  if (content.has_run) return Done{};
  std::string text = content.torn ? "\n" : "";  // else it would become the end of a line that somebody left unfinished
  for (const PooledControl& c : controls) text += to_json(c).dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + '\n';
  const std::size_t before = locked->bytes();
  ssize_t wrote = 0;
  do {
    wrote = ::write(locked->fd(), text.data(), text.size());
  } while (wrote < 0 && errno == EINTR);
  if (wrote != static_cast<ssize_t>(text.size())) {
    const std::string why = wrote < 0 ? std::strerror(errno) : "no space left on the device";
    if (wrote > 0) (void)!::ftruncate(locked->fd(), static_cast<off_t>(before));
    return Error{fmt::format("{}: {}", file.string(), why)};
  }
  return locked->bytes() > kTooMany * kShortestLine ? cut_to_newest(file) : Result<Done>(Done{});
}

fs::path controls_file() {
  const fs::path folder = state_folder();
  return folder.empty() ? fs::path() : folder / "controls.jsonl";
}

void remember_controls(const record::RunRecord& run, const reports::Report& report, const std::function<void(const std::string&)>& notice) {
  const auto controls = controls_of(run, report);
  const fs::path file = controls_file();
  if (controls.empty() || file.empty()) return;
  if (const auto kept = append_controls(file, controls); !kept) {
    notice(fmt::format("not kept for assay doctor: this run's controls: {}; the run itself is whole", kept.error().message));
  }
}

}  // namespace assay::cli
