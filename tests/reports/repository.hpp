// Repositories as teams hand them in, for the tests of checks.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/harness/record/fake_run.hpp"

namespace assay::reports::check::test {

class Repository {
public:
  const std::filesystem::path& path() const { return folder_.path(); }
  void write(const std::string& name, std::string_view text) const {
    const std::filesystem::path file = path() / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }

private:
  record::fake::TemporaryFolder folder_;
};

/// One that keeps every rule of csce585-2025, final submission included, but for git.
inline void write_good(const Repository& repository) {
  repository.write(
      "README.md",
      "# What int8 buys on a laptop\n\n## 1. Group info:\n\nTeam Engines\n\n"
      "- Charles Babbage, charles@example.org\n- Ada Lovelace, ada@example.org\n\n"
      "## Abstract\nInt8 halves latency. We measured it.\n\n## Problem Description\nInference is slow on "
      "laptops.\n\n"
      "### Motivation\n- robots\n- phones\n\n### Challenges\n- noise\n\n## Contribution\n- **Extension of "
      "existing work**: per-channel scales.\n\n"
      "## Dependencies\nPython 3.11\n\n## Directory Structure\n- `src/`: the code\n\n## How to "
      "Run\n```\n./run.sh\n```\n\n"
      "## Demo\n[Video](https://example.org/v)\n\n## References\nSee [references.bib](references.bib).\n");
  repository.write("run.sh", "#!/bin/sh\npython3 src/main.py\n");
  repository.write("result.sh", "#!/bin/sh\npython3 src/plot.py\n");
  repository.write("pyproject.toml",
                   "[project]\nname = \"engines\"\nversion = \"0.1\"\nrequires-python = "
                   "\">=3.10\"\ndependencies = [\"numpy>=1.26\"]\n");
  repository.write(
      "uv.lock",
      "version = 1\nrequires-python = \">=3.10\"\n\n[[package]]\nname = \"numpy\"\nversion = \"1.26.4\"\n");
  repository.write("data/latency.csv", "precision,latency_s\nfp32,0.01234\nint8,0.00617\n");
  repository.write("src/main.py",
                   "print('measured')\n# The workload of the project, and nothing else. It prints what it "
                   "measured and writes it to data/, where plot.py finds it.\n");
  repository.write(
      "references.bib",
      "@inproceedings{hoefler15,\n title={Scientific Benchmarking},\n author={Hoefler and Belli},\n "
      "year=2015}\n"
      "@book{a, title={T}, author={A}, year=1}\n@book{b, title={T}, author={A}, year=1}\n@book{c, title={T}, "
      "author={A}, year=1}\n@book{d, title={T}, author={A}, year=1}\n");
  std::string words;
  for (int i = 0; i < 4000; ++i) words += "word ";
  repository.write("figures/latency.svg", "<svg/>");
  repository.write("report.md",
                   "# Report\n## Introduction\nx\n## Related Work\n[@hoefler15; @a; @b; @c; @d]\n## "
                   "Approach\nx\n## Experimental Setup\nx\n## Results\n" +
                       words +
                       "![Latency falls with int8.](figures/latency.svg)\n## Ablation\nx\n\n## Discussion "
                       "and Limitations\nOne machine.\n## Conclusion\nx\n## Materials\nx\n"
                       "## Reproducibility\nx\n## References\n");
}

}  // namespace assay::reports::check::test
