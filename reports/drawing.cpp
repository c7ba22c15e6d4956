#include "reports/drawing.hpp"

#include "reports/program.hpp"

namespace assay::reports {

Result<Done> draw(const Figure& figure, const std::filesystem::path& folder) {
  const auto drawn = run_program(
      {"gnuplot", figure.name + ".gp"}, folder,
      "install it (sudo apt install gnuplot-nox, or scripts/bootstrap documents) and run assay report again");
  if (!drawn) return drawn.error();
  return Done{};
}

}  // namespace assay::reports
