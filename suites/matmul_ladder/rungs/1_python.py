"""Rung 1: three plain loops over lists of lists, as anyone would first write them.

The statement is the paper's own, so that rungs 1 to 4 differ in language and threads and in nothing else.
"""

# Up to n = 256 the whole product is timed; above, the worker may hand over a sample of the rows.
SAMPLED_ABOVE_FLOP = 2**25


def multiply(a, b, c, rows):
    """Overwrite the rows of C = A·B that `rows` names. `a`, `b`, `c`: lists of n lists of n floats."""
    n = len(b)
    for i in rows:
        for j in range(n):
            c[i][j] = 0.0
            for k in range(n):
                c[i][j] += a[i][k] * b[k][j]
