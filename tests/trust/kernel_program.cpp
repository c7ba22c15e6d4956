// The yardstick's arithmetic as a whole program, for harnesses that time processes: `times` iterations of `steps` steps.
//
//     hyperfine -N 'trust_kernel_program 700000 40' 'trust_kernel_program 714000 40'
#include <cstdio>
#include <cstdlib>

#include "hardware/cpu/yardstick.hpp"

int main(int argc, char** argv) {
  const long long steps = argc == 3 ? std::atoll(argv[1]) : 0;
  const long long times = argc == 3 ? std::atoll(argv[2]) : 0;
  if (steps < 1 || times < 1) {
    std::fprintf(stderr, "usage: trust_kernel_program STEPS TIMES\n");
    return 2;
  }
  std::uint64_t state = assay::hardware::kYardstickStart;
  for (long long i = 0; i < times; ++i) state = assay::hardware::run_yardstick(state, steps);
  std::printf("%llu\n", static_cast<unsigned long long>(state));
}
