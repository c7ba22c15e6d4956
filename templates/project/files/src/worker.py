"""The search as a workload: the process lives on, so that answering is timed and building the index isn't.

Assay starts it (experiments/*.toml name it); `assay try experiments/ablation.toml -v` shows the dialogue.
"""

import sys

import assay_worker as assay
import search

QUERIES = 400   # that the accuracy is over
BATCH = 10      # queries an iteration


class Search(assay.Workload):
    """One iteration answers a batch of ten queries."""

    name = "search"
    libraries = {"python": sys.version.split()[0]}
    metrics = [assay.time("latency_s"), assay.proportion("accuracy"),
               assay.metric("index_bytes", unit="B", direction="lower", kind="size", scope="replicate")]

    def prepare(self, vectors, precision, cells, probes, neighbours):
        if probes > cells:
            raise assay.Unsupported(f"{probes} probes of {cells} cells; give at most {cells}")
        if precision not in search.PRECISIONS:
            raise assay.Unsupported(f"no vectors in {precision}; there are {', '.join(search.PRECISIONS)}")
        self.probes, self.neighbours = probes, neighbours
        self.index = search.Index(*search.labelled_vectors(vectors, seed=1), cells=cells, precision=precision)
        self.queries, self.truth = search.labelled_vectors(QUERIES, seed=2)
        self.answers = [None] * BATCH

    def step(self):
        for i in range(BATCH):
            self.answers[i] = search.classify(self.index, self.queries[i], self.probes, self.neighbours)

    def poison(self):
        for i in range(BATCH):
            self.answers[i] = None

    def check(self):
        """Against a search that sorts by the distance as it is defined; how many answers differ must be 0."""
        wrong = 0
        for query, answer in zip(self.queries, self.answers):
            cells = sorted(self.index.cells,
                           key=lambda cell: sum((q - c) ** 2 for q, c in zip(query, cell.centre)))[:self.probes]
            encoded = self.index.codec.encode(query)
            by_distance = sorted((sum((q - v) ** 2 for q, v in zip(encoded, vector)), label)
                                 for cell in cells for vector, label in zip(cell.vectors, cell.labels))
            nearest = [label for _, label in by_distance[:self.neighbours]]
            wrong += answer != max(range(search.CLASSES), key=lambda label: (nearest.count(label), -label))
        return assay.checked(wrong, 0, "answers that differ from a full sort's")

    def evaluate(self):
        answers = [search.classify(self.index, query, self.probes, self.neighbours) for query in self.queries]
        found = assay.predictions(answers, self.truth)
        found["metrics"]["index_bytes"] = self.index.size()
        return found


if __name__ == "__main__":
    assay.serve(Search)
