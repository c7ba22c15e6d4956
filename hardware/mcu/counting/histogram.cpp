#include "hardware/mcu/counting/histogram.hpp"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>

namespace assay::mcu {

namespace {

/// All of `text` as a number: no sign, no blank, nothing behind it.
template <class Number>
bool read_number(std::string_view text, Number& number, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

/// `text` at its blanks; exactly N words, or none.
template <std::size_t N>
std::optional<std::array<std::string_view, N>> words_of(std::string_view text) {
  std::array<std::string_view, N> words;
  for (std::size_t i = 0; i < N; ++i) {
    const std::size_t blank = text.find(' ');
    if ((blank == std::string_view::npos) != (i + 1 == N)) return std::nullopt;
    words[i] = text.substr(0, blank);
    if (blank != std::string_view::npos) text.remove_prefix(blank + 1);
  }
  return words;
}

/// Reads a file's text line by line.
class Reader {
 public:
  Reader(std::string_view text, const FetchHalfword& fetch, std::string_view name) : rest_(text), fetch_(fetch), name_(name) {}

  Result<std::vector<Window>> windows() {
    std::vector<Window> windows;
    while (!rest_.empty()) {
      Result<Window> next = window(windows.size() + 1);
      if (!next) return next.error();
      windows.push_back(*std::move(next));
    }
    return windows;
  }

 private:
  Error wrong(std::string_view what) const {
    return {fmt::format("{}:{}: {}; count again, with the program whose instructions are given here", name_, number_, what)};
  }

  /// None if the text ends before a line feed.
  std::optional<std::string_view> line() {
    const std::size_t feed = rest_.find('\n');
    ++number_;
    if (feed == std::string_view::npos) return std::nullopt;
    const std::string_view found = rest_.substr(0, feed);
    rest_.remove_prefix(feed + 1);
    return found;
  }

  Result<Window> window(std::size_t expected_number) {
    const auto header = line();
    const auto words = header ? words_of<4>(*header) : std::nullopt;
    Window window;
    std::size_t number = 0;
    if (!words || (*words)[0] != "window" || (*words)[2] != "instructions" || !read_number((*words)[1], number, 10) ||
        !read_number((*words)[3], window.instructions, 10)) {
      return wrong("'window N instructions M' is expected");
    }
    if (number != expected_number) return wrong(fmt::format("window {} is expected, not {}", expected_number, number));
    std::uint64_t sum = 0;
    int covered = 0;              // instructions that the last IT still makes conditional
    std::uint64_t behind = 0;     // the address behind the last line
    while (true) {
      const auto text = line();
      if (!text) return wrong("the file ends within a window, so the emulator was stopped there");
      if (*text == "end") break;
      Result<Line> next = counted(*text);
      if (!next) return next.error();
      if (next->address < behind) return wrong("addresses must ascend");
      if (next->address != behind) covered = 0;
      behind = std::uint64_t{next->address} + static_cast<std::uint64_t>(next->instruction.bytes);
      next->conditional = covered > 0;
      covered = next->instruction.kind == Class::it ? next->instruction.covers : covered > 0 ? covered - 1 : 0;
      sum += next->executions;
      window.lines.push_back(*next);
    }
    if (sum != window.instructions) {
      return wrong(fmt::format("the lines of window {} add up to {} instructions, not {}", number, sum, window.instructions));
    }
    return window;
  }

  Result<Line> counted(std::string_view text) {
    const auto words = words_of<5>(text);
    Line line;
    int bytes = 0;
    if (!words || !read_number((*words)[0], line.address, 16) || !read_number((*words)[1], bytes, 10) ||
        !read_number((*words)[2], line.executions, 10) || !read_number((*words)[3], line.taken, 10) ||
        !read_number((*words)[4], line.flash_loads, 10)) {
      return wrong("'address size executions taken flash_loads' or 'end' is expected");
    }
    if (line.executions == 0 || line.taken > line.executions) {
      return wrong("an instruction is taken at most as often as executed, and that at least once");
    }
    const auto first = line.address % 2 == 0 ? fetch_(line.address) : std::nullopt;
    const auto second = bytes == 4 ? fetch_(line.address + 2) : std::optional<std::uint16_t>(0);
    if (!first || !second) return wrong(fmt::format("the program has no instruction at 0x{:08x}", line.address));
    line.instruction = decode(*first, *second);
    if (line.instruction.bytes != bytes || line.instruction.kind == Class::undefined) {
      const bool none = line.instruction.kind == Class::undefined;
      return wrong(fmt::format("at 0x{:08x} {} bytes were executed, but the program has {} there", line.address, bytes,
                               none ? "no instruction of a Cortex-M4" : "another instruction"));
    }
    return line;
  }

  std::string_view rest_;
  const FetchHalfword& fetch_;
  std::string_view name_;
  int number_ = 0;
};

}  // namespace

FetchHalfword halfwords_of(std::span<const std::byte> image, std::uint32_t origin) {
  return [image, origin](std::uint32_t address) -> std::optional<std::uint16_t> {
    const std::uint64_t at = std::uint64_t{address} - origin;
    if (address < origin || at + 2 > image.size()) return std::nullopt;
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(image[at]) | std::to_integer<unsigned>(image[at + 1]) << 8);
  };
}

Totals total_of(const Window& window) {
  Totals totals;
  for (const Line& line : window.lines) {
    totals.instructions += line.executions;
    totals.flash_loads += line.flash_loads;
    totals.by_class[static_cast<std::size_t>(line.instruction.kind)] += line.executions;
    switch (line.instruction.kind) {
      case Class::load: case Class::load_multiple: case Class::fp_load: totals.loads += line.executions; break;
      case Class::store: case Class::store_multiple: case Class::fp_store: totals.stores += line.executions; break;
      case Class::multiply: totals.multiplies += line.executions; break;
      case Class::fp_arithmetic: case Class::fp_multiply_accumulate: case Class::fp_divide_sqrt:
        totals.fp += line.executions;
        break;
      case Class::branch:
        totals.branches += line.executions;
        totals.branches_taken += line.taken;
        if (line.instruction.registers > 0) totals.loads += line.executions;
        break;
      default: break;
    }
    if (line.instruction.kind != Class::branch) totals.exceptions += line.taken;
  }
  return totals;
}

Result<std::vector<Window>> parse_windows(std::string_view text, const FetchHalfword& fetch, std::string_view name) {
  return Reader(text, fetch, name).windows();
}

Result<std::vector<Window>> read_windows(const std::filesystem::path& file, const FetchHalfword& fetch) {
  std::ifstream stream(file, std::ios::binary);
  std::error_code unknown;
  if (!std::filesystem::is_regular_file(file, unknown) || !stream) {
    return Error{fmt::format("{}: can't be read; did the emulator run with count_plugin, out= this file?", file.string())};
  }
  std::ostringstream text;
  text << stream.rdbuf();
  return parse_windows(text.str(), fetch, file.string());
}

}  // namespace assay::mcu
