"""The machine's certificate from outside: runs that leave their controls, the doctor that reads and adds some, and the hidden
verb that makes comparisons of the yardstick. Verdicts of real comparisons are not asserted: they are wrong now and then."""
import json
import signal
import unittest

import scripted

LINE = {"planted", "working_set_bytes", "seed", "ratio", "low", "high", "p", "rounds", "quads", "sd", "sd_between", "sd_within", "round_s",
        "start_s", "wall_s", "verdict", "reason"}


class Certificate(scripted.Bench):
    def setUp(self):
        super().setUp()
        self.state = self.folder / "state"
        self.controls = self.state / "assay" / "controls.jsonl"

    @property
    def environment(self):
        return {**super().environment, "XDG_STATE_HOME": str(self.state)}

    def kept(self):
        return [json.loads(line) for line in self.controls.read_text(encoding="utf-8").splitlines()] if self.controls.exists() else []

    def exact(self, name="scripted"):
        """One treatment whose every block takes a millisecond an iteration, to the nanosecond."""
        return self.experiment("time_ns = [1000000]", "baseline = { time_ns = 1000000 }", preset="rounds = 5\nbudget_s = 0.3", name=name)

    # ── Runs leave their controls ─────────────────────────────────────────────────────────────────

    def test_a_run_leaves_its_control_and_a_report_of_it_none(self):
        finished = self.run_experiment(self.exact())
        self.assertEqual(finished.status, 0, finished)
        kept, = self.kept()
        run, = self.run_folders()
        self.assertEqual((kept["run"], kept["experiment"], kept["kind"], kept["metric"]), (run.name, "scripted", "same", "time_s"))
        control, = finished.document["controls"][:1]
        self.assertEqual([kept[name] for name in ("ratio", "low", "high")], [control[name] for name in ("ratio", "low", "high")])
        for words in (("report", run, "--to", "md"), ("report", run, "--json")):
            again = self.assay(*words)
            self.assertEqual(again.status, 0, again)
        self.assertEqual([kept], self.kept())
        self.assertEqual(self.run_experiment(self.exact("other")).status, 0)
        self.assertEqual(["scripted", "other"], [line["experiment"] for line in self.kept()])

    def test_a_state_folder_that_cannot_be_written_is_a_notice(self):
        self.state.write_text("no folder", encoding="utf-8")
        finished = self.run_experiment(self.exact())
        self.assertEqual(finished.status, 0, finished)
        self.assertRegex(finished.stderr, r"not kept for assay doctor: .*state")
        self.assertTrue(finished.document["cells"])

    # ── The doctor ────────────────────────────────────────────────────────────────────────────────

    def finding(self, *words):
        finished = self.assay("doctor", "--json", *words)
        self.assertEqual(finished.status, 0, finished)
        return {finding["name"]: finding for finding in finished.document}, finished

    def test_the_doctor_counts_what_it_has_and_says_how_to_get_more(self):
        findings, _ = self.finding("--quick")
        self.assertEqual(findings["false alarms"]["status"], "unavailable")
        self.assertIn("assay doctor --aa", findings["false alarms"]["advice"])
        self.assertNotIn("resolution", findings)
        self.assertEqual(self.run_experiment(self.exact()).status, 0)
        with open(self.controls, "a", encoding="utf-8") as file:
            file.write("{\"torn")
        findings, _ = self.finding("--quick")
        self.assertRegex(findings["false alarms"]["value"], r"^[01] of 1 comparison of a program with itself .* from 1 run of 1 experiment")
        self.assertEqual(findings["false alarms"]["cost"]["comparisons"], 1)

    def test_dedicated_comparisons_are_made_kept_and_counted(self):
        findings, finished = self.finding("--aa", "2s")
        self.assertEqual({"false alarms", "resolution"}, set(findings))
        kept = self.kept()
        self.assertGreaterEqual(len(kept), 1)
        self.assertEqual({"assay/aa"}, {line["experiment"] for line in kept})
        self.assertEqual(len(kept), len({line["run"] for line in kept}))
        self.assertEqual(findings["false alarms"]["cost"]["dedicated"], len(kept))
        self.assertIn("comparing a program with itself", finished.stderr)
        self.assertGreater(findings["resolution"]["cost"]["smallest_in_60_s"], 0)
        finished = self.assay("doctor", "--aa", "0.1")
        self.assertEqual(finished.status, 0, finished)
        self.assertRegex(finished.stdout, r"^Added 1 comparison of a program with itself in .*: [01] called different\.\n. false alarms ")
        self.assertEqual(len(self.kept()), len(kept) + 1)
        self.assert_nothing_left()

    def test_an_interrupt_keeps_what_is_there(self):
        process = self.start("doctor", "--aa", "1h", "--json")
        self.assertTrue(scripted.eventually(lambda: len(self.kept()) >= 2, 60), "no comparison came")
        process.send_signal(signal.SIGINT)
        finished = self.finish(process)
        self.assertEqual(finished.status, 0, finished)
        self.assertGreaterEqual(finished.document[0]["cost"]["dedicated"], 2)
        self.assert_nothing_left()

    def test_a_budget_that_is_none_is_one_sentence(self):
        for budget in ("soon", "-1", "0", "5 parsecs", "1e9h", "nan"):
            with self.subTest(budget=budget):
                finished = self.assay("doctor", f"--aa={budget}", "--json")
                self.assertEqual(finished.status, 2, finished)
                self.assertIn("60s, 5m, 1h", finished.document["error"])

    # ── The hidden verb ───────────────────────────────────────────────────────────────────────────

    def comparisons(self, *words):
        finished = self.assay("__yardstick", "--json", *words)
        self.assertEqual(finished.status, 0, finished)
        lines = [json.loads(line) for line in finished.stdout.splitlines()]
        for line in lines:
            self.assertEqual(LINE, set(line))
            if line["reason"] is None:
                self.assertTrue(line["low"] <= line["ratio"] <= line["high"], line)
                self.assertTrue(0 <= line["p"] <= 1, line)
                self.assertIn(line["verdict"], ("better", "worse", "equivalent", "inconclusive"))
        self.assert_nothing_left()
        self.assertEqual([], self.kept(), "what programs try out is no control of this machine's work")
        return lines

    def test_a_line_a_comparison_each_with_its_own_seed(self):
        lines = self.comparisons("--count", "2", "--seconds", "0.5", "--seed", "7")
        self.assertEqual([7, 8], [line["seed"] for line in lines])
        for line in lines:
            self.assertEqual((line["rounds"], line["planted"]), (7, 1))
            self.assertGreater(line["sd"], 0)

    def test_a_planted_ratio_is_read_back(self):
        line, = self.comparisons("--planted", "2", "--rounds", "7", "--quads", "2")
        self.assertEqual((line["rounds"], line["quads"]), (7, 2))
        self.assertTrue(1.5 < line["ratio"] < 2.7, line)  # of work that is exactly twice as much

    def test_working_sets_are_of_the_second_side_against_the_first(self):
        line, = self.comparisons("--working-set", "0,64000000", "--rounds", "5", "--quads", "1")
        self.assertEqual(line["working_set_bytes"], [0, 64000000])
        self.assertGreater(line["ratio"], 1.5)

    def test_it_is_not_listed_and_refuses_what_makes_no_sense(self):
        self.assertNotIn("__yardstick", self.assay("--help").stdout)
        for words in (("--planted", "0.5"), ("--working-set", "1"), ("--seconds", "0"), ("--count", "0")):
            with self.subTest(words=words):
                self.assertEqual(self.assay("__yardstick", *words).status, 2)


if __name__ == "__main__":
    scripted.main()
