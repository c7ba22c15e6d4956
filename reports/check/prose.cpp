#include "reports/check/prose.hpp"

#include <fmt/format.h>

#include <span>

#include "reports/check/prose_reader.hpp"

namespace assay::reports::check {

std::vector<ProseNumber> unbacked_results(std::string_view text, const ProseContext& context) {
  return read_prose(text, context);
}

namespace {

std::string table_sentence(const ProseNumber& table) {
  return fmt::format("the table \"{}\" was typed by hand and holds {} that {}", table.sentence, table.text,
                     table.backing == Backing::record ? "a record has" : "no record backs");
}

/// Of the numbers of one sentence.
std::string numbers_sentence(std::span<const ProseNumber> numbers) {
  std::string texts;
  for (const ProseNumber& number : numbers)
    texts += fmt::format("{}'{}'", texts.empty() ? "" : ", ", number.text);
  const ProseNumber& first = numbers.front();
  const bool is_one = numbers.size() == 1;
  if (first.backing == Backing::record) {
    return fmt::format("{} in \"{}\" {} in a record and {} typed by hand", texts, first.sentence,
                       is_one ? "stands" : "stand", is_one ? "was" : "were");
  }
  return fmt::format("{} in \"{}\" {} like {}, and no record backs {}", texts, first.sentence,
                     is_one ? "looks" : "look", is_one ? first.why : "results", is_one ? "it" : "them");
}

Finding finding_of(std::span<const ProseNumber> numbers, std::string_view file) {
  const ProseNumber& first = numbers.front();
  Finding finding;
  finding.severity = Severity::note;
  finding.rule = first.backing == Backing::record ? "prose.backed" : "prose.unbacked";
  finding.file = file;
  finding.line = first.line;
  finding.what = first.is_table ? table_sentence(first) : numbers_sentence(numbers);
  if (first.is_table) {
    finding.remedy = "let Assay write it, between <!-- assay: begin table --> and <!-- assay: end table -->";
  } else if (first.backing == Backing::record) {
    finding.remedy =
        "put it into an inline value, <!-- assay: value … -->…<!-- assay: end -->, so that it follows the "
        "data";
  } else {
    finding.remedy =
        "let Assay fill it in from a run, cite whose it is, or mark it <!-- assay:not-a-result -->";
  }
  return finding;
}

}  // namespace

std::vector<Finding> findings_of(const std::vector<ProseNumber>& numbers, std::string_view file,
                                 std::size_t most) {
  std::vector<Finding> findings;
  std::size_t next = 0;
  for (std::size_t begin = 0; begin < numbers.size() && findings.size() < most; begin = next) {
    const ProseNumber& first = numbers[begin];
    const auto is_beside = [&](const ProseNumber& n) {
      return n.sentence == first.sentence && n.backing == first.backing && n.is_table == first.is_table;
    };
    next = begin + 1;
    while (!first.is_table && next < numbers.size() && is_beside(numbers[next])) ++next;
    findings.push_back(finding_of(std::span(numbers).subspan(begin, next - begin), file));
  }
  if (const std::size_t left = numbers.size() - next; left > 0) {
    Finding more;
    more.severity = Severity::note;
    more.rule = "prose.unbacked";
    more.file = file;
    more.what = fmt::format("{} more {} like results", left, left == 1 ? "number looks" : "numbers look");
    more.remedy = "mend those above, then check again";
    findings.push_back(std::move(more));
  }
  return findings;
}

}  // namespace assay::reports::check
