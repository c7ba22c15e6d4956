"""A mistake in a file or on the command line: one message that says where, exit 2, and nothing written."""
import os

import scripted

GOOD = """[experiment]
name = "good"
question = "?"
baseline = { n = 1 }
[worker]
command = ["true"]
[factors]
n = [1, 2]
"""

# What was done to GOOD, the line that the message must name (None: the file as a whole), a part of the message.
MISTAKES = {
    "unknown key": (GOOD.replace('question = "?"', 'question = "?"\nquestoin = "?"'), 4, "questoin"),
    "unknown section": (GOOD + "[factor]\nx = [1]\n", 9, "factor"),
    "no factors": (GOOD.replace("n = [1, 2]\n", "n = []\n"), 8, "'n' has no levels"),
    "wrong type": (GOOD.replace("n = [1, 2]", "n = 3"), 8, "n"),
    "level that is a list": (GOOD.replace("n = [1, 2]", "n = [1, [2]]"), 8, "n"),
    "level that comes twice": (GOOD.replace("n = [1, 2]", "n = [1, 2, 1]"), 8, "1"),
    "factor that comes twice": (GOOD + "n = [3]\n", 9, "n"),
    "level out of range": (GOOD + "threads = [0, 1]\n", 9, "threads"),
    "infinite level": (GOOD.replace("n = [1, 2]", "n = [1, inf]"), 8, "n"),
    "baseline that isn't there": (GOOD.replace("{ n = 1 }", "{ n = 7 }"), 4, "7"),
    "negative limit": (GOOD + "[limits]\nblock_s = -1\n", 10, "block_s"),
    "too few rounds": (GOOD + "[presets.quick]\nrounds = 1\n", 10, "rounds"),
    "no name": (GOOD.replace('name = "good"\n', ""), None, "name"),
    "no workload": (GOOD.replace('[worker]\ncommand = ["true"]\n', ""), None, "command"),
    "unknown suite": (GOOD.replace("[worker]\ncommand = [\"true\"]\n", "").replace("baseline", 'suite = "no-such"\nbaseline'), 4, "no-such"),
    "placeholder without a factor": (GOOD.replace('[worker]\ncommand = ["true"]', '[command]\nrun = ["true", "{m}"]'), 6, "m"),
    "bad expression": (GOOD.replace('[worker]\ncommand = ["true"]', "[command]\nrun = [\"true\"]\nmatch = { a = '((' }\n[metrics.a]\nunit = \"s\""), 7, "no regular expression"),
    "hypothesis about nothing": (GOOD + '[[hypothesis]]\nid = "H1"\nclaim = "c"\nmetric = "t"\nexpect = "< 1"\nratio = { of = { n = 9 }, to = { n = 1 } }\n', None, "9"),
    "primary metric that a command doesn't have": (GOOD.replace('[worker]\ncommand = ["true"]', '[command]\nrun = ["true"]') + '[metrics]\nprimary = ["speed"]\n', 10, "speed"),
    "no TOML": ("this is not TOML\n", 1, ""),
    "open string": (GOOD + '[controls]\nx = "abc\n', 10, ""),
    "empty": ("", None, "experiment"),
    "invalid UTF-8": (GOOD.encode().replace(b'"?"', b'"\xff\xfe"'), 3, "UTF-8"),
    "a NUL byte": (GOOD.encode().replace(b'"?"', b'"\0"'), 3, ""),
}


class BadFiles(scripted.Bench):
    def check(self, finished, name, line, part):
        self.assertEqual(finished.status, 2, finished)
        message = finished.document["error"]
        self.assertIn(f"{name}:{line}: " if line else name, message)
        self.assertIn(part, message)
        self.assertIn(message.splitlines()[0], finished.stderr)
        self.assertNotIn("terminate", finished.stderr)
        self.assertFalse(self.results.exists(), "something was written")
        self.assert_nothing_left()

    def test_mistakes(self):
        for name, (text, line, part) in MISTAKES.items():
            with self.subTest(mistake=name):
                (self.folder / "bad.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
                before = sorted(os.listdir(self.folder))
                self.check(self.run_experiment("bad.toml"), "bad.toml", line, part)
                self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_the_file_without_a_mistake_is_none(self):
        self.write("good.toml", GOOD)
        self.assertNotEqual(self.run_experiment("good.toml").status, 2)

    def test_a_directory(self):
        (self.folder / "bad.toml").mkdir()
        self.check(self.run_experiment("bad.toml"), "bad.toml", None, "folder")

    def test_a_file_that_is_not_there(self):
        self.check(self.run_experiment("bad.toml"), "bad.toml", None, "")

    def test_a_hundred_megabytes_of_garbage(self):
        with open(self.folder / "bad.toml", "wb") as file:
            for _ in range(100):
                file.write(os.urandom(1_000_000))
        finished = self.run_experiment("bad.toml")
        self.check(finished, "bad.toml", None, "")
        self.assertLess(len(finished.stderr), 2000)

    def test_try_and_plan_say_the_same(self):
        self.write("bad.toml", MISTAKES["unknown key"][0])
        messages = {self.assay(verb, "bad.toml", "--json").document["error"] for verb in ("run", "try", "plan")}
        self.assertEqual(len(messages), 1)

    def test_a_preset_that_the_file_doesnt_declare(self):
        self.write("good.toml", GOOD)
        self.check(self.run_experiment("good.toml", "--preset", "huge"), "good.toml", None, "huge")

    def test_published_figures_with_a_mistake(self):
        self.write("paper.toml", 'source = "a paper"\nalong = "n"\n[[row]]\ntime_s = 1\n')
        self.write("good.toml", GOOD.replace("baseline", 'published = "paper.toml"\nbaseline'))
        self.check(self.run_experiment("good.toml"), "paper.toml", 3, "n")

    def test_usage(self):
        self.write("good.toml", GOOD)
        for words in ([], ["run"], ["fly"], ["run", "good.toml", "--no-such"], ["run", "good.toml", "--fail-on", "rain"],
                      ["report", "no-such-run"], ["run", "good.toml", "--resume", "no-such-run"]):
            with self.subTest(words=words):
                finished = self.assay(*words)
                self.assertEqual(finished.status, 2, finished)
                self.assertTrue(finished.stderr.startswith("assay: "), finished)

    def test_help_has_an_example_for_every_verb(self):
        for verb in ("list", "doctor", "try", "plan", "run", "compare", "report"):
            finished = self.assay(verb, "--help")
            self.assertEqual(finished.status, 0)
            self.assertIn(f"Example: assay {verb}", finished.stdout)


if __name__ == "__main__":
    scripted.main()
