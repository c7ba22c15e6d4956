"""Other work on the machine, on purpose: a process that burns one core, unpinned, when it is told to.

    with Load("onoff", random.Random(585)) as load:
        load.begin(1.0)           # a comparison of about 1 s begins
        ...
        load.end()                # it has ended

idle    nothing
onoff   on and off for exponential times of mean 200 ms, cut to 50–500 ms, whatever the comparisons do meanwhile
step    starts at a random instant of each comparison and stays until its end
"""
import os
import signal
import subprocess
import sys
import threading

CONDITIONS = ("idle", "onoff", "step")

# It ends with its parent, which can't tell it so if it is killed.
BURN = """
import os
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(100000): pass
"""


class Load:
    def __init__(self, condition, random):
        if condition not in CONDITIONS:
            raise ValueError(f"no condition '{condition}'; there are {', '.join(CONDITIONS)}")
        self.condition, self.random = condition, random
        self.process = None
        self.timer = None
        self.over = threading.Event()
        self.thread = None
        self.turn = threading.Lock()
        self.has_begun = None  # in this comparison; None where that isn't the load's way

    def __enter__(self):
        if self.condition != "idle":
            self.process = subprocess.Popen([sys.executable, "-c", BURN], stdin=subprocess.DEVNULL)
            self._pause()
        if self.condition == "onoff":
            self.thread = threading.Thread(target=self._alternate, daemon=True)
            self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.end()
        if self.thread:
            self.thread.join()
        if self.process:
            self.process.kill()
            self.process.wait()

    def begin(self, expected_s):
        """A comparison begins that takes about `expected_s`."""
        if self.condition == "step":
            self.has_begun = False
            self.timer = threading.Timer(self.random.uniform(0, expected_s), self._go_on)
            self.timer.daemon = True
            self.timer.start()

    def end(self):
        if self.timer:
            self.timer.cancel()
            with self.turn:
                self.timer = None
                self._pause()

    def _alternate(self):
        running = self.random.random() < 0.5
        while not self.over.is_set():
            self._signal(signal.SIGCONT if running else signal.SIGSTOP)
            running = not running
            self.over.wait(min(0.5, max(0.05, self.random.expovariate(1 / 0.2))))

    def _go_on(self):
        with self.turn:
            if self.timer:  # not cancelled since
                self.has_begun = True
                self._signal(signal.SIGCONT)

    def _pause(self):
        self._signal(signal.SIGSTOP)

    def _signal(self, number):
        if self.process and self.process.poll() is None:
            os.kill(self.process.pid, number)
