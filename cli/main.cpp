// assay: an experiment harness whose numbers can be trusted on a noisy machine.
#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "cli/build.hpp"
#include "cli/signals.hpp"
#include "cli/verb.hpp"
#include "harness/run/keeper.hpp"

namespace assay::cli {

int complain(int status, std::string_view message, bool json) {
  std::cerr << "assay: " << message << '\n';
  if (json) print({{"error", std::string(message)}});
  return status;
}

void print(const OrderedJson& document) {
  std::cout << document.dump(2, ' ', false, OrderedJson::error_handler_t::replace) << '\n';
}

namespace {

int run_main(int argc, char** argv) {
  CLI::App app{"Experiments on machine-learning systems whose numbers can be trusted."};
  app.name("assay");
  app.set_version_flag("--version", fmt::format("assay {} ({})", build().version, build().commit_shown()));
  app.require_subcommand(1);
  app.footer("A first table:   assay run matmul-ladder\nA file's format: docs/FORMAT.md");
  Action action;
  add_list(app, action);
  add_doctor(app, action);
  add_try(app, action);
  add_plan(app, action);
  add_run(app, action);
  add_report(app, action);
  bool json = false;  // a verb that failed to parse can't say whether --json was wanted
  for (int i = 1; i < argc; ++i) json = json || std::strcmp(argv[i], "--json") == 0;
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    return complain(kUsage, fmt::format("{}\n  assay --help lists the verbs, assay VERB --help shows one with an example", e.what()), json);
  }
  return action();
}

}  // namespace

}  // namespace assay::cli

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], assay::run::kKeeperVerb) == 0) return assay::run::keeper_main(std::atoi(argv[2]));
  std::signal(SIGPIPE, SIG_IGN);
  assay::cli::catch_interrupts();
  try {
    return assay::cli::run_main(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "assay: internal error: " << e.what() << "\n  please report it with the command that you ran\n";
    return assay::cli::kOwnFailure;
  }
}
