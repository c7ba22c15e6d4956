// What a suite or worker needs of a machine: a CPU flag, a program, a file. All that `assay list` looks at.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "harness/plan/sections.hpp"
#include "harness/plan/suite.hpp"

namespace assay::plan {

namespace {

namespace fs = std::filesystem;

struct Package {
  std::string_view program, package;
};
// Debian's names; a program that isn't here is usually in the package of its own name, which the hint then
// says.
constexpr Package kPackages[] = {{"java", "default-jdk-headless"},
                                 {"javac", "default-jdk-headless"},
                                 {"python3", "python3"},
                                 {"gnuplot", "gnuplot-nox"},
                                 {"pandoc", "pandoc"},
                                 {"weasyprint", "weasyprint"},
                                 {"curl", "curl"},
                                 {"git", "git"},
                                 {"g++", "g++"},
                                 {"qemu-system-arm", "qemu-system-arm"},
                                 {"arm-none-eabi-gcc", "gcc-arm-none-eabi"},
                                 {"ssh-keygen", "openssh-client"},
                                 {"taskset", "util-linux"},
                                 {"valgrind", "valgrind"}};

std::string remedy_for_program(std::string_view program) {
  for (const auto& [known, package] : kPackages) {
    if (known == program) return fmt::format("sudo apt install --no-install-recommends {}", package);
  }
  return fmt::format("install it, or put it on PATH");
}

bool is_on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "/usr/local/bin:/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path candidate = fs::path(folder.empty() ? "." : folder) / program;
    std::error_code failure;
    if (fs::is_regular_file(candidate, failure) && access(candidate.c_str(), X_OK) == 0) return true;
  }
  return false;
}

/// Whether the first processor lists the flag; nullopt if the kernel lists none at all.
std::optional<bool> has_cpu_flag(std::string_view flag) {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (!line.starts_with("flags") && !line.starts_with("Features")) continue;  // x86, ARM
    std::istringstream words(line.substr(line.find(':') + 1));
    for (std::string word; words >> word;) {
      if (word == flag) return true;
    }
    return false;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> requirement_problem(std::string_view text) {
  for (const std::string_view kind : {"cpu:", "program:", "file:"}) {
    if (!text.starts_with(kind)) continue;
    const std::string_view what = text.substr(kind.size());
    if (kind == "program:" && what.find('/') != std::string_view::npos) {
      return "a program is looked for on PATH; write its name alone, e.g. \"program:java\", or \"file:…\"";
    }
    if (!what.empty()) return std::nullopt;
  }
  return "a requirement is \"cpu:avx512f\", \"program:java\" or \"file:…\"";
}

Requirement check_requirement(std::string_view text) {
  Requirement requirement{std::string(text), std::nullopt};
  if (const auto problem = requirement_problem(text)) {
    requirement.missing = fmt::format("{} is no requirement; {}", document::in_quotes(text), *problem);
    return requirement;
  }
  const std::size_t colon = text.find(':');
  const std::string what(text.substr(colon + 1));
  std::error_code failure;
  if (text.starts_with("cpu:")) {
    const auto has = has_cpu_flag(what);
    if (!has) {
      requirement.missing = fmt::format("needs the CPU flag {}, and /proc/cpuinfo lists no flags", what);
    } else if (!*has) {
      requirement.missing =
          fmt::format("needs the CPU flag {}, which this processor lacks; run on one that has it", what);
    }
  } else if (text.starts_with("program:")) {
    if (!is_on_path(what)) {
      requirement.missing = fmt::format("needs the program {} → {}", what, remedy_for_program(what));
    }
  } else if (!fs::exists(what, failure)) {
    requirement.missing = fmt::format("needs the file {} → put it there", what);
  }
  return requirement;
}

}  // namespace assay::plan
