"""`[counters] simulate`: real workers under Valgrind, counted over their block alone, and marked so in the report."""
import shutil
import unittest

import scripted

N = 40
EXPERIMENT = f"""
[experiment]
name = "counted"
question = "How many instructions does a multiplication take?"
suite = "matmul-ladder"
baseline = {{ version = "3_c" }}
seed = 585
[factors]
version = ["1_python", "2_java", "3_c", "7_avx"]
[controls]
n = {N}
threads = 1
sample_rows = 0
[presets.quick]
rounds = 2
budget_s = 0.1
[counters]
simulate = "cachegrind"
"""


class Counters(scripted.Bench):
    @unittest.skipUnless(shutil.which("valgrind"), "Valgrind is not installed")
    def test_an_emulator_counts_the_block_of_one_more_process_a_treatment(self):
        finished = self.run_experiment(self.write("counted.toml", EXPERIMENT))
        self.assertIn(finished.status, (0, 1), finished)  # 1: a busy machine's cells fail; the emulator's counts don't
        (folder,) = self.run_folders()
        counts = {}
        for value in finished.document["counters"]:
            if value["provenance"] == "simulated":
                counts.setdefault(value["treatment"]["version"], {})[value["counter"]] = value["value"]
        self.assertEqual({"1_python", "3_c", "7_avx"}, set(counts), finished)
        for version, of in counts.items():
            self.assertEqual({"instructions", "l1d_misses", "llc_misses", "branch_misses"}, set(of), version)
        products = N ** 3
        self.assertLess(products, counts["3_c"]["instructions"])
        self.assertLess(counts["3_c"]["instructions"], 20 * products)  # the block alone: preparing and checking take more
        self.assertLess(counts["7_avx"]["instructions"], counts["3_c"]["instructions"])
        self.assertLess(20 * products, counts["1_python"]["instructions"])
        self.assertLess(counts["3_c"]["llc_misses"], 100)  # three matrices of 12.8 kB, and the caches are warm

        lines = self.journal(folder)
        phases = [line["phase"] for line in lines if line["type"] == "block" and line["round"] == 0 and line["phase"] != "rehearsal"]
        self.assertEqual(["warmup", "simulated"] * 3, phases)
        emulated = [line for line in lines if line["type"] == "replicate" and line["phase"] == "simulated"]
        self.assertEqual(["ok", "unsupported", "ok", "ok"], [line["outcome"] for line in emulated])
        self.assertNotIn("avx512", emulated[3]["libraries"]["isa"].lower().replace("-", ""))  # Valgrind knows none
        self.assertFalse([path for path in folder.glob("outputs/*") if "simulated" in path.name])
        self.assertEqual(self.assay("report", folder, "--to", "md").status, 0)
        report = (folder / "report" / "report.md").read_text(encoding="utf-8")
        self.assertIn("instructions, simulated", report)
        self.assertIn("simulated by Callgrind (", report)
        self.assertIn("Not simulated: 2_java (the Java virtual machine doesn't run under Valgrind)", report)
        self.assert_nothing_left()

    def test_a_worker_without_the_library_s_counters_is_not_simulated_and_loses_nothing_else(self):
        file = self.experiment("time_ns = [1000000, 1250000]", "[counters]\nsimulate = \"cachegrind\"", options=["--clock", "device_event"])
        finished = self.run_experiment(file)
        self.assertEqual(finished.status, 0, finished)
        self.assertEqual(finished.document["counters"], [])
        self.assertEqual({"ok"}, {cell["outcome"] for cell in finished.document["cells"]})
        reasons = {line["reason"] for line in self.journal(self.run_folders()[0]) if line["type"] == "failed"}
        self.assertEqual(1, len(reasons), reasons)
        self.assertRegex(reasons.pop(), "has no counters of Assay's|needs the program valgrind")
        self.assert_nothing_left()


if __name__ == "__main__":
    scripted.main()
