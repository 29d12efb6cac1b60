"""Writes tables.json: NPY and NPZ files as NumPy writes them, in base64, and the numbers that they hold.

Run with Python 3 and NumPy from the repository's root: python3 test/golden/tables-golden.py
"""

import base64
import io
import json
import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).parent
random = np.random.default_rng(5)


def encoded(write):
    file = io.BytesIO()
    write(file)
    return base64.b64encode(file.getvalue()).decode()


def flat(array):
    return [float(value) for value in np.ascontiguousarray(array).reshape(-1)]


arrays = []
for kind in ["<f4", "<f8", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8", "|b1",
             "<f2", ">f2", ">f4", ">f8", ">i2", ">i4", ">i8", ">u2", ">u4", ">u8"]:
    for shape in [(4, 3), (4, 1, 2)]:
        numbers = random.standard_normal(shape) * 90 if kind[1] in "fi" else random.integers(0, 100, shape)
        array = numbers.astype(kind)
        for order in "CF":
            ordered = np.asarray(array, order=order)
            arrays.append({
                "name": f"{kind} {shape} {order}",
                "file": encoded(lambda file: np.save(file, ordered)),
                "rows": shape[0],
                "values": flat(array),
            })
wide = random.standard_normal((5, 2))
for version in [(1, 0), (2, 0), (3, 0)]:
    arrays.append({
        "name": f"version {version}",
        "file": encoded(lambda file: np.lib.format.write_array(file, wide, version=version)),
        "rows": 5,
        "values": flat(wide),
    })

x, y = random.standard_normal((6, 4)), random.standard_normal((6, 2)).astype(np.float32)
images, digits = random.integers(0, 256, (6, 2, 3)).astype(np.uint8), random.integers(0, 10, 6)
pairs = []
for name, save in [("stored", np.savez), ("deflated", np.savez_compressed)]:
    for left, right in [("inputs", "outputs"), ("x", "y"), ("X", "Y")]:
        pairs.append({
            "name": f"{name} {left}, {right}",
            "file": encoded(lambda file: save(file, **{left: x, right: y})),
            "inputs": flat(x), "outputs": flat(y), "count": 6,
        })
    pairs.append({
        "name": f"{name} images and digits",
        "file": encoded(lambda file: save(file, x_train=images, y_train=digits, x_test=images[:2], y_test=digits[:2])),
        "inputs": flat(images), "outputs": flat(digits), "count": 6,
    })
(FOLDER / "tables.json").write_text(json.dumps({"arrays": arrays, "pairs": pairs}) + "\n")
