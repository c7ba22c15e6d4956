"""README, and the report that scripts/quickstart makes, show what runs gave: records_test.py TREE BIN.

The runs stand in docs/records.tar.gz (scripts/records writes it). Each block of the two documents and each figure that they show is made from
them again by `assay check`, and nothing may differ.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

TREE, BIN = map(pathlib.Path, sys.argv[1:3])


# Document, its figures, and how many blocks and figures it has at least: one that lost its blocks would agree, too.
DOCUMENTS = [("README.md", "docs/figures", 8, 4), ("docs/quickstart/report.md", "docs/quickstart/figures", 2, 4)]


def check(document, figures, least_blocks, least_figures):
    with tempfile.TemporaryDirectory(prefix="assay-records-") as scratch:
        project = pathlib.Path(scratch) / "project"
        (project / document).parent.mkdir(parents=True)
        (project / "assay.toml").write_text(f'[project]\nreport = "{document}"\n', encoding="utf-8")
        shutil.copy(TREE / document, project / document)
        shutil.copytree(TREE / figures, project / figures)
        with tarfile.open(TREE / "docs" / "records.tar.gz") as records:
            records.extractall(project, filter="data") if hasattr(tarfile, "data_filter") else records.extractall(project)
        done = subprocess.run([str(BIN / "assay"), "check", str(project), "--no-prose", "--json"], capture_output=True, text=True, check=False,
                              timeout=120, env={**os.environ, "NO_COLOR": "1"})
        said = json.loads(done.stdout)
        wrong = [f"{f['file']}:{f['line']}: {f['what']}; {f['remedy']}" for f in said["findings"] if f["severity"] != "note"]
        if wrong:
            sys.exit(f"{document} and its records differ; scripts/records measures and fills anew:\n" + "\n".join(wrong))
        (filled,) = said["documents"]
        print(f"{document}: {filled['agreeing']} of {filled['blocks']} blocks say what {len(said['runs'])} runs give; {filled['figures']} figures")
        if filled["blocks"] < least_blocks or filled["agreeing"] != filled["blocks"] or filled["figures"] < least_figures or len(said["runs"]) < 2:
            sys.exit(f"{document} shows less than it should")


if __name__ == "__main__":
    for row in DOCUMENTS:
        check(*row)
