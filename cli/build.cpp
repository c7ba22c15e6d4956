#include "cli/build.hpp"

#include "harness/core/hash.hpp"

namespace assay::cli {

std::string Build::commit_shown() const {
  if (commit.empty()) return "no commit";
  return "commit " + commit.substr(0, 7) + (dirty ? ", with changes" : "");
}

Json to_json(const Build& b) {
  const auto hash = sha256_of_file("/proc/self/exe");
  return {{"version", b.version},       {"commit", b.commit}, {"dirty", b.dirty},
          {"compiler", b.compiler},     {"flags", b.flags},   {"build_type", b.build_type},
          {"sha256", hash ? *hash : ""}};
}

}  // namespace assay::cli
