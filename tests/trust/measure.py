#!/usr/bin/env python3
"""Comparisons by the hundred, to find out how often they are wrong: on the machine they run on, which should do nothing
else. Each verb adds lines to a file of its own and goes on where an earlier call stopped.

    measure.py aa --condition idle --until 3000       the yardstick with itself, through Assay
    measure.py peers --condition idle --until 140     the same beside Google Benchmark and hyperfine, in turns
    measure.py power --until 400                      1 % and 2 % planted; what the peers need for as much
    measure.py settling --settle-s 0.016 --until 150  no working set against 16 MB: the bias of taking turns
    measure.py family --until 200                     tables of ten rows that are the same program
    measure.py summary [--into docs/METHODOLOGY.md]   tables of all that was measured

All take --minutes M, after which they stop, and --out FILE. Exit status: 0 all that was asked for is there, 3 not yet.
"""
import argparse
import json
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

import methods
import summary
from load import CONDITIONS, Load
from results import Results

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build" / "release"
BUDGETS_S = (1, 3, 10, 30, 60)  # in which a peer may find what was planted
MOST_FAILURES = 5  # in a row


class Session:
    """What one call may still do."""

    def __init__(self, options, default_name):
        self.options = options
        assay = options.build / "bin" / "assay"
        self.results = Results(options.out or options.build / "trust" / default_name, {"assay": methods.version(assay)})
        self.deadline = time.monotonic() + 60 * options.minutes if options.minutes else None
        self.random = random.Random()  # phases of loads must not repeat from call to call
        self.failures = 0
        self.kernel = methods.Kernel(assay, options.build / "tests" / "trust")

    def time_is_up(self):
        return self.deadline is not None and time.monotonic() >= self.deadline

    def failed(self, what, error):
        self.failures += 1
        print(f"{what}: {error}", file=sys.stderr)
        if self.failures >= MOST_FAILURES:
            sys.exit(f"measure.py: {MOST_FAILURES} failures in a row; what was measured stands in {self.results.path}")

    def begin(self, load, key):
        """The load knows when such a comparison will be over; the clock starts."""
        load.begin(self.results.usual_wall_s(self.options.seconds, **key))
        return time.monotonic()

    def add(self, key, line, load, began):
        self.failures = 0
        self.results.append({**key, **line, "wall_s": time.monotonic() - began, "load_began": load.has_begun})
        n = self.results.count(**key)
        if n % 10 == 0 or n == 1:
            print(" ".join(f"{name} {value}" for name, value in key.items()) + f": {n}", file=sys.stderr)


def stream(session, key, planted, seconds, until):
    """Comparisons by one long-lived assay, which calibrates its kernel once. True when there are `until`."""
    options = session.options
    with Load(options.condition, session.random) as load:
        while session.results.count(**key) < until and not session.time_is_up():
            missing = until - session.results.count(**key)
            process = subprocess.Popen(methods.assay_command(session.kernel, planted, seconds, missing),
                                       stdout=subprocess.PIPE, text=True)
            try:
                began = session.begin(load, key)
                for text in process.stdout:
                    load.end()
                    session.add(key, {**methods.from_assay(json.loads(text)), "of": until}, load, began)
                    if session.time_is_up():
                        break
                    began = session.begin(load, key)
            finally:
                load.end()
                stop(process)
            if session.results.count(**key) < until and not session.time_is_up():
                session.failed("assay __yardstick", f"ended with status {process.returncode}")
    return session.results.count(**key) >= until


def stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
    process.stdout.close()
    process.wait()


def aa(options):
    session = Session(options, "aa.jsonl")
    key = {"figure": "aa", "condition": options.condition, "method": "assay"}
    return stream(session, key, 1.0, options.seconds, options.until)


def one(session, load, key, name, planted, seconds, **more):
    """One comparison by a named method, under the load; its line says `more`, too."""
    began = session.begin(load, key)
    try:
        line = methods.METHODS[name](session.kernel, planted, seconds)
    except (RuntimeError, ValueError, KeyError) as error:
        return session.failed(name, error)
    finally:
        load.end()
    session.add(key, {**line, **more}, load, began)


def available(session, names):
    """Those that can be had here; the others are said once."""
    found = []
    for name in names:
        try:
            methods.METHODS[name](session.kernel, 1.0, 0.1)
            found.append(name)
        except methods.Missing as reason:
            print(f"{name} is left out: {reason}", file=sys.stderr)
    return found


def peers(options):
    session = Session(options, "peers.jsonl")
    names = available(session, methods.METHODS)
    key = {name: {"figure": "peers", "condition": options.condition, "method": name} for name in names}
    with Load(options.condition, session.random) as load:
        while not session.time_is_up():
            missing = [name for name in names if session.results.count(**key[name]) < options.until]
            if not missing:
                return True
            session.random.shuffle(missing)
            for name in missing:
                one(session, load, key[name], name, 1.0, options.seconds)
    return False


def peer(session, load, key, name, planted, seconds):
    """A peer's comparisons of one length, until it has missed too many. False when the time is up."""
    wanted = session.options.peers_until
    while session.results.count(**key) < wanted and not summary.has_missed_too_many(session.results.select(**key)):
        if session.time_is_up():
            return False
        one(session, load, key, name, planted, seconds, of=wanted)
    return True


def power(options):
    """Assay at one budget, and at shorter ones as the peers are; then each peer at growing budgets until it has the power
    that is asked for. Where it has it, also the method's false alarms at that budget, without which a power means nothing."""
    session = Session(options, "power.jsonl")

    def key(name, planted, seconds):
        return {"figure": "power", "condition": options.condition, "method": name, "planted": planted, "seconds": seconds}

    for seconds in (options.seconds, *(shorter for shorter in BUDGETS_S if shorter < options.seconds)):
        for planted in (*summary.TARGETS, 1.0):
            is_figure = seconds == options.seconds and planted != 1.0
            until = options.until if is_figure else options.peers_until
            if not stream(session, key("assay", planted, seconds), planted, seconds, until):
                return False
    if options.peers_until == 0:
        return True
    for name in available(session, methods.PEERS):
        open_questions = list(summary.TARGETS)
        for seconds in BUDGETS_S:
            with Load(options.condition, session.random) as load:
                answered = []
                for planted in open_questions:
                    if not peer(session, load, key(name, planted, seconds), name, planted, seconds):
                        return False
                    if summary.has_power(session.results.select(**key(name, planted, seconds))):
                        answered.append(planted)
                if answered and not peer(session, load, key(name, 1.0, seconds), name, 1.0, seconds):
                    return False
            open_questions = [planted for planted in open_questions if planted not in answered]
    return True


def run_experiment(session, text, preset="quick"):
    """The JSON of `assay run` of an experiment that is nowhere else."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "experiment.toml"
        file.write_text(text)
        done = subprocess.run([session.kernel.assay, "run", str(file), "--preset", preset, "--json", "--out", folder + "/results"],
                              capture_output=True, text=True)
        if done.returncode not in (0, 1):
            raise RuntimeError((done.stderr.strip().splitlines() or ["no message"])[-1])
        return json.loads(done.stdout)


def experiment(session, name, factors, controls, budget_s, baseline, **preset):
    worker = session.options.build / "libexec" / "assay" / "assay_yardstick_worker"
    lines = [f'[experiment]\nname = "{name}"\nquestion = "Is the same program the same?"\nbaseline = {baseline}',
             f"seed = {session.random.randrange(1, 2**31)}\n\n[worker]\ncommand = [{json.dumps(str(worker))}]\n\n[factors]"]
    lines += [f"{factor} = {levels}" for factor, levels in factors.items()]
    lines += ["\n[controls]"] + [f"{control} = {level}" for control, level in controls.items()]
    lines += ['\n[metrics]\nprimary = ["time_s"]', f"\n[presets.quick]\nrounds = 7\nbudget_s = {budget_s}"]
    lines += [f"{name} = {value}" for name, value in preset.items()]
    return "\n".join(lines) + "\n"


def family(options):
    """Eleven treatments that differ by a level the worker doesn't look at."""
    session = Session(options, "family.jsonl")
    key = {"figure": "family", "condition": options.condition}
    with Load(options.condition, session.random) as load:
        while session.results.count(**key) < options.until and not session.time_is_up():
            text = experiment(session, "family", {"copy": list(range(11))}, {"steps": session.kernel.steps}, options.seconds,
                              "{ copy = 0 }")
            began = session.begin(load, key)
            try:
                report = run_experiment(session, text)
                comparisons = report["comparisons"]
                line = {"rows": len(comparisons), "significant": sum(c["p_adjusted"] is not None and c["p_adjusted"] < 0.05 for c in comparisons),
                        "verdicts": sum(c["verdict"] in ("better", "worse") for c in comparisons),
                        "warns": any(w["kind"] == "carry_over" for w in report["warnings"]),
                        "smallest_p": min((c["p_adjusted"] for c in comparisons if c["p_adjusted"] is not None), default=None)}
            except (RuntimeError, ValueError, KeyError) as error:
                session.failed("family", error)
                continue
            finally:
                load.end()
            session.add(key, line, load, began)
    return session.results.count(**key) >= options.until


def settling(options):
    """How much a block differs after a neighbour with another working set from one after its own: what is left of it when
    the block has settled for settle_s is the most that a ratio of the two sides can be wrong by."""
    session = Session(options, "settling.jsonl")
    key = {"figure": "settling", "condition": options.condition, "bytes": options.bytes, "settle_s": options.settle_s}
    with Load(options.condition, session.random) as load:
        while session.results.count(**key) < options.until and not session.time_is_up():
            text = experiment(session, "settling", {"working_set_bytes": [0, options.bytes]}, {"steps": session.kernel.steps},
                              options.seconds, "{ working_set_bytes = 0 }", settle_s=options.settle_s)
            began = session.begin(load, key)
            try:
                report = run_experiment(session, text)
                carried = {c["treatment"]["working_set_bytes"]: c for c in report["carry_over"]}
                none, set_ = carried[0], carried[options.bytes]
                line = {"without": none["log_ratio"], "with": set_["log_ratio"], "bias": none["log_ratio"] - set_["log_ratio"],
                        "uninterrupted": set_["uninterrupted"]["value"], "ratio": report["comparisons"][0]["ratio"],
                        "proposes": any(c["matters"] or c["matters_uninterrupted"] for c in report["carry_over"])}
            except (RuntimeError, ValueError, KeyError, TypeError, IndexError) as error:
                session.failed("settling", repr(error))
                continue
            finally:
                load.end()
            session.add(key, line, load, began)
    return session.results.count(**key) >= options.until


def summarise(options):
    folder = options.out or options.build / "trust"
    text = summary.tables(pathlib.Path(folder))
    if options.into:
        summary.splice(pathlib.Path(options.into), text)
    else:
        print(text)
    if options.check and not summary.all_reached(pathlib.Path(folder)):
        sys.exit("measure.py: a figure isn't reached; the first table says which")
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    def add(name, action, until, seconds, **more):
        verb = verbs.add_parser(name, help=action.__doc__)
        verb.set_defaults(action=action)
        verb.add_argument("--build", type=pathlib.Path, default=BUILD, help="build folder with bin/assay (default: build/release)")
        verb.add_argument("--out", type=pathlib.Path, help="results file (default: BUILD/trust/%s.jsonl)" % name)
        if until:
            verb.add_argument("--condition", choices=CONDITIONS, default="idle")
            verb.add_argument("--until", type=int, default=until, help="how many there should be (default: %(default)s)")
            verb.add_argument("--minutes", type=float, help="stop after so many")
            verb.add_argument("--seconds", type=float, default=seconds, help="of one comparison or table (default: %(default)s)")
        for flag, settings in more.items():
            verb.add_argument("--" + flag.replace("_", "-"), **settings)

    add("aa", aa, 3000, 0.8)
    add("peers", peers, 140, 1.0)
    add("power", power, 400, 3.0, peers_until=dict(type=int, default=40, help="comparisons of each peer at each budget; 0: none"))
    add("settling", settling, 150, 10.0, bytes=dict(type=int, default=16_000_000, help="working set of the second side"),
        settle_s=dict(type=float, default=0.016, help="that a block settles for (default: %(default)s; Assay's is 0.001)"))
    add("family", family, 200, 12.0)
    add("summary", summarise, 0, 0, into=dict(help="Markdown file whose block between <!-- trust: begin --> and <!-- trust: end --> is rewritten"),
        check=dict(action="store_true", help="exit 1 if a figure isn't reached"))
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):  # in the background of a shell the first is ignored
        signal.signal(number, signal.default_int_handler)
    try:
        return 0 if options.action(options) else 3
    except (methods.Missing, FileNotFoundError) as reason:
        print(f"measure.py: {reason}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 3


if __name__ == "__main__":
    sys.exit(main())
