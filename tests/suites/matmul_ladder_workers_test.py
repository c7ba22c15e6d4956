"""One of the ladder's workers by the pipe: matmul_ladder_workers_test.py TREE LIBEXEC WORKER, a key of COMMAND."""

import ctypes.util
import itertools
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TREE, LIBEXEC = map(pathlib.Path, sys.argv[1:3])
LANGUAGE = sys.argv[3]
SUITE = TREE / "suites" / "matmul_ladder"

COMMAND = {"native": [str(LIBEXEC / "matmul_ladder_worker")],
           "openblas_default": [str(LIBEXEC / "matmul_openblas_worker")],
           "openblas_best": [str(LIBEXEC / "matmul_openblas_worker"), "--best"],
           "libtorch": [str(LIBEXEC / "matmul_libtorch_worker")],
           "onednn": [str(LIBEXEC / "matmul_onednn_worker")],
           "python": [sys.executable, str(SUITE / "python_rung.py")],
           "java": ["java", "-XX:+UseSerialGC", "-cp", str(LIBEXEC / "matmul_ladder_java"), "MatmulLadder"]}[LANGUAGE]
VERSIONS = {"native": ["3_c", "4_parallel_loops", "5_divide_and_conquer", "6_vectorized", "7_avx", "8_packed"],
            "python": ["1_python"], "java": ["2_java"]}.get(LANGUAGE, [LANGUAGE])
F64 = [version for version in VERSIONS if version != "onednn"]
F32 = [version for version in VERSIONS if version in ("8_packed", "openblas_default", "openblas_best", "libtorch", "onednn")]
PRECISION = {} if F64 else {"precision": "f32"}  # for the tests that are about something else

sys.path.insert(0, str(SUITE))
import python_rung  # noqa: E402  (the folder must be on the path first)


def why_not():
    """Why this worker can't be tested here, or None."""
    if LANGUAGE == "java" and not shutil.which("java"):
        return "no java; apt-get install default-jre-headless"
    if LANGUAGE == "java" and not (LIBEXEC / "matmul_ladder_java").is_dir():
        return "the build had no javac; apt-get install default-jdk-headless"
    if LANGUAGE == "libtorch" and not (LIBEXEC / "matmul_libtorch_worker").exists():
        return "the build had no LibTorch; apt-get install libtorch-dev"
    if LANGUAGE == "onednn" and "onednn" not in dialogue({"op": "describe"})[0].get("libraries", {}):
        return "the build had no oneDNN; apt-get install libdnnl-dev"
    if LANGUAGE.startswith("openblas") and not ctypes.util.find_library("openblas"):
        return "no OpenBLAS; apt-get install libopenblas0-pthread"
    return None


def dialogue(*requests, command=None):
    """The replies to `requests`, and quit after them."""
    lines = "".join(json.dumps(request) + "\n" for request in (*requests, {"op": "quit"}))
    done = subprocess.run(command or COMMAND, input=lines, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, (done.returncode, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def multiply(command=None, **treatment):
    """The replies to prepare, run and check of one treatment."""
    return dialogue({"op": "prepare", "treatment": treatment, "cpus": [0], "seed": 42},
                    {"op": "run", "iterations": 1, "settle_ns": 1, "samples": False}, {"op": "check"}, command=command)


class Worker(unittest.TestCase):
    def test_describe_offers_a_time_by_the_wall_clock(self):
        (reply,) = dialogue({"op": "describe"})
        self.assertTrue(reply["ok"])
        self.assertEqual("time_s", reply["metrics"][0]["name"])
        self.assertEqual("wall", reply["metrics"][0]["clock"])

    def test_each_rung_multiplies_rightly_and_says_its_work(self):
        in_f64, in_f32 = itertools.product(F64, ("f64",)), itertools.product(F32, ("f32",))
        for (version, precision), n in itertools.product((*in_f64, *in_f32), (1, 7, 70)):
            with self.subTest(version=version, precision=precision, n=n):
                named = {} if precision == "f64" else {"precision": precision}
                prepared, run, checked = multiply(version=version, n=n, threads=2, sample_rows=8, **named)
                if version == "7_avx" and not prepared["ok"]:
                    self.assertEqual(("unsupported", "needs AVX2 and FMA"), (prepared["outcome"], prepared["reason"]))
                    continue
                self.assertTrue(prepared["ok"] and run["ok"] and checked["ok"], (prepared, run, checked))
                self.assertEqual(2 * n**3, prepared["work"]["flop"])
                self.assertEqual(3 * n**2 * (8 if precision == "f64" else 4), prepared["work"]["bytes"])
                self.assertIsNone(prepared.get("modelled"))
                self.assertGreater(run["elapsed"], 0)
                self.assertLessEqual(checked["max_error"], checked["tolerance"])
                self.assertEqual(2 * n * (2.0**-53 if precision == "f64" else 2.0**-24), checked["tolerance"])

    def test_a_rung_that_lacks_a_precision_says_which_it_has(self):
        for lacking, has, versions in (("f32", "f64", sorted(set(F64) - set(F32))), ("f64", "f32", sorted(set(F32) - set(F64)))):
            for version in versions:
                with self.subTest(version=version):
                    (reply,) = dialogue({"op": "prepare", "treatment": {"version": version, "n": 8, "precision": lacking},
                                         "cpus": [0], "seed": 1})
                    self.assertEqual("unsupported", reply.get("outcome"), reply)
                    self.assertIn(reply["reason"], (f'{version} multiplies in {has} only; give precision = "{has}"',
                                                    "needs AVX2 and FMA"))

    def test_above_its_threshold_a_rung_by_rows_is_modelled_from_a_sample(self):
        for version in set(VERSIONS) & {"1_python", "2_java", "3_c", "4_parallel_loops"}:
            with self.subTest(version=version):
                n = 257 if version == "1_python" else 1025
                rows = 8 if version == "4_parallel_loops" else 6  # 6 is no multiple of 4 threads
                prepared, run, checked = multiply(version=version, n=n, threads=4, sample_rows=6)
                self.assertTrue(prepared["ok"] and run["ok"] and checked["ok"], (prepared, run, checked))
                self.assertEqual(2 * n**3, prepared["work"]["flop"])  # of the whole product
                self.assertEqual(f"{rows} of {n} rows", prepared["modelled"]["note"])
                self.assertAlmostEqual(n / rows, prepared["modelled"]["factor"])
                self.assertLessEqual(checked["max_error"], checked["tolerance"])

    def test_a_product_at_the_threshold_or_not_by_rows_is_never_modelled(self):
        version, n = {"native": ("5_divide_and_conquer", 1025), "python": ("1_python", 256),
                      "java": ("2_java", 1024)}.get(LANGUAGE, (VERSIONS[0], 1025))
        (prepared,) = dialogue({"op": "prepare", "treatment": {"version": version, "n": n, "threads": 1, **PRECISION,
                                                               "sample_rows": 5}, "cpus": [0], "seed": 1})
        self.assertTrue(prepared["ok"], prepared)
        self.assertIsNone(prepared.get("modelled"))

    def test_a_treatment_that_makes_no_sense_is_unsupported_with_what_would(self):
        for wrong, said in (({"version": "9_none"}, "9_none"), ({"n": 0}, "n is 0"), ({"n": 10**6}, "n is 1000000"),
                            ({"sample_rows": -1}, "sample_rows is -1"), ({"precision": "f16"}, '"f64"')):
            treatment = {"version": VERSIONS[0], "n": 8, "threads": 1, **PRECISION, **wrong}
            (reply,) = dialogue({"op": "prepare", "treatment": treatment, "cpus": [0], "seed": 1})
            self.assertEqual("unsupported", reply.get("outcome"), reply)
            self.assertIn(said, reply["reason"])


@unittest.skipUnless(LANGUAGE == "java" and shutil.which("javac"), "the oracle of the Java worker, by rungs that are wrong")
class JavaOracle(unittest.TestCase):
    def test_it_refuses_one_wrong_element_a_row_never_written_and_a_transposed_b(self):
        classes = COMMAND[COMMAND.index("-cp") + 1]
        with tempfile.TemporaryDirectory() as wrong:
            subprocess.run(["javac", "-cp", classes, "-d", wrong, pathlib.Path(__file__).with_name("WrongRungs.java")],
                           check=True, capture_output=True, timeout=120)
            path = classes + os.pathsep + wrong
            command = [path if argument == classes else argument for argument in COMMAND]
            for version, n in itertools.product(("0_right", "0_element", "0_unwritten", "0_transposed"), (40, 300)):
                with self.subTest(version=version, n=n):  # at 300 the element is found by projection
                    _, _, checked = multiply(command, version=version, n=n)
                    if version == "0_unwritten":
                        self.assertEqual("wrong_answer", checked["outcome"])
                    else:
                        self.assertTrue(checked["ok"], checked)
                        self.assertEqual(version == "0_right", checked["max_error"] <= checked["tolerance"])


@unittest.skipIf(LANGUAGE != "python", "the oracle of the Python worker")
class PythonOracle(unittest.TestCase):
    """The check of python_rung.py finds what it must."""

    def product(self, n):
        a = [python_rung.inputs(7, i * n, n) for i in range(n)]
        b = [python_rung.inputs(7, n * n + k * n, n) for k in range(n)]
        columns = list(zip(*b))
        return a, b, [[math.fsum(x * y for x, y in zip(row, column)) for column in columns] for row in a]

    def is_right(self, a, b, c):
        n = len(b)
        return python_rung.largest_relative_error(a, b, c, range(n), 1) <= 2 * n * 2.0**-53

    def test_it_accepts_a_right_product_and_refuses_one_wrong_element(self):
        for n, error in ((30, 1e-9), (90, 1e-6)):  # 90: mostly by projection
            a, b, c = self.product(n)
            self.assertTrue(self.is_right(a, b, c))
            c[n - 2][1] += error
            self.assertFalse(self.is_right(a, b, c))

    def test_it_refuses_nan_and_a_transposed_b(self):
        for n in (30, 90):
            a, b, c = self.product(n)
            self.assertFalse(self.is_right(a, [list(row) for row in zip(*b)], c))
            c[3][n - 1] = math.nan
            self.assertEqual(math.inf, python_rung.largest_relative_error(a, b, c, range(n), 1))

    def test_its_inputs_are_those_of_the_reference_splitmix64(self):
        reference = [6457827717110365317, 3203168211198807973, 9817491932198370423]
        self.assertEqual([(x >> 11) * 2.0**-52 - 1 for x in reference], python_rung.inputs(1234567, 0, 3))
        self.assertEqual(python_rung.inputs(1234567, 0, 3)[2:], python_rung.inputs(1234567, 2, 1))

    def test_its_sample_is_that_of_the_native_worker(self):
        self.assertEqual([10, 30, 50, 70, 90], python_rung.rows_to_compute(100, 1, 1))
        self.assertEqual([64, 192, 320, 448, 576, 704, 832, 960], python_rung.rows_to_compute(1024, 8, 1))
        self.assertEqual(list(range(100)), python_rung.rows_to_compute(100, 0, 1))


if __name__ == "__main__":
    if why_not():
        print(f"SKIPPED: {why_not()}")
        sys.exit(0)
    unittest.main(argv=sys.argv[:1])
