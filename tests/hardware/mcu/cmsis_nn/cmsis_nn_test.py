"""LeNet-5 by CMSIS-NN in the emulator, judged by its worker: cmsis_nn_test.py PREFIX FIRMWARE OF     OF: "your checkout", "a stand-in" """
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

PREFIX, FIRMWARE, OF = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
RUN = {"op": "run", "iterations": 1, "settle_ns": 0, "samples": False}


def worker(*requests):
    treatment = {"model": "lenet5", "board": "mps2-an386", "variant": "cmsis_nn", "dataset": "mnist"}
    lines = [{"op": "describe"}, {"op": "prepare", "treatment": treatment, "cpus": [0], "seed": 42}, *requests, {"op": "quit"}]
    done = subprocess.run([PREFIX / "libexec/assay/lenet_mcu_worker", "--board", "mps2-an386", "--boards", PREFIX / "share/assay/mcu", "--firmware", FIRMWARE,
                           "--weights", PREFIX / "share/assay/lenet5"], input="".join(json.dumps(line) + "\n" for line in lines), capture_output=True, text=True,
                          timeout=200, check=False, env={**os.environ, "ASSAY_DATA": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent"})
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()][1:]


class Peer(unittest.TestCase):
    def test_its_sums_are_the_oracles_but_for_rounding(self):
        prepared, *rest = worker(*[RUN, {"op": "check"}] * 6)
        self.assertTrue(prepared["ok"], prepared)
        for ran, checked in zip(rest[0::2], rest[1::2]):
            self.assertEqual(ran["unit"], "instructions")
            self.assertIn("a peer rounds otherwise", checked["rule"])
            self.assertLessEqual(checked["max_error"], checked["tolerance"], checked)
        errors = [checked["max_error"] for checked in rest[1::2]]
        self.assertGreater(max(errors), 0)  # another rounding shows; if it never did, this would be the model's and held to it
        print(f"{OF}: {rest[0]['elapsed']:.0f} instructions; sums off by at most {max(errors):.4f} of the largest", file=sys.stderr)


if __name__ == "__main__":
    if not shutil.which("qemu-system-arm"):
        print("SKIPPED: no qemu-system-arm; scripts/bootstrap mcu")
        sys.exit(0)
    unittest.main(argv=sys.argv[:1])
