#include "reports/pdf.hpp"

#include <sstream>

#include "reports/program.hpp"

namespace assay::reports {

Result<std::vector<std::string>> write_pdf(const std::filesystem::path& page,
                                           const std::filesystem::path& pdf,
                                           const std::filesystem::path& templates_folder, PdfLayout layout) {
  const auto script = std::filesystem::absolute(templates_folder) / "pdf.py";
  std::vector<std::string> words{"python3", script.string()};
  if (layout != PdfLayout::text) words.push_back(layout == PdfLayout::slides ? "--slides" : "--columns");
  words.insert(words.end(), {page.filename().string(), std::filesystem::absolute(pdf).string()});
  const auto said = run_program(
      words, std::filesystem::absolute(page).parent_path(),
      "install it and WeasyPrint (sudo apt install weasyprint, or scripts/bootstrap documents) and run assay "
      "report again");
  if (!said) return said.error();
  std::vector<std::string> notices;
  std::istringstream lines(*said);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("slide ")) notices.push_back(line);  // the rest is of libraries that talk
  return notices;
}

}  // namespace assay::reports
