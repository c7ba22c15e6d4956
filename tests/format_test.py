"""docs/FORMAT.md names what a run writes, and nothing else: format_test.py TREE BIN.

Runs the worker example once, with few rounds, and compares every field of its journal, manifest, ledger and report with
the document, in both directions.
"""

import csv
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

TREE, BIN = map(pathlib.Path, sys.argv[1:3])
FORMAT = (TREE / "docs" / "FORMAT.md").read_text(encoding="utf-8")
# In every run: fields whose names are data (treatments by id, factors, metrics, counters, libraries, facts).
OPEN = {"treatment", "assignment", "iterations", "settle_ns", "warmup_ns", "long_iterations", "tail_iterations", "most_samples", "work", "metrics", "counters",
        "libraries", "workers", "machine", "controls", "of", "to", "baseline", "peaks"}


def section(title):
    """The text below `## title` or `### title`, up to the next heading of that level or above."""
    match = re.search(rf"^(#+) {re.escape(title)}$\n(.*?)(?=^#{{1,3}} |\Z)", FORMAT, re.MULTILINE | re.DOTALL)
    assert match, f"docs/FORMAT.md has no section '{title}'"
    return match.group(2)


def words(text):
    """Everything that stands in `code` or "quotes" of JSON as one word."""
    found = set(re.findall(r'"(\w+)":', text))
    for code in re.findall(r"`([^`\n]+)`", text):
        found.update(re.findall(r"\w+", code))
    return found


def first_column(text):
    """The fields that a table documents: the code in its first cells."""
    rows = re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def fields(value, into=None):
    """All names of fields in a JSON value, but for those below names that are data."""
    into = set() if into is None else into
    if isinstance(value, dict):
        for name, inner in value.items():
            into.add(name)
            if name not in OPEN or isinstance(inner, list):
                fields(inner, into)
    elif isinstance(value, list):
        for inner in value:
            fields(inner, into)
    return into


def journal_example(kind):
    """What the document says of one type of line: from its name to the next type's."""
    match = re.search(rf"^\*\*`{kind}`\*\*(.*?)(?=^\*\*`|^## )", FORMAT, re.MULTILINE | re.DOTALL)
    assert match, f"docs/FORMAT.md doesn't describe the journal's '{kind}'"
    return match.group(1)


class Format(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory(prefix="assay-format-")
        results = pathlib.Path(cls.scratch.name)
        cls.state = results / "state"
        text = (TREE / "docs/examples/worker/experiment.toml").read_text(encoding="utf-8")
        text = text.replace('["python3", "my_worker.py"]', json.dumps(["python3", str(TREE / "docs/examples/worker/my_worker.py")]))
        experiment = results / "experiment.toml"
        experiment.write_text(text.replace("rounds   = 7", "rounds = 2\nslowed = true"), encoding="utf-8")
        done = subprocess.run([str(BIN / "assay"), "run", str(experiment), "--out", str(results), "--json"], check=False,
                              capture_output=True, text=True, timeout=280, env={**os.environ, "XDG_STATE_HOME": str(cls.state)})
        assert done.returncode in (0, 1), done.stderr  # 1: a busy machine's cells fail; the fields are the same
        cls.document = json.loads(done.stdout)
        cls.run_folder = pathlib.Path(cls.document["run"])
        subprocess.run([str(BIN / "assay"), "report", str(cls.run_folder), "--to", "md"], check=True, capture_output=True, timeout=60)

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def lines(self):
        return [json.loads(line) for line in (self.run_folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()]

    def test_every_line_of_the_journal_is_described_field_by_field(self):
        lines = self.lines()
        self.assertLessEqual({"replicate", "block", "check", "evaluate", "calibration", "round", "end"}, {line["type"] for line in lines})
        everywhere = {"seq", "prev", "type"}
        for line in lines:
            with self.subTest(type=line["type"]):
                written = set(line) - everywhere
                self.assertLessEqual(written, words(journal_example(line["type"])), "written and not described")

    def test_every_field_that_the_document_gives_to_a_line_is_written(self):
        for kind in {line["type"] for line in self.lines()}:
            with self.subTest(type=kind):
                written = set().union(*(line for line in self.lines() if line["type"] == kind))
                described = set(re.findall(r'[{,]\s*"(\w+)":', re.sub(r"\{[^{}]*\}", "0", journal_example(kind)[journal_example(kind).index("{") + 1:])))
                self.assertLessEqual(described, written, "described and not written")

    def test_the_manifest_is_the_one_that_is_described(self):
        manifest = json.loads((self.run_folder / "manifest.json").read_text(encoding="utf-8"))
        self.assertEqual(first_column(section("manifest.json")), set(manifest))
        for name in ("assay", "experiment", "treatments", "pairs", "groups", "hypotheses", "limits"):
            with self.subTest(field=name):
                self.assertLessEqual(fields(manifest[name]), words(section("manifest.json")))

    def test_the_report_is_the_one_that_is_described(self):
        text = section("The report as JSON")
        self.assertEqual(first_column(text), set(self.document))
        self.assertLessEqual(fields(self.document), words(text))
        stored = json.loads((self.run_folder / "report" / "report.json").read_text(encoding="utf-8"))
        self.assertEqual(self.run_folder.name, stored.pop("run"))
        self.assertEqual({name: value for name, value in self.document.items() if name != "run"}, stored)

    def test_the_tables_have_the_columns_that_are_described(self):
        for name, factors in (("cells.csv", ["points", "neighbours"]),
                              ("comparisons.csv", ["of_points", "of_neighbours", "to_points", "to_neighbours"])):
            with self.subTest(file=name):
                described = re.search(rf"`{name}`: .*?`(metric,[\w,]+)`", section("CSV")).group(1).split(",")
                with open(self.run_folder / "report" / name, newline="", encoding="utf-8") as file:
                    rows = list(csv.reader(file))
                self.assertEqual(factors + described, rows[0])
                self.assertGreater(len(rows), 1)

    def test_the_ledger_s_line_is_the_one_that_is_described(self):
        (line,) = (self.run_folder.parent / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
        self.assertEqual(set(re.findall(r'"(\w+)":', section("ledger.jsonl"))), set(json.loads(line)))

    def test_the_controls_that_are_kept_are_described_field_by_field(self):
        lines = (self.state / "assay" / "controls.jsonl").read_text(encoding="utf-8").splitlines()
        self.assertGreater(len(lines), 0)
        for line in lines:
            self.assertEqual(first_column(section("controls.jsonl")), set(json.loads(line)))

    def test_every_file_of_the_run_folder_is_described(self):
        text = section("The run folder") + section("report/")
        for entry in self.run_folder.iterdir():
            with self.subTest(entry=entry.name):
                self.assertIn(entry.name, text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
