"""assay check, from outside: what was changed is found, what is honest passes.

    ASSAY_TAMPERINGS=1000 python3 check_test.py …     more of them than the usual 200
"""
import collections
import os
import pathlib
import random
import shutil
import subprocess
import unittest

import scripted
import tampering

HYPOTHESIS = """
[[hypothesis]]
id = "H1"
claim = "the longer one takes longer"
metric = "time_s"
ratio = { of = { time_ns = 1250000 }, to = { time_ns = 1000000 } }
expect = "> 1.2"
"""

REPORT = """# What was found

The longer one takes <!-- assay: value {name} ratio time_s time_ns=1250000 --><!-- assay: end value --> of the time.

<!-- assay: begin table {name} -->
<!-- assay: end table -->

<!-- assay: begin figure {name} -->
<!-- assay: end figure -->

<!-- assay: begin hypotheses {name} -->
<!-- assay: end hypotheses -->

<!-- assay: begin provenance {name} -->
<!-- assay: end provenance -->
"""


class Check(scripted.Bench):
    """A submission: runs of two experiments, one with samples and predictions, and a report of both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        maker = cls("submission")
        maker.setUp()
        cls.addClassCleanup(maker.doCleanups)
        cls.original = maker.submission()

    def submission(self):
        self.write("assay.toml", "")
        both = "[metrics]\nprimary = [\"time_s\", \"accuracy\"]\n[metrics.time_s]\nstatistics = [\"p90\"]\n"
        for name, more, third in (("first", HYPOTHESIS, ""), ("second", HYPOTHESIS + both, ", 1500000")):
            file = self.experiment(f"time_ns = [1000000, 1250000{third}]", "baseline = { time_ns = 1000000 }" + more, options=["--accuracy"],
                                   preset="rounds = 5\nbudget_s = 0.1", name=name)
            for _ in range(2 if name == "first" else 1):
                self.assertIn(self.run_experiment(file).status, (0,), name)
        self.write("report.md", "".join(REPORT.format(name=name) for name in ("first", "second")))
        for words in (("report", "--into", "report.md"), ("report", "first", "second", "--to", "md")):
            finished = self.assay(*words)
            self.assertEqual(finished.status, 0, finished)
        return self.folder

    def copy_of(self, name, original=None):
        copy = self.folder / name
        shutil.copytree(original or self.original, copy, symlinks=True)
        return copy

    def check(self, path, *words):
        finished = self.assay("check", path, "--json", *words)
        self.assertIn(finished.status, (0, 1), finished)
        document = finished.document
        self.assertEqual(document["ok"], finished.status == 0)
        return document

    def errors(self, path):
        return [f for f in self.check(path)["findings"] if f["severity"] == "error"]

    # ── What is honest ────────────────────────────────────────────────────────────────────────────

    def test_what_was_left_as_it_was_passes_wherever_it_stands(self):
        document = self.check(self.copy_of("elsewhere"))
        self.assertEqual(document["findings"], [])
        (report,) = document["documents"]
        self.assertEqual(report["blocks"], report["agreeing"])
        self.assertGreater(report["blocks"], 8)
        self.assertEqual([run["ok"] for run in document["runs"]], [True] * 3)

    def test_a_run_a_report_and_a_repository_are_told_apart(self):
        copy = self.copy_of("copy")
        self.assertEqual(self.check(copy)["kind"], "repository")
        self.assertEqual(self.check(copy / "report.md")["kind"], "report")
        self.assertEqual(self.check(tampering.runs(copy)[0])["kind"], "run")
        nothing = self.assay("check", copy / "nothing", "--json")
        self.assertEqual(nothing.status, 2, nothing)
        self.assertIn("there is nothing", nothing.document["error"])

    def test_prose_and_files_that_are_people_s_own_may_change(self):
        copy = self.copy_of("copy")
        text = (copy / "report.md").read_text()
        (copy / "report.md").write_bytes(text.replace("What was found", "Another title").replace("\n", "\r\n").encode())
        (copy / "notes.txt").write_text("mine")
        (copy / "figures" / "drawn-by-hand.svg").write_text("<svg/>")
        for run in tampering.runs(copy):
            (run / "logs" / "more.stderr").write_text("a log")
        shutil.rmtree(tampering.runs(copy)[1] / "report", ignore_errors=True)
        self.assertEqual(self.errors(copy), [])

    def test_100_honest_copies_pass(self):
        """What people do to a submission without changing what it says, in any combination."""
        def more_prose(copy):
            text = (copy / "report.md").read_text()
            (copy / "report.md").write_text(text.replace("# What was found", "# What was found, and why\n\nWe expected as much.\n\n- a list\n", 1) + "\nThe end.\n")

        def carriage_returns(copy):
            (copy / "report.md").write_bytes((copy / "report.md").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

        def without_reports(copy):
            for run in tampering.runs(copy):
                shutil.rmtree(run / "report", ignore_errors=True)

        def without_logs(copy):
            for run in tampering.runs(copy):
                shutil.rmtree(run / "logs", ignore_errors=True)

        def without_a_run_that_is_not_shown(copy):
            for run in tampering.runs(copy):
                if run.name not in (copy / "report.md").read_text():
                    shutil.rmtree(run)

        def files_of_their_own(copy):
            (copy / "notes.md").write_text("mine: 3 ms\n")
            (tampering.runs(copy)[0] / "notes.txt").write_text("this one was on a Tuesday\n")

        def other_times_and_modes(copy):
            for path in copy.rglob("*"):
                os.utime(path, (0, 0))
            os.chmod(copy / "report.md", 0o600)

        def reports_written_again(copy):
            self.assertEqual(self.assay("report", "first", "--to", "md", cwd=copy).status, 0)

        def filled_again(copy):
            self.assertEqual(self.assay("report", "--into", "report.md", cwd=copy).status, 0)

        def other_folder_for_results(copy):
            (copy / "results").rename(copy / "data")
            (copy / "assay.toml").write_text('[project]\nresults = "data"\n')

        ways = [more_prose, carriage_returns, without_reports, without_logs, without_a_run_that_is_not_shown, files_of_their_own, other_times_and_modes,
                reports_written_again, filled_again]
        copy = self.folder / "copy"
        rejected = []
        for i in range(100):
            draw = random.Random(585 * 20011 + i)
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(self.original, copy)
            chosen = draw.sample(ways, draw.randrange(1, 4)) + ([other_folder_for_results] if draw.random() < 0.3 else [])
            for way in chosen:
                if way is not filled_again or shutil.which("gnuplot"):
                    way(copy)
            if errors := self.errors(copy):
                rejected.append(([way.__name__ for way in chosen], errors[0]))
        self.assertEqual(rejected, [])

    def test_honest_runs_of_every_kind_pass(self):
        """Failures, interruptions, extensions, commands: none of it is tampering."""
        kinds = {
            "failing": self.experiment("time_ns = [1000000]\nfault = [\"none\", \"segfault\"]", "baseline = { fault = \"none\" }", name="failing"),
            "refused": self.experiment("fault = [\"none\", \"refuse\"]", "baseline = { fault = \"none\" }", name="refused"),
            "wrong": self.experiment("fault = [\"none\", \"wrong_answer\"]", "baseline = { fault = \"none\" }", name="wrong"),
            "many": self.experiment("time_ns = [" + ", ".join(str(100000 + 1000 * i) for i in range(9)) + "]", "baseline = { time_ns = 100000 }", name="many"),
            "planted": self.experiment("time_ns = [1000000, 1250000]", "baseline = { time_ns = 1000000 }", preset="rounds = 5\nbudget_s = 0.1\nslowed = true", name="planted"),
            "piloted": self.experiment("time_ns = [100000, 125000]\nown_jitter = [0.02]", "baseline = { time_ns = 100000 }", preset="precision_target = 0.02\nbudget_s = 3", name="piloted"),
            "script": self.write("script.toml", '[experiment]\nname = "script"\n[command]\nrun = ["sh", "-c", "exit {n}"]\n[factors]\nn = [0, 1]\n[presets.quick]\nrounds = 5\nbudget_s = 0.1\n'),
        }
        for name, file in kinds.items():
            self.assertIn(self.run_experiment(file).status, (0, 1), name)
        finished = self.assay("run", kinds["planted"], "--out", self.results, "--extend", "planted", "--rounds", 2)
        self.assertEqual(finished.status, 0, finished)
        process = self.start("run", self.experiment("time_ns = [3000000]", name="halted", preset="rounds = 200"), "--out", self.results)
        self.wait_for_line(process, "plan:")
        process.terminate()
        self.finish(process)
        document = self.check(self.results)
        self.assertEqual([f for f in document["findings"] if f["severity"] == "error"], [])
        self.assertIn("run.unfinished", [f["rule"] for f in document["findings"] if f["severity"] == "warning"])

    def test_bundles_of_every_schema_that_ever_was_still_check(self):
        """Kept for ever. What a later Assay would word otherwise is a warning; an error is a format that was broken."""
        bundles = sorted((pathlib.Path(__file__).parents[1] / "bundles").glob("*.tar.gz"))
        self.assertGreaterEqual(len(bundles), 2)
        for bundle in bundles:
            with self.subTest(bundle.name):
                document = self.check(bundle)
                self.assertEqual(document["kind"], "bundle")
                self.assertEqual([f for f in document["findings"] if f["severity"] == "error"], [])
                self.assertTrue(document["runs"] and all(run["ok"] and run["cells"] for run in document["runs"]))
                self.assertGreaterEqual(document["documents"][0]["blocks"], 4)

    # ── What was changed ──────────────────────────────────────────────────────────────────────────

    def test_200_tamperings_are_caught(self):
        wanted = int(os.environ.get("ASSAY_TAMPERINGS", 200))
        caught, missed = collections.Counter(), []
        kinds = list(tampering.KINDS.items())
        copy = self.folder / "copy"
        for i in range(wanted):
            name, tamper = kinds[i % len(kinds)]
            draw = random.Random(585 * 10007 + i)
            for _ in range(5):  # what is drawn may not be there
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(self.original, copy)
                what = tamper(copy, draw)
                if what is not None:
                    break
            self.assertIsNotNone(what, f"nothing to tamper with: {name}")
            if self.errors(copy):
                caught[name] += 1
            else:
                missed.append(f"{name}: {what}")
                caught[name] += 0
        print("\nkind of change, and how many of it were found:")
        for name in tampering.KINDS:
            print(f"  {name:32} {caught[name]} of {len(range(list(tampering.KINDS).index(name), wanted, len(kinds)))}")
        self.assertLessEqual(len(missed), wanted // 100, missed)

    def test_a_finding_says_the_rule_the_place_and_the_remedy(self):
        copy = self.copy_of("copy")
        run = tampering.runs(copy)[0]
        lines = tampering.journal_lines(run)
        lines[7] = lines[7].replace(b'"seq":7', b'"seq":8')
        tampering.write_lines(run, lines)
        (finding,) = [f for f in self.errors(copy) if f["rule"] == "run.record"]
        self.assertEqual((finding["file"], finding["line"]), (f"{run.relative_to(copy)}/journal.jsonl", 8))
        self.assertIn("lines were removed, added or moved", finding["what"])
        self.assertIn("copy the folder again", finding["remedy"])

    # ── Hostile input ─────────────────────────────────────────────────────────────────────────────

    def test_links_pipes_and_depths_are_named_and_never_opened(self):
        copy = self.copy_of("copy")
        run = tampering.runs(copy)[0]
        (run / "manifest.json").unlink()
        os.mkfifo(run / "manifest.json")
        other = tampering.runs(copy)[1]
        (other / "outputs" / "passwd").symlink_to("/etc/passwd")
        (link,) = [f for f in self.check(other)["findings"] if f["rule"] == "run.files"]
        self.assertEqual((link["severity"], link["file"], link["what"]), ("warning", "outputs/passwd", "is a link; it isn't followed"))
        os.mkfifo(copy / "pipe.md")
        (copy / "secret.md").symlink_to("/etc/passwd")
        errors = self.errors(copy / run.relative_to(copy).parent)
        deep = tampering.runs(copy)[-1]
        (deep / "manifest.json").write_text("[" * 100_000)
        self.assertIn("not JSON", " ".join(f["what"] for f in self.errors(copy)))
        self.assertTrue(all("root:" not in f["what"] for f in errors))

    def test_a_repository_that_means_harm_executes_nothing_and_leaves_nothing(self):
        here = self.folder / "evil"
        run = here / "data" / "x" / "20260101T000000Z-00000000"
        run.mkdir(parents=True)
        trap = self.folder / "PWNED"
        if shutil.which("git"):
            subprocess.run(["git", "init", "--quiet", str(here)], check=True)
            with open(here / ".git" / "config", "a", encoding="utf-8") as config:
                config.write(f'[core]\n\tfsmonitor = touch {trap}\n\tpager = touch {trap}\n\tsshCommand = touch {trap}\n[diff "x"]\n\ttextconv = touch {trap}\n')
            (here / ".gitattributes").write_text("* diff=x filter=x\n")
        (here / "assay.toml").write_text('[project]\ncourse = "csce585-2025"\nresults = "data"\n')
        (here / "README.md").write_text("# T\n\n## Group Info\n- \x1b[2J\x1b]0;pwn\x07 <script>alert(1)</script>\n")
        (here / "notes.md").write_text("<!-- assay: begin table ../../../etc -->\nx\n<!-- assay: end table 12345678 -->\n![](../../../etc/passwd)\n")
        (here / "passwd.md").symlink_to("/etc/passwd")
        (here / "everything").symlink_to("/")
        for name in ("run.sh", "report.md"):
            os.mkfifo(here / name)
        (here / "a\x1b[31m\u202e.md").write_text("")
        (run / "experiment.toml").write_text('[experiment]\nname = "x"\n')
        (run / "manifest.json").write_text('{"schema":1,"experiment":{"name":"<b>\\u001b[2J"},"treatments":[],"metrics":[],"a":' + "[" * 10_000 + "]" * 10_000 + "}")
        with open(run / "journal.jsonl", "wb") as journal:
            journal.truncate(10 << 30)  # one line of 10 GB, which takes no room
        before = sorted(str(path) for path in here.rglob("*") if ".git/" not in str(path))
        for words in ((), ("--json",), ("--github",)):
            finished = self.assay("check", ".", *words, cwd=here)
            self.assertEqual(finished.status, 1, finished)
            self.assertFalse(set(finished.stdout) & {"\x1b", "\x07", "\u202e"}, words)
            self.assertNotIn("root:", finished.stdout)
        for said in ("journal.jsonl", "is a FIFO", "is a link out of the repository", "a\\u{001B}[31m\\u{202E}.md"):
            self.assertIn(said, finished.stdout)
        self.assertEqual(sorted(str(path) for path in here.rglob("*") if ".git/" not in str(path)), before)
        self.assertFalse(trap.exists())

    def test_forty_repositories_are_looked_at_apart_and_each_team_is_told(self):
        teams = self.folder / "teams"
        for name in ("ada", "bob", "eve"):
            self.copy_of(f"teams/{name}")
        (teams / "bob" / "report.md").write_text((teams / "bob" / "report.md").read_text().replace("assay: end table", "assay: end tabel", 1))
        (teams / "eve" / "second.txt").write_text("another")
        finished = self.assay("check", teams, "--all", "--json", "--csv", self.folder / "rows.csv", "--feedback", self.folder / "told")
        self.assertEqual(finished.status, 1, finished)
        document = finished.document
        self.assertEqual([(one["name"], one["errors"] > 0) for one in document["repositories"]], [("ada", False), ("bob", True), ("eve", False)])
        self.assertTrue([pair for pair in document["alike"] if pair["kind"] == "journal"], document["alike"])
        self.assertEqual((self.folder / "rows.csv").read_text().count("\n"), 4)
        self.assertEqual(sorted(path.name for path in (self.folder / "told").iterdir()), ["ada.md", "bob.md", "eve.md"])
        self.assertIn("end the block of line 5", (self.folder / "told" / "bob.md").read_text())

    def test_a_manifest_or_journal_of_nonsense_is_a_finding_and_no_crash(self):
        run = tampering.runs(self.copy_of("copy"))[0]
        whole = {name: (run / name).read_bytes() for name in ("manifest.json", "journal.jsonl", "experiment.toml")}
        draw = random.Random(7)
        for i in range(60):
            name = draw.choice(list(whole))
            text = bytearray(whole[name])
            for _ in range(draw.choice([1, 1, 3, 20])):
                at = draw.randrange(len(text))
                text[at:at + draw.choice([0, 1, 1, 8])] = draw.choice([b"", b"\0", b"\xff", b"9" * 400, b"{", b"]", b"null", b'"', b"-1", b"1e999", b"\n"])
            (run / name).write_bytes(bytes(text))
            self.check(run)
            (run / name).write_bytes(whole[name])
        self.assertEqual(self.errors(run), [])


if __name__ == "__main__":
    scripted.main()
