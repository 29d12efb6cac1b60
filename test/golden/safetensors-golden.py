"""Writes safetensors-golden.json: a network and the safetensors file that holds it, made by NumPy and struct.

Run with Python 3 and NumPy from the repository's root: python3 test/golden/safetensors-golden.py
"""
import base64
import json
import pathlib
import struct

import numpy as np

random = np.random.default_rng(3)
sizes = [3, 4, 2]
tensors = {}
for i, (d, o) in enumerate(zip(sizes, sizes[1:])):
    tensors[f"{2 * i}.weight"] = random.standard_normal((o, d))
    tensors[f"{2 * i}.bias"] = random.standard_normal(o)


def encode(dtype, code):
    header = {"__metadata__": {"format": "pt", "activation": "leaky_relu", "slope": "0.2", "widths": "3,4,2"}}
    body = b""
    for name, values in tensors.items():
        data = values.astype(dtype).tobytes()
        header[name] = {"dtype": code, "shape": list(values.shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return base64.b64encode(struct.pack("<Q", len(text)) + text + body).decode()


golden = {
    "activation": "leaky_relu",
    "slope": 0.2,
    "tensors": {name: values.tolist() for name, values in tensors.items()},
    "float64": encode("<f8", "F64"),
    "float32": encode("<f4", "F32"),
    "float16": encode("<f2", "F16"),
}
path = pathlib.Path(__file__).parent / "safetensors-golden.json"
path.write_text(json.dumps(golden) + "\n")
