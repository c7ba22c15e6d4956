// What a program of this folder prints: a Markdown table and one JSON line a row, and exit status 1 if a bound that
// METHODOLOGY states is violated.
//
//     Figures figures("coverage", argc, argv);                   // --short, --out FILE, --help
//     const int draws = figures.trials(10'000, 1'000);
//     figures.add({.method = "paired ratio", .condition = "normal", .rounds = 7, .trials = draws,
//                  .values = {{"lower bound", 0.951}}, .bound = ">= 94 %", .holds = true});
//     return figures.finish();
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/json.hpp"

namespace assay::trust {

struct Row {
  std::string method;
  std::string condition;
  int rounds = 0;
  int trials = 0;
  /// Shares of the trials (0 to 1) or quotients; the same names in every row of a program.
  std::vector<std::pair<std::string, double>> values;
  std::string bound;  // in words; empty: published without one
  std::optional<bool> holds = std::nullopt;
};

class Figures {
public:
  Figures(std::string name, int argc, char** argv) : name_(std::move(name)) {
    for (int i = 1; i < argc; ++i) {
      const std::string_view word = argv[i];
      if (word == "--short") {
        short_ = true;
      } else if (word == "--out" && i + 1 < argc) {
        out_ = argv[++i];
      } else {
        const bool asked = word == "--help";
        std::fprintf(asked ? stdout : stderr,
                     "usage: trust_%s [--short] [--out FILE]\n"
                     "Simulates with fixed seeds and prints a Markdown table, then one JSON line a row (into FILE, if\n"
                     "given). Exit 1 if a stated bound is violated. --short: fewer trials, bounds widened by their error.\n",
                     name_.c_str());
        std::exit(asked ? 0 : 2);
      }
    }
  }

  bool is_short() const { return short_; }
  int trials(int full, int in_short) const { return short_ ? in_short : full; }

  /// Whether `count` of `trials` respects a bound on its probability. A short run grants four standard deviations of
  /// a binomial, a full one `deviations`: none where the method's nominal rate lies well inside the bound, some
  /// where it is the bound itself.
  bool at_least(int count, int trials, double p, double deviations = 0) const {
    return count >= trials * p - granted(trials, p, deviations);
  }
  bool at_most(int count, int trials, double p, double deviations = 0) const {
    return count <= trials * p + granted(trials, p, deviations);
  }

  void add(Row row) {
    failed_ = failed_ || row.holds == false;
    rows_.push_back(std::move(row));
  }

  int finish() const {
    if (rows_.empty()) return 1;
    std::string header = "| method | condition | rounds | trials |";
    std::string rule = "|:---|:---|---:|---:|";
    for (const auto& [name, value] : rows_.front().values) {
      header += fmt::format(" {} |", name);
      rule += "---:|";
    }
    fmt::print("{} bound | holds |\n{}:---|:---|\n", header, rule);
    for (const Row& row : rows_) {
      fmt::print("| {} | {} | {} | {} |", row.method, row.condition, row.rounds > 0 ? std::to_string(row.rounds) : "–",
                 row.trials);
      for (const auto& [name, value] : row.values) fmt::print(" {:.3f} |", value);
      fmt::print(" {} | {} |\n", row.bound.empty() ? "none: published" : row.bound,
                 !row.holds ? "–" : *row.holds ? "yes" : "NO");
    }
    fmt::print("\n");
    std::ofstream file;
    if (!out_.empty()) file.open(out_, std::ios::binary | std::ios::trunc);
    for (const Row& row : rows_) {
      OrderedJson line{{"figure", name_},     {"method", row.method}, {"condition", row.condition},
                       {"rounds", row.rounds}, {"trials", row.trials}, {"short", short_}};
      for (const auto& [name, value] : row.values) line[name] = value;
      line["bound"] = row.bound;
      line["holds"] = row.holds ? OrderedJson(*row.holds) : OrderedJson();
      const std::string text = line.dump() + "\n";
      if (file.is_open()) {
        file << text;
      } else {
        fmt::print("{}", text);
      }
    }
    if (!out_.empty() && !file.flush()) {
      fmt::print(stderr, "trust_{}: {} can't be written; give another --out\n", name_, out_);
      return 2;
    }
    if (failed_) fmt::print(stderr, "trust_{}: a stated bound is violated; the table says which\n", name_);
    return failed_ ? 1 : 0;
  }

private:
  double granted(int trials, double p, double deviations) const {
    return (short_ ? 4 : deviations) * std::sqrt(trials * p * (1 - p));
  }

  std::string name_;
  std::string out_;
  bool short_ = false;
  bool failed_ = false;
  std::vector<Row> rows_;
};

}  // namespace assay::trust
