"""README shows what runs gave: records_test.py TREE BIN.

The runs stand in docs/records.tar.gz (scripts/records writes it). Each block of README and each figure that it shows is made from them
again by `assay check`, and nothing may differ.
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


def main():
    with tempfile.TemporaryDirectory(prefix="assay-records-") as scratch:
        project = pathlib.Path(scratch) / "readme"
        project.mkdir()
        (project / "assay.toml").write_text('[project]\nreport = "README.md"\n', encoding="utf-8")
        shutil.copy(TREE / "README.md", project)
        shutil.copytree(TREE / "docs" / "figures", project / "docs" / "figures")
        with tarfile.open(TREE / "docs" / "records.tar.gz") as records:
            records.extractall(project, filter="data") if hasattr(tarfile, "data_filter") else records.extractall(project)
        done = subprocess.run([str(BIN / "assay"), "check", str(project), "--no-prose", "--json"], capture_output=True, text=True, check=False,
                              timeout=120, env={**os.environ, "NO_COLOR": "1"})
        document = json.loads(done.stdout)
        wrong = [f"{f['file']}:{f['line']}: {f['what']}; {f['remedy']}" for f in document["findings"] if f["severity"] != "note"]
        if wrong:
            sys.exit("README and its records differ; scripts/records measures and fills anew:\n" + "\n".join(wrong))
        (readme,) = document["documents"]
        print(f"README: {readme['agreeing']} of {readme['blocks']} blocks say what {len(document['runs'])} runs give; {readme['figures']} figures")
        if readme["blocks"] < 6 or readme["agreeing"] != readme["blocks"] or readme["figures"] < 3 or len(document["runs"]) < 2:
            sys.exit("README shows less than it should")


if __name__ == "__main__":
    main()
