"""Somebody's own measurement: two ways to add numbers, side by side in every round, one row each.

    python3 evaluate.py > results.csv      # README.md imports what it printed
"""
import math
import random
import time

random.seed(585)
print("method,n,round,latency_us")
for round_ in range(1, 9):
    for n in (1000, 10000):
        numbers = [random.random() for _ in range(n)]
        for method, add in random.sample([("sum", sum), ("fsum", math.fsum)], 2):
            add(numbers)
            begin = time.perf_counter()
            for _ in range(200):
                add(numbers)
            print(f"{method},{n},{round_},{(time.perf_counter() - begin) / 200 * 1e6:.3f}")
