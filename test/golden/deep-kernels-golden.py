"""Writes deep-kernels.json: loss and gradient of deep networks, with and without a skip path, from PyTorch's
automatic differentiation in float64. The numbers that go in follow the formula of kernels-golden.py.

Run `python3 test/golden/deep-kernels-golden.py`.
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

ACTIVATIONS = {
    'relu': F.relu,
    'leaky_relu': lambda z: F.leaky_relu(z, 0.2),
    'tanh': torch.tanh,
    'sigmoid': torch.sigmoid,
    'softplus': lambda z: F.softplus(z, threshold=1000),
    'gelu': F.gelu,
    'silu': F.silu,
    'elu': F.elu,
    'erf': torch.erf,
    'g': lambda z: F.softplus(z, threshold=1000) + torch.sigmoid(4 * z),
}


def spread(count, seed):
    numbers = 0.6180339887498949 * np.arange(1, count + 1) + 0.7548776662466927 * seed
    return torch.tensor(2 * (numbers - np.floor(numbers)) - 1)


def deep(activation, inputs, widths, outputs, skip, n):
    sizes = []
    columns = inputs + 1
    for rows in [*widths, outputs]:
        sizes.append((rows, columns))
        columns = columns + rows if skip else rows + 1
    parameters = spread(sum(r * c for r, c in sizes), 1).requires_grad_()
    ones = torch.ones(n, 1, dtype=torch.float64)
    seen = torch.cat([3 * spread(n * inputs, 2).reshape(n, inputs), ones], 1)
    at = 0
    for index, (rows, cols) in enumerate(sizes):
        z = seen @ parameters[at : at + rows * cols].reshape(rows, cols).T
        at += rows * cols
        if index < len(widths):
            seen = torch.cat([ACTIVATIONS[activation](z), seen if skip else ones], 1)
    loss = F.mse_loss(z, spread(n * outputs, 3).reshape(n, outputs))
    loss.backward()
    shape = dict(inputs=inputs, widths=widths, outputs=outputs, activation=activation, slope=0.2, skip=skip)
    return {'shape': shape, 'count': n, 'loss': loss.item(), 'gradient': parameters.grad.tolist()}


cases = []
for index, name in enumerate(ACTIVATIONS):
    cases.append(deep(name, 3, [5, 4], 2, index % 2 == 0, 21))
    cases.append(deep(name, 4, [4, 3, 5], 1, index % 2 == 1, 133))
lines = ',\n'.join(json.dumps(case) for case in cases)
pathlib.Path(__file__).with_name('deep-kernels.json').write_text(f'{{"deep": [\n{lines}\n]}}\n')
