"""A file of comparisons, one JSON line each, to which a later run adds: what is there is counted, never measured again.

    results = Results(folder / "aa.jsonl", {"assay": "0.1.0 (commit 1a2b3c4)"})
    while results.count(condition="idle") < 3000: results.append({"condition": "idle", ...})

What is finished may be packed (gzip -9n aa.jsonl): aa.jsonl.gz counts as the beginning of aa.jsonl.
"""
import gzip
import json
import os
import pathlib
import statistics
import time


class Results:
    def __init__(self, path, of):
        self.of = of  # what every line says of where it comes from
        self.path = pathlib.Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.lines = read(self.path)
        whole = not self.path.exists() or self.path.read_bytes()[-1:] in (b"", b"\n")
        self.file = open(self.path, "a", encoding="utf-8")
        if not whole:  # what a crash left of a line ends here, and is no comparison
            self.file.write("\n")

    def select(self, **wanted):
        return select(self.lines, **wanted)

    def count(self, **wanted):
        return len(self.select(**wanted))

    def usual_wall_s(self, otherwise, **wanted):
        """Seconds that these take: the median of the last twenty."""
        times = [line["wall_s"] for line in self.select(**wanted)[-20:]]
        return statistics.median(times) if times else otherwise

    def append(self, line):
        told = {key: slim(value) for key, value in line.items() if value is not None or key == "found"}
        line = {**told, **self.of, "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "machine": machine()}
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()
        os.fsync(self.file.fileno())
        self.lines.append(line)


def slim(value):
    """Six digits: what a comparison of a second can't tell isn't kept."""
    if isinstance(value, dict):
        return {key: slim(inner) for key, inner in value.items()}
    return float(f"{value:.6g}") if isinstance(value, float) else value


def packed(path):
    return path.with_name(path.name + ".gz")


def read(path):
    """The whole lines, packed ones first; one that a crash tore is left out."""
    texts = []
    if packed(path).exists():
        with gzip.open(packed(path), "rt", encoding="utf-8") as file:
            texts += file.read().splitlines()
    if path.exists():
        texts += path.read_text(encoding="utf-8", errors="replace").splitlines()
    lines = []
    for text in texts:
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict):
            lines.append(line)
    return lines


def read_all(folder):
    """The lines of every file of results in a folder."""
    names = {file.name.removesuffix(".gz") for pattern in ("*.jsonl", "*.jsonl.gz") for file in folder.glob(pattern)}
    return [line for name in sorted(names) for line in read(folder / name)]


def select(lines, **wanted):
    return [line for line in lines if all(line.get(key) == value for key, value in wanted.items())]


def machine():
    """What the figures hold for; no host or user name."""
    model = "unknown CPU"
    try:
        for line in open("/proc/cpuinfo", encoding="utf-8", errors="replace"):
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    return f"{len(os.sched_getaffinity(0))} cores of {model}, Linux {os.uname().release}"
