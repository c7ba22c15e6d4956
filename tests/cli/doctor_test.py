"""assay doctor from outside: what it prints, OpenBLAS with the wrong kernels and the remedy followed, workers that are
missing or die, the machine's lock."""
import ctypes.util
import fcntl
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import unittest
import unittest.mock

import scripted

LOCK = "/tmp/assay-measuring.lock"
WORKER = "matmul_openblas_worker"

# Speaks for OpenBLAS: what it is by DESCRIBES[--best or not], what an iteration does by STEP.
FAKE_OPENBLAS = '''#!/usr/bin/env python3
import json, os, signal, sys, time
best = sys.argv[1:] == ["--best"]
for line in sys.stdin:
    request = json.loads(line)
    reply = {"ok": True}
    if request["op"] == "describe":
        reply.update(protocol=1, worker="fake", libraries=LIBRARIES[best],
                     metrics=[{"name": "time_s", "unit": "s", "direction": "lower", "clock": "wall", "scope": "block"}])
    elif request["op"] == "run":
        marks = []
        for iterations in (1, request["iterations"]):  # the first one settles
            begin = time.monotonic_ns()
            for _ in range(iterations):
                STEP
            marks.append(time.monotonic_ns() - begin)
        reply.update(elapsed=marks[1], unit="ns", clock="wall", settled=marks[0])
    elif request["op"] == "check":
        reply.update(max_error=0, tolerance=0, rule="fake")
    elif request["op"] == "quit":
        break
    print(json.dumps(reply), flush=True)
'''


def cpu_flags():
    match = re.search(r"^flags\s*:(.*)$", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    return set(match.group(1).split()) if match else set()


def why_no_openblas():
    if platform.machine() != "x86_64" or "avx2" not in cpu_flags():
        return "this processor has no AVX2: OpenBLAS has no clearly better kernels for it"
    if not (pathlib.Path(scripted.ASSAY).parent.parent / "libexec/assay" / WORKER).exists():
        return f"{WORKER} wasn't built"
    return None if ctypes.util.find_library("openblas") else "OpenBLAS is not installed"


class Doctor(scripted.Bench):
    def setUp(self):
        super().setUp()
        self.scratch = self.folder / "scratch"
        self.scratch.mkdir()
        self.variables = {"TMPDIR": str(self.scratch)}

    @property
    def environment(self):
        inherited = {name: value for name, value in super().environment.items() if name != "OPENBLAS_CORETYPE"}
        return {**inherited, **self.variables}

    def findings(self, *words, prepare=None, **variables):
        """name → finding of `assay doctor --json`, once its form was checked; `prepare` runs in the process before it."""
        self.variables.update(variables)
        finished = self.assay("doctor", "--json", *words, preexec_fn=prepare)
        self.assertEqual(finished.status, 0, finished)
        self.assert_nothing_left()
        self.assertEqual([], list(self.scratch.iterdir()), "left in the temporary folder")
        document = finished.document
        for finding in document:
            with self.subTest(finding=finding.get("name")):
                self.assertEqual({"name", "status", "value", "advice", "cost"}, set(finding))
                self.assertIn(finding["status"], ("ok", "warning", "unavailable"))
                self.assertTrue(finding["value"])
                if finding["status"] == "warning":
                    self.assertTrue(finding["advice"])
                for value in (finding["cost"] or {}).values():
                    self.assertIsInstance(value, (int, float))
                self.assertTrue(0 <= (finding["cost"] or {}).get("loss", 0) <= 1, finding)
        by_name = {finding["name"]: finding for finding in document}
        self.assertEqual(len(document), len(by_name), "a name stands twice")
        return by_name

    def installed_copy(self, worker=None):
        """This assay with no worker beside it but, as OpenBLAS's, the given script."""
        binary = self.folder / "bin" / "assay"
        libexec = self.folder / "libexec" / "assay"
        for folder in (binary.parent, libexec):
            folder.mkdir(parents=True)
        shutil.copy(scripted.ASSAY, binary)
        if worker is not None:
            (libexec / WORKER).write_text(worker, encoding="utf-8")
            (libexec / WORKER).chmod(0o755)
        return unittest.mock.patch.object(scripted, "ASSAY", str(binary))

    def fake_openblas(self, libraries, step="pass"):
        return self.installed_copy(FAKE_OPENBLAS.replace("LIBRARIES", repr(libraries)).replace("STEP", step))

    # ── What it says ──────────────────────────────────────────────────────────────────────────────

    def test_every_noise_source_has_a_finding_and_what_was_measured_its_cost(self):
        findings = self.findings()
        self.assertLessEqual({"processor", "kinds of cores", "SMT", "usable CPUs", "CPU quota", "clock rate", "power", "steal", "detours",
                              "steadiness", "other programs", "memory", "swap", "huge pages", "address layout", "environment size", "clock",
                              "timer", "thread pools", "BLAS kernels", "hardware counters", "worker counters", "system"}, set(findings))
        for name in ("detours", "steadiness"):
            self.assertIn("loss", findings[name]["cost"])
        self.assertGreater(findings["clock"]["cost"]["reading_s"], 0)

    def test_twenty_lines_of_a_hundred_columns_answer_the_question(self):
        finished = self.assay("doctor")
        self.assertEqual(finished.status, 0, finished)
        lines = finished.stdout.splitlines()
        self.assertLessEqual(len(lines), 20, finished)
        self.assertEqual([], [line for line in lines if len(line) > 100])
        self.assertRegex(lines[0], r"^This machine (can be measured on|is too disturbed)")
        self.assertNotIn("\x1b", finished.stdout)
        longer = self.assay("doctor", "--all", "--quick")
        self.assertEqual(longer.status, 0, longer)
        for name in ("address layout", "environment size", "thread pools"):
            self.assertRegex(longer.stdout, rf"(?m)^. {name} ")

    def test_quick_measures_nothing(self):
        findings = self.findings("--quick")
        self.assertNotIn("detours", findings)
        self.assertNotIn("steadiness", findings)
        self.assertNotIn("gain", findings["BLAS kernels"]["cost"] or {})
        self.assertNotIn("gain", findings["huge pages"]["cost"] or {})

    def test_the_machine_sheet_is_measured_shown_and_kept_for_runs(self):
        state = self.folder / "state"
        self.variables["XDG_STATE_HOME"] = str(state)
        finished = self.assay("doctor", "--quick", "--sheet", "--json")
        self.assertEqual(finished.status, 0, finished)
        sheet = finished.document[-1]["sheet"]
        loops = {(c["loop"], c.get("level") or c["precision"], c["threads"]) for c in sheet["ceilings"]}
        self.assertEqual(len(sheet["ceilings"]), len(loops), "a ceiling stands twice")
        self.assertLessEqual({("fma", "f64", 1), ("fma", "f32", 1), ("triad", "dram", 1), ("latency", "dram", 1)}, loops)
        for ceiling in sheet["ceilings"]:
            if "reason" not in ceiling:
                self.assertTrue(0 < ceiling["low"] <= ceiling["value"] <= ceiling["high"], ceiling)
        kept, = (state / "assay").iterdir()
        self.assertEqual(sheet, json.loads(kept.read_text(encoding="utf-8")))
        self.run_experiment(self.experiment('fault = ["none"]'))
        run, = self.run_folders()
        manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
        self.assertEqual(sheet, manifest["machine"]["sheet"])
        kept.write_text("{", encoding="utf-8")  # torn: as good as none
        self.run_experiment(self.experiment('fault = ["none"]'))
        again, = set(self.run_folders()) - {run}
        manifest = json.loads((again / "manifest.json").read_text(encoding="utf-8"))
        self.assertIn("assay doctor --sheet", manifest["machine"]["sheet"]["reason"])

    def test_a_variable_that_makes_pools_spin_is_named(self):
        findings = self.findings("--quick", OMP_WAIT_POLICY="active", GOMP_SPINCOUNT="1000000")
        self.assertEqual(findings["thread pools"]["status"], "warning")
        self.assertEqual(findings["thread pools"]["advice"], "unset GOMP_SPINCOUNT OMP_WAIT_POLICY")

    def test_a_single_cpu_that_it_may_use_is_a_warning_and_the_one_that_it_watches(self):
        cpu = max(os.sched_getaffinity(0))
        findings = self.findings(prepare=lambda: os.sched_setaffinity(0, {cpu}))
        self.assertEqual(findings["usable CPUs"]["status"], "warning")
        self.assertIn("only one CPU", findings["usable CPUs"]["value"])
        self.assertIn(f"CPU {cpu} ", findings["detours"]["value"])

    # ── OpenBLAS ──────────────────────────────────────────────────────────────────────────────────

    def test_the_wrong_kernels_are_named_with_the_loss_and_the_remedy_mends_it(self):
        if why_no_openblas():
            self.skipTest(why_no_openblas())
        blas = self.findings(OPENBLAS_CORETYPE="Prescott")["BLAS kernels"]
        self.assertEqual(blas["status"], "warning")
        self.assertRegex(blas["value"], r"Prescott \(set by OPENBLAS_CORETYPE\).* \[[\d.]+, [\d.]+\] as fast")
        self.assertGreater(blas["cost"]["gain"], 1.5)
        self.assertLessEqual(blas["cost"]["gain_low"], blas["cost"]["gain"])
        self.assertLessEqual(blas["cost"]["gain"], blas["cost"]["gain_high"])
        name, value = re.match(r"export (\w+)=(\w+)", blas["advice"]).groups()
        self.assertIn(value, blas["value"])
        mended = self.findings(**{name: value})["BLAS kernels"]
        self.assertEqual(mended["status"], "ok", mended)
        self.assertIn(f"uses {value}", mended["value"])

    def test_kernels_that_this_processor_cannot_run_are_a_finding(self):
        if why_no_openblas() or "fma4" in cpu_flags():
            self.skipTest(why_no_openblas() or "this processor runs Bulldozer's kernels")
        blas = self.findings(OPENBLAS_CORETYPE="Bulldozer")["BLAS kernels"]
        self.assertEqual(blas["status"], "warning")
        self.assertIn("Bulldozer", blas["value"])
        self.assertIn("SIGILL", blas["value"])
        self.assertIn("export OPENBLAS_CORETYPE=", blas["advice"])

    def test_the_gain_is_that_of_the_workers(self):
        with self.fake_openblas([{"openblas": "1.2.3 Old"}, {"openblas": "1.2.3 New"}], "time.sleep(0.002 if best else 0.008)"):
            blas = self.findings()["BLAS kernels"]
        self.assertEqual(blas["status"], "warning")
        self.assertIn("OpenBLAS 1.2.3 uses Old; New is", blas["value"])
        self.assertIn("export OPENBLAS_CORETYPE=New,", blas["advice"])
        self.assertGreater(blas["cost"]["gain"], 1.5)

    def test_kernels_of_another_name_that_are_as_fast_are_fine(self):
        with self.fake_openblas([{"openblas": "1.2.3 Other"}, {"openblas": "1.2.3 New"}], "time.sleep(0.004)"):
            blas = self.findings()["BLAS kernels"]
        self.assertEqual(blas["status"], "ok", blas)
        self.assertIn("New is no better", blas["value"])

    def test_a_worker_that_dies_or_knows_no_library_or_is_not_there_is_a_finding(self):
        dies = "best or os.kill(os.getpid(), signal.SIGILL)"
        cases = {
            "dies": (self.fake_openblas, ([{"openblas": "1.2.3 Old"}, {"openblas": "1.2.3 New"}], dies), "warning", "killed by SIGILL", "export"),
            "no library": (self.fake_openblas, ([{}, {}],), "unavailable", "libopenblas.so.0 is not installed", "apt-get install"),
            "babbles": (self.installed_copy, ("#!/bin/sh\nread request\necho hello\n",), "unavailable", "not JSON", "describe"),
            "not there": (self.installed_copy, (), "unavailable", WORKER, "scripts/install"),
        }
        for name, (make, arguments, status, value, advice) in cases.items():
            with self.subTest(name), make(*arguments):
                blas = self.findings()["BLAS kernels"]
                self.assertEqual(blas["status"], status)
                self.assertIn(value, blas["value"])
                self.assertIn(advice, blas["advice"])
            shutil.rmtree(self.folder / "bin")
            shutil.rmtree(self.folder / "libexec")

    # ── Beside others ─────────────────────────────────────────────────────────────────────────────

    def test_it_waits_for_another_run_and_says_so(self):
        self.findings("--quick")  # the lock file exists from now on
        with open(LOCK, "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            process = self.start("doctor", "--quick", "--json")
            self.wait_for_line(process, "waiting: another assay run is measuring on this machine")
        finished = self.finish(process)
        self.assertEqual(finished.status, 0, finished)
        self.assertTrue(json.loads(finished.stdout))

    def test_an_interrupt_ends_it_and_leaves_nothing(self):
        with self.fake_openblas([{"openblas": "1.2.3 Old"}, {"openblas": "1.2.3 New"}], "time.sleep(0.01)"):
            process = self.start("doctor", "--json")
            self.wait_for_line(process, "comparing OpenBLAS's kernels")
            process.send_signal(signal.SIGINT)
            finished = self.finish(process)
        self.assertEqual(finished.status, 4, finished)
        self.assertEqual({"error": "interrupted"}, finished.document)
        self.assert_nothing_left()
        self.assertEqual([], list(self.scratch.iterdir()))


if __name__ == "__main__":
    scripted.main()
