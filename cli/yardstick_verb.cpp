// assay __yardstick: comparisons of the yardstick as lines of JSON, one each, as soon as it is made. Not listed: for programs
// that find out how often comparisons on a machine are wrong.
#include <fmt/format.h>

#include <iostream>
#include <random>

#include "cli/places.hpp"
#include "cli/preparation.hpp"
#include "cli/signals.hpp"
#include "cli/terminal.hpp"
#include "cli/verb.hpp"
#include "cli/yardstick.hpp"
#include "harness/core/units.hpp"
#include "harness/run/file_lock.hpp"

namespace assay::cli {

namespace {

struct Options {
  YardstickWish wish;
  std::vector<std::int64_t> working_sets{0, 0};
  std::optional<std::uint64_t> seed;
  double iteration_s = 0.001;
  std::int64_t count = 1;
  bool json = false;
};

OrderedJson number(const std::optional<double>& x) { return x ? OrderedJson(stored(*x)) : OrderedJson(); }
OrderedJson text(const std::string& s) { return s.empty() ? OrderedJson() : OrderedJson(s); }

OrderedJson to_json(const YardstickComparison& c, const YardstickWish& wish) {
  const bool interval = c.ratio && c.ratio->interval;
  return {{"planted", wish.planted},
          {"working_set_bytes", wish.working_set_bytes},
          {"seed", wish.seed},
          {"ratio", number(c.ratio ? std::optional(c.ratio->value) : std::nullopt)},
          {"low", number(interval ? std::optional(c.ratio->interval->low) : std::nullopt)},
          {"high", number(interval ? std::optional(c.ratio->interval->high) : std::nullopt)},
          {"p", number(c.p)},
          {"rounds", c.spread.rounds},
          {"quads", c.spread.quads},
          {"sd", number(c.spread.sd)},
          {"sd_between", number(c.spread.sd_between)},
          {"sd_within", number(c.spread.sd_within)},
          {"round_s", stored(c.spread.round_s())},
          {"start_s", stored(c.spread.start_s)},
          {"wall_s", stored(c.wall_s)},
          {"verdict", text(c.verdict)},
          {"reason", text(c.reason)}};
}

/// What the comparison warns of goes to standard error; that it ran is said by its line.
class OnlyFailures : public run::Trace {
 public:
  void failure(std::string_view what) override { std::cerr << what << '\n'; }
};

int yardstick(Options options) {
  YardstickWish& wish = options.wish;
  wish.working_set_bytes = {options.working_sets[0], options.working_sets[1]};
  // A seed of 53 bits is whole in everybody's JSON; one order for ever would be one and the same experiment.
  constexpr std::uint64_t kWhole = (std::uint64_t{1} << 53) - 1;
  if (!options.seed) options.seed = (std::uint64_t{std::random_device{}()} << 21 ^ std::random_device{}()) & kWhole;
  const AllPlaces places = find_places({});
  const auto lock = run::lock_machine(interrupted(), [](const std::string& sentence) { std::cerr << sentence << '\n'; });
  if (!lock) return complain(kOwnFailure, lock.error().message, options.json);
  const auto machine = look_at_machine(places, false);
  if (!machine) return complain(kOwnFailure, machine.error().message, options.json);
  const auto opened = Yardstick::open(places, *machine, options.iteration_s);
  if (!opened) return complain(kOwnFailure, opened.error().message, options.json);
  OnlyFailures trace;
  for (std::int64_t i = 0; i < options.count && !interrupted() && std::cout; ++i) {  // whoever read the lines may be gone
    wish.seed = (*options.seed + static_cast<std::uint64_t>(i)) & kWhole;
    const auto comparison = opened->compare(wish, trace, interrupted());
    if (interrupted()) break;
    if (!comparison) return complain(kOwnFailure, comparison.error().message, options.json);
    if (options.json) {
      std::cout << to_json(*comparison, wish).dump() << std::endl;
      continue;
    }
    const auto& c = *comparison;
    if (!c.ratio) {
      std::cout << c.reason << std::endl;
      continue;
    }
    const auto printed = reports::print_ratio(*c.ratio);
    std::cout << fmt::format("{} {} p = {}: {}; {} rounds of {} quads in {}\n", printed.value, printed.interval,
                             c.p ? significant(*c.p, 2) : "–", c.verdict.empty() ? c.reason : c.verdict, c.spread.rounds,
                             c.spread.quads, with_unit(c.wall_s, "s", 2))
              << std::flush;
  }
  return interrupted() || !std::cout ? kOwnFailure : kDone;
}

}  // namespace

void add_yardstick(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("__yardstick", "Comparisons of the yardstick with itself, or with a copy that does more");
  verb->group("");  // not listed
  verb->add_option("--planted", options->wish.planted, "Ratio ≥ 1: how much more the second side does")->check(CLI::Range(1.0, 1000.0));
  verb->add_option("--working-set", options->working_sets, "Bytes that each side walks through: A,B")->delimiter(',')->expected(2)->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 33));
  verb->add_option("--seconds", options->wish.seconds, "That a comparison should take; it has at least 7 rounds")->check(CLI::Range(0.01, 3600.0));
  verb->add_option("--rounds", options->wish.rounds, "Instead of as many as fit")->check(CLI::Range(2, 10'000));
  verb->add_option("--quads", options->wish.quads, "In a round")->check(CLI::Range(1, 1000));
  verb->add_option("--iteration", options->iteration_s, "Seconds of one iteration")->check(CLI::Range(1e-6, 10.0));
  verb->add_option("--count", options->count, "Comparisons")->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40));
  verb->add_option("--seed", options->seed, "Of the first comparison's orders; the next ones add 1. Default: drawn");
  verb->add_flag("--json", options->json, "One JSON object a line");
  verb->footer("Example: assay __yardstick --planted 1.02 --seconds 3 --count 10 --json");
  verb->callback([&action, options] { action = [options] { return yardstick(*options); }; });
}

}  // namespace assay::cli
