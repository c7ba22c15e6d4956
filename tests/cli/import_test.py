"""`assay import`: files of other programs become runs that every verb reads; a mistake in one is a message, and nothing is written."""
import json
import os
import pathlib

import scripted

WHO = ("--source", "evaluate.py on the lab's A100", "--date", "2026-11-20", "--by", "Team X")
MAP = ("--map", "precision=factor", "--map", "latency_ms=metric:latency_s:ms", "--map", "acc=metric:accuracy:%", "--map", "trial=round",
       "--baseline", "precision=fp32")
TIMES = {"fp32": [10.0, 10.2, 9.8, 10.1, 9.9, 10.0], "int8": [5.02, 5.08, 4.9, 5.1, 4.93, 5.0]}


def csv(rounds=6):
    rows = ["precision,latency_ms,acc,trial"]
    for trial in range(rounds):
        for precision, times in TIMES.items():
            rows.append(f"{precision},{times[trial]},{99.0 if precision == 'fp32' else 98.5},{trial + 1}")
    return "\n".join(rows) + "\n"


GOOD = "precision,latency_ms\nfp32,10\nint8,5\n"
HYPERFINE = {"results": [{"command": f"sleep {t}", "mean": t, "times": [t, t * 1.1, t * 0.9], "exit_codes": [0, 0, code], "parameters": {"t": str(t)}}
                         for t, code in ((0.1, 0), (0.2, 3))]}
GOOGLE_BENCHMARK = {
    "context": {"date": "2026-11-19T10:00:00+00:00", "host_name": "secret-host", "executable": "/home/somebody/bench", "num_cpus": 8, "library_build_type": "debug"},
    "benchmarks": [{"name": f"BM_sort/{n}", "run_name": f"BM_sort/{n}", "run_type": "iteration", "repetition_index": r, "iterations": 10, "real_time": n * (10.0 + r),
                    "cpu_time": n * 9.0, "time_unit": "ns", "items_per_second": 1e8 + r} for n in (8, 64) for r in range(3)]
    + [{"name": "BM_sort/8_mean", "run_name": "BM_sort/8", "run_type": "aggregate", "aggregate_name": "mean", "iterations": 3, "real_time": 1, "cpu_time": 1, "time_unit": "ns"},
       {"name": "BM_sort/512", "run_name": "BM_sort/512", "run_type": "iteration", "error_occurred": True, "error_message": "no data\u001b[2J", "time_unit": "ns"}]}

# What the file is, and a part of the message, which begins with the file's name. {"more": …}: further words of the command line.
MISTAKES = {
    "ragged row": (GOOD + "bf16\n", "results.csv:4: 1 fields, but the header names 2"),
    "a name twice": (GOOD.replace("precision,", "latency_ms,"), "results.csv:1: columns 1 and 2 are both named 'latency_ms'"),
    "no number": (GOOD.replace("5", "fast"), "results.csv:3: column 'latency_ms': 'fast' is no number"),
    "NaN": (GOOD.replace("5", "NaN"), "results.csv:3: column 'latency_ms': 'NaN' is no number; leave the field empty"),
    "infinite": (GOOD.replace("5", "inf"), "results.csv:3: column 'latency_ms': 'inf' is no number"),
    "beyond double": (GOOD.replace("5", "1e999"), "results.csv:3: column 'latency_ms': '1e999' is no number; it is beyond what a double can hold"),
    "decimal comma": (GOOD.replace("5", '"5,1"'), "results.csv:3: column 'latency_ms': '5,1' is no number; write it with a point"),
    "percent sign": (GOOD.replace("5", "5%"), "leave out the '%'"),
    "semicolons": (GOOD.replace(",", ";"), "results.csv:1: its fields are separated by ';'"),
    "below zero": (GOOD.replace("5", "-5"), "results.csv:3: column 'latency_ms': -5 is below 0"),
    "empty level": (GOOD.replace("int8", ""), "results.csv:3: column 'precision': is empty"),
    "open quote": (GOOD + '"bf16,4\n', "results.csv:4: a quote is opened and never closed"),
    "quote inside": (GOOD + 'bf"16,4\n', "results.csv:4: a quote inside a field"),
    "not UTF-8": (GOOD.encode().replace(b"int8", b"int\xff"), "results.csv:3: a byte that is no UTF-8"),
    "UTF-16": (GOOD.encode("utf-16"), "results.csv:1: the file is UTF-16"),
    "NUL": (GOOD.encode().replace(b"int8", b"int\0"), "results.csv:3: a byte that is no UTF-8 text, or NUL"),
    "escape in a level": (GOOD.replace("int8", "\x1b[2Jint8"), "results.csv:3: column 'precision': '\\u{001B}[2Jint8' holds U+001B"),
    "text turned around": (GOOD.replace("int8", "\u202eint8"), "holds U+202E"),
    "escape in a name": (GOOD.replace("precision", "\x1b[2J"), "results.csv:1: the name of column 1 holds U+001B"),
    "newline in a level": (GOOD.replace("int8", '"in\nt8"'), "holds U+000A"),
    "a million columns": (",".join(f"c{i}" for i in range(1_000_000)) + "\n", "results.csv:1: more than 1000 columns"),
    "a long line": ("precision,latency_ms\nfp32," + "9" * 60_000_000 + "\n", "results.csv:2: column 'latency_ms'"),
    "too large": (b"x" * (64 * 2**20 + 1), "results.csv: has more than 64 MiB"),
    "only a header": ("precision,latency_ms\n", "results.csv: has no rows"),
    "empty": ("", "results.csv: is empty"),
    "too many treatments": ("precision,latency_ms\n" + "".join(f"x{i},1\n" for i in range(2001)), "make more than 2000 treatments"),
    "too much to compare": ("precision,latency_ms\n" + "".join(f"x{i % 2000},1\n" for i in range(12_000)), "12000 rows of 2000 treatments"),
    "too many replicates": ("precision,latency_ms\n" + "fp32,1\n" * 10_001, "more than 10000 replicates of precision=fp32"),
}
JSON_MISTAKES = {
    "nested": ('[{"precision": "fp32", "latency_ms": {"mean": 3}}]', "results.json: row 1: 'latency_ms' holds an object"),
    "a key twice": ('[{"precision": "fp32", "latency_ms": 3, "latency_ms": 4}]', "results.json: row 1: has 'latency_ms' twice"),
    "beyond double": ('[{"precision": "fp32", "latency_ms": 1e999}]', "beyond what a double can hold"),
    "NaN": ('[{"precision": "fp32", "latency_ms": NaN}]', "results.json: not JSON at byte"),
    "deep": ("[" * 100_000, "results.json: is a list"),
    "cut off": ('[{"precision": "fp32", "latency_ms"', "results.json: not JSON"),
    "somebody's object": ('{"version": 1,\n "runs": 3}', "neither Google Benchmark's nor hyperfine's"),
    "a broken line": ('{"precision": "fp32", "latency_ms": 3}\n{"precision": "int8", }\n', "results.json:2: not JSON"),
    "only aggregates": ('{"context": {}, "benchmarks": [{"name": "a_mean", "run_type": "aggregate"}]}', "holds only aggregates"),
    "hyperfine without times": ('{"results": [{"command": "true", "mean": 1}]}', "has no 'times'"),
}
# Words of the command line, beside a good file.
WORD_MISTAKES = [
    (("--map", "precision=factor"), "nothing says what this column is: latency_ms"),
    (("--map", "presision=factor"), "there is no column 'presision'; did you mean 'precision'?"),
    (("--map", "precision"), "write COLUMN=ROLE"),
    (("--map", "precision=level"), "a column is factor, metric:NAME:UNIT"),
    (("--map", "precision=factor", "--map", "latency_ms=metric:latency_s"), "metric:NAME:UNIT"),
    (("--map", "precision=factor", "--map", "latency_ms=metric:energy:J"), "says not which way is better"),
    (("--map", "precision=factor", "--map", "latency_ms=metric:share:ratio"), "is no share between 0 and 1"),
    (("--map", "precision=factor", "--map", "latency_ms=ignore"), "no column is a metric"),
    (("--map", "precision=ignore", "--map", "latency_ms=metric:latency_s:ms"), "no column is a factor"),
    (("--map", "precision=factor", "--map", "precision=factor"), "mapped twice"),
    (("--map", "precision=factor:out", "--map", "latency_ms=metric:latency_s:ms"), "'out' is no name for a factor"),
    (("--map", "precision=factor:threads", "--map", "latency_ms=metric:latency_s:ms"), "'threads' is"),
    (("--map", "precision=factor", "--map", "latency_ms=metric:latency_s:ms", "--baseline", "precision=fp23"), "did you mean 'fp32'?"),
    (("--map", "precision=factor", "--map", "latency_ms=metric:latency_s:ms", "--baseline", "batch=1"), "there is no factor 'batch'"),
]


class Import(scripted.Bench):
    def import_file(self, name, text, *words, who=WHO, as_name="sweep"):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self.assay("import", name, "--as", as_name, "--out", self.results, *who, *words, "--json")

    def report(self, finished):
        self.assertIn(finished.status, (0, 1), finished)
        return self.assay("report", finished.document["run"], "--json").document

    def refused(self, finished, part):
        self.assertEqual(finished.status, 2, finished)
        message = finished.document["error"]
        self.assertIn(part, message)
        self.assertLess(len(message), 4000)
        for odd in ("\x1b", "\u202e", "\0"):
            self.assertNotIn(odd, message + finished.stderr)
        self.assertFalse(self.results.exists(), "something was written")

    # ── What becomes a run ────────────────────────────────────────────────────────────────────────

    def test_rows_of_one_round_are_paired_and_everything_says_imported(self):
        finished = self.import_file("results.csv", csv(), *MAP, "--question", "What does int8 buy?")
        self.assertEqual(finished.status, 0, finished)
        document = finished.document
        self.assertEqual((document["format"], document["rows"], document["replicates"], document["rounds"]), ("csv", 12, 12, 6))
        report = self.report(finished)
        self.assertEqual({cell["provenance"] for cell in report["cells"]}, {"imported"})
        (latency, accuracy) = report["comparisons"]
        self.assertAlmostEqual(latency["ratio"], 0.5005, places=3)
        self.assertEqual((latency["verdict"], latency["rounds"]), ("better", 6))
        self.assertAlmostEqual(accuracy["difference"], -0.005, places=9)
        self.assertEqual(report["controls"][0]["reason"], "imported")
        self.assertFalse(report["controls"][0]["failed"])
        self.assertEqual({key: report["imported"][key] for key in ("source", "date", "by", "file", "rows", "rounds")},
                         {"source": WHO[1], "date": WHO[3], "by": WHO[5], "file": "results.csv", "rows": 12, "rounds": 6})
        run = pathlib.Path(document["run"])
        self.assertEqual((run / "imported/results.csv").read_text(), csv())
        manifest = json.loads((run / "manifest.json").read_text())
        self.assertEqual(manifest["machine"], {"reason": "imported: measured elsewhere"})
        self.assertEqual((manifest["boot_id_sha256"], manifest["cpus"]), (None, None))
        ledger = (self.results / "sweep/ledger.jsonl").read_text().splitlines()
        self.assertEqual([json.loads(line)["experiment_sha256"] for line in ledger], [manifest["experiment"]["sha256"]])

    def test_its_report_marks_every_number_and_names_who_made_them(self):
        run = pathlib.Path(self.import_file("results.csv", csv(), *MAP).document["run"])
        self.assertEqual(self.assay("report", run, "--to", "md").status, 0)
        text = (run / "report/report.md").read_text()
        self.assertIn("""## latency_s (lower is better)

| precision | latency_s | ratio | verdict |
|:---|---:|---:|:---|
| fp32 | 10.0 ms ᵃ [9.9, 10.1] | 1 | baseline |
| int8 | 5.00 ms ᵃ [4.92, 5.09] | 0.500 [0.498, 0.503] | faster |

Ratios are of a row's value to that of the baseline (fp32), paired within rounds. Imported: measured elsewhere, without a control.

- ᵃ imported
""", text)
        self.assertIn("ᵃ imported; deterministic: equal in all replicates", text)
        self.assertIn("- The same program against itself: absent, results made elsewhere have no control.", text)
        self.assertIn("- Imported, not measured by Assay: evaluate.py on the lab's A100, run by Team X on 2026-11-20 (results.csv, 12 rows, SHA-256 ", text)
        self.assertIn("- 12 rows of 12 replicates, side by side in 6 rounds.", text)
        self.assertIn("4 imported, 0 unsupported, 0 failed", text)
        self.assertNotIn(" processes", text)
        self.assertIn("'imported'", (run / "report/comparison.gp").read_text())  # the legend of the hollow points

    def test_without_rounds_or_with_few_of_them_there_is_no_verdict(self):
        words = [word if word != "trial=round" else "trial=replicate" for word in MAP]
        report = self.report(self.import_file("results.csv", csv(), *words))
        self.assertEqual({(c["verdict"], c["reason"], c["ratio"]) for c in report["comparisons"]}, {("inconclusive", "not_interleaved", None)})
        self.assertTrue(all(cell["rounds"] == 6 and cell["low"] is not None for cell in report["cells"]))
        report = self.report(self.import_file("few.csv", csv(4), *MAP, as_name="few"))
        self.assertEqual({(c["verdict"], c["reason"]) for c in report["comparisons"]}, {("inconclusive", "too_few_imported_rounds")})
        self.assertAlmostEqual(report["comparisons"][0]["ratio"], 0.5, places=2)

    def test_one_row_is_a_value_without_an_interval(self):
        report = self.report(self.import_file("results.csv", GOOD, *MAP[:4], "--baseline", "precision=fp32"))
        self.assertEqual([(c["value"], c["low"], c["high"], c["rounds"]) for c in report["cells"]], [(0.01, None, None, 1), (0.005, None, None, 1)])
        self.assertEqual(report["comparisons"][0]["verdict"], "inconclusive")

    def test_rows_of_one_process_are_one_replicate(self):
        text = "precision,latency_ms,process\n" + "".join(f"{p},{t},{process}\n" for p in ("fp32", "int8") for process in (1, 2) for t in (1, 2, 9))
        finished = self.import_file("results.csv", text, *MAP[:4], "--map", "process=replicate")
        self.assertEqual(finished.document["replicates"], 4)
        self.assertEqual({(c["value"], c["rounds"]) for c in self.report(finished)["cells"]}, {(0.002, 2)})  # the median of a process

    def test_failures_are_cells_and_gaps_are_counted(self):
        text = "precision,latency_ms,status,why\nfp32,10,ok,\nfp32,,ok,\nint8,,out_of_memory,\"8 GB \x1b[2J\"\n"
        finished = self.import_file("results.csv", text, *MAP[:4], "--map", "status=outcome", "--map", "why=reason")
        self.assertEqual(finished.status, 1, finished)
        report = self.report(finished)
        self.assertEqual([(c["outcome"], c["value"]) for c in report["cells"]], [("ok", 0.01), ("out_of_memory", None)])
        self.assertEqual(report["cells"][1]["reason"], "8 GB \\u{001B}[2J, results.csv:4 (round 1)")
        self.assertIn("1 of 3 rows of results.csv have no latency_s; the others count", [w["text"] for w in report["warnings"]])

    def test_a_spreadsheet_s_csv_json_rows_and_json_lines_are_the_same_table(self):
        rows = [{"precision": p, "latency_ms": t} for p, times in TIMES.items() for t in times]
        sheets = {"excel.csv": b"\xef\xbb\xbf" + "\r\n".join(["precision,latency_ms"] + [f'"{r["precision"]}",{r["latency_ms"]}' for r in rows]).encode(),
                  "rows.tsv": "\n".join(["precision\tlatency_ms"] + [f'{r["precision"]}\t{r["latency_ms"]}' for r in rows]),
                  "rows.json": json.dumps(rows), "rows.jsonl": "\n".join(json.dumps(r) for r in rows)}
        seen = []
        for name, text in sheets.items():
            report = self.report(self.import_file(name, text, *MAP[:4], as_name=name.replace(".", "-")))
            seen.append([(c["treatment"], c["value"], c["low"], c["high"]) for c in report["cells"]])
        self.assertEqual(seen, [seen[0]] * 4)

    def test_google_benchmark_needs_no_map_and_its_machine_is_reported_as_theirs(self):
        finished = self.import_file("gb.json", json.dumps(GOOGLE_BENCHMARK).replace("100000002.0", "NaN"), "--baseline", "arg1=8")
        self.assertEqual((finished.status, finished.document["rows"]), (1, 7), finished)
        report = self.report(finished)
        times = {c["treatment"]["arg1"]: c for c in report["cells"] if c["metric"] == "time_s"}
        self.assertEqual([times[n]["treatment"]["benchmark"] for n in (8, 64, 512)], ["BM_sort"] * 3)
        self.assertAlmostEqual(times[64]["value"], 64e-9 * (10 * 11 * 12) ** (1 / 3), places=15)
        self.assertIn("no data\\u{001B}[2J", times[512]["reason"])
        self.assertEqual({c["clock"] for c in report["cells"] if c["metric"] == "cpu_s"}, {"cpu"})
        self.assertTrue(any("debug build" in w["text"] for w in report["warnings"]))
        run = pathlib.Path(finished.document["run"])
        manifest = (run / "manifest.json").read_text()
        self.assertEqual(json.loads(manifest)["imported"]["reported"]["num_cpus"], 8)
        for secret in ("secret-host", "somebody", str(self.folder)):
            self.assertNotIn(secret, manifest)

    def test_hyperfine_s_parameters_are_factors_and_failures_that_it_ignored_are_told(self):
        finished = self.import_file("hf.json", json.dumps(HYPERFINE), "--baseline", "t=0.1")
        report = self.report(finished)
        self.assertEqual([(c["treatment"], c["metric"], c["rounds"]) for c in report["cells"]], [({"t": 0.1}, "wall_s", 3), ({"t": 0.2}, "wall_s", 3)])
        self.assertEqual(report["comparisons"][0]["reason"], "not_interleaved")
        self.assertTrue(any("'sleep 0.2' failed in 1 of 3 runs" in w["text"] for w in report["warnings"]))
        plain = {"results": [{key: value for key, value in r.items() if key != "parameters"} for r in HYPERFINE["results"]]}
        report = self.report(self.import_file("plain.json", json.dumps(plain), as_name="plain"))
        self.assertEqual([c["treatment"]["command"] for c in report["cells"]], ["sleep 0.1", "sleep 0.2"])

    def test_compared_with_a_measured_run_it_is_incomparable(self):
        file = self.experiment("time_ns = [1000000, 2000000]", "baseline = { time_ns = 1000000 }")
        measured = self.run_experiment(file)
        self.assertIn(measured.status, (0, 1), measured)
        text = "time_ns,t\n1000000,1\n1000000,1.1\n2000000,2\n2000000,2.1\n"
        imported = self.import_file("theirs.csv", text, "--map", "time_ns=factor", "--map", "t=metric:time_s:ms").document["run"]
        both = self.assay("compare", measured.document["run"], imported, "--json").document
        self.assertEqual({(c["verdict"], c["reason"]) for c in both["comparisons"]}, {("incomparable", "provenance_differs")})
        self.assertEqual(len(both["comparisons"]), 2)
        self.assertIsNone(both["same_machine"])
        again = self.import_file("others.csv", text.replace("2.1", "2.2"), "--map", "time_ns=factor", "--map", "t=metric:time_s:ms", as_name="other").document["run"]
        both = self.assay("compare", imported, again, "--json").document
        self.assertEqual({(c["verdict"], c["reason"]) for c in both["comparisons"]}, {("inconclusive", "not_interleaved")})
        self.assertIn("isn't known", self.assay("compare", imported, again).stdout)

    def test_the_frozen_experiment_cannot_be_run_and_says_so(self):
        run = pathlib.Path(self.import_file("results.csv", GOOD, *MAP[:4]).document["run"])
        for verb in ("run", "plan", "try"):
            finished = self.assay(verb, run / "experiment.toml", "--json")
            self.assertEqual(finished.status, 2, finished)
            self.assertIn("[import] stands for results that were made elsewhere", finished.document["error"])

    # ── What doesn't ──────────────────────────────────────────────────────────────────────────────

    def test_the_proposed_line_imports_what_it_was_proposed_for(self):
        finished = self.import_file("results.csv", csv(), who=())
        self.refused(finished, "precision            text: fp32, int8")
        line = finished.document["error"].splitlines()[-1].strip()
        self.assertIn("--map precision=factor --map latency_ms=metric:latency_s:ms --map acc=metric:acc:% --map trial=round", line)
        self.refused(self.assay(*line.replace("'WHAT MADE IT, ON WHICH MACHINE'", "x").replace("'WHO RAN IT'", "y").split()[1:], "--json"), "--date YYYY-MM-DD: is no day")
        line = line.replace("'WHAT MADE IT, ON WHICH MACHINE'", "x").replace("'WHO RAN IT'", "y").replace("YYYY-MM-DD", "2026-11-20")
        self.assertEqual(self.assay(*line.split()[1:]).status, 0)

    def test_nothing_is_imported_without_source_date_and_author(self):
        self.refused(self.import_file("results.csv", csv(), *MAP, who=()), "add --source, --date, --by, e.g. --source ")
        self.refused(self.import_file("results.csv", csv(), *MAP, who=(*WHO[:2], "--date", "2026-02-30", *WHO[4:])), "--date 2026-02-30: is no day")
        self.refused(self.import_file("results.csv", csv(), *MAP, who=("--source", "a\x1b[2J", *WHO[2:])), "--source: holds U+001B")

    def test_mistakes_in_files(self):
        words = ("--map", "precision=factor", "--map", "latency_ms=metric:latency_s:ms")
        for name, (text, part) in MISTAKES.items():
            with self.subTest(mistake=name):
                self.refused(self.import_file("results.csv", text, *words), part)
        for name, (text, part) in JSON_MISTAKES.items():
            with self.subTest(mistake=name):
                self.refused(self.import_file("results.json", text, *words), part)
        self.refused(self.import_file("results.csv", "precision,latency_ms,s\nfp32,1,fine\n", *words, "--map", "s=outcome"), "results.csv:2: column 's': 'fine' is no outcome")

    def test_mistakes_in_words(self):
        for words, part in WORD_MISTAKES:
            with self.subTest(words=words):
                self.refused(self.import_file("results.csv", GOOD, *words), part)

    def test_what_is_no_file_is_refused_without_waiting_for_it(self):
        os.mkfifo(self.folder / "pipe.csv")
        for path, part in ((self.folder / "pipe.csv", "is no regular file"), ("/dev/zero", "is no regular file"), (self.folder, "is a folder"), ("absent.csv", "no such file")):
            self.refused(self.assay("import", path, "--as", "sweep", "--out", self.results, *WHO, "--json"), part)

    def test_no_name_leads_out_of_results(self):
        for name in ("../sweep", "/tmp/sweep", "..", "a/b", "a b", "", "\x1b[2J", "compare"):
            self.refused(self.import_file("results.csv", GOOD, *MAP[:4], as_name=name), "--as ")
        kept = self.import_file("-\x1b[2J\u202e.csv", GOOD, *MAP[:4])  # a file's name, too, is somebody's text
        self.assertEqual(kept.status, 2, kept)  # it begins like an option
        kept = self.import_file("./a\x1b[2J.csv", GOOD, *MAP[:4])
        self.assertEqual(kept.status, 0, kept)
        self.assertEqual([path.name for path in (pathlib.Path(kept.document["run"]) / "imported").iterdir()], ["a__2J.csv"])


if __name__ == "__main__":
    scripted.main()
