#!/usr/bin/env python3
"""Speaks as a Google Benchmark executable does, without measuring: a benchmark's name says what it does.

    steady/N    N ns an iteration        crash   prints half of its JSON and dies        cut       half of its JSON, status 0
    error       reports an error         skip    skips itself                            nan       a time that is no number
    nothing     writes no file           liar    more time than its process lived
"""
import os
import re
import signal
import sys

NAMES = ["steady/1000", "steady/1500", "crash", "cut", "error", "skip", "nan", "nothing", "liar"]
SCALE = 1.0  # a test plants a regression here

flags = dict(word.lstrip("-").partition("=")[::2] for word in sys.argv[1:])
names = [name for name in NAMES if re.search(flags.get("benchmark_filter", "."), name)]
if "benchmark_list_tests" in flags:
    print("\n".join(names) if names else "Failed to match any benchmarks against regex: " + flags["benchmark_filter"])
    sys.exit()

(name,) = names
time_ns = SCALE * float(name.partition("/")[2] or 1000)
extra = ""
if name == "error":
    extra = '"error_occurred": true, "error_message": "no data",'
if name == "skip":
    extra = '"skipped": true, "skip_message": "needs AVX",'
real = {"nan": "NaN", "liar": "1e12"}.get(name, str(time_ns))
row = (f'{{"name": "{name}", "run_name": "{name}", "run_type": "iteration", "threads": 1, {extra} "iterations": 1000, '
       f'"real_time": {real}, "cpu_time": {time_ns / 2}, "time_unit": "ns", "items_per_second": {1e9 / time_ns}}}')
text = '{"context": {"host_name": "vm"}, "benchmarks": [' + row + "]}"
if name in ("crash", "cut"):
    text = text[:len(text) // 2]
if name != "nothing":
    with open(flags["benchmark_out"], "w") as file:
        file.write(text)
if name == "crash":
    os.kill(os.getpid(), signal.SIGSEGV)
