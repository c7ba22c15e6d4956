"""Offer your own Python work to Assay, so that its variants can be measured side by side, a few milliseconds each.

This file is all there is: the standard library, Python 3.9 or later. Copy it beside your script and commit it.

A whole worker, `classifier.py`:

    import numpy as np
    import assay_worker as assay

    class Classifier(assay.Workload):
        metrics = [assay.time("latency_s"), assay.proportion("accuracy")]

        def prepare(self, precision, batch, seed):        # factors and controls, by name; untimed
            if precision not in ("fp32", "fp16"):
                raise assay.Unsupported(f"no weights in {precision}")
            self.w = np.load("weights.npy").astype({"fp32": "f4", "fp16": "f2"}[precision])
            self.images, self.labels = np.load("test_images.npy"), np.load("test_labels.npy")
            self.x = self.images[np.random.default_rng(seed).integers(len(self.images), size=batch)]
            self.y = np.empty((batch, 10), self.w.dtype)
            return {"flop": 2.0 * batch * self.w.size}    # of one iteration; optional

        def step(self):                                   # one iteration; timed
            np.matmul(self.x, self.w, out=self.y)

        def poison(self):                                 # before every timed run: what isn't overwritten shows up
            self.y.fill(np.nan)

        def check(self):                                  # of the last timed run, against an independent oracle
            exact = self.x.astype("f8") @ self.w.astype("f8")
            bound = self.w.shape[0] * np.finfo(self.w.dtype).eps * np.abs(self.x).astype("f8") @ np.abs(self.w)
            return assay.checked(assay.largest_error(self.y, exact), float(bound.max()), "|err| <= k·eps·Σ|x||w|")

        def evaluate(self):
            return assay.predictions((self.images @ self.w).argmax(axis=1), self.labels)

    if __name__ == "__main__":
        assay.serve(Classifier)

and the experiment that asks for it:

    [worker]
    command = ["python3", "classifier.py"]
    [factors]
    precision = ["fp32", "fp16"]
    batch     = [1, 64]

Try it with `assay try EXPERIMENT -v`, which shows every message, or by hand: `python3 classifier.py`, then type
{"op":"describe"}. docs/FORMAT.md has all messages.

How a block is timed. `settle` iterations run untimed; `poison()`; then time.perf_counter_ns (CLOCK_MONOTONIC on
Linux) around `steps(n)` and `synchronize()`. Python's cyclic garbage collector is off between those two readings
and back on afterwards, so that a collection doesn't fall into one block and not into its neighbour; reference
counting goes on as always, and garbage in cycles waits for the untimed part. The call of `step` costs about 50 ns:
override `steps(n)` where that would show.

What you print goes to standard error and so into the worker's log: the library takes standard output for itself.
Exceptions become outcomes: Unsupported `unsupported`, MemoryError `out_of_memory`, any other `crashed` with its text
in the report and its traceback in the log.
"""

import base64
import ctypes
import gc
import hashlib
import inspect
import json
import math
import os
import struct
import sys
import time as _time
import traceback

__all__ = ["Workload", "serve", "time", "proportion", "metric", "checked", "largest_error", "predictions",
           "Prepared", "modelled", "Unsupported"]

PROTOCOL = 1
LONGEST_REQUEST = 1 << 20   # bytes
MOST_SAMPLES = 1_000_000    # of one block: more wouldn't fit into the longest reply (16 MiB)

# Controls that Assay itself has put into effect before the process starts, and the factor that chose this worker:
# `prepare` may name them and need not.
RESERVED = ("threads", "cpus", "device", "memory_bytes", "worker")


# ── What a worker is made of ───────────────────────────────────────────────────────────────────────────────────────

class Unsupported(Exception):
    """Raise it with a reason where a treatment can't be done here: its cells then say so, and the run goes on."""


class Workload:
    """Subclass it; only `prepare` and `step` (or `steps`) are required.

    metrics         what you report; a time comes first: without one, time_s is put there
    name            of the worker; the class's name if None
    device          "cpu", "cuda:0", …
    libraries       versions that explain the numbers: {"torch": torch.__version__}
    warmup_s        least seconds of untimed iterations in a fresh process (for a JIT)
    may_be_stopped  False: don't SIGSTOP this process while another one is measured
    """

    metrics = []
    name = None
    device = "cpu"
    libraries = {}
    warmup_s = 0.0
    may_be_stopped = True

    def prepare(self, **treatment):
        """Builds inputs, loads models: everything that must not be timed. Called once.

        Write the factors and controls you take as parameters, `prepare(self, precision, batch, seed)`; `seed` (int,
        equal for all treatments of a round) and `cpus` (list of int) are passed if you name them. A factor that
        prepare doesn't name is refused: it would change nothing and look like a finding.

        Returns None, a dict with the work of one iteration ({"flop": …, "bytes": …}), or a Prepared.
        """
        raise NotImplementedError(f"{type(self).__name__} needs prepare(self, <factors>)")

    def step(self):
        """One iteration of the work; timed."""
        raise NotImplementedError(f"{type(self).__name__} needs step(self)")

    def steps(self, n):
        """`n` iterations; override it where the call of step() would show (work under 1 µs)."""
        step = self.step
        for _ in range(n):
            step()

    def synchronize(self):
        """Waits until the device has finished, e.g. torch.cuda.synchronize(); inside the timed block."""

    def poison(self):
        """Overwrites the outputs with what check refuses (NaN, None). Before every timed run, after settling."""

    def block_metrics(self):
        """Further metrics of the block just timed, per iteration: {name: number}. Not timed."""
        return {}

    def check(self):
        """Judges the output of the last timed run; returns checked(max_error, tolerance, rule)."""
        raise Unsupported("this workload has no check of its answer")

    def evaluate(self):
        """Metrics of the whole process, e.g. predictions(predicted, labels), or a dict {name: number}."""
        raise Unsupported("this workload has nothing to evaluate")


def metric(name, unit="1", direction=None, kind=None, clock=None, scope=None):
    """A metric in SI base units ("s", "B", "J", "FLOP/s", "ratio", "1"). What is None follows from the unit.

    direction "lower" or "higher" (is better); kind "time", "rate", "size", "proportion", "count" or "status";
    clock "wall", "cpu", "device_event", …; scope "block", "replicate" or "once".
    """
    given = {"name": name, "unit": unit, "direction": direction, "kind": kind, "clock": clock, "scope": scope}
    return {key: value for key, value in given.items() if value is not None}


def time(name="time_s"):
    """The time of one iteration, by the wall clock: what Assay's comparisons are about."""
    return metric(name, "s", direction="lower", kind="time", clock="wall", scope="block")


def proportion(name):
    """A share of items in [0, 1] that evaluate() reports, higher is better: accuracy."""
    return metric(name, "ratio", direction="higher", kind="proportion", scope="replicate")


class Prepared:
    """What prepare may return: the work of one *whole* iteration, whether an iteration does all of it, and which files
    the answers depend on: inputs, a file's name → its SHA-256, which the run's manifest keeps."""

    def __init__(self, work=None, modelled=None, inputs=None):  # pylint: disable=redefined-outer-name
        self.work = dict(work or {})
        self.modelled = modelled
        self.inputs = {str(name): str(sha256) for name, sha256 in dict(inputs or {}).items()}


def modelled(factor, note):
    """An iteration does only a part: its time × factor models the whole. modelled(128, "8 of 1024 rows")."""
    if not (_is_number(factor) and factor > 0):
        raise ValueError(f"the factor of a model is a number above 0, not {factor!r}")
    return {"factor": factor, "note": str(note)}


def checked(max_error, tolerance, rule):
    """The verdict's ingredients: right if max_error <= tolerance; rule says where the tolerance comes from."""
    return {"max_error": float(max_error), "tolerance": float(tolerance), "rule": str(rule)}


def largest_error(actual, expected):
    """max |actual - expected| over two sequences (nested ones too); infinite where either holds NaN or None.

    `max()` on its own drops NaN depending on the order, so that a poisoned output could pass.
    """
    worst = 0.0
    flat_actual, flat_expected = list(_flat(actual)), list(_flat(expected))
    if len(flat_actual) != len(flat_expected):
        raise ValueError(f"{len(flat_actual)} values to judge by {len(flat_expected)}")
    for a, e in zip(flat_actual, flat_expected):
        if a is None or e is None:
            return math.inf
        error = abs(a - e)
        if math.isnan(error):
            return math.inf
        worst = max(worst, error)
    return worst


def predictions(predicted, labels):
    """A classifier's answers: accuracy, how many items, the predicted classes and the labels, so that each item is known
    to be right or wrong, and the labels' hash, so that only answers to the same questions are paired. Both are sequences
    of integers; the hash and the Base64 text are over little-endian int32. Work without classes has 1 for a right
    answer, 0 for a wrong one, and the label 1."""
    predicted, labels = [int(p) for p in _flat(predicted)], [int(l) for l in _flat(labels)]
    if len(predicted) != len(labels) or not labels:
        raise ValueError(f"{len(predicted)} predictions for {len(labels)} labels")
    said, right = (struct.pack(f"<{len(classes)}i", *classes) for classes in (predicted, labels))
    return {"metrics": {"accuracy": sum(p == l for p, l in zip(predicted, labels)) / len(labels)},
            "items": len(labels),
            "labels_sha256": hashlib.sha256(right).hexdigest(),
            "predictions": base64.b64encode(said).decode("ascii"),
            "labels": base64.b64encode(right).decode("ascii")}


def _flat(values):
    """The scalars of a sequence, nested list, array or tensor."""
    if hasattr(values, "tolist"):  # NumPy, PyTorch, array.array: a list of Python's own numbers
        values = values.tolist()
    if isinstance(values, (list, tuple)):
        for value in values:
            yield from _flat(value)
    else:
        yield values


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


# ── Counters: a C library that Assay names in ASSAY_COUNTERS; without it there are none ────────────────────────────

class _NoCounters:
    def start(self):
        pass

    def stop(self):
        pass

    def read(self):
        return {}


class _Counters:
    """assay_counters.h through ctypes."""

    def __init__(self, path):
        library = ctypes.CDLL(path)
        for name, result, arguments in (
                ("open", ctypes.c_void_p, []), ("start", None, [ctypes.c_void_p]), ("stop", None, [ctypes.c_void_p]),
                ("read", ctypes.c_size_t, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t])):
            function = getattr(library, "assay_counters_" + name)
            function.restype, function.argtypes = result, arguments
            setattr(self, "_" + name, function)
        self._handle = self._open()
        if not self._handle:
            raise OSError(f"{path}: assay_counters_open failed")

    def start(self):
        self._start(self._handle)

    def stop(self):
        self._stop(self._handle)

    def read(self):
        size = 1 << 14
        while True:
            text = ctypes.create_string_buffer(size)
            length = self._read(self._handle, text, size)
            if length < size:
                return json.loads(text.value.decode("utf-8"))
            size = length + 1


def _open_counters():
    path = os.environ.get("ASSAY_COUNTERS")
    if not path:
        return _NoCounters()
    try:
        return _Counters(path)
    except (OSError, AttributeError) as error:
        print(f"assay_worker: no counters: {error}", file=sys.stderr)
        return _NoCounters()


# ── The dialogue ───────────────────────────────────────────────────────────────────────────────────────────────────

class _Refusal(Exception):
    """A request, or a workload's answer, that can't be used."""

    def __init__(self, reason, outcome="invalid_output"):
        super().__init__(reason)
        self.outcome = outcome


class _Session:
    def __init__(self, workload):
        self._workload = workload
        self._counters = _NoCounters()
        self._asked_to_prepare = False
        self._prepared = False
        self._ran = False  # there is an output for check to judge

    def answer(self, line):
        """The reply to one request as a line of JSON; None for quit."""
        try:
            request = self._parse(line)
            op = request["op"]
            if op == "quit":
                return None
            handler = {"describe": self._describe, "prepare": self._prepare, "run": self._run,
                       "check": self._check, "evaluate": self._evaluate}.get(op)
            if handler is None:
                raise _Refusal(f"unknown op '{op}'; known are describe, prepare, run, check, evaluate, quit")
            return self._line({"ok": True, **handler(request)})
        except Unsupported as refusal:
            return self._failure("unsupported", str(refusal) or "the worker gave no reason")
        except _Refusal as refusal:
            return self._failure(refusal.outcome, str(refusal))
        except MemoryError:
            return self._failure("out_of_memory", "an allocation failed (MemoryError)")
        except Exception as error:  # pylint: disable=broad-except
            traceback.print_exc()
            return self._failure("crashed", f"{type(error).__name__}: {error}")

    @classmethod
    def _failure(cls, outcome, reason):
        return cls._line({"ok": False, "outcome": outcome, "reason": reason})

    @staticmethod
    def _line(reply):
        return json.dumps(reply, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"

    @staticmethod
    def _parse(line):
        if len(line) > LONGEST_REQUEST:
            raise _Refusal(f"a request has at most {LONGEST_REQUEST} bytes")
        try:
            request = json.loads(line.decode("utf-8"))
        except (ValueError, RecursionError):
            raise _Refusal("the request is not JSON") from None
        if not isinstance(request, dict) or not isinstance(request.get("op"), str):
            raise _Refusal('a request is a JSON object with a text field op, e.g. {"op":"describe"}')
        return request

    @staticmethod
    def _integer(request, key, least, otherwise=None):
        value = request.get(key, otherwise)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 1 << 63:
            raise _Refusal(f"{key} is {json.dumps(value)}; give an integer from {least}")
        return value

    def _describe(self, _request):
        work = self._workload
        metrics = list(work.metrics)
        if not any(m.get("clock") and m.get("scope", "block") == "block" for m in metrics):
            metrics.insert(0, time())
        return {"protocol": PROTOCOL, "worker": work.name or type(work).__name__, "device": work.device,
                "libraries": {"python": sys.version.split()[0], **work.libraries}, "metrics": metrics,
                "warmup_s": work.warmup_s, "may_be_stopped": work.may_be_stopped}

    def _prepare(self, request):
        if self._asked_to_prepare:
            raise _Refusal("prepare was asked before: one process does one treatment")
        treatment = request.get("treatment")
        if not isinstance(treatment, dict):
            raise _Refusal("the request lacks treatment, an object of factors and levels")
        offered = dict(treatment)
        cpus = request.get("cpus", [])
        seed = self._integer(request, "seed", 0, 0)
        offered.setdefault("seed", seed)  # a factor of that name overrides the round's
        offered.setdefault("cpus", cpus)
        self._asked_to_prepare = True
        self._counters = _open_counters()  # before the workload creates the threads that shall be counted
        returned = self._workload.prepare(**self._wanted(offered))
        reply = self._prepared_reply(returned)
        self._prepared = True
        return reply

    def _wanted(self, offered):
        """Of what is offered, what prepare names; a clear Unsupported where the two don't fit."""
        parameters = inspect.signature(self._workload.prepare).parameters.values()
        takes_all = any(p.kind is p.VAR_KEYWORD for p in parameters)
        named = {p.name: p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
        shown = ", ".join(named) or "nothing"
        for name, parameter in named.items():
            if parameter.default is parameter.empty and name not in offered:
                raise Unsupported(f"prepare() needs '{name}', which is neither a factor nor a control of the experiment")
        if takes_all:
            return offered
        for name in offered:
            if name not in named and name not in RESERVED and name != "seed":
                raise Unsupported(f"prepare() doesn't take the factor '{name}'; it takes {shown}")
        return {name: value for name, value in offered.items() if name in named}

    @staticmethod
    def _prepared_reply(returned):
        if returned is None:
            returned = {}
        if not isinstance(returned, Prepared):
            if not isinstance(returned, dict):
                raise _Refusal(f"prepare() returned {type(returned).__name__}; "
                               'return None, {"flop": …, "bytes": …} or Prepared(…)')
            returned = Prepared(work=returned)
        reply = {"work": _numbers(returned.work, "prepare() returned work")}
        if returned.modelled is not None:
            reply["modelled"] = returned.modelled
        if returned.inputs:
            reply["inputs"] = returned.inputs
        return reply

    def _run(self, request):
        self._require_prepared("run")
        iterations = self._integer(request, "iterations", 1)
        settle_ns = self._integer(request, "settle_ns", 0, 0)
        samples = request.get("samples") is True
        if samples and iterations > MOST_SAMPLES:
            raise _Refusal(f"{iterations} samples don't fit into one reply; ask for at most {MOST_SAMPLES}")
        self._ran = False
        settled = self._settle(settle_ns)
        times = [0] * iterations if samples else None
        self._workload.poison()  # after settling, which would have overwritten it
        collecting = gc.isenabled()
        gc.disable()
        try:
            elapsed = self._time_each(times) if samples else self._time_all(iterations)
        finally:
            if collecting:
                gc.enable()
        reply = {"elapsed": elapsed, "unit": "ns", "clock": "wall", "settled": settled}
        if samples:
            reply["samples"] = times
        counters = self._counters.read()
        if counters:
            reply["counters"] = counters
        further = _numbers(self._workload.block_metrics() or {}, "block_metrics() returned")
        if further:
            reply["metrics"] = further
        self._ran = True
        return reply

    def _settle(self, settle_ns):
        if settle_ns <= 0:
            return 0
        steps, synchronize, clock = self._workload.steps, self._workload.synchronize, _time.perf_counter_ns
        began = clock()
        while True:
            steps(1)
            synchronize()
            settled = clock() - began
            if settled >= settle_ns:
                return settled

    def _time_all(self, iterations):
        steps, synchronize, clock = self._workload.steps, self._workload.synchronize, _time.perf_counter_ns
        self._counters.start()
        began = clock()
        steps(iterations)
        synchronize()
        elapsed = clock() - began
        self._counters.stop()
        return elapsed

    def _time_each(self, times):
        steps, synchronize, clock = self._workload.steps, self._workload.synchronize, _time.perf_counter_ns
        self._counters.start()
        began = before = clock()
        for i in range(len(times)):
            steps(1)
            synchronize()
            after = clock()
            times[i] = after - before
            before = after
        self._counters.stop()
        return before - began

    def _check(self, _request):
        self._require_prepared("check")
        if not self._ran:
            raise _Refusal("check judges the output of the last timed run, and there is none")
        verdict = self._workload.check()
        if not isinstance(verdict, dict) or set(verdict) != {"max_error", "tolerance", "rule"}:
            raise _Refusal("check() returned something else than checked(max_error, tolerance, rule)")
        # JSON has neither NaN nor infinity; as an error of the answer both mean the same thing.
        if not math.isfinite(verdict["max_error"]):
            raise _Refusal(f"max_error is {verdict['max_error']}: the output holds what the run never wrote, or NaN "
                           f"({verdict['rule']})", "wrong_answer")
        return verdict

    def _evaluate(self, _request):
        self._require_prepared("evaluate")
        found = self._workload.evaluate()
        if not isinstance(found, dict):
            raise _Refusal(f"evaluate() returned {type(found).__name__}; return predictions(…) or {{name: number}}")
        reply = dict(found) if "metrics" in found else {"metrics": dict(found)}
        reply["metrics"] = _numbers(reply["metrics"], "evaluate() returned")
        return reply

    def _require_prepared(self, op):
        if not self._prepared:
            raise _Refusal(f"{op} needs a prepare that succeeded before it")


def _numbers(named, what):
    """{name: finite number}, NumPy's and others' scalars made Python's own."""
    numbers = {}
    for name, value in named.items():
        try:
            number = value if _is_number(value) else float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise _Refusal(f"{what} {name} = {value!r}, which is no finite number")
        numbers[str(name)] = number
    return numbers


def serve(workload):
    """Answers requests on standard input until `quit` or its end. `workload` is a Workload subclass or an instance.

    Takes the dialogue away from file descriptors 0 and 1 first: 1 becomes standard error and 0 the null device, so
    that neither a print nor a child process can spoil it.
    """
    requests = os.fdopen(os.dup(0), "rb")  # neither copy is inherited by child processes
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    if requests.isatty():
        print('This is an Assay worker: it answers JSON lines, e.g. {"op":"describe"}, until Ctrl-D.\n'
              "To see the whole dialogue: assay try EXPERIMENT -v", file=sys.stderr)
    session = _Session(workload() if isinstance(workload, type) else workload)
    while True:
        line = requests.readline(LONGEST_REQUEST + 1)
        complete = line.endswith(b"\n")
        while line and not complete:  # too long: throw the rest of it away
            rest = requests.readline(LONGEST_REQUEST)
            if not rest:
                return  # a torn last line
            complete = rest.endswith(b"\n")
        if not line:
            return
        reply = session.answer(line)
        if reply is None:
            return
        rest = memoryview(reply)
        while rest:
            rest = rest[replies.write(rest):]
