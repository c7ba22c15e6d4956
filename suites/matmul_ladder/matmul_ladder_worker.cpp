// The worker of the rungs in C and C++.
#include <map>
#include <string>

#include "suites/matmul_ladder/isa.hpp"
#include "suites/matmul_ladder/serve_rungs.hpp"

int main() {
  std::map<std::string, std::string> libraries{{"compiler", __VERSION__},
                                               {"isa", std::string(name_of(matmul_ladder::best_isa()))}};
#ifdef _OPENMP
  libraries["openmp"] = std::to_string(_OPENMP);
#endif
  return matmul_ladder::serve_rungs("matmul_ladder", libraries);
}
