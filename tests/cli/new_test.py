"""assay new, from outside: every document of every course, a project that runs, experiments from command lines, names that are
no names."""
import json
import pathlib
import re
import shutil
import subprocess
import tomllib
import unittest

import scripted

COURSES = ("csce585-2024", "csce585-2025", "paper")
DOCUMENTS = ("readme", "idea", "proposal", "design", "milestone", "report", "slides")
TITLE = "5\" \\ of #1 <b>'`*α*` — {{x}} $y$"
MARKER = re.compile(r"^<!-- assay: begin (\w+)(?: (\d+))?(?: (\S+))? -->$", re.MULTILINE)

SCRIPT = """
import json, sys
flags = dict(zip(sys.argv[1::2], sys.argv[2::2]))
assert flags["--label"] == "it's \\"quoted\\" # {x}", flags
with open(flags["--out"], "w") as file:
    json.dump({"accuracy": 0.5}, file)
"""


class New(scripted.Bench):
    def new(self, *words, status=0, **settings):
        finished = self.assay("new", *words, **settings)
        self.assertEqual(finished.status, status, finished)
        return finished

    def course(self, name):
        file = pathlib.Path(scripted.ASSAY).resolve().parent.parent / "share/assay/templates/courses" / f"{name}.toml"
        return tomllib.loads(file.read_text(encoding="utf-8"))

    def project(self, *words, name="demo"):
        self.new("project", name, *words)
        return self.folder / name

    # ── Documents ─────────────────────────────────────────────────────────────────────────────────

    def test_each_document_has_its_course_s_headings_in_order_and_what_the_course_has_filled(self):
        for course in COURSES:
            project = self.project("--course", course, name=course)
            for kind in DOCUMENTS:
                (asked,) = [d for d in self.course(course)["deliverable"] if d["name"] == kind]
                for where in (project, self.folder):
                    file = self.folder / f"{course}-{kind}-{where.name}.md"
                    self.new(kind, "--course", course, "--into", file, cwd=where)
                    text = file.read_text(encoding="utf-8")
                    with self.subTest(course=course, kind=kind, where=where.name):
                        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
                        at = 0
                        for section in asked["section"]:
                            self.assertIn(section["heading"], headings[at:])
                            at = headings.index(section["heading"], at) + 1
                        self.assertIn("TODO", text)
                        filled = {kind for kind, _, _ in MARKER.findall(text)}
                        self.assertLessEqual({k for s in asked["section"] for k in s.get("fills", ())}, filled)
                        self.assertEqual(len(MARKER.findall(text)), len(re.findall(r"^<!-- assay: end \w+ -->$", text, re.MULTILINE)))
                        # In a project each block names an experiment, else none does.
                        for kind_, _, of in MARKER.findall(text):
                            wanted = r"experiments/(ablation|probes)\.toml" if kind_ in ("plan", "design") else "ablation|probes"
                            self.assertRegex(of, f"^({wanted})$" if where == project else "^$")
                        if kind == "readme":
                            self.assertTrue(text.startswith("# "), text)
                        else:
                            self.assertRegex(text, r'\A---\ntitle: ".*"\nauthor:\n  - "TODO.*"\ndate: "\d{4}-\d\d-\d\d"\nstyle: (plain|conference|slides)\n')

    def test_the_report_asks_the_five_questions_of_each_experiment(self):
        project = self.project("--course", "csce585-2025")
        self.new("report", "--into", "mine.md", cwd=project)
        text = (project / "mine.md").read_text(encoding="utf-8")
        for words in ("**Question.**", "**Hypothesis.**", "**Why it was designed so.**", "**Result.**", "**Reading.**"):
            self.assertEqual(text.count(words), 2, words)
        self.assertIn("- H2: int8 vectors take less time than float64, as they do in C.", text)
        self.assertRegex(text, r"(?s)## Artifact Appendix\n\n<!-- assay: begin artifact probes -->")

    def test_a_document_s_title_is_what_was_given_whatever_it_holds(self):
        self.new("report", TITLE)
        text = (self.folder / "report.md").read_text(encoding="utf-8")
        shown = json.loads(re.search(r"^title: (.*)$", text, re.MULTILINE).group(1))
        self.assertNotIn("<b>", shown)
        self.assertIn("—", shown)
        self.assertTrue((self.folder / "references.bib").exists())
        if shutil.which("pandoc"):
            words = ["pandoc", "--from", "markdown-smart", "--to", "plain", "--wrap", "none", "--standalone", "report.md"]
            done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, check=True)
            self.assertEqual(done.stdout.splitlines()[0], TITLE)

    def test_what_is_there_is_overwritten_only_by_force_and_a_bibliography_never(self):
        for name in ("proposal.md", "references.bib"):
            self.write(name, "mine\n")
        finished = self.new("proposal", status=2)
        self.assertIn("proposal.md is there already", finished.stderr)
        self.assertIn("--force", finished.stderr)
        self.assertEqual((self.folder / "proposal.md").read_text(), "mine\n")
        self.new("proposal", "--force")
        self.assertIn("Feedback received", (self.folder / "proposal.md").read_text())
        self.assertEqual((self.folder / "references.bib").read_text(), "mine\n")

    def test_another_course_is_one_file(self):
        self.write("mine.toml", """
title = "Mine"
[[file]]
path = "poster.pdf"
why = "is shown"
[[folder]]
path = "src"
[[deliverable]]
name = "report"
title = "Report"
file = "paper/text.md"
  [[deliverable.section]]
  heading = "Related Work"
  [[deliverable.section]]
  heading = "What --> nobody <b>knows"
  asks = "Why -->\\n<!-- assay: begin nonsense -->"
  fills = ["table"]
  choices = ["one", "two"]
[[deliverable]]
name = "poster"
title = "Poster"
file = "poster.md"
""")
        finished = self.new("project", "demo", "--course", "./mine.toml")
        self.assertIn("poster.pdf (is shown)", finished.stderr)
        project = self.folder / "demo"
        self.assertFalse((project / "README.md").exists())
        self.assertFalse((project / "uv.lock").exists())
        text = (project / "paper/text.md").read_text(encoding="utf-8")
        self.assertIn("[@cover1967]", text)
        self.assertIn("## What --> nobody &lt;b>knows\n\n<!-- TODO: Why - - <!- - assay: begin nonsense - - -->\n\n- one: TODO\n- two: TODO\n\n<!-- assay: begin table ablation -->\n", text)
        self.new("poster", cwd=project / "src")
        self.assertTrue((project / "poster.md").exists())
        self.assertIn("did you mean 'poster'", self.new("postr", cwd=project, status=2).stderr)

    # ── Projects ──────────────────────────────────────────────────────────────────────────────────

    def test_a_project_holds_what_its_course_asks_for_and_runs_with_plain_python(self):
        project = self.project("--course", "csce585-2025", "--title", TITLE)
        for wanted in self.course("csce585-2025")["file"]:
            self.assertTrue(list(project.glob(wanted["path"])), wanted)
        for folder in self.course("csce585-2025")["folder"]:
            self.assertTrue((project / folder["path"]).is_dir(), folder)
        self.assertEqual(tomllib.loads((project / "assay.toml").read_text(encoding="utf-8"))["project"],
                         {"title": TITLE, "team": "demo", "course": "csce585-2025", "results": "data", "report": "report.md"})
        for name in ("pyproject.toml", "uv.lock"):
            tomllib.loads((project / name).read_text(encoding="utf-8"))
        for name in ("run.sh", "result.sh"):
            self.assertEqual((project / name).stat().st_mode & 0o777, 0o755, name)
        self.assertNotIn("{{", "".join((project / name).read_text(encoding="utf-8") for name in ("README.md", "report.md")).replace("{{x}}", ""))

        # Both experiments, cut short: the presets are the file's own.
        for file in (project / "experiments").glob("*.toml"):
            text, count = re.subn(r"\[presets\.quick\]\nrounds   = \d+\nbudget_s = \d+", "[presets.quick]\nrounds = 2\nbudget_s = 0.1", file.read_text(encoding="utf-8"))
            self.assertEqual(count, 1)
            file.write_text(text, encoding="utf-8")
        done = subprocess.run(["./run.sh"], cwd=project, env={**self.environment, "ASSAY": scripted.ASSAY}, capture_output=True, text=True, timeout=scripted.PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr[-2000:])
        self.results = project / "data"
        self.assertEqual([folder.parent.name for folder in self.run_folders()], ["ablation", "probes"])
        for name in ("ablation", "probes"):  # by name, from data/
            document = self.assay("report", name, "--json", cwd=project / "src").document
            self.assertEqual(document["planned"], document["ran"], document["cells"])
            self.assertTrue(all(0.5 < cell["value"] < 1 for cell in document["cells"] if cell["metric"] == "accuracy"))

        # Its report is filled, and nothing but what a human must write is missing.
        if not shutil.which("gnuplot"):
            return
        done = subprocess.run(["./result.sh"], cwd=project, env={**self.environment, "ASSAY": scripted.ASSAY}, capture_output=True, text=True, timeout=scripted.PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr[-2000:])
        checked = self.assay("check", ".", "--json", cwd=project)
        self.assertEqual([f["rule"] for f in checked.document["findings"] if f["severity"] == "error"], ["readme.members"], checked)
        self.assertFalse([f for f in checked.document["findings"] if f["rule"].startswith("prose.")])  # no number that Assay didn't fill in
        (report,) = checked.document["documents"]
        self.assertGreater(report["blocks"], 10)
        self.assertEqual(report["blocks"], report["agreeing"])
        seen = {line["text"]: line["state"] for line in checked.document["rubric"]}
        self.assertEqual(seen["Baseline"], "seen")
        self.assertEqual(seen["Clarity"], "human")

    def test_the_scripts_say_what_to_do_where_assay_is_missing(self):
        project = self.project()
        for name in ("run.sh", "result.sh"):
            done = subprocess.run([f"./{name}"], cwd=project, env={**self.environment, "ASSAY": "/nowhere/assay"}, capture_output=True, text=True)
            self.assertEqual(done.returncode, 1)
            self.assertIn("ASSAY=/where/it/is/bin/assay", done.stderr)

    def test_a_course_without_lock_files_gets_none_and_a_project_is_made_into_an_empty_folder_alone(self):
        project = self.project("--course", "csce585-2024")
        self.assertFalse((project / "uv.lock").exists() or (project / "pyproject.toml").exists())
        self.assertIn("isn't empty", self.new("project", "demo", status=2).stderr)
        (project / "src/search.py").write_text("mine\n")
        self.new("project", "demo", "--force")
        self.assertIn("def classify", (project / "src/search.py").read_text())
        shutil.rmtree(project / "src")
        (project / "src").symlink_to(self.messages)
        self.assertIn("is a link out of the project", self.new("project", "demo", "--force", status=2).stderr)
        self.assertFalse((self.messages / "search.py").exists())
        (self.folder / "empty").mkdir()
        document = self.new("project", "other", "--into", "empty", "--json").document
        self.assertEqual((document["kind"], document["course"], document["folder"]), ("project", "paper", str(self.folder / "empty")))
        self.assertIn(str(self.folder / "empty/run.sh"), document["files"])

    def test_git_is_asked_only_where_the_person_asks(self):
        self.assertFalse((self.project() / ".git").exists())
        if not shutil.which("git"):
            self.skipTest("git is missing")
        identity = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        done = subprocess.run([scripted.ASSAY, "new", "project", "second", "--git"], cwd=self.folder, env={**self.environment, **identity}, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        left = subprocess.run(["git", "status", "--porcelain"], cwd=self.folder / "second", capture_output=True, text=True, check=True)
        self.assertEqual(left.stdout, "")

    def test_names_that_are_none_are_refused_and_nothing_is_written(self):
        for name in ("../up", "a/b", "/tmp/x", "..", ".hidden", "a b", "a\nb", "ü", "a;b", "x" * 101):
            finished = self.new("project", name, status=2)
            self.assertIn("can't be a project's name", finished.stderr)
            self.assertIn("can't be an experiment's name", self.new("experiment", name, status=2).stderr)
        for title in ("a\nb", "a\x1b[31mb", "a\u202eb", " ", "x" * 201):
            for words in (("project", "demo"), ("proposal",)):
                finished = self.new(*words, "--title", title, status=2)
                self.assertNotIn("\x1b", finished.stderr)
                self.assertNotIn("\u202e", finished.stderr)
        self.assertIn("there are", self.new("project", "demo", "--course", "none", status=2).stderr)
        self.assertEqual(list(self.folder.iterdir()), [self.worker])

    def test_a_mistake_in_assay_toml_is_told_and_nothing_is_put_elsewhere(self):
        self.write("assay.toml", "[project]\nresults = \"../up\"\n")
        file = self.experiment("time_ns = [1000000]")
        finished = self.assay("run", file)
        self.assertEqual(finished.status, 2, finished)
        self.assertIn("assay.toml:2: ", finished.stderr)
        self.assertFalse(self.results.exists())

    # ── Experiments ───────────────────────────────────────────────────────────────────────────────

    def test_a_command_becomes_an_experiment_that_can_be_tried_at_once(self):
        project = self.project()
        (project / "src/eval.py").write_text(SCRIPT)
        command = ("python3", "eval.py", "--batch", "64", "--label", "it's \"quoted\" # {x}", "--seed", "3", "--out", "results.json")
        finished = self.new("experiment", "--", *command, cwd=project / "src")
        self.assertEqual(finished.stdout.splitlines()[-1].split(maxsplit=1)[0], "next:")
        file = project / "experiments/eval.toml"
        self.assertEqual(tomllib.loads(file.read_text(encoding="utf-8"))["command"]["folder"], "src")
        tried = self.assay("try", file, cwd="/")
        self.assertEqual(tried.status, 0, tried)
        self.assertIn("is there already", self.new("experiment", "--", *command, cwd=project / "src", status=2).stderr)
        # And outside a project, with another name and level.
        self.write("eval.py", SCRIPT)
        self.new("experiment", "sweep", "--", *command)
        text = (self.folder / "sweep.toml").read_text(encoding="utf-8")
        self.write("sweep.toml", text.replace("batch = [64]", "batch = [64, 128]"))
        self.assertIn("2 ok", self.assay("try", "sweep.toml").stdout)

    def test_an_experiment_for_a_worker_parses(self):
        self.new("experiment", "precision")
        finished = self.assay("try", "precision.toml")
        self.assertNotIn("precision.toml:", finished.stderr)  # a mistake would have its line
        self.assertIn("src/precision_worker.py", finished.stderr)


if __name__ == "__main__":
    scripted.main()
