"""Tell two interleaved spirals apart by the nearest neighbours of each point.

A script as a project has it: it knows nothing of Assay. experiment.toml runs it as it is.
"""

import argparse
import heapq
import json
import math
import pathlib
import random

TURNS = 2.0
NOISE = 0.04
QUERIES = 300


def spirals(count, seed):
    """`count` noisy points (x, y), half on each of two spirals, and their labels 0 and 1."""
    generator = random.Random(seed)
    points, labels = [], []
    for i in range(count):
        label = i % 2
        along = math.sqrt(generator.random())
        angle = TURNS * 2 * math.pi * along + label * math.pi
        points.append((along * math.cos(angle) + generator.gauss(0, NOISE),
                       along * math.sin(angle) + generator.gauss(0, NOISE)))
        labels.append(label)
    return points, labels


def classify(query, points, labels, neighbours):
    """The label that most of the `neighbours` points nearest to `query` have; the smaller one in a draw."""
    x, y = query
    distances = [(x - px) * (x - px) + (y - py) * (y - py) for px, py in points]
    nearest = heapq.nsmallest(neighbours, range(len(points)), key=distances.__getitem__)
    votes = sum(labels[i] for i in nearest)
    return 1 if 2 * votes > neighbours else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--neighbours", type=int, default=5, help="how many neighbours vote")
    parser.add_argument("--points", type=int, default=400, help="how many labelled points there are")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("."), help="folder for metrics.json")
    arguments = parser.parse_args()

    points, labels = spirals(arguments.points, seed=1)
    queries, truth = spirals(QUERIES, seed=2)
    right = sum(classify(query, points, labels, arguments.neighbours) == label
                for query, label in zip(queries, truth))
    accuracy = right / QUERIES
    print(f"{arguments.neighbours} neighbours among {arguments.points} points: {accuracy:.1%} right")
    (arguments.out / "metrics.json").write_text(json.dumps({"accuracy": accuracy}) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
