"""assay compare --against: a repository with a planted regression, one without, and a kept program.

Times are never asserted: what is planted is large, and a gate that can't tell is no failure where nothing was planted."""
import os
import pathlib
import shutil
import signal
import subprocess
import unittest

import scripted

FAKE = pathlib.Path(__file__).with_name("fake_benchmark.py")

LOOP = """
int main(void) {
  volatile long sum = 0;
  for (long i = 0; i < STEPS; ++i) sum += i;
  return sum == 1;
}
"""
BUILD = "cc -O1 -o loop loop.c"


class Gate(scripted.Bench):
    def setUp(self):
        super().setUp()
        for needed in ("git", "cc"):
            if not shutil.which(needed):
                self.skipTest(f"SKIPPED: {needed} is not installed")
        self.repository = self.folder / "repository"
        self.repository.mkdir()
        self.git("init", "-q")

    @property
    def environment(self):
        return {**super().environment, "XDG_CACHE_HOME": str(self.folder / "cache")}

    def git(self, *words):
        return subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false", *words], cwd=self.repository,
                              check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, **files):
        for name, text in files.items():
            path = self.repository / name.replace("_dot_", ".")
            path.write_text(text)
            if text.startswith("#!"):
                path.chmod(0o755)
        self.git("add", "-A")
        self.git("commit", "-qm", "step")

    def commit_loop(self, steps):
        self.commit(loop_dot_c=LOOP.replace("STEPS", str(steps)), _dot_gitignore="loop\n")

    def gate(self, *words, rounds=10):
        """Again, at most four times, where the negative control was significant: an honest table meets that in 1 % of runs."""
        more = ("--rounds", rounds) if rounds else ()
        for _ in range(4):
            finished = self.assay("compare", "--out", self.results, "--json", *more, *words, cwd=self.repository)
            comparisons = finished.document.get("comparisons", []) if finished.status in (0, 1, 3) else []
            if not any(comparison["reason"] == "control_failed" for comparison in comparisons):
                break
        return finished

    def test_a_regression_is_exit_status_1(self):
        self.commit_loop(5_000_000)
        self.commit_loop(10_000_000)
        finished = self.gate("--against", "HEAD~1", "--build", BUILD, "--", "./loop")
        self.assertEqual(finished.status, 1, finished)
        document = finished.document
        self.assertEqual((document["gate"]["decision"], document["gate"]["exit_status"]), ("worse", 1))
        (comparison,) = [c for c in document["comparisons"] if c["metric"] == "wall_s"]
        self.assertEqual((comparison["of"]["revision"], comparison["to"]["revision"], comparison["verdict"]), ("working tree", "HEAD~1", "worse"))
        # What was run is a file that says which commit it was, and holds nobody's home.
        folder = self.run_folders()[-1]
        frozen = (folder / "experiment.toml").read_text()
        self.assertIn(self.git("rev-parse", "HEAD~1"), frozen)
        self.assertNotIn(str(self.folder), frozen)
        self.assertEqual(self.git("status", "--porcelain"), "")
        # The other way round it is an improvement.
        self.git("checkout", "-q", "HEAD~1")
        finished = self.gate("--against", "master" if "master" in self.git("branch") else "main", "--build", BUILD, "--", "./loop")
        self.assertEqual((finished.status, finished.document["gate"]["decision"]), (0, "not_worse"), finished)
        self.assert_nothing_left()

    def test_a_change_in_the_working_tree_counts_without_a_commit(self):
        self.commit_loop(5_000_000)
        (self.repository / "loop.c").write_text(LOOP.replace("STEPS", "10000000"))
        finished = self.gate("--against", "HEAD", "--build", BUILD, "--", "./loop")
        self.assertEqual(finished.status, 1, finished)
        folder = self.run_folders()[-1]
        self.assertIn("changed = true", (folder / "experiment.toml").read_text())

    def test_without_a_regression_it_never_fails(self):
        self.commit_loop(5_000_000)
        finished = self.gate("--against", "HEAD", "--build", BUILD, "--margin", "0.3", "--", "./loop", rounds=7)
        self.assertIn(finished.status, (0, 3), finished)
        self.assertEqual(finished.document["gate"]["exit_status"], finished.status)

    def test_an_experiment_runs_in_either_tree(self):
        self.commit(loop_dot_sh="#!/bin/sh\nsleep 0.0$1\n", try_dot_toml="""
[experiment]
name = "sleeps"
question = "?"
baseline = { n = 1 }
[command]
run = ["./loop.sh", "{n}"]
[factors]
n = [1, 2]
[[hypothesis]]
id = "H1"
claim = "2 is longer"
metric = "wall_s"
ratio = { of = { n = 2 }, to = { n = 1 } }
expect = "> 1"
""")
        self.commit(loop_dot_sh="#!/bin/sh\nsleep 0.0$1\nsleep 0.02\n")
        finished = self.gate("--against", "HEAD~1", "try.toml", rounds=5)
        self.assertEqual(finished.status, 1, finished)
        document = finished.document
        compared = [c for c in document["comparisons"] if c["metric"] == "wall_s"]
        self.assertEqual([(c["of"]["n"], c["to"]["n"], c["verdict"]) for c in compared], [(1, 1, "worse"), (2, 2, "worse")])
        self.assertEqual(document["hypotheses"], [])
        self.assertEqual(len(document["gate"]["comparisons"]), 2)

    def test_an_interrupted_gate_over_a_file_goes_on_where_the_file_stands(self):
        below = self.repository / "below"
        below.mkdir()
        (below / "work.sh").write_text("sleep 0.1\n")
        (below / "try.toml").write_text('[experiment]\nname = "work"\nquestion = "?"\n[command]\nrun = ["sh", "work.sh"]\n')
        self.git("add", "-A")
        self.git("commit", "-qm", "work")
        process = self.start("compare", "--out", self.results, "--json", "--rounds", "3", "--against", "HEAD", "below/try.toml", cwd=self.repository)
        self.wait_for_line(process, "round 1 of 3")
        process.send_signal(signal.SIGINT)
        finished = self.finish(process)
        self.assertEqual(finished.status, 4, finished)
        self.assertIn("assay compare below/try.toml --resume", finished.stderr)
        [folder] = self.run_folders()
        alone = self.assay("compare", "--out", self.results, "--json", "--resume", folder.name, cwd=self.repository)
        self.assertEqual(alone.status, 2, alone)
        self.assertIn("name it too", alone.document["error"])
        resumed = self.assay("compare", "--out", self.results, "--json", "below/try.toml", "--resume", folder.name, cwd=self.repository)
        self.assertIn(resumed.status, (0, 1, 3), resumed)
        self.assertEqual(resumed.document["comparisons"][0]["rounds"], 3)
        self.assertEqual({cell["outcome"] for cell in resumed.document["cells"]}, {"ok"})

    def test_benchmarks_of_either_tree(self):
        text = FAKE.read_text()
        self.commit(bench=text)
        self.commit(bench=text.replace("SCALE = 1.0", "SCALE = 1.2").replace('"steady/1500", ', '"steady/1500", "steady/2000", '))
        finished = self.gate("--against", "HEAD~1", "--google-benchmark", "./bench", "--filter", "steady", rounds=5)
        self.assertEqual(finished.status, 1, finished)
        compared = [c for c in finished.document["comparisons"] if c["metric"] == "time_s"]
        self.assertEqual([c["of"]["benchmark"] for c in compared], ["steady/1000", "steady/1500"])
        for comparison in compared:
            self.assertAlmostEqual(comparison["ratio"], 1.2)
        self.assertIn("steady/2000 is not in the reference", finished.stderr)

    def test_a_kept_program_is_a_reference(self):
        self.commit(work_dot_sh="#!/bin/sh\nsleep 0.01\n")
        kept = self.assay("compare", "--keep", "--", "./work.sh 1", cwd=self.repository)
        self.assertEqual(kept.status, 0, kept)
        digits, _, name = kept.stdout.strip().partition("  ")
        self.assertEqual((len(digits), name), (64, "work.sh"))
        (self.repository / "work.sh").write_text("#!/bin/sh\nsleep 0.04\n")
        finished = self.gate("--against", digits[:10], "--", "./work.sh 1", rounds=5)
        self.assertEqual(finished.status, 1, finished)
        (comparison,) = [c for c in finished.document["comparisons"] if c["metric"] == "wall_s"]
        self.assertEqual(comparison["to"]["revision"], f"work.sh {digits[:12]}")
        self.write("fast.sh", "#!/bin/sh\n").chmod(0o755)
        finished = self.gate("--against", self.folder / "fast.sh", "--", "./work.sh 1", rounds=5)
        self.assertEqual(finished.status, 1, finished)

    def test_what_is_missing_is_one_message(self):
        self.commit_loop(1000)
        self.commit(other_dot_sh="#!/bin/sh\n")
        for words, message in {
                ("--against", "HEAD~9", "--", "./other.sh"): "no commit of this repository",
                ("--against", "HEAD~1", "--", "./other.sh"): "HEAD~1 has no ./other.sh; if it has to be built, say how by --build",
                ("--against", "HEAD", "--build", "exit 3", "--", "./other.sh"): "the build of HEAD ended with status 3",
                ("--against", "HEAD", "--google-benchmark", "./other.sh"): "is no Google Benchmark executable",
                ("--keep", "--", "true"): "names no program file of yours",
                ("--keep", "--", "./gone.sh"): "there is no program './gone.sh'"}.items():
            finished = self.gate(*words)
            self.assertEqual(finished.status, 2, (words, str(finished)))
            self.assertIn(message, finished.document["error"], words)
        self.repository = self.folder / "elsewhere"
        self.repository.mkdir()
        finished = self.gate("--against", "HEAD", "--", "./other.sh")
        self.assertEqual(finished.status, 2, finished)
        self.assertEqual(self.run_folders(), [])

    def test_a_reference_that_fails_fails_the_gate(self):
        self.commit(work_dot_sh="#!/bin/sh\nexit 4\n")
        self.commit(work_dot_sh="#!/bin/sh\nsleep 0.01\n")
        finished = self.gate("--against", "HEAD~1", "--", "./work.sh", rounds=3)
        self.assertEqual((finished.status, finished.document["gate"]["decision"]), (1, "failed"), finished)

    @unittest.skipUnless(os.environ.get("ASSAY_TRUST_TESTS"), "label trust: ctest -L trust")
    def test_a_planted_two_percent_is_found(self):
        self.commit_loop(20_000_000)
        self.commit_loop(20_400_000)
        finished = self.gate("--against", "HEAD~1", "--build", BUILD, "--", "./loop", rounds=None)
        self.assertEqual(finished.status, 1, finished)
        finished = self.gate("--against", "HEAD", "--build", BUILD, "--", "./loop", rounds=None)
        self.assertIn(finished.status, (0, 3), finished)


if __name__ == "__main__":
    scripted.main()
