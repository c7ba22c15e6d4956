"""The tests by which the peers decide, and the bound of a rate, with the standard library alone.

    mann_whitney([19, 22, 16, 29, 24], [20, 11, 17, 12])     # 0.1111: two-sided, as scipy's mannwhitneyu
    welch(a, b)                                              # two-sided, as scipy's ttest_ind(equal_var=False)
    upper_bound(4, 140)                                      # one-sided 95 %, Clopper and Pearson
"""
import math
import statistics


def mann_whitney(xs, ys):
    """Two-sided p of Mann and Whitney's U as scipy >= 1.7 has it by default, which is what Google Benchmark's compare.py
    calls: exact if either sample has at most 8 values and nothing is tied, else the normal approximation with a
    correction for ties and for continuity. Both samples need a value; p is 1 where all values are equal."""
    n, m = len(xs), len(ys)
    pooled = sorted(list(xs) + list(ys))
    rank, ties, i = {}, 0, 0
    while i < len(pooled):
        j = i
        while j < len(pooled) and pooled[j] == pooled[i]:
            j += 1
        rank[pooled[i]] = (i + 1 + j) / 2
        ties += (j - i) ** 3 - (j - i)
        i = j
    u = sum(rank[x] for x in xs) - n * (n + 1) / 2
    u = max(u, n * m - u)
    if ties == 0 and (n <= 8 or m <= 8):
        return min(1.0, 2 * _u_upper_tail(round(u), n, m))
    total = n + m
    variance = n * m / 12 * ((total + 1) - ties / (total * (total - 1)))
    if variance <= 0:
        return 1.0
    z = (u - n * m / 2 - 0.5) / math.sqrt(variance)
    return min(1.0, math.erfc(z / math.sqrt(2)))


def _u_upper_tail(u, n, m):
    """P(U >= u) without ties, by the number of partitions: counts[j][s] of j of the first k ranks with sum s."""
    counts = [[0] * (n * m + 1) for _ in range(n + 1)]
    counts[0][0] = 1
    # The generating function of U is the Gaussian binomial coefficient; one more y lets each x pass one more.
    for k in range(1, n + m + 1):
        for j in range(min(k, n), 0, -1):
            before = k - j  # values of the other sample that the j-th x has passed
            if before > m:
                continue
            for s in range(before, n * m + 1):
                counts[j][s] += counts[j - 1][s - before]
    return sum(counts[n][u:]) / math.comb(n + m, n)


def welch(xs, ys):
    """Two-sided p of Welch's t test, by which hyperfine's scripts/welch_ttest.py decides. Both samples need two values."""
    a, b = statistics.variance(xs) / len(xs), statistics.variance(ys) / len(ys)
    difference = statistics.fmean(xs) - statistics.fmean(ys)
    if a + b == 0:
        return 1.0 if difference == 0 else 0.0
    degrees = (a + b) ** 2 / (a * a / (len(xs) - 1) + b * b / (len(ys) - 1))
    t = difference / math.sqrt(a + b)
    return t_two_sided(t, degrees)


def t_two_sided(t, degrees):
    """P(|T| >= |t|) of Student's t."""
    return _incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t))


def t_quantile(p, degrees):
    """t with P(T <= t) = p, for p > 1/2, by bisection."""
    low, high = 0.0, 1e4
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if 1 - t_two_sided(middle, degrees) / 2 < p else (low, middle)
    return (low + high) / 2


def _incomplete_beta(a, b, x):
    """Regularised, by Lentz's continued fraction. Source: Abramowitz & Stegun 26.5.8."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    tiny = 1e-300
    value, c, d = 1.0, 1.0, 0.0
    for i in range(500):
        m = i // 2
        if i == 0:
            term = 1.0
        elif i % 2 == 0:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        else:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / ((1 + term * d) or tiny)
        c = (1 + term / c) or tiny
        value *= c * d
        if i > 0 and abs(c * d - 1) < 1e-14:
            break
    return front * (value - 1)


def binomial_cdf(k, n, p):
    """P(X <= k)."""
    if k >= n:
        return 1.0
    if p <= 0:
        return 1.0
    if p >= 1:
        return 0.0
    def log_mass(i):
        return (math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * math.log(p)
                + (n - i) * math.log1p(-p))
    return min(1.0, math.fsum(math.exp(log_mass(i)) for i in range(k + 1)))


def upper_bound(k, n, confidence=0.95):
    """Clopper and Pearson's one-sided upper bound of a rate: the largest p with P(X <= k) >= 1 − confidence."""
    if k >= n:
        return 1.0
    low, high = k / n, 1.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if binomial_cdf(k, n, middle) > 1 - confidence else (low, middle)
    return high


def lower_bound(k, n, confidence=0.95):
    """One-sided, of the same source."""
    return 1 - upper_bound(n - k, n, confidence)
