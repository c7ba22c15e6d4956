"""An unchanged script with three flags, swept over two factors by one file, gives its table; and so does the same work
as a workload of assay_worker.py."""
import pathlib
import shutil

import scripted

SCRIPT = '''
import argparse, json, time

flags = argparse.ArgumentParser()
flags.add_argument("--items", type=int)
flags.add_argument("--depth", type=float)
flags.add_argument("--out")
given = flags.parse_args()
time.sleep(1e-3 * given.items * given.depth)
print("epoch 1 loss: 9.5")
print("epoch 2 loss:", given.items / 4)
with open(given.out + "/metrics.json", "w") as file:
    json.dump({"accuracy": 1 - given.depth / 4, "note": "text is no metric"}, file)
'''

WORKER = '''
import time
import assay_worker as assay


class Sleeper(assay.Workload):
    metrics = [assay.proportion("accuracy")]

    def prepare(self, items, depth, seed):
        self.seconds, self.depth = 1e-3 * items * depth, depth

    def step(self):
        time.sleep(self.seconds)

    def evaluate(self):
        return {"accuracy": 1 - self.depth / 4}


assay.serve(Sleeper)
'''

FACTORS = """
[factors]
items = [2, 8]
depth = [0.5, 1.0]
[presets.quick]
rounds = 2
budget_s = 0.1
"""


class Script(scripted.Bench):
    def accuracy(self, document):
        return {tuple(cell["treatment"].values()): cell["value"] for cell in document["cells"] if cell["metric"] == "accuracy"}

    def test_a_script_swept_over_two_factors(self):
        self.write("eval.py", SCRIPT)
        file = self.write("sweep.toml", """
[experiment]
name = "sweep"
question = "What do items and depth cost?"
baseline = { items = 2 }
[command]
run = ["python3", "eval.py", "--items", "{items}", "--depth", "{depth}", "--out", "{out}"]
metrics = "{out}/metrics.json"
match = { loss = 'loss: ([0-9.]+)' }
[metrics]
primary = ["wall_s", "accuracy", "loss"]
[metrics.accuracy]
unit = "ratio"
direction = "higher"
[metrics.loss]
unit = "1"
direction = "lower"
""" + FACTORS)
        finished = self.run_experiment(file)
        self.assertEqual(finished.status, 0, finished)
        document = finished.document
        self.assertEqual((document["ran"], document["failed"], document["unsupported"]), (document["planned"], 0, 0))
        metrics = {cell["metric"] for cell in document["cells"]}
        self.assertLessEqual({"wall_s", "cpu_s", "peak_memory_bytes", "exit_status", "accuracy", "loss"}, metrics)
        self.assertEqual(self.accuracy(document), {(2, 0.5): 0.875, (2, 1.0): 0.75, (8, 0.5): 0.875, (8, 1.0): 0.75})
        for cell in document["cells"]:
            items, depth = cell["treatment"].values()
            if cell["metric"] == "loss":
                self.assertEqual(cell["value"], items / 4)  # the last match, not the first
            if cell["metric"] == "wall_s":
                self.assertGreaterEqual(cell["value"], 1e-3 * items * depth)  # it did sleep
            if cell["metric"] == "exit_status":
                self.assertEqual(cell["value"], 0)
        compared = {(c["metric"], *c["of"].values()) for c in document["comparisons"]}
        self.assertIn(("wall_s", 8, 0.5), compared)
        for comparison in document["comparisons"]:  # a partial baseline: equal in all other factors
            self.assertEqual(comparison["of"]["depth"], comparison["to"]["depth"])
            self.assertEqual(comparison["to"]["items"], 2)
        self.assert_nothing_left()

    def test_the_same_as_a_worker(self):
        shutil.copy(pathlib.Path(__file__).parents[2] / "harness/worker/assay_worker.py", self.folder)
        self.write("my_worker.py", WORKER)
        file = self.write("worker.toml", """
[experiment]
name = "worker"
question = "What do items and depth cost?"
baseline = { items = 2 }
[worker]
command = ["python3", "my_worker.py"]
""" + FACTORS)
        finished = self.run_experiment(file)
        self.assertEqual(finished.status, 0, finished)
        self.assertEqual(self.accuracy(finished.document), {(2, 0.5): 0.875, (2, 1.0): 0.75, (8, 0.5): 0.875, (8, 1.0): 0.75})
        times = [cell for cell in finished.document["cells"] if cell["clock"] == "wall"]
        self.assertEqual(len(times), 4)
        for cell in times:
            self.assertGreaterEqual(cell["value"], 1e-3 * cell["treatment"]["items"] * cell["treatment"]["depth"])
        self.assert_nothing_left()

    def test_every_execution_has_an_empty_folder_and_a_rounds_treatments_share_the_seed(self):
        file = self.write("seed.toml", """
[experiment]
name = "seed"
question = "?"
baseline = { n = 1 }
[command]
run = ["sh", "-c", "ls -A {out} | wc -l; echo seed: {seed}; test ! -t 0; cat; pwd", "{n}"]
match = { seed = 'seed: (\\d+)', entries = '^(\\d+)$' }
[metrics.seed]
unit = "1"
[metrics.entries]
unit = "1"
[factors]
n = [1, 2]
[presets.quick]
rounds = 2
""")
        finished = self.run_experiment(file)
        self.assertEqual(finished.status, 0, finished)
        (folder,) = self.run_folders()
        seeds = {}
        for line in self.journal(folder):
            if line["type"] == "block":
                self.assertEqual(line["metrics"]["entries"], 0)
                seeds.setdefault(line["round"], set()).add(line["metrics"]["seed"])
        self.assertEqual([len(of_round) for of_round in seeds.values()], [1, 1, 1])
        self.assertEqual(len(set.union(*seeds.values())), 3)

    def test_a_script_whose_exit_status_is_measured_may_fail(self):
        file = self.write("status.toml", """
[experiment]
name = "status"
question = "?"
[command]
run = ["sh", "-c", "exit {n}"]
[metrics.exit_status]
margin = 0.5
[factors]
n = [0, 3]
[presets.quick]
rounds = 2
""")
        finished = self.run_experiment(file)
        self.assertEqual(finished.status, 0, finished)
        statuses = {cell["treatment"]["n"]: cell["value"] for cell in finished.document["cells"] if cell["metric"] == "exit_status"}
        self.assertEqual(statuses, {0: 0, 3: 3})

    def test_the_plan_counts_cells_processes_and_minutes(self):
        self.write("eval.py", SCRIPT)
        finished = self.assay("plan", self.experiment("time_ns = [1000000, 2000000]", "baseline = { time_ns = 1000000 }"), "--json")
        self.assertEqual(finished.status, 0, finished)
        plan = finished.document
        self.assertEqual((plan["rounds"], plan["quads"], plan["processes"]), (2, 1, 6))  # two and a second copy, two rounds
        self.assertGreater(plan["minutes"], 0)
        self.assertEqual(len(plan["treatments"]), 2)
        self.assertFalse((self.folder / "results").exists())


if __name__ == "__main__":
    scripted.main()
