"""assay submit: a project with a report and a run becomes a bundle that says of every byte what it was; signed, tagged, on a branch."""
import datetime
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tarfile

import scripted

EPOCH = "1795900000"


class Submit(scripted.Bench):
    def setUp(self):
        super().setUp()
        for needed in ("git", "ssh-keygen"):
            if not shutil.which(needed):
                self.skipTest(f"SKIPPED: {needed} is not installed")
        self.home = self.folder / "home"
        (self.home / ".ssh").mkdir(parents=True)
        self.project = self.folder / "project"
        self.project.mkdir()
        self.results = self.project / "results"
        self.pwned = self.folder / "PWNED"
        (self.project / "assay.toml").write_text('[project]\nteam = "Team-7"\ntitle = "Spirals"\n')
        (self.project / "README.md").write_text("# Spirals\n")
        (self.project / "references.bib").write_text("@misc{a}\n")
        (self.project / "pyproject.toml").write_text("[project]\nname = 'x'\n")
        file = self.experiment("time_ns = [1000000, 500000]", "baseline = { time_ns = 1000000 }", ("--clock", "device_event"), "rounds = 2\nbudget_s = 0.1")
        (self.project / "experiments").mkdir()
        shutil.move(file, self.project / "experiments" / "scripted.toml")
        self.report = self.project / "report.md"
        self.report.write_text("# Ours\n\n<!-- assay: begin table scripted -->\n<!-- assay: end table -->\n")
        self.first = self.measured()
        self.unused = self.measured()

    def measured(self):
        finished = self.assay("run", "experiments/scripted.toml", "--json", cwd=self.project)
        self.assertEqual(finished.status, 0, finished)
        run = pathlib.Path(finished.document["run"])
        if not hasattr(self, "first"):
            filled = self.assay("report", run, "--into", "report.md", cwd=self.project)
            self.assertEqual(filled.status, 0, filled)
        return run

    @property
    def environment(self):
        clean = {name: value for name, value in super().environment.items() if not name.startswith(("GIT_", "SSH_"))}
        return {**clean, "HOME": str(self.home), "SOURCE_DATE_EPOCH": EPOCH, "GIT_CONFIG_NOSYSTEM": "1"}

    def submit(self, *words, **settings):
        return self.assay("submit", "--json", *words, cwd=settings.get("cwd", self.project))

    def git(self, folder, *words):
        return subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", *words],
                              cwd=folder, env=self.environment, check=True, capture_output=True, text=True).stdout.strip()

    def repository(self, folder):
        folder.mkdir(exist_ok=True)
        self.git(folder, "init", "-q", "-b", "main")
        (folder / "course.md").write_text("# Course\n")
        self.git(folder, "add", "-A")
        self.git(folder, "commit", "-qm", "all")
        (self.home / ".gitconfig").write_text("[user]\nname = Ann\nemail = ann@example.org\n")
        return folder

    def entries(self, archive):
        with tarfile.open(archive) as tar:
            return {member.name: (member, tar.extractfile(member).read()) for member in tar.getmembers()}

    # ── The bundle ────────────────────────────────────────────────────────────────────────────────

    def test_the_bundle_holds_what_the_report_rests_on_and_says_so_of_every_byte(self):
        (self.project / "design.svg").write_text("<svg/>")
        self.report.write_text(self.report.read_text() + "\n![How it is made](design.svg) ![not ours](../home/x.svg)\n")
        finished = self.submit("--no-sign")
        self.assertEqual(finished.status, 0, finished)
        archive = self.project / "submission.tar.gz"
        self.assertEqual(finished.document["sha256"], hashlib.sha256(archive.read_bytes()).hexdigest())
        entries = self.entries(archive)
        listed = json.loads(entries["submission/bundle.json"][1])
        self.assertEqual((listed["schema"], listed["team"], listed["title"], listed["report"]), (1, "Team-7", "Spirals", "report.md"))
        self.assertEqual(listed["created"], datetime.datetime.fromtimestamp(int(EPOCH), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.assertEqual(listed["runs"], [f"results/scripted/{self.first.name}"])
        paths = [file["path"] for file in listed["files"]]
        self.assertEqual(paths, sorted(paths))
        self.assertEqual({f"submission/{path}" for path in paths} | {"submission/bundle.json"}, set(entries))
        for path in ("assay.toml", "design.svg", "README.md", "references.bib", "report.md", "experiments/scripted.toml", "results/scripted/ledger.jsonl",
                     f"results/scripted/{self.first.name}/journal.jsonl", f"results/scripted/{self.first.name}/manifest.json"):
            self.assertIn(path, paths)
        self.assertFalse([path for path in paths if self.unused.name in path or path == "pyproject.toml" or "/report/" in path])
        for file in listed["files"]:
            member, content = entries[f"submission/{file['path']}"]
            self.assertEqual((file["bytes"], file["sha256"]), (len(content), hashlib.sha256(content).hexdigest()))
            self.assertEqual((member.uid, member.gid, member.uname, member.mtime), (0, 0, "", int(EPOCH)))
        self.assertNotIn(str(self.folder), str([entries["submission/bundle.json"][1]]))

    def test_the_same_project_gives_the_same_bytes(self):
        archive = self.project / "submission.tar.gz"
        self.assertEqual(self.submit("--no-sign").status, 0)
        once = archive.read_bytes()
        os.utime(self.report, (0, 0))
        self.assertEqual(self.submit("--no-sign").status, 0)
        self.assertEqual(once, archive.read_bytes())
        self.assertNotIn(b"project", once[:40])  # gzip's header has no name
        self.assertEqual(once[4:8], b"\0\0\0\0")  # and no time

    def test_a_folder_is_a_bundle_too(self):
        out = self.folder / "handed in"
        finished = self.submit("--no-sign", "--out", out)
        self.assertEqual(finished.status, 0, finished)
        listed = json.loads((out / "bundle.json").read_text())
        for file in listed["files"]:
            self.assertEqual(hashlib.sha256((out / file["path"]).read_bytes()).hexdigest(), file["sha256"])
        again = self.submit("--no-sign", "--out", out)
        self.assertEqual(again.status, 2)
        self.assertIn("not empty", again.stderr)

    def test_what_cannot_be_handed_in_is_said(self):
        journal = self.first / "journal.jsonl"
        good = journal.read_bytes()
        journal.write_bytes(good.replace(b'"elapsed":', b'"elapsed": ', 1))
        edited = self.submit("--no-sign")
        self.assertEqual(edited.status, 1, edited)
        self.assertIn("can't be trusted", edited.document["error"])
        journal.write_bytes(good)
        text = self.report.read_text()
        self.report.write_text(text.replace(self.first.name, "20200101T000000Z-00000000"))
        self.assertIn("20200101T000000Z-00000000", self.submit("--no-sign").document["error"])
        self.report.write_text("# Only words\n")
        self.assertIn("rests on no run", self.submit("--no-sign").document["error"])
        self.report.unlink()
        self.assertEqual(self.submit("--no-sign").status, 2)
        self.assertIn("no report", self.submit("--no-sign").document["error"])
        self.assertIn("assay.toml", self.submit("--no-sign", cwd=self.folder).document["error"])
        self.assertFalse((self.project / "submission.tar.gz").exists())

    def test_links_are_left_out_and_said(self):
        os.symlink("/etc/passwd", self.first / "outputs" / "passwd")
        finished = self.submit("--no-sign")
        self.assertEqual(finished.status, 0, finished)
        self.assertIn("outputs/passwd", finished.document["notes"][0])
        self.assertFalse([name for name in self.entries(self.project / "submission.tar.gz") if "passwd" in name])

    # ── The signature ─────────────────────────────────────────────────────────────────────────────

    def key(self, name, passphrase=""):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "t", "-f", str(self.home / ".ssh" / name)], check=True, capture_output=True)
        return self.home / ".ssh" / name

    def verified(self):
        archive = self.project / "submission.tar.gz"
        with open(archive, "rb") as file:
            return subprocess.run(["ssh-keygen", "-Y", "check-novalidate", "-n", "assay", "-s", f"{archive}.sig"], stdin=file, capture_output=True, text=True)

    def test_it_is_signed_where_there_is_a_key_and_says_why_where_not(self):
        without = self.submit()
        self.assertEqual(without.status, 0, without)
        self.assertIsNone(without.document["signature"])
        self.assertIn("ssh-keygen -t ed25519", without.document["unsigned_because"])
        self.assertEqual(self.submit("--sign").status, 1)
        self.key("id_ed25519")
        for _ in range(2):  # a signature that is there already is replaced without a question
            finished = self.submit()
            self.assertEqual(finished.status, 0, finished)
            self.assertIn("SHA256:", finished.document["signature"]["key"])
        self.assertIn(finished.document["signature"]["key"].split()[1], self.verified().stdout)
        archive = self.project / "submission.tar.gz"
        archive.write_bytes(archive.read_bytes()[:-1] + b"!")
        self.assertNotEqual(self.verified().returncode, 0)

    def test_gits_own_signing_key_comes_first_and_a_locked_key_asks_nobody(self):
        self.key("id_ed25519", "geheim")
        locked = self.submit()  # which must end
        self.assertEqual(locked.status, 0, locked)
        self.assertIn("passphrase", locked.document["unsigned_because"])
        other = self.key("team")
        (self.home / ".gitconfig").write_text(f"[gpg]\nformat = ssh\n[user]\nsigningkey = {other}\n")
        self.assertIsNotNone(self.submit().document["signature"])

    # ── Tag and course ────────────────────────────────────────────────────────────────────────────

    def test_a_tag_marks_a_commit_and_nothing_less(self):
        self.repository(self.project)
        (self.project / "README.md").write_text("# Changed\n")
        dirty = self.submit("--no-sign", "--tag", "final")
        self.assertEqual(dirty.status, 2, dirty)
        self.assertIn("README.md", dirty.document["error"])
        self.git(self.project, "commit", "-qam", "more")
        for status in (0, 2):  # the second time it is there
            self.assertEqual(self.submit("--no-sign", "--tag", "final").status, status)
        self.assertEqual(self.git(self.project, "cat-file", "-t", "final"), "tag")
        self.assertIn(hashlib.sha256((self.project / "submission.tar.gz").read_bytes()).hexdigest(), self.git(self.project, "tag", "-n9", "final"))

    def hostile(self, folder):
        """Everything in a repository that git would run."""
        hook = self.folder / "hook"
        hook.write_text(f"#!/bin/sh\ntouch {self.pwned}\nexec cat\n")
        hook.chmod(0o755)
        (folder / ".git" / "hooks").mkdir(exist_ok=True)
        for name in ("pre-commit", "post-commit", "reference-transaction", "post-index-change", "prepare-commit-msg"):
            shutil.copy(hook, folder / ".git" / "hooks" / name)
        with open(folder / ".git" / "config", "a") as config:
            config.write(f'[core]\nfsmonitor = {hook}\npager = {hook}\neditor = {hook}\nsshCommand = {hook}\n[diff]\nexternal = {hook}\n[diff "e"]\ntextconv = {hook}\n'
                         f'[filter "e"]\nclean = {hook}\nsmudge = {hook}\nrequired = true\n[filter "a=b"]\nclean = {hook}\n[alias]\nstatus = !{hook}\ntag = !{hook}\n'
                         f'[commit]\ngpgSign = true\n[tag]\ngpgSign = true\n[gpg]\nprogram = {hook}\n[gpg "ssh"]\nprogram = {hook}\n[pager]\nstatus = {hook}\n')
        (folder / ".git" / "info").mkdir(exist_ok=True)
        (folder / ".git" / "info" / "attributes").write_text("*.md filter=e diff=e\n*.toml filter=a=b\n")
        (folder / "course.md").touch()  # so that status looks at it again

    def test_the_course_gets_a_commit_on_a_branch_and_nothing_that_it_names_is_executed(self):
        course = self.repository(self.folder / "course")
        self.git(course, "remote", "add", "upstream", "https://example.org/course.git")
        (course / "submissions" / "Team-7").mkdir(parents=True)
        (course / "submissions" / "Team-7" / "old.md").write_text("old\n")
        self.git(course, "add", "-A")
        self.git(course, "commit", "-qm", "an earlier hand-in")
        head = self.git(course, "rev-parse", "HEAD")
        self.hostile(course)
        self.repository(self.project)
        self.hostile(self.project)
        finished = self.submit("--no-sign", "--into", course, "--tag", "final")
        self.assertEqual(finished.status, 0, finished)
        self.assertFalse(self.pwned.exists(), "something was executed")
        made = finished.document["course"]
        self.assertEqual((made["path"], made["was_there"]), ("submissions/Team-7", False))
        self.assertTrue(made["branch"].startswith("submit-Team-7-2026"), made)
        self.assertEqual(made["push"], f"git -C {course} push upstream {made['branch']}")
        # On the branch it is what was handed in, in place of what was there; the checkout is as it was.
        listed = self.git(course, "ls-tree", "-r", "--name-only", made["branch"]).splitlines()
        self.assertIn("course.md", listed)
        self.assertNotIn("submissions/Team-7/old.md", listed)
        bundle = json.loads(self.git(course, "show", f"{made['branch']}:submissions/Team-7/bundle.json"))
        for file in bundle["files"]:
            blob = subprocess.run(["git", "-c", "core.fsmonitor=false", "cat-file", "blob", f"{made['branch']}:submissions/Team-7/{file['path']}"], cwd=course,
                                  env=self.environment, check=True, capture_output=True).stdout
            self.assertEqual(hashlib.sha256(blob).hexdigest(), file["sha256"])
        self.assertEqual(self.git(course, "rev-parse", f"{made['branch']}~1"), head)
        self.assertEqual(self.git(course, "symbolic-ref", "HEAD"), "refs/heads/main")
        self.assertTrue((course / "submissions" / "Team-7" / "old.md").exists())
        self.assertIn("Ann", self.git(course, "log", "-1", "--format=%an", made["branch"]))
        # The same once more is no news; another content is not put over it.
        again = self.submit("--no-sign", "--into", course)
        self.assertEqual((again.status, again.document["course"]["was_there"]), (0, True))
        self.report.write_text(self.report.read_text() + "\nOne more thought.\n")
        other = self.submit("--no-sign", "--into", course)
        self.assertEqual(other.status, 2)
        self.assertIn("there already, with other content", other.stderr)
        self.assertEqual(self.submit("--no-sign", "--into", course, "--branch", "second").status, 0)
        self.assertFalse(self.pwned.exists(), "something was executed")
        subprocess.run(["git", "status"], cwd=course, env=self.environment, capture_output=True, check=False)
        self.assertTrue(self.pwned.exists(), "the traps are none")

    def test_a_course_that_is_dirty_or_the_project_itself_or_a_path_out_of_it_is_refused(self):
        course = self.repository(self.folder / "course")
        self.repository(self.project)
        self.assertIn("own repository", self.submit("--no-sign", "--into", self.project).stderr)
        for path in ("../x", "/tmp/x", ".git/hooks", "a/../../b", "a/.git/x"):
            refused = self.submit("--no-sign", "--into", course, "--path", path)
            self.assertEqual(refused.status, 2, refused)
            self.assertIn("--path", refused.stderr)
        (course / "note.txt").write_text("mine\n")
        dirty = self.submit("--no-sign", "--into", course)
        self.assertEqual(dirty.status, 2)
        self.assertIn("note.txt", dirty.stderr)
        self.assertEqual(self.git(course, "branch", "--format=%(refname:short)"), "main")
        self.assertIn("no working tree", self.submit("--no-sign", "--into", self.home).stderr)


if __name__ == "__main__":
    scripted.main()
