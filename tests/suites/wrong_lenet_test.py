"""Wrong answers are found, alone, in batches and in a server: wrong_lenet_test.py TREE WORKER."""
import json
import os
import subprocess
import sys
import unittest

TREE, WORKER = sys.argv[1:3]


def last_reply(implementation, *operations, workload=(), **treatment):
    requests = [{"op": "describe"}, {"op": "prepare", "treatment": {"implementation": implementation, **treatment}, "cpus": [0], "seed": 42}]
    for operation in operations:
        requests.append({"op": "run", "iterations": 2, "settle_ns": 0, "samples": False} if operation == "run" else {"op": operation})
    lines = "".join(json.dumps(request) + "\n" for request in (*requests, {"op": "quit"}))
    done = subprocess.run([WORKER, "--weights", f"{TREE}/reference_models/lenet5/weights", *workload], input=lines, capture_output=True, text=True, timeout=120,
                          check=True, env={**os.environ, "ASSAY_DATA": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent"})
    return json.loads(done.stdout.splitlines()[-1])


class Wrong(unittest.TestCase):
    def test_a_batch_with_one_wrong_answer_is_too_far_off(self):
        for workload, batch in (((), {"batch": 1}), ((), {"batch": 64}), (("--server",), {"bound_s": 1.0, "most_batch": 4})):
            checked = last_reply("wrong", "run", "check", workload=workload, **batch)
            self.assertGreater(checked["max_error"], checked["tolerance"])

    def test_right_answers_are_not(self):
        for workload, batch in (((), {"batch": 1}), (("--server",), {"bound_s": 1.0, "most_batch": 1})):
            checked = last_reply("wrong_in_batches", "run", "check", workload=workload, **batch)
            self.assertLessEqual(checked["max_error"], checked["tolerance"])

    def test_a_server_that_is_wrong_only_where_requests_share_a_batch_is_found_out(self):
        for workload, treatment in (("--server", {"bound_s": 1.0}), ("--load", {"load": 0.9})):
            evaluated = last_reply("wrong_in_batches", "evaluate", workload=(workload,), most_batch=4, **treatment)
            self.assertEqual((evaluated["ok"], evaluated["outcome"]), (False, "wrong_answer"))
            self.assertRegex(evaluated["reason"], r"of \d+ requests answered, the worst is off by")
        alone = last_reply("wrong_in_batches", "evaluate", workload=("--load",), most_batch=1, most_wait_s=0.0, load=0.3, queue=100000)
        self.assertTrue(alone["ok"], alone)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
