"""Writes nnet.json: a .nnet file and what it answers, by the evaluation that the format's own repository gives.

Run with Python 3 and NumPy from the repository's root: python3 test/golden/nnet-golden.py
"""

import json
import pathlib

import numpy as np

random = np.random.default_rng(9)
sizes = [3, 5, 4, 2]
weights = [random.standard_normal((o, d)) for d, o in zip(sizes, sizes[1:])]
biases = [random.standard_normal(o) for o in sizes[1:]]
least, most = np.array([-1.0, -2.0, -50.0]), np.array([1.5, 2.0, 50.0])
means, ranges = np.array([0.25, 0.0, 3.0, -1.5]), np.array([2.5, 4.0, 100.0, 7.0])


def row(values):
    return ",".join(repr(float(v)) for v in values) + ",\n"


text = "// Neural Network File Format by Kyle Julian, Stanford 2016\n// a second comment\n"
text += f"{len(weights)},{sizes[0]},{sizes[-1]},{max(sizes)},\n" + ",".join(map(str, sizes)) + ",\n0,\n"
text += row(least) + row(most) + row(means) + row(ranges)
for w, b in zip(weights, biases):
    text += "".join(row(r) for r in w) + "".join(row([v]) for v in b)


def evaluate(x):
    x = (np.clip(x, least, most) - means[:-1]) / ranges[:-1]
    for w, b in zip(weights[:-1], biases[:-1]):
        x = np.maximum(w @ x + b, 0)
    return (weights[-1] @ x + biases[-1]) * ranges[-1] + means[-1]


inputs = random.standard_normal((8, 3)) * np.array([1, 2, 40])
golden = {"file": text, "inputs": inputs.tolist(), "outputs": [evaluate(x).tolist() for x in inputs]}
(pathlib.Path(__file__).parent / "nnet.json").write_text(json.dumps(golden) + "\n")
