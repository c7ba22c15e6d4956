#include "harness/run/simulation.hpp"

#include <fmt/format.h>

#include "harness/core/units.hpp"
#include "harness/plan/suite.hpp"

namespace assay::run {

Result<std::vector<std::string>> emulated_command(const std::vector<std::string>& command, const std::filesystem::path& out) {
  const std::string program = std::filesystem::path(command.front()).filename().string();
  if (program == "java") return Error{"the Java virtual machine doesn't run under Valgrind"};
  if (const auto r = plan::check_requirement("program:valgrind"); r.missing) return Error{*r.missing};
  std::vector<std::string> emulated{"valgrind",           "--quiet",         "--tool=callgrind",   "--trace-children=yes",
                                    "--cache-sim=yes",    "--branch-sim=yes", "--instr-atstart=no",
                                    fmt::format("--callgrind-out-file={}%p", out.string())};
  emulated.insert(emulated.end(), command.begin(), command.end());
  return emulated;
}

void simulate(Session& session, const Standing& standing) {
  const plan::Plan& plan = session.plan();
  const std::uint64_t seed = plan::round_plan(plan, 0, 1).seed;
  for (std::size_t i = 0; i < plan.treatments.size() && !session.must_stop(); ++i) {
    if (!standing.treatments[i].ok()) continue;
    const std::string label = plan.treatments[i].treatment.label();
    session.trace().progress(1, fmt::format("simulating {}", label));
    auto live = session.start({.round = 0, .group = 0, .slot = {static_cast<int>(i), Role::plain}, .phase = Phase::simulated, .seed = seed});
    bool counted = false;
    if (live->usable()) {
      static_cast<void>(session.run_block(*live, {.phase = Phase::warmup}, {}));
    }
    if (live->usable() && !session.must_stop()) {
      counted = session.run_block(*live, {.phase = Phase::simulated}, {}).counts_instructions;
      session.check(*live);
    }
    session.finish(*live);
    session.sweep();
    if (live->ending.ok() && !counted && !session.must_stop()) {
      session.fail(*live, {Outcome::unsupported, "its worker told nothing of what Callgrind counted: it has no counters of Assay's"});
    }
    if (live->ending.ok() && !session.must_stop()) session.trace().note(fmt::format("simulated: {}", label));
  }
}

}  // namespace assay::run
