"""Loads exported networks with other software and compares their outputs with ours.

    python3 load-back.py FOLDER

FOLDER holds cases.json, a list of {name, sizes, activation, slope, inputs, outputs}, and for each case the files
NAME.npz, NAME.json and NAME.safetensors. Prints one JSON object: the largest relative difference of every case by
what loaded it; what is not installed is missing.
"""

import json
import struct
import sys
from pathlib import Path

folder = Path(sys.argv[1])
cases = json.loads((folder / "cases.json").read_text())
result = {}


def difference(found, expected):
    scale = max(1.0, max(abs(y) for y in expected))
    return max(abs(a - b) for a, b in zip(found, expected, strict=True)) / scale


def read_safetensors(path, numpy):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    arrays = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        values = numpy.frombuffer(data[8 + length + start : 8 + length + end], dtype="<f8")
        arrays[name] = values.reshape(entry["shape"]).copy()
    return arrays


try:
    import numpy
except ImportError:
    print("{}")
    sys.exit()

for case in cases:
    archive = numpy.load(folder / f"{case['name']}.npz")
    plain = json.loads((folder / f"{case['name']}.json").read_text())
    tensors = read_safetensors(folder / f"{case['name']}.safetensors", numpy)
    assert str(archive["activation"]) == case["activation"] == plain["activation"]
    assert float(archive["slope"]) == case["slope"] == plain["slope"]
    for index, layer in enumerate(plain["layers"]):
        weight, bias = archive[f"{2 * index}.weight"], archive[f"{2 * index}.bias"]
        assert weight.dtype == numpy.float64
        shape = (layer["outputs"], layer["inputs"])
        assert (weight == numpy.array(layer["weights"]).reshape(shape)).all()
        assert (bias == numpy.array(layer["biases"])).all()
        assert (tensors[f"{2 * index}.weight"] == weight).all() and (tensors[f"{2 * index}.bias"] == bias).all()
    if case["activation"] == "tanh":
        value = numpy.array(case["inputs"]).reshape(-1, case["sizes"][0])
        for index in range(len(plain["layers"])):
            value = value @ archive[f"{2 * index}.weight"].T + archive[f"{2 * index}.bias"]
            if index < len(plain["layers"]) - 1:
                value = numpy.tanh(value)
        result.setdefault("numpy", []).append(difference(value.ravel().tolist(), case["outputs"]))

try:
    import torch
    from torch import nn
except ImportError:
    print(json.dumps(result))
    sys.exit()


class G(nn.Module):
    def forward(self, z):
        return nn.functional.softplus(z, threshold=1000) + torch.sigmoid(4 * z)


class Erf(nn.Module):
    def forward(self, z):
        return torch.erf(z)


class Arctan(nn.Module):
    def forward(self, z):
        return torch.atan(z)


class Sin(nn.Module):
    def forward(self, z):
        return torch.sin(z)


for case in cases:
    modules = {
        "relu": nn.ReLU(),
        "leaky_relu": nn.LeakyReLU(case["slope"]),
        "tanh": nn.Tanh(),
        "sigmoid": nn.Sigmoid(),
        "softplus": nn.Softplus(threshold=1000),
        "gelu": nn.GELU(),
        "silu": nn.SiLU(),
        "elu": nn.ELU(),
        "erf": Erf(),
        "g": G(),
        "relu6": nn.ReLU6(),
        "hardtanh": nn.Hardtanh(),
        "selu": nn.SELU(),
        "mish": nn.Mish(),
        "hardswish": nn.Hardswish(),
        "hardsigmoid": nn.Hardsigmoid(),
        "gelu_tanh": nn.GELU(approximate="tanh"),
        "softsign": nn.Softsign(),
        "arctan": Arctan(),
        "sin": Sin(),
    }
    sizes = case["sizes"]
    layers = []
    for before, after in zip(sizes, sizes[1:]):
        layers += [nn.Linear(before, after, dtype=torch.float64), modules[case["activation"]]]
    model = nn.Sequential(*layers[:-1])
    tensors = read_safetensors(folder / f"{case['name']}.safetensors", numpy)
    model.load_state_dict({name: torch.from_numpy(array) for name, array in tensors.items()})
    inputs = torch.tensor(case["inputs"], dtype=torch.float64).reshape(-1, sizes[0])
    outputs = model(inputs).detach().flatten().tolist()
    result.setdefault("torch", []).append(difference(outputs, case["outputs"]))
print(json.dumps(result))
