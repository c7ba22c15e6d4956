"""Ways to change a submission so that it says something else, each by an edit that a person or an accident would make: no hash is
computed anew (whoever does that can forge anything; docs/METHODOLOGY.md says so).

    for name, tamper in tampering.KINDS.items():
        what = tamper(folder, random.Random(7))      # changes a copy; None: there is nothing of this kind to change

`folder` holds results/<experiment>/… with run folders, their ledgers and reports, and report.md with its figures.
"""
import json
import re


def runs(folder):
    return sorted(path.parent for path in folder.glob("results/**/journal.jsonl") if path.parent.parent.name != "extends")


def journal_lines(run):
    return (run / "journal.jsonl").read_bytes().split(b"\n")[:-1]


def write_lines(run, lines):
    (run / "journal.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))


def pick_line(lines, draw, wanted):
    found = [i for i, line in enumerate(lines) if wanted(line)]
    return draw.choice(found) if found else None


def is_block(line):
    return b'"type":"block"' in line and b'"outcome":"ok"' in line


def other_digit(text, draw):
    """The text with one digit of it another."""
    places = [i for i, c in enumerate(text) if c.isdigit()]
    if not places:
        return None
    i = draw.choice(places)
    return text[:i] + draw.choice([d for d in "0123456789" if d != text[i]]) + text[i + 1:]


def replaced_number(line, key, draw):
    """A JSON line with one digit of its field `key` another."""
    match = re.search(rf'"{key}":(-?[\d.e+-]+)'.encode(), line)
    if not match:
        return None
    number = other_digit(match.group(1).decode(), draw)
    if number is None or (len(number) > 1 and number[0] == "0" and number[1].isdigit()):
        number = "1" + match.group(1).decode()
    return line[:match.start(1)] + number.encode() + line[match.end(1):]


# ── The journal ───────────────────────────────────────────────────────────────────────────────────

def edit_a_sample(folder, draw):
    run = draw.choice(runs(folder))
    lines = journal_lines(run)
    i = pick_line(lines, draw, is_block)
    key = draw.choice(["elapsed", "iterations", "bracket_ns", "settled_ns", "cpu_ns"])
    lines[i] = replaced_number(lines[i], key, draw)
    write_lines(run, lines)
    return f"{key} in line {i + 1}"


def drop_blocks(folder, draw):
    run = draw.choice(runs(folder))
    lines = journal_lines(run)
    i = pick_line(lines, draw, is_block)
    count = draw.choice([1, 1, 2, 5])
    write_lines(run, lines[:i] + lines[i + count:])
    return f"{count} from line {i + 1}"


def reorder_blocks(folder, draw):
    run = draw.choice(runs(folder))
    lines = journal_lines(run)
    i = pick_line(lines[:-1], draw, is_block)
    j = pick_line([line if k != i else b"" for k, line in enumerate(lines)], draw, is_block)
    lines[i], lines[j] = lines[j], lines[i]
    write_lines(run, lines)
    return f"lines {i + 1} and {j + 1}"


def repeat_a_block(folder, draw):
    run = draw.choice(runs(folder))
    lines = journal_lines(run)
    i = pick_line(lines, draw, is_block)
    write_lines(run, lines[:i + 1] + lines[i:])
    return f"line {i + 1} twice"


def truncate(folder, draw):
    run = draw.choice(runs(folder))
    if draw.random() < 0.5:
        lines = journal_lines(run)
        keep = draw.randrange(1, len(lines))
        write_lines(run, lines[:keep])
        return f"after line {keep}"
    text = (run / "journal.jsonl").read_bytes()
    keep = draw.randrange(1, len(text))
    (run / "journal.jsonl").write_bytes(text[:keep])
    return f"after byte {keep}"


def turn_an_outcome(folder, draw):
    run = draw.choice(runs(folder))
    lines = journal_lines(run)
    i = pick_line(lines, draw, lambda line: b'"outcome":"' in line)
    failed = b'"outcome":"ok"' not in lines[i]
    lines[i] = re.sub(rb'"outcome":"[a-z_]+"', b'"outcome":"ok"' if failed else b'"outcome":"unsupported"', lines[i])
    write_lines(run, lines)
    return f"line {i + 1}"


def edit_the_last_line(folder, draw):
    run = draw.choice(runs(folder))
    lines = journal_lines(run)
    key = draw.choice(["wall_s", "block_s", "supervisor_cpu_s", "stopped_by"])
    if key == "stopped_by":
        lines[-1] = re.sub(rb'"stopped_by":"[a-z]+"', b'"stopped_by":"precision"', lines[-1])
    else:
        lines[-1] = replaced_number(lines[-1], key, draw)
    write_lines(run, lines)
    return key


def remove_the_seal(folder, draw):
    run = draw.choice(runs(folder))
    lines = journal_lines(run)
    end = json.loads(lines[-1])
    end.pop("self")
    end.pop("seals")
    lines[-1] = json.dumps(end, sort_keys=True, separators=(",", ":")).encode()
    write_lines(run, lines)
    return "self and seals"


# ── What stands beside it ─────────────────────────────────────────────────────────────────────────

def swap_predictions(folder, draw):
    files = [path for run in runs(folder) for path in sorted((run / "outputs").glob("*"))
             if path.suffix in (".predictions", ".labels", ".samples")]
    if not files:
        return None
    file = draw.choice(files)
    others = [path for path in files if path.suffix == file.suffix and path.read_bytes() != file.read_bytes()]
    if others and draw.random() < 0.5:
        file.write_bytes(draw.choice(others).read_bytes())
        return f"{file.name} by another one's"
    if draw.random() < 0.2:
        file.unlink()
        return f"{file.name} removed"
    text = bytearray(file.read_bytes())
    i = draw.randrange(len(text))
    text[i] = ord("7") if text[i] != ord("7") else ord("3")
    file.write_bytes(bytes(text))
    return f"byte {i} of {file.name}"


def replace_the_environment(folder, draw):
    run = draw.choice(runs(folder))
    file = run / "manifest.json"
    manifest = json.loads(file.read_text())
    what = draw.choice(["machine", "model", "assay", "workers", "cpus", "started"])
    if what == "machine":
        manifest["machine"] = {"topology": {"model": "A faster one", "cores": 128}}
    elif what == "model":
        manifest["machine"].setdefault("topology", {})["model"] = "A faster one"
    elif what == "assay":
        manifest["assay"]["commit"] = "0" * 40
    elif what == "workers":
        for worker in manifest["workers"].values():
            worker["libraries"] = {"openblas": "9.9"}
        manifest["workers"]["another"] = {"worker": "another", "libraries": {}}
    elif what == "cpus":
        manifest["cpus"] = [99]
    else:
        manifest["started"] = "2020-01-01T00:00:00Z"
    file.write_text(json.dumps(manifest, indent=2))
    return what


def splice_two_runs(folder, draw):
    all_runs = runs(folder)
    one = draw.choice(all_runs)
    other = draw.choice([run for run in all_runs if run != one])
    how = draw.choice(["journal", "manifest", "experiment", "halves"])
    if how == "halves":
        first, second = journal_lines(one), journal_lines(other)
        cut = draw.randrange(1, min(len(first), len(second)))
        write_lines(one, first[:cut] + second[cut:])
    else:
        name = {"journal": "journal.jsonl", "manifest": "manifest.json", "experiment": "experiment.toml"}[how]
        if (one / name).read_bytes() == (other / name).read_bytes():
            return None
        (one / name).write_bytes((other / name).read_bytes())
    return how


def touch_the_hypothesis(folder, draw):
    """As it stands in experiment.toml, in the manifest, or in both alike."""
    candidates = [run for run in runs(folder) if b"[[hypothesis]]" in (run / "experiment.toml").read_bytes()]
    run = draw.choice(candidates)
    where = draw.choice(["experiment.toml", "manifest.json", "both"])
    text = (run / "experiment.toml").read_text()
    expect = re.search(r'expect = "([<>]=?) ([\d.]+)"', text)
    if where != "manifest.json":
        (run / "experiment.toml").write_text(text.replace(expect.group(0), f'expect = "{expect.group(1)} {float(expect.group(2)) * 0.5:g}"'))
    if where != "experiment.toml":
        manifest = json.loads((run / "manifest.json").read_text())
        if draw.random() < 0.5:
            manifest["hypotheses"][0]["bound"] *= 0.5
        else:
            manifest["hypotheses"][0]["claim"] = "what was found is what was expected"
        (run / "manifest.json").write_text(json.dumps(manifest, indent=2))
    return where


def cut_the_ledger(folder, draw):
    files = sorted(folder.glob("results/**/ledger.jsonl"))
    file = draw.choice(files)
    lines = file.read_bytes().split(b"\n")[:-1]
    how = draw.choice(["remove", "edit"])
    i = draw.randrange(len(lines))
    if how == "remove":
        del lines[i]
    else:
        lines[i] = lines[i].replace(b'"preset":"quick"', b'"preset":"paper"').replace(b'"started":"2', b'"started":"1')
    file.write_bytes(b"".join(line + b"\n" for line in lines))
    return f"{how} line {i + 1}"


# ── What is published ─────────────────────────────────────────────────────────────────────────────

def blocks_of(text):
    return [match for match in re.finditer(r"<!-- assay: (?:begin|value)\b[^>]*-->(.*?)<!-- assay: end", text, re.DOTALL) if re.search(r"\d", match.group(1))]


def round_a_number_of_the_report(folder, draw):
    file = folder / "report.md"
    text = file.read_text()
    block = draw.choice(blocks_of(text))
    content = other_digit(block.group(1), draw)
    file.write_text(text[:block.start(1)] + content + text[block.end(1):])
    return f"in a block of {len(content)} bytes"


def change_a_verdict_of_the_report(folder, draw):
    file = folder / "report.md"
    text = file.read_text()
    words = [m for m in re.finditer(r"\b(slower|faster|supported|refuted|inconclusive|equivalent|baseline)\b", text)
             if any(b.start(1) <= m.start() < b.end(1) for b in blocks_of(text))]
    if not words:
        return None
    word = draw.choice(words)
    by = {"slower": "faster", "faster": "slower", "supported": "refuted", "refuted": "supported"}.get(word.group(1), "faster")
    file.write_text(text[:word.start()] + by + text[word.end():])
    return f"{word.group(1)} to {by}"


def edit_a_written_report(folder, draw):
    files = [path for run in runs(folder) for path in sorted((run / "report").glob("*")) if path.suffix in (".json", ".md", ".csv")]
    if not files:
        return None
    file = draw.choice(files)
    text = other_digit(file.read_text(), draw)
    file.write_text(text)
    return file.name


def redraw_a_figure(folder, draw):
    figures = sorted(folder.glob("figures/*.svg"))
    if not figures:
        return None
    figure = draw.choice(figures)
    others = [path for path in figures if path != figure]
    if others and draw.random() < 0.3:
        figure.write_bytes(draw.choice(others).read_bytes())
        return f"{figure.name} by another one"
    text = figure.read_text()
    cut = text.rfind("<!-- assay: figure")
    figure.write_text((other_digit(text[:cut], draw) or text[:cut]) + text[cut:])
    return figure.name


def take_a_run_away(folder, draw):
    import shutil
    run = draw.choice([run for run in runs(folder) if run.name in (folder / "report.md").read_text()])
    shutil.rmtree(run)
    return run.name


KINDS = {function.__name__: function for function in (
    edit_a_sample, drop_blocks, reorder_blocks, repeat_a_block, truncate, turn_an_outcome, edit_the_last_line, remove_the_seal,
    swap_predictions, replace_the_environment, splice_two_runs, touch_the_hypothesis, cut_the_ledger,
    round_a_number_of_the_report, change_a_verdict_of_the_report, edit_a_written_report, redraw_a_figure, take_a_run_away)}
