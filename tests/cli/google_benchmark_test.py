"""assay compare --google-benchmark: a real executable if there is one, and one that fails in every way."""
import os
import pathlib
import shutil
import unittest

import scripted

FAKE = pathlib.Path(__file__).with_name("fake_benchmark.py")
REAL = os.environ.get("ASSAY_SMALL_BENCH", "")


class GoogleBenchmark(scripted.Bench):
    def setUp(self):
        super().setUp()
        shutil.copy(FAKE, self.folder / "bench")

    def compare(self, *words):
        return self.assay("compare", "--out", self.results, "--json", "--rounds", 3, *words)

    def by_name(self, document, metric="time_s"):
        return {name: cells[0] for name, cells in self.cells(document, "benchmark", metric).items()}

    def test_benchmarks_of_one_executable_against_the_first(self):
        finished = self.compare("--google-benchmark", "./bench", "--filter", "steady", "--counter", "items_per_second")
        self.assertEqual(finished.status, 0, finished)
        document = finished.document
        cells = self.by_name(document)
        self.assertEqual({name: cell["outcome"] for name, cell in cells.items()}, {"steady/1000": "ok", "steady/1500": "ok"})
        self.assertAlmostEqual(cells["steady/1500"]["value"], 1500e-9)
        self.assertAlmostEqual(self.by_name(document, "cpu_s")["steady/1000"]["value"], 500e-9)
        self.assertAlmostEqual(self.by_name(document, "items_per_second")["steady/1000"]["value"], 1e6, places=3)
        self.assertEqual(cells["steady/1000"]["clock"], "wall")
        self.assertNotIn("wall_s", {cell["metric"] for cell in document["cells"]})
        (comparison,) = [c for c in document["comparisons"] if c["metric"] == "time_s"]
        self.assertAlmostEqual(comparison["ratio"], 1.5)
        self.assertEqual(comparison["to"], {"benchmark": "steady/1000"})
        self.assertEqual(comparison["verdict"], "worse")
        self.assertEqual(document["controls"][0]["kind"], "same")
        (folder,) = self.run_folders()
        blocks = [line for line in self.journal(folder) if line["type"] == "block" and line["phase"] == "measure"]
        self.assertEqual({block["iterations"] for block in blocks}, {1000})
        self.assertEqual(len({block["replicate"] for block in blocks}), len(blocks))  # a fresh process each
        self.assert_nothing_left()

    def test_two_executables_are_compared_benchmark_by_benchmark(self):
        (self.folder / "new").write_text(FAKE.read_text().replace("SCALE = 1.0", "SCALE = 2.0"))
        (self.folder / "new").chmod(0o755)
        finished = self.compare("--google-benchmark", "./bench", "--google-benchmark", "./new", "--filter", "steady")
        self.assertEqual(finished.status, 0, finished)
        compared = [c for c in finished.document["comparisons"] if c["metric"] == "time_s"]
        self.assertEqual(len(compared), 2)
        for comparison in compared:
            self.assertEqual(comparison["of"]["benchmark"], comparison["to"]["benchmark"])
            self.assertEqual((comparison["of"]["binary"], comparison["to"]["binary"]), ("./new", "./bench"))
            self.assertAlmostEqual(comparison["ratio"], 2)

    def test_two_filters(self):
        finished = self.compare("--google-benchmark", "./bench", "--filter", "steady/1000", "--filter", "steady/1500")
        self.assertEqual(finished.status, 0, finished)
        self.assertEqual([c["of"] for c in finished.document["comparisons"] if c["metric"] == "time_s"], [{"benchmark": "steady/1500"}])

    def test_every_way_to_fail_is_an_outcome_with_its_reason_and_the_others_go_on(self):
        finished = self.compare("--google-benchmark", "./bench")
        self.assertEqual(finished.status, 1, finished)
        cells = self.by_name(finished.document)
        expected = {"steady/1000": ("ok", ""), "crash": ("crashed", "SIGSEGV"), "cut": ("invalid_output", "is cut off after"),
                    "error": ("invalid_output", "the benchmark reports an error: no data"),
                    "skip": ("unsupported", "the benchmark skipped itself: needs AVX"), "nan": ("invalid_output", "its real_time is no number"),
                    "nothing": ("invalid_output", "is it a Google Benchmark executable?"), "liar": ("invalid_output", "its process lived")}
        for name, (outcome, reason) in expected.items():
            self.assertEqual(cells[name]["outcome"], outcome, name)
            self.assertIn(reason, cells[name]["reason"] or "", name)
            if outcome != "ok":
                self.assertIsNone(cells[name]["value"], name)

    def test_what_cannot_be_compared_is_one_message(self):
        for words, message in {
                ("--google-benchmark", "./absent"): "there is no program ./absent",
                ("--google-benchmark", "/bin/echo"): "is no Google Benchmark executable",
                ("--google-benchmark", "/bin/false"): "is no Google Benchmark executable",
                ("--google-benchmark", "./bench", "--filter", "zebra"): "no benchmark of ./bench matches --filter zebra",
                ("--google-benchmark", "./bench", "--baseline", "steady/1001"): "did you mean 'steady/1000'?",
                ("--google-benchmark", "./bench", "--google-benchmark", "./bench"): "is given twice"}.items():
            finished = self.compare(*words)
            self.assertEqual(finished.status, 2, (words, str(finished)))
            self.assertIn(message, finished.document["error"], words)
        self.assertEqual(self.run_folders(), [])

    @unittest.skipUnless(REAL, "SKIPPED: Google Benchmark is missing (apt-get install libbenchmark-dev)")
    def test_a_real_executable(self):
        finished = self.compare("--google-benchmark", REAL, "--filter", "loop|broken", "--benchmark-min-time", "0.01")
        self.assertEqual(finished.status, 1, finished)  # one of them reports an error
        cells = self.by_name(finished.document)
        self.assertEqual({name: cell["outcome"] for name, cell in cells.items()},
                         {"loop/1000": "ok", "loop/4000": "ok", "other_loop/1000": "ok", "broken": "invalid_output"})
        self.assertIn("its data set is not there", cells["broken"]["reason"])
        (worse,) = [c for c in finished.document["comparisons"] if c["of"]["benchmark"] == "loop/4000" and c["metric"] == "time_s"]
        self.assertGreater(worse["ratio"], 1)

    @unittest.skipUnless(REAL, "SKIPPED: Google Benchmark is missing (apt-get install libbenchmark-dev)")
    def test_a_real_executable_that_dies(self):
        finished = self.compare("--google-benchmark", REAL, "--filter", "loop/1000|ends", "--benchmark-min-time", "0.01")
        self.assertEqual(finished.status, 1, finished)
        self.assertEqual(self.by_name(finished.document)["ends"]["outcome"], "crashed")


if __name__ == "__main__":
    scripted.main()
