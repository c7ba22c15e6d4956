// Reading one table of a file: typed, range-checked, and every mistake a sentence with its file and line.
//
//     Section quick(table, line, "[presets.quick]", {"rounds", "budget_s"}, mistakes);   // other keys are
//     mistakes preset.budget_s = quick.number("budget_s", above(0), "budget_s = 60"); if (!mistakes.none())
//     return mistakes.first();
//
// A reader that meets a mistake notes it and goes on with nothing in its place: only the first is told, since
// the later ones may follow from it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.hpp"
#include "harness/plan/document.hpp"

namespace assay::plan {

class Mistakes {
public:
  explicit Mistakes(std::string_view file) : file_(file) {}

  /// `sentence`: what is wrong; what would be right.
  void add(int line, std::string_view sentence);
  bool none() const { return !first_; }
  const Error& first() const { return *first_; }

private:
  std::string file_;
  std::optional<Error> first_;
};

/// An open interval of numbers.
struct Bounds {
  double above = -std::numeric_limits<double>::infinity();
  double below = std::numeric_limits<double>::infinity();
};
inline Bounds above(double low) {
  return {low, std::numeric_limits<double>::infinity()};
}
inline Bounds between(double low, double high) {
  return {low, high};
}

class Section {
public:
  Section(const document::Table& table, int line, std::string title, const std::vector<std::string>& keys,
          Mistakes& mistakes);

  int line() const { return line_; }
  const std::string& title() const { return title_; }
  const document::Entry* find(std::string_view key) const { return table_.find(key); }
  const document::Table* raw() const { return &table_; }
  /// The key's line, or the section's where it is absent.
  int line_of(std::string_view key) const;

  // Each gives nullopt (or nothing) for an absent key, and after noting a mistake. `example` is what would be
  // right.
  std::optional<std::string> text(std::string_view key, std::string_view example) const;
  /// One of `words`.
  std::optional<std::string> word(std::string_view key, const std::vector<std::string>& words) const;
  std::optional<bool> boolean(std::string_view key) const;
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t lowest, std::int64_t highest,
                                      std::string_view example) const;
  std::optional<double> number(std::string_view key, Bounds bounds, std::string_view example) const;
  std::optional<std::vector<std::string>> texts(std::string_view key, std::string_view example) const;
  const document::Table* table(std::string_view key, std::string_view example) const;

  /// Notes "'key' in [title] is …; …".
  void wrong(std::string_view key, std::string_view what, std::string_view right) const;

private:
  const document::Table& table_;
  int line_;
  std::string title_;
  Mistakes& mistakes_;
};

/// Letters, digits, '_', '-' (and '.' where `dots`), a letter or digit (a letter or '_' without `dots`)
/// first, at most 100 of them: names become placeholders, folders and columns.
bool is_plain_name(std::string_view name, bool dots);

}  // namespace assay::plan
