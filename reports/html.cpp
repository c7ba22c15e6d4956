#include "reports/html.hpp"

#include <fmt/format.h>

#include "reports/program.hpp"

namespace assay::reports {

Result<Done> write_html(const std::filesystem::path& folder, const std::filesystem::path& templates_folder,
                        const std::string& title, const std::string& run,
                        const std::vector<std::string>& figures) {
  const auto absolute = std::filesystem::absolute(templates_folder);
  return run_program(
      {"pandoc", "report.md", "--from=commonmark+pipe_tables", "--to=html5", "--standalone",
       "--self-contained", "--columns=100000",  // or pandoc would spread each table over the whole width
       "--template=" + (absolute / "report.html").string(), "--css=" + (absolute / "report.css").string(),
       "--lua-filter=" + (absolute / "report.lua").string(), "--metadata=pagetitle:" + title,
       "--metadata=run:" + run, fmt::format("--metadata=figures:{}", fmt::join(figures, " ")),
       "--output=report.html"},
      folder,
      "install it (sudo apt install pandoc, or scripts/bootstrap documents) and run assay report again");
}

}  // namespace assay::reports
