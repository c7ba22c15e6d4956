"""One of lenet-mnist's workers by the pipe: lenet_workers_test.py TREE LIBEXEC IMPLEMENTATION."""
import hashlib
import json
import os
import math
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

TREE, LIBEXEC = map(pathlib.Path, sys.argv[1:3])
IMPLEMENTATION = sys.argv[3]
PROGRAM = LIBEXEC / {"scalar": "lenet_worker", "native": "lenet_worker", "onednn": "lenet_onednn_worker"}.get(IMPLEMENTATION, "lenet_libtorch_worker")
WEIGHTS = TREE / "reference_models" / "lenet5" / "weights"
NOWHERE = {"ASSAY_DATA": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent"}


def dialogue(*requests, weights=WEIGHTS, folder="/", workload=(), **environment):
    """The replies to `requests`, and quit after them. No data set is found unless the environment says where."""
    lines = "".join(json.dumps(request) + "\n" for request in (*requests, {"op": "quit"}))
    done = subprocess.run([PROGRAM, "--weights", weights, *workload], input=lines, capture_output=True, text=True, timeout=120, check=False, cwd=folder,
                          env={**os.environ, **NOWHERE, **environment})
    assert done.returncode == 0, (done.returncode, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def prepare(**treatment):
    return {"op": "prepare", "treatment": {"implementation": IMPLEMENTATION, **treatment}, "cpus": [0], "seed": 42}


def run(iterations):
    return {"op": "run", "iterations": iterations, "settle_ns": 0, "samples": False}


def why_not():
    if not PROGRAM.exists():
        return "the build had no LibTorch; apt-get install libtorch-dev"
    if IMPLEMENTATION == "onednn" and "onednn" not in dialogue({"op": "describe"})[0].get("libraries", {}):
        return "the build had no oneDNN; apt-get install libdnnl-dev"
    return None


class Worker(unittest.TestCase):
    def test_every_batch_is_answered_as_the_oracle_does(self):
        for batch in (1, 3, 64, 100):
            _, prepared, ran, checked = dialogue({"op": "describe"}, prepare(batch=batch), run(3), {"op": "check"})
            self.assertTrue(prepared["ok"], prepared)
            self.assertEqual(prepared["work"], {"flop": 833040 * batch, "images": batch})
            self.assertEqual(prepared["inputs"], {"mnist.safetensors": hashlib.sha256((WEIGHTS / "mnist.safetensors").read_bytes()).hexdigest()})
            self.assertGreater(ran["elapsed"], 0)
            self.assertLessEqual(checked["max_error"], checked["tolerance"], checked)

    def test_an_output_that_no_run_has_written_does_not_pass(self):
        _, _, _, checked = dialogue({"op": "describe"}, prepare(), run(1), {"op": "check"})
        self.assertLessEqual(checked["max_error"], checked["tolerance"])
        _, _, checked = dialogue({"op": "describe"}, prepare(), {"op": "check"})
        self.assertFalse(checked.get("ok") and checked["max_error"] <= checked["tolerance"], checked)

    def test_without_the_data_set_it_is_timed_and_not_evaluated(self):
        _, prepared, _, evaluated = dialogue({"op": "describe"}, prepare(), run(1), {"op": "evaluate"})
        self.assertTrue(prepared["ok"])
        self.assertEqual((evaluated["ok"], evaluated["outcome"]), (False, "unsupported"))
        self.assertIn("mnist is not on this machine; run: assay data fetch mnist", evaluated["reason"])

    def test_what_is_no_treatment_is_refused_with_the_reason(self):
        for treatment, part in (({"batch": 0}, "batch is 0; give 1 to 65536"), ({"batch": -3}, "batch is -3"), ({"batch": 10**9}, "give 1 to 65536"),
                                ({"precision": "fp8"}, 'precision is "fp8"; give'), ({"dataset": "cifar"}, "there is no data set 'cifar'; there are: mnist"),
                                ({"threads": 0}, "threads is 0"), ({"implementation": "abacus"}, "has no implementation 'abacus'")):
            reply = dialogue({"op": "describe"}, prepare(**treatment))[1]
            self.assertFalse(reply["ok"])
            self.assertIn(part, reply["reason"])

    def test_weights_that_are_not_there_or_not_whole_are_said_to_be_so(self):
        with tempfile.TemporaryDirectory() as folder:
            reply = dialogue({"op": "describe"}, prepare(), weights=folder)[1]
            self.assertIn("mnist.safetensors: cannot be read", reply["reason"])
            good = (WEIGHTS / "mnist.safetensors").read_bytes()
            pathlib.Path(folder, "mnist.safetensors").write_bytes(good[:-100])
            reply = dialogue({"op": "describe"}, prepare(), weights=folder)[1]
            self.assertEqual((reply["ok"], reply["outcome"]), (False, "crashed"))
            self.assertIn("is cut short", reply["reason"])

    def test_weights_that_are_whole_and_not_those_that_are_listed_are_refused_with_both_hashes(self):
        with tempfile.TemporaryDirectory() as folder:
            altered = bytearray((WEIGHTS / "mnist.safetensors").read_bytes())
            altered[-2] ^= 1  # a bit of a bias
            pathlib.Path(folder, "mnist.safetensors").write_bytes(altered)
            self.assertTrue(dialogue({"op": "describe"}, prepare(), weights=folder)[1]["ok"])  # weights of one's own are listed nowhere
            listed = (WEIGHTS / "SHA256SUMS").read_text()
            pathlib.Path(folder, "SHA256SUMS").write_text(listed)
            reply = dialogue({"op": "describe"}, prepare(), weights=folder)[1]
            self.assertEqual((reply["ok"], reply["outcome"]), (False, "crashed"))
            hashes = hashlib.sha256(altered).hexdigest(), hashlib.sha256((WEIGHTS / "mnist.safetensors").read_bytes()).hexdigest()
            self.assertIn("its SHA-256 is {} instead of {}; bring back".format(*hashes), reply["reason"])
            self.assertIn(hashes[1], listed)
            for line in listed.splitlines():
                self.assertIn(line.split()[0], (WEIGHTS / "PROVENANCE.md").read_text())

    def test_weights_of_another_width_are_answered_with_by_libtorch_and_refused_by_what_is_written_for_the_full_network(self):
        shapes = {"conv1": [3, 1, 5, 5], "conv2": [8, 3, 5, 5], "fc1": [60, 200], "fc2": [42, 60], "fc3": [10, 42]}
        header, values = {}, b""
        for tensor, shape in [(f"{layer}.{part}", shape if part == "weight" else shape[:1]) for layer, shape in shapes.items() for part in ("weight", "bias")]:
            first = len(values)
            values += struct.pack("<f", 0.01) * math.prod(shape)
            header[tensor] = {"dtype": "F32", "shape": shape, "data_offsets": [first, len(values)]}
        text = json.dumps(header).encode()
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "mnist.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + values)
            replies = dialogue({"op": "describe"}, prepare(), run(1), {"op": "check"}, weights=folder)
        if IMPLEMENTATION.startswith("libtorch"):
            self.assertEqual(replies[1]["work"]["flop"], 2 * (3 * 784 * 25 + 8 * 100 * 75 + 60 * 200 + 42 * 60 + 10 * 42))
            self.assertLessEqual(replies[3]["max_error"], replies[3]["tolerance"])
        else:
            self.assertEqual((replies[1]["ok"], replies[1]["outcome"]), (False, "unsupported"))
            self.assertIn(f"{IMPLEMENTATION} computes only the full LeNet-5, of 6 and 16 maps, 120 and 84 hidden values; these weights have 3 and 8 maps", replies[1]["reason"])

    def test_an_altered_data_set_is_refused_with_both_hashes(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
                pathlib.Path(folder, name).write_bytes(b"\0\0\x08\x03")
            reply = dialogue({"op": "describe"}, prepare(), ASSAY_DATA=folder)[1]
            self.assertFalse(reply["ok"])
            self.assertRegex(reply["reason"], r"SHA-256 [0-9a-f]{64} .* instead of [0-9a-f]{64} .*assay data fetch mnist")

    def test_requests_that_arrive_by_themselves_are_answered_and_timed(self):
        described, prepared, evaluated = dialogue({"op": "describe"}, prepare(load=0.3, most_batch=1, most_wait_s=0.0, duration_s=2.0, queue=100000),
                                                  {"op": "evaluate"}, workload=("--load",))
        self.assertTrue(prepared["ok"], prepared)
        metrics = evaluated["metrics"]
        self.assertLessEqual(set(metrics), {metric["name"] for metric in described["metrics"]})
        self.assertGreater(metrics["offline_per_s"], 0)
        self.assertAlmostEqual(metrics["offered_per_s"], 0.3 * metrics["offline_per_s"], delta=1e-6 * metrics["offline_per_s"])
        self.assertLess(metrics["latency_p50_s"], metrics["latency_p99_s"])
        self.assertEqual(metrics["mean_batch"], 1)
        self.assertGreater(metrics["wait_of_theory"], 0)

    def test_the_highest_rate_within_a_bound_is_above_nothing_and_below_the_offline_throughput(self):
        evaluated = dialogue({"op": "describe"}, prepare(bound_s=0.5, most_batch=8, queue=100000), {"op": "evaluate"}, workload=("--server",))[2]
        self.assertTrue(evaluated["ok"], evaluated)
        metrics = evaluated["metrics"]
        self.assertEqual(set(metrics), {"offline_per_s", "server_per_s", "server_share"})
        self.assertGreater(metrics["server_share"], 0)
        self.assertLessEqual(metrics["server_share"], 127 / 128 + 1e-9)
        self.assertAlmostEqual(metrics["server_per_s"] / metrics["offline_per_s"], metrics["server_share"], delta=1e-9)

    def test_a_bound_that_no_rate_meets_is_said_to_be_so(self):
        evaluated = dialogue({"op": "describe"}, prepare(bound_s=1e-9, most_batch=1, most_wait_s=0.0), {"op": "evaluate"}, workload=("--server",))[2]
        self.assertEqual((evaluated["ok"], evaluated["outcome"]), (False, "unsupported"))
        self.assertRegex(evaluated["reason"], "has its 99th percentile within 1e-09 s")

    def test_more_requests_than_can_be_answered_end_at_the_queue_and_are_called_overloaded(self):
        evaluated = dialogue({"op": "describe"}, prepare(load=3.0, most_batch=4, queue=50, duration_s=30.0), {"op": "evaluate"}, workload=("--load",))[2]
        self.assertEqual((evaluated["ok"], evaluated["outcome"]), (False, "overloaded"))
        self.assertRegex(evaluated["reason"], r"requests a second were offered; after \S+ s 50 waited, and \d+ were answered")

    def test_a_server_without_its_bound_or_rate_says_what_to_give(self):
        for workload, treatment, part in (("--server", {}, "bound_s"), ("--server", {"bound_s": 0.0}, "bound_s is 0 or missing"), ("--load", {}, "rate_per_s (or load)"),
                                          ("--load", {"load": -1.0}, "load is -1"), ("--load", {"load": 0.5, "most_batch": 0}, "most_batch is 0"),
                                          ("--load", {"load": 0.5, "queue": 0}, "queue is 0")):
            reply = dialogue({"op": "describe"}, prepare(**treatment), workload=(workload,))[1]
            self.assertFalse(reply["ok"], (workload, treatment))
            self.assertIn(part, reply["reason"])


if __name__ == "__main__":
    reason = why_not()
    if reason:
        print("SKIPPED:", reason)
        sys.exit(0)
    unittest.main(argv=sys.argv[:1] + sys.argv[4:], verbosity=2)
