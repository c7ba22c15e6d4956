#include "harness/record/block_line.hpp"

#include <fmt/format.h>

#include <limits>
#include <unordered_map>

#include "harness/core/json.hpp"

namespace assay::record {

namespace {

constexpr int kMaxDepth = 64;

/// Where a value at the line's top level goes: exactly one of the three.
struct Target {
  std::optional<std::int64_t> BlockFields::* integer = nullptr;
  std::string BlockFields::* text = nullptr;
  enum class Special { none, seq, prev, type, elapsed, marks, metrics, counters, samples } special = Special::none;
};

const Target* target_of(std::string_view key) {
  using S = Target::Special;
  static const std::unordered_map<std::string_view, Target> kTargets{
      {"round", {&BlockFields::round, nullptr, S::none}},
      {"group", {&BlockFields::group, nullptr, S::none}},
      {"replicate", {&BlockFields::replicate, nullptr, S::none}},
      {"quad", {&BlockFields::quad, nullptr, S::none}},
      {"position", {&BlockFields::position, nullptr, S::none}},
      {"predecessor", {&BlockFields::predecessor, nullptr, S::none}},
      {"iterations", {&BlockFields::iterations, nullptr, S::none}},
      {"settled_ns", {&BlockFields::settled_ns, nullptr, S::none}},
      {"bracket_ns", {&BlockFields::bracket_ns, nullptr, S::none}},
      {"cpu_ns", {&BlockFields::cpu_ns, nullptr, S::none}},
      {"treatment", {nullptr, &BlockFields::treatment, S::none}},
      {"role", {nullptr, &BlockFields::role, S::none}},
      {"phase", {nullptr, &BlockFields::phase, S::none}},
      {"unit", {nullptr, &BlockFields::unit, S::none}},
      {"clock", {nullptr, &BlockFields::clock, S::none}},
      {"outcome", {nullptr, &BlockFields::outcome, S::none}},
      {"reason", {nullptr, &BlockFields::reason, S::none}},
      {"seq", {nullptr, nullptr, S::seq}},
      {"prev", {nullptr, nullptr, S::prev}},
      {"type", {nullptr, nullptr, S::type}},
      {"elapsed", {nullptr, nullptr, S::elapsed}},
      {"marks", {nullptr, nullptr, S::marks}},
      {"metrics", {nullptr, nullptr, S::metrics}},
      {"counters", {nullptr, nullptr, S::counters}},
      {"samples", {nullptr, nullptr, S::samples}},
  };
  const auto found = kTargets.find(key);
  return found == kTargets.end() ? nullptr : &found->second;
}

/// nlohmann's SAX interface: called once for each token.
class Handler {
 public:
  explicit Handler(ParsedLine& line) : line_(line) {}

  bool null() { return inside_object(); }
  bool boolean(bool) { return inside_object(); }
  bool number_integer(std::int64_t value) { return integer(value, static_cast<double>(value)); }
  bool number_unsigned(std::uint64_t value) {
    if (depth_ == 1 && target_ && target_->special == Target::Special::seq) line_.envelope.seq = value;
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return number_float(static_cast<double>(value), {});
    }
    return integer(static_cast<std::int64_t>(value), static_cast<double>(value));
  }
  bool number_float(double value, const std::string&) {
    if (depth_ == 1 && target_ && target_->special == Target::Special::elapsed) line_.block.elapsed = value;
    if (inside(Target::Special::metrics)) line_.block.metrics.emplace_back(name_, value);
    if (inside(Target::Special::counters)) add_counter(value);
    return inside_object();
  }
  bool string(std::string& value) {
    if (depth_ == 1 && target_) {
      if (target_->text) line_.block.*(target_->text) = value;
      if (target_->special == Target::Special::prev) line_.envelope.prev = value;
      if (target_->special == Target::Special::type) line_.envelope.type = value;
    }
    if (inside(Target::Special::marks)) line_.block.marks.push_back(value);
    if (inside(Target::Special::samples) && name_ == "file") line_.block.samples_file = value;
    if (inside(Target::Special::samples) && name_ == "sha256") line_.block.samples_sha256 = value;
    return inside_object();
  }
  bool binary(Json::binary_t&) { return false; }
  bool key(std::string& name) {
    if (depth_ == 1) target_ = target_of(name);
    if (depth_ == 2) name_ = name;
    return true;
  }
  bool start_object(std::size_t) { return ++depth_ <= kMaxDepth; }
  bool start_array(std::size_t) { return depth_ > 0 && ++depth_ <= kMaxDepth; }
  bool end_object() { return --depth_, true; }
  bool end_array() { return --depth_, true; }
  bool parse_error(std::size_t byte, const std::string&, const nlohmann::detail::exception&) {
    error_byte_ = byte;
    return false;
  }

  std::size_t error_byte() const { return error_byte_; }

 private:
  bool inside_object() const { return depth_ > 0; }  // a line that is no object is refused
  bool inside(Target::Special special) const { return depth_ == 2 && target_ && target_->special == special; }
  void add_counter(double value) {
    BlockFields& b = line_.block;
    if (b.counter_count == b.counters.size()) b.counters.emplace_back();
    auto& [name, number] = b.counters[b.counter_count++];
    name = name_;
    number = value;
  }
  bool integer(std::int64_t value, double as_double) {
    if (depth_ == 1 && target_ && target_->integer) line_.block.*(target_->integer) = value;
    return number_float(as_double, {});
  }

  ParsedLine& line_;
  int depth_ = 0;
  const Target* target_ = nullptr;  // of the last key at the top level
  std::string name_;                // of the last key one level below
  std::size_t error_byte_ = 0;
};

}  // namespace

Result<Done> parse_line(std::string_view line, ParsedLine& parsed) {
  BlockFields& b = parsed.block;
  b.round = b.group = b.replicate = b.quad = b.position = b.predecessor = std::nullopt;
  b.iterations = b.settled_ns = b.bracket_ns = b.cpu_ns = std::nullopt;
  b.elapsed = std::nullopt;
  for (std::string* text : {&b.treatment, &b.role, &b.phase, &b.unit, &b.clock, &b.outcome, &b.reason, &b.samples_file, &b.samples_sha256}) {
    text->clear();
  }
  b.marks.clear();
  b.metrics.clear();
  b.counter_count = 0;
  parsed.envelope.seq = std::nullopt;
  parsed.envelope.prev.clear();
  parsed.envelope.type.clear();

  Handler handler(parsed);
  if (Json::sax_parse(line.begin(), line.end(), &handler)) return Done{};
  if (handler.error_byte() > 0) return Error{fmt::format("not JSON at byte {}", handler.error_byte())};
  return Error{"not one JSON object"};
}

}  // namespace assay::record
