"""Every way in which a worker or script can go wrong: its own cells say so, nobody else's do, and nothing is left."""
import unittest

import scripted


class Worker(scripted.Bench):
    """Faults of workers, all of them in one experiment: the healthy ones must not notice."""

    FAULTS = {
        "segfault": ("crashed", "killed by SIGSEGV"),
        "exit_3": ("crashed", "exited with status 3"),
        "hang": ("timed_out", "no answer within 1.0 s"),
        "flood": ("invalid_output", "longer than 16 MiB"),
        "flood_lines": ("invalid_output", "not JSON"),
        "not_json": ("invalid_output", "not JSON"),
        "nan": ("invalid_output", "not JSON"),
        "null_elapsed": ("invalid_output", "elapsed"),
        "wrong_op": ("invalid_output", "lacks elapsed"),
        "too_long": ("invalid_output", "the time between request and reply"),
        "grow": ("out_of_memory", "the limit is 100 MB"),
        "daemon_and_exit": ("crashed", "exited with status 0"),
        "bare_daemon_and_exit": ("crashed", "exited with status 0"),
        "close_output": ("invalid_output", "closed its standard output"),
        "wrong_answer": ("wrong_answer", "above the tolerance"),
        "refuse": ("unsupported", "needs AVX-1024"),
    }
    HEALTHY = ["none", "stderr", "daemon", "bare_daemon"]  # what they leave behind is not their cells' business

    def check(self, at, faults, healthy):
        levels = ", ".join(f'"{level}"' for level in [*healthy, *faults])
        file = self.experiment(f"fault = [{levels}]",
                               f'baseline = {{ fault = "none" }}\n[limits]\nblock_s = 1\nstart_s = 5\nmemory_bytes = 100_000_000\n'
                               f'[controls]\nat = "{at}"\ntime_ns = 200000')
        finished = self.run_experiment(file)
        self.assertEqual(finished.status, 1, finished)
        self.assert_nothing_left()
        document = finished.document
        cells = self.cells(document, "fault", "time_s")
        for level, (outcome, reason) in faults.items():
            with self.subTest(fault=level):
                (cell,) = cells[level]
                self.assertEqual(cell["outcome"], outcome)
                self.assertIn(reason, cell["reason"])
                self.assertIsNone(cell["value"])
        for level in healthy:
            with self.subTest(healthy=level):
                (cell,) = cells[level]
                self.assertEqual((cell["outcome"], cell["reason"]), ("ok", None))
                self.assertAlmostEqual(cell["value"], 0.0002, delta=1e-12)
        failed = sum(outcome != "unsupported" for outcome, _ in faults.values())
        self.assertEqual(document["failed"], failed)
        self.assertEqual(document["planned"], document["ran"] + document["unsupported"] + document["failed"])
        for level, (outcome, _) in faults.items():
            if outcome != "unsupported":
                self.assertIn(f"fault={level}: {outcome}", finished.stderr)

    def test_in_a_block(self):
        self.check("run", self.FAULTS, self.HEALTHY)

    def test_while_preparing(self):
        at_prepare = {fault: self.FAULTS[fault] for fault in
                      ["segfault", "exit_3", "flood", "flood_lines", "not_json", "grow", "daemon_and_exit", "close_output", "refuse"]}
        at_prepare["hang"] = ("timed_out", "no answer within")
        self.check("prepare", at_prepare, ["none"])

    def test_in_a_later_round(self):
        """It passed the rehearsal; its cells say what became of it, and the others have all their rounds."""
        file = self.experiment("after_runs = [1000, 4]",
                               'baseline = { after_runs = 1000 }\n[controls]\nfault = "segfault"', preset="rounds = 3\nbudget_s = 0.1")
        finished = self.run_experiment(file)
        self.assertEqual(finished.status, 1, finished)
        self.assert_nothing_left()
        cells = self.cells(finished.document, "after_runs", "time_s")
        self.assertEqual(cells[1000][0]["outcome"], "ok")
        self.assertEqual(cells[1000][0]["rounds"], 3)
        self.assertEqual(cells[4][0]["outcome"], "crashed")
        self.assertEqual(cells[4][0]["reason"], "killed by SIGSEGV (round 1)")

    def test_a_failed_baseline(self):
        """The others are measured, without comparisons."""
        file = self.experiment('fault = ["exit_3", "none"]', 'baseline = { fault = "exit_3" }')
        finished = self.run_experiment(file)
        self.assertEqual(finished.status, 1, finished)
        cells = self.cells(finished.document, "fault", "time_s")
        self.assertEqual(cells["none"][0]["outcome"], "ok")
        self.assertEqual([c["reason"] for c in finished.document["comparisons"]], ["baseline_failed"])
        self.assert_nothing_left()

    def test_a_program_that_does_not_exist(self):
        """As one worker of two: its cells fail, the other's don't."""
        file = self.write("missing.toml", f"""
[experiment]
name = "missing"
question = "?"
baseline = {{ worker = "here" }}
[workers.here]
command = ["{self.worker}"]
[workers.gone]
command = ["./no_such_program"]
[factors]
worker = ["here", "gone"]
[presets.quick]
rounds = 2
budget_s = 0.1
""")
        finished = self.run_experiment(file)
        self.assertEqual(finished.status, 1, finished)
        cells = self.cells(finished.document, "worker", "time_s")
        self.assertEqual(cells["here"][0]["outcome"], "ok")
        self.assertEqual(cells["gone"][0]["outcome"], "crashed")
        self.assertIn("./no_such_program: cannot be started: No such file or directory", cells["gone"][0]["reason"])
        self.assert_nothing_left()

    def test_all_failing_stops_at_the_rehearsal_and_says_why(self):
        finished = self.run_experiment(self.experiment('fault = ["exit_3", "segfault"]'))
        self.assertEqual(finished.status, 1, finished)
        self.assertIn("no licence found", finished.stderr)
        self.assertIn("every treatment failed in the rehearsal", finished.stderr)
        self.assertEqual(finished.document["failed"], finished.document["planned"])
        (folder,) = self.run_folders()
        self.assertNotIn("calibration", [line["type"] for line in self.journal(folder)])
        self.assert_nothing_left()

    def test_all_unsupported_is_no_failure_and_can_be_a_skip(self):
        file = self.experiment('version = ["a", "b"]', '[controls]\nfault = "refuse"\nat = "prepare"')
        finished = self.run_experiment(file)
        self.assertEqual(finished.status, 0, finished)
        self.assertEqual(finished.document["unsupported"], finished.document["planned"])
        self.assertIn("no treatment is supported", finished.stderr)
        self.assertEqual(self.run_experiment(file, "--skip-code", 77).status, 77)

    def test_skip_code_is_not_for_failures_or_successes(self):
        self.assertEqual(self.run_experiment(self.experiment('fault = ["refuse", "exit_3"]'), "--skip-code", 77).status, 1)
        self.assertEqual(self.run_experiment(self.experiment('fault = ["refuse", "none"]'), "--skip-code", 77).status, 0)

    def test_a_rehearsal_by_itself(self):
        """assay try: the same outcomes, and no folder."""
        file = self.experiment('fault = ["none", "segfault", "refuse"]')
        finished = self.assay("try", file, "--json")
        self.assertEqual(finished.status, 1, finished)
        self.assertEqual([t["outcome"] for t in finished.document["treatments"]], ["ok", "crashed", "unsupported"])
        self.assertEqual(self.assay("try", file, "--json", "--treatment", "fault=none").status, 0)
        unknown = self.assay("try", file, "--json", "--treatment", "fault=other")
        self.assertEqual(unknown.status, 2)
        self.assertIn("fault=segfault", unknown.document["error"])  # what there is
        self.assertFalse((self.folder / "results").exists())
        self.assert_nothing_left()

    def test_the_command_that_repeats_a_failure_does(self):
        finished = self.run_experiment(self.experiment('fault = ["none", "exit_3"]'))
        (repeat,) = [line.split("repeat it: assay ")[1] for line in finished.stderr.splitlines() if "repeat it: " in line]
        again = self.assay(*repeat.split())
        self.assertEqual(again.status, 1, again)
        self.assertIn('→ {"op":"run"', again.stderr)  # -v shows the dialogue
        self.assertIn("exited with status 3", again.stderr)


class Script(scripted.Bench):
    """Faults of an unchanged script under [command]."""

    FAULTS = {
        "segfault": ("crashed", "killed by SIGSEGV"),
        "exit_3": ("crashed", "exited with status 3"),
        "hang": ("timed_out", "within 2.0 s"),
        "flood": ("timed_out", "within 2.0 s"),  # nothing reads its output, so that its length is no fault
        "grow": ("out_of_memory", "the limit is 100 MB"),
        "no_metrics": ("invalid_output", "wrote no metrics file"),
        "not_json": ("invalid_output", "metrics.json is not JSON"),
        "nan": ("invalid_output", "metrics.json is not JSON"),
        "other_metric": ("invalid_output", "no metric 'accuracy'"),
    }
    HEALTHY = ["none", "daemon", "bare_daemon"]

    def test_every_fault(self):
        self.write("script.sh", f"""
good='{{"accuracy": 0.5}}'
case $1 in
  segfault) kill -SEGV $$ ;;
  exit_3) exit 3 ;;
  hang) sleep 600 ;;
  flood) exec yes ;;
  grow) exec python3 -c "x = bytearray(1_000_000_000); import time; time.sleep(600)" ;;
  daemon) setsid {self.worker} --linger & ;;
  bare_daemon) setsid env -i {self.worker} --linger & ;;
  no_metrics) exit 0 ;;
  not_json) good='accuracy 0.5' ;;
  nan) good='{{"accuracy": NaN}}' ;;
  other_metric) good='{{"loss": 1}}' ;;
esac
echo "$good" > $2/metrics.json
""")
        levels = ", ".join(f'"{level}"' for level in [*self.HEALTHY, *self.FAULTS])
        file = self.write("script.toml", f"""
[experiment]
name = "script"
question = "?"
baseline = {{ fault = "none" }}
[command]
run = ["sh", "script.sh", "{{fault}}", "{{out}}"]
metrics = "{{out}}/metrics.json"
[metrics.accuracy]
unit = "ratio"
direction = "higher"
[factors]
fault = [{levels}]
[limits]
block_s = 2
memory_bytes = 100_000_000
[presets.quick]
rounds = 2
""")
        finished = self.run_experiment(file)
        self.assertEqual(finished.status, 1, finished)
        self.assert_nothing_left()
        cells = self.cells(finished.document, "fault")
        for level, (outcome, reason) in self.FAULTS.items():
            with self.subTest(fault=level):
                for cell in cells[level]:
                    self.assertEqual(cell["outcome"], outcome)
                    self.assertIn(reason, cell["reason"])
        for level in self.HEALTHY:
            with self.subTest(healthy=level):
                self.assertEqual({cell["outcome"] for cell in cells[level]}, {"ok"})
                (accuracy,) = [cell for cell in cells[level] if cell["metric"] == "accuracy"]
                self.assertEqual(accuracy["value"], 0.5)

    def test_a_script_that_does_not_exist(self):
        file = self.write("gone.toml", """
[experiment]
name = "gone"
question = "?"
[command]
run = ["./no_such_script", "{n}"]
[factors]
n = [1, 2]
""")
        finished = self.run_experiment(file)
        self.assertEqual(finished.status, 1, finished)
        self.assertEqual({cell["outcome"] for cell in finished.document["cells"]}, {"crashed"})
        self.assertIn("./no_such_script: cannot be started", finished.stderr)


if __name__ == "__main__":
    scripted.main()
