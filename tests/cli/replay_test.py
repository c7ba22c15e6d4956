"""assay replay: a stored run is measured again, here, and its ratios agree, disagree or can't be compared.

Times are scripted by a device's clock, so that ratios are exact; a machine that answers otherwise is a worker that was
exchanged meanwhile."""
import hashlib
import json
import pathlib
import shlex
import shutil
import signal
import stat

import scripted

FACTORS = "time_ns = [1000000, 500000, 250000]"
BASELINE = "baseline = { time_ns = 1000000 }"
HYPOTHESIS = """
[[hypothesis]]
id = "H1"
claim = "half of the work takes half of the time"
metric = "time_s"
ratio = { of = { time_ns = 500000 }, to = { time_ns = 1000000 } }
expect = "<= 0.6"
[[hypothesis]]
id = "H2"
claim = "it is quick"
metric = "time_s"
value = { time_ns = 250000 }
expect = "<= 1"
"""


class Replay(scripted.Bench):
    def stored(self, factors=FACTORS, more=HYPOTHESIS, options=("--clock", "device_event"), name="scripted"):
        first = factors.split("[")[1].split(",")[0]
        file = self.experiment(factors, f"baseline = {{ time_ns = {first} }}", options, "rounds = 2\nbudget_s = 0.2", name)
        file.write_text(file.read_text() + more)
        finished = self.run_experiment(file)
        self.assertEqual(finished.status, 0, finished)
        return pathlib.Path(finished.document["run"])

    def replay(self, run, *words, **settings):
        return self.assay("replay", run, "--out", self.results, "--json", *words, **settings)

    def verdicts(self, document, kind="comparisons"):
        return {pair["of"]["time_ns"]: (pair["verdict"], pair["reason"]) for pair in document[kind]}

    def exchange_worker(self, script):
        """The program of the same path becomes another: a fake worker between whose answers and ours a filter stands."""
        real = self.folder / "real_worker"
        shutil.move(self.worker, real)
        self.worker.write_text(f"""#!/usr/bin/env python3
import json, subprocess, sys
worker = subprocess.Popen([{str(real)!r}, *sys.argv[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
treatment = {{}}
for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "prepare":
        treatment = request["treatment"]
    worker.stdin.write(line)
    worker.stdin.flush()
    if request["op"] == "quit":
        break
    reply = json.loads(worker.stdout.readline())
    {script}
    print(json.dumps(reply), flush=True)
""")
        self.worker.chmod(self.worker.stat().st_mode | stat.S_IXUSR)

    def test_the_same_program_agrees_and_the_new_run_says_what_it_repeats(self):
        run = self.stored()
        finished = self.replay(run)
        self.assertEqual(finished.status, 0, finished)
        document = finished.document
        self.assertEqual(self.verdicts(document), {500000: ("agrees", None), 250000: ("agrees", None)})
        self.assertEqual([(h["id"], h["verdict"], h["here"]["verdict"]) for h in document["hypotheses"]],
                         [("H1", "agrees", "supported")])  # an absolute value is not compared
        self.assertEqual((document["agrees"], document["disagrees"], document["not_comparable"]), (3, 0, 0))
        self.assertAlmostEqual(document["comparisons"][0]["change"]["value"], 1)
        self.assertEqual(document["stored"], str(run))
        new = pathlib.Path(document["here"])
        self.assertEqual(sorted(self.run_folders()), sorted([run, new]))
        manifest = json.loads((new / "manifest.json").read_text())
        journal = hashlib.sha256((run / "journal.jsonl").read_bytes()).hexdigest()
        self.assertEqual(manifest["replays"], {"run": run.name, "journal_sha256": journal})
        self.assertIsNone(json.loads((run / "manifest.json").read_text())["replays"])
        self.assertTrue((new / "experiment.toml").read_text().startswith((run / "experiment.toml").read_text()))
        self.assertNotIn(str(self.folder), json.dumps(manifest["command_line"]))
        # It is a run like any other, but not one to be replayed itself.
        self.assertEqual(self.assay("report", new, "--json").status, 0)
        again = self.replay(new)
        self.assertEqual(again.status, 2)
        self.assertIn(run.name, again.stderr)
        self.assert_nothing_left()

    def test_one_row_brings_its_baseline_and_nothing_else(self):
        run = self.stored()
        finished = self.replay(run, "--treatment", "time_ns=250000")
        self.assertEqual(finished.status, 0, finished)
        self.assertEqual(self.verdicts(finished.document), {250000: ("agrees", None)})
        self.assertEqual(finished.document["hypotheses"], [])
        manifest = json.loads((pathlib.Path(finished.document["here"]) / "manifest.json").read_text())
        self.assertEqual([t["treatment"]["time_ns"] for t in manifest["treatments"]], [1000000, 250000])
        refused = self.replay(run, "--treatment", "time_ns=7")
        self.assertEqual(refused.status, 2)
        self.assertIn("time_ns=500000", refused.stderr)
        alone = self.replay(run, "--treatment", "time_ns=1000000")
        self.assertEqual(alone.status, 2)
        self.assertIn("baseline alone", alone.stderr)

    def test_an_interrupted_replay_goes_on_as_it_says(self):
        run = self.stored("time_ns = [20000000, 10000000]", "", ())  # by a clock that waits
        run_file = (run / "experiment.toml").read_text()
        self.assertIn("rounds = 2", run_file)
        process = self.start("replay", run, "--out", self.results, "--treatment", "time_ns=10000000")
        self.wait_for_line(process, "round 1 of 2")
        process.send_signal(signal.SIGINT)
        stopped = self.finish(process)
        self.assertIn("go on with: assay replay", stopped.stderr)
        words = shlex.split(stopped.stderr.split("go on with: assay ")[1].splitlines()[0])
        finished = self.assay(*words, "--json", "--out", self.results)
        self.assertEqual(finished.status, 0, finished)
        self.assertEqual([pair["verdict"] for pair in finished.document["comparisons"]], ["agrees"])
        self.assertEqual(len(self.run_folders()), 2)
        self.assert_nothing_left()

    def test_another_ratio_disagrees_and_the_other_row_still_agrees(self):
        run = self.stored()
        self.exchange_worker("if request['op'] == 'run' and treatment['time_ns'] == 250000: reply['elapsed'] *= 8")
        finished = self.replay(run)
        self.assertEqual(finished.status, 1, finished)
        self.assertEqual(self.verdicts(finished.document), {500000: ("agrees", None), 250000: ("disagrees", "verdicts_contradict")})
        change = finished.document["comparisons"][1]["change"]
        self.assertAlmostEqual(change["value"], 8, places=3)
        programs = [d["what"] for d in finished.document["differences"]]
        self.assertIn("program of worker", programs)
        self.assertNotIn("experiment file", programs)
        told = self.assay("replay", run, "--out", self.results)
        for part in ("disagrees", "program of worker", "1 disagree"):
            self.assertIn(part, told.stdout)

    def test_what_is_unsupported_here_or_reads_other_data_is_not_comparable(self):
        run = self.stored()
        self.exchange_worker("if request['op'] == 'prepare' and treatment['time_ns'] == 250000: "
                             "reply = {'ok': False, 'outcome': 'unsupported', 'reason': 'needs AVX-1024'}")
        finished = self.replay(run)
        self.assertEqual(finished.status, 3, finished)
        self.assertEqual(self.verdicts(finished.document), {500000: ("agrees", None), 250000: ("not_comparable", "unsupported")})
        self.assertEqual(finished.document["comparisons"][1]["detail"], "needs AVX-1024")

    def test_other_weights_are_another_question(self):
        first = "if request['op'] == 'prepare': reply['inputs'] = {'weights.bin': 'a' * 64}"
        self.exchange_worker(first)
        run = self.stored()
        self.worker.write_text(self.worker.read_text().replace("'a' * 64", "'b' * 64"))
        finished = self.replay(run)
        self.assertEqual(finished.status, 3, finished)
        self.assertEqual(self.verdicts(finished.document)[500000], ("not_comparable", "inputs_differ"))
        self.assertIn("weights.bin", finished.document["comparisons"][0]["detail"])

    def test_a_crash_here_is_a_failure(self):
        run = self.stored()
        self.exchange_worker("if request['op'] == 'run' and treatment['time_ns'] == 500000: sys.exit(3)")
        finished = self.replay(run, "--treatment", "time_ns=500000")
        self.assertEqual(finished.status, 1, finished)
        self.assertEqual(self.verdicts(finished.document)[500000][0], "not_comparable")
        self.assertGreater(finished.document["failed"], 0)
        self.assert_nothing_left()

    def test_the_file_named_must_be_the_one_that_was_frozen(self):
        run = self.stored()
        file = self.folder / "scripted.toml"
        self.assertEqual(self.replay(run, "--experiment", file).status, 0)
        file.write_text(file.read_text() + "# a thought\n")
        refused = self.replay(run, "--experiment", file)
        self.assertEqual(refused.status, 2)
        self.assertIn("has changed since", refused.stderr)

    def test_a_suite_that_is_not_here_is_said_and_compares_nothing(self):
        suite = self.folder / "elsewhere" / "toys"
        (suite / "experiments").mkdir(parents=True)
        (suite / "suite.toml").write_text(f'[suite]\nname = "toys"\n[workers.main]\ncommand = ["{self.worker}", "--clock", "device_event"]\n')
        file = self.experiment(FACTORS, 'suite = "toys"\n' + BASELINE, (), "rounds = 2\nbudget_s = 0.2")
        text = file.read_text()
        (suite / "experiments" / "one.toml").write_text(text[:text.index("[worker]")] + text[text.index("[factors]"):])
        done = self.assay("run", "toys/one", "--suites", suite.parent, "--out", self.results, "--json")
        self.assertEqual(done.status, 0, done)
        run = pathlib.Path(done.document["run"])
        again = self.replay(run, "--suites", suite.parent)
        self.assertEqual(again.status, 0, again)
        self.assertEqual(pathlib.Path(again.document["here"]).parent, run.parent)
        (suite / "experiments" / "one.toml").write_text("# gone\n")
        self.assertIn("frozen copy", self.replay(run, "--suites", suite.parent).stderr)
        before = len(self.run_folders())
        lost = self.replay(run)
        self.assertEqual(lost.status, 3, lost)
        self.assertEqual(self.verdicts(lost.document)[500000], ("not_comparable", "not_replayed"))
        self.assertIn("toys", lost.document["not_run"])
        self.assertIsNone(lost.document["here"])
        self.assertEqual(len(self.run_folders()), before)

    def test_an_edited_record_and_a_run_that_compares_nothing_are_refused(self):
        run = self.stored()
        text = (run / "experiment.toml").read_text()
        (run / "experiment.toml").write_text(text.replace("H1", "H9"))
        self.assertEqual(self.replay(run).status, 2)
        (run / "experiment.toml").write_text(text)
        lonely = self.experiment("time_ns = [1000000]", "", ("--clock", "device_event"), "rounds = 2\nbudget_s = 0.1", "lonely")
        self.assertEqual(self.run_experiment(lonely).status, 0)
        refused = self.replay("lonely")
        self.assertEqual(refused.status, 2)
        self.assertIn("compares nothing", refused.stderr)


if __name__ == "__main__":
    scripted.main()
