"""A laid-out sketch as a program of this machine, spoken to by pipe and, through a pseudo-terminal, by the worker of the board.

    sketch_dialogue_test.py TREE PREFIX SKETCH CC CXX        PREFIX: what has libexec/ and share/; SKETCH: of variant 1_plain
"""
import json
import os
import pathlib
import pty
import re
import subprocess
import sys
import tempfile
import tty
import unittest
import zlib

TREE, PREFIX, SKETCH = map(pathlib.Path, sys.argv[1:4])
CC, CXX = sys.argv[4:6]
FAKE = TREE / "tests" / "hardware" / "mcu" / "arduino" / "fake"
WARNINGS = ["-O1", "-Wall", "-Wextra", "-Werror", "-c"]
CYCLES_OF_WORK = 1000  # fake/host.cpp


def build(folder):
    made = []
    for source in (*sorted(SKETCH.glob("*.c")), *SKETCH.glob("*.ino"), FAKE / "host.cpp"):
        made.append(folder / (source.name + ".o"))
        language = [CC, "-x", "c", "-std=gnu11"] if source.suffix == ".c" else [CXX, "-x", "c++", "-std=gnu++14", "-include", "Arduino.h"]
        subprocess.run([*language, *WARNINGS, f"-I{FAKE}", source, "-o", made[-1]], check=True)
    program = folder / "sketch"
    subprocess.run([CXX, *made, "-o", program], check=True)
    return program


class Sketch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.program = build(pathlib.Path(cls.folder.name))

    def say(self, *commands):
        """The lines that answer each command, without m-ready."""
        done = subprocess.run([self.program], input="".join(command + "%" for command in commands), capture_output=True, text=True, timeout=60, check=True)
        replies = done.stdout.replace("\r\n", "\n").split("m-ready\n")
        self.assertEqual(len(replies), len(commands) + 2)  # the greeting, and nothing behind the last
        self.assertIn("m-init-done", replies[0])
        return [reply.splitlines() for reply in replies[1:-1]]

    def test_it_speaks_mlperf_tinys_protocol(self):
        name, profile, load, first, second, results = self.say("name", "profile", "db load 784", "db " + "00" * 100, "db " + "ff" * 684, "infer 3 1")
        self.assertEqual(name, ["m-name-dut-[nano33ble]"])
        self.assertIn("m-model-[lenet5 mnist 1_plain]", profile)
        self.assertEqual(load, ["m-[Expecting 784 bytes]"])
        self.assertEqual(first, [])
        self.assertIn("e-[a command has at most 256 characters]", second)  # as a person would who doesn't split an image
        self.assertEqual(len([line for line in results if line.startswith("m-lap-us-")]), 2)
        self.assertEqual(len(re.fullmatch(r"m-results-\[(.*)\]", next(line for line in results if "results" in line))[1].split(",")), 10)

    def test_it_counts_cycles_by_a_counter_that_goes_round(self):
        device, inferred = self.say("assay", "infer 3 0")
        self.assertIn("assay-unit-cycles", device)
        self.assertNotIn("assay-window-", "".join(device))
        self.assertEqual([line for line in inferred if line.startswith("assay-")],
                         [f"assay-cycles-{3 * CYCLES_OF_WORK}", f"assay-least-{CYCLES_OF_WORK}", f"assay-most-{CYCLES_OF_WORK}"])

    def test_an_image_arrives_as_it_was_sent(self):
        image = bytes(i * 37 % 256 for i in range(784))
        commands = [f"db {image[i:i + 98].hex()}" for i in range(0, 784, 98)]
        *_, last, crc, stack = self.say("db load 784", *commands, "assay crc", "assay stack")
        self.assertEqual(last, ["m-load-done"])
        self.assertEqual(crc, [f"assay-crc-{zlib.crc32(image):08x}"])
        self.assertEqual(stack, [])  # its limit is not known, so nothing is said

    def worker(self, treatment, *requests):
        """The worker's replies to describe, prepare and `requests`, with the sketch at the other end of a tty."""
        board, line = pty.openpty()
        tty.setraw(line)
        port = os.ttyname(line)
        sketch = subprocess.Popen([self.program], stdin=board, stdout=board)
        try:
            treatment = {"model": "lenet5", "board": "nano33ble", "dataset": "mnist", "port": port, **treatment}
            lines = [{"op": "describe"}, {"op": "prepare", "treatment": treatment, "cpus": [0], "seed": 42}, *requests, {"op": "quit"}]
            done = subprocess.run([PREFIX / "libexec/assay/lenet_mcu_worker", "--board", "nano33ble", "--boards", PREFIX / "share/assay/mcu",
                                   "--firmware", "/nonexistent", "--weights", PREFIX / "share/assay/lenet5"], input="".join(json.dumps(line) + "\n" for line in lines),
                                  capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "ASSAY_DATA": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent"})
            self.assertEqual(done.returncode, 0, done.stderr)
            return [json.loads(line) for line in done.stdout.splitlines()][1:]
        finally:
            sketch.kill()
            sketch.wait()
            os.close(board)
            os.close(line)

    def test_the_worker_needs_no_elf_and_finds_the_integer_oracles_ten_sums(self):
        block = [{"op": "run", "iterations": 2, "settle_ns": 0, "samples": False}, {"op": "check"}]
        prepared, *rest = self.worker({"variant": "1_plain"}, *block * 4, {"op": "evaluate"})
        self.assertTrue(prepared["ok"], prepared)
        self.assertNotIn("1_plain.elf", prepared.get("inputs", {}))
        for ran, checked in zip(rest[0:8:2], rest[1:8:2]):  # a block each, and in each another image
            self.assertEqual((ran["elapsed"], ran["unit"]), (2 * CYCLES_OF_WORK, "cycles"))
            self.assertEqual((checked["max_error"], checked["tolerance"]), (0, 0), checked)
        evaluated = rest[8]
        for name in ("flash_bytes", "ram_bytes", "stack_bytes", "peak_memory_bytes", "weight_bytes"):
            self.assertNotIn(name, evaluated.get("metrics", {}))

    def test_another_sketch_than_the_wanted_one_is_said_with_the_one_to_upload(self):
        (prepared,) = self.worker({"variant": "6_best"})
        self.assertEqual(prepared["outcome"], "unsupported")
        self.assertIn("the board runs 'lenet5 mnist 1_plain' where 'lenet5 mnist 6_best' is wanted → upload the sketch ", prepared["reason"])
        self.assertTrue(pathlib.Path(prepared["reason"].split()[-1]).is_dir())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
