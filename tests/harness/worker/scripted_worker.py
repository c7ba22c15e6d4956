"""The worker of protocol_test.cpp in Python: see scripted_worker.cpp, which does the same."""

import gc

import assay_worker as assay


class Scripted(assay.Workload):
    name = "scripted"
    metrics = [assay.proportion("accuracy")]

    def prepare(self, mode, n, seed):
        if mode == "refuses":
            raise assay.Unsupported("needs a quantum computer")
        print("noise while preparing", flush=True)
        self.mode = mode
        self.x = [float(seed + i) for i in range(n)]
        self.y = self.x
        self.all_steps = self.since_poison = self.synchronizations = 0
        self.collecting = None
        work = {"flop": n}
        return assay.Prepared(work, assay.modelled(4, "1 of 4 rows"), {"data.bin": "12ab"}) if mode == "part" else work

    def poison(self):
        self.y = [float("nan")] * len(self.x)
        self.since_poison = 0

    def step(self):
        self.all_steps += 1
        self.since_poison += 1
        self.collecting = gc.isenabled()
        if self.mode == "throws":
            raise RuntimeError("boom")
        if self.mode == "memory":
            raise MemoryError()
        if self.mode == "prints":
            print("noise while stepping", flush=True)
        if self.mode != "lazy":
            self.y = [2 * v for v in self.x]

    def synchronize(self):
        self.synchronizations += 1

    def block_metrics(self):
        return {"steps": self.all_steps, "steps_since_poison": self.since_poison,
                "synchronizations": self.synchronizations,
                "collected_while_timed": int(self.collecting), "collects_now": int(gc.isenabled())}

    def check(self):
        return assay.checked(assay.largest_error(self.y, [v + v for v in self.x]), 0, "doubling is exact")

    def evaluate(self):
        if self.mode == "part":
            return super().evaluate()
        return assay.predictions([0, 1, 300], [0, 1, 2])


assay.serve(Scripted)
