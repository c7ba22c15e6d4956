"""Ways to compare two kernels of about 1 ms, of which the second does `planted` times as much: Assay, and what else
people use. Each gives a dict: p, ratio (second / first), found ("slower", "faster" or None at 5 %), and what it ran.

    kernel = Kernel(build / "bin/assay", build / "tests/trust")
    METHODS["hyperfine"](kernel, planted=1.02, seconds=1.0)

A method that can't be had here raises Missing with the reason.
"""
import json
import pathlib
import shutil
import statistics
import subprocess
import tempfile

import significance

ALPHA = 0.05
REPETITIONS = 10          # of Google Benchmark and hyperfine in a comparison of a second: what their manuals show
REPETITION_S = 0.05       # a longer comparison has more repetitions, not longer ones: more is what the tests ask for


class Missing(Exception):
    """The method isn't here; the text says what would bring it."""


class Kernel:
    """Where the programs are, and how many steps take a millisecond here (calibrated once, the same for every method)."""

    def __init__(self, assay, programs, steps=None):
        self.assay = str(assay)
        self.bench = pathlib.Path(programs) / "trust_kernel_bench"
        self.program = pathlib.Path(programs) / "trust_kernel_program"
        self._steps = steps

    @property
    def steps(self):
        if self._steps is None:
            if not self.bench.exists():
                raise Missing(f"{self.bench} isn't built (apt-get install libbenchmark-dev)")
            self._steps = int(output([self.bench, "--calibrate", "0.001"]))
        return self._steps


def output(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"{pathlib.Path(str(command[0])).name} ended with status {done.returncode}: {last}")
    return done.stdout


def version(assay):
    """"0.1.0 (commit 1a2b3c4)"; unknown where the program can't say."""
    try:
        return output([assay, "--version"]).strip().removeprefix("assay ")
    except (RuntimeError, OSError):
        return "unknown"


def decision(p, ratio):
    """What a reader of the method's output concludes."""
    if p is None or ratio is None or not p < ALPHA:
        return None
    return "slower" if ratio > 1 else "faster"


def from_assay(line):
    """A line of `assay __yardstick --json`, in the words that all methods share. What was withheld found nothing."""
    found = None if line.get("reason") else decision(line.get("p"), line.get("ratio"))
    return {"p": line.get("p"), "ratio": line.get("ratio"), "found": found, "verdict": line.get("verdict"),
            "reason": line.get("reason"), "low": line.get("low"), "high": line.get("high"),
            "rounds": line.get("rounds"), "quads": line.get("quads"), "sd_between": line.get("sd_between"),
            "sd_within": line.get("sd_within"), "sd": line.get("sd"), "inner_s": line.get("wall_s")}


def assay_command(kernel, planted, seconds, count):
    return [kernel.assay, "__yardstick", "--planted", repr(planted), "--seconds", repr(seconds), "--count", str(count),
            "--json"]


def assay(kernel, planted, seconds):
    return from_assay(json.loads(output(assay_command(kernel, planted, seconds, 1))))


def repetitions(seconds):
    return max(REPETITIONS, round(seconds / (2 * REPETITION_S)))


def google_benchmark_run(kernel, planted, pattern, seconds, more=()):
    """Real times of each benchmark's repetitions, by name."""
    if not kernel.bench.exists():
        raise Missing(f"{kernel.bench} isn't built (apt-get install libbenchmark-dev)")
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        output([kernel.bench, "--steps", str(kernel.steps), "--planted", repr(planted), f"--benchmark_filter={pattern}",
                f"--benchmark_repetitions={repetitions(seconds)}", f"--benchmark_min_time={min_time(seconds)}",
                f"--benchmark_out={file.name}", "--benchmark_out_format=json", *more])
        runs = json.loads(pathlib.Path(file.name).read_text())["benchmarks"]
    times = {}
    for run in runs:
        if run["run_type"] == "iteration":
            times.setdefault(run["run_name"].split("/")[0], []).append(run["real_time"])
    return times


def min_time(seconds):
    return seconds / (2 * repetitions(seconds))


def mann_whitney_of(times_a, times_b):
    """compare.py's rule: Mann and Whitney's U of the repetitions' real times at 5 %."""
    p = significance.mann_whitney(times_a, times_b)
    ratio = statistics.median(times_b) / statistics.median(times_a)
    return {"p": p, "ratio": ratio, "found": decision(p, ratio), "repetitions": len(times_a)}


def google_benchmark(kernel, planted, seconds):
    """Two processes, one after the other."""
    first = google_benchmark_run(kernel, planted, "^A$", seconds)["A"]
    second = google_benchmark_run(kernel, planted, "^B$", seconds)["B"]
    return mann_whitney_of(first, second)


def google_benchmark_interleaved(kernel, planted, seconds):
    """Both in one process, repetitions in random order."""
    times = google_benchmark_run(kernel, planted, "^[AB]$", seconds, ["--benchmark_enable_random_interleaving=true"])
    return mann_whitney_of(times["A"], times["B"])


def hyperfine(kernel, planted, seconds):
    """Commands one after the other, Welch's t test of their times, as hyperfine's scripts/welch_ttest.py has it."""
    if not shutil.which("hyperfine"):
        raise Missing("hyperfine isn't here (apt-get install hyperfine)")
    if not kernel.program.exists():
        raise Missing(f"{kernel.program} isn't built")
    runs = repetitions(seconds)
    times = max(1, round(1000 * seconds / (2 * runs)))
    more = round(kernel.steps * planted)
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        output(["hyperfine", "-N", "--style", "none", "--runs", runs, "--export-json", file.name,
                f"{kernel.program} {kernel.steps} {times}", f"{kernel.program} {more} {times}"])
        a, b = (result["times"] for result in json.loads(pathlib.Path(file.name).read_text())["results"])
    p = significance.welch(a, b)
    ratio = statistics.fmean(b) / statistics.fmean(a)
    return {"p": p, "ratio": ratio, "found": decision(p, ratio), "repetitions": len(a)}


METHODS = {"assay": assay, "google_benchmark": google_benchmark,
           "google_benchmark_interleaved": google_benchmark_interleaved, "hyperfine": hyperfine}
PEERS = ("google_benchmark", "google_benchmark_interleaved", "hyperfine")
