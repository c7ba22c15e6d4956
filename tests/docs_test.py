"""The documents do what they say.

    docs_test.py TREE --listed FILE…     these are all the Markdown files of TREE that hold commands
    docs_test.py TREE BIN FILE           follows one of them, in a copy of TREE, with the programs of BIN first on the
                                         PATH and an empty home

- a fenced block whose first line is a comment with a path ("# suites/x/suite.toml", "<!-- my/report.md -->") is written
  to that file;
- in ```console blocks, a line that begins with "$ " is run, and must succeed. The other lines are what it printed once.

All commands of a file run in one shell, so that `cd` lasts. What isn't run is listed below, with its reason.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

NOT_RUN = [  # a whole command, as a regular expression, and why not
    (r"scripts/quickstart", "installs packages and measures for five minutes; README's other commands are its steps"),
    (r"scripts/test", "is what runs this test"),
]
LONGEST_S = 3000  # of a document: the one that builds the tree anew takes minutes
# On a machine that others keep busy a run says so and fails those cells; that is no mistake of the document.
BUSY = """only_disturbed() {
  assay report latest --json | python3 -c 'import json, sys
failed = [c for c in json.load(sys.stdin)["cells"] if c["outcome"] not in ("ok", "unsupported")]
sys.exit(not failed or not all("stolen by other work" in c["reason"] for c in failed))'
}"""


def blocks(text):
    """(language, lines) of each fenced block."""
    for match in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield match.group(1), match.group(2).splitlines()


def named_file(lines):
    """The path that a block's first line gives, or None."""
    match = re.fullmatch(r"(?:#|//) (\S+/\S+\.\w+|CMakeLists\.txt)|<!-- (\S+/\S+\.md) -->", lines[0]) if lines else None
    return match.group(1) or match.group(2) if match else None


def why_not(command):
    for pattern, reason in NOT_RUN:
        if re.fullmatch(pattern, command):
            return reason
    return None


def script_of(text):
    """What the document asks for, as one shell script, and how many files and commands to run it holds."""
    lines, count = ["set -u", BUSY], 0
    for language, block in blocks(text):
        path = named_file(block)
        if path:
            count += 1
            lines += [f"mkdir -p '{os.path.dirname(path) or '.'}'", f"cat > '{path}' <<'END OF FILE'", *block, "END OF FILE"]
        if language != "console":
            continue
        for line in block:
            if not line.startswith("$ "):
                continue
            command = line[2:].strip()
            reason = why_not(command)
            if reason:
                lines.append(f"echo {shell_word(f'not run: {command}: {reason}')}")
            else:
                count += 1
                measures = re.search(r"\bassay run\b", command)
                lines += [f"echo {shell_word('$ ' + command)}", f"{{ {command}",  # `set -e` wouldn't see `a && b` fail
                          "} || { test $? = 1 && only_disturbed; } || exit 1" if measures else "} || exit $?"]
    return "\n".join(lines) + "\n", count


def shell_word(text):
    return "'" + text.replace("'", "'\\''") + "'"


def check_that_listed(tree, names):
    """Each document with commands is one of `names`, and each of those has some."""
    others = {"build", "results", ".git"}
    holding = {str(path.relative_to(tree)) for path in tree.rglob("*.md")
               if not others & set(path.relative_to(tree).parts) and script_of(path.read_text(encoding="utf-8"))[1] > 0}
    if holding != set(names):
        sys.exit(f"documents with commands: {sorted(holding)}; followed by ctest: {sorted(names)}; tests/CMakeLists.txt has the list")


def main():
    tree = pathlib.Path(sys.argv[1])
    if sys.argv[2] == "--listed":
        return check_that_listed(tree, sys.argv[3:])
    binaries, name = map(pathlib.Path, sys.argv[2:4])
    script, _ = script_of((tree / name).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="assay-docs-") as scratch:
        copy, home = pathlib.Path(scratch) / "assay", pathlib.Path(scratch) / "home"
        home.mkdir()
        shutil.copytree(tree, copy, symlinks=True, ignore=shutil.ignore_patterns("build", "results", "__pycache__", ".git"))
        environment = {**os.environ, "HOME": str(home), "PATH": f"{binaries}:{os.environ['PATH']}", "NO_COLOR": "1"}
        for variable in ("ASSAY_SUITE_PATH", "MAKEFLAGS"):
            environment.pop(variable, None)
        done = subprocess.run(["bash", "-c", script], cwd=copy, env=environment, stdin=subprocess.DEVNULL,
                              timeout=LONGEST_S, check=False)
        if done.returncode != 0:
            sys.exit(f"{name}: the last command shown above failed with status {done.returncode}")


if __name__ == "__main__":
    main()
