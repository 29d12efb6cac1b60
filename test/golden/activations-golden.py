"""Writes activations.json: value and derivative of every activation at arguments from 1e-300 to 800, each
computed by mpmath with 60 digits and rounded to the nearest double. Rows of (z, value, derivative); the slope of
leaky ReLU is 0.2.

Run `python3 test/golden/activations-golden.py`.
"""

import json
import pathlib

import mpmath as mp

mp.mp.dps = 60
SLOPE = mp.mpf(0.2)


def logistic(z):
    return 1 / (1 + mp.exp(-z))


def softplus(z):
    return mp.log1p(mp.exp(z)) if z < 100 else z + mp.log1p(mp.exp(-z))


def logistic_slope(z):
    return logistic(z) * logistic(-z)


def distribution(z):
    return mp.erfc(-z / mp.sqrt(2)) / 2


ACTIVATIONS = {
    'relu': (lambda z: max(z, mp.mpf(0)), lambda z: mp.mpf(z > 0)),
    'leaky_relu': (lambda z: z if z > 0 else SLOPE * z, lambda z: mp.mpf(1) if z > 0 else SLOPE),
    'tanh': (mp.tanh, lambda z: mp.sech(z) ** 2),
    'sigmoid': (logistic, logistic_slope),
    'softplus': (softplus, logistic),
    'gelu': (lambda z: z * distribution(z), lambda z: distribution(z) + z * mp.npdf(z)),
    'silu': (lambda z: z * logistic(z), lambda z: logistic(z) * (1 + z * logistic(-z))),
    'elu': (lambda z: z if z > 0 else mp.expm1(z), lambda z: mp.mpf(1) if z > 0 else mp.exp(z)),
    'erf': (mp.erf, lambda z: 2 / mp.sqrt(mp.pi) * mp.exp(-z * z)),
    'g': (lambda z: softplus(z) + logistic(4 * z), lambda z: logistic(z) + 4 * logistic_slope(4 * z)),
}

sizes = [1e-300, 1e-100, 1e-20, 1e-9, 1e-5, 0.001, 0.03, 0.1, 0.25, 0.4, 0.5, 0.51, 0.6, 0.75, 0.9, 1.0, 1.25]
sizes += [1.5, 1.75, 2.0, 2.3, 2.6, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0, 7.0, 8.0, 9.5, 11.0, 13.0, 17.0, 20.0, 26.0]
sizes += [30.0, 37.0, 38.0, 50.0, 100.0, 300.0, 700.0, 709.0, 745.0, 800.0]
arguments = [-z for z in reversed(sizes)] + [0.0] + sizes

table = {}
for name, (value, derivative) in ACTIVATIONS.items():
    table[name] = [[z, float(value(mp.mpf(z))), float(derivative(mp.mpf(z)))] for z in arguments]

path = pathlib.Path(__file__).with_name('activations.json')
rows = ',\n'.join(f'{json.dumps(name)}: {json.dumps(rows)}' for name, rows in table.items())
path.write_text('{\n' + rows + '\n}\n')
