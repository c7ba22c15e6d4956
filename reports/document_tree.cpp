#include "reports/document_tree.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "harness/core/ascii.hpp"

namespace assay::reports {

namespace {

constexpr std::string_view kOpens = "<!--", kCloses = "-->";
constexpr const char* kComment = "assay-comment";  // no writer's format: they all leave it out
constexpr std::size_t kLongestName = 200;

bool is_name(const std::string& text) {
  return text.size() <= kLongestName && std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter_or_digit(c) || static_cast<unsigned char>(c) >= 0x80 ||
                  std::string_view("_:.-").find(c) != std::string_view::npos;
         });
}

/// "50%", "8cm": a number with at most a unit.
bool is_length(const std::string& text) {
  const std::size_t unit = text.find_first_not_of("0123456789.");
  if (unit == 0 || text.empty() || text.size() > 12) return false;
  if (unit == std::string::npos) return true;
  static constexpr std::string_view kUnits[] = {"%", "px", "cm", "mm", "in", "pt", "em"};
  return std::find(std::begin(kUnits), std::end(kUnits), std::string_view(text).substr(unit)) !=
         std::end(kUnits);
}

bool is_link(const std::string& target) {
  const std::string start = lower_case(target.substr(0, 8));
  return start.starts_with("http://") || start.starts_with("https://") || start.starts_with("mailto:") ||
         start.starts_with("#");
}

Json pruned_attribute(const Json& attr, bool with_size = false) {
  Json kept = attribute("");
  if (const std::string id = attr.at(0); is_name(id)) kept[0] = id;
  for (const std::string name : attr.at(1))
    if (is_name(name)) kept[1].push_back(name);
  if (!with_size) return kept;
  for (const Json& pair : attr.at(2)) {
    const std::string key = pair.at(0), value = pair.at(1);
    if ((key == "width" || key == "height") && is_length(value)) kept[2].push_back({key, value});
  }
  return kept;
}

/// "<SUB >" → "sub", "</sub>" → "/sub", "<br/>" → "br"; a tag with attributes → nothing.
std::string bare_tag(const std::string& html) {
  if (html.size() < 3 || html.front() != '<' || html.back() != '>') return "";
  std::string name = lower_case(html.substr(1, html.size() - 2));
  while (!name.empty() && (name.back() == ' ' || name.back() == '/')) name.pop_back();
  return name;
}

/// The texts of the comments that `html` consists of; nothing if there is anything else.
std::vector<std::string> comments_in(std::string_view html) {
  std::vector<std::string> found;
  while (true) {
    html.remove_prefix(std::min(html.find_first_not_of(" \t\r\n"), html.size()));
    if (html.empty()) return found;
    const std::size_t end = html.find(kCloses);
    if (!html.starts_with(kOpens) || end == std::string_view::npos || end < kOpens.size()) return {};
    std::string_view text = html.substr(kOpens.size(), end - kOpens.size());
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
    found.emplace_back(text);
    html.remove_prefix(end + kCloses.size());
  }
}

class Pruning {
public:
  explicit Pruning(const std::map<std::string, std::string>& pictures) : pictures_(pictures) {}

  Json blocks(const Json& list) const {
    Json kept = Json::array();
    for (const Json& block : list) add_block(block, kept);
    return kept;
  }

  Json inlines(const Json& list) const {
    Json kept = Json::array();
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (is_node(list[i], "RawInline")) {
        i = add_raw(list, i, kept);
      } else {
        add_inline(list[i], kept);
      }
    }
    return kept;
  }

private:
  Json lists_of_blocks(const Json& lists) const {
    Json kept = Json::array();
    for (const Json& list : lists) kept.push_back(blocks(list));
    return kept;
  }

  void add_block(const Json& block, Json& kept) const {
    const std::string type = block.at("t");
    const Json content = block.contains("c") ? block["c"] : Json();
    if (type == "Para" || type == "Plain") {
      add_paragraph(type.c_str(), inlines(content), kept);
    } else if (type == "LineBlock") {
      Json lines = Json::array();
      for (const Json& line : content) lines.push_back(inlines(line));
      kept.push_back(node("LineBlock", std::move(lines)));
    } else if (type == "CodeBlock") {
      kept.push_back(node("CodeBlock", {pruned_attribute(content.at(0)), content.at(1)}));
    } else if (type == "RawBlock") {
      if (content.at(0) == "html" && !comments_in(content.at(1).get<std::string>()).empty())
        kept.push_back(node("RawBlock", {kComment, content.at(1)}));
    } else if (type == "BlockQuote") {
      kept.push_back(node("BlockQuote", blocks(content)));
    } else if (type == "BulletList") {
      kept.push_back(node("BulletList", lists_of_blocks(content)));
    } else if (type == "OrderedList") {
      kept.push_back(node("OrderedList", {content.at(0), lists_of_blocks(content.at(1))}));
    } else if (type == "DefinitionList") {
      Json items = Json::array();
      for (const Json& item : content) items.push_back({inlines(item.at(0)), lists_of_blocks(item.at(1))});
      kept.push_back(node("DefinitionList", std::move(items)));
    } else if (type == "Header") {
      kept.push_back(
          node("Header", {content.at(0), pruned_attribute(content.at(1)), inlines(content.at(2))}));
    } else if (type == "HorizontalRule") {
      kept.push_back(node("HorizontalRule"));
    } else if (type == "Div") {
      kept.push_back(node("Div", {pruned_attribute(content.at(0)), blocks(content.at(1))}));
    } else if (type == "Table") {
      kept.push_back(table(content));
    }
  }

  static void add_paragraph(const char* type, Json content, Json& kept) {
    if (content.empty()) return;
    if (content.size() == 1 && is_node(content[0], "Subscript")) {
      Json small = Json::array({node("Para", std::move(content[0]["c"]))});
      kept.push_back(node("Div", {attribute("", {"provenance"}), std::move(small)}));
    } else {
      kept.push_back(node(type, std::move(content)));
    }
  }

  Json rows(const Json& list) const {
    Json kept = Json::array();
    for (const Json& row : list) {
      Json cells = Json::array();
      for (const Json& cell : row.at(1))
        cells.push_back(
            {pruned_attribute(cell.at(0)), cell.at(1), cell.at(2), cell.at(3), blocks(cell.at(4))});
      kept.push_back({pruned_attribute(row.at(0)), std::move(cells)});
    }
    return kept;
  }

  Json table(const Json& c) const {
    Json bodies = Json::array();
    for (const Json& body : c.at(4))
      bodies.push_back({pruned_attribute(body.at(0)), body.at(1), rows(body.at(2)), rows(body.at(3))});
    return node("Table", {pruned_attribute(c.at(0)),
                          {nullptr, blocks(c.at(1).at(1))},
                          c.at(2),
                          {pruned_attribute(c.at(3).at(0)), rows(c.at(3).at(1))},
                          std::move(bodies),
                          {pruned_attribute(c.at(5).at(0)), rows(c.at(5).at(1))}});
  }

  /// The raw inline at `i`, and for <sub> and <sup> what is up to their end; gives the last place used.
  std::size_t add_raw(const Json& list, std::size_t i, Json& kept) const {
    const Json& content = list[i].at("c");
    if (content.at(0) != "html") return i;
    const std::string html = content.at(1), tag = bare_tag(html);
    if (!comments_in(html).empty()) {
      kept.push_back(node("RawInline", {kComment, html}));
    } else if (tag == "br") {
      kept.push_back(node("LineBreak"));
    } else if (tag == "sub" || tag == "sup") {
      for (std::size_t end = i + 1; end < list.size(); ++end) {
        if (!is_node(list[end], "RawInline") || bare_tag(list[end].at("c").at(1)) != "/" + tag) continue;
        Json inside = Json::array();
        for (std::size_t k = i + 1; k < end; ++k) inside.push_back(list[k]);
        kept.push_back(node(tag == "sub" ? "Subscript" : "Superscript", inlines(inside)));
        return end;
      }
    }
    return i;
  }

  void add_inline(const Json& inl, Json& kept) const {
    const std::string type = inl.at("t");
    const Json content = inl.contains("c") ? inl["c"] : Json();
    static constexpr std::string_view kWraps[] = {"Emph",        "Underline", "Strong",   "Strikeout",
                                                  "Superscript", "Subscript", "SmallCaps"};
    const auto add_all = [&](Json more) {
      for (Json& one : more) kept.push_back(std::move(one));
    };
    if (type == "Str" || type == "Math" || type == "Space" || type == "SoftBreak" || type == "LineBreak") {
      kept.push_back(inl);
    } else if (std::find(std::begin(kWraps), std::end(kWraps), type) != std::end(kWraps)) {
      kept.push_back(node(type.c_str(), inlines(content)));
    } else if (type == "Quoted") {
      kept.push_back(node("Quoted", {content.at(0), inlines(content.at(1))}));
    } else if (type == "Cite") {
      add_all(inlines(content.at(1)));
    } else if (type == "Code") {
      kept.push_back(node("Code", {pruned_attribute(content.at(0)), content.at(1)}));
    } else if (type == "Span") {
      kept.push_back(node("Span", {pruned_attribute(content.at(0)), inlines(content.at(1))}));
    } else if (type == "Note") {
      kept.push_back(node("Note", blocks(content)));
    } else if (type == "Link") {
      const std::string target = content.at(2).at(0);
      if (!is_link(target)) return add_all(inlines(content.at(1)));
      kept.push_back(node("Link", {pruned_attribute(content.at(0)), inlines(content.at(1)), {target, ""}}));
    } else if (type == "Image") {
      const auto picture = pictures_.find(content.at(2).at(0).get<std::string>());
      if (picture == pictures_.end()) return;
      kept.push_back(node(
          "Image", {pruned_attribute(content.at(0), true), inlines(content.at(1)), {picture->second, ""}}));
    }
  }

  const std::map<std::string, std::string>& pictures_;
};

void add_text(const Json& tree, std::string& text) {
  if (tree.is_array()) {
    for (const Json& one : tree) add_text(one, text);
  } else if (tree.is_object() && tree.contains("t")) {
    const std::string type = tree["t"];
    if (type == "Str") text += tree["c"].get<std::string>();
    if (type == "Code" || type == "CodeBlock" || type == "Math") text += tree["c"].at(1).get<std::string>();
    if (type == "Space" || type == "SoftBreak" || type == "LineBreak") text += ' ';
    if (type == "Str" || type == "Code" || type == "CodeBlock" || type == "Math" || type == "RawInline" ||
        type == "RawBlock" || type == "Note" || !tree.contains("c"))
      return;
    if (type == "Link" || type == "Image" || type == "Span" || type == "Div" || type == "Cite")
      return add_text(tree["c"].at(1), text);
    if (type == "Header") return add_text(tree["c"].at(2), text);
    add_text(tree["c"], text);
  }
}

void add_sources(const Json& tree, std::vector<std::string>& sources) {
  if (is_node(tree, "Image")) {
    const std::string source = tree["c"].at(2).at(0);
    if (std::find(sources.begin(), sources.end(), source) == sources.end()) sources.push_back(source);
  }
  if (tree.is_structured())
    for (const Json& one : tree) add_sources(one, sources);
}

}  // namespace

Json node(const char* type) {
  return {{"t", type}};
}

Json node(const char* type, Json content) {
  return {{"t", type}, {"c", std::move(content)}};
}

Json attribute(std::string id, std::vector<std::string> classes) {
  return Json::array({std::move(id), Json(std::move(classes)), Json::array()});
}

bool is_node(const Json& value, const char* type) {
  return value.is_object() && value.contains("t") && value["t"] == type;
}

Json inlines_of(const std::string& text) {
  Json inlines = Json::array();
  for (std::size_t at = 0; (at = text.find_first_not_of(' ', at)) != std::string::npos;) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (!inlines.empty()) inlines.push_back(node("Space"));
    inlines.push_back(node("Str", text.substr(at, end - at)));
    at = end;
  }
  return inlines;
}

std::string text_of(const Json& tree) {
  std::string text;
  add_text(tree, text);
  return text;
}

std::vector<std::string> image_sources(const Json& tree) {
  std::vector<std::string> sources;
  add_sources(tree, sources);
  return sources;
}

void for_each(Json& tree, const char* type, const std::function<void(Json&)>& visit) {
  if (is_node(tree, type)) visit(tree);
  if (tree.is_structured())
    for (Json& one : tree) for_each(one, type, visit);
}

void unwrap_citations(Json& tree) {
  if (tree.is_object()) {
    for (Json& one : tree) unwrap_citations(one);
  } else if (tree.is_array()) {
    Json kept = Json::array();
    for (Json& one : tree) {
      const bool cites = is_node(one, "Cite");
      Json inside = cites ? std::move(one["c"].at(1)) : std::move(one);
      unwrap_citations(inside);
      if (cites) {
        for (Json& inl : inside) kept.push_back(std::move(inl));
      } else {
        kept.push_back(std::move(inside));
      }
    }
    tree = std::move(kept);
  }
}

Json pruned_blocks(const Json& blocks, const std::map<std::string, std::string>& pictures) {
  return Pruning(pictures).blocks(blocks);
}

Json pruned_inlines(const Json& inlines, const std::map<std::string, std::string>& pictures) {
  return Pruning(pictures).inlines(inlines);
}

std::vector<std::string> comments_of(const Json& block) {
  if (!is_node(block, "RawBlock") && !is_node(block, "RawInline")) return {};
  return comments_in(block["c"].at(1).get<std::string>());
}

void drop_comments(Json& tree) {
  if (tree.is_array()) {
    Json kept = Json::array();
    for (Json& one : tree) {
      if (is_node(one, "RawBlock") || is_node(one, "RawInline")) continue;
      drop_comments(one);
      kept.push_back(std::move(one));
    }
    tree = std::move(kept);
  } else if (tree.is_object()) {
    for (Json& one : tree) drop_comments(one);
  }
}

}  // namespace assay::reports
