#include "reference_models/lenet5/classifier.hpp"

#include <fmt/format.h>

namespace lenet5 {

assay::Result<assay::Done> full_network_only(const char* implementation, const Sizes& sizes) {
  if (sizes == Sizes{}) return assay::Done{};
  const auto said = [](const Sizes& s) { return fmt::format("{} and {} maps, {} and {} hidden values", s.maps1, s.maps2, s.hidden1, s.hidden2); };
  return assay::Error{fmt::format("{} computes only the full LeNet-5, of {}; these weights have {}: take libtorch, or weights of width 1", implementation,
                                  said(Sizes{}), said(sizes))};
}

}  // namespace lenet5
