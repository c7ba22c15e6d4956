"""Classify vectors by a vote of their nearest neighbours, which an index of cells finds without looking at all of them.

The index is an inverted file: the labelled vectors are divided into cells around centres, and a search looks into the few
cells whose centres are nearest to the query. To look into all cells is an exhaustive search. Vectors are kept as float64,
or as int8 with one scale for all of them, an eighth of the size.

    index = Index(*labelled_vectors(2000, seed=1), cells=16, precision="int8")
    classify(index, query, probes=2, neighbours=5)
"""

import array
import heapq
import math
import operator
import random

DIMENSIONS = 8
CLASSES = 4
CLUMPS = 40          # of each class: a class isn't one ball
SPREAD = 0.4         # of a clump, where the clumps' centres have 1
CENTRES_SEED = 585   # the same world for every set of vectors
PASSES = 3           # of k-means; more change the cells little


def labelled_vectors(count, seed):
    """`count` vectors, as many of each class, and their labels 0 to CLASSES - 1."""
    world = random.Random(CENTRES_SEED)
    centres = [[world.gauss(0, 1) for _ in range(DIMENSIONS)] for _ in range(CLASSES * CLUMPS)]
    generator = random.Random(seed)
    vectors, labels = [], []
    for i in range(count):
        label = i % CLASSES
        centre = centres[label + CLASSES * generator.randrange(CLUMPS)]
        vectors.append([generator.gauss(x, SPREAD) for x in centre])
        labels.append(label)
    return vectors, labels


class Float64:
    """Vectors as they are."""

    def __init__(self, _vectors):
        self.encode = lambda vector: array.array("d", vector)


class Int8:
    """Each component rounded to one of 255 steps; the largest one of all vectors is 127."""

    def __init__(self, vectors):
        step = max(abs(x) for vector in vectors for x in vector) / 127
        self.encode = lambda vector: array.array("b", [max(-127, min(127, round(x / step))) for x in vector])


PRECISIONS = {"float64": Float64, "int8": Int8}


class Cell:
    """The vectors nearest to one centre, with what a search needs of each."""

    def __init__(self, centre):
        self.centre = centre
        self.vectors, self.norms, self.labels = [], [], []

    def add(self, vector, label):
        self.vectors.append(vector)
        self.norms.append(sum(map(operator.mul, vector, vector)))
        self.labels.append(label)


class Index:
    """Labelled vectors in cells."""

    def __init__(self, vectors, labels, cells, precision):
        self.codec = PRECISIONS[precision](vectors)
        self.cells = [Cell(centre) for centre in centres_of(vectors, cells)]
        for vector, label in zip(vectors, labels):
            nearest_cells(self, vector, 1)[0].add(self.codec.encode(vector), label)

    def size(self):
        """Bytes of the vectors themselves."""
        return sum(len(vector) * vector.itemsize for cell in self.cells for vector in cell.vectors)


def centres_of(vectors, count):
    """`count` centres by k-means (Lloyd's algorithm), from the first vectors on."""
    centres = vectors[:count]
    for _ in range(PASSES):
        members = [[] for _ in centres]
        for vector in vectors:
            members[min(range(count), key=lambda i: math.dist(vector, centres[i]))].append(vector)
        centres = [[sum(column) / len(one) for column in zip(*one)] if one else centre
                   for centre, one in zip(centres, members)]
    return centres


def nearest_cells(index, query, probes):
    """The `probes` cells whose centres are nearest to the query."""
    return heapq.nsmallest(probes, index.cells, key=lambda cell: math.dist(query, cell.centre))


def classify(index, query, probes, neighbours):
    """The label that most of the nearest `neighbours` have, among the vectors of `probes` cells; the smaller one in a draw."""
    encoded = index.codec.encode(query)
    found = []
    for cell in nearest_cells(index, query, probes):
        # |q - v|² without |q|², which is the same for all v.
        found += [(norm - 2 * sum(map(operator.mul, encoded, vector)), label)
                  for vector, norm, label in zip(cell.vectors, cell.norms, cell.labels)]
    votes = [0] * CLASSES
    for _, label in heapq.nsmallest(neighbours, found):
        votes[label] += 1
    return votes.index(max(votes))
