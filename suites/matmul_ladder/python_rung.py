"""The worker of the rungs in Python: the level of `version` is the stem of a file in rungs/.

Such a file has `multiply(a, b, c, rows)`, which overwrites the rows of C = A·B that `rows` names; A, B and C are lists
of n lists of floats. If it works row by row it may say SAMPLED_ABOVE_FLOP: above that size the worker hands over a
sample of the rows, and the others are None in A and C, so that touching one is an error and not a wrong time.

Inputs, row sampling and tolerance are described in README.md. The check shares no code with the rungs.
"""

import importlib.util
import itertools
import math
import operator
import pathlib
import random
import re

import assay_worker as assay

RUNGS = pathlib.Path(__file__).parent / "rungs"
LARGEST_N = 32_768
FEWEST_ROWS = 5
ROWS_RECOMPUTED = 16
COLUMNS_RECOMPUTED = 64
PROJECTIONS = 2
UNIT_ROUNDOFF = 2.0**-53

RULE = "|err| <= 2·n·eps·Σ|a||b|, eps = 2^-53 (Higham 2002, §3.1); max_error is the largest |err|/Σ|a||b|"


def inputs(seed, first, count):
    """Elements `first` … `first + count - 1` of the stream that inputs.hpp defines, as a list."""
    mask = 0xFFFFFFFFFFFFFFFF
    values = []
    z0 = seed + (first + 1) * 0x9E3779B97F4A7C15
    for _ in range(count):
        z = z0 & mask
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        values.append(((z ^ (z >> 31)) >> 11) * 2.0**-52 - 1.0)
        z0 += 0x9E3779B97F4A7C15
    return values


def rows_to_compute(n, sample_rows, sampled_above_flop):
    """All rows, or a spread sample of them: the rule of sampling.hpp, for rungs that compute one row at a time."""
    count = n
    if sample_rows > 0 and sampled_above_flop > 0 and 2 * n**3 > sampled_above_flop:
        count = min(n, max(FEWEST_ROWS, sample_rows))
    return [(2 * t + 1) * n // (2 * count) for t in range(count)]


def spread(items, count):
    """At most `count` of `items`, evenly spread."""
    if len(items) <= count:
        return list(items)
    return [items[(2 * t + 1) * len(items) // (2 * count)] for t in range(count)]


def relative(error, bound):
    """|error| / bound; 0 / 0, of a row of zeros, is no error."""
    return 0.0 if error == 0 else abs(error) / bound if bound > 0 else math.inf


def largest_relative_error(a, b, c, rows, seed):
    """The largest |err| / Σ|a||b| in `rows` of C; infinite where C isn't finite.

    Elements recomputed by math.fsum, which rounds once (Shewchuk 1997): all if n ≤ 64, else up to 16 × 64 of them, and
    then every row by projection (Freivalds 1977) besides: C·r against A·(B·r), r random in [-1, 1). What the check's
    own products round away is at most 4·eps of the bound, inside the 2·n·eps that are allowed.
    """
    n = len(b)
    if not all(math.isfinite(x) for i in rows for x in c[i]):
        return math.inf
    worst = 0.0
    recomputed = rows if n <= COLUMNS_RECOMPUTED else spread(rows, ROWS_RECOMPUTED)
    for j in spread(range(n), COLUMNS_RECOMPUTED):
        column = [row[j] for row in b]
        for i in recomputed:
            products = list(map(operator.mul, a[i], column))
            worst = max(worst, relative(c[i][j] - math.fsum(products), math.fsum(map(abs, products))))
    if n <= COLUMNS_RECOMPUTED:
        return worst
    generator = random.Random(seed)
    b_sum = [math.fsum(map(abs, row)) for row in b]
    for _ in range(PROJECTIONS):
        r = [generator.uniform(-1.0, 1.0) for _ in range(n)]
        minus_b_r = [-math.fsum(map(operator.mul, row, r)) for row in b]
        for i in rows:
            difference = math.fsum(itertools.chain(map(operator.mul, c[i], r), map(operator.mul, a[i], minus_b_r)))
            bound = math.fsum(map(operator.mul, map(abs, a[i]), b_sum))
            worst = max(worst, relative(difference, bound))
    return worst


def load_rung(version):
    """The module rungs/<version>.py."""
    path = RUNGS / f"{version}.py"
    if not re.fullmatch(r"\d+_\w+", version) or not path.is_file():
        others = ", ".join(sorted(p.stem for p in RUNGS.glob("[0-9]*_*.py")))
        raise assay.Unsupported(f"there is no rung '{version}' in Python; there is {others}")
    spec = importlib.util.spec_from_file_location(f"rung_{version}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class PythonRung(assay.Workload):
    """C = A·B by one Python rung."""

    name = "python_rung"
    metrics = [assay.time()]

    def prepare(self, version, n, seed, sample_rows=0, precision="f64"):
        for factor, value, least in (("n", n, 1), ("sample_rows", sample_rows, 0)):
            if not isinstance(value, int) or not least <= value <= LARGEST_N:
                raise assay.Unsupported(f"{factor} is {value!r}; give {least} to {LARGEST_N}")
        rung = load_rung(version)
        if precision != "f64":
            raise assay.Unsupported(f'{version} multiplies in f64 only; give precision = "f64"')
        self.multiply, self.seed = rung.multiply, seed
        self.rows = rows_to_compute(n, sample_rows, getattr(rung, "SAMPLED_ABOVE_FLOP", 0))
        self.a = [None] * n
        self.c = [None] * n
        for i in self.rows:
            self.a[i] = inputs(seed, i * n, n)
        self.b = [inputs(seed, n * n + k * n, n) for k in range(n)]
        self.poison()

        count = len(self.rows)
        modelled = assay.modelled(n / count, f"{count} of {n} rows") if count < n else None
        return assay.Prepared(work={"flop": 2.0 * n**3, "bytes": 24.0 * n * n}, modelled=modelled)

    def poison(self):
        for i in self.rows:
            self.c[i] = [math.nan] * len(self.b)

    def step(self):
        self.multiply(self.a, self.b, self.c, self.rows)

    def check(self):
        worst = largest_relative_error(self.a, self.b, self.c, self.rows, self.seed)
        return assay.checked(worst, 2 * len(self.b) * UNIT_ROUNDOFF, RULE)


if __name__ == "__main__":
    assay.serve(PythonRung)
