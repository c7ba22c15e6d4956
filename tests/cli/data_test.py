"""`assay data` from outside: nothing here, then whatever stands in folders of the test's own. No network."""
import os
import subprocess

import scripted


class Data(scripted.Bench):
    def data(self, *words, **environment):
        clean = {name: value for name, value in os.environ.items() if name not in ("ASSAY_DATA", "ASSAY_DATA_MIRROR")}
        done = subprocess.run([scripted.ASSAY, "data", *map(str, words)], capture_output=True, text=True, timeout=scripted.PATIENCE_S,
                              cwd=self.folder, env={**clean, "XDG_CACHE_HOME": str(self.folder / "cache"), **environment})
        return scripted.Finished(done.returncode, done.stdout, done.stderr)

    def test_list_says_what_is_absent_and_what_brings_it(self):
        listed = self.data("list")
        self.assertEqual(listed.status, 0, listed)
        self.assertIn("mnist is not on this machine; run: assay data fetch mnist", listed.stdout)
        (mnist,) = [entry for entry in self.data("list", "--json").document["datasets"] if entry["name"] == "mnist"]
        self.assertIsNone(mnist["folder"])

    def test_files_that_are_not_the_set_are_refused_with_both_hashes_and_change_nothing(self):
        mine = self.folder / "mine"
        mine.mkdir()
        for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
            (mine / name).write_bytes(b"\0\0\x08\x03 and nothing else")
        fetched = self.data("fetch", "mnist", "--from", mine, "--json")
        self.assertEqual(fetched.status, 1, fetched)
        (mnist,) = fetched.document["datasets"]
        self.assertRegex(mnist["error"], r"SHA-256 [0-9a-f]{64} \(\d+ bytes\) instead of [0-9a-f]{64}")
        self.assertEqual([path.name for path in (self.folder / "cache/assay/data/mnist").iterdir()], [".lock"])
        # In the place where data stands they are found, and found out.
        verified = self.data("verify", "mnist", "--json", ASSAY_DATA=str(mine))
        self.assertEqual(verified.status, 1, verified)
        self.assertEqual([file["error"] is None for file in verified.document["datasets"][0]["files"]], [False] * 4)

    def test_bad_input_has_its_message(self):
        for words, message in ((["fetch", "cifar"], "there is no data set 'cifar'; there are: mnist, fashion-mnist"),
                               (["fetch", "mnist", "--from", "absent"], "--from absent: is no folder"),
                               ([], "subcommand"), (["verify", "mnist"], "run: assay data fetch mnist")):
            finished = self.data(*words)
            self.assertEqual(finished.status, 1 if words[:1] == ["verify"] else 2, finished)
            self.assertIn(message, finished.stderr)


if __name__ == "__main__":
    scripted.main()
