"""Ctrl-C, kill -9, a full disk, a second run: nothing survives, at most the block in flight is lost, --resume goes on."""
import fcntl
import os
import pathlib
import random
import resource
import signal
import subprocess
import time
import unittest

import scripted

LOCK = pathlib.Path("/tmp/assay-measuring.lock")


class Interruption(scripted.Bench):
    def setUp(self):
        super().setUp()
        self.tally = self.folder / "tally"
        self.file = self.experiment("time_ns = [1000000, 1300000]",
                                    f'baseline = {{ time_ns = 1000000 }}\n[controls]\ntally = "{self.tally}"',
                                    preset="rounds = 3\nbudget_s = 0.1")

    def undisturbed(self):
        """The schedule of this plan, by a run that nothing interrupts, and the seconds that it took."""
        begin = time.monotonic()
        finished = self.assay("run", self.file, "--out", self.folder / "whole", "--json")
        self.assertEqual(finished.status, 0, finished)
        (folder,) = (path.parent for path in (self.folder / "whole").glob("**/journal.jsonl"))
        return self.schedule(folder), time.monotonic() - begin

    def resume(self, folder, **settings):
        return self.run_experiment(self.file, "--resume", folder, **settings)

    def assert_completes(self, folder, schedule):
        finished = self.resume(folder)
        self.assertEqual(finished.status, 0, finished)
        self.assertEqual(self.schedule(folder), schedule)
        self.assertEqual({cell["outcome"] for cell in finished.document["cells"]}, {"ok"})
        self.assert_nothing_left()

    # ── Ctrl-C ────────────────────────────────────────────────────────────────────────────────────

    def interrupt_at(self, text, number=signal.SIGINT):
        process = self.start("run", self.file, "--out", self.results, "--json", start_new_session=True)
        self.wait_for_line(process, text)
        process.send_signal(number)
        return self.finish(process)

    def test_ctrl_c_in_a_round_ends_in_order_and_says_how_to_go_on(self):
        schedule, _ = self.undisturbed()
        finished = self.interrupt_at("round 2 of 3")
        self.assertEqual(finished.status, 4, finished)
        self.assert_nothing_left()
        message = finished.document["error"]
        self.assertIn("interrupted; go on with: assay run", message)
        (folder,) = self.run_folders()
        self.assertEqual(self.journal(folder)[-1]["stopped_by"], "interrupt")
        words = message.split("go on with: assay ")[1].split()  # literally what it says
        self.assertEqual(self.assay(*words).status, 0)
        self.assertEqual(self.schedule(folder), schedule)

    def test_ctrl_c_in_the_rehearsal(self):
        schedule, _ = self.undisturbed()
        finished = self.interrupt_at("rehearsal time_ns=1000000")
        self.assertEqual(finished.status, 4, finished)
        self.assert_nothing_left()
        (folder,) = self.run_folders()
        self.assert_completes(folder, schedule)

    def test_a_termination_is_like_ctrl_c(self):
        finished = self.interrupt_at("round 1 of 3", signal.SIGTERM)
        self.assertEqual(finished.status, 4, finished)
        self.assertIn("--resume", finished.document["error"])
        self.assert_nothing_left()

    def test_ctrl_c_of_a_hanging_worker_does_not_wait_for_it(self):
        self.file = self.experiment('fault = ["none", "hang"]', "[limits]\nblock_s = 1000")
        process = self.start("run", self.file, "--out", self.results, "--json")
        self.wait_for_line(process, "rehearsal fault=hang")
        self.assertTrue(scripted.eventually(lambda: len(list(self.results.glob("**/logs/*"))) == 2))
        process.send_signal(signal.SIGINT)
        self.assertEqual(self.finish(process).status, 4)
        self.assert_nothing_left()

    # ── kill -9 ───────────────────────────────────────────────────────────────────────────────────

    def killed_after(self, seconds, *words):
        process = self.start("run", self.file, "--out", self.results, "--json", *words)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        self.assert_nothing_left()
        return process.returncode == -signal.SIGKILL

    def kill_at_random_instants(self, times):
        schedule, seconds = self.undisturbed()
        rng = random.Random(585)
        killed = resumed = 0
        for trial in range(times):
            self.results = self.folder / f"results-{trial}"
            self.tally.write_bytes(b"")
            words = ()
            for _ in range(rng.choice([1, 1, 2])):  # sometimes the resumed run is killed too
                if not self.killed_after(rng.uniform(0, seconds), *words):
                    break
                killed += 1
                folders = [path for path in self.run_folders() if (path / "journal.jsonl").exists()]
                if not folders:
                    break  # killed before there was anything to lose
                words = ("--resume", folders[0])
                blocks = [line for line in self.journal(folders[0]) if line["type"] == "block"]
                self.assertLessEqual(self.tally.stat().st_size, len(blocks) + 1, "more than the block in flight was lost")
            folders = [path for path in self.run_folders() if (path / "journal.jsonl").exists()]
            if folders and self.journal(folders[0])[-1:] and self.journal(folders[0])[-1]["type"] != "end":
                with self.subTest(trial=trial):
                    self.assert_completes(folders[0], schedule)
                resumed += 1
        self.assertGreater(killed, times // 2)
        self.assertGreater(resumed, times // 4)

    def test_kill_9_at_random_instants(self):
        self.kill_at_random_instants(20)

    @unittest.skipUnless(os.environ.get("ASSAY_LONG_TESTS"), "long: ASSAY_LONG_TESTS=1")
    def test_kill_9_at_many_random_instants(self):
        self.kill_at_random_instants(100)

    def test_a_killed_keeper_ends_the_run_and_every_worker(self):
        schedule, _ = self.undisturbed()
        process = self.start("run", self.file, "--out", self.results, "--json")
        self.wait_for_line(process, "round 2 of 3")
        (keeper,) = [pid for pid, command in self.processes().items() if " __keeper " in command]
        os.kill(keeper, signal.SIGKILL)
        finished = self.finish(process)
        self.assertEqual(finished.status, 4, finished)
        self.assertIn("keeper process was killed", finished.document["error"])
        self.assert_nothing_left()
        (folder,) = self.run_folders()
        self.assert_completes(folder, schedule)

    # ── A full disk ───────────────────────────────────────────────────────────────────────────────

    def test_a_journal_at_the_limit_of_file_sizes(self):
        schedule, _ = self.undisturbed()
        (whole,) = (self.folder / "whole").glob("**/journal.jsonl")
        limit = whole.stat().st_size * 3 // 4
        self.assertGreater(limit, (whole.parent / "manifest.json").stat().st_size, "the manifest would not fit")
        finished = self.run_experiment(
            self.file, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY)))
        self.assertEqual(finished.status, 4, finished)
        self.assertIn("ulimit -f", finished.document["error"])
        self.assertIn("--resume", finished.document["error"])
        self.assert_nothing_left()
        (folder,) = self.run_folders()
        self.assertGreater(len(self.journal(folder)), 5)
        self.assertTrue((folder / "journal.jsonl").read_bytes().endswith(b"\n"))
        self.assert_completes(folder, schedule)

    def fill_a_disk_at(self, step):
        """The run stops with a message, what is journalled is whole, and with room again it goes on."""
        disk = self.folder / "disk"
        disk.mkdir()
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], stderr=subprocess.DEVNULL).returncode:
            self.skipTest("no small file system can be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
        schedule, _ = self.undisturbed()
        self.results = disk
        process = self.start("run", self.file, "--out", disk, "--json")
        self.wait_for_line(process, step)
        try:
            with open(disk / "filler", "wb", buffering=0) as file:
                while True:
                    file.write(b"x" * 4096)
        except OSError:
            pass  # it is full
        finished = self.finish(process)
        self.assertEqual(finished.status, 4, finished)
        self.assertIn("no space left on", finished.document["error"].lower())
        self.assertIn("go on with: assay run", finished.document["error"])
        self.assert_nothing_left()
        (folder,) = self.run_folders()
        self.journal(folder)
        subprocess.run(["mount", "-o", "remount,size=10m", disk], check=True)
        self.assert_completes(folder, schedule)

    def test_a_disk_that_is_full_in_the_rehearsal(self):
        self.fill_a_disk_at("rehearsal time_ns")

    def test_a_disk_that_is_full_in_a_round(self):
        self.fill_a_disk_at("round 1 of 3")

    # ── One measuring run a machine ───────────────────────────────────────────────────────────────

    def held_lock(self):
        lock = os.open(LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        self.addCleanup(os.close, lock)
        fcntl.flock(lock, fcntl.LOCK_EX)
        return lock

    def test_a_second_run_says_that_it_waits_and_then_measures(self):
        lock = self.held_lock()
        process = self.start("run", self.file, "--out", self.results, "--json")
        self.wait_for_line(process, "waiting: another assay run is measuring")
        self.assertEqual(self.run_folders(), [])
        fcntl.flock(lock, fcntl.LOCK_UN)
        self.assertEqual(self.finish(process).status, 0)
        self.assertEqual(len(self.run_folders()), 1)

    def test_ctrl_c_while_waiting_starts_nothing(self):
        self.held_lock()
        process = self.start("run", self.file, "--out", self.results, "--json")
        self.wait_for_line(process, "waiting")
        process.send_signal(signal.SIGINT)
        finished = self.finish(process)
        self.assertEqual(finished.status, 4, finished)
        self.assertIn("nothing was started", finished.document["error"])
        self.assertEqual(self.run_folders(), [])


if __name__ == "__main__":
    scripted.main()
