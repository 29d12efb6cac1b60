"""Writes activations.json: value and derivative of every activation at arguments from 1e-300 to 800, each
computed by mpmath with 400 digits and rounded to the nearest double. Rows of (z, value, derivative); the slope of
leaky ReLU is 0.2.

Run `python3 test/golden/activations-golden.py`.
"""

import json
import pathlib

import mpmath as mp

mp.mp.dps = 400
SLOPE = mp.mpf(0.2)


def logistic(z):
    return 1 / (1 + mp.exp(-z))


def softplus(z):
    return mp.log1p(mp.exp(z)) if z < 100 else z + mp.log1p(mp.exp(-z))


def logistic_slope(z):
    return logistic(z) * logistic(-z)


def distribution(z):
    return mp.erfc(-z / mp.sqrt(2)) / 2


def clip(z, low, high):
    return min(max(z, mp.mpf(low)), mp.mpf(high))


SELU_SCALE = mp.mpf('1.0507009873554804934193349852946')
SELU_ALPHA = mp.mpf('1.6732632423543772848170429916717')
GELU_CUBE = mp.mpf('0.044715')


def sech_squared(z):
    return mp.sech(z) ** 2


# x / 2 * (1 + tanh(u)) is x * logistic(2 u)
def gelu_exponent(z):
    return 2 * mp.sqrt(2 / mp.pi) * (z + GELU_CUBE * z**3)


def gelu_steepness(z):
    return 2 * mp.sqrt(2 / mp.pi) * (1 + 3 * GELU_CUBE * z**2)


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
    'relu6': (lambda z: clip(z, 0, 6), lambda z: mp.mpf(0 < z <= 6)),
    'hardtanh': (lambda z: clip(z, -1, 1), lambda z: mp.mpf(-1 < z <= 1)),
    'selu': (
        lambda z: SELU_SCALE * (z if z > 0 else SELU_ALPHA * mp.expm1(z)),
        lambda z: SELU_SCALE * (1 if z > 0 else SELU_ALPHA * mp.exp(z)),
    ),
    'mish': (
        lambda z: z * mp.tanh(softplus(z)),
        lambda z: mp.tanh(softplus(z)) + z * logistic(z) * sech_squared(softplus(z)),
    ),
    'hardswish': (lambda z: z * clip(z + 3, 0, 6) / 6, lambda z: 1 if z > 3 else z / 3 + mp.mpf(0.5) if z > -3 else 0),
    'hardsigmoid': (lambda z: clip(z + 3, 0, 6) / 6, lambda z: mp.mpf(-3 < z <= 3) / 6),
    'gelu_tanh': (
        lambda z: z * logistic(gelu_exponent(z)),
        lambda z: logistic(gelu_exponent(z)) + z * logistic_slope(gelu_exponent(z)) * gelu_steepness(z),
    ),
    'softsign': (lambda z: z / (1 + abs(z)), lambda z: 1 / (1 + abs(z)) ** 2),
    'arctan': (mp.atan, lambda z: 1 / (1 + z * z)),
    'sin': (mp.sin, mp.cos),
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
