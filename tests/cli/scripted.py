"""What the end-to-end tests share: experiments of fake workers, `assay` run on them, and what it left running.

    python3 faults_test.py PATH/TO/assay PATH/TO/fake_worker [unittest's arguments]

Every process that a test starts carries ASSAY_TEST_MARK in its environment, and the fake worker is executed under a
path of the test's own: so that left-over processes are found even if they cleared their environment, and other runs
on this machine are not mistaken for them.
"""
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

PATIENCE_S = 120  # ends a test that has failed; asserts nothing

ASSAY = FAKE_WORKER = STATE = ""


def main():
    """unittest.main for the two paths in front."""
    global ASSAY, FAKE_WORKER, STATE
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    ASSAY, FAKE_WORKER = sys.argv[1:3]
    # One for all tests, so that the machine sheet is measured once; not the user's, whose certificate is of real work.
    STATE = str(pathlib.Path(ASSAY).resolve().parent.parent / "test-state")
    unittest.main(module="__main__", argv=sys.argv[:1] + sys.argv[3:], verbosity=2)


def eventually(condition, seconds=30):
    """True as soon as `condition()` is; False if it never becomes so."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Finished:
    """How a call of assay ended."""

    def __init__(self, status, stdout, stderr):
        self.status, self.stdout, self.stderr = status, stdout, stderr

    @property
    def document(self):
        """Standard output as the one JSON document that it must be: json.loads refuses anything after it."""
        return json.loads(self.stdout)

    def __str__(self):
        return f"status {self.status}\n--- stdout\n{self.stdout[-3000:]}\n--- stderr\n{self.stderr[-3000:]}"


class Bench(unittest.TestCase):
    """A test with a folder, a private copy of the fake worker, and an eye on the processes."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.mark = uuid.uuid4().hex
        self.worker = self.folder / "fake_worker"
        shutil.copy(FAKE_WORKER, self.worker)
        self.results = self.folder / "results"
        self.messages = pathlib.Path(tempfile.mkdtemp(prefix="assay-e2e-messages-"))
        self.addCleanup(shutil.rmtree, self.messages, ignore_errors=True)
        self.calls = 0

    # ── Experiments ───────────────────────────────────────────────────────────────────────────────

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def experiment(self, factors, more="", options=(), preset="rounds = 2\nbudget_s = 0.1", name="scripted"):
        """Fake workers under `factors`; `more` follows the keys of [experiment]."""
        command = json.dumps([str(self.worker), *options])
        return self.write(f"{name}.toml", f"""
[experiment]
name = "{name}"
question = "Does what goes in come out?"
seed = 585
{more}
[worker]
command = {command}
[factors]
{factors}
[presets.quick]
{preset}
""")

    # ── Running assay ─────────────────────────────────────────────────────────────────────────────

    @property
    def environment(self):
        return {**os.environ, "ASSAY_TEST_MARK": self.mark, "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1", "XDG_STATE_HOME": STATE}

    def start(self, *words, env_more=None, **settings):
        settings.setdefault("cwd", self.folder)
        self.calls += 1
        stderr = self.messages / str(self.calls)
        with open(stderr, "wb") as file:  # a file, so that a test can look into it while assay runs
            process = subprocess.Popen([ASSAY, *map(str, words)], stdout=subprocess.PIPE, stderr=file,
                                       stdin=subprocess.DEVNULL, env={**self.environment, **(env_more or {})}, **settings)
        process.messages = stderr
        return process

    def finish(self, process):
        try:
            stdout, _ = process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self.fail(f"assay didn't end\n{process.messages.read_text(errors='replace')[-3000:]}")
        return Finished(process.returncode, stdout.decode(), process.messages.read_text(errors="replace"))

    def assay(self, *words, **settings):
        return self.finish(self.start(*words, **settings))

    def run_experiment(self, file, *words, **settings):
        return self.assay("run", file, "--out", self.results, "--json", *words, **settings)

    def wait_for_line(self, process, text):
        """Waits until its standard error holds `text`."""
        def said():
            return text in process.messages.read_text(errors="replace")
        if not eventually(lambda: said() or process.poll() is not None) or not said():
            process.kill()
            self.fail(f"'{text}' never came; {self.finish(process)}")

    # ── What is left ──────────────────────────────────────────────────────────────────────────────

    def processes(self):
        """Live processes of this test, assay itself and its keeper among them: pid → command line."""
        found = {}
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                if (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
                    continue
                marked = f"ASSAY_TEST_MARK={self.mark}".encode() in (entry / "environ").read_bytes().split(b"\0")
                ours = os.readlink(entry / "exe").startswith(str(self.folder))
                if marked or ours:
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue  # gone meanwhile
        return found

    def assert_nothing_left(self):
        if not eventually(lambda: not self.processes(), 10):
            left = self.processes()
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            self.fail(f"still running: {left}")

    # ── Run folders ───────────────────────────────────────────────────────────────────────────────

    def run_folders(self):
        return sorted(path.parent for path in self.results.glob("**/experiment.toml")) if self.results.exists() else []

    def journal(self, folder):
        """The whole lines of a journal, its chain verified; a torn tail is left out."""
        lines = (folder / "journal.jsonl").read_bytes().split(b"\n")[:-1]
        previous = hashlib.sha256((folder / "experiment.toml").read_bytes()).hexdigest()
        entries = []
        for number, line in enumerate(lines):
            entry = json.loads(line)
            self.assertEqual((entry["seq"], entry["prev"]), (number, previous), f"line {number + 1}")
            previous = hashlib.sha256(line).hexdigest()
            entries.append(entry)
        return entries

    def schedule(self, folder):
        """(round, group, position, treatment, role) of the measured blocks, in order; abandoned rounds left out, and a
        block that was repeated at once, since its time was stolen, counted once."""
        measured = []
        for entry in self.journal(folder):
            if entry["type"] == "resume" and entry["abandoned_round"] is not None:
                measured = [block for block in measured if block[0] != entry["abandoned_round"]]
            if entry["type"] == "block" and entry["phase"] == "measure":
                block = tuple(entry[key] for key in ("round", "group", "position", "treatment", "role"))
                if measured[-1:] != [block]:
                    measured.append(block)
        return measured

    def cells(self, document, factor, metric=None):
        """Level of `factor` → its cells, of one metric or of all."""
        cells = {}
        for cell in document["cells"]:
            if metric in (None, cell["metric"]):
                cells.setdefault(cell["treatment"][factor], []).append(cell)
        return cells
