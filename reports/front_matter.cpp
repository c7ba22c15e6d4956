#include "reports/front_matter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "harness/core/ascii.hpp"
#include "reports/document_tree.hpp"

namespace assay::reports {

namespace {

constexpr std::string_view kKeys[] = {"title",        "subtitle",       "author", "date",      "abstract",
                                      "keywords",     "style",          "lang",   "papersize", "csl",
                                      "bibliography", "numbersections", "nocite"};

/// A value as one text, whether pandoc took it for text, a number or markup; nothing for lists and maps.
std::optional<std::string> plain(const Json& value) {
  const std::string type = value.at("t");
  if (type == "MetaString") return value["c"].get<std::string>();
  if (type == "MetaBool") return value["c"].get<bool>() ? "true" : "false";
  if (type == "MetaInlines" || type == "MetaBlocks") return text_of(value["c"]);
  return std::nullopt;
}

/// Markup of one line.
Json inlines(const Json& value) {
  const std::string type = value.at("t");
  Json found = Json::array();
  if (type == "MetaInlines") {
    found = value["c"];
  } else if (type == "MetaBlocks") {
    for (const Json& block : value["c"])
      if (is_node(block, "Para") || is_node(block, "Plain"))
        for (const Json& inl : block["c"]) found.push_back(inl);
  } else if (const auto text = plain(value)) {
    found = inlines_of(*text);
  }
  return pruned_inlines(found, {});
}

/// "language-REGION" as BCP 47 has it.
bool is_language(std::string_view text) {
  if (text.size() < 2 || text.size() > 35) return false;
  std::size_t part = 0;
  for (const char c : text) {
    if (c == '-') {
      if (part == 0) return false;
      part = 0;
    } else if (!is_letter_or_digit(c)) {
      return false;
    } else if (++part > 8) {
      return false;
    }
  }
  return part > 0;
}

/// Name, and below it affiliation and e-mail address if the author is a map that has them.
Json author(const Json& value) {
  if (value.at("t") != "MetaMap") return inlines(value);
  Json lines = Json::array();
  for (const char* key : {"name", "affiliation", "email"}) {
    if (!value["c"].contains(key)) continue;
    Json line = inlines(value["c"][key]);
    if (line.empty()) continue;
    if (!lines.empty()) lines.push_back(node("LineBreak"));
    lines.push_back(node("Span", {attribute("", {key}), std::move(line)}));
  }
  return lines;
}

class Reading {
public:
  Reading(const Json& meta, const std::string& name) : meta_(meta), name_(name) {}

  Result<FrontMatter> read() {
    for (const auto& [key, value] : meta_.items())
      if (std::find(std::begin(kKeys), std::end(kKeys), key) == std::end(kKeys)) front_.unused.push_back(key);
    for (const char* key : {"title", "subtitle", "date"})
      if (meta_.contains(key)) show(key, node("MetaInlines", inlines(meta_[key])));
    read_abstract();
    read_authors();
    read_keywords();
    front_.bibliography = text("bibliography");
    front_.csl = text("csl");
    read_style();
    if (const std::string language = text("lang"); !language.empty()) {
      if (!is_language(language)) wrong("lang", language, "a language such as en or de-AT");
      front_.language = language;
    }
    if (const std::string paper = text("papersize"); !paper.empty()) {
      if (paper != "a4" && paper != "letter") wrong("papersize", paper, "a4 or letter");
      front_.paper = paper;
    }
    if (meta_.contains("nocite") && meta_["nocite"].at("t") == "MetaInlines") front_.nocite = meta_["nocite"];
    if (mistake_) return *mistake_;
    return std::move(front_);
  }

private:
  void show(const char* key, Json value) {
    if (!value["c"].empty()) front_.shown[key] = std::move(value);
  }

  void read_abstract() {
    if (!meta_.contains("abstract")) return;
    const Json& value = meta_["abstract"];
    show("abstract", value.at("t") == "MetaBlocks" ? node("MetaBlocks", pruned_blocks(value["c"], {}))
                                                   : node("MetaInlines", inlines(value)));
    // What pandoc prunes to a comment is nothing to show.
    if (front_.shown.contains("abstract")) drop_comments(front_.shown["abstract"]);
  }

  void read_authors() {
    if (!meta_.contains("author")) return;
    const Json& value = meta_["author"];
    Json authors = Json::array();
    const auto add = [&](const Json& one) {
      if (Json lines = author(one); !lines.empty()) authors.push_back(node("MetaInlines", std::move(lines)));
    };
    if (value.at("t") == "MetaList") {
      for (const Json& one : value["c"]) add(one);
    } else {
      add(value);
    }
    show("author", node("MetaList", std::move(authors)));
  }

  void read_keywords() {
    if (!meta_.contains("keywords")) return;
    const Json& value = meta_["keywords"];
    Json words = Json::array();
    if (value.at("t") != "MetaList") {
      words = inlines(value);
    } else {
      for (const Json& one : value["c"]) {
        if (!words.empty()) words.insert(words.end(), {node("Str", ","), node("Space")});
        for (Json& inl : inlines(one)) words.push_back(std::move(inl));
      }
    }
    show("keywords", node("MetaInlines", std::move(words)));
  }

  void read_style() {
    const std::string style = text("style");
    if (style == "conference") front_.style = DocumentStyle::conference;
    if (style == "slides") front_.style = DocumentStyle::slides;
    if (!style.empty() && style != "plain" && front_.style == DocumentStyle::plain)
      wrong("style", style, "plain, conference or slides");
    front_.numbered_sections = front_.style == DocumentStyle::conference;
    if (const std::string numbered = text("numbersections"); !numbered.empty()) {
      if (numbered != "true" && numbered != "false") wrong("numbersections", numbered, "true or false");
      front_.numbered_sections = numbered == "true";
    }
  }

  std::string text(const char* key) {
    if (!meta_.contains(key)) return "";
    auto value = plain(meta_[key]);
    if (!value) wrong(key, "a list", "one text");
    return value.value_or("");
  }

  void wrong(const char* key, const std::string& value, const char* right) {
    if (!mistake_)
      mistake_ = Error{fmt::format("{}: {}: '{}' is none; it takes {}", name_, key, value, right)};
  }

  const Json& meta_;
  const std::string& name_;
  FrontMatter front_;
  std::optional<Error> mistake_;
};

}  // namespace

Result<FrontMatter> read_front_matter(const Json& meta, const std::string& name) {
  return Reading(meta, name).read();
}

}  // namespace assay::reports
