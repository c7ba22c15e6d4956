"""A worker that dies in the middle of a Server run, in a suite of real ones."""
import os
import signal
import time

import scripted

EXPERIMENT = """
[experiment]
name = "served"
question = "What is left when a server dies?"
suite = "lenet-mnist"
design = "one-factor-at-a-time"
baseline = { implementation = "scalar" }
seed = 585
[factors]
implementation = ["native", "scalar"]
[controls]
scenario = "server"
bound_s = 5.0
most_batch = 4
queue = 1000000
[metrics]
primary = ["server_per_s"]
[presets.quick]
rounds = 2
budget_s = 0.1
"""


class Served(scripted.Bench):
    def test_a_worker_that_dies_while_it_serves_costs_its_own_cells(self):
        process = self.start("run", self.write("served.toml", EXPERIMENT), "--out", self.results, "--json")
        servers = lambda: [pid for pid, command in self.processes().items() if "lenet_worker" in command and "--server" in command]
        self.wait_for_line(process, "rehearsal implementation=native")  # the baseline has been rehearsed and is gone
        self.assertTrue(scripted.eventually(lambda: servers() or process.poll() is not None))
        time.sleep(1)  # it has been prepared in some 50 ms, and serves for seconds
        (server,) = servers()
        os.kill(server, signal.SIGSEGV)
        finished = self.finish(process)
        self.assertEqual(finished.status, 1, finished)
        cells = {cell["treatment"]["implementation"]: cell for cell in finished.document["cells"] if cell["metric"] == "server_per_s"}
        self.assertEqual((cells["native"]["outcome"], cells["native"]["value"]), ("crashed", None))
        self.assertIn("SIGSEGV", cells["native"]["reason"])
        self.assertEqual(cells["scalar"]["outcome"], "ok", finished)
        self.assertGreater(cells["scalar"]["value"], 0)
        self.assert_nothing_left()


if __name__ == "__main__":
    scripted.main()
