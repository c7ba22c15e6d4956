#include "reports/check/judgement.hpp"

#include <algorithm>

#include "reports/check/plain_text.hpp"

namespace assay::reports::check {

namespace {

std::int64_t count(const std::vector<Finding>& findings, Severity severity) {
  return std::count_if(findings.begin(), findings.end(),
                       [&](const Finding& f) { return f.severity == severity; });
}

OrderedJson or_null(const std::string& text) {
  return text.empty() ? OrderedJson(nullptr) : OrderedJson(text);
}

}  // namespace

bool Judgement::ok() const {
  return count(findings, Severity::error) == 0;
}

OrderedJson to_json(const Judgement& document) {
  constexpr std::size_t kLongest = 2000;
  OrderedJson findings = OrderedJson::array();
  for (const Finding& f : document.findings) {
    findings.push_back({{"severity", name_of(f.severity)},
                        {"rule", f.rule},
                        {"file", or_null(plain_text(f.file, kLongest))},
                        {"line", f.line > 0 ? OrderedJson(f.line) : OrderedJson(nullptr)},
                        {"what", plain_text(f.what, kLongest)},
                        {"remedy", or_null(plain_text(f.remedy, kLongest))}});
  }
  return {{"schema", kJudgementSchema},
          {"path", plain_text(document.path, kLongest)},
          {"kind", document.kind},
          {"course", or_null(document.course)},
          {"ok", document.ok()},
          {"counts",
           {{"error", count(document.findings, Severity::error)},
            {"warning", count(document.findings, Severity::warning)},
            {"note", count(document.findings, Severity::note)}}},
          {"findings", std::move(findings)},
          {"contributions", document.contributions ? to_json(*document.contributions) : OrderedJson(nullptr)},
          {"rubric", to_json(document.rubric)},
          {"runs", document.runs},
          {"documents", document.documents},
          {"signature", document.signature},
          {"fingerprint", document.fingerprint ? to_json(*document.fingerprint) : OrderedJson(nullptr)}};
}

}  // namespace assay::reports::check
