#include "reports/pdf.hpp"

#include "reports/program.hpp"

namespace assay::reports {

Result<Done> write_pdf(const std::filesystem::path& folder, const std::filesystem::path& templates_folder) {
  const auto script = std::filesystem::absolute(templates_folder) / "pdf.py";
  return run_program(
      {"python3", script.string(), "report.html", "report.pdf"}, folder,
      "install it and WeasyPrint (sudo apt install weasyprint, or scripts/bootstrap documents) and run assay "
      "report again");
}

}  // namespace assay::reports
