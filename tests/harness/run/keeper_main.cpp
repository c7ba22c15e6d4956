// main of the test programs that start a keeper: the keeper re-executes /proc/self/exe, which is then the test itself.
#define CATCH_CONFIG_RUNNER
#if __has_include(<catch2/catch_session.hpp>)
#include <catch2/catch_session.hpp>
#else
#include <catch2/catch.hpp>
#endif
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "harness/run/keeper.hpp"

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], assay::run::kKeeperVerb) == 0) return assay::run::keeper_main(std::atoi(argv[2]));
  std::signal(SIGPIPE, SIG_IGN);  // as assay itself does: a worker that is gone is an outcome
  return Catch::Session().run(argc, argv);
}
