"""What a plan can show, and rounds that are added after a look."""
import json
import re
import unittest

import scripted

PRESET = "rounds = 3\nbudget_s = 0.1"


class Planning(scripted.Bench):
    def setUp(self):
        super().setUp()
        self.file = self.experiment("time_ns = [1000000, 1010000]", "baseline = { time_ns = 1000000 }\n[controls]\nown_jitter = 0.1",
                                    preset=PRESET)

    @property
    def environment(self):  # whose controls, of other tests, would tell a deviation
        return {**super().environment, "XDG_STATE_HOME": str(self.folder / "state")}

    def plan(self, *words):
        finished = self.assay("plan", self.file, "--out", self.results, "--json", *words)
        self.assertEqual(finished.status, 0, finished)
        return finished.document

    # ── The smallest difference ───────────────────────────────────────────────────────────────────

    def test_without_an_earlier_run_it_is_unknown_and_the_remedy_is_named(self):
        document = self.plan()
        for field in ("smallest_difference", "sd_between_rounds", "sd_source", "precision"):
            self.assertIsNone(document[field], field)
        self.assertEqual(document["reason"], "no earlier run on this machine")
        self.assertEqual((document["power"], document["alpha"], document["comparisons"]), (0.8, 0.05, 1))
        text = self.assay("plan", self.file, "--out", self.results).stdout
        self.assertIn(f"unknown: no earlier run on this machine; `assay plan {self.file} --preset quick --pilot` measures it", text)

    def test_an_earlier_run_tells_the_deviation_and_is_named(self):
        self.assertEqual(self.run_experiment(self.file).status, 0)
        (folder,) = self.run_folders()
        document = self.plan()
        self.assertEqual(document["sd_source"], f"run {folder.name}")
        self.assertGreater(document["sd_between_rounds"], 0)
        self.assertGreater(document["smallest_difference"], document["sd_between_rounds"])  # of three rounds
        self.assertIsNone(document["reason"])
        self.assertEqual(len(document["pairs"]), 1)
        text = self.assay("plan", self.file, "--out", self.results).stdout
        self.assertRegex(text, rf"sd between rounds [\d.]+ %, from run {folder.name}\n")
        self.assertRegex(text, r"smallest difference that it finds: [\d.]+ % \(in 4 of 5 runs, at 5 % two-sided\)")

    def test_a_run_of_other_controls_tells_only_what_its_own_control_does(self):
        self.assertEqual(self.run_experiment(self.file).status, 0)
        self.experiment("time_ns = [1000000, 1010000]", "baseline = { time_ns = 1000000 }\n[controls]\nown_jitter = 0.2", preset=PRESET)
        self.assertIsNone(self.plan()["sd_source"])  # whose copies were equal to the last digit
        pool = self.folder / "state" / "assay" / "controls.jsonl"
        pool.write_text(pool.read_text().replace('"sd":0.0,"sd_between":null,"sd_within":null', '"sd":0.02,"sd_between":0.01,"sd_within":0.02'))
        document = self.plan()
        self.assertEqual(document["sd_source"], "the controls of this machine's runs")
        self.assertAlmostEqual(document["sd_between_rounds"], 0.02)

    def test_a_pilot_measures_and_leaves_no_run(self):
        document = self.plan("--pilot", "4")
        self.assertEqual(document["sd_source"], "a pilot of 4 rounds, measured now")
        self.assertGreater(document["smallest_difference"], 0)
        self.assertEqual(self.run_folders(), [])
        self.assertEqual(self.plan("--pilot")["sd_source"], "a pilot of 5 rounds, measured now")

    def test_a_pilot_of_nonsense_is_refused_before_anything_starts(self):
        for words in ("1", "many", "4.5"):
            finished = self.assay("plan", self.file, "--json", "--pilot", words)
            self.assertEqual(finished.status, 2, finished)
            self.assertIn("give a number of rounds from 2 to 1000", finished.document["error"])

    def test_a_precision_target_is_told_in_rounds_and_minutes(self):
        self.assertEqual(self.run_experiment(self.file).status, 0)
        self.experiment("time_ns = [1000000, 1010000]", "baseline = { time_ns = 1000000 }\n[controls]\nown_jitter = 0.1",
                        preset="precision_target = 0.01")
        precision = self.plan()["precision"]
        self.assertLessEqual(precision["rounds_low"], precision["rounds"])
        self.assertLessEqual(precision["rounds"], precision["rounds_high"])
        self.assertGreater(precision["minutes"], 0)

    # ── --extend ──────────────────────────────────────────────────────────────────────────────────

    def test_an_extended_run_reports_all_rounds_and_pays_for_the_look(self):
        first = self.run_experiment(self.file)
        self.assertEqual(first.status, 0, first)
        self.assertIsNone(first.document["extends"])
        (folder,) = self.run_folders()
        second = self.run_experiment(self.file, "--extend", folder.name, "--rounds", "4")
        self.assertEqual(second.status, 0, second)
        self.assertIn(f"extending run {folder.name}: rounds 4 to 7", second.stderr)
        self.assertEqual(second.document["extends"], {"run": folder.name, "rounds": 3, "looks": 1, "p_factor": 2})
        (comparison,) = second.document["comparisons"]
        self.assertEqual(comparison["rounds"], 7)
        self.assertAlmostEqual(comparison["p_adjusted"], min(1, 2 * comparison["p"]), places=8)
        text = self.assay("report", second.document["run"], "--out", self.results).stdout
        self.assertIn(f"Rounds 1–3 of run {folder.name} were looked at before the others were added", " ".join(text.split()))
        self.journal(folder)

    def test_what_is_inconclusive_names_the_command_that_settles_it(self):
        finished = self.assay("run", self.file, "--out", self.results)
        self.assertEqual(finished.status, 0, finished)
        (folder,) = self.run_folders()
        named = re.search(r"To settle what is inconclusive: assay (run .*)\n", finished.stdout)
        if not named:  # noise has settled it, or hides it for more rounds than are worth naming
            self.skipTest("SKIPPED: this run was not inconclusive within 1,000 rounds")
        words = named.group(1).split()
        self.assertEqual(words[:4], ["run", str(self.file), "--extend", folder.name])
        self.assertEqual(words[4], "--rounds")
        self.assertEqual(self.assay(*words[:5], "2", "--out", self.results).status, 0)

    def test_a_control_set_on_the_command_line_is_in_the_record_and_in_the_commands_that_go_on(self):
        self.assertEqual(self.run_experiment(self.file, "--set", "own_jitter=0.0").status, 0)
        (folder,) = self.run_folders()
        self.assertIn("own_jitter = 0.0  # by --set; the file has: own_jitter = 0.1\n", (folder / "experiment.toml").read_text())
        self.assertIn("own_jitter = 0.1\n", self.file.read_text())
        command = json.loads((folder / "manifest.json").read_text())["command_line"]
        self.assertIn(["--set", "own_jitter=0.0"], [command[i:i + 2] for i in range(len(command))])
        self.assertEqual(self.run_experiment(self.file, "--extend", folder, "--rounds", "1").status, 2)
        self.assertEqual(self.run_experiment(self.file, "--set", "own_jitter=0.0", "--extend", folder, "--rounds", "1").status, 0)
        for verb in ("try", "plan", "run"):
            finished = self.assay(verb, self.file, "--set", "jitter=1", "--json")
            self.assertEqual(finished.status, 2, finished)
            self.assertIn("there is no control 'jitter'", finished.document["error"])

    def test_mistakes_are_one_message_and_exit_2(self):
        finished = self.assay("run", self.file, "--rounds", "3", "--json")
        self.assertEqual(finished.status, 2, finished)
        finished = self.run_experiment(self.file, "--extend", "none-such")
        self.assertEqual(finished.status, 2, finished)
        self.assertEqual(self.run_experiment(self.file).status, 0)
        (folder,) = self.run_folders()
        finished = self.run_experiment(self.file, "--extend", folder, "--rounds", "0")
        self.assertEqual(finished.status, 2, finished)
        self.file.write_text(self.file.read_text() + "# changed\n")
        finished = self.run_experiment(self.file, "--extend", folder)
        self.assertEqual(finished.status, 2, finished)
        self.assertIn("cannot be extended: the experiment file has changed since, or other controls were set; start a new run", finished.document["error"])
        self.assertEqual(self.run_folders(), [folder])


if __name__ == "__main__":
    scripted.main()
