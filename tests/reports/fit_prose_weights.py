#!/usr/bin/env python3
"""Learns the weights of reports/check/prose_features.def from the marked reports in tests/reports/prose/tuned.

    test_reports_prose "[.candidates]" > candidates.txt
    tests/reports/fit_prose_weights.py candidates.txt reports/check/prose_features.def

Logistic regression with a quadratic penalty, a coordinate at a time. Prints the figures that every report gets from
weights that were learnt without it, then writes the weights of all. Not run by any test.
"""
import math
import re
import sys

PENALTY = 1.0
WRONG_A_PAGE = 2.0  # what the threshold is set to, on reports that were left out
SWEEPS, FOLDS = 40, 15


def read(path):
    """report, its pages, its results, verdict on each number, line and numbers, features"""
    rows = []
    for line in open(path, encoding="utf-8"):
        words = line.split()
        if len(words) < 6 or not re.fullmatch(r"[-+?]+", words[3]):
            continue  # what Catch says
        rows.append((words[0], float(words[1]), int(words[2]), words[3], words[4], words[5:]))
    return rows


def fit(rows, names, weights=None, sweeps=SWEEPS):
    """Weight by name."""
    index = {name: j for j, name in enumerate(names)}
    examples = []  # of a group: one for each verdict, as heavy as it has numbers
    for row in rows:
        labels, features = row[3], row[5]
        for label, y in (("+", 1.0), ("-", 0.0)):
            if labels.count(label):
                examples.append((y, labels.count(label), [index[f] for f in features if f in index]))
    columns = [[] for _ in names]
    for i, (_, _, features) in enumerate(examples):
        for j in features:
            columns[j].append(i)
    w = list(weights) if weights else [0.0] * len(names)
    z = [sum(w[j] for j in features) for _, _, features in examples]
    y = [e[0] for e in examples]
    heavy = [e[1] for e in examples]
    for _ in range(sweeps):
        for j, column in enumerate(columns):
            if not column:
                continue
            penalty = 1e-3 if names[j] == "base" else PENALTY
            slope, curve = -penalty * w[j], penalty
            for i in column:
                p = 1 / (1 + math.exp(-max(-30.0, min(30.0, z[i]))))
                slope += heavy[i] * (y[i] - p)
                curve += heavy[i] * p * (1 - p)
            step = max(-1.0, min(1.0, slope / curve))
            w[j] += step
            for i in column:
                z[i] += step
    return w


def scores(rows, names, w):
    index = dict(zip(names, w))
    return [sum(index.get(f, 0.0) for f in row[5]) for row in rows]


def figures(rows, z, enough):
    """Share found of all that is marked as a result, of numbers alone; wrong notes a page."""
    pages = sum({row[0]: row[1] for row in rows}.values())
    found = sum(row[3].count("+") for row, s in zip(rows, z) if s > enough)
    wrong = sum(row[3].count("-") for row, s in zip(rows, z) if s > enough)
    return found / max(1, sum(row[3].count("+") for row in rows)), wrong / pages


def threshold(rows, z):
    for enough in sorted(z):
        if figures(rows, z, enough)[1] <= WRONG_A_PAGE:
            return enough
    return 0.0


def main():
    rows = read(sys.argv[1])
    table = open(sys.argv[2], encoding="utf-8").read()
    names = re.findall(r"^PROSE_FEATURE\((\w+),", table, re.M)
    whole = fit(rows, names)
    reports = sorted({row[0] for row in rows})
    left_out = []
    for fold in range(FOLDS):
        out = set(reports[fold::FOLDS])
        w = fit([r for r in rows if r[0] not in out], names, whole, SWEEPS // 3)
        test = [r for r in rows if r[0] in out]
        left_out += list(zip(test, scores(test, names, w)))
    test, z = [r for r, _ in left_out], [s for _, s in left_out]
    enough = threshold(test, z)
    print("left out: found %.3f, wrong a page %.2f" % figures(test, z, enough), "at", round(enough, 2))
    print("left out, at 0: found %.3f, wrong a page %.2f" % figures(test, z, 0))
    print("fitted:   found %.3f, wrong a page %.2f" % figures(rows, scores(rows, names, whole), enough))
    whole[names.index("base")] -= enough
    weight = dict(zip(names, whole))
    table = re.sub(r"^PROSE_FEATURE\((\w+), .*\)", lambda m: "PROSE_FEATURE(%s, %.2f)" % (m[1], weight[m[1]]), table,
                   flags=re.M)
    open(sys.argv[2], "w", encoding="utf-8").write(table)


main()
