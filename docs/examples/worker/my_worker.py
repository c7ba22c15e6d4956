"""The script's classifier as a workload: the process lives on, so that classifying is timed and starting Python isn't.

In a project, `eval.py` is your own code and `assay_worker.py` stands beside it (`assay new` copies it there).
"""

import assay_worker as assay
import eval as spirals  # our eval.py, not the built-in function


class Spirals(assay.Workload):
    """One iteration classifies all queries once."""

    metrics = [assay.time("latency_s"), assay.proportion("accuracy")]

    def prepare(self, points, neighbours):
        if not 1 <= neighbours <= points:
            raise assay.Unsupported(f"{neighbours} neighbours among {points} points; give 1 to {points}")
        self.neighbours = neighbours
        self.points, self.labels = spirals.spirals(points, seed=1)
        self.queries, self.truth = spirals.spirals(spirals.QUERIES, seed=2)
        self.predicted = [None] * len(self.queries)
        return {"flop": 5.0 * points * len(self.queries)}  # the distances

    def poison(self):
        for i in range(len(self.predicted)):
            self.predicted[i] = None

    def step(self):
        for i, query in enumerate(self.queries):
            self.predicted[i] = spirals.classify(query, self.points, self.labels, self.neighbours)

    def check(self):
        """Against a full sort, which the classifier doesn't do; how many answers differ must be 0."""
        wrong = 0
        for (x, y), predicted in zip(self.queries, self.predicted):
            by_distance = sorted(zip(self.points, self.labels),
                                 key=lambda entry: (entry[0][0] - x) ** 2 + (entry[0][1] - y) ** 2)
            ones = [label for _, label in by_distance[:self.neighbours]].count(1)
            wrong += predicted != int(ones > self.neighbours - ones)
        return assay.checked(wrong, 0, "answers that differ from a full sort's")

    def evaluate(self):
        return assay.predictions([spirals.classify(query, self.points, self.labels, self.neighbours)
                                  for query in self.queries], self.truth)


if __name__ == "__main__":
    assay.serve(Spirals)
