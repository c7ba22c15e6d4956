// assay: an experiment harness whose numbers can be trusted on a noisy machine.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <limits>
#include <string_view>

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

/// Of a command line that could not be parsed, or whose verb threw.
bool wants_json(int argc, char** argv) {
  return std::any_of(argv, argv + argc, [](const char* word) { return std::strcmp(word, "--json") == 0; });
}

/// Started with a standard stream closed, the first files opened would take its number, and a worker's pipe with it.
void open_missing_streams() {
  int fd = 0;
  do {
    fd = open("/dev/null", O_RDWR);
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0) close(fd);
}

/// The words before the first `--`, and what stands behind it: of `compare`, behind each one, since it takes several commands;
/// of `new` all the rest, which may hold `--` itself. CLI11 would take a second `--` for a word.
struct Split {
  std::vector<char*> words;
  std::vector<std::vector<std::string>> commands;
};
Split split_commands(int argc, char** argv) {
  Split split;
  const std::string_view verb = argc > 1 ? argv[1] : "";
  const std::size_t most = verb == "compare" ? std::numeric_limits<std::size_t>::max() : verb == "new" ? 1 : 0;
  for (char* const* word = argv; word != argv + argc; ++word) {
    if (split.commands.size() < most && std::strcmp(*word, "--") == 0) {
      split.commands.emplace_back();
    } else if (split.commands.empty()) {
      split.words.push_back(*word);
    } else {
      split.commands.back().emplace_back(*word);
    }
  }
  return split;
}

int run_main(int argc, char** argv) {
  Split split = split_commands(argc, argv);
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
  add_compare(app, action, split.commands);
  add_report(app, action);
  add_check(app, action);
  add_import(app, action);
  add_replay(app, action);
  add_submit(app, action);
  add_data(app, action);
  add_new(app, action, split.commands);
  add_yardstick(app, action);
  try {
    app.parse(static_cast<int>(split.words.size()), split.words.data());
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    return complain(kUsage, fmt::format("{}\n  assay --help lists the verbs, assay VERB --help shows one with an example", e.what()), wants_json(static_cast<int>(split.words.size()), split.words.data()));
  }
  return action();
}

}  // namespace

}  // namespace assay::cli

int main(int argc, char** argv) {
  using namespace assay::cli;
  if (argc == 3 && std::strcmp(argv[1], assay::run::kKeeperVerb) == 0) return assay::run::keeper_main(std::atoi(argv[2]));
  open_missing_streams();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a journal at the limit of ulimit -f is an error that can be told, and resumed
  catch_interrupts();
  try {
    return run_main(argc, argv);
  } catch (const std::exception& e) {
    return complain(kOwnFailure, fmt::format("internal error: {}\n  please report it with the command that you ran", e.what()),
                    wants_json(argc, argv));
  }
}
