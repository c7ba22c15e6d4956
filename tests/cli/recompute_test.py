"""A reader can compute a comparison again from journal.jsonl with a spreadsheet: METHODOLOGY's recipe, step by step, in
plain Python that shares no code with Assay."""
import json
import math
import os
import statistics

import scripted

# A worker whose blocks and processes differ by chance as real ones do, on a clock that no other work on the machine can spoil.
WORKER = r"""
import json, math, os, random, sys
noise = random.Random(os.getpid())
process = noise.gauss(0, 0.01)
for line in sys.stdin:
    request = json.loads(line)
    reply = {"ok": True}
    if request["op"] == "describe":
        reply.update(protocol=1, worker="noisy", metrics=[{"name": "time_s", "unit": "s", "direction": "lower", "clock": "virtual"}])
    elif request["op"] == "prepare":
        n = request["treatment"]["n"]
    elif request["op"] == "run":
        elapsed = 1000 * n * request["iterations"] * math.exp(process + noise.gauss(0, 0.02))
        reply.update(elapsed=elapsed, unit="ns", clock="virtual")
    elif request["op"] == "quit":
        break
    else:
        reply = {"ok": False, "outcome": "unsupported", "reason": "there is nothing to judge"}
    print(json.dumps(reply), flush=True)
"""


def t_upper_tail(t, degrees):
    """P(T > t) for t >= 0: Simpson's rule over the density, T = tan(angle) sqrt(degrees), so that the range is finite."""
    constant = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(math.pi)
    steps = 20_000
    begin, end = math.atan(t / math.sqrt(degrees)), math.pi / 2
    width = (end - begin) / steps
    heights = [constant * max(0.0, math.cos(begin + i * width)) ** (degrees - 1) for i in range(steps + 1)]
    return width / 3 * (heights[0] + heights[-1] + 4 * sum(heights[1:-1:2]) + 2 * sum(heights[2:-1:2]))


def t_quantile(upper, degrees):
    """t with P(T > t) = upper, by bisection."""
    low, high = 0.0, 1000.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if t_upper_tail(middle, degrees) > upper else (low, middle)
    return (low + high) / 2


class Recomputed:
    """Ratio of treatment `of` to treatment `to` out of the journal's lines, `tick_ns` of the clock."""

    def __init__(self, lines, of, to, tick_ns):
        complete = {line["round"] for line in lines if line["type"] == "round" and line["state"] == "complete"}
        last = {}  # of a block that was repeated, its time stolen, the last attempt without that mark
        for line in lines:
            if line["type"] == "block" and line["phase"] == "measure" and line["role"] == "plain" and line["outcome"] == "ok":
                if "stolen" not in line["marks"] and line["round"] in complete and line["treatment"] in (of, to):
                    last[line["round"], line["quad"], line["position"]] = line
        quads, shortest = {}, {of: math.inf, to: math.inf}
        for (number, quad, _), line in sorted(last.items()):
            side = line["treatment"]
            quads.setdefault((number, quad), {of: [], to: []})[side].append(line["elapsed"] / line["iterations"])
            shortest[side] = min(shortest[side], line["elapsed"])
        by_round = {}
        for (number, _), sides in quads.items():
            if len(sides[of]) == len(sides[to]) == 2:
                a1, a2, b1, b2 = *sides[of], *sides[to]
                by_round.setdefault(number, []).append((math.log(a1) + math.log(a2) - math.log(b1) - math.log(b2)) / 2)
        self.quads = sum(map(len, by_round.values()))
        d = [statistics.median(values) for values in by_round.values()]
        self.rounds = len(d)
        mean, error = statistics.mean(d), statistics.stdev(d) / math.sqrt(len(d))
        clock = tick_ns / shortest[of] + tick_ns / shortest[to]
        half = t_quantile(0.025, len(d) - 1) * error + clock
        self.ratio, self.low, self.high = math.exp(mean), math.exp(mean - half), math.exp(mean + half)
        self.p = 2 * t_upper_tail(max(0.0, abs(mean) - clock) / error, len(d) - 1)


class Recompute(scripted.Bench):
    def test_one_comparison_out_of_the_journal_alone(self):
        self.write("noisy.py", WORKER)
        file = self.write("noisy.toml", """
[experiment]
name = "noisy"
question = "What does more work cost?"
baseline = { n = 5000 }
[worker]
command = ["python3", "noisy.py"]
[factors]
n = [5000, 5200]
[presets.quick]
rounds = 6
""")
        finished = self.run_experiment(file)
        self.assertEqual(finished.status, 0, finished)
        (folder,) = self.run_folders()
        manifest = json.loads((folder / "manifest.json").read_text())
        ids = {treatment["treatment"]["n"]: treatment["id"] for treatment in manifest["treatments"]}
        lines = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
        mine = Recomputed(lines, ids[5200], ids[5000], tick_ns=1e9 * manifest["machine"]["clock"]["tick_s"])
        (theirs,) = finished.document["comparisons"]
        self.assertGreater(mine.quads, mine.rounds, "of one quad a round the median isn't tried")
        self.assertEqual(theirs["rounds"], mine.rounds)
        for field in ("ratio", "low", "high", "p"):
            self.assertAlmostEqual(theirs[field], getattr(mine, field), delta=1e-7 * abs(getattr(mine, field)) + 1e-12, msg=field)
        self.assertEqual(theirs["p_adjusted"], theirs["p"], "a family of one")


if __name__ == "__main__":
    scripted.main()
