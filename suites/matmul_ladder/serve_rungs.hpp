// What every worker of this suite in C and C++ is: one process multiplies by one of the rungs that were linked or added
// to it (rung.h), on inputs that all workers share, and is judged by the oracle.
//
//     int main() { return matmul_ladder::serve_rungs("matmul_ladder", {{"isa", "AVX2+FMA"}}); }
#pragma once

#include <map>
#include <string>

namespace matmul_ladder {

/// Serves until told to quit; the exit status. `libraries`: name → version and kernel, for the record.
int serve_rungs(std::string worker, std::map<std::string, std::string> libraries);

}  // namespace matmul_ladder
