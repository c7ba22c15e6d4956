// A worker that does what its treatment says: exact times, or a fault at a chosen moment. It speaks the protocol by
// hand, since the worker library would not let it misbehave.
//
//     fault = "segfault"  at = "run"  after_runs = 5     the sixth request to run kills it; six are more than a rehearsal asks
//     time_ns = 2000000                                  an iteration takes 2 ms, exactly
//
// A block sleeps until its scripted time is over and then reports it to the nanosecond. Its clock is "cpu" unless
// --clock says otherwise: then no delay on a busy machine makes a block `stolen`, and results are exact. By the clocks
// `instructions` and `device_event` nobody waits: a made-up device did the work.
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <thread>
#include <utility>
#include <vector>

#include "harness/core/classes.hpp"
#include "harness/core/protocol.hpp"
#include "harness/core/random.hpp"

extern "C" char** environ;

namespace {

using assay::Json;
namespace protocol = assay::protocol;

struct Options {
  assay::Clock clock = assay::Clock::cpu;
  bool accuracy = false;          // describes and evaluates a proportion
  bool counters = false;          // 2 mJ an iteration, and a counter that it can't give
  bool may_be_stopped = true;
};

struct Script {
  std::string fault = "none";
  std::string at = "run";         // the request at which the fault strikes: prepare, run, check
  std::int64_t after_runs = 0;    // requests to run that are answered before
  double time_ns = 1'000'000;     // of an iteration
  double cold_ns = 0;             // that the first block takes beyond its iterations
  double jitter = 0;              // share by which a process's times are longer: uniform in [0, jitter), by its seed
  double own_jitter = 0;          // likewise, but each time_ns of a round has its own: ratios differ between rounds
  double accuracy = 1;
  std::string note;               // of a modelled value; empty: none
  std::int64_t slow_every = 0;    // of sampled iterations each so-many-th takes ten times as long; 0: none
  std::int64_t drop_samples = 0;  // so many fewer samples than iterations
  std::string tally;              // a file that gets one byte for each block that was answered; empty: none
};

void reply(const std::string& line) { std::cout << line << '\n' << std::flush; }

[[noreturn]] void sleep_for_ever() {
  for (;;) pause();
}

/// Forks twice and leaves the session, as a daemon does; the grandchild runs this program again as a sleeper.
/// It keeps standard output open, so that whoever waits for its end of file waits for ever.
void leave_a_daemon(bool clear_environment) {
  if (fork() != 0) return;
  setsid();
  if (fork() != 0) _exit(0);
  static char name[] = "fake_worker", flag[] = "--linger";
  char* const argv[] = {name, flag, nullptr};
  char* const nothing[] = {nullptr};
  execve("/proc/self/exe", argv, clear_environment ? nothing : environ);
  _exit(127);
}

void write_for_ever(const char* piece) {
  const std::size_t size = std::strlen(piece);
  while (write(STDOUT_FILENO, piece, size) >= 0) {
  }
  _exit(0);
}

/// Touches 4 MB every 2 ms; gives up at 1 GB, in case nobody stops it.
void grow() {
  constexpr std::size_t kStep = 4'000'000;
  for (int i = 0; i < 250; ++i) {
    auto* piece = static_cast<volatile char*>(std::malloc(kStep));
    for (std::size_t k = 0; k < kStep; k += 4096) piece[k] = 1;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

void spin_in_background() {
  std::thread([] {
    volatile bool for_ever = true;  // read each time: the loop may not be removed
    while (for_ever) {
    }
  }).detach();
}

/// Misbehaves; returns true if the request is still to be answered.
bool misbehave(const std::string& fault) {
  if (fault == "segfault") {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    std::signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
  } else if (fault == "exit_3") {
    std::cerr << "no licence found\n";
    _exit(3);
  } else if (fault == "kill_itself") {
    raise(SIGKILL);
  } else if (fault == "hang" || fault == "deaf") {
    sleep_for_ever();
  } else if (fault == "flood") {
    write_for_ever("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
  } else if (fault == "flood_lines") {
    write_for_ever("{\"ok\":tru\n");
  } else if (fault == "not_json") {
    reply("Epoch 1/10: loss 0.3");
    return false;
  } else if (fault == "nan") {
    reply(R"({"ok":true,"elapsed":NaN,"unit":"ns","clock":"wall"})");
    return false;
  } else if (fault == "null_elapsed") {
    reply(R"({"ok":true,"elapsed":null,"unit":"ns","clock":"wall"})");
    return false;
  } else if (fault == "wrong_op") {
    reply(R"({"ok":true,"max_error":0,"tolerance":1,"rule":"answers another question"})");
    return false;
  } else if (fault == "too_long") {
    reply(R"({"ok":true,"elapsed":3600,"unit":"s","clock":"wall"})");
    return false;
  } else if (fault == "speaks_twice") {
    const std::string once = R"({"ok":true,"elapsed":1000,"unit":"ns","clock":"cpu"})";
    reply(once + "\n" + once);  // in one write: the second line is there when the first is read
    return false;
  } else if (fault == "grow") {
    grow();
  } else if (fault == "swell") {
    static std::vector<char> held(100'000'000, 1);
  } else if (fault == "daemon_and_exit" || fault == "bare_daemon_and_exit") {
    leave_a_daemon(fault == "bare_daemon_and_exit");
    usleep(20'000);  // the daemon is there before its parent has gone
    _exit(0);
  } else if (fault == "daemon" || fault == "bare_daemon") {
    leave_a_daemon(fault == "bare_daemon");
    usleep(20'000);
  } else if (fault == "close_output") {
    close(STDOUT_FILENO);
    sleep_for_ever();
  } else if (fault == "stderr") {
    std::cerr << "a warning that harms nobody\n";
  } else if (fault == "dawdle") {
    usleep(30'000);  // unexplained: neither settling nor the block
  } else if (fault == "spin") {
    spin_in_background();
  } else if (fault == "refuse") {
    reply(protocol::encode(assay::Ending{assay::Outcome::unsupported, "needs AVX-1024"}));
    return false;
  }
  return true;
}

protocol::Description describe(const Options& options) {
  protocol::Description d;
  d.worker = "fake";
  d.libraries = {{"fakelib", "1.2.3"}};
  d.may_be_stopped = options.may_be_stopped;
  assay::Metric time;
  time.name = "time_s";
  time.clock = options.clock;
  if (options.clock == assay::Clock::instructions) {
    time.name = "instructions";
    time.unit = std::string("1");
    time.kind = assay::Kind::size;
  }
  d.metrics.push_back(time);
  if (options.accuracy) {
    d.metrics.push_back({"accuracy", "ratio", assay::Direction::higher, assay::Kind::proportion, assay::Clock::none,
                         assay::Provenance::measured, assay::Scope::once});
  }
  return d;
}

Script read_script(const Json& treatment, std::uint64_t seed) {
  Script s;
  s.fault = treatment.value("fault", s.fault);
  s.at = treatment.value("at", s.at);
  s.after_runs = treatment.value("after_runs", s.after_runs);
  s.cold_ns = treatment.value("cold_ns", s.cold_ns);
  s.jitter = treatment.value("jitter", s.jitter);
  s.own_jitter = treatment.value("own_jitter", s.own_jitter);
  s.time_ns = treatment.value("time_ns", s.time_ns) * (1 + s.jitter * assay::Random(seed).uniform());
  if (s.own_jitter > 0) {
    const auto own = assay::stream_seed(seed, "own_jitter", static_cast<std::uint64_t>(s.time_ns));
    s.time_ns *= 1 + s.own_jitter * assay::Random(own).uniform();
  }
  s.accuracy = treatment.value("accuracy", s.accuracy);
  s.note = treatment.value("note", s.note);
  s.slow_every = treatment.value("slow_every", s.slow_every);
  s.drop_samples = treatment.value("drop_samples", s.drop_samples);
  s.tally = treatment.value("tally", s.tally);
  return s;
}

protocol::RunResult run(Script& script, const Options& options, std::int64_t iterations, bool samples) {
  protocol::RunResult result;
  result.clock = options.clock;
  result.elapsed = script.time_ns * static_cast<double>(iterations) + std::exchange(script.cold_ns, 0.0);
  if (samples) {
    result.elapsed = 0;
    for (std::int64_t i = 1; i <= iterations; ++i) {
      const bool slow = script.slow_every > 0 && i % script.slow_every == 0;
      result.samples.push_back(script.time_ns * (slow ? 10 : 1));
      result.elapsed += result.samples.back();
    }
    result.samples.resize(result.samples.size() - static_cast<std::size_t>(script.drop_samples));
  }
  if (options.counters) {
    result.counters = {{"energy_package_j", 0.002 * static_cast<double>(iterations)}, {"cycles", {{"reason", "no PMU"}}}};
  }
  if (options.clock == assay::Clock::instructions) {
    result.unit = "instructions";
    return result;
  }
  if (options.clock == assay::Clock::device_event) return result;
  std::this_thread::sleep_for(std::chrono::nanoseconds(static_cast<std::int64_t>(result.elapsed)));
  return result;
}

int serve(const Options& options) {
  Script script;
  std::int64_t runs = 0;
  for (std::string line; std::getline(std::cin, line);) {
    const Json request = Json::parse(line);
    const std::string op = request.at("op");
    if (op == "prepare") script = read_script(request.at("treatment"), request.value("seed", std::uint64_t{0}));
    const bool strikes = op == script.at && (op != "run" || runs++ >= script.after_runs);
    if (strikes && !misbehave(script.fault)) continue;
    if (op == "describe") {
      reply(protocol::encode(describe(options)));
    } else if (op == "prepare") {
      protocol::Prepared prepared;
      prepared.work["flop"] = 1e6;
      if (!script.note.empty()) prepared.modelled = protocol::Modelled{2, script.note};
      reply(protocol::encode(prepared));
    } else if (op == "run") {
      reply(protocol::encode(run(script, options, request.at("iterations"), request.value("samples", false))));
      if (!script.tally.empty()) std::ofstream(script.tally, std::ios::app) << '.';
    } else if (op == "check") {
      const double error = script.fault == "wrong_answer" ? 1.0 : 0.0;
      reply(protocol::encode(protocol::Checked{error, 0.5, "|err| <= 0.5"}));
    } else if (op == "evaluate") {
      protocol::Evaluated evaluated;
      evaluated.items = 100;
      if (options.accuracy) {
        evaluated.metrics["accuracy"] = script.accuracy;
        std::vector<std::int32_t> classes(100, 1);
        evaluated.labels_base64 = assay::encode_classes(classes);
        std::fill(classes.begin() + static_cast<std::ptrdiff_t>(script.accuracy * 100), classes.end(), 0);
        evaluated.predictions_base64 = assay::encode_classes(classes);
      }
      reply(protocol::encode(evaluated));
    } else if (op == "quit") {
      return 0;
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--linger") {
      alarm(60);  // gone by itself in the end, should the keeper ever fail
      sleep_for_ever();
    } else if (word == "--clock" && i + 1 < argc) {
      options.clock = assay::clock_named(argv[++i]).value_or(assay::Clock::wall);
    } else if (word == "--accuracy") {
      options.accuracy = true;
    } else if (word == "--counters") {
      options.counters = true;
    } else if (word == "--never-stop") {
      options.may_be_stopped = false;
    } else {
      std::cerr << "fake_worker: unknown option " << word << '\n';
      return 2;
    }
  }
  return serve(options);
}
