#include "harness/run/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "harness/core/json.hpp"

namespace assay::run {

namespace {

constexpr std::size_t kShown = 40;  // bytes of each side

/// The line around `at`, from there on, in quotes; control characters escaped.
std::string excerpt(const std::string& bytes, std::size_t at) {
  if (at >= bytes.size()) return "its end";
  const std::size_t end = std::min({bytes.find('\n', at), at + kShown, bytes.size()});
  return OrderedJson(bytes.substr(at, std::max<std::size_t>(1, end - at))).dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

Ending different(const Output& of, const Output& to, std::string_view whose) {
  const auto where = first_difference(of, to);
  if (!where) return {};
  return {Outcome::wrong_answer, fmt::format("its output is not {}: {}", whose, *where)};
}

}  // namespace

std::optional<std::string> first_difference(const Output& of, const Output& to) {
  for (std::size_t i = 0; i < of.parts.size() && i < to.parts.size(); ++i) {
    if (of.parts[i].sha256 == to.parts[i].sha256) continue;
    const std::string& a = *of.parts[i].bytes;
    const std::string& b = *to.parts[i].bytes;
    const auto at = static_cast<std::size_t>(
        std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())), b.begin()).first - a.begin());
    const auto line = 1 + std::count(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    return fmt::format("{} differs from byte {} on (line {}): {} against {}", of.parts[i].name, at + 1, line, excerpt(a, at), excerpt(b, at));
  }
  if (of.parts.size() == to.parts.size()) return std::nullopt;
  return fmt::format("it has {} outputs against {}", of.parts.size(), to.parts.size());
}

Result<std::string> read_output_file(const std::filesystem::path& file, std::size_t most) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{fmt::format("it wrote no file {}", file.filename().string())};
  std::string bytes(most + 1, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  if (bytes.size() > most) return Error{fmt::format("{} is longer than {} MiB, the most that is compared", file.filename().string(), most >> 20)};
  return bytes;
}

Ending OutputComparison::enter(int round, int treatment, int baseline, int id, Output output) {
  if (round != round_) {
    round_ = round;
    known_.clear();
    references_.clear();
    waiting_.clear();
  }
  for (Output::Part& part : output.parts) part.bytes = known_.emplace(part.sha256, part.bytes).first->second;
  if (const auto reference = references_.find(baseline); reference != references_.end()) {
    return different(output, reference->second, treatment == baseline ? "its own of before in this round" : "the baseline's");
  }
  if (treatment != baseline) {
    waiting_.push_back({id, baseline, std::move(output)});
    return {};
  }
  for (const Waiting& w : waiting_) {
    if (w.baseline != baseline) continue;
    if (Ending ending = different(w.output, output, "the baseline's"); !ending.ok()) late_.emplace_back(w.id, std::move(ending));
  }
  std::erase_if(waiting_, [&](const Waiting& w) { return w.baseline == baseline; });
  references_.emplace(baseline, std::move(output));
  return {};
}

std::vector<std::pair<int, Ending>> OutputComparison::take_late() { return std::exchange(late_, {}); }

}  // namespace assay::run
