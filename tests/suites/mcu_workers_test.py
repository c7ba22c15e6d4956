"""The workers for microcontrollers by the pipe, on the emulated board: mcu_workers_test.py TREE LIBEXEC SHARE.

What is asserted are counts, which repeat to the last digit: no time is.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

TREE, LIBEXEC, SHARE = map(pathlib.Path, sys.argv[1:4])
BOARD = "mps2-an386"
INTEGER_VARIANTS = sorted(file.stem for file in (TREE / "reference_models" / "lenet5" / "mcu").glob("[0-9]_*.c"))
RUNGS = sorted({file.stem for file in (TREE / "suites" / "tinyml" / "matmul").glob("*_[0-9]_*")})


def dialogue(program, treatment, *requests, **environment):
    """The replies to describe, prepare, `requests`, and quit after them. There is no MNIST: the image is a drawn one."""
    all_requests = [{"op": "describe"}, {"op": "prepare", "treatment": treatment, "cpus": [0], "seed": 42}, *requests, {"op": "quit"}]
    done = subprocess.run([LIBEXEC / program, "--board", BOARD, "--boards", SHARE / "mcu", "--firmware", LIBEXEC / "mcu", "--weights", SHARE / "lenet5"],
                          input="".join(json.dumps(request) + "\n" for request in all_requests), capture_output=True, text=True, timeout=200, check=False,
                          env={**os.environ, "ASSAY_DATA": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent", **environment})
    assert done.returncode == 0, (done.returncode, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def run(iterations=1):
    return {"op": "run", "iterations": iterations, "settle_ns": 0, "samples": False}


def why_not():
    if not shutil.which("qemu-system-arm"):
        return "needs qemu-system-arm"
    if not (LIBEXEC / "mcu" / BOARD / "nrf52840" / "lenet5").is_dir():
        return "this build has no firmware: needs arm-none-eabi-gcc"
    return None


class Lenet(unittest.TestCase):
    def test_every_integer_variant_gives_the_oracles_sums_by_the_same_count_each_time_and_the_plugin_agrees(self):
        self.assertGreaterEqual(len(INTEGER_VARIANTS), 6)
        for variant in INTEGER_VARIANTS:
            with self.subTest(variant=variant):
                _, prepared, *runs, checked, evaluated = dialogue("lenet_mcu_worker", {"variant": variant}, *[run()] * 20, {"op": "check"}, {"op": "evaluate"})
                self.assertTrue(prepared["ok"], prepared)
                self.assertEqual({(r["elapsed"], r["unit"], r["clock"]) for r in runs}, {(runs[0]["elapsed"], "instructions", "instructions")})
                self.assertEqual((checked["max_error"], checked["tolerance"]), (0, 0))
                by_address = evaluated["metrics"].get("instructions_by_address")
                if by_address is not None:  # this QEMU takes plugins
                    self.assertLessEqual(abs(by_address - runs[0]["elapsed"]), 1)
                    self.assertLessEqual(evaluated["metrics"]["cycles_low"], evaluated["metrics"]["cycles"])
                    self.assertLessEqual(evaluated["metrics"]["cycles"], evaluated["metrics"]["cycles_high"])

    def test_the_best_variant_keeps_what_it_promises(self):
        _, _, ran, evaluated = dialogue("lenet_mcu_worker", {"variant": "6_best"}, run(), {"op": "evaluate"})
        self.assertLessEqual(ran["elapsed"], 480_000)
        self.assertLessEqual(evaluated["metrics"]["flash_bytes"], 100 * 1024)
        self.assertLessEqual(evaluated["metrics"]["peak_memory_bytes"], 64 * 1024)

    def test_other_widths_and_floats_are_right_too(self):
        for treatment in ({"width": 0.25}, {"width": 0.5}, {"width": 2.0}, {"variant": "4_fused_pooling", "width": 0.5}, {"variant": "fp32"}):
            with self.subTest(treatment=treatment):
                *_, checked = dialogue("lenet_mcu_worker", treatment, run(), {"op": "check"})
                self.assertTrue(checked["ok"], checked)
                self.assertLessEqual(checked["max_error"], checked["tolerance"])

    def test_what_cannot_be_had_says_why(self):
        for treatment, reason in (({"part": "stm32f303x8"}, r"needs \d+ KB of 64 KB flash"),
                                  ({"part": "nrf52810", "variant": "fp32"}, "needs an FPU"),
                                  ({"part": "esp32"}, "it has or stands in for nrf52840"),
                                  ({"variant": "7_magic"}, "this build has no firmware lenet5/mnist/7_magic"),
                                  ({"dataset": "cifar"}, "give dataset = \"mnist\""),
                                  ({"batch": 8}, "give batch = 1")):
            with self.subTest(treatment=treatment):
                _, prepared = dialogue("lenet_mcu_worker", treatment)
                self.assertEqual((prepared["ok"], prepared["outcome"]), (False, "unsupported"))
                self.assertRegex(prepared["reason"], reason)


class Matmul(unittest.TestCase):
    def test_every_rung_multiplies_exactly_and_the_last_in_three_quarters_of_an_instruction_a_product(self):
        self.assertGreaterEqual(len(RUNGS), 10)
        for version in RUNGS:
            for n in (16, 64, 96):
                with self.subTest(version=version, n=n):
                    _, prepared, ran, checked = dialogue("matmul_mcu_worker", {"version": version, "n": n}, run(), {"op": "check"})
                    self.assertTrue(prepared["ok"], prepared)
                    self.assertEqual(checked["max_error"], 0)
                    if (version, n) == ("i8_6_all_registers", 64):
                        self.assertLessEqual(ran["metrics"]["per_mac"], 0.75)

    def test_sizes_that_no_tile_divides_are_refused(self):
        for n in (0, 8, 40, 112):
            _, prepared = dialogue("matmul_mcu_worker", {"version": "i8_1_naive", "n": n})
            self.assertEqual(prepared["outcome"], "unsupported")
            self.assertIn("give a multiple of 16", prepared["reason"])


if __name__ == "__main__":
    if reason := why_not():
        print("SKIPPED: " + reason)
        sys.exit()
    unittest.main(argv=sys.argv[:1], verbosity=2)
