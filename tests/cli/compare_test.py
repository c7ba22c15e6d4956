"""`assay compare`: programs from the command line go through the same rehearsal, rounds, record and report as any experiment."""
import csv
import json
import os
import signal

import scripted

FEW = ("--rounds", "2")


class Compare(scripted.Bench):
    def compare(self, *words, options=FEW, commands=()):
        behind = [word for command in commands for word in ("--", command)]
        return self.assay("compare", "--out", self.results, "--json", *options, *words, *behind)

    def lines(self, name):
        path = self.folder / name
        return path.read_text().split() if path.exists() else []

    def refused(self, finished, part):
        self.assertEqual(finished.status, 2, finished)
        self.assertIn(part, finished.document["error"])
        self.assertFalse(self.results.exists(), "something was written")
        self.assert_nothing_left()

    # ── A comparison is an experiment ─────────────────────────────────────────────────────────────

    def test_two_commands_give_a_verdict_and_a_record(self):
        finished = self.compare(options=("--rounds", "5"), commands=("sleep 0.005", "sleep 0.05"))
        self.assertEqual(finished.status, 0, finished)
        document = finished.document
        first = document["comparisons"][0]
        self.assertEqual((first["metric"], first["of"], first["to"]),
                         ("wall_s", {"command": "sleep 0.05"}, {"command": "sleep 0.005"}))
        self.assertEqual(first["verdict"], "worse")
        self.assertGreater(first["low"], 1)
        self.assertEqual(document["controls"][0]["kind"], "same")
        self.assertIsNotNone(document["controls"][0]["ratio"])
        self.assertEqual(len(self.cells(document, "command")["sleep 0.05"]), 4)
        [folder] = self.run_folders()
        self.assertEqual(folder.parent, self.results / "compare")
        blocks = [entry for entry in self.journal(folder) if entry["type"] == "block" and entry["phase"] == "measure"]
        self.assertEqual(len(blocks), 5 * 3 * 2)  # rounds × (two commands and the baseline's copy) × twice
        manifest = json.loads((folder / "manifest.json").read_text())
        self.assertEqual(len(manifest["programs"]["sleep 0.05"]["sha256"]), 64)
        self.assert_nothing_left()

    def test_the_frozen_experiment_runs_again_as_any_other(self):
        self.assertEqual(self.compare(commands=("printf '%s|' '{seed}' \"a b\"", "true")).status, 0)
        [folder] = self.run_folders()
        (self.folder / "again.toml").write_bytes((folder / "experiment.toml").read_bytes())
        again = self.assay("try", "again.toml", "-v")
        self.assertEqual(again.status, 0, again)
        self.assertIn("{seed}|a b|", again.stderr)

    def test_the_terminal_has_one_row_a_command_and_a_sentence(self):
        finished = self.assay("compare", "--out", self.results, *FEW, "--name", "short", "--name", "long", "--", "sleep 0.001",
                              "--", "sleep 0.03")
        self.assertEqual(finished.status, 0, finished)
        for part in ("command", "wall time", "ratio", "CPU time", "memory", "baseline", "against itself", "run folder"):
            self.assertIn(part, finished.stdout + finished.stderr)
        self.assertEqual(len([line for line in finished.stdout.splitlines() if line.startswith(("short ", "long "))]), 3, finished)

    def test_a_report_of_it_later_has_the_same_table(self):
        measured = self.assay("compare", "--out", self.results, *FEW, "--", "sleep 0.001", "--", "sleep 0.03")
        later = self.assay("report", "compare", "--to", "md", "--out", self.results)
        self.assertEqual(later.status, 0, later)
        self.assertIn(measured.stdout.strip(), later.stdout)
        [folder] = self.run_folders()
        self.assertIn("| command | wall time |", (folder / "report" / "report.md").read_text())

    def test_one_command_alone_is_measured_with_its_control(self):
        finished = self.compare(commands=("true",))
        self.assertEqual(finished.status, 0, finished)
        self.assertEqual(finished.document["comparisons"], [])
        self.assertEqual(finished.document["cells"][0]["treatment"], {"command": "true"})
        self.assertEqual(len(self.schedule(self.run_folders()[0])), 2 * 2 * 2)

    def test_rounds_are_added_up_to_the_least_measuring_time(self):
        finished = self.compare(options=("--rounds", "2", "--min-time", "1"), commands=("sleep 0.01", "sleep 0.01"))
        self.assertEqual(finished.status, 0, finished)
        self.assertGreater(finished.document["comparisons"][0]["rounds"], 2)
        self.assertEqual(list(self.cells(finished.document, "command")), ["sleep 0.01", "sleep 0.01 (2)"])

    def test_more_than_two_commands_and_a_parameter(self):
        finished = self.compare("-L", "n", "1,2", "-P", "m", "3", "4", commands=("true", "sleep 0.00{n}{m}"))
        self.assertEqual(finished.status, 0, finished)
        self.assertEqual(list(self.cells(finished.document, "command")),
                         ["true", "sleep 0.0013", "sleep 0.0014", "sleep 0.0023", "sleep 0.0024"])

    def test_exports(self):
        finished = self.compare("--export-json", "r.json", "--export-markdown", "r.md", "--export-csv", "r.csv",
                                commands=("true", "echo 'a|b'"))
        self.assertEqual(finished.status, 0, finished)
        self.assertEqual(json.loads((self.folder / "r.json").read_text()), finished.document)
        self.assertIn("| command | wall time | ratio |", (self.folder / "r.md").read_text())
        with open(self.folder / "r.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([row["command"] for row in rows], ["true", "echo 'a|b'"])
        self.assertEqual(float(rows[1]["ratio"]), finished.document["comparisons"][0]["ratio"])

    # ── What is done around an execution ──────────────────────────────────────────────────────────

    def test_setup_once_prepare_before_each_cleanup_after_the_last(self):
        finished = self.compare("--shell", "--warmup", "1", "--setup", "echo s >> setup", "--prepare", "echo p >> prepare",
                                "--cleanup", "cat runs >> after; echo c >> cleanup", commands=("echo a >> runs", "echo b >> runs"))
        self.assertEqual(finished.status, 0, finished)
        self.assertEqual(len(self.lines("setup")), 2)
        self.assertEqual(len(self.lines("cleanup")), 2)
        [folder] = self.run_folders()
        blocks = [entry for entry in self.journal(folder) if entry["type"] == "block"]
        self.assertEqual(len(self.lines("prepare")), len(blocks))
        self.assertEqual(len(self.lines("runs")), len(blocks))
        self.assertEqual(len(self.lines("after")), 2 * len(blocks))  # nothing ran after the first cleanup
        self.assertEqual(len([b for b in blocks if b["phase"] == "warmup"]), 2 * 3)  # a round: each command, and the copy
        steps = [entry["step"] for entry in self.journal(folder) if entry["type"] == "step"]
        self.assertEqual((steps.count("setup"), steps.count("prepare"), steps.count("cleanup")), (2, len(blocks), 2))

    def test_a_step_that_fails_is_an_outcome_with_its_last_lines(self):
        for option, step in (("--setup", "setup"), ("--prepare", "prepare")):
            with self.subTest(step=step):
                finished = self.compare("--shell", option, "true", option, "echo told you; exit 3", commands=("true", ":"))
                self.assertEqual(finished.status, 1, finished)
                cell = self.cells(finished.document, "command", "wall_s")[":"][0]
                self.assertEqual(cell["outcome"], "crashed")
                self.assertIn(f"its {step} failed: exited with status 3", cell["reason"])
                self.assertIn("told you", finished.stderr)
                self.assertEqual(self.cells(finished.document, "command", "wall_s")["true"][0]["outcome"], "ok")

    def test_a_cleanup_that_fails_is_told_and_spoils_no_number(self):
        finished = self.compare("--shell", "--cleanup", "echo still there >&2; false", commands=("true", ":"))
        self.assertEqual(finished.status, 0, finished)
        self.assertIn("its cleanup failed", finished.stderr)
        self.assertIn("still there", finished.stderr)

    def test_an_interrupted_comparison_cleans_up_and_can_be_resumed(self):
        process = self.start("compare", "--out", self.results, "--json", "--rounds", "3", "--shell", "--cleanup", "echo c >> cleanup",
                             "--", "sleep 0.2", "--", "sleep 0.3")
        self.wait_for_line(process, "round 1 of 3")
        process.send_signal(signal.SIGINT)
        finished = self.finish(process)
        self.assertEqual(finished.status, 4, finished)
        self.assertIn("assay compare --resume", finished.stderr)
        self.assertEqual(len(self.lines("cleanup")), 2)
        self.assert_nothing_left()
        [folder] = self.run_folders()
        resumed = self.assay("compare", "--out", self.results, "--json", "--resume", folder.name)
        self.assertEqual(resumed.status, 0, resumed)
        self.assertEqual(resumed.document["comparisons"][0]["rounds"], 3)

    def test_input_reaches_every_execution_and_the_folder_is_here(self):
        self.write("in.txt", "seven\n")
        (self.folder / "assay.toml").touch()
        below = self.folder / "below"
        below.mkdir()
        (below / "in.txt").write_text("below\n")
        finished = self.assay("compare", "--out", self.results, "--json", *FEW, "--output-equal", "--input", "in.txt",
                              "--", "cat", "--", "echo below", cwd=below)
        self.assertEqual(finished.status, 0, finished)
        self.assertNotIn(str(self.folder), (self.run_folders()[0] / "experiment.toml").read_text())

    # ── Programs that fail, or answer otherwise ───────────────────────────────────────────────────

    def test_a_command_that_fails_says_how(self):
        finished = self.compare("--shell", commands=("true", "echo the reason >&2; exit 7"))
        self.assertEqual(finished.status, 1, finished)
        cell = self.cells(finished.document, "command", "wall_s")["echo the reason >&2; exit 7"][0]
        self.assertEqual((cell["outcome"], cell["reason"]), ("crashed", "exited with status 7"))
        self.assertIn("    | the reason", finished.stderr)

    def test_a_failure_that_is_ignored_is_measured(self):
        for option in ("--ignore-failure", "--ignore-failure=1,7"):
            with self.subTest(option=option):
                finished = self.compare("--shell", option, commands=("true", "exit 7"))
                self.assertEqual(finished.status, 0, finished)
                self.assertEqual(self.cells(finished.document, "command", "exit_status")["exit 7"][0]["value"], 7)
        self.assertEqual(self.compare("--shell", "--ignore-failure=1", commands=("true", "exit 7")).status, 1)

    def test_output_that_differs_is_a_wrong_answer_whichever_ran_first(self):
        finished = self.compare("--output-equal", commands=("printf 'a\\nb\\n'", "printf 'a\\nb\\n'", "printf 'a\\nc\\n'"))
        self.assertEqual(finished.status, 1, finished)
        cells = self.cells(finished.document, "command", "wall_s")
        self.assertEqual([cell[0]["outcome"] for cell in cells.values()], ["ok", "ok", "wrong_answer"])
        self.assertIn('differs from byte 3 on (line 2): "c" against "b"', cells["printf 'a\\nc\\n'"][0]["reason"])
        [folder] = self.run_folders()
        hashes = {entry["outputs"]["standard output"] for entry in self.journal(folder)
                  if entry["type"] == "block" and entry["outcome"] == "ok"}
        self.assertEqual(len(hashes), 1)

    def test_declared_files_are_compared_too(self):
        self.write("files.toml", """
[experiment]
name = "files"
baseline = { command = "zz" }
[factors]
command = ["aa", "zz"]
[commands.zz]
shell = true
run = "echo 1 > {out}/x"
compare_output = true
outputs = ["{out}/x"]
[commands.aa]
shell = true
run = "echo 2 > {out}/x"
compare_output = true
outputs = ["{out}/x"]
[presets.quick]
rounds = 2
""")
        finished = self.run_experiment("files.toml")
        self.assertEqual(finished.status, 1, finished)
        cells = self.cells(finished.document, "command", "wall_s")
        self.assertEqual((cells["aa"][0]["outcome"], cells["zz"][0]["outcome"]), ("wrong_answer", "ok"))
        self.assertIn('{out}/x differs from byte 1 on', cells["aa"][0]["reason"])

    def test_more_output_than_a_pipe_holds_is_no_matter(self):
        finished = self.compare(commands=("head -c 50000000 /dev/zero", "true"))
        self.assertEqual(finished.status, 0, finished)

    def test_fail_on(self):
        slower = ("sleep 0.001", "sleep 0.06")
        self.assertEqual(self.compare("--fail-on", "worse", options=("--rounds", "5"), commands=slower).status, 1)
        self.assertEqual(self.compare("--fail-on", "worse", options=("--rounds", "5"), commands=slower[::-1]).status, 0)

    # ── Two stored runs ───────────────────────────────────────────────────────────────────────────

    def test_two_stored_runs_are_described_without_a_verdict(self):
        for _ in range(2):
            self.assertEqual(self.compare(commands=("true", "sleep 0.01")).status, 0)
        first, second = self.run_folders()
        finished = self.assay("compare", first, second.name, "--out", self.results, "--json")
        self.assertEqual(finished.status, 0, finished)
        document = finished.document
        self.assertEqual([run["run"] for run in document["runs"]], [str(first), str(second)])
        self.assertTrue(document["same_experiment"] and document["same_machine"])
        comparisons = {(c["of"]["command"], c["metric"]): c for c in document["comparisons"]}
        wall = comparisons["sleep 0.01", "wall_s"]
        self.assertEqual((wall["verdict"], wall["reason"], wall["low"]), ("inconclusive", "not_interleaved", None))
        self.assertAlmostEqual(wall["ratio"], wall["of_value"]["value"] / wall["to_value"]["value"], places=6)
        self.assertIn("--against", document["advice"])
        text = self.assay("compare", first, second)
        self.assertEqual(text.status, 0, text)
        self.assertIn("The same experiment file, the same machine", text.stdout)

    def test_runs_of_another_machine_or_clock_are_incomparable(self):
        for _ in range(2):
            self.assertEqual(self.compare(commands=("true",)).status, 0)
        first, second = self.run_folders()
        manifest = json.loads((first / "manifest.json").read_text())
        manifest["machine"]["topology"]["model"] = "Another processor"
        (first / "manifest.json").write_text(json.dumps(manifest))
        document = self.assay("compare", first, second, "--json").document
        self.assertEqual({(c["verdict"], c["reason"]) for c in document["comparisons"]}, {("incomparable", "machine_differs")})
        self.assertIn({"what": "processor", "to": "Another processor"},
                      [{key: d[key] for key in ("what", "to")} for d in document["differences"]])

    # ── Bad input ─────────────────────────────────────────────────────────────────────────────────

    def test_mistakes_on_the_command_line(self):
        for words, commands, part in (
                ((), (), "nothing to compare"),
                (("latest",), (), "only one RUN"),
                (("latest",), ("true",), "stands before the first `--`"),
                ((), ("true", ""), "command 2 is empty"),
                ((), ("true", "   "), "command 2 is empty"),
                ((), ("echo 'a", "true"), "isn't closed"),
                ((), ("no-such-program-here 1", "true"), "there is no program 'no-such-program-here' on PATH"),
                ((), ("./no-such-file", "true"), "no program './no-such-file' here"),
                ((), ("$HOME/x", "true"), "add --shell"),
                (("--shell=/no/shell",), ("true",), "name a shell's program"),
                (("--shell", "-N"), ("true",), "exclude each other"),
                (("--input", "no-such-file"), ("true",), "no such file"),
                (("--output-equal",), ("true",), "needs a second command"),
                (("--prepare", "a", "--prepare", "b"), ("true", "true", "true"), "--prepare is given 2 times for 3 commands"),
                (("-P", "n", "1", "x"), ("echo {n}",), "no number"),
                (("--ignore-failure=300",), ("true",), "no exit status"),
                (("--resume", "latest"), ("true",), "leave out those behind"),
                (("--resume", "latest"), (), "leave --rounds out"),
                (("--resume", "no-such-run", "--warmup", "1"), (), "leave --warmup out"),
                (("no-such-run", "no-such-either"), (), "no run; make one"),
                (("no-such-run", "no-such-either", "--margin", "0.1"), (), "--margin is for programs that are measured"),
                (("--against", "HEAD", "--export-json", "r.json"), ("true",), "--export-json isn't for a gate"),
                (("--against", "HEAD", "--fail-on", "worse"), ("true",), "--fail-on isn't for a gate")):
            with self.subTest(words=words, commands=commands):
                options = () if "no-such-run" in words else FEW
                self.refused(self.compare(*words, options=options, commands=commands), part)

    def test_several_words_behind_one_dash_dash(self):
        self.refused(self.assay("compare", "--out", self.results, "--json", "--", "sleep", "0.1", "--", "true"),
                     "put it in quotes: -- 'sleep 0.1'")
        self.refused(self.assay("compare", "--out", self.results, "--json", "--", "true", "--"), "nothing stands behind the 2. `--`")

    def test_a_pipe_without_a_shell_gets_a_hint(self):
        finished = self.compare(commands=("echo a | cat", "true"))
        self.assertIn("add --shell", finished.stderr)

    def test_bytes_that_are_no_utf8(self):
        finished = self.finish(self.start_bytes(b"compare", b"--json", b"--", b"echo \xff"))
        self.assertEqual(finished.status, 2, finished)
        self.assertIn("UTF-8", finished.document["error"])

    def start_bytes(self, *words):
        import subprocess
        self.calls += 1
        stderr = self.messages / str(self.calls)
        with open(stderr, "wb") as file:
            process = subprocess.Popen([os.fsencode(scripted.ASSAY), *words], stdout=subprocess.PIPE, stderr=file,
                                       stdin=subprocess.DEVNULL, env=self.environment, cwd=self.folder)
        process.messages = stderr
        return process


if __name__ == "__main__":
    scripted.main()
