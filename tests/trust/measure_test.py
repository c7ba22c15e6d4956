"""The measuring of tests/trust without measuring: published values of the peers' tests, and a fake assay that answers at once.

    python3 measure_test.py
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import results
import significance
import summary
from load import Load

# Student, The probable error of a mean (1908): extra hours of sleep under two drugs.
SLEEP = ([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0], [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])

FAKE_ASSAY = """#!{python}
import json, sys
if "__yardstick" in sys.argv:
    for i in range(int(sys.argv[sys.argv.index("--count") + 1])):
        print(json.dumps({{"ratio": 1.01, "p": 0.2 if i else 0.01, "verdict": "inconclusive", "reason": None, "sd": 0.004}}), flush=True)
elif "run" in sys.argv:
    text = open(sys.argv[2]).read()
    if "working_set_bytes" in text:
        uninterrupted = {{"value": -0.004, "low": None, "high": None}}
        carried = [{{"treatment": {{"working_set_bytes": size}}, "log_ratio": log_ratio, "uninterrupted": uninterrupted,
                    "matters": size > 0, "matters_uninterrupted": False}} for size, log_ratio in ((0, 0.001), (16000000, -0.001))]
        print(json.dumps({{"comparisons": [{{"ratio": 1.3}}], "carry_over": carried}}))
    else:
        print(json.dumps({{"warnings": [], "comparisons": [{{"p_adjusted": 0.03, "verdict": "worse"}}] + [{{"p_adjusted": None, "verdict": "inconclusive"}}] * 9}}))
"""
FAKE_BENCH = "#!/bin/sh\necho 1000\n"


class Significance(unittest.TestCase):
    def test_mann_whitney_gives_published_p(self):
        # Hollander & Wolfe (1973) p. 69, as R's wilcox.test has it: one-sided exact p = 0.1272.
        x = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
        self.assertAlmostEqual(significance.mann_whitney(x, [1.15, 0.88, 0.90, 0.74, 1.21]), 2 * 0.1272, delta=1e-4)
        # scipy's manual: exact p = 0.1111.
        self.assertAlmostEqual(significance.mann_whitney([19, 22, 16, 29, 24], [20, 11, 17, 12]), 14 / 126, delta=1e-12)
        # R's wilcox.test(extra ~ group, sleep): with ties and continuity correction p = 0.06933.
        self.assertAlmostEqual(significance.mann_whitney(*SLEEP), 0.06933, delta=1e-5)

    def test_mann_whitney_of_equal_values_is_1(self):
        self.assertEqual(significance.mann_whitney([1, 1, 1], [1, 1]), 1)

    def test_welch_gives_the_published_p(self):
        # R's t.test(extra ~ group, sleep): t = −1.8608, df = 17.776, p = 0.07939.
        self.assertAlmostEqual(significance.welch(*SLEEP), 0.07939, delta=1e-5)

    def test_students_t_agrees_with_its_table(self):
        for p, degrees, t in ((0.975, 1, 12.706), (0.975, 6, 2.4469), (0.95, 14, 1.7613), (0.975, 120, 1.9799)):
            self.assertAlmostEqual(significance.t_quantile(p, degrees), t, delta=1e-3)
            self.assertAlmostEqual(significance.t_two_sided(t, degrees), 2 * (1 - p), delta=1e-4)

    def test_bounds_of_a_rate_are_clopper_and_pearsons(self):
        self.assertAlmostEqual(significance.upper_bound(0, 10), 1 - 0.05 ** 0.1, delta=1e-9)
        self.assertEqual(significance.upper_bound(10, 10), 1)
        # Clopper & Pearson (1934): 95 % two-sided limits of 1 in 10 are 0.0025 and 0.4450.
        self.assertAlmostEqual(significance.upper_bound(1, 10, 0.975), 0.4450, delta=1e-4)
        self.assertAlmostEqual(significance.lower_bound(1, 10, 0.975), 0.0025, delta=1e-4)


class Measure(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.build = pathlib.Path(folder.name)
        for path, text in (("bin/assay", FAKE_ASSAY.format(python=sys.executable)), ("tests/trust/trust_kernel_bench", FAKE_BENCH)):
            file = self.build / path
            file.parent.mkdir(parents=True)
            file.write_text(text)
            file.chmod(0o755)

    def measure(self, *words):
        done = subprocess.run([sys.executable, HERE / "measure.py", words[0], "--build", self.build, *words[1:]],
                              capture_output=True, text=True, timeout=60)
        return done

    def lines(self, name):
        return [json.loads(line) for line in (self.build / "trust" / name).read_text().splitlines() if line]

    def test_it_goes_on_where_an_earlier_call_stopped_and_a_torn_line_does_not_count(self):
        self.assertEqual(self.measure("aa", "--until", "3").returncode, 0)
        with open(self.build / "trust/aa.jsonl", "a", encoding="utf-8") as file:
            file.write('{"figure": "aa", "condition": "id')
        self.assertEqual(self.measure("aa", "--until", "5").returncode, 0)
        whole = [line for line in (self.build / "trust/aa.jsonl").read_text().splitlines() if line.endswith("}")]
        self.assertEqual(len(whole), 5)
        self.assertEqual(self.measure("aa", "--until", "5").returncode, 0)
        self.assertEqual(len(results.select(results.read(self.build / "trust/aa.jsonl"), figure="aa", condition="idle")), 5)

    def test_packed_results_count(self):
        self.measure("aa", "--until", "3")
        subprocess.run(["gzip", "-9n", self.build / "trust/aa.jsonl"], check=True)
        self.measure("aa", "--until", "5")
        self.assertEqual(len(self.lines("aa.jsonl")), 2)
        self.assertIn("| idle | Assay | 5 |", self.measure("summary").stdout)

    def test_another_condition_counts_for_itself(self):
        self.measure("aa", "--until", "2")
        self.measure("aa", "--until", "2", "--condition", "step")
        self.assertEqual([line["condition"] for line in self.lines("aa.jsonl")], ["idle"] * 2 + ["step"] * 2)

    def test_an_assay_that_only_fails_ends_it_with_a_message(self):
        (self.build / "bin/assay").write_text("#!/bin/sh\nexit 4\n")
        done = self.measure("aa", "--until", "2")
        self.assertEqual(done.returncode, 1)
        self.assertIn("status 4", done.stderr)

    def test_what_is_missing_has_a_reason(self):
        (self.build / "tests/trust/trust_kernel_bench").unlink()
        done = self.measure("family", "--until", "1")
        self.assertEqual(done.returncode, 2)
        self.assertIn("libbenchmark-dev", done.stderr)

    def test_power_settling_and_family_add_their_lines_and_the_summary_shows_them(self):
        self.measure("aa", "--until", "20")
        self.measure("power", "--until", "4", "--peers-until", "0")
        self.measure("settling", "--until", "3")
        self.measure("family", "--until", "2")
        self.assertEqual([line["found"] for line in self.lines("power.jsonl")], ["slower", None, None, None] * 2)
        self.assertAlmostEqual(self.lines("settling.jsonl")[0]["bias"], 0.002)
        self.assertEqual(self.lines("family.jsonl")[0]["significant"], 1)
        text = self.measure("summary").stdout
        self.assertIn("| idle | Assay | 20 | 1 | 5.0 % | 21.6 % |", text)  # 1 of 20: 0.2161 by Clopper and Pearson
        self.assertIn("| Assay | idle | 2 % | 0.0 | 4 | 25.0 % | 1.3 % | – | 0.40 % |", text)
        self.assertIn("| Assay | idle | 1 % | 90 % | not within 0 s |", text)
        self.assertIn("| idle | 16 MB | 16 ms | 3 | 0.10 % ± 0.00 | -0.10 % ± 0.00 | -0.40 % ± 0.00 | 0.20 % ± 0.00 | 100 % |", text)
        self.assertIn("| idle | 2 | 2 | 100.0 % | 100.0 % | 2 | 0 |", text)
        self.assertIn("| bias of another working set, settled | at most 0.3 % | 0.20 % ± 0.00 of 3, 100 are wanted | **no** |", text)
        self.assertIn("| tables of ten with a false row, idle | at most 5 % | 100.0 % of 2 | **no** |", text)
        self.assertEqual(self.measure("summary", "--check").returncode, 1)

    def test_a_peer_that_missed_too_many_has_no_rate_and_one_at_the_limit_has_the_power(self):
        def lines(method, seconds, found, n):
            return [{"figure": "power", "condition": "idle", "method": method, "planted": 1.01, "seconds": seconds, "of": 40,
                     "found": "slower" if i < found else None, "wall_s": 1.4 * seconds} for i in range(n)]
        self.assertFalse(summary.has_missed_too_many(lines("hyperfine", 1, 0, 4)))
        self.assertTrue(summary.has_missed_too_many(lines("hyperfine", 1, 3, 8)))
        measured = lines("hyperfine", 1, 3, 8) + lines("hyperfine", 3, 36, 40) + lines("google_benchmark", 1, 0, 5)
        self.assertIn("| hyperfine, Welch's t | idle | 1 % | 90 % | 4.2 s |", summary.needed(measured))
        self.assertIn("not within 1 s", summary.needed(measured))
        self.assertIn("| 1.4 | 8 | missed too many | – |", summary.power(measured))

    def test_the_summary_rewrites_what_stands_between_its_markers_alone(self):
        self.measure("aa", "--until", "1")
        file = self.build / "text.md"
        file.write_text(f"before\n{summary.BEGIN}\nold\n{summary.END}\nafter\n")
        self.measure("summary", "--into", file)
        text = file.read_text()
        self.assertTrue(text.startswith(f"before\n{summary.BEGIN}\n\n**") and text.endswith(f"{summary.END}\nafter\n"))
        self.assertNotIn("old", text)
        file.write_text("no markers\n")
        self.assertEqual(self.measure("summary", "--into", file).returncode, 1)
        self.assertEqual(file.read_text(), "no markers\n")

    def test_a_summary_of_nothing_says_what_makes_something(self):
        done = self.measure("summary")
        self.assertEqual(done.returncode, 2)
        self.assertIn("measure.py aa", done.stderr)


def state_of(process):
    return pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


class Loads(unittest.TestCase):
    def wait_for(self, process, states):
        for _ in range(500):
            if state_of(process) in states:
                return
            time.sleep(0.01)
        self.fail(f"the load is {state_of(process)}, not one of {states}")

    def test_a_step_begins_within_its_comparison_and_ends_with_it(self):
        with Load("step", random.Random(1)) as load:
            self.wait_for(load.process, "T")
            load.begin(0.05)
            self.wait_for(load.process, "RS")
            load.end()
            self.wait_for(load.process, "T")
            process = load.process
        self.assertIsNotNone(process.poll())

    def test_an_onoff_load_runs_and_stops_by_itself(self):
        with Load("onoff", random.Random(1)) as load:
            for states in ("RS", "T", "RS"):
                self.wait_for(load.process, states)


if __name__ == "__main__":
    unittest.main(verbosity=2)
