"""Tables from the experiment file to the report: all pairs, the best row, and what a reader is warned of."""
import json

import scripted

# A worker whose times are what the level says, on a clock that no other work on the machine can spoil. `library` is in
# its description, so that levels may differ in more than their name.
WORKER = r"""
import json, math, os, random, sys
noise = random.Random(os.getpid())
n = 1
for line in sys.stdin:
    request = json.loads(line)
    reply = {"ok": True}
    if request["op"] == "describe":
        reply.update(protocol=1, worker="levels", libraries={"blas": sys.argv[1]},
                     metrics=[{"name": "time_s", "unit": "s", "direction": "lower", "clock": "virtual"}])
    elif request["op"] == "prepare":
        n = request["treatment"]["n"]
    elif request["op"] == "run":
        elapsed = 1000 * n * request["iterations"] * math.exp(noise.gauss(0, 0.001))
        reply.update(elapsed=elapsed, unit="ns", clock="virtual")
    elif request["op"] == "quit":
        break
    else:
        reply = {"ok": False, "outcome": "unsupported", "reason": "there is nothing to judge"}
    print(json.dumps(reply), flush=True)
"""


class Tables(scripted.Bench):
    def setUp(self):
        super().setUp()
        self.write("levels.py", WORKER)

    def run_of(self, text):
        file = self.write("levels.toml", text)
        run = self.assay("run", file, "--out", self.results, "--json")
        self.assertEqual(run.status, 0, run)
        return run.document

    def test_all_pairs_of_eight_levels_in_rounds_that_they_share(self):
        document = self.run_of("""
[experiment]
name = "levels"
question = "Which n differ?"
[worker]
command = ["python3", "levels.py", "1.0"]
[factors]
n = [100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 700.0, 700.0000001]
[table]
kind = "pairwise"
[presets.quick]
rounds = 5
budget_s = 0.1
""")
        self.assertEqual(len(document["comparisons"]), 28)
        pairs = {(c["of"]["n"], c["to"]["n"]): c for c in document["comparisons"]}
        self.assertEqual(pairs[600.0, 300.0]["verdict"], "worse")
        self.assertAlmostEqual(pairs[600.0, 300.0]["ratio"], 2, delta=0.05)
        self.assertNotIn(pairs[700.0000001, 700.0]["verdict"], ("better", "worse"))
        self.assertEqual({c["reason"] for c in document["comparisons"]}, {None})
        folder = self.results / "levels" / document["run"].split("/")[-1]
        self.assertEqual(json.loads((folder / "manifest.json").read_text())["table"]["kind"], "pairwise")
        report = self.assay("report", folder, "--to", "html")
        self.assertEqual(report.status, 0, report)
        rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in (folder / "report" / "report.md").read_text().splitlines()
                if line.startswith("| ")]
        self.assertEqual(rows[0][:4], ["n", "time_s", "group", "vs 100"])
        self.assertEqual([row[2] for row in rows[1:9]], list("abcdefgg"))

    def test_the_best_is_marked_and_a_library_that_differs_is_told(self):
        document = self.run_of("""
[experiment]
name = "levels"
question = "Which n is best?"
baseline = { n = 300 }
[workers.old]
command = ["python3", "levels.py", "1.0"]
when = { n = [100, 200] }
[workers.new]
command = ["python3", "levels.py", "2.0"]
when = { n = 300 }
[factors]
n = [100, 200, 300]
[presets.quick]
rounds = 5
budget_s = 0.1
""")
        self.assertEqual([cell["best"] for cell in document["cells"]], [True, False, False])
        hidden = [w["text"] for w in document["warnings"] if w["kind"] == "hidden_factor"]
        self.assertEqual(len(hidden), 1, document["warnings"])
        self.assertIn("the version of blas is not the same in all rows, and no factor says so: 1.0 of n 100, n 200; 2.0 of n 300",
                      hidden[0])


if __name__ == "__main__":
    scripted.main()
