#include "hardware/mcu/link.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "hardware/mcu/fault.hpp"
#include "harness/core/crc32.hpp"
#include "harness/core/printable.hpp"

namespace assay::mcu {

namespace {

constexpr double kHelloLimit_s = 1.0;    // of one try
constexpr int kHelloTries = 5;           // an emulator is there in a tenth of a second, a board that was just opened may start anew
constexpr double kCommandLimit_s = 5.0;  // of what the device answers at once
constexpr int kTransferTries = 3;
constexpr double kQuiet_s = 0.05;
constexpr double kLookedAfter_s = 0.1;   // a silent line's owner is asked this often whether it is still there
constexpr std::size_t kLongestLine = 4096;  // beyond it is no line of this protocol

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// What stands between `begin` and `end`; nullopt if the line is no such line.
std::optional<std::string_view> between(std::string_view line, std::string_view begin, std::string_view end = "") {
  if (!line.starts_with(begin) || !line.ends_with(end) || line.size() < begin.size() + end.size()) return std::nullopt;
  return line.substr(begin.size(), line.size() - begin.size() - end.size());
}

template <class Number>
std::optional<Number> number_in(std::string_view text, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The number behind `begin` in the first line that has one.
std::optional<std::int64_t> number_after(const std::vector<std::string>& lines, std::string_view begin, int base = 10) {
  for (const std::string& line : lines) {
    const auto text = between(line, begin);
    if (const auto value = text ? number_in<std::int64_t>(*text, base) : std::nullopt) return value;
  }
  return std::nullopt;
}

Ending senseless(std::string_view command, std::string_view what) {
  return {Outcome::invalid_output, fmt::format("the device's answer to '{}' {}", command, what)};
}

std::vector<double> numbers_of(std::string_view list) {
  std::vector<double> numbers;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    numbers.push_back(std::strtod(std::string(list.substr(0, comma)).c_str(), nullptr));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return numbers;
}

}  // namespace

DeviceLink::DeviceLink(int line, std::function<std::optional<Ending>()> why_gone, const Elf* elf) : line_(line), why_gone_(std::move(why_gone)), elf_(elf) {}

Ending DeviceLink::gone(const std::string& command) {
  // What a dying process leaves behind takes a moment to be known.
  for (int i = 0; why_gone_ && i < 20; ++i) {
    if (const auto why = why_gone_()) return *why;
    ::usleep(10'000);
  }
  return {Outcome::crashed, fmt::format("the line is gone (during '{}'): the board was unplugged, or began anew", command)};
}

Ending DeviceLink::write(std::string_view text, double deadline_s) {
  const std::string command(text);
  while (!text.empty()) {
    const ssize_t wrote = ::write(line_, text.data(), text.size());
    if (wrote > 0) {
      text.remove_prefix(static_cast<std::size_t>(wrote));
    } else if (wrote < 0 && (errno == EAGAIN || errno == EINTR)) {
      pollfd waiting{line_, POLLOUT, 0};
      const double left = deadline_s - now_s();
      if (left <= 0) return {Outcome::timed_out, fmt::format("the device doesn't take '{}'", command)};
      ::poll(&waiting, 1, std::max(1, static_cast<int>(left * 1000)));
    } else {
      return gone(command);
    }
  }
  return {};
}

DeviceLink::Line DeviceLink::read_line(double deadline_s, const std::string& command) {
  for (;;) {
    if (const std::size_t newline = buffer_.find('\n'); newline != std::string::npos) {
      std::string line = buffer_.substr(0, newline);
      buffer_.erase(0, newline + 1);
      while (!line.empty() && line.back() == '\r') line.pop_back();
      return {std::move(line), {}};
    }
    if (buffer_.size() > kLongestLine) {
      buffer_.clear();
      return {"", senseless(command, fmt::format("has a line of more than {} characters", kLongestLine))};
    }
    const double left = deadline_s - now_s();
    if (left <= 0) {
      return {"", {Outcome::timed_out, fmt::format("the device didn't answer '{}' in time{}", command, buffer_.empty() ? "" : ", or only half")}};
    }
    pollfd waiting{line_, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, std::max(1, static_cast<int>(std::min(left, kLookedAfter_s) * 1000)));
    if (ready < 0 && errno != EINTR) return {"", gone(command)};
    if (ready == 0 && why_gone_) {
      const auto why = why_gone_();
      if (why && ::poll(&waiting, 1, 0) <= 0) return {"", *why};  // its last words may have come meanwhile
    }
    if (ready <= 0) continue;
    char piece[4096];
    const ssize_t got = ::read(line_, piece, sizeof piece);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) return {"", gone(command)};  // a pty whose other end is closed reads EIO, a tty that is unplugged 0
    buffer_.append(piece, static_cast<std::size_t>(got));
  }
}

Reply<std::vector<std::string>> DeviceLink::read_reply(const std::string& command, double deadline_s) {
  std::vector<std::string> lines;
  std::optional<std::string> refused;
  for (;;) {
    Line line = read_line(deadline_s, command);
    if (!line.ending.ok()) return {std::nullopt, line.ending};
    if (const auto fault = parse_fault(line.text)) return {std::nullopt, {Outcome::crashed, describe(*fault, elf_)}};
    if (line.text == "m-init-done") {
      return {std::nullopt, {Outcome::crashed, fmt::format("the device began anew during '{}': a reset, a watchdog or a dip of its supply", command)}};
    }
    if (line.text == "m-ready") break;
    if (const auto why = between(line.text, "e-[", "]"); why && *why != "fault") refused = printable(*why);
    if (line.text.starts_with("m-") || line.text.starts_with("assay-")) {
      lines.push_back(std::move(line.text));
    } else if (!line.text.empty()) {
      fmt::print(stderr, "device: {}\n", printable(line.text));  // for the log; what isn't of the protocol is nobody's
    }
  }
  if (refused) return {std::nullopt, {Outcome::invalid_output, fmt::format("the device refuses '{}': {}", command, *refused)}};
  return {std::move(lines), {}};
}

Reply<std::vector<std::string>> DeviceLink::command(std::string_view text, double limit_s) {
  const double deadline_s = now_s() + limit_s;
  if (const Ending ending = write(fmt::format("{}%", text), deadline_s); !ending.ok()) return {std::nullopt, ending};
  return read_reply(std::string(text.substr(0, 24)), deadline_s);
}

Reply<Device> DeviceLink::hello() {
  Ending last;
  for (int i = 0; i < kHelloTries; ++i) {
    // The first sign ends what may be half a command; its m-ready, a banner or garbage come before the name.
    const double deadline_s = now_s() + kHelloLimit_s;
    if (last = write("%name%", deadline_s); !last.ok()) return {std::nullopt, last};
    device_ = {};
    for (;;) {
      const Line line = read_line(deadline_s, "name");
      if (!(last = line.ending).ok()) break;
      if (const auto fault = parse_fault(line.text)) return {std::nullopt, {Outcome::crashed, describe(*fault, elf_)}};
      if (const auto name = between(line.text, "m-name-", "]")) device_.name = printable(name->substr(std::min(name->find('[') + 1, name->size())));
      if (line.text == "m-ready" && !device_.name.empty()) break;
    }
    if (last.outcome == Outcome::crashed) return {std::nullopt, last};
    if (!last.ok()) continue;
    // An answer to a name% of before; of a board that prints without end, what it prints until the deadline.
    while (now_s() < deadline_s && read_line(now_s() + kQuiet_s, "name").ending.ok()) {
    }
    buffer_.clear();
    const auto profile = command("profile", kCommandLimit_s);
    if (!(last = profile.ending).ok()) continue;
    for (const std::string& line : *profile.value) {
      if (const auto model = between(line, "m-model-[", "]")) device_.model = printable(*model);
    }
    const auto own = command("assay", kCommandLimit_s);
    if (!own.ok()) {
      if (own.ending.outcome == Outcome::invalid_output) return {device_, {}};  // a plain MLPerf Tiny firmware
      last = own.ending;
      continue;
    }
    device_.speaks_ours = number_after(*own.value, "assay-protocol-") == 1;
    device_.input_bytes = number_after(*own.value, "assay-input-").value_or(0);
    device_.output_bytes = number_after(*own.value, "assay-output-bytes-").value_or(0);
    device_.window_bytes = number_after(*own.value, "assay-window-").value_or(0);
    device_.line = number_after(*own.value, "assay-line-").value_or(device_.line);
    for (const std::string& line : *own.value) {
      if (const auto unit = between(line, "assay-unit-")) device_.unit = *unit;
    }
    return {device_, {}};
  }
  if (last.outcome == Outcome::timed_out) {
    last.reason = "nothing that speaks MLPerf Tiny's protocol answers on the line → is the firmware on the board, and the port the right one?";
  }
  return {std::nullopt, last};
}

Reply<Done> DeviceLink::load(std::span<const std::uint8_t> bytes) {
  const std::size_t bytes_a_line = static_cast<std::size_t>(std::max<std::int64_t>(2, device_.line - 8)) / 2;
  Ending last;
  for (int i = 0; i < kTransferTries; ++i) {
    const auto begun = command(fmt::format("db load {}", bytes.size()), kCommandLimit_s);
    last = begun.ending;
    bool is_done = false;
    for (std::size_t at = 0; last.ok() && at < bytes.size(); at += bytes_a_line) {
      std::string text = "db ";
      for (const std::uint8_t byte : bytes.subspan(at, std::min(bytes_a_line, bytes.size() - at))) text += fmt::format("{:02x}", byte);
      const auto taken = command(text, kCommandLimit_s);
      last = taken.ending;
      if (taken.ok()) is_done = std::find(taken.value->begin(), taken.value->end(), "m-load-done") != taken.value->end();
    }
    if (last.ok() && !is_done) last = senseless("db", "has no m-load-done at its end");
    if (last.ok() && device_.speaks_ours) {
      const auto crc = command("assay crc", kCommandLimit_s);
      last = crc.ending;
      if (crc.ok() && number_after(*crc.value, "assay-crc-", 16) != std::int64_t{crc32(bytes)}) last = senseless("db", "is that of other bytes than were sent, by their CRC");
    }
    if (last.ok()) return {Done{}, {}};
    if (last.outcome == Outcome::crashed) break;
    if (const auto again = hello(); !again.ok()) return {std::nullopt, again.ending};
  }
  return {std::nullopt, last};
}

Reply<Done> DeviceLink::take(std::int64_t i) {
  const auto lines = command(fmt::format("assay take {}", i), kCommandLimit_s);
  return lines.ok() ? Reply<Done>{Done{}, {}} : Reply<Done>{std::nullopt, lines.ending};
}

Reply<Done> DeviceLink::set(std::string_view name, std::int64_t value) {
  const auto lines = command(fmt::format("assay set {} {}", name, value), kCommandLimit_s);
  return lines.ok() ? Reply<Done>{Done{}, {}} : Reply<Done>{std::nullopt, lines.ending};
}

Reply<Inference> DeviceLink::infer(std::int64_t iterations, std::int64_t warmup, double limit_s) {
  const std::string text = fmt::format("infer {} {}", iterations, warmup);
  const auto lines = command(text, limit_s);
  if (!lines.ok()) return {std::nullopt, lines.ending};
  Inference inference;
  std::vector<double> laps;
  bool is_done = false;
  results_.clear();
  for (const std::string& line : *lines.value) {
    if (const auto lap = between(line, "m-lap-us-")) laps.push_back(number_in<std::uint32_t>(*lap) ? static_cast<double>(*number_in<std::uint32_t>(*lap)) : -1);
    if (const auto list = between(line, "m-results-[", "]")) results_ = numbers_of(*list);
    is_done = is_done || line == "m-infer-done";
  }
  if (!is_done || laps.size() != 2 || std::min(laps[0], laps[1]) < 0) return {std::nullopt, senseless(text, "has not two time stamps and an m-infer-done")};
  inference.microseconds = laps[1] >= laps[0] ? laps[1] - laps[0] : laps[1] - laps[0] + 0x1p32;  // its clock goes round
  if (device_.unit.empty()) return {inference, {}};
  const auto count = number_after(*lines.value, fmt::format("assay-{}-", device_.unit)), least = number_after(*lines.value, "assay-least-"), most = number_after(*lines.value, "assay-most-");
  const Ending no_sense = senseless(text, fmt::format("has no count of {} that makes sense", device_.unit));
  if (!count || !least || !most || *least < 0) return {std::nullopt, no_sense};
  inference.count = static_cast<double>(*count);
  inference.least = static_cast<double>(*least);
  inference.most = static_cast<double>(*most);
  const double n = static_cast<double>(iterations);
  if (inference.count < n * inference.least || inference.count > n * inference.most) return {std::nullopt, no_sense};
  return {inference, {}};
}

Reply<std::vector<std::uint8_t>> DeviceLink::output() {
  Ending last;
  for (int i = 0; i < kTransferTries; ++i) {
    const auto lines = command("assay output", kCommandLimit_s);
    if (!lines.ok()) return {std::nullopt, lines.ending};
    std::vector<std::uint8_t> bytes;
    for (const std::string& line : *lines.value) {
      auto digits = between(line, "assay-output-");
      for (; digits && digits->size() >= 2; digits->remove_prefix(2)) {
        if (const auto byte = number_in<std::uint8_t>(digits->substr(0, 2), 16)) bytes.push_back(*byte);
      }
    }
    if (static_cast<std::int64_t>(bytes.size()) == device_.output_bytes && number_after(*lines.value, "assay-crc-", 16) == std::int64_t{crc32(bytes)}) return {std::move(bytes), {}};
    last = senseless("assay output", "disagrees with its CRC");
  }
  return {std::nullopt, last};
}

Reply<std::uint32_t> DeviceLink::output_crc() {
  const auto lines = command("assay output crc", kCommandLimit_s);
  if (!lines.ok()) return {std::nullopt, lines.ending};
  const auto crc = number_after(*lines.value, "assay-crc-", 16);
  if (!crc) return {std::nullopt, senseless("assay output crc", "has no CRC")};
  return {static_cast<std::uint32_t>(*crc), {}};
}

Reply<std::int64_t> DeviceLink::stack(double limit_s) {
  const auto lines = command("assay stack", limit_s);
  if (!lines.ok()) return {std::nullopt, lines.ending};
  const auto bytes = number_after(*lines.value, "assay-stack-");
  if (!bytes) return {std::nullopt, {Outcome::unsupported, "this board doesn't know where its stack ends"}};
  return {*bytes, {}};
}

Reply<std::vector<BatchAnswer>> DeviceLink::batch(std::int64_t first, std::int64_t count, double limit_s) {
  const std::string text = fmt::format("assay batch {} {}", first, count);
  const auto lines = command(text, limit_s);
  if (!lines.ok()) return {std::nullopt, lines.ending};
  std::vector<BatchAnswer> answers;
  for (const std::string& line : *lines.value) {
    auto list = between(line, "assay-answers-");
    while (list && !list->empty()) {
      const std::string_view one = list->substr(0, list->find(','));
      list->remove_prefix(std::min(one.size() + 1, list->size()));
      const std::size_t colon = std::min(one.find(':'), one.size());
      const auto answer = number_in<int>(one.substr(0, colon));
      const auto crc = number_in<std::uint32_t>(one.substr(std::min(colon + 1, one.size())), 16);
      if (!answer || !crc) return {std::nullopt, senseless(text, fmt::format("has '{}' in it", printable(one)))};
      answers.push_back({*answer, *crc});
    }
  }
  if (static_cast<std::int64_t>(answers.size()) != count) return {std::nullopt, senseless(text, fmt::format("has {} answers", answers.size()))};
  return {std::move(answers), {}};
}

}  // namespace assay::mcu
