#include "reports/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "harness/record/run_folder.hpp"
#include "reports/archive_times.hpp"
#include "reports/document_tree.hpp"
#include "reports/front_matter.hpp"
#include "reports/numbering.hpp"
#include "reports/pdf.hpp"
#include "reports/pictures.hpp"
#include "reports/program.hpp"
#include "reports/temporary_folder.hpp"

namespace assay::reports {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestSource = 16ULL << 20, kLargestBibliography = 4ULL << 20,
                         kLargestStyle = 1ULL << 20;
constexpr std::size_t kLargestFrontMatter = 64 * 1024;
constexpr const char* kRemedy =
    "install it (sudo apt install pandoc, or scripts/bootstrap documents) and run assay report again";

/// Markdown as GitHub shows it, with pandoc's citations, attributes and table captions; what Assay escapes
/// in its blocks reads the same in both.
constexpr const char* kReader =
    "--from=markdown-raw_tex-latex_macros-smart-subscript-superscript-example_lists-fancy_lists"
    "-blank_before_header-blank_before_blockquote+lists_without_preceding_blankline-pandoc_title_block"
    "-line_blocks-simple_tables-multiline_tables-grid_tables-native_divs-native_spans-markdown_in_html_blocks"
    "+autolink_bare_uris-implicit_figures-definition_lists+gfm_auto_identifiers+link_attributes";

/// UTF-8 without control characters and without those that turn the direction of what follows: neither may
/// reach a file that is made of it. What isn't UTF-8 becomes U+FFFD.
std::string clean_text(std::string_view text) {
  std::string clean;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      if (lead >= 0x20 ? lead != 0x7f : lead == '\n' || lead == '\t') clean += text[i];
      ++i;
      continue;
    }
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    std::uint32_t point = lead & (0xffu >> (size + 1));
    bool right = lead >= 0xc2 && lead <= 0xf4 && i + size <= text.size();
    for (std::size_t k = 1; right && k < size; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      right = (next & 0xc0u) == 0x80;
      point = point << 6 | (next & 0x3fu);
    }
    right = right && !(size == 3 && point < 0x800) && !(size == 4 && (point < 0x10000 || point > 0x10ffff)) &&
            !(point >= 0xd800 && point < 0xe000);
    const bool turns = (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
    const bool control =
        (point >= 0x80 && point < 0xa0) || point == 0xfeff || point == 0xfffe || point == 0xffff;
    if (!right)
      clean += "\xEF\xBF\xBD";
    else if (!turns && !control)
      clean += text.substr(i, size);
    i += right ? size : 1;
  }
  return clean;
}

/// Whether YAML could repeat a part of itself, and so grow without end: `&name` where a value begins.
bool has_anchor(std::string_view yaml) {
  for (std::size_t at = 0; (at = yaml.find('&', at)) != std::string_view::npos; ++at) {
    const std::size_t before = yaml.find_last_not_of(" \t", at == 0 ? 0 : at - 1);
    const bool begins = before == std::string_view::npos ||
                        std::string_view(":[,{-\n").find(yaml[before]) != std::string_view::npos;
    if (begins && at + 1 < yaml.size() &&
        std::string_view(" \t\n").find(yaml[at + 1]) == std::string_view::npos)
      return true;
  }
  return false;
}

std::string_view name_of(DocumentFormat format) {
  return format == DocumentFormat::html   ? "HTML"
         : format == DocumentFormat::pdf  ? "PDF"
         : format == DocumentFormat::docx ? "DOCX"
                                          : "PPTX";
}

std::string_view extension_of(DocumentFormat format) {
  return format == DocumentFormat::html   ? ".html"
         : format == DocumentFormat::pdf  ? ".pdf"
         : format == DocumentFormat::docx ? ".docx"
                                          : ".pptx";
}

/// "HTML, DOCX and PDF"
std::string listed(const std::vector<DocumentFormat>& formats) {
  std::string text;
  for (std::size_t i = 0; i < formats.size(); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : i + 1 == formats.size() ? " and " : ", ", name_of(formats[i]));
  return text;
}

/// A level-1 heading that stands alone at the top is the title.
void take_title(Json& blocks, FrontMatter& front) {
  int tops = 0;
  for (const Json& block : blocks) tops += is_node(block, "Header") && block["c"].at(0) == 1;
  const auto first = std::find_if(blocks.begin(), blocks.end(),
                                  [](const Json& block) { return comments_of(block).empty(); });
  if (tops != 1 || front.shown.contains("title") || first == blocks.end() || !is_node(*first, "Header") ||
      (*first)["c"].at(0) != 1)
    return;
  front.shown["title"] = node("MetaInlines", (*first)["c"].at(2));
  blocks.erase(first);
}

/// The highest heading becomes level 1, whatever the document begins with below its title.
void raise_headings(Json& blocks) {
  int highest = 6;
  for (const Json& block : blocks)
    if (is_node(block, "Header")) highest = std::min(highest, block["c"].at(0).get<int>());
  for (Json& block : blocks)
    if (is_node(block, "Header")) block["c"][0] = block["c"].at(0).get<int>() - highest + 1;
}

/// Above the list of references, unless there is a heading already.
void head_references(Json& blocks, int level) {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (!is_node(blocks[i], "Div") || blocks[i]["c"].at(0).at(0) != "refs") continue;
    std::size_t before = i;
    while (before > 0 && !comments_of(blocks[before - 1]).empty()) --before;
    if (before > 0 && is_node(blocks[before - 1], "Header")) return;
    blocks.insert(blocks.begin() + static_cast<std::ptrdiff_t>(i),
                  node("Header", Json::array({level, attribute("references", {"unnumbered"}),
                                              inlines_of("References")})));
    return;
  }
}

class Rendering {
public:
  Rendering(const DocumentRequest& request, const fs::path& target, const fs::path& work)
      : request_(request), target_(target), work_(work), templates_(fs::absolute(request.templates_folder)) {}

  Result<RenderedDocument> render() {
    if (const auto read = read_source(); !read) return read.error();
    auto parsed = parse();
    if (!parsed) return parsed.error();
    if (!*parsed) return std::move(rendered_);
    Json tree = **std::move(parsed);
    auto front = read_front_matter(tree.at("meta"), name());
    if (!front) return front.error();
    front_ = *std::move(front);
    if (!front_.unused.empty())
      notices().push_back(
          fmt::format("{}: front matter: nothing is made of {}", name(), fmt::join(front_.unused, ", ")));
    if (const auto cited = cite(tree); !cited) return cited.error();
    if (const auto made = make_tree(std::move(tree)); !made) return made.error();
    for (const DocumentFormat format : request_.formats) {
      if (const auto written = write(format); !written)
        notices().push_back(fmt::format("no {}: {}", name_of(format), written.error().message));
    }
    return std::move(rendered_);
  }

private:
  std::string name() const { return request_.source.string(); }
  std::vector<std::string>& notices() { return rendered_.notices; }

  /// In its sandbox, where it reads nothing but what these words name, with a bound on its memory.
  Result<Done> pandoc(std::vector<std::string> words) const {
    words.insert(words.begin(), {"pandoc", "+RTS", "-M2g", "-RTS", "--sandbox"});
    const auto done = run_program(words, work_, kRemedy, std::chrono::minutes(2));
    if (!done) return done.error();
    return Done{};
  }

  Result<Json> read_tree(const char* file) const {
    const auto text = record::read_file(work_ / file);
    if (!text) return text.error();
    auto tree = parse_json(*text);
    if (!tree)
      return Error{fmt::format("{}: what it holds is nested too deeply: {}", name(), tree.error().message)};
    return tree;
  }

  Result<Done> write_tree(const Json& meta, const Json& blocks, const std::string& file) const {
    return record::write_atomically(
        work_ / file, canonical_json({{"pandoc-api-version", version_}, {"meta", meta}, {"blocks", blocks}}));
  }

  /// Divides the text: what stands between two lines `---` at its top is the front matter, and nothing else
  /// is.
  Result<Done> read_source() {
    const auto text = record::read_file(target_, kLargestSource);
    if (!text) return text.error();
    source_ = clean_text(*text);
    std::size_t body = 0;
    if (source_.starts_with("---\n")) {
      for (std::size_t line = 4; line < source_.size() && body == 0; line = next_line(line)) {
        const std::string_view whole = std::string_view(source_).substr(line, next_line(line) - line);
        if (whole == "---\n" || whole == "...\n" || whole == "---") body = next_line(line);
      }
    }
    if (body > kLargestFrontMatter)
      return Error{fmt::format("{}: its front matter has {} bytes; at most {} are read", name(), body,
                               kLargestFrontMatter)};
    const std::string_view front = std::string_view(source_).substr(0, body);
    if (has_anchor(front))
      return Error{fmt::format(
          "{}: its front matter has an anchor (&name), which isn't read: write the value where it belongs",
          name())};
    if (body > 0)
      if (const auto done = record::write_atomically(work_ / "front.md", front); !done) return done.error();
    has_front_ = body > 0;
    return record::write_atomically(work_ / "body.md", std::string_view(source_).substr(body));
  }

  std::size_t next_line(std::size_t at) const {
    const std::size_t end = source_.find('\n', at);
    return end == std::string::npos ? source_.size() : end + 1;
  }

  /// The tree of body and front matter; nothing, with a notice, without a pandoc that can make it.
  Result<std::optional<Json>> parse() {
    const std::string reader = kReader;
    const auto read = [&](const std::string& part, const char* yaml) {
      return pandoc({part + ".md", reader + yaml, "--to=json", "--output=" + part + ".json",
                     "--columns=100000"});  // or a table would be spread over the whole width
    };
    if (const auto parsed = read("body", "-yaml_metadata_block"); !parsed) {
      notices().push_back(fmt::format("no {}: {}", listed(request_.formats), parsed.error().message));
      return std::optional<Json>();
    }
    auto tree = read_tree("body.json");
    if (!tree) return tree.error();
    if (!has_front_) return std::optional<Json>(*std::move(tree));
    if (const auto parsed = read("front", "+yaml_metadata_block"); !parsed)
      return Error{fmt::format("{}: its front matter is no YAML: {}", name(), parsed.error().message)};
    const auto front = read_tree("front.json");
    if (!front) return front.error();
    tree->at("meta") = front->at("meta");
    return std::optional<Json>(*std::move(tree));
  }

  /// `pandoc --citeproc`, in the sandbox as well: a bibliography is as hostile as the document.
  Result<Done> cite(Json& tree) {
    Json& blocks = tree["blocks"];
    if (front_.bibliography.empty() || request_.whole_report) {
      unwrap_citations(blocks);
      return Done{};
    }
    unwrap_citations_of_filled_blocks(blocks);
    version_ = tree.at("pandoc-api-version");
    const auto references =
        bring("bibliography", front_.bibliography, kLargestBibliography, {".bib", ".json"}, "references");
    if (!references) return references.error();
    auto style = bring_csl();
    if (!style) return style.error();
    Json meta{{"lang", node("MetaString", front_.language)}, {"link-citations", node("MetaBool", true)}};
    if (!front_.nocite.is_null()) meta["nocite"] = front_.nocite;
    if (const auto done = write_tree(meta, blocks, "uncited.json"); !done) return done.error();
    std::vector<std::string> words{"uncited.json",        "--from=json", "--to=json",
                                   "--output=cited.json", "--citeproc",  "--bibliography=" + *references};
    if (!style->empty()) words.push_back("--csl=" + *style);
    if (const auto done = pandoc(words); !done)
      return Error{
          fmt::format("{}: no citations from {}: {}", name(), front_.bibliography, done.error().message)};
    auto cited = read_tree("cited.json");
    if (!cited) return cited.error();
    tree = *std::move(cited);
    return Done{};
  }

  /// A file below the document's folder that its front matter names; gives its name in the work folder.
  Result<std::string> bring(const char* key, const std::string& path, std::uintmax_t largest,
                            const std::vector<std::string>& extensions, const std::string& as) const {
    const auto wrong = [&](const std::string& why) {
      return Error{fmt::format("{}: {} '{}': {}", name(), key, path, why)};
    };
    const auto file = path_below(target_.parent_path(), path);
    if (!file) return wrong(file.error().message);
    const std::string extension = file->extension().string();
    if (std::find(extensions.begin(), extensions.end(), extension) == extensions.end())
      return wrong(fmt::format("it takes a file that ends in {}", fmt::join(extensions, " or ")));
    const auto text = record::read_file(*file, largest);
    if (!text) return wrong(fmt::format("it can't be read, or has more than {} bytes", largest));
    const std::string clean = clean_text(*text);
    // Entities of XML grow: no style needs a document type.
    if (extension == ".csl" && clean.find("<!DOCTYPE") != std::string::npos)
      return wrong("a style has no document type");
    if (const auto done = record::write_atomically(work_ / (as + extension), clean); !done)
      return done.error();
    return as + extension;
  }

  /// Empty: pandoc's own, Chicago author-date.
  Result<std::string> bring_csl() const {
    std::string csl = front_.csl;
    if (csl.empty()) csl = front_.style == DocumentStyle::conference ? "numeric" : "author-date";
    if (csl == "author-date") return std::string();
    if (csl == "numeric") return (templates_ / "csl" / "numeric.csl").string();
    return bring("csl", csl, kLargestStyle, {".csl"}, "style");
  }

  Result<Done> make_tree(Json tree) {
    version_ = tree.at("pandoc-api-version");
    const auto sources = image_sources(tree.at("blocks"));
    pictures_ = stage_pictures(sources, target_.parent_path(), work_, templates_);
    for (const std::string& notice : pictures_.notices)
      notices().push_back(fmt::format("{}: {}", name(), notice));
    blocks_ = pruned_blocks(tree.at("blocks"), pictures_.names);
    take_title(blocks_, front_);
    const bool slides = front_.style == DocumentStyle::slides;
    if (!slides) raise_headings(blocks_);
    head_references(blocks_, slides ? 2 : 1);
    if (const auto numbered = number_parts(blocks_, {.name = name(),
                                                     .source = source_,
                                                     .sections = front_.numbered_sections && !slides,
                                                     .whole_report = request_.whole_report});
        !numbered)
      return numbered.error();
    meta_ = front_.shown;
    if (!meta_.contains("title") && !request_.title.empty())
      meta_["title"] = node("MetaInlines", inlines_of(request_.title));
    const std::string title =
        meta_.contains("title") ? text_of(meta_["title"]["c"]) : target_.stem().string();
    const auto say = [&](const char* key, const std::string& text) { meta_[key] = node("MetaString", text); };
    say("pagetitle", request_.title.empty() ? title : request_.title);
    say("lang", front_.language);
    say("running", request_.running_text);
    say("style", front_.style == DocumentStyle::conference ? "conference" : slides ? "slides" : "plain");
    if (front_.paper == "letter") say("letter", "yes");
    return Done{};
  }

  Result<Done> write(DocumentFormat format) {
    fs::path output = target_;
    output.replace_extension(extension_of(format));
    if (output == target_) return Error{fmt::format("{} is the document itself", output.string())};
    const std::string made = fmt::format("made{}", extension_of(format));
    const auto done = format == DocumentFormat::html  ? write_page(made, true)
                      : format == DocumentFormat::pdf ? write_paper(made)
                                                      : write_office(format, made);
    if (!done) return done.error();
    auto bytes = record::read_file(work_ / made);
    if (!bytes) return bytes.error();
    if (format == DocumentFormat::docx || format == DocumentFormat::pptx) fix_archive_times(*bytes);
    if (const auto put = record::write_atomically(output, *bytes); !put) return put.error();
    rendered_.files.push_back(output);
    return Done{};
  }

  /// Outside the sandbox, which embeds no picture; the tree holds nothing that leads out of the work folder.
  Result<Done> write_with_pandoc(const std::string& tree, const std::string& output,
                                 std::vector<std::string> more) const {
    std::vector<std::string> words{"pandoc",
                                   tree,
                                   "--from=json",
                                   "--standalone",
                                   "--output=" + output,
                                   "--data-dir=" + work_.string(),
                                   "--lua-filter=" + (templates_ / "report.lua").string()};
    words.insert(words.end(), more.begin(), more.end());
    const auto done = run_program(words, work_, kRemedy);
    if (!done) return done.error();
    return Done{};
  }

  /// On paper formulas are set by pandoc: WeasyPrint knows no MathML.
  Result<Done> write_page(const std::string& output, bool for_screen) const {
    if (const auto done = write_tree(meta_, blocks_, "page.json"); !done) return done.error();
    std::vector<std::string> more{"--to=html5", "--self-contained",
                                  "--template=" + (templates_ / "document.html").string(),
                                  "--css=" + (templates_ / "report.css").string()};
    if (front_.style != DocumentStyle::plain)
      more.push_back(
          "--css=" +
          (templates_ / (front_.style == DocumentStyle::slides ? "slides.css" : "conference.css")).string());
    if (for_screen) more.push_back("--mathml");
    if (front_.style != DocumentStyle::slides) more.push_back("--shift-heading-level-by=1");
    return write_with_pandoc("page.json", output, more);
  }

  Result<Done> write_paper(const std::string& output) {
    if (const auto page = write_page("paper.html", false); !page) return page.error();
    const PdfLayout layout = front_.style == DocumentStyle::slides       ? PdfLayout::slides
                             : front_.style == DocumentStyle::conference ? PdfLayout::columns
                                                                         : PdfLayout::text;
    const auto pdf = write_pdf(work_ / "paper.html", work_ / output, templates_, layout);
    if (!pdf) return pdf.error();
    for (const std::string& notice : *pdf) notices().push_back(fmt::format("{}: {}", name(), notice));
    return Done{};
  }

  Result<Done> write_office(DocumentFormat format, const std::string& output) {
    if (!has_png_) {
      if (const auto drawn = draw_as_png(pictures_, work_, templates_); !drawn) return drawn.error();
      has_png_ = true;
    }
    Json blocks = blocks_;
    for_each(blocks, "Image", [](Json& image) {
      std::string source = image["c"].at(2).at(0);
      if (source.ends_with(".svg")) image["c"][2][0] = source.replace(source.size() - 4, 4, ".png");
    });
    if (const auto done = write_tree(meta_, blocks, "office.json"); !done) return done.error();
    const bool slides = format == DocumentFormat::pptx;
    std::vector<std::string> more{slides ? "--to=pptx" : "--to=docx"};
    if (slides)
      more.push_back(fmt::format("--slide-level={}", front_.style == DocumentStyle::slides ? 2 : 1));
    return write_with_pandoc("office.json", output, more);
  }

  const DocumentRequest& request_;
  const fs::path& target_;
  const fs::path& work_;
  fs::path templates_;
  std::string source_;
  FrontMatter front_;
  Pictures pictures_;
  Json version_, meta_, blocks_;
  bool has_front_ = false, has_png_ = false;
  RenderedDocument rendered_;
};

}  // namespace

std::optional<DocumentFormat> document_format(const std::string& name) {
  for (const DocumentFormat format :
       {DocumentFormat::html, DocumentFormat::pdf, DocumentFormat::docx, DocumentFormat::pptx})
    if (extension_of(format).substr(1) == name) return format;
  return std::nullopt;
}

Result<RenderedDocument> render_document(const DocumentRequest& request) {
  std::error_code error;
  const fs::path target = fs::canonical(request.source, error);
  if (error) return Error{fmt::format("{}: {}", request.source.string(), error.message())};
  if (!fs::is_regular_file(target, error))
    return Error{fmt::format("{}: not a file", request.source.string())};
  const TemporaryFolder work;
  if (work.path().empty())
    return Error{fmt::format("no folder to make documents in: {}", std::strerror(errno))};
  try {
    return Rendering(request, target, work.path()).render();
  } catch (const Json::exception& unexpected) {
    return Error{
        fmt::format("{}: pandoc wrote a tree of another shape than versions 2.17 to 3 do ({}); another "
                    "version of it may help",
                    request.source.string(), unexpected.what())};
  }
}

}  // namespace assay::reports
