// assay check: whether a run, a report or a repository is what it says, without executing anything of it.
#include <fmt/format.h>

#include <iostream>

#include "cli/places.hpp"
#include "cli/verb.hpp"
#include "reports/check/check.hpp"

namespace assay::cli {

namespace {

struct Options {
  std::string path;
  bool json = false;
};

int check_verb(const Options& options) {
  using namespace reports::check;
  const AllPlaces places = find_places({});
  const auto templates = reports::Templates::open(places.templates);
  if (!templates) return complain(kOwnFailure, templates.error().message, options.json);
  const auto checked = check_path(options.path, {}, *templates);
  if (!checked) return complain(kUsage, checked.error().message, options.json);
  if (options.json) {
    OrderedJson findings = OrderedJson::array();
    for (const Finding& f : checked->findings)
      findings.push_back({{"severity", name_of(f.severity)}, {"rule", f.rule}, {"file", f.file}, {"line", f.line}, {"what", f.what}, {"remedy", f.remedy}});
    print({{"schema", 1}, {"path", options.path}, {"kind", name_of(checked->kind)}, {"ok", checked->ok()}, {"findings", findings}, {"blocks", checked->blocks}, {"agreeing", checked->agreeing}});
  } else {
    for (const Finding& f : checked->findings) std::cout << fmt::format("{}:{}: {}: {}; {} [{}]\n", f.file, f.line, name_of(f.severity), f.what, f.remedy, f.rule);
  }
  return checked->ok() ? kDone : kFailed;
}

}  // namespace

void add_check(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("check", "Whether a run, a report or a repository is what it says; executes nothing of it");
  verb->add_option("path", options->path, "A run folder, a report (.md, .tex), or a repository")->required();
  verb->add_flag("--json", options->json, "One JSON document on standard output");
  verb->footer("Example: assay check .\n         assay check report.md");
  verb->callback([&action, options] { action = [options] { return check_verb(*options); }; });
}

}  // namespace assay::cli
