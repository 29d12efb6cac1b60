"""Writes adam.json: parameters after steps of torch.optim.Adam in float64 along gradients that follow a formula.

Entry i of the gradient at step t is 10^(i-2) times entry i of the vector t of kernels-golden.py:
2 frac(0.6180339887498949 (i + 1) + 0.7548776662466927 t) - 1.

Run with Python 3, NumPy and PyTorch from the repository's root: python3 test/golden/adam-golden.py
"""

import json
import pathlib

import numpy as np
import torch


def gradient(count, step):
    numbers = 0.6180339887498949 * np.arange(1, count + 1) + 0.7548776662466927 * step
    return 10.0 ** (np.arange(count) - 2) * (2 * (numbers - np.floor(numbers)) - 1)


def case(start, steps, **options):
    parameters = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([parameters], **options)
    kept = {}
    for step in range(1, max(steps) + 1):
        parameters.grad = torch.from_numpy(gradient(len(start), step))
        optimiser.step()
        if step in steps:
            kept[step] = parameters.tolist()
    names = {"lr": "learningRate", "eps": "epsilon"}
    plain = {names[key]: value for key, value in options.items() if key in names}
    if "betas" in options:
        plain["beta1"], plain["beta2"] = options["betas"]
    return {"options": plain, "start": start, "parameters": kept}


start = [0.5, -1.0, 2.0, 0.0, 30.0]
cases = [
    case(start, [1, 2, 10, 300]),
    case(start, [1, 5, 100], lr=0.1, betas=(0.5, 0.9), eps=1e-3),
]
folder = pathlib.Path(__file__).parent
(folder / "adam.json").write_text(json.dumps(cases) + "\n")
