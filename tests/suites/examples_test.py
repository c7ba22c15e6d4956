"""The examples of docs/ do what they say: examples_test.py TREE."""

import itertools
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

EXAMPLES = pathlib.Path(sys.argv[1]) / "docs" / "examples"
LEVELS = list(itertools.product((100, 800), (1, 15)))  # points, neighbours: the factors of both experiments


def by_script(points, neighbours):
    with tempfile.TemporaryDirectory() as out:
        subprocess.run([sys.executable, "eval.py", "--neighbours", str(neighbours), "--points", str(points),
                        "--out", out],
                       cwd=EXAMPLES / "script", check=True, capture_output=True, timeout=60)
        return json.loads((pathlib.Path(out) / "metrics.json").read_text(encoding="utf-8"))


def by_worker(points, neighbours):
    """The replies to prepare, run, check and evaluate."""
    requests = [{"op": "prepare", "treatment": {"points": points, "neighbours": neighbours}, "cpus": [0], "seed": 3},
                {"op": "run", "iterations": 1, "settle_ns": 0, "samples": False}, {"op": "check"}, {"op": "evaluate"},
                {"op": "quit"}]
    done = subprocess.run([sys.executable, "my_worker.py"], input="".join(json.dumps(r) + "\n" for r in requests),
                          cwd=EXAMPLES / "worker", check=True, capture_output=True, text=True, timeout=60)
    return [json.loads(line) for line in done.stdout.splitlines()][:4]


class Examples(unittest.TestCase):
    def test_more_points_make_the_script_more_accurate(self):
        few, many = by_script(100, 1)["accuracy"], by_script(800, 1)["accuracy"]
        self.assertLess(0.5, few)
        self.assertLess(few, many)
        self.assertLessEqual(many, 1)

    def test_script_and_worker_agree_on_every_treatment_and_the_worker_passes_its_check(self):
        for points, neighbours in LEVELS:
            with self.subTest(points=points, neighbours=neighbours):
                prepared, run, checked, evaluated = by_worker(points, neighbours)
                self.assertTrue(prepared["ok"] and run["ok"] and checked["ok"], (prepared, run, checked))
                self.assertEqual(0, checked["max_error"])
                self.assertEqual(by_script(points, neighbours)["accuracy"], evaluated["metrics"]["accuracy"])
                self.assertEqual(300, evaluated["items"])

    def test_a_treatment_that_makes_no_sense_is_unsupported(self):
        prepared = by_worker(10, 11)[0]
        self.assertEqual(("unsupported", "11 neighbours among 10 points; give 1 to 10"),
                         (prepared["outcome"], prepared["reason"]))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
