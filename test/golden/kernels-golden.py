"""Writes kernels.json: loss and gradient of shallow networks from PyTorch's automatic differentiation in float64,
and solutions of symmetric positive definite systems from NumPy.

The numbers that go in follow a formula, so that the tests can compute them too: entry i of a vector called `seed`
is 2 frac(0.6180339887498949 (i + 1) + 0.7548776662466927 seed) - 1.

Run `python3 test/golden/kernels-golden.py`.
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F


def spread(count, seed):
    numbers = 0.6180339887498949 * np.arange(1, count + 1) + 0.7548776662466927 * seed
    return 2 * (numbers - np.floor(numbers)) - 1


ACTIVATIONS = {
    'relu': lambda z, slope: F.relu(z),
    'leaky_relu': lambda z, slope: F.leaky_relu(z, slope),
    'tanh': lambda z, slope: torch.tanh(z),
    'sigmoid': lambda z, slope: torch.sigmoid(z),
    'softplus': lambda z, slope: F.softplus(z, threshold=1000),
    'gelu': lambda z, slope: F.gelu(z),
    'silu': lambda z, slope: F.silu(z),
    'elu': lambda z, slope: F.elu(z),
    'erf': lambda z, slope: torch.erf(z),
    'g': lambda z, slope: F.softplus(z, threshold=1000) + torch.sigmoid(4 * z),
}


def shallow(activation, slope, d, m, o, n, skip):
    e = d + 1 if skip else 1
    parameters = torch.tensor(2 * spread(m * (d + 1) + o * (m + e), 1), requires_grad=True)
    x = torch.tensor(3 * spread(n * d, 2)).reshape(n, d)
    y = torch.tensor(spread(n * o, 3)).reshape(n, o)
    x1 = torch.cat([x, torch.ones(n, 1, dtype=torch.float64)], 1)
    w = parameters[: m * (d + 1)].reshape(m, d + 1)
    a = parameters[m * (d + 1) :].reshape(o, m + e)
    hidden = ACTIVATIONS[activation](x1 @ w.T, slope)
    features = torch.cat([hidden, x1[:, d + 1 - e :]], 1)
    loss = F.mse_loss(features @ a.T, y)
    loss.backward()
    shape = {'inputs': d, 'hidden': m, 'outputs': o, 'activation': activation, 'slope': slope, 'skip': skip}
    return {'shape': shape, 'count': n, 'loss': loss.item(), 'gradient': parameters.grad.tolist()}


def system(n):
    m = spread(n * n, 4).reshape(n, n)
    matrix = m @ m.T / n + np.eye(n)
    return {'order': n, 'solution': np.linalg.solve(matrix, spread(n, 5)).tolist()}


cases = []
for index, name in enumerate(ACTIVATIONS):
    for slope in (0.01, 0.2) if name == 'leaky_relu' else (0.01,):
        cases.append(shallow(name, slope, 3, 5, 2, 21, index % 2 == 0))
        cases.append(shallow(name, slope, 8, 6, 1, 133, index % 2 == 1))
systems = [system(n) for n in (1, 2, 3, 4, 5, 8, 17, 33, 64, 70, 131)]

path = pathlib.Path(__file__).with_name('kernels.json')
lines = ',\n'.join(json.dumps(case) for case in cases)
more = ',\n'.join(json.dumps(case) for case in systems)
path.write_text(f'{{"shallow": [\n{lines}\n],\n"systems": [\n{more}\n]}}\n')
