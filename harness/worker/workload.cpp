#include "harness/worker/workload.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "harness/core/classes.hpp"

namespace assay::worker {

namespace {

[[noreturn]] void refuse(std::string_view factor, std::string_view wanted, const Level* got) {
  throw Refusal{{Outcome::unsupported, got ? fmt::format("{} is {}, but this worker takes {} there", factor,
                                                         to_json(*got).dump(), wanted)
                                           : fmt::format("this worker needs {} (factor or control), {}", factor,
                                                         wanted)}};
}

/// The level as a T; nullopt where the treatment doesn't name the factor.
template <class T>
std::optional<T> look_up(const Treatment& treatment, std::string_view factor, std::string_view wanted) {
  const Level* level = treatment.find(factor);
  if (!level) return std::nullopt;
  if (const T* value = std::get_if<T>(level)) return *value;
  refuse(factor, wanted, level);
}

template <class T>
T demand(const Treatment& treatment, std::string_view factor, std::string_view wanted) {
  if (auto value = look_up<T>(treatment, factor, wanted)) return *std::move(value);
  refuse(factor, wanted, nullptr);
}

constexpr std::string_view kInteger = "an integer";
constexpr std::string_view kNumber = "a number";
constexpr std::string_view kText = "a string";

}  // namespace

std::int64_t Assignment::integer(std::string_view factor) const {
  return demand<std::int64_t>(treatment, factor, kInteger);
}

std::int64_t Assignment::integer_or(std::string_view factor, std::int64_t otherwise) const {
  return look_up<std::int64_t>(treatment, factor, kInteger).value_or(otherwise);
}

double Assignment::number(std::string_view factor) const {
  const Level* level = treatment.find(factor);
  if (level && std::holds_alternative<std::int64_t>(*level)) {
    return static_cast<double>(std::get<std::int64_t>(*level));
  }
  return demand<double>(treatment, factor, kNumber);
}

double Assignment::number_or(std::string_view factor, double otherwise) const {
  return treatment.find(factor) ? number(factor) : otherwise;
}

std::string Assignment::text(std::string_view factor) const { return demand<std::string>(treatment, factor, kText); }

std::string Assignment::text_or(std::string_view factor, std::string_view otherwise) const {
  return look_up<std::string>(treatment, factor, kText).value_or(std::string(otherwise));
}

bool Assignment::flag_or(std::string_view factor, bool otherwise) const {
  return look_up<bool>(treatment, factor, "true or false").value_or(otherwise);
}

Metric time_metric() { return {.name = "time_s"}; }

double larger_error(double worst, double error) {
  if (std::isnan(worst) || std::isnan(error)) return std::numeric_limits<double>::infinity();
  return worst < error ? error : worst;
}

protocol::Evaluated predictions(std::span<const std::int32_t> predicted, std::span<const std::int32_t> labels) {
  if (predicted.size() != labels.size() || labels.empty()) {
    throw Refusal{{Outcome::invalid_output,
                   fmt::format("{} predictions for {} labels", predicted.size(), labels.size())}};
  }
  std::size_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) right += predicted[i] == labels[i];
  protocol::Evaluated evaluated;
  evaluated.metrics["accuracy"] = static_cast<double>(right) / static_cast<double>(labels.size());
  evaluated.items = static_cast<std::int64_t>(labels.size());
  evaluated.labels_sha256 = sha256_of_classes(labels);
  evaluated.predictions_base64 = encode_classes(predicted);
  evaluated.labels_base64 = encode_classes(labels);
  return evaluated;
}

protocol::Checked Workload::check() {
  throw Refusal{{Outcome::unsupported, "this workload has no check of its answer"}};
}

protocol::Evaluated Workload::evaluate() {
  throw Refusal{{Outcome::unsupported, "this workload has nothing to evaluate"}};
}

}  // namespace assay::worker
