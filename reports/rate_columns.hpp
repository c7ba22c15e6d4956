// How fast the work went, and against which limit: columns that tables of time share.
#pragma once

#include <string>
#include <vector>

#include "reports/tables.hpp"

namespace assay::reports {

/// Of a table with these cells: only columns of which some cell has a number are there.
class RateColumns {
public:
  RateColumns(const Report& report, const std::vector<const Cell*>& cells);

  void add_rate_titles(std::vector<TextColumn>& columns) const;
  void add_rates(const Cell& cell, std::vector<TextCell>& cells) const;

  /// "% of peak" where floating point bounds every row, else "% of bound".
  void add_share_title(std::vector<TextColumn>& columns) const;
  void add_share(const Cell& cell, std::vector<TextCell>& cells, Footnotes& footnotes) const;

  /// " Peak: the FMA loop in the same rounds, 102 GFLOP/s [101, 103]."; or nothing.
  std::string caption() const;

private:
  const Report& report_;
  std::string items_;  // "images": a column of its own where iterations differ in how many they have
  bool flop_ = false, bytes_ = false, share_ = false, memory_bound_ = false;
};

}  // namespace assay::reports
