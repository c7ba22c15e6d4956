#include "reports/pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "harness/core/ascii.hpp"
#include "harness/record/run_folder.hpp"
#include "reports/program.hpp"

namespace assay::reports {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargest = 16ULL << 20;  // of one picture in bytes
constexpr std::size_t kMost = 500;                // pictures of a document
constexpr std::uint64_t kMostPixels = 50'000'000;
constexpr const char* kPython = "install it (sudo apt install python3) and run assay report again";
constexpr const char* kPoppler =
    "install it (sudo apt install poppler-utils, or scripts/bootstrap documents) and run assay report again";

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// "my%20figure.svg" → "my figure.svg": pandoc writes sources as URLs.
std::string decoded(const std::string& url) {
  std::string text;
  for (std::size_t i = 0; i < url.size(); ++i) {
    const int high = url[i] == '%' && i + 2 < url.size() ? hex_value(url[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_value(url[i + 2]);
    if (low < 0) {
      text += url[i];
    } else {
      text += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return text;
}

std::uint64_t big_endian(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value * 256 + static_cast<unsigned char>(bytes[at + i]);
  return value;
}

std::optional<std::uint64_t> png_pixels(std::string_view bytes) {
  if (!bytes.starts_with("\x89PNG\r\n\x1a\n") || bytes.size() < 33 || bytes.substr(12, 4) != "IHDR")
    return {};
  return big_endian(bytes, 16, 4) * big_endian(bytes, 20, 4);
}

/// From its frame header (ITU T.81, B.2.2).
std::optional<std::uint64_t> jpeg_pixels(std::string_view bytes) {
  if (!bytes.starts_with("\xff\xd8\xff")) return {};
  for (std::size_t at = 2; at + 9 < bytes.size();) {
    if (bytes[at] != '\xff') return {};
    const auto marker = static_cast<unsigned char>(bytes[at + 1]);
    if (marker == 0xff) {
      ++at;
    } else if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) {
      return big_endian(bytes, at + 5, 2) * big_endian(bytes, at + 7, 2);
    } else {
      at += 2 + static_cast<std::size_t>(big_endian(bytes, at + 2, 2));
    }
  }
  return {};
}

/// What the file's bytes are; ".svg" is for svg.py to say.
std::optional<std::string> kind_of(std::string extension, std::string_view bytes, std::string& reason) {
  extension = lower_case(extension);
  if (extension == ".svg") return extension;
  if (extension == ".pdf") {
    if (bytes.starts_with("%PDF-")) return extension;
  } else if (extension == ".png" || extension == ".jpg" || extension == ".jpeg") {
    const auto pixels = extension == ".png" ? png_pixels(bytes) : jpeg_pixels(bytes);
    if (pixels && *pixels > 0 && *pixels <= kMostPixels) return extension == ".jpeg" ? ".jpg" : extension;
    if (pixels) reason = fmt::format("it has {} pixels; at most {} are shown", *pixels, kMostPixels);
  } else {
    reason = "pictures are .svg, .png, .jpg or .pdf";
  }
  if (reason.empty()) reason = fmt::format("its bytes are no {}", extension.substr(1));
  return std::nullopt;
}

class Staging {
public:
  Staging(const fs::path& folder, const fs::path& work, const fs::path& templates_folder)
      : folder_(folder), work_(work), templates_folder_(templates_folder) {}

  Pictures stage(const std::vector<std::string>& sources) {
    for (const std::string& source : sources) {
      const auto done =
          pictures_.names.size() < kMost ? copy(source) : Result<Done>(Error{"a document shows at most 500"});
      if (!done) leave_out(source, done.error().message);
    }
    clean_drawings();
    return std::move(pictures_);
  }

private:
  void leave_out(const std::string& source, const std::string& why) {
    pictures_.names.erase(source);
    pictures_.notices.push_back(fmt::format("picture {} is left out: {}", source, why));
  }

  Result<Done> copy(const std::string& source) {
    const auto file = path_below(folder_, source);
    if (!file) return file.error();
    const auto bytes = record::read_file(*file, kLargest);
    if (!bytes) return bytes.error();
    std::string reason;
    const auto kind = kind_of(file->extension().string(), *bytes, reason);
    if (!kind) return Error{reason};
    const std::string stem = fmt::format("picture-{}", ++count_);
    const bool drawing = *kind == ".svg" || *kind == ".pdf";
    const std::string name = stem + (drawing ? ".raw" : "") + *kind;
    if (const auto done = record::write_atomically(work_ / name, *bytes); !done) return done.error();
    if (*kind == ".pdf") {
      const auto drawn = run_program({"pdftocairo", "-svg", "-f", "1", "-l", "1", name, stem + ".raw.svg"},
                                     work_, kPoppler, std::chrono::minutes(1));
      if (!drawn) return drawn.error();
    }
    if (drawing) drawings_.push_back({source, stem});
    pictures_.names[source] = stem + (drawing ? ".svg" : *kind);
    return Done{};
  }

  /// One call of Python for all.
  void clean_drawings() {
    if (drawings_.empty()) return;
    std::vector<std::string> words{"python3", (fs::absolute(templates_folder_) / "svg.py").string()};
    for (const Drawing& drawing : drawings_)
      words.insert(words.end(), {drawing.stem + ".raw.svg", drawing.stem + ".svg"});
    const auto said = run_program(words, work_, kPython);
    for (const Drawing& drawing : drawings_) {
      std::error_code ignored;
      const bool kept = said && fs::exists(work_ / (drawing.stem + ".svg"), ignored);
      const std::string line = said ? line_about(*said, drawing.stem) : "";
      if (!kept)
        leave_out(drawing.source, !said ? said.error().message : line.empty() ? "it is no SVG" : line);
      else if (!line.empty())
        pictures_.notices.push_back(fmt::format("picture {}: {}", drawing.source, line));
    }
  }

  /// svg.py says "picture-1.raw.svg: what it took out, or why it refused the file".
  static std::string line_about(const std::string& said, const std::string& stem) {
    const std::string start = stem + ".raw.svg: ";
    const std::size_t at = said.starts_with(start) ? 0 : said.find("\n" + start);
    if (at == std::string::npos) return "";
    const std::size_t begin = at + (at > 0 ? 1 : 0) + start.size();
    return said.substr(begin, said.find('\n', begin) - begin);
  }

  struct Drawing {
    std::string source, stem;
  };
  const fs::path &folder_, &work_, &templates_folder_;
  Pictures pictures_;
  std::vector<Drawing> drawings_;
  int count_ = 0;
};

}  // namespace

Result<fs::path> path_below(const fs::path& folder, const std::string& source) {
  const std::string name = decoded(source);
  const std::size_t colon = name.find(':');
  if (name.empty() || name.front() == '/' || name.front() == '\\' || name.find('\0') != std::string::npos ||
      (colon != std::string::npos && colon < name.find('/')))
    return Error{"it takes a relative path of a file below the document's folder"};
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  if (error) return Error{error.message()};
  const fs::path file = fs::canonical(folder / name, error);
  if (error) return Error{"there is no such file"};
  const auto [end, ignored] = std::mismatch(root.begin(), root.end(), file.begin(), file.end());
  if (end != root.end()) return Error{"it isn't below the document's folder"};
  if (!fs::is_regular_file(file, error)) return Error{"it is no regular file"};
  return file;
}

Pictures stage_pictures(const std::vector<std::string>& sources, const fs::path& folder, const fs::path& work,
                        const fs::path& templates_folder) {
  return Staging(folder, work, templates_folder).stage(sources);
}

Result<Done> draw_as_png(const Pictures& pictures, const fs::path& work, const fs::path& templates_folder) {
  std::vector<std::string> stems;
  for (const auto& [source, name] : pictures.names)
    if (name.ends_with(".svg")) stems.push_back(name.substr(0, name.size() - 4));
  if (stems.empty()) return Done{};
  std::vector<std::string> words{"python3", (fs::absolute(templates_folder) / "pdf.py").string(),
                                 "--figures"};
  for (const std::string& stem : stems) words.insert(words.end(), {stem + ".svg", stem + ".page.pdf"});
  if (const auto drawn = run_program(words, work, kPython); !drawn) return drawn.error();
  for (const std::string& stem : stems) {
    const auto drawn =
        run_program({"pdftocairo", "-png", "-r", "200", "-singlefile", stem + ".page.pdf", stem}, work,
                    kPoppler, std::chrono::minutes(1));
    if (!drawn) return drawn.error();
  }
  return Done{};
}

}  // namespace assay::reports
