#include "reports/numbering.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "harness/core/ascii.hpp"
#include "reports/document_tree.hpp"

namespace assay::reports {

namespace {

constexpr const char* kNoBreakSpace = "\u00a0";

bool is_label(std::string_view text) {
  return (text.starts_with("fig:") || text.starts_with("tbl:")) && text.size() > 4 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter_or_digit(c) ||
                  static_cast<unsigned char>(c) >= 0x80 ||
                  std::string_view("_:.-").find(c) != std::string_view::npos;
         });
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; (at = text.find_first_not_of(" \t\r\n", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n", at), text.size());
    words.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

/// A block that `assay report --into` fills, while we are in it.
struct Filled {
  std::string kind{};
  std::string run{};  // what the marker names; may be empty
  int number = 1;
  int figures = 0, tables = 0;  // that it has shown so far

  /// "fig:matmul-ladder-ladder-2": the marker's run and number; in a whole report the how-manieth of it.
  std::string label(const char* prefix, int shown) const {
    const int which = kind == "report" ? shown : number;
    std::string name = run;
    for (char& c : name)
      if (!is_label(std::string("fig:") + c)) c = '-';
    if (which > 1 || name.empty()) name += fmt::format("{}{}", name.empty() ? "" : "-", which);
    return prefix + name;
  }
};

/// What markers do to `filled`: a block begins or ends.
void follow(const std::vector<std::string>& comments, std::optional<Filled>& filled) {
  for (const std::string& comment : comments) {
    const auto words = words_of(comment);
    if (words.size() < 2 || words[0] != "assay:") continue;
    if (words[1] == "end") filled.reset();
    if (words[1] != "begin" || words.size() < 3) continue;
    filled = Filled{.kind = words[2]};
    for (std::size_t i = 3; i < words.size(); ++i) {
      const bool digits = words[i].find_first_not_of("0123456789") == std::string::npos;
      if (digits && words[i].size() <= 3) {
        filled->number = std::stoi(words[i]);
      } else if (words[i].find('=') == std::string::npos) {
        filled->run = words[i];
      }
    }
  }
}

void trim(Json& inlines) {
  const auto is_space = [](const Json& inl) {
    return is_node(inl, "Space") || is_node(inl, "SoftBreak") || is_node(inl, "LineBreak");
  };
  while (!inlines.empty() && is_space(inlines.back())) inlines.erase(inlines.size() - 1);
  while (!inlines.empty() && is_space(inlines.front())) inlines.erase(0);
}

/// "{#tbl:x}" at the end of a caption is taken off it and given.
std::string label_at_end(Json& inlines) {
  trim(inlines);
  if (inlines.empty() || !is_node(inlines.back(), "Str")) return "";
  const std::string text = inlines.back()["c"];
  if (!text.starts_with("{#") || !text.ends_with("}")) return "";
  const std::string label = text.substr(2, text.size() - 3);
  if (!is_label(label)) return "";
  inlines.erase(inlines.size() - 1);
  trim(inlines);
  return label;
}

/// Blocks of a caption as one run of inlines.
Json caption_inlines(const Json& blocks) {
  Json inlines = Json::array();
  for (const Json& block : blocks) {
    if (!is_node(block, "Plain") && !is_node(block, "Para")) continue;
    if (!inlines.empty()) inlines.push_back(node("Space"));
    for (const Json& inl : block["c"]) inlines.push_back(inl);
  }
  return inlines;
}

class Numbering {
public:
  explicit Numbering(const NumberingSettings& settings) : settings_(settings) {
    if (settings.whole_report) filled_ = Filled{.kind = "report"};
  }

  Result<Json> number(Json blocks) {
    for (std::size_t i = 0; i < blocks.size() && !mistake_; ++i) place(std::move(blocks[i]));
    if (mistake_) return *mistake_;
    drop_comments(out_);
    for_each(out_, "Link", [&](Json& link) { refer(link); });
    if (mistake_) return *mistake_;
    return std::move(out_);
  }

private:
  void place(Json block) {
    if (const auto comments = comments_of(block); !comments.empty()) {
      follow(comments, filled_);
      for (const std::string& comment : comments) label_last(comment);
      expects_ = Expects::nothing;  // a caption never stands behind a marker
      return;
    }
    if (belongs_to_last(block)) return;
    expects_ = Expects::nothing;
    may_label_ = false;
    if (is_node(block, "Para")) {
      place_paragraph(std::move(block));
    } else if (is_node(block, "Table")) {
      place_table(std::move(block));
    } else if (is_node(block, "Header")) {
      place_heading(std::move(block));
    } else {
      out_.push_back(std::move(block));
    }
  }

  /// A filled table's caption, footnotes and source go into its Div; so does a figure's source.
  bool belongs_to_last(Json& block) {
    if (expects_ == Expects::nothing || out_.empty()) return false;
    Json& parts = out_.back()["c"].at(1);
    const bool source = is_node(block, "Div") && block["c"].at(0).at(1) == Json::array({"provenance"});
    if (expects_ == Expects::caption && is_node(block, "Para")) {
      caption_table(parts[0], std::move(block["c"]));
      expects_ = Expects::notes;
      return true;
    }
    if (expects_ == Expects::notes && is_node(block, "BulletList")) {
      parts.push_back(node("Div", {attribute("", {"notes"}), Json::array({std::move(block)})}));
      expects_ = Expects::source;
      return true;
    }
    if (source) {
      parts.push_back(std::move(block));
      expects_ = Expects::nothing;
    }
    return source;
  }

  void place_paragraph(Json block) {
    Json inlines = Json::array(), comments = Json::array();
    for (const Json& inl : block["c"]) (is_node(inl, "RawInline") ? comments : inlines).push_back(inl);
    trim(inlines);
    const bool figure = inlines.size() == 1 && is_node(inlines[0], "Image") && !text_of(inlines).empty();
    if (!figure) {
      block["c"] = std::move(inlines);
      if (!block["c"].empty()) out_.push_back(std::move(block));
      return;
    }
    Json& image = inlines[0]["c"];
    std::string label = image[0][0];
    const bool is_own = is_label(label);
    if (filled_) label = is_own ? label : filled_->label("fig:", ++filled_->figures);
    if (!is_own && !filled_) label.clear();
    number_part("Figure", ++figures_, label, !is_own);
    Json caption = Json::array(
        {node("Strong", inlines_of(fmt::format("Figure{}{}:", kNoBreakSpace, figures_))), node("Space")});
    for (Json& inl : image[1]) caption.push_back(std::move(inl));
    image[0][0] = labelled_ ? label : "";
    image[1] = std::move(caption);
    image[2][1] = "fig:";  // how pandoc 2 tells a figure with a caption from an image in the text
    out_.push_back(node("Div", {attribute("", {"float"}), Json::array({node("Para", std::move(inlines))})}));
    expects_ = filled_ ? Expects::source : Expects::nothing;
    may_label_ = true;
    for (const Json& comment : comments)
      for (const std::string& text : comments_of(comment)) label_last(text);
  }

  void place_table(Json block) {
    Json caption = caption_inlines(block["c"].at(1).at(1));
    block["c"][1] = {nullptr, Json::array()};
    const std::string label = label_at_end(caption);
    out_.push_back(node("Div", {attribute("", {"float"}), Json::array({std::move(block)})}));
    if (!caption.empty() || !label.empty()) {
      caption_table(out_.back()["c"].at(1)[0], std::move(caption), label);
      expects_ = filled_ ? Expects::source : Expects::nothing;
    } else if (filled_) {
      expects_ = Expects::caption;
    }
    may_label_ = true;
  }

  void caption_table(Json& table, Json text, std::string label = "") {
    const bool is_own = !label.empty();
    if (!is_own && filled_) label = filled_->label("tbl:", ++filled_->tables);
    number_part("Table", ++tables_, label, !is_own);
    Json caption = Json::array(
        {node("Strong", inlines_of(fmt::format("Table{}{}:", kNoBreakSpace, tables_))), node("Space")});
    for (Json& inl : text) caption.push_back(std::move(inl));
    table["c"][0][0] = labelled_ ? label : "";
    table["c"][1] = {nullptr, Json::array({node("Plain", std::move(caption))})};
    may_label_ = true;
  }

  /// Notes that `label` is this number's. Two may have the label that Assay gives by itself, in two blocks of
  /// the same figure: then the first has it.
  void number_part(const char* word, int number, const std::string& label, bool by_itself) {
    labelled_ = false;
    if (label.empty()) return;
    labelled_ = labels_.emplace(label, fmt::format("{}{}{}", word, kNoBreakSpace, number)).second;
    if (!labelled_ && !by_itself)
      mistake_ =
          wrong("#" + label, fmt::format("'{}' labels two; give one of them another name", label), true);
  }

  /// <!-- #fig:x --> behind a figure or table.
  void label_last(const std::string& comment) {
    if (!comment.starts_with('#') || !is_label(std::string_view(comment).substr(1))) return;
    const std::string label = comment.substr(1);
    const char* word = label.starts_with("fig:") ? "Figure" : "Table";
    Json* part =
        may_label_ && !out_.empty() && is_node(out_.back(), "Div") ? &out_.back()["c"].at(1).at(0) : nullptr;
    const bool fits = part && is_node(*part, label.starts_with("fig:") ? "Para" : "Table");
    if (!fits) {
      mistake_ = wrong(comment, fmt::format("<!-- {} --> stands behind no {} with a caption", comment,
                                            label.starts_with("fig:") ? "figure" : "table"));
      return;
    }
    if (is_node(*part, "Table") && (*part)["c"][1][1].empty())
      caption_table(*part, Json::array(), label);
    else
      number_part(word, is_node(*part, "Table") ? tables_ : figures_, label, false);
    Json& attr = is_node(*part, "Table") ? (*part)["c"][0] : (*part)["c"][0]["c"][0];
    const std::string had = attr[0];
    attr[0] = label;
    // Its first name still leads here.
    if (!had.empty() && had != label) {
      out_.back()["c"].at(0)[0] = had;
    }
  }

  void place_heading(Json block) {
    const int level = block["c"].at(0);
    Json& classes = block["c"].at(1).at(1);
    const bool counts = settings_.sections && level <= 3 &&
                        std::find(classes.begin(), classes.end(), "unnumbered") == classes.end() &&
                        !is_back_matter(text_of(block["c"].at(2)));
    if (counts) {
      sections_.resize(static_cast<std::size_t>(level));
      ++sections_.back();
      Json number = inlines_of(fmt::format("{}", fmt::join(sections_, ".")));
      Json heading = Json::array(
          {node("Span", {attribute("", {"header-section-number"}), std::move(number)}), node("Space")});
      for (Json& inl : block["c"].at(2)) heading.push_back(std::move(inl));
      block["c"][2] = std::move(heading);
    }
    out_.push_back(std::move(block));
  }

  static bool is_back_matter(const std::string& title) {
    static constexpr std::string_view kUnnumbered[] = {"Abstract", "References", "Acknowledgments",
                                                       "Acknowledgements"};
    return std::find(std::begin(kUnnumbered), std::end(kUnnumbered), title) != std::end(kUnnumbered);
  }

  void refer(Json& link) {
    const std::string target = link["c"].at(2).at(0);
    if (mistake_ || target.empty() || !is_label(std::string_view(target).substr(1))) return;
    const auto found = labels_.find(target.substr(1));
    if (found == labels_.end()) {
      mistake_ = wrong(target, unknown(target.substr(1)));
      return;
    }
    std::string text = text_of(link["c"].at(1));
    const std::string number = found->second.substr(found->second.rfind(kNoBreakSpace) + 2);
    // "Figure", "Fig.", "Figure 2": what stands before the number that we put there.
    text.erase(text.find_last_not_of("0123456789") + 1);
    while (text.ends_with(' ') || text.ends_with(kNoBreakSpace))
      text.erase(text.size() - (text.ends_with(' ') ? 1 : 2));
    link["c"][1] = Json::array({node("Str", text.empty() ? found->second : text + kNoBreakSpace + number)});
  }

  std::string unknown(const std::string& label) const {
    std::string listed;
    for (const auto& [name, part] : labels_)
      if (name.substr(0, 4) == label.substr(0, 4)) listed += (listed.empty() ? "" : ", ") + name;
    const bool figure = label.starts_with("fig:");
    return fmt::format("no {} is labelled {}; {} (<!-- #{} --> behind it labels it)",
                       figure ? "figure" : "table", label,
                       listed.empty() ? "none has a label" : "there are " + listed, label);
  }

  /// With the line where `text` first stands; `last`: where it last does.
  Error wrong(const std::string& text, const std::string& what, bool last = false) const {
    const std::size_t at = last ? settings_.source.rfind(text) : settings_.source.find(text);
    if (at == std::string_view::npos) return Error{fmt::format("{}: {}", settings_.name, what)};
    const auto line = std::count(settings_.source.begin(),
                                 settings_.source.begin() + static_cast<std::ptrdiff_t>(at), '\n') +
                      1;
    return Error{fmt::format("{}:{}: {}", settings_.name, line, what)};
  }

  const NumberingSettings& settings_;
  Json out_ = Json::array();
  std::optional<Filled> filled_;
  enum class Expects { nothing, caption, notes, source };  // of the next block, for the Div of the last
  Expects expects_ = Expects::nothing;
  bool may_label_ = false;  // a comment here labels the last block
  bool labelled_ = false;   // the last part has the label that it was given
  int figures_ = 0, tables_ = 0;
  std::vector<int> sections_;
  std::map<std::string, std::string> labels_;  // → "Figure 3"
  std::optional<Error> mistake_;
};

}  // namespace

Result<Done> number_parts(Json& blocks, const NumberingSettings& settings) {
  auto numbered = Numbering(settings).number(std::move(blocks));
  if (!numbered) return numbered.error();
  blocks = *std::move(numbered);
  return Done{};
}

void unwrap_citations_of_filled_blocks(Json& blocks) {
  std::optional<Filled> filled;
  for (Json& block : blocks) {
    follow(comments_of(block), filled);
    if (!filled) continue;
    Json one = Json::array({std::move(block)});
    unwrap_citations(one);
    block = std::move(one[0]);
  }
}

}  // namespace assay::reports
