"""Writes linkage.json: vectors, their distances in four metrics, and SciPy's average linkage of these.

Euclidean and sign-free distances come from SciPy, angles from mpmath with 50 digits; the vectors are normal random
numbers with a few decimals, so that no two distances are equal (checked below).

Run `python3 test/golden/linkage-golden.py`.
"""

import json
import pathlib

import mpmath as mp
import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import cdist, pdist

mp.mp.dps = 50


def angle(u, v):
    u = [mp.mpf(x) for x in u]
    v = [mp.mpf(x) for x in v]
    product = mp.fdot(u, v)
    return mp.acos(product / mp.sqrt(mp.fdot(u, u) * mp.fdot(v, v)))


def distances(vectors, metric):
    n = len(vectors)
    upper = np.triu_indices(n, 1)
    if metric == 'euclidean':
        return pdist(vectors)
    if metric == 'sign-free':
        return np.minimum(cdist(vectors, vectors), cdist(vectors, -vectors))[upper]
    angles = [angle(vectors[i], vectors[j]) for i, j in zip(*upper)]
    if metric == 'line-angle':
        angles = [min(a, mp.pi - a) for a in angles]
    return np.array([float(a) for a in angles])


rng = np.random.default_rng(7)
cases = []
for n, d in [(2, 3), (3, 2), (4, 4), (7, 2), (12, 5), (30, 3), (64, 8)]:
    centres = rng.normal(size=(4, d)) * 2
    vectors = np.round(centres[rng.integers(4, size=n)] + 0.5 * rng.normal(size=(n, d)), 4)
    for metric in ('euclidean', 'sign-free', 'angle', 'line-angle'):
        condensed = distances(vectors, metric)
        assert len(set(condensed)) == len(condensed)
        merges = linkage(condensed, 'average')
        assert len(set(merges[:, 2])) == len(merges)
        case = {'metric': metric, 'count': n, 'dimension': d, 'vectors': vectors.ravel().tolist()}
        case['distances'] = condensed.tolist() if n <= 30 else []
        case['linkage'] = merges.ravel().tolist()
        cases.append(case)

path = pathlib.Path(__file__).with_name('linkage.json')
path.write_text('[\n' + ',\n'.join(json.dumps(case) for case in cases) + '\n]\n')
