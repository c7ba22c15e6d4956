#include "reports/markdown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "reports/figure.hpp"
#include "reports/report.hpp"
#include "reports/sentences.hpp"
#include "reports/statements.hpp"
#include "reports/tables.hpp"

namespace assay::reports {

namespace {

Json table_view(const TextTable& table) {
  Json view{{"title", table.title}, {"caption", table.caption}};
  for (const TextColumn& column : table.columns) {
    view["columns"].push_back({{"title", column.title}, {"rule", column.right_aligned ? "---:" : ":---"}});
  }
  view["rows"] = Json::array();
  for (const auto& row : table.rows) {
    Json cells = Json::array();
    for (const TextCell& cell : row)
      cells.push_back({{"text", cell.mark.empty() ? cell.text : cell.text + " " + cell.mark},
                       {"interval", cell.interval.empty() ? Json(false) : Json(cell.interval)}});
    view["rows"].push_back({{"cells", cells}});
  }
  view["footnotes"] = Json::array();
  for (const std::string& note : table.footnotes) view["footnotes"].push_back({{"text", note}});
  return view;
}

/// A list of texts as mustache walks it, and whether there is one: templates can't ask for a length.
void put_list(Json& view, const std::string& name, const std::vector<std::string>& texts) {
  view[name] = Json::array();
  for (const std::string& text : texts) view[name].push_back({{"text", text}});
  view["has_" + name] = !texts.empty();
}

/// Those that a record knows as a list, and the subjects of the others in one line.
void put_statements(Json& view, const std::string& name, const std::vector<Statement>& statements) {
  view[name] = Json::array();
  std::string open;
  for (const Statement& s : statements) {
    if (s.text.empty()) {
      open += (open.empty() ? "" : "; ") + s.subject;
    } else {
      view[name].push_back({{"subject", s.subject}, {"text", s.text}});
    }
  }
  view["has_" + name + "_open"] = !open.empty();
  view[name + "_open"] = open;
}

std::vector<std::string> control_lines(const Report& report) {
  const bool many_baselines = report.planned.baselines.size() > 1;
  const bool many_metrics =
      std::any_of(report.controls.begin(), report.controls.end(),
                  [&](const Control& c) { return c.metric != report.controls.front().metric; });
  std::vector<std::string> lines;
  for (const Control& c : report.controls)
    lines.push_back(control_sentence(c, report.planned, many_baselines, many_metrics));
  if (const std::string looks = looks_sentence(report.planned); !looks.empty()) lines.push_back(looks);
  return lines;
}

std::vector<std::string> carry_over_lines(const Report& report) {
  std::vector<std::string> lines;
  for (const CarryOver& c : report.carry_over) {
    const std::string who =
        short_name(report.planned.treatments[static_cast<std::size_t>(c.treatment)], report.planned.factors);
    std::string text = who + ":";
    if (c.log_ratio) {
      const Printed p = print_percent(*c.log_ratio);
      text += fmt::format(" {}{} after its own block against after another's ({})", p.value,
                          p.interval.empty() ? "" : " " + p.interval, counted(c.rounds, "round"));
    }
    if (c.uninterrupted) {
      const Printed p = print_percent(*c.uninterrupted);
      text += fmt::format("{} {}{} in one uninterrupted block", c.log_ratio ? ";" : "", p.value,
                          p.interval.empty() ? "" : " " + p.interval);
    }
    lines.push_back(text + (c.matters ? ". More than a quarter of the half-width" : ""));
  }
  return lines;
}

Json report_view(const Report& report, const std::vector<std::string>& figure_files) {
  const Planned& planned = report.planned;
  Json view{{"title", report.experiment},
            {"costs", cost_line(report.costs)},
            {"run", report.folder_name},
            {"preset", report.preset},
            {"assay", report.assay}};
  const auto optional_text = [&](const char* name, const std::string& text) {
    view[name] = text.empty() ? Json(false) : Json(text);
  };
  optional_text("question", planned.question);
  optional_text("rationale", planned.rationale);
  optional_text("started", report.started);
  optional_text("run_of_plan", report.run_of_plan > 1
                                   ? fmt::format("Run {} of this plan on record.", report.run_of_plan)
                                   : "");
  std::vector<std::string> warnings;
  view["hypotheses"] = Json::array();
  for (const HypothesisResult& h : report.hypotheses) {
    const std::size_t lead = h.planned.id.size() + 1 + stats::name_of(h.verdict).size();  // "H1 supported"
    view["hypotheses"].push_back({{"lead", h.sentence.substr(0, lead)}, {"rest", h.sentence.substr(lead)}});
  }
  view["has_hypotheses"] = !report.hypotheses.empty();
  for (const Warning& w : report.warnings) warnings.push_back(w.text);
  std::vector<std::string> environment;
  if (!report.machine.empty()) environment.push_back(fmt::format("Machine: {}", report.machine));
  if (!report.libraries.empty()) environment.push_back(fmt::format("Workers: {}", report.libraries));
  if (!report.inputs.empty()) environment.push_back(fmt::format("Inputs, by SHA-256: {}", report.inputs));
  environment.insert(environment.end(), report.counter_lines.begin(), report.counter_lines.end());
  put_list(view, "environment", environment);
  put_list(view, "controls", control_lines(report));
  put_list(view, "carry_over", carry_over_lines(report));
  put_list(view, "warnings", warnings);
  put_list(view, "threats", threats(report));
  view["setup"] = setup_paragraph(report);
  put_statements(view, "expectations", expectations(report));
  put_statements(view, "checklist", reproducibility_checklist(report));
  put_statements(view, "artifact", artifact_appendix(report));
  view["tables"] = Json::array();
  for (const TextTable& table : tables_of(report)) view["tables"].push_back(table_view(table));
  view["figures"] = Json::array();
  for (const Figure& figure : figures_of(report)) {
    const std::size_t i = view["figures"].size();
    view["figures"].push_back({{"file", i < figure_files.size() ? figure_files[i] : figure.name + ".svg"},
                               {"caption", figure.caption}});
  }
  view["published"] = false;
  if (planned.published) {
    const Published& p = *planned.published;
    view["published"] = {{"source", p.source}, {"doi", p.doi.empty() ? Json(false) : Json(p.doi)}};
  }
  view["cells"] = fmt::format("{} planned: {} measured, {} unsupported, {} failed",
                              counted(static_cast<long long>(report.cells.size()), "cell"), report.ran(),
                              report.unsupported(), report.failed());
  return view;
}

/// Behind "[0.996, 1.003]" if it stands at `i`, else `i`: brackets around numbers are no link unless "(", "["
/// or ":" follows.
std::size_t interval_end(const std::string& text, std::size_t i) {
  if (text[i] != '[') return i;
  const std::size_t close = text.find(']', i);
  if (close == std::string::npos) return i;
  std::string inside = text.substr(i + 1, close - i - 1);
  for (std::size_t minus; (minus = inside.find("−")) != std::string::npos;)
    inside.erase(minus, std::string_view("−").size());
  const bool numbers = !inside.empty() && inside.find_first_not_of("0123456789.,e- ") == std::string::npos;
  const char next = close + 1 < text.size() ? text[close + 1] : ' ';
  return numbers && next != '(' && next != '[' && next != ':' ? close + 1 : i;
}

bool is_word(const std::string& text, std::size_t i) {
  return i < text.size() && std::isalnum(static_cast<unsigned char>(text[i])) != 0;
}

}  // namespace

std::string markdown_escaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (const std::size_t end = interval_end(text, i); end > i) {
      out.append(text, i, end - i);
      i = end - 1;
      continue;
    }
    const bool inside_word = i > 0 && is_word(text, i - 1) && is_word(text, i + 1);
    const bool opens_block = i == 0 && (c == '#' || c == '+' || c == '-' || c == '=');
    const bool ends_number = i > 0 && (c == '.' || c == ')') &&
                             std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(i),
                                         [](char d) { return d >= '0' && d <= '9'; }) &&
                             !is_word(text, i + 1);
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += ' ';
    } else if (c == '<') {
      out += "&lt;";  // no raw HTML, in no reader
    } else if (c == '&') {
      out += "&amp;";
    } else if ((c == '_' && !inside_word) || opens_block || ends_number ||
               std::string_view("\\`*[]|~$").find(c) != std::string_view::npos) {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

Result<std::string> markdown(const Report& report, const Templates& templates) {
  return templates.render("report.md", report_view(report, {}), markdown_escaped);
}

Result<std::string> markdown_part(const Report& report, const Templates& templates, const std::string& part,
                                  int number, const std::vector<std::string>& figure_files) {
  const Json whole = report_view(report, figure_files);
  const auto i = static_cast<std::size_t>(number - 1);
  const Json& view = part == "table"    ? whole["tables"].at(i)
                     : part == "figure" ? whole["figures"].at(i)
                                        : whole;
  return templates.render(part + ".md", view, markdown_escaped);
}

}  // namespace assay::reports
