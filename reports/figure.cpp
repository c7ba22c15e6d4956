#include "reports/figure.hpp"

namespace assay::reports {

std::span<const FigureKind> figure_kinds() {
  static constexpr FigureKind kKinds[] = {
#define FIGURE_KIND(name) {#name, name##_figure},
#include "reports/figure_kinds.def"
#undef FIGURE_KIND
  };
  return kKinds;
}

std::vector<Figure> figures_of(const Report& report) {
  std::vector<Figure> figures;
  for (const FigureKind& kind : figure_kinds()) {
    if (auto figure = kind.make(report)) figures.push_back(*std::move(figure));
  }
  return figures;
}

}  // namespace assay::reports
