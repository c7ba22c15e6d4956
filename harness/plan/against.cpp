#include "harness/plan/against.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "harness/plan/levels.hpp"
#include "harness/plan/sections.hpp"

namespace assay::plan {

namespace fs = std::filesystem;

namespace {

/// The root of the working tree whose folder `below` is `home`.
fs::path root_of(fs::path home, const fs::path& below) {
  for (const fs::path& part : below.lexically_normal()) {
    if (!part.empty() && part != ".") home = home.parent_path();
  }
  return home;
}

/// A character that may be part of a file's name: next to one a path is another, longer one.
bool in_name(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) || std::string_view("._-+~@%").find(c) != std::string_view::npos;
}

/// `text` has a path of this length at `at`, whole or with more folders below it.
bool is_path_at(const std::string& text, std::size_t at, std::size_t length) {
  const bool begins = at == 0 || !(in_name(text[at - 1]) || text[at - 1] == '/');
  return begins && (at + length == text.size() || !in_name(text[at + length]));
}

}  // namespace

fs::path Against::folder_of(const fs::path& folder, const fs::path& home) const {
  if (tree.empty()) return folder;
  const fs::path relative = folder.lexically_normal().lexically_relative(root_of(home, below));
  if (relative.empty() || *relative.begin() == "..") return folder;
  const fs::path place = (tree / relative).lexically_normal();
  return place.has_filename() ? place : place.parent_path();  // "tree/." is "tree/"
}

std::vector<std::string> Against::words_of(std::vector<std::string> words, const fs::path& home) const {
  if (tree.empty()) {
    for (std::string& word : words) {
      if (word == replaces || word == (home / replaces).lexically_normal().string()) word = program.string();
    }
    return words;
  }
  const std::string from = root_of(home, below).string();
  const std::string to = tree.string();
  if (from == "/") return words;
  for (std::string& word : words) {
    for (std::size_t at = word.find(from); at != std::string::npos; at = word.find(from, at)) {
      if (!is_path_at(word, at, from.size())) {
        at += from.size();
        continue;
      }
      word.replace(at, from.size(), to);
      at += to.size();
    }
  }
  return words;
}

void read_against(const Section& root, Draft& draft) {
  const document::Table* table = root.table("against", "[against]");
  if (!table) return;
  Experiment& e = draft.experiment;
  const int line = root.line_of("against");
  const Section section(
      *table, line, "[against]",
      {"reference", "commit", "head", "changed", "tree", "below", "program", "replaces", "margin"},
      draft.mistakes);
  Against against;
  against.line = line;
  against.reference = section.text("reference", "reference = \"HEAD~1\"").value_or("");
  against.commit = section.text("commit", "commit = \"<40 hexadecimal digits>\"").value_or("");
  against.head = section.text("head", "head = \"<40 hexadecimal digits>\"").value_or("");
  against.changed = section.boolean("changed").value_or(false);
  against.tree = section.text("tree", "tree = \"../reference\"").value_or("");
  against.below = section.text("below", "below = \"bench\"").value_or("");
  against.program = section.text("program", "program = \"../kept/sort\"").value_or("");
  against.replaces = section.text("replaces", "replaces = \"build/sort\"").value_or("");
  against.margin = section.number("margin", between(0, 1), "margin = 0.01");
  if (!draft.mistakes.none()) return;
  if (against.reference.empty() || against.reference == kWorkingTree) {
    draft.mistakes.add(section.line_of("reference"),
                       "[against] has no reference; name what the working tree is compared with, "
                       "e.g. reference = \"HEAD~1\"");
    return;
  }
  const bool stands_in = !against.program.empty() || !against.replaces.empty();
  if (against.tree.empty() != stands_in || against.program.empty() != against.replaces.empty()) {
    draft.mistakes.add(line,
                       "[against] needs either tree, where the reference stands, or program and replaces, "
                       "which say what stands in for "
                       "what");
    return;
  }
  if (against.below.is_absolute() ||
      std::find(against.below.begin(), against.below.end(), "..") != against.below.end()) {
    section.wrong("below", "leads out of the tree",
                  "write the experiment's folder as seen from the root of the tree");
    return;
  }
  const auto names = names_of(e.factors);
  if (std::find(names.begin(), names.end(), kRevision) != names.end() || e.controls.find(kRevision)) {
    draft.mistakes.add(line,
                       "[against] adds the factor 'revision', but the experiment has one of that name; give "
                       "that another name");
    return;
  }

  const std::vector<Level> levels{against.reference, std::string(kWorkingTree)};
  std::vector<Treatment> doubled;
  for (const Treatment& treatment : e.treatments()) {
    for (const Level& level : levels) {
      doubled.push_back(treatment);
      doubled.back().set(kRevision, level);
    }
  }
  if (doubled.size() > kMostTreatments) {
    draft.mistakes.add(
        line, "[against] doubles the treatments, which are then too many; leave some out with [[exclude]]");
    return;
  }
  e.design = Design::list;
  e.listed = std::move(doubled);
  e.excludes.clear();
  e.factors.push_back({kRevision, levels});
  e.baseline = Treatment({{kRevision, against.reference}});
  // One question is asked: whether the working tree is worse. The file's own are another run's.
  e.hypotheses.clear();
  e.table = Table();
  e.peak.reset();
  e.published.clear();
  e.simulate = false;
  e.against = std::move(against);
}

}  // namespace assay::plan
