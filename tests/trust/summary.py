"""Tables of what stands in a folder of results: what METHODOLOGY shows between its trust markers."""
import math
import pathlib
import statistics

import significance
from results import read_all, select

BEGIN, END = "<!-- trust: begin -->", "<!-- trust: end -->"
NAMES = {"assay": "Assay", "google_benchmark": "Google Benchmark, two processes in sequence, MWU",
         "google_benchmark_interleaved": "Google Benchmark, random interleaving, MWU",
         "hyperfine": "hyperfine, Welch's t"}
WAYS = {"idle": "idle", "onoff": "on/off load", "step": "load that starts and stays"}
SETTLED_S = 0.016  # what a run's warning proposes, followed twice
TARGETS = {1.01: 0.90, 1.02: 0.95}
POWER_S = 3  # in which Assay should find them


def tables(folder):
    """Markdown. Raises FileNotFoundError where there is nothing at all."""
    lines = read_all(folder)
    if not lines:
        raise FileNotFoundError(f"{folder} has no results (*.jsonl); measure.py aa makes some")
    parts = [part(lines) for part in (reached, same_program, power, needed, settling, family, coverage, simulated, plans)]
    return "\n".join(part for part in parts + [where(lines)] if part)


def all_reached(folder):
    return all(so for *_, so in standings(read_all(folder)))


def splice(file, text):
    """Rewrites the block between the markers, in one step."""
    old = file.read_text(encoding="utf-8")
    if old.count(BEGIN) != 1 or old.count(END) != 1 or old.index(BEGIN) > old.index(END):
        raise SystemExit(f"{file}: needs one line {BEGIN} and after it one line {END}")
    head, tail = old.split(BEGIN)[0], old.split(END)[1]
    new = file.with_name(file.name + ".new")
    new.write_text(f"{head}{BEGIN}\n\n{text.strip()}\n\n{END}{tail}", encoding="utf-8")
    new.replace(file)


def table(title, header, rows):
    if not rows:
        return ""
    rule = "|".join(":---" if i == 0 else "---:" for i in range(len(header)))
    body = "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)
    return f"**{title}**\n\n| {' | '.join(header)} |\n|{rule}|\n{body}\n"


def percent(x, digits=1):
    return f"{100 * x:.{digits}f} %"


def rate_cells(k, n):
    return [n, k, percent(k / n), percent(significance.upper_bound(k, n))]


def same_program(lines):
    """Comparisons without a p (too few rounds were left undisturbed) are counted by themselves, in no rate."""
    groups = {}
    for line in lines:
        if line.get("figure") in ("aa", "peers"):
            groups.setdefault((line["figure"], line["condition"], line["method"]), []).append(line)
    rows = []
    for (figure, condition, method), group in sorted(groups.items(), key=lambda g: (list(WAYS).index(g[0][1]), g[0])):
        seconds = statistics.median(line["wall_s"] for line in group)
        decided = [line for line in group if line.get("p") is not None]
        alarms = sum(line["p"] < 0.05 for line in decided)
        turns = ", in turns with the peers" if figure == "peers" and method == "assay" else ""
        rates = rate_cells(alarms, len(decided)) if decided else [0, "–", "–", "–"]
        rows.append([WAYS[condition], NAMES[method] + turns, *rates, f"{seconds:.2f}", len(group) - len(decided)])
    return table("The same program against itself, at 5 %",
                 ["machine", "method", "comparisons", "false alarms", "rate", "at most (95 %)", "s each",
                  "without a verdict"], rows)


WANTED = {"aa": 3000, "family": 200, "power": 400, "settling": 100}  # comparisons, tables or runs


def so_far(figure, rate, holds, n):
    """What was measured, and whether the figure is reached: with fewer than are wanted it is not, however good it looks."""
    enough = n >= WANTED[figure]
    unfinished = f", {WANTED[figure]} are wanted" if holds and not enough else ""
    return f"{percent(rate)} of {n}{unfinished}", holds and enough


def standings(lines):
    """(figure, what is wanted, what was measured, whether it is so) of every figure with results."""
    found = []
    for condition in WAYS:
        group = [line for line in select(lines, figure="aa", condition=condition) if line.get("p") is not None]
        if group:
            alarms = sum(line["p"] < 0.05 for line in group)
            bound = significance.upper_bound(alarms, len(group))
            found.append((f"false alarms, {WAYS[condition]}", "upper bound at most 6.5 %",
                          *so_far("aa", bound, bound <= 0.065, len(group))))
        group = select(lines, figure="family", condition=condition)
        if group:
            rate = sum(line["significant"] > 0 for line in group) / len(group)
            found.append((f"tables of ten with a false row, {WAYS[condition]}", "at most 5 %",
                          *so_far("family", rate, rate <= 0.05, len(group))))
    for (method, planted, seconds, condition), group in sorted(power_groups(lines).items()):
        if method == "assay" and planted in TARGETS and seconds == POWER_S:
            rate = found_in(group) / len(group)
            found.append((f"planted {percent(planted - 1, 0)} found in {seconds:g} s, {WAYS[condition]}",
                          f"at least {percent(TARGETS[planted], 0)}", *so_far("power", rate, rate >= TARGETS[planted], len(group))))
    group = select(lines, figure="settling", condition="idle", settle_s=SETTLED_S)
    if group:
        bias, half = mean_and_interval([line["bias"] for line in group])
        enough = len(group) >= WANTED["settling"]
        found.append(("bias of another working set, settled", "at most 0.3 %",
                      f"{interval_text(bias, half)} of {len(group)}" + ("" if enough else f", {WANTED['settling']} are wanted"),
                      enough and abs(bias) <= 0.003))
    for name in ("coverage", "errors", "planning"):
        rows = [line for line in select(lines, figure=name, short=False) if line["holds"] is not None]
        if rows:
            held = sum(line["holds"] for line in rows)
            found.append((f"simulated: {name}", "every stated bound", f"{held} of {len(rows)}", held == len(rows)))
    return found


def reached(lines):
    return table("Figures", ["figure", "wanted", "measured", "reached"],
                 [[*row, "yes" if so else "**no**"] for *row, so in standings(lines)])


def power_groups(lines):
    groups = {}
    for line in select(lines, figure="power"):
        groups.setdefault((line["method"], line["planted"], line["seconds"], line["condition"]), []).append(line)
    return groups


def found_in(lines):
    return sum(line["found"] == "slower" for line in lines)


def is_complete(group):
    """As many as were wanted when they were measured."""
    return len(group) >= group[-1]["of"]


def has_power(group):
    return bool(group) and is_complete(group) and not misses_too_many(group, len(group))


def has_missed_too_many(group):
    """A peer's comparisons of one length end when it can't have the power any more: what was found by then is no rate."""
    return bool(group) and not is_complete(group) and misses_too_many(group, group[-1]["of"])


def misses_too_many(group, n):
    planted = group[0]["planted"]
    return planted in TARGETS and len(group) - found_in(group) > most_misses(planted, n)


def most_misses(planted, n):
    """Of n comparisons, with which the power that is asked for is still there."""
    return math.floor(n * (1 - TARGETS[planted]) + 1e-9)


def power(lines):
    rows = []
    groups = power_groups(lines)
    for (method, planted, seconds, condition), group in sorted(groups.items(), key=lambda g: (list(NAMES).index(g[0][0]), g[0][1:])):
        if planted == 1:
            continue
        found, n = found_in(group), len(group)
        rate = ["missed too many", "–"] if has_missed_too_many(group) else [percent(found / n), percent(significance.lower_bound(found, n))]
        alarms = alarms_beside(groups, group[0])
        sds = [line["sd"] for line in group if line.get("sd") is not None]
        rows.append([NAMES[method], WAYS[condition], percent(planted - 1, 0), f"{wall_of(group):.1f}", n, *rate, alarms,
                     percent(statistics.median(sds), 2) if sds else "–"])
    return table("A known slowdown, found as one",
                 ["method", "machine", "planted", "s each", "comparisons", "found", "at least (95 %)", "false alarms at that length",
                  "sd of a round's ratio"], rows)


def alarms_beside(groups, line):
    """The same method's false alarms in comparisons as long as this one, where there are any to count."""
    at_rest = groups.get((line["method"], 1.0, line["seconds"], line["condition"]), [])
    return percent(sum(other["found"] is not None for other in at_rest) / len(at_rest)) if at_rest else "–"


def wall_of(group):
    return statistics.median(line["wall_s"] for line in group)


def needed(lines):
    """The shortest comparisons in which a method found as many as is asked for."""
    groups = power_groups(lines)
    rows = []
    for condition in WAYS:
        for method in NAMES:
            for planted, target in TARGETS.items():
                tried = [group for key, group in sorted(groups.items()) if (key[0], key[1], key[3]) == (method, planted, condition)]
                tried = [group for group in tried if is_complete(group) or has_missed_too_many(group)]
                if not tried:
                    continue
                enough = [g for g in tried if has_power(g)]
                shown = (enough or tried[::-1])[0]
                rows.append([NAMES[method], WAYS[condition], percent(planted - 1, 0), percent(target, 0),
                             f"{wall_of(shown):.1f} s" if enough else f"not within {wall_of(shown):.0f} s",
                             alarms_beside(groups, shown[0])])
    return table("Time of a comparison with that power", ["method", "machine", "planted", "to be found in", "needs", "false alarms at that length"], rows)


def mean_and_interval(xs):
    if len(xs) < 2:
        return statistics.fmean(xs), None
    half = significance.t_quantile(0.975, len(xs) - 1) * statistics.stdev(xs) / math.sqrt(len(xs))
    return statistics.fmean(xs), half


def interval_text(middle, half):
    return percent(middle, 2) + (f" ± {100 * half:.2f}" if half is not None else "")


def settling(lines):
    rows = []
    groups = {}
    for line in select(lines, figure="settling"):
        groups.setdefault((line["condition"], line["bytes"], line["settle_s"]), []).append(line)
    for (condition, size, settle_s), group in sorted(groups.items()):
        cells = [interval_text(*mean_and_interval([line[name] for line in group])) for name in ("without", "with", "uninterrupted", "bias")]
        rows.append([WAYS[condition], f"{size / 1e6:g} MB", f"{1000 * settle_s:g} ms", len(group), *cells,
                     percent(sum(line["proposes"] for line in group) / len(group), 0)])
    return table("Taking turns with a neighbour of another working set: time after one's own block, less time after the other's",
                 ["machine", "none against", "settling", "runs", "side without", "side with", "its uninterrupted block", "most bias of the ratio",
                  "runs that propose more settling"], rows)


def family(lines):
    rows = []
    for condition in WAYS:
        group = select(lines, figure="family", condition=condition)
        if group:
            any_row = sum(line["significant"] > 0 for line in group)
            rows.append([WAYS[condition], *rate_cells(any_row, len(group)), sum(line["verdicts"] > 0 for line in group),
                         sum(line["warns"] for line in group)])
    return table("Tables of ten rows that are all the same program",
                 ["machine", "tables", "any row significant", "rate", "at most (95 %)", "of these not withheld by the control", "tables warned of carry-over"], rows)


def coverage(lines):
    rows = {}
    for line in select(lines, figure="coverage", short=False):
        if line["method"] in ("paired ratio", "absolute value", "pooled iterations (naive)"):
            worse = min(line["lower bound"], line["upper bound"])
            rows.setdefault((line["condition"], line["method"]), {})[line["rounds"]] = (worse, line["95 % interval"])
    listed = []
    for condition in dict.fromkeys(condition for condition, _ in rows):
        for method in ("paired ratio", "absolute value", "pooled iterations (naive)"):
            by_rounds = rows.get((condition, method))
            if by_rounds:
                listed.append([condition, method, *(f"{percent(by_rounds[r][0])}, {percent(by_rounds[r][1])}" for r in sorted(by_rounds))])
    rounds = sorted({r for by_rounds in rows.values() for r in by_rounds})
    return table("Simulated: how often the worse of the one-sided 95 % bounds, and the 95 % interval, hold the truth",
                 ["noise", "of", *(f"{r} rounds" for r in rounds)], [row for row in listed if len(row) == 2 + len(rounds)])


def simulated(lines):
    rows = [[line["method"], line["condition"], line["rounds"], line["trials"], percent(line["wrong"]), line["bound"]]
            for line in select(lines, figure="errors", short=False)]
    return table("Simulated: how often something is said that isn't so", ["of", "noise", "rounds", "trials", "wrong", "bound"], rows)


def plans(lines):
    rows = [[line["method"], line["condition"], line["rounds"], line["trials"], percent(line["wide"]), percent(line["covers"]),
             f"{line['cost']:.2f}"] for line in select(lines, figure="planning", short=False)]
    return table("Simulated: plans for a wanted precision",
                 ["rule", "machine", "rounds (median)", "plans", "wider than planned", "covers", "cost, of the oracle's (median)"], rows)


def where(lines):
    measured = [line for line in lines if line.get("machine")]
    if not measured:
        return ""
    machines = sorted({line["machine"] for line in measured})
    times = sorted(line["time"][:10] for line in measured)
    dates = times[0] if times[0] == times[-1] else f"{times[0]} to {times[-1]}"
    return f"Measured {dates} on {'; '.join(machines)}."
