#include "hardware/mcu/elf.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace assay::mcu {

namespace {

constexpr std::uint16_t kArm = 40;       // e_machine
constexpr std::uint32_t kLoad = 1;       // p_type
constexpr std::uint32_t kSymbols = 2;    // sh_type
constexpr unsigned kObject = 1, kFunction = 2;
constexpr std::uint16_t kUndefined = 0;  // st_shndx

/// Little-endian numbers at offsets, nullopt beyond the end.
class Reader {
 public:
  explicit Reader(const std::string& bytes) : bytes_(bytes) {}
  std::optional<std::uint32_t> number(std::uint64_t offset, unsigned size) const {
    if (offset + size > bytes_.size()) return std::nullopt;
    std::uint32_t value = 0;
    for (unsigned i = 0; i < size; ++i) value |= std::uint32_t{static_cast<unsigned char>(bytes_[offset + i])} << 8 * i;
    return value;
  }
  /// Of a field that an earlier look has shown to be there, or 0.
  std::uint32_t u32(std::uint64_t offset) const { return number(offset, 4).value_or(0); }
  std::uint16_t u16(std::uint64_t offset) const { return static_cast<std::uint16_t>(number(offset, 2).value_or(0)); }
  std::string text(std::uint64_t offset) const {
    const std::size_t end = offset < bytes_.size() ? bytes_.find('\0', offset) : std::string::npos;
    return end == std::string::npos ? "" : bytes_.substr(offset, end - offset);
  }

 private:
  const std::string& bytes_;
};

}  // namespace

Result<Elf> Elf::load(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (!in || std::filesystem::is_directory(file)) return Error{fmt::format("{}: can't be read", file.string())};
  return parse(bytes.str(), file.string());
}

Result<Elf> Elf::parse(std::string bytes, const std::string& name) {
  Elf elf;
  elf.bytes_ = std::move(bytes);
  const Reader read(elf.bytes_);
  if (!elf.bytes_.starts_with("\177ELF")) return Error{fmt::format("{}: is no ELF file", name)};
  if (elf.bytes_.size() < 52 || elf.bytes_[4] != 1 || elf.bytes_[5] != 1 || read.u16(18) != kArm) {
    return Error{fmt::format("{}: is no firmware for a 32-bit little-endian Arm", name)};
  }
  const Error short_file{fmt::format("{}: is cut short", name)};
  const std::uint32_t programs = read.u32(28), sections = read.u32(32);
  for (unsigned i = 0; i < read.u16(44); ++i) {
    const std::uint64_t at = std::uint64_t{programs} + std::uint64_t{i} * read.u16(42);
    if (!read.number(at + 28, 4)) return short_file;
    const Segment segment{read.u32(at + 12), read.u32(at + 4), read.u32(at + 16)};
    if (read.u32(at) != kLoad || segment.bytes == 0) continue;
    if (std::uint64_t{segment.offset} + segment.bytes > elf.bytes_.size()) return short_file;
    elf.segments_.push_back(segment);
  }
  const unsigned section_bytes = read.u16(46);
  for (unsigned i = 0; i < read.u16(48); ++i) {
    const std::uint64_t at = std::uint64_t{sections} + std::uint64_t{i} * section_bytes;
    if (!read.number(at + 36, 4)) return short_file;
    if (read.u32(at + 4) != kSymbols) continue;
    const std::uint32_t offset = read.u32(at + 16), bytes_of_all = read.u32(at + 20), names = read.u32(at + 24);
    const std::uint32_t texts = read.u32(std::uint64_t{sections} + std::uint64_t{names} * section_bytes + 16);
    if (std::uint64_t{offset} + bytes_of_all > elf.bytes_.size()) return short_file;
    for (std::uint64_t s = offset; s + 16 <= std::uint64_t{offset} + bytes_of_all; s += 16) {
      Symbol symbol{read.text(std::uint64_t{texts} + read.u32(s)), read.u32(s + 4), read.u32(s + 8)};
      const unsigned type = static_cast<unsigned char>(elf.bytes_[s + 12]) & 15U;
      symbol.is_function = type == kFunction;
      symbol.is_object = type == kObject;
      if (symbol.is_function) symbol.value &= ~1U;
      if (read.u16(s + 14) != kUndefined && !symbol.name.empty()) elf.symbols_.push_back(std::move(symbol));
    }
  }
  return elf;
}

const Elf::Symbol* Elf::symbol(std::string_view name) const {
  for (const Symbol& symbol : symbols_) {
    if (symbol.name == name) return &symbol;
  }
  return nullptr;
}

std::string Elf::function_at(std::uint32_t address) const {
  for (const Symbol& symbol : symbols_) {
    if (symbol.is_function && address >= symbol.value && address - symbol.value < symbol.size) return symbol.name;
  }
  return "";
}

std::optional<std::uint16_t> Elf::halfword(std::uint32_t address) const {
  for (const Segment& segment : segments_) {
    if (address < segment.address || std::uint64_t{address - segment.address} + 2 > segment.bytes) continue;
    return static_cast<std::uint16_t>(Reader(bytes_).u16(std::uint64_t{segment.offset} + (address - segment.address)));
  }
  return std::nullopt;
}

}  // namespace assay::mcu
