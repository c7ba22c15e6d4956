// A Markdown document as the files that are handed in: HTML in one file, PDF, DOCX, PPTX.
//
//     const auto rendered = render_document({.source = "report.md", .formats = {DocumentFormat::pdf},
//                                            .templates_folder = templates});
//     for (const auto& file : rendered->files) show(file);             // report.pdf, beside it
//     for (const auto& notice : rendered->notices) warn(notice);       // no PDF: python3 is not installed; …
//
// Documents come from anybody, and pandoc and WeasyPrint read what they are told to. So the text is read by
// `pandoc --sandbox`, citations are made there, too, and only a tree of known nodes with our own copies of
// checked pictures (document_tree.hpp, pictures.hpp) reaches the programs that write. They work in a folder
// that holds nothing else.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/result.hpp"

namespace assay::reports {

enum class DocumentFormat { html, pdf, docx, pptx };

/// From "html", "pdf", "docx", "pptx".
std::optional<DocumentFormat> document_format(const std::string& name);

struct DocumentRequest {
  std::filesystem::path source;
  std::vector<DocumentFormat> formats;
  std::filesystem::path templates_folder;
  std::string title{};         // if the document names none
  std::string running_text{};  // at the foot of printed pages, beside their numbers
  bool whole_report = false;   // it is a run's own report: all of it is ours, as in a filled block
};

struct RenderedDocument {
  std::vector<std::filesystem::path> files;  // in the order asked for, without those that a notice is about
  std::vector<std::string>
      notices;  // what was left out, with the reason; what couldn't be made, with the remedy
};

/// Writes each format beside the source, report.md → report.pdf. An Error is a mistake in the document: a
/// style or bibliography that isn't there, a reference to no figure; then nothing is written.
Result<RenderedDocument> render_document(const DocumentRequest& request);

}  // namespace assay::reports
