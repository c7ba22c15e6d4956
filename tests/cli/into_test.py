"""assay report --into FILE, from outside; and what `report` says where a tool that makes documents is missing."""
import shutil
import unittest

import scripted


class Into(scripted.Bench):
    more_environment = {}

    @property
    def environment(self):
        return {**super().environment, **self.more_environment}

    def setUp(self):
        super().setUp()
        file = self.experiment("time_ns = [1000000, 1250000]", "baseline = { time_ns = 1000000 }", preset="rounds = 2\nbudget_s = 0.1")
        self.assertEqual(self.run_experiment(file).status, 0)
        (self.run_folder,) = self.run_folders()

    def into(self, file, *words, run=None, **settings):
        return self.assay("report", run or self.run_folder, "--into", file, *words, **settings)

    def block(self, begin, content=b""):
        return b"<!-- assay: begin %s -->\n%s<!-- assay: end %s -->\n" % (begin, content, begin.split()[0])

    def write_bytes(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def test_blocks_are_filled_and_listed_and_the_rest_stays(self):
        before, between, after = b"\xef\xbb\xbf# Mine\r\n\xff\n", b"```\n" + self.block(b"nonsense") + b"```\n", b"the end"
        file = self.write_bytes("my report.md", before + self.block(b"table scripted") + between + self.block(b"warnings other/one") + after)
        finished = self.into("my report.md")
        self.assertEqual(finished.status, 0, finished)
        self.assertEqual(finished.stdout.splitlines(), [
            f"my report.md:3: table 1 of scripted: filled from run {self.run_folder.name}",
            "my report.md:9: warnings of other/one: left, its run is not on the command line"])
        text = file.read_bytes()
        self.assertTrue(text.startswith(before + b"<!-- assay: begin table scripted -->\n\n| time_ns |"), text)
        self.assertTrue(text.endswith(between + self.block(b"warnings other/one") + after), text)
        self.assertIn(f"`assay report {self.run_folder.name} --into 'my report.md'`".encode(), text)
        self.assertNotIn(str(self.folder).encode(), text)

    def test_whatever_way_the_run_and_the_file_are_named_the_bytes_are_the_same(self):
        file = self.write_bytes("report.md", self.block(b"table") + self.block(b"provenance"))
        self.assertEqual(self.into(file).status, 0)
        once = file.read_bytes()
        for run, name in ((self.run_folder.name[:-3], "report.md"), ("latest", "./report.md"), ("scripted", file)):
            finished = self.into(name, "--out", self.results, run=run)
            self.assertEqual(finished.stdout.count("unchanged"), 2, finished)
            self.assertEqual(file.read_bytes(), once)

    def test_an_edit_inside_a_block_is_refused_with_its_line_and_overwritten_only_by_force(self):
        file = self.write_bytes("report.md", b"prose\n" + self.block(b"table"))
        self.assertEqual(self.into(file).status, 0)
        once = file.read_bytes()
        edited = once.replace(b"| baseline |", b"| the best |")
        file.write_bytes(edited)
        finished = self.into(file)
        self.assertEqual(finished.status, 2, finished)
        self.assertIn(f"{file}:2: this block (table 1) was edited by hand", finished.stderr)
        self.assertIn("--force", finished.stderr)
        self.assertEqual(file.read_bytes(), edited)
        self.assertEqual(self.into(file, "--force").status, 0)
        self.assertEqual(file.read_bytes(), once)

    def test_a_mistake_is_one_message_with_file_and_line_and_nothing_is_written(self):
        good = self.block(b"table")
        for text, wanted in ((good + self.block(b"tabel"), ":3: no kind of block 'tabel'"), (good + b"<!-- assay: end table -->\n", ":3: "),
                             (good + b"<!-- assay: begin table -->\n", ":3: "), (good + self.block(b"table 7"), ":3: no table 7"),
                             (b"<!-- assay: begin table -->\n" + good, ":2: "), (b"# No block\n", "<!-- assay: begin table -->"),
                             (self.block(b"table other/one"), "no block belongs to run")):
            with self.subTest(wanted=wanted, text=text):
                file = self.write_bytes("report.md", text)
                finished = self.into(file, "--json")
                self.assertEqual(finished.status, 2, finished)
                self.assertIn(str(file), finished.document["error"])
                self.assertIn(wanted, finished.document["error"])
                self.assertEqual(file.read_bytes(), text)
                self.assertEqual([path.name for path in self.folder.glob("report.md*")], ["report.md"])
        for words in (("none.md",), ("report.md", "--to", "odt"), ()):
            self.assertEqual(self.assay("report", self.run_folder, "--into", *words).status, 2)
        self.assertEqual(self.assay("report", self.run_folder, "--force").status, 2)
        self.assertEqual(self.into("report.md", run="no-such-run").status, 2)

    def test_with_json_the_blocks_are_one_document(self):
        file = self.write_bytes("report.md", b"\n" + self.block(b"table") + self.block(b"table other/one"))
        self.assertEqual(self.into(file, "--json").document, {
            "file": str(file), "figures": [], "documents": [], "notices": [], "blocks": [
                {"line": 2, "kind": "table", "number": 1, "state": "filled", "experiment": "scripted", "run": self.run_folder.name},
                {"line": 4, "kind": "table", "number": 1, "state": "left", "experiment": None, "run": None}]})

    def test_two_runs_fill_the_blocks_that_name_them(self):
        other = self.experiment("time_ns = [1000000, 2000000]", "baseline = { time_ns = 1000000 }", name="second")
        self.assertEqual(self.run_experiment(other).status, 0)
        (second,) = set(self.run_folders()) - {self.run_folder}
        file = self.write_bytes("report.md", self.block(b"table scripted") + self.block(b"table second") + self.block(b"table %s" % second.name.encode()))
        finished = self.assay("report", self.run_folder, second, self.run_folder, "--into", file, "--json")
        self.assertEqual(finished.status, 0, finished)
        self.assertEqual([block["run"] for block in finished.document["blocks"]], [self.run_folder.name, second.name, second.name])
        file.write_bytes(self.block(b"table"))
        finished = self.assay("report", self.run_folder, second, "--into", file)
        self.assertEqual(finished.status, 2, finished)
        self.assertIn("name the experiment or run in it", finished.stderr)

    @unittest.skipUnless(shutil.which("gnuplot"), "gnuplot is not installed")
    def test_a_figure_stands_beside_the_file_and_the_runs_own_report_is_left_alone(self):
        self.assertEqual(self.assay("report", self.run_folder).status, 0)
        report = {path.name: path.read_bytes() for path in (self.run_folder / "report").iterdir()}
        file = self.write_bytes("report.md", self.block(b"figure"))
        finished = self.into(file)
        self.assertEqual(finished.status, 0, finished)
        figure = self.folder / "figures" / "scripted-comparison.svg"
        self.assertIn(f"figure:   {figure}", finished.stdout)
        self.assertIn(b"](figures/scripted-comparison.svg)", file.read_bytes())
        self.assertTrue(figure.read_bytes().startswith(report["comparison.svg"]))  # and a line that says whose data it shows
        self.assertEqual({path.name: path.read_bytes() for path in (self.run_folder / "report").iterdir()}, report)

    # ── Missing tools ─────────────────────────────────────────────────────────────────────────────

    def test_without_any_tool_the_report_is_written_with_a_notice_each(self):
        self.more_environment = {"PATH": str(self.folder / "nothing")}
        finished = self.assay("report", self.run_folder, "--to", "html,pdf")
        self.assertEqual(finished.status, 0, finished)
        self.assertIn("no figure comparison: gnuplot is not installed; install it (sudo apt install gnuplot-nox", finished.stderr)
        self.assertIn("no HTML and PDF: pandoc is not installed; install it (sudo apt install pandoc", finished.stderr)
        self.assertTrue((self.run_folder / "report" / "report.md").exists())
        self.assertFalse((self.run_folder / "report" / "report.pdf").exists())

    def test_a_figure_block_without_gnuplot_is_a_message_and_fills_nothing(self):
        self.more_environment = {"PATH": str(self.folder / "nothing")}
        text = self.block(b"table") + self.block(b"figure")
        file = self.write_bytes("report.md", text)
        finished = self.into(file)
        self.assertEqual(finished.status, 2, finished)
        self.assertIn("gnuplot is not installed; install it (sudo apt install gnuplot-nox", finished.stderr)
        self.assertEqual(file.read_bytes(), text)

    @unittest.skipUnless(shutil.which("pandoc"), "pandoc is not installed")
    def test_without_weasyprint_the_html_is_written_with_a_notice(self):
        (self.folder / "weasyprint.py").write_text("raise ImportError('No module named weasyprint')\n")
        self.more_environment = {"PYTHONPATH": str(self.folder)}
        finished = self.assay("report", self.run_folder, "--to", "html,pdf")
        self.assertEqual(finished.status, 0, finished)
        self.assertIn("no PDF: ", finished.stderr)
        self.assertIn("install it (sudo apt install weasyprint", finished.stderr)
        self.assertTrue((self.run_folder / "report" / "report.html").exists())
        self.assertFalse((self.run_folder / "report" / "report.pdf").exists())
        bare = self.folder / "bin"
        bare.mkdir()
        (bare / "pandoc").symlink_to(shutil.which("pandoc"))
        self.more_environment = {"PATH": str(bare)}
        self.assertIn("no PDF: python3 is not installed", self.assay("report", self.run_folder, "--to", "pdf").stderr)

    @unittest.skipUnless(shutil.which("pandoc"), "pandoc is not installed")
    def test_a_pdf_that_could_be_made_before_does_not_stay_beside_newer_numbers(self):
        stale = self.run_folder / "report" / "report.pdf"
        stale.parent.mkdir(exist_ok=True)
        stale.write_bytes(b"%PDF-old")
        self.assertEqual(self.assay("report", self.run_folder).status, 0)
        self.assertFalse(stale.exists())


if __name__ == "__main__":
    scripted.main()
