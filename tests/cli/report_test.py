"""A report is made from the run folder alone: on a copy elsewhere it is the same, byte for byte."""
import json
import os
import pathlib
import shutil
import subprocess

import scripted


class Report(scripted.Bench):
    def setUp(self):
        super().setUp()
        self.file = self.experiment("time_ns = [1000000, 1250000]", """baseline = { time_ns = 1000000 }
[[hypothesis]]
id = "H1"
claim = "a million and a quarter are more than a million"
metric = "time_s"
ratio = { of = { time_ns = 1250000 }, to = { time_ns = 1000000 } }
expect = "> 1.2"
""", options=["--accuracy"], preset="rounds = 5\nbudget_s = 0.1")
        self.finished = self.run_experiment(self.file)
        self.assertEqual(self.finished.status, 0, self.finished)
        (self.run_folder,) = self.run_folders()

    def test_a_copy_elsewhere_gives_the_same_bytes(self):
        copy = self.folder / "elsewhere" / self.run_folder.name
        shutil.copytree(self.run_folder, copy)
        self.worker.unlink()  # and nothing of the experiment is needed any more
        self.file.unlink()
        for folder in (self.run_folder, copy):
            finished = self.assay("report", folder, "--to", "md")
            self.assertEqual(finished.status, 0, finished)
        names = sorted(path.name for path in (copy / "report").iterdir())
        self.assertEqual(names, sorted(path.name for path in (self.run_folder / "report").iterdir()))
        same = [name for name in names if pathlib.Path(name).suffix in (".json", ".md", ".csv", ".gp")]
        self.assertLessEqual({"report.json", "report.md", "cells.csv", "comparisons.csv"}, set(same))
        for name in same:
            self.assertEqual((copy / "report" / name).read_bytes(), (self.run_folder / "report" / name).read_bytes(), name)

    def test_in_another_locale_and_time_zone_it_is_the_same_bytes(self):
        def written(**environment):
            folder = self.folder / f"copy{len(list(self.folder.iterdir()))}" / self.run_folder.name
            shutil.copytree(self.run_folder, folder)
            process = self.start("report", folder, "--to", "md,tex", env_more=environment)
            finished = self.finish(process)
            self.assertEqual(finished.status, 0, finished)
            names = [path for path in sorted((folder / "report").rglob("*")) if path.suffix in (".json", ".md", ".csv", ".gp", ".tex") and path.name != "written.json"]
            return {str(path.relative_to(folder)): path.read_bytes() for path in names}

        here = written(LC_ALL="C", TZ="UTC")
        self.assertIn("report/tex/numbers.tex", here)
        self.assertEqual(written(LC_ALL="C", TZ="Pacific/Auckland"), here)
        german = {"LOCPATH": str(self.folder / "locales"), "LC_ALL": "de_DE.UTF-8"}
        (self.folder / "locales").mkdir()
        try:
            subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", self.folder / "locales" / "de_DE.UTF-8"], capture_output=True, check=True)
        except (FileNotFoundError, subprocess.CalledProcessError):
            self.skipTest("no source of the locale de_DE (sudo apt install locales)")
        # It is one, and would write 1,5.
        printed = subprocess.run(["/usr/bin/printf", "%.1f", "1,5"], env={**os.environ, **german}, capture_output=True, text=True, check=False)
        self.assertEqual(printed.stdout, "1,5", printed.stderr)
        self.assertEqual(written(**german, TZ="Pacific/Auckland"), here)

    def test_json_is_what_the_run_printed_and_differs_in_a_copy_only_by_its_path(self):
        first = self.finished.document
        self.assertEqual(first["run"], str(self.run_folder))
        self.assertEqual(self.assay("report", self.run_folder, "--json").document, first)
        copy = self.folder / "elsewhere" / self.run_folder.name
        shutil.copytree(self.run_folder, copy)
        other = self.assay("report", copy, "--json").document
        self.assertEqual(other.pop("run"), str(copy))
        first.pop("run")
        self.assertEqual(json.dumps(other), json.dumps(first))

    def test_every_field_that_DESIGN_fixes_is_there(self):
        document = self.finished.document
        self.assertLessEqual({"schema", "run", "experiment", "preset", "planned", "ran", "unsupported", "failed", "cells",
                              "comparisons", "controls", "hypotheses", "warnings"}, set(document))
        for cell in document["cells"]:
            self.assertLessEqual({"treatment", "metric", "statistic", "unit", "outcome", "reason", "provenance", "clock", "value",
                                  "low", "high", "confidence", "rounds", "stopped_by"}, set(cell))
        for comparison in document["comparisons"]:
            self.assertLessEqual({"of", "to", "metric", "ratio", "difference", "low", "high", "p_adjusted", "verdict", "reason"},
                                 set(comparison))
        self.assertEqual([control["kind"] for control in document["controls"]][:1], ["same"])

    def test_scripted_times_give_the_exact_ratio_and_verdict(self):
        document = self.finished.document
        (time,) = [c for c in document["comparisons"] if c["metric"] == "time_s"]
        self.assertAlmostEqual(time["ratio"], 1.25, places=9)
        self.assertEqual(time["verdict"], "worse")
        same = document["controls"][0]
        self.assertAlmostEqual(same["ratio"], 1, places=9)
        (hypothesis,) = document["hypotheses"]
        self.assertEqual(hypothesis["verdict"], "supported")
        self.assertTrue(hypothesis["sentence"].startswith("H1 supported"))
        accuracy = {cell["value"] for cell in document["cells"] if cell["metric"] == "accuracy"}
        self.assertEqual(accuracy, {1})

    def test_a_gate_fails_on_the_verdict_that_it_names(self):
        self.assertEqual(self.run_experiment(self.file, "--fail-on", "worse").status, 1)
        self.assertEqual(self.run_experiment(self.file, "--fail-on", "refuted,inconclusive").status, 0)

    def test_latest_and_prefixes_find_the_run(self):
        for name in ("latest", self.run_folder.name, self.run_folder.name[:-3]):
            finished = self.assay("report", name, "--out", self.results, "--json")
            self.assertEqual(finished.status, 0, finished)
            self.assertEqual(finished.document["run"], str(self.run_folder))

    def test_an_edited_journal_is_refused_with_its_line(self):
        journal = self.run_folder / "journal.jsonl"
        lines = journal.read_text().splitlines(keepends=True)
        edited = next(i for i, line in enumerate(lines) if '"type":"block"' in line)
        lines[edited] = lines[edited].replace('"iterations":1,', '"iterations":2,')
        journal.write_text("".join(lines))
        finished = self.assay("report", self.run_folder, "--json")
        self.assertEqual(finished.status, 2, finished)
        self.assertIn(f"journal.jsonl:{edited + 2}: ", finished.document["error"])  # whose `prev` no longer fits

    def test_a_folder_names_no_user_host_or_home(self):
        manifest = (self.run_folder / "manifest.json").read_text()
        for secret in (str(pathlib.Path.home()) + "/", str(self.folder)):
            self.assertNotIn(secret, manifest)


if __name__ == "__main__":
    scripted.main()
