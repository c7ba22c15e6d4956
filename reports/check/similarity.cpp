#include "reports/check/similarity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "harness/core/hash.hpp"
#include "harness/record/block_line.hpp"
#include "harness/record/lines.hpp"
#include "reports/check/plain_text.hpp"

namespace assay::reports::check {

namespace {

constexpr std::size_t kShortHash = 16;
constexpr std::uintmax_t kLargestHashed = std::uintmax_t{8} << 20;
constexpr std::uintmax_t kLargestJournal = std::uintmax_t{512} << 20;
constexpr std::uintmax_t kMostHashed = std::uintmax_t{128} << 20;  // bytes of a repository, besides journals
constexpr std::size_t kMostFiles = 5000;
constexpr std::uintmax_t kSmallestSource = 120;  // an empty __init__.py is nobody's
constexpr double kAlikeJournal = 0.2, kAlikeSources = 0.8;
constexpr std::size_t kFewShingles = 5, kFewSources = 5;
constexpr std::size_t kManyJournals =
    500;  // one shingle in more of them says nothing, and pairs are quadratic

/// Mixes the bits of `x`; a bijection. Source: the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

std::optional<JournalPrint> journal_print(const RepositoryFacts& facts, const TreeFile& file) {
  const std::string path = (facts.folder / file.path).string();
  const auto sha = sha256_of_file(path);
  auto lines = record::Lines::open(path);
  if (!sha || !lines) return std::nullopt;
  JournalPrint print{file.path, *sha, {}, true};
  record::ParsedLine parsed;
  std::uint64_t before = 0, last = 0;
  std::size_t seen = 0;
  std::set<std::uint64_t> smallest;
  while (const auto line = lines->next()) {
    if (!record::parse_line(*line, parsed) || parsed.envelope.type != "block" || !parsed.block.elapsed)
      continue;
    // What counts instructions is the same on every machine, and a test that a script skips takes no time at
    // all.
    const std::string& clock = parsed.block.clock;
    if ((clock != "wall" && clock != "cpu" && clock != "device_event") || *parsed.block.elapsed <= 0)
      continue;
    const auto value = std::bit_cast<std::uint64_t>(*parsed.block.elapsed);
    const std::uint64_t shingle = mixed(value ^ mixed(last ^ mixed(before)));
    before = std::exchange(last, value);
    if (++seen < 3) continue;
    smallest.insert(shingle);
    if (smallest.size() > kMostShingles) {
      smallest.erase(std::prev(smallest.end()));
      print.all = false;
    }
  }
  print.shingles.assign(smallest.begin(), smallest.end());
  return print;
}

bool is_source(std::string_view path) {
  for (const char* ending : {".py", ".cpp", ".cc", ".c", ".cu", ".h",  ".hpp",   ".java", ".rs", ".go",
                             ".js", ".ts",  ".jl", ".r", ".R",  ".sh", ".ipynb", ".m",    ".kt", ".scala"}) {
    if (path.ends_with(ending)) return true;
  }
  return false;
}

/// Every hash of a kind that more than half of four repositories or more have.
std::set<std::string> common(const std::vector<std::vector<std::string>>& hashes) {
  std::map<std::string, std::size_t> count;
  for (const auto& of_one : hashes) {
    for (const std::string& hash : std::set<std::string>(of_one.begin(), of_one.end())) ++count[hash];
  }
  std::set<std::string> shared;
  for (const auto& [hash, n] : count) {
    if (hashes.size() >= 4 && 2 * n > hashes.size()) shared.insert(hash);
  }
  return shared;
}

using Repositories = std::vector<std::pair<std::string, Fingerprint>>;

void compare_files(const Repositories& repositories, Likeness::Kind kind, std::vector<Likeness>& alike) {
  const auto files_of = [&](std::size_t r) -> const std::vector<FilePrint>& {
    return kind == Likeness::Kind::sources ? repositories[r].second.sources : repositories[r].second.results;
  };
  std::vector<std::vector<std::string>> hashes(repositories.size());
  for (std::size_t r = 0; r < repositories.size(); ++r) {
    for (const FilePrint& file : files_of(r)) hashes[r].push_back(file.sha256);
  }
  const std::set<std::string> shared = common(hashes);
  // A repository's own files: hash → path.
  std::vector<std::map<std::string, std::string>> own(repositories.size());
  for (std::size_t r = 0; r < repositories.size(); ++r) {
    for (const FilePrint& file : files_of(r)) {
      if (!shared.contains(file.sha256)) own[r].emplace(file.sha256, file.file);
    }
  }
  for (std::size_t a = 0; a < repositories.size(); ++a) {
    for (std::size_t b = a + 1; b < repositories.size(); ++b) {
      std::size_t both = 0;
      for (const auto& [hash, file] : own[a]) {
        const auto found = own[b].find(hash);
        if (found == own[b].end()) continue;
        ++both;
        if (kind == Likeness::Kind::results)
          alike.push_back({kind, repositories[a].first, repositories[b].first, file, found->second, 1, 1});
      }
      const std::size_t smaller = std::min(own[a].size(), own[b].size());
      if (kind == Likeness::Kind::results || smaller < kFewSources) continue;
      const double share = static_cast<double>(both) / static_cast<double>(smaller);
      if (share >= kAlikeSources)
        alike.push_back({kind, repositories[a].first, repositories[b].first, "", "", share, both});
    }
  }
}

struct JournalPlace {
  std::size_t repository;
  const JournalPrint* print;
};

/// Pairs of journals of different repositories → how many shingles both have.
std::map<std::pair<std::size_t, std::size_t>, std::size_t> common_shingles(
    const std::vector<JournalPlace>& journals) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> all;
  for (std::size_t j = 0; j < journals.size(); ++j) {
    for (const std::uint64_t shingle : journals[j].print->shingles)
      all.emplace_back(shingle, static_cast<std::uint32_t>(j));
  }
  std::sort(all.begin(), all.end());
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> pairs;
  for (std::size_t begin = 0; begin < all.size();) {
    std::size_t end = begin;
    while (end < all.size() && all[end].first == all[begin].first) ++end;
    for (std::size_t i = begin; i < end && end - begin <= kManyJournals; ++i) {
      for (std::size_t k = i + 1; k < end; ++k) {
        const std::size_t a = all[i].second, b = all[k].second;
        if (journals[a].repository != journals[b].repository) ++pairs[{a, b}];
      }
    }
    begin = end;
  }
  return pairs;
}

/// How many of the journal's shingles are at most `last`: those that a sketch which ends there would have.
std::size_t up_to(const JournalPrint& print, std::uint64_t last) {
  return static_cast<std::size_t>(std::upper_bound(print.shingles.begin(), print.shingles.end(), last) -
                                  print.shingles.begin());
}

void compare_journals(const Repositories& repositories, std::vector<Likeness>& alike) {
  std::vector<std::vector<std::string>> hashes(repositories.size());
  for (std::size_t r = 0; r < repositories.size(); ++r) {
    for (const JournalPrint& print : repositories[r].second.journals) hashes[r].push_back(print.sha256);
  }
  const std::set<std::string> shared = common(hashes);
  std::vector<JournalPlace> journals;
  for (std::size_t r = 0; r < repositories.size(); ++r) {
    for (const JournalPrint& print : repositories[r].second.journals) {
      if (!shared.contains(print.sha256)) journals.push_back({r, &print});
    }
  }
  auto pairs = common_shingles(journals);
  for (std::size_t a = 0; a < journals.size(); ++a) {  // those too short for shingles
    for (std::size_t b = a + 1; b < journals.size(); ++b) {
      if (journals[a].repository != journals[b].repository &&
          journals[a].print->sha256 == journals[b].print->sha256)
        pairs[{a, b}];
    }
  }
  for (const auto& [pair, both] : pairs) {
    const JournalPrint& a = *journals[pair.first].print;
    const JournalPrint& b = *journals[pair.second].print;
    // A sketch knows nothing beyond its last value, so the share is taken of what both know.
    constexpr std::uint64_t kAll = ~std::uint64_t{0};
    const std::uint64_t last = std::min(a.all ? kAll : a.shingles.back(), b.all ? kAll : b.shingles.back());
    const std::size_t smaller = std::min(up_to(a, last), up_to(b, last));
    const bool same = a.sha256 == b.sha256;
    const double share = same          ? 1
                         : smaller > 0 ? static_cast<double>(both) / static_cast<double>(smaller)
                                       : 0;
    if (!same && (share < kAlikeJournal || both < kFewShingles)) continue;
    alike.push_back({Likeness::Kind::journal, repositories[journals[pair.first].repository].first,
                     repositories[journals[pair.second].repository].first, a.file, b.file, share, both});
  }
}

}  // namespace

Fingerprint fingerprint_of(const RepositoryFacts& facts) {
  Fingerprint print;
  std::uintmax_t hashed = 0;
  std::set<std::string, std::less<>> runs;
  for (const TreeFile& file : facts.tree.files) {
    if (file_name(file.path) == "journal.jsonl") runs.emplace(folder_of(file.path));
  }
  const auto is_of_run = [&](std::string_view path) {
    for (std::string_view folder = folder_of(path); !folder.empty(); folder = folder_of(folder)) {
      if (runs.contains(folder)) return true;
    }
    return false;
  };
  for (const TreeFile& file : facts.tree.files) {
    if (file_name(file.path) == "journal.jsonl") {
      if (print.journals.size() >= kMostJournals || file.bytes == 0 || file.bytes > kLargestJournal) continue;
      if (auto journal = journal_print(facts, file)) print.journals.push_back(std::move(*journal));
      continue;
    }
    const bool source = is_source(file.path);
    const bool result = file.path.ends_with(".csv") && !is_of_run(file.path);
    auto& list = source ? print.sources : print.results;
    if ((!source && !result) || file.bytes < kSmallestSource || file.bytes > kLargestHashed ||
        hashed > kMostHashed || list.size() >= kMostFiles)
      continue;
    const auto text = read_below(facts.folder, file.path, kLargestHashed);
    if (!text) continue;
    hashed += text->size();
    list.push_back({file.path, sha256_hex(*text).substr(0, kShortHash)});
  }
  return print;
}

OrderedJson to_json(const Fingerprint& print) {
  OrderedJson document{{"journals", OrderedJson::array()},
                       {"results", OrderedJson::array()},
                       {"sources", OrderedJson::array()}};
  for (const JournalPrint& journal : print.journals) {
    OrderedJson shingles = OrderedJson::array();
    for (const std::uint64_t shingle : journal.shingles) shingles.push_back(fmt::format("{:016x}", shingle));
    document["journals"].push_back({{"file", plain_text(journal.file)},
                                    {"sha256", journal.sha256},
                                    {"shingles", std::move(shingles)},
                                    {"all", journal.all}});
  }
  const auto put = [&](const char* name, const std::vector<FilePrint>& files) {
    for (const FilePrint& file : files)
      document[name].push_back({{"file", plain_text(file.file)}, {"sha256", file.sha256}});
  };
  put("results", print.results);
  put("sources", print.sources);
  return document;
}

Result<Fingerprint> fingerprint_from(const Json& document) {
  Fingerprint print;
  try {
    for (const Json& one : document.at("journals")) {
      JournalPrint journal{one.at("file").get<std::string>(),
                           one.at("sha256").get<std::string>(),
                           {},
                           one.at("all").get<bool>()};
      for (const Json& shingle : one.at("shingles")) {
        const auto& digits = shingle.get_ref<const std::string&>();
        std::uint64_t value = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        journal.shingles.push_back(value);
      }
      std::sort(journal.shingles.begin(), journal.shingles.end());
      journal.all = journal.all || journal.shingles.empty();
      print.journals.push_back(std::move(journal));
    }
    for (const Json& one : document.at("results"))
      print.results.push_back({one.at("file").get<std::string>(), one.at("sha256").get<std::string>()});
    for (const Json& one : document.at("sources"))
      print.sources.push_back({one.at("file").get<std::string>(), one.at("sha256").get<std::string>()});
  } catch (const Json::exception&) {
    return Error{"a fingerprint lacks journals, results or sources, or they aren't what assay check writes"};
  }
  return print;
}

std::vector<Likeness> likenesses(const Repositories& repositories) {
  std::vector<Likeness> alike;
  compare_journals(repositories, alike);
  compare_files(repositories, Likeness::Kind::results, alike);
  compare_files(repositories, Likeness::Kind::sources, alike);
  std::stable_sort(alike.begin(), alike.end(), [](const Likeness& a, const Likeness& b) {
    return a.kind != b.kind ? a.kind < b.kind : a.share > b.share;
  });
  return alike;
}

std::string sentence(const Likeness& l) {
  const std::string who = fmt::format("{} and {}", plain_text(l.one, 60), plain_text(l.other, 60));
  const std::string files = fmt::format("{}, {}", plain_text(l.one_file, 100), plain_text(l.other_file, 100));
  const int percent = static_cast<int>(l.share * 100 + 0.5);
  if (l.kind == Likeness::Kind::sources)
    return fmt::format("{} share {} source files, {} % of the smaller", who, l.count, percent);
  if (l.kind == Likeness::Kind::results) return fmt::format("{} have the same results: {}", who, files);
  if (l.share >= 1) return fmt::format("{} have the same timings in their journals: {}", who, files);
  return fmt::format("{} have journals that share {} % of their timings: {}", who, percent, files);
}

}  // namespace assay::reports::check
