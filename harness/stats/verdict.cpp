#include "harness/stats/verdict.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <utility>

#include "harness/stats/distributions.hpp"

namespace assay::stats {
namespace {

constexpr std::array<std::pair<Relation, std::string_view>, 4> kRelations{{{Relation::less, "<"},
                                                                           {Relation::less_equal, "<="},
                                                                           {Relation::greater, ">"},
                                                                           {Relation::greater_equal, ">="}}};

bool holds(double value, Relation relation, double bound) {
  switch (relation) {
    case Relation::less:
      return value < bound;
    case Relation::less_equal:
      return value <= bound;
    case Relation::greater:
      return value > bound;
    case Relation::greater_equal:
      return value >= bound;
  }
  return false;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::better:
      return "better";
    case Verdict::worse:
      return "worse";
    case Verdict::equivalent:
      return "equivalent";
    case Verdict::inconclusive:
      return "inconclusive";
    case Verdict::incomparable:
      return "incomparable";
  }
  return "?";
}

std::string_view name_of(HypothesisVerdict verdict) {
  switch (verdict) {
    case HypothesisVerdict::supported:
      return "supported";
    case HypothesisVerdict::refuted:
      return "refuted";
    case HypothesisVerdict::inconclusive:
      return "inconclusive";
  }
  return "?";
}

std::string_view name_of(Relation relation) {
  for (const auto& [key, sign] : kRelations) {
    if (key == relation) return sign;
  }
  return "?";
}

std::optional<Relation> relation_named(std::string_view sign) {
  for (const auto& [key, known] : kRelations) {
    if (known == sign) return key;
  }
  return std::nullopt;
}

Judgement judge(const Evidence& evidence) {
  if (!evidence.comparable)
    return {.verdict = Verdict::incomparable, .detectable = false, .further_rounds = {}};
  assert(evidence.estimate != nullptr);
  const bool differs = evidence.p_difference && *evidence.p_difference < kSignificant;
  if (evidence.p_equivalence && *evidence.p_equivalence < kSignificant) {
    return {.verdict = Verdict::equivalent, .detectable = differs, .further_rounds = {}};
  }
  if (differs && evidence.estimate->location) {
    const bool lower = evidence.estimate->location->center < 0;
    const bool good = lower == (evidence.better == Better::lower);
    return {.verdict = good ? Verdict::better : Verdict::worse, .detectable = false, .further_rounds = {}};
  }
  return {.verdict = Verdict::inconclusive, .detectable = false, .further_rounds = further_rounds(evidence)};
}

std::optional<std::int64_t> further_rounds(const Evidence& evidence) {
  const Estimate* e = evidence.estimate;
  if (e == nullptr || !e->location || !e->sd) return std::nullopt;
  const double effect = std::abs(e->location->center);
  const double room_to_zero = effect - e->location->slack;
  const double room_to_margin = evidence.margin - effect - e->location->slack;
  const double difference_tail = kSignificant / std::max(1, evidence.difference_family) / 2;
  const double equivalence_tail = kSignificant / std::max(1, evidence.equivalence_family);
  const auto settles = [&](std::int64_t n) {
    const double standard_error = *e->sd / std::sqrt(static_cast<double>(n));
    const double degrees = static_cast<double>(n - 1);
    return room_to_zero > t_quantile(1 - difference_tail, degrees) * standard_error ||
           room_to_margin > t_quantile(1 - equivalence_tail, degrees) * standard_error;
  };

  constexpr std::int64_t kNever = 1'000'000'000;  // an effect so near to 0 that its sign is rounding
  std::int64_t enough = std::max(e->n + 1, 2);
  while (!settles(enough)) {
    enough *= 2;
    if (enough > kNever) return std::nullopt;
  }
  std::int64_t too_few = std::max(e->n, 1);
  while (enough - too_few > 1) {  // more rounds never settle less: t falls and √n grows
    const std::int64_t middle = too_few + (enough - too_few) / 2;
    (settles(middle) ? enough : too_few) = middle;
  }
  return enough - e->n;
}

HypothesisVerdict judge_hypothesis(const std::optional<Interval>& interval, Relation relation, double bound) {
  if (!interval) return HypothesisVerdict::inconclusive;
  const bool low = holds(interval->low, relation, bound);
  const bool high = holds(interval->high, relation, bound);
  if (low && high) return HypothesisVerdict::supported;
  if (!low && !high) return HypothesisVerdict::refuted;
  return HypothesisVerdict::inconclusive;
}

HypothesisVerdict judge_range(const std::optional<Interval>& interval, double low, double high) {
  if (!interval) return HypothesisVerdict::inconclusive;
  if (interval->low >= low && interval->high <= high) return HypothesisVerdict::supported;
  if (interval->high < low || interval->low > high) return HypothesisVerdict::refuted;
  return HypothesisVerdict::inconclusive;
}

HypothesisVerdict judge_hypothesis_adjusted(double center, Relation relation, double bound,
                                            double p_adjusted) {
  if (!(p_adjusted < kSignificant)) return HypothesisVerdict::inconclusive;
  return holds(center, relation, bound) ? HypothesisVerdict::supported : HypothesisVerdict::refuted;
}

}  // namespace assay::stats
