"""Writes onnx-float32.json: float32 networks as PyTorch exports them, and what PyTorch answers in float32.

Run with Python 3 and PyTorch from the repository's root: python3 test/golden/onnx-float32-golden.py
"""

import base64
import io
import json
import pathlib

import torch
from torch import nn

FOLDER = pathlib.Path(__file__).parent


class G(nn.Module):
    def forward(self, z):
        return nn.functional.softplus(z) + torch.sigmoid(4 * z)


class Erf(nn.Module):
    def forward(self, z):
        return torch.erf(z)


class Halves(nn.Module):
    """Between two Casts, a part that is float64 in a float32 network."""

    def forward(self, z):
        return (torch.tanh(z.double() / 3) * 7).float() * 2


ACTIVATIONS = {
    "relu": nn.ReLU, "leaky_relu": nn.LeakyReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid,
    "softplus": nn.Softplus, "gelu": nn.GELU, "silu": nn.SiLU, "elu": nn.ELU, "erf": Erf, "g": G,
    "casts": Halves,
}


def network(sizes, activation):
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [nn.Linear(inputs, outputs), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers[:-1])


def case(name, sizes, activation, count, scale):
    model = network(sizes, activation).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter *= 3
    x = scale * torch.randn(count, sizes[0])
    file = io.BytesIO()
    torch.onnx.export(
        model, x, file, input_names=["input"], output_names=["output"], opset_version=17,
        dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}},
    )
    with torch.no_grad():
        y = model(x)
    assert y.dtype == torch.float32
    return {
        "name": name,
        "model": base64.b64encode(file.getvalue()).decode(),
        "inputs": x.tolist(),
        "outputs": y.tolist(),
    }


torch.manual_seed(3)
cases = [case(f"{name} 6-5-4-2", [6, 5, 4, 2], name, 12, 2.0) for name in ACTIVATIONS]
cases += [case(f"{name} 200-16-10", [200, 16, 10], name, 6, 1.0) for name in ["relu", "tanh"]]
(FOLDER / "onnx-float32.json").write_text(json.dumps(cases) + "\n")
