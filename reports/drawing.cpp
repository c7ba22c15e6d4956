#include "reports/drawing.hpp"

#include <fmt/format.h>

#include "harness/core/hash.hpp"
#include "reports/program.hpp"

namespace assay::reports {

Result<Done> draw(const Figure& figure, const std::filesystem::path& folder) {
  return run_program(
      {"gnuplot", figure.name + ".gp"}, folder,
      "install it (sudo apt install gnuplot-nox, or scripts/bootstrap documents) and run assay report again");
}

namespace {

constexpr std::string_view kOpens = "<!-- assay: figure ";
constexpr std::size_t kDigits = 16;

std::string short_hash(std::string_view text) {
  return sha256_hex(text).substr(0, kDigits);
}

}  // namespace

std::string vouched(const std::string& svg, const Figure& figure) {
  return fmt::format("{}{}{} picture {} -->\n", svg, kOpens, short_hash(figure.csv), short_hash(svg));
}

std::optional<Voucher> voucher_of(std::string_view svg, const Figure& figure) {
  const std::size_t at = svg.rfind(kOpens);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view picture = svg.substr(0, at);
  return Voucher{svg == vouched(std::string(picture), figure) || svg.substr(at + kOpens.size() + kDigits) == fmt::format(" picture {} -->\n", short_hash(picture)),
                 svg.substr(at + kOpens.size()).starts_with(short_hash(figure.csv))};
}

}  // namespace assay::reports
